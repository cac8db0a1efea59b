/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/probe.h"
#include "run/runner.h"

#include <healthprobe/base/clock.h>
#include <healthprobe/check/input.h>
#include <healthprobe/report/render.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* --- a kind of checks that does what its target says --------------------------------------- */

static const struct hp_option rows[] = {
    {.name = "http", .metavar = "WORD", .help = "", .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE},
    {.name = NULL},
};

/* "up", "down", or the path of a file that has to be there. */
struct settings {
    char word[64];
};

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    struct settings *settings = ret->settings;

    (void)err;
    snprintf(settings->word, sizeof settings->word, "%s",
             input->target != NULL ? input->target : "up");
    if (settings->word[0] == '/')
        hp_input_need_file(input, input->target, input->origin);
    return true;
}

static void show(const struct hp_check *check, struct hp_buffer *ret)
{
    const struct settings *settings = check->settings;

    hp_buffer_add(ret, settings->word);
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    const struct settings *settings = check->settings;

    (void)ret_session;
    if (strcmp(settings->word, "down") == 0)
        hp_attempt_down(attempt, HP_REASON_REFUSED, hp_untrusted_of("nobody is there"));
    else
        hp_attempt_up(attempt);
}

static void release(void *settings)
{
    (void)settings;
}

static const struct hp_check_ops ops = {
    .kind = "http",
    .options = rows,
    .app_variables = (const char *const[]){NULL},
    .has_default_target = true,
    .asks = {"do what the target says"},
    .schemes = (const char *const[]){NULL},
    .settings_size = sizeof(struct settings),
    .parse = parse,
    .show = show,
    .run = run,
    .release = release,
};

const struct hp_check_ops *const hp_check_kinds[] = {&ops, NULL};

/* --- a run --------------------------------------------------------------------------------- */

#define WORDS_MAX 6

static struct hp_options options;
static struct hp_probe probe;
static struct hp_outcome outcome;
static struct hp_error err;
static char version[] = "APP_VERSION=1.2";
static char *environment[] = {version, NULL, NULL};

