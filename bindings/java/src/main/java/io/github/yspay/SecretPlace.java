package io.github.yspay;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;

/**
 * Where a secret lies that is not in the program: in an environment variable or in a file. It is read when the client is
 * made.
 */
public final class SecretPlace {
    /** As the configuration says it. */
    final Map<String, Object> setting;

    private SecretPlace(Map<String, Object> setting) {
        this.setting = setting;
    }

    /** The environment variable with this name, as {@code System.getenv} has it. */
    public static SecretPlace env(String name) {
        return new SecretPlace(Collections.<String, Object>singletonMap("env", name));
    }

    /** The content of this file; one end of a line at its end is no part of the secret. */
    public static SecretPlace file(Path file) {
        return new SecretPlace(Collections.<String, Object>singletonMap("file", file.toString()));
    }
}
