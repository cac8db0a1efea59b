/* SPDX-License-Identifier: MIT */
#include "../support/keep.h"
#include "unit.h"

#include <healthprobe/report/render.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

#define PROBE ",\"probe\":\"healthprobe " HP_VERSION "\"}\n"

static struct hp_report report;
static char bytes[HP_REPORT_MAX + 1];
static json_t *json;

static struct hp_result *add_check(const char *name, const char *target, struct hp_result result,
                                   const char *error)
{
    struct hp_report_check *check = &report.checks[report.n_checks++];

    snprintf(check->name, sizeof check->name, "%s", name);
    snprintf(check->target, sizeof check->target, "%s", target);
    check->result = result;
    snprintf(check->result.error.bytes, sizeof check->result.error.bytes, "%s", error);
    return &check->result;
}

/** The bytes of the report, which are one line of valid JSON within the bound. */
static const char *render(void)
{
    json_error_t error;
    size_t len;

    memset(bytes, 'x', sizeof bytes);
    len = hp_render(HP_FORMAT_JSON, &report, bytes);
    ck_assert_uint_le(len, HP_REPORT_MAX);
    ck_assert_int_eq(bytes[len], '\0');
    ck_assert_uint_eq(strlen(bytes), len);
    ck_assert_ptr_eq(strchr(bytes, '\n'), bytes + len - 1);
    json_decref(json);
    json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(json != NULL, "%s in %s", error.text, bytes);
    hpt_keep_reports(bytes, len);
    return bytes;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "(none)";
}

static const json_t *check_of(const char *name)
{
    return json_object_get(json_object_get(json, "checks"), name);
}

static void set_up(void)
{
    memset(&report, 0, sizeof report);
    report.mode = HP_MODE_FULL;
    report.uptime_tenths = 862;
    strcpy(report.version, "1.4.2");
    strcpy(report.timestamp, "2026-11-24T03:30:00.123Z");
}

static void tear_down(void)
{
    json_decref(json);
    json = NULL;
}

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

static void add_three(bool database_up)
{
    add_check("http", "http://localhost:3000/health",
              (struct hp_result){.status = HP_STATUS_UP, .http_status = 200, .latency_ns = 734000},
              "");
    if (database_up)
        add_check("database", "postgresql://app@db:5432/app",
                  (struct hp_result){.status = HP_STATUS_UP, .latency_ns = 3112000}, "");
    else
        add_check("database", "postgresql://app@db:5432/app",
                  (struct hp_result){.status = HP_STATUS_DOWN,
                                     .reason = HP_REASON_AUTH,
                                     .code = "28P01",
                                     .latency_ns = 3112000},
                  "password authentication failed for user \"app\"");
    add_check("redis", "redis://redis:6379",
              (struct hp_result){.status = HP_STATUS_UP, .latency_ns = 402000}, "");
}

/* --- the shape -------------------------------------------------------------------------------- */

START_TEST(report_is_as_its_documentation_shows_it)
{
    add_three(false);
    hp_report_judge(&report, 3240000);
    ck_assert_str_eq(
        render(),
        "{\"status\":\"unhealthy\",\"summary\":\"database auth 28P01\",\"checks\":{\"database\":{"
        "\"status\":\"down\",\"reason\":\"auth\",\"code\":\"28P01\",\"error\":\"password "
        "authentication failed for user \\\"app\\\"\",\"latency\":3.112,\"target\":\"postgresql://"
        "app@db:5432/app\"},\"http\":{\"status\":\"up\",\"latency\":0.734,\"code\":200,\"target\":"
        "\"http://localhost:3000/health\"},\"redis\":{\"status\":\"up\",\"latency\":0.402,"
        "\"target\":\"redis://redis:6379\"}},\"mode\":\"full\",\"latency\":3.240,\"version\":"
        "\"1.4.2\",\"uptime\":86.2,\"timestamp\":\"2026-11-24T03:30:00.123Z\"" PROBE);
}
END_TEST

