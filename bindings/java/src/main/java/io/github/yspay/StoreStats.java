package io.github.yspay;

import java.io.Serializable;

/** What is known of the store of a shared limit. Immutable. */
public final class StoreStats implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Boolean reachable;
    private final String lastError;
    private final Double roundTripMs;

    StoreStats(Json shared) {
        reachable = shared.isNull("reachable") ? null : (Boolean) shared.flag("reachable");
        lastError = shared.isNull("lastError") ? null : shared.text("lastError");
        roundTripMs = shared.isNull("roundTripMs") ? null : (Double) shared.decimal("roundTripMs");
    }

    /** Whether it answered when it was asked last; null if it has not been asked yet. */
    public Boolean getReachable() {
        return reachable;
    }

    /** Why it last gave no answer, even if it has answered since; null if it always has. */
    public String getLastError() {
        return lastError;
    }

    /** How long its last answer took, in milliseconds; null if there was none. */
    public Double getRoundTripMs() {
        return roundTripMs;
    }

    /** For people. */
    @Override
    public String toString() {
        return lastError == null ? "reachable: " + reachable : "reachable: " + reachable + ", last error: " + lastError;
    }
}
