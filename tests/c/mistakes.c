/* Leads the library into a mistake that a memory checker must see: mistakes CONFIG MISTAKE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yspay.h"

static void leak(void)
{
    ysp_client *client;
    char *error = NULL;
    if (ysp_client_new("{}", &client, &error) != YSP_CONFIG)
        exit(2);
}

/* A body of `length` bytes in a block of `size`. */
static void verify(const ysp_client *client, size_t length, size_t size, int filled)
{
    uint8_t *body = malloc(size);
    if (body == NULL)
        exit(2);
    if (filled)
        memset(body, ' ', size);
    ysp_verify_response(client, "F1", body, length, NULL, NULL);
    free(body);
}

int main(int argc, char **argv)
{
    ysp_client *client;
    int32_t *volatile status = malloc(sizeof *status);
    int i;
    if (argc != 3 || status == NULL || ysp_client_new(argv[1], &client, NULL) != YSP_OK)
        return 2;
    free(status);
    if (strcmp(argv[2], "write after free") == 0)
        ysp_query_sign_sts(client, NULL, 0, NULL, status, NULL);
    else if (strcmp(argv[2], "leak") == 0)
        for (i = 0; i < 10; i++)
            leak();
    else
        verify(client, strcmp(argv[2], "read past the end") == 0 ? 33 : 32, 32, strcmp(argv[2], "read of nothing") != 0);
    ysp_client_free(client);
    return 0;
}
