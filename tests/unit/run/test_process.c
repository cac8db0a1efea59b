/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"

/* A machine may stall; what must not take longer than a limit gets this much more. */
#define STALL_MS 1500

/*
 * All of this changes the process, so each case is played in a child of its
 * own, which tells by its exit status at which step it failed.
 */
#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(100 + __COUNTER__);                                                              \
    } while (0)

/** The exit status of a child that plays @act; -1 where a signal ended it. */
static int play(void (*act)(int row), int row)
{
    int status = 0;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        act(row);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* --- descriptors ------------------------------------------------------------------------------ */

static void occupy(int row)
{
    int zeroes = fcntl(open("/dev/zero", O_RDWR), F_DUPFD, 10);
    int open_before[3];
    char byte = 'x';
    int next;

    for (int fd = 0; fd <= 2; fd++) {
        open_before[fd] = (row & 1 << fd) == 0;
        if (open_before[fd])
            EXPECT(dup2(zeroes, fd) == fd);
        else
            close(fd);
    }
    hp_process_occupy_descriptors();
    for (int fd = 0; fd <= 2; fd++) {
        EXPECT(fcntl(fd, F_GETFD) >= 0);
        /* what was closed leads nowhere, what was open is as it was */
        EXPECT((write(fd, &byte, 1) == 1) == open_before[fd]);
        EXPECT((read(fd, &byte, 1) == 1) == open_before[fd]);
    }
    next = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT(next > 2);
}

START_TEST(closed_descriptors_are_occupied_so_that_no_socket_becomes_one)
{
    ck_assert_int_eq(play(occupy, _i), 0);
}
END_TEST

/* Where so few are allowed that not even three could be. */
static void occupy_of_two(int row)
{
    struct rlimit two = {2, 2};

    (void)row;
    close(1);
    EXPECT(setrlimit(RLIMIT_NOFILE, &two) == 0);
    hp_process_occupy_descriptors();
    EXPECT(fcntl(1, F_GETFD) >= 0);
    EXPECT(socket(AF_UNIX, SOCK_STREAM, 0) < 0);
}

START_TEST(closed_descriptors_are_occupied_under_any_limit)
{
    ck_assert_int_eq(play(occupy_of_two, 0), 0);
}
END_TEST

/* --- limits ----------------------------------------------------------------------------------- */

static void limit(int row)
{
    struct rlimit core;
    struct rlimit memory;
    struct sigaction action;
    int pipe_ends[2];

    (void)row;
    hp_process_limit();
    EXPECT(getrlimit(RLIMIT_CORE, &core) == 0);
    EXPECT(core.rlim_cur == 0 && core.rlim_max == 0);
    EXPECT(prctl(PR_GET_DUMPABLE) == 0);
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    EXPECT(getrlimit(RLIMIT_AS, &memory) == 0);
    if (HP_MEMORY_CAP_MIB > 0)
        EXPECT(memory.rlim_cur == (rlim_t)HP_MEMORY_CAP_MIB << 20);
    EXPECT(sigaction(SIGPIPE, NULL, &action) == 0);
    EXPECT(action.sa_handler == SIG_IGN);
    EXPECT(pipe(pipe_ends) == 0);
    close(pipe_ends[0]);
    EXPECT(write(pipe_ends[1], "x", 1) == -1 && errno == EPIPE);
    EXPECT(sigaction(SIGXFSZ, NULL, &action) == 0);
    EXPECT(action.sa_handler == SIG_IGN);
}

START_TEST(run_has_no_core_and_no_new_privileges_and_ignores_signals)
{
    ck_assert_int_eq(play(limit, 0), 0);
}
END_TEST

static void limit_below_a_lower_one(int row)
{
    struct rlimit lower = {0, 0};
    struct rlimit core;

    (void)row;
    EXPECT(setrlimit(RLIMIT_CORE, &lower) == 0);
    hp_process_limit();
    hp_process_limit();
    EXPECT(getrlimit(RLIMIT_CORE, &core) == 0);
    EXPECT(core.rlim_max == 0);
}

START_TEST(lower_limit_stays)
{
    ck_assert_int_eq(play(limit_below_a_lower_one, 0), 0);
}
END_TEST

static void clear_environment(int row)
{
    (void)row;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
    setenv("PGHOST", "elsewhere", 1);
    setenv("HOME", "/root", 1);
    hp_process_clear_environment();
    EXPECT(environ[0] != NULL && strcmp(environ[0], "HOME=/dev/null") == 0);
    EXPECT(environ[1] == NULL);
    EXPECT(getenv("http_proxy") == NULL);
    EXPECT(strcmp(getenv("HOME"), "/dev/null") == 0);
}

START_TEST(environment_of_a_run_is_an_empty_home)
{
    ck_assert_int_eq(play(clear_environment, 0), 0);
}
END_TEST

/* --- the report ------------------------------------------------------------------------------- */

static const char report[] = "{\"status\":\"unhealthy\"}\n";

#define REPORT_LEN (sizeof report - 1)

/** Both ends of the child's standard output. */
static int ends[2];

static int64_t now_ms(void)
{
    return hp_clock_now_ns() / HP_NS_PER_MS;
}

static struct hp_deadline in_ms(int64_t ms)
{
    return hp_deadline_at(hp_clock_now_ns(), ms * HP_NS_PER_MS);
}

static void sleep_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void become_standard_output(void)
{
    EXPECT(dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO);
    close(ends[1]);
    signal(SIGPIPE, SIG_IGN);
}

/** Fill the pipe until only @room bytes fit. */
static void fill_pipe(size_t room)
{
    static char page[4096];
    size_t capacity = (size_t)fcntl(ends[1], F_GETPIPE_SZ);

    ck_assert_uint_ge(capacity, room);
    for (size_t left = capacity - room; left > 0;) {
        size_t len = left < sizeof page ? left : sizeof page;

        ck_assert_int_eq(write(ends[1], page, len), (ssize_t)len);
        left -= len;
    }
}

/** How many bytes can be read without waiting. */
static size_t drain(void)
{
    static char bytes[65536];
    struct pollfd in = {.fd = ends[0], .events = POLLIN};
    size_t total = 0;

    while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN) != 0) {
        ssize_t n = read(ends[0], bytes, sizeof bytes);

        if (n <= 0)
            break;
        total += (size_t)n;
    }
    return total;
}

