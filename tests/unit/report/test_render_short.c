/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/report/render.h>

#include <stdio.h>
#include <string.h>

static struct hp_report report;
static char bytes[HP_REPORT_MAX + 1];

static struct hp_result *add_check(const char *name, struct hp_result result, const char *error)
{
    struct hp_report_check *check = &report.checks[report.n_checks++];

    snprintf(check->name, sizeof check->name, "%s", name);
    snprintf(check->target, sizeof check->target, "http://%s/", name);
    check->result = result;
    snprintf(check->result.error.bytes, sizeof check->result.error.bytes, "%s", error);
    return &check->result;
}

static const char *render(void)
{
    size_t len = hp_render(HP_FORMAT_SHORT, &report, bytes);

    ck_assert_uint_eq(len, strlen(bytes));
    ck_assert_uint_le(len, HP_REPORT_MAX);
    ck_assert_ptr_eq(strchr(bytes, '\n'), bytes + len - 1);
    return bytes;
}

static const struct hp_result up = {.status = HP_STATUS_UP, .http_status = 200};

START_TEST(healthy_run_is_one_word)
{
    add_check("http", up, "");
    hp_report_judge(&report, 1);
    ck_assert_str_eq(render(), "healthy\n");
}
END_TEST

START_TEST(unhealthy_run_has_the_summary_then_error_hint_and_target_of_each)
{
    add_check("http", up, "");
    add_check(
        "database",
        (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_AUTH, .code = "28P01"},
        "password authentication failed for user \"app\"");
    add_check("redis",
              (struct hp_result){.status = HP_STATUS_DOWN,
                                 .reason = HP_REASON_TIMEOUT,
                                 .phase = HP_PHASE_CONNECT,
                                 .hint = {"look at the firewall"}},
              "no connection within 1s");
    hp_report_judge(&report, 1);
    ck_assert_str_eq(render(), "unhealthy: database auth 28P01, redis timeout connect; database: "
                               "password authentication failed for user \"app\" at "
                               "http://database/; redis: no connection within 1s (look at the "
                               "firewall) at http://redis/\n");
}
END_TEST

START_TEST(same_failure_gives_the_same_bytes_at_any_time)
{
    char first[HP_REPORT_MAX + 1];

    add_check("redis",
              (struct hp_result){.status = HP_STATUS_DOWN,
                                 .reason = HP_REASON_REFUSED,
                                 .latency_ns = 1,
                                 .phase_ns = {1, 2, 3}},
              "Connection refused");
    add_check("heartbeat",
              (struct hp_result){.status = HP_STATUS_DOWN,
                                 .reason = HP_REASON_STALE,
                                 .has_age = true,
                                 .age_ns = 61 * HP_NS_PER_S},
              "not modified for more than 60s");
    add_check("http", up, "");
    strcpy(report.timestamp, "2026-11-24T03:30:00.123Z");
    report.uptime_tenths = 862;
    hp_report_judge(&report, 3240000);
    strcpy(first, render());

    strcpy(report.timestamp, "2027-01-01T00:00:00.000Z");
    report.uptime_tenths = -1;
    report.latency_ns = INT64_C(3600000000000);
    report.verbose = true;
    for (size_t i = 0; i < report.n_checks; i++) {
        report.checks[i].result.latency_ns += 123456789;
        report.checks[i].result.phase_ns[HP_PHASE_CONNECT] += 987654321;
        report.checks[i].result.age_ns += 987654321;
    }
    ck_assert_str_eq(render(), first);
}
END_TEST

START_TEST(nothing_of_a_response_body_is_shown)
{
    add_check("http",
              (struct hp_result){.status = HP_STATUS_DOWN,
                                 .reason = HP_REASON_STATUS,
                                 .http_status = 503,
                                 .error_varies = sizeof(": {\"request\":\"7f3a\"}") - 1},
              "answered 503 No: {\"request\":\"7f3a\"}");
    hp_report_judge(&report, 1);
    ck_assert_str_eq(render(),
                     "unhealthy: http status 503; http: answered 503 No at http://http/\n");
}
END_TEST

START_TEST(what_varies_in_an_error_is_not_shown)
{
    add_check("http",
              (struct hp_result){.status = HP_STATUS_DOWN,
                                 .reason = HP_REASON_EXPECTATION,
                                 .http_status = 200,
                                 .error_varies = sizeof(" but: 4711") - 1},
              "id is not 1 but: 4711");
    hp_report_judge(&report, 1);
    ck_assert_str_eq(render(), "unhealthy: http expectation 200; http: id is not 1 at "
                               "http://http/\n");
}
END_TEST

