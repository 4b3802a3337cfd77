package io.github.yspay;

import java.io.Serializable;
import java.util.Map;

/**
 * What a client has done since it was made, and what its limit looks like now; nothing secret. Counts only grow.
 * Immutable.
 */
public final class ClientStats implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Map<String, Long> calls;
    private final Map<String, Long> answers;
    private final long attempts;
    private final long retries;
    private final long connectionsOpened;
    private final WaitStats waitSeconds;
    private final RateLimitStats rateLimit;

    /** From the library's JSON of statistics. */
    ClientStats(Json stats) {
        calls = stats.counts("calls");
        answers = stats.counts("answers");
        attempts = stats.number("attempts");
        retries = stats.number("retries");
        connectionsOpened = stats.number("connectionsOpened");
        waitSeconds = new WaitStats(stats.object("waitSeconds"));
        rateLimit = new RateLimitStats(stats.object("rateLimit"));
    }

    /** This client's calls that have ended, by outcome: {@code OK} and the name of every code, always all of them. */
    public Map<String, Long> getCalls() {
        return calls;
    }

    /** What the platform said in those that ended with {@code OK}, by the status' name, always all of them. */
    public Map<String, Long> getAnswers() {
        return answers;
    }

    /** Requests that this client attempted; each took a turn. */
    public long getAttempts() {
        return attempts;
    }

    /** Those of them that were not the first of their call. */
    public long getRetries() {
        return retries;
    }

    /** Connections that this client opened, each with its proxy's and TLS's handshake done; other requests reused one. */
    public long getConnectionsOpened() {
        return connectionsOpened;
    }

    /** How long this client's attempts waited for turns. */
    public WaitStats getWaitSeconds() {
        return waitSeconds;
    }

    /** The limit that all clients of this process share for this address and institution. */
    public RateLimitStats getRateLimit() {
        return rateLimit;
    }

    /** For people. */
    @Override
    public String toString() {
        return calls + ", " + attempts + " attempts, " + rateLimit;
    }
}
