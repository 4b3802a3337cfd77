/* Makes a client, uses it and frees it: wiping CONFIG-FILE [careless]. The configuration is never on the heap, but for the
 * careless, who free a copy of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yspay.h"

static char config[1 << 16];

int main(int argc, char **argv)
{
    ysp_client *client = NULL;
    char *text = NULL;
    FILE *file;
    static char buffer[1 << 16];
    if (argc < 2 || (file = fopen(argv[1], "rb")) == NULL)
        return 2;
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    if (fread(config, 1, sizeof config - 1, file) == 0)
        return 2;
    fclose(file);
    if (argc > 2) {
        /* So large that it goes back to the system: no other block will hold what is left of it. */
        char *copy = malloc(1 << 20);
        if (copy == NULL)
            return 2;
        memcpy(copy, config, sizeof config);
        free(copy);
    }
    if (ysp_client_new(config, &client, &text) != YSP_OK) {
        fprintf(stderr, "%s\n", text);
        ysp_free_string(text);
        return 1;
    }
    if (ysp_build_request(client, "F1", NULL, &text, NULL) != YSP_OK)
        return 1;
    ysp_free_string(text);
    ysp_client_free(client);
    return 0;
}
