// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"
#include "mounts.h"
#include "net.h"
#include "nginx.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/* `wait`: runs are repeated until one is healthy, then a command inherits the process's state. */

static struct hpt_nginx nginx;
static struct hpt_redis redis;

static void start_servers(void)
{
    hpt_nginx_create(&nginx);
    hpt_nginx_start(&nginx);
    hpt_redis_create(&redis, &(struct hpt_redis_opts){.password = true});
    hpt_redis_start(&redis);
    hpt_postgres_prepare();
    hpt_probe_secret(HPT_REDIS_PASSWORD);
    hpt_probe_secret(HPT_PG_PASSWORD);
}

/* Tolerance for late events: the machine may be small and busy. */
#define ROOM_MS (hpt_probe_static() ? 900 : 4000)

#define PATH_VAR "PATH=/usr/local/bin:/usr/bin:/bin"

static const char *redis_var(int port)
{
    return hpt_strf("REDIS_URL=redis://127.0.0.1:%d", port);
}

static const char *good_url(void)
{
    return hpt_strf("redis://:%s@127.0.0.1:%d", HPT_REDIS_PASSWORD, redis.port);
}

static const char *up(void)
{
    return hpt_strf("REDIS_URL=%s", good_url());
}

static const char *down(void)
{
    return redis_var(hpt_net_refusing_port());
}

static const char *silent(void)
{
    return redis_var(hpt_net_silent_port());
}

/* --- output ----------------------------------------------------------------------------------- */

/* Take its lines on standard error away, since hpt_is_report() accepts none. */
static const char *take_lines(struct hpt_run *run)
{
    char *lines = run->err;

    run->err = strdup("");
    run->err_len = 0;
    return lines;
}

/* With a command the report is the last line on standard error. Returns the lines before it. */
static const char *take_report(struct hpt_run *run)
{
    char *lines = run->err;
    char *report = strstr(lines, "{\"status\":");

    ck_assert_msg(report != NULL, "no report; %s", hpt_said(run));
    ck_assert_msg(report == lines || report[-1] == '\n', "no line of its own; %s", hpt_said(run));
    run->out = strdup(report);
    run->out_len = strlen(report);
    *report = '\0';
    run->err = strdup("");
    run->err_len = 0;
    return lines;
}

static int count_lines(const char *lines)
{
    int n = 0;

    for (; *lines != '\0'; lines++) {
        n += *lines == '\n';
    }
    return n;
}

static void ck_told(const char *lines, const char *part)
{
    ck_assert_msg(strstr(lines, part) != NULL, "not told: %s; said: %s", part, lines);
}

/* hpt_is_report() expects the exit status to match the verdict; a wait has other statuses too. */
static void ck_ended(struct hpt_run *run, int status)
{
    ck_assert_msg(run->exit_status == status, "expected exit %d: %s", status, hpt_said(run));
    run->exit_status = status == 0 ? 0 : 1;
}

/* --- until it is healthy ---------------------------------------------------------------------- */

START_TEST(a_database_that_starts_later_is_waited_for)
{
    struct hpt_postgres pg = {.port = 0};
    struct hpt_run run;

    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){.tls = false});
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(hpt_strf("DATABASE_URL=postgresql://app:%s@127.0.0.1:%d/app",
                                 HPT_PG_PASSWORD, pg.port)),
        .args = HPT_LIST("wait", "--check", "database", "--interval", "100ms"),
    };
    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(700);
    ck_assert(hpt_proc_running(&run.proc));
    hpt_postgres_start(&pg);
    hpt_probe_finish(&run, &opts);
    const char *lines = take_lines(&run);
    HPT_OK(hpt_is_healthy(&run, "database"));
    ck_told(lines, ": unhealthy: database refused");
    ck_told(lines, ": healthy\n");
    ck_assert_msg(strncmp(lines, "healthprobe: after 0.", 21) == 0, "%s", lines);
    hpt_postgres_stop(&pg);
}
END_TEST

START_TEST(each_change_is_printed_once)
{
    struct hpt_redis other = {.port = 0};
    struct hpt_run run;

    hpt_redis_create(&other, &(struct hpt_redis_opts){.password = false});
    hpt_redis_start(&other);
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(redis_var(other.port),
                        hpt_strf("HEALTHPROBE_HTTP=http://127.0.0.1:%d/status/503", nginx.port)),
        .args = HPT_LIST("wait", "--check", "http,redis", "--interval=50ms", "--for=3s"),
    };
    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(1000);
    hpt_redis_stop(&other);
    hpt_probe_finish(&run, &opts);
    const char *lines = take_lines(&run);
    HPT_OK(hpt_is_down(&run, "http", "status", "503"));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    ck_told(lines, hpt_strf(": unhealthy: http status 503; http: answered 503 Service Temporarily "
                            "Unavailable at http://127.0.0.1:%d/status/503\n",
                            nginx.port));
    ck_told(lines, ": unhealthy: http status 503, redis refused; http: ");
    ck_told(lines, "\nhealthprobe: gave up after 3s\n");
    /* Another one may come while Redis shuts down. */
    ck_assert_msg(count_lines(lines) <= 4, "%s", lines);
}
END_TEST

START_TEST(a_healthy_service_is_not_waited_for)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(up()), HPT_LIST("wait", "--check=redis", "--interval=1h"));
    const char *lines = take_lines(&run);
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "mode", "custom"));
    ck_assert_int_eq(count_lines(lines), 1);
    ck_told(lines, ": healthy\n");
    ck_assert_double_lt(run.wall_ms, ROOM_MS);
}
END_TEST

