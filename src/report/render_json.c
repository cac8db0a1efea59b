/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

#include <healthprobe/report/render_parts.h>

#include "config.h"
#include "parts.h"

static void add_ms(struct hp_buffer *ret, const char *key, int64_t ns)
{
    hp_buffer_add_format(ret, "\"%s\":", key);
    hp_buffer_add_ms(ret, ns);
}

static void add_code(struct hp_buffer *ret, const struct hp_result *result)
{
    if (result->http_status != 0)
        hp_buffer_add_format(ret, ",\"code\":%d", result->http_status);
    else if (result->code[0] != '\0')
        hp_render_json_member(ret, "code", result->code);
}

static void add_timings(struct hp_buffer *ret, const struct hp_result *result)
{
    const char *separator = "";

    hp_buffer_add(ret, ",\"timings\":{");
    for (int phase = HP_PHASE_NONE + 1; phase < HP_PHASE_COUNT; phase++) {
        if (result->phase_ns[phase] == 0)
            continue;
        hp_buffer_add(ret, separator);
        add_ms(ret, hp_phase_name((enum hp_phase)phase), result->phase_ns[phase]);
        separator = ",";
    }
    hp_buffer_add(ret, "}");
}

static void add_text(struct hp_buffer *ret, const char *key, const char *text)
{
    if (text[0] != '\0')
        hp_render_json_member(ret, key, text);
}

static void add_flags(struct hp_buffer *ret, const struct hp_report_check *check)
{
    if (check->slow)
        hp_buffer_add(ret, "\"slow\":true,");
    if (check->optional)
        hp_buffer_add(ret, "\"optional\":true,");
    if (check->tolerated)
        hp_buffer_add(ret, "\"tolerated\":true,");
}

static void add_check(struct hp_buffer *ret, const struct hp_report_check *check, bool verbose,
                      enum hp_detail detail)
{
    const struct hp_result *result = &check->result;

    hp_buffer_add_json_string(ret, check->name);
    if (result->status == HP_STATUS_UP) {
        hp_buffer_add(ret, ":{\"status\":\"up\",");
    } else {
        hp_buffer_add(ret, ":{\"status\":\"down\"");
        hp_render_json_member(ret, "reason", hp_reason_name(result->reason));
        if (result->phase != HP_PHASE_NONE)
            hp_render_json_member(ret, "phase", hp_phase_name(result->phase));
        add_code(ret, result);
        add_text(ret, "error", hp_render_error(result, detail));
        add_text(ret, "hint", hp_render_hint(result, detail));
        hp_buffer_add(ret, ",");
    }
    add_flags(ret, check);
    add_ms(ret, "latency", result->latency_ns);
    if (result->status == HP_STATUS_UP)
        add_code(ret, result);
    if (result->has_age) {
        hp_buffer_add(ret, ",\"age\":");
        hp_render_age(ret, result->age_ns);
    }
    if (verbose && detail < HP_DETAIL_NO_LISTS)
        add_timings(ret, result);
    if (detail <
        (result->status == HP_STATUS_UP ? HP_DETAIL_NO_TARGETS_OF_UP : HP_DETAIL_NO_TARGETS))
        hp_render_json_member(ret, "target", check->target);
    hp_buffer_add(ret, "}");
}

static void add_checks(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    hp_buffer_add(ret, ",\"checks\":{");
    for (size_t i = 0; i < report->n_checks; i++) {
        if (i > 0)
            hp_buffer_add(ret, ",");
        add_check(ret, &report->checks[i], report->verbose, detail);
    }
    hp_buffer_add(ret, "}");
}

static void add_summary(struct hp_buffer *ret, const struct hp_report *report)
{
    char text[HP_SUMMARY_MAX + 1];
    struct hp_buffer summary;

    hp_buffer_init(&summary, text, sizeof text);
    hp_render_summary(report, &summary);
    add_text(ret, "summary", text);
}

static void add_refusal(struct hp_buffer *ret, const struct hp_error *error)
{
    hp_buffer_add(ret, ",\"error\":{\"reason\":");
    hp_buffer_add_json_string(ret, hp_reason_name(error->reason));
    hp_render_json_member(ret, "message", error->msg);
    hp_buffer_add(ret, "}");
}

static void add_run(struct hp_buffer *ret, const struct hp_report *report)
{
    hp_buffer_add(ret, ",");
    add_ms(ret, "latency", report->latency_ns);
}

static void add_uptime(struct hp_buffer *ret, int64_t tenths)
{
    if (tenths < 0)
        return;
    hp_buffer_add(ret, ",\"uptime\":");
    hp_render_tenths(ret, tenths);
}

static void add_report(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    bool refused = report->error.reason != HP_REASON_NONE;

    hp_buffer_add_format(ret, "{\"status\":\"%s\"", hp_verdict_name(report->verdict));
    if (refused) {
        add_refusal(ret, &report->error);
    } else {
        add_summary(ret, report);
        add_checks(ret, report, detail);
    }
    hp_render_json_member(ret, "mode", hp_mode_name(report->mode));
    if (!refused)
        add_run(ret, report);
    hp_render_json_member(ret, "version", report->version);
    if (!refused)
        add_uptime(ret, report->uptime_tenths);
    hp_render_json_member(ret, "timestamp", report->timestamp);
    if (detail < HP_DETAIL_NO_LISTS)
        hp_render_json_notes(ret, &report->notes);
    if (!refused && detail < HP_DETAIL_NO_LISTS) {
        hp_render_json_names(ret, "ignored", &report->ignored);
        hp_render_json_names(ret, "skipped", &report->skipped);
    }
    if (detail > HP_DETAIL_ALL)
        hp_buffer_add(ret, ",\"truncated\":true");
    hp_buffer_add(ret, ",\"probe\":\"healthprobe " HP_VERSION "\"}");
}

void hp_render_json(const struct hp_report *report, struct hp_buffer *ret)
{
    hp_render_to_fit(ret, report, add_report);
}
