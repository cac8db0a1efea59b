/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_UNKNOWN_H
#define HEALTHPROBE_UNKNOWN_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/span.h>
#include <healthprobe/plan/options.h>

#include <stdbool.h>

/*
 * Usage errors for what is not understood on a command line, with a cure if we know one. They
 * repeat almost nothing that was typed: it may be a secret in the wrong place.
 */

/**
 * @argument  "--name", "--name=value" or "-x"
 * @name      in it
 * @return    the option that was probably meant; none in the row: nobody knows
 */
struct hp_row hp_unknown_option(const char *argument, struct hp_span name, int position,
                                struct hp_error *err);

/** A word that is neither command, mode nor target. False: what follows is part of it. */
bool hp_unknown_word(const struct hp_options *options, const char *word, int position,
                     struct hp_error *err);

#endif
