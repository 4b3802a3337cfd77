/* Works on a thread whose stack it looks into afterwards: stack KIB CONFIG-TEXT ASKED [NEEDLE...]. The thread has so many
 * KiB of stack; it makes a client, uses it in every way and frees it. ASKED is "careless" for a thread that keeps the
 * needles on its stack, to be found; else a contract to ask for, or "" for none. Each needle is a secret in hex, of which
 * no eight bytes may be left, in whatever order. Prints how deep the stack was used and what was found; exits with 0 if
 * nothing was. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "yspay.h"

enum { UNTOUCHED = 0xa5, PIECE = 8 };

static int arguments;
static char **argument;

static void end(const char *what, char *text)
{
    fprintf(stderr, "%s: %s\n", what, text != NULL ? text : "");
    exit(1);
}

/* What a needle says, its first bytes last if it is to be so. */
static size_t bytes_of(const char *hex, int reversed, unsigned char *bytes)
{
    const size_t length = strlen(hex) / 2;
    size_t i;
    for (i = 0; i < length; i++) {
        unsigned byte;
        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            end("no hex", argument[0]);
        bytes[reversed ? length - 1 - i : i] = (unsigned char)byte;
    }
    return length;
}

/* Leaves every needle behind, far below its caller's frame. */
static __attribute__((noinline)) void be_careless(void)
{
    unsigned char copies[1 << 13];
    volatile unsigned char *out = copies;
    unsigned char bytes[1 << 10];
    int i;
    for (i = 4; i < arguments; i++) {
        size_t j, length = bytes_of(argument[i], i % 2, bytes);
        for (j = 0; j < length; j++)
            *out++ = bytes[j];
    }
}

static void *work(void *unused)
{
    ysp_client *client = NULL;
    char *text = NULL;
    int32_t code;
    if (ysp_client_new(argument[2], &client, &text) != YSP_OK)
        end("no client", text);
    if (ysp_client_describe(client, &text) != YSP_OK)
        end("no description", text);
    ysp_free_string(text);
    if (ysp_build_request(client, "F1", NULL, &text, NULL) != YSP_OK)
        end("no request", text);
    code = ysp_verify_response(client, "F1", (const unsigned char *)text, strlen(text), NULL, NULL);
    ysp_free_string(text);
    if (code != YSP_SIGNATURE && code != YSP_MALFORMED_RESPONSE)
        end("believed", NULL);
    if (strcmp(argument[3], "careless") == 0)
        be_careless();
    else if (argument[3][0] != '\0' && ysp_query_sign_sts(client, argument[3], 0, NULL, NULL, &text) != YSP_OK)
        end("no answer", text);
    else if (argument[3][0] != '\0')
        ysp_free_string(text);
    ysp_client_free(client);
    return unused;
}

int main(int argc, char **argv)
{
    pthread_attr_t attributes;
    pthread_t thread;
    unsigned char *stack;
    size_t size, deepest = 0;
    int i, found = 0;
    if (argc < 4)
        return 2;
    arguments = argc;
    argument = argv;
    size = strtoul(argv[1], NULL, 10) << 10;
    /* A page below it that nobody may touch, as every thread has it. */
    stack = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED || mprotect(stack, 4096, PROT_NONE) != 0)
        return 2;
    stack += 4096;
    memset(stack, UNTOUCHED, size);
    if (pthread_attr_init(&attributes) != 0 || pthread_attr_setstack(&attributes, stack, size) != 0
        || pthread_create(&thread, &attributes, work, NULL) != 0 || pthread_join(thread, NULL) != 0)
        return 2;
    while (deepest < size && stack[deepest] == UNTOUCHED)
        deepest++;
    printf("%zu of %zu bytes used\n", size - deepest, size);
    for (i = 4; i < argc; i++) {
        unsigned char bytes[1 << 10];
        int reversed;
        for (reversed = 0; reversed < 2; reversed++) {
            const size_t length = bytes_of(argv[i], reversed, bytes);
            size_t at;
            for (at = 0; at + PIECE <= length; at += PIECE) {
                const unsigned char *place = memmem(stack, size, bytes + at, PIECE);
                if (place != NULL) {
                    printf("needle %d, byte %zu%s, is at depth %zu\n", i - 3, at, reversed ? " from behind" : "",
                           (size_t)(stack + size - place));
                    found++;
                }
            }
        }
    }
    return found > 0;
}
