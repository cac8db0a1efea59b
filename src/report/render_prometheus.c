/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

#include "config.h"
#include "parts.h"

/*
 * Prometheus' text exposition format: a family begins with HELP and TYPE, and in a label's value
 * the backslash, the quote and the line feed are escaped (prometheus.io, "Exposition formats").
 * Names follow its naming practices: base units, the unit at the end.
 */

static void add_line(struct hp_buffer *ret)
{
    if (ret->len > 0)
        hp_buffer_add(ret, "\n");
}

static void add_comment(struct hp_buffer *ret, const char *what, const char *text)
{
    add_line(ret);
    hp_buffer_add_format(ret, "# %s: %s", what, text);
}

static void begin_family(struct hp_buffer *ret, const char *name, const char *help)
{
    add_line(ret);
    hp_buffer_add_format(ret, "# HELP healthprobe_%s %s\n# TYPE healthprobe_%s gauge", name, help,
                         name);
}

static void add_label(struct hp_buffer *ret, const char *before, const char *name,
                      const char *value)
{
    hp_buffer_add_format(ret, "%s%s=\"", before, name);
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            hp_buffer_add(ret, "\\n");
        else if (*value == '\\' || *value == '"')
            hp_buffer_add_format(ret, "\\%c", *value);
        else
            hp_buffer_add_bytes(ret, value, 1);
    }
    hp_buffer_add(ret, "\"");
}

/* A line up to its first label; the caller adds other labels and "} VALUE". */
static void begin_sample(struct hp_buffer *ret, const char *name, const char *label,
                         const char *value)
{
    hp_buffer_add_format(ret, "\nhealthprobe_%s", name);
    add_label(ret, "{", label, value);
}

static void add_seconds(struct hp_buffer *ret, int64_t ns)
{
    if (ns < 0)
        ns = 0;
    hp_buffer_add_format(ret, "%lld.%09lld", (long long)(ns / HP_NS_PER_S),
                         (long long)(ns % HP_NS_PER_S));
}

static bool is_up(const struct hp_report_check *check)
{
    return check->result.status == HP_STATUS_UP;
}

static bool is_slow(const struct hp_report_check *check)
{
    return check->slow;
}

static void add_flags(struct hp_buffer *ret, const struct hp_report *report, const char *name,
                      const char *help, bool (*holds)(const struct hp_report_check *check))
{
    begin_family(ret, name, help);
    for (size_t i = 0; i < report->n_checks; i++) {
        begin_sample(ret, name, "check", report->checks[i].name);
        hp_buffer_add_format(ret, "} %d", holds(&report->checks[i]));
    }
}

static void add_latencies(struct hp_buffer *ret, const struct hp_report *report)
{
    begin_family(ret, "check_latency_seconds", "From the start of the check to its verdict.");
    for (size_t i = 0; i < report->n_checks; i++) {
        begin_sample(ret, "check_latency_seconds", "check", report->checks[i].name);
        hp_buffer_add(ret, "} ");
        add_seconds(ret, report->checks[i].result.latency_ns);
    }
}

/* Leave out a family without lines. */
static void drop_if_empty(struct hp_buffer *ret, size_t before, size_t begun)
{
    if (ret->len == begun && !ret->overflow)
        hp_buffer_rewind(ret, before);
}

static void add_ages(struct hp_buffer *ret, const struct hp_report *report)
{
    size_t before = ret->len;
    size_t begun;

    begin_family(ret, "check_age_seconds", "Age of the heartbeat file.");
    begun = ret->len;
    for (size_t i = 0; i < report->n_checks; i++) {
        if (!report->checks[i].result.has_age)
            continue;
        begin_sample(ret, "check_age_seconds", "check", report->checks[i].name);
        hp_buffer_add(ret, "} ");
        hp_render_age(ret, report->checks[i].result.age_ns);
    }
    drop_if_empty(ret, before, begun);
}

static void add_phases_of(struct hp_buffer *ret, const struct hp_report_check *check)
{
    for (int phase = HP_PHASE_NONE + 1; phase < HP_PHASE_COUNT; phase++) {
        if (check->result.phase_ns[phase] == 0)
            continue;
        begin_sample(ret, "check_phase_seconds", "check", check->name);
        add_label(ret, ",", "phase", hp_phase_name((enum hp_phase)phase));
        hp_buffer_add(ret, "} ");
        add_seconds(ret, check->result.phase_ns[phase]);
    }
}

static void add_phases(struct hp_buffer *ret, const struct hp_report *report)
{
    size_t before = ret->len;
    size_t begun;

    begin_family(ret, "check_phase_seconds", "Time spent in each phase of the check.");
    begun = ret->len;
    for (size_t i = 0; i < report->n_checks; i++)
        add_phases_of(ret, &report->checks[i]);
    drop_if_empty(ret, before, begun);
}

static void add_code(struct hp_buffer *ret, const struct hp_result *result)
{
    char status[16];
    struct hp_buffer text;

    if (result->http_status == 0) {
        add_label(ret, ",", "code", result->code);
        return;
    }
    hp_buffer_init(&text, status, sizeof status);
    hp_buffer_add_format(&text, "%d", result->http_status);
    add_label(ret, ",", "code", status);
}

