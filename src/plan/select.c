/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/select.h>

#include <healthprobe/base/nearest.h>
#include <healthprobe/base/span.h>
#include <healthprobe/plan/kinds.h>

#include <stdio.h>
#include <string.h>

#include "source.h"

/* What the steps of selecting share. */
struct selecting {
    struct hp_selection *selection;
    const struct hp_options *options;
    char *const *environment;
    struct hp_source list; /* of --check; its text is NULL without one */
    struct hp_error *err;
};

static bool has_target(const struct selecting *selecting, int kind)
{
    return hp_source_gives_target(selecting->options, selecting->environment, kind);
}

/* A default target is what the command of `wait` will be: it can't be there before. */
static bool waits_for_itself(const struct selecting *selecting, int kind)
{
    return selecting->options->command != NULL && hp_check_kinds[kind]->has_default_target &&
           !has_target(selecting, kind);
}

static void select_by_mode(const struct selecting *selecting)
{
    struct hp_selection *selection = selecting->selection;

    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (hp_check_kinds[kind]->asks[selection->mode] != NULL)
            selection->kinds[kind] =
                waits_for_itself(selecting, kind) ? HP_SELECTED_SKIPPED : HP_SELECTED_YES;
}

static const char *mode_called(struct hp_span word)
{
    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++)
        if (hp_span_equals(word, hp_mode_name((enum hp_mode)mode)))
            return hp_mode_name((enum hp_mode)mode);
    return NULL;
}

/* Names that people try here; they are ours, so the error may repeat them. */
static bool refuse_called(const char *origin, struct hp_span word, struct hp_error *err)
{
    struct hp_span known = {0};
    int kind = hp_options_kind_called(word, &known);
    const char *mode = mode_called(word);

    if (mode != NULL)
        hp_error_add(err, HP_REASON_CONFIG, "%s: %s is a mode: healthprobe %s, without %s", origin,
                     mode, mode, origin);
    else if (kind >= 0)
        hp_error_add(err, HP_REASON_CONFIG, "%s: unknown check \"%.*s\": %s is called %s", origin,
                     (int)strcspn(known.data, " ="), known.data, hp_check_kinds[kind]->title,
                     hp_check_kinds[kind]->kind);
    else if (hp_span_equals(word, "mysql"))
        hp_error_add(err, HP_REASON_CONFIG, "%s: there is no check of mysql; leave it out", origin);
    return mode != NULL || kind >= 0 || hp_span_equals(word, "mysql");
}

static void unknown_kind(const char *origin, struct hp_span word, struct hp_error *err)
{
    const char *kinds[HP_KINDS_MAX + 1] = {NULL};
    char question[HP_NEAREST_MAX];
    char text[HP_KINDS_MAX * (HP_NAME_MAX + sizeof " and ")] = "";
    struct hp_nearest nearest;
    struct hp_buffer known;

    if (refuse_called(origin, word, err))
        return;
    hp_nearest_init(&nearest, word.data, word.len);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        kinds[kind] = hp_check_kinds[kind]->kind;
        hp_nearest_offer(&nearest, kinds[kind]);
    }
    hp_buffer_init(&known, text, sizeof text);
    hp_option_add_words(&known, kinds, "and");
    hp_nearest_ask(&nearest, question);
    hp_error_add(
        err, HP_REASON_CONFIG,
        "%s: has to be a list of %s, separated by commas, each with ? if it may be left out%s",
        origin, text, question);
}

/* False: the rest of the list is not read. */
static bool read_word(const struct selecting *selecting, const char *origin, struct hp_span word,
                      enum hp_selected ret[HP_KINDS_MAX])
{
    bool if_set = word.len > 0 && word.data[word.len - 1] == '?';
    int kind = -1;

