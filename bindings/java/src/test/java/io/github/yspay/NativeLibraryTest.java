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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        resources = jarLike("resources", Files.readAllBytes(library));
    }

    private Path jarLike(String name, byte[] library) throws IOException {
        Path platform = Files.createDirectories(folder.resolve(name).resolve("native").resolve(NativeLibrary.platform()));
        Files.write(platform.resolve(NAME), library);
        return folder.resolve(name);
    }

    private ChildJvm load(List<String> arguments, List<String> paths, Path... classPath) throws Exception {
        List<String> all = new ArrayList<>(arguments);
        all.add("-Djava.io.tmpdir=" + temporary);
        List<String> command = ChildJvm.command(all, LoadProgram.class, classPath);
        command.addAll(paths);
        return ChildJvm.run(command).succeeded();
    }

    /** Loads from the jar. */
    private ChildJvm load(Path resources, String... arguments) throws Exception {
        return load(Arrays.asList(arguments), Arrays.asList("-"), CLASSES, TESTS, resources);
    }

    /** Loads from a path. */
    private ChildJvm loadNamed(Object path) throws Exception {
        return load(new ArrayList<>(), Arrays.asList(path.toString()), CLASSES, TESTS);
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
            load(new ArrayList<>(), Arrays.asList(named.toString()), CLASSES, TESTS, bad).tells("LOADED ");
        }
    }

    @Test
    void aFailureIsToldAgainAndANextTryMaySucceed() throws Exception {
        String missing = folder.resolve("missing").toString();
        ChildJvm jvm = load(new ArrayList<>(), Arrays.asList(missing, missing, "-", missing), CLASSES, TESTS, resources);
        String[] lines = Arrays.stream(jvm.output.split("\n")).filter(line -> line.matches("(LOADED|REFUSED) .*")).toArray(String[]::new);
        assertTrue(lines[0].startsWith("REFUSED yspay.library.path names " + missing), jvm.output);
        assertEquals(lines[0], lines[1]);
        assertTrue(lines[2].startsWith("LOADED ") && lines[3].equals(lines[2]), jvm.output);
    }

    @Test
    void aPlatformThatTheJarHasNothingForIsNamed() throws Exception {
        load(resources, "-Dos.name=SunOS", "-Dos.arch=sparcv9")
                .tells("REFUSED ", "no native library for sunos-sparcv9", "cargo build", "-Dyspay.library.path=");
        load(resources, "-Dos.arch=riscv64").tells("no native library for linux-riscv64");
        load(new ArrayList<>(), Arrays.asList("-"), CLASSES, TESTS).tells("no native library for " + NativeLibrary.platform());
    }

    @Test
    void platformsHaveOneNameEach() {
        String os = System.getProperty("os.name");
        String arch = System.getProperty("os.arch");
        try {
            for (String[] names : new String[][] {
                {"Linux", "amd64", "linux-x86_64"}, {"Linux", "x86_64", "linux-x86_64"}, {"Linux", "aarch64", "linux-aarch64"},
                {"Mac OS X", "arm64", "macos-aarch64"}, {"Windows Server 2012", "amd64", "windows-x86_64"}
            }) {
                System.setProperty("os.name", names[0]);
                System.setProperty("os.arch", names[1]);
                assertEquals(names[2], NativeLibrary.platform());
            }
        } finally {
            System.setProperty("os.name", os);
            System.setProperty("os.arch", arch);
        }
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
            load(resources).tells("REFUSED ", "not a library for this JVM's architecture (" + System.getProperty("os.arch"), "cargo build");
            loadNamed(resources.resolve("native").resolve(NativeLibrary.platform())).tells("REFUSED ", "not a library for this JVM's");
        }
        assertNothingIsLeft();
    }

    /** The real linker's message, for a library that asks for a C library of the future. */
    @Test
    void aGlibcThatIsTooOldIsSaidToBe() throws Exception {
        String elf = new String(Files.readAllBytes(library), StandardCharsets.ISO_8859_1);
        Matcher version = Pattern.compile("\0GLIBC_2\\.(\\d\\d)\0").matcher(elf);
        assertTrue(version.find(), "the library asks for no version of glibc");
        byte[] future = elf.replace("\0GLIBC_2." + version.group(1) + "\0", "\0GLIBC_2.99\0").getBytes(StandardCharsets.ISO_8859_1);
        load(jarLike("future", future)).tells("REFUSED ", "GLIBC_2.99", "C library (glibc) is older", "2.17", "cargo build");
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
            {"Native Library " + path + " already loaded in another classloader", "WEB-INF/lib"},
            {"something new", "above"},
            {null, "above"},
        };
        for (String[] message : messages) {
            assertTrue(LinkAdvice.of(message[0]).contains(message[1]), message[0] + ": " + LinkAdvice.of(message[0]));
        }
    }

    @Test
    void atATemporaryFolderThatCannotBeWrittenTheCauseIsTold() throws Exception {
        Files.delete(temporary);
        load(resources).tells("REFUSED ", "could not be unpacked into " + temporary, "-Djava.io.tmpdir=");
    }

    @Test
    void anotherLibraryOfThatNameIsSaidToBeAnother() throws Exception {
        Path foreign;
        try (Stream<Path> files = Files.walk(Paths.get(System.getProperty("java.home")).toRealPath())) {
            foreign = files.filter(file -> file.endsWith(System.mapLibraryName("prefs"))).findFirst().get();
        }
        Path named = Files.copy(foreign, folder.resolve(NAME));
        loadNamed(named).tells("REFUSED ", "another library than yspay's for Java", "C library has the same file name");
    }

    @Test
    void anotherVersionIsRefused() throws Exception {
        Path other = Files.createDirectories(folder.resolve("other/io/github/yspay"));
        Files.write(other.resolve("jar.properties"), "version=9.9.9\n".getBytes(StandardCharsets.US_ASCII));
        load(new ArrayList<>(), Arrays.asList(library.toString()), folder.resolve("other"), CLASSES, TESTS)
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
}
