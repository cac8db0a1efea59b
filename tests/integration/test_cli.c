// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "formats.h"
#include "net.h"
#include "probe.h"

/*
 * The command line, the environment and the files they name. Most cases need no server; where a
 * service must be up, a peer answers every request with 200.
 */

static struct hpt_peer service;
static struct hpt_peer cache;
static int dead_port;

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static const char pong[] = "+PONG\r\n";

static void start_servers(void)
{
    hpt_peer_start(&service, ok, sizeof ok - 1, false, false);
    hpt_peer_start(&cache, pong, sizeof pong - 1, false, false);
    dead_port = hpt_net_refusing_port();
}

static const char *url(void)
{
    return hpt_strf("http://127.0.0.1:%d/health", service.port);
}

static const char *redis_url(void)
{
    return hpt_strf("redis://127.0.0.1:%d", cache.port);
}

static const char *new_file(const char *name, const char *text)
{
    const char *path = hpt_strf("%s/%s.%d", hpt_tmpdir(), name, (int)getpid());

    hpt_write_file(path, text, 0644);
    return path;
}

/* Usage. An unknown argument is never repeated: it may be a misplaced secret. */

#define TYPO "hunter2-hunter2"

static const struct {
    const char *args[6];
    const char *needles;
} misuses[] = {
    {{TYPO}, ""},
    {{"live", TYPO}, ""},
    {{"live", "ready"}, ""},
    {{"live", "--", TYPO}, ""},
    {{"live", "--" TYPO}, ""},
    {{"live", "--" TYPO "=1"}, ""},
    {{"live", "-x"}, ""},
    {{"full", "--databse", "postgres://" TYPO}, "--database"},
    {{"full", "--databse=postgres://" TYPO}, "--database"},
    {{"live", "--timout", "1s"}, "--timeout"},
    {{"live", "--http-heder", "X: y"}, "--http-header"},
    {{"live", "--http"}, "--http"},
    {{"live", "--timeout"}, "--timeout"},
    {{"live", "--timeout", "1s", "--timeout", "2s"}, "--timeout"},
    {{"live", "--check", "http", "--check", "http"}, "--check"},
    {{"live", "--http-status", "200", "--http-status", "201"}, "--http-status"},
};

START_TEST(unknown_arguments_are_usage_errors)
{
    struct hpt_run run;

    hpt_probe_secret(TYPO);
    hpt_probe(&run, HPT_NONE, misuses[_i].args);
    HPT_OK(hpt_is_usage(&run, misuses[_i].needles));
}
END_TEST

START_TEST(mixed_errors_are_all_listed_as_usage)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--timeout", "soon", "--http-status", "fine", "--timout", "1s"));
    HPT_OK(hpt_is_usage(&run, "--timeout|--http-status"));
    HPT_OK(hpt_has_text(&run, "error.message", "database"));
}
END_TEST

START_TEST(options_end_at_two_dashes)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(), "--", "live"));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

START_TEST(a_value_follows_a_space_or_an_equals_sign)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST(hpt_strf("--http=%s", url()), "live", "--timeout=3s"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url(), "--timeout", "3s", "live"));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

/*
 * Targets as arguments.
 */

static const char *target(int i)
{
    switch (i) {
    case 0:
        return hpt_strf("http://127.0.0.1:%d/health", service.port);
    case 1:
        return hpt_strf(":%d/health", service.port);
    case 2:
        return hpt_strf("127.0.0.1:%d/health", service.port);
    case 3:
        return "/health";
    case 4:
        return hpt_strf("cache=redis://127.0.0.1:%d", cache.port);
    default:
        return hpt_strf("redis://127.0.0.1:%d", cache.port);
    }
}

/* With neither a mode nor --check nothing else is checked, whatever the environment has. */
START_TEST(a_target_needs_no_flag)
{
    static const char *const names[] = {"http", "http", "http", "http", "cache", "redis"};
    const char *const *env =
        HPT_LIST(hpt_strf("PORT=%d", service.port), "DATABASE_URL=postgres://u@127.0.0.1:1/d",
                 "HEALTHPROBE_CHECK=database", "REDIS_URL=redis://127.0.0.1:1");
    struct hpt_run run;

    hpt_probe(&run, env, HPT_LIST(target(_i)));
    HPT_OK(hpt_is_healthy(&run, names[_i]));
    HPT_OK(hpt_is_text(&run, "mode", "custom"));
    ck_assert_uint_eq(json_object_size(hpt_get(&run, "checks")), 1);
    hpt_probe(&run, env, HPT_LIST("wait", target(_i), "--for=5s"));
    ck_assert_msg(run.exit_status == 0, "%s", hpt_said(&run));
}
END_TEST

START_TEST(targets_of_several_kinds_are_checked_together)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST(target(1), target(4), "--redis", redis_url(), "--timeout", "3s", "--",
                       hpt_strf("api=%s", target(0))));
    HPT_OK(hpt_is_healthy(&run, "http,api,cache,redis"));
}
END_TEST