    word.len -= if_set;
    kind = hp_options_kind(word);
    if (kind < 0)
        unknown_kind(origin, word, selecting->err);
    else if (ret[kind] != HP_SELECTED_NO)
        hp_error_add(selecting->err, HP_REASON_CONFIG, "%s: names %s twice", origin,
                     hp_check_kinds[kind]->kind);
    else if (if_set && !has_target(selecting, kind) &&
             hp_source_of_default(selecting->environment, hp_check_kinds[kind]) == NULL)
        ret[kind] = HP_SELECTED_SKIPPED;
    else
        ret[kind] = HP_SELECTED_YES;
    return kind >= 0;
}

static bool read_list(const struct selecting *selecting, const struct hp_source *list,
                      enum hp_selected ret[HP_KINDS_MAX])
{
    struct hp_span rest = hp_span_of(list->text);
    size_t n_before = selecting->err->n;

    if (!hp_input_tidy(&rest, list->origin, selecting->err))
        return false;
    while (rest.data != NULL) {
        struct hp_span word = hp_span_trim(hp_span_cut(&rest, ","), HP_BLANKS);
        if (!read_word(selecting, list->origin, word, ret))
            return false;
    }
    return selecting->err->n == n_before;
}

static void select_by_default(const struct selecting *selecting)
{
    struct hp_selection *selection = selecting->selection;

    selection->mode = HP_MODE_LIVE;
    if (selection->action != HP_ACTION_WAIT)
        select_by_mode(selecting);
    /* If there is a usage error already, a misspelt word may be the cause. */
    else if (selecting->err->reason != HP_REASON_USAGE)
        hp_error_add(selecting->err, HP_REASON_USAGE,
                     "wait: say what to wait for, such as --check database,redis");
}

static bool is_target(const struct hp_given *given)
{
    return (given->option->flags & HP_OPTION_TARGET) != 0;
}

static bool any_target(const struct hp_options *options)
{
    for (size_t i = 0; i < options->n; i++)
        if (is_target(&options->given[i]))
            return true;
    return false;
}

static void select_by_targets(const struct selecting *selecting)
{
    const struct hp_options *options = selecting->options;

    for (size_t i = 0; i < options->n; i++)
        if (is_target(&options->given[i]))
            selecting->selection->kinds[options->given[i].kind] = HP_SELECTED_YES;
}

/* The variable counts only if the command line does not say what to check. */
static bool is_by_list(const struct selecting *selecting)
{
    return selecting->list.text != NULL &&
           (selecting->list.place == HP_SOURCE_FLAG ||
            (!selecting->selection->mode_given && !any_target(selecting->options)));
}

/* A variable of the pod's must not make liveness depend on a database: it takes away alone. */
static void narrow_mode(const struct selecting *selecting, const struct hp_source *list)
{
    enum hp_selected listed[HP_KINDS_MAX] = {HP_SELECTED_NO};
    bool any = false;

    if (!read_list(selecting, list, listed))
        return;
    select_by_mode(selecting);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        enum hp_selected *selected = &selecting->selection->kinds[kind];
        if (listed[kind] == HP_SELECTED_NO ||
            (listed[kind] == HP_SELECTED_SKIPPED && *selected == HP_SELECTED_YES))
            *selected = listed[kind];
        any = any || *selected != HP_SELECTED_NO;
    }
    if (!any)
        hp_error_add(selecting->err, HP_REASON_CONFIG,
                     "%s: leaves nothing to check of %s; with a mode it can remove checks, but "
                     "not add any",
                     list->origin, hp_mode_name(selecting->selection->mode));
}

static void select_kinds(const struct selecting *selecting)
{
    struct hp_selection *selection = selecting->selection;
    const struct hp_source *list = &selecting->list;

    if (is_by_list(selecting))
        read_list(selecting, list, selection->kinds);
    else if (selection->mode_given && list->text != NULL)
        narrow_mode(selecting, list);
    else if (selection->mode_given)
        select_by_mode(selecting);
    else if (any_target(selecting->options)) {
        selection->check_is_idle = true;
        select_by_targets(selecting);
    } else
        select_by_default(selecting);
}

