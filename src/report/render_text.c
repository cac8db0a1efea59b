/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/render.h>

#include <healthprobe/report/render_parts.h>

#include <string.h>

#include "config.h"
#include "parts.h"

/* For people: the verdict, then a line for each check, followed by what is wrong if it is down. */

#define RED    "\033[1;31m"
#define YELLOW "\033[1;33m"
#define GREEN  "\033[32m"
#define FAINT  "\033[2m"
#define PLAIN  "\033[0m"

#define INDENT "\n        "

struct page {
    struct hp_buffer *ret;
    const struct hp_report *report;
    enum hp_detail detail;
    int name_width;
};

static void paint(const struct page *page, const char *colour, const char *text)
{
    if (page->report->colour)
        hp_buffer_add(page->ret, colour);
    hp_buffer_add(page->ret, text);
    if (page->report->colour)
        hp_buffer_add(page->ret, PLAIN);
}

static void add_headline(const struct page *page)
{
    const struct hp_report *report = page->report;
    char text[HP_SUMMARY_MAX + 1];
    struct hp_buffer summary;

    if (report->verdict == HP_VERDICT_HEALTHY)
        paint(page, GREEN, "HEALTHY");
    else if (report->verdict == HP_VERDICT_DEGRADED)
        paint(page, YELLOW, "DEGRADED");
    else
        paint(page, RED, "UNHEALTHY");
    hp_buffer_init(&summary, text, sizeof text);
    if (report->error.reason != HP_REASON_NONE)
        hp_buffer_add(&summary, hp_reason_name(report->error.reason));
    else
        hp_render_summary(report, &summary);
    if (summary.len > 0)
        hp_buffer_add_format(page->ret, "  %s", text);
    hp_buffer_add(page->ret, "\n");
}

/* Words of one width. A check that makes the run fail is in capitals. */
static void add_status(const struct page *page, const struct hp_report_check *check)
{
    if (hp_report_check_fails(check))
        paint(page, RED, "DOWN");
    else if (check->result.status != HP_STATUS_UP)
        paint(page, YELLOW, "down");
    else if (check->slow)
        paint(page, YELLOW, "slow");
    else
        paint(page, GREEN, "up  ");
}

static void add_latency(const struct page *page, int64_t ns)
{
    char text[32];
    struct hp_buffer latency;

    hp_buffer_init(&latency, text, sizeof text);
    hp_buffer_add_ms(&latency, ns);
    hp_buffer_add_format(page->ret, "  %9s ms", text);
}

static void add_timings(const struct page *page, const struct hp_result *result)
{
    const char *separator = INDENT;

    for (int phase = HP_PHASE_NONE + 1; phase < HP_PHASE_COUNT; phase++) {
        if (result->phase_ns[phase] == 0)
            continue;
        hp_buffer_add_format(page->ret, "%s%s ", separator, hp_phase_name((enum hp_phase)phase));
        hp_buffer_add_ms(page->ret, result->phase_ns[phase]);
        hp_buffer_add(page->ret, " ms");
        separator = ", ";
    }
}

static void add_line(const struct page *page, const char *label, const char *text)
{
    if (text[0] != '\0')
        hp_buffer_add_format(page->ret, INDENT "%s%s", label, text);
}

static void add_target(const struct page *page, const char *before,
                       const struct hp_report_check *check)
{
    hp_buffer_add_format(page->ret, "%s%s", before, check->target);
    if (!check->result.has_age)
        return;
    hp_buffer_add(page->ret, ", age ");
    hp_render_age(page->ret, check->result.age_ns);
    hp_buffer_add(page->ret, " s");
}

