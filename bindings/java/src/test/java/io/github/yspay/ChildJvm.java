package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program run to its end: a JVM of the same kind as this one, or anything else. */
final class ChildJvm {
    /** What JDK 8's own launcher does for each argument of main; yspay calls no such function. */
    private static final String LAUNCHERS_WARNING =
            "WARNING in native method: JNI call made without checking exceptions when required to from CallStaticObjectMethod";

    final int exit;
    /** What it printed, to standard output and standard error. */
    final String output;

    private ChildJvm(int exit, String output) {
        this.exit = exit;
        this.output = output;
    }

    /** The folder or jar that a class came from. */
    static Path origin(Class<?> type) {
        try {
            return Paths.get(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** A command line that starts Java with these arguments, before the class's name. */
    static List<String> command(List<String> arguments, Class<?> main, Path... classPath) {
        List<String> command = new ArrayList<>();
        command.add(Paths.get(System.getProperty("java.home"), "bin", "java").toString());
        // A warning of the JVM's own verifier is a failure here, too: see `run`.
        command.add("-Xcheck:jni");
        command.addAll(arguments);
        command.add("-cp");
        StringBuilder paths = new StringBuilder();
        for (Path path : classPath) {
            paths.append(paths.length() == 0 ? "" : File.pathSeparator).append(path);
        }
        command.add(paths.toString());
        command.add(main.getName());
        return command;
    }

    static ChildJvm run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                output.write(buffer, 0, n);
            }
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it closed its output but did not end");
        String text = new String(output.toByteArray(), StandardCharsets.UTF_8);
        assertTrue(!text.replace(LAUNCHERS_WARNING, "").contains(" in native method"), text);
        return new ChildJvm(process.exitValue(), text);
    }

    static ChildJvm run(String... command) throws IOException, InterruptedException {
        return run(Arrays.asList(command));
    }

    ChildJvm succeeded() {
        assertEquals(0, exit, output);
        return this;
    }

    /** Fails unless the output holds all of these. */
    void tells(String... parts) {
        for (String part : parts) {
            assertTrue(output.contains(part), "\"" + part + "\" is missing in: " + output);
        }
    }
}
