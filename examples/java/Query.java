import io.github.yspay.YspayClient;
import io.github.yspay.YspayException;
import java.io.IOException;
import java.nio.file.Paths;

/**
 * Asks for the signing status of contracts: {@code java -cp yspay.jar:. Query CONFIG.json FLOW_ID...}
 *
 * <p>Prints a line for each; exits with 0 if every question was answered, 1 if one failed, 2 on wrong use.
 */
public class Query {
    public static void main(String[] args) {
        if (args.length < 2) {
            System.err.println("usage: java -cp yspay.jar:. Query CONFIG.json FLOW_ID...");
            System.exit(2);
        }
        int failures = 0;
        try (YspayClient client = YspayClient.fromFile(Paths.get(args[0]))) {
            for (int i = 1; i < args.length; i++) {
                try {
                    System.out.println(client.query(args[i]));
                } catch (YspayException e) {
                    System.err.println(args[i] + ": " + e.getMessage());
                    failures++;
                }
            }
        } catch (IOException e) {
            System.err.println(args[0] + " cannot be read: " + e);
            failures++;
        } catch (YspayException e) {
            System.err.println(e.getMessage());
            failures++;
        }
        System.exit(failures > 0 ? 1 : 0);
    }
}