static void add_what_is_down(const struct page *page, const struct hp_report_check *check)
{
    const struct hp_result *result = &check->result;

    hp_buffer_add(page->ret, "  ");
    hp_render_reason(result, page->ret);
    if (check->optional)
        hp_buffer_add(page->ret, " (optional)");
    if (check->tolerated)
        hp_buffer_add(page->ret, " (tolerated)");
    add_line(page, "", hp_render_error(result, page->detail));
    add_line(page, "hint: ", hp_render_hint(result, page->detail));
    if (page->detail < HP_DETAIL_NO_TARGETS)
        add_target(page, INDENT, check);
}

static void add_check(const struct page *page, const struct hp_report_check *check)
{
    hp_buffer_add(page->ret, "\n  ");
    add_status(page, check);
    hp_buffer_add_format(page->ret, "  %-*s", page->name_width, check->name);
    add_latency(page, check->result.latency_ns);
    if (check->result.status != HP_STATUS_UP)
        add_what_is_down(page, check);
    else if (page->detail < HP_DETAIL_NO_TARGETS_OF_UP)
        add_target(page, "  ", check);
    if (page->report->verbose && page->detail < HP_DETAIL_NO_LISTS)
        add_timings(page, &check->result);
}

static void add_names(const struct page *page, const char *what, const struct hp_names *names)
{
    if (names->n == 0 && names->not_shown == 0)
        return;
    hp_buffer_add(page->ret, "\n  ");
    hp_render_text_names(page->ret, what, names);
}

static void add_lists(const struct page *page)
{
    const struct hp_report *report = page->report;

    for (size_t i = 0; i < report->notes.n; i++)
        hp_buffer_add_format(page->ret, "\n  note: %s", report->notes.items[i]);
    add_names(page, "skipped", &report->skipped);
    add_names(page, "ignored", &report->ignored);
}

static void add_foot(const struct page *page)
{
    const struct hp_report *report = page->report;
    char text[512];
    struct hp_buffer foot;

    hp_buffer_init(&foot, text, sizeof text);
    hp_buffer_add(&foot, hp_mode_name(report->mode));
    if (report->error.reason == HP_REASON_NONE) {
        hp_buffer_add(&foot, " in ");
        hp_buffer_add_ms(&foot, report->latency_ns);
        hp_buffer_add(&foot, " ms");
    }
    hp_buffer_add_format(&foot, ", version %s", report->version);
    if (report->error.reason == HP_REASON_NONE && report->uptime_tenths >= 0) {
        hp_buffer_add(&foot, ", up ");
        hp_render_tenths(&foot, report->uptime_tenths);
        hp_buffer_add(&foot, " s");
    }
    hp_buffer_add_format(&foot, ", %s, healthprobe " HP_VERSION, report->timestamp);
    hp_buffer_add(page->ret, "\n\n");
    paint(page, FAINT, text);
}

/* Of a run that checked nothing, one on each line. */
static void add_problems(const struct page *page)
{
    struct hp_span text;

    for (size_t i = 0; (text = hp_error_text(&page->report->error, i)).data != NULL; i++) {
        hp_buffer_add(page->ret, "\n  ");
        hp_buffer_add_bytes(page->ret, text.data, text.len);
    }
}

static int longest_name(const struct hp_report *report)
{
    size_t longest = 0;

    for (size_t i = 0; i < report->n_checks; i++) {
        size_t len = strlen(report->checks[i].name);
        longest = len > longest ? len : longest;
    }
    return (int)longest;
}

static void add_report(struct hp_buffer *ret, const struct hp_report *report, enum hp_detail detail)
{
    const struct page page = {ret, report, detail, longest_name(report)};

    add_headline(&page);
    add_problems(&page);
    for (size_t i = 0; i < report->n_checks; i++)
        add_check(&page, &report->checks[i]);
    if (page.detail < HP_DETAIL_NO_LISTS)
        add_lists(&page);
    if (page.detail > HP_DETAIL_ALL)
        hp_buffer_add(page.ret, "\n  (truncated: not all details fit)");
    add_foot(&page);
}

void hp_render_text(const struct hp_report *report, struct hp_buffer *ret)
{
    hp_render_to_fit(ret, report, add_report);
}