START_TEST(degraded_is_enough)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(down()),
              HPT_LIST("wait", "--check=http,redis", "--optional=redis", "--http",
                       hpt_strf(":%d/health", nginx.port)));
    ck_told(take_lines(&run), ": degraded: redis refused");
    ck_assert_int_eq(run.exit_status, 0);
    HPT_OK(hpt_is_text(&run, "status", "degraded"));
}
END_TEST

static const struct {
    const char *args[10];
    bool answers; /* slowly, instead of refusing at once */
    int limit_ms;
    const char *limit; /* as it is shown */
} waits[] = {
    {{"wait", "--check=redis", "--for=1s"}, false, 1000, "1s"},
    {{"wait", "--check=redis", "--for=1s", "--interval=5m"}, false, 1000, "1s"},
    {{"wait", "--check=redis", "--for=1500ms", "--interval=1ms"}, false, 1500, "1.5s"},
    {{"wait", "--check=redis", "--for=2", "--interval=10ms", "--backoff"}, false, 2000, "2s"},
    /* the last run is cut to what is left */
    {{"wait", "--check=redis", "--for=1s", "--timeout=1m"}, true, 1000, "1s"},
    {{"wait", "--check=redis", "--for=1s", "--timeout=600ms", "--interval=1ms"}, true, 1000, "1s"},
};

START_TEST(the_wait_ends_at_its_limit)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(waits[_i].answers ? silent() : down()), waits[_i].args);
    ck_told(take_lines(&run), hpt_strf("\nhealthprobe: gave up after %s\n", waits[_i].limit));
    /* The last run had enough time to finish. */
    HPT_OK(hpt_is_down(&run, "redis", waits[_i].answers ? "timeout" : "refused",
                       waits[_i].answers ? "*" : NULL));
    ck_assert_double_ge(run.wall_ms, waits[_i].limit_ms);
    ck_assert_double_lt(run.wall_ms, waits[_i].limit_ms + ROOM_MS);
    hpt_diag("%.0f ms after its %d ms", run.wall_ms - waits[_i].limit_ms, waits[_i].limit_ms);
}
END_TEST

START_TEST(why_it_still_waits_is_repeated_after_ten_seconds)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(down()),
              HPT_LIST("wait", "--check=redis", "--interval=1h", "--for=10500ms"));
    const char *lines = take_lines(&run);
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    ck_told(lines, "\nhealthprobe: after 10.");
    ck_told(lines, "s: still unhealthy: redis refused; redis: ");
    ck_assert_msg(count_lines(lines) == 3, "%s", lines);
}
END_TEST

/* Count the requests that the server sees. */
START_TEST(pauses_grow_with_backoff)
{
    struct hpt_run run;
    int asked[2];

    for (int backoff = 0; backoff < 2; backoff++) {
        const char *path = hpt_strf("/status/500?backoff=%d", backoff);
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("wait", "--check=http", "--http",
                           hpt_strf("http://127.0.0.1:%d%s", nginx.port, path), "--for=2s",
                           "--interval=50ms", hpt_strf("--backoff=%d", backoff)));
        ck_assert_int_eq(run.exit_status, 1);
        const char *log = hpt_read_file(hpt_strf("%s/access.log", nginx.dir), NULL);
        asked[backoff] = 0;
        for (; log != NULL && (log = strstr(log, path)) != NULL; log++) {
            asked[backoff]++;
        }
    }
    hpt_diag("asked %d times, and %d with backoff", asked[0], asked[1]);
    /* 50, 100, 200, 400, 800 and 1600 ms: the sixth pause does not end. */
    ck_assert_int_ge(asked[1], 3);
    ck_assert_int_le(asked[1], 6);
    ck_assert_int_gt(asked[0], asked[1]);
}
END_TEST

/* --- permanent errors ------------------------------------------------------------------------- */

static const struct {
    const char *args[6];
    const char *variable;
    const char *said;
    bool usage;
} hopeless[] = {
    {{"wait"}, NULL, "--check database,redis", true},
    {{"wait", "--timeout", "1s"}, NULL, "--check database,redis", true},
    {{"wait", "redis"}, NULL, "argument 2", true},
    {{"wait", "live", "--fro", "1s"}, NULL, "did you mean --for?", true},
    {{"wait", "live", "--"}, NULL, "no command", true},
    {{"--for", "1s", "live"}, NULL, "is an option of wait", true},
    {{"wait", "live", "--for", "25h"}, NULL, "24h", false},
    {{"wait", "live"}, "HEALTHPROBE_INTERVAL=often", "HEALTHPROBE_INTERVAL", false},
    {{"wait", "--check=redis"}, NULL, "REDIS_URL", false},
    {{"wait", "--check=redis"}, "REDIS_URL=http://h", "REDIS_URL", false},
    {{"wait", "--check=redis", "--redis", "file:/dev/null"}, NULL, "not a regular file", false},
    {{"wait", "--check=redis", "--redis", "env:NONE"}, NULL, "NONE", false},
    {{"wait", "--check=redis?"}, NULL, "nothing to check", false},
    {{"wait", "live", "--ca=/none/ca.crt", "--http=https://127.0.0.1:1"}, NULL, "", false},
};

START_TEST(a_mistake_ends_the_wait_at_once)
{
    struct hpt_run run;
    const char *env[] = {hopeless[_i].variable, NULL};

    hpt_probe(&run, env, hopeless[_i].args);
    if (hopeless[_i].usage) {
        HPT_OK(hpt_is_usage(&run, hopeless[_i].said));
    } else {
        HPT_OK(hpt_is_config(&run, hopeless[_i].said));
    }
    ck_assert_double_lt(run.wall_ms, ROOM_MS);
}
END_TEST

