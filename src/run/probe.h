/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PROBE_H
#define HEALTHPROBE_PROBE_H

#include <healthprobe/base/clock.h>
#include <healthprobe/base/error.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/plan.h>
#include <healthprobe/plan/select.h>
#include <healthprobe/plan/values.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stdint.h>

/**
 * One run from options to report: what a check and each attempt of `wait` have
 * in common.
 */
struct hp_probe {
    struct hp_selection selection;
    struct hp_values values;
    struct hp_plan plan; /* workers that were given up point into it */
};

/** What a run has to say. Holds no pointers: a child can leave it in shared memory. */
struct hp_outcome {
    enum hp_format format;
    struct hp_deadline deadline; /* the run's limit */
    bool may_pass;               /* no check could run, for want of files that may still appear */
    struct hp_report report;
};

/**
 * Decide what the run checks and how its report is printed: as text on a terminal, unless a format
 * is given. Opens no file.
 *
 * @ret          release with hp_probe_release(), on failure too
 * @environment  borrowed for as long as @ret lives
 * @err          may hold problems already
 */
bool hp_probe_begin(struct hp_probe *ret, const struct hp_options *options,
                    char *const environment[], struct hp_error *err);

/**
 * Read the other values and build the plan. Everything that a command line and
 * an environment can get wrong is reported at once.
 */
bool hp_probe_prepare(struct hp_probe *probe, const struct hp_options *options,
                      struct hp_error *err);

/**
 * The outcome of a run that came to nothing; the probe has begun.
 * @started_ns, @limit: as hp_probe_run() has them.
 */
void hp_probe_refuse(const struct hp_probe *probe, struct hp_outcome *ret, int64_t started_ns,
                     struct hp_deadline limit, const struct hp_error *err);

/**
 * Prepare and run. Limits this process and replaces its environment for good.
 *
 * @probe       has begun; must outlive the workers
 * @started_ns  when the run began
 * @limit       the run ends by then, whatever its own limit says
 * @return      as hp_run(): false means leave by _exit(), and release nothing
 */
bool hp_probe_run(struct hp_probe *probe, struct hp_outcome *ret, const struct hp_options *options,
                  int64_t started_ns, struct hp_deadline limit, struct hp_error *err);
void hp_probe_release(struct hp_probe *probe);

/**
 * Write the report to @fd, until a little after @deadline at most. Without
 * colours where @fd is not a terminal.
 */
void hp_outcome_write(struct hp_outcome *outcome, int fd, struct hp_deadline deadline);

/** Append the report to the file of --log-failures, if there is one and the run was not healthy. */
void hp_outcome_log(const struct hp_outcome *outcome, const struct hp_plan *plan);

#endif
