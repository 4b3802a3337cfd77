package io.github.yspay;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A verified answer: what the platform signed, and how it was come by. Immutable. */
public final class SignStatus implements Serializable {
    private static final long serialVersionUID = 1L;

    private final SignSts status;
    private final String text;
    private final boolean isFinal;
    private final boolean isSuccess;
    private final String sysSignFlowId;
    private final String code;
    private final String note;
    private final String reqFlowId;
    private final int attempts;
    private final long elapsedMillis;
    private final LinkedHashMap<String, String> data;

    /** From the library's JSON of an answer. */
    SignStatus(Json answer) {
        text = answer.text("signSts");
        status = SignSts.of(text);
        isFinal = answer.flag("isFinal");
        isSuccess = answer.flag("isSuccess");
        sysSignFlowId = answer.text("sysSignFlowId");
        code = answer.text("code");
        note = answer.text("note");
        reqFlowId = answer.text("reqFlowId");
        attempts = (int) answer.number("attempts");
        elapsedMillis = answer.number("elapsedMs");
        data = answer.object("data").texts();
    }

    /** The status; {@link SignSts#UNKNOWN} for one that this version does not know. */
    public SignSts getStatus() {
        return status;
    }

    /** The status as the platform wrote it, for example {@code 2}; also when it is unknown. */
    public String getText() {
        return text;
    }

    /** Whether no later answer can differ: statuses 2, 3, 4 and 7. */
    public boolean isFinal() {
        return isFinal;
    }

    /** Whether the contract is signed and in force: status 2 alone. */
    public boolean isSuccess() {
        return isSuccess;
    }

    /** The contract that was asked about. */
    public String getSysSignFlowId() {
        return sysSignFlowId;
    }

    /** The platform's return code: always {@code 00}, for any other is thrown. */
    public String getCode() {
        return code;
    }

    /** The platform's explanation; null if it gave none. */
    public String getNote() {
        return note;
    }

    /** The request's own number, to quote to the platform's support; null from {@link YspayClient#verifyResponse}. */
    public String getReqFlowId() {
        return reqFlowId;
    }

    /** How many requests it took; 0 from {@link YspayClient#verifyResponse}. */
    public int getAttempts() {
        return attempts;
    }

    /** How long the whole call took, in milliseconds; 0 from {@link YspayClient#verifyResponse}. */
    public long getElapsedMillis() {
        return elapsedMillis;
    }

    /**
     * Every field that the platform signed, in its order, ones that this version does not know included. A string is
     * its content; any other value is its JSON as it came, so {@code 10.00} stays {@code 10.00}. Unmodifiable.
     */
    public Map<String, String> getData() {
        return Collections.unmodifiableMap(data);
    }

    /** For people: for example {@code MAN202109280009848: CREATED}. */
    @Override
    public String toString() {
        return sysSignFlowId + ": " + (status == SignSts.UNKNOWN ? "UNKNOWN (" + text + ")" : status.name());
    }
}
