// yspay.hpp against a library that is not ours: newer, older or broken. This program defines the C functions itself.
#include <cstring>
#include <locale>
#include <string>
#include <tuple>

#include "check.hpp"

using yspay::Code;
using yspay::SignStatus;

/// What the next call says.
static struct {
    std::int32_t code = YSP_OK;
    std::int32_t status = YSP_SIGN_STS_NONE;
    const char *json = nullptr;
} next;
// What was handed out and has not come back.
static int strings, clients, cancels;
// What ysp_set_log was last told.
static ysp_log_callback log_callback;
static std::int32_t log_level;

static char *handed_out() {
    if (next.json == nullptr) return nullptr;
    strings++;
    char *copy = new char[std::strlen(next.json) + 1];
    return std::strcpy(copy, next.json);
}

extern "C" {
std::int32_t ysp_client_new(const char *, ysp_client **client, char **error) {
    static char place;
    clients += next.code == YSP_OK ? 1 : 0;
    *client = next.code == YSP_OK ? reinterpret_cast<ysp_client *>(&place) : nullptr;
    *error = next.code == YSP_OK ? nullptr : handed_out();
    return next.code;
}
void ysp_client_free(ysp_client *client) { clients -= client == nullptr ? 0 : 1; }
std::int32_t ysp_client_describe(const ysp_client *, char **json) {
    *json = handed_out();
    return next.code;
}
std::int32_t ysp_client_stats(const ysp_client *, char **json) {
    *json = handed_out();
    return next.code;
}
std::int32_t ysp_query_sign_sts(const ysp_client *, const char *, std::uint32_t, const ysp_cancel *,
                                std::int32_t *status, char **json) {
    *status = next.status;
    *json = handed_out();
    return next.code;
}
std::int32_t ysp_build_request(const ysp_client *, const char *, const char *, char **body, char **error) {
    *body = next.code == YSP_OK ? handed_out() : nullptr;
    *error = next.code == YSP_OK ? nullptr : handed_out();
    return next.code;
}
std::int32_t ysp_verify_response(const ysp_client *, const char *, const std::uint8_t *, std::size_t,
                                 std::int32_t *status, char **json) {
    *status = next.status;
    *json = handed_out();
    return next.code;
}
ysp_cancel *ysp_cancel_new(void) {
    static char place;
    if (next.code != YSP_OK) return nullptr;
    cancels++;
    return reinterpret_cast<ysp_cancel *>(&place);
}
void ysp_cancel_trigger(const ysp_cancel *) {}
void ysp_cancel_free(ysp_cancel *cancel) { cancels -= cancel == nullptr ? 0 : 1; }
void ysp_free_string(char *string) {
    strings -= string == nullptr ? 0 : 1;
    delete[] string;
}
const char *ysp_version(void) { return "9.9.9"; }
const char *ysp_code_name(std::int32_t code) { return code == YSP_INTERNAL ? "INTERNAL" : "UNKNOWN"; }
const char *ysp_sign_sts_name(std::int32_t) { return "UNKNOWN"; }
void ysp_set_log(ysp_log_callback callback, void *, std::int32_t level) {
    log_callback = callback;
    log_level = level;
}
}

static yspay::Client client() {
    next = {YSP_OK, YSP_SIGN_STS_NONE, nullptr};
    return yspay::Client("{}");
}

static yspay::Answer answer(std::int32_t status, const std::string &json) {
    const yspay::Client asked = client();
    next = {YSP_OK, status, json.c_str()};
    return asked.query_sign_sts("F1");
}

static yspay::Error error(std::int32_t code, const char *json) {
    const yspay::Client asked = client();
    next = {code, YSP_SIGN_STS_NONE, json};
    return ERROR_OF(asked.query_sign_sts("F1"));
}

static const std::string kHead =
    R"({"ok":true,"signSts":"9","signStsName":"ARCHIVED","isFinal":true,"isSuccess":false,"sysSignFlowId":"F1",)"
    R"("code":"00","note":null,"reqFlowId":"R","attempts":4294967295,"elapsedMs":9007199254740993,)";

