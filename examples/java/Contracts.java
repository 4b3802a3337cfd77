import io.github.yspay.ErrorCode;
import io.github.yspay.SignStatus;
import io.github.yspay.YspayClient;
import io.github.yspay.YspayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What an application does with a client: one for the whole of it, asked from any thread, closed at the end. */
public class Contracts implements AutoCloseable {
    private final YspayClient client;

    public Contracts(YspayClient client) {
        this.client = client;
    }

    public static YspayClient production(String src, String desKey, Path key, String password, Path certificate) {
        return YspayClient.builder()
                .environment("production")
                .src(src)
                .desKey(desKey)
                .privateKey(key)
                .privateKeyPassword(password)
                .platformCertificate(certificate)
                .timeout(Duration.ofSeconds(10))
                .build();
    }

    /** True: signed. False: it never will be. Null: ask again later. */
    public Boolean isSigned(String sysSignFlowId) {
        try {
            SignStatus answer = client.query(sysSignFlowId);
            return answer.isFinal() ? answer.isSuccess() : null;
        } catch (YspayException e) {
            if (e.isRetryable()) {
                return null;
            }
            if (e.getCode() == ErrorCode.BUSINESS) {
                System.err.println("the platform refuses: " + e.getPlatformCode() + " " + e.getPlatformNote());
            } else if (e.getUnverified() != null) {
                System.err.println("not believed, for people only: " + e.getUnverified());
            }
            throw e;
        }
    }

    /** Whoever waits for the result decides how long; cancelling the future interrupts the call, which ends at once. */
    public SignStatus within(long seconds, String sysSignFlowId, ExecutorService threads)
            throws InterruptedException, ExecutionException, TimeoutException {
        Future<SignStatus> answer = threads.submit(() -> client.query(sysSignFlowId));
        try {
            return answer.get(seconds, TimeUnit.SECONDS);
        } finally {
            answer.cancel(true);
        }
    }

    /** With an HTTP stack of your own. The limit of 10 calls a second is then yours to keep. */
    public SignStatus byOwnHttp(URL url, String sysSignFlowId) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        try (OutputStream request = connection.getOutputStream()) {
            request.write(client.buildRequest(sysSignFlowId).getBytes(StandardCharsets.UTF_8));
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (InputStream response = connection.getInputStream()) {
            byte[] buffer = new byte[8192];
            for (int n = response.read(buffer); n >= 0; n = response.read(buffer)) {
                body.write(buffer, 0, n);
            }
        }
        return client.verifyResponse(sysSignFlowId, body.toByteArray());
    }

    @Override
    public void close() {
        client.close();
    }
}
