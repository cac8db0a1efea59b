/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/percent.h>

static const struct {
    struct hp_span text;
    char byte;
    size_t len;
} bytes[] = {
    {{"a", 1}, 'a', 1},      {{"+", 1}, '+', 1},      {{"%41", 3}, 'A', 3}, {{"%4a%", 4}, 'J', 3},
    {{"%4A", 3}, 'J', 3},    {{"%00", 3}, '\0', 3},   {{"%ff", 3}, -1, 3},  {{"%41", 2}, '%', 1},
    {{"%", 1}, '%', 1},      {{"%%41", 4}, '%', 1},   {{"%4g", 3}, '%', 1}, {{"%g4", 3}, '%', 1},
    {{"%4\xC1", 3}, '%', 1}, {{"%4@", 3}, '%', 1},    {{"%4`", 3}, '%', 1}, {{"%4/", 3}, '%', 1},
    {{"%4:", 3}, '%', 1},    {{"%4\x11", 3}, '%', 1},
};

START_TEST(a_byte_is_decoded_or_stands_for_itself)
{
    size_t len = 0;

    ck_assert_int_eq(hp_percent_decode(bytes[_i].text, &len), bytes[_i].byte);
    ck_assert_uint_eq(len, bytes[_i].len);
}
END_TEST

START_TEST(an_encoded_byte_may_break_off_after_each_character)
{
    ck_assert(hp_percent_breaks_off((struct hp_span){"%41", 1}));
    ck_assert(hp_percent_breaks_off((struct hp_span){"%41", 2}));
    ck_assert(!hp_percent_breaks_off((struct hp_span){"%41", 3}));
    ck_assert(!hp_percent_breaks_off((struct hp_span){"%g1", 2}));
    ck_assert(!hp_percent_breaks_off((struct hp_span){"41", 1}));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("percent");

    HP_UNIT_TABLE(suite, a_byte_is_decoded_or_stands_for_itself, bytes);
    HP_UNIT_CASE(suite, an_encoded_byte_may_break_off_after_each_character);
    return hp_unit_run(suite);
}
