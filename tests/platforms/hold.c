/* Has a file open as Excel has one, so that nobody may write over it, until its standard input ends. */
#include <stdio.h>
#include <windows.h>

int wmain(int count, wchar_t **arguments)
{
    const wchar_t *path = count == 2 ? arguments[1] : L"";
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "it cannot be opened: %lu\n", GetLastError());
        return 1;
    }
    puts("held");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    CloseHandle(file);
    return 0;
}
