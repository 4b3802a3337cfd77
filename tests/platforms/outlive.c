/* Runs a program with its arguments, and ends as it does, together with it: outlive.exe PROGRAM ARGUMENTS... In wine 8 a
 * process of several threads now and then crashes or hangs when all it has left to do is to end, and is killed by wine's
 * server; the status with which it ended is then known inside of wine alone, so somebody there must tell it. */
#include <stdio.h>
#include <windows.h>

/* What stands behind the first word of a command line. */
static wchar_t *behind_first(wchar_t *line)
{
    int quoted = 0;
    for (; *line && (quoted || *line != L' '); line++)
        if (*line == L'"')
            quoted = !quoted;
    while (*line == L' ')
        line++;
    return line;
}

static int failed(const char *what)
{
    fprintf(stderr, "outlive.exe: %s: error %lu of Windows\n", what, GetLastError());
    return 126;
}

int wmain(void)
{
    STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
    start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    start.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    start.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION program;
    wchar_t *line = behind_first(GetCommandLineW());
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &start, &program))
        return failed("the program cannot be started");
    /* Whoever kills this one, kills both. */
    HANDLE job = CreateJobObjectW(NULL, NULL);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    if (!job || !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits) ||
        !AssignProcessToJobObject(job, program.hProcess)) {
        int status = failed("the program cannot be held");
        TerminateProcess(program.hProcess, 126);
        return status;
    }
    ResumeThread(program.hThread);
    /* Nobody else may still write, or hold the other end, when this one has ended. */
    CloseHandle(start.hStdInput);
    CloseHandle(start.hStdOutput);
    DWORD status;
    WaitForSingleObject(program.hProcess, INFINITE);
    if (!GetExitCodeProcess(program.hProcess, &status))
        return failed("how the program ended is not told");
    return (int)status;
}
