// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* What a run produces besides its report: the exit status and the log of failures. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;
static int dead;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){0}, &redis,
                      &(struct hpt_redis_opts){0});
    dead = hpt_net_refusing_port();
    hpt_probe_secret("wrong-password");
    hpt_probe_secret(HPT_PG_PASSWORD);
}

static const char *port_var(int port)
{
    return hpt_strf("PORT=%d", port);
}

static const char *database_var(int port)
{
    return hpt_strf("DATABASE_URL=postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, port);
}

static const char *redis_var(int port)
{
    return hpt_strf("REDIS_URL=redis://127.0.0.1:%d", port);
}

/* --- --exit-codes ----------------------------------------------------------------------------- */

START_TEST(detailed_adds_up_the_kinds_that_fail)
{
    struct hpt_run run;
    const char *const *env =
        HPT_LIST(port_var(_i & 1 ? dead : nginx.port), database_var(_i & 2 ? dead : pg.port),
                 redis_var(_i & 4 ? dead : redis.port));

    hpt_probe(&run, env, HPT_LIST("full", "--exit-codes", "detailed"));
    HPT_OK(hpt_is_report(&run));
    ck_assert_int_eq(run.exit_status, 8 * _i);
    hpt_probe(&run, env, HPT_LIST("full", "--exit-codes", "nagios"));
    HPT_OK(hpt_is_report(&run));
    ck_assert_int_eq(run.exit_status, _i == 0 ? 0 : 2);
    hpt_probe(&run, env, HPT_LIST("full"));
    ck_assert_int_eq(run.exit_status, _i == 0 ? 0 : 1);
}
END_TEST

START_TEST(two_of_a_kind_count_once)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--exit-codes", "detailed", "--http", hpt_strf("a=:%d", dead), "--http",
                       hpt_strf("b=:%d", dead), "--http", hpt_strf("c=:%d", nginx.port)));
    HPT_OK(hpt_is_down(&run, "a", "refused", NULL));
    ck_assert_int_eq(run.exit_status, 8);
}
END_TEST

START_TEST(optional_and_tolerated_failures_do_not_count)
{
    struct hpt_run run;
    const char *const *env = HPT_LIST(port_var(dead), redis_var(dead));

    hpt_probe(&run, env,
              HPT_LIST("--check", "http,redis", "--exit-codes", "detailed", "--optional", "redis"));
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
    ck_assert_int_eq(run.exit_status, 8);
    hpt_probe(
        &run, env,
        HPT_LIST("--check", "http,redis", "--exit-codes", "detailed", "--tolerate", "refused"));
    HPT_OK(hpt_is_forgiven(&run, "http", "refused", NULL));
    ck_assert_int_eq(run.exit_status, 0);
    hpt_probe(&run, env,
              HPT_LIST("--check", "http,redis", "--exit-codes", "nagios", "--tolerate", "refused"));
    HPT_OK(hpt_is_forgiven(&run, "http", "refused", NULL));
    ck_assert_int_eq(run.exit_status, 1);
}
END_TEST

static const struct {
    const char *env;
    const char *args[8];
    int exit_status;
} refused[] = {
    {"A=b", {"--exit-codes", "detailed", "--bogus"}, 64},
    {"A=b", {"--bogus", "--exit-codes", "detailed"}, 64},
    {"A=b", {"--bogus", "--timeout", "x", "--exit-codes", "detailed"}, 64},
    {"A=b", {"full", "sideways", "--exit-codes=detailed"}, 64},
    {"A=b", {"--timeout", "x", "--exit-codes", "detailed"}, 78},
    {"A=b", {"ready", "--exit-codes", "detailed"}, 78},
    {"A=b", {"ready", "--exit-codes", "nagios"}, 3},
    {"A=b", {"--bogus", "--exit-codes", "nagios"}, 3},
    {"HEALTHPROBE_EXIT_CODES=detailed", {"--bogus"}, 64},
    {"HEALTHPROBE_EXIT_CODES=detailed", {"--timeout", "x"}, 78},
    {"HEALTHPROBE_EXIT_CODES=nagios", {"--timeout", "x"}, 3},
    {"HEALTHPROBE_EXIT_CODES=nagios", {"--timeout", "x", "--exit-codes", "detailed"}, 78},
    /* an invalid value has no effect */
    {"A=b", {"--exit-codes", "all"}, 1},
    {"HEALTHPROBE_EXIT_CODES=all", {"--bogus"}, 1},
};

