/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RENDER_H
#define HEALTHPROBE_RENDER_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/report/report.h>

#include <stddef.h>

/** Docker keeps 4096 bytes of a health check's output; a report is no longer, metrics apart. */
#define HP_REPORT_MAX 4096

/** Metrics are for a file or a scrape. Sixteen checks with everything to say of each fit. */
#define HP_METRICS_MAX 40960

/** Podman keeps 500; the summary stays below. */
#define HP_SUMMARY_MAX 400

enum hp_format {
    HP_FORMAT_JSON = 0,
    HP_FORMAT_SHORT,
    HP_FORMAT_TEXT,
    HP_FORMAT_HEALTH_JSON,
    HP_FORMAT_PROMETHEUS,
    HP_FORMAT_NAGIOS,
    HP_FORMAT_COUNT
};

/**
 * Report to bytes: valid UTF-8 that ends in a newline, at most
 * hp_render_max() bytes. One line; several for text and prometheus.
 * Allocates nothing.
 *
 * @ret     at least hp_render_max() + 1 bytes
 * @return  the length
 */
size_t hp_render(enum hp_format format, const struct hp_report *report, char *ret);

/** HP_METRICS_MAX for prometheus, HP_REPORT_MAX for the others. */
size_t hp_render_max(enum hp_format format);

/** One format a file; each writes what fits and sets overflow on what doesn't. */
void hp_render_json(const struct hp_report *report, struct hp_buffer *ret);
void hp_render_short(const struct hp_report *report, struct hp_buffer *ret);
void hp_render_text(const struct hp_report *report, struct hp_buffer *ret);
void hp_render_health_json(const struct hp_report *report, struct hp_buffer *ret);
void hp_render_prometheus(const struct hp_report *report, struct hp_buffer *ret);
void hp_render_nagios(const struct hp_report *report, struct hp_buffer *ret);

/** Name, reason and code or phase of each check that is down, joined by ", ". */
void hp_render_summary(const struct hp_report *report, struct hp_buffer *ret);

/** Of one that is down: its reason, and its phase or code: "auth 28P01". */
void hp_render_reason(const struct hp_result *result, struct hp_buffer *ret);

#endif
