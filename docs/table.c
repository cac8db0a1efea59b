/* SPDX-License-Identifier: MIT */

/*
 * Print the option table, and what else the manual page and the completions are
 * made of (tools/docs), as JSON. It is linked with what the executable is made
 * of, so that there is one table and no copy of it.
 */

#include <healthprobe/check/check.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/plan.h>
#include <healthprobe/plan/select.h>
#include <healthprobe/plan/values.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What argv and environ are made of is not constant. */
static char program[] = "healthprobe";
static char everything[] = "full";
static char no_value[] = "-";
static char no_command[] = "?";
static char database[] = "DATABASE_URL=postgresql://a@localhost/a";
static char redis[] = "REDIS_URL=redis://localhost";

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

/* "a, b or c" behind @begin, if @problem begins so and has words and nothing else there. */
static void add_words(const char *problem, const char *begin)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789+-_";
    char words[256];
    char *rest = NULL;
    char *last = NULL;
    const char *list = strncmp(problem, begin, strlen(begin)) == 0 ? problem + strlen(begin) : "";

    snprintf(words, sizeof words, "%s", list);
    last = strstr(words, " or ");
    if (last != NULL)
        memcpy(last, ",   ", 4);
    for (const char *at = words; *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strspn(at, letters);
        if (len == 0 || (at[len] != '\0' && at[len] != ','))
            return;
        at += len;
    }
    for (char *word = strtok_r(words, ", ", &rest); word != NULL;
         word = strtok_r(NULL, ", ", &rest))
        add_word(word);
}

/* What is said of arguments, as if for a run; nothing is opened or asked. */
static void add_words_told(char *const argv[], const char *begin)
{
    static char *const environment[] = {database, redis, NULL};
    struct hp_options options = {0};
    struct hp_selection selection = {0};
    struct hp_values values = {0};
    struct hp_plan *plan = calloc(1, sizeof *plan);
    struct hp_error err = {0};
    int argc = 0;

    while (argv[argc] != NULL)
        argc++;
    if (plan == NULL)
        abort();
    if (hp_options_parse(&options, argc, argv, &err) &&
        hp_select(&selection, &options, environment, &err) &&
        hp_values_read_general(&values, &options, &selection, environment, &err) &&
        hp_values_read_kinds(&values, &options, &selection, &err)) {
        hp_plan_begin(plan, &selection, &values, &err);
        hp_plan_build(plan, &options, &selection, &values, &err);
        hp_plan_release(plan);
    }
    add_words(err.msg, begin);
    hp_values_release(&values);
    hp_options_release(&options);
    free(plan);
}

/* Where a value is one of a few words, a wrong one is answered with all of them. */
static void add_choices(const struct hp_option *option)
{
    char flag[64];
    char begin[72];
    char *argv[] = {program, everything, flag, no_value, NULL};

    snprintf(flag, sizeof flag, "--%s", option->name);
    snprintf(begin, sizeof begin, "%s: is ", flag);
    begin_list("choices");
    if (option->metavar != NULL && (option->flags & HP_OPTION_WAIT) == 0)
        add_words_told(argv, begin);
    hp_buffer_add(&json, "]");
}

static void add_option(const struct hp_option *option, int kind, bool is_first)
{
    char twin[HP_TWIN_MAX];

    hp_option_twin(twin, option, "");
    hp_buffer_add(&json, is_first ? "\n{\"name\":" : ",\n{\"name\":");
    add_string(option->name);
    add_member("kind", kind < 0 ? NULL : hp_check_kinds[kind]->kind);
    add_member("metavar", option->metavar);
    add_member("default", option->fallback);
    add_member("help", option->help);
    add_member("twin", (option->flags & HP_OPTION_ACTION) != 0 ? NULL : twin);
    add_flag("repeatable", option, HP_OPTION_REPEATABLE);
    add_flag("source", option, HP_OPTION_SOURCE);
    add_flag("wait", option, HP_OPTION_WAIT);
    add_flag("action", option, HP_OPTION_ACTION);
    add_choices(option);
    hp_buffer_add(&json, "}");
}

int main(void)
{
    char *argv[] = {program, no_command, NULL};
    const struct hp_option *option = NULL;
    int kind = -1;

    hp_buffer_init(&json, storage, sizeof storage);
    hp_buffer_add(&json, "{\"modes\":[");
    for (int mode = 0; mode < HP_MODE_CUSTOM; mode++)
        add_word(hp_mode_name((enum hp_mode)mode));
    hp_buffer_add(&json, "]");
    begin_list("commands");
    add_words_told(argv, "argument 1 is not understood; a command is ");
    hp_buffer_add(&json, "]");
    begin_list("kinds");
    for (kind = 0; hp_check_kinds[kind] != NULL; kind++)
        add_word(hp_check_kinds[kind]->kind);
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
    hp_buffer_add(&json, "],\"options\":[");
    for (size_t i = 0; (option = hp_option_at(i, &kind)) != NULL; i++)
        add_option(option, kind, i == 0);
    hp_buffer_add(&json, "\n]}\n");
    if (json.overflow)
        abort();
    return fwrite(json.data, 1, json.len, stdout) == json.len ? EXIT_SUCCESS : EXIT_FAILURE;
}
