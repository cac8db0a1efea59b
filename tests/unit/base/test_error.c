/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/error.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

START_TEST(every_reason_has_a_different_name)
{
    for (int a = HP_REASON_NONE + 1; a < HP_REASON_COUNT; a++) {
        ck_assert_ptr_nonnull(hp_reason_name((enum hp_reason)a));
        ck_assert_str_ne(hp_reason_name((enum hp_reason)a), "");
        for (int b = a + 1; b < HP_REASON_COUNT; b++)
            ck_assert_str_ne(hp_reason_name((enum hp_reason)a), hp_reason_name((enum hp_reason)b));
    }
}
END_TEST

static const struct {
    enum hp_reason reason;
    const char *name;
} names[] = {
    {HP_REASON_NONE, ""},
    {HP_REASON_CONFIG, "config"},
    {HP_REASON_STALE, "stale"},
    {HP_REASON_READONLY, "readonly"},
    {HP_REASON_EXPECTATION, "expectation"},
    {HP_REASON_INTERNAL, "internal"},
    {HP_REASON_COUNT, "internal"},
};

START_TEST(reason_name_is_as_the_report_spells_it)
{
    ck_assert_str_eq(hp_reason_name(names[_i].reason), names[_i].name);
}
END_TEST

static const struct {
    int number;
    enum hp_reason reason;
} errnos[] = {
    {ECONNREFUSED, HP_REASON_REFUSED},
    {ENOENT, HP_REASON_REFUSED},
    {ENOTDIR, HP_REASON_REFUSED},
    {EACCES, HP_REASON_REFUSED},
    {EPERM, HP_REASON_REFUSED},
    {ENOTSOCK, HP_REASON_REFUSED},
    {ELOOP, HP_REASON_REFUSED},
    {EAGAIN, HP_REASON_CAPACITY},
    {EHOSTUNREACH, HP_REASON_UNREACHABLE},
    {ENETUNREACH, HP_REASON_UNREACHABLE},
    {EADDRNOTAVAIL, HP_REASON_UNREACHABLE},
    {ENETDOWN, HP_REASON_UNREACHABLE},
    {EHOSTDOWN, HP_REASON_UNREACHABLE},
    {EAFNOSUPPORT, HP_REASON_UNREACHABLE},
    {ETIMEDOUT, HP_REASON_TIMEOUT},
    {ECONNRESET, HP_REASON_CLOSED},
    {EPIPE, HP_REASON_CLOSED},
    {ECONNABORTED, HP_REASON_CLOSED},
    {EMFILE, HP_REASON_INTERNAL},
    {ENFILE, HP_REASON_INTERNAL},
    {ENOMEM, HP_REASON_INTERNAL},
    {ENOBUFS, HP_REASON_INTERNAL},
    {EBADF, HP_REASON_INTERNAL},
    {0, HP_REASON_INTERNAL},
};

START_TEST(errno_gives_the_reason)
{
    ck_assert_int_eq(hp_reason_of_errno(errnos[_i].number), errnos[_i].reason);
}
END_TEST

START_TEST(all_problems_are_reported)
{
    struct hp_error err = {0};

    hp_error_add(&err, HP_REASON_CONFIG, "%s: the port is %d", "--redis", 1);
    hp_error_add(&err, HP_REASON_CONFIG, "--http: no host");
    ck_assert_str_eq(err.msg, "--redis: the port is 1; --http: no host");
    ck_assert_uint_eq(err.len, strlen(err.msg));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
}
END_TEST

static const struct {
    enum hp_reason first;
    enum hp_reason second;
    enum hp_reason told;
    const char *text;
} ranks[] = {
    {HP_REASON_CONFIG, HP_REASON_USAGE, HP_REASON_USAGE, "one; two"},
    {HP_REASON_USAGE, HP_REASON_CONFIG, HP_REASON_USAGE, "one; two"},
    {HP_REASON_USAGE, HP_REASON_INTERNAL, HP_REASON_USAGE, "one; two"},
    {HP_REASON_INTERNAL, HP_REASON_USAGE, HP_REASON_USAGE, "one; two"},
    {HP_REASON_CONFIG, HP_REASON_INTERNAL, HP_REASON_INTERNAL, "one; two"},
    /* What could not be read seems not to be there. */
    {HP_REASON_INTERNAL, HP_REASON_CONFIG, HP_REASON_INTERNAL, "one"},
    {HP_REASON_INTERNAL, HP_REASON_INTERNAL, HP_REASON_INTERNAL, "one; two"},
};

