/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REPORT_PARTS_H
#define HEALTHPROBE_REPORT_PARTS_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/report/report.h>

#include <stdint.h>

/* What several formats are made of. */

/** What a report leaves out, step by step, until the rest fits: details before verdicts. */
enum hp_detail {
    HP_DETAIL_ALL = 0,
    HP_DETAIL_NO_LISTS,
    HP_DETAIL_NO_TARGETS_OF_UP,
    HP_DETAIL_NO_TARGETS,
    HP_DETAIL_NO_TYPES_AND_TIMES,
    HP_DETAIL_NO_HINTS,
    HP_DETAIL_NO_ERRORS,
    HP_DETAIL_COUNT
};

/** Write a report by @add with the most detail for which @ret has room. */
void hp_render_to_fit(struct hp_buffer *ret, const struct hp_report *report,
                      void (*add)(struct hp_buffer *ret, const struct hp_report *report,
                                  enum hp_detail detail));

/** The error or hint of a check that is down; "" if @detail leaves it out. */
const char *hp_render_error(const struct hp_result *result, enum hp_detail detail);
const char *hp_render_hint(const struct hp_result *result, enum hp_detail detail);

/** Add both: ": error (hint)", with at most @error_max bytes of the error. */
void hp_render_said(struct hp_buffer *ret, const struct hp_result *result, size_t error_max,
                    enum hp_detail detail);

/** Tenths of a second, which are not negative: "12.3". */
void hp_render_tenths(struct hp_buffer *ret, int64_t tenths);

/** Add an age in seconds with one decimal; negative for a time in the future. */
void hp_render_age(struct hp_buffer *ret, int64_t age_ns);

/**
 * "NAME slow" for each check that is, joined by ", ".
 *
 * @separator  goes before the first
 * @return     what goes before whatever follows: @separator itself where no check is slow
 */
const char *hp_render_slow(struct hp_buffer *ret, const struct hp_report *report,
                           const char *separator);

#endif
