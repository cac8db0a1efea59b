/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PROGRESS_H
#define HEALTHPROBE_PROGRESS_H

#include <healthprobe/base/clock.h>
#include <healthprobe/report/render.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stdint.h>

/**
 * What `wait` shows on standard error while it waits: a line whenever the verdict changes, which is
 * repeated now and then while it does not. A terminal has a line below them instead, which is
 * redrawn in place and shows the time.
 */
struct hp_progress {
    int fd;
    int64_t started_ns;
    int64_t shown_ns;             /* when the verdict was shown last */
    bool repeated;                /* it was shown more than once */
    bool live;                    /* @fd is a terminal that can erase a line */
    char said[HP_REPORT_MAX + 1]; /* the verdict that was shown last, "" at the start */
};

/** @terminal  the value of TERM; may be NULL */
void hp_progress_init(struct hp_progress *progress, int fd, const char *terminal,
                      int64_t started_ns);

/**
 * Show the verdict of @report, if it differs from the last.
 *
 * @stopped  a signal ended its run: what held before is shown once more
 */
void hp_progress_show(struct hp_progress *progress, const struct hp_report *report, bool stopped);

/** Draw the line in place, if this is a terminal; else repeat the verdict, if that is due. */
void hp_progress_draw(struct hp_progress *progress);

/** When there is something to draw again. */
struct hp_deadline hp_progress_next(const struct hp_progress *progress);

/** Say that the time of the whole wait, @for_ns, is up. */
void hp_progress_give_up(const struct hp_progress *progress, int64_t for_ns);

/** Erase it, before anything else is written there. */
void hp_progress_erase(const struct hp_progress *progress);

/** Pure part: the line of a change, or of a repetition, with its newline. */
void hp_progress_line(struct hp_buffer *ret, bool repeated, const char *said, int64_t elapsed_ns);

/** Pure part: the line in place, at most @columns wide, without a newline. */
void hp_progress_live(struct hp_buffer *ret, const char *said, int64_t elapsed_ns, size_t columns);

#endif
