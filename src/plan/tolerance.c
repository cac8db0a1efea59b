/* SPDX-License-Identifier: MIT */
#include "tolerance.h"

#include <healthprobe/base/nearest.h>
#include <healthprobe/base/span.h>

#include <string.h>

static bool is_among(struct hp_span word, const struct hp_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (hp_span_equals(word, names->items[i]))
            return true;
    return false;
}

static void unknown_name(const struct hp_value *value, struct hp_span word,
                         const struct hp_names *names, struct hp_error *err)
{
    char text[HP_CHECKS_MAX * (HP_NAME_MAX + sizeof ", ")] = "";
    char question[HP_NEAREST_MAX];
    struct hp_buffer known;
    struct hp_nearest nearest;

    hp_buffer_init(&known, text, sizeof text);
    hp_nearest_init(&nearest, word.data, word.len);
    for (size_t i = 0; i < names->n; i++) {
        hp_buffer_add_format(&known, "%s%s", i > 0 ? ", " : "", names->items[i]);
        hp_nearest_offer(&nearest, names->items[i]);
    }
    hp_nearest_ask(&nearest, question);
    hp_error_add(err, HP_REASON_CONFIG, "%s: names no check of this run; it has %s%s",
                 value->origin, names->n > 0 ? text : "none", question);
}

static void read_optional(struct hp_plan *plan, const struct hp_names *names,
                          const struct hp_value *value, struct hp_error *err)
{
    struct hp_span rest = hp_span_of(value->text);

    while (rest.data != NULL) {
        struct hp_span word = hp_span_trim(hp_span_cut(&rest, ","), HP_BLANKS);
        if (value->from_flag && !is_among(word, names) && !is_among(word, &plan->skipped))
            unknown_name(value, word, names, err);
        for (size_t i = 0; i < plan->n_checks; i++)
            if (hp_span_equals(word, plan->checks[i].name))
                plan->checks[i].optional = true;
    }
}

static void unknown_reason(const struct hp_value *value, struct hp_span word, struct hp_error *err)
{
    char question[HP_NEAREST_MAX];
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, word.data, word.len);
    for (int reason = 0; reason < HP_REASON_COUNT; reason++) {
        const char *name = hp_reason_name((enum hp_reason)reason);
        if (hp_reason_of_target(name, strlen(name)) != HP_REASON_COUNT)
            hp_nearest_offer(&nearest, name);
    }
    hp_nearest_ask(&nearest, question);
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: has to be a list of reasons, separated by commas, such as capacity,loading; "
                 "config, usage, interrupted and internal can't be tolerated%s",
                 value->origin, question);
}

static void read_tolerate(struct hp_plan *plan, const struct hp_value *value, struct hp_error *err)
{
    struct hp_span rest = hp_span_of(value->text);
    uint32_t tolerated = 0;

    while (rest.data != NULL) {
        struct hp_span word = hp_span_trim(hp_span_cut(&rest, ","), HP_BLANKS);
        enum hp_reason reason = hp_reason_of_target(word.data, word.len);
        if (reason != HP_REASON_COUNT)
            tolerated |= hp_reason_bit(reason);
        else if (value->from_flag)
            unknown_reason(value, word, err);
    }
    for (size_t i = 0; i < plan->n_checks; i++)
        plan->checks[i].tolerated = tolerated;
}

void hp_tolerance_read(struct hp_plan *plan, const struct hp_names *names,
                       const struct hp_values *values, struct hp_error *err)
{
    const struct hp_value *optional = hp_value_of(values, hp_option_general(HP_GENERAL_OPTIONAL));
    const struct hp_value *tolerate = hp_value_of(values, hp_option_general(HP_GENERAL_TOLERATE));

    if (optional != NULL)
        read_optional(plan, names, optional, err);
    if (tolerate != NULL)
        read_tolerate(plan, tolerate, err);
}
