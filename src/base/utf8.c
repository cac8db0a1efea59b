/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/span.h>
#include <healthprobe/base/utf8.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

/* What may follow the first byte of a sequence; Unicode's table 3-7. */
struct shape {
    size_t len;        /* of the sequence; 0: none begins with this byte */
    unsigned char low; /* bounds of the second byte; the others are 80 to BF */
    unsigned char high;
};

static struct shape shape_of(unsigned char first)
{
    if (first < 0x80)
        return (struct shape){1, 0, 0};
    if (first < 0xC2 || first > 0xF4)
        return (struct shape){0, 0, 0};
    if (first < 0xE0)
        return (struct shape){2, 0x80, 0xBF};
    if (first < 0xF0)
        return (struct shape){3, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF};
    return (struct shape){4, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF};
}

/* The length of the sequence at @at, or of the part of it that is valid, at least 1. */
static size_t measure(const unsigned char *at, size_t left, bool *ret_valid)
{
    struct shape shape = shape_of(at[0]);

    *ret_valid = false;
    if (shape.len == 0)
        return 1;
    for (size_t i = 1; i < shape.len; i++) {
        unsigned char low = i == 1 ? shape.low : 0x80;
        unsigned char high = i == 1 ? shape.high : 0xBF;

        if (i >= left || at[i] < low || at[i] > high)
            return i;
    }
    *ret_valid = true;
    return shape.len;
}

bool hp_utf8_is_valid(const char *bytes, size_t len)
{
    const unsigned char *at = (const unsigned char *)bytes;
    bool valid = true;

    for (size_t i = 0; i < len && valid;)
        i += measure(at + i, len - i, &valid);
    return valid;
}

static bool is_control(const unsigned char *at, size_t len)
{
    if (len == 1)
        return at[0] < 0x20 || at[0] == 0x7F;
    if (len == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    return len == 3 && at[0] == 0xE2 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9);
}

size_t hp_utf8_clean(char *ret, size_t ret_size, const char *bytes, size_t len)
{
    size_t used = 0;

    if (ret_size == 0)
        return 0;
    len = hp_span_trim_end((struct hp_span){bytes, len}, " \t\r\n").len;
    for (size_t at = 0; at < len;) {
        const unsigned char *source = (const unsigned char *)bytes + at;
        bool valid = false;
        size_t step = measure(source, len - at, &valid);
        bool shown = valid && !is_control(source, step);
        size_t size = shown ? step : sizeof REPLACEMENT - 1;

        if (used + size > ret_size - 1)
            break;
        memcpy(ret + used, shown ? bytes + at : REPLACEMENT, size);
        used += size;
        at += step;
    }
    ret[used] = '\0';
    return used;
}
