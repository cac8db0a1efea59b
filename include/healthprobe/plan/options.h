/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_OPTIONS_H
#define HEALTHPROBE_OPTIONS_H

#include <healthprobe/base/environment.h>
#include <healthprobe/base/error.h>
#include <healthprobe/check/option.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stddef.h>

/** What the command line asks for. */
enum hp_action {
    HP_ACTION_CHECK = 0,
    HP_ACTION_WAIT,
    HP_ACTION_EXPLAIN,
    HP_ACTION_INSTALL,
    HP_ACTION_HELP,
    HP_ACTION_VERSION
};

/** One option that was given, by a flag or by its twin. Text is borrowed from argv or environ. */
struct hp_given {
    const struct hp_option *option;
    const char *text; /* "1" or "0" for a boolean */
    bool from_flag;
};

/** Is a kind of check part of the run? Skipped is a "kind?" of --check that nothing gives a target.
 */
enum hp_selected { HP_SELECTED_NO = 0, HP_SELECTED_YES, HP_SELECTED_SKIPPED };

#define HP_KINDS_MAX 8

/** Command line and environment, understood but not yet resolved. */
struct hp_options {
    enum hp_action action;
    enum hp_mode mode;
    bool mode_given;                         /* by a word, rather than by default */
    char *const *command;                    /* of `wait`, NULL-terminated, borrowed; NULL: none */
    const char *destination;                 /* of `install`, borrowed */
    enum hp_selected selected[HP_KINDS_MAX]; /* indexed like hp_check_kinds; none for `install` */
    char *const *environment;                /* borrowed */
    size_t n;
    size_t cap;
    struct hp_given *given; /* flags in their order, then the twins of what no flag gave */
};

/**
 * Read argv and the twins in @environment.
 *
 * What was understood is in @ret even on failure, so that the report of an
 * error has the format that was asked for.
 *
 * @argv, @environment  borrowed for as long as @ret lives
 * @err                 every problem; arguments that are not understood are
 *                      never repeated in it
 * @return              false if there was a problem
 */
bool hp_options_parse(struct hp_options *ret, int argc, char *const argv[],
                      char *const environment[], struct hp_error *err);
void hp_options_release(struct hp_options *options);

/** What was first given for an option, by flag or twin; NULL: nothing. */
const struct hp_given *hp_options_given(const struct hp_options *options, const char *name);

/**
 * Does a flag or a variable give a kind its target? Whether that target can be
 * read, or is any good, is another question.
 */
bool hp_options_give_target(const struct hp_options *options, int kind);

struct hp_own_target;

/** The kind's own target, where its option is on and its variable is set; NULL: it has none. */
const struct hp_own_target *hp_options_own_target(const struct hp_options *options, int kind);

/** "http-status" is HEALTHPROBE_HTTP_STATUS; @suffix is "" or "_FILE". */
void hp_option_twin(char ret[HP_TWIN_MAX], const struct hp_option *option, const char *suffix);

/** Does the option belong to a command; is it none of another's? */
bool hp_option_belongs(const struct hp_option *option, enum hp_action action);

/**
 * Is @variable, of @len bytes, a HEALTHPROBE_… variable that no option has?
 *
 * @ret_nearest  the option whose twin was probably meant; NULL: none is near
 */
bool hp_options_unknown_variable(const char *variable, size_t len,
                                 const struct hp_option **ret_nearest);

/** Call @visit for each row: the general ones first (kind -1), then each kind's. */
void hp_options_each(void (*visit)(const struct hp_option *option, int kind, void *data),
                     void *data);

#endif