START_TEST(healthy_report_has_no_summary_and_keeps_the_order_of_the_plan)
{
    add_three(true);
    hp_report_judge(&report, 3240000);
    ck_assert_str_eq(
        render(),
        "{\"status\":\"healthy\",\"checks\":{\"http\":{\"status\":\"up\",\"latency\":0.734,"
        "\"code\":200,\"target\":\"http://localhost:3000/health\"},\"database\":{\"status\":"
        "\"up\",\"latency\":3.112,\"target\":\"postgresql://app@db:5432/app\"},\"redis\":{"
        "\"status\":\"up\",\"latency\":0.402,\"target\":\"redis://redis:6379\"}},\"mode\":"
        "\"full\",\"latency\":3.240,\"version\":\"1.4.2\",\"uptime\":86.2,\"timestamp\":"
        "\"2026-11-24T03:30:00.123Z\"" PROBE);
}
END_TEST

START_TEST(hint_follows_the_error)
{
    static const struct hp_result refused = {
        .status = HP_STATUS_DOWN, .reason = HP_REASON_REFUSED, .hint = {"set \"PORT\""}};

    add_check("http", "http://a/", refused, HP_WITHHELD);
    hp_report_judge(&report, 1);
    ck_assert_ptr_nonnull(strstr(render(), ",\"error\":\"(withheld)\",\"hint\":\"set "
                                           "\\\"PORT\\\"\",\"latency\":"));
}
END_TEST

START_TEST(timeout_names_its_phase)
{
    add_check("redis", "redis://redis:6379",
              (struct hp_result){.status = HP_STATUS_DOWN,
                                 .reason = HP_REASON_TIMEOUT,
                                 .phase = HP_PHASE_RESPONSE,
                                 .latency_ns = INT64_C(2500123456)},
              "no response within 2.5s");
    hp_report_judge(&report, INT64_C(2500200000));
    render();
    ck_assert_str_eq(text_at(json, "summary"), "redis timeout response");
    ck_assert_str_eq(text_at(check_of("redis"), "reason"), "timeout");
    ck_assert_str_eq(text_at(check_of("redis"), "phase"), "response");
    ck_assert_str_eq(text_at(check_of("redis"), "error"), "no response within 2.5s");
    ck_assert_ptr_null(json_object_get(check_of("redis"), "code"));
    ck_assert_ptr_nonnull(strstr(bytes, "\"latency\":2500.123,"));
    ck_assert_ptr_nonnull(strstr(bytes, "\"latency\":2500.200,"));
}
END_TEST

START_TEST(http_status_is_a_number_and_other_codes_are_strings)
{
    add_check("http", "http://h/",
              (struct hp_result){
                  .status = HP_STATUS_DOWN, .reason = HP_REASON_STATUS, .http_status = 503},
              "HTTP 503");
    add_check(
        "redis", "redis://r:6379",
        (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_AUTH, .code = "NOAUTH"},
        "Authentication required.");
    hp_report_judge(&report, 1);
    render();
    ck_assert(json_is_integer(json_object_get(check_of("http"), "code")));
    ck_assert_int_eq(json_integer_value(json_object_get(check_of("http"), "code")), 503);
    ck_assert_str_eq(text_at(check_of("redis"), "code"), "NOAUTH");
    ck_assert_str_eq(text_at(json, "summary"), "http status 503, redis auth NOAUTH");
}
END_TEST

START_TEST(age_is_in_seconds_and_only_where_a_check_has_one)
{
    add_check("a", "/run/a",
              (struct hp_result){.status = HP_STATUS_UP, .has_age = true, .age_ns = 1999999999},
              "");
    add_check("b", "/run/b",
              (struct hp_result){.status = HP_STATUS_DOWN,
                                 .reason = HP_REASON_STALE,
                                 .has_age = true,
                                 .age_ns = -61 * HP_NS_PER_S},
              "modified more than 60s in the future");
    add_check(
        "c", "/run/c",
        (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_MISSING, .age_ns = 7},
        "No such file or directory");
    hp_report_judge(&report, 1);
    render();
    ck_assert_ptr_nonnull(strstr(bytes, ",\"age\":1.9,\"target\":\"/run/a\"}"));
    ck_assert_ptr_nonnull(strstr(bytes, ",\"age\":-61.0,\"target\":\"/run/b\"}"));
    ck_assert_ptr_null(json_object_get(check_of("c"), "age"));
}
END_TEST

