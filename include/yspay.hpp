/*
 * yspay for C++17: the C ABI of yspay.h as types that own what they hold and throw what went wrong. Header-only; link
 * with yspay as for C. Licence: Apache-2.0 OR MIT.
 *
 *     yspay::Client client(config_json);                                  // once; share it among threads
 *     try {
 *         yspay::Answer answer = client.query_sign_sts("MAN202109280009848");
 *         std::cout << yspay::name(answer.sign_status) << '\n';
 *     } catch (const yspay::Error &error) {
 *         std::cerr << error.what() << '\n';
 *     }
 *
 * CONVENTIONS
 *   Text        is UTF-8. A NUL inside a text is refused, never taken for its end.
 *   Errors      every failure of this library is a yspay::Error; std::bad_alloc is the only other exception.
 *   Threads     const member functions and free functions may be called from any thread at any time; as with any
 *               object, nothing else may go on while one is assigned to, moved from or destroyed.
 *   Settings, JSON, the limit: see the top of yspay.h.
 */
#ifndef YSPAY_HPP
#define YSPAY_HPP

#if !(__cplusplus >= 201703L || (defined(_MSVC_LANG) && _MSVC_LANG >= 201703L))
#error "yspay.hpp needs C++17: compile with -std=c++17. For older compilers there is yspay.h."
#endif
#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#error "yspay.hpp needs exceptions. Without them there is yspay.h."
#endif

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yspay.h"

namespace yspay {

/// What kind of failure. A newer library may report a number that is not listed: give each switch a default.
enum class Code : std::int32_t {
    /// An argument is empty, too long, not UTF-8, out of range, or holds a control character, `&` or `=`.
    InvalidArgument = YSP_INVALID_ARGUMENT,
    /// The client was moved from.
    InvalidHandle = YSP_INVALID_HANDLE,
    /// A setting is missing, unknown, of the wrong type, out of range or contradicts another; the message names it.
    Config = YSP_CONFIG,
    /// A key or certificate is unreadable, has another password or is of the wrong kind; the message names it.
    Credential = YSP_CREDENTIAL,
    /// No turn at the limiter before the deadline; nothing was sent. Retryable later.
    RateLimited = YSP_RATE_LIMITED,
    /// DNS, connect, TLS, a reset connection, or a response over 1 MiB. Retryable; was repeated up to maxAttempts.
    Transport = YSP_TRANSPORT,
    /// The deadline passed. Retryable.
    Timeout = YSP_TIMEOUT,
    /// The HTTP status is not 200. 5xx and 429 are retryable, and were.
    HttpStatus = YSP_HTTP_STATUS,
    /// The response is not the JSON of the protocol.
    MalformedResponse = YSP_MALFORMED_RESPONSE,
    /// The response is unsigned, its signature is not Base64, or does not fit.
    Signature = YSP_SIGNATURE,
    /// Well signed, but not the answer to this question. Never use it.
    Mismatch = YSP_MISMATCH,
    /// Verified: the platform reports a timeout of its own (`code` 50). Retryable; was repeated up to maxAttempts.
    GatewayTimeout = YSP_GATEWAY_TIMEOUT,
    /// Verified: the platform refuses; platform_code() and platform_note() say why.
    Business = YSP_BUSINESS,
    /// A bug of this library. Please report it.
    Internal = YSP_INTERNAL,
    /// The cancel token was triggered.
    Cancelled = YSP_CANCELLED,
    /// The store of the shared limit (rateLimit.shared) gave no turn: away, refusing or silent; the message says which.
    /// Nothing was sent. Retryable.
    LimiterUnavailable = YSP_LIMITER_UNAVAILABLE,
};

/// The signing status of a contract.
enum class SignStatus : std::int32_t {
    /// 申请中: applied for.
    Applying = YSP_SIGN_STS_APPLYING,
    /// 待签署: waiting to be signed.
    Pending = YSP_SIGN_STS_PENDING,
    /// 已创建: created. The successful final state, and the only success.
    Created = YSP_SIGN_STS_CREATED,
    /// 已作废: made void. Final.
    Voided = YSP_SIGN_STS_VOIDED,
    /// 已过期: expired. Final.
    Expired = YSP_SIGN_STS_EXPIRED,
    /// 创建失败: creation failed. Final.
    CreateFailed = YSP_SIGN_STS_CREATE_FAILED,
    /// 合同已生成: the contract document was generated.
    ContractGenerated = YSP_SIGN_STS_CONTRACT_GENERATED,
    /// A verified status that this header does not know; Answer::sign_status_text is what came.
    Unknown = YSP_SIGN_STS_UNKNOWN,
};

/// How much a log message matters.
enum class LogLevel : std::int32_t {
    /// A call or the making of a client failed.
    Error = YSP_LOG_ERROR,
    /// An attempt failed and is repeated; a certificate has ended, or ends within 30 days; the shared limit's store has
    /// gone away, or is back.
    Warn = YSP_LOG_WARN,
    /// A client was made.
    Info = YSP_LOG_INFO,
    /// The signed text of each request and response; compare it when the platform refuses a signature.
    Debug = YSP_LOG_DEBUG,
    /// Each step of a call.
    Trace = YSP_LOG_TRACE,
};

/// The name that every language uses, for example "SIGNATURE"; "UNKNOWN" for a number that is no code.
inline const char *name(Code code) noexcept { return ysp_code_name(static_cast<std::int32_t>(code)); }

/// The name that every language uses, for example "CREATED".
inline const char *name(SignStatus status) noexcept { return ysp_sign_sts_name(static_cast<std::int32_t>(status)); }

/// The version of the library that is linked or loaded, for example "0.1.0".
inline const char *version() noexcept { return ysp_version(); }

/// What an Error tells.
struct ErrorDetails {
    Code code = Code::Internal;
    /// What failed, where, and what to try; for people, it may change.
    std::string message;
    /// The same call may succeed later.
    bool retryable = false;
    /// False only if no byte of any request of this call was written.
    bool sent = true;
    /// How many requests were attempted.
    std::uint32_t attempts = 0;
    /// reqFlowId of the last attempt, to quote to the platform's support.
    std::optional<std::string> req_flow_id;
    /// `code` of an answer that was verified but is no success for this question; Mismatch has it, too.
    std::optional<std::string> platform_code;
    /// `note` of such an answer.
    std::optional<std::string> platform_note;
    /// The HTTP status, when it was not 200.
    std::optional<std::uint16_t> http_status;
    /// At most 300 characters of a response that was NOT believed, control characters escaped; for people only.
    std::optional<std::string> unverified;
    /// The library's own JSON, documented in yspay.h; empty where the failure was found by this header.
    std::string json;
};

/// A failure. Holds no secret. Copying never throws.
class Error : public std::exception {
public:
    /// For this header, and for a program's own tests.
    explicit Error(ErrorDetails details)
        : Error(std::string(yspay::name(details.code)) + ": " + details.message, std::move(details)) {}
    // No moves: one that was moved from would have nothing left to tell.
    Error(const Error &) noexcept = default;
    Error &operator=(const Error &) noexcept = default;
    ~Error() override = default;

