/* What the pages show of C: guide CONFIG-TEXT FLOW_ID asks once, then once more, stopping after 200 ms. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "yspay.h"

static int32_t ask(const char *config_json, const char *flow_id)
{
    ysp_client *client;
    char *text;
    int32_t status, code = ysp_client_new(config_json, &client, &text);
    if (code == YSP_OK)
        code = ysp_query_sign_sts(client, flow_id, 0, NULL, &status, &text);
    if (code == YSP_OK)
        printf("%s\n", ysp_sign_sts_name(status));
    else
        fprintf(stderr, "%s\n", text); /* JSON: what failed, where, what to try */
    ysp_free_string(text);
    ysp_client_free(client); /* a real program makes one client and keeps it */
    return code;
}

static const char *advice(int32_t code)
{
    switch (code) {
    case YSP_OK:
        return "use the status";
    case YSP_RATE_LIMITED:
    case YSP_TRANSPORT:
    case YSP_TIMEOUT:
    case YSP_GATEWAY_TIMEOUT:
        return "ask again later";
    case YSP_BUSINESS:
        return "the platform refuses: read platformCode and platformNote";
    case YSP_MALFORMED_RESPONSE:
    case YSP_SIGNATURE:
    case YSP_MISMATCH:
        return "do not believe the response; unverified shows how it begins";
    default:
        return "read the message";
    }
}

static void *stop_soon(void *cancel)
{
    const struct timespec pause = {0, 200 * 1000 * 1000};
    nanosleep(&pause, NULL);
    ysp_cancel_trigger(cancel);
    return NULL;
}

static int32_t ask_until_stopped(const ysp_client *client, const char *flow_id)
{
    ysp_cancel *cancel = ysp_cancel_new();
    pthread_t stopper;
    int32_t code;
    if (pthread_create(&stopper, NULL, stop_soon, cancel) != 0) {
        ysp_cancel_free(cancel);
        return YSP_INTERNAL;
    }
    code = ysp_query_sign_sts(client, flow_id, 0, cancel, NULL, NULL);
    pthread_join(stopper, NULL);
    ysp_cancel_free(cancel);
    return code; /* YSP_CANCELLED if it was stopped */
}

int main(int argc, char **argv)
{
    ysp_client *client;
    int32_t code;
    if (argc != 3)
        return 2;
    printf("%s\n", advice(ask(argv[1], argv[2])));
    if (ysp_client_new(argv[1], &client, NULL) != YSP_OK)
        return 1;
    code = ask_until_stopped(client, argv[2]);
    printf("%s\n", ysp_code_name(code));
    ysp_client_free(client);
    return 0;
}