START_TEST(failing_checks_come_first)
{
    const char *redis;

    add_three(true);
    report.checks[2].result.status = HP_STATUS_DOWN;
    report.checks[2].result.reason = HP_REASON_LOADING;
    strcpy(report.checks[2].result.error.bytes, "LOADING");
    hp_report_judge(&report, 1);
    render();
    redis = strstr(bytes, "\"redis\":{");
    ck_assert_ptr_nonnull(redis);
    ck_assert(redis < strstr(bytes, "\"http\":{"));
    ck_assert(strstr(bytes, "\"http\":{") < strstr(bytes, "\"database\":{"));
}
END_TEST

START_TEST(unknown_uptime_is_left_out)
{
    add_three(true);
    report.uptime_tenths = -1;
    hp_report_judge(&report, 1);
    render();
    ck_assert_ptr_null(json_object_get(json, "uptime"));

    report.uptime_tenths = 7;
    render();
    ck_assert_ptr_nonnull(strstr(bytes, "\"uptime\":0.7,"));
}
END_TEST

START_TEST(verbose_adds_timings_of_the_phases_that_were_entered)
{
    add_three(true);
    report.checks[0].result.phase_ns[HP_PHASE_CONNECT] = 312000;
    report.checks[0].result.phase_ns[HP_PHASE_RESPONSE] = 400000;
    hp_report_judge(&report, 1);
    render();
    ck_assert_ptr_null(json_object_get(check_of("http"), "timings"));

    report.verbose = true;
    render();
    ck_assert_ptr_nonnull(strstr(bytes, "\"timings\":{\"connect\":0.312,\"response\":0.400}"));
}
END_TEST

START_TEST(notes_ignored_and_skipped_are_at_the_top_level)
{
    add_three(true);
    hp_report_judge(&report, 1);
    render();
    ck_assert_ptr_null(json_object_get(json, "notes"));
    ck_assert_ptr_null(json_object_get(json, "ignored"));
    ck_assert_ptr_null(json_object_get(json, "skipped"));
    ck_assert_ptr_null(json_object_get(json, "truncated"));

    hp_notes_add(&report.notes, "http: the server's certificate is not verified");
    hp_notes_add(&report.notes, "redis: the server's certificate is not verified");
    hp_names_add(&report.ignored, "schema");
    hp_names_add(&report.ignored, "pgbouncer");
    hp_names_add(&report.skipped, "redis");
    render();
    ck_assert_uint_eq(json_array_size(json_object_get(json, "notes")), 2);
    ck_assert_ptr_nonnull(strstr(bytes, ",\"ignored\":[\"schema\",\"pgbouncer\"]"));
    ck_assert_ptr_nonnull(strstr(bytes, ",\"skipped\":[\"redis\"]"));
    ck_assert_ptr_null(json_object_get(json, "truncated"));
}
END_TEST

START_TEST(names_that_are_not_shown_are_counted_last)
{
    add_three(true);
    hp_report_judge(&report, 1);
    report.ignored.not_shown = 2;
    render();
    ck_assert_ptr_nonnull(strstr(bytes, ",\"ignored\":[\"2 not shown\"]"));
    hp_names_add(&report.ignored, "schema");
    render();
    ck_assert_ptr_nonnull(strstr(bytes, ",\"ignored\":[\"schema\",\"2 not shown\"]"));
}
END_TEST

/* --- runs that did not take place ------------------------------------------------------------- */

static const struct {
    enum hp_reason reason;
    enum hp_mode mode;
    const char *begin;
} refusals[] = {
    {HP_REASON_CONFIG, HP_MODE_LIVE,
     "{\"status\":\"unhealthy\",\"error\":{\"reason\":\"config\",\"message\":\"--http: is empty; "
     "--redis: no \\\"host\\\"\"},\"mode\":\"live\",\"version\":\"unknown\",\"timestamp\":\""},
    {HP_REASON_USAGE, HP_MODE_READY,
     "{\"status\":\"unhealthy\",\"error\":{\"reason\":\"usage\",\"message\":\"--http: is empty; "
     "--redis: no \\\"host\\\"\"},\"mode\":\"ready\",\"version\":\"unknown\",\"timestamp\":\""},
};