    /// The code's name and the message.
    const char *what() const noexcept override { return held_->what.c_str(); }

    /// What kind of failure.
    Code code() const noexcept { return details().code; }
    /// @see ErrorDetails::message
    const std::string &message() const noexcept { return details().message; }
    /// @see ErrorDetails::retryable
    bool retryable() const noexcept { return details().retryable; }
    /// @see ErrorDetails::sent
    bool sent() const noexcept { return details().sent; }
    /// @see ErrorDetails::attempts
    std::uint32_t attempts() const noexcept { return details().attempts; }
    /// @see ErrorDetails::req_flow_id
    const std::optional<std::string> &req_flow_id() const noexcept { return details().req_flow_id; }
    /// @see ErrorDetails::platform_code
    const std::optional<std::string> &platform_code() const noexcept { return details().platform_code; }
    /// @see ErrorDetails::platform_note
    const std::optional<std::string> &platform_note() const noexcept { return details().platform_note; }
    /// @see ErrorDetails::http_status
    std::optional<std::uint16_t> http_status() const noexcept { return details().http_status; }
    /// @see ErrorDetails::unverified
    const std::optional<std::string> &unverified() const noexcept { return details().unverified; }
    /// @see ErrorDetails::json
    const std::string &json() const noexcept { return details().json; }
    /// All of it.
    const ErrorDetails &details() const noexcept { return held_->details; }

private:
    struct Held {
        std::string what;
        ErrorDetails details;
    };

    Error(std::string what, ErrorDetails &&details)
        : held_(std::make_shared<const Held>(Held{std::move(what), std::move(details)})) {}

    // Shared, for copying an exception must not throw.
    std::shared_ptr<const Held> held_;
};

/// Reading what the library says. Not for programs: it may change.
namespace detail {

/// Why a text is not the JSON that it should be.
struct BadJson {
    std::string why;
};

/// Reads JSON strictly (RFC 8259), one value after the other; throws BadJson.
class JsonReader {
public:
    /// A member of an object: its name, and its value's source as a part of the text that was read.
    using Member = std::pair<std::string, std::string_view>;

    explicit JsonReader(std::string_view text) : text_(text) {}

    /// The whole text, which must be one object.
    std::vector<Member> only_object() {
        space();
        std::vector<Member> members = object(kMaxDepth);
        end();
        return members;
    }

    /// The whole text, which must be one array: its values' sources, as parts of the text that was read.
    std::vector<std::string_view> only_array() {
        space();
        std::vector<std::string_view> values = array(kMaxDepth);
        end();
        return values;
    }

    /// The whole text, which must be one string.
    std::string only_string() {
        space();
        std::string decoded = string();
        end();
        return decoded;
    }

private:
    // The library lets the platform nest 64 deep.
    static constexpr int kMaxDepth = 100;

    std::string_view text_;
    std::size_t at_ = 0;