static const struct {
    const char *args[4];
    const char *message;
} missteps[] = {
    {{"db:5432"},
     "argument 1: 5432 is the port of Postgres; give a URL: postgresql://USER@HOST:5432/DATABASE"},
    {{"c:6379"}, "argument 1: 6379 is the port of Redis; give a URL: redis://HOST:6379"},
    {{"heartbeat=/tmp/alive"},
     "argument 1: a target for http is named heartbeat; write --heartbeat FILE, or --http "
     "heartbeat=URL if http is meant"},
    {{"database=localhost:5433"},
     "argument 1: a target for http is named database; write "
     "postgresql://USER@HOST:5432/DATABASE, or --http database=URL if http is meant"},
    {{"redis=localhost:6400"},
     "argument 1: a target for http is named redis; write redis://HOST:6379, or --http "
     "redis=URL if http is meant"},
    {{"live", ""}, "argument 2 is empty: a target is missing"},
    {{"full", "||", "exit", "1"}, "|| needs a shell and this is the exec form"},
    {{"--http /healthz"}, "\"--http\", \"VALUE\""},
    {{"--port", "8080"}, "unknown option --port; use --http :PORT"},
    {{"wait", "--check=http", "echo", "hi"},
     "argument 3 is not understood; put -- before the command"},
    {{"--http", "--format", "json"}, "--http needs a value (URL), but another option follows"},
};

START_TEST(a_frequent_mistake_is_answered_with_what_to_write)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, missteps[_i].args);
    HPT_OK(hpt_is_usage(&run, missteps[_i].message));
}
END_TEST

/*
 * Values of options, each as a flag and as its twin.
 */

static const struct {
    const char *option;
    const char *twin;
    const char *value;
} wrong_values[] = {
    {"--timeout", "HEALTHPROBE_TIMEOUT", "0"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "0s"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "-1"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "-5s"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "abc"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "1x"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "1.2.3s"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "'1s'"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", " "},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "1 s"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "1s1"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "s"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "."},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "0x10"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "inf"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "nan"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "0.5ms"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "61m"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "3601"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "99999999999999999999"},
    {"--timeout", "HEALTHPROBE_TIMEOUT", "18446744073709551617s"},
    {"--http-timeout", "HEALTHPROBE_HTTP_TIMEOUT", "later"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "abc"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "99"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "1000"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "300-200"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "200-"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "-200"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "200,,300"},
    {"--http-status", "HEALTHPROBE_HTTP_STATUS", "200x"},
    {"--http-method", "HEALTHPROBE_HTTP_METHOD", "GE T"},
    {"--http-method", "HEALTHPROBE_HTTP_METHOD", "GET\r\nX: y"},
    {"--http-header", "HEALTHPROBE_HTTP_HEADER", "no colon here"},
    {"--http-header", "HEALTHPROBE_HTTP_HEADER", ": no name"},
    {"--http-header", "HEALTHPROBE_HTTP_HEADER", "Na me: value"},
    {"--http-header", "HEALTHPROBE_HTTP_HEADER", "Name: va\rlue"},
    {"--http-connect", "HEALTHPROBE_HTTP_CONNECT", "nothing"},
    {"--http-connect", "HEALTHPROBE_HTTP_CONNECT", "host:99999"},
    {"--check", "HEALTHPROBE_CHECK", "http,kafka"},
    {"--check", "HEALTHPROBE_CHECK", ","},
    {"--check", "HEALTHPROBE_CHECK", "http?,?"},
    {"--format", "HEALTHPROBE_FORMAT", "xml"},
};

START_TEST(a_wrong_value_is_an_error_that_names_the_option)
{
    struct hpt_run run;

    hpt_diag("%s %s", wrong_values[_i].option, wrong_values[_i].value);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("live", "--http", url(), wrong_values[_i].option, wrong_values[_i].value));
    HPT_OK(hpt_is_config(&run, wrong_values[_i].option));
}
END_TEST

START_TEST(a_wrong_variable_is_an_error_that_names_it)
{
    struct hpt_run run;

    hpt_diag("%s=%s", wrong_values[_i].twin, wrong_values[_i].value);
    hpt_probe(&run, HPT_LIST(hpt_strf("%s=%s", wrong_values[_i].twin, wrong_values[_i].value)),
              HPT_LIST("live", "--http", url()));
    HPT_OK(hpt_is_config(&run, wrong_values[_i].twin));
}
END_TEST

START_TEST(an_empty_flag_is_an_error_and_an_empty_variable_is_unset)
{
    struct hpt_run run;
    const char *const options[] = {"--timeout", "--http-status", "--check", "--http-method"};
    const char *const twins[] = {"HEALTHPROBE_TIMEOUT=", "HEALTHPROBE_HTTP_STATUS=",
                                 "HEALTHPROBE_CHECK=", "HEALTHPROBE_HTTP_METHOD="};

    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--http", url(), options[_i], ""));
    HPT_OK(hpt_is_config(&run, options[_i]));
    hpt_probe(&run, HPT_LIST(twins[_i], "HEALTHPROBE_HTTP=", "HEALTHPROBE_HTTP_FILE="),
              HPT_LIST("live", "--http", url()));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

static const char *const durations[] = {"900ms", "2s",  "1.5s", "1m",    "3",  "0.75",
                                        "1h",    "60m", "3600", "1m30s", ".5s"};

START_TEST(every_form_of_duration_is_understood)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--http", url(), "--timeout", durations[_i]));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

static const struct {
    const char *value;
    bool good;
    bool on;
} booleans[] = {
    {"1", true, true},     {"true", true, true},    {"0", true, false},  {"false", true, false},
    {"yes", false, false}, {"TRUE ", false, false}, {"2", false, false},
};

START_TEST(a_boolean_variable_is_one_zero_true_or_false)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_VERBOSE=%s", booleans[_i].value)),
              HPT_LIST("live", "--http", url()));
    if (!booleans[_i].good) {
        HPT_OK(hpt_is_config(&run, "HEALTHPROBE_VERBOSE"));
        return;
    }
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert((hpt_get(&run, "checks.http.timings") != NULL) == booleans[_i].on);
}
END_TEST

