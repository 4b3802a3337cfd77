package io.github.yspay;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Frees what a client held that was collected without being closed. Done whenever another client is made. */
final class Unclosed extends PhantomReference<YspayClient> {
    private static final ReferenceQueue<YspayClient> COLLECTED = new ReferenceQueue<YspayClient>();
    /** Holds the references themselves, which would otherwise be collected, too. */
    private static final Set<Unclosed> OPEN = ConcurrentHashMap.newKeySet();

    private final long handle;

    Unclosed(YspayClient client, long handle) {
        super(client, COLLECTED);
        this.handle = handle;
        OPEN.add(this);
    }

    /** Once, when the client is closed. */
    void free() {
        OPEN.remove(this);
        clear();
        Native.freeClient(handle);
    }

    static void freeCollected() {
        for (Object next = COLLECTED.poll(); next != null; next = COLLECTED.poll()) {
            ((Unclosed) next).free();
            Log.warn("A YspayClient was never closed. Make one, keep it, and close it at the end.");
        }
    }

    /** How many clients are open or not yet found to be collected; for tests. */
    static int open() {
        return OPEN.size();
    }
}
