// SPDX-License-Identifier: MIT
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "mounts.h"
#include "net.h"
#include "probe.h"
#include "seccomp.h"
#include "service.h"

/* Refused system calls, a small stack and long command lines: the time limit still holds. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){.tls = true}, &redis,
                      &(struct hpt_redis_opts){.tls = true});
}

static const char *redis_var(void)
{
    return hpt_strf("REDIS_URL=redis://127.0.0.1:%d", redis.port);
}

/* A target that never answers. */
static const char *hanging(void)
{
    return hpt_strf("http://127.0.0.1:%d/hang", nginx.port);
}

/* The processor time used by the reaped children of this process. */
static double processor_ms(void)
{
    struct rusage used;

    getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

/* --- refused system calls --------------------------------------------------------------------- */

static const struct hpt_refused no_timers[] = {
    {EPERM, 3, {SYS_setitimer, SYS_timer_create, SYS_timerfd_create}},
    {ENOSYS, 3, {SYS_setitimer, SYS_timer_create, SYS_timerfd_create}},
    {EPERM, 3, {SYS_setitimer, SYS_timer_settime, SYS_timerfd_settime}},
};

static const struct hpt_refused no_signal_waits = {EPERM, 2, {SYS_rt_sigtimedwait, SYS_setitimer}};

static const struct hpt_refused no_polls = {
    EPERM,
#ifdef SYS_poll
    2,
    {SYS_ppoll, SYS_poll},
#else
    1,
    {SYS_ppoll},
#endif
};

static void probe_without(struct hpt_run *run, const struct hpt_refused *refused,
                          const char *const *args)
{
    struct hpt_refused copy = *refused;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(redis_var()),
        .args = args,
        .in_child = hpt_refuse_calls,
        .in_child_arg = &copy,
    };

    hpt_probe_with(run, &opts);
}

