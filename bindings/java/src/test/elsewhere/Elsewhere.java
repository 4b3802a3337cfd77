import io.github.yspay.YspayClient;
import io.github.yspay.YspayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.util.Random;

/**
 * Run by check_jar.py on JVMs of other platforms: {@code Elsewhere plain|chinese CONFIG...} asks with each configuration.
 * {@code chinese}: the library is unpacked into a folder called so. What it prints is ASCII, whatever the console's encoding.
 */
public class Elsewhere {
    public static void main(String[] args) throws Exception {
        System.out.println("JVM " + System.getProperty("java.version") + " of " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ", " + System.getProperty("sun.jnu.encoding"));
        if (System.getProperty("os.name").startsWith("Windows")) {
            Security.insertProviderAt(new Chance(), 1);
        }
        if (args[0].equals("chinese")) {
            Path folder = Paths.get(System.getProperty("java.io.tmpdir"), "\u5f20\u4e09");
            System.setProperty("java.io.tmpdir", Files.createDirectories(folder).toString());
        }
        try {
            YspayClient.version();
        } catch (UnsatisfiedLinkError e) {
            System.out.println("REFUSED " + e.getMessage().replaceAll("[^ -~]", "?"));
            return;
        }
        for (int i = 1; i < args.length; i++) {
            try (YspayClient client = YspayClient.fromFile(Paths.get(args[i]))) {
                System.out.println(client.query("STS2-a").getStatus());
                client.query("C99-a");
            } catch (YspayException e) {
                System.out.println(e.getCode() + " " + "\u6d41\u6c34\u4e0d\u5b58\u5728".equals(e.getPlatformNote()));
            }
        }
    }

    /** Names of temporary files, without the JDK's own generator: it asks for a function of Windows that wine 8 has not. */
    public static final class Chance extends Provider {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("deprecation")
        Chance() {
            super("Chance", 1.0, "for names of temporary files");
            put("SecureRandom.Chance", Numbers.class.getName());
        }
    }

    public static final class Numbers extends SecureRandomSpi {
        private static final long serialVersionUID = 1;
        private final Random random = new Random();

        @Override
        protected void engineSetSeed(byte[] seed) {}

        @Override
        protected void engineNextBytes(byte[] bytes) {
            random.nextBytes(bytes);
        }

        @Override
        protected byte[] engineGenerateSeed(int length) {
            byte[] seed = new byte[length];
            random.nextBytes(seed);
            return seed;
        }
    }
}
