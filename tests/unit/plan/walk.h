/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_UNIT_PLAN_WALK_H
#define HEALTHPROBE_TESTS_UNIT_PLAN_WALK_H

#include "unit.h"

#include <healthprobe/plan/options.h>
#include <healthprobe/plan/plan.h>
#include <healthprobe/plan/select.h>
#include <healthprobe/plan/values.h>

/* From a command line and an environment to a plan, as main() does it. */

#define WORDS_MAX 14

/** A command line behind the program's name, and an environment; both end at the first NULL. */
struct input {
    const char *arguments[WORDS_MAX];
    const char *environment[WORDS_MAX];
};

static struct hp_options options;
static struct hp_selection selection;
static struct hp_values values;
static struct hp_error err;

static char *argv[WORDS_MAX + 2];
static char *environment[WORDS_MAX + 1];

static inline char *writable(size_t i, const char *text)
{
    static char words[2 * WORDS_MAX + 1][512];

    ck_assert_uint_lt(strlen(text), sizeof words[i]);
    strcpy(words[i], text);
    return words[i];
}

static inline void release_values(void)
{
    hp_values_release(&values);
    hp_options_release(&options);
}

/** Up to the values; what one step finds does not keep the next from looking. */
static inline bool read_arguments(int argc, char *const arguments[], char *const variables[])
{
    release_values();
    memset(&err, 0, sizeof err);
    memset(&selection, 0, sizeof selection);
    hp_options_parse(&options, argc, arguments, &err);
    if (options.action != HP_ACTION_INSTALL && options.action != HP_ACTION_HELP &&
        options.action != HP_ACTION_VERSION) {
        hp_select(&selection, &options, variables, &err);
        hp_values_read_general(&values, &options, &selection, variables, &err);
        hp_values_read_kinds(&values, &options, &selection, &err);
    }
    return err.reason == HP_REASON_NONE;
}

static inline bool read_input(const struct input *input)
{
    int argc = 1;

    memset(argv, 0, sizeof argv);
    memset(environment, 0, sizeof environment);
    argv[0] = writable(0, "healthprobe");
    for (size_t i = 0; i < WORDS_MAX && input->arguments[i] != NULL; i++, argc++)
        argv[argc] = writable((size_t)argc, input->arguments[i]);
    for (size_t i = 0; i < WORDS_MAX && input->environment[i] != NULL; i++)
        environment[i] = writable(WORDS_MAX + 1 + i, input->environment[i]);
    return read_arguments(argc, argv, environment);
}

/** The row of a name. */
static inline const struct hp_option *row_of(const char *name)
{
    struct hp_row row = {0};

    while (hp_row_next(&row))
        if (strcmp(row.option->name, name) == 0)
            return row.option;
    ck_abort_msg("there is no --%s", name);
    return NULL;
}

/** The @nth value of an option; NULL where there is none. */
static inline const struct hp_value *value_of(const char *name, size_t nth)
{
    const struct hp_option *option = row_of(name);
    const struct hp_value *value = hp_value_of(&values, option);

    while (value != NULL && nth-- > 0)
        value = hp_value_next(&values, option, value);
    return value;
}

/** A case of its own for each row. @release runs behind it. */
static inline void add(Suite *suite, const char *name, const TTest *test, size_t rows,
                       void (*release)(void))
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, NULL, release);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

#endif
