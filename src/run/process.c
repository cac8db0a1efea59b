/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <healthprobe/base/array.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "config.h"

/* A report gets this long even after the limit: from a throttled process it comes late. */
#define LAST_CHANCE_NS (20 * HP_NS_PER_MS)

#define TICK_NS (10 * HP_NS_PER_MS)

void hp_process_occupy_descriptors(void)
{
    struct pollfd standard[] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

    /* A closed one would be an event (POLLNVAL). */
    if (poll(standard, 3, 0) == 0)
        return;
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/", O_PATH | O_CLOEXEC) < 0)
            return;
}

/* A limit that is lower stays; RLIM_INFINITY is the greatest rlim_t. */
static void cap_memory(rlim_t bytes)
{
    const struct rlimit wanted = {.rlim_cur = bytes, .rlim_max = bytes};
    struct rlimit before = {0};

    if (prlimit(0, RLIMIT_AS, &wanted, &before) == 0 && before.rlim_cur < bytes) {
        before.rlim_max = before.rlim_cur;
        setrlimit(RLIMIT_AS, &before);
    }
}

void hp_process_limit(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct rlimit no_core = {0};

    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    setrlimit(RLIMIT_CORE, &no_core);
    /* A core handler that is a pipe ignores RLIMIT_CORE (core(5)), but not this. */
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (HP_MEMORY_CAP_MIB > 0)
        cap_memory((rlim_t)HP_MEMORY_CAP_MIB << 20);
}

void hp_process_clear_environment(void)
{
    /* Without HOME, musl and libpq would open the password database. */
    static char home[] = "HOME=/dev/null";
    static char *clean[] = {home, NULL};

    environ = clean;
}

bool hp_process_start_timer(timer_t *ret, int64_t first_ns, int64_t again_ns)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = HP_PROCESS_TICK};
    struct itimerspec times = {
        .it_value = hp_timespec_of(first_ns),
        .it_interval = hp_timespec_of(again_ns),
    };

    if (timer_create(CLOCK_MONOTONIC, &event, ret) != 0)
        return false;
    if (timer_settime(*ret, 0, &times, NULL) == 0)
        return true;
    timer_delete(*ret);
    return false;
}

int hp_process_next_signal(const sigset_t *signals, struct hp_deadline until)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGCHLD};
    struct timespec left = hp_deadline_left_timespec(until);
    struct timespec slice = hp_deadline_left_timespec(
        hp_deadline_min(until, hp_deadline_at(hp_clock_now_ns(), TICK_NS)));
    int number = sigtimedwait(signals, NULL, &left);
    sigset_t pending;

    if (number > 0)
        return number;
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    /* A seccomp profile refuses it: look for signals without being late, and without spinning. */
    nanosleep(&slice, NULL);
    sigemptyset(&pending);
    sigpending(&pending);
    /* A signal stays pending here, but must not hide that time is up. */
    for (size_t i = 0; !hp_deadline_expired(until) && i < HP_COUNT(numbers); i++)
        if (sigismember(signals, numbers[i]) == 1 && sigismember(&pending, numbers[i]) == 1)
            return numbers[i];
    return 0;
}

/* --- a write that ends in time ---------------------------------------------------------------- */

/* What interrupts a write that blocks, and how its signal was handled before. */
struct ticking {
    enum { NOT_AT_ALL, BY_TIMER, BY_THREAD } how;
    struct hp_deadline deadline;
    struct sigaction action;
    sigset_t mask;
    bool has_action, has_mask; /* false: refused, say by a seccomp profile, and not saved */
    timer_t timer;
    pthread_t writer;
    pthread_t thread;
    atomic_bool over;
};

static void tick(int signal_number)
{
    (void)signal_number;
}

static void *tick_from_thread(void *data)
{
    const struct timespec pause = hp_timespec_of(TICK_NS);
    struct ticking *ticking = data;

    while (!atomic_load(&ticking->over)) {
        nanosleep(&pause, NULL);
        if (hp_deadline_expired(ticking->deadline))
            pthread_kill(ticking->writer, HP_PROCESS_TICK);
    }
    return NULL;
}

