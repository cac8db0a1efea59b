/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/options.h>

#include <healthprobe/base/nearest.h>
#include <healthprobe/check/check.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The general rows; each kind brings its own. */
static const struct hp_option general_options[] = {
    {"check", "LIST", NULL, "check these instead of the mode's: http,database,redis; redis? if set",
     HP_OPTION_WORDS},
    {"timeout", "DUR", "2.5s", "limit of the whole run: 900ms, 2s, 1.5s, 1m", 0},
    {"optional", "LIST", NULL, "checks, by name, that may be down: the run is degraded then",
     HP_OPTION_WORDS},
    {"tolerate", "LIST", NULL, "reasons to be down, such as capacity: the run is degraded then",
     HP_OPTION_WORDS},
    {"format", "FORMAT", "json", "json, short, text, health+json, prometheus or nagios", 0},
    {"exit-codes", "SCHEME", NULL, "other than 0 and 1: detailed, or nagios", 0},
    {"log-failures", "PATH", NULL, "append the JSON report there too, unless healthy",
     HP_OPTION_PATH},
    {"verbose", NULL, NULL, "add the time spent in each phase", 0},
    {"for", "DUR", "60s", "wait: give up after this, 24h at most", HP_OPTION_WAIT},
    {"interval", "DUR", "500ms", "wait: the pause between two runs", HP_OPTION_WAIT},
    {"backoff", NULL, NULL, "wait: double the pause each time, up to 10s", HP_OPTION_WAIT},
    {"ca", "FILE", NULL, "trust these certificates (PEM); else SSL_CERT_FILE or the system's",
     HP_OPTION_PATH},
    {"help", NULL, NULL, "print this text", HP_OPTION_ACTION},
    {"version", NULL, NULL, "print versions", HP_OPTION_ACTION},
};

#define N_GENERAL (sizeof general_options / sizeof general_options[0])

