/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/options.h>

#include <healthprobe/base/array.h>
#include <healthprobe/base/nearest.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/check.h>
#include <healthprobe/report/render.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each kind brings its own. */
static const struct hp_option general_options[HP_GENERAL_COUNT + 1] = {
    [HP_GENERAL_CHECK] = {"check", "LIST", NULL, "check these instead of the mode's",
                          .flags = HP_OPTION_WORDS},
    [HP_GENERAL_TIMEOUT] = {"timeout", "DUR", "2.5s", "limit of the whole run: 900ms, 2s, 1.5s, 1m",
                            .flags = 0},
    [HP_GENERAL_OPTIONAL] = {"optional", "LIST", NULL,
                             "checks, by name, that may be down: the run is degraded then",
                             .flags = HP_OPTION_WORDS},
    [HP_GENERAL_TOLERATE] = {"tolerate", "LIST", NULL,
                             "reasons to be down, such as capacity: the run is degraded then",
                             .flags = HP_OPTION_WORDS},
    [HP_GENERAL_FORMAT] = {"format", "FORMAT", "json", .choices = hp_format_names},
    [HP_GENERAL_EXIT_CODES] = {"exit-codes", "SCHEME", NULL,
                               "other than 0 and 1: detailed, or nagios",
                               .choices = hp_exit_codes_names},
    [HP_GENERAL_LOG_FAILURES] = {"log-failures", "PATH", NULL,
                                 "append the JSON report there too, unless healthy",
                                 .flags = HP_OPTION_PATH},
    [HP_GENERAL_VERBOSE] = {"verbose", NULL, NULL, "add the time spent in each phase", .flags = 0},
    [HP_GENERAL_FOR] = {"for", "DUR", "60s", "wait: give up after this, 24h at most",
                        .flags = HP_OPTION_WAIT},
    [HP_GENERAL_INTERVAL] = {"interval", "DUR", "500ms", "wait: the pause between two runs",
                             .flags = HP_OPTION_WAIT},
    [HP_GENERAL_BACKOFF] = {"backoff", NULL, NULL, "wait: double the pause each time, up to 10s",
                            .flags = HP_OPTION_WAIT},
    [HP_GENERAL_CA] = {"ca", "FILE", NULL,
                       "trust these certificates (PEM); else SSL_CERT_FILE or the system's",
                       .flags = HP_OPTION_PATH},
    [HP_GENERAL_HELP] = {"help", NULL, NULL, "print this text", .flags = HP_OPTION_ACTION},
    [HP_GENERAL_VERSION] = {"version", NULL, NULL, "print versions", .flags = HP_OPTION_ACTION},
};

/* The words that begin a command line. Without one, a service is checked once. */
static const struct command {
    const char *word;
    enum hp_action action;
    bool checks; /* takes a mode and the options of checks */
} commands[] = {
    {"wait", HP_ACTION_WAIT, true},
    {"explain", HP_ACTION_EXPLAIN, true},
    {"install", HP_ACTION_INSTALL, false},
};

#define TWIN_PREFIX "HEALTHPROBE_"

const struct hp_option *hp_option_general(enum hp_general general)
{
    return &general_options[general];
}

bool hp_row_next(struct hp_row *row)
{
    if (row->option == NULL)
        *row = (struct hp_row){general_options, -1};
    else
        row->option++;
    while (row->option->name == NULL) {
        if (hp_check_kinds[row->kind + 1] == NULL)
            return false;
        row->option = hp_check_kinds[++row->kind]->options;
    }
    return true;
}

void hp_option_twin(char ret[HP_TWIN_MAX], const struct hp_option *option, const char *suffix)
{
    struct hp_buffer twin;

    hp_buffer_init(&twin, ret, HP_TWIN_MAX);
    hp_buffer_add(&twin, TWIN_PREFIX);
    for (const char *p = option->name; *p != '\0'; p++) {
        char c = *p == '-' ? '_' : (char)(*p - 'a' + 'A');
        hp_buffer_add_bytes(&twin, &c, 1);
    }
    hp_buffer_add(&twin, suffix);
}

/* "http,database,redis; redis? if set": the last is the one to leave out. */
static void add_kinds(struct hp_buffer *ret)
{
    const struct hp_check_ops *const *kind = hp_check_kinds;

    for (; *kind != NULL; kind++)
        hp_buffer_add_format(ret, "%s%s", kind == hp_check_kinds ? ": " : ",", (*kind)->kind);
    if (kind != hp_check_kinds)
        hp_buffer_add_format(ret, "; %s? if set", kind[-1]->kind);
}

void hp_option_add_help(struct hp_buffer *ret, const struct hp_option *option)
{
    if (option->help == NULL)
        hp_option_add_words(ret, option->choices, "or");
    else
        hp_buffer_add(ret, option->help);
    if (option == hp_option_general(HP_GENERAL_CHECK))
        add_kinds(ret);
}

/* --- which option is meant -------------------------------------------------- */

