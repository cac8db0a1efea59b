/* SPDX-License-Identifier: MIT */
#include <healthprobe/render.h>

#include <string.h>

/*
 * Equal failures give equal bytes, which Kubernetes counts as one event: so no
 * time, no latency, and nothing of a response's body.
 */

/* The error of a refused HTTP status quotes the body, and that may differ each time. */
static bool error_is_stable(const struct hp_result *result)
{
    return result->error.bytes[0] != '\0' && result->reason != HP_REASON_STATUS;
}

static void add_errors(const struct hp_report *report, struct hp_buffer *ret)
{
    for (size_t i = 0; i < report->n_checks; i++) {
        const struct hp_report_check *check = &report->checks[i];
        if (check->result.status != HP_STATUS_UP && error_is_stable(&check->result))
            hp_buffer_add_format(ret, "; %s: %s", check->name, check->result.error.bytes);
    }
}

static void add_slow(const struct hp_report *report, struct hp_buffer *ret, const char *separator)
{
    for (size_t i = 0; i < report->n_checks; i++) {
        if (!report->checks[i].slow)
            continue;
        hp_buffer_add_format(ret, "%s%s slow", separator, report->checks[i].name);
        separator = ", ";
    }
}

void hp_render_short(const struct hp_report *report, struct hp_buffer *ret)
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
    add_slow(report, ret, summary.len > 0 ? ", " : "");
    add_errors(report, ret);
}
