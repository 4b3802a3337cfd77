package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loading the native library, and each way in which that can fail, in JVMs of their own. */
class NativeLibraryTest {
    private static final String NAME = System.mapLibraryName("yspay");
    private static final Path CLASSES = ChildJvm.origin(Native.class);
    private static final Path TESTS = ChildJvm.origin(NativeLibraryTest.class);

    @TempDir
    Path folder;

    private Path library;
    private Path temporary;
    /** A class path entry that is like the jar: it has the library as a resource. */
    private Path resources;

    @BeforeEach
    void prepare() throws IOException {
        library = Repository.given("library");
        temporary = Files.createDirectory(folder.resolve("tmp"));
        resources = folder.resolve("resources");
        Files.createSymbolicLink(resource(resources), library);
    }

    /** The file, not yet there, that is to be the library in something like the jar. */
    private static Path resource(Path root) throws IOException {
        return Files.createDirectories(root.resolve("native").resolve(Platform.here())).resolve(NAME);
    }

    private Path jarLike(String name, byte[] library) throws IOException {
        Path root = folder.resolve(name);
        Files.write(resource(root), library);
        return root;
    }

    private ChildJvm load(List<String> paths, Path... classPath) throws Exception {
        List<String> command = ChildJvm.command(Arrays.asList("-Djava.io.tmpdir=" + temporary), LoadProgram.class, classPath);
        command.addAll(paths);
        return ChildJvm.run(command).succeeded();
    }

    /** Loads from the jar. */
    private ChildJvm load(Path resources) throws Exception {
        return load(Arrays.asList("-"), CLASSES, TESTS, resources);
    }

