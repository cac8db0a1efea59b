/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/report/render.h>

#include <stdio.h>
#include <string.h>

static struct hp_report report;
static char text[HP_SUMMARY_MAX + 1];

static struct hp_result *add_down(const char *name, enum hp_reason reason)
{
    struct hp_report_check *check = &report.checks[report.n_checks++];

    snprintf(check->name, sizeof check->name, "%s", name);
    check->result = (struct hp_result){.status = HP_STATUS_DOWN, .reason = reason};
    return &check->result;
}

static void add_up(const char *name)
{
    struct hp_report_check *check = &report.checks[report.n_checks++];

    snprintf(check->name, sizeof check->name, "%s", name);
    check->result = (struct hp_result){.status = HP_STATUS_UP, .http_status = 200};
}

static const char *summary(void)
{
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, text, sizeof text);
    hp_render_summary(&report, &buffer);
    ck_assert(!buffer.overflow);
    ck_assert_uint_eq(buffer.len, strlen(text));
    return text;
}

static const struct {
    struct hp_result result;
    const char *told;
} results[] = {
    {{.reason = HP_REASON_REFUSED}, "database refused"},
    {{.reason = HP_REASON_AUTH, .code = "28P01"}, "database auth 28P01"},
    {{.reason = HP_REASON_AUTH, .code = "WRONGPASS"}, "database auth WRONGPASS"},
    {{.reason = HP_REASON_STATUS, .http_status = 503}, "database status 503"},
    {{.reason = HP_REASON_TIMEOUT, .phase = HP_PHASE_DNS}, "database timeout dns"},
    {{.reason = HP_REASON_TIMEOUT, .phase = HP_PHASE_RESPONSE}, "database timeout response"},
    {{.reason = HP_REASON_TIMEOUT, .phase = HP_PHASE_QUERY, .code = "57014"},
     "database timeout query"},
    {{.reason = HP_REASON_INTERRUPTED}, "database interrupted"},
};

START_TEST(entry_is_name_reason_and_code_or_phase)
{
    *add_down("database", HP_REASON_NONE) = results[_i].result;
    report.checks[0].result.status = HP_STATUS_DOWN;
    ck_assert_str_eq(summary(), results[_i].told);
}
END_TEST

START_TEST(entries_are_joined_and_what_is_up_is_left_out)
{
    strcpy(add_down("http", HP_REASON_STATUS)->code, "");
    report.checks[0].result.http_status = 500;
    add_up("database");
    add_down("redis", HP_REASON_LOADING);
    ck_assert_str_eq(summary(), "http status 500, redis loading");
}
END_TEST

START_TEST(summary_of_what_is_up_is_empty)
{
    ck_assert_str_eq(summary(), "");
    add_up("http");
    ck_assert_str_eq(summary(), "");
}
END_TEST

/* A signal may come when the last check is up already. */
START_TEST(interruption_is_shown_if_nothing_else_is)
{
    report.interrupted = true;
    ck_assert_str_eq(summary(), "interrupted");
    add_up("http");
    ck_assert_str_eq(summary(), "interrupted");
    add_down("redis", HP_REASON_REFUSED);
    ck_assert_str_eq(summary(), "redis refused");
}
END_TEST

/* What may be down does not say why the run is unhealthy. */
START_TEST(interruption_is_shown_beside_tolerated_checks)
{
    report.interrupted = true;
    add_down("redis", HP_REASON_REFUSED);
    report.checks[0].optional = true;
    ck_assert_str_eq(summary(), "interrupted, redis refused");
    report.checks[0].result.reason = HP_REASON_INTERRUPTED;
    ck_assert_str_eq(summary(), "redis interrupted");
    report.checks[0].result.reason = HP_REASON_REFUSED;
    add_down("http", HP_REASON_DNS);
    ck_assert_str_eq(summary(), "redis refused, http dns");
}
END_TEST

