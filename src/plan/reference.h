/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REFERENCE_H
#define HEALTHPROBE_REFERENCE_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/input.h>

/**
 * Read what the text of an option with HP_OPTION_SOURCE refers to: "env:NAME" or "file:PATH" as a
 * whole, or placeholders; in a header, after its name. What was read is literal: references in it
 * are not followed.
 *
 * @value   its reference and placeholders are set; released by the caller, on failure too
 * @text    as it was written
 * @origin  how errors name it
 * @return  on the heap; in a target, each placeholder is a mark, elsewhere it is replaced by its
 *          value. NULL: a problem was added
 */
char *hp_reference_follow(struct hp_value *value, struct hp_span text, const char *origin,
                          char *const environment[], struct hp_error *err);

/** Record where a value came from. @referred is borrowed. */
void hp_reference_set(struct hp_value *value, enum hp_reference reference, struct hp_span referred);

#endif
