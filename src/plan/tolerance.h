/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TOLERANCE_H
#define HEALTHPROBE_TOLERANCE_H

#include <healthprobe/plan/plan.h>

/**
 * Mark the checks of @plan that may be down: --optional and --tolerate.
 *
 * @names  of all checks that were requested, including those that could not be made
 * @err    a word of a flag that is not such a name or reason; one of a twin is
 *         passed over, since it may be meant for another probe
 */
void hp_tolerance_read(struct hp_plan *plan, const struct hp_names *names,
                       const struct hp_values *values, struct hp_error *err);

#endif
