// yspay.hpp against the simulator, every status and every error that can be had from it:
// face CONFIG SLOW_CONFIG FLOW_ID BODY_FILE, the first two as JSON text, the last two an answer signed elsewhere.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "check.hpp"

using namespace std::chrono_literals;
using yspay::Code;
using yspay::SignStatus;

static_assert(!std::is_copy_constructible_v<yspay::Client> && !std::is_copy_assignable_v<yspay::Client>);
static_assert(std::is_nothrow_move_constructible_v<yspay::Client> && std::is_nothrow_move_assignable_v<yspay::Client>);
static_assert(std::is_nothrow_copy_constructible_v<yspay::Error>, "or throwing it could end the program");
static_assert(std::is_nothrow_copy_assignable_v<yspay::Error>);
static_assert(std::is_base_of_v<std::exception, yspay::Error>);

static yspay::QueryOptions within(std::chrono::milliseconds timeout) {
    yspay::QueryOptions options;
    options.timeout = timeout;
    return options;
}

static void statuses(const yspay::Client &client) {
    static const struct {
        const char *id, *text, *name;
        SignStatus status;
        bool is_final, is_success;
    } kCases[] = {
        {"STS0-c", "0", "APPLYING", SignStatus::Applying, false, false},
        {"STS1-c", "1", "PENDING", SignStatus::Pending, false, false},
        {"STS2-c", "2", "CREATED", SignStatus::Created, true, true},
        {"STS3-c", "3", "VOIDED", SignStatus::Voided, true, false},
        {"STS4-c", "4", "EXPIRED", SignStatus::Expired, true, false},
        {"STS7-c", "7", "CREATE_FAILED", SignStatus::CreateFailed, true, false},
        {"STS8-c", "8", "CONTRACT_GENERATED", SignStatus::ContractGenerated, false, false},
        {"STSX-c", "ARCHIVED", "UNKNOWN", SignStatus::Unknown, false, false},
    };
    for (const auto &one : kCases) {
        const yspay::Answer answer = client.query_sign_sts(one.id);
        CHECK(answer.sign_status == one.status);
        CHECK(answer.sign_status_text == one.text);
        CHECK(std::string(yspay::name(answer.sign_status)) == one.name);
        CHECK(answer.is_final == one.is_final && answer.is_success == one.is_success);
        CHECK(answer.sys_sign_flow_id == one.id);
        CHECK(answer.code == "00" && answer.note);
        CHECK(answer.req_flow_id && answer.req_flow_id->size() == 20);
        CHECK(answer.attempts == 1);
        CHECK(answer.elapsed >= 0ms && answer.elapsed < 60s);
        CHECK(answer.field("signSts") && answer.field("signSts")->text() == one.text);
        CHECK(answer.field("signSts") && answer.field("signSts")->json == "\"" + std::string(one.text) + "\"");
        CHECK(answer.field("nothing") == nullptr);
        CHECK(check::contains(answer.json, "\"ok\":true"));
    }
    // Fields that nobody knows yet are kept, and so is their order.
    const yspay::Answer extra = client.query_sign_sts("EXTRA-c");
    CHECK(extra.data.size() > client.query_sign_sts("STS2-d").data.size());
    std::size_t place = 0;
    for (const yspay::Field &field : extra.data) {
        const std::size_t found = extra.json.find("\"" + field.name + "\":" + field.json, place);
        CHECK(found != std::string::npos);
        place = found;
    }
    CHECK(client.query_sign_sts("C50THEN-c").attempts == 2);
}

