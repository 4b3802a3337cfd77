/* Calls on a thread that signals interrupt all the time: interrupted ROUNDS CONFIG-TEXT... With each configuration it asks
 * over new connections and over kept ones, while a timer's handler runs on the very thread, every half a millisecond and
 * without SA_RESTART. What the platform closes meanwhile must not end the process either: SIGPIPE has its default. Exits
 * with 0 if every question is answered. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "yspay.h"

static volatile sig_atomic_t interrupted;

static void on_alarm(int number)
{
    (void)number;
    interrupted++;
}

static void ask(const ysp_client *client, const char *contract, int32_t expected)
{
    char *json = NULL;
    int32_t code = ysp_query_sign_sts(client, contract, 0, NULL, NULL, &json);
    if (code != expected) {
        fprintf(stderr, "%s: %s\n", contract, json);
        exit(1);
    }
    ysp_free_string(json);
}

int main(int argc, char **argv)
{
    const struct itimerval often = {{0, 500}, {0, 500}};
    struct sigaction action;
    int i;
    long round, rounds;
    if (argc < 3)
        return 2;
    rounds = strtol(argv[1], NULL, 10);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    if (sigaction(SIGALRM, &action, NULL) != 0 || signal(SIGPIPE, SIG_DFL) == SIG_ERR
        || setitimer(ITIMER_REAL, &often, NULL) != 0)
        return 2;
    for (i = 2; i < argc; i++)
        for (round = 0; round < rounds; round++) {
            ysp_client *client;
            char *json = NULL;
            if (ysp_client_new(argv[i], &client, &json) != YSP_OK) {
                fprintf(stderr, "no client: %s\n", json);
                return 1;
            }
            ask(client, "STS2-a", YSP_OK);
            ask(client, "SLOW20-b", YSP_OK);
            ask(client, "RESET-c", YSP_TRANSPORT);
            ask(client, "STS2-d", YSP_OK);
            ysp_client_free(client);
        }
    printf("interrupted %ld times\n", (long)interrupted);
    return interrupted < 10 * rounds;
}