static void begin(const char *const words[WORDS_MAX])
{
    char *argv[WORDS_MAX + 2] = {(char[]){"healthprobe"}};
    int argc = 1;

    for (; argc <= WORDS_MAX && words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    hp_options_parse(&options, argc, argv, &err);
    hp_probe_begin(&probe, &options, environment, &err);
}

static void run_with(const char *const words[WORDS_MAX], int64_t started_ns, int64_t limit_ns)
{
    hp_runner_block_signals(NULL);
    begin(words);
    ck_assert(
        hp_probe_run(&probe, &outcome, &options, started_ns, (struct hp_deadline){limit_ns}, &err));
}

static const struct {
    const char *words[WORDS_MAX];
    enum hp_verdict verdict;
    enum hp_format format;
} runs[] = {
    {{NULL}, HP_VERDICT_HEALTHY, HP_FORMAT_JSON},
    {{"--http", "up", "--format", "short"}, HP_VERDICT_HEALTHY, HP_FORMAT_SHORT},
    {{"--http", "down"}, HP_VERDICT_UNHEALTHY, HP_FORMAT_JSON},
    {{"--http", "down", "--optional", "http"}, HP_VERDICT_DEGRADED, HP_FORMAT_JSON},
    {{"--http", "/etc/passwd"}, HP_VERDICT_HEALTHY, HP_FORMAT_JSON},
};

START_TEST(run_ends_in_the_verdict_of_its_checks)
{
    run_with(runs[_i].words, hp_clock_now_ns(), INT64_MAX);
    ck_assert_int_eq(outcome.report.verdict, runs[_i].verdict);
    ck_assert_int_eq(outcome.format, runs[_i].format);
    ck_assert_int_eq(outcome.report.mode, _i == 0 ? HP_MODE_LIVE : HP_MODE_CUSTOM);
    ck_assert(!outcome.may_pass);
    ck_assert_str_eq(outcome.report.version, "1.2");
}
END_TEST

START_TEST(libraries_find_an_environment_without_variables)
{
    ck_assert_int_eq(setenv("http_proxy", "http://evil.test", 1), 0);
    run_with(runs[0].words, hp_clock_now_ns(), INT64_MAX);
    ck_assert_ptr_null(getenv("http_proxy"));
    ck_assert_str_eq(getenv("HOME"), "/dev/null");
}
END_TEST

static const struct {
    const char *words[WORDS_MAX];
    int64_t limit_ns; /* after the start; 0: none */
    int64_t ends_ns;
} limits[] = {
    {{NULL}, 0, 2500 * HP_NS_PER_MS},
    {{"--timeout", "9s"}, 0, 9 * HP_NS_PER_S},
    {{"--timeout", "9s"}, 4 * HP_NS_PER_S, 4 * HP_NS_PER_S},
    {{"--timeout", "3s"}, 4 * HP_NS_PER_S, 3 * HP_NS_PER_S},
    /* of a refused run, too */
    {{"--timeout", "9s", "--http", "/nonexistent"}, 0, 9 * HP_NS_PER_S},
    {{"--timeout", "9s", "--http", "/nonexistent"}, 4 * HP_NS_PER_S, 4 * HP_NS_PER_S},
};

START_TEST(run_ends_at_the_earlier_of_its_limits)
{
    int64_t started_ns = hp_clock_now_ns();
    int64_t limit_ns = limits[_i].limit_ns != 0 ? started_ns + limits[_i].limit_ns : INT64_MAX;

    run_with(limits[_i].words, started_ns, limit_ns);
    ck_assert_int_eq(outcome.deadline.at_ns, started_ns + limits[_i].ends_ns);
}
END_TEST

/* --- a refused run ------------------------------------------------------------------------- */

static const struct {
    const char *words[WORDS_MAX];
    enum hp_reason reason;
    enum hp_format format;
    enum hp_exit_codes exit_codes;
    bool may_pass;
    const char *said;
} refused[] = {
    {{"--nonsense", "--format", "text"},
     HP_REASON_USAGE,
     HP_FORMAT_TEXT,
     HP_EXIT_CODES_PLAIN,
     false,
     ""},
    {{"--exit-codes", "nagios", "--timeout", "never"},
     HP_REASON_CONFIG,
     HP_FORMAT_JSON,
     HP_EXIT_CODES_NAGIOS,
     false,
     "--timeout: "},
    /* a missing file of a value may still appear, what a library opens may not */
    {{"--http", "file:/nonexistent"},
     HP_REASON_CONFIG,
     HP_FORMAT_JSON,
     HP_EXIT_CODES_PLAIN,
     true,
     "--http: "},
    {{"--http", "file:/nonexistent", "--timeout", "never"},
     HP_REASON_CONFIG,
     HP_FORMAT_JSON,
     HP_EXIT_CODES_PLAIN,
     false,
     "--timeout: "},
    {{"--http", "/nonexistent"},
     HP_REASON_CONFIG,
     HP_FORMAT_JSON,
     HP_EXIT_CODES_PLAIN,
     false,
     "--http: "},
    {{"--http", "/"}, HP_REASON_CONFIG, HP_FORMAT_JSON, HP_EXIT_CODES_PLAIN, false, "--http: "},
};

START_TEST(refused_run_is_reported_in_its_format)
{
    run_with(refused[_i].words, hp_clock_now_ns(), INT64_MAX);
    ck_assert_int_eq(outcome.report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(outcome.report.error.reason, refused[_i].reason);
    ck_assert_ptr_nonnull(strstr(outcome.report.error.msg, refused[_i].said));
    ck_assert_int_eq(outcome.format, refused[_i].format);
    ck_assert_int_eq(outcome.report.exit_codes, refused[_i].exit_codes);
    ck_assert_int_eq(outcome.may_pass, refused[_i].may_pass);
    ck_assert_str_eq(outcome.report.version, "1.2");
    ck_assert_uint_eq(outcome.report.n_checks, 0);
}
END_TEST

/* --- where the report goes ----------------------------------------------------------------- */

static int full_pipe(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ends[1], "x", 1) == 1)
        continue;
    return ends[1]; /* the other end stays open, and is not read */
}

static int64_t write_late(int fd)
{
    int64_t began_ns = hp_clock_now_ns();

    hp_outcome_write(&outcome, fd, hp_deadline_at(began_ns, 0));
    return hp_clock_now_ns() - began_ns;
}

