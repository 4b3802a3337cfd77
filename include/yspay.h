/*
 * yspay: asks the YSEPAY (银盛) e-contract service one question well: what is the signing status of this contract?
 * C99 and C++11. Licence: Apache-2.0 OR MIT.
 *
 * Ten lines that do the whole job:
 *
 *     ysp_client *client; int32_t status; char *text;
 *     if (ysp_client_new(config_json, &client, &text) != YSP_OK) {
 *         fprintf(stderr, "%s\n", text); ysp_free_string(text); return 1;
 *     }
 *     int32_t code = ysp_query_sign_sts(client, "MAN202109280009848", 0, NULL, &status, &text);
 *     if (code == YSP_OK) printf("%s\n", ysp_sign_sts_name(status));
 *     else                fprintf(stderr, "%s\n", text);
 *     ysp_free_string(text);
 *     ysp_client_free(client);
 *
 * CONVENTIONS
 *   Return      a YSP_ code; YSP_OK is 0.
 *   In          text is NUL-terminated UTF-8, borrowed for the call.
 *   Out         comes last, may be NULL where you do not want it, and is reset before anything else happens.
 *   Strings     that come out are yours: free each with ysp_free_string.
 *   Handles     are values, looked up and never dereferenced: a freed or made-up one gives YSP_INVALID_HANDLE, be it a
 *               small number, an address, or a handle of another copy of this library.
 *   Threads     every function may be called from any thread at any time. There is no thread-local state.
 *   Stack       a thread that calls needs 128 KiB of it, and more for what its log callback does.
 *   Memory      if it runs out, the process ends, as with every library in Rust.
 *   Cancelling  by pthread_cancel does not end a thread inside a function or its log callback, but at the next
 *               cancellation point after it. No function may be called with the type PTHREAD_CANCEL_ASYNCHRONOUS.
 *   Forks       a client works in the child, too, over connections of its own; the child has a window of its own.
 *   Panics      never cross this boundary; a caught one is YSP_INTERNAL.
 *   Numbers     of codes and statuses are never reused. Treat ones that you do not know as "unknown".
 *
 * CONFIGURATION (JSON object; unknown settings are refused; paths are relative to the working directory)
 *   environment          "test" or "production": YSEPAY's own addresses; or
 *   endpoint             a URL of your own; plain http only to a loopback address or with allowHttp
 *   allowHttp            true: take a plain http endpoint; default false
 *   src                  the institution number that YSEPAY issued, 1 to 50 characters; required
 *   signType             "RSA" or "SM"; default: as the private key is
 *   desKey               the encryption key that YSEPAY issued (its sample calls it aesKey), whole; required
 *   privateKey           {"path" | "base64" | "pem" | "hex": text, "password": text, "alias": text}; required.
 *                        PKCS#12, CFCA .sm2, or PEM (PKCS#8, PKCS#1, SEC1); the content tells which.
 *                        hex: an SM2 key's number in 64 digits, or any of those; 0x, spaces, colons are skipped
 *                        alias: the friendly name of the key, for a file with several
 *   platformCertificate  {"path" | "base64" | "pem": text}: the platform's X.509 certificate, DER or PEM; required.
 *                        A pinned key: its issuer and dates are reported, not judged
 *   timeoutMs            the whole call: waiting, connecting, all attempts; 1 to 3,600,000; default 20,000
 *   connectTimeoutMs     each connection; 1 to 3,600,000; default 5,000
 *   maxAttempts          1 to 10; default 3
 *   rateLimit            {"perSecond": n, "shared": {…}}; n whole: 1 to 10 for a host of ysepay.com, 1 to 10,000 for any
 *                        other; or a fraction from 0.01 up to 1 (0.5: one call every 2 s); default 10
 *                        shared: {"url": text, "prefix": text, "timeoutMs": n, "fallbackPerSecond": n, "caFile": text},
 *                        one limit for all processes and hosts that name the same store, a Redis or Valkey server:
 *                        url: required; redis://[user:password@]host:port/db, rediss:// for TLS,
 *                        redis+sentinel://[user:password@]host:port,host:port/master/db, or unix:///path?db=0; user and
 *                        password are percent-encoded
 *                        prefix: of all keys' names, 1 to 64 of A-Z, a-z, 0-9 and . _ : -; default yspay
 *                        timeoutMs: one question to the store, connecting included; 1 to 60,000; default 500
 *                        fallbackPerSecond: a rate like perSecond, of this process by itself while the store is away;
 *                        default: none, calls fail with YSP_LIMITER_UNAVAILABLE
 *                        caFile: a PEM file of roots to trust beside the built-in ones; for rediss:// alone
 *   proxy                http://, https://, socks5:// or socks5h://[user:password@]host:port, or "none";
 *                        default: HTTPS_PROXY (HTTP_PROXY for http), ALL_PROXY and NO_PROXY; never for loopback
 *   caFile               a PEM file of roots to trust beside the built-in ones
 *   userAgent            1 to 200 printable ASCII characters; default yspay/VERSION
 *   Instead of a text    desKey, password, base64, pem, hex, proxy and the url of shared take
 *                        {"env": variable} or {"file": path}: where it lies; of a file, one end of a line at its end is
 *                        no part of it
 *
 * JSON OF AN ANSWER (ysp_query_sign_sts, ysp_verify_response)
 *   ok                   true
 *   signSts              text: the status as it came, "2"
 *   signStsName          text: its name, "CREATED"; "UNKNOWN" for one that this version does not know
 *   isFinal              no later answer can differ: statuses 2, 3, 4 and 7
 *   isSuccess            status 2 alone
 *   sysSignFlowId        text: the contract asked about
 *   code                 text: "00"
 *   note                 text or null: the platform's explanation
 *   reqFlowId            text or null: the request's own number, to quote to the platform's support
 *   attempts             number: how many requests it took
 *   elapsedMs            number: how long the whole call took
 *   data                 object: every field that was signed, as it came, unknown ones included
 *
 * JSON OF AN ERROR (everywhere)
 *   ok                   false
 *   error.code           text: the code's name, "SIGNATURE"
 *   error.number         number: the code
 *   error.message        text: what failed, where, what to try; for people, it may change
 *   error.retryable      the same call may succeed later without a change
 *   error.sent           false only if no byte of any request of this call was written
 *   error.attempts       number: how many requests were attempted
 *   error.reqFlowId      text or null: of the last attempt
 *   error.platformCode   text or null: `code` of an answer that was verified but is no success for this question;
 *                        MISMATCH has it, too
 *   error.platformNote   text or null: `note` of such an answer
 *   error.httpStatus     number or null: when it was not 200
 *   error.unverified     text or null: at most 300 characters of a response that was NOT believed; for people only
 *
 * JSON OF A DESCRIPTION (ysp_client_describe)
 *   endpoint             text: the address without its query, which may hold a token
 *   src, signType, version             text
 *   privateKey           {"kind": "RSA-2048" | "SM2", "container": text, "certificate": certificate or null}
 *   platformCertificate  certificate, with "kind" and "fingerprintSha256"
 *   certificate          {"subject", "issuer", "serial", "notBefore", "notAfter"}, times in RFC 3339, UTC; the last three
 *                        are null where they cannot be read; and "daysLeft": number of whole days to notAfter, negative
 *                        when it has passed, or null
 *   rateLimit            {"perSecond": number, "shared": shared or null}
 *   shared               {"store": its url without user and password, "prefix": text, "timeoutMs": number,
 *                        "fallbackPerSecond": number or null}
 *
 * JSON OF STATISTICS (ysp_client_stats); whole numbers where nothing else is said. Every member is always there
 *   calls                {outcome: number}: this client's calls of ysp_query_sign_sts that have ended; outcomes are OK and
 *                        the name of each code
 *   answers              {status name: number}: what the platform said in those that ended with OK
 *   attempts             requests that this client attempted; each took a turn
 *   retries              those of them that were not the first of their call
 *   connectionsOpened    by this client, each with its proxy's and TLS's handshake done; other requests reused one
 *   waitSeconds          {"count", "sum", "buckets"}: how long this client's attempts waited for turns, in seconds; each
 *                        bucket is {"le", "count"}: the waits of "le" seconds or less, for bounds from 0.001 to 20
 *   rateLimit            {"perSecond", "slotsInUse", "slotsResting", "waiting", "turns", "shared"}: of the limit that all
 *                        clients of this process share for this address and institution. What is so now: slots whose
 *                        request is under way, slots that rest for a second after it (the others of perSecond are free),
 *                        calls that wait for a turn. And how many turns all of these clients were granted. Of a limit in
 *                        a store only this process's own are told, and none rests here
 *   shared               {"reachable": true, false, or null before it was asked, "lastError": text or null, "roundTripMs":
 *                        number or null}: of the store, whether it answered last, why it last did not, how long its last
 *                        answer took; null: the limit is this process's own
 * The rest are counts since the client was made, or the first of those that share the limit; they only grow. After a
 * fork the child goes on from the parent's, and what is so now is its own.
 *
 * THE LIMIT: all clients of one process share one window for one address and institution. In no interval of one
 * second does the platform see more than perSecond requests, answered to us or not, whatever the network does; so the
 * throughput is perSecond / (1 s + response time). With a fraction, no interval of 1 / perSecond seconds holds more than
 * one request. Several processes have several windows: name one store for all in rateLimit.shared, or divide the rate.
 * So have two copies of this library in one process; on Linux the second says so at YSP_LOG_WARN, and names both files.
 * A call that is late or cancelled returns at once, but its request keeps its turn and its connection until the answer
 * begins or the connection ends, for 20 s at most: a platform that stalls may read it yet. So turns run out during a
 * stall, and calls fail with YSP_RATE_LIMITED. Not promised is what the platform reads later than these 20 s, or after
 * something in between closed the connection towards us.
 *
 * THE ENVIRONMENT is read once, while the library is loaded. What a program sets later does not count for it; let it set
 * proxy, or proxyEnvironment, an object with such variables, which stands in for the environment: {"HTTPS_PROXY": url,
 * "NO_PROXY": list}; for {"env": variable}, secretEnvironment does: {variable: secret}. So other threads may set variables
 * during every function. What remains is outside this library: who loads it with dlopen must set no variable meanwhile,
 * nor while a host name is looked up, for which the C library may read variables of its own (RES_OPTIONS, LOCALDOMAIN).
 */


