import com.sun.net.httpserver.HttpServer;
import io.github.yspay.ClientStats;
import io.github.yspay.RateLimitStats;
import io.github.yspay.WaitStats;
import io.github.yspay.YspayClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Shows Prometheus what a client does, with nothing but the JDK. */
public class Metrics {
    /** The figures in Prometheus' text format, version 0.0.4. */
    public static String text(ClientStats stats) {
        StringBuilder text = new StringBuilder();
        named(text, "calls_total", "outcome", stats.getCalls());
        named(text, "answers_total", "status", stats.getAnswers());
        single(text, "counter", "attempts_total", stats.getAttempts());
        single(text, "counter", "retries_total", stats.getRetries());
        single(text, "counter", "connections_opened_total", stats.getConnectionsOpened());
        WaitStats waits = stats.getWaitSeconds();
        family(text, "histogram", "wait_seconds");
        waits.getBuckets().forEach((le, count) -> sample(text, "wait_seconds_bucket{le=\"" + le + "\"}", count));
        sample(text, "wait_seconds_bucket{le=\"+Inf\"}", waits.getCount());
        sample(text, "wait_seconds_sum", waits.getSum());
        sample(text, "wait_seconds_count", waits.getCount());
        RateLimitStats limit = stats.getRateLimit();
        single(text, "gauge", "limit_per_second", limit.getPerSecond());
        single(text, "gauge", "limit_slots_in_use", limit.getSlotsInUse());
        single(text, "gauge", "limit_slots_resting", limit.getSlotsResting());
        single(text, "gauge", "limit_waiting", limit.getWaiting());
        single(text, "counter", "limit_turns_total", limit.getTurns());
        if (limit.getShared() != null && limit.getShared().getReachable() != null) {
            single(text, "gauge", "store_reachable", limit.getShared().getReachable() ? 1 : 0);
        }
        return text.toString();
    }

    private static void named(StringBuilder text, String name, String label, Map<String, Long> counts) {
        family(text, "counter", name);
        counts.forEach((key, count) -> sample(text, name + "{" + label + "=\"" + key + "\"}", count));
    }

    private static void single(StringBuilder text, String kind, String name, Number value) {
        family(text, kind, name);
        sample(text, name, value);
    }

    private static void family(StringBuilder text, String kind, String name) {
        text.append("# TYPE yspay_").append(name).append(' ').append(kind).append('\n');
    }

    private static void sample(StringBuilder text, String name, Number value) {
        text.append("yspay_").append(name).append(' ').append(value).append('\n');
    }

    /** Answers Prometheus until the server is stopped. Port 0: a free one. */
    public static HttpServer serve(YspayClient client, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/metrics", exchange -> {
            byte[] body = text(client.stats()).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.start();
        return server;
    }
}
