/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/escape.h"

#include <stdio.h>

/* Of a text that is only an escape, and of one that goes on. */
static const struct {
    const char *text;
    const char *character;
    size_t len; /* of the character; a NUL is one byte */
} escapes[] = {
    {"%41", "A", 1},
    {"%00", "", 1},
    {"%c3", "\xC3", 1},
    {"\\\"", "\"", 1},
    {"\\\\", "\\", 1},
    {"\\/", "/", 1},
    {"\\'", "'", 1},
    {"\\b", "\b", 1},
    {"\\f", "\f", 1},
    {"\\n", "\n", 1},
    {"\\r", "\r", 1},
    {"\\t", "\t", 1},
    {"\\u0000", "", 1},
    {"\\u002f", "/", 1},
    {"\\u002F", "/", 1},
    {"\\u007F", "\x7F", 1},
    {"\\u0080", "\xC2\x80", 2},
    {"\\u00e4", "\xC3\xA4", 2},
    {"\\u07FF", "\xDF\xBF", 2},
    {"\\u0800", "\xE0\xA0\x80", 3},
    {"\\u20AC", "\xE2\x82\xAC", 3},
    {"\\uFFFF", "\xEF\xBF\xBF", 3},
    {"\\uD800\\uDC00", "\xF0\x90\x80\x80", 4},
    {"\\ud83d\\ude00", "\xF0\x9F\x98\x80", 4},
    {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF", 4},
    {"&amp;", "&", 1},
    {"&lt;", "<", 1},
    {"&gt;", ">", 1},
    {"&quot;", "\"", 1},
    {"&apos;", "'", 1},
    {"&#39;", "'", 1},
    {"&#039;", "'", 1},
    {"&#x27;", "'", 1},
    {"&#X2f;", "/", 1},
    {"&#228;", "\xC3\xA4", 2},
    {"&#x1F600;", "\xF0\x9F\x98\x80", 4},
    {"&#1114111;", "\xF4\x8F\xBF\xBF", 4},
    {"&#x10FFFF;", "\xF4\x8F\xBF\xBF", 4},
};

START_TEST(escaped_character_is_decoded)
{
    struct hp_span text = hp_span_of(escapes[_i].text);
    char longer[32];
    char character[HP_CHARACTER_MAX];
    size_t len = 0;

    ck_assert_uint_eq(hp_escape_decode(text, character, &len), escapes[_i].len);
    ck_assert_mem_eq(character, escapes[_i].character, escapes[_i].len);
    ck_assert_uint_eq(len, text.len);
    snprintf(longer, sizeof longer, "%s;%s", escapes[_i].text, escapes[_i].text);
    ck_assert_uint_eq(hp_escape_decode(hp_span_of(longer), character, &len), escapes[_i].len);
    ck_assert_uint_eq(len, text.len);
}
END_TEST

/* Cut after each of its bytes but the last. */
START_TEST(escape_may_break_off_after_each_byte)
{
    for (size_t len = 1; len < strlen(escapes[_i].text); len++) {
        struct hp_span text = {escapes[_i].text, len};
        char character[HP_CHARACTER_MAX];
        size_t step = 0;

        ck_assert_uint_eq(hp_escape_decode(text, character, &step), 0);
        ck_assert(hp_escape_breaks_off(text));
    }
}
END_TEST

static const char *const plain[] = {
    "a",
    "+",
    "%4",
    "%",
    "%%41",
    "%4g",
    "\\",
    "\\a",
    "\\x41",
    "\\u",
    "\\u004",
    "\\u00g",
    "\\U0041",
    "\\uDC00\\uD800",
    "\\uD83D",
    "\\uD83D\\u0041",
    "\\uD83Dxxxxxx",
    "&",
    "&amp",
    "&nothing;",
    "&#;",
    "&#x;",
    "&#xg;",
    "&#4f;",
    "&#-1;",
    "&#1114112;",
    "&#x110000;",
    "&#x0010FFFF;",
    "&;",
    "&AMP;",
};

START_TEST(anything_else_is_not_an_escape)
{
    char character[HP_CHARACTER_MAX];
    size_t len = 0;

    ck_assert_uint_eq(hp_escape_decode(hp_span_of(plain[_i]), character, &len), 0);
}
END_TEST

static const char *const whole[] = {
    "a", "%zz", "\\a", "\\xu0", "\\uD83Dxxxxxxx", "&#;", "& and more of it"};

START_TEST(text_breaks_off_only_in_an_escape)
{
    ck_assert(!hp_escape_breaks_off(hp_span_of(whole[_i])));
}
END_TEST

START_TEST(whole_escape_does_not_break_off)
{
    ck_assert(!hp_escape_breaks_off(hp_span_of(escapes[_i].text)));
    ck_assert(hp_escape_breaks_off(hp_span_of("")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("escape");

    HP_UNIT_TABLE(suite, escaped_character_is_decoded, escapes);
    HP_UNIT_TABLE(suite, escape_may_break_off_after_each_byte, escapes);
    HP_UNIT_TABLE(suite, whole_escape_does_not_break_off, escapes);
    HP_UNIT_TABLE(suite, anything_else_is_not_an_escape, plain);
    HP_UNIT_TABLE(suite, text_breaks_off_only_in_an_escape, whole);
    return hp_unit_run(suite);
}
