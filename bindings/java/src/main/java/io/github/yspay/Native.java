package io.github.yspay;

/**
 * The native library, {@code src/ffi/jni.rs}. Text is UTF-8. Handles are numbers that are looked up, never addresses: a
 * freed or made-up one is thrown as {@code INVALID_HANDLE}. Any thread may call anything at any time; failures are
 * thrown as {@link YspayException}. {@link NativeLibrary#load} must have returned before.
 */
final class Native {
    private Native() {}

    /** Makes a client from a configuration in JSON and gives its handle. */
    static native long newClient(byte[] config);

    /** Frees a client; calls under way go on. Anything but a live client: nothing happens. */
    static native void freeClient(long client);

    /** Describes a client, in JSON. */
    static native byte[] describe(long client);

    /** What a client counts, in JSON. */
    static native byte[] stats(long client);

    /** Asks, and gives the JSON of an answer. {@code timeoutMillis} below 0: as configured. */
    static native byte[] query(long client, byte[] sysSignFlowId, long timeoutMillis, long cancel);

    /** Gives the body to post. {@code reqFlowId} null: one is made. */
    static native byte[] buildRequest(long client, byte[] sysSignFlowId, byte[] reqFlowId);

    /** Verifies a body, and gives the JSON of an answer. */
    static native byte[] verifyResponse(long client, byte[] sysSignFlowId, byte[] body);

    /** Makes a cancel handle. */
    static native long newCancel();

    /** Cancels the calls under way with this handle, and every later one. */
    static native void triggerCancel(long cancel);

    /** Frees a cancel handle; calls under way go on. */
    static native void freeCancel(long cancel);

    /** The native library's version. */
    static native byte[] version();

    /** A path as messages show it, or what the text looks like when it is no path: it may be a secret. */
    static native byte[] pathLabel(byte[] path);

    /** Has {@link #log} called from level 1, an error, up to this one, 5 at most; 0: never. */
    static native void setLogLevel(int level);

    /** Called by the native library: throws the failure that the JSON tells. */
    private static void fail(byte[] json) {
        throw new YspayException(new Json(Text.decode(json)).object("error"));
    }

    /** Called by the native library, on the thread that called it. Must throw nothing. */
    private static void log(int level, byte[] message) {
        Log.write(level, Text.decode(message));
    }
}