static void newer() {
    const yspay::Answer told = answer(9, kHead + R"("added":[1,{"x":null}],"data":{"b":"1","a":10.00,"n":null}})");
    CHECK(told.sign_status == SignStatus::Unknown && told.sign_status_text == "9" && told.is_final);
    CHECK(told.attempts == 4294967295U && told.elapsed.count() == 9007199254740993);
    CHECK(!told.note && told.req_flow_id == "R");
    CHECK(told.data.size() == 3 && told.data[0].name == "b" && told.data[1].json == "10.00");
    CHECK(told.data[1].text() == "10.00" && told.data[2].text() == "null");

    const yspay::Error refused = error(99, R"({"ok":false,"error":{"code":"NEW","number":99,"message":"m",)"
                                           R"("retryable":true,"sent":false,"attempts":3,"reqFlowId":null,)"
                                           R"("platformCode":"p","platformNote":null,"httpStatus":599,)"
                                           R"("unverified":"u","more":{}}})");
    CHECK(static_cast<int>(refused.code()) == 99 && std::string(refused.what()) == "UNKNOWN: m");
    CHECK(refused.retryable() && !refused.sent() && refused.attempts() == 3 && !refused.req_flow_id());
    CHECK(refused.platform_code() == "p" && refused.http_status() == 599 && refused.unverified() == "u");
}

/// As numbers are written in Germany, for example.
struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
};

static void describing() {
    // Every text is another one: none may stand in another's place.
    const std::string key = R"({"subject":"S","issuer":"I","serial":"N","notBefore":"B","notAfter":"A",)"
        R"("daysLeft":null})";
    const std::string rest =
        R"("platformCertificate":{"kind":"K","subject":"s","issuer":"i","serial":"n","notBefore":"b","notAfter":"a",)"
        R"("daysLeft":-59,)"
        R"("fingerprintSha256":"f"},"rateLimit":{"perSecond":7,"shared":null},"version":"v","added":0})";
    const std::string head = R"({"endpoint":"e","src":"o","signType":"t","privateKey":{"kind":"k","container":"c",)";
    const std::string with = head + "\"certificate\":" + key + "}," + rest;
    const std::string without = head + "\"certificate\":null}," + rest;
    const yspay::Client asked = client();
    next = {YSP_OK, YSP_SIGN_STS_NONE, with.c_str()};
    const yspay::Description told = asked.describe();
    CHECK(told.endpoint == "e" && told.src == "o" && told.sign_type == "t" && told.version == "v");
    CHECK(told.private_key_kind == "k" && told.private_key_container == "c" && told.private_key_certificate);
    const yspay::Certificate own = told.private_key_certificate.value_or(yspay::Certificate{});
    CHECK(own.subject == "S" && own.issuer == "I" && own.serial == "N" && own.not_before == "B" && own.not_after == "A");
    const yspay::Certificate &pinned = told.platform_certificate;
    CHECK(told.platform_certificate_kind == "K" && told.platform_certificate_fingerprint_sha256 == "f");
    CHECK(pinned.subject == "s" && pinned.issuer == "i" && pinned.serial == "n");
    CHECK(pinned.not_before == "b" && pinned.not_after == "a");
    CHECK(!own.days_left && pinned.days_left == -59);
    CHECK(told.rate_limit_per_second == 7 && !told.shared_limit && told.json == with);
    std::string fraction = with;
    fraction.replace(fraction.find(":7,"), 3, ":0.05,");
    next = {YSP_OK, YSP_SIGN_STS_NONE, fraction.c_str()};
    CHECK(asked.describe().rate_limit_per_second == 0.05);
    const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
    CHECK(asked.describe().rate_limit_per_second == 0.05);
    std::locale::global(before);
    for (const char *wrong : {":\"7\",", ":null,", ":true,"}) {
        std::string odd = with;
        odd.replace(odd.find(":7,"), 3, wrong);
        next = {YSP_OK, YSP_SIGN_STS_NONE, odd.c_str()};
        CHECK(ERROR_OF(asked.describe()).code() == Code::Internal);
    }
    for (const auto &[fallback, want] :
         {std::pair<const char *, std::optional<double>>{"null", std::nullopt}, {"0.5", 0.5}, {"2", 2}}) {
        std::string fleet = with;
        fleet.replace(fleet.find("null},\"version\""), 4,
                      R"({"store":"redis://h:1/0","prefix":"p","timeoutMs":60000,"fallbackPerSecond":)" +
                          std::string(fallback) + "}");
        next = {YSP_OK, YSP_SIGN_STS_NONE, fleet.c_str()};
        const yspay::SharedLimit shared = asked.describe().shared_limit.value_or(yspay::SharedLimit{});
        CHECK(shared.store == "redis://h:1/0" && shared.prefix == "p" && shared.timeout == std::chrono::minutes(1));
        CHECK(shared.fallback_per_second == want);
    }
    next = {YSP_OK, YSP_SIGN_STS_NONE, without.c_str()};
    CHECK(!asked.describe().private_key_certificate);
    const std::string odd =
        head + R"("certificate":{"subject":"S","issuer":"I","serial":null,"notBefore":null,"notAfter":null,)"
        R"("daysLeft":null}},)" + rest;
    next = {YSP_OK, YSP_SIGN_STS_NONE, odd.c_str()};
    const yspay::Certificate unread = asked.describe().private_key_certificate.value_or(own);
    CHECK(unread.subject == "S" && unread.serial.empty() && unread.not_before.empty() && unread.not_after.empty());
}

