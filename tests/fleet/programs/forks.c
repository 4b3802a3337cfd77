/* Forks of a process whose limit is shared: forks CONFIG.json share|leave|storm, see tests/fleet/forks.rs. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "yspay.h"

enum { THREADS = 5, CALLS = 3, CHILDREN = 4, FORKS = 50 };

static ysp_client *client;
static volatile int stop;

static void fail(const char *what)
{
    fprintf(stderr, "%ld: %s\n", (long)getpid(), what);
    _exit(1);
}

static void ask(const char *id)
{
    char *json = NULL;
    if (ysp_query_sign_sts(client, id, 0, NULL, NULL, &json) != YSP_OK)
        fail(json);
    ysp_free_string(json);
}

/* How many entries this folder of /proc has, but for the listing itself. */
static int entries(const char *path, int is_fds)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int count = 0;
    if (folder == NULL)
        fail(path);
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - is_fds;
}

static int descriptors(void)
{
    return entries("/proc/self/fd", 1);
}

static int threads_now(void)
{
    return entries("/proc/self/task", 0);
}

static void *some(void *unused)
{
    int i;
    (void)unused;
    for (i = 0; i < CALLS; i++)
        ask("STS02-share");
    return NULL;
}

static void many(void)
{
    pthread_t threads[THREADS];
    int i;
    for (i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, some, NULL) != 0)
            fail("no thread");
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

static void *one(void *unused)
{
    (void)unused;
    ask("STS02-leave");
    return NULL;
}

static void *load(void *unused)
{
    (void)unused;
    while (!stop)
        ask("STS02-load");
    return NULL;
}

static void join(pid_t child)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "a child ended with status %d\n", status);
        exit(1);
    }
}

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* All ask at once: the parent, which has a connection and a thread at the store, and its children. */
static void share(void)
{
    pid_t children[CHILDREN];
    int i, own = descriptors();
    ask("STS02-first");
    pause_ms(500); /* The store is told of it; a connection in use at a fork stays open in the child until that ends. */
    for (i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            alarm(120);
            if (threads_now() != 1)
                fail("a child has one thread");
            if (descriptors() != own)
                fail("a child has no connection of its parent's");
            many();
            pause_ms(500); /* The threads of its exchanges end. */
            if (threads_now() != 2)
                fail("a child has a thread at the store");
            printf("%d more descriptors\n", descriptors() - own);
            ysp_client_free(client);
            exit(0);
        }
    }
    many();
    for (i = 0; i < CHILDREN; i++)
        join(children[i]);
}

/* Children that end while the parent's request is under way, each in another way. */
static void leave(void)
{
    pthread_t thread;
    int way;
    if (pthread_create(&thread, NULL, one, NULL) != 0)
        fail("no thread");
    getchar(); /* The request is at the platform. */
    for (way = 0; way < 4; way++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(60);
            if (way == 1)
                _exit(0);
            if (way == 2)
                ysp_client_free(client);
            if (way == 3) {
                char *json = NULL;
                /* It has no time to get a turn, and says so. */
                if (ysp_query_sign_sts(client, "STS02-child", 300, NULL, NULL, &json) != YSP_RATE_LIMITED)
                    fail(json);
            }
            exit(0);
        }
        join(child);
    }
    puts("LEFT");
    fflush(stdout);
    pthread_join(thread, NULL);
}

/* Under load, one after the other and without a pause. */
static void storm(void)
{
    pthread_t threads[THREADS];
    pid_t children[FORKS];
    int i;
    ask("STS02-first"); /* A store that is new rests first. */
    for (i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, load, NULL) != 0)
            fail("no thread");
    for (i = 0; i < FORKS; i++) {
        pause_ms(i % 10);
        children[i] = fork();
        if (children[i] == 0) {
            alarm(60); /* A deadlock ends the child with a signal, which the parent sees. */
            ask("STS02-storm");
            ysp_client_free(client); /* Tells the store what became of the turn, as nobody does for who only ends. */
            exit(0);
        }
    }
    for (i = 0; i < FORKS; i++)
        join(children[i]);
    stop = 1;
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    char *error = NULL;
    if (argc != 3)
        return 2;
    if (ysp_client_new_from_file(argv[1], &client, &error) != YSP_OK) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    if (strcmp(argv[2], "share") == 0)
        share();
    else if (strcmp(argv[2], "leave") == 0)
        leave();
    else
        storm();
    ysp_client_free(client);
    return 0;
}
