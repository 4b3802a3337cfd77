package io.github.yspay;

/** The one failure of this library. Holds no secret. */
public final class YspayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final int number;
    private final boolean retryable;
    private final boolean sent;
    private final int attempts;
    private final String reqFlowId;
    private final String platformCode;
    private final String platformNote;
    private final Integer httpStatus;
    private final String unverified;

    /** From the library's JSON of an error. */
    YspayException(Json error) {
        super(error.text("code") + ": " + error.text("message"));
        number = (int) error.number("number");
        code = ErrorCode.of(number);
        retryable = error.flag("retryable");
        sent = error.flag("sent");
        attempts = (int) error.number("attempts");
        reqFlowId = error.text("reqFlowId");
        platformCode = error.text("platformCode");
        platformNote = error.text("platformNote");
        httpStatus = error.isNull("httpStatus") ? null : Integer.valueOf((int) error.number("httpStatus"));
        unverified = error.text("unverified");
    }

    /** For what is found wrong before the library is asked: nothing was sent, and the caller must correct it. */
    YspayException(ErrorCode code, String message) {
        super(code + ": " + message);
        this.code = code;
        number = code.getNumber();
        retryable = false;
        sent = false;
        attempts = 0;
        reqFlowId = null;
        platformCode = null;
        platformNote = null;
        httpStatus = null;
        unverified = null;
    }

    /** What went wrong. */
    public ErrorCode getCode() {
        return code;
    }

    /** The code's number, also when this version of the jar does not know it. */
    public int getNumber() {
        return number;
    }

    /** Whether the same call may succeed later. */
    public boolean isRetryable() {
        return retryable;
    }

    /** False only if no byte of any request of this call was written. */
    public boolean isSent() {
        return sent;
    }

    /** How many requests were attempted. */
    public int getAttempts() {
        return attempts;
    }

    /** The number of the last request, to quote to the platform's support; null if there was none. */
    public String getReqFlowId() {
        return reqFlowId;
    }

    /**
     * {@code code} of an answer that was verified but is no success for this question, else null; {@code MISMATCH} has
     * it, too.
     */
    public String getPlatformCode() {
        return platformCode;
    }

    /** {@code note} of such an answer, else null. */
    public String getPlatformNote() {
        return platformNote;
    }

    /** The HTTP status when it was not 200, else null. */
    public Integer getHttpStatus() {
        return httpStatus;
    }

    /** At most 300 characters of a response that was <b>not</b> believed, for people only; null if there was none. */
    public String getUnverified() {
        return unverified;
    }
}