static void counting() {
    // Every number is another one: none may stand in another's place. A newer library counts more.
    const std::string json =
        R"({"calls":{"OK":1,"NEW":18446744073709551615},"answers":{"CREATED":2},"attempts":3,"retries":4,)"
        R"("connectionsOpened":5,"waitSeconds":{"count":6,"sum":1.5e-7,"buckets":[{"le":0.001,"count":7},)"
        R"({"le":20.0,"count":8,"added":{}}],"added":[]},"rateLimit":{"perSecond":0.5,"slotsInUse":9,)"
        R"("slotsResting":10,"waiting":11,"turns":12,"shared":null},"added":null})";
    const yspay::Client asked = client();
    next = {YSP_OK, YSP_SIGN_STS_NONE, json.c_str()};
    const yspay::Stats told = asked.stats();
    CHECK(told.calls.size() == 2 && told.calls.at("OK") == 1 && told.calls.at("NEW") == 18446744073709551615U);
    CHECK(told.answers.size() == 1 && told.answers.at("CREATED") == 2);
    CHECK(told.attempts == 3 && told.retries == 4 && told.connections_opened == 5);
    CHECK(told.wait_seconds.count == 6 && told.wait_seconds.sum == 1.5e-7 && told.wait_seconds.buckets.size() == 2);
    CHECK(told.wait_seconds.buckets[0].le == 0.001 && told.wait_seconds.buckets[0].count == 7);
    CHECK(told.wait_seconds.buckets[1].le == 20 && told.wait_seconds.buckets[1].count == 8);
    CHECK(told.rate_limit.per_second == 0.5 && told.rate_limit.slots_in_use == 9 && told.rate_limit.slots_resting == 10);
    CHECK(told.rate_limit.waiting == 11 && told.rate_limit.turns == 12 && !told.rate_limit.shared && told.json == json);
    for (const auto &[shared, reachable, error, round_trip] :
         {std::tuple<const char *, std::optional<bool>, std::optional<std::string>, std::optional<double>>{
              R"({"reachable":null,"lastError":null,"roundTripMs":null})", std::nullopt, std::nullopt, std::nullopt},
          {R"({"reachable":false,"lastError":"why","roundTripMs":1.25,"added":1})", false, "why", 1.25}}) {
        std::string fleet = json;
        fleet.replace(fleet.find("null},\"added\""), 4, shared);
        next = {YSP_OK, YSP_SIGN_STS_NONE, fleet.c_str()};
        const yspay::StoreStats store = asked.stats().rate_limit.shared.value_or(yspay::StoreStats{true, "", 0});
        CHECK(store.reachable == reachable && store.last_error == error && store.round_trip_ms == round_trip);
    }
    static const struct {
        const char *good, *bad;
    } kBroken[] = {
        {R"("attempts":3)", R"("attempts":-3)"}, {R"("OK":1)", R"("OK":"1")"},   {R"("sum":1.5e-7)", R"("sum":"1")"},
        {R"("sum":1.5e-7)", R"("sum":null)"},    {R"("turns":12)", R"("turn":12)"}, {R"([{"le")", R"({"le")"},
    };
    for (const auto &one : kBroken) {
        std::string broken = json;
        broken.replace(broken.find(one.good), std::strlen(one.good), one.bad);
        next = {YSP_OK, YSP_SIGN_STS_NONE, broken.c_str()};
        CHECK(ERROR_OF(asked.stats()).code() == Code::Internal);
    }
}

static void logging() {
    yspay::set_log([](yspay::LogLevel, std::string_view) {}, yspay::LogLevel::Warn);
    CHECK(log_callback != nullptr && log_level == YSP_LOG_WARN);
    yspay::set_log([](yspay::LogLevel, std::string_view) {});
    CHECK(log_callback != nullptr && log_level == YSP_LOG_INFO);
    yspay::set_log({});
    CHECK(log_callback == nullptr && log_level < YSP_LOG_ERROR);
}

static void strings_in_json() {
    const yspay::Answer told = answer(2, kHead + R"("data":{"a\u0041\n\"\\\/\b\f\r\t":"\u00e9\u94F6\ud83d\ude00é","":""}})");
    CHECK(told.data[0].name == "aA\n\"\\/\b\f\r\t");
    CHECK(told.data[0].json == R"("\u00e9\u94F6\ud83d\ude00é")");
    CHECK(told.data[0].text() == "é银😀é");
    CHECK(told.data[1].name.empty() && told.data[1].text().empty());
    CHECK((yspay::Field{"x", "\"half"}.text() == "\"half"));
}