START_TEST(refusal_has_the_error_right_after_the_status_and_no_checks)
{
    struct hp_error err = {0};
    size_t len = strlen(refusals[_i].begin);

    hp_error_add(&err, refusals[_i].reason, "--http: is empty");
    hp_error_add(&err, refusals[_i].reason, "--redis: no \"host\"");
    hp_report_init(&report);
    report.mode = refusals[_i].mode;
    strcpy(report.version, "unknown");
    hp_report_refuse(&report, &err);
    render();
    ck_assert_msg(strncmp(bytes, refusals[_i].begin, len) == 0, "%s", bytes);
    ck_assert_str_eq(bytes + len + HP_TIMESTAMP_SIZE - 1, "\"" PROBE);
}
END_TEST

START_TEST(refusal_has_notes_as_a_run_has_but_no_lists_of_names)
{
    struct hp_error err = {0};

    hp_error_add(&err, HP_REASON_CONFIG, "--http: is empty");
    hp_report_init(&report);
    strcpy(report.version, "unknown");
    hp_notes_add(&report.notes, "HEALTHPROBE_TIMOUT: did you mean HEALTHPROBE_TIMEOUT?");
    hp_names_add(&report.ignored, "schema");
    hp_names_add(&report.skipped, "redis");
    hp_report_refuse(&report, &err);
    render();
    ck_assert_ptr_nonnull(strstr(bytes, "Z\",\"notes\":[\"HEALTHPROBE_TIMOUT: did you mean "
                                        "HEALTHPROBE_TIMEOUT?\"],\"probe\":\""));
    ck_assert_ptr_null(json_object_get(json, "truncated"));
}
END_TEST

START_TEST(longest_message_of_a_refusal_fits)
{
    struct hp_error err = {0};
    char message[sizeof err.msg];

    memset(message, _i == 0 ? '"' : _i == 1 ? '\\' : '\n', sizeof message - 1);
    message[sizeof message - 2] = '.';
    message[sizeof message - 1] = '\0';
    hp_error_add(&err, HP_REASON_CONFIG, "%s", message);
    hp_report_init(&report);
    memset(report.version, '"', sizeof report.version - 1);
    hp_report_refuse(&report, &err);
    render();
    ck_assert_str_eq(text_at(json_object_get(json, "error"), "reason"), "config");
    ck_assert_uint_ge(strlen(text_at(json_object_get(json, "error"), "message")), 1000);
    ck_assert_ptr_null(json_object_get(json, "truncated"));

    /* Notes give way to it. */
    for (; report.notes.n < HP_NOTES_MAX; report.notes.n++)
        memset(report.notes.items[report.notes.n], '"', HP_NOTE_TEXT_MAX);
    render();
    ck_assert_uint_ge(strlen(text_at(json_object_get(json, "error"), "message")), 1000);
    ck_assert_ptr_null(json_object_get(json, "notes"));
    ck_assert(json_is_true(json_object_get(json, "truncated")));
}
END_TEST

START_TEST(interrupted_run_says_so_even_where_all_checks_were_up)
{
    add_three(true);
    report.interrupted = true;
    hp_report_judge(&report, 1);
    render();
    ck_assert_str_eq(text_at(json, "status"), "unhealthy");
    ck_assert_msg(strstr(bytes, "interrupted") != NULL, "%s", bytes);
}
END_TEST

/* --- hostile texts and bounds ----------------------------------------------------------------- */

static const char *const hostile[] = {
    "\"", "\\",   "\\\"", "\xEF\xBF\xBD", "\xF0\x9F\x92\xA3", "</script>", "\",\"status\":\"up\"",
    "}",  "%s%n", "e",
};

