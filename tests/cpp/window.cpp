// Threads and clients of one process share one window: window THREADS CALLS CONFIG... asks CALLS times from THREADS
// threads, each time with another client, and now and then with a new one. The simulator tells whether it held.
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"

int main(int argc, char **argv) {
    if (argc < 4) {
        std::cerr << "usage: " << argv[0] << " THREADS CALLS CONFIG...\n";
        return 2;
    }
    const int threads = std::atoi(argv[1]);
    const int calls = std::atoi(argv[2]);
    const std::vector<std::string> configs(argv + 3, argv + argc);
    std::vector<yspay::Client> clients;
    for (const std::string &config : configs) clients.emplace_back(config);

    std::atomic<int> next{0}, wrong{0};
    std::vector<std::thread> running;
    for (int i = 0; i < threads; i++) {
        running.emplace_back([&] {
            for (int call = next++; call < calls; call = next++) {
                const std::size_t which = static_cast<std::size_t>(call) % configs.size();
                const std::string id = "STS8-" + std::to_string(call);
                try {
                    const yspay::Answer answer = call % 7 == 0 ? yspay::Client(configs[which]).query_sign_sts(id)
                                                               : clients[which].query_sign_sts(id);
                    if (answer.sys_sign_flow_id != id || answer.attempts != 1) wrong++;
                } catch (const yspay::Error &error) {
                    std::cerr << id + ": " + error.what() + "\n";
                    wrong++;
                }
            }
        });
    }
    for (std::thread &one : running) one.join();
    return wrong > 0;
}
