// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "formats.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* The formats other than json, each read as its tools read it, with real servers and failures. */

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

static const char *http_url(const char *path)
{
    return hpt_strf("http://127.0.0.1:%d%s", nginx.port, path);
}

static const char *database_var(const char *password)
{
    return hpt_strf("DATABASE_URL=postgresql://app:%s@127.0.0.1:%d/app", password, pg.port);
}

static const char *redis_var(int port)
{
    return hpt_strf("REDIS_URL=redis://127.0.0.1:%d", port);
}

/* --- scenarios -------------------------------------------------------------------------------- */

enum event {
    HEALTHY,
    DEGRADED,
    UNHEALTHY,
    DIRTY,
    TIMEOUT,
    INTERRUPTED,
    MANY,
    WRONG_CONFIG,
    WRONG_USAGE,
    EVENTS
};

static void interrupt(struct hpt_run *run, const struct hpt_probe_opts *opts)
{
    hpt_probe_start(run, opts);
    hpt_sleep_ms(300);
    hpt_proc_signal(&run->proc, SIGTERM);
    hpt_probe_finish(run, opts);
}

/* Sixteen checks that are down with long errors. */
static void run_many(struct hpt_run *run, const char *format)
{
    const char *args[3 + 2 * 16 + 1] = {"--verbose", "--format", format};
    size_t n = 3;

    for (int i = 0; i < 16; i++) {
        args[n++] = "--http";
        args[n++] = hpt_strf("a-name-of-thirty-two-letters..%02d=%s", i, http_url("/status/long"));
    }
    hpt_probe(run, HPT_LIST("APP_VERSION=1.4.2"), args);
}

static void cause(struct hpt_run *run, enum event event, const char *format)
{
    const char *const *env = HPT_LIST("APP_VERSION=1.4.2", database_var(HPT_PG_PASSWORD),
                                      redis_var(redis.port), "HEALTHPROBE_TIMEOUT=8s");
    const char *const *hang =
        HPT_LIST("--http", http_url("/hang"), "--timeout", "700ms", "--format", format);

    switch (event) {
    case HEALTHY:
        hpt_probe(run, env, HPT_LIST("full", "--format", format, "--http", http_url("/health")));
        break;
    case DEGRADED:
        hpt_probe(run, HPT_LIST("APP_VERSION=1.4.2", redis_var(dead)),
                  HPT_LIST("--check", "http,redis", "--optional", "redis", "--http-slow", "300ms",
                           "--http", http_url("/slow"), "--http-status", "504", "--format",
                           format));
        break;
    case UNHEALTHY:
        hpt_probe(run, HPT_LIST("APP_VERSION=1.4.2", database_var("wrong-password")),
                  HPT_LIST("ready", "--http", http_url("/"), "--format", format));
        break;
    case DIRTY:
        hpt_probe(run, HPT_LIST("APP_VERSION=a|b\"c\\d"),
                  HPT_LIST("--http", http_url("/status/dirty"), "--format", format));
        break;
    case TIMEOUT:
        hpt_probe(run, HPT_NONE, hang);
        break;
    case INTERRUPTED:
        interrupt(
            run, &(struct hpt_probe_opts){.env = HPT_NONE,
                                          .args = HPT_LIST("--http", http_url("/hang"), "--timeout",
                                                           "8s", "--format", format)});
        break;
    case MANY:
        run_many(run, format);
        break;
    case WRONG_CONFIG:
        hpt_probe(run, env,
                  HPT_LIST("full", "--http", "ftp://h", "--timeout", "soon", "--format", format));
        break;
    case WRONG_USAGE:
        hpt_probe(run, env, HPT_LIST("full", "--no-such-option", "--format", format));
        break;
    case EVENTS:
        break;
    }
    ck_assert_msg(run->err_len == 0, "standard error: %s", hpt_said(run));
    ck_assert_msg(run->exit_status == (event <= DEGRADED ? 0 : 1), "%s", hpt_said(run));
    ck_assert(run->out_len > 0 && run->out[run->out_len - 1] == '\n');
    ck_assert(strlen(run->out) == run->out_len);
    if (strcmp(format, "prometheus") != 0) {
        ck_assert_msg(run->out_len <= 4096, "%zu bytes", run->out_len);
    }
    json_t *text = json_stringn(run->out, run->out_len);
    ck_assert_msg(text != NULL, "no valid UTF-8: %s", hpt_said(run));
    json_decref(text);
}

