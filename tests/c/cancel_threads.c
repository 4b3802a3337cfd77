/* Threads that are cancelled wherever they are, and a process that goes on: cancel_threads ROUNDS CONFIG-TEXT. Each round
 * starts threads that make, ask, build, verify and free without end, and cancels them after a moment of its own. What a
 * thread was given it frees in a cleanup handler, as POSIX has it. Exits with 0 if every thread was cancelled, none inside
 * the library, and the library works as before. */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "yspay.h"

enum { THREADS = 6 };

static const char *config;
static ysp_client *shared;
static unsigned long logged;

static void give_back_client(void *client)
{
    ysp_client_free(*(ysp_client **)client);
}

static void give_back_text(void *text)
{
    ysp_free_string(*(char **)text);
}

/* The state is the caller's own again after every call. */
static void expect_enabled(int line)
{
    int state;
    if (pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state) != 0 || state != PTHREAD_CANCEL_ENABLE) {
        fprintf(stderr, "line %d: cancellation stays off\n", line);
        exit(1);
    }
}
#define ENABLED() expect_enabled(__LINE__)

/* A place where a thread may be cancelled. */
static void on_log(void *user, int32_t level, const char *message)
{
    int state;
    pthread_testcancel();
    if (pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state) != 0 || state != PTHREAD_CANCEL_DISABLE)
        abort();
    if (user != &logged || level < YSP_LOG_ERROR || message == NULL)
        abort();
    __atomic_fetch_add(&logged, 1, __ATOMIC_SEQ_CST);
}

static void *make(void *unused)
{
    for (;;) {
        ysp_client *client = NULL;
        pthread_cleanup_push(give_back_client, &client);
        if (ysp_client_new(config, &client, NULL) != YSP_OK)
            exit(1);
        ENABLED();
        pthread_testcancel();
        pthread_cleanup_pop(1);
    }
    return unused;
}

static void *ask(void *unused)
{
    for (;;) {
        char *text = NULL;
        int32_t code;
        pthread_cleanup_push(give_back_text, &text);
        code = ysp_query_sign_sts(shared, "SLOW50-c", 0, NULL, NULL, &text);
        ENABLED();
        if (code != YSP_OK) {
            fprintf(stderr, "%s\n", text);
            exit(1);
        }
        pthread_testcancel();
        pthread_cleanup_pop(1);
    }
    return unused;
}

static void *build(void *unused)
{
    for (;;) {
        char *text = NULL;
        ysp_cancel *cancel;
        pthread_cleanup_push(give_back_text, &text);
        if (ysp_build_request(shared, "F1", NULL, &text, NULL) != YSP_OK)
            exit(1);
        ENABLED();
        pthread_testcancel();
        pthread_cleanup_pop(1);
        cancel = ysp_cancel_new();
        ysp_cancel_trigger(cancel);
        ysp_cancel_free(cancel);
        ysp_set_log(on_log, &logged, YSP_LOG_TRACE);
        if (ysp_verify_response(shared, "F1", (const unsigned char *)"{}", 2, NULL, NULL) == YSP_OK
            || ysp_client_describe(shared, NULL) != YSP_OK || ysp_client_stats(shared, NULL) != YSP_OK)
            exit(1);
        ENABLED();
    }
    return unused;
}

int main(int argc, char **argv)
{
    void *(*const works[])(void *) = {make, ask, build};
    unsigned long round, rounds;
    unsigned random = 1;
    int32_t status;
    char *text = NULL;
    if (argc != 3)
        return 2;
    rounds = strtoul(argv[1], NULL, 10);
    config = argv[2];
    if (ysp_client_new(config, &shared, &text) != YSP_OK) {
        fprintf(stderr, "%s\n", text);
        return 1;
    }
    ysp_set_log(on_log, &logged, YSP_LOG_TRACE);
    for (round = 0; round < rounds; round++) {
        pthread_t threads[THREADS];
        void *end;
        int i;
        for (i = 0; i < THREADS; i++)
            if (pthread_create(&threads[i], NULL, works[i % 3], NULL) != 0)
                return 2;
        for (i = 0; i < THREADS; i++) {
            random = random * 1103515245u + 12345u;
            usleep((random >> 16) % 5000);
            if (pthread_cancel(threads[i]) != 0)
                return 2;
        }
        for (i = 0; i < THREADS; i++)
            if (pthread_join(threads[i], &end) != 0 || end != PTHREAD_CANCELED)
                return 2;
    }
    ysp_set_log(NULL, NULL, 0);
    if (ysp_query_sign_sts(shared, "STS2-c", 0, NULL, &status, NULL) != YSP_OK || status != YSP_SIGN_STS_CREATED)
        return 1;
    ysp_client_free(shared);
    printf("%lu threads were cancelled; %lu messages\n", rounds * THREADS, logged);
    return logged == 0;
}
