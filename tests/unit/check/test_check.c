/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/check/check.h>

static const struct {
    int64_t run_ms;
    int64_t check_ms;
    int64_t own_ms;
} limits[] = {
    {60000, 10000, 10000},
    {10000, 60000, 10000},
    {10000, 10000, 10000},
    {-5, 10000, -5},
};

START_TEST(deadline_is_the_nearer_of_run_and_check)
{
    const struct hp_check check = {.timeout_ns = limits[_i].check_ms * HP_NS_PER_MS};
    int64_t before_ns = hp_clock_now_ns();
    int64_t at_ns =
        hp_check_deadline(&check, hp_deadline_at(before_ns, limits[_i].run_ms * HP_NS_PER_MS))
            .at_ns;

    ck_assert_int_ge(at_ns, before_ns + limits[_i].own_ms * HP_NS_PER_MS);
    ck_assert_int_le(at_ns, hp_clock_now_ns() + limits[_i].own_ms * HP_NS_PER_MS);
}
END_TEST

#define MS HP_NS_PER_MS

static const struct {
    int64_t check_ms;
    struct hp_result result;
    const char *error;
} silences[] = {
    {2500, {.phase = HP_PHASE_DNS}, "no address of the host within 2.5s"},
    {900, {.phase = HP_PHASE_CONNECT}, "no connection within 900ms"},
    {2500, {.phase = HP_PHASE_TLS}, "no TLS handshake within 2.5s (connected)"},
    {60000, {.phase = HP_PHASE_LOGIN}, "no login within 60s (connected)"},
    {1000, {.phase = HP_PHASE_QUERY}, "no answer to the query within 1s"},
    {1001,
     {.phase = HP_PHASE_RESPONSE},
     "no response within 1.001s (connected, waiting for headers)"},
    {1000,
     {.phase = HP_PHASE_RESPONSE, .http_status = 207},
     "no response within 1s (answered 207, waiting for the rest)"},
    {1000,
     {.phase = HP_PHASE_DNS, .error = {"no answer from name server 1.1.1.1"}},
     "no answer from name server 1.1.1.1"},
    {1000,
     {.reason = HP_REASON_INTERRUPTED},
     "a signal ended the run before this check had its answer"},
    {1000, {.reason = HP_REASON_QUERY}, "the server gave no reason"},
    {1000, {.reason = HP_REASON_QUERY, .error = {"said"}}, "said"},
};

/* The configured limit, however much of it was left. */
START_TEST(check_that_is_down_has_an_error)
{
    const struct hp_check_ops kind = {.awaits = "headers"};
    const struct hp_check check = {.ops = &kind, .timeout_ns = silences[_i].check_ms * MS};
    struct hp_result result = silences[_i].result;

    hp_check_explain(&check, &result);
    ck_assert_str_eq(result.error.bytes, silences[_i].result.error.bytes);
    result.status = HP_STATUS_DOWN;
    if (result.reason == HP_REASON_NONE)
        result.reason = HP_REASON_TIMEOUT;
    hp_check_explain(&check, &result);
    ck_assert_str_eq(result.error.bytes, silences[_i].error);
    ck_assert_str_eq(result.hint.bytes, "");
}
END_TEST

static const struct {
    enum hp_phase phase;
    const char *error;
} silences_without_tls[] = {
    {HP_PHASE_TLS, "no response within 700ms (connected)"},
    {HP_PHASE_CONNECT, "no connection within 700ms"},
    {HP_PHASE_LOGIN, "no login within 700ms (connected)"},
};

/* The phase stays what it was. */
START_TEST(timeout_is_not_of_a_handshake_where_tls_is_optional)
{
    const struct hp_check_ops kind = {0};
    const struct hp_check check = {.ops = &kind, .timeout_ns = 700 * MS, .tls_is_optional = true};
    struct hp_result result = {.status = HP_STATUS_DOWN,
                               .reason = HP_REASON_TIMEOUT,
                               .phase = silences_without_tls[_i].phase};

    hp_check_explain(&check, &result);
    ck_assert_str_eq(result.error.bytes, silences_without_tls[_i].error);
    ck_assert_int_eq(result.phase, silences_without_tls[_i].phase);
}
END_TEST