static const struct {
    enum hp_reason reason;
    const char *name;
} refusals[] = {
    {HP_REASON_CONFIG, "config"},
    {HP_REASON_USAGE, "usage"},
    {HP_REASON_INTERNAL, "internal"},
};

START_TEST(refused_run_is_unhealthy_and_reports_every_problem)
{
    struct hp_error err = {0};

    hp_error_add(&err, refusals[_i].reason, "--http: is empty");
    hp_error_add(&err, refusals[_i].reason, "--redis: no host");
    hp_report_init(&report);
    hp_report_refuse(&report, &err);
    render();
    ck_assert_int_eq(strncmp(bytes, "unhealthy: ", 11), 0);
    ck_assert_ptr_nonnull(strstr(bytes, refusals[_i].name));
    ck_assert_ptr_nonnull(strstr(bytes, "--http: is empty; --redis: no host\n"));
}
END_TEST

START_TEST(interrupted_run_says_so)
{
    add_check("http", up, "");
    report.interrupted = true;
    hp_report_judge(&report, 1);
    ck_assert_str_eq(render(), "unhealthy: interrupted\n");
}
END_TEST

START_TEST(degraded_run_names_what_is_down_and_what_is_slow)
{
    add_check("http", up, "");
    add_check("api", up, "");
    add_check("redis", (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_REFUSED},
              "Connection refused");
    report.checks[0].slow = true;
    report.checks[1].slow = true;
    report.checks[2].optional = true;
    hp_report_judge(&report, 1);
    ck_assert_str_eq(render(), "degraded: redis refused, http slow, api slow; redis: Connection "
                               "refused at http://redis/\n");
}
END_TEST

START_TEST(slow_alone_degrades)
{
    add_check("http", up, "");
    report.checks[0].slow = true;
    hp_report_judge(&report, 1);
    ck_assert_str_eq(render(), "degraded: http slow\n");
}
END_TEST

/* Targets go first, then hints; the errors of sixteen checks always fit. */
START_TEST(sixteen_failures_fit_into_the_bound)
{
    char error[HP_TEXT_MAX + 1];
    struct hp_result *result = NULL;
    size_t n = 0;

    memset(error, 'e', sizeof error - 1);
    error[sizeof error - 1] = '\0';
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char name[] = "00-nnnnnnnnnnnnnnnnnnnnnnnnnnnnn";

        name[0] = (char)('0' + i / 10);
        name[1] = (char)('0' + i % 10);
        result = add_check(name,
                           (struct hp_result){.status = HP_STATUS_DOWN,
                                              .reason = HP_REASON_UNREACHABLE,
                                              .code = "ABCDEFGHIJKLMNO"},
                           error);
        memset(result->hint.bytes, _i == 0 ? 'h' : '\0', 30);
    }
    hp_report_judge(&report, 1);
    render();
    ck_assert_int_eq(strncmp(bytes, "unhealthy: 00-nnn", 17), 0);
    for (char *at = bytes; (at = strstr(at, error)) != NULL; at += HP_TEXT_MAX)
        n++;
    ck_assert_uint_eq(n, HP_CHECKS_MAX);
    ck_assert_ptr_null(strstr(bytes, " at http"));
    ck_assert_int_eq(strstr(bytes, "(hhh") != NULL, _i == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render_short");

    HP_UNIT_CASE(suite, healthy_run_is_one_word);
    HP_UNIT_CASE(suite, unhealthy_run_has_the_summary_then_error_hint_and_target_of_each);
    HP_UNIT_CASE(suite, same_failure_gives_the_same_bytes_at_any_time);
    HP_UNIT_CASE(suite, nothing_of_a_response_body_is_shown);
    HP_UNIT_CASE(suite, what_varies_in_an_error_is_not_shown);
    HP_UNIT_TABLE(suite, refused_run_is_unhealthy_and_reports_every_problem, refusals);
    HP_UNIT_CASE(suite, interrupted_run_says_so);
    HP_UNIT_CASE(suite, degraded_run_names_what_is_down_and_what_is_slow);
    HP_UNIT_CASE(suite, slow_alone_degrades);
    hp_unit_add(suite, "sixteen_failures_fit_into_the_bound", sixteen_failures_fit_into_the_bound,
                2);
    return hp_unit_run(suite);
}
