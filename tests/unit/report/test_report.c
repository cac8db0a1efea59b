/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/report/report.h>

#include <stdio.h>
#include <string.h>

static struct hp_report report;

/**
 * A report of checks, one a letter: "u" is up, "d" is down, "?" gave no
 * verdict. "U" is up and slow; "o" is down and optional, "O" optional and up,
 * "x" optional without a verdict; "t" is down for a reason that is tolerated.
 */
static void add_checks(const char *statuses)
{
    for (; *statuses != '\0'; statuses++) {
        struct hp_report_check *check = &report.checks[report.n_checks];
        char letter = (char)('a' + (char)report.n_checks);

        *check = (struct hp_report_check){
            .name = {letter},
            .slow = *statuses == 'U',
            .optional = strchr("oOx", *statuses) != NULL,
            .tolerated = *statuses == 't',
            .exit_bit = 8 << report.n_checks % 3,
            .result.status = strchr("uUO", *statuses) != NULL   ? HP_STATUS_UP
                             : strchr("dot", *statuses) != NULL ? HP_STATUS_DOWN
                                                                : HP_STATUS_UNKNOWN,
        };
        if (check->result.status == HP_STATUS_DOWN)
            check->result.reason = HP_REASON_REFUSED;
        snprintf(check->target, sizeof check->target, "target of %c", letter);
        report.n_checks++;
    }
}

static void make_report(const char *statuses)
{
    hp_report_init(&report);
    add_checks(statuses);
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
    /* what may be down, or is slow, only degrades; failing, other that are down, up */
    {"o", HP_VERDICT_DEGRADED, "a"},
    {"t", HP_VERDICT_DEGRADED, "a"},
    {"U", HP_VERDICT_DEGRADED, "a"},
    {"O", HP_VERDICT_HEALTHY, "a"},
    {"uO", HP_VERDICT_HEALTHY, "ab"},
    {"uoU", HP_VERDICT_DEGRADED, "bac"},
    {"uot", HP_VERDICT_DEGRADED, "bca"},
    {"uotd", HP_VERDICT_UNHEALTHY, "dbca"},
    {"odUtdu", HP_VERDICT_UNHEALTHY, "beadcf"},
    {"Ud", HP_VERDICT_UNHEALTHY, "ba"},
    {"x", HP_VERDICT_UNHEALTHY, "a"},
    {"ox", HP_VERDICT_UNHEALTHY, "ba"},
    /* memory that was forgotten, and no check at all, are never healthy */
    {"?", HP_VERDICT_UNHEALTHY, "a"},
    {"u?", HP_VERDICT_UNHEALTHY, "ba"},
    {"", HP_VERDICT_UNHEALTHY, ""},
};

START_TEST(run_is_judged_by_its_checks_and_those_that_fail_come_first)
{
    make_report(runs[_i].statuses);
    hp_report_judge(&report, 42);
    ck_assert_int_eq(report.verdict, runs[_i].verdict);
    ck_assert_int_eq(report.latency_ns, 42);
    ck_assert_uint_eq(report.n_checks, strlen(runs[_i].order));
    for (size_t i = 0; i < report.n_checks; i++) {
        char target[32];

        snprintf(target, sizeof target, "target of %c", runs[_i].order[i]);
        ck_assert_int_eq(report.checks[i].name[0], runs[_i].order[i]);
        ck_assert_str_eq(report.checks[i].target, target);
    }
}
END_TEST

static const struct {
    char letter;
    bool fails;
} failures[] = {
    {'u', false}, {'U', false}, {'d', true}, {'o', false},
    {'O', false}, {'t', false}, {'?', true}, {'x', true},
};

START_TEST(check_fails_unless_it_is_up_or_forgiven)
{
    char statuses[] = {failures[_i].letter, '\0'};

    make_report(statuses);
    ck_assert_int_eq(hp_report_check_fails(&report.checks[0]), failures[_i].fails);
}
END_TEST

START_TEST(exit_status_is_1_for_unhealthy_and_0_otherwise)
{
    make_report(runs[_i].statuses);
    hp_report_judge(&report, 1);
    ck_assert_int_eq(hp_report_exit_code(&report),
                     runs[_i].verdict == HP_VERDICT_UNHEALTHY ? 1 : 0);
}
END_TEST

