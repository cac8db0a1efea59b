/* SPDX-License-Identifier: MIT */
#include "report.h"

START_TEST(each_family_has_a_line_for_each_check)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://localhost:3000/health", up, "");
    add_check("database", "postgresql://app@db:5432/app", denied, "no password here");
    add_check("redis", "redis://redis:6379", late, "")->optional = true;
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("\nhealthprobe_status{status=\"unhealthy\"} 1\n"
                 "healthprobe_status{status=\"degraded\"} 0\n"
                 "healthprobe_status{status=\"healthy\"} 0\n");
    ASSERT_HOLDS("# TYPE healthprobe_check_up gauge\n"
                 "healthprobe_check_up{check=\"database\"} 0\n"
                 "healthprobe_check_up{check=\"redis\"} 0\n"
                 "healthprobe_check_up{check=\"http\"} 1\n");
    ASSERT_HOLDS("healthprobe_check_failing{check=\"database\"} 1\n"
                 "healthprobe_check_failing{check=\"redis\"} 0\n"
                 "healthprobe_check_failing{check=\"http\"} 0\n");
    ASSERT_HOLDS("healthprobe_check_latency_seconds{check=\"database\"} 0.003112000\n"
                 "healthprobe_check_latency_seconds{check=\"redis\"} 2.500000000\n");
    ASSERT_HOLDS("healthprobe_check_down_reason{check=\"database\",reason=\"auth\",phase=\"\","
                 "code=\"28P01\"} 1\n"
                 "healthprobe_check_down_reason{check=\"redis\",reason=\"timeout\","
                 "phase=\"connect\",code=\"\"} 1\n#");
    ASSERT_HOLDS("healthprobe_check_info{check=\"http\",target=\"http://localhost:3000/health\"} 1"
                 "\n");
    ASSERT_HOLDS("\nhealthprobe_latency_seconds 0.003240000\n");
    ASSERT_HOLDS("\nhealthprobe_uptime_seconds 86.2\n");
    ASSERT_HOLDS("\nhealthprobe_info{mode=\"full\",version=\"1.4.2\",probe_version=\"0.1.0\"} 1\n");
    ASSERT_LACKS("healthprobe_error");
    ASSERT_LACKS("phase_seconds");
    ASSERT_LACKS("check_skipped");
    /* An error's text may differ each time, and each would be a series of its own. */
    ASSERT_LACKS("no password here");
}
END_TEST

START_TEST(age_has_a_line_if_a_check_has_one)
{
    begin_report(HP_MODE_CUSTOM);
    add_check("heartbeat", "/run/beat", up, "")->result.has_age = true;
    report.checks[0].result.age_ns = -1500 * HP_NS_PER_MS;
    add_check("http", "http://a/", up, "");
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("# TYPE healthprobe_check_age_seconds gauge\n"
                 "healthprobe_check_age_seconds{check=\"heartbeat\"} -1.5\n#");
}
END_TEST

START_TEST(status_of_http_is_the_code)
{
    begin_report(HP_MODE_LIVE);
    add_check("http", "http://a/",
              (struct hp_result){
                  .status = HP_STATUS_DOWN, .reason = HP_REASON_STATUS, .http_status = 503},
              "");
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("{check=\"http\",reason=\"status\",phase=\"\",code=\"503\"} 1\n");
}
END_TEST

START_TEST(family_without_a_line_is_left_out)
{
    begin_report(HP_MODE_LIVE);
    report.verbose = true;
    report.uptime_tenths = -1;
    add_check("http", "http://a/", up, "");
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_LACKS("down_reason");
    ASSERT_LACKS("phase_seconds");
    ASSERT_LACKS("age_seconds");
    ASSERT_LACKS("uptime");
}
END_TEST

START_TEST(verbose_adds_the_phases)
{
    begin_report(HP_MODE_LIVE);
    report.verbose = true;
    add_check("http", "http://a/", up, "")->result.phase_ns[HP_PHASE_RESPONSE] = 1500;
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("gauge\nhealthprobe_check_phase_seconds{check=\"http\",phase=\"response\"} "
                 "0.000001500\n");
}
END_TEST

START_TEST(slow_degrades_and_skipped_and_notes_are_shown)
{
    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "")->slow = true;
    hp_names_add(&report.skipped, "redis");
    hp_notes_add(&report.notes, "http: the server's certificate is not verified");
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("healthprobe_status{status=\"unhealthy\"} 0\n"
                 "healthprobe_status{status=\"degraded\"} 1\n"
                 "healthprobe_status{status=\"healthy\"} 0\n");
    ASSERT_HOLDS("healthprobe_check_slow{check=\"http\"} 1\n");
    ASSERT_HOLDS("healthprobe_check_skipped{check=\"redis\"} 1\n");
    ASSERT_HOLDS("# note: http: the server's certificate is not verified\n");
}
END_TEST