START_TEST(with_a_command_a_mistake_goes_to_standard_error)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(PATH_VAR), HPT_LIST("wait", "--check=redis", "--", "echo", "started"));
    ck_assert_uint_eq(run.out_len, 0);
    ck_assert_str_eq(take_report(&run), "");
    HPT_OK(hpt_is_config(&run, "REDIS_URL"));
}
END_TEST

static const struct {
    const char *flag; /* the argument; the path of the file is appended */
    const char *variable;
    bool password; /* the file holds only the password */
} late[] = {
    {"--redis=file:", NULL, false},         {NULL, "HEALTHPROBE_REDIS_FILE=", false},
    {NULL, "REDIS_URL_FILE=", false},       {NULL, "HEALTHPROBE_REDIS_PASSWORD_FILE=", true},
    {"--redis-password=file:", NULL, true}, {"--redis=redis://:{file:", NULL, true},
};

static const char *late_flag(const char *flag, const char *path)
{
    if (flag == NULL) {
        return "--verbose";
    }
    /* After a placeholder the rest of the URL follows. */
    return strchr(flag, '{') == NULL ? hpt_strf("%s%s", flag, path)
                                     : hpt_strf("%s%s}@127.0.0.1:%d", flag, path, redis.port);
}

START_TEST(a_file_that_appears_later_is_read)
{
    struct hpt_run run;
    const char *path = hpt_strf("%s/late.%d", hpt_tmpdir(), (int)getpid());
    const char *flag = late_flag(late[_i].flag, path);
    const char *env[3] = {NULL};
    size_t n = 0;

    if (late[_i].password) {
        env[n++] = redis_var(redis.port);
    }
    if (late[_i].variable != NULL) {
        env[n++] = hpt_strf("%s%s", late[_i].variable, path);
    }
    struct hpt_probe_opts opts = {
        .env = env,
        .args = HPT_LIST("wait", "--check=redis", "--interval=50ms", flag),
    };
    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(500);
    ck_assert(hpt_proc_running(&run.proc));
    /* Its writer may have opened it and not written yet. */
    hpt_write_file(path, "\n", 0644);
    hpt_sleep_ms(300);
    ck_assert(hpt_proc_running(&run.proc));
    hpt_write_file(path, late[_i].password ? HPT_REDIS_PASSWORD : good_url(), 0644);
    hpt_probe_finish(&run, &opts);
    const char *lines = take_lines(&run);
    ck_told(lines, ": unhealthy: config: ");
    ck_told(lines, "No such file or directory\n");
    ck_told(lines, " is empty\n");
    HPT_OK(hpt_is_healthy(&run, "redis"));
    unlink(path);
}
END_TEST

START_TEST(a_file_that_never_appears_is_reported_at_the_end)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("wait", "--check=redis", "--redis=file:/run/none/url", "--for=600ms"));
    const char *lines = take_lines(&run);
    HPT_OK(hpt_is_config(&run, "--redis|/run/none/url"));
    ck_assert_int_eq(count_lines(lines), 2);
    ck_assert_double_ge(run.wall_ms, 600);
}
END_TEST

static void become_somebody(void *arg)
{
    (void)arg;
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(65532) < 0 || setuid(65532) < 0)) {
        _exit(125);
    }
}

START_TEST(an_unreadable_file_ends_the_wait_at_once)
{
    struct hpt_run run;
    const char *path = hpt_strf("%s/unreadable.%d", hpt_tmpdir(), (int)getpid());

    hpt_write_file(path, "redis://127.0.0.1:1\n", 0);
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(hpt_strf("REDIS_URL_FILE=%s", path)),
        .args = HPT_LIST("wait", "--check=redis"),
        .binary = hpt_probe_copy(),
        .in_child = become_somebody,
    };
    chmod(hpt_tmpdir(), 0755);
    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_config(&run, "REDIS_URL_FILE|Permission denied"));
    ck_assert_double_lt(run.wall_ms, ROOM_MS);
}
END_TEST

/* --- signals ---------------------------------------------------------------------------------- */

static const struct {
    int number;
    bool in_attempt; /* instead of in a pause */
    bool command;
} stops[] = {
    {SIGTERM, true, false}, {SIGINT, true, false}, {SIGTERM, false, false},
    {SIGINT, false, false}, {SIGTERM, true, true}, {SIGINT, false, true},
};

static void ck_stopped(struct hpt_run *run, int row)
{
    const char *lines = stops[row].command ? take_report(run) : take_lines(run);

    ck_ended(run, 128 + stops[row].number);
    if (stops[row].in_attempt) {
        HPT_OK(hpt_is_down(run, "redis", "interrupted", NULL));
    } else {
        HPT_OK(hpt_is_down(run, "redis", "refused", NULL));
        ck_assert_int_eq(count_lines(lines), 1);
    }
}

START_TEST(a_signal_ends_the_wait_with_the_last_report)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(stops[_i].in_attempt ? silent() : down(), PATH_VAR),
        .args = HPT_LIST("wait", "--check=redis", "--timeout=1m", "--interval=1m", "--for=1h",
                         stops[_i].command ? "--" : "--verbose", stops[_i].command ? "echo" : NULL),
    };

    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(700);
    double sent_ms = hpt_now_ms();
    hpt_proc_signal(&run.proc, stops[_i].number);
    hpt_probe_finish(&run, &opts);
    ck_assert_double_lt(hpt_now_ms() - sent_ms, ROOM_MS);
    if (stops[_i].command) {
        ck_assert_uint_eq(run.out_len, 0);
    }
    ck_stopped(&run, _i);
}
END_TEST