static void holds(const struct hpt_run *run, const char *part)
{
    ck_assert_msg(strstr(run->out, part) != NULL, "no [%s]: %s", part, hpt_said(run));
}

static void lacks(const struct hpt_run *run, const char *part)
{
    ck_assert_msg(strstr(run->out, part) == NULL, "[%s] in it: %s", part, hpt_said(run));
}

static void matches(const struct hpt_run *run, const char *pattern)
{
    regex_t regex;

    ck_assert_int_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    ck_assert_msg(regexec(&regex, run->out, 0, NULL, 0) == 0, "not [%s]: %s", pattern,
                  hpt_said(run));
    regfree(&regex);
}

static size_t count(const struct hpt_run *run, const char *part)
{
    size_t n = 0;

    for (const char *at = strstr(run->out, part); at != NULL; at = strstr(at + 1, part)) {
        n++;
    }
    return n;
}

/* --- prometheus ------------------------------------------------------------------------------- */

static const char *const metrics[EVENTS] = {
    [HEALTHY] = "healthprobe_check_up{check=\"database\"} 1\n",
    [DEGRADED] = "healthprobe_status{status=\"degraded\"} 1\n",
    [UNHEALTHY] = ("healthprobe_check_down_reason{check=\"database\",reason=\"auth\",phase=\"\","
                   "code=\"28P01\"} 1\n"),
    [DIRTY] = "version=\"a|b\\\"c\\\\d\"",
    [TIMEOUT] = "{check=\"http\",reason=\"timeout\",phase=\"response\",code=\"\"} 1\n",
    [INTERRUPTED] = "healthprobe_error{reason=\"interrupted\"} 1\n",
    [MANY] = "healthprobe_check_up{check=\"a-name-of-thirty-two-letters..15\"} 0\n",
    [WRONG_CONFIG] = "healthprobe_error{reason=\"config\"} 1\n",
    [WRONG_USAGE] = "healthprobe_error{reason=\"usage\"} 1\n",
};

START_TEST(promtool_accepts_the_metrics)
{
    const char *path = hpt_strf("%s/metrics.%d", hpt_tmpdir(), (int)getpid());
    struct hpt_run run;
    char *said = NULL;

    cause(&run, (enum event)_i, "prometheus");
    holds(&run, metrics[_i]);
    lacks(&run, "# truncated");
    hpt_write_bytes(path, run.out, run.out_len, 0644);
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int status = hpt_proc_run(&(struct hpt_spawn){.name = "promtool",
                                                  .argv = HPT_LIST("promtool", "check", "metrics"),
                                                  .in_fd = in},
                              20000, &said);
    close(in);
    ck_assert_msg(status == 0 && said[0] == '\0', "exit %d, [%s]; %s", status, said,
                  hpt_said(&run));
    free(said);
}
END_TEST

/* --- health+json ------------------------------------------------------------------------------ */

static const struct {
    const char *status;
    const char *output; /* how it begins; NULL: none */
} documents[EVENTS] = {
    [HEALTHY] = {"pass", NULL},
    [DEGRADED] = {"warn", "redis refused"},
    [UNHEALTHY] = {"fail", "database auth 28P01"},
    [DIRTY] = {"fail", "http status 500"},
    [TIMEOUT] = {"fail", "http timeout response"},
    [INTERRUPTED] = {"fail", "http interrupted"},
    [MANY] = {"fail", "a-name-of-thirty-two-letters..00 status 500, "},
    [WRONG_CONFIG] = {"fail", "config: "},
    [WRONG_USAGE] = {"fail", "usage: "},
};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* What the draft requires of each check. */
static void must_be_check(const char *key, const json_t *list, bool whole)
{
    const json_t *check = json_array_get(list, 0);
    const char *status = text_of(check, "status");

    ck_assert_msg(json_array_size(list) == 1 && json_is_object(check), "%s is not a list", key);
    ck_assert_msg(status != NULL && (strcmp(status, "pass") == 0 || strcmp(status, "warn") == 0 ||
                                     strcmp(status, "fail") == 0),
                  "%s has no status", key);
    ck_assert_msg(json_is_number(json_object_get(check, "observedValue")), "%s: no value", key);
    ck_assert_msg(text_of(check, "observedUnit") != NULL, "%s has no unit", key);
    if (whole) {
        ck_assert_msg(text_of(check, "time") != NULL, "%s has no time", key);
        ck_assert_msg(text_of(check, "componentType") != NULL, "%s has no type", key);
    }
    if (strcmp(status, "pass") == 0) {
        ck_assert_msg(json_object_get(check, "output") == NULL, "%s passes with output", key);
    }
}

