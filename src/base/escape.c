/* SPDX-License-Identifier: MIT */
#include "escape.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/percent.h>

#include <stdint.h>
#include <string.h>

#define HTML_MAX  10 /* "&#x10FFFF;" and "&#1114111;" */
#define JSON_UNIT 6  /* "\u002f" */

/* At most 8 digits. False: they are not a number. */
static bool read_number(struct hp_span digits, int base, uint32_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < digits.len; i++) {
        int value = hp_hex_value(digits.data[i]);

        if (value < 0 || value >= base)
            return false;
        *ret = *ret * (uint32_t)base + (uint32_t)value;
    }
    return digits.len > 0;
}

static size_t put_utf8(uint32_t code, char ret[HP_CHARACTER_MAX])
{
    static const unsigned char firsts[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    if (code > 0x10FFFF)
        return 0;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        ret[i] = (char)(0x80 | (code & 0x3F));
    ret[0] = (char)(firsts[len] | code);
    return len;
}

/* "\u" and four digits at @at. */
static bool read_unit(struct hp_span text, size_t at, uint32_t *ret)
{
    struct hp_span unit = hp_span_skip(text, at < text.len ? at : text.len);

    return unit.len >= JSON_UNIT && hp_span_starts(unit, "\\u") &&
           read_number((struct hp_span){unit.data + 2, 4}, 16, ret);
}

static size_t decode_json(struct hp_span text, char ret[HP_CHARACTER_MAX], size_t *ret_len)
{
    static const char letters[] = "\"\\/'bfnrt";
    static const char bytes[] = "\"\\/'\b\f\n\r\t";
    const char *letter = text.len >= 2 ? memchr(letters, text.data[1], sizeof letters - 1) : NULL;
    uint32_t high = 0;
    uint32_t low = 0;

    *ret_len = 2;
    if (letter != NULL) {
        ret[0] = bytes[letter - letters];
        return 1;
    }
    *ret_len = JSON_UNIT;
    if (!read_unit(text, 0, &high))
        return 0;
    if (high < 0xD800 || high > 0xDFFF)
        return put_utf8(high, ret);
    *ret_len = HP_ESCAPE_MAX;
    if (high > 0xDBFF || !read_unit(text, JSON_UNIT, &low) || low < 0xDC00 || low > 0xDFFF)
        return 0;
    return put_utf8(0x10000 + ((high & 0x3FF) << 10 | (low & 0x3FF)), ret);
}

static size_t decode_html(struct hp_span text, char ret[HP_CHARACTER_MAX], size_t *ret_len)
{
    static const struct {
        const char *name;
        char byte;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    const char *end = memchr(text.data, ';', text.len < HTML_MAX ? text.len : HTML_MAX);
    bool is_hex = hp_span_starts(text, "&#x") || hp_span_starts(text, "&#X");
    size_t skipped = is_hex ? 3 : 2;
    uint32_t code = 0;

    if (end == NULL)
        return 0;
    *ret_len = (size_t)(end + 1 - text.data);
    for (size_t i = 0; i < HP_COUNT(names); i++) {
        if (hp_span_starts(text, names[i].name)) {
            ret[0] = names[i].byte;
            return 1;
        }
    }
    if (!hp_span_starts(text, "&#") ||
        !read_number((struct hp_span){text.data + skipped, *ret_len - skipped - 1},
                     is_hex ? 16 : 10, &code))
        return 0;
    return put_utf8(code, ret);
}

size_t hp_escape_decode(struct hp_span text, char ret[HP_CHARACTER_MAX], size_t *ret_len)
{
    if (text.data[0] == '\\')
        return decode_json(text, ret, ret_len);
    if (text.data[0] == '&')
        return decode_html(text, ret, ret_len);
    ret[0] = hp_percent_decode(text, ret_len);
    return *ret_len > 1 ? 1 : 0;
}

bool hp_escape_breaks_off(struct hp_span text)
{
    char character[HP_CHARACTER_MAX];
    size_t len = 0;

    if (text.len == 0)
        return true;
    if (hp_escape_decode(text, character, &len) > 0)
        return false;
    if (text.data[0] == '\\')
        return text.len == 1 || (text.data[1] == 'u' && text.len < HP_ESCAPE_MAX);
    if (text.data[0] == '&')
        return text.len < HTML_MAX && memchr(text.data, ';', text.len) == NULL;
    return hp_percent_breaks_off(text);
}