static void find_list(struct selecting *selecting)
{
    const struct hp_row check = {hp_option_general(HP_GENERAL_CHECK), -1};

    if (!hp_source_next(&selecting->list, selecting->options, selecting->environment, &check))
        selecting->list.text = NULL;
}

bool hp_select(struct hp_selection *ret, const struct hp_options *options,
               char *const environment[], struct hp_error *err)
{
    struct selecting selecting = {ret, options, environment, {0}, err};

    *ret = (struct hp_selection){
        .action = options->action, .mode = options->mode, .mode_given = options->mode_given};
    if (!ret->mode_given)
        ret->mode = HP_MODE_CUSTOM;
    find_list(&selecting);
    select_kinds(&selecting);
    return err->reason == HP_REASON_NONE;
}

bool hp_selection_has(const struct hp_selection *selection, const struct hp_row *row)
{
    return (row->option->flags & HP_OPTION_ACTION) == 0 &&
           !(selection->check_is_idle && row->option == hp_option_general(HP_GENERAL_CHECK)) &&
           hp_option_belongs(row->option, selection->action) &&
           (row->kind < 0 || selection->kinds[row->kind] == HP_SELECTED_YES);
}

/* --- what does not fit ------------------------------------------------------------------------ */

static bool any_selected(const struct hp_selection *selection)
{
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (selection->kinds[kind] != HP_SELECTED_NO)
            return true;
    return false;
}

/* "take ready or full, or ": the modes that have a kind. */
static void add_modes_with(struct hp_buffer *ret, const struct hp_check_ops *ops)
{
    const char *modes[HP_MODE_CUSTOM + 1] = {NULL};
    size_t n = 0;

    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++)
        if (ops->asks[mode] != NULL)
            modes[n++] = hp_mode_name((enum hp_mode)mode);
    hp_buffer_add(ret, n > 0 ? "take " : "");
    hp_option_add_words(ret, modes, "or");
    hp_buffer_add(ret, n > 0 ? ", or " : ret->len > 0 ? "or " : "");
}

/* The name of the set for errors: the mode, --check, its variable or "this run". */
static void name_set(char ret[HP_TWIN_MAX], const struct selecting *selecting, bool mode_says)
{
    const struct hp_selection *selection = selecting->selection;
    bool by_mode = selection->mode != HP_MODE_CUSTOM && !is_by_list(selecting);

    if (by_mode && mode_says)
        snprintf(ret, HP_TWIN_MAX, "\"%s\"", hp_mode_name(selection->mode));
    else
        snprintf(ret, HP_TWIN_MAX, "%s",
                 by_mode || is_by_list(selecting) ? selecting->list.origin : "this run");
}

/* "for redis write redis://HOST:6379, or ": the kinds that run. */
static void add_written(struct hp_buffer *ret, const struct selecting *selecting)
{
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (selecting->selection->kinds[kind] != HP_SELECTED_NO)
            hp_buffer_add_format(ret, "for %s write %s, ", hp_check_kinds[kind]->kind,
                                 hp_check_kinds[kind]->example);
    hp_buffer_add(ret, "or ");
}

/* Does nothing but its flag or the twin give this kind a target, and neither is there? */
static bool needs_flag(const struct selecting *selecting, int kind)
{
    return !hp_check_kinds[kind]->has_default_target &&
           hp_check_kinds[kind]->app_variables == NULL && !has_target(selecting, kind);
}

