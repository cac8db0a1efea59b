/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PLAN_H
#define HEALTHPROBE_PLAN_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/check/check.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/select.h>
#include <healthprobe/plan/values.h>
#include <healthprobe/report/render.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a run will do. */
struct hp_plan {
    enum hp_mode mode;
    enum hp_format format;
    enum hp_exit_codes exit_codes;
    bool verbose;
    bool colour; /* nothing in the environment speaks against it, such as NO_COLOR */
    int64_t timeout_ns;
    const char *failures_log;         /* borrowed from the values; NULL: none */
    char version[HP_VERSION_MAX + 1]; /* of the application, or "unknown" */
    struct hp_names skipped;
    struct hp_collected collected; /* of the kinds */
    size_t n_checks;
    struct hp_check checks[HP_CHECKS_MAX]; /* from n_checks on there is nothing, not even zeros */
};

/**
 * Begin with what holds for the report of an error, too: all but the checks,
 * and what those bring.
 *
 * @ret     set on failure, too; the caller owns it, release with hp_plan_release()
 * @values  the general ones at least; borrowed, and must outlive the plan
 * @err     every problem found; never contains credentials
 */
bool hp_plan_begin(struct hp_plan *ret, const struct hp_selection *selection,
                   const struct hp_values *values, struct hp_error *err);

/**
 * Build the checks of a plan that has begun. Does no I/O.
 *
 * @plan     must not move while checks exist, since they point to the collected secrets
 * @options, @selection  borrowed; may be released after return
 * @values   borrowed, and must outlive the plan
 * @err      every problem found; never contains credentials
 * @return   false on a bad value, a missing target, an option of a kind that is
 *           not in the run, or out of memory
 */
bool hp_plan_build(struct hp_plan *plan, const struct hp_options *options,
                   const struct hp_selection *selection, const struct hp_values *values,
                   struct hp_error *err);
void hp_plan_release(struct hp_plan *plan);

/** Note each variable in @environment that looks like a mistyped one of ours. */
void hp_plan_note_near_misses(struct hp_notes *notes, char *const environment[]);

/** The report of a run of @plan, before any check: mode, version, names, notes. */
void hp_plan_begin_report(const struct hp_plan *plan, struct hp_report *ret);

#endif