    /** Loads from a path. */
    private ChildJvm loadNamed(Object path) throws Exception {
        return load(Arrays.asList(path.toString()), CLASSES, TESTS);
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            assertEquals("[]", Arrays.toString(files.map(Path::getFileName).filter(name -> !name.toString().startsWith("hsperf")).toArray()));
        }
    }

    @Test
    void theJarsLibraryIsUnpackedLoadedAndRemoved() throws Exception {
        load(resources).tells("LOADED " + YspayClient.version());
        assertNothingIsLeft();
    }

    @Test
    void theFolderIsPrivate() throws IOException {
        Path made = NativeLibrary.privateFolder();
        try {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
        } finally {
            Files.delete(made);
        }
    }

    @Test
    void aNamedLibraryComesFirst() throws Exception {
        Path bad = jarLike("bad", new byte[] {1, 2, 3});
        for (Path named : new Path[] {library, library.getParent()}) {
            load(Arrays.asList(named.toString()), CLASSES, TESTS, bad).tells("LOADED ");
        }
    }

    @Test
    void aFailureIsToldAgainAndANextTryMaySucceed() throws Exception {
        String missing = folder.resolve("missing").toString();
        ChildJvm jvm = load(Arrays.asList(missing, missing, "-", missing), CLASSES, TESTS, resources);
        String[] lines = Arrays.stream(jvm.output.split("\n")).filter(line -> line.matches("(LOADED|REFUSED) .*")).toArray(String[]::new);
        assertTrue(lines[0].startsWith("REFUSED yspay.library.path names " + missing), jvm.output);
        assertEquals(lines[0], lines[1]);
        assertTrue(lines[2].startsWith("LOADED ") && lines[3].equals(lines[2]), jvm.output);
    }

    @Test
    void aPlatformThatTheJarHasNothingForIsNamed() throws Exception {
        // Set at run time: Java 8 itself does not start under another name.
        load(Arrays.asList("os.name=SunOS", "os.arch=sparcv9", "-"), CLASSES, TESTS, resources)
                .tells("REFUSED ", "no native library for sunos-sparcv9, but only for " + Platform.here(), "cargo rustc", "-Dyspay.library.path=");
        load(Arrays.asList("os.arch=riscv64", "-"), CLASSES, TESTS, resources).tells("no native library for linux-riscv64");
        load(Arrays.asList("-"), CLASSES, TESTS).tells("no native library for " + Platform.here() + ", but none at all");
    }

    /** What a JVM is told of a library of the published jar that is for another platform than its own. */
    @ParameterizedTest
    @ValueSource(strings = {"linux-x86_64-musl", "linux-aarch64", "windows-x86_64"})
    void aLibraryOfAnotherPlatformIsSaidToBeOne(String platform) throws Exception {
        Path other = library.getParent().resolveSibling(platform).resolve(Platform.file(platform));
        assumeTrue(Files.exists(other), "make test-java JNI_TARGETS=all builds it");
        String[] advice = {"REFUSED ", platform.endsWith("-musl") ? "another C library than this JVM's" : "this JVM's architecture"};
        loadNamed(other).tells(advice);
    }

    @Test
    void theUnzippedFolderOfTheJarMayBeNamed() throws Exception {
        loadNamed(resources.resolve("native")).tells("LOADED ");
    }

    @Test
    void anotherArchitectureIsSaidToBeOne() throws Exception {
        byte[] elf = Files.readAllBytes(library);
        byte[] other = elf.clone();
        other[18] = (byte) (elf[18] == 62 ? 183 : 62); // e_machine: AArch64, or x86-64
        byte[] narrow = elf.clone();
        narrow[4] = 1; // 32 bits
        for (byte[] wrong : new byte[][] {other, narrow, {'n', 'o', ' ', 'E', 'L', 'F'}}) {
            Path resources = jarLike("wrong", wrong);
            load(resources).tells("REFUSED ", "not a library for this JVM's architecture (" + System.getProperty("os.arch"), "cargo rustc");
            loadNamed(resources.resolve("native").resolve(Platform.here())).tells("REFUSED ", "not a library for this JVM's");
        }
        assertNothingIsLeft();
    }

    /** The real linker's message, for a library that asks for a C library of the future. */
    @Test
    void aGlibcThatIsTooOldIsSaidToBe() throws Exception {
        byte[] future = Files.readAllBytes(library);
        int digits = indexOf(future, "\0GLIBC_2.17\0") + "\0GLIBC_2.".length();
        future[digits] = future[digits + 1] = '9';
        load(jarLike("future", future)).tells("REFUSED ", "GLIBC_2.99", "C library (glibc) is older", "2.17", "cargo rustc");
    }

    private static int indexOf(byte[] content, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int start = 0; start <= content.length - wanted.length; start++) {
            int matching = 0;
            while (matching < wanted.length && content[start + matching] == wanted[matching]) {
                matching++;
            }
            if (matching == wanted.length) {
                return start;
            }
        }
        throw new AssertionError(text + " is not there");
    }

    /** A temporary folder without the right to execute, in a mount namespace of its own. */
    @Test
    void aNoexecFolderIsSaidToBe() throws Exception {
        String mount = "mount -t tmpfs -o noexec none " + temporary;
        boolean may;
        try {
            may = ChildJvm.run("unshare", "-m", "sh", "-c", mount).exit == 0;
        } catch (IOException e) {
            may = false;
        }
        assumeTrue(may, "mounting a folder needs unshare(1) and root; the message itself is tested without");
        List<String> java = ChildJvm.command(Arrays.asList("-Djava.io.tmpdir=" + temporary), LoadProgram.class, CLASSES, TESTS, resources);
        java.add("-");
        ChildJvm.run("unshare", "-m", "sh", "-c", mount + " && exec " + String.join(" ", java))
                .succeeded()
                .tells("REFUSED ", "noexec", "-Djava.io.tmpdir=", "-Dyspay.library.path=");
    }

    @Test
    void theLinkersMessagesAreUnderstood() {
        String path = "/tmp/yspay-1/libyspay.so: ";
        String[][] messages = {
            {path + "failed to map segment from shared object: Operation not permitted", "noexec"},
            {path + "failed to map segment from shared object", "noexec"},
            {path + "cannot open shared object file: No such file or directory (Possible cause: can't load AMD 64 .so on a AARCH64 platform)", "architecture"},
            {path + "wrong ELF class: ELFCLASS32 (Possible cause: architecture word width mismatch)", "architecture"},
            {path + "invalid ELF header", "architecture"},
            {"/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by " + path + ")", "glibc"},
            {"Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by " + path + ")", "musl"},
            {"Error relocating " + path + "__res_init: symbol not found", "musl"},
            {path + "libc.so: cannot open shared object file: No such file or directory", "musl"},
            {"/usr/lib/x86_64-linux-gnu/libc.so: invalid ELF header", "musl"},
            {"C:\\T\\yspay.dll: %1 is not a valid Win32 application", "architecture"},
            {"C:\\T\\yspay.dll: %1 不是有效的 Win32 应用程序。", "architecture"},
            {"C:\\T\\yspay.dll: Can't load ARM 64-bit .dll on a AMD 64-bit platform (machine code=0xaa64)", "architecture"},
            {"C:\\T\\yspay.dll: Can't find dependent libraries", "Windows 10"},
            {"C:\\T\\yspay.dll: The specified procedure could not be found", "Windows 10"},
            {"C:\\T\\yspay.dll: 找不到指定的程序。", "Windows 10"},
            {"Native Library " + path + " already loaded in another classloader", "WEB-INF/lib"},
            {"something new", "above"},
            {null, "above"},
        };
        for (String[] message : messages) {
            String advice = LinkAdvice.of(message[0], path);
            assertTrue(advice.contains(message[1]), message[0] + ": " + advice);
        }
    }

    /** A JVM of Windows hands the name on in the system's code page: 张 is in that of China, not in that of America. */
    @Test
    void aNameThatTheJvmCannotSpellIsSaidToBeOne() {
        String file = "C:\\Users\\张三\\AppData\\Local\\Temp\\yspay-1\\yspay.dll";
        String message = file + ": Can't find dependent libraries";
        assertTrue(LinkAdvice.of(message, file, "GBK").contains("Windows 10"));
        assertTrue(LinkAdvice.of(message, file, "none such").contains("Windows 10"));
        String advice = LinkAdvice.of(message, file, "Cp1252");
        assertTrue(advice.contains("Cp1252") && advice.contains("-Djava.io.tmpdir=") && advice.contains("-Dyspay.library.path="), advice);
    }

    @Test
    void atATemporaryFolderThatCannotBeWrittenTheCauseIsTold() throws Exception {
        Files.delete(temporary);
        load(resources).tells("REFUSED ", "could not be unpacked into " + temporary, "-Djava.io.tmpdir=");
    }

    /** In the locale C a JVM can spell no file name beyond ASCII. */
    @Test
    void aTemporaryFolderThatTheLocaleCannotSpellIsTold() throws Exception {
        List<String> java = ChildJvm.command(Arrays.asList("-Djava.io.tmpdir=$1"), LoadProgram.class, CLASSES, TESTS, resources);
        java.addAll(Arrays.asList("-", "-"));
        String quoted = "\"" + String.join("\" \"", java) + "\"";
        // The shell makes the name of bytes, whatever this JVM's locale is.
        ChildJvm jvm = ChildJvm.run("env", "LC_ALL=C", "sh", "-c", "set -- \"$(printf '/tmp/\\346\\226\\260')\"; " + quoted)
                .succeeded();
        assertEquals(2, count(jvm.output, "REFUSED The native library could not be unpacked into /tmp/"), jvm.output);
        jvm.tells("InvalidPathException", "-Djava.io.tmpdir=/another/folder");
    }

    @Test
    void aTemporaryFolderMayHaveSpacesInItsName() throws Exception {
        temporary = Files.createDirectory(folder.resolve("two words"));
        load(resources).tells("LOADED ");
        assertNothingIsLeft();
    }

    /** As `-Djava.io.tmpdir=tmp` in the start script of a server names one. */
    @Test
    void aTemporaryFolderMayBeNamedFromTheWorkingFolder() throws Exception {
        temporary = Paths.get("").toAbsolutePath().relativize(temporary.toAbsolutePath());
        load(resources).tells("LOADED ");
        assertNothingIsLeft();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_24)
    void whereJavaPermitsNoNativeCodeTheOptionIsNamed() throws Exception {
        List<String> java = ChildJvm.command(Arrays.asList("--illegal-native-access=deny"), LoadProgram.class, CLASSES, TESTS, resources);
        java.add("-");
        ChildJvm.run(java).succeeded().tells("REFUSED Java does not permit", "--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void anotherLibraryOfThatNameIsSaidToBeAnother() throws Exception {
        Path foreign;
        try (Stream<Path> files = Files.walk(Paths.get(System.getProperty("java.home")).toRealPath())) {
            foreign = files.filter(file -> file.endsWith(System.mapLibraryName("management"))).findFirst().get();
        }
        Path named = Files.copy(foreign, folder.resolve(NAME));
        loadNamed(named).tells("REFUSED ", "another library than yspay's for Java", "C library has the same file name");
    }

    @Test
    void anotherVersionIsRefused() throws Exception {
        Path other = Files.createDirectories(folder.resolve("other/io/github/yspay"));
        Files.write(other.resolve("jar.properties"), "version=9.9.9\n".getBytes(StandardCharsets.US_ASCII));
        load(Arrays.asList(library.toString()), folder.resolve("other"), CLASSES, TESTS)
                .tells("REFUSED ", "is of yspay " + YspayClient.version(), "the jar is of yspay 9.9.9");
    }

    private ChildJvm twoLoaders(String firstPath, Path... classPath) throws Exception {
        List<String> command = ChildJvm.command(Arrays.asList("-Djava.io.tmpdir=" + temporary), TwoLoadersProgram.class, TESTS);
        command.add(firstPath);
        for (Path path : classPath) {
            command.add(path.toString());
        }
        return ChildJvm.run(command).succeeded();
    }

    private static long count(String text, String line) {
        return Arrays.stream(text.split("\n")).filter(each -> each.startsWith(line)).count();
    }

    @Test
    void ofTwoClassLoadersOneIsRefused() throws Exception {
        ChildJvm jvm = twoLoaders("-", CLASSES, resources);
        assertEquals(1, count(jvm.output, "race: LOADED "), jvm.output);
        assertEquals(1, count(jvm.output, "race: REFUSED yspay is loaded in this JVM already"), jvm.output);
        assertEquals(1, count(jvm.output, "again: LOADED "), jvm.output);
        assertEquals(1, count(jvm.output, "again: REFUSED "), jvm.output);
        jvm.tells("URLClassLoader", "$CATALINA_BASE/lib", "WEB-INF/lib", "restart the JVM");
    }

    @Test
    void aClassLoaderThatFailedDoesNotBlockAnother() throws Exception {
        ChildJvm jvm = twoLoaders(folder.resolve("missing").toString(), CLASSES, resources);
        assertEquals(1, count(jvm.output, "first: REFUSED yspay.library.path names"), jvm.output);
        assertEquals(1, count(jvm.output, "race: LOADED "), jvm.output);
    }

    /** Else each redeployment of a web application would leave its classes behind. */
    @Test
    void aClassLoaderThatUsedTheLibraryIsNotHeld() throws Exception {
        try (Simulator simulator = new Simulator()) {
            Path config = folder.resolve("config.json");
            Files.write(config, Repository.config(Kind.SM, simulator.endpoint()).toString().getBytes(StandardCharsets.UTF_8));
            List<String> command = ChildJvm.command(Arrays.asList("-Djava.io.tmpdir=" + temporary), UnloadProgram.class, TESTS);
            command.addAll(Arrays.asList(config.toString(), CLASSES.toString(), resources.toString()));
            ChildJvm.run(command).succeeded().tells("ANSWER STS2-1: CREATED\n", "ABANDONED TIMEOUT: ", "COLLECTED\n", "ALIVE\n");
        }
    }
}
