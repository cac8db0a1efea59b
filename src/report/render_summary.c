/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

/* Room kept for ", +16". */
#define MORE_MAX 8

void hp_render_reason(const struct hp_result *result, struct hp_buffer *ret)
{
    hp_buffer_add(ret, hp_reason_name(result->reason));
    if (result->phase != HP_PHASE_NONE)
        hp_buffer_add_format(ret, " %s", hp_phase_name(result->phase));
    else if (result->code[0] != '\0')
        hp_buffer_add_format(ret, " %s", result->code);
    else if (result->http_status != 0)
        hp_buffer_add_format(ret, " %d", result->http_status);
}

/* The signal may have come when every check was up, or down without failing. */
static bool needs_interrupted(const struct hp_report *report)
{
    if (!report->interrupted)
        return false;
    for (size_t i = 0; i < report->n_checks; i++) {
        const struct hp_report_check *check = &report->checks[i];
        if (hp_report_check_fails(check) || check->result.reason == HP_REASON_INTERRUPTED)
            return false;
    }
    return true;
}

void hp_render_summary(const struct hp_report *report, struct hp_buffer *ret)
{
    size_t more = 0;

    if (needs_interrupted(report))
        hp_buffer_add(ret, hp_reason_name(HP_REASON_INTERRUPTED));
    for (size_t i = 0; i < report->n_checks; i++) {
        char text[128];
        struct hp_buffer entry;
        if (report->checks[i].result.status == HP_STATUS_UP)
            continue;
        hp_buffer_init(&entry, text, sizeof text);
        hp_buffer_add_format(&entry, "%s ", report->checks[i].name);
        hp_render_reason(&report->checks[i].result, &entry);
        if (more > 0 || ret->len + entry.len + 2 + MORE_MAX > ret->cap) {
            more++;
            continue;
        }
        if (ret->len > 0)
            hp_buffer_add(ret, ", ");
        hp_buffer_add_bytes(ret, entry.data, entry.len);
    }
    if (more > 0)
        hp_buffer_add_format(ret, ", +%zu", more);
}