static void repeat(char *ret, size_t size, const char *piece)
{
    size_t len = 0;

    while (len + strlen(piece) < size) {
        memcpy(ret + len, piece, strlen(piece));
        len += strlen(piece);
    }
    ret[len] = '\0';
}

START_TEST(hostile_text_is_parsed_back_unchanged)
{
    char error[HP_TEXT_MAX + 1];
    char target[HP_TARGET_TEXT_MAX + 1];

    repeat(error, sizeof error, hostile[_i]);
    repeat(target, sizeof target, hostile[_i]);
    add_check("http", target,
              (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_PROTOCOL}, error);
    repeat(report.version, sizeof report.version, hostile[_i]);
    hp_report_judge(&report, 1);
    render();
    ck_assert_str_eq(text_at(check_of("http"), "error"), error);
    ck_assert_str_eq(text_at(check_of("http"), "target"), target);
    ck_assert_str_eq(text_at(json, "version"), report.version);
    ck_assert_str_eq(text_at(json, "status"), "unhealthy");
}
END_TEST

/** Sixteen checks with the longest of everything, made of @piece. */
static void add_the_longest(const char *piece, enum hp_status status)
{
    char error[HP_TEXT_MAX + 1];
    char target[HP_TARGET_TEXT_MAX + 1];

    repeat(error, sizeof error, piece);
    repeat(target, sizeof target, piece);
    repeat(report.version, sizeof report.version, piece);
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char name[] = "00-nnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
        struct hp_result *result;

        name[0] = (char)('0' + i / 10);
        name[1] = (char)('0' + i % 10);
        result = add_check(name, target, (struct hp_result){.status = status}, error);
        strcpy(result->code, "ABCDEFGHIJKLMNO");
        report.checks[i].slow = status == HP_STATUS_UP;
        report.checks[i].optional = true;
        report.checks[i].tolerated = status == HP_STATUS_DOWN;
        result->latency_ns = 3600 * HP_NS_PER_S;
        for (int phase = 0; phase < HP_PHASE_COUNT; phase++)
            result->phase_ns[phase] = 3600 * HP_NS_PER_S;
        if (status == HP_STATUS_DOWN) {
            result->reason = HP_REASON_TIMEOUT;
            result->phase = HP_PHASE_RESPONSE;
        }
    }
    for (int i = 0; i < HP_NAMES_MAX; i++) {
        char name[] = "00\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\";

        name[0] = (char)('0' + i / 10);
        name[1] = (char)('0' + i % 10);
        hp_names_add(&report.ignored, name);
        hp_names_add(&report.skipped, name);
    }
    report.ignored.not_shown = SIZE_MAX;
    for (int i = 0; i < HP_NOTES_MAX; i++) {
        repeat(report.notes.items[i], sizeof report.notes.items[i], piece);
        report.notes.n++;
    }
    report.verbose = true;
    report.uptime_tenths = INT64_MAX;
    hp_report_judge(&report, INT64_MAX / 2);
}

START_TEST(longest_report_keeps_all_verdicts_and_says_that_it_was_cut)
{
    const char *key;
    json_t *check;

    add_the_longest(hostile[_i], HP_STATUS_DOWN);
    report.interrupted = true;
    report.verdict = HP_VERDICT_UNHEALTHY;
    render();
    ck_assert(json_is_true(json_object_get(json, "truncated")));
    ck_assert_str_eq(text_at(json, "status"), "unhealthy");
    ck_assert_uint_eq(json_object_size(json_object_get(json, "checks")), HP_CHECKS_MAX);
    json_object_foreach(json_object_get(json, "checks"), key, check)
    {
        ck_assert_str_eq(text_at(check, "status"), "down");
        ck_assert_str_eq(text_at(check, "reason"), "timeout");
        ck_assert_str_eq(text_at(check, "phase"), "response");
        ck_assert(json_is_true(json_object_get(check, "optional")));
        ck_assert(json_is_true(json_object_get(check, "tolerated")));
    }
    ck_assert_uint_le(strlen(text_at(json, "summary")), HP_SUMMARY_MAX);
    ck_assert_ptr_nonnull(strstr(text_at(json, "summary"), ", +"));
    ck_assert_int_eq(
        strncmp(bytes, "{\"status\":\"unhealthy\",\"summary\":\"interrupted, 00-n", 50), 0);
    ck_assert_str_eq(text_at(json, "probe"), "healthprobe " HP_VERSION);
}
END_TEST