START_TEST(an_error_has_its_own_status)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(refused[_i].env), refused[_i].args);
    ck_assert_msg(run.exit_status == refused[_i].exit_status, "not %d: %s", refused[_i].exit_status,
                  hpt_said(&run));
    ck_assert_int_eq(strncmp(run.out, "{\"status\":\"unhealthy\",\"error\":", 30), 0);
}
END_TEST

/* No descriptor is left for a socket. */
static void no_descriptors(void *unused)
{
    struct rlimit none = {3, 3};

    (void)unused;
    if (setrlimit(RLIMIT_NOFILE, &none) < 0) {
        _exit(125);
    }
}

START_TEST(a_run_that_could_check_nothing_has_its_own_status)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(port_var(nginx.port), redis_var(redis.port)),
        .args = HPT_LIST("--check", "http,redis", "--exit-codes", _i == 0 ? "detailed" : "nagios"),
        .in_child = no_descriptors,
    };

    if (!hpt_probe_static()) {
        return;
    }
    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_down(&run, "http", "internal", NULL));
    ck_assert_int_eq(run.exit_status, _i == 0 ? 70 : 3);
}
END_TEST

static void interrupt(struct hpt_run *run, const char *const *args)
{
    const char *const env[] = {port_var(nginx.port), redis_var(redis.port), NULL};
    struct hpt_probe_opts opts = {.env = env, .args = args};

    hpt_proc_pause(&redis.proc);
    hpt_probe_start(run, &opts);
    hpt_sleep_ms(400);
    hpt_proc_signal(&run->proc, SIGTERM);
    hpt_probe_finish(run, &opts);
    hpt_proc_continue(&redis.proc);
}

START_TEST(an_interrupted_run_never_exits_with_zero)
{
    struct hpt_run run;

    interrupt(&run, HPT_LIST("--check", "http,redis", "--timeout", "8s", "--exit-codes", "detailed",
                             "--optional", "redis"));
    HPT_OK(hpt_is_down(&run, "redis", "interrupted", NULL));
    ck_assert_int_eq(run.exit_status, 1);
    interrupt(&run,
              HPT_LIST("--check", "http,redis", "--timeout", "8s", "--exit-codes", "detailed"));
    HPT_OK(hpt_is_down(&run, "redis", "interrupted", NULL));
    ck_assert_int_eq(run.exit_status, 32);
    interrupt(&run, HPT_LIST("--check", "http,redis", "--timeout", "8s", "--exit-codes", "nagios",
                             "--optional", "redis"));
    ck_assert_int_eq(run.exit_status, 2);
}
END_TEST

/* --- --log-failures --------------------------------------------------------------------------- */

static const char *log_path(void)
{
    return hpt_strf("%s/log", hpt_tmp_mkdir("log", 0777));
}

/* The log holds exactly the bytes of the report. */
static void check_log(const char *path, const char *text)
{
    char *found = hpt_read_file(path, NULL);

    if (text == NULL) {
        ck_assert_msg(found == NULL, "there is a log: %s", found);
    } else {
        ck_assert_msg(found != NULL, "there is no log");
        ck_assert_str_eq(found, text);
    }
}

START_TEST(a_run_that_is_not_healthy_is_logged)
{
    struct hpt_run run;
    struct hpt_run again;
    const char *path = log_path();

    hpt_probe(&run, HPT_LIST(port_var(nginx.port)), HPT_LIST("--log-failures", path));
    HPT_OK(hpt_is_healthy(&run, "http"));
    check_log(path, NULL);

    hpt_probe(&run, HPT_LIST(port_var(dead), hpt_strf("HEALTHPROBE_LOG_FAILURES=%s", path)),
              HPT_NONE);
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
    check_log(path, run.out);

    hpt_probe(&again, HPT_LIST(port_var(dead)),
              HPT_LIST("--optional", "http", "--log-failures", path));
    HPT_OK(hpt_is_forgiven(&again, "http", "refused", NULL));
    check_log(path, hpt_strf("%s%s", run.out, again.out));
}
END_TEST

