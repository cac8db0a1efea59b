/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <healthprobe/report/render_parts.h>

#include "config.h"

static void add_facts(struct hp_buffer *ret, const struct hp_check *check)
{
    struct hp_facts facts = {0};

    if (check->ops->describe != NULL)
        check->ops->describe(check, &facts);
    for (size_t i = 0; i < facts.n; i++) {
        hp_buffer_add(ret, i == 0 ? ",\"details\":{" : ",");
        hp_buffer_add_json_string(ret, facts.items[i].name);
        hp_buffer_add(ret, ":");
        hp_buffer_add_json_string(ret, facts.items[i].value.bytes);
    }
    if (facts.n > 0)
        hp_buffer_add(ret, "}");
}

static void add_tolerated(struct hp_buffer *ret, uint32_t tolerated)
{
    const char *separator = ",\"tolerated\":[\"";

    for (int reason = 0; reason < HP_REASON_COUNT; reason++) {
        if ((tolerated & hp_reason_bit(reason)) == 0)
            continue;
        hp_buffer_add_format(ret, "%s%s\"", separator, hp_reason_name((enum hp_reason)reason));
        separator = ",\"";
    }
    if (tolerated != 0)
        hp_buffer_add(ret, "]");
}

static void add_check(struct hp_buffer *ret, const struct hp_check *check)
{
    hp_buffer_add_json_string(ret, check->name);
    hp_buffer_add_format(ret, ":{\"kind\":\"%s\",\"target\":", check->ops->kind);
    hp_buffer_add_json_string(ret, check->target);
    hp_buffer_add(ret, ",\"timeout\":");
    hp_buffer_add_ms(ret, check->timeout_ns);
    if (check->slow_ns > 0) {
        hp_buffer_add(ret, ",\"slow\":");
        hp_buffer_add_ms(ret, check->slow_ns);
    }
    if (check->optional)
        hp_buffer_add(ret, ",\"optional\":true");
    add_tolerated(ret, check->tolerated);
    add_facts(ret, check);
    hp_buffer_add(ret, "}");
}

static void add_checks(struct hp_buffer *ret, const struct hp_plan *plan)
{
    hp_buffer_add(ret, ",\"checks\":{");
    for (size_t i = 0; i < plan->n_checks; i++) {
        hp_buffer_add(ret, i > 0 ? "," : "");
        add_check(ret, &plan->checks[i]);
    }
    hp_buffer_add(ret, "}");
}

static void add_placeholders(struct hp_buffer *ret, const struct hp_placeholders *placeholders)
{
    size_t n = placeholders != NULL ? placeholders->n : 0;

    for (size_t i = 0; i < n; i++) {
        hp_buffer_add(ret, i == 0 ? ",\"placeholders\":[" : ",");
        hp_buffer_add_json_string(ret, placeholders->items[i].shown);
    }
    hp_buffer_add(ret, n > 0 ? "]" : "");
}

static void add_setting(struct hp_buffer *ret, const struct hp_setting *setting)
{
    hp_buffer_add_format(ret, "{\"name\":\"%s\"", setting->name);
    if (setting->check != NULL)
        hp_render_json_member(ret, "check", setting->check->name);
    if (setting->from == HP_FROM_UNSET)
        hp_buffer_add(ret, ",\"value\":null");
    else
        hp_render_json_member(ret, "value", hp_setting_value(setting));
    hp_render_json_member(ret, "from", hp_from_name(setting->from));
    if (setting->source.bytes[0] != '\0')
        hp_render_json_member(ret, "source", setting->source.bytes);
    if (setting->by.bytes[0] != '\0')
        hp_render_json_member(ret, "by", setting->by.bytes);
    add_placeholders(ret, setting->placeholders);
    hp_buffer_add(ret, "}");
}

static void add_settings(struct hp_buffer *ret, const struct hp_explanation *explanation)
{
    hp_buffer_add(ret, ",\"settings\":[");
    for (size_t i = 0; i < explanation->n; i++) {
        hp_buffer_add(ret, i > 0 ? "," : "");
        add_setting(ret, &explanation->settings[i]);
    }
    hp_buffer_add(ret, "]");
}

static void add_unknown(struct hp_buffer *ret, const struct hp_explanation *explanation)
{
    if (explanation->n_unknown == 0)
        return;
    hp_buffer_add(ret, ",\"unknown\":[");
    for (size_t i = 0; i < explanation->n_unknown; i++) {
        const struct hp_unknown *unknown = &explanation->unknown[i];
        hp_buffer_add(ret, i > 0 ? ",{\"variable\":" : "{\"variable\":");
        hp_buffer_add_json_string(ret, unknown->variable.bytes);
        if (unknown->nearest[0] != '\0')
            hp_render_json_member(ret, "nearest", unknown->nearest);
        hp_buffer_add(ret, "}");
    }
    hp_buffer_add(ret, "]");
    if (explanation->n_unknown_more > 0)
        hp_buffer_add_format(ret, ",\"unknown_more\":%zu", explanation->n_unknown_more);
}

void hp_explain_json(const struct hp_explanation *explanation, struct hp_buffer *ret)
{
    const struct hp_plan *plan = explanation->plan;

    hp_buffer_add_format(ret, "{\"mode\":\"%s\",\"timeout\":", hp_mode_name(plan->mode));
    hp_buffer_add_ms(ret, plan->timeout_ns);
    add_checks(ret, plan);
    add_settings(ret, explanation);
    hp_render_json_notes(ret, &explanation->notes);
    hp_render_json_names(ret, "ignored", &plan->collected.ignored);
    hp_render_json_names(ret, "skipped", &plan->skipped);
    add_unknown(ret, explanation);
    hp_buffer_add(ret, ",\"probe\":\"healthprobe " HP_VERSION "\"}\n");
}
