/* Forks under load: fork CONFIG-TEXT. Four threads ask all the time; meanwhile the main thread forks children that ask with
 * the same client. Every child must come to an end by itself, with an answer. Exits with 0 if all did. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "yspay.h"

enum { THREADS = 4, CHILDREN = 24, GRANDCHILDREN = 2 };

static ysp_client *client;
static ysp_cancel *inherited;
static volatile sig_atomic_t stop;

static void *load(void *unused)
{
    (void)unused;
    while (!stop) {
        char *json = NULL;
        int32_t code = ysp_query_sign_sts(client, "STS1-load", 0, inherited, NULL, &json);
        if (code != YSP_OK) {
            fprintf(stderr, "load: %s\n", json);
            exit(1);
        }
        ysp_free_string(json);
    }
    return NULL;
}

static int ask(const char *id)
{
    int32_t status;
    char *json = NULL;
    int32_t code = ysp_query_sign_sts(client, id, 0, NULL, &status, &json);
    if (code != YSP_OK)
        fprintf(stderr, "%s: %s\n", id, json);
    ysp_free_string(json);
    return code == YSP_OK && status == YSP_SIGN_STS_CREATED;
}

/* One figure of the client's; -1 without it. */
static long figure(const char *name)
{
    char *json = NULL;
    const char *found = NULL;
    long value = -1;
    if (ysp_client_stats(client, &json) == YSP_OK)
        found = strstr(json, name);
    if (found != NULL)
        value = strtol(found + strlen(name), NULL, 10);
    ysp_free_string(json);
    return value;
}

/* The others of the parent wait and ask; the child does not, and goes on from the parent's counts. */
static int counts_go_on(long parents)
{
    long inherited_attempts = figure("\"attempts\":");
    return inherited_attempts >= parents && figure("\"slotsInUse\":") == 0 && figure("\"waiting\":") == 0
        && ask("STS2-child") && figure("\"attempts\":") > inherited_attempts;
}

static int child(int generation, long parents)
{
    ysp_cancel *cancel = ysp_cancel_new();
    int good, i;
    alarm(60); /* A deadlock ends the child with a signal, which the parent sees. */
    good = counts_go_on(parents) && ask("STS2-child-again") && cancel != NULL;
    for (i = 0; good && generation > 0 && i < GRANDCHILDREN; i++) {
        int status = 0;
        long attempts = figure("\"attempts\":");
        pid_t pid = fork();
        if (pid == 0)
            _exit(child(generation - 1, attempts));
        good = pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
    }
    ysp_cancel_trigger(inherited); /* Other threads of the parent are using it. */
    ysp_cancel_free(cancel);
    ysp_client_free(client);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    pid_t children[CHILDREN];
    char *error = NULL;
    int i, bad = 0;
    if (argc != 2)
        return 2;
    if (ysp_client_new(argv[1], &client, &error) != YSP_OK) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    inherited = ysp_cancel_new();
    for (i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, load, NULL) != 0)
            return 1;
    for (i = 0; i < CHILDREN; i++) {
        struct timespec pause = {0, 7 * 1000 * 1000};
        long attempts = figure("\"attempts\":");
        nanosleep(&pause, NULL);
        children[i] = fork();
        if (children[i] == 0)
            _exit(child(i % 8 == 0, attempts));
        if (children[i] < 0)
            return 1;
    }
    for (i = 0; i < CHILDREN; i++) {
        int status = 0;
        if (waitpid(children[i], &status, 0) != children[i] || status != 0) {
            fprintf(stderr, "child %d ended with status %d\n", i, status);
            bad++;
        }
    }
    stop = 1;
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ysp_cancel_free(inherited);
    ysp_client_free(client);
    return bad > 0;
}