/* No option in it: there is none of that name. */
static struct hp_row find_row(const char *name, size_t len)
{
    struct hp_row row = {0};

    while (hp_row_next(&row))
        if (hp_span_equals((struct hp_span){name, len}, row.option->name))
            return row;
    return (struct hp_row){0};
}

/* NULL: none is near. */
static const struct hp_option *nearest_option(const char *name, size_t len)
{
    const struct hp_option *option = NULL;
    struct hp_nearest nearest;
    struct hp_row row = {0};

    hp_nearest_init(&nearest, name, len);
    while (hp_row_next(&row)) {
        hp_nearest_offer(&nearest, row.option->name);
        if (nearest.found == row.option->name)
            option = row.option;
    }
    return option;
}

/* What was typed is not repeated, since it may be a secret; the nearest name we know is not. */
static void unknown_option(const char *name, size_t len, int position, struct hp_error *err)
{
    const struct hp_option *nearest = nearest_option(name, len);

    if (nearest != NULL)
        hp_error_add(err, HP_REASON_USAGE, "unknown option (argument %d); did you mean --%s?",
                     position, nearest->name);
    else
        hp_error_add(err, HP_REASON_USAGE, "unknown option (argument %d); see --help", position);
}

/* --- what was given ---------------------------------------------------------- */

static bool give(struct hp_options *options, const struct hp_given *given, struct hp_error *err)
{
    if (!hp_array_room(options->given, options->n))
        return hp_error_no_memory(err);
    options->given[options->n++] = *given;
    return true;
}

static bool is_given(const struct hp_options *options, const struct hp_option *option)
{
    for (size_t i = 0; i < options->n; i++)
        if (options->given[i].option == option)
            return true;
    return false;
}

const char *hp_option_boolean(const char *text)
{
    struct hp_span word = hp_span_trim(hp_span_of(text), HP_BLANKS);

    if (hp_span_equals(word, "1") || hp_span_equals(word, "true"))
        return "1";
    if (hp_span_equals(word, "0") || hp_span_equals(word, "false"))
        return "0";
    return NULL;
}

/* One "--name", "--name=value" or "--name value". Returns how many arguments it took. */
static int take_option(struct hp_options *options, int argc, char *const argv[], int i,
                       struct hp_error *err)
{
    const char *name = argv[i] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
    struct hp_row row = find_row(name, len);
    const struct hp_option *option = row.option;
    const char *text = equals != NULL ? equals + 1 : NULL;
    int taken = 1;

    if (option == NULL) {
        unknown_option(name, len, i, err);
        return 1;
    }
    if (option->metavar == NULL) {
        text = text == NULL ? "1" : hp_option_boolean(text);
        if (text == NULL) {
            hp_error_add(err, HP_REASON_CONFIG, "--%s: takes no value, or 1, true, 0 or false",
                         option->name);
            return 1;
        }
    } else if (text == NULL) {
        if (i + 1 >= argc) {
            hp_error_add(err, HP_REASON_USAGE, "--%s: needs a value (%s)", option->name,
                         option->metavar);
            return 1;
        }
        text = argv[i + 1];
        taken = 2;
    }
    if ((option->flags & HP_OPTION_REPEATABLE) == 0 && is_given(options, option))
        hp_error_add(err, HP_REASON_USAGE, "--%s: given more than once", option->name);
    else
        give(options, &(struct hp_given){option, row.kind, text}, err);
    return taken;
}

static const struct command *find_command(enum hp_action action)
{
    for (size_t i = 0; i < HP_COUNT(commands); i++)
        if (commands[i].action == action)
            return &commands[i];
    return NULL;
}

static bool take_command(struct hp_options *options, const char *word, struct hp_error *err)
{
    for (size_t i = 0; i < HP_COUNT(commands); i++) {
        if (strcmp(word, commands[i].word) != 0)
            continue;
        if (options->mode_given || options->action != HP_ACTION_CHECK)
            hp_error_add(err, HP_REASON_USAGE, "%s: stands once, and before the mode", word);
        options->action = commands[i].action;
        return true;
    }
    return false;
}

static bool take_mode(struct hp_options *options, const char *word, struct hp_error *err)
{
    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++) {
        if (strcmp(word, hp_mode_name((enum hp_mode)mode)) != 0)
            continue;
        if (options->mode_given)
            hp_error_add(err, HP_REASON_USAGE, "more than one of live, ready and full");
        else
            options->mode = (enum hp_mode)mode;
        options->mode_given = true;
        return true;
    }
    return false;
}

static void take_destination(struct hp_options *options, const char *word, struct hp_error *err)
{
    if (options->destination != NULL)
        hp_error_add(err, HP_REASON_USAGE, "install: takes one destination");
    options->destination = word;
}

const char *hp_options_word(size_t i)
{
    if (i < HP_MODE_CUSTOM)
        return hp_mode_name((enum hp_mode)i);
    return i - HP_MODE_CUSTOM < HP_COUNT(commands) ? commands[i - HP_MODE_CUSTOM].word : NULL;
}