START_TEST(usage_outranks_internal_and_internal_outranks_config)
{
    struct hp_error err = {0};

    hp_error_add(&err, ranks[_i].first, "one");
    hp_error_add(&err, ranks[_i].second, "two");
    ck_assert_int_eq(err.reason, ranks[_i].told);
    ck_assert_str_eq(err.msg, ranks[_i].text);
}
END_TEST

START_TEST(out_of_memory_is_reported_and_is_a_failure)
{
    struct hp_error err = {0};

    ck_assert(!hp_error_no_memory(&err));
    ck_assert_int_eq(err.reason, HP_REASON_INTERNAL);
    ck_assert_str_eq(err.msg, "out of memory");
}
END_TEST

static const struct {
    const char *name;
    enum hp_reason reason; /* HP_REASON_COUNT: none of a check's own */
} own[] = {
    {"capacity", HP_REASON_CAPACITY},
    {"dns", HP_REASON_DNS},
    {"protocol", HP_REASON_PROTOCOL},
    {"timeout", HP_REASON_TIMEOUT},
    {"config", HP_REASON_COUNT},
    {"usage", HP_REASON_COUNT},
    {"interrupted", HP_REASON_COUNT},
    {"internal", HP_REASON_COUNT},
    {"", HP_REASON_COUNT},
    {"cap", HP_REASON_COUNT},
    {"capacity2", HP_REASON_COUNT},
    {"Capacity", HP_REASON_COUNT},
};

START_TEST(reason_of_a_target_is_known_by_its_name)
{
    char text[32];

    ck_assert_int_eq(hp_reason_of_target(own[_i].name, strlen(own[_i].name)), own[_i].reason);
    /* it ends where it is said to end */
    snprintf(text, sizeof text, "%s,loading", own[_i].name);
    ck_assert_int_eq(hp_reason_of_target(text, strlen(own[_i].name)), own[_i].reason);
}
END_TEST

START_TEST(all_reasons_but_four_are_of_a_target)
{
    int found = 0;

    for (int reason = HP_REASON_NONE + 1; reason < HP_REASON_COUNT; reason++) {
        const char *name = hp_reason_name((enum hp_reason)reason);

        found += hp_reason_of_target(name, strlen(name)) == (enum hp_reason)reason;
    }
    ck_assert_int_eq(found, HP_REASON_COUNT - 1 - 4);
}
END_TEST

static const struct {
    const char *problems[4];
    const char *told;
} repeated[] = {
    {{"a: x", "a: x"}, "a: x"},
    {{"a: x", "b: y", "a: x", "b: y"}, "a: x; b: y"},
    {{"a: x; y", "a: x; y"}, "a: x; y"},
    /* a piece of another is a problem of its own */
    {{"aa: xx", "a: x"}, "aa: xx; a: x"},
    {{"a: xx", "a: x"}, "a: xx; a: x"},
    {{"aa: x", "a: x"}, "aa: x; a: x"},
    {{"aa: x", "a: x", "a: x"}, "aa: x; a: x"},
};

START_TEST(same_problem_is_reported_once)
{
    struct hp_error err = {0};

    for (size_t i = 0; i < HP_UNIT_ROWS(repeated[_i].problems) && repeated[_i].problems[i]; i++)
        hp_error_add(&err, HP_REASON_CONFIG, "%s", repeated[_i].problems[i]);
    ck_assert_str_eq(err.msg, repeated[_i].told);
    ck_assert_uint_eq(err.len, strlen(err.msg));
}
END_TEST

START_TEST(each_text_is_found_even_with_a_separator_in_it)
{
    static const char *const texts[] = {"a: x; take y", "b", "c: z; or w"};
    struct hp_error err = {0};

    ck_assert_ptr_null(hp_error_text(&err, 0).data);
    for (size_t i = 0; i < HP_UNIT_ROWS(texts); i++)
        hp_error_add(&err, HP_REASON_CONFIG, "%s", texts[i]);
    hp_error_add(&err, HP_REASON_CONFIG, "%s", texts[1]);
    for (size_t i = 0; i < HP_UNIT_ROWS(texts); i++)
        ck_assert(hp_span_equals(hp_error_text(&err, i), texts[i]));
    ck_assert_ptr_null(hp_error_text(&err, HP_UNIT_ROWS(texts)).data);
}
END_TEST

