package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which library of the jar a JVM takes, told from what it says of itself. */
class PlatformTest {
    private static final String GLIBC = "7f3c0a000000-7f3c0a026000 r--p 00000000 fd:00 1 /usr/lib/x86_64-linux-gnu/libc.so.6\n"
            + "7f3c0a226000-7f3c0a227000 r--p 00000000 fd:00 2 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\n";
    private static final String MUSL = "7f1e5c000000-7f1e5c014000 r--p 00000000 fd:00 1 /lib/ld-musl-x86_64.so.1\n"
            + "7ffd5c000000-7ffd5c021000 rw-p 00000000 00:00 0 [stack]\n";

    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x86_64",
        "Linux, x86_64, linux-x86_64",
        "Linux, aarch64, linux-aarch64",
        "Linux, arm64, linux-aarch64",
        "Linux, i386, linux-i386",
        "Windows 10, amd64, windows-x86_64",
        "Windows Server 2012 R2, x86_64, windows-x86_64",
        "Windows 11, aarch64, windows-aarch64",
        "Windows 7, x86, windows-x86",
        "Mac OS X, aarch64, macos-aarch64",
        "Mac OS X, x86_64, macos-x86_64",
        "SunOS, sparcv9, sunos-sparcv9",
        "AIX, ppc64, aix-ppc64",
    })
    void platformsHaveOneNameEach(String os, String arch, String folder) {
        assertEquals(folder, Platform.of(os, arch, GLIBC));
        assertEquals(folder, Platform.of(os, arch, ""));
    }

    @Test
    void muslIsToldFromGlibc() {
        assertEquals("linux-x86_64-musl", Platform.of("Linux", "amd64", MUSL));
        assertEquals("linux-aarch64-musl", Platform.of("Linux", "aarch64", MUSL.replace("x86_64", "aarch64")));
        // Of a file somewhere whose name is alike.
        assertEquals("linux-x86_64", Platform.of("Linux", "amd64", GLIBC + "7f0000000000-7f0000001000 r--p 0 fd:00 3 /opt/musl/libc.so\n"));
        assertEquals("macos-aarch64", Platform.of("Mac OS X", "arm64", MUSL));
    }

    /** These tests run on Linux with glibc, which is what the jar of `make jar` is for. */
    @Test
    void thisOneIsFound() {
        assertEquals("linux-" + System.getProperty("os.arch").replace("amd64", "x86_64"), Platform.here());
    }

    @ParameterizedTest
    @CsvSource({
        "linux-x86_64, libyspay.so", "linux-aarch64-musl, libyspay.so", "windows-x86_64, yspay.dll", "macos-aarch64, libyspay.dylib"
    })
    void theFileIsCalledAsTheSystemCallsLibraries(String platform, String file) {
        assertEquals(file, Platform.file(platform));
    }
}
