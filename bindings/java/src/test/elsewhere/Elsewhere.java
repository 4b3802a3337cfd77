import io.github.yspay.YspayClient;
import io.github.yspay.YspayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

/**
 * Run by check_jar.py on JVMs of other platforms: {@code Elsewhere plain|chinese CONFIG...} asks with each configuration.
 * {@code chinese}: the library is unpacked into a folder called so. What it prints is ASCII, whatever the console's encoding.
 */
public class Elsewhere {
    public static void main(String[] args) throws Exception {
        System.out.println("JVM " + System.getProperty("java.version") + " of " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ", " + System.getProperty("sun.jnu.encoding"));
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
}
