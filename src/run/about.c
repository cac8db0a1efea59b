/* SPDX-License-Identifier: MIT */
#include "about.h"

#include <healthprobe/base/buffer.h>
#include <healthprobe/check/check.h>
#include <healthprobe/net/tls.h>
#include <healthprobe/plan/options.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "process.h"

/* Where the second column begins. */
#define COLUMN 28

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
        "\n"
        "  live    GET /health/live (default); what a restart depends on\n"
        "  ready   GET /health/ready and the database; what traffic depends on\n"
        "  full    GET /health, the database and Redis\n"
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
        "\n"
        "A flag beats its variable. DATABASE_URL, DATABASE_URL_FILE, REDIS_URL,\n"
        "REDIS_URL_FILE and PORT are read where nothing else is given. A target, a\n"
        "password and a header's value may be env:NAME or file:PATH, so that no secret\n"
        "stands on the command line. Targets can be repeated, each with a name of its\n"
        "own: --database URL --database replica=URL.\n"
        "\n"
        "  HEALTHCHECK CMD [\"/healthprobe\", \"full\"]\n";
    struct hp_row row = {0};
    char storage[8192];
    struct hp_buffer text;

    hp_buffer_init(&text, storage, sizeof storage);
    hp_buffer_add(&text, intro);
    while (hp_row_next(&row))
        add_option(&text, row.option);
    hp_buffer_add(&text, outro);
    return hp_process_write_all(STDOUT_FILENO, text.data, text.len);
}

bool hp_about_version(void)
{
    char storage[2048];
    struct hp_buffer text;

    hp_buffer_init(&text, storage, sizeof storage);
    hp_buffer_add(&text, "healthprobe " HP_VERSION " (" HP_COMMIT ")\n" HP_LIBC "\n");
    for (const struct hp_check_ops *const *kind = hp_check_kinds; *kind != NULL; kind++) {
        (*kind)->library(&text);
        hp_buffer_add(&text, "\n");
    }
    hp_buffer_add_format(&text, "%s\n", hp_tls_available() ? hp_tls_version() : "no TLS");
    if (HP_SOURCES[0] != '\0')
        hp_buffer_add(&text, "sources: " HP_SOURCES "\n");
    return hp_process_write_all(STDOUT_FILENO, text.data, text.len);
}
