package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reading and writing JSON, against Gson. */
class JsonTest {
    @Test
    void valuesKeepTheirSourceTextAndOrder() {
        Json json = new Json(" { \"b\" : 10.00 , \"a\":{\"x\" : [1, \"]}\\\"\"]}, \"c\":\"\\u4e2d\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\","
                + "\"d\":null,\"e\":true,\"f\":\"\",\"g\":[],\"\\u0068\":-1e9 }");
        assertEquals(
                "{b=10.00, a={\"x\" : [1, \"]}\\\"\"]}, c=中\uD83D\uDE00\"\\/\b\f\n\r\t, d=null, e=true, f=, g=[], h=-1e9}",
                json.texts().toString());
        assertEquals("[1, \"]}\\\"\"]", json.object("a").texts().get("x"));
        assertNull(json.text("d"));
        assertTrue(json.flag("e") && json.isNull("d"));
        assertEquals(0, new Json("{}").texts().size());
        assertEquals(12, new Json("{\"n\":12}").number("n"));
        assertEquals(0.5, new Json("{\"n\":0.5}").decimal("n"));
        assertEquals(10, new Json("{\"n\":10}").decimal("n"));
    }

    @Test
    void arraysOfObjectsAndCountsAreRead() {
        Json json = new Json("{\"a\":[ {\"n\":1.5E-7} , {\"n\":20} ],\"none\":[ ],\"c\":{\"OK\":1,\"中\":9007199254740993}}");
        assertEquals(1.5e-7, json.objects("a").get(0).decimal("n"));
        assertEquals(20.0, json.objects("a").get(1).decimal("n"));
        assertEquals(2, json.objects("a").size());
        assertEquals(0, json.objects("none").size());
        assertEquals("{OK=1, 中=9007199254740993}", json.counts("c").toString());
        assertThrows(IllegalStateException.class, () -> json.objects("c"));
    }

    @Test
    void whatIsNoObjectIsToldNotReadPast() {
        for (String text : new String[] {"", "[]", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":\"x", "{\"a\":\"\\", "{\"a\":{", "{a:1}"}) {
            assertThrows(IllegalStateException.class, () -> new Json(text), text);
        }
        assertThrows(IllegalStateException.class, () -> new Json("{}").text("missing"));
    }

    @Test
    void whatIsWrittenAnotherReaderReads() {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                int c = random.nextInt(4) == 0 ? random.nextInt(0x20) : random.nextInt(3) == 0 ? "\"\\/{}[],:中😀".codePointAt(random.nextInt(10)) : random.nextInt(0x80);
                text.appendCodePoint(c);
            }
            Map<String, Object> inner = new LinkedHashMap<>();
            inner.put("text", text.toString());
            inner.put("number", round);
            Map<String, Object> outer = new LinkedHashMap<>();
            outer.put(text.toString(), inner);
            outer.put("flag \u0007", true);
            outer.put("empty", new LinkedHashMap<String, Object>());
            String written = JsonWriter.write(outer);
            JsonObject read = JsonParser.parseString(written).getAsJsonObject();
            assertEquals(text.toString(), read.getAsJsonObject(text.toString()).get("text").getAsString());
            assertEquals(round, read.getAsJsonObject(text.toString()).get("number").getAsInt());
            assertTrue(read.get("flag \u0007").getAsBoolean());
            // And our own reader.
            assertEquals(text.toString(), new Json(written).object(text.toString()).text("text"));
        }
    }

    @Test
    void textIsUtf8AndNothingIsReplaced() {
        assertEquals("[-16, -97, -104, -128, 0]", Arrays.toString(Text.encode("\uD83D\uDE00\0", "it")));
        assertEquals("\uD83D\uDE00\0", Text.decode(Text.encode("\uD83D\uDE00\0", "it")));
        for (String half : new String[] {"\ud83d", "\ude00\ud83d", "a\ude00"}) {
            assertEquals(ErrorCode.INVALID_ARGUMENT, assertThrows(YspayException.class, () -> Text.encode(half, "it")).getCode());
        }
    }
}
