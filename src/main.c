/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/clock.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/report/report.h>

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "plan/explain.h"
#include "run/about.h"
#include "run/install.h"
#include "run/probe.h"
#include "run/process.h"
#include "run/runner.h"
#include "run/wait.h"

/* Plan and report of the one run that there is: a stack may be too small for them. */
static struct hp_probe probe;
static struct hp_outcome outcome;

static int check(const struct hp_options *options, int64_t started_ns, struct hp_error *err)
{
    const struct hp_deadline no_other_limit = {INT64_MAX};
    bool ended = false;

    hp_probe_begin(&probe, options, environ, err);
    ended = hp_probe_run(&probe, &outcome, options, started_ns, no_other_limit, err);
    hp_outcome_write(&outcome, STDOUT_FILENO, outcome.deadline);
    hp_outcome_log(&outcome, &probe.plan);
    if (!ended)
        _exit(hp_report_exit_code(&outcome.report));
    hp_probe_release(&probe);
    return hp_report_exit_code(&outcome.report);
}

static bool print_explanation(const struct hp_explanation *explanation, struct hp_error *err)
{
    size_t size = hp_explanation_size(explanation);
    char *storage = malloc(size);
    struct hp_buffer text;
    bool written = false;

    if (storage == NULL)
        return hp_error_no_memory(err);
    hp_buffer_init(&text, storage, size);
    if (explanation->as_json)
        hp_explain_json(explanation, &text);
    else
        hp_explain_text(explanation, &text);
    written = hp_process_write_all(STDOUT_FILENO, text.data, text.len);
    free(storage);
    return written;
}

/* What is wrong is reported as the run would report it. */
static int explain(const struct hp_options *options, int64_t started_ns, struct hp_error *err)
{
    const struct hp_deadline no_other_limit = {INT64_MAX};
    struct hp_explanation explanation = {0};
    bool written = false;
    int status;

    hp_process_limit();
    hp_probe_begin(&probe, options, environ, err);
    if (hp_probe_prepare(&probe, options, err) &&
        hp_explanation_make(&explanation, &probe.plan, &probe.selection, &probe.values, err))
        written = print_explanation(&explanation, err);
    status = written ? EXIT_SUCCESS : EXIT_FAILURE;
    if (err->reason != HP_REASON_NONE) {
        hp_probe_refuse(&probe, &outcome, started_ns, no_other_limit, err);
        hp_outcome_write(&outcome, STDOUT_FILENO, outcome.deadline);
        status = hp_report_exit_code(&outcome.report);
    }
    hp_explanation_release(&explanation);
    hp_probe_release(&probe);
    return status;
}

/* It checks nothing, so it has no report: what is wrong is printed as text. */
static int install(const struct hp_options *options, struct hp_error *err)
{
    char storage[sizeof err->msg + 16];
    struct hp_buffer line;

    if (err->reason == HP_REASON_NONE && hp_install(options->destination, err))
        return EXIT_SUCCESS;
    hp_buffer_init(&line, storage, sizeof storage);
    hp_buffer_add_format(&line, "healthprobe: %s\n", err->msg);
    hp_process_write(STDERR_FILENO, line.data, line.len, (struct hp_deadline){0});
    return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    int64_t started_ns = hp_clock_now_ns();
    struct hp_options options = {0};
    struct hp_error err = {0};
    int status = EXIT_SUCCESS;
    sigset_t mask;

    hp_process_occupy_descriptors();
    hp_runner_block_signals(&mask);
    hp_options_parse(&options, argc, argv, &err);
    switch (options.action) {
    case HP_ACTION_HELP:
        status = hp_about_help(options.topic) ? EXIT_SUCCESS : EXIT_FAILURE;
        break;
    case HP_ACTION_VERSION:
        status = hp_about_version() ? EXIT_SUCCESS : EXIT_FAILURE;
        break;
    case HP_ACTION_CHECK:
        status = check(&options, started_ns, &err);
        break;
    case HP_ACTION_WAIT:
        hp_probe_begin(&probe, &options, environ, &err);
        status = hp_wait(&probe, &options, started_ns, &mask, &err);
        break;
    case HP_ACTION_EXPLAIN:
        status = explain(&options, started_ns, &err);
        break;
    case HP_ACTION_INSTALL:
        status = install(&options, &err);
        break;
    }
    hp_options_release(&options);
    return status;
}
