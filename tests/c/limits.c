/* At the limits of a process: limits CONFIG-TEXT NAMED-CONFIG-TEXT. No thread can be started, no file opened, the name
 * server is silent: each call that needs it says so, and the next one is healthy. The second configuration has a host
 * name, and a short connectTimeoutMs. Exits with 0 if all is as documented. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "yspay.h"

/* How many threads may still be started before one is refused; negative: all may. */
static int threads_left = -1;
/* With what it is refused. */
static int refusal = EAGAIN;

/* The library's calls come here. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    void *found = dlsym(RTLD_NEXT, "pthread_create");
    memcpy(&real, &found, sizeof real);
    if (__atomic_load_n(&threads_left, __ATOMIC_SEQ_CST) >= 0
        && __atomic_fetch_sub(&threads_left, 1, __ATOMIC_SEQ_CST) == 0)
        return refusal;
    return real(thread, attributes, start, argument);
}

static int names_are_silent, looked_up;

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *found = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&real, &found, sizeof real);
    __atomic_add_fetch(&looked_up, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&names_are_silent, __ATOMIC_SEQ_CST))
        usleep(10000);
    return real(host, service, hints, out);
}

static void expect(int32_t code, int32_t expected, char *json, const char *part)
{
    if (code != expected || (part != NULL && (json == NULL || strstr(json, part) == NULL))) {
        fprintf(stderr, "expected %s and %s: %s\n", ysp_code_name(expected), part != NULL ? part : "nothing",
                json != NULL ? json : "nothing");
        exit(1);
    }
    ysp_free_string(json);
}

static ysp_client *made(const char *config)
{
    ysp_client *client;
    char *json;
    int32_t code = ysp_client_new(config, &client, &json);
    expect(code, YSP_OK, json, NULL);
    return client;
}

static void ask(const ysp_client *client, int32_t expected, const char *part)
{
    char *json;
    int32_t code = ysp_query_sign_sts(client, "STS2-limits", 0, NULL, NULL, &json);
    expect(code, expected, json, part);
}

static void expect_threads_left(int expected)
{
    if (threads_left != expected) {
        fprintf(stderr, "%d threads may still be started, not %d\n", threads_left, expected);
        exit(1);
    }
}

/* A call runs on the thread that makes it, over a new connection and over a kept one. */
static void needs_no_thread(const char *config)
{
    ysp_client *client = made(config);
    int i;
    threads_left = 0;
    for (i = 0; i < 3; i++)
        ask(client, YSP_OK, NULL);
    expect_threads_left(0);
    threads_left = -1;
    ysp_client_free(client);
}

/* A name is looked up on a thread, and once: later calls go over the connection that is kept. */
static void no_thread(const char *config, int error, const char *part)
{
    ysp_client *client = made(config);
    refusal = error;
    threads_left = 0;
    ask(client, YSP_TRANSPORT, part);
    expect_threads_left(-1);
    threads_left = 1;
    ask(client, YSP_OK, NULL);
    ask(client, YSP_OK, NULL);
    expect_threads_left(0);
    threads_left = -1;
    ysp_client_free(client);
}

static void no_file(const char *config)
{
    ysp_client *client = made(config), *none;
    struct rlimit usual, full;
    char *json;
    int32_t code;
    int free_number = dup(0);
    if (free_number < 0 || getrlimit(RLIMIT_NOFILE, &usual) != 0)
        exit(2);
    close(free_number);
    full = usual;
    full.rlim_cur = (rlim_t)free_number;
    if (setrlimit(RLIMIT_NOFILE, &full) != 0)
        exit(2);
    ask(client, YSP_TRANSPORT, "limit of open files");
    code = ysp_client_new(config, &none, &json);
    expect(code, YSP_CREDENTIAL, json, "limit of open files");
    if (setrlimit(RLIMIT_NOFILE, &usual) != 0)
        exit(2);
    ask(client, YSP_OK, NULL);
    ysp_client_free(client);
}

static void no_name(const char *config)
{
    ysp_client *client = made(config);
    __atomic_store_n(&names_are_silent, 1, __ATOMIC_SEQ_CST);
    ask(client, YSP_TRANSPORT, "Looking up the host name took longer than connectTimeoutMs");
    __atomic_store_n(&names_are_silent, 0, __ATOMIC_SEQ_CST);
    ask(client, YSP_OK, NULL);
    ysp_client_free(client);
}

static int threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;
    if (tasks == NULL)
        exit(2);
    while (readdir(tasks) != NULL)
        count++;
    closedir(tasks);
    return count;
}

/* However many calls give up, one thread looks the name up. A child has no such thread, and looks it up itself. */
static void no_name_for_many(const char *config)
{
    ysp_client *client = made(config);
    const int before = threads();
    int i, status;
    pid_t child;
    looked_up = 0;
    __atomic_store_n(&names_are_silent, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < 200; i++) {
        char *json;
        /* The first one gets as far as the name however slow the machine is. */
        int32_t code = ysp_query_sign_sts(client, "STS2-limits", i == 0 ? 900 : 20, NULL, NULL, &json);
        expect(code, YSP_TIMEOUT, json, "\"sent\":false");
    }
    if (threads() > before + 10 || __atomic_load_n(&looked_up, __ATOMIC_SEQ_CST) != 1) {
        fprintf(stderr, "%d threads and %d look-ups after 200 calls\n", threads() - before, looked_up);
        exit(1);
    }
    child = fork();
    if (child == 0) {
        names_are_silent = 0;
        ask(client, YSP_OK, NULL);
        /* No search for leaks: what the parent's other threads hold is lost in the child. */
        execlp("true", "true", (char *)NULL);
        _exit(2);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "the child failed\n");
        exit(1);
    }
    __atomic_store_n(&names_are_silent, 0, __ATOMIC_SEQ_CST);
    ask(client, YSP_OK, NULL);
    ysp_client_free(client);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    needs_no_thread(argv[1]);
    no_thread(argv[2], EAGAIN, "limit of threads");
    /* An old container's profile, which forbids clone3. */
    no_thread(argv[2], EPERM, "forbids the system call clone3");
    no_file(argv[1]);
    no_name(argv[2]);
    no_name_for_many(argv[2]);
    return 0;
}
