/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/environment.h>
#include <healthprobe/base/span.h>
#include <healthprobe/plan/kinds.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source.h"

/* More than any of them comes to as JSON, where each byte of a text may need two. */
#define SETTING_SIZE 2048
#define CHECK_SIZE   4096
#define REST_SIZE    32768

const char *hp_from_name(enum hp_from from)
{
    static const char *const names[HP_FROM_COUNT] = {"unset", "default",     "argument",
                                                     "flag",  "environment", "file"};

    return names[from];
}

const char *hp_setting_value(const struct hp_setting *setting)
{
    return setting->check != NULL ? setting->check->target : setting->value.bytes;
}

/* What the steps of explaining share. */
struct explaining {
    struct hp_explanation *explanation;
    const struct hp_selection *selection;
    const struct hp_values *values;
    struct hp_error *err;
};

static void set(struct hp_text *ret, const char *text, size_t len)
{
    hp_redact(ret, (struct hp_untrusted){text, len, false}, NULL);
}

static void add(struct explaining *explaining, const struct hp_setting *setting)
{
    struct hp_explanation *explanation = explaining->explanation;

    if (hp_array_room(explanation->settings, explanation->n))
        explanation->settings[explanation->n++] = *setting;
    else
        hp_error_no_memory(explaining->err);
}

/* --- options ---------------------------------------------------------------------------------- */

static void find_source(struct hp_setting *setting, const struct hp_value *value)
{
    const char *origin = value->origin;

    setting->placeholders = &value->placeholders;
    if (value->reference == HP_REFERENCE_NONE) {
        setting->from = !value->from_flag                       ? HP_FROM_ENVIRONMENT
                        : hp_after_prefix(origin, "--") != NULL ? HP_FROM_FLAG
                                                                : HP_FROM_ARGUMENT;
        set(&setting->source, origin, strlen(origin));
        return;
    }
    setting->from = value->reference == HP_REFERENCE_FILE ? HP_FROM_FILE : HP_FROM_ENVIRONMENT;
    set(&setting->source, value->referred, value->referred_len);
    set(&setting->by, origin, strlen(origin));
}

static bool is_known(const struct hp_plan *plan, struct hp_span word)
{
    bool if_set = word.len > 0 && word.data[word.len - 1] == '?';
    struct hp_span kind_word = {.data = word.data, .len = word.len - if_set};

    for (size_t i = 0; i < plan->n_checks; i++)
        if (hp_span_equals(word, plan->checks[i].name))
            return true;
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (hp_span_equals(kind_word, hp_check_kinds[kind]->kind))
            return true;
    return hp_reason_of_target(word.data, word.len) != HP_REASON_COUNT;
}

/* A twin is not looked through for wrong words: what we do not know may be a secret. */
static void show_words(struct hp_text *ret, const struct hp_plan *plan, const char *list)
{
    struct hp_span rest = hp_span_of(list);
    const char *separator = "";
    size_t not_shown = 0;
    struct hp_buffer text;

    hp_buffer_init(&text, ret->bytes, sizeof ret->bytes);
    while (rest.data != NULL) {
        struct hp_span word = hp_span_trim(hp_span_cut(&rest, ","), " \t\r\n");
        if (is_known(plan, word)) {
            hp_buffer_add_format(&text, "%s%.*s", separator, (int)word.len, word.data);
            separator = ",";
        } else {
            not_shown++;
        }
    }
    if (not_shown > 0)
        hp_buffer_add_format(&text, "%s%zu not shown", text.len > 0 ? "; " : "", not_shown);
}

/*
 * Shown is what can be no secret, and was looked through when the plan was made:
 * durations, numbers, words of ours, paths. What holds a secret in use is not.
 */
static void find_value(struct hp_setting *setting, const struct hp_value *value,
                       const struct hp_plan *plan)
{
    unsigned flags = value->option->flags;
    const char *text = NULL;

    if ((flags & (HP_OPTION_SOURCE | HP_OPTION_PRIVATE)) != 0)
        text = "(set)";
    else if (value->option->metavar == NULL)
        text = value->text[0] == '1' ? "true" : "false";
    else if ((flags & HP_OPTION_PATH) != 0 && value->text[0] != '/')
        text = "(a relative path)";
    if (text != NULL)
        set(&setting->value, text, strlen(text));
    else if ((flags & HP_OPTION_WORDS) != 0)
        show_words(&setting->value, plan, value->text);
    else
        hp_redact(&setting->value, hp_untrusted_of(value->text), &plan->collected.secrets);
}

