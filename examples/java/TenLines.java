import io.github.yspay.SignStatus;
import io.github.yspay.YspayClient;
import io.github.yspay.YspayException;
import java.nio.file.Paths;

public class TenLines {
    public static void main(String[] args) throws Exception {
        try (YspayClient client = YspayClient.fromFile(Paths.get("config.json"))) {
            SignStatus answer = client.query("MAN202109280009848");
            System.out.println(answer.getStatus() + (answer.isFinal() ? ", and it will stay so" : ", ask again later"));
        } catch (YspayException e) {
            System.err.println(e.getMessage());
        }
    }
}
