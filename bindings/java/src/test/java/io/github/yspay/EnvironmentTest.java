package io.github.yspay;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy variables are those of {@code System.getenv}. */
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
