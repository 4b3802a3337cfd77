/* Asks for the signing status of contracts: query CONFIG.json FLOW_ID...
 * Prints a line for each; exits with 0 if every question was answered, 1 if one failed, 2 on wrong use. */
#include <stdio.h>
#include <stdlib.h>

#include "yspay.h"

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    int failed = file == NULL;
    while (!failed) {
        char *larger = realloc(text, size + 4097);
        size_t got;
        if (larger == NULL) {
            failed = 1;
            break;
        }
        text = larger;
        got = fread(text + size, 1, 4096, file);
        size += got;
        text[size] = '\0';
        if (got < 4096) {
            failed = ferror(file);
            break;
        }
    }
    if (file != NULL)
        fclose(file);
    if (failed) {
        perror(path);
        free(text);
        return NULL;
    }
    return text;
}

int main(int argc, char **argv)
{
    ysp_client *client = NULL;
    char *config, *text = NULL;
    int32_t code;
    int i, failures = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: %s CONFIG.json FLOW_ID...\n", argv[0]);
        return 2;
    }
    config = read_file(argv[1]);
    if (config == NULL)
        return 1;
    code = ysp_client_new(config, &client, &text);
    free(config);
    if (code != YSP_OK) {
        fprintf(stderr, "%s: %s\n", ysp_code_name(code), text);
        ysp_free_string(text);
        return 1;
    }
    for (i = 2; i < argc; i++) {
        int32_t status;
        code = ysp_query_sign_sts(client, argv[i], 0, NULL, &status, &text);
        if (code == YSP_OK) {
            printf("%s: %s\n", argv[i], ysp_sign_sts_name(status));
        } else {
            fprintf(stderr, "%s: %s: %s\n", argv[i], ysp_code_name(code), text);
            failures++;
        }
        ysp_free_string(text);
    }
    ysp_client_free(client);
    return failures > 0;
}
