/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_SOURCE_H
#define HEALTHPROBE_SOURCE_H

#include <healthprobe/check/check.h>
#include <healthprobe/plan/options.h>

#include <stdbool.h>
#include <stddef.h>

/* Where the value of an option comes from: the only place that knows the order. */

enum hp_source_place {
    HP_SOURCE_NONE = 0,
    HP_SOURCE_FLAG,
    HP_SOURCE_TWIN,
    HP_SOURCE_TWIN_FILE,
    HP_SOURCE_APPLICATION,      /* a variable of the application's own, for a target */
    HP_SOURCE_APPLICATION_FILE, /* its twin …_FILE */
    HP_SOURCE_IMPLIED           /* the target that a variable implies where an option is on */
};

struct hp_source {
    enum hp_source_place place;
    const char *text;         /* borrowed; the path where the place is a …_FILE */
    char origin[HP_TWIN_MAX]; /* "--database", "HEALTHPROBE_DATABASE_FILE", "DATABASE_URL", … */
    size_t n_flags;           /* that were looked at */
};

/**
 * The next source of an option's values: each of its flags, or else the first
 * of these that is set: its twin, the twin's …_FILE, and for a target the
 * application's variables, each with its …_FILE, and what a variable implies.
 *
 * @source  all zero to begin
 * @return  false: there is none left
 */
bool hp_source_next(struct hp_source *source, const struct hp_options *options,
                    char *const environment[], const struct hp_row *row);

/** Does a flag or a variable give a kind its target? It may be unreadable or wrong all the same. */
bool hp_source_gives_target(const struct hp_options *options, char *const environment[], int kind);

/** The variable, if it is set, for which a kind's default target is worth a check; or NULL. */
const char *hp_source_of_default(char *const environment[], const struct hp_check_ops *ops);

#endif
