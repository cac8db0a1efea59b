/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/options.h>

#include <healthprobe/base/array.h>
#include <healthprobe/base/nearest.h>
#include <healthprobe/base/span.h>
#include <healthprobe/plan/kinds.h>
#include <healthprobe/report/render.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Each kind brings its own. */
static const struct hp_option general_options[HP_GENERAL_COUNT + 1] = {
    [HP_GENERAL_CHECK] = {"check", "LIST", NULL, "checks", .flags = HP_OPTION_WORDS},
    [HP_GENERAL_TIMEOUT] = {"timeout", "DUR", "2.5s", "limit of the whole run: 900ms, 2s, 1.5s, 1m",
                            .also = "t T m max-time connect-timeout"},
    [HP_GENERAL_OPTIONAL] = {"optional", "LIST", NULL,
                             "checks, by name, that may be down; the run is then degraded",
                             .flags = HP_OPTION_WORDS},
    [HP_GENERAL_TOLERATE] = {"tolerate", "LIST", NULL,
                             "tolerated reasons, such as capacity; the run is then degraded",
                             .flags = HP_OPTION_WORDS},
    [HP_GENERAL_FORMAT] = {"format", "FORMAT", "json", .choices = hp_format_names,
                           .also = "output o"},
    [HP_GENERAL_EXIT_CODES] = {"exit-codes", "SCHEME", NULL,
                               "exit statuses other than 0 and 1: detailed or nagios",
                               .choices = hp_exit_codes_names},
    [HP_GENERAL_LOG_FAILURES] = {"log-failures", "PATH", NULL,
                                 "unless healthy, also append the JSON report to this file",
                                 .flags = HP_OPTION_PATH},
    [HP_GENERAL_VERBOSE] = {"verbose", NULL, NULL, "add the time spent in each phase", .also = "v"},
    [HP_GENERAL_FOR] = {"for", "DUR", "60s", "give up after this, 24h at most",
                        .flags = HP_OPTION_WAIT},
    [HP_GENERAL_INTERVAL] = {"interval", "DUR", "500ms", "the pause between two runs",
                             .flags = HP_OPTION_WAIT},
    [HP_GENERAL_BACKOFF] = {"backoff", NULL, NULL, "double the pause each time, up to 10s",
                            .flags = HP_OPTION_WAIT},
    [HP_GENERAL_CA] = {"ca", "FILE", NULL,
                       "trust these certificates (PEM); else SSL_CERT_FILE or the system's",
                       .flags = HP_OPTION_PATH, .also = "cacert ca-certificate"},
    [HP_GENERAL_HELP] = {"help", NULL, NULL, "print this text; also -h and help",
                         .flags = HP_OPTION_ACTION, .letter = 'h'},
    [HP_GENERAL_VERSION] = {"version", NULL, NULL, "print versions; also -V and version",
                            .flags = HP_OPTION_ACTION, .letter = 'V'},
};

