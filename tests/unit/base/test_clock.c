/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/clock.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    int64_t at_ns;
    int64_t now_ns;
    int left_ms;
} lefts[] = {
    {0, 0, 0},
    {HP_NS_PER_MS, 0, 1},
    {1, 0, 1},
    {HP_NS_PER_MS + 1, 0, 2},
    {5 * HP_NS_PER_MS - 1, 3 * HP_NS_PER_MS, 2},
    {10, 11, 0},
    {INT64_MIN, INT64_MAX, 0},
    {INT64_MAX, 0, INT_MAX},
    {INT64_MAX, INT64_MIN, INT_MAX},
    {INT64_C(2147483647) * HP_NS_PER_MS, 0, INT_MAX},
    {INT64_C(2147483646) * HP_NS_PER_MS, 0, INT_MAX - 1},
};

START_TEST(left_ms_rounds_up_and_never_goes_negative)
{
    struct hp_deadline deadline = {.at_ns = lefts[_i].at_ns};

    ck_assert_int_eq(hp_deadline_left_ms_at(deadline, lefts[_i].now_ns), lefts[_i].left_ms);
}
END_TEST

static const struct {
    int64_t start_ns;
    int64_t duration_ns;
    int64_t at_ns;
} sums[] = {
    {5, 7, 12},
    {5, 0, 5},
    {INT64_MAX - 1, 2, INT64_MAX},
    {INT64_MIN + 1, -2, INT64_MIN},
};

START_TEST(deadline_at_saturates)
{
    ck_assert_int_eq(hp_deadline_at(sums[_i].start_ns, sums[_i].duration_ns).at_ns, sums[_i].at_ns);
}
END_TEST

START_TEST(deadline_min_is_the_earlier_one)
{
    struct hp_deadline near = {.at_ns = -3};
    struct hp_deadline far = {.at_ns = 9};

    ck_assert_int_eq(hp_deadline_min(near, far).at_ns, -3);
    ck_assert_int_eq(hp_deadline_min(far, near).at_ns, -3);
}
END_TEST

START_TEST(left_ns_saturates)
{
    ck_assert_int_eq(hp_deadline_left_ns_at((struct hp_deadline){INT64_MAX}, -1), INT64_MAX);
    ck_assert_int_eq(hp_deadline_left_ns_at((struct hp_deadline){7}, 7), 0);
    ck_assert_int_eq(hp_deadline_left_ns_at((struct hp_deadline){7}, 4), 3);
}
END_TEST

static const struct {
    int64_t at_ns;
    int64_t now_ns;
    size_t n;
    int64_t share_at_ns;
} shares[] = {
    {1000, 400, 3, 600},   {1000, 400, 1, 1000}, {1000, 400, 0, 1000},   {1000, 1000, 2, 1000},
    {1000, 2000, 2, 1000}, {1000, 999, 5, 999},  {1000, 0, SIZE_MAX, 0},
};

START_TEST(share_is_an_equal_part_of_what_is_left)
{
    struct hp_deadline deadline = {.at_ns = shares[_i].at_ns};

    ck_assert_int_eq(hp_deadline_share_at(deadline, shares[_i].now_ns, shares[_i].n).at_ns,
                     shares[_i].share_at_ns);
}
END_TEST

START_TEST(clock_does_not_go_back)
{
    int64_t first = hp_clock_now_ns();

    ck_assert_int_gt(first, 0);
    ck_assert_int_ge(hp_clock_now_ns(), first);
}
END_TEST

START_TEST(deadline_expires_when_its_instant_has_come)
{
    int64_t now = hp_clock_now_ns();

    ck_assert(hp_deadline_expired(hp_deadline_at(now, 0)));
    ck_assert(!hp_deadline_expired(hp_deadline_at(now, 3600 * HP_NS_PER_S)));
    ck_assert_int_eq(hp_deadline_left_ms(hp_deadline_at(now, -1)), 0);
    ck_assert_int_gt(hp_deadline_left_ms(hp_deadline_at(now, 3600 * HP_NS_PER_S)), 3500000);
}
END_TEST

START_TEST(left_timespec_is_split_at_the_second)
{
    int64_t now = hp_clock_now_ns();
    struct timespec gone = hp_deadline_left_timespec(hp_deadline_at(now, -1));
    struct timespec left = hp_deadline_left_timespec(hp_deadline_at(now, 3600 * HP_NS_PER_S));

    ck_assert_int_eq(gone.tv_sec, 0);
    ck_assert_int_eq(gone.tv_nsec, 0);
    ck_assert_int_le(left.tv_sec, 3600);
    ck_assert_int_gt(left.tv_sec, 3500);
    ck_assert_int_ge(left.tv_nsec, 0);
    ck_assert_int_lt(left.tv_nsec, HP_NS_PER_S);
}
END_TEST

static const struct {
    int64_t seconds;
    long ns;
    const char *text;
} stamps[] = {
    {0, 0, "1970-01-01T00:00:00.000Z"},
    {951782399, 999999999, "2000-02-28T23:59:59.999Z"},
    {951782400, 0, "2000-02-29T00:00:00.000Z"},
    {951868800, 1000000, "2000-03-01T00:00:00.001Z"},
    {1795491000, 123456789, "2026-11-24T03:30:00.123Z"},
    {4107542399, 0, "2100-02-28T23:59:59.000Z"},
    {4107542400, 0, "2100-03-01T00:00:00.000Z"},
    {1735689599, 0, "2024-12-31T23:59:59.000Z"},
    {253402300799, 0, "9999-12-31T23:59:59.000Z"},
    {253402300800, 0, "9999-12-31T23:59:59.000Z"},
    {-5, 0, "1970-01-01T00:00:00.000Z"},
    {1, -1, "1970-01-01T00:00:01.000Z"},
};

