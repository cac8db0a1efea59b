/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <healthprobe/report/render_parts.h>

#include <string.h>

/* A longer value moves what follows it, instead of the whole column. */
#define VALUE_WIDTH_MAX 48

/* The names of what is not set continue on the next line after this many bytes. */
#define LINE_WIDTH 78

#define NAME_SIZE HP_LABEL_MAX

/* In characters: UTF-8's continuation bytes take no room. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static size_t wider(size_t width, const char *text)
{
    size_t other = width_of(text);

    return other > width ? other : width;
}

/* A cell, and the gap after it. */
static void add_cell(struct hp_buffer *ret, const char *text, size_t width)
{
    size_t used = width_of(text);

    hp_buffer_add_format(ret, "%s%*s", text, (int)(used < width ? width - used + 2 : 2), "");
}

/* --- checks ----------------------------------------------------------------------------------- */

static void add_reasons(struct hp_buffer *ret, uint32_t tolerated)
{
    for (int reason = 0; reason < HP_REASON_COUNT; reason++)
        if ((tolerated & hp_reason_bit(reason)) != 0)
            hp_buffer_add_format(ret, " %s", hp_reason_name((enum hp_reason)reason));
}

/* What else there is to a check, joined by ", ". */
static void add_rest(struct hp_buffer *ret, const struct hp_check *check)
{
    struct hp_facts facts = {0};
    size_t start = ret->len;

    if (check->optional)
        hp_buffer_add(ret, ", optional");
    if (check->tolerated != 0) {
        hp_buffer_add(ret, ", tolerated:");
        add_reasons(ret, check->tolerated);
    }
    if (check->slow_ns > 0) {
        hp_buffer_add(ret, ", slow above ");
        hp_buffer_add_duration(ret, check->slow_ns);
    }
    if (check->ops->describe != NULL)
        check->ops->describe(check, &facts);
    for (size_t i = 0; i < facts.n; i++)
        hp_buffer_add_format(ret, ", %s: %s", facts.items[i].name, facts.items[i].value.bytes);
    /* The first needs no comma. */
    if (ret->len > start + 2 && !ret->overflow) {
        memmove(ret->data + start, ret->data + start + 2, ret->len - start - 2);
        hp_buffer_rewind(ret, ret->len - 2);
    }
}

static void add_checks(struct hp_buffer *ret, const struct hp_plan *plan)
{
    size_t name_width = sizeof "CHECK" - 1;
    size_t target_width = sizeof "TARGET" - 1;
    size_t kind_width = sizeof "KIND" - 1;

    for (size_t i = 0; i < plan->n_checks; i++) {
        name_width = wider(name_width, plan->checks[i].name);
        kind_width = wider(kind_width, plan->checks[i].ops->kind);
        target_width = wider(target_width, plan->checks[i].target);
    }
    add_cell(ret, "CHECK", name_width);
    add_cell(ret, "KIND", kind_width);
    add_cell(ret, "TARGET", target_width);
    hp_buffer_add(ret, "LIMIT  DETAILS\n");
    for (size_t i = 0; i < plan->n_checks; i++) {
        const struct hp_check *check = &plan->checks[i];
        char text[32];
        struct hp_buffer limit;
        hp_buffer_init(&limit, text, sizeof text);
        hp_buffer_add_duration(&limit, check->timeout_ns);
        add_cell(ret, check->name, name_width);
        add_cell(ret, check->ops->kind, kind_width);
        add_cell(ret, check->target, target_width);
        add_cell(ret, text, sizeof "LIMIT" - 1);
        add_rest(ret, check);
        hp_buffer_add(ret, "\n");
    }
}

/* --- settings --------------------------------------------------------------------------------- */

/* A target's is followed by the check's name, where that is another. */
static void name_of(char ret[NAME_SIZE], const struct hp_setting *setting)
{
    struct hp_buffer name;

    hp_buffer_init(&name, ret, NAME_SIZE);
    hp_buffer_add(&name, setting->name);
    if (setting->check != NULL && strcmp(setting->check->name, setting->name) != 0)
        hp_buffer_add_format(&name, " (%s)", setting->check->name);
}

static void add_source(struct hp_buffer *ret, const struct hp_setting *setting)
{
    hp_buffer_add(ret, setting->source.bytes[0] != '\0' ? setting->source.bytes
                                                        : hp_from_name(setting->from));
    if (setting->by.bytes[0] != '\0')
        hp_buffer_add_format(ret, " (%s)", setting->by.bytes);
    for (size_t i = 0; setting->placeholders != NULL && i < setting->placeholders->n; i++)
        hp_buffer_add_format(ret, "%s%s", i > 0 ? ", " : " with ",
                             setting->placeholders->items[i].shown);
}

