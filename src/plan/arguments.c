/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/options.h>

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>
#include <healthprobe/plan/kinds.h>

#include <stdlib.h>
#include <string.h>

#include "positional.h"
#include "unknown.h"

/* What the steps of reading a command line share. */
struct parsing {
    struct hp_options *options;
    int argc;
    char *const *argv;
    bool options_ended;
    struct hp_error *err;
    struct hp_error not_told; /* takes problems that follow from a reported one */
};

/* --- what was given --------------------------------------------------------------------------- */

static void give(struct parsing *parsing, const struct hp_given *given)
{
    struct hp_options *options = parsing->options;

    if (hp_array_room(options->given, options->n))
        options->given[options->n++] = *given;
    else
        hp_error_no_memory(parsing->err);
}

static bool is_given(const struct hp_options *options, const struct hp_option *option)
{
    for (size_t i = 0; i < options->n; i++)
        if (options->given[i].option == option)
            return true;
    return false;
}

static bool begins_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0';
}

/* "--name=value", "-n": its name, and in @ret_value what follows the "=", NULL for none. */
static struct hp_span name_of(const char *argument, const char **ret_value)
{
    const char *name = argument + (argument[1] == '-' ? 2 : 1);
    size_t len = strcspn(name, "=");

    *ret_value = name[len] == '=' ? name + len + 1 : NULL;
    return (struct hp_span){name, len};
}

static struct hp_row find_option(const char *argument, const char **ret_value)
{
    struct hp_span name = name_of(argument, ret_value);
    struct hp_row row = {0};

    if (argument[1] == '-')
        return hp_row_named(name);
    while (hp_row_next(&row))
        if (row.option->letter != 0 && name.len == 1 && name.data[0] == row.option->letter)
            return row;
    return (struct hp_row){0};
}

static bool is_option(const char *argument)
{
    const char *value = NULL;

    return begins_option(argument) && find_option(argument, &value).option != NULL;
}

/* --- words ------------------------------------------------------------------------------------ */

/* Do the arguments probably belong to another program from here on? */
static bool is_behind(const struct parsing *parsing)
{
    return parsing->err == &parsing->not_told;
}

/* A command that follows a mode or another command. */
static void refuse_late(struct parsing *parsing, enum hp_action action)
{
    enum hp_action first = parsing->options->action;
    bool is_explain_and_wait = (first == HP_ACTION_EXPLAIN && action == HP_ACTION_WAIT) ||
                               (first == HP_ACTION_WAIT && action == HP_ACTION_EXPLAIN);

    if (first == HP_ACTION_CHECK || first == action)
        hp_error_add(parsing->err, HP_REASON_USAGE, "%s: give it once, before the mode",
                     hp_command_of(action)->word);
    else
        hp_error_add(parsing->err, HP_REASON_USAGE, "%s and %s are both commands; give one%s",
                     hp_command_of(first)->word, hp_command_of(action)->word,
                     is_explain_and_wait ? ": explain takes the arguments without wait" : "");
}

/* A stray "version", such as half of an unquoted text, must not pass as a probe. */
static bool take_command(struct parsing *parsing, const char *word, int position)
{
    struct hp_options *options = parsing->options;

    for (int action = HP_ACTION_WAIT; action <= HP_ACTION_VERSION; action++) {
        if (is_behind(parsing) || strcmp(word, hp_command_of((enum hp_action)action)->word) != 0)
            continue;
        if (action >= HP_ACTION_HELP && position > 1) {
            hp_error_add(parsing->err, HP_REASON_USAGE, "%s: has to come first", word);
            return true;
        }
        if (options->mode_given || options->action != HP_ACTION_CHECK)
            refuse_late(parsing, (enum hp_action)action);
        options->action = (enum hp_action)action;
        return true;
    }
    return false;
}

static bool take_mode(struct parsing *parsing, const char *word)
{
    struct hp_options *options = parsing->options;

    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++) {
        if (strcmp(word, hp_mode_name((enum hp_mode)mode)) != 0)
            continue;
        if (options->mode_given)
            hp_error_add(parsing->err, HP_REASON_USAGE, "more than one of live, ready and full");
        else
            options->mode = (enum hp_mode)mode;
        options->mode_given = true;
        return true;
    }
    return false;
}

