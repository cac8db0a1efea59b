/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "plan/explain.h"
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/plan.h>
#include <healthprobe/plan/select.h>
#include <healthprobe/plan/values.h>
#include <healthprobe/report/render.h>
#include <healthprobe/report/report.h>

/*
 * Command line and environment, up to the plan or the report of their errors. The first byte is the
 * number of pieces that are arguments.
 */

#define PIECES_MAX 24

/* A fuzzer that reads its own files would find nothing else. */
static bool names_a_file(const char *piece)
{
    return strstr(piece, "file:") != NULL || strstr(piece, "_FILE") != NULL;
}

static void check_report(const struct hp_plan *plan, const struct hp_error *err)
{
    static struct hp_report report;
    char text[HP_METRICS_MAX + 1];
    size_t len = 0;

    hp_plan_begin_report(plan, &report);
    hp_report_refuse(&report, err);
    HP_FUZZ_CHECK(hp_report_exit_code(&report) == 1);
    len = hp_render(plan->format, &report, text);
    if (plan->format == HP_FORMAT_TEXT || plan->format == HP_FORMAT_PROMETHEUS)
        HP_FUZZ_CHECK(hp_fuzz_is_text(text, len, hp_render_max(plan->format)));
    else
        HP_FUZZ_CHECK(hp_fuzz_is_line(text, len, hp_render_max(plan->format)));
}

static void check_explanation(const struct hp_plan *plan, const struct hp_selection *selection,
                              const struct hp_values *values, struct hp_error *err)
{
    struct hp_explanation explanation = {0};
    size_t size = 0;
    char *text = NULL;
    struct hp_buffer buffer;

    HP_FUZZ_CHECK(hp_explanation_make(&explanation, plan, selection, values, err));
    size = hp_explanation_size(&explanation);
    text = malloc(size);
    HP_FUZZ_CHECK(text != NULL);
    hp_buffer_init(&buffer, text, size);
    hp_explain_text(&explanation, &buffer);
    HP_FUZZ_CHECK(!buffer.overflow && hp_fuzz_is_text(text, buffer.len, size));
    hp_buffer_init(&buffer, text, size);
    hp_explain_json(&explanation, &buffer);
    HP_FUZZ_CHECK(!buffer.overflow && hp_fuzz_is_line(text, buffer.len, size));
    free(text);
    hp_explanation_release(&explanation);
}

static void run(int argc, char **argv, char **environment)
{
    static struct hp_plan plan;
    struct hp_options options = {0};
    struct hp_selection selection = {0};
    struct hp_values values = {0};
    struct hp_error err = {0};

    hp_options_parse(&options, argc, argv, &err);
    hp_select(&selection, &options, environment, &err);
    hp_values_read_general(&values, &options, &selection, environment, &err);
    hp_values_read_kinds(&values, &options, &selection, &err);
    hp_plan_begin(&plan, &selection, &values, &err);
    hp_plan_build(&plan, &options, &selection, &values, &err);
    if (err.reason != HP_REASON_NONE)
        check_report(&plan, &err);
    else
        check_explanation(&plan, &selection, &values, &err);
    HP_FUZZ_CHECK(err.reason != HP_REASON_NONE || plan.n_checks > 0);
    hp_plan_release(&plan);
    hp_values_release(&values);
    hp_options_release(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *pieces[PIECES_MAX + 2];
    char *argv[PIECES_MAX + 2] = {NULL};
    size_t n = 0;
    size_t n_arguments = 0;
    bool usable = size > 0;

    if (!usable)
        return 0;
    n = hp_fuzz_split(data + 1, size - 1, pieces, PIECES_MAX);
    n_arguments = data[0] % (n + 1);
    argv[0] = pieces[0]; /* never read */
    for (size_t i = 0; i < n_arguments; i++)
        argv[i + 1] = pieces[i];
    argv[n_arguments + 1] = NULL;
    for (size_t i = 0; i < n; i++)
        usable = usable && !names_a_file(pieces[i]);
    if (usable)
        run((int)n_arguments + 1, argv, pieces + n_arguments);
    hp_fuzz_free(pieces);
    return 0;
}
