/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/progress.h"
#include <healthprobe/base/clock.h>
#include <healthprobe/check/check.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct hp_check_ops *const hp_check_kinds[] = {NULL};

#define MS HP_NS_PER_MS
#define S  HP_NS_PER_S

static char text[8192];

static const struct {
    int64_t elapsed_ns;
    bool repeated;
    const char *line;
} lines[] = {
    {0, false, "healthprobe: after 0.0s: healthy\n"},
    {99 * MS, false, "healthprobe: after 0.0s: healthy\n"},
    {1999 * MS, false, "healthprobe: after 1.9s: healthy\n"},
    {1999 * MS, true, "healthprobe: after 1.9s: still healthy\n"},
    {86400 * S, false, "healthprobe: after 86400.0s: healthy\n"},
};

START_TEST(change_is_shown_with_the_time_in_tenths)
{
    struct hp_buffer line;

    hp_buffer_init(&line, text, sizeof text);
    hp_progress_line(&line, lines[_i].repeated, "healthy", lines[_i].elapsed_ns);
    ck_assert_str_eq(text, lines[_i].line);
}
END_TEST

static const struct {
    const char *said;
    size_t columns;
    const char *line;
} widths[] = {
    {"", 80, "waiting 7s: first run"},
    {"unhealthy: redis refused", 80, "waiting 7s: unhealthy: redis refused"},
    {"unhealthy: redis refused", 37, "waiting 7s: unhealthy: redis refused"},
    {"unhealthy: redis refused", 36, "waiting 7s: unhealthy: redis refuse"},
    {"unhealthy: redis refused", 1, ""},
    {"unhealthy: redis refused", 0, ""},
    /* a character is not cut */
    {"\xC3\xBC\xC3\xBC", 16, "waiting 7s: \xC3\xBC"},
};

START_TEST(line_in_place_is_narrower_than_the_terminal)
{
    struct hp_buffer line;

    hp_buffer_init(&line, text, sizeof text);
    hp_progress_live(&line, widths[_i].said, 7999 * MS, widths[_i].columns);
    ck_assert_str_eq(text, widths[_i].line);
}
END_TEST

START_TEST(long_verdict_is_cut_in_a_wide_terminal)
{
    char said[4000];
    struct hp_buffer line;

    memset(said, 'x', sizeof said - 1);
    said[sizeof said - 1] = '\0';
    hp_buffer_init(&line, text, sizeof text);
    hp_progress_live(&line, said, 0, 65535);
    ck_assert_uint_lt(line.len, 512);
    ck_assert_uint_gt(line.len, 400);
}
END_TEST

/* --- what is written -------------------------------------------------------------------------- */

static struct hp_progress progress;
static int ends[2];

static const char *written(void)
{
    struct pollfd in = {.fd = ends[0], .events = POLLIN};
    size_t len = 0;

    while (poll(&in, 1, 0) > 0 && (in.revents & POLLIN) != 0) {
        ssize_t n = read(ends[0], text + len, sizeof text - 1 - len);

        if (n <= 0)
            break;
        len += (size_t)n;
    }
    text[len] = '\0';
    return text;
}

static void say_at_last(enum hp_verdict verdict, enum hp_reason reason, bool stopped)
{
    static struct hp_report report;

    memset(&report, 0, sizeof report);
    report.verdict = verdict;
    report.n_checks = 1;
    strcpy(report.checks[0].name, "redis");
    strcpy(report.checks[0].target, "redis://r");
    strcpy(report.checks[0].result.error.bytes, "no");
    report.checks[0].result.status = verdict == HP_VERDICT_HEALTHY ? HP_STATUS_UP : HP_STATUS_DOWN;
    report.checks[0].result.reason = reason;
    hp_progress_show(&progress, &report, stopped);
}

static void say(enum hp_verdict verdict, enum hp_reason reason)
{
    say_at_last(verdict, reason, false);
}

