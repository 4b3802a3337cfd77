/* Every function of the header from C99, used well and misused: abi CONFIG.json-text. Exits with 0 if all is as documented. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yspay.h"

static int failures;

static void check(int condition, const char *what, int line)
{
    if (!condition) {
        fprintf(stderr, "%s:%d: %s\n", __FILE__, line, what);
        failures++;
    }
}
#define CHECK(condition) check((condition) != 0, #condition, __LINE__)

static void take(char *text, const char *part, int line)
{
    check(text != NULL && strstr(text, part) != NULL, part, line);
    ysp_free_string(text);
}
#define TAKE(text, part) take(text, part, __LINE__)

struct log {
    int count;
    int32_t least;
};

static void on_log(void *user, int32_t level, const char *message)
{
    struct log *log = user;
    log->count++;
    if (level > log->least)
        log->least = level;
    CHECK(message != NULL);
}

static void names(void)
{
    CHECK(strcmp(ysp_code_name(YSP_OK), "OK") == 0);
    CHECK(strcmp(ysp_code_name(YSP_SIGNATURE), "SIGNATURE") == 0);
    CHECK(strcmp(ysp_code_name(YSP_CANCELLED), "CANCELLED") == 0);
    CHECK(strcmp(ysp_code_name(12345), "UNKNOWN") == 0);
    CHECK(strcmp(ysp_sign_sts_name(YSP_SIGN_STS_CREATED), "CREATED") == 0);
    CHECK(strcmp(ysp_sign_sts_name(YSP_SIGN_STS_UNKNOWN), "UNKNOWN") == 0);
    CHECK(strcmp(ysp_sign_sts_name(YSP_SIGN_STS_NONE), "NONE") == 0);
    CHECK(strlen(ysp_version()) >= 5);
}

static void calls(const ysp_client *client)
{
    static const struct {
        const char *id;
        int32_t code, status;
    } cases[] = {
        {"STS0-c", YSP_OK, YSP_SIGN_STS_APPLYING},
        {"STS1-c", YSP_OK, YSP_SIGN_STS_PENDING},
        {"STS2-c", YSP_OK, YSP_SIGN_STS_CREATED},
        {"STS3-c", YSP_OK, YSP_SIGN_STS_VOIDED},
        {"STS4-c", YSP_OK, YSP_SIGN_STS_EXPIRED},
        {"STS7-c", YSP_OK, YSP_SIGN_STS_CREATE_FAILED},
        {"STS8-c", YSP_OK, YSP_SIGN_STS_CONTRACT_GENERATED},
        {"STSX-c", YSP_OK, YSP_SIGN_STS_UNKNOWN},
        {"", YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE},
        {"\xc9\xcf", YSP_INVALID_ARGUMENT, YSP_SIGN_STS_NONE},
        {"NOTJSON-c", YSP_MALFORMED_RESPONSE, YSP_SIGN_STS_NONE},
        {"UNSIGNED-c", YSP_SIGNATURE, YSP_SIGN_STS_NONE},
        {"OTHERID-c", YSP_MISMATCH, YSP_SIGN_STS_NONE},
        {"C50-c", YSP_GATEWAY_TIMEOUT, YSP_SIGN_STS_NONE},
        {"C99-c", YSP_BUSINESS, YSP_SIGN_STS_NONE},
        {"H404-c", YSP_HTTP_STATUS, YSP_SIGN_STS_NONE},
        {"RESET-c", YSP_TRANSPORT, YSP_SIGN_STS_NONE},
    };
    size_t i;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t status = 77;
        char *json = NULL;
        int32_t code = ysp_query_sign_sts(client, cases[i].id, 0, NULL, &status, &json);
        if (code != cases[i].code || status != cases[i].status) {
            fprintf(stderr, "%s: code %d, status %d: %s\n", cases[i].id, (int)code, (int)status, json);
            failures++;
        }
        TAKE(json, code == YSP_OK ? "\"ok\":true" : "\"ok\":false");
    }
    {
        char *json = NULL;
        /* Time enough to send, under valgrind too. */
        CHECK(ysp_query_sign_sts(client, "HANG-c", 2000, NULL, NULL, &json) == YSP_TIMEOUT);
        TAKE(json, "\"sent\":true");
    }
    CHECK(ysp_query_sign_sts(client, "STS1-d", 0, NULL, NULL, NULL) == YSP_OK);
}