START_TEST(every_problem_is_listed)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("PORT=none", "HEALTHPROBE_VERBOSE=maybe"),
              HPT_LIST("full", "--timeout", "never", "--http-status", "good"));
    HPT_OK(hpt_is_config(&run, "--timeout|--http-status|PORT|HEALTHPROBE_VERBOSE|database|redis"));
    HPT_OK(hpt_is_text(&run, "mode", "full"));
}
END_TEST

START_TEST(flags_and_variables_mean_the_same_and_the_flag_wins)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("HEALTHPROBE_HTTP=%s", url()), "HEALTHPROBE_HTTP_STATUS=500",
                       "HEALTHPROBE_CHECK=http"),
              HPT_LIST("full"));
    HPT_OK(hpt_is_down(&run, "http", "status", "200"));
    hpt_probe(&run,
              HPT_LIST(hpt_strf("HEALTHPROBE_HTTP=%s", url()), "HEALTHPROBE_HTTP_STATUS=500",
                       "HEALTHPROBE_CHECK=http"),
              HPT_LIST("full", "--http-status", "200"));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

START_TEST(unknown_variables_with_the_prefix_are_not_errors)
{
    struct hpt_run run;

    /* Kubernetes injects this for a Service of that name. */
    hpt_probe(&run,
              HPT_LIST("HEALTHPROBE_PORT=tcp://10.0.0.7:80", "HEALTHPROBE_SERVICE_HOST=10.0.0.7",
                       "HEALTHPROBE_PORT_80_TCP_ADDR=10.0.0.7", "HEALTHPROBE_NO_SUCH_OPTION=1"),
              HPT_LIST("live", "--http", url()));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

/*
 * Which checks, and what for.
 */

START_TEST(a_check_without_a_target_is_a_configuration_error)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("ready", "--http", url()));
    HPT_OK(hpt_is_config(&run, "database"));
    HPT_OK(hpt_is_text(&run, "mode", "ready"));
    hpt_probe(&run, HPT_LIST("DATABASE_URL=", "REDIS_URL="), HPT_LIST("full", "--http", url()));
    HPT_OK(hpt_is_config(&run, "database|redis"));
}
END_TEST

static const struct {
    const char *args[8];
} strangers[] = {
    {{"ready", "--database", "postgres://a:b@127.0.0.1/c", "--redis", "redis://127.0.0.1"}},
    {{"ready", "--database", "postgres://a:b@127.0.0.1/c", "--redis-insecure"}},
    {{"ready", "--database", "postgres://a:b@127.0.0.1/c", "--redis-timeout", "1s"}},
    {{"live", "--database", "postgres://a:b@127.0.0.1/c"}},
    {{"live", "--database-level", "ping"}},
    {{"live", "--check", "redis", "--redis", "redis://127.0.0.1", "--http-insecure"}},
};

START_TEST(a_flag_for_a_check_outside_the_plan_is_a_configuration_error)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, strangers[_i].args);
    HPT_OK(hpt_is_config(&run, ""));
}
END_TEST

START_TEST(a_skippable_check_is_skipped_without_a_target)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "http,redis?,database?", "--http", url()));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert(hpt_lists(&run, "skipped", "redis"));
    ck_assert(hpt_lists(&run, "skipped", "database"));
    ck_assert_uint_eq(json_array_size(hpt_get(&run, "skipped")), 2);

    hpt_probe(&run, HPT_LIST(hpt_strf("REDIS_URL=%s", redis_url())),
              HPT_LIST("full", "--check", "http?,redis?"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "skipped.0", "http"));

    hpt_probe(&run, HPT_LIST(hpt_strf("PORT=%d", service.port)),
              HPT_LIST("full", "--check", "http?,redis?"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "skipped.0", "redis"));
}
END_TEST

START_TEST(a_skippable_check_runs_with_a_target)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(hpt_strf("REDIS_URL=redis://127.0.0.1:%d", dead_port)),
              HPT_LIST("full", "--check", "http,redis?", "--http", url()));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    HPT_OK(hpt_is_text(&run, "skipped", NULL));
}
END_TEST

START_TEST(a_run_that_skips_everything_is_a_configuration_error)
{
    struct hpt_run run;
    const char *const lists[] = {"redis?", "http?", "database?,redis?", "http?,database?,redis?"};

    hpt_probe(&run, HPT_NONE, HPT_LIST("full", "--check", lists[_i]));
    HPT_OK(hpt_is_config(&run, ""));
}
END_TEST

START_TEST(a_misspelt_target_is_not_skipped)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("REDIS_URL=redi://127.0.0.1"),
              HPT_LIST("full", "--check", "http,redis?", "--http", url()));
    HPT_OK(hpt_is_config(&run, "REDIS_URL"));
}
END_TEST

START_TEST(the_port_defaults_to_3000)
{
    struct hpt_run run;

    hpt_probe(&run, _i == 0 ? HPT_NONE : HPT_LIST("PORT="), HPT_LIST("live", "--timeout", "500ms"));
    HPT_OK(hpt_is_text(&run, "checks.http.target", "http://localhost:3000/health/live"));
}
END_TEST

static const char *const wrong_ports[] = {
    "abc", "0", "65536", "-1", " ", "8 0", "0x50", "tcp://10.0.0.1:80", "99999999999999999999"};

