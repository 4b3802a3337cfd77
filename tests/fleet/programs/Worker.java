import io.github.yspay.YspayClient;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One process of a fleet, as worker.c says it. */
public final class Worker {
    public static void main(String[] arguments) throws Exception {
        String name = arguments[1];
        int threads = Integer.parseInt(arguments[2]);
        try (YspayClient client = YspayClient.fromFile(Paths.get(arguments[0]))) {
            System.out.println("READY");
            System.in.read();
            long until = System.nanoTime() + Long.parseLong(arguments[3]) * 1_000_000;
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            List<Future<Integer>> all = new ArrayList<>();
            for (int number = 0; number < threads; number++) {
                String thread = "STS02-" + name + "-" + number + "-";
                all.add(pool.submit(() -> {
                    int calls = 0;
                    while (System.nanoTime() - until < 0) {
                        client.query(thread + calls++);
                    }
                    return calls;
                }));
            }
            int answered = 0;
            for (Future<Integer> thread : all) {
                answered += thread.get();
            }
            pool.shutdown();
            System.out.println(answered);
        }
    }
}