static bool take_target(struct parsing *parsing, const char *word, int position)
{
    int kind = hp_positional_kind(word, position, parsing->err);

    if (kind >= 0)
        give(parsing, &(struct hp_given){&hp_check_kinds[kind]->options[0], kind, word, position});
    return kind != HP_POSITIONAL_NONE;
}

static void take_destination(struct parsing *parsing, const char *word)
{
    if (parsing->options->destination != NULL)
        hp_error_add(parsing->err, HP_REASON_USAGE, "install: takes one destination");
    parsing->options->destination = word;
}

/* Any other word gets the whole help. */
static void take_topic(struct hp_options *options, const char *word)
{
    int kind = hp_options_kind(hp_span_of(word));

    if (kind >= 0)
        options->topic = hp_check_kinds[kind]->kind;
    else if (strcmp(word, hp_command_of(HP_ACTION_WAIT)->word) == 0)
        options->topic = word;
}

static void take_word(struct parsing *parsing, const char *word, int position)
{
    enum hp_action action = parsing->options->action;

    if (action == HP_ACTION_INSTALL)
        take_destination(parsing, word);
    else if (action == HP_ACTION_HELP)
        take_topic(parsing->options, word);
    else if (!take_command(parsing, word, position) && !take_mode(parsing, word) &&
             !take_target(parsing, word, position) &&
             !hp_unknown_word(parsing->options, word, position, parsing->err))
        parsing->err = &parsing->not_told;
}

/* --- options ---------------------------------------------------------------------------------- */

/* "--verbose=no" takes what a boolean may be, and nothing else. */
static int take_boolean(struct parsing *parsing, const struct hp_row *row, const char *text)
{
    text = text == NULL ? "1" : hp_option_boolean(text);
    if (text == NULL)
        hp_error_add(parsing->err, HP_REASON_CONFIG, "--%s: takes no value, or 1, true, 0 or false",
                     row->option->name);
    else if (is_given(parsing->options, row->option))
        hp_error_add(parsing->err, HP_REASON_USAGE, "--%s: given more than once",
                     row->option->name);
    else
        give(parsing, &(struct hp_given){row->option, row->kind, text, 0});
    return 1;
}

/* pg_isready and redis-cli have "-h HOST": to print help and exit with 0 would always pass. */
static bool has_value_of_another_tool(struct parsing *parsing, const struct hp_option *option,
                                      int i)
{
    const char *next = i + 1 < parsing->argc ? parsing->argv[i + 1] : "-";

    if (parsing->argv[i][1] == '-' || *next == '-' || hp_options_is_word(next))
        return false;
    hp_error_add(parsing->err, HP_REASON_USAGE, "-%c: takes no value; it is --%s", option->letter,
                 option->name);
    return true;
}

static bool is_missing(struct parsing *parsing, const struct hp_option *option, int at)
{
    if (at < parsing->argc && !is_option(parsing->argv[at]))
        return false;
    hp_error_add(parsing->err, HP_REASON_USAGE,
                 at < parsing->argc ? "--%s needs a value (%s), but another option follows"
                                    : "--%s needs a value (%s)",
                 option->name, option->metavar);
    return true;
}

static bool may_be_target(int kind, const char *text)
{
    const struct hp_check_ops *ops = hp_check_kinds[kind];

    return ops->schemes == NULL ||
           hp_kind_of_scheme((struct hp_span){text, strcspn(text, ":")}) == ops || *text == '{' ||
           hp_after_prefix(text, "env:") != NULL || hp_after_prefix(text, "file:") != NULL;
}

/*
 * What follows an unknown option is its value, not a second mistake. If the flag of a target was
 * meant, the value becomes the target, so that the kind is not reported to lack one.
 */
static int take_unknown(struct parsing *parsing, int i)
{
    const char *value = NULL;
    const char *next = i + 1 < parsing->argc ? parsing->argv[i + 1] : NULL;
    struct hp_span name = name_of(parsing->argv[i], &value);
    struct hp_row meant = hp_unknown_option(parsing->argv[i], name, i, parsing->err);
    bool takes_value = meant.option == NULL || meant.option->metavar != NULL;
    int taken = 1;

    if (value == NULL && takes_value && next != NULL && !begins_option(next) &&
        !hp_options_is_word(next)) {
        value = next;
        taken = 2;
    }
    if (value != NULL && meant.option != NULL && (meant.option->flags & HP_OPTION_TARGET) != 0 &&
        !hp_check_kinds[meant.kind]->has_default_target && may_be_target(meant.kind, value))
        give(parsing, &(struct hp_given){meant.option, meant.kind, value, 0});
    return taken;
}

