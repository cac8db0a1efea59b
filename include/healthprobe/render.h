/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RENDER_H
#define HEALTHPROBE_RENDER_H

#include <healthprobe/buffer.h>
#include <healthprobe/plan.h>
#include <healthprobe/report.h>

#include <stddef.h>

/** Docker keeps 4096 bytes of a health check's output; a report is never longer. */
#define HP_REPORT_MAX 4096

/** Podman keeps 500; the summary stays below. */
#define HP_SUMMARY_MAX 400

/**
 * Report to bytes: one line with its newline, at most HP_REPORT_MAX bytes,
 * valid UTF-8. Allocates nothing.
 *
 * @ret     at least HP_REPORT_MAX + 1 bytes
 * @return  the length
 */
size_t hp_render(enum hp_format format, const struct hp_report *report, char *ret);

/** One format a file; each writes what fits and sets overflow on what doesn't. */
void hp_render_json(const struct hp_report *report, struct hp_buffer *ret);
void hp_render_short(const struct hp_report *report, struct hp_buffer *ret);

/** Name, reason and code or phase of each check that is down, joined by ", ". */
void hp_render_summary(const struct hp_report *report, struct hp_buffer *ret);

#endif
