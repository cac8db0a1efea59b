/* SPDX-License-Identifier: MIT */

/*
 * Print the option table, and what else the manual page and the completions are
 * made of (tools/docs), as JSON. It is linked with what the executable is made
 * of, so that there is one table and no copy of it.
 */

#include <healthprobe/net/tls.h>
#include <healthprobe/plan/kinds.h>
#include <healthprobe/plan/options.h>

#include "check/database/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char storage[65536];
static struct hp_buffer json;
static const char *separator = "";

static void add_string(const char *text)
{
    if (text != NULL)
        hp_buffer_add_json_string(&json, text);
    else
        hp_buffer_add(&json, "null");
}

static void add_member(const char *key, const char *text)
{
    hp_buffer_add_format(&json, ",\"%s\":", key);
    add_string(text);
}

static void add_flag(const char *key, const struct hp_option *option, unsigned flag)
{
    hp_buffer_add_format(&json, ",\"%s\":%s", key, (option->flags & flag) != 0 ? "true" : "false");
}

/* Next of the list that began last. */
static void add_word(const char *word)
{
    hp_buffer_add(&json, separator);
    add_string(word);
    separator = ",";
}

static void begin_list(const char *key)
{
    hp_buffer_add_format(&json, ",\"%s\":[", key);
    separator = "";
}

static void add_words(const char *const *words)
{
    for (; words != NULL && *words != NULL; words++)
        add_word(*words);
}

static void add_help(const struct hp_option *option)
{
    char text[256];
    struct hp_buffer help;

    hp_buffer_init(&help, text, sizeof text);
    hp_option_add_help(&help, option);
    add_member("help", text);
}

static void add_option(const struct hp_row *row)
{
    const struct hp_option *option = row->option;
    char twin[HP_TWIN_MAX];

    hp_option_twin(twin, option, "");
    hp_buffer_add(&json, separator);
    hp_buffer_add(&json, "\n{\"name\":");
    add_string(option->name);
    add_member("kind", row->kind < 0 ? NULL : hp_check_kinds[row->kind]->kind);
    add_member("metavar", option->metavar);
    add_member("default", option->fallback);
    add_help(option);
    add_member("twin", (option->flags & HP_OPTION_ACTION) != 0 ? NULL : twin);
    add_flag("repeatable", option, HP_OPTION_REPEATABLE);
    add_flag("source", option, HP_OPTION_SOURCE);
    add_flag("wait", option, HP_OPTION_WAIT);
    add_flag("action", option, HP_OPTION_ACTION);
    begin_list("choices");
    add_words(option->choices);
    hp_buffer_add(&json, "]}");
    separator = ",";
}

int main(void)
{
    struct hp_row row = {0};

    hp_buffer_init(&json, storage, sizeof storage);
    hp_buffer_add(&json, "{\"modes\":[");
    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++)
        add_word(hp_mode_name((enum hp_mode)mode));
    hp_buffer_add(&json, "]");
    begin_list("commands");
    for (size_t i = 0; hp_options_word(i) != NULL; i++)
        add_word(hp_options_word(i));
    hp_buffer_add(&json, "]");
    begin_list("kinds");
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        add_word(hp_check_kinds[kind]->kind);
    hp_buffer_add(&json, "]");
    begin_list("schemes");
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (hp_check_kinds[kind]->schemes != NULL)
            add_word(hp_check_kinds[kind]->schemes[0]);
    hp_buffer_add(&json, "]");
    begin_list("reasons");
    for (int reason = HP_REASON_NONE + 1; reason < HP_REASON_COUNT; reason++)
        add_word(hp_reason_name((enum hp_reason)reason));
    hp_buffer_add(&json, "]");
    begin_list("tolerable");
    for (int reason = HP_REASON_NONE + 1; reason < HP_REASON_COUNT; reason++) {
        const char *name = hp_reason_name((enum hp_reason)reason);
        if (hp_reason_of_target(name, strlen(name)) != HP_REASON_COUNT)
            add_word(name);
    }
    hp_buffer_add(&json, "]");
    begin_list("phases");
    for (int phase = HP_PHASE_NONE + 1; phase < HP_PHASE_COUNT; phase++)
        add_word(hp_phase_name((enum hp_phase)phase));
    hp_buffer_add(&json, "]");
    begin_list("bundles");
    add_words(hp_tls_bundles);
    hp_buffer_add(&json, "]");
    begin_list("dropped");
    add_words(hp_database_dropped);
    hp_buffer_add(&json, "]");
    begin_list("options");
    while (hp_row_next(&row))
        add_option(&row);
    hp_buffer_add(&json, "\n]}\n");
    if (json.overflow)
        abort();
    return fwrite(json.data, 1, json.len, stdout) == json.len ? EXIT_SUCCESS : EXIT_FAILURE;
}
