package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** This language has the words of the C header: codes, statuses, settings, fields; and the crate's version. */
class VocabularyTest {
    private static SortedMap<Integer, String> defined(String prefix, int least) throws IOException {
        SortedMap<Integer, String> found = new TreeMap<>();
        Matcher matcher = Pattern.compile("(?m)^#define " + prefix + "([A-Z_]+) (-?\\d+)$").matcher(Repository.read("include/yspay.h"));
        while (matcher.find()) {
            int number = Integer.parseInt(matcher.group(2));
            if (number >= least) {
                found.put(number, matcher.group(1));
            }
        }
        return found;
    }

    @Test
    void errorCodes() throws IOException {
        SortedMap<Integer, String> header = defined("YSP_(?!SIGN_STS_|LOG_)", 1);
        SortedMap<Integer, String> java = new TreeMap<>();
        for (ErrorCode code : ErrorCode.values()) {
            if (code != ErrorCode.UNKNOWN) {
                java.put(code.getNumber(), code.name());
                assertEquals(code, ErrorCode.of(code.getNumber()));
            }
        }
        assertTrue(header.size() >= 15, header.toString());
        assertEquals(header, java);
    }

    @Test
    void statuses() throws IOException {
        SortedMap<Integer, String> header = defined("YSP_SIGN_STS_", -1);
        SortedMap<Integer, String> java = new TreeMap<>();
        for (SignSts status : SignSts.values()) {
            java.put(status.getNumber(), status.name());
        }
        assertEquals(8, header.size());
        assertEquals(header, java);
        for (String text : new String[] {"-1", "02", " 2", "２", "", "CREATED"}) {
            assertEquals(SignSts.UNKNOWN, SignSts.of(text), text);
        }
    }

    /** The names that a section of the header's first comment explains. */
    private static Set<String> explained(String section, String prefix) throws IOException {
        String header = Repository.read("include/yspay.h");
        String text = header.substring(header.indexOf(section));
        Matcher matcher = Pattern.compile("(?m)^ \\*   " + prefix + "([a-z]\\w+) ").matcher(text.substring(0, text.indexOf("\n *\n")));
        Set<String> names = new TreeSet<>();
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        assertTrue(names.size() > 9, names.toString());
        return names;
    }

    private static Set<String> publicMethods(Class<?> type) {
        Set<String> names = new TreeSet<>();
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())) {
                names.add(method.getName());
            }
        }
        return names;
    }

    @Test
    void everySettingIsInTheBuilder() throws IOException {
        Set<String> methods = publicMethods(YspayClientBuilder.class);
        for (String setting : explained(" * CONFIGURATION", "")) {
            assertTrue(methods.contains(setting.replaceAll("Ms$", "")), setting);
        }
    }

    @Test
    void everyFieldHasAGetter() throws IOException {
        Set<String> answer = publicMethods(SignStatus.class);
        for (String field : explained(" * JSON OF AN ANSWER", "")) {
            if (!field.equals("ok")) {
                assertTrue(answer.contains(getter(field)), field);
            }
        }
        Set<String> error = publicMethods(YspayException.class);
        error.addAll(publicMethods(Throwable.class));
        for (String field : explained(" * JSON OF AN ERROR", "error\\.")) {
            assertTrue(error.contains(getter(field)), field);
        }
    }

    private static String getter(String field) {
        switch (field) {
            case "signSts":
                return "getText";
            case "signStsName":
                return "getStatus";
            case "elapsedMs":
                return "getElapsedMillis";
            case "retryable":
            case "sent":
                return "is" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
            default:
                return field.startsWith("is") ? field : "get" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
        }
    }

    @Test
    void theVersionIsTheCrates() throws IOException {
        Matcher crate = Pattern.compile("(?m)^version = \"(.+)\"$").matcher(Repository.read("Cargo.toml"));
        assertTrue(crate.find());
        assertTrue(Repository.read("bindings/java/pom.xml").contains("<version>" + crate.group(1) + "</version>"));
        assertEquals(crate.group(1), YspayClient.version());
    }
}
