#include <stdio.h>
#include <yspay.h>

int main(int argc, char **argv) /* ten_lines "$(cat config.json)" MAN202109280009848 */
{
    ysp_client *client = NULL;
    int32_t status;
    char *json = NULL;
    int32_t code = argc == 3 ? ysp_client_new(argv[1], &client, &json) : YSP_INVALID_ARGUMENT;
    if (code == YSP_OK)
        code = ysp_query_sign_sts(client, argv[2], 0, NULL, &status, &json);
    if (code == YSP_OK)
        printf("%s\n", ysp_sign_sts_name(status)); /* CREATED, PENDING, … */
    else
        fprintf(stderr, "%s: %s\n", ysp_code_name(code), json ? json : "usage");
    ysp_free_string(json);
    ysp_client_free(client);
    return code;
}
