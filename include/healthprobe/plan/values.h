/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_VALUES_H
#define HEALTHPROBE_VALUES_H

#include <healthprobe/base/error.h>
#include <healthprobe/check/input.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/select.h>

#include <stdbool.h>

/** The longest label, the NUL included. */
#define HP_LABEL_MAX (HP_TWIN_MAX + HP_NAME_MAX + sizeof " ()")

/** What errors call a value: "--database", "DATABASE_URL", "--database (replica)". */
void hp_value_label(char ret[HP_LABEL_MAX], const struct hp_value *value);

/**
 * Read the general options, from flags or their twins. Opens no file.
 *
 * @ret  to be released, on failure too
 * @err  names options and variables; never what they hold
 */
bool hp_values_read_general(struct hp_values *ret, const struct hp_options *options,
                            const struct hp_selection *selection, char *const environment[],
                            struct hp_error *err);

/**
 * Add the options of the kinds that are selected: env:NAME and file:PATH are
 * followed, _FILE twins and, for targets, the application's own variables are
 * read. Reads files, connects to nothing. A kind that is not selected is
 * passed over: its slips are not this run's.
 *
 * @err     names options, variables and files; never what they hold
 * @return  false if a variable or file was missing, unreadable, empty, not a
 *          regular file or too long
 */
bool hp_values_read_kinds(struct hp_values *values, const struct hp_options *options,
                          const struct hp_selection *selection, struct hp_error *err);
void hp_values_release(struct hp_values *values);

#endif