START_TEST(health_json_follows_the_draft)
{
    const char *want = documents[_i].output;
    struct hpt_run run;
    const char *key;
    json_t *value;

    cause(&run, (enum event)_i, "health+json");
    json_t *root = json_loadb(run.out, run.out_len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json_is_object(root), "no JSON: %s", hpt_said(&run));
    ck_assert_uint_eq(count(&run, "\n"), 1);
    ck_assert_str_eq(text_of(root, "status"), documents[_i].status);
    const char *output = text_of(root, "output");
    ck_assert_msg(want == NULL ? output == NULL
                               : output != NULL && strncmp(output, want, strlen(want)) == 0,
                  "%s", hpt_said(&run));
    json_t *checks = json_object_get(root, "checks");
    ck_assert_int_eq(checks == NULL, _i >= WRONG_CONFIG);
    bool truncated = json_is_true(json_object_get(root, "truncated"));
    ck_assert_int_eq(truncated, _i == MANY);
    json_object_foreach(checks, key, value)
    {
        must_be_check(key, value, !truncated);
    }
    if (_i == MANY) {
        ck_assert_uint_ge(json_object_size(checks), 16);
    }
    if (_i == HEALTHY) {
        const json_t *database =
            json_array_get(json_object_get(checks, "database:responseTime"), 0);
        ck_assert_str_eq(text_of(database, "componentType"), "datastore");
        ck_assert_str_eq(text_of(root, "releaseId"), "1.4.2");
    }
    json_decref(root);
}
END_TEST

/* --- nagios ----------------------------------------------------------------------------------- */

#define FIGURE    "[0-9]+\\.[0-9]{3}ms;([0-9.]+)?;[0-9.]+;0"
#define NO_FIGURE "U;([0-9.]+)?;[0-9.]+;0"

static const char *const lines[EVENTS] = {
    [HEALTHY] = "^OK: 3 up \\| http=" FIGURE " database=" FIGURE " redis=" FIGURE "\n$",
    [DEGRADED] =
        ("^WARNING: redis refused, http slow; redis: nothing listens on [0-9.:]+ \\([^|]+\\) \\| "
         "redis=" NO_FIGURE " http=[0-9]+\\.[0-9]{3}ms;300\\.000;2500\\.000;0\n$"),
    [UNHEALTHY] = ("^CRITICAL: database auth 28P01; database: [^|]+ \\| database=" NO_FIGURE
                   " http=" FIGURE "\n$"),
    [DIRTY] = "^CRITICAL: http status 500; http: [^|]* \\| http=" NO_FIGURE "\n$",
    [TIMEOUT] =
        "^CRITICAL: http timeout response; http: no response within 700ms \\(connected, waiting "
        "for headers\\) \\| http=U;;700\\.000;0\n$",
    [INTERRUPTED] = "^CRITICAL: http interrupted(; http: [^|]*)? \\| http=U;;8000\\.000;0\n$",
    [MANY] = ("^CRITICAL: [^|]*, \\+[0-9]+; [^|]*; [0-9]+ errors not shown \\|( [^ ]+=" NO_FIGURE
              "){16}\n$"),
    [WRONG_CONFIG] = "^UNKNOWN: config: [^|]*--http[^|]*\n$",
    [WRONG_USAGE] = "^UNKNOWN: usage: [^|]*\n$",
};

