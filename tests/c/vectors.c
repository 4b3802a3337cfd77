/* Builds requests and opens answers: vectors CONFIG-FILE LIST. Each line of LIST is "request FLOW-ID REQ-FLOW-ID" or
 * "answer FLOW-ID FILE"; for each it prints a line with the code, the status, and the text that came of it. Exits with 0
 * if every line was tried. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yspay.h"

enum { LONGEST = 4096, LARGEST = 1 << 20 };

static void tell(int32_t code, int32_t status, char *text)
{
    printf("%d %d %s\n", (int)code, (int)status, text != NULL ? text : "");
    ysp_free_string(text);
}

static void request(const ysp_client *client, const char *flow_id, const char *req_flow_id)
{
    char *body, *error;
    const int32_t code = ysp_build_request(client, flow_id, req_flow_id, &body, &error);
    tell(code, YSP_SIGN_STS_NONE, code == YSP_OK ? body : error);
}

static void answer(const ysp_client *client, const char *flow_id, const char *name)
{
    static unsigned char body[LARGEST];
    FILE *file = fopen(name, "rb");
    size_t size;
    int32_t code, status;
    char *json;
    if (file == NULL) {
        perror(name);
        exit(1);
    }
    size = fread(body, 1, sizeof body, file);
    if (ferror(file) || size == sizeof body)
        exit(1);
    fclose(file);
    code = ysp_verify_response(client, flow_id, body, size, &status, &json);
    tell(code, status, json);
}

int main(int argc, char **argv)
{
    char line[LONGEST], *error;
    ysp_client *client;
    FILE *list;
    if (argc != 3 || (list = fopen(argv[2], "r")) == NULL)
        return 2;
    if (ysp_client_new_from_file(argv[1], &client, &error) != YSP_OK) {
        fprintf(stderr, "%s\n", error);
        ysp_free_string(error);
        return 1;
    }
    while (fgets(line, sizeof line, list) != NULL) {
        const char *what = strtok(line, " \n"), *flow_id = strtok(NULL, " \n"), *other = strtok(NULL, " \n");
        if (other == NULL)
            return 2;
        if (strcmp(what, "request") == 0)
            request(client, flow_id, other);
        else
            answer(client, flow_id, other);
    }
    fclose(list);
    ysp_client_free(client);
    return 0;
}
