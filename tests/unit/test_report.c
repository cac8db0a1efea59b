/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/report.h>

#include <stdio.h>
#include <string.h>

/* The plan's module asks for kinds; no report does. */
const struct hp_check_ops *const hp_check_kinds[] = {NULL};

static struct hp_plan plan;
static struct hp_report report;

static void add_check(const char *name, enum hp_status status)
{
    struct hp_check check = {0};
    struct hp_result result = {.status = status};

    snprintf(check.name, sizeof(check.name), "%s", name);
    snprintf(check.target, sizeof(check.target), "target of %s", name);
    if (status == HP_STATUS_DOWN)
        result.reason = HP_REASON_REFUSED;
    hp_report_add(&report, &check, &result);
}

/** A report of checks, one a letter: "u" is up, "d" is down, "?" gave no verdict. */
static void make_report(const char *statuses)
{
    hp_report_init(&report, &plan);
    for (size_t i = 0; statuses[i]; i++) {
        char name[] = {(char)('a' + (char)i), '\0'};

        add_check(name, statuses[i] == 'u'   ? HP_STATUS_UP
                        : statuses[i] == 'd' ? HP_STATUS_DOWN
                                             : HP_STATUS_UNKNOWN);
    }
}

static const struct {
    const char *statuses;
    enum hp_verdict verdict;
    const char *order;
} runs[] = {
    {"u", HP_VERDICT_HEALTHY, "a"},
    {"uuu", HP_VERDICT_HEALTHY, "abc"},
    {"d", HP_VERDICT_UNHEALTHY, "a"},
    {"uud", HP_VERDICT_UNHEALTHY, "cab"},
    {"udu", HP_VERDICT_UNHEALTHY, "bac"},
    {"duu", HP_VERDICT_UNHEALTHY, "abc"},
    {"udud", HP_VERDICT_UNHEALTHY, "bdac"},
    {"ddd", HP_VERDICT_UNHEALTHY, "abc"},
    {"uuuuuuuuuuuuuuud", HP_VERDICT_UNHEALTHY, "pabcdefghijklmno"},
    {"uududuuduuduuduu", HP_VERDICT_UNHEALTHY, "cehknabdfgijlmop"},
    {"uuuuuuuuuuuuuuuu", HP_VERDICT_HEALTHY, "abcdefghijklmnop"},
    /* memory that was forgotten, and no check at all, are never healthy */
    {"?", HP_VERDICT_UNHEALTHY, "a"},
    {"u?", HP_VERDICT_UNHEALTHY, "ba"},
    {"", HP_VERDICT_UNHEALTHY, ""},
};

START_TEST(run_is_healthy_if_all_are_up_and_those_that_fail_come_first)
{
    make_report(runs[_i].statuses);
    hp_report_judge(&report, 42);
    ck_assert_int_eq(report.verdict, runs[_i].verdict);
    ck_assert_int_eq(report.latency_ns, 42);
    ck_assert_uint_eq(report.n_checks, strlen(runs[_i].order));
    for (size_t i = 0; i < report.n_checks; i++) {
        char target[32];

        snprintf(target, sizeof(target), "target of %c", runs[_i].order[i]);
        ck_assert_int_eq(report.checks[i].name[0], runs[_i].order[i]);
        ck_assert_str_eq(report.checks[i].target, target);
    }
}
END_TEST

START_TEST(exit_status_is_0_for_healthy_and_1_for_anything_else)
{
    make_report(runs[_i].statuses);
    hp_report_judge(&report, 1);
    ck_assert_int_eq(hp_report_exit_code(&report), runs[_i].verdict == HP_VERDICT_HEALTHY ? 0 : 1);
}
END_TEST

START_TEST(interrupted_run_is_unhealthy_whatever_is_up)
{
    make_report("uu");
    report.interrupted = true;
    hp_report_judge(&report, 1);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(hp_report_exit_code(&report), 1);
}
END_TEST

START_TEST(report_that_was_never_judged_is_unhealthy)
{
    struct hp_report forgotten = {0};

    ck_assert_int_eq(hp_report_exit_code(&forgotten), 1);
    make_report("u");
    ck_assert_int_eq(hp_report_exit_code(&report), 1);
}
END_TEST

