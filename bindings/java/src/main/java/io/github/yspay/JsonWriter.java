package io.github.yspay;

import java.util.Map;

/** Writes maps, strings, numbers and booleans as JSON. */
final class JsonWriter {
    private JsonWriter() {}

    static String write(Map<String, Object> object) {
        StringBuilder out = new StringBuilder();
        object(out, object);
        return out.toString();
    }

    private static void object(StringBuilder out, Map<?, ?> object) {
        char separator = '{';
        for (Map.Entry<?, ?> member : object.entrySet()) {
            out.append(separator);
            string(out, member.getKey().toString());
            out.append(':');
            value(out, member.getValue());
            separator = ',';
        }
        out.append(object.isEmpty() ? "{}" : "}");
    }

    private static void value(StringBuilder out, Object value) {
        if (value instanceof Map) {
            object(out, (Map<?, ?>) value);
        } else if (value instanceof Double) {
            out.append(number((Double) value));
        } else if (value instanceof Number || value instanceof Boolean) {
            out.append(value);
        } else {
            string(out, value.toString());
        }
    }

    /** A whole number without a point. */
    static String number(double number) {
        boolean isWhole = number == Math.rint(number) && Math.abs(number) < 1e15;
        return isWhole ? Long.toString((long) number) : Double.toString(number);
    }

    private static void string(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