static const struct hp_command commands[] = {
    [HP_ACTION_WAIT] = {"wait",
                        "check until healthy, then exit with 0 or become COMMAND; needs a mode, a "
                        "target or --check",
                        true},
    [HP_ACTION_EXPLAIN] = {"explain",
                           "print what would be checked and where each setting comes from, and "
                           "connect to nothing; a table, or JSON with --format json",
                           true},
    [HP_ACTION_INSTALL] = {"install", "copy this executable to DEST, a file or a directory", false},
    [HP_ACTION_HELP] = {"help", "print this text, or one group of its options", false},
    [HP_ACTION_VERSION] = {"version", "print the versions of healthprobe and its libraries", false},
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

/* Called for each row: formatting into a buffer would cost more than the lookup itself. */
void hp_option_twin(char ret[HP_TWIN_MAX], const struct hp_option *option, const char *suffix)
{
    size_t len = sizeof TWIN_PREFIX - 1;

    memcpy(ret, TWIN_PREFIX, len);
    for (const char *p = option->name; *p != '\0' && len + 1 < HP_TWIN_MAX; p++)
        ret[len++] = *p == '-' ? '_' : (char)(*p - 'a' + 'A');
    for (; *suffix != '\0' && len + 1 < HP_TWIN_MAX; suffix++)
        ret[len++] = *suffix;
    ret[len] = '\0';
}

/* "http,database,redis; redis? if it has a target", with the last kind as the example. */
static void add_kinds(struct hp_buffer *ret)
{
    const struct hp_check_ops *const *kind = hp_check_kinds;

    for (; *kind != NULL; kind++)
        hp_buffer_add_format(ret, "%s%s", kind == hp_check_kinds ? ": " : ",", (*kind)->kind);
    if (kind != hp_check_kinds)
        hp_buffer_add_format(ret, "; %s? if it has a target", kind[-1]->kind);
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

/* --- what was meant --------------------------------------------------------------------------- */

struct hp_row hp_row_named(struct hp_span name)
{
    struct hp_row row = {0};

    while (hp_row_next(&row))
        if (hp_span_equals(name, row.option->name))
            return row;
    return (struct hp_row){0};
}

struct hp_row hp_row_nearest(struct hp_span name)
{
    struct hp_row found = {0};
    struct hp_nearest nearest;
    struct hp_row row = {0};

    hp_nearest_init(&nearest, name.data, name.len);
    while (hp_row_next(&row)) {
        hp_nearest_offer(&nearest, row.option->name);
        if (nearest.found == row.option->name)
            found = row;
    }
    return found;
}

int hp_options_kind(struct hp_span word)
{
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (hp_span_equals(word, hp_check_kinds[kind]->kind))
            return kind;
    return -1;
}

/* Letters keep their case: curl's -k and -K differ. */
static bool is_same(struct hp_span a, struct hp_span b)
{
    return a.len == b.len &&
           (a.len == 1 ? a.data[0] == b.data[0] : strncasecmp(a.data, b.data, a.len) == 0);
}

struct hp_span hp_option_other_name(const struct hp_option *option, struct hp_span name)
{
    struct hp_span rest = hp_span_of(option->also != NULL ? option->also : "");

    while (rest.data != NULL) {
        struct hp_span word = hp_span_cut(&rest, " ");
        struct hp_span form = word;
        if (word.len > 0 && is_same(hp_span_cut(&form, "="), name))
            return word;
    }
    return (struct hp_span){0};
}

int hp_options_kind_called(struct hp_span word, struct hp_span *ret_known)
{
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        *ret_known = hp_option_other_name(&hp_check_kinds[kind]->options[0], word);
        if (ret_known->data != NULL)
            return kind;
    }
    return -1;
}

const struct hp_command *hp_command_of(enum hp_action action)
{
    return commands[action].word != NULL ? &commands[action] : NULL;
}

const char *hp_options_word(size_t i)
{
    if (i < HP_MODE_CUSTOM)
        return hp_mode_name((enum hp_mode)i);
    i = i - HP_MODE_CUSTOM + HP_ACTION_WAIT;
    return i < HP_COUNT(commands) ? commands[i].word : NULL;
}

bool hp_options_is_word(const char *text)
{
    size_t i = 0;

    while (hp_options_word(i) != NULL && strcmp(text, hp_options_word(i)) != 0)
        i++;
    return hp_options_word(i) != NULL;
}

void hp_given_origin(char ret[HP_TWIN_MAX], const struct hp_given *given)
{
    if (given->position > 0)
        snprintf(ret, HP_TWIN_MAX, "argument %d", given->position);
    else
        snprintf(ret, HP_TWIN_MAX, "--%s", given->option->name);
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

bool hp_option_belongs(const struct hp_option *option, enum hp_action action)
{
    const struct hp_command *command = hp_command_of(action);

    if ((option->flags & HP_OPTION_ACTION) != 0)
        return true;
    if ((option->flags & HP_OPTION_WAIT) != 0)
        return action == HP_ACTION_WAIT;
    return command == NULL || command->checks;
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

/* Kubernetes makes such variables for a Service called healthprobe, too. */
static bool is_of_service(const char *variable, size_t len)
{
    static const char *const ends[] = {"_PORT", "_HOST", "_TCP", "_UDP", "_PROTO", "_ADDR"};

    for (size_t i = 0; i < HP_COUNT(ends); i++)
        if (without_end(variable, len, ends[i]) < len)
            return true;
    return memmem(variable, len, "_PORT_", sizeof "_PORT_" - 1) != NULL;
}

/* As the application's own are called, or near. */
static const struct hp_option *meant(const char *name, size_t len)
{
    struct hp_row row = hp_row_named((struct hp_span){name, len});

    if (row.option == NULL)
        row = hp_row_named((struct hp_span){name, without_end(name, len, "-url")});
    if (row.option == NULL)
        row = hp_row_nearest((struct hp_span){name, len});
    return has_twin(row.option) ? row.option : NULL;
}

bool hp_options_unknown_variable(const char *variable, size_t len,
                                 const struct hp_option **ret_nearest)
{
    const size_t prefix_len = sizeof TWIN_PREFIX - 1;
    char name[HP_TWIN_MAX] = "";
    const struct hp_option *option = NULL;
    size_t bare_len = 0;
    size_t name_len = 0;

    *ret_nearest = NULL;
    if (len <= prefix_len || memcmp(variable, TWIN_PREFIX, prefix_len) != 0)
        return false;
    name_len = option_name(name, variable + prefix_len, len - prefix_len);
    bare_len = without_end(name, name_len, "-file");
    option = hp_row_named((struct hp_span){name, bare_len}).option;
    if (has_twin(option) && (bare_len == name_len || (option->flags & HP_OPTION_SOURCE) != 0))
        return false;
    if (!is_of_service(variable, len))
        *ret_nearest = meant(name, bare_len);
    return true;
}