/* With an option for a check that does not run, less would be checked than was requested. */
static void refuse_stray(const struct selecting *selecting, const struct hp_given *given)
{
    const struct hp_selection *selection = selecting->selection;
    const struct hp_check_ops *ops = hp_check_kinds[given->kind];
    bool lacks = selection->mode != HP_MODE_CUSTOM && ops->asks[selection->mode] == NULL;
    bool by_list = is_by_list(selecting);
    char origin[HP_TWIN_MAX];
    char set[HP_TWIN_MAX];
    char text[160];
    struct hp_buffer cure;

    hp_given_origin(origin, given);
    name_set(set, selecting, lacks);
    hp_buffer_init(&cure, text, sizeof text);
    if (by_list && given->position > 0)
        add_written(&cure, selecting);
    if (by_list)
        lacks = false;
    else if (selection->mode == HP_MODE_CUSTOM)
        hp_buffer_add_format(&cure, "give --%s too, or ", ops->options[0].name);
    if (cure.len == 0 && needs_flag(selecting, given->kind)) {
        hp_buffer_add_format(&cure, "give %s and ", ops->example);
        lacks = false;
    }
    if (lacks && selection->mode_given && is_target(given))
        hp_buffer_add_format(&cure, "leave %s out, ", hp_mode_name(selection->mode));
    if (lacks)
        add_modes_with(&cure, ops);
    hp_error_add(selecting->err, HP_REASON_CONFIG,
                 "%s: is for the %s check, which is not part of %s; %sname %s in --%s", origin,
                 ops->kind, set, text, ops->kind, hp_option_general(HP_GENERAL_CHECK)->name);
}

static void refuse_strays(const struct selecting *selecting)
{
    const struct hp_options *options = selecting->options;
    const struct hp_selection *selection = selecting->selection;

    /* Nothing is selected, and a problem says why. */
    if (!any_selected(selection) || (selecting->err->reason == HP_REASON_USAGE &&
                                     !selection->mode_given && !is_by_list(selecting)))
        return;
    for (size_t i = 0; i < options->n; i++) {
        const struct hp_given *given = &options->given[i];
        if (given->kind >= 0 && selection->kinds[given->kind] == HP_SELECTED_NO)
            refuse_stray(selecting, given);
    }
}

static bool is_missing(const struct selecting *selecting, int kind)
{
    return selecting->selection->kinds[kind] == HP_SELECTED_YES &&
           !hp_check_kinds[kind]->has_default_target && !has_target(selecting, kind);
}

/* "; if there is none, use --check http,database", or "" where nothing would be left. */
static void add_rest(struct hp_buffer *ret, const struct selecting *selecting)
{
    const char *separator = "";

    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        if (selecting->selection->kinds[kind] != HP_SELECTED_YES || is_missing(selecting, kind))
            continue;
        if (*separator == '\0')
            hp_buffer_add_format(ret, "; if there is none, use --%s ",
                                 hp_option_general(HP_GENERAL_CHECK)->name);
        hp_buffer_add_format(ret, "%s%s", separator, hp_check_kinds[kind]->kind);
        separator = ",";
    }
}

/* "REDIS_URL is not set, or empty": of all the ways to give a target, the likeliest. */
static void add_unset(struct hp_buffer *ret, const struct hp_check_ops *ops)
{
    char twin[HP_TWIN_MAX];

    if (ops->app_variables != NULL) {
        hp_buffer_add_format(ret, "%s is not set, or empty", ops->app_variables[0]);
        return;
    }
    hp_option_twin(twin, &ops->options[0], "");
    hp_buffer_add_format(ret, "neither %s nor %s is given", ops->example, twin);
}

static void refuse_missing(const struct selecting *selecting)
{
    char set[HP_TWIN_MAX];

    name_set(set, selecting, true);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        char text[256];
        struct hp_buffer why;
        if (!is_missing(selecting, kind))
            continue;
        hp_buffer_init(&why, text, sizeof text);
        add_unset(&why, hp_check_kinds[kind]);
        add_rest(&why, selecting);
        hp_error_add(selecting->err, HP_REASON_CONFIG, "%s is part of %s, but %s",
                     hp_check_kinds[kind]->kind, set, text);
    }
}

bool hp_selection_fits(const struct hp_selection *selection, const struct hp_options *options,
                       char *const environment[], struct hp_error *err)
{
    struct hp_selection copy = *selection;
    struct selecting selecting = {&copy, options, environment, {0}, err};

    find_list(&selecting);
    refuse_strays(&selecting);
    refuse_missing(&selecting);
    return err->reason == HP_REASON_NONE;
}
