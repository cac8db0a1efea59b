/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PLAN_KINDS_H
#define HEALTHPROBE_PLAN_KINDS_H

#include <healthprobe/base/span.h>
#include <healthprobe/check/check.h>

/** The kinds of checks there are, in the order of plan and report. NULL-terminated. */
extern const struct hp_check_ops *const hp_check_kinds[];

/** The kind that takes URLs with a scheme, without regard to a "+driver"; NULL: none does. */
const struct hp_check_ops *hp_kind_of_scheme(struct hp_span scheme);

#endif
