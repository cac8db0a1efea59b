/* SPDX-License-Identifier: MIT */
#include "unknown.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/nearest.h>
#include <healthprobe/base/span.h>
#include <healthprobe/plan/kinds.h>

#include <stdio.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* No option of ours, or of any tool that we know, is longer. */
#define SHOWN_MAX 32

/* --- options ---------------------------------------------------------------------------------- */

/* " --name", or "" if it may be a secret. */
static void show(char ret[SHOWN_MAX + 4], const char *argument, struct hp_span name)
{
    bool is_long = argument[1] == '-';
    size_t letters = 0;

    while (letters < name.len && hp_is_one_of(name.data[letters], LETTERS "-"))
        letters++;
    ret[0] = '\0';
    if (letters == name.len && letters > 0 && letters <= (is_long ? SHOWN_MAX : 1))
        snprintf(ret, SHOWN_MAX + 4, " %s%.*s", is_long ? "--" : "-", (int)name.len, name.data);
}

/* The row that other tools call by this name, and the form of its value. */
static struct hp_row called(struct hp_span name, struct hp_span *ret_form)
{
    struct hp_row row = {0};

    while (hp_row_next(&row)) {
        *ret_form = hp_option_other_name(row.option, name);
        if (ret_form->data == NULL)
            continue;
        hp_span_cut(ret_form, "=");
        if (ret_form->data == NULL && row.option->metavar != NULL)
            *ret_form = hp_span_of(row.option->metavar);
        return row;
    }
    return (struct hp_row){0};
}

/* Options of wget and curl for what is the default here. */
static bool is_needless(struct hp_span name)
{
    struct hp_span rest = hp_span_of("fail silent show-error quiet spider");
    size_t letters = strspn(name.data, "fsSqO");

    /* "-fsS", "-qO-" */
    if (letters > 0 &&
        (letters == name.len || (letters + 1 == name.len && name.data[letters] == '-')))
        return true;
    while (rest.data != NULL) {
        struct hp_span word = hp_span_cut(&rest, " ");
        if (word.len == name.len && memcmp(word.data, name.data, name.len) == 0)
            return true;
    }
    return false;
}

static void one_word(struct hp_span option, int position, struct hp_error *err)
{
    struct hp_span name = hp_span_cut(&option, " ");
    const struct hp_option *known = hp_row_named(name).option;

    hp_error_add(err, HP_REASON_USAGE,
                 "argument %d contains a space: in the exec form each word is its own string: "
                 "\"--%s\", \"VALUE\"",
                 position, known != NULL ? known->name : "OPTION");
}

struct hp_row hp_unknown_option(const char *argument, struct hp_span name, int position,
                                struct hp_error *err)
{
    char shown[SHOWN_MAX + 4];
    struct hp_span form = {0};
    struct hp_row row = called(name, &form);

    show(shown, argument, name);
    if (name.len > 0 && memchr(name.data, ' ', name.len) != NULL) {
        one_word(name, position, err);
        return row;
    }
    if (row.option != NULL) {
        hp_error_add(err, HP_REASON_USAGE, "unknown option%s; use --%s%s%.*s", shown,
                     row.option->name, form.len > 0 ? " " : "", (int)form.len,
                     form.len > 0 ? form.data : "");
        return row;
    }
    if (shown[0] == '\0')
        snprintf(shown, sizeof shown, " (argument %d)", position);
    if (is_needless(name)) {
        hp_error_add(err, HP_REASON_USAGE, "unknown option%s; leave it out", shown);
        return row;
    }
    row = hp_row_nearest(name);
    if (row.option != NULL)
        hp_error_add(err, HP_REASON_USAGE, "unknown option%s; did you mean --%s?", shown,
                     row.option->name);
    else
        hp_error_add(err, HP_REASON_USAGE, "unknown option%s; see --help", shown);
    return row;
}

/* --- words ------------------------------------------------------------------------------------ */

/* The shell's operator at the start of a word, which ends our part of the line; NULL: none. */
static const char *shell_word(const char *word)
{
    static const char *const all[] = {"||", "&&", "|", ";", "&", "2>&1", ">/dev/null", ">>", ">"};

    for (size_t i = 0; i < HP_COUNT(all); i++)
        if (hp_after_prefix(word, all[i]) != NULL)
            return all[i];
    return strstr(word, " || ") != NULL ? all[0] : NULL;
}

static void needs_shell(const char *word, struct hp_error *err)
{
    bool is_or = strcmp(word, "||") == 0;

    hp_error_add(err, HP_REASON_USAGE,
                 is_or ? "%s needs a shell and this is the exec form: leave `|| exit 1` out, "
                         "healthprobe exits with 0 or 1 by itself"
                       : "%s needs a shell and this is the exec form: leave it out",
                 word);
}

/* NULL: none is near. */
static const char *nearest_word(const char *word)
{
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, word, strlen(word));
    for (size_t i = 0; hp_options_word(i) != NULL; i++)
        hp_nearest_offer(&nearest, hp_options_word(i));
    return nearest.found;
}

static int kind_of(const char *word)
{
    struct hp_span known;
    int kind = hp_options_kind(hp_span_of(word));

    return kind >= 0 ? kind : hp_options_kind_called(hp_span_of(word), &known);
}

static void neither(int position, struct hp_error *err)
{
    const char *words[16] = {NULL};
    char text[128];
    struct hp_buffer known;

    for (size_t i = 0; i + 1 < HP_COUNT(words) && hp_options_word(i) != NULL; i++)
        words[i] = hp_options_word(i);
    hp_buffer_init(&known, text, sizeof text);
    hp_option_add_words(&known, words, "or");
    hp_error_add(err, HP_REASON_USAGE,
                 "argument %d is not understood; a command is %s, a target /path, :PORT or a URL",
                 position, text);
}

bool hp_unknown_word(const struct hp_options *options, const char *word, int position,
                     struct hp_error *err)
{
    const char *shell = shell_word(word);
    const char *nearest = nearest_word(word);
    int kind = kind_of(word);

    if (shell != NULL) {
        needs_shell(shell, err);
        return false;
    }
    if (strchr(word, ' ') != NULL)
        hp_error_add(err, HP_REASON_USAGE,
                     "argument %d contains a space: in the exec form each word is its own string",
                     position);
    else if (nearest != NULL)
        hp_error_add(err, HP_REASON_USAGE, "argument %d is not understood; did you mean %s?",
                     position, nearest);
    else if (kind >= 0)
        hp_error_add(err, HP_REASON_USAGE, "argument %d is not understood; use --%s %s", position,
                     hp_option_general(HP_GENERAL_CHECK)->name, hp_check_kinds[kind]->kind);
    else if (strspn(word, DIGITS) == strlen(word))
        hp_error_add(err, HP_REASON_USAGE, "argument %d is a number; a port is given as :PORT",
                     position);
    else if (options->action == HP_ACTION_WAIT)
        hp_error_add(err, HP_REASON_USAGE,
                     "argument %d is not understood; put -- before the command", position);
    else
        neither(position, err);
    return nearest != NULL || kind >= 0 || options->action != HP_ACTION_WAIT;
}
