package io.github.yspay;

import java.io.Serializable;
import java.time.Duration;

/** The store of a limit that many processes share; nothing secret. Immutable. */
public final class SharedLimitDescription implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String store;
    private final String prefix;
    private final Duration timeout;
    private final Double fallbackPerSecond;

    /** From the library's JSON of a description. */
    SharedLimitDescription(Json shared) {
        store = shared.text("store");
        prefix = shared.text("prefix");
        timeout = Duration.ofMillis(shared.number("timeoutMs"));
        fallbackPerSecond = shared.isNull("fallbackPerSecond") ? null : (Double) shared.decimal("fallbackPerSecond");
    }

    /** Its address, without user and password. */
    public String getStore() {
        return store;
    }

    /** What the names of its keys begin with. */
    public String getPrefix() {
        return prefix;
    }

    /** How long one question to it may take, connecting included. */
    public Duration getTimeout() {
        return timeout;
    }

    /** Calls a second of this process by itself while the store is away; null if calls fail then. */
    public Double getFallbackPerSecond() {
        return fallbackPerSecond;
    }

    /** For people. */
    @Override
    public String toString() {
        return store;
    }
}