static void unknown_word(const char *word, int position, struct hp_error *err)
{
    const char *words[HP_MODE_CUSTOM + HP_COUNT(commands) + 1] = {NULL};
    struct hp_nearest nearest;
    struct hp_buffer known;
    char text[128];

    hp_nearest_init(&nearest, word, strlen(word));
    for (size_t i = 0; (words[i] = hp_options_word(i)) != NULL; i++)
        hp_nearest_offer(&nearest, words[i]);
    hp_buffer_init(&known, text, sizeof text);
    hp_option_add_words(&known, words, "or");
    if (nearest.found != NULL)
        hp_error_add(err, HP_REASON_USAGE, "argument %d is not understood; did you mean %s?",
                     position, nearest.found);
    else
        hp_error_add(err, HP_REASON_USAGE, "argument %d is not understood; a command is %s",
                     position, text);
}

static void take_word(struct hp_options *options, const char *word, int position,
                      struct hp_error *err)
{
    if (options->action == HP_ACTION_INSTALL)
        take_destination(options, word, err);
    else if (!take_command(options, word, err) && !take_mode(options, word, err))
        unknown_word(word, position, err);
}

/* What follows "--" is not ours to understand. */
static void take_program(struct hp_options *options, char *const argv[], struct hp_error *err)
{
    if (argv[0] != NULL)
        options->command = argv;
    else
        hp_error_add(err, HP_REASON_USAGE, "wait: no command follows --");
}

static void take_arguments(struct hp_options *options, int argc, char *const argv[],
                           struct hp_error *err)
{
    bool options_ended = false;

    for (int i = 1; i < argc;) {
        const char *argument = argv[i];
        if (!options_ended && strcmp(argument, "--") == 0) {
            if (options->action == HP_ACTION_WAIT) {
                take_program(options, argv + i + 1, err);
                return;
            }
            options_ended = true;
            i++;
        } else if (!options_ended && hp_after_prefix(argument, "--") != NULL) {
            i += take_option(options, argc, argv, i, err);
        } else if (!options_ended && argument[0] == '-' && argument[1] != '\0') {
            unknown_option(argument + 1, strlen(argument + 1), i, err);
            i++;
        } else {
            take_word(options, argument, i, err);
            i++;
        }
    }
}

bool hp_option_belongs(const struct hp_option *option, enum hp_action action)
{
    const struct command *command = find_command(action);

    if ((option->flags & HP_OPTION_ACTION) != 0)
        return true;
    if ((option->flags & HP_OPTION_WAIT) != 0)
        return action == HP_ACTION_WAIT;
    return command == NULL || command->checks;
}

/* Is all there that the command needs, and nothing that belongs to another? */
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
                     "install: needs a destination, a file or a folder that is there");
}

/* --help and --version are answered whatever else is given. */
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
    *ret = (struct hp_options){0};
    take_arguments(ret, argc, argv, err);
    refuse_misuse(ret, err);
    find_action(ret);
    return err->reason == HP_REASON_NONE;
}

/* --- variables that no option has ---------------------------------------------------------- */

/* @name as an option would be called; its length, or 0 where none can be. */
static size_t option_name(char ret[HP_TWIN_MAX], const char *name, size_t len)
{
    if (len >= HP_TWIN_MAX)
        return 0;
    for (size_t i = 0; i < len; i++)
        ret[i] = name[i] == '_'                     ? '-'
                 : name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20)
                                                    : '?';
    return len;
}

static size_t without_end(const char *name, size_t len, const char *end)
{
    size_t end_len = strlen(end);

    return len > end_len && memcmp(name + len - end_len, end, end_len) == 0 ? len - end_len : len;
}

static bool has_twin(const struct hp_option *option)
{
    return option != NULL && (option->flags & HP_OPTION_ACTION) == 0;
}

bool hp_options_unknown_variable(const char *variable, size_t len,
                                 const struct hp_option **ret_nearest)
{
    const size_t prefix_len = sizeof TWIN_PREFIX - 1;
    char name[HP_TWIN_MAX] = "";
    const struct hp_option *option = NULL;
    size_t bare_len = 0;

    *ret_nearest = NULL;
    if (len <= prefix_len || memcmp(variable, TWIN_PREFIX, prefix_len) != 0)
        return false;
    len = option_name(name, variable + prefix_len, len - prefix_len);
    bare_len = without_end(name, len, "-file");
    option = find_row(name, bare_len).option;
    if (has_twin(option) && (bare_len == len || (option->flags & HP_OPTION_SOURCE) != 0))
        return false;
    /* As the application's own are called. */
    if (option == NULL)
        option = find_row(name, without_end(name, bare_len, "-url")).option;
    if (option == NULL)
        option = nearest_option(name, len);
    if (has_twin(option))
        *ret_nearest = option;
    return true;
}

void hp_options_release(struct hp_options *options)
{
    free(options->given);
    *options = (struct hp_options){0};
}
