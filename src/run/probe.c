/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <healthprobe/net/tls.h>
#include <healthprobe/plan/file.h>
#include <healthprobe/report/render.h>

#include <unistd.h>

#include "process.h"
#include "runner.h"

/* Of the 50 ms after the limit by which the process is gone, what waiting for a reader may take. */
#define GRACE_NS (30 * HP_NS_PER_MS)

static void need_files(const struct hp_plan *plan, struct hp_error *err)
{
    for (size_t i = 0; i < plan->collected.n_files; i++)
        hp_file_readable(plan->collected.files[i].path, plan->collected.files[i].origin, err);
}

/* Text on a terminal, for usage errors too, unless a flag or a variable says otherwise. */
static bool is_for_people(const struct hp_probe *probe, const struct hp_options *options)
{
    struct hp_error not_told = {0};
    const struct hp_option *option = hp_option_general(HP_GENERAL_FORMAT);
    int format = 0;

    if (hp_value_of(&probe->values, option) != NULL &&
        hp_value_choice(&probe->values, option, &format, &not_told))
        return false;
    return isatty(options->command != NULL ? STDERR_FILENO : STDOUT_FILENO);
}

bool hp_probe_begin(struct hp_probe *ret, const struct hp_options *options,
                    char *const environment[], struct hp_error *err)
{
    hp_select(&ret->selection, options, environment, err);
    hp_values_read_general(&ret->values, options, &ret->selection, environment, err);
    hp_plan_begin(&ret->plan, &ret->selection, &ret->values, err);
    if (is_for_people(ret, options))
        ret->plan.format = HP_FORMAT_TEXT;
    return err->reason == HP_REASON_NONE;
}

bool hp_probe_prepare(struct hp_probe *probe, const struct hp_options *options,
                      struct hp_error *err)
{
    hp_values_read_kinds(&probe->values, options, &probe->selection, err);
    hp_plan_build(&probe->plan, options, &probe->selection, &probe->values, err);
    need_files(&probe->plan, err);
    return err->reason == HP_REASON_NONE;
}

/* What a wrong command line or configuration is answered with. */
void hp_probe_refuse(const struct hp_probe *probe, struct hp_outcome *ret, int64_t started_ns,
                     struct hp_deadline limit, const struct hp_error *err)
{
    ret->deadline = hp_deadline_min(hp_deadline_at(started_ns, probe->plan.timeout_ns), limit);
    ret->format = probe->plan.format;
    ret->may_pass = hp_error_may_pass(err);
    hp_plan_begin_report(&probe->plan, &ret->report);
    /* The plan has not noted them where it is not built, or to be explained. */
    hp_plan_note_near_misses(&ret->report.notes, probe->values.environment);
    hp_report_refuse(&ret->report, err);
}

bool hp_probe_run(struct hp_probe *probe, struct hp_outcome *ret, const struct hp_options *options,
                  int64_t started_ns, struct hp_deadline limit, struct hp_error *err)
{
    hp_process_limit();
    hp_tls_watch_memory();
    if (!hp_probe_prepare(probe, options, err)) {
        hp_probe_refuse(probe, ret, started_ns, limit, err);
        return true;
    }
    hp_process_clear_environment();
    ret->deadline = hp_deadline_min(hp_deadline_at(started_ns, probe->plan.timeout_ns), limit);
    ret->format = probe->plan.format;
    ret->may_pass = false;
    return hp_run(&ret->report, &probe->plan, ret->deadline, started_ns);
}

void hp_probe_release(struct hp_probe *probe)
{
    hp_plan_release(&probe->plan);
    hp_values_release(&probe->values);
}

void hp_outcome_write(struct hp_outcome *outcome, int fd, struct hp_deadline deadline)
{
    /* Too large for a small stack; and the heap may be locked by a worker that was given up. */
    static char text[HP_METRICS_MAX + 1];
    size_t len;

    outcome->report.colour = outcome->report.colour && isatty(fd);
    len = hp_render(outcome->format, &outcome->report, text);
    hp_process_write(fd, text, len, hp_deadline_at(deadline.at_ns, GRACE_NS));
}

void hp_outcome_log(const struct hp_outcome *outcome, const struct hp_plan *plan)
{
    char text[HP_REPORT_MAX + 1];
    size_t len = 0;

    if (plan->failures_log == NULL || outcome->report.verdict == HP_VERDICT_HEALTHY)
        return;
    len = hp_render(HP_FORMAT_JSON, &outcome->report, text);
    hp_process_append(plan->failures_log, text, len);
}
