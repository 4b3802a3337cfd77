package io.github.yspay;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Builds and verifies, fails to make clients, fails to ask, and prints what that did to the resident memory. Meant for a
 * JVM with a small heap of a fixed size, so that what grows is native: {@code LeakProgram ROUNDS CONSTRUCTIONS}.
 */
final class LeakProgram {
    private static final Logger LOGGER = Logger.getLogger("yspay");

    private final List<Work> work = new ArrayList<>();
    private final YspayClient rsa = Repository.client(Kind.RSA, Repository.NOWHERE);
    private final YspayClient sm = Repository.client(Kind.SM, Repository.NOWHERE);

    /** An answer of the vectors, good or bad. */
    private static final class Work {
        private final Kind kind;
        private final String id;
        private final byte[] body;

        Work(JsonObject vector) {
            kind = Kind.valueOf(vector.get("sign_type").getAsString());
            id = vector.get("asked_flow_id").getAsString();
            body = Base64.getDecoder().decode(vector.get("body_base64").getAsString());
        }
    }

    private LeakProgram() throws IOException {
        for (JsonElement vector : Repository.vectors().getAsJsonArray("responses")) {
            work.add(new Work(vector.getAsJsonObject()));
        }
    }

    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[0]);
        int constructions = Integer.parseInt(arguments[1]);
        // Failures are expected by the thousand.
        LOGGER.setLevel(Level.OFF);
        LeakProgram program = new LeakProgram();
        // Until caches, compiled code and the allocator's arenas are as they will stay.
        program.run(Math.max(2000, rounds / 10), Math.max(500, constructions / 10));
        long before = residentKiB();
        long begun = System.nanoTime();
        program.run(rounds, constructions);
        long after = residentKiB();
        System.out.printf("%d rounds, %d failed constructions in %.1f s: resident memory %d KiB before, %d KiB after, grown by %d KiB%n",
                rounds, constructions, (System.nanoTime() - begun) / 1e9, before, after, after - before);
        program.rsa.close();
        program.sm.close();
    }

    private void run(int rounds, int constructions) {
        for (int i = 0; i < rounds; i++) {
            YspayClient client = i % 10 == 0 ? rsa : sm;
            client.buildRequest("MAN2021-" + i);
            verify(i, i % 10 == 0 ? Kind.RSA : Kind.SM);
        }
        for (int i = 0; i < constructions; i++) {
            failToConstruct(i);
        }
        // The whole way, up to a port where nobody listens.
        for (int i = 0; i < rounds / 50; i++) {
            expect(ErrorCode.TRANSPORT, () -> sm.query("LEAK", Duration.ofMillis(100)));
        }
    }

    /** The i-th vector of this kind. */
    private void verify(int i, Kind kind) {
        Work next = work.get(i % work.size());
        for (int j = i; next.kind != kind; j++) {
            next = work.get(j % work.size());
        }
        try {
            (kind == Kind.RSA ? rsa : sm).verifyResponse(next.id, next.body);
        } catch (YspayException expected) {
            // Some of the vectors are forgeries.
        }
    }

    private static void failToConstruct(int i) {
        JsonObject config = Repository.config(i % 10 == 0 ? Kind.RSA : Kind.SM, Repository.NOWHERE);
        switch (i % 4) {
            case 0:
                config.getAsJsonObject("privateKey").addProperty("password", "wrong");
                expect(ErrorCode.CREDENTIAL, () -> YspayClient.fromJson(config.toString()));
                break;
            case 1:
                config.getAsJsonObject("platformCertificate").addProperty("path", "/no/such/file");
                expect(ErrorCode.CREDENTIAL, () -> YspayClient.fromJson(config.toString()));
                break;
            case 2:
                config.addProperty("maxAttempts", 11);
                expect(ErrorCode.CONFIG, () -> YspayClient.fromJson(config.toString()));
                break;
            default:
                expect(ErrorCode.CONFIG, () -> YspayClient.fromJson(config.toString().substring(1)));
        }
    }

    private static void expect(ErrorCode code, Runnable failing) {
        try {
            failing.run();
        } catch (YspayException e) {
            if (e.getCode() == code) {
                return;
            }
            throw e;
        }
        throw new AssertionError(code + " was expected");
    }

    /** The allocator gives freed memory back late, and Java's collector when it likes. */
    private static long residentKiB() throws Exception {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        for (String line : Files.readAllLines(Paths.get("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("/proc/self/status has no VmRSS");
    }
}
