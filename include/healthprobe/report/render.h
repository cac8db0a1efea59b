/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RENDER_H
#define HEALTHPROBE_RENDER_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/report/report.h>

#include <stddef.h>

/** Docker keeps 4096 bytes of a health check's output; a report is at most as long, except metrics.
 */
#define HP_REPORT_MAX 4096

/** Metrics are for a file or a scrape. Sixteen checks with everything to say of each fit. */
#define HP_METRICS_MAX 40960

/** Podman keeps 500; the summary stays below. */
#define HP_SUMMARY_MAX 400

/** The formats, a row each: its constant, name, renderer and how long it may be. */
#define HP_FORMATS(ROW)                                                                            \
    ROW(HP_FORMAT_JSON, "json", hp_render_json, HP_REPORT_MAX)                                     \
    ROW(HP_FORMAT_SHORT, "short", hp_render_short, HP_REPORT_MAX)                                  \
    ROW(HP_FORMAT_TEXT, "text", hp_render_text, HP_REPORT_MAX)                                     \
    ROW(HP_FORMAT_HEALTH_JSON, "health+json", hp_render_health_json, HP_REPORT_MAX)                \
    ROW(HP_FORMAT_PROMETHEUS, "prometheus", hp_render_prometheus, HP_METRICS_MAX)                  \
    ROW(HP_FORMAT_NAGIOS, "nagios", hp_render_nagios, HP_REPORT_MAX)

#define HP_FORMAT_CONSTANT(constant, name, render, max) constant,
#define HP_FORMAT_RENDERER(constant, name, render, max)                                            \
    void render(const struct hp_report *report, struct hp_buffer *ret);

enum hp_format { HP_FORMATS(HP_FORMAT_CONSTANT) HP_FORMAT_COUNT };

/** In the order of the constants, NULL behind the last. */
extern const char *const hp_format_names[];

/** One format a file; each writes what fits and sets overflow on what doesn't. */
HP_FORMATS(HP_FORMAT_RENDERER)

/**
 * Report to bytes: valid UTF-8 that ends in a newline, at most
 * hp_render_max() bytes. One line; several for text and prometheus.
 * Allocates nothing.
 *
 * @ret     at least hp_render_max() + 1 bytes
 * @return  the length
 */
size_t hp_render(enum hp_format format, const struct hp_report *report, char *ret);

/** How long a report may be in a format. */
size_t hp_render_max(enum hp_format format);

/** Name, reason and code or phase of each check that is down, joined by ", ". */
void hp_render_summary(const struct hp_report *report, struct hp_buffer *ret);

/** Of one that is down: its reason, and its phase or code: "auth 28P01". */
void hp_render_reason(const struct hp_result *result, struct hp_buffer *ret);

#endif