START_TEST(timestamp_is_rfc_3339_in_utc_with_milliseconds)
{
    struct timespec wall = {.tv_sec = (time_t)stamps[_i].seconds, .tv_nsec = stamps[_i].ns};
    char text[HP_TIMESTAMP_SIZE];

    hp_timestamp_at(wall, text);
    ck_assert_str_eq(text, stamps[_i].text);
}
END_TEST

START_TEST(timestamp_agrees_with_the_c_library)
{
    for (int64_t seconds = 0; seconds < INT64_C(5000000000); seconds += 86400 * 13 + 3607) {
        struct timespec wall = {.tv_sec = (time_t)seconds};
        struct tm fields = {0};
        char expected[HP_TIMESTAMP_SIZE];
        char text[HP_TIMESTAMP_SIZE];

        ck_assert_ptr_nonnull(gmtime_r(&wall.tv_sec, &fields));
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", &fields);
        hp_timestamp_at(wall, text);
        ck_assert_str_eq(text, expected);
    }
}
END_TEST

START_TEST(timestamp_now_is_of_this_century)
{
    char text[HP_TIMESTAMP_SIZE];

    hp_timestamp_now(text);
    ck_assert_uint_eq(strlen(text), HP_TIMESTAMP_SIZE - 1);
    ck_assert_str_gt(text, "2020");
}
END_TEST

#define STAT_HEAD "S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 "

static const struct {
    const char *stat;
    long ticks_per_second;
    int64_t boottime_ns;
    int64_t tenths;
} uptimes[] = {
    {"1 (node) " STAT_HEAD "100 5 6\n", 100, 87250000000, 862},
    {"1 (a) b (c)) " STAT_HEAD "250 5 6\n", 250, 2 * HP_NS_PER_S, 10},
    {"1 (x) " STAT_HEAD "100", 100, HP_NS_PER_S, 0},
    {"1 (starts later) " STAT_HEAD "500 5", 100, HP_NS_PER_S, 0},
    {"1 (node) S 0 1", 100, HP_NS_PER_S, -1},
    {"1 (node) " STAT_HEAD "x", 100, HP_NS_PER_S, -1},
    {"1 (node) " STAT_HEAD "-5 6", 100, HP_NS_PER_S, -1},
    {"1 (node) " STAT_HEAD "99999999999999999999 6", 100, HP_NS_PER_S, -1},
    {"1 (node) " STAT_HEAD "9223372036854775807 6", 1, HP_NS_PER_S, -1},
    {"1 (node) " STAT_HEAD "100 6", 0, HP_NS_PER_S, -1},
    {"", 100, HP_NS_PER_S, -1},
    {"no brackets", 100, HP_NS_PER_S, -1},
    {"1 (node)", 100, HP_NS_PER_S, -1},
};

START_TEST(uptime_is_the_age_of_the_process_in_tenths)
{
    ck_assert_int_eq(hp_uptime_tenths_at(uptimes[_i].stat, uptimes[_i].ticks_per_second,
                                         uptimes[_i].boottime_ns),
                     uptimes[_i].tenths);
}
END_TEST

START_TEST(uptime_is_read_or_unknown)
{
    ck_assert_int_ge(hp_uptime_tenths(), -1);
}
END_TEST

/* --- a clock that can't be read --------------------------------------------------------------- */

static bool clock_is_refused;

/* In place of the C library's, which would not ask the kernel. */
int clock_gettime(clockid_t id, struct timespec *ret)
{
    if (clock_is_refused) {
        errno = EPERM;
        return -1;
    }
    return (int)syscall(SYS_clock_gettime, id, ret);
}

START_TEST(deadline_is_over_where_the_clock_cannot_be_read)
{
    struct hp_deadline before = hp_deadline_at(hp_clock_now_ns(), 3600 * HP_NS_PER_S);
    struct hp_deadline since;

    ck_assert(!hp_deadline_expired(before));
    clock_is_refused = true;
    since = hp_deadline_at(hp_clock_now_ns(), 3600 * HP_NS_PER_S);
    ck_assert(hp_deadline_expired(before));
    ck_assert(hp_deadline_expired(since));
    ck_assert_int_eq(hp_uptime_tenths(), -1);
    clock_is_refused = false;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");

    HP_UNIT_TABLE(suite, left_ms_rounds_up_and_never_goes_negative, lefts);
    HP_UNIT_TABLE(suite, deadline_at_saturates, sums);
    HP_UNIT_CASE(suite, deadline_min_is_the_earlier_one);
    HP_UNIT_CASE(suite, left_ns_saturates);
    HP_UNIT_TABLE(suite, share_is_an_equal_part_of_what_is_left, shares);
    HP_UNIT_CASE(suite, clock_does_not_go_back);
    HP_UNIT_CASE(suite, deadline_expires_when_its_instant_has_come);
    HP_UNIT_CASE(suite, left_timespec_is_split_at_the_second);
    HP_UNIT_TABLE(suite, timestamp_is_rfc_3339_in_utc_with_milliseconds, stamps);
    HP_UNIT_CASE(suite, timestamp_agrees_with_the_c_library);
    HP_UNIT_CASE(suite, timestamp_now_is_of_this_century);
    HP_UNIT_TABLE(suite, uptime_is_the_age_of_the_process_in_tenths, uptimes);
    HP_UNIT_CASE(suite, uptime_is_read_or_unknown);
    HP_UNIT_CASE(suite, deadline_is_over_where_the_clock_cannot_be_read);
    return hp_unit_run(suite);
}
