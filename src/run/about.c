/* SPDX-License-Identifier: MIT */
#include "about.h"

#include <healthprobe/base/buffer.h>
#include <healthprobe/check/check.h>
#include <healthprobe/net/tls.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/select.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "process.h"

/* Where the second column begins. */
#define COLUMN 28

/* The width of a paragraph. */
#define WIDTH 79

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
        hp_buffer_add_format(text, "  %-8s", hp_mode_name((enum hp_mode)mode));
        hp_option_add_words(text, asked, "and");
        hp_buffer_add_format(text, "%s\n", purposes[mode]);
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

/* Break at blanks, so that no line is wider. */
static void break_lines(char *text)
{
    char *blank = NULL;
    char *line = text;

    for (; *text != '\0'; text++) {
        if (text - line >= WIDTH && blank != NULL) {
            *blank = '\n';
            line = blank + 1;
            blank = NULL;
        }
        if (*text == ' ')
            blank = text;
    }
}

bool hp_about_help(void)
{
    static const char intro[] =
        "Usage: healthprobe [live|ready|full] [OPTION...]\n"
        "       healthprobe wait [live|ready|full] [OPTION...] [-- COMMAND [ARG...]]\n"
        "       healthprobe explain [live|ready|full] [OPTION...]\n"
        "       healthprobe install DEST\n"
        "\n"
        "Checks a service once, prints one line of JSON and exits 0 (healthy, or\n"
        "degraded) or 1.\n"
        "\n";
    static const char commands[] =
        "\n"
        "  wait    check until it is healthy, then exit with 0 or become COMMAND; needs\n"
        "          a mode, or --check: healthprobe wait --check database -- COMMAND\n"
        "  explain print what would be checked and where each setting comes from, and\n"
        "          connect to nothing; as a table, or with --format json\n"
        "  install copy this executable to DEST, a file or a folder\n"
        "\n"
        "Options, each with its default in parentheses and its environment variable:\n"
        "\n";
    static const char outro[] =
        " are read where nothing else is given. A target, a password and a header's value may be "
        "env:NAME or file:PATH, so that no secret stands on the command line. Targets can be "
        "repeated, each with a name of its own: --database URL --database replica=URL.";
    struct hp_row row = {0};
    char storage[8192];
    struct hp_buffer text;
    size_t start = 0;

    hp_buffer_init(&text, storage, sizeof storage);
    hp_buffer_add(&text, intro);
    add_modes(&text);
    hp_buffer_add(&text, commands);
    while (hp_row_next(&row))
        add_option(&text, row.option);
    start = text.len;
    hp_buffer_add(&text, "\nA flag beats its variable. ");
    add_variables(&text);
    hp_buffer_add(&text, outro);
    break_lines(text.data + start + 1);
    hp_buffer_add(&text, "\n\n  HEALTHCHECK CMD [\"/healthprobe\", \"full\"]\n");
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