START_TEST(longest_degraded_report_fits_too)
{
    add_the_longest(hostile[_i], HP_STATUS_UP);
    render();
    ck_assert(json_is_true(json_object_get(json, "truncated")));
    ck_assert_str_eq(text_at(json, "status"), "degraded");
    ck_assert_uint_eq(json_object_size(json_object_get(json, "checks")), HP_CHECKS_MAX);
}
END_TEST

START_TEST(degraded_report_says_why_each_check_does_not_fail)
{
    add_three(false);
    report.checks[0].slow = true;
    report.checks[1].optional = true;
    report.checks[1].tolerated = true;
    report.checks[2].optional = true;
    hp_report_judge(&report, 3240000);
    ck_assert_str_eq(
        render(),
        "{\"status\":\"degraded\",\"summary\":\"database auth 28P01\",\"checks\":{"
        "\"database\":{\"status\":\"down\",\"reason\":\"auth\",\"code\":\"28P01\",\"error\":"
        "\"password authentication failed for user \\\"app\\\"\",\"optional\":true,"
        "\"tolerated\":true,\"latency\":3.112,\"target\":\"postgresql://app@db:5432/app\"},"
        "\"http\":{\"status\":\"up\",\"slow\":true,\"latency\":0.734,\"code\":200,\"target\":"
        "\"http://localhost:3000/health\"},"
        "\"redis\":{\"status\":\"up\",\"optional\":true,\"latency\":0.402,\"target\":"
        "\"redis://redis:6379\"}},"
        "\"mode\":\"full\",\"latency\":3.240,\"version\":\"1.4.2\",\"uptime\":86.2,"
        "\"timestamp\":\"2026-11-24T03:30:00.123Z\"" PROBE);
}
END_TEST

START_TEST(slow_run_is_degraded_without_a_summary)
{
    add_three(true);
    report.checks[2].slow = true;
    hp_report_judge(&report, 1);
    render();
    ck_assert_str_eq(text_at(json, "status"), "degraded");
    ck_assert_ptr_null(json_object_get(json, "summary"));
    ck_assert(json_is_true(json_object_get(check_of("redis"), "slow")));
}
END_TEST

/* The first thing that somebody asks of a failure is what was meant. */
START_TEST(targets_of_checks_that_are_up_are_left_out_first)
{
    char target[HP_TARGET_TEXT_MAX + 1];

    memset(target, 't', sizeof target - 1);
    target[sizeof target - 1] = '\0';
    add_check("down", target,
              (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_QUERY}, "no");
    for (int i = 1; i < HP_CHECKS_MAX; i++) {
        char name[] = {(char)('a' + i), '\0'};

        add_check(name, target, (struct hp_result){.status = HP_STATUS_UP}, "");
    }
    hp_report_judge(&report, 1);
    render();
    ck_assert(json_is_true(json_object_get(json, "truncated")));
    ck_assert_str_eq(text_at(check_of("down"), "target"), target);
    ck_assert_str_eq(text_at(check_of("down"), "error"), "no");
    ck_assert_str_eq(text_at(check_of("b"), "target"), "(none)");
}
END_TEST

