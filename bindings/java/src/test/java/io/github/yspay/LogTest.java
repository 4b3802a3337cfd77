package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The logger "yspay": levels, threads, handlers that misbehave, no secret. */
class LogTest {
    private final Logger logger = Logger.getLogger("yspay");
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private RuntimeException handlersFault;

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            records.add(record);
            threads.add(Thread.currentThread());
            if (handlersFault != null) {
                throw handlersFault;
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        handler.setLevel(Level.ALL);
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void stop() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
    }

    private boolean has(Level level, String part) {
        return records.stream().anyMatch(record -> record.getLevel() == level && record.getMessage().contains(part));
    }

    @Test
    void eachLevelHasItsMessagesOnTheCallersThread() throws Exception {
        logger.setLevel(Level.ALL);
        try (Simulator simulator = new Simulator(); YspayClient client = simulator.client(Kind.SM)) {
            client.query("H500THEN-log");
            assertThrows(YspayException.class, () -> client.query("C99-log"));
        }
        assertTrue(has(Level.CONFIG, "client made"));
        assertTrue(has(Level.FINER, "signed text"));
        assertTrue(has(Level.FINEST, "attempt 1"));
        assertTrue(has(Level.WARNING, "attempt 1 failed"));
        assertTrue(has(Level.FINE, "流水不存在"));
        for (Thread thread : threads) {
            assertEquals(Thread.currentThread(), thread);
        }
        for (LogRecord record : records) {
            assertFalse(record.getMessage().contains(Repository.DES_KEY.substring(0, 8)), record.getMessage());
            assertFalse(record.getMessage().contains(Repository.PASSWORD), record.getMessage());
        }
    }

    @Test
    void byDefaultOnlyRepeatedAttemptsAreToldAndTheLevelMayChangeBetweenCalls() throws Exception {
        try (Simulator simulator = new Simulator(); YspayClient client = simulator.client(Kind.SM)) {
            client.query("STS2-1");
            assertThrows(YspayException.class, () -> client.query("C99-1"));
            assertEquals(0, records.size());
            client.query("C50THEN-1");
            assertEquals(1, records.size());
            records.clear();
            logger.setLevel(Level.FINEST);
            client.query("STS2-2");
            assertFalse(records.isEmpty());
            records.clear();
            logger.setLevel(Level.OFF);
            assertThrows(YspayException.class, () -> client.query("C99-1"));
            assertEquals(0, records.size());
        }
    }

    @Test
    void aHandlersFaultDoesNotChangeTheCall() throws Exception {
        logger.setLevel(Level.ALL);
        handlersFault = new IllegalStateException("as a test");
        try (Simulator simulator = new Simulator(); YspayClient client = simulator.client(Kind.RSA)) {
            assertEquals(SignSts.EXPIRED, client.query("STS4-1").getStatus());
            assertFalse(records.isEmpty());
        }
    }
}
