package io.github.yspay;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * Asks the platform for the signing status of contracts, as one institution at one address.
 *
 * <p>Reads its key files once, when it is made: make one, keep it, share it among threads, close it at the end. All
 * clients of a process share one limit for one address and institution.
 *
 * <p>Every method may be called from any thread at any time. Failures are {@link YspayException}s, which are unchecked.
 * If the native library cannot be loaded, the first use throws an {@link UnsatisfiedLinkError} that says what to do.
 */
public final class YspayClient implements AutoCloseable {
    private static final long AS_CONFIGURED = -1;

    private final long handle;
    private final Unclosed unclosed;
    /** Calls under way. Counted here, so that no collector takes a client during a call. Guarded by this. */
    private int calls;
    /** Guarded by this. */
    private boolean closed;

    private YspayClient(byte[] config) {
        NativeLibrary.load();
        Log.refresh();
        Unclosed.freeCollected();
        try {
            handle = Native.newClient(config);
        } finally {
            Arrays.fill(config, (byte) 0);
        }
        unclosed = new Unclosed(this, handle);
    }

    /** For making a client setting by setting. */
    public static YspayClientBuilder builder() {
        return new YspayClientBuilder();
    }

    /**
     * Makes a client from a configuration in JSON, the same in every language of this library.
     *
     * @throws YspayException {@code INVALID_ARGUMENT}, {@code CONFIG} or {@code CREDENTIAL}; the message names the setting
     */
    public static YspayClient fromJson(String config) {
        return new YspayClient(Text.encode(config, "config"));
    }

    /**
     * Makes a client from a configuration file: JSON in UTF-8.
     *
     * @throws IOException    the file cannot be read
     * @throws YspayException as for {@link #fromJson}
     */
    public static YspayClient fromFile(Path config) throws IOException {
        return new YspayClient(ConfigFile.read(config));
    }

    /** The native library's version, for example {@code 0.1.0}. */
    public static String version() {
        NativeLibrary.load();
        return Text.decode(Native.version());
    }

    /**
     * Asks for a contract's signing status, with the configured time limit: waits for a turn, sends, verifies, repeats
     * what may be repeated. Blocks until then. Interrupting the thread cancels the call; it stays interrupted.
     *
     * @param sysSignFlowId the contract's flow id, 1 to 50 characters, without control characters, {@code &}, {@code =}
     * @return what the platform signed
     * @throws YspayException any code but {@code CONFIG} and {@code CREDENTIAL}
     */
    public SignStatus query(String sysSignFlowId) {
        return ask(sysSignFlowId, AS_CONFIGURED);
    }

    /**
     * As {@link #query(String)}, with a limit of its own for the whole call, waiting and repetitions included.
     *
     * @param timeout 1 ms to 1 h
     */
    public SignStatus query(String sysSignFlowId, Duration timeout) {
        if (timeout == null) {
            throw new YspayException(ErrorCode.INVALID_ARGUMENT, "timeout is null.");
        }
        return ask(sysSignFlowId, Math.max(0, millis(timeout)));
    }

    /** Whole milliseconds. What is too small or too large stays so, and is refused where the range is known. */
    static long millis(Duration timeout) {
        long seconds = Math.max(Integer.MIN_VALUE, Math.min(timeout.getSeconds(), Integer.MAX_VALUE));
        return Duration.ofSeconds(seconds, timeout.getNano()).toMillis();
    }

    private SignStatus ask(String sysSignFlowId, long timeoutMillis) {
        byte[] flowId = Text.encode(sysSignFlowId, "sysSignFlowId");
        enter();
        try {
            Interruption interruption = new Interruption();
            try {
                return answer(Native.query(handle, flowId, timeoutMillis, interruption.begun()));
            } finally {
                interruption.ended();
            }
        } finally {
            leave();
        }
    }

    /**
     * Builds the body to post as {@code application/json}, for callers with an HTTP stack of their own. Does not pass
     * the limiter: keeping to 10 calls a second is then the caller's duty.
     *
     * @throws YspayException {@code INVALID_ARGUMENT} or {@code INVALID_HANDLE}
     */
    public String buildRequest(String sysSignFlowId) {
        return build(Text.encode(sysSignFlowId, "sysSignFlowId"), null);
    }

    /**
     * As {@link #buildRequest(String)}, with a request number of the caller's.
     *
     * @param reqFlowId 1 to 20 characters, never repeated
     */
    public String buildRequest(String sysSignFlowId, String reqFlowId) {
        return build(Text.encode(sysSignFlowId, "sysSignFlowId"), Text.encode(reqFlowId, "reqFlowId"));
    }

    private String build(byte[] sysSignFlowId, byte[] reqFlowId) {
        enter();
        try {
            return Text.decode(Native.buildRequest(handle, sysSignFlowId, reqFlowId));
        } finally {
            leave();
        }
    }

    /**
     * Verifies the body of an HTTP 200 response that the caller received itself.
     *
     * @param sysSignFlowId the contract that was asked about
     * @param body          the body as it was received
     * @throws YspayException {@code INVALID_ARGUMENT}, {@code INVALID_HANDLE}, {@code MALFORMED_RESPONSE},
     *                        {@code SIGNATURE}, {@code MISMATCH}, {@code GATEWAY_TIMEOUT} or {@code BUSINESS}
     */
    public SignStatus verifyResponse(String sysSignFlowId, byte[] body) {
        byte[] flowId = Text.encode(sysSignFlowId, "sysSignFlowId");
        if (body == null) {
            throw new YspayException(ErrorCode.INVALID_ARGUMENT, "body is null.");
        }
        enter();
        try {
            return answer(Native.verifyResponse(handle, flowId, body));
        } finally {
            leave();
        }
    }

    /** What this client is: address, institution, keys and certificates with their dates. Nothing secret. */
    public ClientDescription describe() {
        enter();
        try {
            return new ClientDescription(new Json(Text.decode(Native.describe(handle))));
        } finally {
            leave();
        }
    }

    /** What this client has done since it was made, and what its limit looks like now. It holds no call up. */
    public ClientStats stats() {
        enter();
        try {
            return new ClientStats(new Json(Text.decode(Native.stats(handle))));
        } finally {
            leave();
        }
    }

    /**
     * Closes the client. Calls under way go on and end as they would have; later ones throw {@code INVALID_HANDLE}. A
     * second time, nothing happens.
     */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            freeIfUnused();
        }
    }

    private void enter() {
        Log.refresh();
        synchronized (this) {
            if (closed) {
                throw new YspayException(ErrorCode.INVALID_HANDLE, "The client is closed.");
            }
            calls++;
        }
    }

    private synchronized void leave() {
        calls--;
        freeIfUnused();
    }

    private void freeIfUnused() {
        if (closed && calls == 0) {
            unclosed.free();
        }
    }

    private static SignStatus answer(byte[] json) {
        return new SignStatus(new Json(Text.decode(json)));
    }
}
