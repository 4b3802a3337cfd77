import io.github.yspay.SignStatus;
import io.github.yspay.YspayClient;
import io.github.yspay.YspayException;
import java.nio.file.Paths;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * As a part of a Spring application: {@link #client} as a {@code @Bean} (Spring calls its {@code close()} when the
 * application ends), this class as a {@code @Service}, {@link #status} behind a {@code @GetMapping}. It is plain Java, so it
 * needs no Spring to be compiled or tested.
 */
public class SigningStatusService {
    private final YspayClient client;

    public SigningStatusService(YspayClient client) {
        this.client = client;
    }

    /** One for the whole application: it reads its key files once, and its calls share one limit. */
    public static YspayClient client(String config) throws java.io.IOException {
        return YspayClient.fromFile(Paths.get(config));
    }

    /** What a browser is told: the status, or why there is none and whether to ask again. */
    public Map<String, Object> status(String sysSignFlowId) {
        Map<String, Object> told = new LinkedHashMap<>();
        try {
            SignStatus answer = client.query(sysSignFlowId);
            told.put("status", answer.getStatus().name());
            told.put("final", answer.isFinal());
            told.put("success", answer.isSuccess());
        } catch (YspayException e) {
            told.put("error", e.getCode().name());
            told.put("message", e.getMessage());
            told.put("askAgain", e.isRetryable());
        }
        return told;
    }
}
