/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/buffer.h>

#include <string.h>

START_TEST(added_texts_follow_each_other)
{
    char storage[32];
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, storage, sizeof storage);
    ck_assert_str_eq(storage, "");
    hp_buffer_add(&buffer, "a");
    hp_buffer_add_bytes(&buffer, "bcd", 2);
    hp_buffer_add_format(&buffer, "-%d", 7);
    ck_assert_str_eq(storage, "abc-7");
    ck_assert_uint_eq(buffer.len, 5);
    ck_assert(!buffer.overflow);
}
END_TEST

START_TEST(buffer_can_be_filled_to_the_last_byte)
{
    char storage[6];
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, storage, sizeof storage);
    hp_buffer_add(&buffer, "abc");
    hp_buffer_add_format(&buffer, "%s", "de");
    ck_assert(!buffer.overflow);
    ck_assert_str_eq(storage, "abcde");
    hp_buffer_add(&buffer, "");
    hp_buffer_add_format(&buffer, "%s", "");
    ck_assert(!buffer.overflow);
}
END_TEST

static void add_text(struct hp_buffer *buffer)
{
    hp_buffer_add(buffer, "defg");
}

static void add_bytes(struct hp_buffer *buffer)
{
    hp_buffer_add_bytes(buffer, "defg", 4);
}

static void add_format(struct hp_buffer *buffer)
{
    hp_buffer_add_format(buffer, "%s%d", "def", 1);
}

static void add_ms(struct hp_buffer *buffer)
{
    hp_buffer_add_ms(buffer, 1);
}

static void add_json(struct hp_buffer *buffer)
{
    hp_buffer_add_json_string(buffer, "de");
}

static void (*const adders[])(struct hp_buffer *) = {add_text, add_bytes, add_format, add_ms,
                                                     add_json};

START_TEST(text_that_does_not_fit_only_sets_overflow)
{
    char storage[8];
    struct hp_buffer buffer;

    memset(storage, '#', sizeof storage);
    hp_buffer_init(&buffer, storage, 7);
    hp_buffer_add(&buffer, "abc");
    adders[_i](&buffer);
    ck_assert(buffer.overflow);
    ck_assert_str_eq(storage, "abc");
    ck_assert_uint_eq(buffer.len, 3);
    ck_assert_int_eq(storage[7], '#');
}
END_TEST

START_TEST(nothing_is_added_after_an_overflow_until_rewind)
{
    char storage[6];
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, storage, sizeof storage);
    hp_buffer_add(&buffer, "abc");
    hp_buffer_add(&buffer, "too long");
    hp_buffer_add(&buffer, "d");
    hp_buffer_add_format(&buffer, "%s", "d");
    hp_buffer_add_json_string(&buffer, "");
    ck_assert_str_eq(storage, "abc");
    hp_buffer_rewind(&buffer, 1);
    ck_assert_str_eq(storage, "a");
    hp_buffer_add(&buffer, "xyz!");
    ck_assert_str_eq(storage, "axyz!");
    ck_assert(!buffer.overflow);
}
END_TEST

START_TEST(storage_of_no_bytes_is_never_written)
{
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, NULL, 0);
    for (size_t i = 0; i < HP_UNIT_ROWS(adders); i++) {
        buffer.overflow = false;
        adders[i](&buffer);
        ck_assert(buffer.overflow);
        ck_assert_uint_eq(buffer.len, 0);
    }
    hp_buffer_rewind(&buffer, 0);
}
END_TEST

static const struct {
    int64_t ns;
    const char *text;
} milliseconds[] = {
    {0, "0.000"},
    {1, "0.000"},
    {499, "0.000"},
    {500, "0.001"},
    {1234567, "1.235"},
    {999999499, "999.999"},
    {999999500, "1000.000"},
    {2500000000, "2500.000"},
    {-1, "0.000"},
    {INT64_MAX, "9223372036854.776"},
};

START_TEST(milliseconds_have_three_decimals_and_are_rounded)
{
    char storage[32];
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, storage, sizeof storage);
    hp_buffer_add_ms(&buffer, milliseconds[_i].ns);
    ck_assert_str_eq(storage, milliseconds[_i].text);
}
END_TEST

static const struct {
    const char *text;
    const char *json;
} strings[] = {
    {"", "\"\""},
    {"plain", "\"plain\""},
    {"user \"app\"", "\"user \\\"app\\\"\""},
    {"a\\b/c", "\"a\\\\b/c\""},
    {"\xC3\xA4\xE2\x82\xAC", "\"\xC3\xA4\xE2\x82\xAC\""},
    {"line\nend\x01", "\"line\\u000aend\\u0001\""},
    {"\x0F\x10\x1F ", "\"\\u000f\\u0010\\u001f \""},
};

START_TEST(json_string_is_quoted_and_escaped)
{
    char storage[64];
    struct hp_buffer buffer;

    hp_buffer_init(&buffer, storage, sizeof storage);
    hp_buffer_add_json_string(&buffer, strings[_i].text);
    ck_assert_str_eq(storage, strings[_i].json);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("buffer");

    HP_UNIT_CASE(suite, added_texts_follow_each_other);
    HP_UNIT_CASE(suite, buffer_can_be_filled_to_the_last_byte);
    HP_UNIT_TABLE(suite, text_that_does_not_fit_only_sets_overflow, adders);
    HP_UNIT_CASE(suite, nothing_is_added_after_an_overflow_until_rewind);
    HP_UNIT_CASE(suite, storage_of_no_bytes_is_never_written);
    HP_UNIT_TABLE(suite, milliseconds_have_three_decimals_and_are_rounded, milliseconds);
    HP_UNIT_TABLE(suite, json_string_is_quoted_and_escaped, strings);
    return hp_unit_run(suite);
}