static const struct {
    const char *statuses; /* as make_report() has them; "i": down by an internal error */
    bool interrupted;
    enum hp_reason refused;
    int plain, detailed, nagios;
} exits[] = {
    {"uuu", false, HP_REASON_NONE, 0, 0, 0},
    {"uOu", false, HP_REASON_NONE, 0, 0, 0},
    {"uot", false, HP_REASON_NONE, 0, 0, 1},
    {"uU", false, HP_REASON_NONE, 0, 0, 1},
    {"duu", false, HP_REASON_NONE, 1, 8, 2},
    {"udu", false, HP_REASON_NONE, 1, 16, 2},
    {"uud", false, HP_REASON_NONE, 1, 32, 2},
    {"ddd", false, HP_REASON_NONE, 1, 56, 2},
    {"dud", false, HP_REASON_NONE, 1, 40, 2},
    /* two of a kind count once, and what may be down not at all */
    {"duuduu", false, HP_REASON_NONE, 1, 8, 2},
    {"duudud", false, HP_REASON_NONE, 1, 40, 2},
    {"dot", false, HP_REASON_NONE, 1, 8, 2},
    {"xuu", false, HP_REASON_NONE, 1, 8, 2},
    /* an internal error */
    {"iuu", false, HP_REASON_NONE, 1, 8, 2},
    {"iii", false, HP_REASON_NONE, 1, 70, 3},
    {"i", false, HP_REASON_NONE, 1, 70, 3},
    {"", false, HP_REASON_INTERNAL, 1, 70, 3},
    {"", false, HP_REASON_NONE, 1, 70, 3},
    {"", false, HP_REASON_CONFIG, 1, 78, 3},
    {"", false, HP_REASON_USAGE, 1, 64, 3},
    /* a signal */
    {"uuu", true, HP_REASON_NONE, 1, 1, 2},
    {"uot", true, HP_REASON_NONE, 1, 1, 2},
    {"uod", true, HP_REASON_NONE, 1, 32, 2},
};

START_TEST(exit_status_is_as_requested)
{
    make_report("");
    report.interrupted = exits[_i].interrupted;
    report.error.reason = exits[_i].refused;
    for (size_t i = 0; exits[_i].statuses[i]; i++) {
        char one[] = {exits[_i].statuses[i], '\0'};

        if (one[0] == 'i')
            one[0] = 'd';
        add_checks(one);
        if (exits[_i].statuses[i] == 'i')
            report.checks[i].result.reason = HP_REASON_INTERNAL;
    }
    hp_report_judge(&report, 1);
    ck_assert_int_eq(hp_report_exit_code(&report), exits[_i].plain);
    report.exit_codes = HP_EXIT_CODES_DETAILED;
    ck_assert_int_eq(hp_report_exit_code(&report), exits[_i].detailed);
    report.exit_codes = HP_EXIT_CODES_NAGIOS;
    ck_assert_int_eq(hp_report_exit_code(&report), exits[_i].nagios);
}
END_TEST

static const char *const interruptions[] = {"uu", "uo", "t", "oO", "U", ""};

START_TEST(interrupted_run_is_unhealthy_whatever_its_checks_found)
{
    make_report(interruptions[_i]);
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

START_TEST(report_begins_without_verdict_or_checks)
{
    memset(&report, 0xFF, sizeof report);
    hp_report_init(&report);
    ck_assert(!report.interrupted);
    ck_assert_uint_eq(report.n_checks, 0);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(report.error.reason, HP_REASON_NONE);
    ck_assert_uint_eq(strlen(report.timestamp), HP_TIMESTAMP_SIZE - 1);
    ck_assert_int_ge(report.uptime_tenths, -1);
}
END_TEST

static const enum hp_reason refusals[] = {HP_REASON_CONFIG, HP_REASON_USAGE, HP_REASON_INTERNAL};

START_TEST(refused_run_says_why_and_is_unhealthy)
{
    struct hp_error err = {0};

    hp_error_add(&err, refusals[_i], "one");
    hp_error_add(&err, refusals[_i], "two");
    memset(&report, 0xFF, sizeof report);
    hp_report_init(&report);
    hp_report_refuse(&report, &err);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(report.error.reason, refusals[_i]);
    ck_assert_str_eq(report.error.msg, "one; two");
    ck_assert_uint_eq(report.error.len, 8);
    ck_assert_uint_eq(report.n_checks, 0);
    ck_assert_int_eq(hp_report_exit_code(&report), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");

    HP_UNIT_TABLE(suite, run_is_judged_by_its_checks_and_those_that_fail_come_first, runs);
    HP_UNIT_TABLE(suite, check_fails_unless_it_is_up_or_forgiven, failures);
    HP_UNIT_TABLE(suite, exit_status_is_1_for_unhealthy_and_0_otherwise, runs);
    HP_UNIT_TABLE(suite, exit_status_is_as_requested, exits);
    HP_UNIT_TABLE(suite, interrupted_run_is_unhealthy_whatever_its_checks_found, interruptions);
    HP_UNIT_CASE(suite, report_that_was_never_judged_is_unhealthy);
    HP_UNIT_CASE(suite, report_begins_without_verdict_or_checks);
    HP_UNIT_TABLE(suite, refused_run_says_why_and_is_unhealthy, refusals);
    return hp_unit_run(suite);
}
