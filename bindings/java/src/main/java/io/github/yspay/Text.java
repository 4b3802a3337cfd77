package io.github.yspay;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Text as it crosses to the native library: UTF-8, nothing replaced in silence. */
final class Text {
    private Text() {}

    /**
     * Encodes a required argument.
     *
     * @throws YspayException {@code INVALID_ARGUMENT}: it is null, or holds half a surrogate pair
     */
    static byte[] encode(String text, String name) {
        if (text == null) {
            throw new YspayException(ErrorCode.INVALID_ARGUMENT, name + " is null.");
        }
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = Arrays.copyOf(encoded.array(), encoded.limit());
            // The buffer may have held a password.
            Arrays.fill(encoded.array(), (byte) 0);
            return bytes;
        } catch (CharacterCodingException e) {
            throw halfAPair(name);
        }
    }

    /**
     * Checks that {@link #encode} would take it.
     *
     * @throws YspayException {@code INVALID_ARGUMENT}: it holds half a surrogate pair
     */
    static void check(String text, String name) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw halfAPair(name);
        }
    }

    private static YspayException halfAPair(String name) {
        return new YspayException(
                ErrorCode.INVALID_ARGUMENT,
                name + " holds half a surrogate pair, so it is no text. Was a string cut inside a character?");
    }

    static String decode(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
