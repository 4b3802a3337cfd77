package io.github.yspay;

import static io.github.yspay.ErrorsTest.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client counts, against what was asked. */
class StatsTest {
    private static Map<String, Long> without0(Map<String, Long> counts) {
        Map<String, Long> some = new HashMap<>(counts);
        some.values().removeIf(count -> count == 0);
        return some;
    }

    @ParameterizedTest
    @EnumSource
    void everyFigure(Kind kind) throws Exception {
        try (Simulator simulator = new Simulator(); YspayClient client = simulator.client(kind)) {
            ClientStats before = client.stats();
            assertTrue(without0(before.getCalls()).isEmpty() && before.getAttempts() == 0);
            client.query("STS3-1");
            client.query("C50THEN-1");
            failure(ErrorCode.BUSINESS, () -> client.query("C99-1"));
            failure(ErrorCode.INVALID_ARGUMENT, () -> client.query("a=b"));
            ClientStats stats = client.stats();
            Map<String, Long> calls = new HashMap<>();
            calls.put("OK", 2L);
            calls.put("BUSINESS", 1L);
            calls.put("INVALID_ARGUMENT", 1L);
            assertEquals(calls, without0(stats.getCalls()));
            Map<String, Long> answers = new HashMap<>();
            answers.put("VOIDED", 1L);
            answers.put("CREATED", 1L);
            assertEquals(answers, without0(stats.getAnswers()));
            assertEquals(4, stats.getAttempts());
            assertEquals(1, stats.getRetries());
            assertEquals(simulator.stat("connections") - 1, stats.getConnectionsOpened(), "one was for these figures");
            WaitStats waits = stats.getWaitSeconds();
            assertEquals(4, waits.getCount());
            assertTrue(waits.getSum() > 0 && waits.getSum() < 60, waits.toString());
            assertEquals("[0.001, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]", new ArrayList<>(waits.getBuckets().keySet()).toString());
            assertEquals(4L, waits.getBuckets().get(20.0));
            RateLimitStats limit = stats.getRateLimit();
            assertEquals(client.describe().getPerSecond(), limit.getPerSecond());
            assertEquals(0, limit.getSlotsInUse() + limit.getWaiting());
            assertTrue(limit.getSlotsResting() >= 1 && limit.getTurns() >= 4, limit.toString());
            assertThrows(UnsupportedOperationException.class, () -> stats.getCalls().clear());
        }
    }

    @Test
    void theNamesAreThoseOfTheCodesAndTheStatuses() {
        try (YspayClient client = Repository.client(Kind.SM, Repository.NOWHERE)) {
            TreeSet<String> codes = new TreeSet<>();
            codes.add("OK");
            for (ErrorCode code : ErrorCode.values()) {
                if (code != ErrorCode.UNKNOWN) {
                    codes.add(code.name());
                }
            }
            TreeSet<String> statuses = new TreeSet<>();
            for (SignSts status : SignSts.values()) {
                statuses.add(status.name());
            }
            assertEquals(codes, new TreeSet<>(client.stats().getCalls().keySet()));
            assertEquals(statuses, new TreeSet<>(client.stats().getAnswers().keySet()));
        }
    }

    @Test
    void moreThanIsKnownIsNoError() {
        ClientStats stats = new ClientStats(new Json("{\"calls\":{\"OK\":1,\"NEW\":9},\"answers\":{},\"attempts\":2,\"retries\":3,\"new\":[{}],"
                + "\"connectionsOpened\":4,\"waitSeconds\":{\"count\":5,\"sum\":1.5e-7,\"buckets\":[{\"le\":0.5,\"count\":6,\"new\":null}]},"
                + "\"rateLimit\":{\"perSecond\":0.5,\"slotsInUse\":7,\"slotsResting\":8,\"waiting\":9,\"turns\":10,"
                + "\"shared\":{\"reachable\":false,\"lastError\":\"why\",\"roundTripMs\":1.25,\"new\":1}}}"));
        StoreStats store = stats.getRateLimit().getShared();
        assertFalse(store.getReachable());
        assertEquals("why", store.getLastError());
        assertEquals(1.25, store.getRoundTripMs());
        assertEquals("{OK=1, NEW=9}", stats.getCalls().toString());
        assertEquals("{0.5=6}", stats.getWaitSeconds().getBuckets().toString());
        assertEquals("10 turns at 0.5 a second, 7 in use, 9 waiting", stats.getRateLimit().toString());
        assertEquals(8, stats.getRateLimit().getSlotsResting());
        assertEquals("5 waits of 1.5E-7 s", stats.getWaitSeconds().toString());
        assertEquals(2 + 3 + 4, stats.getAttempts() + stats.getRetries() + stats.getConnectionsOpened());
    }
}
