/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/percent.h>

int hp_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char hp_percent_decode(struct hp_span text, size_t *ret_len)
{
    int high = text.len >= 3 && text.data[0] == '%' ? hp_hex_value(text.data[1]) : -1;
    int low = high >= 0 ? hp_hex_value(text.data[2]) : -1;

    *ret_len = low >= 0 ? 3 : 1;
    if (low < 0)
        return text.data[0];
    return (char)(high << 4 | low);
}

bool hp_percent_breaks_off(struct hp_span text)
{
    return text.data[0] == '%' &&
           (text.len == 1 || (text.len == 2 && hp_hex_value(text.data[1]) >= 0));
}