static const struct {
    enum hp_status status;
    enum hp_reason reason;
    int64_t slow_ns;
    bool optional;
    bool slow, tolerated;
} results[] = {
    {HP_STATUS_UP, HP_REASON_NONE, 0, false, false, false},
    {HP_STATUS_UP, HP_REASON_NONE, 7, false, false, false},
    {HP_STATUS_UP, HP_REASON_NONE, 6, true, true, false},
    {HP_STATUS_DOWN, HP_REASON_AUTH, 6, false, false, false},
    {HP_STATUS_DOWN, HP_REASON_REFUSED, 6, true, false, true},
    {HP_STATUS_UNKNOWN, HP_REASON_NONE, 6, false, false, false},
};

/* What is down is not slow too, and the limit itself is not above it. */
START_TEST(report_says_of_a_check_what_forgives_it_and_whether_it_is_slow)
{
    const struct hp_check_ops kind = {.exit_bit = 8, .is_datastore = true};
    struct hp_check check = {.ops = &kind,
                             .name = "http",
                             .target = "http://h/",
                             .slow_ns = results[_i].slow_ns,
                             .timeout_ns = 9,
                             .optional = results[_i].optional,
                             .tolerated = hp_reason_bit(HP_REASON_REFUSED)};
    struct hp_result result = {.status = results[_i].status,
                               .reason = results[_i].reason,
                               .http_status = 204,
                               .latency_ns = 7};
    static struct hp_report report;
    const struct hp_report_check *entry = &report.checks[0];

    hp_report_init(&report);
    hp_check_report(&check, &result, &report);
    memset(&result, 0, sizeof result);
    memset(&check, 0, sizeof check);
    ck_assert_uint_eq(report.n_checks, 1);
    ck_assert_str_eq(entry->name, "http");
    ck_assert_str_eq(entry->target, "http://h/");
    ck_assert_int_eq(entry->result.status, results[_i].status);
    ck_assert_int_eq(entry->result.http_status, 204);
    ck_assert_int_eq(entry->result.latency_ns, 7);
    ck_assert_int_eq(entry->slow_ns, results[_i].slow_ns);
    ck_assert_int_eq(entry->timeout_ns, 9);
    ck_assert_int_eq(entry->exit_bit, 8);
    ck_assert(entry->datastore);
    ck_assert_int_eq(entry->optional, results[_i].optional);
    ck_assert_int_eq(entry->slow, results[_i].slow);
    ck_assert_int_eq(entry->tolerated, results[_i].tolerated);
}
END_TEST

/* A kind whose settings are a string on the heap. */
static bool parse_copy(struct hp_check *ret, const struct hp_check_input *input,
                       struct hp_error *err)
{
    char **settings = ret->settings;

    ck_assert_ptr_null(*settings);
    *settings = strdup(input->target);
    (void)err;
    return input->target[0] != '\0';
}

static void show_copy(const struct hp_check *check, struct hp_buffer *ret)
{
    hp_buffer_add(ret, *(char *const *)check->settings);
}

static void release_copy(void *settings)
{
    free(*(char **)settings);
}

START_TEST(settings_are_kept_and_the_target_is_shown_unless_parsing_fails)
{
    static const char *const targets[] = {"redis://h:6379", ""};
    const struct hp_check_ops kind = {.settings_size = sizeof(char *),
                                      .parse = parse_copy,
                                      .show = show_copy,
                                      .release = release_copy};
    struct hp_check check = {.ops = &kind};
    const struct hp_check_input input = {.target = targets[_i]};
    struct hp_error err = {0};

    ck_assert_int_eq(hp_check_parse(&check, &input, &err), _i == 0);
    ck_assert_str_eq(check.target, targets[_i]);
    ck_assert_int_eq(check.settings != NULL, _i == 0);
    if (_i == 0)
        hp_check_release(&check);
    ck_assert_ptr_null(check.settings);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");

    HP_UNIT_TABLE(suite, deadline_is_the_nearer_of_run_and_check, limits);
    HP_UNIT_TABLE(suite, check_that_is_down_has_an_error, silences);
    HP_UNIT_TABLE(suite, timeout_is_not_of_a_handshake_where_tls_is_optional, silences_without_tls);
    HP_UNIT_TABLE(suite, report_says_of_a_check_what_forgives_it_and_whether_it_is_slow, results);
    hp_unit_add(suite, "settings_are_kept_and_the_target_is_shown_unless_parsing_fails",
                settings_are_kept_and_the_target_is_shown_unless_parsing_fails, 2);
    return hp_unit_run(suite);
}
