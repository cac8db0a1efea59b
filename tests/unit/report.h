/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_UNIT_REPORT_H
#define HEALTHPROBE_TESTS_UNIT_REPORT_H

#include "../support/keep.h"
#include "unit.h"

#include <healthprobe/base/utf8.h>
#include <healthprobe/report/render.h>

#include <jansson.h>

#include <stdio.h>

/* A report to render, for the tests of the renderers. */

static struct hp_report report;
static char bytes[HP_METRICS_MAX + 1];

static const struct hp_result up = {
    .status = HP_STATUS_UP, .http_status = 200, .latency_ns = 734000};
static const struct hp_result refused = {
    .status = HP_STATUS_DOWN, .reason = HP_REASON_REFUSED, .latency_ns = 98765};
static const struct hp_result denied = {
    .status = HP_STATUS_DOWN, .reason = HP_REASON_AUTH, .code = "28P01", .latency_ns = 3112000};
static const struct hp_result late = {.status = HP_STATUS_DOWN,
                                      .reason = HP_REASON_TIMEOUT,
                                      .phase = HP_PHASE_CONNECT,
                                      .latency_ns = 2500000000};

static inline struct hp_report_check *add_check(const char *name, const char *target,
                                                struct hp_result result, const char *error)
{
    struct hp_report_check *check = &report.checks[report.n_checks++];

    snprintf(check->name, sizeof check->name, "%s", name);
    snprintf(check->target, sizeof check->target, "%s", target);
    check->result = result;
    snprintf(check->result.error.bytes, sizeof check->result.error.bytes, "%s", error);
    return check;
}

/** A report of a moment that is known, without checks. */
static inline void begin_report(enum hp_mode mode)
{
    report = (struct hp_report){.mode = mode, .uptime_tenths = 862};
    strcpy(report.version, "1.4.2");
    strcpy(report.timestamp, "2026-11-24T03:30:00.123Z");
}

/** The report of a run that could not take place, with two problems. */
static inline void refuse(enum hp_reason reason)
{
    struct hp_error err = {0};

    hp_error_add(&err, reason, "--http: is \"empty\"");
    hp_error_add(&err, reason, "--redis: a | is\nno host");
    hp_report_init(&report);
    strcpy(report.version, "1.4.2");
    hp_report_refuse(&report, &err);
    strcpy(report.timestamp, "2026-11-24T03:30:00.123Z");
}

/** Judge and render; what holds for every format is asserted. */
static inline const char *render(enum hp_format format)
{
    size_t len;
    json_t *text;

    if (report.error.reason == HP_REASON_NONE)
        hp_report_judge(&report, 3240000);
    len = hp_render(format, &report, bytes);
    ck_assert_uint_eq(len, strlen(bytes));
    ck_assert_uint_le(len, hp_render_max(format));
    ck_assert_int_eq(bytes[len - 1], '\n');
    text = json_stringn(bytes, len); /* NULL: no valid UTF-8 */
    ck_assert_ptr_nonnull(text);
    json_decref(text);
    hpt_keep_reports(bytes, len);
    return bytes;
}

static inline void repeat(char *ret, size_t size, const char *what)
{
    size_t step = strlen(what);
    size_t len = 0;

    for (; len + step < size; len += step)
        memcpy(ret + len, what, step);
    ret[len] = '\0';
}

/** As many checks as there can be, each with as much to say as it can, all made of @filling. */
static inline void fill_report(struct hp_result result, const char *filling)
{
    char error[HP_TEXT_MAX + 1];
    char target[HP_TARGET_TEXT_MAX + 1];

    begin_report(HP_MODE_READY);
    repeat(error, sizeof error, filling);
    repeat(target, sizeof target, filling);
    repeat(report.version, sizeof report.version, filling);
    report.verbose = true;
    report.uptime_tenths = INT64_C(31536000000);
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        char name[HP_NAME_MAX + 1];
        struct hp_report_check *check;
        snprintf(name, sizeof name, "%02d-nnnnnnnnnnnnnnnnnnnnnnnnnnnnn", i);
        check = add_check(name, target, result, error);
        check->slow = result.status == HP_STATUS_UP;
        check->slow_ns = INT64_C(3600000000000);
        check->timeout_ns = INT64_C(3600000000000);
        check->result.latency_ns = INT64_C(3600000000000);
        for (int phase = HP_PHASE_NONE + 1; phase < HP_PHASE_COUNT; phase++)
            check->result.phase_ns[phase] = INT64_C(3600000000000);
        snprintf(name, sizeof name, "s%02d.nnnnnnnnnnnnnnnnnnnnnnnnnnnn", i);
        hp_names_add(&report.skipped, name);
        hp_names_add(&report.ignored, name);
        repeat(report.notes.items[report.notes.n++], HP_NOTE_TEXT_MAX + 1, filling);
    }
    report.ignored.not_shown = 1000000;
}

static inline size_t count(const char *what)
{
    size_t n = 0;

    for (const char *at = strstr(bytes, what); at != NULL; at = strstr(at + 1, what))
        n++;
    return n;
}

#define ASSERT_HOLDS(part) ck_assert_msg(strstr(bytes, part) != NULL, "no [%s] in %s", part, bytes)
#define ASSERT_LACKS(part) ck_assert_msg(strstr(bytes, part) == NULL, "[%s] in %s", part, bytes)

#endif
