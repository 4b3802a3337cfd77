package io.github.yspay;

import java.io.Serializable;

/** The limit, with what all clients that share it do. Immutable. */
public final class RateLimitStats implements Serializable {
    private static final long serialVersionUID = 1L;

    private final double perSecond;
    private final long slotsInUse;
    private final long slotsResting;
    private final long waiting;
    private final long turns;
    private final StoreStats shared;

    RateLimitStats(Json limit) {
        perSecond = limit.decimal("perSecond");
        slotsInUse = limit.number("slotsInUse");
        slotsResting = limit.number("slotsResting");
        waiting = limit.number("waiting");
        turns = limit.number("turns");
        shared = limit.isNull("shared") ? null : new StoreStats(limit.object("shared"));
    }

    /** Requests a second that are allowed: as many slots there are. */
    public double getPerSecond() {
        return perSecond;
    }

    /** Slots whose request is under way now, those included that nobody waits for any more. */
    public long getSlotsInUse() {
        return slotsInUse;
    }

    /** Slots that rest now, for a second after their request. */
    public long getSlotsResting() {
        return slotsResting;
    }

    /** Calls that wait for a turn now. */
    public long getWaiting() {
        return waiting;
    }

    /** Turns granted to all of these clients together. It only grows. */
    public long getTurns() {
        return turns;
    }

    /** The store of a limit that other processes share; null if this process has it to itself. */
    public StoreStats getShared() {
        return shared;
    }

    /** For people. */
    @Override
    public String toString() {
        return turns + " turns at " + perSecond + " a second, " + slotsInUse + " in use, " + waiting + " waiting";
    }
}