static void add_settings(struct hp_buffer *ret, const struct hp_explanation *explanation)
{
    size_t name_width = sizeof "SETTING" - 1;
    size_t value_width = sizeof "VALUE" - 1;
    char name[NAME_SIZE];

    for (size_t i = 0; i < explanation->n; i++) {
        const struct hp_setting *setting = &explanation->settings[i];
        if (setting->from == HP_FROM_UNSET)
            continue;
        name_of(name, setting);
        name_width = wider(name_width, name);
        value_width = wider(value_width, hp_setting_value(setting));
    }
    if (value_width > VALUE_WIDTH_MAX)
        value_width = VALUE_WIDTH_MAX;
    hp_buffer_add(ret, "\n");
    add_cell(ret, "SETTING", name_width);
    add_cell(ret, "VALUE", value_width);
    hp_buffer_add(ret, "FROM\n");
    for (size_t i = 0; i < explanation->n; i++) {
        const struct hp_setting *setting = &explanation->settings[i];
        if (setting->from == HP_FROM_UNSET)
            continue;
        name_of(name, setting);
        add_cell(ret, name, name_width);
        add_cell(ret, hp_setting_value(setting), value_width);
        add_source(ret, setting);
        hp_buffer_add(ret, "\n");
    }
}

static void add_unset(struct hp_buffer *ret, const struct hp_explanation *explanation)
{
    static const char title[] = "not set:";
    size_t line = 0;

    for (size_t i = 0; i < explanation->n; i++) {
        const struct hp_setting *setting = &explanation->settings[i];
        if (setting->from != HP_FROM_UNSET)
            continue;
        if (line == 0) {
            hp_buffer_add_format(ret, "\n%s", title);
            line = ret->len - (sizeof title - 1);
        } else {
            hp_buffer_add(ret, ",");
        }
        if (ret->len + 1 + strlen(setting->name) - line > LINE_WIDTH) {
            hp_buffer_add(ret, "\n");
            line = ret->len;
            hp_buffer_add_format(ret, "%*s", (int)(sizeof title - 1), "");
        }
        hp_buffer_add_format(ret, " %s", setting->name);
    }
    if (line > 0)
        hp_buffer_add(ret, "\n");
}

/* --- what else there is ----------------------------------------------------------------------- */

static void add_unknown(struct hp_buffer *ret, const struct hp_explanation *explanation)
{
    for (size_t i = 0; i < explanation->n_unknown; i++) {
        const struct hp_unknown *unknown = &explanation->unknown[i];
        hp_buffer_add_format(ret, "unknown: %s", unknown->variable.bytes);
        if (unknown->nearest[0] != '\0')
            hp_buffer_add_format(ret, "; did you mean %s?", unknown->nearest);
        hp_buffer_add(ret, "\n");
    }
    if (explanation->n_unknown_more > 0)
        hp_buffer_add_format(ret, "unknown: %zu more\n", explanation->n_unknown_more);
}

static void add_names(struct hp_buffer *ret, const char *what, const struct hp_names *names)
{
    size_t start = ret->len;

    hp_render_text_names(ret, what, names);
    if (ret->len > start)
        hp_buffer_add(ret, "\n");
}

void hp_explain_text(const struct hp_explanation *explanation, struct hp_buffer *ret)
{
    const struct hp_plan *plan = explanation->plan;

    hp_buffer_add_format(ret, "%s, within ", hp_mode_name(plan->mode));
    hp_buffer_add_duration(ret, plan->timeout_ns);
    hp_buffer_add(ret, "\n\n");
    add_checks(ret, plan);
    add_settings(ret, explanation);
    add_unset(ret, explanation);
    if (explanation->notes.n > 0 || plan->skipped.n > 0 ||
        plan->collected.ignored.n + plan->collected.ignored.not_shown > 0 ||
        explanation->n_unknown > 0)
        hp_buffer_add(ret, "\n");
    for (size_t i = 0; i < explanation->notes.n; i++)
        hp_buffer_add_format(ret, "note: %s\n", explanation->notes.items[i]);
    add_names(ret, "skipped", &plan->skipped);
    add_names(ret, "ignored", &plan->collected.ignored);
    add_unknown(ret, explanation);
}
