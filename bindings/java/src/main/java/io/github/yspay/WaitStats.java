package io.github.yspay;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A histogram of waits for turns, as Prometheus wants it. Those that ended without a turn, late or cancelled, count as
 * well. Immutable.
 */
public final class WaitStats implements Serializable {
    private static final long serialVersionUID = 1L;

    private final long count;
    private final double sum;
    private final Map<Double, Long> buckets;

    WaitStats(Json waits) {
        count = waits.number("count");
        sum = waits.decimal("sum");
        Map<Double, Long> told = new LinkedHashMap<Double, Long>();
        for (Json bucket : waits.objects("buckets")) {
            told.put(bucket.decimal("le"), bucket.number("count"));
        }
        buckets = Collections.unmodifiableMap(told);
    }

    /** How many waits there were. */
    public long getCount() {
        return count;
    }

    /** How long they were together, in seconds. */
    public double getSum() {
        return sum;
    }

    /**
     * For each bound in seconds, in order, how many waits were as long or shorter; the last one, without end, is
     * {@link #getCount}.
     */
    public Map<Double, Long> getBuckets() {
        return buckets;
    }

    /** For people. */
    @Override
    public String toString() {
        return count + " waits of " + sum + " s";
    }
}
