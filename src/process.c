/* SPDX-License-Identifier: MIT */
#include <healthprobe/process.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "config.h"

/* After the limit has passed, a report still gets this long: throttled, it comes late and not
 * never. */
#define LAST_CHANCE_NS (20 * HP_NS_PER_MS)

/* Of a C library that is older than Linux 5.14 (musl 1.2.5). */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define TICK_NS (10 * HP_NS_PER_MS)

void hp_process_occupy_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/", O_PATH | O_CLOEXEC) < 0)
            return;
}

void hp_process_populate_stack(const void *top, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = (uintptr_t)top / page * page;

    madvise((void *)(end - size / page * page), size / page * page, MADV_POPULATE_WRITE); // NOLINT
}

/* RLIM_INFINITY is the greatest rlim_t; a limit that is lower already stays. */
static struct rlimit lowered(struct rlimit limit, rlim_t wanted)
{
    if (limit.rlim_cur < wanted)
        wanted = limit.rlim_cur;
    return (struct rlimit){.rlim_cur = wanted, .rlim_max = wanted};
}

void hp_process_limit(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit no_core = {0};
    struct rlimit memory;

    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    setrlimit(RLIMIT_CORE, &no_core);
    /* A core handler that is a pipe ignores RLIMIT_CORE (core(5)); this it heeds. */
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (HP_MEMORY_CAP_MIB == 0 || getrlimit(RLIMIT_AS, &memory) != 0)
        return;
    memory = lowered(memory, (rlim_t)HP_MEMORY_CAP_MIB << 20);
    setrlimit(RLIMIT_AS, &memory);
}

void hp_process_clear_environment(void)
{
    /* musl and libpq look a missing HOME up in the password database; this one is never opened. */
    static char home[] = "HOME=/dev/null";
    static char *clean[] = {home, NULL};

    environ = clean;
}

static struct timeval timeval_of(int64_t ns)
{
    return (struct timeval){.tv_sec = ns / HP_NS_PER_S, .tv_usec = ns % HP_NS_PER_S / 1000};
}

static void tick(int signal_number)
{
    (void)signal_number;
}

void hp_process_set_alarm(int64_t first_ns, int64_t again_ns)
{
    struct itimerval timer = {.it_value = timeval_of(first_ns),
                              .it_interval = timeval_of(again_ns)};

    setitimer(ITIMER_REAL, &timer, NULL);
}

struct ticking {
    struct sigaction action; /* what was there before */
    sigset_t mask;
};

/*
 * From @deadline on, interrupt a write that blocks all the same (another
 * writer was faster), again and again: one tick may come just before the write.
 */
static void start_ticking(struct ticking *ret, struct hp_deadline deadline)
{
    struct sigaction action = {.sa_handler = tick}; /* no SA_RESTART */
    int64_t left_ns = hp_deadline_left_ns_at(deadline, hp_clock_now_ns());
    sigset_t alarm_only;

    sigaction(SIGALRM, &action, &ret->action);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, &ret->mask);
    /* No time left would be no alarm. */
    hp_process_set_alarm(left_ns > TICK_NS ? left_ns : TICK_NS, TICK_NS);
}

static void stop_ticking(const struct ticking *ticking)
{
    hp_process_set_alarm(0, 0);
    sigprocmask(SIG_SETMASK, &ticking->mask, NULL);
    sigaction(SIGALRM, &ticking->action, NULL);
}

void hp_process_write(int fd, const char *bytes, size_t len, struct hp_deadline deadline)
{
    struct pollfd out = {.fd = fd, .events = POLLOUT};
    struct ticking ticking;
    struct hp_deadline last_chance = hp_deadline_at(hp_clock_now_ns(), LAST_CHANCE_NS);
    ssize_t written;

    if (deadline.at_ns < last_chance.at_ns)
        deadline = last_chance;
    while (poll(&out, 1, hp_deadline_left_ms(deadline)) < 0 && errno == EINTR)
        continue;
    if ((out.revents & POLLOUT) == 0)
        return;
    start_ticking(&ticking, deadline);
    do
        written = write(fd, bytes, len);
    while (written < 0 && errno == EINTR && !hp_deadline_expired(deadline));
    stop_ticking(&ticking);
}

bool hp_process_write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/*
 * What is there is opened without O_CREAT: in a sticky folder such as /tmp, the
 * kernel refuses it for somebody else's file or FIFO (fs.protected_regular,
 * fs.protected_fifos).
 */
static int open_log(const char *path)
{
    const int flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
    int fd = open(path, flags);

    return fd < 0 && errno == ENOENT ? open(path, flags | O_CREAT, 0644) : fd;
}

void hp_process_append(const char *path, const char *bytes, size_t len)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    int fd = open_log(path);
    ssize_t written;

    if (fd < 0)
        return;
    sigaction(SIGXFSZ, &ignore, &before);
    do
        written = write(fd, bytes, len);
    while (written < 0 && errno == EINTR);
    sigaction(SIGXFSZ, &before, NULL);
    close(fd);
}