/* A dead database must not restart a service: live asks its HTTP endpoint alone. */
static const char *const mode_kinds[HP_MODE_CUSTOM][4] = {
    {"http", NULL},
    {"http", "database", NULL},
    {"http", "database", "redis", NULL},
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

#define N_COMMANDS (sizeof commands / sizeof commands[0])

void hp_options_each(void (*visit)(const struct hp_option *option, int kind, void *data),
                     void *data)
{
    for (size_t i = 0; i < N_GENERAL; i++)
        visit(&general_options[i], -1, data);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        for (size_t i = 0; i < hp_check_kinds[kind]->n_options; i++)
            visit(&hp_check_kinds[kind]->options[i], kind, data);
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

/* --- which option is meant -------------------------------------------------- */

struct lookup {
    const char *name;
    size_t len;
    const struct hp_option *found;
};

static void match(const struct hp_option *option, int kind, void *data)
{
    struct lookup *lookup = data;

    (void)kind;
    if (strlen(option->name) == lookup->len && memcmp(option->name, lookup->name, lookup->len) == 0)
        lookup->found = option;
}

static const struct hp_option *find_option(const char *name, size_t len)
{
    struct lookup lookup = {name, len, NULL};

    hp_options_each(match, &lookup);
    return lookup.found;
}

static void offer(const struct hp_option *option, int kind, void *data)
{
    (void)kind;
    hp_nearest_offer(data, option->name);
}

/* What was typed is not repeated, since it may be a secret; the nearest name we know is not. */
static void unknown_option(const char *name, size_t len, int position, struct hp_error *err)
{
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, name, len);
    hp_options_each(offer, &nearest);
    if (nearest.found != NULL)
        hp_error_add(err, HP_REASON_USAGE, "unknown option (argument %d); did you mean --%s?",
                     position, nearest.found);
    else
        hp_error_add(err, HP_REASON_USAGE, "unknown option (argument %d); see --help", position);
}

/* --- what was given ---------------------------------------------------------- */

static bool give(struct hp_options *options, const struct hp_option *option, const char *text,
                 bool from_flag, struct hp_error *err)
{
    if (options->n == options->cap) {
        size_t cap = options->cap == 0 ? 16 : options->cap * 2;
        struct hp_given *grown = realloc(options->given, cap * sizeof *grown);
        if (grown == NULL)
            return hp_error_no_memory(err);
        options->given = grown;
        options->cap = cap;
    }
    options->given[options->n++] = (struct hp_given){option, text, from_flag};
    return true;
}

static bool is_given(const struct hp_options *options, const struct hp_option *option)
{
    for (size_t i = 0; i < options->n; i++)
        if (options->given[i].option == option)
            return true;
    return false;
}

const struct hp_given *hp_options_given(const struct hp_options *options, const char *name)
{
    for (size_t i = 0; i < options->n; i++)
        if (strcmp(options->given[i].option->name, name) == 0)
            return &options->given[i];
    return NULL;
}

/* "1" or "0"; NULL for anything else. */
static const char *boolean(const char *text)
{
    if (strcmp(text, "1") == 0 || strcmp(text, "true") == 0)
        return "1";
    if (strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
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
    const struct hp_option *option = find_option(name, len);
    const char *text = equals != NULL ? equals + 1 : NULL;
    int taken = 1;

    if (option == NULL) {
        unknown_option(name, len, i, err);
        return 1;
    }
    if (option->metavar == NULL) {
        text = text == NULL ? "1" : boolean(text);
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
        give(options, option, text, true, err);
    return taken;
}

static const struct command *find_command(enum hp_action action)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (commands[i].action == action)
            return &commands[i];
    return NULL;
}

static bool take_command(struct hp_options *options, const char *word, struct hp_error *err)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
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

static void unknown_word(const char *word, int position, struct hp_error *err)
{
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, word, strlen(word));
    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++)
        hp_nearest_offer(&nearest, hp_mode_name((enum hp_mode)mode));
    for (size_t i = 0; i < N_COMMANDS; i++)
        hp_nearest_offer(&nearest, commands[i].word);
    if (nearest.found != NULL)
        hp_error_add(err, HP_REASON_USAGE, "argument %d is not understood; did you mean %s?",
                     position, nearest.found);
    else
        hp_error_add(err, HP_REASON_USAGE,
                     "argument %d is not understood; a command is live, ready, full, wait, "
                     "explain or install",
                     position);
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
        } else if (!options_ended && strncmp(argument, "--", 2) == 0) {
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

struct twins {
    struct hp_options *options;
    struct hp_error *err;
};

/* Twins of options that may name a file or a variable are read where files are read. */
static void take_twin(const struct hp_option *option, int kind, void *data)
{
    struct twins *twins = data;
    char name[HP_TWIN_MAX];
    const char *text = NULL;

    if ((option->flags & (HP_OPTION_SOURCE | HP_OPTION_ACTION)) != 0 ||
        !hp_option_belongs(option, twins->options->action) || is_given(twins->options, option))
        return;
    if (kind >= 0 && twins->options->selected[kind] != HP_SELECTED_YES)
        return;
    hp_option_twin(name, option, "");
    text = hp_environment_get(twins->options->environment, name);
    if (text == NULL)
        return;
    if (option->metavar == NULL && (text = boolean(text)) == NULL) {
        hp_error_add(twins->err, HP_REASON_CONFIG, "%s: is 1, true, 0 or false", name);
        return;
    }
    give(twins->options, option, text, false, twins->err);
}

/* --- which checks ------------------------------------------------------------- */

static int kind_index(const char *name, size_t len)
{
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (strlen(hp_check_kinds[kind]->kind) == len &&
            memcmp(hp_check_kinds[kind]->kind, name, len) == 0)
            return kind;
    return -1;
}

static bool is_set(const struct hp_options *options, const char *name)
{
    char file[HP_TWIN_MAX + sizeof "_FILE"];

    snprintf(file, sizeof file, "%s_FILE", name);
    return hp_environment_get(options->environment, name) != NULL ||
           hp_environment_get(options->environment, file) != NULL;
}

bool hp_options_give_target(const struct hp_options *options, int kind)
{
    const struct hp_check_ops *ops = hp_check_kinds[kind];
    char twin[HP_TWIN_MAX];

    hp_option_twin(twin, &ops->options[0], "");
    if (is_given(options, &ops->options[0]) || is_set(options, twin))
        return true;
    for (const char *const *name = ops->app_variables; name != NULL && *name != NULL; name++)
        if (is_set(options, *name))
            return true;
    return hp_options_own_target(options, kind) != NULL;
}

/* Asked before the twins are taken, too. */
static bool is_on(const struct hp_options *options, const char *name)
{
    const struct hp_option *option = find_option(name, strlen(name));
    char twin[HP_TWIN_MAX];
    const char *text = NULL;

    for (size_t i = 0; i < options->n; i++)
        if (options->given[i].option == option)
            return options->given[i].text[0] == '1';
    hp_option_twin(twin, option, "");
    text = hp_environment_get(options->environment, twin);
    text = text != NULL ? boolean(text) : NULL;
    return text != NULL && text[0] == '1';
}

const struct hp_own_target *hp_options_own_target(const struct hp_options *options, int kind)
{
    const struct hp_own_target *own = hp_check_kinds[kind]->own_target;

    if (own == NULL || !is_on(options, own->option) ||
        hp_environment_get(options->environment, own->variable) == NULL)
        return NULL;
    return own;
}

/* A default target is what the command of `wait` will be: it can't be there before. */
static bool waits_for_itself(const struct hp_options *options, int kind)
{
    return options->command != NULL && hp_check_kinds[kind]->has_default_target &&
           !hp_options_give_target(options, kind);
}

static void select_by_mode(struct hp_options *options)
{
    for (const char *const *name = mode_kinds[options->mode]; *name != NULL; name++) {
        int kind = kind_index(*name, strlen(*name));
        if (kind >= 0)
            options->selected[kind] =
                waits_for_itself(options, kind) ? HP_SELECTED_SKIPPED : HP_SELECTED_YES;
    }
}

/* A kind with a default target: the variable that makes the default worth a check. */
static bool is_present(const struct hp_options *options, int kind)
{
    const char *variable = hp_check_kinds[kind]->presence_variable;

    return variable != NULL && hp_environment_get(options->environment, variable) != NULL;
}

static void unknown_kind(const char *origin, const char *word, size_t len, struct hp_error *err)
{
    char question[HP_NEAREST_MAX];
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, word, len);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        hp_nearest_offer(&nearest, hp_check_kinds[kind]->kind);
    hp_nearest_ask(&nearest, question);
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: is a list of http, database and redis, each with ? if it may be left out%s",
                 origin, question);
}

