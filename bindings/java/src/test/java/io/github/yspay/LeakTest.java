package io.github.yspay;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** 5,000 rounds and 2,000 failed constructions leave memory where it was; `make leak-java` has more of both. */
class LeakTest {
    /** An answer lost in each round is more, about 1,700; what the JVM itself wants meanwhile is less than 200. */
    private static final long MOST_KIB = 1024;

    @Test
    void memoryStaysWhereItWas() throws Exception {
        Path gson = ChildJvm.origin(Gson.class);
        List<String> command = ChildJvm.command(
                Arrays.asList("-Xms64m", "-Xmx64m", "-Xss512k", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                        "-Dyspay.library.path=" + Repository.given("library"), "-Dyspay.test.root=" + Repository.given("root")),
                LeakProgram.class, ChildJvm.origin(Native.class), ChildJvm.origin(LeakTest.class), gson);
        command.add(System.getProperty("yspay.test.rounds", "5000"));
        command.add(System.getProperty("yspay.test.constructions", "2000"));
        ChildJvm jvm = ChildJvm.run(command).succeeded();
        Matcher grown = Pattern.compile("grown by (-?\\d+) KiB").matcher(jvm.output);
        assertTrue(grown.find(), jvm.output);
        System.out.println(jvm.output.trim());
        assertTrue(Long.parseLong(grown.group(1)) < MOST_KIB, jvm.output);
    }
}