    [[noreturn]] void fail(const char *why) const {
        throw BadJson{std::string(why) + " at byte " + std::to_string(at_)};
    }

    /// The next character; NUL, which no JSON holds, at the end.
    char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool take(char wanted) noexcept {
        const bool there = at_ < text_.size() && text_[at_] == wanted;
        at_ += there ? 1 : 0;
        return there;
    }

    void need(char wanted, const char *why) {
        if (!take(wanted)) fail(why);
    }

    void space() noexcept {
        while (take(' ') || take('\t') || take('\n') || take('\r')) {
        }
    }

    void end() {
        space();
        if (at_ != text_.size()) fail("more text");
    }

    std::vector<Member> object(int depth) {
        std::vector<Member> members;
        need('{', "no object");
        space();
        if (take('}')) return members;
        do {
            space();
            std::string member = string();
            space();
            need(':', "no colon");
            space();
            const std::string_view source = value(depth);
            members.emplace_back(std::move(member), source);
            space();
        } while (take(','));
        need('}', "no end of the object");
        return members;
    }

    std::vector<std::string_view> array(int depth) {
        std::vector<std::string_view> values;
        need('[', "no array");
        space();
        if (take(']')) return values;
        do {
            space();
            values.push_back(value(depth));
            space();
        } while (take(','));
        need(']', "no end of the array");
        return values;
    }

    std::string_view value(int depth) {
        if (depth == 0) fail("nested too deep");
        const std::size_t start = at_;
        switch (peek()) {
            case '{': object(depth - 1); break;
            case '[': array(depth - 1); break;
            case '"': string(); break;
            case 't': word("true"); break;
            case 'f': word("false"); break;
            case 'n': word("null"); break;
            default: number();
        }
        return text_.substr(start, at_ - start);
    }

    void word(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted) fail("no value");
        at_ += wanted.size();
    }

    void digits() {
        if (peek() < '0' || peek() > '9') fail("no digit");
        while (peek() >= '0' && peek() <= '9') at_++;
    }

    void number() {
        take('-');
        if (!take('0')) digits();
        if (take('.')) digits();
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            digits();
        }
    }

    std::string string() {
        std::string decoded;
        need('"', "no string");
        while (!take('"')) {
            const char c = peek();
            // The end of the text is peeked as NUL.
            if (static_cast<unsigned char>(c) < 0x20) fail("no end of the string");
            at_++;
            if (c == '\\') {
                escape(decoded);
            } else {
                decoded += c;
            }
        }
        return decoded;
    }

    void escape(std::string &decoded) {
        const char c = peek();
        at_++;
        switch (c) {
            case '"':
            case '\\':
            case '/': decoded += c; break;
            case 'b': decoded += '\b'; break;
            case 'f': decoded += '\f'; break;
            case 'n': decoded += '\n'; break;
            case 'r': decoded += '\r'; break;
            case 't': decoded += '\t'; break;
            case 'u': append_utf8(decoded, code_point()); break;
            default: fail("no such escape");
        }
    }

    std::uint32_t hex4() {
        std::uint32_t unit = 0;
        const std::string_view source = text_.substr(at_, 4);
        const char *last = source.data() + source.size();
        const auto [stop, problem] = std::from_chars(source.data(), last, unit, 16);
        if (problem != std::errc() || stop != last || source.size() != 4) fail("no four hex digits");
        at_ += 4;
        return unit;
    }

    std::uint32_t code_point() {
        const std::uint32_t first = hex4();
        if (first < 0xD800 || first > 0xDFFF) return first;
        if (first > 0xDBFF || !take('\\') || !take('u')) fail("half a surrogate pair");
        const std::uint32_t second = hex4();
        if (second < 0xDC00 || second > 0xDFFF) fail("half a surrogate pair");
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }

    static void append_utf8(std::string &to, std::uint32_t point) {
        const auto tail = [&](int shift) { to += static_cast<char>(0x80 | ((point >> shift) & 0x3F)); };
        if (point < 0x80) {
            to += static_cast<char>(point);
        } else if (point < 0x800) {
            to += static_cast<char>(0xC0 | (point >> 6));
            tail(0);
        } else if (point < 0x10000) {
            to += static_cast<char>(0xE0 | (point >> 12));
            tail(6), tail(0);
        } else {
            to += static_cast<char>(0xF0 | (point >> 18));
            tail(12), tail(6), tail(0);
        }
    }
};

/// An object that the library wrote, by the names that yspay.h documents; throws BadJson. The text must outlive it.
class JsonObject {
public:
    explicit JsonObject(std::string_view text) : members_(JsonReader(text).only_object()) {}

    std::string_view source(std::string_view wanted) const {
        for (const auto &[member, value] : members_) {
            if (member == wanted) return value;
        }
        throw BadJson{"no " + std::string(wanted)};
    }

    JsonObject object(std::string_view wanted) const { return JsonObject(source(wanted)); }
    std::string text(std::string_view wanted) const { return JsonReader(source(wanted)).only_string(); }
    bool is_null(std::string_view wanted) const { return source(wanted) == "null"; }