/* Errors matter more than targets, which are dropped first; hints follow. */
START_TEST(report_that_fits_without_targets_keeps_every_error)
{
    char target[HP_TARGET_TEXT_MAX + 1];
    char error[HP_TEXT_MAX + 1];
    const char *key;
    json_t *check;

    repeat(target, sizeof target, "t");
    memset(error, 'e', 110);
    error[110] = '\0';
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char name[] = {(char)('a' + i), '\0'};

        add_check(name, target,
                  (struct hp_result){
                      .status = HP_STATUS_DOWN, .reason = HP_REASON_QUERY, .hint = {"try it"}},
                  error);
        if (_i > 0)
            memset(report.checks[i].result.hint.bytes, 'h', HP_TEXT_MAX);
    }
    hp_names_add(&report.ignored, "family");
    hp_report_judge(&report, 1);
    render();
    ck_assert(json_is_true(json_object_get(json, "truncated")));
    ck_assert_uint_eq(json_object_size(json_object_get(json, "checks")), HP_CHECKS_MAX);
    json_object_foreach(json_object_get(json, "checks"), key, check)
    {
        ck_assert_str_eq(text_at(check, "error"), error);
        ck_assert_str_eq(text_at(check, "hint"), _i == 0 ? "try it" : "(none)");
        ck_assert_ptr_null(json_object_get(check, "target"));
    }
}
END_TEST

/* From a report that fits to one that does not, byte by byte. */
START_TEST(report_of_any_length_is_complete_or_says_that_it_was_cut)
{
    bool seen_whole = false;
    bool seen_cut = false;

    for (size_t len = 1; len <= HP_TEXT_MAX; len++) {
        char error[HP_TEXT_MAX + 1] = "";
        bool cut;

        set_up();
        memset(error, 'e', len);
        for (int i = 0; i < HP_CHECKS_MAX; i++) {
            char name[32];

            snprintf(name, sizeof name, "check%d", i);
            add_check(name, "redis://redis:6379",
                      (struct hp_result){.status = HP_STATUS_DOWN, .reason = HP_REASON_QUERY},
                      error);
        }
        hp_names_add(&report.ignored, "family");
        hp_report_judge(&report, 1);
        render();
        cut = json_object_get(json, "truncated") != NULL;
        ck_assert(!(seen_cut && !cut));
        seen_cut |= cut;
        seen_whole |= !cut;
        if (!cut) {
            ck_assert_uint_eq(json_array_size(json_object_get(json, "ignored")), 1);
            ck_assert_str_eq(text_at(check_of("check12"), "target"), "redis://redis:6379");
        }
        ck_assert_uint_eq(json_object_size(json_object_get(json, "checks")), HP_CHECKS_MAX);
    }
    ck_assert(seen_whole);
    ck_assert(seen_cut);
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("render_json");

    CASE(suite, report_is_as_its_documentation_shows_it);
    CASE(suite, healthy_report_has_no_summary_and_keeps_the_order_of_the_plan);
    CASE(suite, hint_follows_the_error);
    CASE(suite, timeout_names_its_phase);
    CASE(suite, http_status_is_a_number_and_other_codes_are_strings);
    CASE(suite, age_is_in_seconds_and_only_where_a_check_has_one);
    CASE(suite, failing_checks_come_first);
    CASE(suite, unknown_uptime_is_left_out);
    CASE(suite, verbose_adds_timings_of_the_phases_that_were_entered);
    CASE(suite, notes_ignored_and_skipped_are_at_the_top_level);
    CASE(suite, names_that_are_not_shown_are_counted_last);
    TABLE(suite, refusal_has_the_error_right_after_the_status_and_no_checks, refusals);
    CASE(suite, refusal_has_notes_as_a_run_has_but_no_lists_of_names);
    add(suite, "longest_message_of_a_refusal_fits", longest_message_of_a_refusal_fits, 3);
    CASE(suite, interrupted_run_says_so_even_where_all_checks_were_up);
    TABLE(suite, hostile_text_is_parsed_back_unchanged, hostile);
    TABLE(suite, longest_report_keeps_all_verdicts_and_says_that_it_was_cut, hostile);
    TABLE(suite, longest_degraded_report_fits_too, hostile);
    add(suite, "report_that_fits_without_targets_keeps_every_error",
        report_that_fits_without_targets_keeps_every_error, 2);
    CASE(suite, degraded_report_says_why_each_check_does_not_fail);
    CASE(suite, slow_run_is_degraded_without_a_summary);
    CASE(suite, targets_of_checks_that_are_up_are_left_out_first);
    CASE(suite, report_of_any_length_is_complete_or_says_that_it_was_cut);
    return hp_unit_run(suite);
}
