/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_UNIT_PLAN_BUILD_H
#define HEALTHPROBE_TESTS_UNIT_PLAN_BUILD_H

#include "walk.h"

/* The end of the walk: the plan of a run. */

static struct hp_plan plan;

static void release(void)
{
    hp_plan_release(&plan);
    release_values();
}

static bool build(const struct input *input)
{
    hp_plan_release(&plan);
    read_input(input);
    hp_plan_begin(&plan, &selection, &values, &err);
    hp_plan_build(&plan, &options, &selection, &values, &err);
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s", err.msg);
    return err.reason == HP_REASON_NONE;
}

#endif