START_TEST(an_invalid_port_is_an_error_where_it_is_needed)
{
    struct hpt_run run;
    const char *port = hpt_strf("PORT=%s", wrong_ports[_i]);

    hpt_probe(&run, HPT_LIST(port), HPT_LIST("live"));
    HPT_OK(hpt_is_config(&run, "PORT"));
    hpt_probe(&run, HPT_LIST(port), HPT_LIST("live", "--http", "/path"));
    HPT_OK(hpt_is_config(&run, "PORT"));
    hpt_probe(&run, HPT_LIST(port), HPT_LIST("live", "--http", url()));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_LIST(port), HPT_LIST("live", "--http", hpt_strf(":%d", service.port)));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

/*
 * Where values come from.
 */

/* In each pair the earlier source wins. The ports tell them apart; nobody listens there. */
START_TEST(the_sources_of_a_value_have_an_order)
{
    struct hpt_run run;
    const char *file = new_file("order", "redis://127.0.0.1:4\n");
    const char *app_file = new_file("app-order", "redis://127.0.0.1:6\n");
    const char *const env[] = {
        "HEALTHPROBE_REDIS=redis://127.0.0.1:3",
        hpt_strf("HEALTHPROBE_REDIS_FILE=%s", file),
        "REDIS_URL=redis://127.0.0.1:5",
        hpt_strf("REDIS_URL_FILE=%s", app_file),
        NULL,
    };

    hpt_probe(&run, env, HPT_LIST("full", "--check", "redis", "--redis", "redis://127.0.0.1:2"));
    HPT_OK(hpt_is_text(&run, "checks.redis.target", "redis://127.0.0.1:2"));
    for (int i = 0; i < 4; i++) {
        hpt_probe(&run, env + i, HPT_LIST("full", "--check", "redis"));
        HPT_OK(hpt_is_text(&run, "checks.redis.target", hpt_strf("redis://127.0.0.1:%d", 3 + i)));
    }
}
END_TEST

START_TEST(an_empty_variable_gives_way_to_the_next)
{
    struct hpt_run run;

    hpt_probe(
        &run,
        HPT_LIST("HEALTHPROBE_REDIS=", "HEALTHPROBE_REDIS_FILE=", "REDIS_URL=redis://127.0.0.1:5"),
        HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_text(&run, "checks.redis.target", "redis://127.0.0.1:5"));
}
END_TEST