START_TEST(nagios_prints_a_status_line_with_performance_data)
{
    struct hpt_run run;

    cause(&run, (enum event)_i, "nagios");
    matches(&run, lines[_i]);
    ck_assert_uint_eq(count(&run, "\n"), 1);
}
END_TEST

START_TEST(nagios_can_use_the_exit_codes_of_a_plugin)
{
    static const struct {
        const char *url;
        const char *optional;
        int status;
        const char *state;
    } states[] = {
        {"/", "", 0, "OK: "},
        {"/status/500", "http", 1, "WARNING: "},
        {"/status/500", "", 2, "CRITICAL: "},
    };
    struct hpt_run run;

    for (size_t i = 0; i < HPT_COUNT(states); i++) {
        hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_OPTIONAL=%s", states[i].optional)),
                  HPT_LIST("--http", http_url(states[i].url), "--format", "nagios", "--exit-codes",
                           "nagios"));
        ck_assert_msg(run.exit_status == states[i].status, "%s", hpt_said(&run));
        ck_assert_msg(strncmp(run.out, states[i].state, strlen(states[i].state)) == 0, "%s",
                      hpt_said(&run));
    }
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--nonsense", "--format", "nagios", "--exit-codes", "nagios"));
    ck_assert_int_eq(run.exit_status, 3);
    holds(&run, "UNKNOWN: usage: ");
}
END_TEST

/* --- text ------------------------------------------------------------------------------------- */

static const char *const pages[EVENTS] = {
    [HEALTHY] = ("^HEALTHY\n\n  up    http      +[0-9]+\\.[0-9]{3} ms  http://127[^\n]+/health\n"
                 "  up    database  +[0-9.]+ ms  postgresql://app@127[^\n]+/app\n"
                 "  up    redis     +[0-9.]+ ms  redis://127[^\n]+\n\nfull in [0-9.]+ ms, version "
                 "1\\.4\\.2, "),
    [DEGRADED] = ("^DEGRADED  redis refused\n\n  down  redis  +[0-9.]+ ms  refused \\(optional\\)\n"
                  "        nothing listens on 127.0.0.1:[0-9]+\n        hint: [^\n]+\n        "
                  "redis://[^\n]+\n  "
                  "slow  http  "),
    [UNHEALTHY] = ("^UNHEALTHY  database auth 28P01\n\n  DOWN  database  +[0-9.]+ ms  auth 28P01\n"
                   "        [^\n]+\n        postgresql://app@[^\n]+\n  up    http  "),
    [DIRTY] = "^UNHEALTHY  http status 500\n\n  DOWN  http  [^\n]*  status 500\n        [^\n]+\n",
    [TIMEOUT] = ("^UNHEALTHY  http timeout response\n\n  DOWN  [^\n]*\n        no response within "
                 "700ms \\(connected, waiting for headers\\)\n        http://"),
    [INTERRUPTED] =
        ("^UNHEALTHY  http interrupted\n\n  DOWN  [^\n]*\n        a signal ended the run "
         "before this check had its answer\n"),
    [MANY] = ("^UNHEALTHY  a-name.*(\n  DOWN  a-name[^\n]*status 500\n.*)+"
              "\n  \\(truncated: not all details fit\\)\n\ncustom in "),
    [WRONG_CONFIG] =
        "^UNHEALTHY  config\n\n  --timeout: [^\n]*\n  --http: [^\n]*\n\nfull, version 1\\.4\\.2, ",
    [WRONG_USAGE] = "^UNHEALTHY  usage\n\n  [^\n]*unknown option[^\n]*\n\nfull, version ",
};

START_TEST(text_shows_the_verdict_then_each_check)
{
    struct hpt_run run;

    cause(&run, (enum event)_i, "text");
    matches(&run, pages[_i]);
    for (size_t i = 0; i < run.out_len; i++) {
        unsigned char byte = (unsigned char)run.out[i];
        ck_assert_msg((byte >= 0x20 && byte != 0x7f) || byte == '\n', "a control character: %s",
                      hpt_said(&run));
    }
    if (_i == MANY) {
        ck_assert_uint_eq(count(&run, "\n  DOWN  "), 16);
    }
}
END_TEST

