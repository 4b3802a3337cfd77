package io.github.yspay;

import static io.github.yspay.ErrorsTest.failure;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The native interface misused: a failure that says so, never a crash. */
class HandlesTest {
    private static final byte[] ID = {'A'};

    @BeforeAll
    static void load() {
        NativeLibrary.load();
    }

    @Test
    void staleAndMadeUpHandlesAreToldNotFollowed() {
        byte[] config = Text.encode(Repository.config(Kind.SM, Repository.NOWHERE).toString(), "config");
        long stale = Native.newClient(config);
        long cancel = Native.newCancel();
        Native.freeClient(stale);
        Native.freeClient(stale);
        for (long handle : new long[] {stale, cancel, 0, -1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE}) {
            failure(ErrorCode.INVALID_HANDLE, () -> Native.describe(handle));
            failure(ErrorCode.INVALID_HANDLE, () -> Native.stats(handle));
            failure(ErrorCode.INVALID_HANDLE, () -> Native.query(handle, ID, -1, cancel));
            failure(ErrorCode.INVALID_HANDLE, () -> Native.buildRequest(handle, ID, null));
            failure(ErrorCode.INVALID_HANDLE, () -> Native.verifyResponse(handle, ID, ID));
        }
        long client = Native.newClient(config);
        for (long handle : new long[] {client, 0, -1, Long.MAX_VALUE}) {
            failure(ErrorCode.INVALID_HANDLE, () -> Native.query(client, ID, -1, handle));
            failure(ErrorCode.INVALID_HANDLE, () -> Native.triggerCancel(handle));
            Native.freeCancel(handle);
        }
        Native.freeClient(client);
        Native.freeCancel(cancel);
    }

    @Test
    void nullAndTextThatIsNotUtf8AreToldNotRead() {
        failure(ErrorCode.INTERNAL, () -> Native.newClient(null));
        failure(ErrorCode.INVALID_ARGUMENT, () -> Native.newClient(new byte[] {(byte) 0xc9, (byte) 0xcf}));
        long client = Native.newClient(Text.encode(Repository.config(Kind.RSA, Repository.NOWHERE).toString(), "config"));
        failure(ErrorCode.INTERNAL, () -> Native.buildRequest(client, null, null));
        failure(ErrorCode.INTERNAL, () -> Native.verifyResponse(client, ID, null));
        failure(ErrorCode.INVALID_ARGUMENT, () -> Native.buildRequest(client, new byte[] {(byte) 0xff}, null));
        Native.freeClient(client);
    }
}