    std::optional<std::string> text_or_null(std::string_view wanted) const {
        return is_null(wanted) ? std::nullopt : std::make_optional(text(wanted));
    }

    bool boolean(std::string_view wanted) const {
        const std::string_view value = source(wanted);
        if (value != "true" && value != "false") throw BadJson{std::string(wanted) + " is not a boolean"};
        return value == "true";
    }

    template <class Number>
    Number number(std::string_view wanted) const {
        Number parsed = 0;
        const std::string_view value = source(wanted);
        const char *last = value.data() + value.size();
        const auto [stop, problem] = std::from_chars(value.data(), last, parsed);
        if (problem != std::errc() || stop != last) throw BadJson{std::string(wanted) + " is not such a number"};
        return parsed;
    }

    /// A number that may have a point. Not by from_chars, which older standard libraries have for whole numbers alone.
    double decimal(std::string_view wanted) const {
        double parsed = 0;
        std::istringstream in{std::string(source(wanted))};
        in.imbue(std::locale::classic());
        in >> parsed;
        if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) {
            throw BadJson{std::string(wanted) + " is not a number"};
        }
        return parsed;
    }

    /// An object whose members are all counts.
    std::map<std::string, std::uint64_t> counts(std::string_view wanted) const {
        const JsonObject all = object(wanted);
        std::map<std::string, std::uint64_t> found;
        for (const auto &member : all.members_) found[member.first] = all.number<std::uint64_t>(member.first);
        return found;
    }

private:
    std::vector<JsonReader::Member> members_;
};

/// Strings of the library go back to the library.
struct FreeString {
    void operator()(char *string) const noexcept { ysp_free_string(string); }
};
using OwnedString = std::unique_ptr<char, FreeString>;

inline std::string copy(const OwnedString &string) { return string ? std::string(string.get()) : std::string(); }

/// The error that a code and its JSON tell.
inline Error failure(std::int32_t code, std::string json) {
    ErrorDetails told;
    told.code = static_cast<Code>(code);
    told.json = std::move(json);
    try {
        const JsonObject all(told.json);
        const JsonObject error = all.object("error");
        told.message = error.text("message");
        told.retryable = error.boolean("retryable");
        told.attempts = error.number<std::uint32_t>("attempts");
        told.req_flow_id = error.text_or_null("reqFlowId");
        told.platform_code = error.text_or_null("platformCode");
        told.platform_note = error.text_or_null("platformNote");
        if (!error.is_null("httpStatus")) told.http_status = error.number<std::uint16_t>("httpStatus");
        told.unverified = error.text_or_null("unverified");
        // Last: until all is read, nothing is proved.
        told.sent = error.boolean("sent");
    } catch (const BadJson &bad) {
        told.message = "The library's explanation cannot be read: " + bad.why +
                       ". Are yspay.hpp and the library of the same version?";
    }
    return Error(std::move(told));
}

/// A failure that this header finds before the library is asked.
inline Error invalid(std::string message) {
    ErrorDetails told;
    told.code = Code::InvalidArgument;
    told.message = std::move(message);
    told.sent = false;
    return Error(std::move(told));
}

/// A failure to understand the library.
inline Error unreadable(const BadJson &bad, std::string json) {
    ErrorDetails told;
    told.message = "The library's answer cannot be read: " + bad.why +
                   ". Are yspay.hpp and the library of the same version?";
    told.json = std::move(json);
    return Error(std::move(told));
}

/// The text for C; one that C would cut short is refused.
inline const char *c_text(const std::string &text, const char *what) {
    if (text.find('\0') != std::string::npos) throw invalid(std::string(what) + " holds a NUL character.");
    return text.c_str();
}

}  // namespace detail

/// A field of the answer, as it was signed.
struct Field {
    std::string name;
    /// The value's exact JSON source, quotes included.
    std::string json;

    /// A string's content; any other value's source.
    std::string text() const {
        if (json.empty() || json.front() != '"') return json;
        try {
            return detail::JsonReader(json).only_string();
        } catch (const detail::BadJson &) {
            // Only a field that did not come from this library.
            return json;
        }
    }
};

/// A verified answer. Nothing unverified is in it.
struct Answer {
    /// The status; SignStatus::Unknown for one that this header does not know.
    SignStatus sign_status = SignStatus::Unknown;
    /// The status as it came, for example "2".
    std::string sign_status_text;
    /// No later answer can differ: statuses 2, 3, 4 and 7.
    bool is_final = false;
    /// Status 2 alone.
    bool is_success = false;
    /// The contract asked about.
    std::string sys_sign_flow_id;
    /// "00".
    std::string code;
    /// The platform's explanation.
    std::optional<std::string> note;
    /// The request's own number, to quote to the platform's support; empty from verify_response.
    std::optional<std::string> req_flow_id;
    /// How many requests it took; 0 from verify_response.
    std::uint32_t attempts = 0;
    /// How long the whole call took; 0 from verify_response.
    std::chrono::milliseconds elapsed{0};
    /// Every field that was signed, in its order, unknown ones included.
    std::vector<Field> data;
    /// The library's own JSON, documented in yspay.h.
    std::string json;

