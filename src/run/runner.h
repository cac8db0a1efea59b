/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RUNNER_H
#define HEALTHPROBE_RUNNER_H

#include <healthprobe/base/clock.h>
#include <healthprobe/plan/plan.h>
#include <healthprobe/report/report.h>

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * Block the signals that the runner uses: SIGTERM, SIGINT, SIGUSR1 and HP_PROCESS_TICK. To be
 * called before any thread exists.
 *
 * @ret_before  the mask as it was; may be NULL
 */
void hp_runner_block_signals(sigset_t *ret_before);

/**
 * Run all checks of @plan at once and fill @ret. Cannot fail: an unhealthy target is a result, and
 * so is a thread that can't be created. A check that runs alone does so in this thread, with
 * handlers for SIGTERM, SIGINT and HP_PROCESS_TICK.
 *
 * @deadline    of the whole run
 * @started_ns  when the run began, from which its latency counts
 * @return      true: every check has ended, and so has its thread.
 *              False: some were given up, and may still run or hold locks. The caller must then
 *              neither free nor allocate memory, but write @ret and leave by _exit().
 */
bool hp_run(struct hp_report *ret, struct hp_plan *plan, struct hp_deadline deadline,
            int64_t started_ns);

#endif