/* The format's depends on where the run prints. */
static void find_default(struct hp_setting *setting, const struct hp_option *option,
                         enum hp_format format)
{
    bool on_terminal = option == hp_option_general(HP_GENERAL_FORMAT) && format == HP_FORMAT_TEXT;
    const char *text = on_terminal ? hp_format_names[format] : option->fallback;
    const char *source = on_terminal ? "default on a terminal" : "";

    setting->from = HP_FROM_DEFAULT;
    set(&setting->value, text, strlen(text));
    set(&setting->source, source, strlen(source));
}

static void add_values(struct explaining *explaining, const struct hp_option *option)
{
    const struct hp_value *value = NULL;
    bool any = false;

    while ((value = hp_value_next(explaining->values, option, value)) != NULL) {
        struct hp_setting setting = {.name = option->name};
        find_value(&setting, value, explaining->explanation->plan);
        find_source(&setting, value);
        add(explaining, &setting);
        any = true;
    }
    if (!any) {
        struct hp_setting setting = {.name = option->name};
        if (option->fallback != NULL)
            find_default(&setting, option, explaining->explanation->plan->format);
        add(explaining, &setting);
    }
}

/* A variable that makes the default target what it is counts as where it came from. */
static void find_source_of_default(struct hp_setting *setting, const struct hp_values *values)
{
    const char *variable = hp_source_of_default(values->environment, setting->check->ops);

    setting->from = HP_FROM_DEFAULT;
    if (variable == NULL)
        return;
    setting->from = HP_FROM_ENVIRONMENT;
    set(&setting->source, variable, strlen(variable));
}

/* Each check has a target. */
static void add_targets(struct explaining *explaining, const struct hp_option *option)
{
    const struct hp_plan *plan = explaining->explanation->plan;

    for (size_t i = 0; i < plan->n_checks; i++) {
        const struct hp_check *check = &plan->checks[i];
        struct hp_setting setting = {.name = option->name, .check = check};
        if (&check->ops->options[0] != option)
            continue;
        if (check->given != NULL)
            find_source(&setting, check->given);
        else
            find_source_of_default(&setting, explaining->values);
        add(explaining, &setting);
    }
}

static void add_options(struct explaining *explaining)
{
    struct hp_row row = {0};

    while (hp_row_next(&row)) {
        if (!hp_selection_has(explaining->selection, &row))
            continue;
        if ((row.option->flags & HP_OPTION_TARGET) != 0)
            add_targets(explaining, row.option);
        else
            add_values(explaining, row.option);
    }
}

/* --- what is not an option -------------------------------------------------------------------- */

static void add_mode(struct explaining *explaining)
{
    const struct hp_selection *selection = explaining->selection;
    const char *mode = hp_mode_name(selection->mode);
    struct hp_setting setting = {
        .name = "mode",
        .from = selection->mode_given ? HP_FROM_ARGUMENT : HP_FROM_DEFAULT,
    };

    if (selection->mode == HP_MODE_CUSTOM)
        setting.from = HP_FROM_UNSET;
    else
        set(&setting.value, mode, strlen(mode));
    add(explaining, &setting);
}

static void add_variable(struct explaining *explaining, const char *variable, const char *value)
{
    struct hp_setting setting = {.name = variable, .from = HP_FROM_ENVIRONMENT};

    hp_redact(&setting.value, hp_untrusted_of(value),
              &explaining->explanation->plan->collected.secrets);
    set(&setting.source, variable, strlen(variable));
    add(explaining, &setting);
}

/* Variables that are no option's twin: of a file that a check needs, and of the report. */
static void add_variables(struct explaining *explaining)
{
    const struct hp_plan *plan = explaining->explanation->plan;
    char *const *environment = explaining->values->environment;

    for (size_t i = 0; i < plan->collected.n_files; i++)
        if (strcmp(plan->collected.files[i].origin, "SSL_CERT_FILE") == 0)
            add_variable(explaining, "SSL_CERT_FILE", plan->collected.files[i].path);
    if (hp_environment_get(environment, "APP_VERSION") != NULL)
        add_variable(explaining, "APP_VERSION", plan->version);
}