static void make_pipe(void)
{
    ck_assert_int_eq(pipe(ends), 0);
}

static void close_ends(void)
{
    close(ends[0]);
    close(ends[1]);
}

static const int64_t limits_ms[] = {10000, 1, 0, -5000};

static void write_it(int row)
{
    int flags;

    become_standard_output();
    flags = fcntl(STDOUT_FILENO, F_GETFL);
    hp_process_write(STDOUT_FILENO, report, REPORT_LEN, in_ms(limits_ms[row]));
    EXPECT(fcntl(STDOUT_FILENO, F_GETFL) == flags);
}

/* Throttled, a report comes late rather than not at all. */
START_TEST(complete_report_is_written_even_after_the_limit)
{
    char bytes[sizeof report + 16];
    ssize_t n;

    make_pipe();
    ck_assert_int_eq(play(write_it, _i), 0);
    n = read(ends[0], bytes, sizeof bytes);
    ck_assert_int_eq(n, (ssize_t)REPORT_LEN);
    ck_assert_int_eq(memcmp(bytes, report, REPORT_LEN), 0);
    close_ends();
}
END_TEST

static void write_the_longest(int row)
{
    static char longest[4096];

    (void)row;
    memset(longest, 'x', sizeof longest);
    become_standard_output();
    hp_process_write(STDOUT_FILENO, longest, sizeof longest, in_ms(5000));
}

START_TEST(report_is_written_by_one_write)
{
    char bytes[8192];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    ck_assert_int_eq(play(write_the_longest, 0), 0);
    ck_assert_int_eq(recv(ends[0], bytes, sizeof bytes, 0), 4096);
    ck_assert_int_eq(recv(ends[0], bytes, sizeof bytes, MSG_DONTWAIT), -1);
    close_ends();
}
END_TEST