#ifndef YSPAY_H
#define YSPAY_H

/* Generated by cbindgen from src/ffi/capi.rs; do not edit. `make header` makes it anew. */

#include <stddef.h>
#include <stdint.h>

/**
 * Verified, and the platform reports success (`code` 00).
 */
#define YSP_OK 0

/**
 * An argument is NULL, not UTF-8, empty, too long, or holds a control character, `&` or `=`. Not retryable: correct it.
 */
#define YSP_INVALID_ARGUMENT 1

/**
 * Not a live client or cancel handle. Not retryable: correct the program.
 */
#define YSP_INVALID_HANDLE 2

/**
 * A setting is missing, unknown, of the wrong type, out of range or contradicts another; the message names it.
 */
#define YSP_CONFIG 3

/**
 * A key or certificate is unreadable, has another password or is of the wrong kind; the message names field and file.
 */
#define YSP_CREDENTIAL 4

/**
 * No turn at the limiter before the deadline; nothing was sent. Retryable later.
 */
#define YSP_RATE_LIMITED 5

/**
 * DNS, connect, TLS, a reset connection, or a response over 1 MiB. Retryable; was repeated up to maxAttempts.
 */
#define YSP_TRANSPORT 6

/**
 * The deadline passed. Retryable.
 */
#define YSP_TIMEOUT 7