START_TEST(without_timers_a_check_keeps_its_limit)
{
    struct hpt_run run;

    probe_without(&run, &no_timers[_i], HPT_LIST("--http", hanging(), "--timeout", "300ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 300));
    probe_without(&run, &no_timers[_i], HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

/* It ends neither early nor late, and does not spin. */
START_TEST(a_refused_wait_for_signals_keeps_the_limit_and_does_not_spin)
{
    struct hpt_run run;
    double before_ms = processor_ms();

    probe_without(
        &run, &no_signal_waits,
        HPT_LIST("full", "--check", "http,redis", "--http", hanging(), "--timeout", "2s"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_up(&run, "redis"));
    HPT_OK(hpt_is_punctual(&run, 2000));
    ck_assert_double_lt(processor_ms() - before_ms, hpt_probe_static() ? 400 : 1500);
}
END_TEST

START_TEST(wait_ends_as_usual_when_waiting_for_signals_is_refused)
{
    struct hpt_run run;
    struct hpt_refused refused = no_signal_waits;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("wait", "--check=redis", "--redis",
                         hpt_strf("redis://127.0.0.1:%d", hpt_net_refusing_port()),
                         _i == 0 ? "--for=1s" : "--for=20s", "--interval=200ms"),
        .in_child = hpt_refuse_calls,
        .in_child_arg = &refused,
    };

    hpt_probe_start(&run, &opts);
    if (_i == 1) {
        hpt_sleep_ms(700);
        hpt_proc_signal(&run.proc, SIGTERM);
    }
    hpt_probe_finish(&run, &opts);
    ck_assert_msg(run.exit_status == (_i == 0 ? 1 : 143), "%s", hpt_said(&run));
    ck_assert_double_lt(run.wall_ms, 1000 + HPT_OVERSHOOT_MS);
    ck_assert_msg(strstr(run.out, "refused") != NULL, "%s", hpt_said(&run));
}
END_TEST

START_TEST(a_refused_poll_keeps_limit_and_report)
{
    struct hpt_run run;
    double before_ms = processor_ms();

    probe_without(&run, &no_polls,
                  HPT_LIST("full", "--check", "redis", "--redis",
                           hpt_strf("redis://127.0.0.1:%d", nginx.port), "--timeout", "1s"));
    HPT_OK(hpt_is_report(&run));
    ck_assert_double_lt(run.wall_ms, 1000 + HPT_OVERSHOOT_MS);
    ck_assert_double_lt(processor_ms() - before_ms, hpt_probe_static() ? 400 : 1500);
}
END_TEST

/* As on a kernel without RWF_NOWAIT. */
static const struct hpt_refused no_writes_at_once[] = {
    {ENOSYS, 1, {SYS_pwritev2}},
    {EOPNOTSUPP, 1, {SYS_pwritev2}},
    {EPERM, 1, {SYS_pwritev2}},
};

START_TEST(a_report_does_not_need_nonblocking_writes)
{
    struct hpt_run run;

    probe_without(&run, &no_writes_at_once[_i], HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

static void block_a_signal_that_ends(void *arg)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    raise(SIGHUP);
    hpt_refuse_calls(arg);
}

/* Signals that are blocked and pending at the start stay so to the end. */
START_TEST(a_write_lets_no_signal_in_when_sigaction_is_refused)
{
    struct hpt_run run;
    struct hpt_refused refused = {EPERM, 2, {SYS_rt_sigaction, SYS_pwritev2}};
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(redis_var()),
        .args = HPT_LIST("full", "--check", "redis"),
        .in_child = block_a_signal_that_ends,
        .in_child_arg = &refused,
    };

    hpt_probe_with(&run, &opts);
    ck_assert_int_eq(run.term_signal, 0);
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

/* --- a small stack ---------------------------------------------------------------------------- */

static void limit_stack(void *arg)
{
    struct rlimit limit = {*(rlim_t *)arg, *(rlim_t *)arg};

    if (setrlimit(RLIMIT_STACK, &limit) < 0) {
        hpt_child_fails("setrlimit");
    }
}

static const struct {
    const char *args[10];
    int status;
    bool tls;
} small_stacks[] = {
    {{"--http", "env:HTTP"}, 0, false},
    {{"--http", "http://db.invalid/", "--timeout", "300ms"}, 1, false},
    {{"--http", "env:HTTP", "--http-match", "(a|b)*c{2,5}.*d", "--http-json", "a.b=c"}, 1, false},
    {{"full", "--check", "database", "--database", "env:PG"}, 0, false},
    {{"full", "--check", "redis", "--redis", "env:REDIS"}, 0, false},
    {{"full", "--http", "env:HTTP", "--database", "env:PG", "--redis", "env:REDIS"}, 0, false},
    {{"--http", "env:HTTP", "--format", "prometheus"}, 0, false},
    {{"--http", "env:HTTP", "--format", "nagios"}, 0, false},
    {{"--http", "env:HTTP", "--format", "health+json"}, 0, false},
    {{"--http", "env:HTTP", "--format", "text"}, 0, false},
    {{"--http", "env:HTTP", "--format", "short"}, 0, false},
    {{"--http", "http://127.0.0.1:1/", "--log-failures", "/dev/null"}, 1, false},
    {{"explain", "full", "--http", "env:HTTP", "--database", "env:PG", "--redis", "env:REDIS"},
     0,
     false},
    {{"explain", "full", "--http", "env:HTTP", "--database", "env:PG", "--redis", "env:REDIS",
      "--format=json"},
     0,
     false},
    {{"wait", "--check=redis", "--redis=env:REDIS"}, 0, false},
    {{"wait", "--check=database", "--database=env:PG"}, 0, false},
    {{"wait", "--check=redis", "--redis=redis://127.0.0.1:1", "--for=300ms"}, 1, false},
    {{"--help"}, 0, false},
    {{"--version"}, 0, false},
    {{"--http", "nonsense://", "--timeout", "soon"}, 1, false},
    {{"--tiemout", "1s"}, 1, false},
    {{"install", "/none/at/all"}, 1, false},
    {{"--http", "env:HTTPS"}, 0, true},
    {{"full", "--check", "database", "--database", "env:PGS"}, 0, true},
    {{"full", "--check", "redis", "--redis", "env:REDISS"}, 0, true},
    {{"full", "--http", "env:HTTPS", "--database", "env:PGS", "--redis", "env:REDISS"}, 0, true},
    {{"wait", "--check=database", "--database=env:PGS"}, 0, true},
};

static void probe_on_stack(struct hpt_run *run, int row, rlim_t bytes)
{
    struct hpt_probe_opts opts = {
        .env =
            HPT_LIST(hpt_strf("HTTP=http://127.0.0.1:%d/", nginx.port),
                     hpt_strf("HTTPS=https://localhost:%d/", nginx.tls_port),
                     hpt_strf("PG=postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, pg.port),
                     hpt_strf("PGS=postgresql://app:%s@localhost:%d/app?sslmode=verify-full",
                              HPT_PG_PASSWORD, pg.port),
                     hpt_strf("REDIS=redis://127.0.0.1:%d", redis.port),
                     hpt_strf("REDISS=rediss://localhost:%d", redis.tls_port),
                     hpt_strf("SSL_CERT_FILE=%s", hpt_certs()->ca)),
        .args = small_stacks[row].args,
        .in_child = limit_stack,
        .in_child_arg = &bytes,
    };

    hpt_probe_with(run, &opts);
}

/*
 * Resolving a name takes 48 KiB, anything else 40: growth is noticed before it reaches a user's
 * limit of 80.
 */
START_TEST(a_stack_of_64_kib_is_enough)
{
    struct hpt_run run;

    if (small_stacks[_i].tls && !hpt_probe_tls()) {
        return;
    }
    probe_on_stack(&run, _i, 64 << 10);
    ck_assert_msg(run.exit_status == small_stacks[_i].status, "signal %d, %s", run.term_signal,
                  hpt_said(&run));
    ck_assert_uint_gt(run.out_len + run.err_len, 0);
}
END_TEST

/* --- long command lines ----------------------------------------------------------------------- */

enum { EXPLAINED = 0 };

/* What grows: separate words, or one word or variable that holds all pieces. */
static const struct {
    const char *name;
    const char *args[4];
    const char *word;   /* repeated with its number; NULL: no separate words */
    const char *prefix; /* of one word or variable that holds all pieces */
    const char *piece;  /* repeated after @prefix */
    bool as_variable;
} growing[] = {
    [EXPLAINED] =
        {"explained headers", {"explain"}, "--http-header=X-%d: value%d", NULL, NULL, false},
    {"headers", {"--http", "env:HTTP"}, "--http-header=X-%d: value%d", NULL, NULL, false},
    {"tokens",
     {"--http", "env:HTTP"},
     "--http-header=Authorization: Bearer %dtoken%d",
     NULL,
     NULL,
     false},
    {"texts", {"--http", "env:HTTP"}, "--http-contains=some text %d", NULL, NULL, false},
    {"expected headers", {"--http", "env:HTTP"}, "--http-expect-header=X-%d: v", NULL, NULL, false},
    {"members", {"--http", "env:HTTP"}, "--http-json=a.b%d=c", NULL, NULL, false},
    {"expressions", {"--http", "env:HTTP"}, "--http-match=a%d", NULL, NULL, false},
    {"targets", {"live"}, "--http=a%d=http://127.0.0.1:1/", NULL, NULL, false},
    {"unknown options", {"live"}, "--unknown%d", NULL, NULL, false},
    {"lines of headers", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_HTTP_HEADER=", "X:%d\n", true},
    {"lines of texts", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_HTTP_CONTAINS=", "t%d\n", true},
    {"optional checks", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_OPTIONAL=", "a%d,", true},
    {"tolerated reasons", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_TOLERATE=", "a%d,", true},
    {"parameters for Postgres",
     {"full", "--check=database"},
     NULL,
     "--database=postgresql://app@127.0.0.1:1/app?a=b",
     "&p%d=1",
     false},
    {"parameters for Redis",
     {"full", "--check=redis"},
     NULL,
     "--redis=redis://127.0.0.1:1/?a=b",
     "&p%d=1",
     false},
};

enum { FEW = 3500, MANY = 4 * FEW };

static const char *all_of(const char *prefix, const char *piece, int n)
{
    char *text = malloc(strlen(prefix) + (size_t)n * (strlen(piece) + 8) + 1);
    size_t len = strlen(prefix);

    ck_assert_ptr_nonnull(text);
    memcpy(text, prefix, len + 1);
    for (int i = 0; i < n; i++) {
        len += (size_t)sprintf(text + len, piece, i);
    }
    return text;
}

/* Run it with @n of them; it exits with 0 or 1. Returns its output. */
static char *run_growing(int row, int n)
{
    const char **argv = calloc((size_t)n + 8, sizeof *argv);
    const char *env[3] = {hpt_strf("HTTP=http://127.0.0.1:%d/", nginx.port)};
    struct hpt_spawn spawn = {.name = "healthprobe", .argv = argv, .envp = env};
    size_t argc = 0;
    char *out = NULL;

    argv[argc++] = hpt_probe_binary();
    for (const char *const *arg = growing[row].args; *arg != NULL; arg++) {
        argv[argc++] = *arg;
    }
    for (int i = 0; growing[row].word != NULL && i < n; i++) {
        char word[80];
        snprintf(word, sizeof word, growing[row].word, i, i);
        argv[argc++] = strdup(word);
    }
    if (growing[row].prefix != NULL) {
        *(growing[row].as_variable ? &env[1] : &argv[argc]) =
            all_of(growing[row].prefix, growing[row].piece, n);
    }
    int status = hpt_proc_run(&spawn, 15000, &out);
    ck_assert_msg(status == 0 || status == 1, "ended with %d: %s", status, out);
    return out;
}

/* The time to prepare and run with @n of them: the least of three runs, since timing is noisy. */
static double cost_ms(int row, int n)
{
    double least = 1e9;

    for (int i = 0; i < 3; i++) {
        double before = processor_ms();
        free(run_growing(row, n));
        double used = processor_ms() - before;
        least = used < least ? used : least;
    }
    return least;
}

/* Four times as many take four times as long, not sixteen times. */
START_TEST(repeated_words_cost_the_same_each)
{
    double few = cost_ms(_i, FEW);
    double many = cost_ms(_i, MANY);

    hpt_diag("%s: %.1f ms for %d, %.1f ms for %d", growing[_i].name, few, FEW, many, MANY);
    /* Very short runs cannot be compared. */
    ck_assert_msg(many < 8 * few || many < 30, "%s: %.1f ms for %d, %.1f ms for %d",
                  growing[_i].name, few, FEW, many, MANY);
}
END_TEST

/* More than the memory cap of a run: it must report that. */
START_TEST(explain_reports_that_memory_is_short)
{
    char *out = run_growing(EXPLAINED, 30000);

    ck_assert_msg(strstr(out, "\"error\":{\"reason\":\"internal\",\"message\":\"out of memory\"}"),
                  "%s", out);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "refused system calls", 30);

    tcase_add_loop_test(tc, without_timers_a_check_keeps_its_limit, 0, HPT_COUNT(no_timers));
    tcase_add_test(tc, a_refused_wait_for_signals_keeps_the_limit_and_does_not_spin);
    tcase_add_loop_test(tc, wait_ends_as_usual_when_waiting_for_signals_is_refused, 0, 2);
    tcase_add_test(tc, a_refused_poll_keeps_limit_and_report);
    tcase_add_loop_test(tc, a_report_does_not_need_nonblocking_writes, 0,
                        HPT_COUNT(no_writes_at_once));
    /* A sanitizer needs these calls. */
    if (hpt_probe_static()) {
        tcase_add_test(tc, a_write_lets_no_signal_in_when_sigaction_is_refused);
        tc = hpt_tcase(suite, "a small stack", 30);
        tcase_add_loop_test(tc, a_stack_of_64_kib_is_enough, 0, HPT_COUNT(small_stacks));
        tc = hpt_tcase(suite, "long command lines", 60);
        tcase_add_loop_test(tc, repeated_words_cost_the_same_each, 0, HPT_COUNT(growing));
        tcase_add_test(tc, explain_reports_that_memory_is_short);
    }
}

int main(void)
{
    return hpt_main("limits", start_servers, build, true);
}