START_TEST(report_begins_with_what_the_plan_knows)
{
    plan.mode = HP_MODE_READY;
    plan.verbose = true;
    strcpy(plan.version, "1.4.2");
    hp_names_add(&plan.ignored, "schema");
    hp_names_add(&plan.skipped, "redis");
    hp_notes_add(&plan.notes, "a note");
    memset(&report, 0xFF, sizeof(report));
    hp_report_init(&report, &plan);

    ck_assert_int_eq(report.mode, HP_MODE_READY);
    ck_assert(report.verbose);
    ck_assert(!report.interrupted);
    ck_assert_uint_eq(report.n_checks, 0);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(report.error.reason, HP_REASON_NONE);
    ck_assert_str_eq(report.version, "1.4.2");
    ck_assert_uint_eq(strlen(report.timestamp), HP_TIMESTAMP_SIZE - 1);
    ck_assert_int_ge(report.uptime_tenths, -1);
    ck_assert(hp_names_has(&report.ignored, "schema"));
    ck_assert(hp_names_has(&report.skipped, "redis"));
    ck_assert_str_eq(report.notes.items[0], "a note");
}
END_TEST

START_TEST(result_is_copied)
{
    struct hp_check check = {.name = "http", .target = "http://h/"};
    struct hp_result result = {.status = HP_STATUS_UP, .http_status = 204, .latency_ns = 7};

    hp_report_init(&report, &plan);
    hp_report_add(&report, &check, &result);
    memset(&result, 0, sizeof(result));
    memset(&check, 0, sizeof(check));
    ck_assert_str_eq(report.checks[0].name, "http");
    ck_assert_str_eq(report.checks[0].target, "http://h/");
    ck_assert_int_eq(report.checks[0].result.status, HP_STATUS_UP);
    ck_assert_int_eq(report.checks[0].result.http_status, 204);
    ck_assert_int_eq(report.checks[0].result.latency_ns, 7);
}
END_TEST

static const enum hp_reason refusals[] = {HP_REASON_CONFIG, HP_REASON_USAGE, HP_REASON_INTERNAL};

START_TEST(run_that_could_not_take_place_tells_why_and_is_unhealthy)
{
    struct hp_error err = {0};

    hp_error_add(&err, refusals[_i], "one");
    hp_error_add(&err, refusals[_i], "two");
    plan.mode = HP_MODE_FULL;
    strcpy(plan.version, "unknown");
    memset(&report, 0xFF, sizeof(report));
    hp_report_refuse(&report, &plan, &err);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(report.error.reason, refusals[_i]);
    ck_assert_str_eq(report.error.msg, "one; two");
    ck_assert_uint_eq(report.error.len, 8);
    ck_assert_uint_eq(report.n_checks, 0);
    ck_assert_int_eq(report.mode, HP_MODE_FULL);
    ck_assert_str_eq(report.version, "unknown");
    ck_assert_int_eq(hp_report_exit_code(&report), 1);
}
END_TEST

START_TEST(message_of_a_refusal_is_fit_to_print)
{
    struct hp_error err = {0};

    /* A path that was named is quoted, and may hold anything. */
    hp_error_add(&err, HP_REASON_CONFIG, "--ca: cannot open /a\nb\xFF");
    hp_report_refuse(&report, &plan, &err);
    ck_assert_str_eq(report.error.msg, "--ca: cannot open /a\xEF\xBF\xBD"
                                       "b\xEF\xBF\xBD");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");

    HP_UNIT_TABLE(suite, run_is_healthy_if_all_are_up_and_those_that_fail_come_first, runs);
    HP_UNIT_TABLE(suite, exit_status_is_0_for_healthy_and_1_for_anything_else, runs);
    HP_UNIT_CASE(suite, interrupted_run_is_unhealthy_whatever_is_up);
    HP_UNIT_CASE(suite, report_that_was_never_judged_is_unhealthy);
    HP_UNIT_CASE(suite, report_begins_with_what_the_plan_knows);
    HP_UNIT_CASE(suite, result_is_copied);
    HP_UNIT_TABLE(suite, run_that_could_not_take_place_tells_why_and_is_unhealthy, refusals);
    HP_UNIT_CASE(suite, message_of_a_refusal_is_fit_to_print);
    return hp_unit_run(suite);
}
