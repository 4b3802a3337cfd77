package io.github.yspay;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON object as the native library writes it: valid, names unique. Values keep their source text. */
final class Json {
    private final String source;
    private final Map<String, String> members = new LinkedHashMap<String, String>();
    private int at;

    /**
     * Reads an object.
     *
     * @throws IllegalStateException if it is none: a bug of this library
     */
    Json(String source) {
        this.source = source;
        expect('{');
        if (!next('}')) {
            do {
                String name = string();
                expect(':');
                members.put(name, value());
            } while (next(','));
            expect('}');
        }
    }

    /** A reader at the beginning of a text. */
    private Json(String source, int at) {
        this.source = source;
        this.at = at;
    }

    /** A string's content; null for null. */
    String text(String name) {
        return isNull(name) ? null : content(raw(name));
    }

    long number(String name) {
        return Long.parseLong(raw(name));
    }

    double decimal(String name) {
        return Double.parseDouble(raw(name));
    }

    boolean flag(String name) {
        return raw(name).equals("true");
    }

    boolean isNull(String name) {
        return raw(name).equals("null");
    }

    Json object(String name) {
        return new Json(raw(name));
    }

    /** The objects of an array. */
    List<Json> objects(String name) {
        List<Json> objects = new ArrayList<Json>();
        Json reader = new Json(raw(name), 0);
        reader.expect('[');
        if (!reader.next(']')) {
            do {
                objects.add(new Json(reader.value()));
            } while (reader.next(','));
            reader.expect(']');
        }
        return objects;
    }

    /** The members of an object whose values are whole numbers, in their order. */
    Map<String, Long> counts(String name) {
        Json object = object(name);
        Map<String, Long> counts = new LinkedHashMap<String, Long>();
        for (String member : object.members.keySet()) {
            counts.put(member, object.number(member));
        }
        return Collections.unmodifiableMap(counts);
    }

    boolean has(String name) {
        return members.containsKey(name);
    }

    /** All members in their order: strings by their content, other values by their source text. */
    LinkedHashMap<String, String> texts() {
        LinkedHashMap<String, String> texts = new LinkedHashMap<String, String>();
        for (Map.Entry<String, String> member : members.entrySet()) {
            String raw = member.getValue();
            texts.put(member.getKey(), raw.startsWith("\"") ? content(raw) : raw);
        }
        return texts;
    }

    private String raw(String name) {
        String raw = members.get(name);
        if (raw == null) {
            throw new IllegalStateException("The native library's JSON has no " + name + ".");
        }
        return raw;
    }

    /** What a string's source text stands for. */
    private static String content(String raw) {
        StringBuilder content = new StringBuilder(raw.length());
        for (int i = 1; i < raw.length() - 1; i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                content.append(c);
                continue;
            }
            c = raw.charAt(++i);
            switch (c) {
                case 'b':
                    content.append('\b');
                    break;
                case 'f':
                    content.append('\f');
                    break;
                case 'n':
                    content.append('\n');
                    break;
                case 'r':
                    content.append('\r');
                    break;
                case 't':
                    content.append('\t');
                    break;
                case 'u':
                    content.append((char) Integer.parseInt(raw.substring(i + 1, i + 5), 16));
                    i += 4;
                    break;
                default:
                    content.append(c);
            }
        }
        return content.toString();
    }

    private String string() {
        skipSpace();
        int start = at;
        skipString();
        return content(source.substring(start, at));
    }

    /** The source text of the value that comes next. */
    private String value() {
        skipSpace();
        int start = at;
        int depth = 0;
        do {
            char c = peek();
            if (c == '"') {
                skipString();
            } else {
                depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                at++;
            }
        } while (depth > 0 || "}],".indexOf(peek()) < 0);
        return source.substring(start, at).trim();
    }

    private void skipString() {
        expect('"');
        while (peek() != '"') {
            at += source.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    private boolean next(char wanted) {
        skipSpace();
        boolean is = peek() == wanted;
        at += is ? 1 : 0;
        return is;
    }

    private void expect(char wanted) {
        if (!next(wanted)) {
            throw new IllegalStateException("The native library's JSON has no " + wanted + " at " + at + ".");
        }
    }

    private void skipSpace() {
        while (at < source.length() && source.charAt(at) <= ' ') {
            at++;
        }
    }

    private char peek() {
        if (at >= source.length()) {
            throw new IllegalStateException("The native library's JSON ends too early.");
        }
        return source.charAt(at);
    }
}