static void errors(const yspay::Client &client) {
    static const struct {
        const char *id;
        Code code;
        bool retryable;
        std::uint32_t attempts;
    } kCases[] = {
        {"RESET-c", Code::Transport, true, 2},       {"H404-c", Code::HttpStatus, false, 1},
        {"H500-c", Code::HttpStatus, true, 2},       {"NOTJSON-c", Code::MalformedResponse, false, 1},
        {"UNSIGNED-c", Code::Signature, false, 1},   {"BADSIG-c", Code::Signature, false, 1},
        {"OTHERID-c", Code::Mismatch, false, 2},     {"C50-c", Code::GatewayTimeout, true, 2},
        {"C99-c", Code::Business, false, 1},
    };
    for (const auto &one : kCases) {
        const yspay::Error error = ERROR_OF(client.query_sign_sts(one.id));
        if (error.code() != one.code) std::cerr << one.id << ": " << error.what() << '\n';
        CHECK(error.code() == one.code);
        CHECK(error.retryable() == one.retryable);
        CHECK(error.sent());
        CHECK(error.attempts() == one.attempts);
        CHECK(error.req_flow_id() && error.req_flow_id()->size() == 20);
        CHECK(!error.message().empty());
        CHECK(error.what() == std::string(yspay::name(one.code)) + ": " + error.message());
        CHECK(check::contains(error.json(), "\"ok\":false"));
    }
    yspay::Error moved = ERROR_OF(client.query_sign_sts("C99-d"));
    const yspay::Error refused = std::move(moved);
    CHECK(moved.what() == std::string(refused.what()) && moved.code() == Code::Business);
    CHECK(refused.platform_code() == "99" && refused.platform_note() == "流水不存在");
    CHECK(!refused.http_status() && !refused.unverified());
    const yspay::Error not_found = ERROR_OF(client.query_sign_sts("H404-d"));
    CHECK(not_found.http_status() == 404);
    CHECK(not_found.unverified() && check::contains(*not_found.unverified(), "404 Not Found"));
    CHECK(!not_found.platform_code() && !not_found.platform_note());
    const yspay::Error unsigned_ = ERROR_OF(client.query_sign_sts("UNSIGNED-d"));
    CHECK(unsigned_.unverified() && check::contains(*unsigned_.unverified(), "code"));

    // Nothing is sent for what cannot be asked.
    for (const std::string &id : {std::string(), std::string(51, 'x'), std::string("a&b"), std::string("\xc9\xcf"),
                                  std::string("STS2-a\0b", 8)}) {
        const yspay::Error error = ERROR_OF(client.query_sign_sts(id));
        CHECK(error.code() == Code::InvalidArgument && !error.sent() && error.attempts() == 0);
        CHECK(!error.req_flow_id());
    }
}

static void timeouts(const yspay::Client &client) {
    // Time enough to send, under valgrind too.
    const yspay::Error hung = ERROR_OF(client.query_sign_sts("HANG-c", within(2s)));
    CHECK(hung.code() == Code::Timeout && hung.retryable() && hung.sent());
    CHECK(client.query_sign_sts("STS1-t", within(30s)).sign_status == SignStatus::Pending);
    CHECK(client.query_sign_sts("STS1-u", within(std::chrono::hours(1))).sign_status == SignStatus::Pending);
    // Never "as configured", never cut to 32 bits.
    for (const auto bad : {0ms, -1ms, 3'600'001ms, std::chrono::milliseconds((1LL << 32) + 1000),
                           std::chrono::milliseconds::max(), std::chrono::milliseconds::min()}) {
        const yspay::Error error = ERROR_OF(client.query_sign_sts("STS1-v", within(bad)));
        CHECK(error.code() == Code::InvalidArgument && !error.sent());
        CHECK(check::contains(error.message(), std::to_string(bad.count()) + " ms"));
    }
}

static void no_turn(const std::string &slow_config) {
    // One call a second: the second call's turn must fall after its deadline.
    const yspay::Client client(slow_config);
    CHECK(client.query_sign_sts("STS2-s").is_success);
    const yspay::Error error = ERROR_OF(client.query_sign_sts("STS2-s", within(200ms)));
    CHECK(error.code() == Code::RateLimited && error.retryable());
    CHECK(!error.sent() && error.attempts() == 0 && !error.req_flow_id());
}

static void cancelling(const yspay::Client &client) {
    yspay::QueryOptions options = within(60s);
    yspay::CancelToken token;
    options.cancel = token;
    CHECK(client.query_sign_sts("STS1-e", options).sign_status == SignStatus::Pending);
    const auto begun = std::chrono::steady_clock::now();
    std::thread trigger([token] {
        std::this_thread::sleep_for(1s);
        token.trigger();
    });
    const yspay::Error hung = ERROR_OF(client.query_sign_sts("HANG-e", options));
    trigger.join();
    CHECK(hung.code() == Code::Cancelled && hung.retryable() && hung.sent());
    CHECK(std::chrono::steady_clock::now() - begun < 30s);
    // It stays triggered, for every copy.
    const yspay::Error late = ERROR_OF(client.query_sign_sts("STS1-e", options));
    CHECK(late.code() == Code::Cancelled && !late.sent());
    // A token that was "moved from" still cancels: moves are copies.
    yspay::CancelToken moved = std::move(token);
    options.cancel = token;
    CHECK(ERROR_OF(client.query_sign_sts("STS1-e", options)).code() == Code::Cancelled);
    token = yspay::CancelToken();
    options.cancel = token;
    CHECK(client.query_sign_sts("STS1-e", options).sign_status == SignStatus::Pending);
}