static void halves(const ysp_client *client)
{
    static const unsigned char refusal[] = "{\"code\":200,\"message\":\"ok\",\"data\":null,\"list\":null}";
    char *body = NULL, *error = NULL, *json = NULL;
    int32_t status = 77;
    CHECK(ysp_build_request(client, "F1", "MY-OWN-ID", &body, &error) == YSP_OK);
    CHECK(error == NULL);
    TAKE(body, "\"reqFlowId\":\"MY-OWN-ID\"");
    CHECK(ysp_build_request(client, "F1", "an id that is much too long", &body, &error) == YSP_INVALID_ARGUMENT);
    CHECK(body == NULL);
    TAKE(error, "reqFlowId");
    CHECK(ysp_verify_response(client, "F1", refusal, sizeof refusal - 1, &status, &json) == YSP_SIGNATURE);
    CHECK(status == YSP_SIGN_STS_NONE);
    TAKE(json, "\"unverified\"");
    CHECK(ysp_verify_response(client, "F1", NULL, 0, NULL, NULL) == YSP_MALFORMED_RESPONSE);
    CHECK(ysp_client_describe(client, &json) == YSP_OK);
    TAKE(json, "\"fingerprintSha256\"");
    CHECK(ysp_client_describe(client, NULL) == YSP_OK);
}

static void figures(const ysp_client *client)
{
    char *json = NULL;
    CHECK(ysp_client_stats(client, &json) == YSP_OK);
    CHECK(json != NULL && strstr(json, "\"calls\":{\"OK\":0,") == NULL);
    CHECK(json != NULL && strstr(json, "\"waitSeconds\":{\"count\":") != NULL);
    TAKE(json, "\"waiting\":0");
    CHECK(ysp_client_stats(client, NULL) == YSP_OK);
    json = (char *)&json;
    CHECK(ysp_client_stats(NULL, &json) == YSP_INVALID_HANDLE);
    CHECK(json == NULL);
}

/* Small numbers, addresses and a handle's neighbours are nobody's, however many clients there are. */
static void made_up(ysp_client *client)
{
    const uintptr_t number = (uintptr_t)client;
    char *text = NULL;
    void *const block = malloc(64);
    void *const addresses[] = {&text, block, &failures, (void *)(number - 1), (void *)(number + 1), (void *)(number + 2)};
    uintptr_t i;
    for (i = 1; i <= 1000; i++) {
        CHECK(ysp_client_describe((const ysp_client *)i, NULL) == YSP_INVALID_HANDLE);
        CHECK(ysp_client_stats((const ysp_client *)i, NULL) == YSP_INVALID_HANDLE);
    }
    for (i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        CHECK(ysp_query_sign_sts(addresses[i], "F1", 0, NULL, NULL, &text) == YSP_INVALID_HANDLE);
        TAKE(text, "never came from this library");
        CHECK(ysp_query_sign_sts(client, "F1", 0, addresses[i], NULL, NULL) == YSP_INVALID_HANDLE);
        ysp_client_free(addresses[i]);
        ysp_cancel_trigger(addresses[i]);
        ysp_cancel_free(addresses[i]);
    }
    CHECK(ysp_client_describe(client, NULL) == YSP_OK);
    free(block);
}