START_TEST(a_signal_during_an_attempt_prints_the_last_reason_too)
{
    const char *path = hpt_strf("%s/target.%d", hpt_tmpdir(), (int)getpid());
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("wait", "--check=redis", "--timeout=1m", "--interval=100ms",
                         hpt_strf("--redis=file:%s", path)),
    };

    hpt_write_file(path, strchr(down(), '=') + 1, 0644);
    hpt_write_file(hpt_strf("%s.new", path), strchr(silent(), '=') + 1, 0644);
    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(500);
    ck_assert_int_eq(rename(hpt_strf("%s.new", path), path), 0);
    hpt_sleep_ms(500);
    hpt_proc_signal(&run.proc, SIGTERM);
    hpt_probe_finish(&run, &opts);
    const char *lines = take_lines(&run);
    ck_ended(&run, 128 + SIGTERM);
    HPT_OK(hpt_is_down(&run, "redis", "interrupted", NULL));
    ck_told(lines, ": unhealthy: redis interrupted");
    ck_told(lines, "\nhealthprobe: before that: unhealthy: redis refused; redis: ");
    ck_assert_msg(count_lines(lines) == 3, "%s", lines);
}
END_TEST

/* The children of a process, from /proc. */
static const char *children_of(pid_t pid)
{
    const char *text =
        hpt_read_file(hpt_strf("/proc/%d/task/%d/children", (int)pid, (int)pid), NULL);

    return text != NULL ? text : "";
}

static pid_t wait_for_child(pid_t pid)
{
    for (int i = 0; i < 500; i++) {
        pid_t child = (pid_t)strtol(children_of(pid), NULL, 10);
        if (child > 0) {
            return child;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("process %d has no child", (int)pid);
}

static bool is_gone(pid_t pid)
{
    const char *text = hpt_read_file(hpt_strf("/proc/%d/stat", (int)pid), NULL);
    const char *after = text != NULL ? strrchr(text, ')') : NULL;

    return after == NULL || after[2] == 'Z' || after[2] == 'X';
}

START_TEST(a_run_dies_with_the_wait)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(silent()),
        .args = HPT_LIST("wait", "--check=redis", "--timeout=1m"),
    };

    hpt_probe_start(&run, &opts);
    pid_t child = wait_for_child(run.proc.pid);
    hpt_proc_signal(&run.proc, SIGKILL);
    hpt_probe_finish(&run, &opts);
    ck_assert_int_eq(run.term_signal, SIGKILL);
    for (int i = 0; i < 100 && !is_gone(child); i++) {
        hpt_sleep_ms(20);
    }
    ck_assert(is_gone(child));
}
END_TEST

START_TEST(a_killed_run_is_reported_and_retried)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(silent()),
        .args = HPT_LIST("wait", "--check=redis", "--timeout=1m", "--interval=10ms"),
    };

    hpt_probe_start(&run, &opts);
    pid_t child = wait_for_child(run.proc.pid);
    hpt_sleep_ms(100);
    kill(child, SIGKILL);
    hpt_sleep_ms(300);
    pid_t next = wait_for_child(run.proc.pid);
    ck_assert_int_ne(next, child);
    hpt_proc_signal(&run.proc, SIGTERM);
    hpt_probe_finish(&run, &opts);
    ck_told(take_lines(&run), ": unhealthy: internal: the process of the run was killed\n");
    ck_ended(&run, 128 + SIGTERM);
    HPT_OK(hpt_is_down(&run, "redis", "interrupted", NULL));
}
END_TEST

/* --- process 1 -------------------------------------------------------------------------------- */

enum { MAX_WORDS = 32 };

/* unshare(1) makes a process namespace with /proc; the command is process 1 in it. */
static void as_process_1(const char *ret_args[MAX_WORDS], const char *const *command)
{
    static const char *const of_root[] = {"--pid", "--fork", "--mount-proc", "--kill-child", NULL};
    static const char *const of_user[] = {"--user", "--map-root-user", NULL};
    const char *const *const parts[] = {geteuid() == 0 ? HPT_NONE : of_user, of_root, command};
    size_t n = 0;

    for (size_t i = 0; i < 3; i++) {
        for (const char *const *word = parts[i]; *word != NULL; word++) {
            ret_args[n++] = *word;
        }
    }
    ret_args[n] = NULL;
}

START_TEST(a_signal_ends_the_wait_as_process_1_too)
{
    struct hpt_run run;
    const char *args[MAX_WORDS];

    as_process_1(args, HPT_LIST(hpt_probe_binary(), "wait", "--check=redis", "--timeout=1m",
                                "--interval=1m", "--for=1h", stops[_i].command ? "--" : "--verbose",
                                stops[_i].command ? "echo" : NULL));
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(stops[_i].in_attempt ? silent() : down(), PATH_VAR),
        .args = args,
        .binary = "/usr/bin/unshare",
    };
    hpt_probe_start(&run, &opts);
    pid_t init = wait_for_child(run.proc.pid);
    hpt_sleep_ms(900);
    double sent_ms = hpt_now_ms();
    kill(init, stops[_i].number);
    hpt_probe_finish(&run, &opts);
    ck_assert_double_lt(hpt_now_ms() - sent_ms, ROOM_MS);
    ck_stopped(&run, _i);
}
END_TEST

