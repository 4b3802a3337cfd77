package io.github.yspay;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/** The platform once more, in Java: checks each request with {@link PeerCrypto}, and answers as the test wants. */
final class Gateway implements AutoCloseable {
    private static final String PATH = "/saas/orgSign/querySignSts";
    private static final List<String> SIGNED = Arrays.asList("ver", "src", "msgCode", "method", "signType", "charset", "data");

    /** What the gateway makes of a good question. */
    interface Answerer {
        /** The body of the answer about this contract. */
        String answer(String sysSignFlowId) throws Exception;
    }

    private final HttpServer server;
    private final Kind kind;
    private final PeerCrypto crypto;
    private final Set<String> reqFlowIds = new HashSet<>();
    /** What was wrong with requests; tests want it empty. */
    final List<String> complaints = new CopyOnWriteArrayList<>();
    volatile Answerer answerer = this::created;

    Gateway(Kind kind) throws Exception {
        this.kind = kind;
        crypto = new PeerCrypto(kind);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext(PATH, this::handle);
        server.start();
    }

    PeerCrypto crypto() {
        return crypto;
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + PATH;
    }

    private void handle(HttpExchange exchange) throws IOException {
        String answer;
        try {
            JsonObject request =
                    JsonParser.parseReader(new InputStreamReader(exchange.getRequestBody(), StandardCharsets.UTF_8)).getAsJsonObject();
            if (!exchange.getRequestMethod().equals("POST")
                    || !exchange.getRequestHeaders().getFirst("Content-Type").startsWith("application/json")) {
                throw new IllegalStateException("it is not a POST of JSON");
            }
            answer = answerer.answer(question(request));
        } catch (Exception e) {
            complaints.add(e.toString());
            answer = "{\"code\":200,\"message\":\"refused\",\"data\":null,\"list\":null}";
        }
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json;charset=UTF-8");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** The contract that a request asks about; throws for any request that is not as the page says. */
    synchronized String question(JsonObject request) throws Exception {
        Set<String> names = new TreeSet<>(SIGNED);
        names.add("reqFlowId");
        names.add("signValue");
        check(request.keySet().equals(names), "its fields are " + request.keySet());
        Map<String, String> signed = new LinkedHashMap<>();
        for (String name : SIGNED) {
            check(request.getAsJsonPrimitive(name).isString(), name + " is no string");
            signed.put(name, request.get(name).getAsString());
        }
        check(signed.get("ver").equals("1.0") && signed.get("msgCode").equals("Merchant"), "ver or msgCode");
        check(signed.get("method").equals("querySignSts") && signed.get("charset").equals("UTF-8"), "method or charset");
        check(signed.get("signType").equals(kind.name()) && signed.get("src").equals(Repository.SRC), "signType or src");
        String reqFlowId = request.get("reqFlowId").getAsString();
        check(!reqFlowId.isEmpty() && reqFlowId.length() <= 20, "reqFlowId is " + reqFlowId);
        byte[] signature = Base64.getDecoder().decode(request.get("signValue").getAsString());
        check(crypto.verifies(PeerCrypto.signedText(signed), signature), "the signature does not fit");
        // Not signed, but never repeated; an unsigned request must not use one up.
        check(reqFlowIds.add(reqFlowId), "reqFlowId " + reqFlowId + " came before");
        JsonObject data = JsonParser.parseString(PeerCrypto.decrypt(signed.get("data"))).getAsJsonObject();
        check(data.keySet().size() == 1, "data holds " + data.keySet());
        return data.get("sysSignFlowId").getAsString();
    }

    private static void check(boolean good, String complaint) {
        if (!good) {
            throw new IllegalStateException(complaint);
        }
    }

    private String created(String sysSignFlowId) throws Exception {
        return signed(success(sysSignFlowId));
    }

    static Map<String, String> success(String sysSignFlowId) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("code", "00");
        data.put("note", "成功");
        data.put("signSts", "2");
        data.put("sysSignFlowId", sysSignFlowId);
        return data;
    }

    /** An answer in the platform's form: {@code data} as a string, {@code signValue} wrapped as Java's encoder does. */
    String signed(Map<String, String> data) throws Exception {
        return envelope(data, crypto.sign(PeerCrypto.signedText(data)));
    }

    String envelope(Map<String, String> data, byte[] signature) {
        JsonObject inner = new JsonObject();
        for (Map.Entry<String, String> field : data.entrySet()) {
            inner.addProperty(field.getKey(), field.getValue());
        }
        JsonObject envelope = new JsonObject();
        envelope.addProperty("ver", "1.0");
        envelope.addProperty("src", Repository.SRC);
        envelope.addProperty("signType", kind.name());
        envelope.addProperty("data", inner.toString());
        envelope.addProperty("signValue", Base64.getMimeEncoder().encodeToString(signature));
        return envelope.toString();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
