/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

#include "parts.h"

/*
 * One line of a monitoring plugin: STATE: text | label=value;warn;crit;min (monitoring-plugins.org,
 * "Development Guidelines"). A bar in the text would begin the performance data, so it becomes a
 * broken bar.
 */

#define BROKEN_BAR "\xC2\xA6"

/* Room for sixteen checks with their thresholds. */
#define PERFORMANCE_MAX 1536

/* Room kept for "; 16 errors not shown". */
#define MORE_MAX 32

/* As in --exit-codes nagios. */
static const char *state(const struct hp_report *report)
{
    if (report->verdict == HP_VERDICT_HEALTHY)
        return "OK";
    if (report->verdict == HP_VERDICT_DEGRADED)
        return "WARNING";
    return hp_report_anything_ran(report) ? "CRITICAL" : "UNKNOWN";
}

static void add_text(struct hp_buffer *ret, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            hp_buffer_add(ret, BROKEN_BAR);
        else if (*text == '\n')
            hp_buffer_add(ret, " ");
        else
            hp_buffer_add_bytes(ret, text, 1);
    }
}

static void add_threshold(struct hp_buffer *ret, int64_t ns)
{
    hp_buffer_add(ret, ";");
    if (ns > 0)
        hp_buffer_add_ms(ret, ns);
}

/* A check that is down has no value (U), so that no graph shows a fast refusal. */
static void add_performance(struct hp_buffer *ret, const struct hp_report *report)
{
    for (size_t i = 0; i < report->n_checks; i++) {
        const struct hp_report_check *check = &report->checks[i];
        hp_buffer_add_format(ret, "%s%s=", i == 0 ? " | " : " ", check->name);
        if (check->result.status == HP_STATUS_UP) {
            hp_buffer_add_ms(ret, check->result.latency_ns);
            hp_buffer_add(ret, "ms");
        } else {
            hp_buffer_add(ret, "U");
        }
        add_threshold(ret, check->slow_ns);
        add_threshold(ret, check->timeout_ns);
        hp_buffer_add(ret, ";0");
    }
}

static void add_summary(struct hp_buffer *ret, const struct hp_report *report)
{
    char text[HP_SUMMARY_MAX + 1];
    struct hp_buffer summary;
    const char *separator;

    hp_buffer_init(&summary, text, sizeof text);
    hp_render_summary(report, &summary);
    add_text(ret, text);
    separator = hp_render_slow(ret, report, summary.len > 0 ? ", " : "");
    if (separator[0] == '\0')
        hp_buffer_add_format(ret, "%zu up", report->n_checks);
}

/* False: it does not fit. */
static bool add_error(struct hp_buffer *ret, const struct hp_report_check *check,
                      enum hp_detail detail)
{
    char text[2 * HP_TEXT_MAX + 8];
    struct hp_buffer said;
    size_t len = ret->len;

    hp_buffer_init(&said, text, sizeof text);
    hp_render_said(&said, &check->result, HP_TEXT_MAX, detail);
    if (said.len == 0)
        return true;
    hp_buffer_add_format(ret, "; %s", check->name);
    add_text(ret, text);
    if (!ret->overflow && ret->len + MORE_MAX <= ret->cap)
        return true;
    hp_buffer_rewind(ret, len);
    return false;
}

/* Returns how many did not fit. */
static size_t add_errors(struct hp_buffer *ret, const struct hp_report *report,
                         enum hp_detail detail)
{
    size_t more = 0;

    for (size_t i = 0; i < report->n_checks; i++) {
        const struct hp_report_check *check = &report->checks[i];
        if (check->result.status != HP_STATUS_UP && (more > 0 || !add_error(ret, check, detail)))
            more++;
    }
    return more;
}

/* Errors are not cut. Hints go first; errors that still do not fit are counted. */
static void add_what_is_down(struct hp_buffer *ret, const struct hp_report *report)
{
    size_t len = ret->len;
    size_t more = add_errors(ret, report, HP_DETAIL_ALL);

    if (more > 0) {
        hp_buffer_rewind(ret, len);
        more = add_errors(ret, report, HP_DETAIL_NO_HINTS);
    }
    if (more > 0)
        hp_buffer_add_format(ret, "; %zu errors not shown", more);
}

void hp_render_nagios(const struct hp_report *report, struct hp_buffer *ret)
{
    char text[PERFORMANCE_MAX];
    struct hp_buffer performance;
    size_t cap = ret->cap;

    hp_buffer_init(&performance, text, sizeof text);
    hp_buffer_add_format(ret, "%s: ", state(report));
    if (report->error.reason != HP_REASON_NONE) {
        hp_buffer_add_format(ret, "%s: ", hp_reason_name(report->error.reason));
        add_text(ret, report->error.msg);
        return;
    }
    add_performance(&performance, report);
    ret->cap -= performance.len;
    add_summary(ret, report);
    add_what_is_down(ret, report);
    ret->cap = cap;
    hp_buffer_add_bytes(ret, performance.data, performance.len);
}