START_TEST(verdict_is_shown_when_it_changes)
{
    const char *end = NULL;

    ck_assert_int_eq(pipe(ends), 0);
    hp_progress_init(&progress, ends[1], "xterm", hp_clock_now_ns());
    ck_assert(!progress.live);
    say(HP_VERDICT_UNHEALTHY, HP_REASON_REFUSED);
    end = strstr(written(), "unhealthy: redis refused; redis: no at redis://r\n");
    ck_assert_msg(end != NULL, "%s", text);
    say(HP_VERDICT_UNHEALTHY, HP_REASON_REFUSED);
    ck_assert_str_eq(written(), "");
    say(HP_VERDICT_UNHEALTHY, HP_REASON_LOADING);
    ck_assert_ptr_nonnull(
        strstr(written(), ": unhealthy: redis loading; redis: no at redis://r\n"));
    say(HP_VERDICT_HEALTHY, HP_REASON_NONE);
    ck_assert_ptr_nonnull(strstr(written(), ": healthy\n"));
    /* nothing of a terminal's */
    hp_progress_draw(&progress);
    hp_progress_erase(&progress);
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(verdict_that_holds_is_repeated_after_ten_seconds_and_then_each_minute)
{
    static const int64_t pauses[] = {10 * S, 60 * S, 60 * S};

    ck_assert_int_eq(pipe(ends), 0);
    hp_progress_init(&progress, ends[1], NULL, hp_clock_now_ns());
    ck_assert_int_eq(hp_progress_next(&progress).at_ns, INT64_MAX);
    hp_progress_draw(&progress);
    ck_assert_str_eq(written(), "");
    for (int turn = 0; turn < 2; turn++) {
        say(HP_VERDICT_UNHEALTHY, turn == 0 ? HP_REASON_REFUSED : HP_REASON_LOADING);
        written();
        for (size_t i = 0; i < HP_UNIT_ROWS(pauses); i++) {
            ck_assert_int_eq(hp_progress_next(&progress).at_ns, progress.shown_ns + pauses[i]);
            progress.shown_ns -= pauses[i] - S;
            hp_progress_draw(&progress);
            ck_assert_str_eq(written(), "");
            progress.shown_ns -= S;
            hp_progress_draw(&progress);
            ck_assert_ptr_nonnull(strstr(written(), "s: still unhealthy: redis "));
            hp_progress_draw(&progress);
            ck_assert_str_eq(written(), "");
        }
    }
}
END_TEST

START_TEST(verdict_before_a_signal_is_shown_too)
{
    ck_assert_int_eq(pipe(ends), 0);
    hp_progress_init(&progress, ends[1], NULL, hp_clock_now_ns());
    say_at_last(HP_VERDICT_UNHEALTHY, HP_REASON_INTERRUPTED, true);
    ck_assert_ptr_null(strstr(written(), "before"));
    say_at_last(HP_VERDICT_UNHEALTHY, HP_REASON_REFUSED, false);
    ck_assert_ptr_null(strstr(written(), "before"));
    say_at_last(HP_VERDICT_UNHEALTHY, HP_REASON_INTERRUPTED, true);
    ck_assert_ptr_nonnull(strstr(written(),
                                 ": unhealthy: redis interrupted; redis: no at redis://r\n"
                                 "healthprobe: before that: unhealthy: redis refused; "
                                 "redis: no at redis://r\n"));
    say_at_last(HP_VERDICT_UNHEALTHY, HP_REASON_INTERRUPTED, true);
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(giving_up_is_shown)
{
    ck_assert_int_eq(pipe(ends), 0);
    hp_progress_init(&progress, ends[1], NULL, hp_clock_now_ns());
    hp_progress_give_up(&progress, 60 * S);
    ck_assert_str_eq(written(), "healthprobe: gave up after 60s\n");
}
END_TEST

static int open_terminal(void)
{
    int fd = -1;

    ends[0] = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(ends[0], 0);
    ck_assert_int_eq(grantpt(ends[0]), 0);
    ck_assert_int_eq(unlockpt(ends[0]), 0);
    fd = open(ptsname(ends[0]), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(fd, 0);
    return fd;
}

START_TEST(terminal_has_a_line_in_place)
{
    struct winsize narrow = {.ws_row = 25, .ws_col = 20};
    int fd = open_terminal();

    ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &narrow), 0);
    hp_progress_init(&progress, fd, "xterm", hp_clock_now_ns());
    ck_assert(progress.live);
    say(HP_VERDICT_UNHEALTHY, HP_REASON_REFUSED);
    ck_assert_ptr_eq(strstr(written(), "\r\033[Khealthprobe: after "), text);
    ck_assert_ptr_nonnull(strstr(text, "unhealthy: redis refused; redis: no at redis://r\r\n"));
    hp_progress_draw(&progress);
    ck_assert_str_eq(written(), "\r\033[Kwaiting 0s: unhealt");
    hp_progress_erase(&progress);
    ck_assert_str_eq(written(), "\r\033[K");
    /* Its live line says this already. */
    progress.shown_ns -= 10 * S;
    hp_progress_draw(&progress);
    ck_assert_str_eq(written(), "\r\033[Kwaiting 0s: unhealt");
    hp_progress_give_up(&progress, 60 * S);
    ck_assert_str_eq(written(), "\r\033[Khealthprobe: gave up after 60s\r\n");
}
END_TEST

static const char *const plain_terminals[] = {"dumb", NULL};

START_TEST(dumb_terminal_gets_only_lines)
{
    hp_progress_init(&progress, open_terminal(), plain_terminals[_i], hp_clock_now_ns());
    ck_assert(!progress.live);
    hp_progress_draw(&progress);
    ck_assert_str_eq(written(), "");
}
END_TEST

START_TEST(reader_that_left_or_sleeps_delays_nothing)
{
    static char page[4096];
    int64_t started_ns = hp_clock_now_ns();
    size_t capacity;

    ck_assert_int_eq(pipe(ends), 0);
    capacity = (size_t)fcntl(ends[1], F_GETPIPE_SZ);
    for (size_t filled = 0; filled < capacity; filled += sizeof page)
        ck_assert_int_eq(write(ends[1], page, sizeof page), (ssize_t)sizeof page);
    hp_progress_init(&progress, ends[1], NULL, started_ns);
    say(HP_VERDICT_UNHEALTHY, HP_REASON_REFUSED);
    close(ends[0]);
    signal(SIGPIPE, SIG_IGN);
    say(HP_VERDICT_HEALTHY, HP_REASON_NONE);
    ck_assert_int_lt(hp_clock_now_ns() - started_ns, 2 * S);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress");

    HP_UNIT_TABLE(suite, change_is_shown_with_the_time_in_tenths, lines);
    HP_UNIT_TABLE(suite, line_in_place_is_narrower_than_the_terminal, widths);
    HP_UNIT_CASE(suite, long_verdict_is_cut_in_a_wide_terminal);
    HP_UNIT_CASE(suite, verdict_is_shown_when_it_changes);
    HP_UNIT_CASE(suite, verdict_that_holds_is_repeated_after_ten_seconds_and_then_each_minute);
    HP_UNIT_CASE(suite, verdict_before_a_signal_is_shown_too);
    HP_UNIT_CASE(suite, giving_up_is_shown);
    HP_UNIT_CASE(suite, terminal_has_a_line_in_place);
    HP_UNIT_TABLE(suite, dumb_terminal_gets_only_lines, plain_terminals);
    HP_UNIT_CASE(suite, reader_that_left_or_sleeps_delays_nothing);
    return hp_unit_run(suite);
}
