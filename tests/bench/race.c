/* SPDX-License-Identifier: MIT */

/*
 * Run programs in turn and measure each run.
 *
 *     race ROUNDS AT_ONCE <PROGRAMS
 *
 * In each round every program has a turn, in random order, with AT_ONCE processes of it at a time.
 * Programs are read from standard input, one word per line: "arg WORD" (the first is the file to
 * execute), "env NAME=VALUE", and "end" after each program. Each turn prints a line:
 *
 *     PROGRAM ROUND WALL_NS CPU_US FAILED
 *
 * WALL_NS is from before the first process started until after the last one ended, CPU_US is the
 * sum of their processor time, FAILED the number of those that did not exit with 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_TEXT = 65536, MAX_PROGRAMS = 64, MAX_WORDS = 1024 };

/* Each program's arguments and environment are lists, as execve() takes them. */
struct program {
    char **args;
    char **env;
};

static char text[MAX_TEXT];
static char *words[MAX_WORDS];
static struct program programs[MAX_PROGRAMS];

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static void read_text(void)
{
    size_t len = 0;
    ssize_t got;

    while ((got = read(0, text + len, sizeof text - 1 - len)) > 0)
        len += (size_t)got;
    if (got < 0 || len == sizeof text - 1)
        die("standard input");
}

/* Take the words after a key, up to the program's end. */
static char **take(const char *from, const char *end, const char *key, size_t *next)
{
    char **list = &words[*next];
    size_t len = strlen(key);

    for (const char *line = from; line < end; line += strlen(line) + 1) {
        if (*next >= MAX_WORDS - 1) {
            errno = E2BIG;
            die("words");
        }
        if (strncmp(line, key, len) == 0)
            words[(*next)++] = text + (line - text) + len;
    }
    words[(*next)++] = NULL;
    return list;
}

static int read_programs(void)
{
    char *from = text;
    size_t next = 0;
    int n = 0;

    read_text();
    for (char *at = text; *at != '\0';) {
        char *line = at;
        at = strchrnul(at, '\n');
        if (*at != '\0')
            *at++ = '\0';
        if (strcmp(line, "end") != 0)
            continue;
        if (n == MAX_PROGRAMS) {
            errno = E2BIG;
            die("programs");
        }
        programs[n].args = take(from, line, "arg ", &next);
        programs[n].env = take(from, line, "env ", &next);
        n++;
        from = at;
    }
    return n;
}

static long long now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long cpu_us(const struct rusage *usage)
{
    return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000LL + usage->ru_utime.tv_usec +
           usage->ru_stime.tv_usec;
}

static void start(const struct program *program)
{
    /* fork() would copy page tables and make each start more expensive than a service's. */
    pid_t pid = vfork();

    if (pid == 0) {
        execve(program->args[0], program->args, program->env);
        _exit(127);
    }
    if (pid < 0)
        die("vfork");
}

static void take_turn(int number, int round, int at_once)
{
    struct rusage usage;
    long long cpu = 0;
    int failed = 0;
    int status;
    long long began = now_ns();

    for (int i = 0; i < at_once; i++)
        start(&programs[number]);
    for (int i = 0; i < at_once; i++) {
        if (wait4(-1, &status, 0, &usage) < 0)
            die("wait4");
        cpu += cpu_us(&usage);
        failed += WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
    }
    long long wall = now_ns() - began;
    dprintf(3, "%d %d %lld %lld %d\n", number, round, wall, cpu, failed);
}

/* No program should always follow the same other one. Reproducible: random() is not seeded. */
static void shuffle(int *order, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int other = (int)(random() % (i + 1));
        int number = order[i];

        order[i] = order[other];
        order[other] = number;
    }
}

int main(int argc, char **argv)
{
    /*
     * Work that a turn leaves behind, such as an ending Postgres process, must not count for the
     * next one.
     */
    const struct timespec settled = {.tv_nsec = 30 * 1000 * 1000};
    int rounds = argc == 3 ? atoi(argv[1]) : 0;
    int at_once = argc == 3 ? atoi(argv[2]) : 0;
    int n = read_programs();
    int order[MAX_PROGRAMS];

    if (rounds < 1 || at_once < 1) {
        dprintf(2, "usage: race ROUNDS AT_ONCE <PROGRAMS\n");
        return 2;
    }
    /* The turns are printed on standard output; the programs' output is discarded. */
    if (dup2(1, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) < 0)
        die("standard output");
    for (int fd = 0; fd < 3; fd++) {
        if (fd == 2)
            continue;
        int null = open("/dev/null", O_RDWR);
        if (null < 0 || dup2(null, fd) < 0)
            die("/dev/null");
        if (null > 2)
            close(null);
    }
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int round = 0; round < rounds; round++) {
        shuffle(order, n);
        for (int i = 0; i < n; i++) {
            take_turn(order[i], round, at_once);
            nanosleep(&settled, NULL);
        }
    }
    return 0;
}
