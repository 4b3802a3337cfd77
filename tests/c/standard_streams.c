/* With descriptors 0 to 2 closed, as a daemon may have them: standard_streams CONFIG-TEXT SOCKS-CONFIG-TEXT. No
 * connection takes their numbers, where the host's next printf would go. Exits with 0 if all is as documented. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "yspay.h"

/* A copy of the standard error stream, to report on. */
static int report;

static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vdprintf(report, format, arguments);
    va_end(arguments);
    exit(1);
}

static void ask(const char *config, int32_t expected, const char *part)
{
    ysp_client *client;
    char *json = NULL;
    if (ysp_client_new(config, &client, &json) != YSP_OK)
        fail("no client: %s\n", json);
    int32_t code = ysp_query_sign_sts(client, "STS2-a", 0, NULL, NULL, &json);
    if (code != expected || strstr(json, part) == NULL)
        fail("expected %s and %s: %s\n", ysp_code_name(expected), part, json);
    ysp_free_string(json);
    /* The connection is kept for the next call. */
    for (int descriptor = 0; descriptor <= 2; ++descriptor) {
        struct stat about;
        if (fstat(descriptor, &about) == 0)
            fail("descriptor %d is in use, mode %o\n", descriptor, about.st_mode);
    }
    ysp_client_free(client);
}

int main(int count, char **arguments)
{
    report = fcntl(2, F_DUPFD_CLOEXEC, 100);
    if (count != 3 || report < 0)
        return 2;
    close(0);
    close(1);
    close(2);
    ask(arguments[1], YSP_OK, "\"isSuccess\":true");
    ask(arguments[2], YSP_TRANSPORT, "refused the connection");
    return 0;
}