static void find_unknown(struct hp_explanation *explanation, char *const environment[])
{
    for (size_t i = 0; environment[i] != NULL; i++) {
        size_t len = strcspn(environment[i], "=");
        const struct hp_option *nearest = NULL;
        struct hp_unknown *unknown = &explanation->unknown[explanation->n_unknown];
        if (!hp_options_unknown_variable(environment[i], len, &nearest))
            continue;
        if (explanation->n_unknown == HP_UNKNOWN_MAX) {
            explanation->n_unknown_more++;
            continue;
        }
        set(&unknown->variable, environment[i], len);
        if (nearest != NULL)
            hp_option_twin(unknown->nearest, nearest, "");
        explanation->n_unknown++;
    }
}

/* --- notes ------------------------------------------------------------------------------------ */

/* The value of a placeholder was not typed. */
static bool is_typed(struct hp_span password)
{
    return password.len > 0 && password.data[0] != HP_URL_MARK;
}

static bool has_password(const char *target)
{
    struct hp_span query = hp_span_of(target);
    struct hp_span before = hp_span_cut(&query, "?");
    const char *authority = memmem(before.data, before.len, "://", 3);

    if (authority != NULL) {
        struct hp_span user = hp_span_skip(before, (size_t)(authority + 3 - before.data));
        const char *at = NULL;
        user = hp_span_cut(&user, "/#");
        at = memrchr(user.data, '@', user.len);
        user.len = at != NULL ? (size_t)(at - user.data) : 0;
        hp_span_cut(&user, ":");
        if (user.data != NULL && is_typed(user))
            return true;
    }
    while (query.data != NULL) {
        struct hp_span value = hp_span_cut(&query, "&#");
        if (hp_target_is_password(hp_span_cut(&value, "=")) && value.data != NULL &&
            is_typed(value))
            return true;
    }
    return false;
}

static bool is_typed_password(const struct hp_value *value)
{
    if (!value->from_flag || value->reference != HP_REFERENCE_NONE)
        return false;
    if ((value->option->flags & HP_OPTION_TARGET) != 0)
        return has_password(value->text);
    return value->option->role == HP_ROLE_PASSWORD && value->placeholders.n == 0 &&
           *value->text != '\0';
}

static void add_notes(struct hp_explanation *explanation, const struct hp_values *values)
{
    explanation->notes = explanation->plan->collected.notes;
    if (hp_environment_get(values->environment, "KUBERNETES_SERVICE_HOST") != NULL &&
        hp_value_of(values, hp_option_general(HP_GENERAL_TIMEOUT)) == NULL)
        hp_notes_add(&explanation->notes,
                     "Kubernetes kills a probe after 1s unless timeoutSeconds says more, and loses "
                     "what it printed");
    for (size_t i = 0; i < values->n; i++) {
        if (!is_typed_password(&values->items[i]))
            continue;
        hp_notes_add(&explanation->notes,
                     "%s: Docker publishes a password in the arguments; write env:NAME or "
                     "file:PATH",
                     values->items[i].origin);
    }
}

bool hp_explanation_make(struct hp_explanation *ret, const struct hp_plan *plan,
                         const struct hp_selection *selection, const struct hp_values *values,
                         struct hp_error *err)
{
    struct explaining explaining = {ret, selection, values, err};

    ret->plan = plan;
    /* A table by default, whatever a run would print. */
    ret->as_json = plan->format == HP_FORMAT_JSON &&
                   hp_value_of(values, hp_option_general(HP_GENERAL_FORMAT)) != NULL;
    add_mode(&explaining);
    add_options(&explaining);
    add_variables(&explaining);
    add_notes(ret, values);
    find_unknown(ret, values->environment);
    return err->reason == HP_REASON_NONE;
}

void hp_explanation_release(struct hp_explanation *explanation)
{
    free(explanation->settings);
    *explanation = (struct hp_explanation){0};
}

size_t hp_explanation_size(const struct hp_explanation *explanation)
{
    size_t size =
        explanation->n * SETTING_SIZE + explanation->plan->n_checks * CHECK_SIZE + REST_SIZE;

    for (size_t i = 0; i < explanation->n; i++) {
        const struct hp_placeholders *placeholders = explanation->settings[i].placeholders;
        for (size_t at = 0; placeholders != NULL && at < placeholders->n; at++)
            size += strlen(placeholders->items[at].shown) + sizeof "\"\", ";
    }
    return size;
}
