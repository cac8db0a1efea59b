/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PROGRESS_H
#define HEALTHPROBE_PROGRESS_H

#include <healthprobe/report/render.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stdint.h>

/**
 * What `wait` shows on standard error while it waits: a line whenever the verdict changes and, on a
 * terminal, a line below them that is redrawn in place and shows the time.
 */
struct hp_progress {
    int fd;
    int64_t started_ns;
    bool live;                    /* @fd is a terminal that can erase a line */
    char said[HP_REPORT_MAX + 1]; /* the verdict that was shown last, "" at the start */
};

/** @terminal  the value of TERM; may be NULL */
void hp_progress_init(struct hp_progress *progress, int fd, const char *terminal,
                      int64_t started_ns);

/** Show the verdict of @report, if it differs from the last. */
void hp_progress_show(struct hp_progress *progress, const struct hp_report *report);

/** Draw the line in place, if this is a terminal. */
void hp_progress_draw(const struct hp_progress *progress);

/** Erase it, before anything else is written there. */
void hp_progress_erase(const struct hp_progress *progress);

/** Pure part: the line of a change, with its newline. */
void hp_progress_line(struct hp_buffer *ret, const char *said, int64_t elapsed_ns);

/** Pure part: the line in place, at most @columns wide, without a newline. */
void hp_progress_live(struct hp_buffer *ret, const char *said, int64_t elapsed_ns, size_t columns);

#endif
