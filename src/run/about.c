/* SPDX-License-Identifier: MIT */
#include "about.h"

#include <healthprobe/base/buffer.h>
#include <healthprobe/net/tls.h>
#include <healthprobe/plan/kinds.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/select.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "process.h"

/* Where the second column begins, of options and of words. */
#define COLUMN      28
#define WORD_COLUMN 11

/* The width of a paragraph. */
#define WIDTH 79

/* Break what was added since @start at blanks, and indent what follows a break. */
static void add_paragraph(struct hp_buffer *text, size_t indent, const char *words)
{
    size_t column = text->len;

    while (column > 0 && text->data[column - 1] != '\n')
        column--;
    column = text->len - column;
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        if (column + len > WIDTH) {
            hp_buffer_add_format(text, "\n%*s", (int)indent, "");
            column = indent;
        }
        hp_buffer_add_bytes(text, words, len);
        words += len;
        column += len + 1;
        if (*words == ' ' && column + strcspn(words + 1, " ") <= WIDTH)
            hp_buffer_add(text, " ");
        words += *words == ' ';
    }
    hp_buffer_add(text, "\n");
}

static void add_option(struct hp_buffer *text, const struct hp_option *option)
{
    char twin[HP_TWIN_MAX];
    char left[48];

    snprintf(left, sizeof left, "--%s%s%s", option->name, option->metavar != NULL ? " " : "",
             option->metavar != NULL ? option->metavar : "");
    hp_buffer_add_format(text, "  %-*s", COLUMN - 2, left);
    hp_option_add_help(text, option);
    if (option->fallback != NULL)
        hp_buffer_add_format(text, " (%s)", option->fallback);
    if ((option->flags & HP_OPTION_ACTION) == 0) {
        hp_option_twin(twin, option, "");
        hp_buffer_add_format(text, "\n%*s%s", COLUMN, "", twin);
        if ((option->flags & HP_OPTION_SOURCE) != 0)
            hp_buffer_add(text, ", …_FILE");
    }
    hp_buffer_add(text, "\n");
}

/* Add the rows of a kind; without a kind, the general rows with @flag, HP_OPTION_WAIT or 0. */
static void add_group(struct hp_buffer *text, const char *title, int kind, unsigned flag)
{
    struct hp_row row = {0};

    hp_buffer_add_format(text, "%s%s:\n\n", text->len > 0 ? "\n" : "", title);
    while (hp_row_next(&row))
        if (row.kind == kind && (kind >= 0 || (row.option->flags & HP_OPTION_WAIT) == flag))
            add_option(text, row.option);
}

static const char *title_of(const struct hp_check_ops *ops)
{
    return ops->title != NULL ? ops->title : ops->kind;
}

/* @topic: the only group to print; NULL: all. */
static void add_groups(struct hp_buffer *text, const char *topic)
{
    const char *wait = hp_command_of(HP_ACTION_WAIT)->word;

    if (topic == NULL)
        add_group(text, "Common", -1, 0);
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (topic == NULL || strcmp(topic, hp_check_kinds[kind]->kind) == 0)
            add_group(text, title_of(hp_check_kinds[kind]), kind, 0);
    if (topic == NULL || strcmp(topic, wait) == 0)
        add_group(text, wait, -1, HP_OPTION_WAIT);
}

/* What each mode asks, of the kinds that are in it. */
static void add_modes(struct hp_buffer *text)
{
    static const char *const purposes[HP_MODE_CUSTOM] = {
        [HP_MODE_LIVE] = " (default); what a restart depends on",
        [HP_MODE_READY] = "; what traffic depends on",
        [HP_MODE_FULL] = "",
    };

    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++) {
        const char *asked[HP_KINDS_MAX + 1] = {NULL};
        size_t n = 0;
        for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
            if (hp_check_kinds[kind]->asks[mode] != NULL)
                asked[n++] = hp_check_kinds[kind]->asks[mode];
        hp_buffer_add_format(text, "  %-*s", WORD_COLUMN - 2, hp_mode_name((enum hp_mode)mode));
        hp_option_add_words(text, asked, "and");
        hp_buffer_add_format(text, "%s\n", purposes[mode]);
    }
}

static void add_commands(struct hp_buffer *text)
{
    for (int action = HP_ACTION_WAIT; action <= HP_ACTION_VERSION; action++) {
        const struct hp_command *command = hp_command_of((enum hp_action)action);
        hp_buffer_add_format(text, "  %-*s", WORD_COLUMN - 2, command->word);
        add_paragraph(text, WORD_COLUMN, command->help);
    }
}

