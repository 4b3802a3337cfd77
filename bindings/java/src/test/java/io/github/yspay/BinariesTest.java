package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is built: class files for Java 8, a library that exports the natives and nothing else. */
class BinariesTest {
    /** Java 8's. */
    private static final int MAJOR_VERSION = 52;

    @Test
    void classFilesAreJava8s() throws Exception {
        List<Path> classes;
        try (Stream<Path> files = Files.walk(ChildJvm.origin(Native.class))) {
            classes = files.filter(file -> file.toString().endsWith(".class")).collect(Collectors.toList());
        }
        assertTrue(classes.size() > 12, classes.toString());
        for (Path file : classes) {
            byte[] bytes = Files.readAllBytes(file);
            assertEquals(MAJOR_VERSION, bytes[6] << 8 | bytes[7], file.toString());
        }
    }

    @Test
    void theLibraryExportsTheNativesAndNothingElse() throws Exception {
        Set<String> natives = new TreeSet<>();
        for (Method method : Native.class.getDeclaredMethods()) {
            if (Modifier.isNative(method.getModifiers())) {
                natives.add("Java_io_github_yspay_Native_" + method.getName());
            }
        }
        String symbols = ChildJvm.run("nm", "-D", "--defined-only", "--format=posix", Repository.given("library").toString())
                .succeeded().output;
        Set<String> exported = new TreeSet<>();
        for (String line : symbols.split("\n")) {
            exported.add(line.split(" ")[0]);
        }
        assertEquals(natives, exported);
    }

    /** A JVM unloads a library with its class loader, when a thread may still run in it. */
    @Test
    void theLibraryIsNeverUnloaded() throws Exception {
        ChildJvm.run("readelf", "-dW", Repository.given("library").toString()).succeeded().tells("NODELETE");
    }

    /** Else the search for its warnings would find nothing whatever happens. */
    @Test
    void theJvmChecksTheNativeInterface() {
        assertTrue(ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-Xcheck:jni"));
    }
}
