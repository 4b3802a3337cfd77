/* On Windows: a DLL that has made a client stays loaded, for a thread of an abandoned call may still run in it; one that has
 * made none goes. Arguments: the DLL, a configuration. */
#include <stdint.h>
#include <stdio.h>
#include <windows.h>

typedef int32_t (*client_new)(const char *config, void **client, char **error);
typedef void (*client_free)(void *client);

static int loaded(const char *name)
{
    HMODULE found;
    return GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, name, &found) != 0;
}

int main(int argc, char **argv)
{
    HMODULE library;
    client_new make;
    client_free end;
    void *client = NULL;
    int32_t code;

    if (argc != 3)
        return 2;
    library = LoadLibraryA(argv[1]);
    if (library == NULL || !FreeLibrary(library) || loaded(argv[1])) {
        fprintf(stderr, "loaded and freed without a client, it is still there, or never was\n");
        return 1;
    }
    library = LoadLibraryA(argv[1]);
    make = (client_new)(void (*)(void))GetProcAddress(library, "ysp_client_new");
    end = (client_free)(void (*)(void))GetProcAddress(library, "ysp_client_free");
    code = make(argv[2], &client, NULL);
    if (code != 0) {
        fprintf(stderr, "no client: %d\n", (int)code);
        return 1;
    }
    end(client);
    FreeLibrary(library);
    if (!loaded(argv[1])) {
        fprintf(stderr, "a client was made, and the library is gone\n");
        return 1;
    }
    return 0;
}
