/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_SELECT_H
#define HEALTHPROBE_SELECT_H

#include <healthprobe/base/error.h>
#include <healthprobe/plan/options.h>

#include <stdbool.h>

/** Is a kind part of the run? Skipped: a "kind?" of --check without a target. */
enum hp_selected { HP_SELECTED_NO = 0, HP_SELECTED_YES, HP_SELECTED_SKIPPED };

#define HP_KINDS_MAX 8

/** What a run is about: which question it asks, and of which kinds of checks. */
struct hp_selection {
    enum hp_action action;
    enum hp_mode mode;
    bool mode_given;    /* by a word, rather than by default */
    bool check_is_idle; /* --check's variable does not count, since there are targets on the command
                           line */
    enum hp_selected kinds[HP_KINDS_MAX]; /* indexed like hp_check_kinds */
};

/**
 * Decide by the mode, --check and what gives the kinds their targets. Opens no file.
 *
 * @ret  set on failure, too, as far as it was understood
 * @err  every problem; repeats no word that was typed, except aliases that we know
 */
bool hp_select(struct hp_selection *ret, const struct hp_options *options,
               char *const environment[], struct hp_error *err);

/**
 * Does the command line fit the selection? Problems are an option of a kind that does not run, and
 * a kind without a target; each error says what to do.
 */
bool hp_selection_fits(const struct hp_selection *selection, const struct hp_options *options,
                       char *const environment[], struct hp_error *err);

/** May a row of the table have a value in the run? */
bool hp_selection_has(const struct hp_selection *selection, const struct hp_row *row);

#endif
