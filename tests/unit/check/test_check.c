/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/check/check.h>

static const struct {
    int64_t run_ms;
    int64_t check_ms;
    int64_t own_ms;
} limits[] = {
    {60000, 10000, 10000},
    {10000, 60000, 10000},
    {10000, 10000, 10000},
    {-5, 10000, -5},
};

START_TEST(deadline_is_the_nearer_of_run_and_check)
{
    const struct hp_check check = {.timeout_ns = limits[_i].check_ms * HP_NS_PER_MS};
    int64_t before_ns = hp_clock_now_ns();
    int64_t at_ns =
        hp_check_deadline(&check, hp_deadline_at(before_ns, limits[_i].run_ms * HP_NS_PER_MS))
            .at_ns;

    ck_assert_int_ge(at_ns, before_ns + limits[_i].own_ms * HP_NS_PER_MS);
    ck_assert_int_le(at_ns, hp_clock_now_ns() + limits[_i].own_ms * HP_NS_PER_MS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");

    HP_UNIT_TABLE(suite, deadline_is_the_nearer_of_run_and_check, limits);
    return hp_unit_run(suite);
}