/* One "--name", "--name=value", "--name value" or "-n". Returns how many arguments it took. */
static int take_option(struct parsing *parsing, int i)
{
    const char *text = NULL;
    struct hp_row row = find_option(parsing->argv[i], &text);
    const struct hp_option *option = row.option;
    int taken = text != NULL ? 1 : 2;

    if (option == NULL)
        return take_unknown(parsing, i);
    if ((option->flags & HP_OPTION_ACTION) != 0 && is_behind(parsing))
        return 1;
    if (option->metavar == NULL && has_value_of_another_tool(parsing, option, i))
        return 2;
    if (option->metavar == NULL)
        return take_boolean(parsing, &row, text);
    if (text == NULL && is_missing(parsing, option, i + 1))
        return 1;
    if (text == NULL)
        text = parsing->argv[i + 1];
    if ((option->flags & HP_OPTION_REPEATABLE) == 0 && is_given(parsing->options, option))
        hp_error_add(parsing->err, HP_REASON_USAGE, "--%s: given more than once", option->name);
    else
        give(parsing, &(struct hp_given){option, row.kind, text, 0});
    return taken;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* After "--" comes wait's command, or arguments that are not options. Returns how many it took. */
static int take_end(struct parsing *parsing, int i)
{
    parsing->options_ended = true;
    if (parsing->options->action != HP_ACTION_WAIT)
        return 1;
    if (parsing->argv[i + 1] != NULL)
        parsing->options->command = parsing->argv + i + 1;
    else
        hp_error_add(parsing->err, HP_REASON_USAGE, "wait: no command follows --");
    return parsing->argc - i;
}

static int take_argument(struct parsing *parsing, int i)
{
    const char *argument = parsing->argv[i];

    if (!parsing->options_ended && strcmp(argument, "--") == 0)
        return take_end(parsing, i);
    if (!parsing->options_ended && begins_option(argument))
        return take_option(parsing, i);
    take_word(parsing, argument, i);
    return 1;
}

/* Does the command have all that it needs, and no option of another? */
static void refuse_misuse(const struct hp_options *options, struct hp_error *err)
{
    for (size_t i = 0; i < options->n; i++) {
        const struct hp_option *option = options->given[i].option;
        if (hp_option_belongs(option, options->action))
            continue;
        if (options->action == HP_ACTION_INSTALL)
            hp_error_add(err, HP_REASON_USAGE, "--%s: install takes no such option", option->name);
        else
            hp_error_add(err, HP_REASON_USAGE, "--%s: is an option of wait", option->name);
    }
    if (options->action == HP_ACTION_INSTALL &&
        (options->destination == NULL || options->destination[0] == '\0'))
        hp_error_add(err, HP_REASON_USAGE,
                     "install: needs a destination, a file or an existing directory");
}

/* --help and --version win over anything else. */
static void find_action(struct hp_options *options)
{
    for (size_t i = 0; i < options->n; i++) {
        const struct hp_given *given = &options->given[i];
        if ((given->option->flags & HP_OPTION_ACTION) == 0 || given->text[0] != '1')
            continue;
        options->action = given->option == hp_option_general(HP_GENERAL_HELP) ? HP_ACTION_HELP
                                                                              : HP_ACTION_VERSION;
        return;
    }
}

bool hp_options_parse(struct hp_options *ret, int argc, char *const argv[], struct hp_error *err)
{
    struct parsing parsing = {.options = ret, .argc = argc, .argv = argv, .err = err};

    *ret = (struct hp_options){0};
    for (int i = 1; i < argc;)
        i += take_argument(&parsing, i);
    refuse_misuse(ret, parsing.err);
    find_action(ret);
    return err->reason == HP_REASON_NONE;
}

void hp_options_release(struct hp_options *options)
{
    free(options->given);
    *options = (struct hp_options){0};
}
