package io.github.yspay;

import static io.github.yspay.ErrorsTest.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Making, describing, closing and forgetting clients. */
class LifecycleTest {
    @ParameterizedTest
    @EnumSource
    void closingTwiceIsFineAndCallsAfterwardsAreRefused(Kind kind) {
        YspayClient client = Repository.client(kind, Repository.NOWHERE);
        client.close();
        client.close();
        failure(ErrorCode.INVALID_HANDLE, () -> client.query("A"));
        failure(ErrorCode.INVALID_HANDLE, () -> client.buildRequest("A"));
        failure(ErrorCode.INVALID_HANDLE, () -> client.verifyResponse("A", new byte[0]));
        failure(ErrorCode.INVALID_HANDLE, client::describe);
        failure(ErrorCode.INVALID_HANDLE, client::stats);
        client.close();
    }

    @ParameterizedTest
    @EnumSource
    void callsUnderWaySurviveAClose(Kind kind) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Simulator simulator = new Simulator()) {
            YspayClient client = simulator.client(kind);
            List<Future<SignStatus>> answers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String id = "SLOW800-" + i;
                answers.add(threads.submit(() -> client.query(id)));
            }
            while (simulator.stat("requests") < 4) {
                Thread.sleep(10);
            }
            int open = Unclosed.open();
            client.close();
            client.close();
            assertEquals(open, Unclosed.open(), "the handle is freed under a call");
            failure(ErrorCode.INVALID_HANDLE, () -> client.query("A"));
            for (Future<SignStatus> answer : answers) {
                assertEquals(SignSts.CREATED, answer.get(30, TimeUnit.SECONDS).getStatus());
            }
            assertEquals(open - 1, Unclosed.open(), "the last call frees the handle");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void closingAmongManyCallsGivesAResultOrSaysClosed() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 40; round++) {
                YspayClient client = Repository.client(Kind.SM, Repository.NOWHERE);
                CountDownLatch start = new CountDownLatch(1);
                List<Future<Boolean>> results = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    boolean closer = i == 3 || i == 6;
                    results.add(threads.submit(() -> {
                        start.await();
                        if (closer) {
                            client.close();
                            return true;
                        }
                        try {
                            return client.buildRequest("A").contains("signValue");
                        } catch (YspayException e) {
                            return e.getCode() == ErrorCode.INVALID_HANDLE && e.getMessage().endsWith("The client is closed.");
                        }
                    }));
                }
                start.countDown();
                for (Future<Boolean> result : results) {
                    assertTrue(result.get(30, TimeUnit.SECONDS));
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aForgottenClientIsFreed() throws Exception {
        int forgotten = 3;
        int before = Unclosed.open();
        for (int i = 0; i < forgotten; i++) {
            Repository.client(Kind.SM, Repository.NOWHERE).describe();
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (Unclosed.open() > before) {
            assertTrue(System.nanoTime() < deadline, Unclosed.open() + " are still open");
            System.gc();
            Thread.sleep(10);
            Repository.client(Kind.SM, Repository.NOWHERE).close();
        }
    }

    /** The client is referred to by nothing but the call itself. */
    @Test
    void aClientIsNotCollectedDuringItsCall() throws Exception {
        try (Simulator simulator = new Simulator()) {
            Thread collector = new Thread(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    System.gc();
                    Unclosed.freeCollected();
                }
            });
            collector.start();
            try {
                for (int i = 0; i < 5; i++) {
                    assertTrue(simulator.client(Kind.SM).query("SLOW200-" + i).isSuccess());
                }
            } finally {
                collector.interrupt();
                collector.join();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientIsDescribed(Kind kind) {
        try (YspayClient client = Repository.client(kind, Repository.NOWHERE)) {
            ClientDescription description = client.describe();
            assertEquals(Repository.NOWHERE, description.getEndpoint());
            assertEquals(Repository.SRC, description.getSrc());
            assertEquals(kind.name(), description.getSignType());
            assertEquals(10, description.getPerSecond());
            assertNull(description.getSharedLimit());
            assertEquals(YspayClient.version(), description.getVersion());
            assertEquals(kind == Kind.RSA ? "RSA-2048" : "SM2", description.getPrivateKeyKind());
            assertNotNull(description.getPrivateKeyContainer());
            assertTrue(description.getCertificate().getNotBefore().isBefore(description.getCertificate().getNotAfter()));
            assertTrue(description.getCertificate().getDaysLeft() > 30);
            assertTrue(description.getPlatformCertificate().getDaysLeft() > 30);
            assertFalse(description.getPlatformCertificate().getSubject().isEmpty());
            assertFalse(description.getPlatformCertificate().getIssuer().isEmpty());
            assertFalse(description.getPlatformCertificate().getSerial().isEmpty());
            assertEquals(64, description.getPlatformFingerprintSha256().length());
            assertTrue(description.getPlatformKind().startsWith(kind == Kind.RSA ? "RSA-" : "SM2"));
            assertFalse(description.toString().contains(Repository.DES_KEY));
        }
    }

    @Test
    void aDateThatCannotBeReadIsNull() {
        JsonObject config = Repository.config(Kind.SM, Repository.NOWHERE);
        config.getAsJsonObject("platformCertificate")
                .addProperty("path", Repository.file("tests/field/odd_unreadable.cer").toString());
        try (YspayClient client = YspayClient.fromJson(config.toString())) {
            CertificateDescription odd = client.describe().getPlatformCertificate();
            assertFalse(odd.getSubject().isEmpty());
            assertNull(odd.getSerial());
            assertNull(odd.getNotBefore());
            assertNull(odd.getNotAfter());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBuilderMakesTheSameClientAsJson(Kind kind, @TempDir Path folder) throws Exception {
        Path key = Repository.credential(kind.keyFile);
        Path certificate = Repository.credential(kind.certificateFile);
        Path config = folder.resolve("config.json");
        Files.write(config, Repository.config(kind, Repository.NOWHERE).toString().getBytes(StandardCharsets.UTF_8));
        try (YspayClient fromFile = YspayClient.fromFile(config);
                YspayClient fromPaths = builder().privateKey(key).platformCertificate(certificate).build();
                YspayClient fromBytes = builder()
                        .privateKey(Files.readAllBytes(key))
                        .platformCertificate(Files.readAllBytes(certificate))
                        .build()) {
            for (YspayClient client : new YspayClient[] {fromPaths, fromBytes}) {
                assertEquals(fromFile.describe().toString(), client.describe().toString());
                assertEquals(fromFile.describe().getPlatformFingerprintSha256(), client.describe().getPlatformFingerprintSha256());
            }
        }
        String name = kind == Kind.RSA ? "rsa" : "sm2";
        try (YspayClient fromPem = builder()
                .privateKeyPem(Repository.read("tests/vectors/credentials/merchant-" + name + ".key.pem"))
                .privateKeyPassword(null)
                .platformCertificatePem(Repository.read("tests/vectors/credentials/platform-" + name + ".cert.pem"))
                .build()) {
            assertEquals(kind.name(), fromPem.describe().getSignType());
        }
    }

    /** OpenSSL tells the key's number; it is the key of the certificate beside it. */
    @Test
    void aKeyInHexIsRead() throws Exception {
        String key = Repository.credential("merchant-sm2.key.pem").toString();
        Process openssl = new ProcessBuilder("openssl", "pkey", "-noout", "-text", "-in", key).start();
        String told = new String(readAll(openssl.getInputStream()), StandardCharsets.UTF_8);
        assertEquals(0, openssl.waitFor());
        String number = told.substring(told.indexOf("priv:") + 5, told.indexOf("pub:"));
        try (YspayClient client = builder().privateKeyHex(number)
                .platformCertificate(Repository.credential("platform-sm2.cer")).build()) {
            assertEquals("SM", client.describe().getSignType());
        }
        // The institution's own certificate is told from the platform's by its key alone.
        YspayException own = failure(ErrorCode.CREDENTIAL, () -> builder().privateKeyHex(number)
                .platformCertificate(Repository.credential("merchant-sm2.cer")).build());
        assertTrue(own.getMessage().contains("institution's own"), own.getMessage());
        YspayException lost = failure(ErrorCode.CREDENTIAL, () -> builder().privateKeyPem(number)
                .platformCertificate(Repository.credential("platform-sm2.cer")).build());
        assertTrue(lost.getMessage().contains("Put it into privateKey.hex."), lost.getMessage());
    }

    private static byte[] readAll(InputStream stream) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int next = stream.read(); next >= 0; next = stream.read()) {
            all.write(next);
        }
        return all.toByteArray();
    }

    @Test
    void aSecretInThePlaceOfAPathIsNotShown() {
        String key = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
        String document = "{\"desKey\":\"" + Repository.DES_KEY + "\",\"privateKey\":{\"hex\":\"" + key + "\"}}";
        for (String text : new String[] {key, " " + key, document, document + document + document}) {
            IOException told = assertThrows(IOException.class, () -> YspayClient.fromFile(Paths.get(text)));
            assertTrue(told.getMessage().contains("not shown, for "), told.getMessage());
            assertFalse(told.toString().contains(key.substring(0, 8)), told.toString());
            assertFalse(told.toString().contains(Repository.DES_KEY.substring(0, 8)), told.toString());
        }
        IOException named = assertThrows(NoSuchFileException.class, () -> YspayClient.fromFile(Paths.get("no/such.json")));
        assertEquals("no/such.json", named.getMessage());
    }

    private static YspayClientBuilder builder() {
        return YspayClient.builder()
                .endpoint(Repository.NOWHERE)
                .src(Repository.SRC)
                .desKey(Repository.DES_KEY)
                .privateKeyPassword(Repository.PASSWORD);
    }

    @Test
    void aFractionOfACallASecondArrives() {
        YspayClientBuilder builder = builder()
                .endpoint("https://fraction.invalid/q")
                .privateKey(Repository.credential("merchant.sm2"))
                .platformCertificate(Repository.credential("platform-sm2.cer"));
        try (YspayClient client = builder.rateLimit(0.5).build()) {
            assertEquals(0.5, client.describe().getPerSecond());
            assertTrue(client.describe().toString().endsWith(", 0.5 calls a second"));
        }
        try (YspayClient client = builder.rateLimit(10).build()) {
            assertEquals(10, client.describe().getPerSecond());
            assertTrue(client.describe().toString().endsWith(", 10 calls a second"));
        }
    }

    /** Nothing listens there: a client is made all the same, and says what is wrong when it is asked. */
    @Test
    void aLimitInAStoreArrives() {
        YspayClientBuilder builder = builder()
                .endpoint("https://fleet.invalid/q")
                .privateKey(Repository.credential("merchant.sm2"))
                .platformCertificate(Repository.credential("platform-sm2.cer"))
                .rateLimit(2)
                .sharedLimit("rediss://user:hush@127.0.0.1:9/2")
                .sharedLimitPrefix("mine")
                .sharedLimitTimeout(Duration.ofMillis(300))
                .sharedLimitFallback(0.5)
                .sharedLimitCaFile(Repository.credential("platform-rsa.cert.pem"));
        try (YspayClient client = builder.build()) {
            SharedLimitDescription told = client.describe().getSharedLimit();
            assertEquals("rediss://127.0.0.1:9/2", told.getStore());
            assertEquals("mine", told.getPrefix());
            assertEquals(Duration.ofMillis(300), told.getTimeout());
            assertEquals(0.5, told.getFallbackPerSecond());
            assertTrue(client.describe().toString().endsWith(", 2 calls a second shared at rediss://127.0.0.1:9/2"));
        }
        String refusal = failure(ErrorCode.CONFIG, () -> builder.sharedLimitFallback(Double.NaN).build()).getMessage();
        assertTrue(refusal.contains(" rateLimit.shared.fallbackPerSecond is NaN; it must be"), refusal);
        YspayClientBuilder alone = builder()
                .endpoint("https://alone.invalid/q")
                .privateKey(Repository.credential("merchant.sm2"))
                .platformCertificate(Repository.credential("platform-sm2.cer"))
                .sharedLimit("redis://:hush@127.0.0.1:9");
        try (YspayClient client = alone.build()) {
            SharedLimitDescription told = client.describe().getSharedLimit();
            assertEquals("redis://127.0.0.1:9/0", told.toString());
            assertEquals("yspay", told.getPrefix());
            assertEquals(Duration.ofMillis(500), told.getTimeout());
            assertNull(told.getFallbackPerSecond());
            YspayException error = failure(ErrorCode.LIMITER_UNAVAILABLE, () -> client.query("STS2-fleet"));
            assertTrue(error.getMessage().contains("redis://127.0.0.1:9/0 refuses the connection"), error.getMessage());
            assertFalse(error.getMessage().contains("hush"), error.getMessage());
            assertTrue(error.isRetryable());
            assertFalse(error.isSent());
        }
    }

    @Test
    void everySettingOfTheBuilderIsUnderstood() {
        failure(ErrorCode.CONFIG, () -> YspayClient.builder().build());
        YspayClientBuilder builder = builder()
                .endpoint("http://example.invalid/q")
                .allowHttp(true)
                .signType("SM")
                .privateKey(Repository.credential("merchant.sm2"))
                .privateKeyAlias("\"quoted\\ \u0001 \uD83D\uDE00\"")
                .platformCertificate(Repository.credential("platform-sm2.cer"))
                .timeout(Duration.ofSeconds(3))
                .connectTimeout(Duration.ofSeconds(1))
                .maxAttempts(2)
                .rateLimit(7)
                .proxy("none")
                .caFile(Repository.credential("platform-rsa.cert.pem"))
                .userAgent("test/1");
        // What the JSON says is checked by the engine: the alias is the only thing wrong, if anything is.
        try (YspayClient client = builder.privateKeyAlias(null).build()) {
            assertEquals(7, client.describe().getPerSecond());
        }
        for (long seconds : new long[] {Long.MIN_VALUE, -1, 0, 3601, Long.MAX_VALUE}) {
            Duration wrong = Duration.ofSeconds(seconds);
            String told = failure(ErrorCode.CONFIG, () -> builder.timeout(wrong).build()).getMessage();
            assertTrue(told.contains("timeoutMs is "), told);
            told = failure(ErrorCode.CONFIG, () -> builder.timeout(null).connectTimeout(wrong).build()).getMessage();
            assertTrue(told.contains("connectTimeoutMs is "), told);
            builder.connectTimeout(null);
        }
        for (double wrong : new double[] {0, -1, 0.0099, 1.5, 10_001, 1e300, Double.MIN_VALUE}) {
            String told = failure(ErrorCode.CONFIG, () -> builder.rateLimit(wrong).build()).getMessage();
            assertTrue(told.contains("rateLimit.perSecond is ") && told.contains("or a fraction from 0.01 up to 1"), told);
        }
        for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            String told = failure(ErrorCode.CONFIG, () -> builder.rateLimit(wrong).build()).getMessage();
            assertTrue(told.contains("rateLimit.perSecond is " + wrong + "; it must be a whole number"), told);
        }
        builder.rateLimit(7);
        assertTrue(failure(ErrorCode.CONFIG, () -> builder.environment("test").build()).getMessage().contains("endpoint"));
        assertTrue(failure(ErrorCode.CONFIG, () -> builder.environment(null).maxAttempts(11).build()).getMessage().contains("maxAttempts"));
    }
}