/**
 * The HTTP status is not 200; `httpStatus` has it. Redirects are not followed. 5xx and 429 are retryable, and were.
 */
#define YSP_HTTP_STATUS 8

/**
 * The response is not the JSON of the protocol, or what ysp_verify_response was given has more than 1 MiB;
 * `unverified` shows its beginning. Not retryable.
 */
#define YSP_MALFORMED_RESPONSE 9

/**
 * The response is unsigned, its signature is not Base64, or does not fit; `unverified` shows it. Not retryable.
 */
#define YSP_SIGNATURE 10

/**
 * Well signed, but not the answer to this question. Never use it. Not retryable.
 */
#define YSP_MISMATCH 11

/**
 * Verified: the platform reports a timeout of its own (`code` 50). Retryable; was repeated up to maxAttempts.
 */
#define YSP_GATEWAY_TIMEOUT 12

/**
 * Verified: the platform refuses (any other `code`); `platformCode` and `platformNote` say why. Not retryable.
 */
#define YSP_BUSINESS 13

/**
 * A caught panic: a bug of this library. Please report it.
 */
#define YSP_INTERNAL 14

/**
 * The cancel handle was triggered.
 */
#define YSP_CANCELLED 15

/**
 * The store of the shared limit (rateLimit.shared) gave no turn: it is away, refuses us or does not answer; the message
 * says which. Nothing was sent. Retryable.
 */