static void halves(const yspay::Client &client, const std::string &flow_id, const std::string &body) {
    CHECK(check::contains(client.build_request("F1", "MY-OWN-ID"), "\"reqFlowId\":\"MY-OWN-ID\""));
    CHECK(client.build_request("F1") != client.build_request("F1"));
    CHECK(ERROR_OF(client.build_request("F1", "an id that is much too long")).code() == Code::InvalidArgument);
    CHECK(ERROR_OF(client.build_request("F1", std::string("a\0b", 3))).code() == Code::InvalidArgument);

    const yspay::Answer answer = client.verify_response(flow_id, body);
    CHECK(answer.sys_sign_flow_id == flow_id && answer.is_success);
    CHECK(answer.attempts == 0 && answer.elapsed == 0ms && !answer.req_flow_id);
    CHECK(ERROR_OF(client.verify_response("ANOTHER", body)).code() == Code::Mismatch);
    CHECK(ERROR_OF(client.verify_response(flow_id, body.substr(1))).code() == Code::MalformedResponse);
    CHECK(ERROR_OF(client.verify_response(flow_id, {})).code() == Code::MalformedResponse);
    // The body's length counts, not a NUL in it.
    CHECK(ERROR_OF(client.verify_response(flow_id, body + std::string("\0x", 2))).code() == Code::MalformedResponse);
}

static void describing(const yspay::Client &client) {
    const yspay::Description told = client.describe();
    const bool sm = told.sign_type == "SM";
    CHECK(sm || told.sign_type == "RSA");
    CHECK(told.src == "ORG20210927162704" && check::contains(told.endpoint, "http://127.0.0.1:"));
    CHECK(told.private_key_kind == (sm ? "SM2" : "RSA-2048") && !told.private_key_container.empty());
    CHECK(told.private_key_certificate && !told.private_key_certificate->subject.empty());
    CHECK(told.platform_certificate_kind == (sm ? "SM2" : "RSA-1024"));
    CHECK(told.platform_certificate_fingerprint_sha256.size() == 64);
    CHECK(check::contains(told.platform_certificate.not_after, "Z"));
    CHECK(told.platform_certificate.days_left.value_or(0) > 30 && told.private_key_certificate->days_left.value_or(0) > 30);
    CHECK(told.rate_limit_per_second == 1000 && !told.shared_limit && told.version == yspay::version());
    CHECK(told.json.front() == '{');
}

static void counting(const std::string &config) {
    const yspay::Client client(config);
    const yspay::Stats before = client.stats();
    CHECK(before.calls.size() == 1 + YSP_LIMITER_UNAVAILABLE && before.calls.at("OK") == 0 && before.answers.size() == 8);
    CHECK(client.query_sign_sts("STS3-f").attempts == 1);
    CHECK(client.query_sign_sts("C50THEN-f").attempts == 2);
    CHECK(ERROR_OF(client.query_sign_sts("C99-f")).code() == Code::Business);
    const yspay::Stats told = client.stats();
    CHECK(told.calls.at("OK") == 2 && told.calls.at("BUSINESS") == 1 && told.calls.at("CANCELLED") == 0);
    CHECK(told.answers.at("VOIDED") == 1 && told.answers.at("CREATED") == 1);
    CHECK(told.attempts == 4 && told.retries == 1 && told.connections_opened >= 1);
    CHECK(told.wait_seconds.count == 4 && told.wait_seconds.buckets.size() == 9);
    CHECK(told.wait_seconds.buckets.front().le == 0.001 && told.wait_seconds.buckets.back().le == 20);
    CHECK(told.rate_limit.per_second == 1000 && told.rate_limit.turns - before.rate_limit.turns == 4);
    CHECK(told.rate_limit.waiting == 0 && told.rate_limit.slots_resting >= 1 && told.json.front() == '{');
}

/// Nothing listens there: a client is made all the same, and says what is wrong when it is asked.
static void no_store(const std::string &fleet_config) {
    const yspay::Client client(fleet_config);
    const yspay::SharedLimit shared = client.describe().shared_limit.value_or(yspay::SharedLimit{});
    CHECK(shared.store == "redis://127.0.0.1:9/2" && shared.prefix == "mine" && shared.timeout == 300ms);
    CHECK(!shared.fallback_per_second && !check::contains(client.describe().json, "hush"));
    const yspay::Error away = ERROR_OF(client.query_sign_sts("STS1-e"));
    CHECK(away.code() == Code::LimiterUnavailable && away.retryable() && !away.sent() && away.attempts() == 0);
    CHECK(check::contains(away.what(), "redis://127.0.0.1:9/2 refuses the connection"));
    CHECK(!check::contains(away.what(), "hush"));
}

