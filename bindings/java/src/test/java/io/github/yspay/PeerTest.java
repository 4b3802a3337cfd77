package io.github.yspay;

import static io.github.yspay.ErrorsTest.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** This library and an independent implementation of the platform understand each other, and disagree on forgeries. */
class PeerTest {
    private static final String ID = "MAN202109280009848";

    @ParameterizedTest
    @EnumSource
    void thePeerTakesOurRequestsAndWeTakeItsAnswers(Kind kind) throws Exception {
        try (Gateway gateway = new Gateway(kind); YspayClient client = Repository.client(kind, gateway.endpoint())) {
            for (String id : new String[] {ID, "合同𠮷😀", "\"quoted\\/", "x", " padded "}) {
                SignStatus answer = client.query(id);
                assertEquals(SignSts.CREATED, answer.getStatus());
                assertEquals(id, answer.getSysSignFlowId());
                assertEquals(1, answer.getAttempts());
            }
            gateway.answerer = id -> {
                Map<String, String> data = Gateway.success(id);
                data.put("signSts", "5");
                data.put("𠮷", "U+20BB7");
                data.put("\uff21", "U+FF21, which is smaller by code point but not by UTF-16");
                data.put("blank", " \t\r\n");
                data.put("Sign", "never signed");
                data.remove("Sign");
                return gateway.signed(data);
            };
            SignStatus unknown = client.query(ID);
            assertEquals("5", unknown.getText());
            assertEquals(SignSts.UNKNOWN, unknown.getStatus());
            assertEquals("U+20BB7", unknown.getData().get("𠮷"));
            assertEquals(Collections.emptyList(), gateway.complaints);
        }
    }

    @ParameterizedTest
    @EnumSource
    void thePeerTakesWhatWeBuildForAnotherHttpStack(Kind kind) throws Exception {
        try (Gateway gateway = new Gateway(kind); YspayClient client = Repository.client(kind, gateway.endpoint())) {
            JsonObject made = JsonParser.parseString(client.buildRequest(ID)).getAsJsonObject();
            assertEquals(ID, gateway.question(made));
            JsonObject given = JsonParser.parseString(client.buildRequest(ID, "202110011944011101")).getAsJsonObject();
            assertEquals("202110011944011101", given.get("reqFlowId").getAsString());
            assertEquals(ID, gateway.question(given));
            // The peer is awake: it refuses what was touched.
            for (String field : new String[] {"src", "data", "signValue"}) {
                JsonObject touched = JsonParser.parseString(client.buildRequest(ID)).getAsJsonObject();
                String value = touched.get(field).getAsString();
                touched.addProperty(field, (value.charAt(8) == 'A' ? "B" : "A") + value.substring(1));
                assertThrows(Exception.class, () -> gateway.question(touched), field);
            }
            byte[] answer = gateway.signed(Gateway.success(ID)).getBytes(StandardCharsets.UTF_8);
            assertTrue(client.verifyResponse(ID, answer).isSuccess());
            failure(ErrorCode.MISMATCH, () -> client.verifyResponse("OTHER", answer));
        }
    }

    @ParameterizedTest
    @EnumSource
    void forgeriesAreNotBelieved(Kind kind) throws Exception {
        PeerCrypto other = new PeerCrypto(kind == Kind.RSA ? Kind.SM : Kind.RSA);
        try (Gateway gateway = new Gateway(kind); YspayClient client = Repository.client(kind, gateway.endpoint())) {
            Map<String, String> data = Gateway.success(ID);
            String text = PeerCrypto.signedText(data);
            byte[] good = gateway.crypto().sign(text);
            Map<String, String> changed = Gateway.success(ID);
            changed.put("signSts", "1");
            byte[] flipped = good.clone();
            flipped[good.length - 1] ^= 1;
            String[] forged = {
                gateway.envelope(changed, good),
                gateway.envelope(data, flipped),
                gateway.envelope(data, other.sign(text)),
                gateway.envelope(data, Arrays.copyOf(good, good.length - 1)),
                gateway.envelope(data, new byte[0]),
                gateway.envelope(data, kind == Kind.RSA
                        ? gateway.crypto().signWith(text, "SHA512withRSA")
                        : gateway.crypto().signAs(text, "another user id.".getBytes(StandardCharsets.US_ASCII))),
                gateway.envelope(data, gateway.crypto().sign(text.replace("&", "&&"))),
            };
            for (String body : forged) {
                failure(ErrorCode.SIGNATURE, () -> client.verifyResponse(ID, body.getBytes(StandardCharsets.UTF_8)));
            }
            // Through the whole call, too.
            gateway.answerer = id -> gateway.envelope(Gateway.success(id), good);
            failure(ErrorCode.SIGNATURE, () -> client.query("OTHER-" + kind));
            gateway.answerer = id -> gateway.signed(Gateway.success("OTHER"));
            failure(ErrorCode.MISMATCH, () -> client.query(ID));
            gateway.answerer = id -> {
                Map<String, String> refused = Gateway.success(id);
                refused.put("code", "99");
                refused.put("note", "流水不存在");
                return gateway.signed(refused);
            };
            assertEquals("流水不存在", failure(ErrorCode.BUSINESS, () -> client.query(ID)).getPlatformNote());
            assertEquals(Collections.emptyList(), gateway.complaints);
        }
    }

    /** The platform's newer gateway signs with the same RSA key, but SHA-256. */
    @ParameterizedTest
    @EnumSource(names = "RSA")
    void anRsaSignatureWithSha256IsTaken(Kind kind) throws Exception {
        try (Gateway gateway = new Gateway(kind); YspayClient client = Repository.client(kind, gateway.endpoint())) {
            Map<String, String> data = Gateway.success(ID);
            byte[] signature = gateway.crypto().signWith(PeerCrypto.signedText(data), "SHA256withRSA");
            byte[] answer = gateway.envelope(data, signature).getBytes(StandardCharsets.UTF_8);
            assertTrue(client.verifyResponse(ID, answer).isSuccess());
        }
    }

    /** Some SM2 implementations hand out r and s without DER around them. */
    @ParameterizedTest
    @EnumSource(names = "SM")
    void aRawSm2SignatureIsTaken(Kind kind) throws Exception {
        try (Gateway gateway = new Gateway(kind); YspayClient client = Repository.client(kind, gateway.endpoint())) {
            Map<String, String> data = Gateway.success(ID);
            ASN1Sequence der = ASN1Sequence.getInstance(gateway.crypto().sign(PeerCrypto.signedText(data)));
            byte[] raw = new byte[64];
            for (int i = 0; i < 2; i++) {
                BigIntegers.asUnsignedByteArray(ASN1Integer.getInstance(der.getObjectAt(i)).getValue(), raw, 32 * i, 32);
            }
            byte[] body = gateway.envelope(data, raw).getBytes(StandardCharsets.UTF_8);
            assertTrue(client.verifyResponse(ID, body).isSuccess());
        }
    }
}