enum { VARIABLES_MAX = 4 * HP_KINDS_MAX };

/* Those of the application that give targets, each with its …_FILE, and those that complete one. */
static void add_variables(struct hp_buffer *text)
{
    char files[VARIABLES_MAX][HP_TWIN_MAX];
    const char *names[VARIABLES_MAX + 1] = {NULL};
    size_t n = 0;

    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++) {
        const char *const *variable = hp_check_kinds[kind]->app_variables;
        for (; variable != NULL && *variable != NULL && n + 2 < VARIABLES_MAX; variable++) {
            names[n++] = *variable;
            snprintf(files[n], sizeof files[n], "%s_FILE", *variable);
            names[n] = files[n];
            n++;
        }
    }
    for (int kind = 0; hp_check_kinds[kind] != NULL && n < VARIABLES_MAX; kind++)
        if (hp_check_kinds[kind]->presence_variable != NULL)
            names[n++] = hp_check_kinds[kind]->presence_variable;
    hp_option_add_words(text, names, "and");
}

static void add_usage(struct hp_buffer *text)
{
    hp_buffer_add(
        text,
        "Usage: healthprobe [live|ready|full] [TARGET...] [OPTION...]\n"
        "       healthprobe wait [live|ready|full] [TARGET...] [OPTION...] [-- COMMAND [ARG...]]\n"
        "       healthprobe explain [live|ready|full] [TARGET...] [OPTION...]\n"
        "       healthprobe install DEST\n"
        "       healthprobe help [");
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        hp_buffer_add_format(text, "%s|", hp_check_kinds[kind]->kind);
    hp_buffer_add(
        text,
        "wait]\n"
        "       healthprobe version\n"
        "\n"
        "Checks a service once, prints one line of JSON (text on a terminal), and exits with\n"
        "0 (healthy, or degraded) or 1.\n"
        "\n"
        "  healthprobe http://localhost:8080/health\n"
        "  healthprobe :8080/up cache=redis://redis --database env:DB_URL\n"
        "  healthprobe wait --check database,redis -- COMMAND\n"
        "  HEALTHCHECK CMD [\"/healthprobe\", \"full\"]\n"
        "\n"
        "A TARGET is a URL, /path, :PORT or HOST:PORT/path; NAME= may precede it. Without\n"
        "one, and without --check, the mode says what is checked:\n"
        "\n");
}

/* Where values come from. */
static void add_sources(struct hp_buffer *text)
{
    static const char outro[] =
        " are read where nothing else is given. A target, a password and a header's value may be "
        "env:NAME or file:PATH, or hold {env:NAME}, {env:NAME:-default} and {file:PATH}, so that "
        "no secret is on the command line.";
    char storage[1024];
    struct hp_buffer words;

    hp_buffer_init(&words, storage, sizeof storage);
    hp_buffer_add(&words, "A flag overrides its variable. ");
    add_variables(&words);
    hp_buffer_add(&words, outro);
    hp_buffer_add(text, "\n");
    add_paragraph(text, 0, storage);
}

bool hp_about_help(const char *topic)
{
    char storage[10240];
    struct hp_buffer text;

    hp_buffer_init(&text, storage, sizeof storage);
    if (topic == NULL) {
        add_usage(&text);
        add_modes(&text);
        hp_buffer_add(&text, "\n");
        add_commands(&text);
        hp_buffer_add(&text, "\nOptions, each with its default in parentheses and its environment "
                             "variable.\n");
    }
    add_groups(&text, topic);
    if (topic == NULL)
        add_sources(&text);
    return hp_process_write_all(STDOUT_FILENO, text.data, text.len);
}

bool hp_about_version(void)
{
    char storage[2048];
    struct hp_buffer text;

    hp_buffer_init(&text, storage, sizeof storage);
    hp_buffer_add(&text, "healthprobe " HP_VERSION " (" HP_COMMIT ")\n" HP_LIBC "\n");
    for (const struct hp_check_ops *const *kind = hp_check_kinds; *kind != NULL; kind++) {
        if ((*kind)->library == NULL)
            continue;
        (*kind)->library(&text);
        hp_buffer_add(&text, "\n");
    }
    hp_buffer_add_format(&text, "%s\n", hp_tls_available() ? hp_tls_version() : "no TLS");
    if (HP_SOURCES[0] != '\0')
        hp_buffer_add(&text, "sources: " HP_SOURCES "\n");
    return hp_process_write_all(STDOUT_FILENO, text.data, text.len);
}