#define YSP_LIMITER_UNAVAILABLE 16

/**
 * 申请中: applied for.
 */
#define YSP_SIGN_STS_APPLYING 0

/**
 * 待签署: waiting to be signed.
 */
#define YSP_SIGN_STS_PENDING 1

/**
 * 已创建: created. The successful final state, and the only success.
 */
#define YSP_SIGN_STS_CREATED 2

/**
 * 已作废: made void. Final.
 */
#define YSP_SIGN_STS_VOIDED 3

/**
 * 已过期: expired. Final.
 */
#define YSP_SIGN_STS_EXPIRED 4

/**
 * 创建失败: creation failed. Final.
 */
#define YSP_SIGN_STS_CREATE_FAILED 7

/**
 * 合同已生成: the contract document was generated.
 */
#define YSP_SIGN_STS_CONTRACT_GENERATED 8

/**
 * A verified status that this version does not know; its text is `signSts` of the JSON. Neither final nor a success.
 */
#define YSP_SIGN_STS_UNKNOWN -1

/**
 * No status: set before anything else, and left so by every failure.
 */
#define YSP_SIGN_STS_NONE -2

/**
 * Log: a call or the making of a client failed.
 */
#define YSP_LOG_ERROR 1

/**
 * Log: an attempt failed and is repeated; a certificate has ended, or ends within 30 days; the shared limit's store has
 * gone away, or is back.
 */
#define YSP_LOG_WARN 2

/**
 * Log: a client was made.
 */
#define YSP_LOG_INFO 3

/**
 * Log: the signed text of each request and response; compare it when the platform refuses a signature.
 */
#define YSP_LOG_DEBUG 4

/**
 * Log: each step of a call.
 */
#define YSP_LOG_TRACE 5

/**
 * A cancel handle. Opaque: a value to hand back, never an address to look at.
 */
typedef struct ysp_cancel ysp_cancel;

/**
 * A client. Opaque: a value to hand back, never an address to look at.
 */
typedef struct ysp_client ysp_client;

/**
 * Receives log messages: `user` as given to ysp_set_log, a YSP_LOG_ level, and the message in UTF-8, valid for the
 * call alone. Called on the thread that called into this library, with no lock of the library held. Must not throw,
 * unwind or longjmp. No message holds a secret.
 */
typedef void (*ysp_log_callback)(void *user, int32_t level, const char *message);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Makes a client and reads its key files, once: make one, keep it, share it among threads.
 *
 * @param config_json  the configuration (see the top of this file)
 * @param client       receives the handle; NULL on failure; must not be NULL itself
 * @param error_json   receives the error on failure, NULL on success; NULL if not wanted
 * @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_CONFIG, YSP_CREDENTIAL or YSP_INTERNAL
 * @ownership  free the handle with ysp_client_free and the error with ysp_free_string
 * @threads  any thread, any time
 */
int32_t ysp_client_new(const char *config_json, struct ysp_client **client, char **error_json);

/**
 * Makes a client from a configuration file; else as ysp_client_new.
 *
 * @param path        the file, JSON in UTF-8, 4 MiB at most; paths in it are relative to the working directory
 * @param client      receives the handle; NULL on failure; must not be NULL itself
 * @param error_json  receives the error on failure, NULL on success; NULL if not wanted
 * @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_CONFIG (also when the file cannot be read), YSP_CREDENTIAL or YSP_INTERNAL
 * @ownership  free the handle with ysp_client_free and the error with ysp_free_string
 * @threads  any thread, any time
 */
int32_t ysp_client_new_from_file(const char *path,
                                 struct ysp_client **client,
                                 char **error_json);

/**
 * Frees a client. Calls under way in other threads go on and end as they would have.
 *
 * @param client  a client; NULL, an already freed or a made-up handle: nothing happens
 * @return  nothing
 * @ownership  the handle is dead afterwards
 * @threads  any thread, any time, also during calls
 */
