package io.github.yspay;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Locale;

/** Which native library a JVM needs: the folders of the jar's {@code native/}, and how to tell one's own. */
final class Platform {
    /** Those that a library is published for. */
    static final String[] PUBLISHED = {"linux-x86_64", "linux-aarch64", "linux-x86_64-musl", "linux-aarch64-musl", "windows-x86_64"};

    private Platform() {}

    /** This JVM's. */
    static String here() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"), mapped());
    }

    /**
     * The folder for a JVM whose properties {@code os.name} and {@code os.arch} are these; {@code mapped} names the files
     * that are mapped into its process, as in {@code /proc/self/maps}.
     */
    static String of(String osName, String osArch, String mapped) {
        String os = osName.toLowerCase(Locale.ROOT);
        String arch = osArch.toLowerCase(Locale.ROOT);
        String system = os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "macos" : os.replaceAll("[^a-z0-9]", "");
        String processor = arch.equals("amd64") || arch.equals("x64") ? "x86_64" : arch.equals("arm64") ? "aarch64" : arch;
        // musl's C library and loader are one file, and in every process that uses it.
        boolean musl = system.equals("linux") && mapped.contains("/ld-musl-");
        return system + "-" + processor + (musl ? "-musl" : "");
    }

    /** What the library's file is called there. */
    static String file(String platform) {
        return platform.startsWith("windows-") ? "yspay.dll" : platform.startsWith("macos-") ? "libyspay.dylib" : "libyspay.so";
    }

    /** Empty on systems that have no such list. */
    private static String mapped() {
        try {
            // As Latin-1, for a file name may be of any bytes.
            return new String(Files.readAllBytes(Paths.get("/proc/self/maps")), StandardCharsets.ISO_8859_1);
        } catch (IOException noneOrNotForUs) {
            return muslAlone();
        }
    }

    /** Where the list cannot be read: musl's loader, if the system has no other one. */
    private static String muslAlone() {
        String[] there = new File("/lib").list((folder, name) -> name.startsWith("ld-musl-"));
        boolean glibc = new File("/lib64/ld-linux-x86-64.so.2").exists() || new File("/lib/ld-linux-aarch64.so.1").exists();
        return there == null || there.length == 0 || glibc ? "" : "/lib/" + there[0];
    }
}
