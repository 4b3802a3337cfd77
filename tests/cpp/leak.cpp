// Leaves memory where it was: leak ROUNDS FAILURES SM_CONFIG SM_BODY_FILE RSA_CONFIG RSA_BODY_FILE FLOW_ID
// builds and verifies ROUNDS times, nine in ten with SM, fails FAILURES times to make a client, and tells the figures.
#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "check.hpp"

/// What is allocated and what is resident, in bytes.
struct Memory {
    long heap, resident;

    static Memory now(const yspay::Client &client) {
        // The library keeps the request ids of one second, so as not to give one twice: begin a new second.
        std::this_thread::sleep_for(std::chrono::milliseconds(1100));
        if (client.build_request("F1").empty()) std::abort();
        const struct mallinfo2 heap = mallinfo2();
        long pages = 0, resident = 0;
        std::FILE *statm = std::fopen("/proc/self/statm", "r");
        if (statm == nullptr || std::fscanf(statm, "%ld %ld", &pages, &resident) != 2) std::abort();
        std::fclose(statm);
        return {static_cast<long>(heap.uordblks + heap.hblkhd), resident * sysconf(_SC_PAGESIZE)};
    }
};

struct Side {
    std::string config;
    yspay::Client client;
    std::string body;

    Side(const char *text, const char *file) : config(text), client(config), body(check::file(file)) {}

    void round(const std::string &flow_id) const {
        if (client.build_request(flow_id).empty()) std::abort();
        if (!client.verify_response(flow_id, body).is_success) std::abort();
        // What fails must leave nothing behind, either.
        if (ERROR_OF(client.verify_response("ANOTHER", body)).code() != yspay::Code::Mismatch) std::abort();
    }

    /// Each time another reason why there is no client.
    void failure(long number) const {
        std::string broken = config;
        const char *part[] = {"123456", "\"src\"", ".sm2", "platform-", "127.0.0.1"};
        const char *other[] = {"654321", "\"scr\"", ".none", "merchant-", "not a host"};
        const auto which = static_cast<std::size_t>(number) % 5;
        const std::size_t place = broken.find(part[which]);
        // Where the part is missing, the text is cut short.
        if (place == std::string::npos) {
            broken.pop_back();
        } else {
            broken.replace(place, std::string(part[which]).size(), other[which]);
        }
        try {
            const yspay::Client made(broken);
            // The merchant's own certificate in the platform's place is a valid configuration.
            if (which != 3) std::abort();
        } catch (const yspay::Error &error) {
            if (error.message().empty() || error.sent()) std::abort();
        }
    }
};

int main(int argc, char **argv) {
    if (argc != 8) {
        std::fprintf(stderr, "usage: %s ROUNDS FAILURES SM_CONFIG SM_BODY RSA_CONFIG RSA_BODY FLOW_ID\n", argv[0]);
        return 2;
    }
    try {
        const long rounds = std::atol(argv[1]), failures = std::atol(argv[2]);
        const Side sm(argv[3], argv[4]), rsa(argv[5], argv[6]);
        const std::string flow_id = argv[7];
        const auto work = [&](long builds, long breaks) {
            for (long i = 0; i < builds; i++) (i % 10 == 9 ? rsa : sm).round(flow_id);
            for (long i = 0; i < breaks; i++) (i / 5 % 10 == 9 ? rsa : sm).failure(i);
        };
        // Tables and buffers that are made once, and the allocator's own growth.
        work(500, 200);
        const Memory before = Memory::now(sm.client);
        const auto begun = std::chrono::steady_clock::now();
        work(rounds, failures);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        const Memory after = Memory::now(sm.client);
        std::printf("%ld rounds and %ld failed constructions in %.1f s: heap %ld -> %ld bytes (%+ld), "
                    "resident %ld -> %ld KiB (%+ld)\n",
                    rounds, failures, seconds, before.heap, after.heap, after.heap - before.heap,
                    before.resident / 1024, after.resident / 1024, (after.resident - before.resident) / 1024);
        // A leak in one round of ten would show; a few buffers may have come to rest at another size.
        CHECK(after.heap - before.heap < 4096);
        CHECK(after.resident - before.resident < 4L << 20);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return check::failures > 0;
}
