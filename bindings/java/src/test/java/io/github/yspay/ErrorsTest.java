package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every error code, in both algorithms, with every field. */
class ErrorsTest {
    private static Simulator simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = new Simulator();
    }

    @AfterAll
    static void stop() throws Exception {
        simulator.close();
    }

    static YspayException failure(ErrorCode code, Executable call) {
        YspayException failure = assertThrows(YspayException.class, call);
        assertEquals(code, failure.getCode(), failure.getMessage());
        assertEquals(code.getNumber(), failure.getNumber());
        assertTrue(failure.getMessage().startsWith(code + ": "), failure.getMessage());
        return failure;
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeOfACallIsThrown(Kind kind) {
        YspayClient client = simulator.oneAttempt(kind);

        YspayException argument = failure(ErrorCode.INVALID_ARGUMENT, () -> client.query("a&b"));
        assertFalse(argument.isRetryable() || argument.isSent());
        assertEquals(0, argument.getAttempts());
        assertNull(argument.getReqFlowId());

        YspayException transport = failure(ErrorCode.TRANSPORT, () -> client.query("RESET-1"));
        assertTrue(transport.isRetryable() && transport.isSent());
        assertEquals(1, transport.getAttempts());
        assertEquals(20, transport.getReqFlowId().length());

        YspayException timeout = failure(ErrorCode.TIMEOUT, () -> client.query("HANG-1", Duration.ofMillis(700)));
        assertTrue(timeout.isRetryable() && timeout.isSent());

        YspayException status = failure(ErrorCode.HTTP_STATUS, () -> client.query("H502-1"));
        assertEquals(Integer.valueOf(502), status.getHttpStatus());
        assertTrue(status.isRetryable() && status.getUnverified().contains("502 Bad Gateway"));
        assertFalse(failure(ErrorCode.HTTP_STATUS, () -> client.query("H404-1")).isRetryable());

        assertTrue(failure(ErrorCode.MALFORMED_RESPONSE, () -> client.query("NOTJSON-1")).getUnverified().contains("success"));
        failure(ErrorCode.SIGNATURE, () -> client.query("BADSIG-1"));
        failure(ErrorCode.SIGNATURE, () -> client.query("MERCHSIG-1"));
        failure(ErrorCode.SIGNATURE, () -> client.query("NOTB64-1"));
        YspayException unsigned = failure(ErrorCode.SIGNATURE, () -> client.query("UNSIGNED-1"));
        assertNotNull(unsigned.getUnverified());
        assertNull(unsigned.getPlatformCode());

        failure(ErrorCode.MISMATCH, () -> client.query("OTHERID-1"));
        YspayException gateway = failure(ErrorCode.GATEWAY_TIMEOUT, () -> client.query("C50-1"));
        assertEquals("50", gateway.getPlatformCode());
        assertTrue(gateway.isRetryable());

        YspayException business = failure(ErrorCode.BUSINESS, () -> client.query("C99-1"));
        assertEquals("99", business.getPlatformCode());
        assertEquals("流水不存在", business.getPlatformNote());
        assertFalse(business.isRetryable());
        assertTrue(business.isSent());
        assertNull(business.getHttpStatus());
        assertNull(business.getUnverified());

        client.close();
        failure(ErrorCode.INVALID_HANDLE, () -> client.query("STS2-1"));
    }

    @ParameterizedTest
    @EnumSource
    void aFullWindowIsRateLimited(Kind kind) throws Exception {
        try (Simulator own = new Simulator()) {
            JsonObject config = Repository.config(kind, own.endpoint());
            config.add("rateLimit", JsonParser.parseString("{\"perSecond\":1}"));
            ExecutorService threads = Executors.newSingleThreadExecutor();
            try (YspayClient client = YspayClient.fromJson(config.toString())) {
                Future<?> holder = threads.submit(() -> client.query("HANG-holds-the-only-slot", Duration.ofSeconds(60)));
                while (own.stat("requests") < 1) {
                    Thread.sleep(5);
                }
                YspayException limited = failure(ErrorCode.RATE_LIMITED, () -> client.query("STS2-2", Duration.ofMillis(50)));
                assertTrue(limited.isRetryable());
                assertFalse(limited.isSent());
                assertEquals(0, limited.getAttempts());
                assertEquals(1, own.stat("requests"));
                holder.cancel(true);
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatCannotBeMadeSaysWhy(Kind kind) {
        for (String config : new String[] {"{}", "[]", "", "{\"src\":"}) {
            failure(ErrorCode.CONFIG, () -> YspayClient.fromJson(config));
        }
        JsonObject unknown = Repository.config(kind, Repository.NOWHERE);
        unknown.addProperty("timeout", 5);
        assertTrue(failure(ErrorCode.CONFIG, () -> YspayClient.fromJson(unknown.toString())).getMessage().contains("timeout"));

        JsonObject wrong = Repository.config(kind, Repository.NOWHERE);
        wrong.getAsJsonObject("privateKey").addProperty("password", "not-the-password");
        YspayException credential = failure(ErrorCode.CREDENTIAL, () -> YspayClient.fromJson(wrong.toString()));
        assertTrue(credential.getMessage().contains("privateKey"), credential.getMessage());
        assertFalse(credential.toString().contains("not-the-password"));
    }

    @Test
    void badArgumentsAreToldBeforeAnythingIsSent() throws Exception {
        int before = simulator.stat("requests");
        try (YspayClient client = simulator.client(Kind.SM)) {
            StringBuilder tooLong = new StringBuilder();
            for (int i = 0; i < 51; i++) {
                tooLong.append('x');
            }
            for (String id : new String[] {null, "", "a\tb", "a=b", "a\0b", "\ud83d", "x\udca1y", tooLong.toString()}) {
                failure(ErrorCode.INVALID_ARGUMENT, () -> client.query(id));
                failure(ErrorCode.INVALID_ARGUMENT, () -> client.buildRequest(id));
                failure(ErrorCode.INVALID_ARGUMENT, () -> client.verifyResponse(id, "{}".getBytes(StandardCharsets.UTF_8)));
            }
            failure(ErrorCode.INVALID_ARGUMENT, () -> client.buildRequest("A", ""));
            failure(ErrorCode.INVALID_ARGUMENT, () -> client.buildRequest("A", null));
            failure(ErrorCode.INVALID_ARGUMENT, () -> client.buildRequest("A", "123456789012345678901"));
            failure(ErrorCode.INVALID_ARGUMENT, () -> client.verifyResponse("A", null));
            for (Duration timeout : new Duration[] {
                null, Duration.ZERO, Duration.ofMillis(-1), Duration.ofNanos(999_999), Duration.ofMillis(3_600_001),
                Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(Long.MIN_VALUE)
            }) {
                failure(ErrorCode.INVALID_ARGUMENT, () -> client.query("STS2-1", timeout));
            }
        }
        failure(ErrorCode.INVALID_ARGUMENT, () -> YspayClient.fromJson(null));
        failure(ErrorCode.INVALID_ARGUMENT, () -> YspayClient.fromJson("{\"src\":\"\ud800\"}"));
        YspayException cut = failure(
                ErrorCode.INVALID_ARGUMENT,
                () -> YspayClient.builder().privateKeyPassword("hidden\ud800").build());
        assertTrue(cut.getMessage().contains(" privateKey.password holds half a surrogate pair"), cut.getMessage());
        assertFalse(cut.getMessage().contains("hidden"));
        assertEquals(before, simulator.stat("requests"));
    }

    /** Characters beyond the Basic Multilingual Plane are four bytes here, and six in Java's modified UTF-8. */
    @ParameterizedTest
    @EnumSource
    void supplementaryCharactersAndChineseGoThereAndBack(Kind kind) {
        try (YspayClient client = simulator.client(kind)) {
            String id = "合同𠮷😀-\u00e9\u3000";
            assertEquals(id, client.query(id).getSysSignFlowId());
        }
    }

    @Test
    void unknownNumbersAreHandled() {
        assertEquals(ErrorCode.UNKNOWN, ErrorCode.of(0));
        assertEquals(ErrorCode.UNKNOWN, ErrorCode.of(ErrorCode.values().length));
        assertEquals(ErrorCode.UNKNOWN, ErrorCode.of(Integer.MIN_VALUE));
        Json later = new Json("{\"code\":\"LATER\",\"number\":99,\"message\":\"New.\",\"retryable\":true,\"sent\":true,"
                + "\"attempts\":3,\"reqFlowId\":null,\"platformCode\":null,\"platformNote\":null,\"httpStatus\":null,"
                + "\"unverified\":null}");
        YspayException failure = new YspayException(later);
        assertEquals(ErrorCode.UNKNOWN, failure.getCode());
        assertEquals(99, failure.getNumber());
        assertEquals("LATER: New.", failure.getMessage());
        assertTrue(failure.isRetryable());
    }

    @Test
    void aFailureCanBeSerialized() throws Exception {
        try (YspayClient client = simulator.oneAttempt(Kind.SM)) {
            YspayException failure = failure(ErrorCode.BUSINESS, () -> client.query("C99-s"));
            YspayException copy = (YspayException) AnswersTest.copy(failure);
            assertEquals(failure.getMessage(), copy.getMessage());
            assertEquals(failure.getPlatformNote(), copy.getPlatformNote());
            assertEquals(failure.getReqFlowId(), copy.getReqFlowId());
        }
    }
}
