/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

#include <healthprobe/report/render_parts.h>

#include "config.h"
#include "parts.h"

/*
 * application/health+json of draft-inadarei-api-health-check-06. A check is "NAME:responseTime";
 * its target is the componentId, and the application's version the releaseId. "truncated" is an
 * extension, which the draft allows.
 */

static const char *status_of_run(const struct hp_report *report)
{
    if (report->verdict == HP_VERDICT_HEALTHY)
        return "pass";
    return report->verdict == HP_VERDICT_DEGRADED ? "warn" : "fail";
}

static const char *status_of(const struct hp_report_check *check)
{
    if (hp_report_check_fails(check))
        return "fail";
    return check->result.status != HP_STATUS_UP || check->slow ? "warn" : "pass";
}

static void add_output(struct hp_buffer *ret, const struct hp_result *result, enum hp_detail detail)
{
    char text[2 * HP_TEXT_MAX + 64];
    struct hp_buffer output;

    hp_buffer_init(&output, text, sizeof text);
    hp_render_reason(result, &output);
    hp_render_said(&output, result, HP_TEXT_MAX, detail);
    hp_render_json_member(ret, "output", text);
}

static void add_check(struct hp_buffer *ret, const struct hp_report_check *check,
                      const char *timestamp, enum hp_detail detail)
{
    bool up = check->result.status == HP_STATUS_UP;

    hp_buffer_add_format(ret, "\"%s:responseTime\":[{\"status\":\"%s\"", check->name,
                         status_of(check));
    if (!up)
        add_output(ret, &check->result, detail);
    hp_buffer_add(ret, ",\"observedValue\":");
    hp_buffer_add_ms(ret, check->result.latency_ns);
    hp_render_json_member(ret, "observedUnit", "ms");
    if (detail < HP_DETAIL_NO_TYPES_AND_TIMES) {
        hp_render_json_member(ret, "componentType", check->datastore ? "datastore" : "component");
        hp_render_json_member(ret, "time", timestamp);
    }
    if (detail < (up ? HP_DETAIL_NO_TARGETS_OF_UP : HP_DETAIL_NO_TARGETS))
        hp_render_json_member(ret, "componentId", check->target);
    hp_buffer_add(ret, "}]");
}

static void add_uptime(struct hp_buffer *ret, const struct hp_report *report)
{
    hp_buffer_add(ret, ",\"uptime\":[{\"status\":\"pass\",\"observedValue\":");
    hp_render_tenths(ret, report->uptime_tenths);
    hp_render_json_member(ret, "observedUnit", "s");
    hp_render_json_member(ret, "componentType", "system");
    hp_render_json_member(ret, "time", report->timestamp);
    hp_buffer_add(ret, "}]");
}

static void add_checks(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    hp_buffer_add(ret, ",\"checks\":{");
    for (size_t i = 0; i < report->n_checks; i++) {
        if (i > 0)
            hp_buffer_add(ret, ",");
        add_check(ret, &report->checks[i], report->timestamp, detail);
    }
    if (report->uptime_tenths >= 0 && detail < HP_DETAIL_NO_TYPES_AND_TIMES)
        add_uptime(ret, report);
    hp_buffer_add(ret, "}");
}

/* Returns the separator of the next note. */
static const char *add_names(struct hp_buffer *ret, const char *separator, const char *what,
                             const struct hp_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        char text[HP_NAME_MAX + 16];
        struct hp_buffer note;
        hp_buffer_init(&note, text, sizeof text);
        hp_buffer_add_format(&note, "%s: %s", what, names->items[i]);
        hp_buffer_add(ret, separator);
        hp_buffer_add_json_string(ret, text);
        separator = ",";
    }
    if (names->not_shown == 0)
        return separator;
    hp_buffer_add_format(ret, "%s\"%s: %zu not shown\"", separator, what, names->not_shown);
    return ",";
}

static void add_notes(struct hp_buffer *ret, const struct hp_report *report)
{
    const char *begin = ",\"notes\":[";
    const char *separator = begin;

    for (size_t i = 0; i < report->notes.n; i++) {
        hp_buffer_add(ret, separator);
        hp_buffer_add_json_string(ret, report->notes.items[i]);
        separator = ",";
    }
    separator = add_names(ret, separator, "skipped", &report->skipped);
    separator = add_names(ret, separator, "ignored", &report->ignored);
    if (separator != begin)
        hp_buffer_add(ret, "]");
}

static void add_why(struct hp_buffer *ret, const struct hp_report *report)
{
    char text[sizeof report->error.msg + 16];
    struct hp_buffer why;

    hp_buffer_init(&why, text, sizeof text);
    if (report->error.reason != HP_REASON_NONE) {
        hp_buffer_add_format(&why, "%s: %s", hp_reason_name(report->error.reason),
                             report->error.msg);
    } else {
        why.cap = HP_SUMMARY_MAX + 1;
        hp_render_summary(report, &why);
    }
    if (why.len > 0)
        hp_render_json_member(ret, "output", text);
}

static void add_report(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    hp_buffer_add_format(ret, "{\"status\":\"%s\"", status_of_run(report));
    add_why(ret, report);
    if (report->error.reason == HP_REASON_NONE)
        add_checks(ret, report, detail);
    hp_render_json_member(ret, "releaseId", report->version);
    hp_buffer_add_format(ret, ",\"description\":\"%s, by healthprobe " HP_VERSION "\"",
                         hp_mode_name(report->mode));
    if (detail < HP_DETAIL_NO_LISTS)
        add_notes(ret, report);
    if (detail > HP_DETAIL_ALL)
        hp_buffer_add(ret, ",\"truncated\":true");
    hp_buffer_add(ret, "}");
}

void hp_render_health_json(const struct hp_report *report, struct hp_buffer *ret)
{
    hp_render_to_fit(ret, report, add_report);
}