static void broken() {
    // Whatever is wrong with an answer, it is an error, and nothing leaks.
    const std::string deep = kHead + "\"data\":{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}}";
    std::string objects = "1";
    for (int depth = 0; depth < 200; depth++) objects = "{\"a\":" + objects + "}";
    const std::string nested = kHead + "\"data\":{\"a\":" + std::string(64, '[') + std::string(64, ']') + "}}";
    CHECK(answer(2, nested).data.size() == 1);
    for (const std::string &json : {
             std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("{}"), deep,
             kHead + "\"data\":" + objects + "}",
             kHead, kHead + "\"data\":{}", kHead + "\"data\":{}}x", kHead + "\"data\":[]}", kHead + "\"data\":{\"a\":01}}",
             kHead + "\"data\":{\"a\":1.}}", kHead + "\"data\":{\"a\":-}}", kHead + "\"data\":{\"a\":1e}}",
             kHead + "\"data\":{\"a\":tru}}", kHead + "\"data\":{\"a\":\"\\x\"}}", kHead + "\"data\":{\"a\":\"\\u12\"}}",
             kHead + "\"data\":{\"a\":\"\\u+123\"}}", kHead + "\"data\":{\"a\":\"\\ud800\"}}",
             kHead + "\"data\":{\"a\":\"\\ud800\\u0041\"}}", kHead + "\"data\":{\"a\":\"\\udc00\"}}",
             kHead + "\"data\":{\"a\":\"\n\"}}", kHead + "\"data\":{\"a\":1,}}", kHead + "\"data\":{,}}",
             kHead + "\"data\":{a:1}}", kHead + "\"data\":{\"a\" 1}}", kHead + "\"data\":{\"a\":\"",
             kHead + "\"data\":{\"a\":\"\\",
         }) {
        const yspay::Error told = ERROR_OF(answer(2, json));
        CHECK(told.code() == Code::Internal && check::contains(told.message(), "cannot be read"));
        CHECK(told.sent() && told.json() == json);
    }
    for (const char *member : {"\"attempts\":-1", "\"attempts\":4294967296", "\"attempts\":1.5", "\"attempts\":\"1\"",
                               "\"isFinal\":1", "\"isFinal\":null", "\"code\":0", "\"note\":false"}) {
        const std::string name(member, std::strchr(member, ':'));
        std::string json = kHead + "\"data\":{}}";
        const std::size_t start = json.find(name);
        json.replace(start, json.find(',', start) - start, member);
        CHECK(ERROR_OF(answer(2, json)).code() == Code::Internal);
    }
    // An error keeps its code, whatever its explanation; and that nothing was sent must be proved.
    for (const char *json : {static_cast<const char *>(nullptr), "", "{", "{\"error\":null}",
                             R"({"error":{"message":"m","retryable":false,"sent":false}})"}) {
        const yspay::Error told = error(YSP_INTERNAL, json);
        CHECK(told.code() == Code::Internal && told.sent() && !told.message().empty());
    }
    const yspay::Client asked = client();
    next = {YSP_INVALID_HANDLE, YSP_SIGN_STS_NONE, nullptr};
    CHECK(ERROR_OF(asked.describe()).code() == Code::InvalidHandle);
    CHECK(ERROR_OF(asked.stats()).code() == Code::InvalidHandle);
    next = {YSP_OK, YSP_SIGN_STS_NONE, "{}"};
    CHECK(ERROR_OF(asked.describe()).code() == Code::Internal);
    next = {YSP_INTERNAL, YSP_SIGN_STS_NONE, nullptr};
    CHECK(ERROR_OF(yspay::CancelToken()).code() == Code::Internal);
    next = {YSP_CONFIG, YSP_SIGN_STS_NONE, "?"};
    CHECK(ERROR_OF(yspay::Client("{}")).code() == Code::Config);
    CHECK(ERROR_OF(asked.build_request("F1")).code() == Code::Config);
}

int main() {
    newer();
    strings_in_json();
    broken();
    describing();
    counting();
    logging();
    {
        next = {YSP_OK, YSP_SIGN_STS_NONE, nullptr};
        const yspay::CancelToken token;
        const yspay::CancelToken copy = token;
        yspay::Client moved = client();
        yspay::Client there(std::move(moved));
        there = client();
        CHECK(cancels == 1 && clients == 1);
    }
    CHECK(strings == 0 && clients == 0 && cancels == 0);
    CHECK(std::string(yspay::version()) == "9.9.9");
    return check::failures > 0;
}