static void to_standard_error(void *fd)
{
    dup2(*(const int *)fd, STDERR_FILENO);
}

/* The output of a run on a terminal: what goes to standard output, or to standard error. */
static char *said_on_terminal(const char *const *env, const char *const *args, bool of_errors)
{
    static char text[8192];
    struct hpt_run run;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    ck_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert_int_ge(slave, 0);
    hpt_probe_with(&run, &(struct hpt_probe_opts){.env = env,
                                                  .args = args,
                                                  .out_fd = of_errors ? 0 : slave,
                                                  .in_child = of_errors ? to_standard_error : NULL,
                                                  .in_child_arg = &slave});
    ssize_t len = read(master, text, sizeof text - 1);
    ck_assert_int_gt(len, 0);
    text[len] = '\0';
    close(slave);
    close(master);
    return text;
}

static char *on_terminal(const char *const *env, const char *const *args)
{
    return said_on_terminal(env, args, false);
}

static const struct {
    const char *env;
    const char *args[6];
    const char *begins;
} defaults[] = {
    {"X=", {"--http", ":1"}, "UNHEALTHY  http refused\r\n"},
    {"X=", {":1", "--verbose"}, "UNHEALTHY  http refused\r\n"},
    {"X=", {"--no-such-option"}, "UNHEALTHY  usage\r\n"},
    {"X=", {"--timeout=never"}, "UNHEALTHY  config\r\n"},
    {"X=", {"--format=never"}, "UNHEALTHY  config\r\n"},
    {"X=", {"wait", ":1", "--for=100ms"}, "UNHEALTHY  http refused\r\n"},
    {"X=", {"wait"}, "UNHEALTHY  usage\r\n"},
    {"X=", {"explain"}, "live, within 2.5s\r\n"},
    {"X=", {"explain", "--timeout=never"}, "UNHEALTHY  config\r\n"},
    {"X=", {":1", "--format=json"}, "{\"status\":"},
    {"HEALTHPROBE_FORMAT=short", {":1"}, "unhealthy: http refused"},
    {"HEALTHPROBE_FORMAT=json", {"--no-such-option"}, "{\"status\":"},
};

START_TEST(a_report_on_a_terminal_is_text_by_default)
{
    const char *said = on_terminal(HPT_LIST("NO_COLOR=1", defaults[_i].env), defaults[_i].args);

    ck_assert_msg(strncmp(said, defaults[_i].begins, strlen(defaults[_i].begins)) == 0, "[%s]",
                  said);
}
END_TEST

