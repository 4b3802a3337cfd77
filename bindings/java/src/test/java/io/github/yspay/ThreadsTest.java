package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Many threads, several clients, both algorithms: one window. */
class ThreadsTest {
    private static final int THREADS = 16;
    private static final int CALLS = 3;

    @Test
    void threadsAndClientsShareOneWindow() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (Simulator simulator = new Simulator();
                YspayClient rsa = simulator.client(Kind.RSA);
                YspayClient sm = simulator.client(Kind.SM);
                YspayClient third = simulator.client(Kind.SM)) {
            YspayClient[] clients = {rsa, sm, third};
            List<Future<List<SignStatus>>> results = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                results.add(threads.submit(() -> {
                    List<SignStatus> answers = new ArrayList<>();
                    for (int call = 0; call < CALLS; call++) {
                        String id = "STS" + (thread % 5) + "-" + thread + "-" + call;
                        answers.add(clients[(thread + call) % clients.length].query(id, Duration.ofSeconds(60)));
                    }
                    return answers;
                }));
            }
            Set<String> reqFlowIds = new HashSet<>();
            for (int i = 0; i < THREADS; i++) {
                List<SignStatus> answers = results.get(i).get(90, TimeUnit.SECONDS);
                for (int call = 0; call < CALLS; call++) {
                    SignStatus answer = answers.get(call);
                    assertEquals("STS" + (i % 5) + "-" + i + "-" + call, answer.getSysSignFlowId());
                    assertEquals(Integer.toString(i % 5), answer.getText());
                    assertTrue(reqFlowIds.add(answer.getReqFlowId()));
                }
            }
            assertEquals(THREADS * CALLS, simulator.stat("accepted"));
            assertTrue(simulator.stat("busiestSecond") <= 10, simulator.stats().toString());
            assertEquals(0, simulator.stat("secondsOverLimit"));
        } finally {
            threads.shutdownNow();
        }
    }
}