START_TEST(tolerated_checks_are_shown_and_slow_ones_are_not)
{
    add_down("redis", HP_REASON_REFUSED);
    report.checks[0].optional = true;
    add_down("database", HP_REASON_CAPACITY);
    report.checks[1].tolerated = true;
    add_up("http");
    report.checks[2].slow = true;
    ck_assert_str_eq(summary(), "redis refused, database capacity");
}
END_TEST

/* A check whose memory was never filled is shown like one that is down. */
START_TEST(unknown_result_is_shown)
{
    add_down("http", HP_REASON_INTERNAL)->status = HP_STATUS_UNKNOWN;
    ck_assert_str_eq(summary(), "http internal");
}
END_TEST

static size_t count(const char *where, const char *what)
{
    size_t n = 0;

    for (const char *p = strstr(where, what); p; p = strstr(p + 1, what))
        n++;
    return n;
}

static const struct {
    size_t checks;
    size_t name_len;
} sizes[] = {
    {16, 1},  {16, 8},  {16, 12}, {16, 13}, {16, 14}, {16, 15}, {16, 16}, {16, 17},
    {16, 20}, {16, 24}, {16, 28}, {16, 31}, {16, 32}, {15, 32}, {10, 32}, {9, 32},
    {8, 32},  {7, 32},  {12, 20}, {13, 20}, {11, 25}, {2, 32},  {1, 32},
};

START_TEST(summary_is_at_most_400_bytes_and_counts_what_did_not_fit)
{
    size_t shown;
    const char *more;

    for (size_t i = 0; i < sizes[_i].checks; i++) {
        char name[HP_NAME_MAX + 1];

        memset(name, 'n', sizes[_i].name_len);
        name[0] = (char)('a' + (char)i);
        name[sizes[_i].name_len] = '\0';
        strcpy(add_down(name, HP_REASON_EXPECTATION)->code, "ABCDEFGHIJKLMNO");
    }
    summary();
    ck_assert_uint_le(strlen(text), HP_SUMMARY_MAX);
    shown = count(text, " expectation ABCDEFGHIJKLMNO");
    more = strstr(text, ", +");
    ck_assert_uint_ge(shown, 1);
    if (shown == sizes[_i].checks) {
        ck_assert_ptr_null(more);
    } else {
        char expected[32];

        snprintf(expected, sizeof expected, ", +%zu", sizes[_i].checks - shown);
        ck_assert_ptr_nonnull(more);
        ck_assert_str_eq(more, expected);
        /* no entry is left out that had room */
        ck_assert_uint_gt(strlen(text) + 2 + sizes[_i].name_len + 28 + 8, HP_SUMMARY_MAX);
    }
}
END_TEST

START_TEST(no_shorter_entry_takes_the_place_of_one_that_did_not_fit)
{
    for (size_t i = 0; i < 15; i++)
        strcpy(add_down("nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", HP_REASON_EXPECTATION)->code, "28P01");
    add_down("z", HP_REASON_DNS);
    ck_assert_ptr_null(strstr(summary(), "z dns"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render_summary");

    HP_UNIT_TABLE(suite, entry_is_name_reason_and_code_or_phase, results);
    HP_UNIT_CASE(suite, entries_are_joined_and_what_is_up_is_left_out);
    HP_UNIT_CASE(suite, summary_of_what_is_up_is_empty);
    HP_UNIT_CASE(suite, interruption_is_shown_if_nothing_else_is);
    HP_UNIT_CASE(suite, interruption_is_shown_beside_tolerated_checks);
    HP_UNIT_CASE(suite, tolerated_checks_are_shown_and_slow_ones_are_not);
    HP_UNIT_CASE(suite, unknown_result_is_shown);
    HP_UNIT_TABLE(suite, summary_is_at_most_400_bytes_and_counts_what_did_not_fit, sizes);
    HP_UNIT_CASE(suite, no_shorter_entry_takes_the_place_of_one_that_did_not_fit);
    return hp_unit_run(suite);
}