START_TEST(process_1_reaps_orphans)
{
    struct hpt_run run;
    const char *args[MAX_WORDS];

    /* The shell leaves processes behind that end during a run or a pause, some of them orphans. */
    as_process_1(args, HPT_LIST("/bin/sh", "-c",
                                "(sleep 0.2 & sleep 0.4 & sleep 0.6 &); sleep 0.3 & sleep 0.7 & "
                                "exec \"$0\" \"$@\"",
                                hpt_probe_binary(), "wait", "--check=redis", "--interval=400ms"));
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(down(), PATH_VAR), .args = args, .binary = "/usr/bin/unshare"};
    hpt_probe_start(&run, &opts);
    pid_t init = wait_for_child(run.proc.pid);
    for (int i = 0; i < 300; i++) {
        hpt_sleep_ms(20);
        if (i > 60 && children_of(init)[0] == '\0') {
            break;
        }
    }
    ck_assert_str_eq(children_of(init), "");
    kill(init, SIGTERM);
    hpt_probe_finish(&run, &opts);
    take_lines(&run);
    ck_ended(&run, 128 + SIGTERM);
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
}
END_TEST

/* --- the command ------------------------------------------------------------------------------ */

/*
 * With these arguments, this program prints the state that it was started in. It must print the
 * same when started directly as when started by `wait`.
 */
#define SHOW "--show-what-it-got"

static void show_file(FILE *out, const char *path, const char *only)
{
    char line[512];
    FILE *in = fopen(path, "re");

    while (in != NULL && fgets(line, sizeof line, in) != NULL) {
        size_t len = strcspn(line, ":");
        const char *key = hpt_strf(" %.*s ", (int)len, line);
        if (only == NULL || strstr(only, key) != NULL) {
            fputs(line, out);
        }
    }
    if (in != NULL) {
        fclose(in);
    }
}

static void show_descriptors(FILE *out)
{
    for (int fd = 0; fd < 100; fd++) {
        char target[256] = "";
        int flags = fcntl(fd, F_GETFD);
        if (fd == fileno(out) || flags < 0 ||
            readlink(hpt_strf("/proc/self/fd/%d", fd), target, sizeof target - 1) < 0) {
            continue;
        }
        /* The number of the pipe differs from run to run. */
        target[strcspn(target, "[")] = '\0';
        fprintf(out, "fd %d %s flags %d status %o\n", fd, target, flags,
                (unsigned)fcntl(fd, F_GETFL));
    }
}

static int show(const char *path, char *const *arguments)
{
    FILE *out = fopen(path, "we");
    struct itimerval timer;
    int death_signal = -1;
    char cwd[1024];

    if (out == NULL) {
        return 9;
    }
    fprintf(out, "process %d\n", (int)getpid());
    for (; *arguments != NULL; arguments++) {
        fprintf(out, "argument [%s]\n", *arguments);
    }
    for (char *const *variable = environ; *variable != NULL; variable++) {
        fprintf(out, "variable [%s]\n", *variable);
    }
    show_file(
        out, "/proc/self/status",
        " Umask Uid Gid Groups SigPnd ShdPnd SigBlk SigIgn CapInh CapPrm CapEff CapBnd CapAmb "
        "NoNewPrivs Seccomp THP_enabled ");
    show_file(out, "/proc/self/limits", NULL);
    show_file(out, "/proc/self/timers", NULL);
    show_file(out, "/proc/self/oom_score_adj", NULL);
    show_descriptors(out);
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
        getitimer((__itimer_which_t)which, &timer);
        fprintf(out, "timer %d %ld each %ld\n", which, (long)timer.it_value.tv_sec,
                (long)timer.it_interval.tv_sec);
    }
    prctl(PR_GET_PDEATHSIG, &death_signal);
    fprintf(out, "death signal %d, dumpable %d, subreaper %s\n", death_signal,
            prctl(PR_GET_DUMPABLE), getcwd(cwd, sizeof cwd) != NULL ? cwd : "");
    errno = 0;
    fprintf(out, "priority %d", getpriority(PRIO_PROCESS, 0));
    fprintf(out, ", children %s\n",
            waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? "no" : "yes");
    fprintf(out, "group %d, session %d\n", (int)getpgrp(), (int)getsid(0));
    fclose(out);
    return 0;
}

static const char *own_path(void)
{
    return realpath("/proc/self/exe", NULL);
}

struct state {
    bool strange; /* unusual settings of signals and limits */
    bool blocked; /* SIGCHLD alone, not ignored: a signal could still be pending */
    int closed;   /* one bit for each of the descriptors 0 to 2 */
};

/* Runs in the child, before it becomes `wait` or the command itself. */
static void enter_state(void *arg)
{
    const struct state *state = arg;
    struct rlimit files = {77, 99};
    struct rlimit core = {1 << 20, 1 << 21};
    struct rlimit space = {(rlim_t)3 << 30, (rlim_t)4 << 30};
    sigset_t mask;

    if (state->blocked) {
        sigemptyset(&mask);
        sigaddset(&mask, SIGCHLD);
        sigprocmask(SIG_BLOCK, &mask, NULL);
    }
    if (state->strange) {
        signal(SIGCHLD, SIG_IGN);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGALRM, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        sigemptyset(&mask);
        sigaddset(&mask, SIGUSR2);
        sigaddset(&mask, SIGCHLD);
        sigaddset(&mask, SIGALRM);
        sigaddset(&mask, SIGRTMIN + 3);
        sigprocmask(SIG_BLOCK, &mask, NULL);
        setrlimit(RLIMIT_NOFILE, &files);
        /* A sanitizer lowers the former and needs more than the latter. */
        if (hpt_probe_static()) {
            setrlimit(RLIMIT_CORE, &core);
            setrlimit(RLIMIT_AS, &space);
        }
        setpriority(PRIO_PROCESS, 0, 3);
        umask(027);
        if (dup2(0, 42) < 0 || fcntl(42, F_SETFD, 0) < 0) {
            _exit(125);
        }
    }
    for (int fd = 0; fd <= 2; fd++) {
        if ((state->closed & 1 << fd) != 0) {
            close(fd);
        }
    }
}