static void making_and_moving(const std::string &config) {
    const yspay::Error no_settings = ERROR_OF(yspay::Client("{}"));
    CHECK(no_settings.code() == Code::Config && !no_settings.sent() && !no_settings.retryable());
    CHECK(ERROR_OF(yspay::Client("")).code() == Code::Config);
    CHECK(ERROR_OF(yspay::Client(config + std::string(1, '\0'))).code() == Code::InvalidArgument);
    std::string wrong_password = config;
    wrong_password.replace(wrong_password.find("123456"), 6, "654321");
    const yspay::Error locked = ERROR_OF(yspay::Client(wrong_password));
    CHECK(locked.code() == Code::Credential && !check::contains(locked.json(), "654321"));

    const yspay::Error no_file = ERROR_OF(yspay::Client::from_file("no/such.json"));
    CHECK(no_file.code() == Code::Config && check::contains(no_file.message(), "no/such.json"));

    yspay::Client first(config);
    yspay::Client second(std::move(first));
    for (const auto &error : {ERROR_OF(first.query_sign_sts("STS2-m")), ERROR_OF(first.build_request("F1")),
                              ERROR_OF(first.verify_response("F1", "{}")), ERROR_OF(first.describe()),
                              ERROR_OF(first.stats())}) {
        CHECK(error.code() == Code::InvalidHandle && !error.sent());
    }
    CHECK(second.query_sign_sts("STS2-m").is_success);
    first = std::move(second);
    CHECK(first.query_sign_sts("STS2-m").is_success);
}

static void logging(const yspay::Client &client) {
    // Callbacks come, go, throw and replace themselves while calls are under way.
    std::atomic<int> messages{0}, calls{0}, destroyed{0};
    std::atomic<bool> done{false};
    struct Noticed {
        std::atomic<int> *count;
        ~Noticed() { (*count)++; }
    };
    std::vector<std::thread> callers;
    for (int i = 0; i < 3; i++) {
        callers.emplace_back([&] {
            while (!done) {
                static_cast<void>(client.build_request("F1"));
                static_cast<void>(ERROR_OF(client.query_sign_sts("STS1-l", within(0ms))));
                static_cast<void>(ERROR_OF(yspay::Client("{}")));
                calls++;
            }
        });
    }
    constexpr int kCallbacks = 500;
    for (int i = 0; i < kCallbacks; i++) {
        const std::shared_ptr<Noticed> noticed(new Noticed{&destroyed});
        yspay::set_log(
            [noticed, &messages, i](yspay::LogLevel level, std::string_view message) {
                CHECK(level >= yspay::LogLevel::Error && level <= yspay::LogLevel::Trace && !message.empty());
                messages++;
                if (i % 3 == 0) yspay::set_log({});
                if (i % 5 == 0) throw 42;
            },
            yspay::LogLevel::Trace);
        std::this_thread::sleep_for(1ms);
    }
    done = true;
    for (std::thread &caller : callers) caller.join();
    yspay::set_log({});
    CHECK(messages > 0 && calls > 0);
    CHECK(destroyed == kCallbacks);
    const int before = messages;
    static_cast<void>(ERROR_OF(yspay::Client("{}")));
    CHECK(messages == before);

    std::string told;
    yspay::set_log([&](yspay::LogLevel, std::string_view message) { told += message; }, yspay::LogLevel::Error);
    static_cast<void>(ERROR_OF(client.query_sign_sts("C99-l")));
    yspay::set_log(nullptr);
    CHECK(check::contains(told, "BUSINESS"));
}

int main(int argc, char **argv) {
    if (argc != 6) {
        std::cerr << "usage: " << argv[0] << " CONFIG SLOW_CONFIG FLEET_CONFIG FLOW_ID BODY_FILE\n";
        return 2;
    }
    try {
        const yspay::Client client{std::string(argv[1])};
        statuses(client);
        errors(client);
        timeouts(client);
        no_turn(argv[2]);
        no_store(argv[3]);
        cancelling(client);
        halves(client, argv[4], check::file(argv[5]));
        describing(client);
        counting(argv[1]);
        making_and_moving(argv[1]);
        logging(client);
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return check::failures > 0;
}
