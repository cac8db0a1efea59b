/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_SOURCE_H
#define HEALTHPROBE_SOURCE_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/check/input.h>
#include <healthprobe/plan/options.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A file that holds a value is at most this long. */
#define HP_SOURCE_FILE_MAX 65536

/** The longest label, the NUL included. */
#define HP_LABEL_MAX (HP_TWIN_MAX + HP_NAME_MAX + sizeof " ()")

/** What errors call a value: "--database", "DATABASE_URL", "--database (replica)". */
void hp_value_label(char ret[HP_LABEL_MAX], const struct hp_value *value);

/**
 * Resolve what was given: env:NAME, file:PATH, the _FILE twins and, for
 * targets, the application's own variables. Reads files, connects to nothing.
 * A kind that is not selected is passed over: its slips are not this run's.
 *
 * @err     names options, variables and files; never what they hold
 * @return  false if a variable or file was missing, unreadable, empty, no
 *          regular file or too long
 */
bool hp_values_read(struct hp_values *ret, const struct hp_options *options, struct hp_error *err);
void hp_values_release(struct hp_values *values);

/**
 * Can @path be opened for reading, and is it a regular file? Adds a problem
 * that names @origin if not. Never blocks on a FIFO.
 */
bool hp_source_readable(const char *path, const char *origin, struct hp_error *err);

#endif
