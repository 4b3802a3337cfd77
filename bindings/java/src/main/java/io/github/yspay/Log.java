package io.github.yspay;

import java.util.logging.Level;
import java.util.logging.Logger;

/** The library's log: the logger {@code yspay} of {@code java.util.logging}. No message holds a secret. */
final class Log {
    /**
     * By the native library's levels: none, a failure, a repeated attempt, a client made, the signed text, each step. A
     * failure is thrown, so it is not also printed where nobody asked for a log.
     */
    private static final Level[] LEVELS = {
        Level.OFF, Level.FINE, Level.WARNING, Level.CONFIG, Level.FINER, Level.FINEST
    };

    /** Held for good, for the log manager forgets loggers that nobody holds. */
    private static final Logger LOGGER = Logger.getLogger("yspay");

    private static int wanted;

    private Log() {}

    /** Tells the native library the most that the logger wants at present, so that messages beyond are not even made. */
    static synchronized void refresh() {
        int level = LEVELS.length - 1;
        while (level > 0 && !LOGGER.isLoggable(LEVELS[level])) {
            level--;
        }
        if (level != wanted) {
            Native.setLogLevel(level);
            wanted = level;
        }
    }

    /** A message of the native library. Throws nothing, for it is called from there. */
    static void write(int level, String message) {
        try {
            LOGGER.logp(LEVELS[level], "io.github.yspay.YspayClient", null, message);
        } catch (Throwable handlersFault) {
            // A broken handler must not change what a call comes to.
        } finally {
            Interruption.rearm();
        }
    }

    static void warn(String message) {
        LOGGER.log(Level.WARNING, message);
    }
}