/*
 * From the deadline on, interrupt a write that blocks although there was room (another writer was
 * faster): again and again, since one tick may come just before the write. A thread does so where
 * no timer can be created.
 */
static void start_ticking(struct ticking *ticking)
{
    struct sigaction action = {.sa_handler = tick}; /* no SA_RESTART */
    int64_t left_ns = hp_deadline_left_ns_at(ticking->deadline, hp_clock_now_ns());
    sigset_t tick_only;

    sigemptyset(&tick_only);
    sigaddset(&tick_only, HP_PROCESS_TICK);
    ticking->has_action = sigaction(HP_PROCESS_TICK, &action, &ticking->action) == 0;
    if (!ticking->has_action)
        return;
    ticking->has_mask = pthread_sigmask(SIG_UNBLOCK, &tick_only, &ticking->mask) == 0;
    ticking->writer = pthread_self();
    /* 0 would disarm the timer. */
    if (hp_process_start_timer(&ticking->timer, left_ns > TICK_NS ? left_ns : TICK_NS, TICK_NS))
        ticking->how = BY_TIMER;
    else if (pthread_create(&ticking->thread, NULL, tick_from_thread, ticking) == 0)
        ticking->how = BY_THREAD;
}

static void stop_ticking(struct ticking *ticking)
{
    if (ticking->how == BY_TIMER)
        timer_delete(ticking->timer);
    atomic_store(&ticking->over, true);
    if (ticking->how == BY_THREAD)
        pthread_join(ticking->thread, NULL);
    if (ticking->has_mask)
        pthread_sigmask(SIG_SETMASK, &ticking->mask, NULL);
    if (ticking->has_action)
        sigaction(HP_PROCESS_TICK, &ticking->action, NULL);
}

/*
 * Where the kernel can write without ever waiting (to pipes since 6.4), nothing has to interrupt
 * it. More than a pipe takes whole is not tried. Returns how much is written.
 */
static size_t write_at_once(int fd, const char *bytes, size_t len)
{
    const struct iovec all = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len}; // NOLINT
    ssize_t written = len <= PIPE_BUF ? pwritev2(fd, &all, 1, -1, RWF_NOWAIT) : -1;

    return written > 0 ? (size_t)written : 0;
}

static void write_or_be_interrupted(int fd, const char *bytes, size_t len,
                                    struct hp_deadline deadline)
{
    struct ticking ticking = {.deadline = deadline};
    ssize_t written;

    start_ticking(&ticking);
    /* If nothing can interrupt it: no more than a pipe with room takes without waiting. */
    if (ticking.how == NOT_AT_ALL && len > PIPE_BUF)
        len = PIPE_BUF;
    do
        written = write(fd, bytes, len);
    while (written < 0 && errno == EINTR && !hp_deadline_expired(ticking.deadline));
    stop_ticking(&ticking);
}

void hp_process_write(int fd, const char *bytes, size_t len, struct hp_deadline deadline)
{
    struct pollfd out = {.fd = fd, .events = POLLOUT};
    struct hp_deadline last_chance = hp_deadline_at(hp_clock_now_ns(), LAST_CHANCE_NS);
    size_t written = write_at_once(fd, bytes, len);
    int ready;

    if (written == len)
        return;
    if (deadline.at_ns < last_chance.at_ns)
        deadline = last_chance;
    do
        ready = poll(&out, 1, hp_deadline_left_ms(deadline));
    while (ready < 0 && errno == EINTR);
    /* If poll() is refused, the write may still work, and ends in time, too. */
    if (ready < 0 || (out.revents & POLLOUT) != 0)
        write_or_be_interrupted(fd, bytes + written, len - written, deadline);
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
 * An existing file is opened without O_CREAT, which the kernel refuses for somebody else's file or
 * FIFO in a sticky directory such as /tmp (fs.protected_regular, fs.protected_fifos).
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
