package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The jar that `make jar` made: what is in it, and that it works where there is nothing else of this repository. */
class JarTest {
    private static final String LIBRARY = "native/linux-x86_64/libyspay.so";

    /** Whatever a system of each kind has. */
    private static final String GLIBC_LIBRARIES = "(libc|libm|libpthread|libdl|librt|ld-linux-x86-64|ld-linux-aarch64)\\.so\\.\\d";
    private static final String MUSL_LIBRARIES = "libc\\.so";
    private static final String WINDOWS_LIBRARIES =
            "(?i)(kernel32|ntdll|advapi32|ws2_32|bcrypt|bcryptprimitives|api-ms-win-(core|crt)-[a-z0-9-]+)\\.dll";

    /** A fresh folder with the jar, the examples and their classes. */
    @TempDir
    static Path folder;

    private static final Map<String, byte[]> ENTRIES = new LinkedHashMap<>();

    @BeforeAll
    static void install() throws Exception {
        Path jar = Files.copy(Repository.given("jar"), folder.resolve("yspay.jar"));
        try (JarFile file = new JarFile(jar.toFile())) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (!entry.isDirectory()) {
                    try (InputStream in = file.getInputStream(entry)) {
                        ENTRIES.put(entry.getName(), readAll(in));
                    }
                }
            }
        }
        try (Stream<Path> sources = Files.list(Repository.file("examples/java"))) {
            for (Path source : sources.collect(Collectors.toList())) {
                Files.copy(source, folder.resolve(source.getFileName()));
            }
        }
        // As a Java 8 project would, with every warning an error.
        List<String> command = inFolder(tool("javac"), "-Xlint:all,-options", "-Werror", "-encoding", "UTF-8", "-cp", "yspay.jar");
        command.addAll(System.getProperty("java.specification.version").equals("1.8") ? Arrays.asList() : Arrays.asList("--release", "8"));
        command.addAll(Arrays.asList("Query.java", "TenLines.java", "Contracts.java", "Metrics.java"));
        ChildJvm.run(command).succeeded();
    }

    private static byte[] readAll(InputStream in) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[65536];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            out.write(buffer, 0, n);
        }
        return out.toByteArray();
    }

    private static String tool(String name) {
        Path home = Paths.get(System.getProperty("java.home"));
        Path tool = home.resolve("bin").resolve(name);
        // Java 8 runs in the folder jre of its JDK.
        return (Files.exists(tool) ? tool : home.resolveSibling("bin").resolve(name)).toString();
    }

    private static List<String> inFolder(String... command) {
        List<String> all = new ArrayList<>(Arrays.asList("env", "-C", folder.toString()));
        all.addAll(Arrays.asList(command));
        return all;
    }

    private static ChildJvm example(String... arguments) throws Exception {
        List<String> command = inFolder(tool("java"), "-cp", "yspay.jar:.");
        command.addAll(Arrays.asList(arguments));
        return ChildJvm.run(command);
    }

    private static void configure(String name, Kind kind, String endpoint) throws IOException {
        JsonObject config = Repository.config(kind, endpoint);
        config.addProperty("maxAttempts", 2);
        Files.write(folder.resolve(name), config.toString().getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource
    void theExampleAsksAndTells(Kind kind) throws Exception {
        try (Simulator simulator = new Simulator()) {
            configure("config.json", kind, simulator.endpoint());
            ChildJvm good = example("Query", "config.json", "STS2-a", "STS1-b", "STSX-c").succeeded();
            assertTrue(good.output.endsWith("STS2-a: CREATED\nSTS1-b: PENDING\nSTSX-c: UNKNOWN (ARCHIVED)\n"), good.output);

            ChildJvm bad = example("Query", "config.json", "C99-a", "STS2-c");
            assertEquals(1, bad.exit);
            bad.tells("STS2-c: CREATED\n", "C99-a: BUSINESS: ", "流水不存在");

            example("TenLines").succeeded().tells("CREATED, and it will stay so\n");
        }
        Files.write(folder.resolve("wrong.json"), "{}".getBytes(StandardCharsets.UTF_8));
        ChildJvm wrong = example("Query", "wrong.json", "F1");
        assertEquals(1, wrong.exit);
        wrong.tells("CONFIG: ");
        ChildJvm missing = example("Query", "missing.json", "F1");
        assertEquals(1, missing.exit);
        missing.tells("missing.json cannot be read");
        assertEquals(2, example("Query").exit);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_9)
    void itWorksOnTheModulePath() throws Exception {
        try (Simulator simulator = new Simulator()) {
            configure("config.json", Kind.SM, simulator.endpoint());
            List<String> command = inFolder(tool("java"), "-p", "yspay.jar", "--add-modules", "io.github.yspay", "-cp", ".");
            if (System.getProperty("java.specification.version").compareTo("22") >= 0) {
                command.add("--enable-native-access=io.github.yspay");
            }
            command.addAll(Arrays.asList("Query", "config.json", "STS8-m"));
            assertEquals("STS8-m: CONTRACT_GENERATED\n", ChildJvm.run(command).succeeded().output);
        }
    }

    @Test
    void itHoldsWhatItNeedsAndNothingElse() {
        Set<String> others = new TreeSet<>(ENTRIES.keySet());
        others.removeIf(name -> name.matches("io/github/yspay/\\w+\\.class"));
        // Those of other platforms than `make jar` packs for.
        Set<String> natives = natives();
        natives.remove(LIBRARY);
        others.removeAll(natives);
        assertEquals(
                new TreeSet<>(Arrays.asList(
                        "META-INF/LICENSE-APACHE", "META-INF/LICENSE-MIT", "META-INF/MANIFEST.MF",
                        "META-INF/maven/io.github.yspay/yspay/pom.properties", "META-INF/maven/io.github.yspay/yspay/pom.xml",
                        "io/github/yspay/jar.properties", LIBRARY)),
                others);
        Set<String> classes = new TreeSet<>(ENTRIES.keySet());
        classes.removeAll(others);
        classes.removeAll(natives);
        // The classes are those of the sources: no test, nothing of another time.
        for (String name : classes) {
            String source = name.replaceAll("(\\$.*)?\\.class$", ".java");
            assertTrue(Files.exists(Repository.file("bindings/java/src/main/java").resolve(source)), name);
            assertEquals(52, ENTRIES.get(name)[6] << 8 | ENTRIES.get(name)[7], name);
        }
        assertTrue(classes.size() > 12);
    }

    /** The entries that are the libraries of published platforms. */
    private static Set<String> natives() {
        Set<String> natives = new TreeSet<>();
        for (String platform : Platform.PUBLISHED) {
            natives.add("native/" + platform + "/" + Platform.file(platform));
        }
        natives.retainAll(ENTRIES.keySet());
        return natives;
    }

    @Test
    void itsLibraryRunsOnOldSystemsAndIsStripped() throws Exception {
        Path library = Files.write(folder.resolve("libyspay.so"), ENTRIES.get(LIBRARY));
        ChildJvm.run(Repository.file("scripts/check-glibc").toString(), library.toString()).succeeded().tells("GLIBC_2.");
        ChildJvm.run("readelf", "-dW", library.toString()).succeeded().tells("NODELETE");
        Files.delete(library);
    }

    /** As far as it can be seen without running them, those of other platforms included. */
    @Test
    void itsLibrariesExportOnlyNativesAndNeedOnlyTheSystem() throws Exception {
        Set<String> exported = new TreeSet<>();
        for (Method method : Native.class.getDeclaredMethods()) {
            if (Modifier.isNative(method.getModifiers())) {
                exported.add("Java_io_github_yspay_Native_" + method.getName());
            }
        }
        for (String name : natives()) {
            Path library = Files.write(folder.resolve("library"), ENTRIES.get(name));
            String about = ChildJvm.run(Repository.file("scripts/binary").toString(), library.toString()).succeeded().output;
            Set<String> exports = new TreeSet<>();
            String allowed = name.contains("windows") ? WINDOWS_LIBRARIES : name.contains("musl") ? MUSL_LIBRARIES : GLIBC_LIBRARIES;
            for (String line : about.split("\n")) {
                if (line.startsWith("exports ")) {
                    exports.add(line.substring(8));
                } else if (line.startsWith("needs ")) {
                    assertTrue(line.substring(6).matches(allowed), name + " " + line);
                } else {
                    // Not "symbols": it is stripped.
                    assertEquals("machine " + (name.contains("aarch64") ? "aarch64" : "x86_64"), line, name);
                }
            }
            assertEquals(exported, exports, name);
            Files.delete(library);
        }
    }

    @Test
    void itHoldsNoTestCredential() throws Exception {
        List<String> secrets = new ArrayList<>(Arrays.asList(Repository.DES_KEY, Repository.SRC));
        try (Stream<Path> files = Files.list(Repository.credential(""))) {
            for (Path file : files.collect(Collectors.toList())) {
                // Past the headers that every such file has.
                String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                int middle = content.length() / 2;
                secrets.add(content.substring(middle, middle + 24));
            }
        }
        assertTrue(secrets.size() > 20);
        assertHoldsNone(secrets);
    }

    @Test
    void itDoesNotTellWhereItWasBuilt() {
        assertHoldsNone(Arrays.asList(
                Repository.given("root").toString(), System.getProperty("user.home") + "/", "/registry/src/", "/rustlib/src/"));
    }

    private static void assertHoldsNone(List<String> pieces) {
        for (Map.Entry<String, byte[]> entry : ENTRIES.entrySet()) {
            String content = new String(entry.getValue(), StandardCharsets.ISO_8859_1);
            for (String piece : pieces) {
                assertFalse(content.contains(piece), entry.getKey() + " holds " + piece);
            }
        }
    }

    /** The classes that the README quotes are not only compiled. */
    @Test
    void theApplicationOfTheReadmeWorks() throws Exception {
        try (Simulator simulator = new Simulator()) {
            configure("config.json", Kind.SM, simulator.endpoint());
            Files.copy(Repository.file("bindings/java/src/test/examples/ContractsProgram.java"), folder.resolve("ContractsProgram.java"));
            ChildJvm.run(inFolder(tool("javac"), "-encoding", "UTF-8", "-cp", "yspay.jar:.", "ContractsProgram.java")).succeeded();
            ChildJvm told = example("ContractsProgram", "config.json", simulator.endpoint()).succeeded();
            told.tells("signed: true\n", "never: false\n", "later: null\n", "unreachable: null\n", "refused: BUSINESS\n",
                    "the platform refuses: 99 流水不存在\n", "unsigned: SIGNATURE\n", "not believed, for people only: ",
                    "within: CREATED\n", "too late: true\n", "own http: CREATED\n",
                    "service: {status=CREATED, final=true, success=true}\n", "service refused: BUSINESS\n", "production: CREDENTIAL\n");
            told.tells("# TYPE yspay_calls_total counter\n", "\nyspay_calls_total{outcome=\"OK\"} 1\n",
                    "\nyspay_calls_total{outcome=\"BUSINESS\"} 1\n", "\nyspay_calls_total{outcome=\"CANCELLED\"} 0\n",
                    "\nyspay_answers_total{status=\"EXPIRED\"} 1\n", "\nyspay_attempts_total 2\n", "\nyspay_retries_total 0\n",
                    "\n# TYPE yspay_wait_seconds histogram\n", "\nyspay_wait_seconds_bucket{le=\"20.0\"} 2\n",
                    "\nyspay_wait_seconds_bucket{le=\"+Inf\"} 2\n", "\nyspay_wait_seconds_count 2\n",
                    "\n# TYPE yspay_limit_waiting gauge\nyspay_limit_waiting 0\n");
        }
    }

    /** The command of the README that the simulator writes for a first client, in that folder. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_11)
    void theSimulatorsFolderEndsWithAVerifiedAnswer() throws Exception {
        Path kit = folder.resolve("kit");
        // As a clone has it after `make jar`, under the jar's own name.
        Path dist = Files.createDirectories(folder.resolve("clone/dist"));
        Files.copy(Repository.given("jar"), dist.resolve(Repository.given("jar").getFileName()));
        try (Simulator simulator = new Simulator("--config-out", kit.toString())) {
            String readme = new String(Files.readAllBytes(kit.resolve("README.md")), StandardCharsets.UTF_8);
            String commands = readme.split("\nJava 11 [^\n]*:\n\n```sh\n")[1].split("\n```")[0];
            String path = Paths.get(tool("java")).getParent() + ":" + System.getenv("PATH");
            ChildJvm told = ChildJvm.run(Arrays.asList("env", "-C", kit.toString(), "PATH=" + path,
                    "YSPAY=" + folder.resolve("clone"), "sh", "-euc", commands)).succeeded();
            assertEquals("STS2-1: CREATED\n", told.output, commands);
            assertEquals(1, simulator.stat("accepted"));
        }
    }
}
