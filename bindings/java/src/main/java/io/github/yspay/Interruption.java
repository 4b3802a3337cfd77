package io.github.yspay;

import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;

/**
 * Cancels a native call when its thread is interrupted, at once and without a thread that watches.
 *
 * <p>{@link Thread#interrupt} closes the interruptible channel in whose operation a thread waits: that is Java's own
 * means for waits outside of Java, and to close this channel is to cancel the call. The thread stays interrupted.
 */
final class Interruption extends AbstractInterruptibleChannel {
    private static final ThreadLocal<Interruption> CURRENT = new ThreadLocal<Interruption>();

    private final Interruption outer = CURRENT.get();
    private final long cancel = Native.newCancel();

    /** The handle for the native call; already triggered if the thread is interrupted already. */
    long begun() {
        CURRENT.set(this);
        begin();
        return cancel;
    }

    /** To be called when the native call has returned, on the same thread. */
    void ended() {
        try {
            end(true);
        } catch (AsynchronousCloseException interrupted) {
            // What the call came to is known: an answer that came first is not lost.
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
            Native.freeCancel(cancel);
        }
    }

    /** After foreign code ran within a call: its own operations on channels end the watch for interrupts. */
    static void rearm() {
        Interruption current = CURRENT.get();
        if (current != null) {
            current.begin();
        }
    }

    @Override
    protected void implCloseChannel() {
        Native.triggerCancel(cancel);
    }
}
