import com.sun.net.httpserver.HttpServer;
import io.github.yspay.YspayClient;
import io.github.yspay.YspayException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.util.Scanner;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;

/**
 * Run by JarTest: everything that the examples Contracts, SigningStatusService and Metrics do, against the simulator.
 * Arguments: CONFIG.json ENDPOINT.
 */
public class ContractsProgram {
    public static void main(String[] args) throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Contracts contracts = new Contracts(YspayClient.fromFile(Paths.get(args[0])))) {
            tell("signed", () -> contracts.isSigned("STS2-1"));
            tell("never", () -> contracts.isSigned("STS4-1"));
            tell("later", () -> contracts.isSigned("STS0-1"));
            tell("unreachable", () -> contracts.isSigned("RESET-1"));
            tell("refused", () -> contracts.isSigned("C99-1"));
            tell("unsigned", () -> contracts.isSigned("UNSIGNED-1"));
            tell("within", () -> contracts.within(20, "STS2-2", threads).getStatus());
            tell("too late", () -> {
                try {
                    return contracts.within(1, "HANG-1", threads);
                } catch (TimeoutException e) {
                    return true;
                }
            });
            tell("own http", () -> contracts.byOwnHttp(new URL(args[1]), "STS2-3").getStatus());
        } finally {
            threads.shutdownNow();
        }
        try (YspayClient client = SigningStatusService.client(args[0])) {
            SigningStatusService service = new SigningStatusService(client);
            tell("service", () -> service.status("STS2-4"));
            tell("service refused", () -> service.status("C99-4").get("error"));
        }
        try (YspayClient client = YspayClient.fromFile(Paths.get(args[0]))) {
            tell("expired", () -> client.query("STS4-5").getStatus());
            tell("counted as refused", () -> client.query("C99-5"));
            HttpServer server = Metrics.serve(client, 0);
            URL metrics = new URL("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
            try (InputStream body = metrics.openStream()) {
                System.out.print(new Scanner(body, StandardCharsets.UTF_8.name()).useDelimiter("\\A").next());
            } finally {
                server.stop(0);
            }
        }
        tell("production", () -> Contracts.production("ORG1", "0123456789ABCDEF", Paths.get("no.sm2"), "p", Paths.get("no.cer")));
    }

    private static void tell(String what, Callable<Object> call) throws Exception {
        String result;
        try {
            result = String.valueOf(call.call());
        } catch (YspayException e) {
            result = e.getCode().name();
        }
        System.out.println(what + ": " + result);
    }
}
