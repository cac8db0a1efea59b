/* SPDX-License-Identifier: MIT */
#include "report.h"

START_TEST(verdict_comes_first_then_a_line_for_each_check_and_what_is_wrong)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://localhost:3000/health", up, "");
    add_check("database", "postgresql://app@db:5432/app", denied,
              "password authentication failed for user \"app\"");
    add_check("redis", "redis://redis:6379", refused, "nothing listens")->optional = true;
    strcpy(report.checks[2].result.hint.bytes, "give the service's name");
    ck_assert_str_eq(render(HP_FORMAT_TEXT),
                     "UNHEALTHY  database auth 28P01, redis refused\n"
                     "\n"
                     "  DOWN  database      3.112 ms  auth 28P01\n"
                     "        password authentication failed for user \"app\"\n"
                     "        postgresql://app@db:5432/app\n"
                     "  down  redis         0.099 ms  refused (optional)\n"
                     "        nothing listens\n"
                     "        hint: give the service's name\n"
                     "        redis://redis:6379\n"
                     "  up    http          0.734 ms  http://localhost:3000/health\n"
                     "\n"
                     "full in 3.240 ms, version 1.4.2, up 86.2 s, 2026-11-24T03:30:00.123Z, "
                     "healthprobe 0.1.0\n");
}
END_TEST

START_TEST(healthy_run_is_a_word_and_a_line_for_each_check)
{
    begin_report(HP_MODE_LIVE);
    report.uptime_tenths = -1;
    add_check("http", "http://localhost:3000/health/live", up, "");
    ck_assert_str_eq(render(HP_FORMAT_TEXT),
                     "HEALTHY\n"
                     "\n"
                     "  up    http      0.734 ms  http://localhost:3000/health/live\n"
                     "\n"
                     "live in 3.240 ms, version 1.4.2, 2026-11-24T03:30:00.123Z, "
                     "healthprobe 0.1.0\n");
}
END_TEST

START_TEST(age_follows_the_target)
{
    begin_report(HP_MODE_CUSTOM);
    add_check("a", "/run/a", up, "")->result.has_age = true;
    report.checks[0].result.age_ns = 12345 * HP_NS_PER_MS;
    add_check("b", "/run/b", refused, "not modified for more than 60s")->result.has_age = true;
    report.checks[1].result.age_ns = 61 * HP_NS_PER_S;
    render(HP_FORMAT_TEXT);
    ASSERT_HOLDS("ms  /run/a, age 12.3 s\n");
    ASSERT_HOLDS("\n        /run/b, age 61.0 s\n");
}
END_TEST

START_TEST(slow_and_tolerated_degrade)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "")->slow = true;
    add_check("database", "postgresql://b/", denied, "")->tolerated = true;
    render(HP_FORMAT_TEXT);
    ck_assert_int_eq(strncmp(bytes, "DEGRADED  database auth 28P01\n", 30), 0);
    ASSERT_HOLDS("\n  down  database      3.112 ms  auth 28P01 (tolerated)\n");
    ASSERT_HOLDS("\n  slow  http          0.734 ms  http://a/\n");
}
END_TEST

START_TEST(timeout_names_its_phase_and_verbose_the_time_of_each)
{
    begin_report(HP_MODE_FULL);
    add_check("redis", "redis://redis:6379", late, "");
    report.checks[0].result.phase_ns[HP_PHASE_DNS] = 1500000;
    report.checks[0].result.phase_ns[HP_PHASE_CONNECT] = 2498500000;
    render(HP_FORMAT_TEXT);
    ASSERT_HOLDS("2500.000 ms  timeout connect\n");
    ASSERT_LACKS("dns 1.500");
    report.verbose = true;
    render(HP_FORMAT_TEXT);
    ASSERT_HOLDS("\n        dns 1.500 ms, connect 2498.500 ms\n");
}
END_TEST

START_TEST(lists_and_notes_follow_the_checks)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "");
    hp_notes_add(&report.notes, "http: the server's certificate is not verified");
    hp_names_add(&report.skipped, "redis");
    hp_names_add(&report.ignored, "schema");
    hp_names_add(&report.ignored, "pgbouncer");
    report.ignored.not_shown = 2;
    render(HP_FORMAT_TEXT);
    ASSERT_HOLDS("\n  note: http: the server's certificate is not verified\n"
                 "  skipped: redis\n"
                 "  ignored: schema, pgbouncer, 2 not shown\n\n");
}
END_TEST

START_TEST(colours_are_used_only_on_request)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "");
    add_check("redis", "redis://b", refused, "");
    render(HP_FORMAT_TEXT);
    ASSERT_LACKS("\033");
    report.colour = true;
    render(HP_FORMAT_TEXT);
    ck_assert_int_eq(strncmp(bytes, "\033[1;31mUNHEALTHY\033[0m  redis", 27), 0);
    ASSERT_HOLDS("\n  \033[1;31mDOWN\033[0m  redis ");
    ASSERT_HOLDS("\n  \033[32mup  \033[0m  http ");
    ck_assert_uint_eq(count("\033[0m"), 4);
}
END_TEST

