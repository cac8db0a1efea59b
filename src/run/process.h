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
 * Occupy the descriptors 0 to 2 that are closed, so that no socket becomes
 * standard output and no report goes to a peer. Works without /dev. A program
 * that is executed later finds them closed again.
 */
void hp_process_occupy_descriptors(void);

/** No core dump, a cap on memory (RLIMIT_AS), SIGPIPE and SIGXFSZ ignored. For a run of checks. */
void hp_process_limit(void);

/**
 * Replace the environment by HOME=/dev/null alone. Libraries read proxies, key
 * logs, PG* and more from it; none of that may change a result.
 */
void hp_process_clear_environment(void);

/**
 * What interrupts this process itself, a check or a write. Not SIGALRM, nor the
 * interval timer: those that came with the process are left as they are.
 */
#define HP_PROCESS_TICK SIGUSR2

/**
 * Have HP_PROCESS_TICK come after @first_ns, and then each @again_ns if that is
 * not 0. False: the system refuses it, and none will come.
 *
 * @ret  end it with timer_delete(2)
 */
bool hp_process_start_timer(timer_t *ret, int64_t first_ns, int64_t again_ns);

/**
 * Wait for one of @signals, which are blocked, until @until at most. May return
 * earlier with 0: where sigtimedwait(2) is refused, it looks for SIGTERM,
 * SIGINT and SIGCHLD each few milliseconds.
 */
int hp_process_next_signal(const sigset_t *signals, struct hp_deadline until);

/**
 * Write all of @bytes to @fd by one write, waiting at most until @deadline for
 * room; what can't be written by then is dropped. A write that was begun and
 * blocks is interrupted by then too (HP_PROCESS_TICK, whose mask and disposition
 * are afterwards what they were). It is tried once however late it is:
 * throttled, a report comes late rather than not at all.
 */
void hp_process_write(int fd, const char *bytes, size_t len, struct hp_deadline deadline);

/** Write all of @text, however long it takes: for what is no report. False: it can't be written. */
bool hp_process_write_all(int fd, const char *text, size_t len);

/**
 * Append @bytes to the file, device or FIFO at @path by one write that never
 * waits. As with a shell's ">>", a file that is not there is made. What can't
 * be opened, or has no room, is passed over.
 */
void hp_process_append(const char *path, const char *bytes, size_t len);

#endif
