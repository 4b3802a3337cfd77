package io.github.yspay;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** The repository's simulator as a process of its own; it ends with its standard input. */
final class Simulator implements AutoCloseable {
    private final Process process;
    private final String endpoint;

    Simulator(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Repository.given("simulator").toString(), "--port", "0", "--exit-on-stdin-close");
        for (String argument : arguments) {
            builder.command().add(argument);
        }
        process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("the simulator did not start");
        }
        endpoint = JsonParser.parseString(line).getAsJsonObject().get("endpoint").getAsString();
    }

    String endpoint() {
        return endpoint;
    }

    YspayClient client(Kind kind) {
        return Repository.client(kind, endpoint);
    }

    /** A client that asks once, so that a failure is the first attempt's; its rate does not hold a test up. */
    YspayClient oneAttempt(Kind kind) {
        JsonObject config = Repository.config(kind, endpoint);
        config.addProperty("maxAttempts", 1);
        return YspayClient.fromJson(config.toString());
    }

    JsonObject stats() throws IOException {
        URI stats = URI.create(endpoint).resolve("/stats");
        HttpURLConnection connection = (HttpURLConnection) stats.toURL().openConnection();
        try (InputStream body = connection.getInputStream()) {
            return JsonParser.parseReader(new InputStreamReader(body, StandardCharsets.UTF_8)).getAsJsonObject();
        } finally {
            connection.disconnect();
        }
    }

    int stat(String name) throws IOException {
        return stats().get(name).getAsInt();
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (process.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new IOException("the simulator did not end by itself");
    }
}