static void add_reasons(struct hp_buffer *ret, const struct hp_report *report)
{
    size_t before = ret->len;
    size_t begun;

    begin_family(ret, "check_down_reason", "Why a check is down; absent for checks that are up.");
    begun = ret->len;
    for (size_t i = 0; i < report->n_checks; i++) {
        const struct hp_result *result = &report->checks[i].result;
        if (result->status == HP_STATUS_UP)
            continue;
        begin_sample(ret, "check_down_reason", "check", report->checks[i].name);
        add_label(ret, ",", "reason", hp_reason_name(result->reason));
        add_label(ret, ",", "phase", hp_phase_name(result->phase));
        add_code(ret, result);
        hp_buffer_add(ret, "} 1");
    }
    drop_if_empty(ret, before, begun);
}

static void add_targets(struct hp_buffer *ret, const struct hp_report *report)
{
    begin_family(ret, "check_info", "What was checked.");
    for (size_t i = 0; i < report->n_checks; i++) {
        begin_sample(ret, "check_info", "check", report->checks[i].name);
        add_label(ret, ",", "target", report->checks[i].target);
        hp_buffer_add(ret, "} 1");
    }
}

static void add_skipped(struct hp_buffer *ret, const struct hp_names *skipped)
{
    if (skipped->n == 0)
        return;
    begin_family(ret, "check_skipped", "Checks that were skipped, since they have no target.");
    for (size_t i = 0; i < skipped->n; i++) {
        begin_sample(ret, "check_skipped", "check", skipped->items[i]);
        hp_buffer_add(ret, "} 1");
    }
}

/* A line for each verdict, so that a query also finds those that do not hold. */
static void add_verdict(struct hp_buffer *ret, const struct hp_report *report)
{
    begin_family(ret, "status", "1 for the verdict of the run, 0 for the others.");
    for (int verdict = HP_VERDICT_UNHEALTHY; verdict <= HP_VERDICT_HEALTHY; verdict++) {
        begin_sample(ret, "status", "status", hp_verdict_name((enum hp_verdict)verdict));
        hp_buffer_add_format(ret, "} %d", (int)report->verdict == verdict);
    }
}

static void add_error(struct hp_buffer *ret, const struct hp_report *report)
{
    enum hp_reason reason = report->interrupted ? HP_REASON_INTERRUPTED : report->error.reason;

    if (reason == HP_REASON_NONE)
        return;
    if (report->error.len > 0)
        add_comment(ret, hp_reason_name(reason), report->error.msg);
    begin_family(ret, "error", "Why no check could run, or why the run did not end by itself.");
    begin_sample(ret, "error", "reason", hp_reason_name(reason));
    hp_buffer_add(ret, "} 1");
}

static void add_info(struct hp_buffer *ret, const struct hp_report *report)
{
    begin_family(ret, "info", "The run: its mode, the application's version, the probe's.");
    begin_sample(ret, "info", "mode", hp_mode_name(report->mode));
    add_label(ret, ",", "version", report->version);
    hp_buffer_add(ret, ",probe_version=\"" HP_VERSION "\"} 1");
}

static void add_run(struct hp_buffer *ret, const struct hp_report *report)
{
    begin_family(ret, "latency_seconds", "Time that the run took.");
    hp_buffer_add(ret, "\nhealthprobe_latency_seconds ");
    add_seconds(ret, report->latency_ns);
    if (report->uptime_tenths < 0)
        return;
    begin_family(ret, "uptime_seconds", "Age of process 1 of the container.");
    hp_buffer_add(ret, "\nhealthprobe_uptime_seconds ");
    hp_render_tenths(ret, report->uptime_tenths);
}

static void add_checks(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    add_flags(ret, report, "check_up", "1 for a check that is up, 0 for one that is down.", is_up);
    add_flags(ret, report, "check_failing", "1 for a check that makes the run unhealthy.",
              hp_report_check_fails);
    add_flags(ret, report, "check_slow", "1 for a check that is up and slow.", is_slow);
    add_latencies(ret, report);
    add_ages(ret, report);
    add_reasons(ret, report);
    if (detail > HP_DETAIL_ALL)
        return;
    if (report->verbose)
        add_phases(ret, report);
    add_targets(ret, report);
}

static void add_report(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    for (size_t i = 0; i < report->notes.n; i++)
        add_comment(ret, "note", report->notes.items[i]);
    if (detail > HP_DETAIL_ALL)
        add_comment(ret, "truncated", "targets and phases did not fit");
    add_verdict(ret, report);
    add_error(ret, report);
    if (report->error.reason == HP_REASON_NONE) {
        add_checks(ret, report, detail);
        add_skipped(ret, &report->skipped);
        add_run(ret, report);
    }
    add_info(ret, report);
}

void hp_render_prometheus(const struct hp_report *report, struct hp_buffer *ret)
{
    hp_render_to_fit(ret, report, add_report);
}
