/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REFERENCE_H
#define HEALTHPROBE_REFERENCE_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/input.h>

/**
 * Follow what a value of an option with HP_OPTION_SOURCE refers to: "env:NAME" and "file:PATH" as
 * all of it, and placeholders. Of a header, that is what follows its name. What was read is
 * literal, and is not looked through again.
 *
 * @value   its reference and placeholders are set; released by the caller, on failure too
 * @text    as it is written
 * @origin  what errors call it
 * @return  its text, on the heap: a target's with a mark for each placeholder, any other's with
 *          what they stand for. NULL: a problem was added
 */
char *hp_reference_follow(struct hp_value *value, struct hp_span text, const char *origin,
                          char *const environment[], struct hp_error *err);

/** Note where a value came from. @referred is borrowed; nothing has to end it. */
void hp_reference_set(struct hp_value *value, enum hp_reference reference, struct hp_span referred);

#endif
