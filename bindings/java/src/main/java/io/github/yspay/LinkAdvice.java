package io.github.yspay;

import java.util.Locale;

/** What to do when the system's linker refuses the native library, told from its message. */
final class LinkAdvice {
    private LinkAdvice() {}

    /** One or more whole sentences. {@code message} is the linker's, as Java hands it on. */
    static String of(String message) {
        String text = String.valueOf(message).toLowerCase(Locale.ROOT);
        if (has(text, "already loaded in another class")) {
            return NativeLibrary.ONE_LOADER;
        }
        if (text.contains("glibc_") && text.contains("not found")) {
            return "This system's C library (glibc) is older than the native library needs. The one in the published jar needs"
                    + " 2.17: use that jar, or " + NativeLibrary.BUILD;
        }
        if (has(text, "failed to map segment", "operation not permitted", "cannot enable executable")) {
            return "The folder is mounted noexec, so no library can be loaded from it. Start Java with"
                    + " -Djava.io.tmpdir=/a/folder/without/noexec, or unzip native/ of the jar into such a folder and start"
                    + " Java with -D" + NativeLibrary.PATH + "=/that/folder.";
        }
        if (has(text, "ld-linux", "ld-musl", "libgcc_s", "error relocating")) {
            return "This system has another C library than glibc (Alpine Linux has musl). Run Java on a system with glibc.";
        }
        if (has(text, "wrong elf class", "invalid elf header", "file too short", "possible cause", "not a valid win32", "mach-o")) {
            return "The file is not a library for this JVM's architecture (" + System.getProperty("os.arch")
                    + "), or is damaged. Use a JVM of the library's architecture, or " + NativeLibrary.BUILD;
        }
        return "See the system's message above.";
    }

    private static boolean has(String text, String... signs) {
        for (String sign : signs) {
            if (text.contains(sign)) {
                return true;
            }
        }
        return false;
    }
}
