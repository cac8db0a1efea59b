/* SPDX-License-Identifier: MIT */
#include <healthprobe/clock.h>
#include <healthprobe/options.h>
#include <healthprobe/plan.h>
#include <healthprobe/process.h>
#include <healthprobe/render.h>
#include <healthprobe/report.h>
#include <healthprobe/runner.h>
#include <healthprobe/source.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "about.h"

/* Of the 50 ms after the limit by which the process is gone, what waiting for a reader may take. */
#define GRACE_NS (30 * HP_NS_PER_MS)

static void write_report(const struct hp_plan *plan, const struct hp_report *report,
                         struct hp_deadline deadline)
{
    char text[HP_REPORT_MAX + 1];
    size_t len = hp_render(plan->format, report, text);

    hp_process_write_report(text, len, hp_deadline_at(deadline.at_ns, GRACE_NS));
}

static void need_files(const struct hp_plan *plan, struct hp_error *err)
{
    for (size_t i = 0; i < plan->n_files; i++)
        hp_source_readable(plan->files[i].path, plan->files[i].origin, err);
}

/* Everything that a command line and an environment can get wrong is told at once. */
static bool prepare(struct hp_plan *plan, const struct hp_options *options,
                    struct hp_values *values, struct hp_error *err)
{
    hp_values_read(values, options, err);
    hp_plan_build(plan, options, values, err);
    need_files(plan, err);
    return err->reason == HP_REASON_NONE;
}

static int check(const struct hp_options *options, int64_t started_ns, struct hp_error *err)
{
    struct hp_values values = {0};
    struct hp_plan plan = {0};
    struct hp_report report = {0};
    struct hp_deadline deadline;
    bool ended = true;

    hp_process_limit();
    if (prepare(&plan, options, &values, err)) {
        hp_process_clear_environment();
        deadline = hp_deadline_at(started_ns, plan.timeout_ns);
        ended = hp_run(&report, &plan, deadline, started_ns);
    } else {
        deadline = hp_deadline_at(started_ns, plan.timeout_ns);
        hp_report_refuse(&report, &plan, err);
    }
    write_report(&plan, &report, deadline);
    if (!ended)
        _exit(hp_report_exit_code(&report));
    hp_plan_release(&plan);
    hp_values_release(&values);
    return hp_report_exit_code(&report);
}

int main(int argc, char *argv[])
{
    int64_t started_ns = hp_clock_now_ns();
    struct hp_options options = {0};
    struct hp_error err = {0};
    int status = EXIT_SUCCESS;

    hp_process_occupy_descriptors();
    hp_runner_block_signals();
    hp_options_parse(&options, argc, argv, environ, &err);
    switch (options.action) {
    case HP_ACTION_HELP:
        status = hp_about_help() ? EXIT_SUCCESS : EXIT_FAILURE;
        break;
    case HP_ACTION_VERSION:
        status = hp_about_version() ? EXIT_SUCCESS : EXIT_FAILURE;
        break;
    case HP_ACTION_CHECK:
        status = check(&options, started_ns, &err);
        break;
    }
    hp_options_release(&options);
    return status;
}
