/* SPDX-License-Identifier: MIT */
#include "report.h"

/* Borrowed until the next call. */
static json_t *root(void)
{
    static json_t *parsed;

    json_decref(parsed);
    parsed = json_loads(render(HP_FORMAT_HEALTH_JSON), JSON_REJECT_DUPLICATES, NULL);

    ck_assert_msg(json_is_object(parsed), "no JSON object: %s", bytes);
    ck_assert_ptr_eq(strchr(bytes, '\n'), bytes + strlen(bytes) - 1);
    return parsed;
}

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_t *check_of(const json_t *parsed, const char *key)
{
    return json_array_get(json_object_get(json_object_get(parsed, "checks"), key), 0);
}

START_TEST(check_has_the_members_of_the_draft)
{
    const json_t *parsed;
    const json_t *check;

    begin_report(HP_MODE_FULL);
    add_check("http", "http://localhost:3000/health", up, "");
    add_check("database", "postgresql://app@db:5432/app", denied, "for user \"app\"")->datastore =
        true;
    parsed = root();
    ck_assert_str_eq(text(parsed, "status"), "fail");
    ck_assert_str_eq(text(parsed, "output"), "database auth 28P01");
    ck_assert_str_eq(text(parsed, "releaseId"), "1.4.2");
    ck_assert_str_eq(text(parsed, "description"), "full, by healthprobe 0.1.0");
    ck_assert_ptr_null(json_object_get(parsed, "notes"));
    ck_assert_ptr_null(json_object_get(parsed, "truncated"));
    check = check_of(parsed, "database:responseTime");
    ck_assert_str_eq(text(check, "status"), "fail");
    ck_assert_str_eq(text(check, "output"), "auth 28P01: for user \"app\"");
    ck_assert_str_eq(text(check, "observedUnit"), "ms");
    ck_assert_str_eq(text(check, "componentType"), "datastore");
    ck_assert_str_eq(text(check, "componentId"), "postgresql://app@db:5432/app");
    ck_assert_str_eq(text(check, "time"), "2026-11-24T03:30:00.123Z");
    ck_assert_double_eq_tol(json_real_value(json_object_get(check, "observedValue")), 3.112, 1e-9);
    check = check_of(parsed, "http:responseTime");
    ck_assert_str_eq(text(check, "status"), "pass");
    ck_assert_str_eq(text(check, "componentType"), "component");
    ck_assert_ptr_null(json_object_get(check, "output"));
    check = check_of(parsed, "uptime");
    ck_assert_double_eq_tol(json_real_value(json_object_get(check, "observedValue")), 86.2, 1e-9);
    ck_assert_str_eq(text(check, "observedUnit"), "s");
    ck_assert_str_eq(text(check, "componentType"), "system");
}
END_TEST

START_TEST(healthy_run_passes_without_output)
{
    const json_t *parsed;

    begin_report(HP_MODE_LIVE);
    report.uptime_tenths = -1;
    add_check("http", "http://a/", up, "");
    parsed = root();
    ck_assert_str_eq(text(parsed, "status"), "pass");
    ck_assert_ptr_null(json_object_get(parsed, "output"));
    ck_assert_uint_eq(json_object_size(json_object_get(parsed, "checks")), 1);
}
END_TEST

START_TEST(tolerated_or_slow_check_is_a_warning)
{
    const json_t *parsed;

    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "")->slow = true;
    add_check("database", "postgresql://b/", denied, "")->tolerated = true;
    add_check("redis", "redis://c", refused, "")->optional = true;
    parsed = root();
    ck_assert_str_eq(text(parsed, "status"), "warn");
    ck_assert_str_eq(text(check_of(parsed, "http:responseTime"), "status"), "warn");
    ck_assert_str_eq(text(check_of(parsed, "database:responseTime"), "status"), "warn");
    ck_assert_str_eq(text(check_of(parsed, "redis:responseTime"), "status"), "warn");
    ck_assert_str_eq(text(check_of(parsed, "redis:responseTime"), "output"), "refused");
}
END_TEST

START_TEST(notes_skipped_and_ignored_are_notes)
{
    static const char *const expected[] = {"http: not verified", "skipped: redis",
                                           "ignored: schema", "ignored: 2 not shown"};
    const json_t *notes;

    begin_report(HP_MODE_FULL);
    add_check("http", "http://a/", up, "");
    hp_notes_add(&report.notes, "%s", expected[0]);
    hp_names_add(&report.skipped, "redis");
    hp_names_add(&report.ignored, "schema");
    report.ignored.not_shown = 2;
    notes = json_object_get(root(), "notes");
    ck_assert_uint_eq(json_array_size(notes), HP_UNIT_ROWS(expected));
    for (size_t i = 0; i < HP_UNIT_ROWS(expected); i++)
        ck_assert_str_eq(json_string_value(json_array_get(notes, i)), expected[i]);
}
END_TEST

