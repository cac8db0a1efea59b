/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/span.h>

static void assert_is(struct hp_span span, const char *text)
{
    ck_assert_ptr_nonnull(span.data);
    ck_assert_uint_eq(span.len, strlen(text));
    ck_assert_mem_eq(span.data, text, span.len);
}

START_TEST(equal_spans_have_the_same_length_and_bytes)
{
    const struct hp_span span = {"password", 4};

    ck_assert(hp_span_equals(span, "pass"));
    ck_assert(!hp_span_equals(span, "pas"));
    ck_assert(!hp_span_equals(span, "password"));
    ck_assert(!hp_span_equals(span, "paSs"));
    ck_assert(hp_span_equals((struct hp_span){0}, ""));
}
END_TEST

START_TEST(a_span_starts_with_what_is_within_its_length)
{
    const struct hp_span span = {"env:NAME", 4};

    ck_assert(hp_span_starts(span, "env:"));
    ck_assert(hp_span_starts(span, ""));
    ck_assert(!hp_span_starts(span, "env:N"));
    ck_assert(!hp_span_starts(span, "file"));
    ck_assert(!hp_span_starts((struct hp_span){0}, "e"));
}
END_TEST

START_TEST(skipping_leaves_the_rest)
{
    assert_is(hp_span_skip(hp_span_of("abc"), 1), "bc");
    assert_is(hp_span_skip(hp_span_of("abc"), 3), "");
}
END_TEST

START_TEST(cutting_visits_each_word_empty_ones_too)
{
    struct hp_span list = hp_span_of("a,,bc,");

    assert_is(hp_span_cut(&list, ","), "a");
    assert_is(hp_span_cut(&list, ","), "");
    assert_is(hp_span_cut(&list, ","), "bc");
    assert_is(list, "");
    assert_is(hp_span_cut(&list, ","), "");
    ck_assert_ptr_null(list.data);
    ck_assert_uint_eq(list.len, 0);
}
END_TEST

START_TEST(cutting_stops_at_the_first_of_several)
{
    struct hp_span rest = hp_span_of("host?query/path");

    assert_is(hp_span_cut(&rest, "/?"), "host");
    assert_is(rest, "query/path");
}
END_TEST

START_TEST(cutting_what_has_no_stop_takes_all)
{
    struct hp_span rest = {"host:1", 4};

    assert_is(hp_span_cut(&rest, ":"), "host");
    ck_assert_ptr_null(rest.data);
    ck_assert_ptr_null(hp_span_cut(&rest, ":").data);
}
END_TEST

START_TEST(a_nul_is_no_stop_and_no_blank)
{
    struct hp_span rest = {"a\0b ", 4};

    ck_assert_uint_eq(hp_span_cut(&rest, " ").len, 3);
    ck_assert_uint_eq(hp_span_trim((struct hp_span){"\0 \0", 3}, " ").len, 3);
}
END_TEST

START_TEST(trimming_drops_blanks_at_both_ends_alone)
{
    assert_is(hp_span_trim(hp_span_of(" \ta b\t "), " \t"), "a b");
    assert_is(hp_span_trim(hp_span_of(" \n"), " \t"), "\n");
    assert_is(hp_span_trim(hp_span_of(" \t"), " \t"), "");
    assert_is(hp_span_trim_end(hp_span_of(" a \t"), " \t"), " a");
}
END_TEST

START_TEST(what_follows_a_prefix_is_found)
{
    ck_assert_str_eq(hp_after_prefix("ndots:5", "ndots:"), "5");
    ck_assert_str_eq(hp_after_prefix("ndots:", "ndots:"), "");
    ck_assert_ptr_null(hp_after_prefix("ndots", "ndots:"));
    ck_assert_ptr_null(hp_after_prefix("NDOTS:5", "ndots:"));
}
END_TEST

START_TEST(a_byte_of_a_set_is_one_of_it_and_nul_never_is)
{
    ck_assert(hp_is_one_of('b', "ab"));
    ck_assert(!hp_is_one_of('c', "ab"));
    ck_assert(!hp_is_one_of('\0', "ab"));
    ck_assert(!hp_is_one_of('a', ""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("span");

    HP_UNIT_CASE(suite, equal_spans_have_the_same_length_and_bytes);
    HP_UNIT_CASE(suite, a_span_starts_with_what_is_within_its_length);
    HP_UNIT_CASE(suite, skipping_leaves_the_rest);
    HP_UNIT_CASE(suite, cutting_visits_each_word_empty_ones_too);
    HP_UNIT_CASE(suite, cutting_stops_at_the_first_of_several);
    HP_UNIT_CASE(suite, cutting_what_has_no_stop_takes_all);
    HP_UNIT_CASE(suite, a_nul_is_no_stop_and_no_blank);
    HP_UNIT_CASE(suite, trimming_drops_blanks_at_both_ends_alone);
    HP_UNIT_CASE(suite, what_follows_a_prefix_is_found);
    HP_UNIT_CASE(suite, a_byte_of_a_set_is_one_of_it_and_nul_never_is);
    return hp_unit_run(suite);
}