/* Both are pages long, too long for Check, so show only the line that differs. */
static void ck_same_lines(const char *found, const char *expected)
{
    while (*found != '\0' && *expected != '\0') {
        size_t found_len = strcspn(found, "\n");
        size_t expected_len = strcspn(expected, "\n");
        ck_assert_msg(found_len == expected_len && strncmp(found, expected, found_len) == 0,
                      "[%.*s] without wait is [%.*s] as its command", (int)expected_len, expected,
                      (int)found_len, found);
        found += found_len + (found[found_len] == '\n');
        expected += expected_len + (expected[expected_len] == '\n');
    }
    ck_assert_msg(*found == '\0' && *expected == '\0', "one has less than the other");
}

static const char *shown_path(void)
{
    return hpt_strf("%s/shown.%d", hpt_tmpdir(), (int)getpid());
}

/* Its output after its process id, which must be that of the started process. */
static const char *take_shown(struct hpt_run *run, const struct hpt_probe_opts *opts)
{
    const char *first = hpt_strf("process %d\n", (int)run->proc.pid);

    hpt_probe_finish(run, opts);
    ck_assert_msg(run->exit_status == 0, "%s", hpt_said(run));
    const char *text = hpt_read_file(shown_path(), NULL);
    ck_assert_msg(text != NULL, "nothing shown; %s", hpt_said(run));
    ck_assert_msg(strncmp(text, first, strlen(first)) == 0, "not %s%s", first, text);
    unlink(shown_path());
    return text + strlen(first);
}

static const char *shown(const char *binary, const char *const *args, struct state *state)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(up(), PATH_VAR, "HOME=/none", "http_proxy=http://127.0.0.1:1", "ODD",
                        "HEALTHPROBE_NONSENSE=1", "EMPTY="),
        .args = args,
        .binary = binary,
        .in_child = enter_state,
        .in_child_arg = state,
    };

    hpt_probe_start(&run, &opts);
    return take_shown(&run, &opts);
}

static void ck_same(struct state *state)
{
    const char *path = shown_path();
    const char *direct = shown(own_path(), HPT_LIST(SHOW, path, "an argument", "--verbose"), state);
    const char *command = shown(
        NULL,
        HPT_LIST("wait", "--check=redis", "--", own_path(), SHOW, path, "an argument", "--verbose"),
        state);

    ck_same_lines(command, direct);
}

START_TEST(a_command_inherits_the_state_of_the_wait)
{
    struct state state = {.strange = _i == 1, .blocked = _i == 2};

    ck_same(&state);
}
END_TEST

START_TEST(closed_descriptors_stay_closed)
{
    struct state state = {.closed = _i};

    ck_same(&state);
}
END_TEST

/* Several runs, pauses and lines leave no more behind than the first run. */
START_TEST(a_command_inherits_the_state_after_a_long_wait_too)
{
    struct state state = {.strange = true};
    struct hpt_run run;
    const char *url = hpt_strf("%s/url.%d", hpt_tmpdir(), (int)getpid());
    const char *good = hpt_strf("%s.good", url);
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(PATH_VAR, hpt_strf("REDIS_URL_FILE=%s", url)),
        .args = HPT_LIST(SHOW, shown_path()),
        .binary = own_path(),
        .in_child = enter_state,
        .in_child_arg = &state,
    };

    hpt_probe_start(&run, &opts);
    const char *direct = take_shown(&run, &opts);
    opts.binary = NULL;
    opts.args =
        HPT_LIST("wait", "--check=redis", "--interval=20ms", "--", own_path(), SHOW, shown_path());
    hpt_write_file(url, hpt_strf("redis://127.0.0.1:%d", hpt_net_refusing_port()), 0644);
    hpt_write_file(good, good_url(), 0644);
    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(600);
    unlink(url);
    hpt_sleep_ms(300);
    ck_assert_int_eq(rename(good, url), 0);
    ck_same_lines(take_shown(&run, &opts), direct);
    ck_assert_int_ge(count_lines(run.err), 3);
}
END_TEST

/* --- an alarm that came with the process ------------------------------------------------------ */

static void set_alarm(void *arg)
{
    const struct itimerval *timer = arg;

    signal(SIGALRM, SIG_DFL);
    if (setitimer(ITIMER_REAL, timer, NULL) < 0) {
        hpt_child_fails("setitimer");
    }
}

/* As it would end any program, whatever the wait is doing. */
START_TEST(an_alarm_ends_the_wait)
{
    struct itimerval timer = {.it_value = {.tv_usec = 700000}};
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(_i == 0 ? down() : silent()),
        .args = HPT_LIST("wait", "--check=redis", "--interval=10ms", "--timeout=5s", "--for=10s"),
        .in_child = set_alarm,
        .in_child_arg = &timer,
    };

    hpt_probe_with(&run, &opts);
    ck_assert_msg(run.term_signal == SIGALRM, "%s", hpt_said(&run));
    ck_assert_double_ge(run.wall_ms, 700);
    ck_assert_double_lt(run.wall_ms, 700 + ROOM_MS);
}
END_TEST

