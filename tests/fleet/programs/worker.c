/* One process of a fleet: worker CONFIG.json NAME THREADS MILLIS. It says READY, waits for a line, asks on so many threads
 * for so long, and says how often it was answered. A call without an answer ends it with 1. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "yspay.h"

static ysp_client *client;
static const char *name;
static long millis;

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void *ask(void *thread)
{
    long begun = now(), calls = 0;
    for (; now() - begun < millis; calls++) {
        char id[64], *json = NULL;
        snprintf(id, sizeof id, "STS02-%s-%ld-%ld", name, (long)(size_t)thread, calls);
        if (ysp_query_sign_sts(client, id, 0, NULL, NULL, &json) != YSP_OK) {
            fprintf(stderr, "%s: %s\n", id, json);
            exit(1);
        }
        ysp_free_string(json);
    }
    return (void *)(size_t)calls;
}

int main(int argc, char **argv)
{
    pthread_t threads[64];
    char *error = NULL;
    size_t answered = 0;
    int i, count;
    if (argc != 5 || (count = atoi(argv[3])) > 64)
        return 2;
    name = argv[2];
    millis = atol(argv[4]);
    if (ysp_client_new_from_file(argv[1], &client, &error) != YSP_OK) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    puts("READY");
    fflush(stdout);
    getchar();
    for (i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, ask, (void *)(size_t)i) != 0)
            return 1;
    for (i = 0; i < count; i++) {
        void *calls = NULL;
        pthread_join(threads[i], &calls);
        answered += (size_t)calls;
    }
    ysp_client_free(client);
    printf("%zu\n", answered);
    return 0;
}
