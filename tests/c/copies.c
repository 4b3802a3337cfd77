/* Two copies of the library in one process: copies CONFIG-TEXT FILE OTHER-FILE. The one that is used second says so when
 * its first client is made, and names both. Exits with 0 if it does, once. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yspay.h"

/* One copy's functions. */
struct copy {
    int32_t (*client_new)(const char *, ysp_client **, char **);
    void (*client_free)(ysp_client *);
    int32_t (*client_describe)(const ysp_client *, char **);
    void (*set_log)(ysp_log_callback, void *, int32_t);
};

static int messages;
static char last[4096];

static void on_log(void *user, int32_t level, const char *message)
{
    (void)user;
    if (level == YSP_LOG_WARN)
        messages++;
    snprintf(last, sizeof last, "%s", message);
}

static void find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s is missing\n", name);
        exit(2);
    }
    memcpy(function, &found, sizeof found);
}

static struct copy load(const char *file)
{
    struct copy copy;
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
    find(library, "ysp_client_new", &copy.client_new);
    find(library, "ysp_client_free", &copy.client_free);
    find(library, "ysp_client_describe", &copy.client_describe);
    find(library, "ysp_set_log", &copy.set_log);
    copy.set_log(on_log, NULL, YSP_LOG_WARN);
    return copy;
}

static ysp_client *make(const struct copy *copy, const char *config, int expected)
{
    ysp_client *client = NULL;
    const int before = messages;
    if (copy->client_new(config, &client, NULL) != YSP_OK || messages - before != expected) {
        fprintf(stderr, "%d messages, expected %d; the last: %s\n", messages - before, expected, last);
        exit(1);
    }
    return client;
}

int main(int argc, char **argv)
{
    struct copy one, other;
    ysp_client *mine, *others;
    if (argc != 4)
        return 2;
    /* Loaded alone it is no second copy, nor is the other one. */
    one = load(argv[2]);
    other = load(argv[3]);
    mine = make(&one, argv[1], 0);
    others = make(&other, argv[1], 1);
    if (strstr(last, argv[2]) == NULL || strstr(last, argv[3]) == NULL || strstr(last, "two copies") == NULL) {
        fprintf(stderr, "%s\n", last);
        return 1;
    }
    /* A handle of one is nobody's in the other. */
    if (one.client_describe(others, NULL) != YSP_INVALID_HANDLE || other.client_describe(mine, NULL) != YSP_INVALID_HANDLE)
        return 1;
    one.client_free(make(&one, argv[1], 0));
    other.client_free(make(&other, argv[1], 0));
    one.client_free(mine);
    other.client_free(others);
    return 0;
}
