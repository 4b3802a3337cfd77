/* Makes, asks and frees clients in some threads while another one sets variables: environment ROUNDS ASKED-CONFIG-TEXT
 * CONFIG-TEXT... The first configuration is of a port at which nobody listens; the others are taken in turn. A variable
 * that is set after the library was loaded is not looked at: a proxy that is none would be refused. Exits with 0 if every
 * client was made and the library has asked for no variable. */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "yspay.h"

enum { MAKERS = 3, MANY = 20000 };

static long rounds;
static const char *asked_config;
static char **configs;
static int config_count;
static atomic_int at_work = MAKERS;
static atomic_long variables_set;

/* The library's own question comes here; the C library's do not. */
static atomic_long variables_asked;

char *getenv(const char *name)
{
    const size_t length = strlen(name);
    char **variable;
    atomic_fetch_add(&variables_asked, 1);
    for (variable = environ; variable != NULL && *variable != NULL; variable++)
        if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=')
            return *variable + length + 1;
    return NULL;
}

/* Setting one more variable copies the list, and the next one moves it; it is so long that its memory is unmapped when it
 * is given back. */
static void *set_variables(void *unused)
{
    static char *many[MANY + 1];
    static char variable[] = "YSPAY_TEST=value";
    int i;
    for (i = 0; i < MANY; i++)
        many[i] = variable;
    mallopt(M_MMAP_THRESHOLD, MANY);
    while (atomic_load(&at_work) > 0) {
        environ = many;
        if (setenv("HTTPS_PROXY", "ftp://set-late", 1) != 0 || setenv("YSPAY_TEST_2", "value", 1) != 0 || clearenv() != 0)
            abort();
        atomic_fetch_add(&variables_set, 2);
    }
    return unused;
}

static ysp_client *made(const char *config)
{
    ysp_client *client = NULL;
    char *error = NULL;
    if (ysp_client_new(config, &client, &error) != YSP_OK) {
        fprintf(stderr, "%s\n", error);
        exit(1);
    }
    return client;
}

static void *make_clients(void *unused)
{
    long round;
    for (round = 0; round < rounds; round++) {
        ysp_client *const asked = made(asked_config);
        ysp_client_free(made(configs[round % config_count]));
        if (ysp_query_sign_sts(asked, "F1", 0, NULL, NULL, NULL) != YSP_TRANSPORT)
            exit(1);
        ysp_client_free(asked);
    }
    atomic_fetch_sub(&at_work, 1);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[MAKERS + 1];
    int i;
    if (argc < 4)
        return 2;
    rounds = strtol(argv[1], NULL, 10);
    asked_config = argv[2];
    configs = argv + 3;
    config_count = argc - 3;
    atomic_store(&variables_asked, 0);
    if (setenv("HTTPS_PROXY", "ftp://set-late", 1) != 0)
        return 2;
    for (i = 0; i <= MAKERS; i++)
        if (pthread_create(&threads[i], NULL, i < MAKERS ? make_clients : set_variables, NULL) != 0)
            return 2;
    for (i = 0; i <= MAKERS; i++)
        pthread_join(threads[i], NULL);
    printf("%ld clients made while %ld variables were set; %ld were asked for\n", 2 * rounds * MAKERS,
           (long)atomic_load(&variables_set), (long)atomic_load(&variables_asked));
    return atomic_load(&variables_asked) != 0;
}