START_TEST(explain_on_a_terminal_shows_the_format_of_a_run_there)
{
    struct hpt_run run;

    ck_assert_ptr_nonnull(
        strstr(on_terminal(HPT_NONE, HPT_LIST("explain")),
               "\nformat       text                               default on a terminal\r\n"));
    ck_assert_ptr_nonnull(strstr(on_terminal(HPT_NONE, HPT_LIST("explain", "--format=short")),
                                 "\nformat       short                              --format\r\n"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("explain"));
    ck_assert_ptr_nonnull(
        strstr(run.out, "\nformat       json                               default\n"));
}
END_TEST

START_TEST(a_report_of_wait_with_a_command_is_text_where_standard_error_is_a_terminal)
{
    const char *const *env = HPT_LIST("NO_COLOR=1", "TERM=dumb");
    const char *const *args = HPT_LIST("wait", "redis://127.0.0.1:1", "--for=100ms", "--", "true");

    ck_assert_ptr_nonnull(
        strstr(said_on_terminal(env, args, true), "UNHEALTHY  redis refused\r\n"));
    ck_assert_ptr_nonnull(strstr(said_on_terminal(env, HPT_LIST("wait", "--", "true"), true),
                                 "UNHEALTHY  usage\r\n"));
}
END_TEST

static const struct {
    const char *env;
    const char *format;
    bool coloured;
} terminals[] = {
    {"TERM=xterm", "text", true}, {"NO_COLOR=", "text", true},    {"NO_COLOR=1", "text", false},
    {"TERM=dumb", "text", false}, {"TERM=xterm", "short", false}, {"TERM=xterm", "nagios", false},
};

START_TEST(text_is_coloured_on_a_terminal_that_wants_it)
{
    const char *said = on_terminal(HPT_LIST(terminals[_i].env),
                                   HPT_LIST("--http", hpt_strf("http://127.0.0.1:%d/", dead),
                                            "--format", terminals[_i].format));

    ck_assert_msg((strstr(said, "\033[1;31mUNHEALTHY\033[0m  http refused") != NULL) ==
                      terminals[_i].coloured,
                  "[%s]", said);
    ck_assert_int_eq(strchr(said, '\033') != NULL, terminals[_i].coloured);
}
END_TEST

/* --- wait ------------------------------------------------------------------------------------- */

/* What begins a report of each format. */
static const struct {
    const char *name;
    const char *healthy;
    const char *gave_up;
    const char *wrong;
} formats[] = {
    {"json", "{\"status\":\"healthy\"", "{\"status\":\"unhealthy\",\"summary\":\"http refused\"",
     "{\"status\":\"unhealthy\",\"error\":{\"reason\":\"config\""},
    {"short", "healthy\n", "unhealthy: http refused", "unhealthy: config"},
    {"text", "HEALTHY\n", "UNHEALTHY  http refused\n", "UNHEALTHY  config\n"},
    {"health+json", "{\"status\":\"pass\"", "{\"status\":\"fail\"", "{\"status\":\"fail\""},
    {"prometheus", "# HELP healthprobe_", "# HELP healthprobe_", "# HELP healthprobe_"},
    {"nagios", "OK: 1 up | http=", "CRITICAL: http refused", "UNKNOWN: config"},
};

static void begins(const struct hpt_run *run, int exit_status, const char *text)
{
    ck_assert_msg(run->exit_status == exit_status && strncmp(run->out, text, strlen(text)) == 0,
                  "not [%s]: %s", text, hpt_said(run));
}

START_TEST(wait_reports_in_each_format)
{
    const char *url = hpt_strf("http://127.0.0.1:%d/", dead);
    const char *name = formats[_i].name;
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("wait", "live", "--http", http_url("/"), "--format", name));
    begins(&run, 0, formats[_i].healthy);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("wait", "live", "--for", "300ms", "--interval", "100ms", "--http", url,
                       "--format", name));
    begins(&run, 1, formats[_i].gave_up);
    hpt_probe(&run, HPT_NONE, HPT_LIST("wait", "live", "--timeout", "soon", "--format", name));
    begins(&run, 1, formats[_i].wrong);
}
END_TEST

START_TEST(no_format_of_help_is_left_out_here)
{
    char *const *names = formats_of_help();

    for (int i = 0; i < HPT_COUNT(formats); i++, names++) {
        ck_assert_pstr_eq(*names, formats[i].name);
    }
    ck_assert_ptr_null(*names);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "formats", 60);

    tcase_add_loop_test(tc, promtool_accepts_the_metrics, 0, EVENTS);
    tcase_add_loop_test(tc, health_json_follows_the_draft, 0, EVENTS);
    tcase_add_loop_test(tc, nagios_prints_a_status_line_with_performance_data, 0, EVENTS);
    tcase_add_test(tc, nagios_can_use_the_exit_codes_of_a_plugin);
    tcase_add_loop_test(tc, text_shows_the_verdict_then_each_check, 0, EVENTS);
    tcase_add_loop_test(tc, a_report_on_a_terminal_is_text_by_default, 0, HPT_COUNT(defaults));
    tcase_add_test(tc, explain_on_a_terminal_shows_the_format_of_a_run_there);
    tcase_add_test(tc, a_report_of_wait_with_a_command_is_text_where_standard_error_is_a_terminal);
    tcase_add_loop_test(tc, text_is_coloured_on_a_terminal_that_wants_it, 0, HPT_COUNT(terminals));
    tcase_add_loop_test(tc, wait_reports_in_each_format, 0, HPT_COUNT(formats));
    tcase_add_test(tc, no_format_of_help_is_left_out_here);
}

int main(void)
{
    return hpt_main("formats", start_servers, build, true);
}
