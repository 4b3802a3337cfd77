package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an answer tells, in both algorithms. */
class AnswersTest {
    private static Simulator simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = new Simulator();
    }

    @AfterAll
    static void stop() throws Exception {
        simulator.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyStatusIsToldWithItsMeaning(Kind kind) {
        try (YspayClient client = simulator.client(kind)) {
            for (SignSts status : SignSts.values()) {
                if (status == SignSts.UNKNOWN) {
                    continue;
                }
                SignStatus answer = client.query("STS" + status.getNumber() + "-" + kind);
                assertEquals(status, answer.getStatus());
                assertEquals(Integer.toString(status.getNumber()), answer.getText());
                assertEquals(status == SignSts.CREATED, answer.isSuccess());
                boolean isFinal = status == SignSts.CREATED || status == SignSts.VOIDED || status == SignSts.EXPIRED
                        || status == SignSts.CREATE_FAILED;
                assertEquals(isFinal, answer.isFinal());
                assertEquals("STS" + status.getNumber() + "-" + kind + ": " + status, answer.toString());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anUnknownStatusIsKept(Kind kind) {
        try (YspayClient client = simulator.client(kind)) {
            for (String text : new String[] {"9", "ARCHIVED"}) {
                SignStatus answer = client.query(text.equals("9") ? "STS9" : "STSX");
                assertEquals(SignSts.UNKNOWN, answer.getStatus());
                assertEquals(text, answer.getText());
                assertFalse(answer.isFinal() || answer.isSuccess());
                assertTrue(answer.toString().endsWith(": UNKNOWN (" + text + ")"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyFieldIsTold(Kind kind) {
        try (YspayClient client = simulator.client(kind)) {
            SignStatus answer = client.query("MAN202109280009848");
            assertEquals("MAN202109280009848", answer.getSysSignFlowId());
            assertEquals("00", answer.getCode());
            assertEquals("成功", answer.getNote());
            assertEquals(20, answer.getReqFlowId().length());
            assertEquals(1, answer.getAttempts());
            assertTrue(answer.getElapsedMillis() >= 0 && answer.getElapsedMillis() < 20_000);
            assertEquals("2", answer.getData().get("signSts"));
            assertEquals("成功", answer.getData().get("note"));
            assertThrows(UnsupportedOperationException.class, () -> answer.getData().put("code", "99"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void unknownFieldsAndObjectsAreTaken(Kind kind) {
        try (YspayClient client = simulator.client(kind)) {
            SignStatus extra = client.query("EXTRA-1");
            assertTrue(extra.getData().size() > 4, extra.getData().toString());
            assertEquals(SignSts.CREATED, client.query("OBJECT-1").getStatus());
            assertEquals(2, client.query("C50THEN-" + kind).getAttempts());
        }
    }

    /** The vectors that OpenSSL signed: numbers as they came, null left out, every outcome. */
    @Test
    void everyVectorHasItsOutcome() throws Exception {
        int checked = 0;
        try (YspayClient rsa = Repository.client(Kind.RSA, Repository.NOWHERE);
                YspayClient sm = Repository.client(Kind.SM, Repository.NOWHERE)) {
            for (JsonElement element : Repository.vectors().getAsJsonArray("responses")) {
                JsonObject vector = element.getAsJsonObject();
                String name = vector.get("name").getAsString();
                String asked = vector.get("asked_flow_id").getAsString();
                JsonObject expected = vector.getAsJsonObject("expect");
                byte[] body = Base64.getDecoder().decode(vector.get("body_base64").getAsString());
                YspayClient client = vector.get("sign_type").getAsString().equals("RSA") ? rsa : sm;
                String outcome;
                try {
                    SignStatus answer = client.verifyResponse(asked, body);
                    outcome = "OK";
                    assertEquals(expected.get("sign_sts").getAsString(), answer.getText(), name);
                    assertEquals(asked, answer.getSysSignFlowId(), name);
                    assertNull(answer.getReqFlowId(), name);
                    assertEquals(0, answer.getAttempts(), name);
                } catch (YspayException e) {
                    outcome = e.getCode().name();
                }
                assertEquals(expected.get("outcome").getAsString(), outcome, name);
                checked++;
            }
        }
        assertTrue(checked > 60);
    }

    @Test
    void anAnswerCanBeSerialized() throws Exception {
        try (YspayClient client = simulator.client(Kind.SM)) {
            SignStatus answer = client.query("STS1-s");
            SignStatus copy = (SignStatus) copy(answer);
            assertEquals(answer.getData(), copy.getData());
            assertEquals(answer.toString(), copy.toString());
            ClientDescription description = (ClientDescription) copy(client.describe());
            assertNotNull(description.getPlatformCertificate().getNotAfter());
        }
    }

    static Object copy(Object original) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(original);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }
}