static const enum hp_reason refusals[] = {HP_REASON_CONFIG, HP_REASON_USAGE, HP_REASON_INTERNAL};

START_TEST(refused_run_reports_each_problem_on_a_line)
{
    char expected[512];

    refuse(refusals[_i]);
    report.colour = false;
    snprintf(expected, sizeof expected,
             "UNHEALTHY  %s\n"
             "\n"
             "  --http: is \"empty\"\n"
             "  --redis: a | is\xEF\xBF\xBDno host\n"
             "\n"
             "live, version 1.4.2, 2026-11-24T03:30:00.123Z, healthprobe 0.1.0\n",
             hp_reason_name(refusals[_i]));
    ck_assert_str_eq(render(HP_FORMAT_TEXT), expected);
}
END_TEST

START_TEST(interrupted_run_says_so)
{
    begin_report(HP_MODE_LIVE);
    report.interrupted = true;
    add_check("http", "http://a/", up, "");
    ck_assert_int_eq(strncmp(render(HP_FORMAT_TEXT), "UNHEALTHY  interrupted\n", 23), 0);
}
END_TEST

static const struct {
    enum hp_status status;
    const char *filling;
    bool colour;
} brims[] = {
    {HP_STATUS_UP, "x", false},   {HP_STATUS_UP, "\xEF\xBF\xBD", true},
    {HP_STATUS_DOWN, "x", false}, {HP_STATUS_DOWN, "\xEF\xBF\xBD", true},
    {HP_STATUS_DOWN, "\"", true},
};

START_TEST(sixteen_checks_keep_their_verdicts_and_omissions_are_reported)
{
    struct hp_result result = {.status = brims[_i].status};

    if (result.status == HP_STATUS_DOWN) {
        result.reason = HP_REASON_EXPECTATION;
        strcpy(result.code, "ABCDEFGHIJKLMNO");
    }
    fill_report(result, brims[_i].filling);
    report.colour = brims[_i].colour;
    render(HP_FORMAT_TEXT);
    ck_assert_uint_eq(count("\n  (truncated: not all details fit)\n"), 1);
    ck_assert_uint_eq(count(" 3600000.000 ms"), HP_CHECKS_MAX);
    ASSERT_HOLDS("2026-11-24T03:30:00.123Z, healthprobe 0.1.0");
}
END_TEST

/* Errors matter more than targets, which are dropped first; hints follow. */
START_TEST(sixteen_errors_are_kept_if_they_fit_without_targets)
{
    char target[HP_TARGET_TEXT_MAX + 1];
    char error[HP_TEXT_MAX + 1];

    begin_report(HP_MODE_FULL);
    repeat(target, sizeof target, "t");
    memset(error, 'e', 110);
    error[110] = '\0';
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char name[] = {(char)('a' + i), '\0'};
        memset(add_check(name, target, refused, error)->result.hint.bytes, 'h',
               _i == 0 ? 7 : HP_TEXT_MAX);
    }
    hp_report_judge(&report, 1);
    render(HP_FORMAT_TEXT);
    ck_assert_uint_eq(count("\n  (truncated: not all details fit)\n"), 1);
    ck_assert_uint_eq(count(error), HP_CHECKS_MAX);
    ck_assert_uint_eq(count("hint: hhhhhhh\n"), _i == 0 ? HP_CHECKS_MAX : 0);
    ASSERT_LACKS(target);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render_text");

    HP_UNIT_CASE(suite, verdict_comes_first_then_a_line_for_each_check_and_what_is_wrong);
    HP_UNIT_CASE(suite, healthy_run_is_a_word_and_a_line_for_each_check);
    HP_UNIT_CASE(suite, age_follows_the_target);
    HP_UNIT_CASE(suite, slow_and_tolerated_degrade);
    HP_UNIT_CASE(suite, timeout_names_its_phase_and_verbose_the_time_of_each);
    HP_UNIT_CASE(suite, lists_and_notes_follow_the_checks);
    HP_UNIT_CASE(suite, colours_are_used_only_on_request);
    HP_UNIT_TABLE(suite, refused_run_reports_each_problem_on_a_line, refusals);
    HP_UNIT_CASE(suite, interrupted_run_says_so);
    HP_UNIT_TABLE(suite, sixteen_checks_keep_their_verdicts_and_omissions_are_reported, brims);
    hp_unit_add(suite, "sixteen_errors_are_kept_if_they_fit_without_targets",
                sixteen_errors_are_kept_if_they_fit_without_targets, 2);
    return hp_unit_run(suite);
}
