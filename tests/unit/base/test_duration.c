/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/clock.h>
#include <healthprobe/base/duration.h>

static const struct {
    const char *text;
    int64_t ns;
} accepted[] = {
    {"900ms", 900 * HP_NS_PER_MS},    {"2s", 2 * HP_NS_PER_S},
    {"1.5s", 1500 * HP_NS_PER_MS},    {"2.5", 2500 * HP_NS_PER_MS},
    {"3", 3 * HP_NS_PER_S},           {"1m", 60 * HP_NS_PER_S},
    {"0.5m", 30 * HP_NS_PER_S},       {"1.25m", 75 * HP_NS_PER_S},
    {"1h", HP_NS_PER_HOUR},           {"0.25h", HP_NS_PER_HOUR / 4},
    {"3600", HP_NS_PER_HOUR},         {"60m", HP_NS_PER_HOUR},
    {"3600000ms", HP_NS_PER_HOUR},    {"1ms", HP_NS_PER_MS},
    {"1.0ms", HP_NS_PER_MS},          {"1.5ms", 1500000},
    {"1.000001ms", 1000001},          {"0.001", HP_NS_PER_MS},
    {"0.001s", HP_NS_PER_MS},         {"007s", 7 * HP_NS_PER_S},
    {"1.123456789s", 1123456789},     {"1.1234567891234567899999s", 1123456789},
    {".5s", 500 * HP_NS_PER_MS},      {".25", 250 * HP_NS_PER_MS},
    {".001s", HP_NS_PER_MS},          {"1m30s", 90 * HP_NS_PER_S},
    {"1s500ms", 1500000000},          {"0h0m1s0ms", HP_NS_PER_S},
    {"59m59s1000ms", HP_NS_PER_HOUR}, {"1m.5s", 60500 * HP_NS_PER_MS},
    {"1.5m30s", 120 * HP_NS_PER_S},   {"0h59m60s", HP_NS_PER_HOUR},
};

START_TEST(duration_is_a_number_and_maybe_a_unit)
{
    int64_t ns = 0;

    ck_assert(hp_duration_parse(accepted[_i].text, HP_NS_PER_HOUR, &ns));
    ck_assert_int_eq(ns, accepted[_i].ns);
}
END_TEST

static const char *const refused[] = {
    "",
    "0",
    "0s",
    "0ms",
    "0.0",
    "-1",
    "-1s",
    "+1s",
    " 1s",
    "1s ",
    "1 s",
    "1s\n",
    "s",
    "ms",
    ".s",
    "1.s",
    "1m.s",
    "1m30",
    "1m 30s",
    "1s1m",
    "1m1m",
    "1ms1s",
    "1.5.5s",
    "1.5.5ms",
    "30s1",
    "1h1ms",
    "0m0s",
    "1m-1s",
    "1mm",
    "1h9223372036854775807s",
    "9223372036s9223372036854ms",
    "1.",
    ".",
    "1..5",
    "1.5.5",
    "1,5s",
    "1e3",
    "0x10",
    "1S",
    "1M",
    "1d",
    "1sec",
    "1msx",
    "1us",
    "500us",
    "nan",
    "inf",
    "0.9ms",
    "0.0009s",
    "0.000999999s",
    "3601",
    "61m",
    "1.1h",
    "2h",
    "3600001ms",
    "3600.000000001",
    "99999999999999999999",
    "18446744073709551617", /* in 64 bits it would be 1 */
    "9223372036854775807",
    "9223372036854775808ms",
    "9223372036ms999",
    "2562048h",
    "$(T)",
    "\xC2\xBD",
};

START_TEST(anything_else_is_refused_and_sets_nothing)
{
    int64_t ns = 42;

    ck_assert_msg(!hp_duration_parse(refused[_i], HP_NS_PER_HOUR, &ns), "accepted \"%s\"",
                  refused[_i]);
    ck_assert_int_eq(ns, 42);
}
END_TEST

START_TEST(upper_limit_can_be_chosen)
{
    int64_t ns = 0;

    ck_assert(hp_duration_parse("24h", 24 * HP_NS_PER_HOUR, &ns));
    ck_assert_int_eq(ns, 24 * HP_NS_PER_HOUR);
    ck_assert(!hp_duration_parse("24.001h", 24 * HP_NS_PER_HOUR, &ns));
    ck_assert(!hp_duration_parse("11s", 10 * HP_NS_PER_S, &ns));
}
END_TEST

static const char *const shown[] = {"1ms",    "900ms", "1s",  "2.5s", "1.05s",
                                    "1.001s", "60s",   "90s", "1h",   "24h"};

START_TEST(duration_is_shown_as_users_write_it)
{
    char text[32];
    struct hp_buffer buffer;
    int64_t ns = 0;

    hp_buffer_init(&buffer, text, sizeof text);
    ck_assert(hp_duration_parse(shown[_i], 24 * HP_NS_PER_HOUR, &ns));
    hp_duration_add(&buffer, ns);
    ck_assert_str_eq(text, shown[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("duration");

    HP_UNIT_TABLE(suite, duration_is_a_number_and_maybe_a_unit, accepted);
    HP_UNIT_TABLE(suite, anything_else_is_refused_and_sets_nothing, refused);
    HP_UNIT_CASE(suite, upper_limit_can_be_chosen);
    HP_UNIT_TABLE(suite, duration_is_shown_as_users_write_it, shown);
    return hp_unit_run(suite);
}