START_TEST(text_without_a_word_is_left_out)
{
    struct hp_error err = {0};

    hp_error_add(&err, HP_REASON_CONFIG, "%s", " ");
    hp_error_add(&err, HP_REASON_CONFIG, "a");
    hp_error_add(&err, HP_REASON_CONFIG, "%s", "");
    ck_assert_str_eq(err.msg, "a");
    ck_assert(hp_span_equals(hp_error_text(&err, 0), "a"));
    ck_assert_ptr_null(hp_error_text(&err, 1).data);
}
END_TEST

/* What has no place of its own is part of the last. */
START_TEST(texts_are_all_that_is_in_the_message)
{
    struct hp_error err = {0};
    size_t sum = 0;
    size_t n = 0;

    for (int i = 0; i < 30; i++)
        hp_error_add(&err, HP_REASON_CONFIG, "problem %d", i);
    for (struct hp_span text; (text = hp_error_text(&err, n)).data != NULL; n++)
        sum += text.len;
    ck_assert_uint_eq(n, HP_UNIT_ROWS(err.begins));
    ck_assert_uint_eq(sum + (n - 1) * strlen("; "), err.len);
}
END_TEST

/* A path that was named is quoted, and may hold anything. */
START_TEST(message_is_fit_to_print)
{
    struct hp_error err = {0};

    hp_error_add(&err, HP_REASON_CONFIG, "--ca: cannot open %s", "/a\nb\xFF");
    ck_assert_str_eq(err.msg, "--ca: cannot open /a\xEF\xBF\xBD"
                              "b\xEF\xBF\xBD");
}
END_TEST

START_TEST(text_that_does_not_fit_is_cut)
{
    struct hp_error err = {0};

    for (int i = 0; i < 300; i++)
        hp_error_add(&err, HP_REASON_CONFIG, "problem %d", i);
    ck_assert_uint_eq(err.len, sizeof err.msg - 1);
    ck_assert_uint_eq(strlen(err.msg), err.len);
}
END_TEST

START_TEST(cut_splits_no_character)
{
    struct hp_error err = {0};
    char most[sizeof err.msg - 1] = "";

    memset(most, 'x', sizeof most - 1);
    hp_error_add(&err, HP_REASON_CONFIG, "%s", most);
    ck_assert_uint_eq(err.len, sizeof err.msg - 2);
    err.len -= 2;
    hp_error_add(&err, HP_REASON_CONFIG, "\xC3\xA4");
    ck_assert_uint_eq(err.len, sizeof err.msg - 2);
    ck_assert_uint_eq(strlen(err.msg), err.len);
    ck_assert_ptr_null(strchr(err.msg, '\xC3'));
}
END_TEST

static const struct {
    size_t n;
    size_t n_awaited;
    bool may_pass;
} problems[] = {{0, 0, false}, {1, 0, false}, {1, 1, true}, {2, 1, false}, {2, 2, true}};

START_TEST(error_may_pass_if_only_files_are_missing)
{
    struct hp_error err = {0};

    for (size_t i = 0; i < problems[_i].n; i++)
        hp_error_add(&err, HP_REASON_CONFIG, "problem");
    err.n_awaited = problems[_i].n_awaited;
    ck_assert_uint_eq(err.n, problems[_i].n);
    ck_assert(hp_error_may_pass(&err) == problems[_i].may_pass);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");

    HP_UNIT_CASE(suite, every_reason_has_a_different_name);
    HP_UNIT_TABLE(suite, reason_name_is_as_the_report_spells_it, names);
    HP_UNIT_TABLE(suite, errno_gives_the_reason, errnos);
    HP_UNIT_CASE(suite, all_problems_are_reported);
    HP_UNIT_TABLE(suite, usage_outranks_internal_and_internal_outranks_config, ranks);
    HP_UNIT_CASE(suite, out_of_memory_is_reported_and_is_a_failure);
    HP_UNIT_TABLE(suite, reason_of_a_target_is_known_by_its_name, own);
    HP_UNIT_CASE(suite, all_reasons_but_four_are_of_a_target);
    HP_UNIT_TABLE(suite, same_problem_is_reported_once, repeated);
    HP_UNIT_CASE(suite, each_text_is_found_even_with_a_separator_in_it);
    HP_UNIT_CASE(suite, text_without_a_word_is_left_out);
    HP_UNIT_CASE(suite, texts_are_all_that_is_in_the_message);
    HP_UNIT_CASE(suite, message_is_fit_to_print);
    HP_UNIT_CASE(suite, text_that_does_not_fit_is_cut);
    HP_UNIT_CASE(suite, cut_splits_no_character);
    HP_UNIT_TABLE(suite, error_may_pass_if_only_files_are_missing, problems);
    return hp_unit_run(suite);
}
