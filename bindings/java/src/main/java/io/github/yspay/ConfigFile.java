package io.github.yspay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a configuration's file. */
final class ConfigFile {
    private ConfigFile() {}

    /** The content. What cannot be read is named only if it looks like a path: Java's own messages show any text. */
    static byte[] read(Path config) throws IOException {
        try {
            return Files.readAllBytes(config);
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(label(config));
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(label(config));
        } catch (FileSystemException e) {
            throw new FileSystemException(label(config), null, e.getReason());
        }
    }

    private static String label(Path config) {
        NativeLibrary.load();
        return Text.decode(Native.pathLabel(config.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