    /// The signed field of this name; nullptr if there is none. Lives as long as the answer.
    const Field *field(std::string_view wanted) const noexcept {
        for (const Field &one : data) {
            if (one.name == wanted) return &one;
        }
        return nullptr;
    }
};

/// A certificate; its dates are told, not judged.
struct Certificate {
    std::string subject;
    std::string issuer;
    /// Upper-case hex; empty if the certificate has none.
    std::string serial;
    /// RFC 3339, UTC; empty if it cannot be read.
    std::string not_before;
    /// RFC 3339, UTC; empty if it cannot be read.
    std::string not_after;
    /// Whole days from the description to not_after; negative when it has passed, none when it is not known.
    std::optional<std::int64_t> days_left;
};

/// The store of a limit that many processes share.
struct SharedLimit {
    /// Its address, without user and password.
    std::string store;
    /// What the names of its keys begin with.
    std::string prefix;
    /// How long one question to it may take, connecting included.
    std::chrono::milliseconds timeout{0};
    /// Calls a second of this process by itself while the store is away; none: no call is made.
    std::optional<double> fallback_per_second;
};

/// What a client is; nothing secret.
struct Description {
    /// Where requests go.
    std::string endpoint;
    /// The institution number.
    std::string src;
    /// "RSA" or "SM".
    std::string sign_type;
    /// "RSA-2048" (or another length) or "SM2".
    std::string private_key_kind;
    /// The form of the key file, for example "PKCS#12".
    std::string private_key_container;
    /// The certificate beside the key, if the file has one.
    std::optional<Certificate> private_key_certificate;
    /// "RSA-1024" (or another length) or "SM2".
    std::string platform_certificate_kind;
    /// The pinned certificate of the platform.
    Certificate platform_certificate;
    /// SHA-256 of its DER encoding, lower-case hex.
    std::string platform_certificate_fingerprint_sha256;
    /// Calls a second that all clients of this process share for this address and institution; 0.5 is one every 2 s.
    double rate_limit_per_second = 0;
    /// Where the limit is kept that other processes share; none: this process counts for itself.
    std::optional<SharedLimit> shared_limit;
    /// The library's version.
    std::string version;
    /// The library's own JSON, documented in yspay.h.
    std::string json;
};

/// How many waits took no longer than a bound.
struct WaitBucket {
    /// The bound in seconds.
    double le = 0;
    std::uint64_t count = 0;
};

/// A histogram of waits, as Prometheus wants it. Those that ended without a turn, late or cancelled, count as well.
struct Waits {
    /// How many waits there were.
    std::uint64_t count = 0;
    /// How long they were together, in seconds.
    double sum = 0;
    /// For each bound how many waits kept it; the last one, without end, is `count`.
    std::vector<WaitBucket> buckets;
};

/// What is known of the store of a shared limit.
struct StoreStats {
    /// Whether it answered when it was asked last; none: it has not been asked yet.
    std::optional<bool> reachable;
    /// Why it last gave no answer, even if it has answered since.
    std::optional<std::string> last_error;
    /// How long its last answer took, in milliseconds.
    std::optional<double> round_trip_ms;
};

/// The limit, with what all clients of this process that share it do.
struct RateLimitStats {
    /// Requests a second that are allowed: as many slots there are.
    double per_second = 0;
    /// Slots whose request is under way now, those included that nobody waits for any more.
    std::uint64_t slots_in_use = 0;
    /// Slots that rest now, for a second after their request.
    std::uint64_t slots_resting = 0;
    /// Calls that wait for a turn now.
    std::uint64_t waiting = 0;
    /// Turns granted to all of these clients together. It only grows.
    std::uint64_t turns = 0;
    /// The store of a limit that other processes share; none: this process has it to itself.
    std::optional<StoreStats> shared;
};

/// What a client has done since it was made, and what its limit looks like now; nothing secret. Counts only grow.
struct Stats {
    /// Calls of query_sign_sts that have ended, by outcome: "OK" and the name of every code, always all of them.
    std::map<std::string, std::uint64_t> calls;
    /// What the platform said in those that ended with "OK", by the status' name, always all of them.
    std::map<std::string, std::uint64_t> answers;
    /// Requests that this client attempted; each took a turn.
    std::uint64_t attempts = 0;
    /// Those of them that were not the first of their call.
    std::uint64_t retries = 0;
    /// Connections that this client opened, each with its proxy's and TLS's handshake done; other requests reused one.
    std::uint64_t connections_opened = 0;
    /// How long this client's attempts waited for turns.
    Waits wait_seconds;
    /// The limit that all clients of this process share for this address and institution.
    RateLimitStats rate_limit;
    /// The library's own JSON, documented in yspay.h.
    std::string json;
};

