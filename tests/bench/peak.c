/* SPDX-License-Identifier: MIT */

/*
 * Print the peak resident memory of a command, in KB: that of its largest process.
 *
 *     peak COMMAND [ARG...]
 *
 * The value from wait4() is not exact: since Linux 6.2 each processor holds back up to 32 pages of
 * each kind before it adds them to the sum, a good part of a small program. So the command is
 * traced, and its page tables are counted (smaps_rollup) each time before it frees memory: at
 * munmap() and the like, at exec and at exit.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS                                                                                    \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |      \
     PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)

static long peak_kb;

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static void look(pid_t pid)
{
    char path[64];
    char line[256];
    long kb;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        /* A thread that ends after the others no longer has memory. */
        if (errno == ESRCH || errno == ENOENT)
            return;
        die(path);
    }
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Rss: %ld kB", &kb) == 1 && kb > peak_kb)
            peak_kb = kb;
    fclose(file);
}

static bool gives_back(pid_t pid)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return false;
    switch (info.entry.nr) {
    case SYS_munmap:
    case SYS_madvise:
    case SYS_mremap:
    case SYS_brk:
    case SYS_execve:
        return true;
    default:
        return false;
    }
}

/* Continue a stopped process, with the signal that stopped it unless that was ours. */
static void go_on(pid_t pid, int status)
{
    int signal = WSTOPSIG(status);

    if (status >> 16 != 0 || signal == (SIGTRAP | 0x80) || signal == SIGSTOP)
        signal = 0;
    /* It may have been killed meanwhile. */
    if (ptrace(PTRACE_SYSCALL, pid, 0, signal) < 0 && errno != ESRCH)
        die("ptrace");
}

static int follow(pid_t command)
{
    bool runs = false; /* before its exec, the first process is a copy of this program */
    int result = 1;
    int status;

    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == ECHILD)
            return result;
        if (pid < 0)
            die("waitpid");
        if (!WIFSTOPPED(status)) {
            if (pid == command)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
            continue;
        }
        if (status >> 16 == PTRACE_EVENT_EXEC)
            runs = true;
        if (runs && (status >> 16 == PTRACE_EVENT_EXIT ||
                     (WSTOPSIG(status) == (SIGTRAP | 0x80) && gives_back(pid))))
            look(pid);
        go_on(pid, status);
    }
}

int main(int argc, char **argv)
{
    int status;

    if (argc < 2) {
        fprintf(stderr, "usage: peak COMMAND [ARG...]\n");
        return 2;
    }
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
            ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
            die("ptrace");
        raise(SIGSTOP);
        execv(argv[1], argv + 1);
        die(argv[1]);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, 0, OPTIONS) < 0)
        die("ptrace");
    go_on(pid, status);
    status = follow(pid);
    printf("%ld\n", peak_kb);
    return status;
}
