package io.github.yspay;

/**
 * What went wrong. The numbers are those of every other language of this library and are never reused.
 *
 * <p>A later version may add codes: have a {@code default} in a {@code switch}.
 */
public enum ErrorCode {
    /** An argument is null, empty, too long, or holds a control character, {@code &} or {@code =}. Correct it. */
    INVALID_ARGUMENT(1),
    /** The client is closed. Correct the program. */
    INVALID_HANDLE(2),
    /** A setting is missing, unknown, of the wrong type, out of range or contradicts another; the message names it. */
    CONFIG(3),
    /** A key or certificate is unreadable, has another password or is of the wrong kind; the message names it. */
    CREDENTIAL(4),
    /** No turn at the limiter before the deadline; nothing was sent. Retryable later. */
    RATE_LIMITED(5),
    /** DNS, connect, TLS, a reset connection, or a response over 1 MiB. Retryable; was repeated up to maxAttempts. */
    TRANSPORT(6),
    /** The deadline passed. Retryable. */
    TIMEOUT(7),
    /** The HTTP status is not 200; {@link YspayException#getHttpStatus} has it. 5xx and 429 are retryable, and were. */
    HTTP_STATUS(8),
    /** The response is not the JSON of the protocol; {@link YspayException#getUnverified} shows its beginning. */
    MALFORMED_RESPONSE(9),
    /** The response is unsigned, or its signature does not fit; {@link YspayException#getUnverified} shows it. */
    SIGNATURE(10),
    /** Well signed, but not the answer to this question. Never use it. */
    MISMATCH(11),
    /** Verified: the platform reports a timeout of its own ({@code code} 50). Retryable; was repeated. */
    GATEWAY_TIMEOUT(12),
    /** Verified: the platform refuses; {@link YspayException#getPlatformCode} and its note say why. */
    BUSINESS(13),
    /** A bug of this library. Please report it. */
    INTERNAL(14),
    /** The thread was interrupted while it waited. */
    CANCELLED(15),
    /**
     * The store of the shared limit gave no turn: it is away, refuses us or does not answer; the message says which.
     * Nothing was sent. Retryable.
     */
    LIMITER_UNAVAILABLE(16),
    /** A code that this version of the jar does not know; {@link YspayException#getNumber} has its number. */
    UNKNOWN(-1);

    private final int number;

    ErrorCode(int number) {
        this.number = number;
    }

    /** The code's number, from 1; -1 for {@link #UNKNOWN}. */
    public int getNumber() {
        return number;
    }

    /** The code with this number; {@link #UNKNOWN} if this version knows none. */
    public static ErrorCode of(int number) {
        for (ErrorCode code : values()) {
            if (code.number == number) {
                return code;
            }
        }
        return UNKNOWN;
    }
}
