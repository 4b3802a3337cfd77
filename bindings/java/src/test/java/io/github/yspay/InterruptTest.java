package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An interrupt cancels the call under way, soon, and stays set. */
class InterruptTest {
    /** Promised is at once; a busy test machine gets more. */
    private static final long SOON_MILLIS = 1000;

    private static Simulator simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = new Simulator();
    }

    @AfterAll
    static void stop() throws Exception {
        simulator.close();
    }

    /** One call on a thread of its own, and what became of it. */
    private static final class Call implements Runnable {
        private final YspayClient client;
        private final String id;
        private Throwable failure;
        private SignStatus answer;
        private boolean interrupted;
        private volatile long returnedAt;

        Call(YspayClient client, String id) {
            this.client = client;
            this.id = id;
        }

        @Override
        public void run() {
            try {
                answer = client.query(id, Duration.ofSeconds(60));
            } catch (Throwable thrown) {
                failure = thrown;
            } finally {
                returnedAt = System.nanoTime();
                interrupted = Thread.currentThread().isInterrupted();
            }
        }

        /** Interrupts the thread once the platform has the question, and gives the milliseconds until the return. */
        long interrupt(Thread thread) throws Exception {
            waitForRequest(id);
            long at = System.nanoTime();
            thread.interrupt();
            thread.join(30_000);
            assertFalse(thread.isAlive());
            return TimeUnit.NANOSECONDS.toMillis(returnedAt - at);
        }

        void assertCancelled(boolean sent) {
            assertTrue(failure instanceof YspayException, String.valueOf(failure));
            YspayException cancelled = (YspayException) failure;
            assertSame(ErrorCode.CANCELLED, cancelled.getCode(), cancelled.getMessage());
            assertTrue(cancelled.isRetryable());
            assertEquals(sent, cancelled.isSent());
            assertTrue(interrupted, "the thread is interrupted no more");
        }
    }

    private static void waitForRequest(String id) throws Exception {
        String asked = "\"" + id + "\"";
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        // The simulator lists a request when it has judged it; a hanging answer is pending then.
        while (!simulator.stats().toString().contains(asked)) {
            assertTrue(System.nanoTime() < deadline, "no request for " + id);
            Thread.sleep(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsAWaitForAnAnswer(Kind kind) throws Exception {
        try (YspayClient client = simulator.client(kind)) {
            Call call = new Call(client, "HANG-" + kind);
            Thread thread = new Thread(call);
            thread.start();
            long took = call.interrupt(thread);
            call.assertCancelled(true);
            assertTrue(took < SOON_MILLIS, took + " ms");
            System.out.println("An interrupt ended a call after " + took + " ms.");
            assertEquals(SignSts.PENDING, client.query("STS1-after").getStatus(), "the client goes on");
        }
    }

    @Test
    void anInterruptEndsAWaitForATurn() throws Exception {
        try (Simulator own = new Simulator()) {
            try (YspayClient client = YspayClient.builder()
                    .endpoint(own.endpoint()).src(Repository.SRC).desKey(Repository.DES_KEY).rateLimit(1)
                    .privateKey(Repository.credential("merchant.sm2")).privateKeyPassword(Repository.PASSWORD)
                    .platformCertificate(Repository.credential("platform-sm2.cer")).build()) {
                Thread holder = new Thread(new Call(client, "HANG-holder"));
                holder.start();
                while (own.stat("requests") < 1) {
                    Thread.sleep(5);
                }
                Call waiting = new Call(client, "STS2-waiting");
                Thread thread = new Thread(waiting);
                thread.start();
                while (!inNativeCode(thread)) {
                    Thread.sleep(5);
                }
                thread.interrupt();
                thread.join(10_000);
                assertFalse(thread.isAlive(), "it waits for its turn still");
                waiting.assertCancelled(false);
                assertEquals(1, own.stat("requests"));
                holder.interrupt();
                holder.join();
            }
        }
    }

    private static boolean inNativeCode(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return stack.length > 0 && stack[0].isNativeMethod() && stack[0].getMethodName().equals("query");
    }

    @Test
    void anInterruptedThreadAsksNothing() throws Exception {
        try (YspayClient client = simulator.client(Kind.SM)) {
            int before = simulator.stat("requests");
            Thread.currentThread().interrupt();
            Call call = new Call(client, "STS2-never");
            call.run();
            assertTrue(Thread.interrupted());
            call.assertCancelled(false);
            assertEquals(before, simulator.stat("requests"));
        }
    }

    @Test
    void callsThatDoNotWaitGoOnWhenInterrupted() {
        try (YspayClient client = simulator.client(Kind.SM)) {
            Thread.currentThread().interrupt();
            try {
                assertTrue(client.buildRequest("A").contains("signValue"));
                assertEquals(Kind.SM.name(), client.describe().getSignType());
            } finally {
                assertTrue(Thread.interrupted());
            }
        }
    }

    @Test
    void anotherThreadsInterruptIsNotMine() throws Exception {
        try (YspayClient client = simulator.client(Kind.SM)) {
            Call mine = new Call(client, "SLOW600-mine");
            Call theirs = new Call(client, "HANG-theirs");
            Thread me = new Thread(mine);
            Thread them = new Thread(theirs);
            me.start();
            them.start();
            theirs.interrupt(them);
            theirs.assertCancelled(true);
            me.join();
            assertTrue(mine.answer.isSuccess());
            assertFalse(mine.interrupted);
        }
    }

    @Test
    void cancellingAFutureCancelsTheCall() throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (YspayClient client = simulator.client(Kind.SM)) {
            Call call = new Call(client, "HANG-future");
            Future<?> future = threads.submit(call);
            waitForRequest("HANG-future");
            future.cancel(true);
            threads.shutdown();
            assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
            call.assertCancelled(true);
        } finally {
            threads.shutdownNow();
        }
    }

    /** A log handler's own operation on a channel ends Java's watch for interrupts, unless it is begun anew. */
    @Test
    void aLogHandlerThatWritesToAChannelDoesNotLoseInterrupts(@TempDir Path folder) throws Exception {
        Logger logger = Logger.getLogger("yspay");
        Path file = Files.createFile(folder.resolve("log"));
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
                    channel.write(java.nio.ByteBuffer.wrap(new byte[] {'.'}));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        handler.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        logger.setLevel(Level.ALL);
        try (YspayClient client = simulator.client(Kind.SM)) {
            Call call = new Call(client, "HANG-log");
            Thread thread = new Thread(call);
            thread.start();
            long took = call.interrupt(thread);
            call.assertCancelled(true);
            assertTrue(took < SOON_MILLIS, took + " ms");
            assertTrue(Files.size(file) > 2, "the handler was called");
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
            logger.setLevel(null);
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void anInterruptEndsACallOnAVirtualThread() throws Exception {
        Method startVirtualThread = Thread.class.getMethod("startVirtualThread", Runnable.class);
        try (YspayClient client = simulator.client(Kind.SM)) {
            Call call = new Call(client, "HANG-virtual");
            Thread thread = (Thread) startVirtualThread.invoke(null, call);
            long took = call.interrupt(thread);
            call.assertCancelled(true);
            assertTrue(took < SOON_MILLIS, took + " ms");
        }
    }
}