static bool read_list(const struct hp_options *options, const char *list, const char *origin,
                      enum hp_selected ret[HP_KINDS_MAX], struct hp_error *err)
{
    size_t n_before = err->n;

    for (const char *word = list;; word++) {
        size_t len = strcspn(word, ",");
        bool if_set = len > 0 && word[len - 1] == '?';
        int kind = kind_index(word, if_set ? len - 1 : len);

        if (kind < 0)
            unknown_kind(origin, word, if_set ? len - 1 : len, err);
        else if (ret[kind] != HP_SELECTED_NO)
            hp_error_add(err, HP_REASON_CONFIG, "%s: names %s twice", origin,
                         hp_check_kinds[kind]->kind);
        else if (if_set && !hp_options_give_target(options, kind) && !is_present(options, kind))
            ret[kind] = HP_SELECTED_SKIPPED;
        else
            ret[kind] = HP_SELECTED_YES;
        word += len;
        if (*word == '\0' || kind < 0)
            return err->n == n_before;
    }
}

/* A variable of the pod's must not make liveness depend on a database: it takes away alone. */
static void narrow_mode(struct hp_options *options, const char *list, struct hp_error *err)
{
    enum hp_selected listed[HP_KINDS_MAX] = {HP_SELECTED_NO};
    bool any = false;

    if (!read_list(options, list, "HEALTHPROBE_CHECK", listed, err))
        return;
    select_by_mode(options);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        enum hp_selected *selected = &options->selected[kind];
        if (listed[kind] == HP_SELECTED_NO ||
            (listed[kind] == HP_SELECTED_SKIPPED && *selected == HP_SELECTED_YES))
            *selected = listed[kind];
        any = any || *selected != HP_SELECTED_NO;
    }
    if (!any)
        hp_error_add(err, HP_REASON_CONFIG,
                     "HEALTHPROBE_CHECK: leaves nothing to check of %s; beside a mode it takes "
                     "checks away and adds none",
                     hp_mode_name(options->mode));
}

