/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PROGRESS_H
#define HEALTHPROBE_PROGRESS_H

#include <healthprobe/base/clock.h>
#include <healthprobe/report/render.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stdint.h>

/**
 * What `wait` prints on standard error: a line when the verdict changes, repeated now and then
 * while it does not. On a terminal, instead of the repetition, a last line shows the time and is
 * redrawn in place.
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
 * @stopped  a signal ended its run: show the verdict before it once more
 */
void hp_progress_show(struct hp_progress *progress, const struct hp_report *report, bool stopped);

/** Redraw the line on a terminal; elsewhere, repeat the verdict if it is due. */
void hp_progress_draw(struct hp_progress *progress);

/** When hp_progress_draw() is due next. */
struct hp_deadline hp_progress_next(const struct hp_progress *progress);

/** Print that the wait gave up after @for_ns. */
void hp_progress_give_up(const struct hp_progress *progress, int64_t for_ns);

/** Erase it, before anything else is written there. */
void hp_progress_erase(const struct hp_progress *progress);

/** Pure part: the line of a change, or of a repetition, with its newline. */
void hp_progress_line(struct hp_buffer *ret, bool repeated, const char *said, int64_t elapsed_ns);

/** Pure part: the line in place, at most @columns wide, without a newline. */
void hp_progress_live(struct hp_buffer *ret, const char *said, int64_t elapsed_ns, size_t columns);

#endif
