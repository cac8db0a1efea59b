/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PLAN_KINDS_H
#define HEALTHPROBE_PLAN_KINDS_H

#include <healthprobe/base/span.h>
#include <healthprobe/check/check.h>

/** The kinds of checks there are, in the order of plan and report. NULL-terminated. */
extern const struct hp_check_ops *const hp_check_kinds[];

/** Which of them takes a URL of a scheme; what follows a "+" does not matter. NULL: none. */
const struct hp_check_ops *hp_kind_of_scheme(struct hp_span scheme);

#endif
