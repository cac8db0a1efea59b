/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan.h>

#include <healthprobe/tls.h>
#include <healthprobe/utf8.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_NS (5 * HP_NS_PER_S / 2)

static const char *const format_names[HP_FORMAT_COUNT] = {"json", "short"};

void hp_notes_add(struct hp_notes *notes, const char *text)
{
    for (size_t i = 0; i < notes->n; i++)
        if (strcmp(notes->items[i], text) == 0)
            return;
    if (notes->n < HP_NOTES_MAX)
        snprintf(notes->items[notes->n++], sizeof notes->items[0], "%s", text);
}

void hp_plan_need_file(struct hp_plan *plan, const char *path, const char *origin)
{
    struct hp_needed_file *file = NULL;

    for (size_t i = 0; i < plan->n_files; i++)
        if (strcmp(plan->files[i].path, path) == 0)
            return;
    if (plan->n_files == HP_NEEDED_FILES_MAX)
        return;
    file = &plan->files[plan->n_files++];
    file->path = path;
    snprintf(file->origin, sizeof file->origin, "%s", origin);
}

const char *hp_plan_ca_file(struct hp_plan *plan, const struct hp_values *values,
                            const char *kind_option)
{
    const struct hp_value *value = hp_values_next(values, kind_option, NULL);
    const char *path = NULL;

    if (value == NULL)
        value = hp_values_next(values, "ca", NULL);
    if (value != NULL) {
        hp_plan_need_file(plan, value->text, value->origin);
        return value->text;
    }
    path = hp_environment_get(values->environment, "SSL_CERT_FILE");
    if (path != NULL)
        hp_plan_need_file(plan, path, "SSL_CERT_FILE");
    return path;
}

bool hp_plan_password(struct hp_plan *plan, const struct hp_values *values, const char *option,
                      char **password, struct hp_error *err)
{
    const struct hp_value *value = hp_values_next(values, option, NULL);
    bool missing = *password == NULL || (*password)[0] == '\0';

    if (value != NULL && !missing) {
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: the URL has a password already; drop one of the two", value->origin);
        return false;
    }
    if (value != NULL) {
        free(*password);
        *password = strdup(value->text);
        if (*password == NULL)
            return hp_error_no_memory(err);
    }
    return hp_secrets_add(&plan->secrets, *password) || hp_error_no_memory(err);
}

bool hp_plan_need_tls(const char *origin, struct hp_error *err)
{
    if (!hp_tls_available())
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: asks for TLS, which this build does not have; use the build with TLS",
                     origin);
    return hp_tls_available();
}

static void read_format(struct hp_plan *plan, const struct hp_values *values, struct hp_error *err)
{
    const struct hp_value *value = hp_values_next(values, "format", NULL);

    if (value == NULL)
        return;
    for (int format = 0; format < HP_FORMAT_COUNT; format++) {
        if (strcmp(value->text, format_names[format]) == 0) {
            plan->format = (enum hp_format)format;
            return;
        }
    }
    hp_error_add(err, HP_REASON_CONFIG, "%s: is json or short", value->origin);
}

static void read_version(struct hp_plan *plan, const struct hp_values *values)
{
    const char *version = hp_environment_get(values->environment, "APP_VERSION");

    if (version == NULL)
        version = "unknown";
    if (hp_utf8_clean(plan->version, sizeof plan->version, version, strlen(version)) == 0)
        snprintf(plan->version, sizeof plan->version, "unknown");
}

struct stray {
    const struct hp_given *given;
    int kind;
};

static void find_kind(const struct hp_option *option, int kind, void *data)
{
    struct stray *stray = data;

    if (stray->given->option == option)
        stray->kind = kind;
}

/* A flag for a check that does not run would be checked less than was asked for. */
static void refuse_strays(const struct hp_options *options, struct hp_error *err)
{
    for (size_t i = 0; i < options->n; i++) {
        struct stray stray = {&options->given[i], -1};
        if (!stray.given->from_flag)
            continue;
        hp_options_each(find_kind, &stray);
        if (stray.kind >= 0 && options->selected[stray.kind] == HP_SELECTED_NO)
            hp_error_add(err, HP_REASON_CONFIG,
                         "--%s: the %s check is not part of this run; use a mode that has it, or "
                         "name it in --check",
                         stray.given->option->name, hp_check_kinds[stray.kind]->kind);
    }
}

static void add_check(struct hp_plan *plan, const struct hp_check_ops *ops,
                      const struct hp_value *target, const struct hp_values *values,
                      struct hp_error *err)
{
    struct hp_check *check = &plan->checks[plan->n_checks];
    struct hp_check_input input = {
        .target = target != NULL ? target->text : NULL,
        .origin = target != NULL ? target->origin : ops->kind,
        .mode = plan->mode,
        .values = values,
        .plan = plan,
    };
    char timeout_option[HP_NAME_MAX + sizeof "-timeout"];

    *check =
        (struct hp_check){.ops = ops, .secrets = &plan->secrets, .timeout_ns = plan->timeout_ns};
    snprintf(check->name, sizeof check->name, "%s", ops->kind);
    snprintf(timeout_option, sizeof timeout_option, "%s-timeout", ops->kind);
    hp_values_duration(values, timeout_option, &check->timeout_ns, err);
    if (ops->parse(check, &input, err))
        plan->n_checks++;
}

static void no_target(const struct hp_check_ops *ops, struct hp_error *err)
{
    const char *variable = ops->app_variables != NULL ? ops->app_variables[0] : NULL;

    hp_error_add(err, HP_REASON_CONFIG, "%s: nothing says what to check; set --%s%s%s", ops->kind,
                 ops->options[0].name, variable != NULL ? " or " : "",
                 variable != NULL ? variable : "");
}

/* Without a target the kind's other options are read all the same: all problems are told at once.
 */
static void build_kind(struct hp_plan *plan, int kind, const struct hp_options *options,
                       const struct hp_values *values, struct hp_error *err)
{
    const struct hp_check_ops *ops = hp_check_kinds[kind];
    const struct hp_value *target = hp_values_next(values, ops->options[0].name, NULL);

    if (options->selected[kind] == HP_SELECTED_SKIPPED)
        hp_names_add(&plan->skipped, ops->kind);
    if (options->selected[kind] != HP_SELECTED_YES)
        return;
    /* What a source could not give was told already; it is no missing target on top. */
    if (target == NULL && !ops->has_default_target && !hp_options_give_target(options, kind))
        no_target(ops, err);
    add_check(plan, ops, target, values, err);
}

bool hp_plan_build(struct hp_plan *ret, const struct hp_options *options,
                   const struct hp_values *values, struct hp_error *err)
{
    *ret = (struct hp_plan){.mode = options->mode, .timeout_ns = DEFAULT_TIMEOUT_NS};
    read_format(ret, values, err);
    read_version(ret, values);
    ret->verbose = hp_values_on(values, "verbose");
    hp_values_duration(values, "timeout", &ret->timeout_ns, err);
    refuse_strays(options, err);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        build_kind(ret, kind, options, values, err);
    if (err->reason == HP_REASON_NONE && ret->n_checks == 0)
        hp_error_add(err, HP_REASON_CONFIG,
                     "nothing to check: none of the checks that may be left out has a target");
    return err->reason == HP_REASON_NONE;
}

void hp_plan_release(struct hp_plan *plan)
{
    for (size_t i = 0; i < plan->n_checks; i++)
        plan->checks[i].ops->release(plan->checks[i].settings);
    plan->n_checks = 0;
    hp_secrets_release(&plan->secrets);
}