static void select_kinds(struct hp_options *options, struct hp_error *err)
{
    const struct hp_given *check = hp_options_given(options, "check");
    const char *twin = hp_environment_get(options->environment, "HEALTHPROBE_CHECK");

    if (!options->mode_given && (check != NULL || twin != NULL))
        options->mode = HP_MODE_CUSTOM;
    if (check != NULL)
        read_list(options, check->text, "--check", options->selected, err);
    else if (twin != NULL && options->mode_given)
        narrow_mode(options, twin, err);
    else if (twin != NULL)
        read_list(options, twin, "HEALTHPROBE_CHECK", options->selected, err);
    else if (options->action == HP_ACTION_WAIT && !options->mode_given)
        hp_error_add(err, HP_REASON_USAGE,
                     "wait: say what to wait for, such as --check database,redis");
    else
        select_by_mode(options);
}

/* --help and --version are answered whatever else stands there. */
static void find_action(struct hp_options *options)
{
    for (size_t i = 0; i < options->n; i++) {
        const struct hp_given *given = &options->given[i];
        if ((given->option->flags & HP_OPTION_ACTION) == 0 || given->text[0] != '1')
            continue;
        options->action =
            strcmp(given->option->name, "help") == 0 ? HP_ACTION_HELP : HP_ACTION_VERSION;
        return;
    }
}

bool hp_options_parse(struct hp_options *ret, int argc, char *const argv[],
                      char *const environment[], struct hp_error *err)
{
    struct twins twins = {ret, err};

    *ret = (struct hp_options){.environment = environment};
    take_arguments(ret, argc, argv, err);
    refuse_misuse(ret, err);
    if (ret->action != HP_ACTION_INSTALL)
        select_kinds(ret, err);
    find_action(ret);
    hp_options_each(take_twin, &twins);
    return err->reason == HP_REASON_NONE;
}

/* --- variables that no option has --------------------------------------------------------------
 */

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

static const struct hp_option *nearest_option(const char *name, size_t len)
{
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, name, len);
    hp_options_each(offer, &nearest);
    return nearest.found != NULL ? find_option(nearest.found, strlen(nearest.found)) : NULL;
}

static bool has_twin(const struct hp_option *option)
{
    return option != NULL && (option->flags & HP_OPTION_ACTION) == 0;
}

bool hp_options_unknown_variable(const char *variable, size_t len,
                                 const struct hp_option **ret_nearest)
{
    const size_t prefix_len = sizeof TWIN_PREFIX - 1;
    char name[HP_TWIN_MAX];
    const struct hp_option *option = NULL;
    size_t bare_len = 0;

    *ret_nearest = NULL;
    if (len <= prefix_len || memcmp(variable, TWIN_PREFIX, prefix_len) != 0)
        return false;
    len = option_name(name, variable + prefix_len, len - prefix_len);
    bare_len = without_end(name, len, "-file");
    option = find_option(name, bare_len);
    if (has_twin(option) && (bare_len == len || (option->flags & HP_OPTION_SOURCE) != 0))
        return false;
    /* As the application's own are called. */
    if (option == NULL)
        option = find_option(name, without_end(name, bare_len, "-url"));
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