START_TEST(the_log_is_json_whatever_the_format)
{
    struct hpt_run run;
    const char *path = log_path();

    hpt_probe(&run, HPT_LIST(port_var(dead)),
              HPT_LIST("--format", "short", "--log-failures", path));
    ck_assert_str_eq(run.out,
                     hpt_strf("unhealthy: http refused; http: nothing listens on localhost:%d at "
                              "http://localhost:%d/health/live\n",
                              dead, dead));
    char *found = hpt_read_file(path, NULL);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(strncmp(found, "{\"status\":\"unhealthy\",\"summary\":\"http refused\"", 46),
                     0);
    ck_assert_ptr_eq(strchr(found, '\n'), found + strlen(found) - 1);
}
END_TEST

START_TEST(an_error_is_logged_wherever_the_option_is)
{
    struct hpt_run run;
    const char *path = log_path();

    hpt_probe(&run, HPT_NONE, HPT_LIST("--timeout", "x", "--log-failures", path));
    HPT_OK(hpt_is_config(&run, "--timeout"));
    check_log(path, run.out);
    path = log_path();
    hpt_probe(&run, HPT_NONE, HPT_LIST("--bogus", "--log-failures", path, "sideways"));
    HPT_OK(hpt_is_usage(&run, ""));
    check_log(path, run.out);
    path = log_path();
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_LOG_FAILURES=%s", path)), HPT_LIST("ready"));
    HPT_OK(hpt_is_config(&run, "DATABASE_URL is not set"));
    check_log(path, run.out);
}
END_TEST

START_TEST(no_secret_is_logged)
{
    struct hpt_run run;
    const char *path = log_path();

    hpt_probe(&run,
              HPT_LIST(hpt_strf("DATABASE_URL=postgresql://app:wrong-password@127.0.0.1:%d/app",
                                pg.port)),
              HPT_LIST("--check", "database", "--log-failures", path));
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    check_log(path, run.out);
    ck_assert_ptr_null(strstr(hpt_read_file(path, NULL), "wrong-password"));
}
END_TEST

/* A run that abandons its workers logs too, and ends just as soon. */
START_TEST(a_run_at_its_limit_is_logged_in_time)
{
    struct hpt_run run;
    const char *path = log_path();

    hpt_proc_pause(&nginx.proc);
    hpt_proc_pause(&redis.proc);
    hpt_probe(&run, HPT_LIST(port_var(nginx.port), redis_var(redis.port)),
              HPT_LIST("--check", "http,redis", "--timeout", "500ms", "--log-failures", path));
    hpt_proc_continue_all();
    HPT_OK(hpt_is_punctual(&run, 500));
    check_log(path, run.out);
}
END_TEST

/* The unread report is dropped, but the log still gets it. */
START_TEST(a_report_that_nobody_reads_is_logged)
{
    struct hpt_run run;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    const char *path = log_path();
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(port_var(dead)),
        .args = HPT_LIST("--log-failures", path),
        .out_fd = full,
    };

    hpt_probe_with(&run, &opts);
    close(full);
    ck_assert_int_eq(run.exit_status, 1);
    char *found = hpt_read_file(path, NULL);
    ck_assert_ptr_nonnull(found);
    ck_assert_ptr_nonnull(strstr(found, "\"http refused\""));
}
END_TEST

static void make_fifo(const char *path, bool full)
{
    static const char filler[4096];

    ck_assert_int_eq(mkfifo(path, 0666), 0);
    if (full) {
        int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        while (write(fd, filler, sizeof filler) > 0) {
            continue;
        }
    }
}

static const char *const no_logs[] = {
    "FIFO",          "FULL", "/dev/full",        "/none/at/all",  "/",
    "/proc/version", "",     "/proc/self/fd/99", "/etc/passwd/x",
};

START_TEST(an_unwritable_log_changes_nothing)
{
    struct hpt_run run;
    const char *path = no_logs[_i];

    if (strcmp(path, "FIFO") == 0 || strcmp(path, "FULL") == 0) {
        path = log_path();
        make_fifo(path, strcmp(no_logs[_i], "FULL") == 0);
    }
    hpt_probe(&run, HPT_LIST(port_var(nginx.port)), HPT_LIST("--log-failures", path));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_LIST(port_var(dead)), HPT_LIST("--log-failures", path));
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
    ck_assert_double_lt(run.wall_ms, HPT_OVERSHOOT_MS);
    hpt_probe(&run, HPT_LIST(port_var(dead)),
              HPT_LIST("--log-failures", path, "--optional", "http"));
    HPT_OK(hpt_is_forgiven(&run, "http", "refused", NULL));
}
END_TEST