START_TEST(a_file_holds_the_value_and_a_line_end)
{
    struct hpt_run run;
    const char *const endings[] = {"", "\n", "\r\n"};
    const char *file = new_file("value", hpt_strf("%s%s", redis_url(), endings[_i]));
    const char *link = hpt_strf("%s.link", file);

    hpt_probe(&run, HPT_LIST(hpt_strf("REDIS_URL_FILE=%s", file)),
              HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_REDIS=file:%s", file)),
              HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    /* Kubernetes mounts secrets as links. */
    ck_assert_int_eq(symlink(file, link), 0);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", hpt_strf("file:%s", link)));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    unlink(link);
}
END_TEST

START_TEST(a_flag_or_variable_can_name_another_variable)
{
    struct hpt_run run;
    const char *cache_url = hpt_strf("CACHE_URL=%s", redis_url());

    hpt_probe(&run, HPT_LIST(cache_url),
              HPT_LIST("full", "--check", "redis", "--redis", "env:CACHE_URL"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    hpt_probe(&run, HPT_LIST(cache_url, "HEALTHPROBE_REDIS=env:CACHE_URL"),
              HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

START_TEST(a_named_variable_must_have_a_value)
{
    struct hpt_run run;

    hpt_probe(&run, _i == 0 ? HPT_NONE : HPT_LIST("CACHE_URL="),
              HPT_LIST("full", "--check", "redis", "--redis", "env:CACHE_URL"));
    HPT_OK(hpt_is_config(&run, "CACHE_URL"));
}
END_TEST

START_TEST(the_text_of_a_file_or_an_application_variable_is_literal)
{
    struct hpt_run run;
    const char *cache_url = hpt_strf("CACHE_URL=%s", redis_url());
    const char *file = new_file("literal", "env:CACHE_URL\n");

    hpt_probe(&run, HPT_LIST(cache_url, "REDIS_URL=env:CACHE_URL"),
              HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_config(&run, "REDIS_URL"));
    hpt_probe(&run, HPT_LIST(cache_url, hpt_strf("HEALTHPROBE_REDIS_FILE=%s", file)),
              HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_config(&run, ""));
    hpt_probe(&run, HPT_LIST(cache_url, hpt_strf("REDIS_URL=file:%s", file)),
              HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_config(&run, "REDIS_URL"));
}
END_TEST

/* Paths of unsuitable files. */
static const char *bad_file(int i)
{
    const char *path = hpt_strf("%s/bad.%d.%d", hpt_tmpdir(), (int)getpid(), i);
    static char large[(64 << 10) + 2];

    switch (i) {
    case 0:
        return "/nowhere/secret";
    case 1:
        return hpt_tmpdir();
    case 2:
        /* Reading it would wait for a writer, before any time limit is in force. */
        ck_assert_int_eq(mkfifo(path, 0644), 0);
        return path;
    case 3:
        return new_file("empty", "");
    case 4:
        return new_file("newline", "\n");
    case 5:
        memset(large, 'x', sizeof large - 1);
        return new_file("large", large);
    case 6:
        return "/dev/zero";
    default:
        hpt_write_bytes(path, "redis://h\0st", 12, 0644);
        return path;
    }
}

START_TEST(an_unsuitable_file_is_a_configuration_error_at_once)
{
    struct hpt_run run;
    const char *path = bad_file(_i);

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", hpt_strf("file:%s", path)));
    HPT_OK(hpt_is_config(&run, "--redis"));
    ck_assert_double_lt(run.wall_ms, 1500);
    hpt_probe(&run, HPT_LIST(hpt_strf("REDIS_URL_FILE=%s", path)),
              HPT_LIST("full", "--check", "redis"));
    HPT_OK(hpt_is_config(&run, "REDIS_URL_FILE"));
    ck_assert_double_lt(run.wall_ms, 1500);
    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("live", "--http", url(), "--http-header", hpt_strf("X-Token: file:%s", path)));
    HPT_OK(hpt_is_config(&run, "--http-header"));
}
END_TEST

static void drop_user(void *arg)
{
    (void)arg;
    if (geteuid() == 0 && (setgid(65532) < 0 || setuid(65532) < 0)) {
        _exit(125);
    }
}

START_TEST(an_unreadable_file_is_a_configuration_error)
{
    struct hpt_run run;
    const char *path = new_file("locked", "redis://127.0.0.1\n");
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(hpt_strf("REDIS_URL_FILE=%s", path)),
        .args = HPT_LIST("full", "--check", "redis"),
        .binary = hpt_probe_copy(),
        .in_child = drop_user,
    };

    ck_assert_int_eq(chmod(path, 0), 0);
    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_config(&run, "REDIS_URL_FILE"));
}
END_TEST

#define PASSWORD "passphrase-of-the-test"

START_TEST(a_password_option_beside_one_in_the_url_is_a_configuration_error)
{
    struct hpt_run run;

    hpt_probe_secret(PASSWORD);
    if (_i < 2) {
        hpt_probe(&run, HPT_LIST("OTHER=" PASSWORD),
                  HPT_LIST("full", "--check", "redis", "--redis",
                           "redis://:" PASSWORD "@127.0.0.1:1", "--redis-password",
                           _i == 0 ? PASSWORD : "env:OTHER"));
    } else if (_i == 2) {
        hpt_probe(&run, HPT_LIST("HEALTHPROBE_DATABASE_PASSWORD=" PASSWORD),
                  HPT_LIST("ready", "--check", "database", "--database",
                           "postgres://app:" PASSWORD "@127.0.0.1:1/app"));
    } else {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("ready", "--check", "database", "--database",
                           "jdbc:postgresql://127.0.0.1:1/app?user=app&password=" PASSWORD,
                           "--database-password", PASSWORD));
    }
    HPT_OK(hpt_is_config(&run, "password"));
}
END_TEST

/*
 * The `$` rule: the exec forms of Docker and Kubernetes expand nothing, so a variable in a target
 * is a mistake that would look like a wrong name or password.
 */

static const struct {
    const char *option;
    const char *check;
    const char *value;
    bool wrong;
} dollars[] = {
    {"--database", "database", "$DATABASE_URL", true},
    {"--database", "database", "${DATABASE_URL}", true},
    {"--database", "database", "$(DATABASE_URL)", true},
    {"--database", "database", "postgres://app:${PASSWORD}@127.0.0.1:1/app", true},
    {"--database", "database", "postgres://app:$(PASSWORD)@127.0.0.1:1/app", true},
    {"--database", "database", "postgres://${USER}:pw@127.0.0.1:1/app", true},
    {"--database", "database", "postgres://app:pw@${HOST}:1/app", true},
    {"--database", "database", "postgres://app:pw@$HOST:1/app", true},
    {"--database", "database", "postgres://app:pw@127.0.0.1:$PORT/app", true},
    {"--database", "database", "postgres://app:pw@127.0.0.1:1/${NAME}", true},
    {"--database", "database", "$SCHEME://app:pw@127.0.0.1:1/app", true},
    {"--http", "http", "http://$HOST:3000/health", true},
    {"--http", "http", "http://localhost:${PORT}/health", true},
    {"--http", "http", ":$PORT", true},
    {"--redis", "redis", "redis://$(REDIS_HOST)", true},
    {"--database", "database", "postgres://app:pa$word@127.0.0.1:PORT/app", false},
    {"--database", "database", "postgres://app:$word@127.0.0.1:PORT/app", false},
    {"--database", "database", "postgres://app:a${b}c@127.0.0.1:PORT/app", false},
    {"--database", "database", "postgres://$app:pw@127.0.0.1:PORT/app", false},
    {"--database", "database", "postgres://app:pw@127.0.0.1:PORT/$app", false},
    {"--redis", "redis", "redis://:$$$@127.0.0.1:PORT", false},
    {"--http", "http", "http://127.0.0.1:PORT/a$b", false},
};

START_TEST(an_unexpanded_variable_is_a_configuration_error)
{
    struct hpt_run run;
    const char *at = strstr(dollars[_i].value, ":PORT");
    const char *value = dollars[_i].value;

    if (!dollars[_i].wrong) {
        value = hpt_strf("%.*s:%d%s", (int)(at - value), value, dead_port, at + 5);
    }
    hpt_diag("%s %s", dollars[_i].option, dollars[_i].value);
    hpt_probe(&run, HPT_LIST("HOST=localhost", "DATABASE_URL=postgres://a:b@c/d"),
              HPT_LIST("full", "--check", dollars[_i].check, dollars[_i].option, value));
    if (dollars[_i].wrong) {
        HPT_OK(hpt_is_config(&run, "Docker|Kubernetes"));
    } else {
        HPT_OK(hpt_is_down(&run, dollars[_i].check, "refused", NULL));
    }
}
END_TEST

START_TEST(other_options_may_hold_dollars)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--http", url(), "--http-header", "X-Probe: a${X}"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--http", url(), "--http-header", "X-Probe: ${X}"));
    HPT_OK(hpt_is_config(&run, "--http-header: holds a variable that was not expanded"));
}
END_TEST

