/* SPDX-License-Identifier: MIT */
#include "report.h"

/* One line, and one bar: what follows it is read as numbers. */
static const char *line(void)
{
    render(HP_FORMAT_NAGIOS);
    ck_assert_ptr_eq(strchr(bytes, '\n'), bytes + strlen(bytes) - 1);
    ck_assert_uint_le(count("|"), 1);
    return bytes;
}

START_TEST(healthy_run_is_ok_with_a_value_for_each_check)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "")->timeout_ns = 2500000000;
    add_check("redis", "redis://b", up, "")->slow_ns = 300000000;
    ck_assert_str_eq(line(), "OK: 2 up | http=0.734ms;;2500.000;0 redis=0.734ms;300.000;;0\n");
}
END_TEST

START_TEST(unhealthy_run_is_critical_and_checks_that_are_down_have_no_value)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "");
    add_check("database", "postgresql://b/", denied, "password authentication failed")->timeout_ns =
        1000000000;
    ck_assert_str_eq(line(), "CRITICAL: database auth 28P01; database: password authentication "
                             "failed | database=U;;1000.000;0 http=0.734ms;;;0\n");
}
END_TEST

/* Hints make room for errors. */
START_TEST(hint_follows_the_error_where_all_fit)
{
    char error[HP_TEXT_MAX + 1];

    begin_report(HP_MODE_FULL);
    repeat(error, sizeof error, "e");
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char name[] = {(char)('a' + i), '\0'};
        strcpy(add_check(name, "http://a/", refused, error)->result.hint.bytes, "set | PORT");
        memset(report.checks[i].result.hint.bytes + 10, 'h', _i == 0 ? 0 : 100);
    }
    line();
    ck_assert_uint_eq(count(error), HP_CHECKS_MAX);
    ck_assert_uint_eq(count("e (set \xC2\xA6 PORT)"), _i == 0 ? HP_CHECKS_MAX : 0);
}
END_TEST

START_TEST(degraded_run_is_a_warning)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "")->slow = true;
    ck_assert_str_eq(line(), "WARNING: http slow | http=0.734ms;;;0\n");
    add_check("redis", "redis://b", refused, "")->optional = true;
    ck_assert_str_eq(line(), "WARNING: redis refused, http slow | redis=U;;;0 http=0.734ms;;;0\n");
}
END_TEST

START_TEST(interrupted_run_is_critical)
{
    begin_report(HP_MODE_LIVE);
    report.interrupted = true;
    add_check("http", "http://a/", up, "");
    ck_assert_str_eq(line(), "CRITICAL: interrupted | http=0.734ms;;;0\n");
}
END_TEST

START_TEST(run_in_which_the_probe_itself_failed_is_unknown)
{
    begin_report(HP_MODE_LIVE);
    add_check("http", "http://a/",
              (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_INTERNAL},
              "no thread could be started");
    ck_assert_str_eq(line(),
                     "UNKNOWN: http internal; http: no thread could be started | http=U;;;0\n");
}
END_TEST

START_TEST(bar_in_a_text_is_broken)
{
    begin_report(HP_MODE_LIVE);
    add_check("http", "http://a/", refused, "a|b || \"c\" 'd' = e");
    ck_assert_str_eq(line(), "CRITICAL: http refused; http: a\xC2\xA6"
                             "b \xC2\xA6\xC2\xA6 \"c\" 'd' = e | http=U;;;0\n");
}
END_TEST

static const enum hp_reason refusals[] = {HP_REASON_CONFIG, HP_REASON_USAGE, HP_REASON_INTERNAL};

START_TEST(refused_run_is_unknown_and_reports_every_problem)
{
    char expected[256];

    refuse(refusals[_i]);
    snprintf(expected, sizeof expected,
             "UNKNOWN: %s: --http: is \"empty\"; --redis: a \xC2\xA6 is\xEF\xBF\xBDno host\n",
             hp_reason_name(refusals[_i]));
    ck_assert_str_eq(line(), expected);
}
END_TEST

/* All of the message is kept, though each bar takes two bytes. */
START_TEST(longest_problem_fits)
{
    refuse(HP_REASON_CONFIG);
    repeat(report.error.msg, sizeof report.error.msg, "|");
    ck_assert_uint_eq(strlen(line()),
                      strlen("UNKNOWN: config: \n") + 2 * (sizeof report.error.msg - 1));
}
END_TEST

static const struct {
    enum hp_status status;
    const char *filling;
} brims[] = {
    {HP_STATUS_UP, "x"},
    {HP_STATUS_DOWN, "x"},
    {HP_STATUS_DOWN, "|"},
    {HP_STATUS_DOWN, "\xEF\xBF\xBD"},
};

START_TEST(sixteen_checks_keep_their_values_and_errors_left_out_are_counted)
{
    struct hp_result result = {.status = brims[_i].status};
    size_t shown;
    char expected[64];

    if (result.status == HP_STATUS_DOWN) {
        result.reason = HP_REASON_EXPECTATION;
        strcpy(result.code, "ABCDEFGHIJKLMNO");
    }
    fill_report(result, brims[_i].filling);
    line();
    ck_assert_uint_eq(count(";3600000.000;3600000.000;0"), HP_CHECKS_MAX);
    if (result.status == HP_STATUS_UP) {
        ck_assert_uint_eq(count("nnn slow"), HP_CHECKS_MAX);
        return;
    }
    shown = count("n: ");
    ck_assert_uint_ge(shown, 5);
    snprintf(expected, sizeof expected, "; %zu errors not shown | 00-n", HP_CHECKS_MAX - shown);
    ASSERT_HOLDS(expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render_nagios");

    HP_UNIT_CASE(suite, healthy_run_is_ok_with_a_value_for_each_check);
    HP_UNIT_CASE(suite, unhealthy_run_is_critical_and_checks_that_are_down_have_no_value);
    hp_unit_add(suite, "hint_follows_the_error_where_all_fit", hint_follows_the_error_where_all_fit,
                2);
    HP_UNIT_CASE(suite, degraded_run_is_a_warning);
    HP_UNIT_CASE(suite, interrupted_run_is_critical);
    HP_UNIT_CASE(suite, run_in_which_the_probe_itself_failed_is_unknown);
    HP_UNIT_CASE(suite, bar_in_a_text_is_broken);
    HP_UNIT_TABLE(suite, refused_run_is_unknown_and_reports_every_problem, refusals);
    HP_UNIT_CASE(suite, longest_problem_fits);
    HP_UNIT_TABLE(suite, sixteen_checks_keep_their_values_and_errors_left_out_are_counted, brims);
    return hp_unit_run(suite);
}