void ysp_client_free(struct ysp_client *client);

/**
 * Describes a client: endpoint, institution, keys and certificates with their dates. Nothing secret.
 *
 * @param client  a client
 * @param json    receives the description (see the top of this file), NULL on failure; NULL if not wanted
 * @return  YSP_OK, YSP_INVALID_HANDLE or YSP_INTERNAL
 * @ownership  free the text with ysp_free_string
 * @threads  any thread, any time
 */
int32_t ysp_client_describe(const struct ysp_client *client, char **json);

/**
 * Tells what a client has done since it was made, and what its limit looks like now, for monitoring. Nothing secret.
 *
 * @param client  a client
 * @param json    receives the statistics (see the top of this file), NULL on failure; NULL if not wanted
 * @return  YSP_OK, YSP_INVALID_HANDLE or YSP_INTERNAL
 * @ownership  free the text with ysp_free_string
 * @threads  any thread, any time, also during calls, which it does not hold up
 */
int32_t ysp_client_stats(const struct ysp_client *client,
                         char **json);

/**
 * Asks the platform for a contract's signing status: waits for a turn, sends, verifies, repeats what may be repeated.
 * Blocks until then, for the time limit at most.
 *
 * @param client            a client
 * @param sys_sign_flow_id  the contract's flow id, 1 to 50 characters, without control characters, `&` and `=`
 * @param timeout_ms        the limit for the whole call in milliseconds, 1 to 3,600,000; 0: as configured
 * @param cancel            cancels this call when triggered, at once; NULL: cannot be cancelled
 * @param sign_sts          receives the status, YSP_SIGN_STS_NONE on every failure; NULL if not wanted
 * @param json              receives the answer or the error (see the top of this file); NULL if not wanted
 * @return  YSP_OK or any other code
 * @ownership  free the text with ysp_free_string
 * @threads  any thread, any time; all clients of this process share one limit for one address and institution
 */
int32_t ysp_query_sign_sts(const struct ysp_client *client,
                           const char *sys_sign_flow_id,
                           uint32_t timeout_ms,
                           const struct ysp_cancel *cancel,
                           int32_t *sign_sts,
                           char **json);

/**
 * Builds the body to post, for callers with an HTTP stack of their own. Does not pass the limiter: keeping to
 * 10 calls a second is then the caller's duty.
 *
 * @param client            a client
 * @param sys_sign_flow_id  as for ysp_query_sign_sts
 * @param req_flow_id       the request's own number, 1 to 20 characters, never repeated; NULL: one is made
 * @param body_json         receives the body, to be posted as `application/json`; NULL if not wanted
 * @param error_json        receives the error on failure, NULL on success; NULL if not wanted
 * @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_INVALID_HANDLE or YSP_INTERNAL
 * @ownership  free both texts with ysp_free_string
 * @threads  any thread, any time
 */
int32_t ysp_build_request(const struct ysp_client *client,
                          const char *sys_sign_flow_id,
                          const char *req_flow_id,
                          char **body_json,
                          char **error_json);

/**
 * Verifies the body of an HTTP 200 response that the caller received itself.
 *
 * @param client            a client
 * @param sys_sign_flow_id  the contract that was asked about
 * @param body              the body as it was received, `body_len` bytes; need not be NUL-terminated
 * @param body_len          its length in bytes; more than 1 MiB is YSP_MALFORMED_RESPONSE
 * @param sign_sts          receives the status, YSP_SIGN_STS_NONE on every failure; NULL if not wanted
 * @param json              receives the answer or the error, with `attempts` 0, `elapsedMs` 0 and `reqFlowId` null
 * @return  YSP_OK, YSP_INVALID_ARGUMENT, YSP_INVALID_HANDLE, YSP_MALFORMED_RESPONSE, YSP_SIGNATURE, YSP_MISMATCH,
 *          YSP_GATEWAY_TIMEOUT, YSP_BUSINESS or YSP_INTERNAL
 * @ownership  free the text with ysp_free_string
 * @threads  any thread, any time
 */
int32_t ysp_verify_response(const struct ysp_client *client,
                            const char *sys_sign_flow_id,
                            const uint8_t *body,
                            size_t body_len,
                            int32_t *sign_sts,
                            char **json);