/* Invalid URLs. Each contains WORD, which the report must not. */

#define WORD "zebra-zebra"

static const struct {
    const char *option;
    const char *check;
    const char *value;
} wrong_urls[] = {
    {"--http", "http", ""},
    {"--http", "http", WORD},
    {"--http", "http", "http://"},
    {"--http", "http", "http:///" WORD},
    {"--http", "http", "ftp://" WORD "/"},
    {"--http", "http", WORD "/health"},
    {"--http", "http", WORD ":3000a/health"},
    {"--http", "http", "app:" WORD "@127.0.0.1:3000"},
    {"--http", "http", "http://" WORD ":0/"},
    {"--http", "http", "http://" WORD ":65536/"},
    {"--http", "http", "http://" WORD ":4294967376/"},
    {"--http", "http", "http://" WORD ":80a/"},
    {"--http", "http", "http://" WORD ":-1/"},
    {"--http", "http", "http://[::1/" WORD},
    {"--http", "http", "http://[::1]" WORD "/"},
    {"--http", "http", "http://" WORD "%00/"},
    {"--http", "http", "http://" WORD "\x01/"},
    {"--http", "http", "http://user:" WORD "%00@127.0.0.1/"},
    {"--http", "http", ":" WORD},
    {"--database", "database", ""},
    {"--database", "database", WORD},
    {"--database", "database", "host=127.0.0.1 user=app password=" WORD},
    {"--database", "database", "mysql://app:" WORD "@127.0.0.1/app"},
    {"--database", "database", "postgres://127.0.0.1/" WORD},
    {"--database", "database", "postgres://app:" WORD "@/app"},
    {"--database", "database", "postgres://app:" WORD "@127.0.0.1:0/app"},
    {"--database", "database", "postgres://app:" WORD "@127.0.0.1:4294967376/app"},
    {"--database", "database", "postgres://app:" WORD "@[::1/app"},
    {"--database", "database", "postgres://app:" WORD "%00@127.0.0.1/app"},
    {"--database", "database", "postgres://app:" WORD "@127.0.0.1/app?sslmode=" WORD},
    {"--database", "database", "postgres://app:pw@127.0.0.1/app?sslx=" WORD},
    {"--redis", "redis", ""},
    {"--redis", "redis", WORD},
    {"--redis", "redis", "http://" WORD "/"},
    {"--redis", "redis", "redis://:" WORD "@127.0.0.1/one"},
    {"--redis", "redis", "redis://:" WORD "@127.0.0.1/-1"},
    {"--redis", "redis", "redis://:" WORD "@127.0.0.1/?db=x"},
    {"--redis", "redis", "redis://:" WORD "@127.0.0.1:99999"},
    {"--redis", "redis", "redis://:" WORD "@127.0.0.1:4294967376"},
    {"--redis", "redis", "redis://:" WORD "@a,b"},
    {"--redis", "redis", "redis-sentinel://:" WORD "@127.0.0.1:26379/main"},
    {"--redis", "redis", "sentinel://:" WORD "@127.0.0.1:26379"},
    {"--redis", "redis", "redis://:" WORD "@127.0.0.1?tlsx=1"},
};

START_TEST(an_invalid_target_is_a_configuration_error_and_not_repeated)
{
    struct hpt_run run;

    hpt_probe_secret(WORD);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", wrong_urls[_i].check, wrong_urls[_i].option,
                       wrong_urls[_i].value));
    HPT_OK(hpt_is_config(&run, wrong_urls[_i].option));
}
END_TEST

START_TEST(a_variable_with_a_wrong_target_is_named)
{
    struct hpt_run run;

    hpt_probe_secret(WORD);
    hpt_probe(&run,
              HPT_LIST("DATABASE_URL=mysql://app:" WORD "@db/app", "REDIS_URL=redis://h/" WORD,
                       "HEALTHPROBE_HTTP=" WORD),
              HPT_LIST("full"));
    HPT_OK(hpt_is_config(&run, "DATABASE_URL|REDIS_URL|HEALTHPROBE_HTTP"));
}
END_TEST

START_TEST(unsupported_kinds_of_redis_are_named)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", "redis-sentinel://127.0.0.1/x"));
    HPT_OK(hpt_is_config(&run, "entinel"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", "redis://127.0.0.1:1,127.0.0.1:2"));
    HPT_OK(hpt_is_config(&run, "host"));
}
END_TEST

START_TEST(conflicting_options_are_a_configuration_error)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("live", "--http", url(), "--http-connect", "127.0.0.1:1", "--http-unix",
                       "/run/x.sock"));
    HPT_OK(hpt_is_config(&run, "--http-connect|--http-unix"));
}
END_TEST

/*
 * Formats.
 */

