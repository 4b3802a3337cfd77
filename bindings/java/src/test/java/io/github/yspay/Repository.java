package io.github.yspay;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/** The files of the repository that the tests use. */
final class Repository {
    static final String SRC = "ORG20210927162704";
    static final String DES_KEY = "A81F41DE7406CC1566579A751D93CA7A";
    static final String PASSWORD = "123456";
    /** For clients that send nothing. */
    static final String NOWHERE = "http://127.0.0.1:9/saas/orgSign/querySignSts";

    private Repository() {}

    /** The file or folder that `make test-java` names. */
    static Path given(String name) {
        String value = System.getProperty("yspay.test." + name);
        if (value == null || !Files.exists(Paths.get(value))) {
            throw new AssertionError(name + " is not built: " + value + ". Run `make test-java`.");
        }
        return Paths.get(value).toAbsolutePath().normalize();
    }

    static Path file(String path) {
        return given("root").resolve(path);
    }

    static String read(String path) throws IOException {
        return new String(Files.readAllBytes(file(path)), StandardCharsets.UTF_8);
    }

    static Path credential(String name) {
        return file("tests/vectors/credentials").resolve(name);
    }

    static JsonObject vectors() throws IOException {
        return JsonParser.parseString(read("tests/vectors/vectors.json")).getAsJsonObject();
    }

    /** The configuration of the test institution for this endpoint, in JSON that this library did not write. */
    static JsonObject config(Kind kind, String endpoint) {
        JsonObject key = new JsonObject();
        key.addProperty("path", credential(kind.keyFile).toString());
        key.addProperty("password", PASSWORD);
        JsonObject certificate = new JsonObject();
        certificate.addProperty("path", credential(kind.certificateFile).toString());
        JsonObject config = new JsonObject();
        config.addProperty("endpoint", endpoint);
        config.addProperty("src", SRC);
        config.addProperty("desKey", DES_KEY);
        config.add("privateKey", key);
        config.add("platformCertificate", certificate);
        return config;
    }

    static YspayClient client(Kind kind, String endpoint) {
        return YspayClient.fromJson(config(kind, endpoint).toString());
    }
}
