/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_WAIT_H
#define HEALTHPROBE_WAIT_H

#include <healthprobe/base/error.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/values.h>

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "probe.h"

/** How `wait` repeats the check. */
struct hp_wait_settings {
    int64_t for_ns;      /* the whole wait */
    int64_t interval_ns; /* between the end of a run and the next */
    bool backoff;        /* double the interval each time */
};

/** From the general values. False: problems were added to @err. */
bool hp_wait_settings_read(struct hp_wait_settings *ret, const struct hp_values *values,
                           struct hp_error *err);

/** The pause that follows a pause of @pause_ns. */
int64_t hp_wait_next_pause(const struct hp_wait_settings *settings, int64_t pause_ns);

/**
 * Repeat the check until it is not unhealthy, then become the command, if
 * there is one. Each run is a child, so that this process stays as it came:
 * the command gets the environment, descriptors, limits, signal mask and
 * dispositions that were there before.
 *
 * Changes of the verdict go to standard error, the last report to standard
 * output; where there is a command, that is the command's, and the report goes
 * to standard error too.
 *
 * @probe       has begun; each run goes on with a copy
 * @started_ns  when the wait began
 * @mask        the signal mask as it was when the process started
 * @err         problems of the command line so far
 * @return      the exit status: 0 healthy, 1 time is up, 128 plus the signal
 *              that ended it, 127 or 126 if the command can't be started; that
 *              of the report if nothing could be checked
 */
int hp_wait(struct hp_probe *probe, const struct hp_options *options, int64_t started_ns,
            const sigset_t *mask, struct hp_error *err);

#endif
