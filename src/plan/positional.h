/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_POSITIONAL_H
#define HEALTHPROBE_POSITIONAL_H

#include <healthprobe/base/error.h>

enum { HP_POSITIONAL_NONE = -1, HP_POSITIONAL_WRONG = -2 };

/**
 * Which kind of check an argument that is no option is a target of: by its scheme, or as a short
 * form, which is for the kind with a default target. "NAME=" may stand before it. Whether the
 * target is a good one is for its kind to say.
 *
 * @position  of the argument, which errors name instead of its text
 * @return    index of the kind; NONE: it does not look like a target; WRONG: it does, but no kind
 *            can be told, and a problem was added
 */
int hp_positional_kind(const char *text, int position, struct hp_error *err);

#endif
