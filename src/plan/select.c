/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/select.h>

#include <healthprobe/base/nearest.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/check.h>

#include <string.h>

#include "source.h"

/* What the steps of selecting share. */
struct selecting {
    struct hp_selection *selection;
    const struct hp_options *options;
    char *const *environment;
    struct hp_error *err;
};

static int kind_index(const char *name, size_t len)
{
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (hp_span_equals((struct hp_span){name, len}, hp_check_kinds[kind]->kind))
            return kind;
    return -1;
}

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

static void unknown_kind(const char *origin, const char *word, size_t len, struct hp_error *err)
{
    const char *kinds[HP_KINDS_MAX + 1] = {NULL};
    char question[HP_NEAREST_MAX];
    char text[HP_KINDS_MAX * (HP_NAME_MAX + sizeof " and ")] = "";
    struct hp_nearest nearest;
    struct hp_buffer known;

    hp_nearest_init(&nearest, word, len);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        kinds[kind] = hp_check_kinds[kind]->kind;
        hp_nearest_offer(&nearest, kinds[kind]);
    }
    hp_buffer_init(&known, text, sizeof text);
    hp_option_add_words(&known, kinds, "and");
    hp_nearest_ask(&nearest, question);
    hp_error_add(err, HP_REASON_CONFIG, "%s: is a list of %s, each with ? if it may be left out%s",
                 origin, text, question);
}

static bool read_list(const struct selecting *selecting, const struct hp_source *list,
                      enum hp_selected ret[HP_KINDS_MAX])
{
    struct hp_error *err = selecting->err;
    size_t n_before = err->n;

    for (const char *word = list->text;; word++) {
        size_t len = strcspn(word, ",");
        bool if_set = len > 0 && word[len - 1] == '?';
        int kind = kind_index(word, if_set ? len - 1 : len);

        if (kind < 0)
            unknown_kind(list->origin, word, if_set ? len - 1 : len, err);
        else if (ret[kind] != HP_SELECTED_NO)
            hp_error_add(err, HP_REASON_CONFIG, "%s: names %s twice", list->origin,
                         hp_check_kinds[kind]->kind);
        else if (if_set && !has_target(selecting, kind) &&
                 hp_source_of_default(selecting->environment, hp_check_kinds[kind]) == NULL)
            ret[kind] = HP_SELECTED_SKIPPED;
        else
            ret[kind] = HP_SELECTED_YES;
        word += len;
        if (*word == '\0' || kind < 0)
            return err->n == n_before;
    }
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
                     "%s: leaves nothing to check of %s; beside a mode it takes checks away and "
                     "adds none",
                     list->origin, hp_mode_name(selecting->selection->mode));
}

bool hp_select(struct hp_selection *ret, const struct hp_options *options,
               char *const environment[], struct hp_error *err)
{
    struct selecting selecting = {ret, options, environment, err};
    const struct hp_row check = {hp_option_general(HP_GENERAL_CHECK), -1};
    struct hp_source list = {0};
    bool listed = hp_source_next(&list, options, environment, &check);

    *ret = (struct hp_selection){
        .action = options->action, .mode = options->mode, .mode_given = options->mode_given};
    if (listed && !ret->mode_given)
        ret->mode = HP_MODE_CUSTOM;
    if (listed && ret->mode_given && list.place != HP_SOURCE_FLAG)
        narrow_mode(&selecting, &list);
    else if (listed)
        read_list(&selecting, &list, ret->kinds);
    else if (ret->action == HP_ACTION_WAIT && !ret->mode_given)
        hp_error_add(err, HP_REASON_USAGE,
                     "wait: say what to wait for, such as --check database,redis");
    else
        select_by_mode(&selecting);
    return err->reason == HP_REASON_NONE;
}

bool hp_selection_has(const struct hp_selection *selection, const struct hp_row *row)
{
    return (row->option->flags & HP_OPTION_ACTION) == 0 &&
           hp_option_belongs(row->option, selection->action) &&
           (row->kind < 0 || selection->kinds[row->kind] == HP_SELECTED_YES);
}
