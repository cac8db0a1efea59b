/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/utf8.h>

#include <string.h>

#define R "\xEF\xBF\xBD"

static const struct {
    const char *bytes;
    size_t len;
    const char *text;
} rows[] = {
#define ROW(bytes, text)                                                                           \
    {                                                                                              \
        bytes, sizeof bytes - 1, text                                                              \
    }
    ROW("", ""),
    ROW("plain text", "plain text"),
    /* the first and last of each length */
    ROW(" ~", " ~"),
    ROW("\xC2\xA0\xDF\xBF", "\xC2\xA0\xDF\xBF"),
    ROW("\xE0\xA0\x80\xEF\xBF\xBF", "\xE0\xA0\x80\xEF\xBF\xBF"),
    ROW("\xED\x9F\xBF\xEE\x80\x80", "\xED\x9F\xBF\xEE\x80\x80"),
    ROW("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
    /* control characters */
    ROW("a\0b\x1F\x7F"
        "c",
        "a" R "b" R R "c"),
    ROW("\x1B[31mred", R "[31mred"),
    ROW("one\ntwo\tthree", "one" R "two" R "three"),
    ROW("\xC2\x80\xC2\x9F", R R),
    ROW("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7", R R "\xE2\x80\xA7"),
    /* overlong, surrogates, above U+10FFFF */
    ROW("\xC0\xAF", R R),
    ROW("\xC1\xBF", R R),
    ROW("\xE0\x80\xAF", R R R),
    ROW("\xF0\x80\x80\xAF", R R R R),
    ROW("\xED\xA0\x80", R R R),
    ROW("\xED\xBF\xBF!", R R R "!"),
    ROW("\xF4\x90\x80\x80", R R R R),
    ROW("\xF5\x80\xFF\xFE", R R R R),
    /* a sequence that breaks off: one replacement, and what follows stays */
    ROW("\xC3", R),
    ROW("\xC3(", R "("),
    ROW("\xE2\x82", R),
    ROW("\xE2\x82(", R "("),
    ROW("\xF0\x9F\x98", R),
    ROW("\xF0\x9F\x98\xC3\xA4", R "\xC3\xA4"),
    ROW("\x80\xBF", R R),
    /* blanks at the end */
    ROW("text \t\r\n", "text"),
    ROW(" \n\r\t ", ""),
    ROW("text\n\0", "text" R R),
};

START_TEST(control_characters_and_invalid_bytes_are_replaced)
{
    char text[128];
    size_t len = hp_utf8_clean(text, sizeof text, rows[_i].bytes, rows[_i].len);

    ck_assert_str_eq(text, rows[_i].text);
    ck_assert_uint_eq(len, strlen(rows[_i].text));
}
END_TEST

static const struct {
    size_t size;
    const char *bytes;
    const char *text;
} cuts[] = {
    {1, "abc", ""},
    {3, "abc", "ab"},
    {4, "abc", "abc"},
    {2, "\xC3\xA4", ""},
    {3, "\xC3\xA4", "\xC3\xA4"},
    {5, "a\xE2\x82\xAC\xE2\x82\xAC", "a\xE2\x82\xAC"},
    {7, "a\xE2\x82\xAC\xE2\x82\xAC", "a\xE2\x82\xAC"},
    {3, "\x01", ""},
    {4, "\x01\x01", R},
    /* nothing shorter takes the place of what did not fit */
    {4,
     "ab\xE2\x82\xAC"
     "c",
     "ab"},
};

START_TEST(copy_splits_no_character)
{
    char text[16];
    size_t len;

    memset(text, '#', sizeof text);
    len = hp_utf8_clean(text, cuts[_i].size, cuts[_i].bytes, strlen(cuts[_i].bytes));
    ck_assert_str_eq(text, cuts[_i].text);
    ck_assert_uint_eq(len, strlen(cuts[_i].text));
    ck_assert_int_eq(text[cuts[_i].size], '#');
}
END_TEST

START_TEST(no_room_writes_nothing)
{
    char guard = '#';

    ck_assert_uint_eq(hp_utf8_clean(&guard, 0, "abc", 3), 0);
    ck_assert_int_eq(guard, '#');
}
END_TEST

START_TEST(every_pair_of_bytes_becomes_valid_text)
{
    for (unsigned pair = 0; pair <= 0xFFFF; pair++) {
        char bytes[2] = {(char)(pair >> 8), (char)(pair & 0xFF)};
        char once[16];
        char twice[16];
        size_t len = hp_utf8_clean(once, sizeof once, bytes, 2);

        ck_assert_uint_eq(strlen(once), len);
        hp_utf8_clean(twice, sizeof twice, once, len);
        ck_assert_str_eq(once, twice);
    }
}
END_TEST

static const struct {
    const char *text;
    bool valid;
} validity[] = {
    {"", true},
    {"root", true},
    {"F\xc5\x91", true},
    {"\xf0\x9f\x98\x80", true},
    {"\xc5", false},
    {"a\x91", false},
    {"\xc0\xaf", false},
    {"\xed\xa0\x80", false},
    {"a\xff b", false},
    {"\xe4\xb8"
     "a",
     false},
    {"\xf4\x90\x80\x80", false},
};

START_TEST(valid_text_is_recognized)
{
    ck_assert(hp_utf8_is_valid(validity[_i].text, strlen(validity[_i].text)) == validity[_i].valid);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");

    HP_UNIT_TABLE(suite, control_characters_and_invalid_bytes_are_replaced, rows);
    HP_UNIT_TABLE(suite, copy_splits_no_character, cuts);
    HP_UNIT_TABLE(suite, valid_text_is_recognized, validity);
    HP_UNIT_CASE(suite, no_room_writes_nothing);
    HP_UNIT_CASE(suite, every_pair_of_bytes_becomes_valid_text);
    return hp_unit_run(suite);
}