namespace detail {

/// The status for a number of the C ABI; one that this header does not know is Unknown.
inline SignStatus sign_status(std::int32_t number) noexcept {
    const auto status = static_cast<SignStatus>(number);
    switch (status) {
        case SignStatus::Applying:
        case SignStatus::Pending:
        case SignStatus::Created:
        case SignStatus::Voided:
        case SignStatus::Expired:
        case SignStatus::CreateFailed:
        case SignStatus::ContractGenerated:
        case SignStatus::Unknown: return status;
    }
    return SignStatus::Unknown;
}

inline Answer answer(std::int32_t status, std::string json) {
    try {
        Answer told;
        const JsonObject all(json);
        told.sign_status = sign_status(status);
        told.sign_status_text = all.text("signSts");
        told.is_final = all.boolean("isFinal");
        told.is_success = all.boolean("isSuccess");
        told.sys_sign_flow_id = all.text("sysSignFlowId");
        told.code = all.text("code");
        told.note = all.text_or_null("note");
        told.req_flow_id = all.text_or_null("reqFlowId");
        told.attempts = all.number<std::uint32_t>("attempts");
        told.elapsed = std::chrono::milliseconds(all.number<std::int64_t>("elapsedMs"));
        for (auto &[name, source] : JsonReader(all.source("data")).only_object()) {
            told.data.push_back(Field{std::move(name), std::string(source)});
        }
        told.json = std::move(json);
        return told;
    } catch (const BadJson &bad) {
        throw unreadable(bad, std::move(json));
    }
}

inline Certificate certificate(const JsonObject &object) {
    const auto readable = [&object](std::string_view name) { return object.text_or_null(name).value_or(""); };
    Certificate told{object.text("subject"), object.text("issuer"), readable("serial"), readable("notBefore"),
                     readable("notAfter"), std::nullopt};
    if (!object.is_null("daysLeft")) told.days_left = object.number<std::int64_t>("daysLeft");
    return told;
}

inline SharedLimit shared_limit(const JsonObject &object) {
    SharedLimit told{object.text("store"), object.text("prefix"),
                     std::chrono::milliseconds(object.number<std::int64_t>("timeoutMs")), std::nullopt};
    if (!object.is_null("fallbackPerSecond")) told.fallback_per_second = object.decimal("fallbackPerSecond");
    return told;
}

inline Description description(std::string json) {
    try {
        Description told;
        const JsonObject all(json);
        const JsonObject key = all.object("privateKey");
        const JsonObject platform = all.object("platformCertificate");
        told.endpoint = all.text("endpoint");
        told.src = all.text("src");
        told.sign_type = all.text("signType");
        told.private_key_kind = key.text("kind");
        told.private_key_container = key.text("container");
        if (!key.is_null("certificate")) told.private_key_certificate = certificate(key.object("certificate"));
        told.platform_certificate_kind = platform.text("kind");
        told.platform_certificate = certificate(platform);
        told.platform_certificate_fingerprint_sha256 = platform.text("fingerprintSha256");
        const JsonObject limit = all.object("rateLimit");
        told.rate_limit_per_second = limit.decimal("perSecond");
        if (!limit.is_null("shared")) told.shared_limit = shared_limit(limit.object("shared"));
        told.version = all.text("version");
        told.json = std::move(json);
        return told;
    } catch (const BadJson &bad) {
        throw unreadable(bad, std::move(json));
    }
}

inline StoreStats store_stats(const JsonObject &shared) {
    StoreStats told;
    if (!shared.is_null("reachable")) told.reachable = shared.boolean("reachable");
    if (!shared.is_null("lastError")) told.last_error = shared.text("lastError");
    if (!shared.is_null("roundTripMs")) told.round_trip_ms = shared.decimal("roundTripMs");
    return told;
}

inline Stats stats(std::string json) {
    try {
        Stats told;
        const JsonObject all(json);
        const JsonObject waits = all.object("waitSeconds");
        const JsonObject limit = all.object("rateLimit");
        told.calls = all.counts("calls");
        told.answers = all.counts("answers");
        told.attempts = all.number<std::uint64_t>("attempts");
        told.retries = all.number<std::uint64_t>("retries");
        told.connections_opened = all.number<std::uint64_t>("connectionsOpened");
        told.wait_seconds.count = waits.number<std::uint64_t>("count");
        told.wait_seconds.sum = waits.decimal("sum");
        for (const std::string_view source : JsonReader(waits.source("buckets")).only_array()) {
            const JsonObject bucket(source);
            told.wait_seconds.buckets.push_back({bucket.decimal("le"), bucket.number<std::uint64_t>("count")});
        }
        told.rate_limit.per_second = limit.decimal("perSecond");
        told.rate_limit.slots_in_use = limit.number<std::uint64_t>("slotsInUse");
        told.rate_limit.slots_resting = limit.number<std::uint64_t>("slotsResting");
        told.rate_limit.waiting = limit.number<std::uint64_t>("waiting");
        told.rate_limit.turns = limit.number<std::uint64_t>("turns");
        if (!limit.is_null("shared")) told.rate_limit.shared = store_stats(limit.object("shared"));
        told.json = std::move(json);
        return told;
    } catch (const BadJson &bad) {
        throw unreadable(bad, std::move(json));
    }
}

}  // namespace detail

