/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PROCESS_H
#define HEALTHPROBE_PROCESS_H

#include <healthprobe/base/clock.h>

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/**
 * Open those of the descriptors 0 to 2 that are closed, so that no socket becomes standard output
 * and no report goes to a peer. Works without /dev. A program that is executed later finds them
 * closed again.
 */
void hp_process_occupy_descriptors(void);

/** For a run of checks: no core dump, a cap on memory (RLIMIT_AS), SIGPIPE and SIGXFSZ ignored. */
void hp_process_limit(void);

/**
 * Replace the environment with nothing but HOME=/dev/null. Libraries read proxies, key logs, PG*
 * and more from it, none of which may change a result.
 */
void hp_process_clear_environment(void);

/**
 * The signal by which this process interrupts itself: a check or a write that takes too long. Not
 * SIGALRM: an alarm or interval timer that the process came with is left alone.
 */
#define HP_PROCESS_TICK SIGUSR2

/**
 * Send HP_PROCESS_TICK to this process after @first_ns, and then every @again_ns if that is not 0.
 * False: the system refuses to, and none will come.
 *
 * @ret  to be ended with timer_delete(2)
 */
bool hp_process_start_timer(timer_t *ret, int64_t first_ns, int64_t again_ns);

/**
 * Wait for one of @signals, which are blocked, at most until @until. May return 0 earlier: where
 * sigtimedwait(2) is refused, it looks for SIGTERM, SIGINT and SIGCHLD every few milliseconds.
 */
int hp_process_next_signal(const sigset_t *signals, struct hp_deadline until);

/**
 * Write all of @bytes to @fd in one write, waiting for room at most until @deadline; what can't be
 * written by then is dropped. A write that blocks is interrupted by then, too (by HP_PROCESS_TICK,
 * whose mask and handler are restored). It is tried once however late it is: a report of a
 * throttled process comes late rather than not at all.
 */
void hp_process_write(int fd, const char *bytes, size_t len, struct hp_deadline deadline);

/** Write all of @text, however long it takes: not for reports. False: it can't be written. */
bool hp_process_write_all(int fd, const char *text, size_t len);

/**
 * Append @bytes to the file, device or FIFO at @path in one write that never waits. A missing file
 * is created, as by a shell's ">>". What can't be opened, or has no room, is skipped.
 */
void hp_process_append(const char *path, const char *bytes, size_t len);

#endif