/* The alarm keeps running during runs, lines and the report; no run restarts or cancels it. */
START_TEST(a_command_keeps_the_rest_of_an_alarm)
{
    struct itimerval timer = {.it_value = {.tv_sec = 1000}, .it_interval = {.tv_sec = 77}};
    struct hpt_run run;
    const char *url = hpt_strf("%s/url.%d", hpt_tmpdir(), (int)getpid());
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(PATH_VAR, hpt_strf("REDIS_URL_FILE=%s", url)),
        .args = HPT_LIST("wait", "--check=redis", "--interval=20ms", "--", own_path(), SHOW,
                         shown_path()),
        .in_child = set_alarm,
        .in_child_arg = &timer,
    };

    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(1500);
    hpt_write_file(hpt_strf("%s.new", url), good_url(), 0644);
    ck_assert_int_eq(rename(hpt_strf("%s.new", url), url), 0);
    const char *shown = take_shown(&run, &opts);
    const char *line = strstr(shown, "timer 0 ");
    ck_assert_ptr_nonnull(line);
    long left = strtol(line + strlen("timer 0 "), NULL, 10);
    ck_assert_int_le(left, 1000 - 1);
    ck_assert_int_ge(left, 1000 - 2 - (long)(run.wall_ms / 1000));
    ck_assert_ptr_nonnull(strstr(line, " each 77\n"));
    unlink(url);
}
END_TEST

START_TEST(a_command_has_standard_output_to_itself)
{
    struct hpt_run run;

    hpt_probe(
        &run, HPT_LIST(up(), PATH_VAR),
        HPT_LIST("wait", "--check=redis", "--", "sh", "-c", "echo \"$1\"; exit 5", "sh", "$x"));
    ck_assert_int_eq(run.exit_status, 5);
    ck_assert_str_eq(run.out, "$x\n");
    ck_told(take_report(&run), ": healthy\n");
    ck_ended(&run, 5);
    run.exit_status = 0;
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

START_TEST(a_command_gets_the_signals)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(up(), PATH_VAR),
        .args =
            HPT_LIST("wait", "--check=redis", "--", "sh", "-c",
                     "trap 'echo stopped; exit 7' TERM; echo ready; while :; do sleep 0.05; done"),
    };

    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(800);
    hpt_proc_signal(&run.proc, SIGTERM);
    hpt_probe_finish(&run, &opts);
    ck_assert_msg(run.exit_status == 7, "%s", hpt_said(&run));
    ck_assert_str_eq(run.out, "ready\nstopped\n");
}
END_TEST

/* V8 reserves gigabytes of address space, which the memory cap of a run would not allow. */
START_TEST(node_runs_as_a_command)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(up(), PATH_VAR, "APP_VERSION=1.4.2"),
        .args = HPT_LIST("wait", "--check=redis", "--", "node", "-e",
                         "const memory = new WebAssembly.Memory({initial: 2000});"
                         "console.log(memory.buffer.byteLength, process.pid,"
                         " process.env.APP_VERSION)"),
    };

    hpt_probe_start(&run, &opts);
    const char *expected = hpt_strf("131072000 %d 1.4.2\n", (int)run.proc.pid);
    hpt_probe_finish(&run, &opts);
    ck_assert_msg(run.exit_status == 0, "%s", hpt_said(&run));
    ck_assert_str_eq(run.out, expected);
}
END_TEST

#define SPACE "the command contains a space: give each word as its own argument\n"
#define OTHER "the command after -- cannot be started: "

static const struct {
    const char *command;
    int status;
    const char *told;
} unstartable[] = {
    {"/none/at/all", 127, OTHER},
    {"no-such-command", 127, OTHER},
    {"", 127, OTHER},
    {"/etc/passwd", 126, OTHER},
    {"/etc", 126, OTHER},
    {"/etc/passwd/below", 127, OTHER},
    {"echo hi", 127, SPACE},
    {"/bin/echo hi", 127, SPACE},
};

START_TEST(a_command_that_cannot_start_is_reported)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(up(), PATH_VAR),
              HPT_LIST("wait", "--check=redis", "--", unstartable[_i].command));
    ck_assert_msg(run.exit_status == unstartable[_i].status, "%s", hpt_said(&run));
    ck_assert_uint_eq(run.out_len, 0);
    ck_told(run.err, hpt_strf("\nhealthprobe: wait: %s", unstartable[_i].told));
}
END_TEST

START_TEST(an_unhealthy_wait_starts_no_command)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(down(), PATH_VAR),
              HPT_LIST("wait", "--check=redis", "--for=300ms", "--", "echo", "started"));
    ck_assert_uint_eq(run.out_len, 0);
    take_report(&run);
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
}
END_TEST

static const struct {
    const char *args[6];
    const char *variable;
    const char *checks;
    bool skipped;
} itself[] = {
    {{"full", "--database-level=ping"}, NULL, "database,redis", true},
    {{"full", "--database-level=ping", "--http=/health"}, NULL, "http,database,redis", false},
    {{"full", "--database-level=ping"}, "HEALTHPROBE_HTTP=/health", "http,database,redis", false},
    {{"full", "--database-level=ping", "/health"}, NULL, "http,database,redis", false},
    {{"--check=http,redis"}, NULL, "http,redis", false},
    {{"full", "--check=redis"}, NULL, "redis", false},
};

START_TEST(a_mode_does_not_wait_for_the_command_itself)
{
    struct hpt_postgres pg = {.port = 0};
    const char *args[MAX_WORDS] = {"wait"};
    struct hpt_run run;
    size_t n = 1;

    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){.tls = false});
    hpt_postgres_start(&pg);
    for (const char *const *word = itself[_i].args; *word != NULL; word++) {
        args[n++] = *word;
    }
    args[n++] = "--";
    args[n++] = "true";
    hpt_probe(&run,
              HPT_LIST(up(), PATH_VAR, hpt_strf("PORT=%d", nginx.port),
                       hpt_strf("DATABASE_URL=postgresql://app@127.0.0.1:%d/app", pg.port),
                       itself[_i].variable),
              args);
    ck_assert_msg(run.exit_status == 0, "%s", hpt_said(&run));
    take_report(&run);
    HPT_OK(hpt_is_healthy(&run, itself[_i].checks));
    ck_assert(hpt_lists(&run, "skipped", "http") == itself[_i].skipped);
    hpt_postgres_stop(&pg);
}
END_TEST