/// Cancels calls from another thread. Copies stand for the same token: keep one, give one to the calls.
class CancelToken {
public:
    /// A token that is not triggered.
    CancelToken() : handle_(ysp_cancel_new(), ysp_cancel_free) {
        if (!handle_) throw detail::failure(YSP_INTERNAL, "");
    }
    // No moves: a token that was moved from would cancel nothing, silently.
    CancelToken(const CancelToken &) = default;
    CancelToken &operator=(const CancelToken &) = default;
    ~CancelToken() = default;

    /// Cancels every call under way with this token, and every later one: it stays triggered.
    /// @threads  any thread, any time; not from a signal handler
    void trigger() const noexcept { ysp_cancel_trigger(handle_.get()); }

private:
    friend class Client;
    std::shared_ptr<ysp_cancel> handle_;
};

/// How one call differs from the configuration.
struct QueryOptions {
    /// The limit for the whole call, 1 ms to 1 h; none: as configured.
    std::optional<std::chrono::milliseconds> timeout;
    /// Cancels the call from another thread.
    std::optional<CancelToken> cancel;
};

/// Asks the platform about contracts, as one institution at one address. Reads its key files once, when it is made:
/// make one, keep it, share it among threads. Moves, does not copy; one that was moved from answers InvalidHandle.
class Client {
public:
    /// Makes a client.
    /// @param config_json  the configuration (see the top of yspay.h)
    /// @throws  Error: InvalidArgument, Config, Credential, Internal
    explicit Client(const std::string &config_json) {
        ysp_client *made = nullptr;
        char *error = nullptr;
        const std::int32_t code = ysp_client_new(detail::c_text(config_json, "config_json"), &made, &error);
        const detail::OwnedString told(error);
        if (code != YSP_OK) throw detail::failure(code, detail::copy(told));
        handle_.reset(made);
    }

    /// Makes a client from a configuration file.
    /// @param path  the file, JSON in UTF-8; paths in it are relative to the working directory
    /// @throws  Error: InvalidArgument, Config (also when the file cannot be read), Credential, Internal
    [[nodiscard]] static Client from_file(const std::string &path) {
        ysp_client *made = nullptr;
        char *error = nullptr;
        const std::int32_t code = ysp_client_new_from_file(detail::c_text(path, "path"), &made, &error);
        const detail::OwnedString told(error);
        if (code != YSP_OK) throw detail::failure(code, detail::copy(told));
        return Client(made);
    }

    /// Asks for a contract's signing status: waits for a turn, sends, verifies, repeats what may be repeated. Blocks
    /// until then, for the time limit at most.
    /// @param sys_sign_flow_id  the contract's flow id, 1 to 50 characters, without control characters, `&` and `=`
    /// @param options           a time limit and a cancel token for this call
    /// @throws  Error with any code
    /// @threads  any thread, any time; all clients of this process share one limit for one address and institution
    [[nodiscard]] Answer query_sign_sts(const std::string &sys_sign_flow_id, const QueryOptions &options = {}) const {
        const char *id = detail::c_text(sys_sign_flow_id, "sys_sign_flow_id");
        const std::uint32_t limit = timeout_ms(options.timeout);
        const ysp_cancel *cancel = options.cancel ? options.cancel->handle_.get() : nullptr;
        std::int32_t status = YSP_SIGN_STS_NONE;
        char *json = nullptr;
        const std::int32_t code = ysp_query_sign_sts(handle_.get(), id, limit, cancel, &status, &json);
        return outcome(code, status, detail::OwnedString(json));
    }

    /// Builds the body to post, for callers with an HTTP stack of their own. Does not pass the limiter: keeping to
    /// 10 calls a second is then the caller's duty.
    /// @param sys_sign_flow_id  as for query_sign_sts
    /// @param req_flow_id       the request's own number, 1 to 20 characters, never repeated; none: one is made
    /// @return  the body, to be posted as `application/json`
    /// @throws  Error: InvalidArgument, InvalidHandle, Internal
    [[nodiscard]] std::string build_request(const std::string &sys_sign_flow_id,
                                            const std::optional<std::string> &req_flow_id = std::nullopt) const {
        const char *id = detail::c_text(sys_sign_flow_id, "sys_sign_flow_id");
        const char *own = req_flow_id ? detail::c_text(*req_flow_id, "req_flow_id") : nullptr;
        char *body = nullptr;
        char *error = nullptr;
        const std::int32_t code = ysp_build_request(handle_.get(), id, own, &body, &error);
        const detail::OwnedString built(body);
        const detail::OwnedString told(error);
        if (code != YSP_OK) throw detail::failure(code, detail::copy(told));
        return detail::copy(built);
    }

