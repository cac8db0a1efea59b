/* SPDX-License-Identifier: MIT */
#include "parts.h"

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

void hp_render_tenths(struct hp_buffer *ret, int64_t tenths)
{
    hp_buffer_add_format(ret, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
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
