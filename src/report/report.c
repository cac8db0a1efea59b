/* SPDX-License-Identifier: MIT */
#include <healthprobe/report/report.h>

#include <stddef.h>
#include <string.h>

const char *hp_mode_name(enum hp_mode mode)
{
    static const char *const names[HP_MODE_COUNT] = {"live", "ready", "full", "custom"};

    return names[mode];
}

const char *const hp_exit_codes_names[HP_EXIT_CODES_COUNT] = {"detailed", "nagios", NULL};

void hp_report_init(struct hp_report *ret)
{
    /* Not the checks, which are most of it: memory that is never touched costs nothing. */
    memset(ret, 0, offsetof(struct hp_report, checks));
    ret->uptime_tenths = hp_uptime_tenths();
    hp_timestamp_now(ret->timestamp);
}

const char *hp_verdict_name(enum hp_verdict verdict)
{
    static const char *const names[] = {"unhealthy", "degraded", "healthy"};

    return names[verdict];
}

/* An unknown result always fails: --optional and --tolerate are about checks that are down. */
bool hp_report_check_fails(const struct hp_report_check *check)
{
    if (check->result.status == HP_STATUS_DOWN)
        return !check->optional && !check->tolerated;
    return check->result.status != HP_STATUS_UP;
}

static int rank(const struct hp_report_check *check)
{
    if (hp_report_check_fails(check))
        return 0;
    return check->result.status == HP_STATUS_UP ? 2 : 1;
}

/* By insertion, which keeps the plan's order among equals and needs no memory. */
static void put_failing_first(struct hp_report *report)
{
    for (size_t i = 1; i < report->n_checks; i++) {
        struct hp_report_check entry = report->checks[i];
        size_t at = i;
        for (; at > 0 && rank(&report->checks[at - 1]) > rank(&entry); at--)
            report->checks[at] = report->checks[at - 1];
        report->checks[at] = entry;
    }
}

static enum hp_verdict verdict_of(const struct hp_report *report)
{
    enum hp_verdict verdict = HP_VERDICT_HEALTHY;

    if (report->n_checks == 0 || report->interrupted)
        return HP_VERDICT_UNHEALTHY;
    for (size_t i = 0; i < report->n_checks; i++) {
        const struct hp_report_check *check = &report->checks[i];
        if (hp_report_check_fails(check))
            return HP_VERDICT_UNHEALTHY;
        if (check->slow || check->result.status == HP_STATUS_DOWN)
            verdict = HP_VERDICT_DEGRADED;
    }
    return verdict;
}

void hp_report_judge(struct hp_report *report, int64_t latency_ns)
{
    report->verdict = verdict_of(report);
    report->latency_ns = latency_ns;
    put_failing_first(report);
}

void hp_report_refuse(struct hp_report *report, const struct hp_error *err)
{
    report->error = *err;
    report->verdict = HP_VERDICT_UNHEALTHY;
}

bool hp_report_anything_ran(const struct hp_report *report)
{
    for (size_t i = 0; i < report->n_checks; i++)
        if (report->checks[i].result.reason != HP_REASON_INTERNAL)
            return report->error.reason == HP_REASON_NONE;
    return false;
}

/* If no check could run, a code of sysexits(3): EX_USAGE, EX_CONFIG, EX_SOFTWARE. */
static int detailed_code(const struct hp_report *report)
{
    int bits = 0;

    if (report->error.reason == HP_REASON_USAGE)
        return 64;
    if (report->error.reason == HP_REASON_CONFIG)
        return 78;
    if (!hp_report_anything_ran(report))
        return 70;
    for (size_t i = 0; i < report->n_checks; i++)
        if (hp_report_check_fails(&report->checks[i]))
            bits |= report->checks[i].exit_bit;
    return bits != 0 ? bits : 1;
}

int hp_report_exit_code(const struct hp_report *report)
{
    bool nagios = report->exit_codes == HP_EXIT_CODES_NAGIOS;

    switch (report->verdict) {
    case HP_VERDICT_HEALTHY:
        return 0;
    case HP_VERDICT_DEGRADED:
        return nagios ? 1 : 0;
    case HP_VERDICT_UNHEALTHY:
        break;
    }
    if (nagios)
        return hp_report_anything_ran(report) ? 2 : 3;
    return report->exit_codes == HP_EXIT_CODES_DETAILED ? detailed_code(report) : 1;
}
