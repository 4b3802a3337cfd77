package io.github.yspay;

import java.nio.file.Paths;

/** Run by {@link EnvironmentTest}: makes a client of the configuration in a file, and prints what came of it. */
final class EnvironmentProgram {
    private EnvironmentProgram() {}

    public static void main(String[] arguments) throws Exception {
        try (YspayClient client = YspayClient.fromFile(Paths.get(arguments[0]))) {
            System.out.println("MADE " + client.describe().getEndpoint());
        } catch (YspayException e) {
            System.out.println(e.getCode() + " " + e.getMessage());
        }
    }
}
