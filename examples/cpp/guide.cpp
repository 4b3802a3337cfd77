// What the pages show of C++: guide CONFIG-TEXT FLOW_ID asks once, then once more, stopping after 200 ms.
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "yspay.hpp"

static void ask(const yspay::Client &client, const std::string &flow_id) {
    try {
        const yspay::Answer answer = client.query_sign_sts(flow_id);
        std::cout << yspay::name(answer.sign_status) << (answer.is_final ? ", final" : "") << '\n';
        for (const yspay::Field &field : answer.data) {
            std::cout << "  " << field.name << " = " << field.text() << '\n';
        }
    } catch (const yspay::Error &error) {
        std::cerr << error.what() << '\n';
    }
}

static std::string advice(const yspay::Error &error) {
    switch (error.code()) {
        case yspay::Code::Business:
            return "refused with " + error.platform_code().value_or("?") + ": " + error.platform_note().value_or("");
        case yspay::Code::MalformedResponse:
        case yspay::Code::Signature:
        case yspay::Code::Mismatch:
            return "not believed; it begins: " + error.unverified().value_or("");
        default:
            return error.retryable() ? "ask again later" : error.message();
    }
}

static void ask_until_stopped(const yspay::Client &client, const std::string &flow_id) {
    yspay::CancelToken token;
    std::thread stopper([token] {  // a copy of the token cancels the same calls
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        token.trigger();
    });
    yspay::QueryOptions options;
    options.timeout = std::chrono::seconds(5);
    options.cancel = token;
    try {
        std::cout << client.query_sign_sts(flow_id, options).sign_status_text << '\n';
    } catch (const yspay::Error &error) {
        std::cout << yspay::name(error.code()) << ": " << advice(error) << '\n';
    }
    stopper.join();
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    try {
        yspay::set_log([](yspay::LogLevel, std::string_view message) { std::clog << message << '\n'; },
                       yspay::LogLevel::Warn);
        const yspay::Client client{std::string(argv[1])};  // one, kept, shared among threads
        ask(client, argv[2]);
        ask_until_stopped(client, argv[2]);
    } catch (const yspay::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
