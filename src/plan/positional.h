/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_POSITIONAL_H
#define HEALTHPROBE_POSITIONAL_H

#include <healthprobe/base/error.h>

enum { HP_POSITIONAL_NONE = -1, HP_POSITIONAL_WRONG = -2 };

/**
 * The kind of which an argument is a target. Its scheme decides; a short form belongs to the kind
 * with a default target. "NAME=" may precede it. The kind checks later whether the target is valid.
 *
 * @position  of the argument; errors name it instead of the text
 * @return    index of the kind; NONE: not a target; WRONG: a target of unknown kind, and a problem
 *            was added
 */
int hp_positional_kind(const char *text, int position, struct hp_error *err);

#endif
