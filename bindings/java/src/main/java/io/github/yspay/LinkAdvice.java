package io.github.yspay;

import java.io.UnsupportedEncodingException;
import java.util.Locale;

/** What to do when the system's linker refuses the native library, told from its message. */
final class LinkAdvice {
    private LinkAdvice() {}

    /** One or more whole sentences. {@code message} is the linker's, as Java hands it on; {@code file} is the library. */
    static String of(String message, String file) {
        return of(message, file, System.getProperty("sun.jnu.encoding"));
    }

    /** The same for a JVM that spells file names in this encoding. */
    static String of(String message, String file, String encoding) {
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
        if (has(text, "ld-linux", "ld-musl", "libgcc_s", "error relocating", "libc.so: ", "libc.musl-")) {
            return "The library is for another C library than this JVM's: glibc, or musl, which Alpine Linux has. Leave out "
                    + NativeLibrary.PATH + ", for the jar that is published has both; or name the right one there.";
        }
        if (!spells(encoding, file)) {
            return "This JVM cannot spell the file's name in its encoding, " + encoding + ". Start Java with"
                    + " -Djava.io.tmpdir=/another/folder whose name is of English letters, or unzip native/ of the jar into such"
                    + " a folder and start Java with -D" + NativeLibrary.PATH + "=/that/folder.";
        }
        // Windows says the second in its own language.
        if (has(text, "dependent libraries", "specified procedure could not be found", "找不到指定的程序")) {
            return "This Windows is too old for the library, which needs Windows 10 or Windows Server 2016, or later.";
        }
        if (has(text, "wrong elf class", "invalid elf header", "file too short", "possible cause", "win32", "machine code", "mach-o")) {
            return "The file is not a library for this JVM's architecture (" + System.getProperty("os.arch")
                    + "), or is damaged. Use a JVM of the library's architecture, or " + NativeLibrary.BUILD;
        }
        return "See the system's message above.";
    }

    /** Whether a text comes back unharmed from an encoding. An unknown one is given the benefit of the doubt. */
    private static boolean spells(String encoding, String text) {
        try {
            return new String(text.getBytes(encoding), encoding).equals(text);
        } catch (UnsupportedEncodingException | NullPointerException unknown) {
            return true;
        }
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