/**
 * Makes a cancel handle. One handle may cancel any number of calls.
 *
 * @return  the handle; NULL only after a caught panic
 * @ownership  free it with ysp_cancel_free
 * @threads  any thread, any time
 */
struct ysp_cancel *ysp_cancel_new(void);

/**
 * Cancels every call under way with this handle, and every later one: it stays triggered.
 *
 * @param cancel  a cancel handle; NULL, an already freed or a made-up handle: nothing happens
 * @return  nothing
 * @ownership  unchanged
 * @threads  any thread, any time; not from a signal handler
 */
void ysp_cancel_trigger(const struct ysp_cancel *cancel);

/**
 * Frees a cancel handle. Calls under way with it go on and can no longer be cancelled by it.
 *
 * @param cancel  a cancel handle; NULL, an already freed or a made-up handle: nothing happens
 * @return  nothing
 * @ownership  the handle is dead afterwards
 * @threads  any thread, any time, also during calls
 */
void ysp_cancel_free(struct ysp_cancel *cancel);

/**
 * Frees a string that this library handed out. No other pointer, and no string twice.
 *
 * @param string  such a string, as long as it was (no NUL was written into it); NULL is fine
 * @return  nothing
 * @ownership  the string is gone afterwards
 * @threads  any thread, any time
 */
void ysp_free_string(char *string);

/**
 * The version of this library, for example "0.1.0".
 *
 * @return  the version; never NULL
 * @ownership  static; do not free
 * @threads  any thread, any time
 */
const char *ysp_version(void);

/**
 * The name of a code, for example "SIGNATURE"; "OK" for 0; "UNKNOWN" for a number that is no code.
 *
 * @param code  any number
 * @return  the name; never NULL
 * @ownership  static; do not free
 * @threads  any thread, any time
 */
const char *ysp_code_name(int32_t code);

/**
 * The name of a status, for example "CREATED"; "NONE" for YSP_SIGN_STS_NONE; "UNKNOWN" for any other number.
 *
 * @param sign_sts  any number
 * @return  the name; never NULL
 * @ownership  static; do not free
 * @threads  any thread, any time
 */
const char *ysp_sign_sts_name(int32_t sign_sts);

/**
 * Whether no later answer about the contract can differ: statuses 2, 3, 4 and 7.
 *
 * @param sign_sts  any number, YSP_SIGN_STS_NONE and YSP_SIGN_STS_UNKNOWN included
 * @return  1 or 0
 * @ownership  nothing
 * @threads  any thread, any time
 */
int32_t ysp_sign_sts_is_final(int32_t sign_sts);

/**
 * Whether the contract is signed and in force: status 2 alone.
 *
 * @param sign_sts  any number, YSP_SIGN_STS_NONE and YSP_SIGN_STS_UNKNOWN included
 * @return  1 or 0
 * @ownership  nothing
 * @threads  any thread, any time
 */
int32_t ysp_sign_sts_is_success(int32_t sign_sts);

/**
 * The message of an error, without a JSON parser: what failed, where, what to try.
 *
 * @param error_json  the JSON of an error as this library handed it out; NULL or any other text: there is no message
 * @return  the message in UTF-8; NULL if there is none
 * @ownership  free the text with ysp_free_string
 * @threads  any thread, any time
 */
char *ysp_error_message(const char *error_json);

/**
 * Whether the same call may succeed later without a change, without a JSON parser.
 *
 * @param error_json  the JSON of an error as this library handed it out; NULL or any other text: 0
 * @return  1 or 0
 * @ownership  nothing
 * @threads  any thread, any time
 */
int32_t ysp_error_retryable(const char *error_json);

/**
 * Sets the process's only log callback, in place of any other.
 *
 * @param callback  the callback; NULL turns the log off
 * @param user      handed to the callback; may be NULL
 * @param level     the least important level wanted, YSP_LOG_ERROR to YSP_LOG_TRACE; less than 1 turns the log off
 * @return  nothing
 * @ownership  callback and `user` must stay valid until they are replaced and every call then under way has ended
 * @threads  any thread, any time; the callback runs on any thread, several at once
 */
void ysp_set_log(ysp_log_callback callback,
                 void *user,
                 int32_t level);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* YSPAY_H */
