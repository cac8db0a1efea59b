/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_SOURCE_H
#define HEALTHPROBE_SOURCE_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/plan/options.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A file that holds a value is at most this long. */
#define HP_SOURCE_FILE_MAX 65536

/** What an option or a variable may hold instead of the value itself. */
enum hp_reference { HP_REFERENCE_NONE = 0, HP_REFERENCE_VARIABLE, HP_REFERENCE_FILE };

/** A value and where it came from. */
struct hp_value {
    const struct hp_option *option;
    char *text;                 /* owned */
    char origin[HP_TWIN_MAX];   /* "--database", "HEALTHPROBE_DATABASE_FILE", "DATABASE_URL", … */
    char name[HP_NAME_MAX + 1]; /* that a target was given: "replica=…"; "" for none */
    bool from_flag;
    enum hp_reference reference; /* what the origin named: env:NAME, file:PATH, …_FILE */
    const char *referred;        /* that NAME or PATH; borrowed from argv or environ */
    size_t referred_len;         /* nothing ends it: it may be one of several lines */
};

/** The longest label, the NUL included. */
#define HP_LABEL_MAX (HP_TWIN_MAX + HP_NAME_MAX + sizeof " ()")

/** What errors call a value: "--database", "DATABASE_URL", "--database (replica)". */
void hp_value_label(char ret[HP_LABEL_MAX], const struct hp_value *value);

/** The values of a run: literals, and what the named variables and files held. */
struct hp_values {
    char *const *environment; /* borrowed */
    size_t n;
    size_t cap;
    struct hp_value *items;
};

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
 * The next value of an option behind @after; NULL starts at the first.
 * Returns NULL when there is none.
 */
const struct hp_value *hp_values_next(const struct hp_values *values, const char *name,
                                      const struct hp_value *after);

/** The text of an option's first value, or NULL. */
const char *hp_values_text(const struct hp_values *values, const char *name);

/** Is a boolean option on? */
bool hp_values_on(const struct hp_values *values, const char *name);

/**
 * A duration. Leaves @ret_ns alone where the option was not given.
 * False: what was given is no duration; a problem was added to @err.
 */
bool hp_values_duration(const struct hp_values *values, const char *name, int64_t *ret_ns,
                        struct hp_error *err);

/**
 * One of @words, by its index. Leaves @ret alone where the option was not given.
 * False: what was given is none of them; a problem that names them was added.
 */
bool hp_values_choice(const struct hp_values *values, const char *name, const char *const *words,
                      size_t n, int *ret, struct hp_error *err);

/**
 * Can @path be opened for reading, and is it a regular file? Adds a problem
 * that names @origin if not. Never blocks on a FIFO.
 */
bool hp_source_readable(const char *path, const char *origin, struct hp_error *err);

#endif