START_TEST(a_mode_of_the_command_alone_leaves_nothing_to_check)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(PATH_VAR), HPT_LIST("wait", "live", "--", "echo", "started"));
    ck_assert_uint_eq(run.out_len, 0);
    take_report(&run);
    HPT_OK(hpt_is_config(&run, "nothing to check|--check http"));
}
END_TEST

/* --- output ----------------------------------------------------------------------------------- */

START_TEST(an_unread_pipe_does_not_block_the_wait)
{
    static char page[4096];
    struct hpt_run run;
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    int capacity = fcntl(ends[1], F_GETPIPE_SZ);
    for (int filled = 0; filled < capacity; filled += (int)sizeof page) {
        ck_assert_int_eq(write(ends[1], page, sizeof page), (ssize_t)sizeof page);
    }
    /* sh redirects the lines and the report into the full pipe. */
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(down(), PATH_VAR),
        .args = HPT_LIST("-c", "exec \"$0\" \"$@\" 2>&1", hpt_probe_binary(), "wait",
                         "--check=redis", "--for=1s", "--interval=50ms"),
        .binary = "/bin/sh",
        .out_fd = ends[1],
    };
    hpt_probe_with(&run, &opts);
    ck_assert_int_eq(run.exit_status, 1);
    ck_assert_double_lt(run.wall_ms, 1000 + ROOM_MS);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(a_reader_that_left_does_not_end_the_wait)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(down(), PATH_VAR),
        .args = HPT_LIST(
            "-c", "exec 3>&1; \"$0\" \"$@\" 2>&1 >&3 3>&- | true; exit \"${PIPESTATUS[0]}\"",
            hpt_probe_binary(), "wait", "--check=redis", "--for=500ms", "--interval=50ms"),
        .binary = "/bin/bash",
    };

    hpt_probe_with(&run, &opts);
    ck_assert_msg(run.exit_status == 1, "%s", hpt_said(&run));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "until it is healthy", 60);

    tcase_add_test(tc, a_database_that_starts_later_is_waited_for);
    tcase_add_test(tc, each_change_is_printed_once);
    tcase_add_test(tc, a_healthy_service_is_not_waited_for);
    tcase_add_test(tc, degraded_is_enough);
    tcase_add_loop_test(tc, the_wait_ends_at_its_limit, 0, HPT_COUNT(waits));
    tcase_add_test(tc, why_it_still_waits_is_repeated_after_ten_seconds);
    tcase_add_test(tc, pauses_grow_with_backoff);

    tc = hpt_tcase(suite, "mistakes", 30);
    tcase_add_loop_test(tc, a_mistake_ends_the_wait_at_once, 0, HPT_COUNT(hopeless));
    tcase_add_test(tc, with_a_command_a_mistake_goes_to_standard_error);
    tcase_add_loop_test(tc, a_file_that_appears_later_is_read, 0, HPT_COUNT(late));
    tcase_add_test(tc, a_file_that_never_appears_is_reported_at_the_end);
    if (hpt_probe_static()) {
        tcase_add_test(tc, an_unreadable_file_ends_the_wait_at_once);
    }

    tc = hpt_tcase(suite, "signals", 30);
    tcase_add_loop_test(tc, a_signal_ends_the_wait_with_the_last_report, 0, HPT_COUNT(stops));
    tcase_add_test(tc, a_signal_during_an_attempt_prints_the_last_reason_too);
    tcase_add_test(tc, a_run_dies_with_the_wait);
    tcase_add_test(tc, a_killed_run_is_reported_and_retried);
    tcase_add_loop_test(tc, a_signal_ends_the_wait_as_process_1_too, 0, HPT_COUNT(stops));
    tcase_add_test(tc, process_1_reaps_orphans);

    tc = hpt_tcase(suite, "command", 30);
    tcase_add_loop_test(tc, a_command_inherits_the_state_of_the_wait, 0, 3);
    tcase_add_loop_test(tc, closed_descriptors_stay_closed, 1, 8);
    tcase_add_test(tc, a_command_inherits_the_state_after_a_long_wait_too);
    tcase_add_loop_test(tc, an_alarm_ends_the_wait, 0, 2);
    tcase_add_test(tc, a_command_keeps_the_rest_of_an_alarm);
    tcase_add_test(tc, a_command_has_standard_output_to_itself);
    tcase_add_test(tc, a_command_gets_the_signals);
    tcase_add_test(tc, node_runs_as_a_command);
    tcase_add_loop_test(tc, a_command_that_cannot_start_is_reported, 0, HPT_COUNT(unstartable));
    tcase_add_test(tc, an_unhealthy_wait_starts_no_command);
    tcase_add_loop_test(tc, a_mode_does_not_wait_for_the_command_itself, 0, HPT_COUNT(itself));
    tcase_add_test(tc, a_mode_of_the_command_alone_leaves_nothing_to_check);

    tc = hpt_tcase(suite, "output", 30);
    tcase_add_test(tc, an_unread_pipe_does_not_block_the_wait);
    tcase_add_test(tc, a_reader_that_left_does_not_end_the_wait);
}

int main(int argc, char *argv[])
{
    if (argc > 2 && strcmp(argv[1], SHOW) == 0) {
        return show(argv[2], argv + 3);
    }
    return hpt_main("wait", start_servers, build, true);
}