START_TEST(errors_use_the_requested_format)
{
    struct hpt_run run;

    switch (_i) {
    case 0:
        hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--timeout", "never", "--format", "short"));
        break;
    case 1:
        hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--format=short", "--no-such-option"));
        break;
    case 2:
        hpt_probe(&run, HPT_LIST("HEALTHPROBE_FORMAT=short"),
                  HPT_LIST("live", "--timeout", "never"));
        break;
    default:
        hpt_probe(&run, HPT_NONE, HPT_LIST("no-such-command", "--format", "short"));
        break;
    }
    ck_assert_int_eq(run.exit_status, 1);
    ck_assert_uint_eq(run.err_len, 0);
    ck_assert_msg(strncmp(run.out, "unhealthy: ", 11) == 0, "%s", hpt_said(&run));
    ck_assert_ptr_eq(strchr(run.out, '\n'), run.out + run.out_len - 1);
}
END_TEST

START_TEST(errors_are_reported_in_every_format)
{
    char *const *formats = formats_of_help();
    struct hpt_run json;
    struct hpt_run run;

    hpt_probe(&json, HPT_NONE, HPT_LIST("live", "--no-such-option", "--format", *formats));
    HPT_OK(hpt_is_usage(&json, ""));
    while (*++formats != NULL) {
        hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--no-such-option", "--format", *formats));
        ck_assert_int_eq(run.exit_status, 1);
        ck_assert_msg(strstr(run.out, "usage") != NULL, "%s", hpt_said(&run));
        ck_assert_msg(strncmp(run.out, json.out, 20) != 0, "%s", hpt_said(&run));
    }
}
END_TEST

START_TEST(json_can_be_requested_by_name)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_FORMAT=short"),
              HPT_LIST("live", "--http", url(), "--format", "json"));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

START_TEST(an_error_stays_within_4096_bytes_and_is_valid)
{
    struct hpt_run run;
    const char *args[62] = {"full"};

    /* Many problems, each with its own text. */
    for (int i = 1; i < 61; i++) {
        args[i] = hpt_strf("--no-such-option-%d", i);
    }
    hpt_probe(&run, HPT_NONE, args);
    HPT_OK(hpt_is_usage(&run, ""));
}
END_TEST

/*
 * Help.
 */

static const char *const documented[] = {
    "--http",
    "--database",
    "--redis",
    "--check",
    "--format",
    "--timeout",
    "--http-timeout",
    "--database-timeout",
    "--redis-timeout",
    "--verbose",
    "--http-status",
    "--http-method",
    "--http-header",
    "--http-unix",
    "--http-connect",
    "--database-level",
    "--ca",
    "--http-ca",
    "--database-ca",
    "--redis-ca",
    "--http-insecure",
    "--redis-insecure",
    "--database-password",
    "--redis-password",
    "--help",
    "--version",
};

START_TEST(help_lists_every_option_with_its_variable)
{
    struct hpt_run run;
    char twin[64] = "HEALTHPROBE_";
    size_t at = strlen(twin);

    hpt_probe(&run, HPT_NONE, HPT_LIST("--help"));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_uint_eq(run.err_len, 0);
    ck_assert_msg(strstr(run.out, documented[_i]) != NULL, "no %s", documented[_i]);
    for (const char *from = documented[_i] + 2; *from != '\0'; from++) {
        twin[at++] = *from == '-' ? '_' : (char)(*from >= 'a' ? *from - 'a' + 'A' : *from);
    }
    bool has_twin =
        strcmp(documented[_i], "--help") != 0 && strcmp(documented[_i], "--version") != 0;
    ck_assert_msg(!has_twin || strstr(run.out, twin) != NULL, "no %s", twin);
}
END_TEST

static const char *const helps[] = {"--help", "-h", "help"};

START_TEST(each_spelling_of_help_prints_it)
{
    struct hpt_run help;
    struct hpt_run run;

    hpt_probe(&help, HPT_NONE, HPT_LIST("--help"));
    hpt_probe(&run, HPT_NONE, HPT_LIST(helps[_i]));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_uint_eq(run.err_len, 0);
    ck_assert_str_eq(run.out, help.out);
}
END_TEST

static const char *const groups[] = {"http", "database", "redis", "heartbeat", "wait"};

START_TEST(help_with_a_topic_prints_its_group)
{
    struct hpt_run help;
    struct hpt_run run;

    hpt_probe(&help, HPT_NONE, HPT_LIST("--help"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("help", groups[_i]));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_ptr_nonnull(strstr(help.out, run.out));
    ck_assert_ptr_null(strstr(run.out, "--timeout DUR"));
}
END_TEST

START_TEST(each_spelling_of_version_prints_it)
{
    static const char *const versions[] = {"-V", "version"};
    struct hpt_run version;
    struct hpt_run run;

    hpt_probe(&version, HPT_NONE, HPT_LIST("--version"));
    hpt_probe(&run, HPT_NONE, HPT_LIST(versions[_i]));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_str_eq(run.out, version.out);
}
END_TEST

START_TEST(help_lists_modes_and_defaults)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--help"));
    const char *const parts[] = {"live", "ready", "full", "2.5s", "200-299", "3000"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        ck_assert_msg(strstr(run.out, parts[i]) != NULL, "no %s", parts[i]);
    }
    ck_assert_int_eq(run.out[run.out_len - 1], '\n');
}
END_TEST

START_TEST(version_lists_its_libraries)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--version"));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_uint_eq(run.err_len, 0);
    const char *const parts[] = {"healthprobe", "musl", "libcurl", "libpq", "hiredis"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        ck_assert_msg(strstr(run.out, parts[i]) != NULL, "no %s in %s", parts[i], hpt_said(&run));
    }
    ck_assert(!hpt_probe_tls() || strstr(run.out, "OpenSSL") != NULL);
}
END_TEST

