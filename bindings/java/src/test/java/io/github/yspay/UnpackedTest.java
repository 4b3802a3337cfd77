package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stays of unpacked libraries where the system does not let go of a loaded one: Windows, which is played here. */
class UnpackedTest {
    private static final String FILE = "yspay.dll";
    private static final long NOW = System.currentTimeMillis();
    private static final long HOUR = 60 * 60 * 1000;

    @TempDir
    Path temporary;

    /** A folder with a library in it. */
    private Path unpacked(String name) throws IOException {
        Path folder = Files.createDirectory(temporary.resolve(name));
        Files.write(folder.resolve(FILE), new byte[] {'M', 'Z'});
        return folder;
    }

    private static Path old(Path folder) throws IOException {
        return Files.setLastModifiedTime(folder, FileTime.fromMillis(NOW - HOUR));
    }

    /** A file cannot be deleted on Linux, either, if it is a folder with something in it. */
    private Path inUse(String name) throws IOException {
        Path folder = Files.createDirectories(temporary.resolve(name).resolve(FILE));
        Files.createFile(folder.resolve("held"));
        return folder.getParent();
    }

    @Test
    void aLibraryThatIsNotHeldGoesAtOnceAndNothingElse() throws IOException {
        Path other = old(unpacked("yspay-1"));
        Path mine = unpacked("yspay-2");
        Unpacked.remove(mine, mine.resolve(FILE));
        assertFalse(Files.exists(mine));
        // On such a system nothing is left behind, so nobody looks.
        assertTrue(Files.exists(other));
    }

    @Test
    void aJvmThatMustLeaveItsOwnBehindRemovesWhatEarlierOnesLeft() throws IOException {
        Path ended = old(unpacked("yspay-1"));
        Path running = old(inUse("yspay-2"));
        Path starting = unpacked("yspay-3");
        Path mine = inUse("yspay-4");
        Unpacked.remove(mine, mine.resolve(FILE));
        assertFalse(Files.exists(ended), "of a JVM that has ended");
        assertTrue(Files.exists(running.resolve(FILE)), "of a JVM that still runs");
        assertTrue(Files.exists(starting.resolve(FILE)), "of a JVM that has unpacked it and will load it now");
        assertTrue(Files.exists(mine.resolve(FILE)));
    }

    @Test
    void foldersOfOthersAreLeftAlone() throws IOException {
        Path nothing = old(Files.createDirectory(temporary.resolve("yspay-1")));
        Path alike = old(unpacked("another-1"));
        Path more = unpacked("yspay-2");
        Files.createFile(more.resolve("notes.txt"));
        old(more);
        Path file = Files.createFile(temporary.resolve("yspay-3"));
        Unpacked.removeOld(temporary, FILE, NOW - HOUR / 2);
        assertTrue(Files.exists(nothing) && Files.exists(alike.resolve(FILE)) && Files.exists(file));
        assertTrue(Files.exists(more.resolve("notes.txt")));
        assertEquals(FileTime.fromMillis(NOW - HOUR), Files.getLastModifiedTime(nothing));
    }

    @Test
    void aFolderThatCannotBeReadIsNoFailure() {
        Unpacked.removeOld(temporary.resolve("missing"), FILE, NOW);
    }
}