    /// Verifies the body of an HTTP 200 response that the caller received itself.
    /// @param sys_sign_flow_id  the contract that was asked about
    /// @param body              the body, byte for byte as it was received
    /// @throws  Error: InvalidArgument, InvalidHandle, MalformedResponse, Signature, Mismatch, GatewayTimeout,
    ///          Business, Internal
    [[nodiscard]] Answer verify_response(const std::string &sys_sign_flow_id, std::string_view body) const {
        const char *id = detail::c_text(sys_sign_flow_id, "sys_sign_flow_id");
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(body.data());
        std::int32_t status = YSP_SIGN_STS_NONE;
        char *json = nullptr;
        const std::int32_t code = ysp_verify_response(handle_.get(), id, bytes, body.size(), &status, &json);
        return outcome(code, status, detail::OwnedString(json));
    }

    /// What this client is: endpoint, institution, keys and certificates with their dates.
    /// @throws  Error: InvalidHandle, Internal
    [[nodiscard]] Description describe() const {
        char *json = nullptr;
        const std::int32_t code = ysp_client_describe(handle_.get(), &json);
        const detail::OwnedString told(json);
        if (code == YSP_OK) return detail::description(detail::copy(told));
        throw unexplained(code, "The client cannot be described. Was it moved from?");
    }

    /// What this client has done since it was made, and what its limit looks like now, for monitoring.
    /// @throws  Error: InvalidHandle, Internal
    /// @threads  any thread, any time, also during calls, which it does not hold up
    [[nodiscard]] Stats stats() const {
        char *json = nullptr;
        const std::int32_t code = ysp_client_stats(handle_.get(), &json);
        const detail::OwnedString told(json);
        if (code == YSP_OK) return detail::stats(detail::copy(told));
        throw unexplained(code, "The client has no figures. Was it moved from?");
    }

private:
    struct Free {
        void operator()(ysp_client *client) const noexcept { ysp_client_free(client); }
    };
    explicit Client(ysp_client *made) noexcept : handle_(made) {}
    std::unique_ptr<ysp_client, Free> handle_;

    static Answer outcome(std::int32_t code, std::int32_t status, const detail::OwnedString &json) {
        if (code != YSP_OK) throw detail::failure(code, detail::copy(json));
        return detail::answer(status, detail::copy(json));
    }

    /// A failure of which the library says nothing but the code.
    static Error unexplained(std::int32_t code, const char *message) {
        ErrorDetails why;
        why.code = static_cast<Code>(code);
        why.message = message;
        why.sent = false;
        return Error(std::move(why));
    }

    /// The time limit for C, where 0 means "as configured": so a limit of zero or less must not get there, nor one
    /// that would be cut short.
    static std::uint32_t timeout_ms(std::optional<std::chrono::milliseconds> timeout) {
        if (!timeout) return 0;
        const auto count = timeout->count();
        if (count < 1 || count > 3'600'000) {
            throw detail::invalid("timeout is " + std::to_string(count) + " ms; it must be from 1 to 3600000.");
        }
        return static_cast<std::uint32_t>(count);
    }
};

/// Receives log messages: how much one matters, and its text, valid for the call alone. Called on the thread that
/// called into the library, on several at once perhaps. What it throws is dropped. No message holds a secret.
using LogCallback = std::function<void(LogLevel, std::string_view)>;

namespace detail {

/// The callback of this process.
struct Log {
    // Two locks: one is held for a whole change, the other never while foreign code runs.
    std::mutex changing;
    std::mutex guard;
    std::shared_ptr<const LogCallback> callback;

    static Log &instance() {
        // Never destroyed: other threads may log until the very end of the process.
        static Log &log = *new Log;
        return log;
    }

    std::shared_ptr<const LogCallback> current() {
        const std::lock_guard<std::mutex> lock(guard);
        return callback;
    }

    static void receive(void *, std::int32_t level, const char *message) noexcept {
        try {
            // A copy: the callback may be replaced while it runs.
            if (const auto callback = instance().current()) (*callback)(static_cast<LogLevel>(level), message);
        } catch (...) {
            // An exception must not unwind through the library.
        }
    }
};

}  // namespace detail

/// Sets the process's only log callback, in place of any other. One that is replaced is destroyed when its last call
/// has ended. Code that may be unloaded (a plugin) must turn the log off before it goes.
/// @param callback  the callback; an empty one turns the log off
/// @param level     the least important level wanted
/// @threads  any thread, any time, also from the callback
inline void set_log(LogCallback callback, LogLevel level = LogLevel::Info) {
    detail::Log &log = detail::Log::instance();
    // Declared first, so that the old callback is destroyed last, with no lock held.
    std::shared_ptr<const LogCallback> next;
    if (callback) next = std::make_shared<const LogCallback>(std::move(callback));
    const bool on = next != nullptr;
    const std::lock_guard<std::mutex> changing(log.changing);
    {
        const std::lock_guard<std::mutex> lock(log.guard);
        log.callback.swap(next);
    }
    ysp_set_log(on ? &detail::Log::receive : nullptr, nullptr, on ? static_cast<std::int32_t>(level) : 0);
}

}  // namespace yspay

#endif  // YSPAY_HPP