START_TEST(value_of_a_label_is_escaped)
{
    begin_report(HP_MODE_LIVE);
    add_check("http", "http://a/\"b\\c\nd{}=,\xC3\xA9", up, "");
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("target=\"http://a/\\\"b\\\\c\\nd{}=,\xC3\xA9\"} 1\n");
}
END_TEST

static const enum hp_reason refusals[] = {HP_REASON_CONFIG, HP_REASON_USAGE, HP_REASON_INTERNAL};

START_TEST(refused_run_is_unhealthy_and_reports_every_problem)
{
    char expected[256];

    refuse(refusals[_i]);
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("healthprobe_status{status=\"unhealthy\"} 1\n");
    snprintf(expected, sizeof expected,
             "\n# %s: --http: is \"empty\"; --redis: a | is\xEF\xBF\xBDno host\n",
             hp_reason_name(refusals[_i]));
    ASSERT_HOLDS(expected);
    snprintf(expected, sizeof expected, "\nhealthprobe_error{reason=\"%s\"} 1\n",
             hp_reason_name(refusals[_i]));
    ASSERT_HOLDS(expected);
    ASSERT_LACKS("healthprobe_check");
    ASSERT_LACKS("healthprobe_latency");
}
END_TEST

START_TEST(interrupted_run_is_an_error_beside_its_checks)
{
    begin_report(HP_MODE_LIVE);
    report.interrupted = true;
    add_check("http", "http://a/", up, "");
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_HOLDS("healthprobe_status{status=\"unhealthy\"} 1\n");
    ASSERT_HOLDS("\nhealthprobe_error{reason=\"interrupted\"} 1\n");
    ASSERT_HOLDS("healthprobe_check_up{check=\"http\"} 1\n");
}
END_TEST

static const char *const fillings[] = {"x", "\"", "\\", "\xEF\xBF\xBD"};

START_TEST(sixteen_checks_with_every_line_fit)
{
    struct hp_result result = {.status = HP_STATUS_DOWN,
                               .reason = HP_REASON_EXPECTATION,
                               .phase = HP_PHASE_RESPONSE,
                               .code = "ABCDEFGHIJKLMNO",
                               .has_age = true,
                               .age_ns = -INT64_MAX};

    fill_report(result, fillings[_i]);
    render(HP_FORMAT_PROMETHEUS);
    ASSERT_LACKS("# truncated");
    ck_assert_uint_eq(count("\nhealthprobe_check_info{"), HP_CHECKS_MAX);
    ck_assert_uint_eq(count("\nhealthprobe_check_age_seconds{"), HP_CHECKS_MAX);
    ck_assert_uint_eq(count("\nhealthprobe_check_phase_seconds{"),
                      (HP_PHASE_COUNT - 1) * HP_CHECKS_MAX);
    ASSERT_HOLDS("\nhealthprobe_info{");
}
END_TEST

START_TEST(smaller_buffer_keeps_the_verdicts_and_says_so)
{
    struct hp_buffer buffer;

    fill_report(up, "\"");
    hp_report_judge(&report, 1);
    hp_buffer_init(&buffer, bytes, HP_METRICS_MAX / 2);
    hp_render_prometheus(&report, &buffer);
    ck_assert(!buffer.overflow);
    ASSERT_HOLDS("# truncated: ");
    ck_assert_uint_eq(count("\nhealthprobe_check_up{"), HP_CHECKS_MAX);
    ASSERT_LACKS("check_info");
    ASSERT_HOLDS("\nhealthprobe_info{");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render_prometheus");

    HP_UNIT_CASE(suite, each_family_has_a_line_for_each_check);
    HP_UNIT_CASE(suite, age_has_a_line_if_a_check_has_one);
    HP_UNIT_CASE(suite, status_of_http_is_the_code);
    HP_UNIT_CASE(suite, family_without_a_line_is_left_out);
    HP_UNIT_CASE(suite, verbose_adds_the_phases);
    HP_UNIT_CASE(suite, slow_degrades_and_skipped_and_notes_are_shown);
    HP_UNIT_CASE(suite, value_of_a_label_is_escaped);
    HP_UNIT_TABLE(suite, refused_run_is_unhealthy_and_reports_every_problem, refusals);
    HP_UNIT_CASE(suite, interrupted_run_is_an_error_beside_its_checks);
    HP_UNIT_TABLE(suite, sixteen_checks_with_every_line_fit, fillings);
    HP_UNIT_CASE(suite, smaller_buffer_keeps_the_verdicts_and_says_so);
    return hp_unit_run(suite);
}
