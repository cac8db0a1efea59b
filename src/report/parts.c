/* SPDX-License-Identifier: MIT */
#include "parts.h"

#include <healthprobe/report/render_parts.h>

void hp_render_to_fit(struct hp_buffer *ret, const struct hp_report *report,
                      void (*add)(struct hp_buffer *ret, const struct hp_report *report,
                                  enum hp_detail detail))
{
    for (int detail = HP_DETAIL_ALL; detail < HP_DETAIL_COUNT; detail++) {
        hp_buffer_init(ret, ret->data, ret->cap);
        add(ret, report, (enum hp_detail)detail);
        if (!ret->overflow)
            return;
    }
}

const char *hp_render_error(const struct hp_result *result, enum hp_detail detail)
{
    return detail < HP_DETAIL_NO_ERRORS ? result->error.bytes : "";
}

const char *hp_render_hint(const struct hp_result *result, enum hp_detail detail)
{
    return detail < HP_DETAIL_NO_HINTS ? result->hint.bytes : "";
}

void hp_render_said(struct hp_buffer *ret, const struct hp_result *result, size_t error_max,
                    enum hp_detail detail)
{
    const char *error = hp_render_error(result, detail);
    const char *hint = hp_render_hint(result, detail);

    if (error[0] != '\0' && error_max > 0)
        hp_buffer_add_format(ret, ": %.*s", (int)error_max, error);
    if (hint[0] != '\0')
        hp_buffer_add_format(ret, " (%s)", hint);
}

void hp_render_tenths(struct hp_buffer *ret, int64_t tenths)
{
    hp_buffer_add_format(ret, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
}

void hp_render_age(struct hp_buffer *ret, int64_t age_ns)
{
    int64_t tenths = age_ns / (HP_NS_PER_S / 10);

    hp_buffer_add(ret, tenths < 0 ? "-" : "");
    hp_render_tenths(ret, tenths < 0 ? -tenths : tenths);
}

const char *hp_render_slow(struct hp_buffer *ret, const struct hp_report *report,
                           const char *separator)
{
    for (size_t i = 0; i < report->n_checks; i++) {
        if (!report->checks[i].slow)
            continue;
        hp_buffer_add_format(ret, "%s%s slow", separator, report->checks[i].name);
        separator = ", ";
    }
    return separator;
}

void hp_render_json_member(struct hp_buffer *ret, const char *key, const char *text)
{
    hp_buffer_add_format(ret, ",\"%s\":", key);
    hp_buffer_add_json_string(ret, text);
}

void hp_render_json_names(struct hp_buffer *ret, const char *key, const struct hp_names *names)
{
    if (names->n == 0 && names->not_shown == 0)
        return;
    hp_buffer_add_format(ret, ",\"%s\":[", key);
    for (size_t i = 0; i < names->n; i++) {
        if (i > 0)
            hp_buffer_add(ret, ",");
        hp_buffer_add_json_string(ret, names->items[i]);
    }
    if (names->not_shown > 0)
        hp_buffer_add_format(ret, "%s\"%zu not shown\"", names->n > 0 ? "," : "", names->not_shown);
    hp_buffer_add(ret, "]");
}

void hp_render_json_notes(struct hp_buffer *ret, const struct hp_notes *notes)
{
    for (size_t i = 0; i < notes->n; i++) {
        hp_buffer_add(ret, i == 0 ? ",\"notes\":[" : ",");
        hp_buffer_add_json_string(ret, notes->items[i]);
    }
    if (notes->n > 0)
        hp_buffer_add(ret, "]");
}

void hp_render_text_names(struct hp_buffer *ret, const char *what, const struct hp_names *names)
{
    const char *separator = "";

    if (names->n == 0 && names->not_shown == 0)
        return;
    hp_buffer_add_format(ret, "%s: ", what);
    for (size_t i = 0; i < names->n; i++) {
        hp_buffer_add_format(ret, "%s%s", separator, names->items[i]);
        separator = ", ";
    }
    if (names->not_shown > 0)
        hp_buffer_add_format(ret, "%s%zu not shown", separator, names->not_shown);
}