static const enum hp_reason refusals[] = {HP_REASON_CONFIG, HP_REASON_USAGE, HP_REASON_INTERNAL};

START_TEST(refused_run_fails_and_reports_every_problem)
{
    char expected[256];
    const json_t *parsed;

    refuse(refusals[_i]);
    parsed = root();
    ck_assert_str_eq(text(parsed, "status"), "fail");
    snprintf(expected, sizeof expected,
             "%s: --http: is \"empty\"; --redis: a | is\xEF\xBF\xBDno host",
             hp_reason_name(refusals[_i]));
    ck_assert_str_eq(text(parsed, "output"), expected);
    ck_assert_ptr_null(json_object_get(parsed, "checks"));
}
END_TEST

/* Every byte of the message may need an escape. */
START_TEST(longest_problem_fits)
{
    char expected[1100];

    refuse(HP_REASON_USAGE);
    repeat(report.error.msg, sizeof report.error.msg, "\"");
    snprintf(expected, sizeof expected, "usage: %s", report.error.msg);
    ck_assert_str_eq(text(root(), "output"), expected);
}
END_TEST

START_TEST(interrupted_run_fails)
{
    const json_t *parsed;

    begin_report(HP_MODE_LIVE);
    report.interrupted = true;
    add_check("http", "http://a/", up, "");
    parsed = root();
    ck_assert_str_eq(text(parsed, "status"), "fail");
    ck_assert_str_eq(text(parsed, "output"), "interrupted");
}
END_TEST

static const struct {
    enum hp_status status;
    const char *filling;
} brims[] = {
    {HP_STATUS_UP, "x"},    {HP_STATUS_UP, "\""},   {HP_STATUS_UP, "\xEF\xBF\xBD"},
    {HP_STATUS_DOWN, "x"},  {HP_STATUS_DOWN, "\""}, {HP_STATUS_DOWN, "\xEF\xBF\xBD"},
    {HP_STATUS_DOWN, "\\"},
};

START_TEST(sixteen_checks_keep_their_verdicts_and_omissions_are_reported)
{
    struct hp_result result = {.status = brims[_i].status};
    const json_t *parsed;

    if (result.status == HP_STATUS_DOWN) {
        result.reason = HP_REASON_UNREACHABLE;
        strcpy(result.code, "ABCDEFGHIJKLMNO");
    }
    fill_report(result, brims[_i].filling);
    parsed = root();
    ck_assert(json_is_true(json_object_get(parsed, "truncated")));
    for (size_t i = 0; i < HP_CHECKS_MAX; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s:responseTime", report.checks[i].name);
        ck_assert_str_eq(text(check_of(parsed, key), "status"),
                         result.status == HP_STATUS_UP ? "warn" : "fail");
    }
}
END_TEST

/* Errors matter more than targets and times, which are dropped first; hints follow. */
START_TEST(sixteen_errors_are_kept_if_they_fit_without_the_rest)
{
    char target[HP_TARGET_TEXT_MAX + 1];
    char error[HP_TEXT_MAX + 1];
    char output[HP_TEXT_MAX + 64];
    const json_t *parsed;

    begin_report(HP_MODE_FULL);
    repeat(target, sizeof target, "t");
    memset(error, 'e', 90);
    error[90] = '\0';
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char name[] = {(char)('a' + i), '\0'};
        memset(add_check(name, target, refused, error)->result.hint.bytes, 'h',
               _i == 0 ? 7 : HP_TEXT_MAX);
    }
    hp_report_judge(&report, 1);
    parsed = root();
    ck_assert(json_is_true(json_object_get(parsed, "truncated")));
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char key[] = "a:responseTime";
        key[0] = (char)('a' + i);
        snprintf(output, sizeof output, "refused: %s%s", error, _i == 0 ? " (hhhhhhh)" : "");
        ck_assert_str_eq(text(check_of(parsed, key), "output"), output);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render_health_json");

    HP_UNIT_CASE(suite, check_has_the_members_of_the_draft);
    HP_UNIT_CASE(suite, healthy_run_passes_without_output);
    HP_UNIT_CASE(suite, tolerated_or_slow_check_is_a_warning);
    HP_UNIT_CASE(suite, notes_skipped_and_ignored_are_notes);
    HP_UNIT_TABLE(suite, refused_run_fails_and_reports_every_problem, refusals);
    HP_UNIT_CASE(suite, longest_problem_fits);
    HP_UNIT_CASE(suite, interrupted_run_fails);
    HP_UNIT_TABLE(suite, sixteen_checks_keep_their_verdicts_and_omissions_are_reported, brims);
    hp_unit_add(suite, "sixteen_errors_are_kept_if_they_fit_without_the_rest",
                sixteen_errors_are_kept_if_they_fit_without_the_rest, 2);
    return hp_unit_run(suite);
}