static const struct {
    int64_t limit_ms;
    int64_t least_ms;
} full_pipes[] = {{300, 300}, {1, 0}, {0, 0}, {-5000, 0}};

static void write_to_a_full_pipe(int row)
{
    int64_t started_ms = now_ms();
    int flags;

    become_standard_output();
    flags = fcntl(STDOUT_FILENO, F_GETFL);
    hp_process_write(STDOUT_FILENO, report, REPORT_LEN, in_ms(full_pipes[row].limit_ms));
    EXPECT(now_ms() - started_ms >= full_pipes[row].least_ms);
    EXPECT(now_ms() - started_ms < full_pipes[row].limit_ms + STALL_MS ||
           full_pipes[row].limit_ms < 0);
    EXPECT(now_ms() - started_ms < 300 + STALL_MS);
    EXPECT(fcntl(STDOUT_FILENO, F_GETFL) == flags);
}

START_TEST(report_without_room_is_dropped_in_time)
{
    size_t before;

    make_pipe();
    before = (size_t)fcntl(ends[1], F_GETPIPE_SZ);
    fill_pipe(0);
    ck_assert_int_eq(play(write_to_a_full_pipe, _i), 0);
    ck_assert_uint_eq(drain(), before);
    close_ends();
}
END_TEST

static void write_and_wait_for_room(int row)
{
    (void)row;
    become_standard_output();
    hp_process_write(STDOUT_FILENO, report, REPORT_LEN, in_ms(15000));
}

START_TEST(report_is_written_as_soon_as_there_is_room)
{
    int64_t started_ms = now_ms();
    pid_t reader;
    size_t capacity;

    make_pipe();
    capacity = (size_t)fcntl(ends[1], F_GETPIPE_SZ);
    fill_pipe(0);
    reader = fork();
    if (reader == 0) {
        size_t total;

        sleep_ms(200);
        total = drain();
        close(ends[1]);
        for (char byte; read(ends[0], &byte, 1) == 1;)
            total++;
        _exit(total == capacity + REPORT_LEN ? 0 : 1);
    }
    ck_assert_int_eq(play(write_and_wait_for_room, 0), 0);
    ck_assert_int_lt(now_ms() - started_ms, 10000);
    close_ends();
    {
        int status = 0;

        ck_assert_int_eq(waitpid(reader, &status, 0), reader);
        ck_assert_int_eq(status, 0);
    }
}
END_TEST

static void write_more_than_there_is_room(int row)
{
    static char bytes[8192];

    (void)row;
    become_standard_output();
    hp_process_write(STDOUT_FILENO, bytes, sizeof bytes, in_ms(300));
}

static void write_without_a_timer(int row)
{
    struct rlimit none = {0, 0};

    EXPECT(setrlimit(RLIMIT_SIGPENDING, &none) == 0);
    write_more_than_there_is_room(row);
}

static void (*const blocking_writes[])(int row) = {
    write_more_than_there_is_room,
    write_without_a_timer,
};

/* Another writer was faster, say: the pipe has room for a part, and the write blocks. */
START_TEST(write_that_blocks_ends_in_time)
{
    int64_t started_ms = now_ms();

    make_pipe();
    fill_pipe(4096);
    ck_assert_int_eq(play(blocking_writes[_i], 0), 0);
    ck_assert_int_ge(now_ms() - started_ms, 300);
    ck_assert_int_lt(now_ms() - started_ms, 300 + STALL_MS);
    close_ends();
}
END_TEST

/* Nothing is there that would interrupt it: what a pipe with room takes at once, and no more. */
static void write_without_timer_and_thread(int row)
{
    struct rlimit none = {0, 0};

    EXPECT(setrlimit(RLIMIT_NPROC, &none) == 0);
    EXPECT(geteuid() != 0 || setuid(65534) == 0);
    write_without_a_timer(row);
}

START_TEST(write_that_nothing_can_interrupt_does_not_block)
{
    make_pipe();
    fill_pipe(4096);
    ck_assert_int_eq(play(write_without_timer_and_thread, 0), 0);
    close_ends();
}
END_TEST

