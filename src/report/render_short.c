/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

#include <string.h>

#include "parts.h"

/*
 * The same failure gives the same bytes, which Kubernetes counts as one event: so there is no time,
 * no latency and nothing of a response's body.
 */

static size_t stable_length(const struct hp_result *result)
{
    return strlen(result->error.bytes) - result->error_varies;
}

static void add_what_is_down(struct hp_buffer *ret, const struct hp_report *report,
                             enum hp_detail detail)
{
    for (size_t i = 0; i < report->n_checks; i++) {
        const struct hp_report_check *check = &report->checks[i];
        if (check->result.status == HP_STATUS_UP || detail == HP_DETAIL_NO_ERRORS)
            continue;
        hp_buffer_add_format(ret, "; %s", check->name);
        hp_render_said(ret, &check->result, stable_length(&check->result), detail);
        if (detail < HP_DETAIL_NO_TARGETS)
            hp_buffer_add_format(ret, " at %s", check->target);
    }
}

static void add_report(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    char text[HP_SUMMARY_MAX + 1];
    struct hp_buffer summary;

    hp_buffer_add(ret, hp_verdict_name(report->verdict));
    if (report->verdict == HP_VERDICT_HEALTHY)
        return;
    hp_buffer_add(ret, ": ");
    if (report->error.reason != HP_REASON_NONE) {
        hp_buffer_add_format(ret, "%s: %s", hp_reason_name(report->error.reason),
                             report->error.msg);
        return;
    }
    hp_buffer_init(&summary, text, sizeof text);
    hp_render_summary(report, &summary);
    hp_buffer_add(ret, text);
    hp_render_slow(ret, report, summary.len > 0 ? ", " : "");
    add_what_is_down(ret, report, detail);
}

void hp_render_short(const struct hp_report *report, struct hp_buffer *ret)
{
    hp_render_to_fit(ret, report, add_report);
}
