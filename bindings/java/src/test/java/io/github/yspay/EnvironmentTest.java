package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The variables are those of {@code System.getenv}. */
class EnvironmentTest {
    @Test
    void theProxyOfTheEnvironmentIsJavas(@TempDir Path folder) throws Exception {
        JsonObject config = Repository.config(Kind.SM, "https://gateway.test/");
        Path looks = Files.write(folder.resolve("looks.json"), config.toString().getBytes(StandardCharsets.UTF_8));
        config.addProperty("proxy", "none");
        Path sets = Files.write(folder.resolve("sets.json"), config.toString().getBytes(StandardCharsets.UTF_8));
        run(looks, "HTTPS_PROXY=ftp://user:hush@proxy.test")
                .tells("CONFIG", "The environment variable HTTPS_PROXY is not a proxy URL");
        run(looks, "https_proxy=http://proxy.test:1").tells("MADE https://gateway.test/");
        run(looks, "HTTPS_PROXY=ftp://proxy.test", "NO_PROXY=gateway.test").tells("MADE");
        run(sets, "HTTPS_PROXY=ftp://proxy.test").tells("MADE");
        run(looks).tells("MADE");
    }

    @Test
    void secretsLieInTheEnvironmentAndInFiles(@TempDir Path folder) throws Exception {
        JsonObject config = Repository.config(Kind.SM, "https://gateway.test/");
        String desKey = config.remove("desKey").getAsString();
        JsonObject place = new JsonObject();
        place.addProperty("env", "YSPAY_TEST_DES");
        config.add("desKey", place);
        Path file = Files.write(folder.resolve("config.json"), config.toString().getBytes(StandardCharsets.UTF_8));
        run(file, "YSPAY_TEST_DES=" + desKey).tells("MADE");
        run(file, "YSPAY_TEST_DES=").tells("CONFIG", "the environment variable \"YSPAY_TEST_DES\" is empty");
        run(file).tells("CONFIG", "desKey.env: the environment variable \"YSPAY_TEST_DES\" is not set");
    }

    @Test
    void theBuilderTakesThePlacesOfSecrets(@TempDir Path folder) throws Exception {
        JsonObject config = Repository.config(Kind.SM, "https://gateway.test/");
        JsonObject key = config.getAsJsonObject("privateKey");
        Path desKey = Files.write(folder.resolve("des"), (config.get("desKey").getAsString() + "\n").getBytes("UTF-8"));
        Path password = Files.write(folder.resolve("password"), key.get("password").getAsString().getBytes("UTF-8"));
        YspayClientBuilder builder = YspayClient.builder()
                .endpoint("https://gateway.test/")
                .src(config.get("src").getAsString())
                .desKeyFrom(SecretPlace.file(desKey))
                .privateKey(Paths.get(key.get("path").getAsString()))
                .privateKeyPasswordFrom(SecretPlace.file(password))
                .platformCertificate(Paths.get(
                        config.getAsJsonObject("platformCertificate").get("path").getAsString()));
        builder.build().close();
        builder.proxyFrom(SecretPlace.env("YSPAY_TEST_UNSET"));
        YspayException refused = assertThrows(YspayException.class, builder::build);
        assertEquals(ErrorCode.CONFIG, refused.getCode());
        assertTrue(refused.getMessage().contains("proxy.env: the environment variable \"YSPAY_TEST_UNSET\" is not set"));
        builder.proxy("none").privateKeyPemFrom(SecretPlace.env("A")).privateKeyHexFrom(SecretPlace.env("B"));
        builder.privateKeyBase64From(SecretPlace.env("YSPAY_TEST_C"));
        refused = assertThrows(YspayException.class, builder::build);
        assertTrue(refused.getMessage().contains("privateKey.base64.env"), refused.getMessage());
    }

    /** A bare null is what programs wrote before a place could be given; the compiler must know which method is meant. */
    @Test
    void nullTakesASecretBack() throws Exception {
        JsonObject config = Repository.config(Kind.SM, "https://gateway.test/");
        JsonObject key = config.getAsJsonObject("privateKey");
        SecretPlace unset = SecretPlace.env("YSPAY_TEST_UNSET");
        YspayClientBuilder builder = YspayClient.builder()
                .endpoint("https://gateway.test/")
                .src(config.get("src").getAsString())
                .platformCertificate(Paths.get(
                        config.getAsJsonObject("platformCertificate").get("path").getAsString()))
                .desKeyFrom(unset)
                .desKey(null)
                .privateKeyPemFrom(unset)
                .privateKeyPem(null)
                .privateKeyHexFrom(unset)
                .privateKeyHex(null)
                .privateKeyBase64From(unset)
                .privateKeyBase64From(null)
                .privateKeyPasswordFrom(unset)
                .privateKeyPassword(null)
                .sharedLimitFrom(unset)
                .sharedLimit(null)
                .proxyFrom(unset)
                .proxy(null)
                .userAgent(null);
        YspayException refused = assertThrows(YspayException.class, builder::build);
        assertTrue(refused.getMessage().contains("desKey is missing"), refused.getMessage());
        builder.desKey(config.get("desKey").getAsString())
                .privateKey(Paths.get(key.get("path").getAsString()))
                .privateKeyPassword(key.get("password").getAsString());
        builder.build().close();
    }

    private static ChildJvm run(Path config, String... variables) throws Exception {
        List<String> command = new ArrayList<>(Arrays.asList("env", "-u", "https_proxy", "-u", "HTTPS_PROXY"));
        command.addAll(Arrays.asList("-u", "all_proxy", "-u", "ALL_PROXY", "-u", "no_proxy", "-u", "NO_PROXY"));
        command.addAll(Arrays.asList(variables));
        String library = "-Dyspay.library.path=" + Repository.given("library").getParent();
        Path tests = ChildJvm.origin(EnvironmentProgram.class);
        command.addAll(ChildJvm.command(
                Arrays.asList(library), EnvironmentProgram.class, ChildJvm.origin(YspayClient.class), tests));
        command.add(config.toString());
        return ChildJvm.run(command).succeeded();
    }
}