static void write_with_its_signal_blocked_and_ignored(int row)
{
    sigset_t all;

    signal(HP_PROCESS_TICK, SIG_IGN);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    write_more_than_there_is_room(row);
}

START_TEST(write_ends_in_time_whatever_signal_settings_are_inherited)
{
    make_pipe();
    fill_pipe(4096);
    ck_assert_int_eq(play(write_with_its_signal_blocked_and_ignored, 0), 0);
    close_ends();
}
END_TEST

/* An alarm that came with the process: a write neither ends nor delays it. */
static void write_with_an_alarm(int row)
{
    struct itimerval timer = {.it_value = {.tv_sec = row == 0 ? 1000 : 0, .tv_usec = 100000}};

    signal(SIGALRM, SIG_DFL);
    EXPECT(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    write_more_than_there_is_room(row);
    EXPECT(getitimer(ITIMER_REAL, &timer) == 0);
    EXPECT(timer.it_value.tv_sec >= 900);
}

START_TEST(write_leaves_an_alarm_of_the_process_alone)
{
    int64_t started_ms = now_ms();

    make_pipe();
    fill_pipe(4096);
    ck_assert_int_eq(play(write_with_an_alarm, _i), _i == 0 ? 0 : -1);
    ck_assert_int_lt(now_ms() - started_ms, 300 + STALL_MS);
    close_ends();
}
END_TEST

static void write_to_nobody(int row)
{
    int64_t started_ms = now_ms();

    (void)row;
    close(ends[0]);
    become_standard_output();
    hp_process_write(STDOUT_FILENO, report, REPORT_LEN, in_ms(15000));
    EXPECT(now_ms() - started_ms < 10000);
}

START_TEST(report_to_a_reader_that_left_is_dropped)
{
    make_pipe();
    close(ends[0]);
    ck_assert_int_eq(play(write_to_nobody, 0), 0);
    close(ends[1]);
}
END_TEST

static void write_to_a_closed_descriptor(int row)
{
    int64_t started_ms = now_ms();

    close(STDOUT_FILENO);
    if (row == 1)
        hp_process_occupy_descriptors();
    hp_process_write(STDOUT_FILENO, report, REPORT_LEN, in_ms(15000));
    EXPECT(now_ms() - started_ms < 10000);
}

START_TEST(report_to_a_closed_or_occupied_descriptor_is_dropped_at_once)
{
    ck_assert_int_eq(play(write_to_a_closed_descriptor, _i), 0);
}
END_TEST

/* --- the log of failures ---------------------------------------------------------------------- */

#define LOG_LINE "{\"status\":\"unhealthy\"}\n"

static char log_path[64];

static void append_line(void)
{
    int64_t started_ns = hp_clock_now_ns();

    hp_process_append(log_path, LOG_LINE, sizeof LOG_LINE - 1);
    ck_assert_int_lt(hp_clock_now_ns() - started_ns, STALL_MS * HP_NS_PER_MS);
}

static void name_log(void)
{
    int fd;

    strcpy(log_path, "/tmp/healthprobe-log-XXXXXX");
    fd = mkstemp(log_path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void expect_log(const char *text)
{
    char found[256] = "";
    int fd = open(log_path, O_RDONLY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(read(fd, found, sizeof found - 1), 0);
    close(fd);
    ck_assert_str_eq(found, text);
}

START_TEST(log_is_appended_to)
{
    struct stat status;

    name_log();
    append_line();
    append_line();
    expect_log(LOG_LINE LOG_LINE);

    /* as a shell's ">>" makes it */
    ck_assert_int_eq(unlink(log_path), 0);
    umask(022);
    append_line();
    expect_log(LOG_LINE);
    ck_assert_int_eq(stat(log_path, &status), 0);
    ck_assert_int_eq(status.st_mode & 07777, 0644);
    unlink(log_path);
}
END_TEST

/* A pipe's reader gets lines of several writers whole. */
START_TEST(log_may_be_a_fifo_that_has_a_reader)
{
    char found[64] = "";
    int reader;

    name_log();
    unlink(log_path);
    ck_assert_int_eq(mkfifo(log_path, 0600), 0);
    append_line(); /* nobody reads: dropped at once */
    reader = open(log_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(reader, 0);
    append_line();
    ck_assert_int_eq(read(reader, found, sizeof found - 1), sizeof LOG_LINE - 1);
    ck_assert_str_eq(found, LOG_LINE);
    unlink(log_path);
}
END_TEST

START_TEST(log_without_room_is_skipped)
{
    static const char filler[4096];
    int fifo;

    name_log();
    unlink(log_path);
    ck_assert_int_eq(mkfifo(log_path, 0600), 0);
    fifo = open(log_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(fifo, 0);
    while (write(fifo, filler, sizeof filler) > 0)
        continue;
    append_line();
    /* its own descriptor alone does not wait */
    ck_assert_int_eq(fcntl(fifo, F_SETFL, 0), 0);
    append_line();
    ck_assert_int_eq(fcntl(fifo, F_GETFL) & O_NONBLOCK, 0);
    unlink(log_path);
}
END_TEST

static const char *const no_logs[] = {
    "", "/none/at/all", "/", "/tmp", "/dev/full", "/proc/self/fd/99", "/proc/version", "/dev/tty",
};

START_TEST(log_that_cannot_be_written_is_skipped)
{
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int after;

    close(next);
    strcpy(log_path, no_logs[_i]);
    append_line();
    after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(after);
    ck_assert_int_eq(after, next);
}
END_TEST

static void exceed_file_size(int row)
{
    struct rlimit none = {0, 0};
    struct sigaction action;

    (void)row;
    EXPECT(setrlimit(RLIMIT_FSIZE, &none) == 0);
    hp_process_append(log_path, LOG_LINE, sizeof LOG_LINE - 1);
    /* as it came, for a command that `wait` becomes */
    EXPECT(sigaction(SIGXFSZ, NULL, &action) == 0);
    EXPECT(action.sa_handler == SIG_DFL);
}

START_TEST(limit_on_file_sizes_does_not_end_the_process)
{
    name_log();
    ck_assert_int_eq(play(exceed_file_size, 0), 0);
    expect_log("");
    unlink(log_path);
}
END_TEST

/* Beyond the limits of the cases themselves. */
static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_loop_test(tcase, test, 0, (int)rows);
    tcase_set_timeout(tcase, 30);
    suite_add_tcase(suite, tcase);
}

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("process");

    add(suite, "closed_descriptors_are_occupied_so_that_no_socket_becomes_one",
        closed_descriptors_are_occupied_so_that_no_socket_becomes_one, 8);
    CASE(suite, closed_descriptors_are_occupied_under_any_limit);
    CASE(suite, run_has_no_core_and_no_new_privileges_and_ignores_signals);
    CASE(suite, lower_limit_stays);
    CASE(suite, environment_of_a_run_is_an_empty_home);
    TABLE(suite, complete_report_is_written_even_after_the_limit, limits_ms);
    CASE(suite, report_is_written_by_one_write);
    TABLE(suite, report_without_room_is_dropped_in_time, full_pipes);
    CASE(suite, report_is_written_as_soon_as_there_is_room);
    TABLE(suite, write_that_blocks_ends_in_time, blocking_writes);
    CASE(suite, write_that_nothing_can_interrupt_does_not_block);
    CASE(suite, write_ends_in_time_whatever_signal_settings_are_inherited);
    add(suite, "write_leaves_an_alarm_of_the_process_alone",
        write_leaves_an_alarm_of_the_process_alone, 2);
    CASE(suite, report_to_a_reader_that_left_is_dropped);
    add(suite, "report_to_a_closed_or_occupied_descriptor_is_dropped_at_once",
        report_to_a_closed_or_occupied_descriptor_is_dropped_at_once, 2);
    CASE(suite, log_is_appended_to);
    CASE(suite, log_may_be_a_fifo_that_has_a_reader);
    CASE(suite, log_without_room_is_skipped);
    TABLE(suite, log_that_cannot_be_written_is_skipped, no_logs);
    CASE(suite, limit_on_file_sizes_does_not_end_the_process);
    return hp_unit_run(suite);
}