static void no_file_sizes(void *unused)
{
    struct rlimit none = {0, 0};

    (void)unused;
    if (setrlimit(RLIMIT_FSIZE, &none) < 0) {
        _exit(125);
    }
}

START_TEST(a_limit_on_file_sizes_does_not_end_a_run)
{
    struct hpt_run run;
    const char *path = log_path();
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(port_var(dead)),
        .args = HPT_LIST("--log-failures", path),
        .in_child = no_file_sizes,
    };

    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
}
END_TEST

/* A platform shows the output of a container's process 1. */
static void become_nobody(void *unused)
{
    (void)unused;
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(65532) < 0 || setuid(65532) < 0)) {
        _exit(125);
    }
}

START_TEST(the_output_of_another_process_is_appended_to_if_allowed)
{
    struct hpt_run run;
    int fds[2];
    char found[8192];
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(port_var(dead)),
        .args = HPT_NONE,
    };

    ck_assert_int_eq(pipe(fds), 0);
    opts.args = HPT_LIST("--log-failures", hpt_strf("/proc/%d/fd/%d", (int)getpid(), fds[1]));
    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
    ssize_t len = read(fds[0], found, sizeof found - 1);
    ck_assert_int_eq(len, (ssize_t)run.out_len);
    ck_assert_int_eq(memcmp(found, run.out, run.out_len), 0);

    if (geteuid() == 0) {
        opts.binary = hpt_probe_copy();
        ck_assert_int_eq(chmod(hpt_tmpdir(), 0755), 0);
        opts.in_child = become_nobody;
        hpt_probe_with(&run, &opts);
        HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
        ck_assert_int_eq(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
        ck_assert_int_lt(read(fds[0], found, sizeof found), 0);
    }
}
END_TEST

/* It makes many runs but logs one report at the end. */
START_TEST(wait_logs_its_last_report)
{
    struct hpt_run run;
    const char *path = log_path();

    hpt_probe(&run, HPT_LIST(port_var(dead)),
              HPT_LIST("wait", "live", "--for", "300ms", "--interval", "20ms", "--exit-codes",
                       "detailed", "--log-failures", path));
    ck_assert_int_eq(run.exit_status, 1);
    check_log(path, run.out);

    hpt_probe(&run, HPT_LIST(port_var(nginx.port)),
              HPT_LIST("wait", "live", "--log-failures", path));
    ck_assert_int_eq(run.exit_status, 0);
    path = log_path();
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("wait", "live", "--timeout", "x", "--exit-codes", "detailed",
                       "--log-failures", path));
    ck_assert_int_eq(run.exit_status, 78);
    check_log(path, run.out);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "exit codes", 60);

    tcase_add_loop_test(tc, detailed_adds_up_the_kinds_that_fail, 0, 8);
    tcase_add_test(tc, two_of_a_kind_count_once);
    tcase_add_test(tc, optional_and_tolerated_failures_do_not_count);
    tcase_add_loop_test(tc, an_error_has_its_own_status, 0, HPT_COUNT(refused));
    tcase_add_loop_test(tc, a_run_that_could_check_nothing_has_its_own_status, 0, 2);
    tcase_add_test(tc, an_interrupted_run_never_exits_with_zero);

    tc = hpt_tcase(suite, "log of failures", 60);
    tcase_add_test(tc, a_run_that_is_not_healthy_is_logged);
    tcase_add_test(tc, the_log_is_json_whatever_the_format);
    tcase_add_test(tc, an_error_is_logged_wherever_the_option_is);
    tcase_add_test(tc, no_secret_is_logged);
    tcase_add_test(tc, a_run_at_its_limit_is_logged_in_time);
    tcase_add_test(tc, a_report_that_nobody_reads_is_logged);
    tcase_add_loop_test(tc, an_unwritable_log_changes_nothing, 0, HPT_COUNT(no_logs));
    tcase_add_test(tc, a_limit_on_file_sizes_does_not_end_a_run);
    tcase_add_test(tc, wait_logs_its_last_report);
    tcase_add_test(tc, the_output_of_another_process_is_appended_to_if_allowed);
}

int main(void)
{
    return hpt_main("exit", start_servers, build, true);
}
