package io.github.yspay;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folders into which native libraries are unpacked, one for each JVM, and their end. */
final class Unpacked {
    /** How their names begin. */
    static final String PREFIX = "yspay-";

    /** Long after any JVM has loaded what it unpacked. */
    private static final long OLD_MILLIS = 10 * 60 * 1000;

    private Unpacked() {}

    /**
     * Removes the file of a library that is loaded, or could not be, and its folder. Windows does not let go of the file of
     * a loaded library until its JVM has ended; there the next JVM removes it.
     */
    static void remove(Path folder, Path file) {
        if (!removed(file, folder)) {
            removeOld(folder.getParent(), file.getFileName().toString(), System.currentTimeMillis() - OLD_MILLIS);
        }
    }

    /** Removes what JVMs that have ended left in {@code temporary}, if it was made before that time. */
    static void removeOld(Path temporary, String file, long before) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path folder : folders) {
                Path left = folder.resolve(file);
                // A folder without the library is somebody else's.
                if (Files.exists(left) && folder.toFile().lastModified() < before) {
                    removed(left, folder);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            // What is left takes a few megabytes, and the next JVM tries again.
        }
    }

    /** Whether both are gone: the file is in use as long as a JVM has it loaded, and the folder may hold more. */
    private static boolean removed(Path file, Path folder) {
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