/* The process is gone 50 ms after its limit. A busy machine stalls now and then, not each time. */
START_TEST(reader_that_does_not_read_delays_less_than_50_ms)
{
    int fd = full_pipe();
    int64_t best_ns = INT64_MAX;

    for (int i = 0; i < 10; i++) {
        int64_t took_ns = write_late(fd);

        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    ck_assert_int_lt(best_ns, 45 * HP_NS_PER_MS);
    ck_assert_int_ge(best_ns, 20 * HP_NS_PER_MS);
}
END_TEST

static const char *written_to(int writes, int reads)
{
    static char text[HP_REPORT_MAX + 1];
    ssize_t len;

    hp_outcome_write(&outcome, writes, hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S));
    len = read(reads, text, sizeof text - 1);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

START_TEST(report_has_colours_for_a_terminal_alone)
{
    int ends[2];
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    ck_assert_int_ge(terminal, 0);
    ck_assert_int_eq(unlockpt(terminal), 0);
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    begin((const char *const[WORDS_MAX]){"--format", "text"});
    hp_probe_refuse(&probe, &outcome, 0, (struct hp_deadline){0}, &err);
    outcome.report.colour = true;
    ck_assert_ptr_nonnull(
        strstr(written_to(open(ptsname(terminal), O_RDWR | O_NOCTTY), terminal), "\033["));
    ck_assert_ptr_null(strstr(written_to(ends[1], ends[0]), "\033["));
}
END_TEST

static const struct {
    const char *words[WORDS_MAX];
    const char *variable; /* NULL: none */
    int terminal;         /* the descriptor that is a terminal; 0: none */
    enum hp_format format;
} terminals[] = {
    {{NULL}, NULL, 0, HP_FORMAT_JSON},
    {{NULL}, NULL, STDOUT_FILENO, HP_FORMAT_TEXT},
    {{NULL}, NULL, STDERR_FILENO, HP_FORMAT_JSON},
    {{"--format", "json"}, NULL, STDOUT_FILENO, HP_FORMAT_JSON},
    {{"--format", "short"}, NULL, STDOUT_FILENO, HP_FORMAT_SHORT},
    {{NULL}, "HEALTHPROBE_FORMAT=json", STDOUT_FILENO, HP_FORMAT_JSON},
    {{NULL}, "HEALTHPROBE_FORMAT=", STDOUT_FILENO, HP_FORMAT_TEXT},
    /* what is wrong, too */
    {{"--bogus"}, NULL, STDOUT_FILENO, HP_FORMAT_TEXT},
    {{"--format", "xml"}, NULL, STDOUT_FILENO, HP_FORMAT_TEXT},
    {{"--format", "xml"}, NULL, 0, HP_FORMAT_JSON},
    /* the report of wait goes where the command's output does not */
    {{"wait", "live"}, NULL, STDOUT_FILENO, HP_FORMAT_TEXT},
    {{"wait", "live", "--", "app"}, NULL, STDOUT_FILENO, HP_FORMAT_JSON},
    {{"wait", "live", "--", "app"}, NULL, STDERR_FILENO, HP_FORMAT_TEXT},
};

START_TEST(report_is_text_on_a_terminal_unless_something_else_was_chosen)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int end;

    ck_assert(terminal >= 0 && unlockpt(terminal) == 0);
    end = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        ck_assert_int_eq(dup2(terminals[_i].terminal == fd ? end : nowhere, fd), fd);
    environment[1] = (char *)(uintptr_t)terminals[_i].variable;
    begin(terminals[_i].words);
    ck_assert_int_eq(probe.plan.format, terminals[_i].format);
    hp_probe_refuse(&probe, &outcome, 0, (struct hp_deadline){0}, &err);
    ck_assert_int_eq(outcome.format, terminals[_i].format);
}
END_TEST

static const struct {
    bool has_log;
    enum hp_verdict verdict;
    size_t lines;
} logs[] = {
    {true, HP_VERDICT_UNHEALTHY, 2},
    {true, HP_VERDICT_DEGRADED, 2},
    {true, HP_VERDICT_HEALTHY, 0},
    {false, HP_VERDICT_UNHEALTHY, 0},
};

/* Twice, since lines are added. */
START_TEST(failures_log_has_what_is_not_healthy_in_json)
{
    char path[] = "/tmp/healthprobe-probe-XXXXXX";
    char line[HP_REPORT_MAX + 1];
    FILE *file = fdopen(mkstemp(path), "r");
    size_t lines = 0;

    ck_assert_ptr_nonnull(file);
    begin((const char *const[WORDS_MAX]){"--format", "text",
                                         logs[_i].has_log ? "--log-failures" : NULL, path});
    hp_probe_refuse(&probe, &outcome, 0, (struct hp_deadline){0}, &err);
    outcome.report.verdict = logs[_i].verdict;
    hp_outcome_log(&outcome, &probe.plan);
    hp_outcome_log(&outcome, &probe.plan);
    for (; fgets(line, sizeof line, file) != NULL; lines++)
        ck_assert_ptr_eq(strstr(line, "{\"status\":"), line);
    unlink(path);
    fclose(file);
    ck_assert_uint_eq(lines, logs[_i].lines);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("probe");

    HP_UNIT_TABLE(suite, run_ends_in_the_verdict_of_its_checks, runs);
    HP_UNIT_CASE(suite, libraries_find_an_environment_without_variables);
    HP_UNIT_TABLE(suite, run_ends_at_the_earlier_of_its_limits, limits);
    HP_UNIT_TABLE(suite, refused_run_is_reported_in_its_format, refused);
    HP_UNIT_CASE(suite, reader_that_does_not_read_delays_less_than_50_ms);
    HP_UNIT_CASE(suite, report_has_colours_for_a_terminal_alone);
    HP_UNIT_TABLE(suite, report_is_text_on_a_terminal_unless_something_else_was_chosen, terminals);
    HP_UNIT_TABLE(suite, failures_log_has_what_is_not_healthy_in_json, logs);
    return hp_unit_run(suite);
}