START_TEST(help_and_version_need_no_valid_environment)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("PORT=none", "HEALTHPROBE_TIMEOUT=never", "DATABASE_URL=x"),
              HPT_LIST(_i == 0 ? "--help" : "--version"));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_ptr_nonnull(strstr(run.out, "healthprobe"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "usage", 30);

    tcase_add_loop_test(tc, unknown_arguments_are_usage_errors, 0, HPT_COUNT(misuses));
    tcase_add_test(tc, mixed_errors_are_all_listed_as_usage);
    tcase_add_test(tc, options_end_at_two_dashes);
    tcase_add_test(tc, a_value_follows_a_space_or_an_equals_sign);

    tc = hpt_tcase(suite, "arguments", 30);
    tcase_add_loop_test(tc, a_target_needs_no_flag, 0, 6);
    tcase_add_test(tc, targets_of_several_kinds_are_checked_together);
    tcase_add_loop_test(tc, a_frequent_mistake_is_answered_with_what_to_write, 0,
                        HPT_COUNT(missteps));

    tc = hpt_tcase(suite, "values", 30);
    tcase_add_loop_test(tc, a_wrong_value_is_an_error_that_names_the_option, 0,
                        HPT_COUNT(wrong_values));
    tcase_add_loop_test(tc, a_wrong_variable_is_an_error_that_names_it, 0, HPT_COUNT(wrong_values));
    tcase_add_loop_test(tc, an_empty_flag_is_an_error_and_an_empty_variable_is_unset, 0, 4);
    tcase_add_loop_test(tc, every_form_of_duration_is_understood, 0, HPT_COUNT(durations));
    tcase_add_loop_test(tc, a_boolean_variable_is_one_zero_true_or_false, 0, HPT_COUNT(booleans));
    tcase_add_test(tc, every_problem_is_listed);
    tcase_add_test(tc, flags_and_variables_mean_the_same_and_the_flag_wins);
    tcase_add_test(tc, unknown_variables_with_the_prefix_are_not_errors);
    tcase_add_test(tc, conflicting_options_are_a_configuration_error);

    tc = hpt_tcase(suite, "plan", 30);
    tcase_add_test(tc, a_check_without_a_target_is_a_configuration_error);
    tcase_add_loop_test(tc, a_flag_for_a_check_outside_the_plan_is_a_configuration_error, 0,
                        HPT_COUNT(strangers));
    tcase_add_test(tc, a_skippable_check_is_skipped_without_a_target);
    tcase_add_test(tc, a_skippable_check_runs_with_a_target);
    tcase_add_loop_test(tc, a_run_that_skips_everything_is_a_configuration_error, 0, 4);
    tcase_add_test(tc, a_misspelt_target_is_not_skipped);
    tcase_add_loop_test(tc, the_port_defaults_to_3000, 0, 2);
    tcase_add_loop_test(tc, an_invalid_port_is_an_error_where_it_is_needed, 0,
                        HPT_COUNT(wrong_ports));

    tc = hpt_tcase(suite, "sources", 30);
    tcase_add_test(tc, the_sources_of_a_value_have_an_order);
    tcase_add_test(tc, an_empty_variable_gives_way_to_the_next);
    tcase_add_loop_test(tc, a_file_holds_the_value_and_a_line_end, 0, 3);
    tcase_add_test(tc, a_flag_or_variable_can_name_another_variable);
    tcase_add_loop_test(tc, a_named_variable_must_have_a_value, 0, 2);
    tcase_add_test(tc, the_text_of_a_file_or_an_application_variable_is_literal);
    tcase_add_loop_test(tc, an_unsuitable_file_is_a_configuration_error_at_once, 0, 8);
    tcase_add_test(tc, an_unreadable_file_is_a_configuration_error);
    tcase_add_loop_test(tc, a_password_option_beside_one_in_the_url_is_a_configuration_error, 0, 4);

    tc = hpt_tcase(suite, "targets", 30);
    tcase_add_loop_test(tc, an_unexpanded_variable_is_a_configuration_error, 0, HPT_COUNT(dollars));
    tcase_add_test(tc, other_options_may_hold_dollars);
    tcase_add_loop_test(tc, an_invalid_target_is_a_configuration_error_and_not_repeated, 0,
                        HPT_COUNT(wrong_urls));
    tcase_add_test(tc, a_variable_with_a_wrong_target_is_named);
    tcase_add_test(tc, unsupported_kinds_of_redis_are_named);

    tc = hpt_tcase(suite, "formats", 30);
    tcase_add_loop_test(tc, errors_use_the_requested_format, 0, 4);
    tcase_add_test(tc, errors_are_reported_in_every_format);
    tcase_add_test(tc, json_can_be_requested_by_name);
    tcase_add_test(tc, an_error_stays_within_4096_bytes_and_is_valid);

    tc = hpt_tcase(suite, "help", 30);
    tcase_add_loop_test(tc, help_lists_every_option_with_its_variable, 0, HPT_COUNT(documented));
    tcase_add_loop_test(tc, each_spelling_of_help_prints_it, 0, HPT_COUNT(helps));
    tcase_add_loop_test(tc, help_with_a_topic_prints_its_group, 0, HPT_COUNT(groups));
    tcase_add_loop_test(tc, each_spelling_of_version_prints_it, 0, 2);
    tcase_add_test(tc, help_lists_modes_and_defaults);
    if (hpt_probe_static()) {
        tcase_add_test(tc, version_lists_its_libraries);
    }
    tcase_add_loop_test(tc, help_and_version_need_no_valid_environment, 0, 2);
}

int main(void)
{
    return hpt_main("cli", start_servers, build, true);
}
