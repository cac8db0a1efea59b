/* SPDX-License-Identifier: MIT */
#include <healthprobe/report.h>

#include <healthprobe/utf8.h>

#include <string.h>

void hp_report_init(struct hp_report *ret, const struct hp_plan *plan)
{
    *ret = (struct hp_report){
        .mode = plan->mode,
        .verbose = plan->verbose,
        .ignored = plan->ignored,
        .skipped = plan->skipped,
        .notes = plan->notes,
        .uptime_tenths = hp_uptime_tenths(),
    };
    memcpy(ret->version, plan->version, sizeof ret->version);
    hp_timestamp_now(ret->timestamp);
}

void hp_report_add(struct hp_report *report, const struct hp_check *check,
                   const struct hp_result *result)
{
    struct hp_report_check *entry = &report->checks[report->n_checks++];

    memcpy(entry->name, check->name, sizeof entry->name);
    memcpy(entry->target, check->target, sizeof entry->target);
    entry->result = *result;
}

static bool is_up(const struct hp_report_check *check)
{
    return check->result.status == HP_STATUS_UP;
}

/* Insertion keeps the plan's order among equals, and needs no memory of its own. */
static void put_failing_first(struct hp_report *report)
{
    size_t failing = 0;

    for (size_t i = 0; i < report->n_checks; i++) {
        struct hp_report_check entry;
        if (is_up(&report->checks[i]))
            continue;
        entry = report->checks[i];
        memmove(&report->checks[failing + 1], &report->checks[failing],
                (i - failing) * sizeof entry);
        report->checks[failing++] = entry;
    }
}

void hp_report_judge(struct hp_report *report, int64_t latency_ns)
{
    bool healthy = report->n_checks > 0 && !report->interrupted;

    for (size_t i = 0; i < report->n_checks; i++)
        if (!is_up(&report->checks[i]))
            healthy = false;
    report->verdict = healthy ? HP_VERDICT_HEALTHY : HP_VERDICT_UNHEALTHY;
    report->latency_ns = latency_ns;
    put_failing_first(report);
}

void hp_report_refuse(struct hp_report *ret, const struct hp_plan *plan, const struct hp_error *err)
{
    hp_report_init(ret, plan);
    ret->error.reason = err->reason;
    ret->error.len = hp_utf8_clean(ret->error.msg, sizeof ret->error.msg, err->msg, err->len);
    ret->verdict = HP_VERDICT_UNHEALTHY;
}

int hp_report_exit_code(const struct hp_report *report)
{
    return report->verdict == HP_VERDICT_HEALTHY ? 0 : 1;
}