/* What a program without a JSON parser needs. */
static void without_a_parser(const char *config_file)
{
    const int32_t finals[] = {2, 3, 4, 7}, others[] = {0, 1, 8, YSP_SIGN_STS_UNKNOWN, YSP_SIGN_STS_NONE, 5};
    char *error = NULL, *message;
    ysp_client *client = NULL;
    size_t i;
    for (i = 0; i < sizeof finals / sizeof finals[0]; i++)
        CHECK(ysp_sign_sts_is_final(finals[i]) == 1 && ysp_sign_sts_is_success(finals[i]) == (finals[i] == 2));
    for (i = 0; i < sizeof others / sizeof others[0]; i++)
        CHECK(ysp_sign_sts_is_final(others[i]) == 0 && ysp_sign_sts_is_success(others[i]) == 0);

    CHECK(ysp_client_new_from_file("no/such.json", &client, &error) == YSP_CONFIG && client == NULL);
    CHECK(ysp_error_retryable(error) == 0);
    message = ysp_error_message(error);
    CHECK(message != NULL && strncmp(message, "The configuration file \"no/such.json\" does not exist.", 53) == 0);
    ysp_free_string(message);
    TAKE(error, "no/such.json");
    CHECK(ysp_error_message(NULL) == NULL && ysp_error_message("") == NULL && ysp_error_message("{\"ok\":true}") == NULL);
    CHECK(ysp_error_message("{\"error\":{\"message\":1}}") == NULL && ysp_error_message("\xff") == NULL);
    CHECK(ysp_error_retryable("{\"ok\":false,\"error\":{\"retryable\":true}}") == 1);
    CHECK(ysp_error_retryable(NULL) == 0 && ysp_error_retryable("x") == 0);
    CHECK(ysp_client_new_from_file(NULL, &client, NULL) == YSP_INVALID_ARGUMENT);
    CHECK(ysp_client_new_from_file("x", NULL, NULL) == YSP_INVALID_ARGUMENT);

    CHECK(ysp_client_new_from_file(config_file, &client, &error) == YSP_OK && client != NULL && error == NULL);
    ysp_client_free(client);
}

static void cancelling(const ysp_client *client)
{
    ysp_cancel *cancel = ysp_cancel_new();
    char *json = NULL;
    CHECK(cancel != NULL);
    CHECK(ysp_query_sign_sts(client, "STS1-e", 0, cancel, NULL, NULL) == YSP_OK);
    ysp_cancel_trigger(cancel);
    CHECK(ysp_query_sign_sts(client, "STS1-e", 0, cancel, NULL, &json) == YSP_CANCELLED);
    TAKE(json, "\"sent\":false");
    ysp_cancel_free(cancel);
    CHECK(ysp_query_sign_sts(client, "STS1-e", 0, cancel, NULL, NULL) == YSP_INVALID_HANDLE);
    ysp_cancel_free(cancel);
    ysp_cancel_trigger(cancel);
    ysp_cancel_trigger(NULL);
    ysp_cancel_free(NULL);
}

int main(int argc, char **argv)
{
    ysp_client *client = NULL;
    char *error = NULL;
    struct log log = {0, 0};
    if (argc != 3) {
        fprintf(stderr, "usage: %s CONFIG-TEXT CONFIG-FILE\n", argv[0]);
        return 2;
    }
    names();
    ysp_free_string(NULL);
    CHECK(ysp_client_new("{}", &client, &error) == YSP_CONFIG);
    CHECK(client == NULL);
    TAKE(error, "\"number\":3");
    CHECK(ysp_client_new(NULL, &client, NULL) == YSP_INVALID_ARGUMENT);
    CHECK(ysp_client_new("{}", NULL, NULL) == YSP_INVALID_ARGUMENT);

    ysp_set_log(on_log, &log, YSP_LOG_DEBUG);
    if (ysp_client_new(argv[1], &client, &error) != YSP_OK) {
        fprintf(stderr, "%s\n", error);
        ysp_free_string(error);
        return 1;
    }
    calls(client);
    CHECK(log.count > 10 && log.least == YSP_LOG_DEBUG);
    ysp_set_log(NULL, NULL, YSP_LOG_TRACE);
    log.count = 0;
    halves(client);
    figures(client);
    cancelling(client);
    made_up(client);
    log.count = 0;
    ysp_set_log(NULL, NULL, 0);
    without_a_parser(argv[2]);
    CHECK(log.count == 0);

    ysp_client_free(client);
    ysp_client_free(client);
    ysp_client_free(NULL);
    CHECK(ysp_query_sign_sts(client, "F1", 0, NULL, NULL, NULL) == YSP_INVALID_HANDLE);
    return failures > 0;
}
