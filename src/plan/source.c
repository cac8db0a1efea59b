/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <healthprobe/plan/kinds.h>

#include <stdio.h>

static bool take_flag(struct hp_source *source, const struct hp_options *options,
                      const struct hp_option *option)
{
    while (source->n_flags < options->n) {
        const struct hp_given *given = &options->given[source->n_flags++];
        if (given->option != option)
            continue;
        source->place = HP_SOURCE_FLAG;
        source->text = given->text;
        hp_given_origin(source->origin, given);
        return true;
    }
    return false;
}

/* The variable that source->origin names, if it is set. */
static bool take(struct hp_source *source, char *const environment[], enum hp_source_place place)
{
    source->text = hp_environment_get(environment, source->origin);
    if (source->text != NULL)
        source->place = place;
    return source->text != NULL;
}

static bool take_twin(struct hp_source *source, char *const environment[],
                      const struct hp_option *option)
{
    hp_option_twin(source->origin, option, "");
    if (take(source, environment, HP_SOURCE_TWIN))
        return true;
    if ((option->flags & HP_OPTION_SOURCE) == 0)
        return false;
    hp_option_twin(source->origin, option, "_FILE");
    return take(source, environment, HP_SOURCE_TWIN_FILE);
}

static bool take_application(struct hp_source *source, char *const environment[],
                             const char *const *variables)
{
    for (; variables != NULL && *variables != NULL; variables++) {
        snprintf(source->origin, sizeof source->origin, "%s", *variables);
        if (take(source, environment, HP_SOURCE_APPLICATION))
            return true;
        snprintf(source->origin, sizeof source->origin, "%s_FILE", *variables);
        if (take(source, environment, HP_SOURCE_APPLICATION_FILE))
            return true;
    }
    return false;
}

static bool is_on(const struct hp_options *options, char *const environment[],
                  const struct hp_row *row)
{
    struct hp_source source = {0};
    const char *text = NULL;

    if (hp_source_next(&source, options, environment, row))
        text = hp_option_boolean(source.text);
    return text != NULL && text[0] == '1';
}

static bool take_implied(struct hp_source *source, const struct hp_options *options,
                         char *const environment[], int kind)
{
    const struct hp_check_ops *ops = hp_check_kinds[kind];
    const struct hp_implied_target *implied = ops->implied_target;
    const struct hp_row row = {hp_option_of_role(ops->options, HP_ROLE_IMPLIED), kind};

    if (implied == NULL || !is_on(options, environment, &row))
        return false;
    snprintf(source->origin, sizeof source->origin, "%s", implied->variable);
    if (!take(source, environment, HP_SOURCE_IMPLIED))
        return false;
    source->text = implied->text;
    return true;
}

bool hp_source_next(struct hp_source *source, const struct hp_options *options,
                    char *const environment[], const struct hp_row *row)
{
    if (source->place > HP_SOURCE_FLAG)
        return false;
    if (take_flag(source, options, row->option))
        return true;
    if (source->place == HP_SOURCE_FLAG)
        return false;
    return take_twin(source, environment, row->option) ||
           ((row->option->flags & HP_OPTION_TARGET) != 0 &&
            (take_application(source, environment, hp_check_kinds[row->kind]->app_variables) ||
             take_implied(source, options, environment, row->kind)));
}

bool hp_source_gives_target(const struct hp_options *options, char *const environment[], int kind)
{
    struct hp_source source = {0};

    return hp_source_next(&source, options, environment,
                          &(struct hp_row){&hp_check_kinds[kind]->options[0], kind});
}

const char *hp_source_of_default(char *const environment[], const struct hp_check_ops *ops)
{
    const char *variable = ops->presence_variable;

    if (variable == NULL || hp_environment_get(environment, variable) == NULL)
        return NULL;
    return variable;
}
