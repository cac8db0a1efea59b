/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REPORT_H
#define HEALTHPROBE_REPORT_H

#include <healthprobe/base/clock.h>
#include <healthprobe/base/names.h>
#include <healthprobe/base/result.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** At most this many checks in one run. */
#define HP_CHECKS_MAX 16

/** A target's redacted text in a report is at most this long. */
#define HP_TARGET_TEXT_MAX 320

/** Which question is asked of the service. */
enum hp_mode {
    HP_MODE_LIVE = 0,
    HP_MODE_READY,
    HP_MODE_FULL,
    HP_MODE_CUSTOM, /* --check, and no mode: no word on the command line asks for it */
    HP_MODE_COUNT
};

/** "live", "ready", "full", "custom". Static storage. */
const char *hp_mode_name(enum hp_mode mode);

/** What the exit status says beyond 0 and 1. */
enum hp_exit_codes {
    HP_EXIT_CODES_PLAIN = 0,
    HP_EXIT_CODES_DETAILED, /* a bit a kind; sysexits(3) where nothing ran */
    HP_EXIT_CODES_NAGIOS,
    HP_EXIT_CODES_COUNT
};

/** Of all but the plain ones, which have no word; NULL after the last. */
extern const char *const hp_exit_codes_names[HP_EXIT_CODES_COUNT];

/** APP_VERSION is shown up to this length. */
#define HP_VERSION_MAX 64

/** The whole run. Zero is not healthy. */
enum hp_verdict {
    HP_VERDICT_UNHEALTHY = 0,
    HP_VERDICT_DEGRADED, /* no check fails, but one is down or slow */
    HP_VERDICT_HEALTHY
};

/** "unhealthy", "degraded", "healthy". Static storage. */
const char *hp_verdict_name(enum hp_verdict verdict);

struct hp_report_check {
    char name[HP_NAME_MAX + 1];
    char target[HP_TARGET_TEXT_MAX + 1];
    bool slow;          /* up, but took longer than its --KIND-slow */
    bool optional;      /* named by --optional, whether it is up or down */
    bool tolerated;     /* down for a reason of --tolerate */
    bool datastore;     /* a database of some kind */
    int exit_bit;       /* of its kind */
    int64_t slow_ns;    /* a check that is up but took longer counts as slow; 0: none does */
    int64_t timeout_ns; /* its own limit; 0: not known */
    struct hp_result result;
};

/** Is it down, so that the run is unhealthy: neither optional nor tolerated? */
bool hp_report_check_fails(const struct hp_report_check *check);

struct hp_report;

/**
 * Did any check find out anything about its target? Not if the probe had no thread, memory or
 * descriptor for it.
 */
bool hp_report_anything_ran(const struct hp_report *report);

/**
 * What reports say about a run. Holds no pointers: it can be rendered from a copy while workers
 * that were given up still run, or be shared with a child.
 */
struct hp_report {
    enum hp_verdict verdict;
    enum hp_mode mode;
    enum hp_exit_codes exit_codes;
    bool verbose;
    bool colour;      /* the text format may use colours: it is for a terminal */
    bool interrupted; /* SIGTERM or SIGINT ended it: unhealthy, whatever the checks found */
    int64_t latency_ns;
    int64_t uptime_tenths; /* -1: unknown */
    char version[HP_VERSION_MAX + 1];
    char timestamp[HP_TIMESTAMP_SIZE];
    struct hp_names ignored;
    struct hp_names skipped;
    struct hp_notes notes;
    struct hp_error error; /* why no check could run; reason HP_REASON_NONE if they did */
    size_t n_checks;
    /*
     * Those that fail, those that are down otherwise, those that are up; each in the plan's order.
     * Not even zeroed from n_checks on.
     */
    struct hp_report_check checks[HP_CHECKS_MAX];
};

/** Fill in the timestamp and the uptime. No checks yet. */
void hp_report_init(struct hp_report *ret);

/**
 * Order the checks and judge the run: unhealthy if a check fails, if there are none, or if a signal
 * ended it; degraded if a check is down without failing, or slow.
 */
void hp_report_judge(struct hp_report *report, int64_t latency_ns);

/** No check could run, because of @err. */
void hp_report_refuse(struct hp_report *report, const struct hp_error *err);

/**
 * 0: healthy or degraded. 1: anything else. With --exit-codes detailed: the bits of the kinds that
 * fail, 64 usage, 78 config, 70 if no check could run. With nagios: 0 healthy, 1 degraded, 2
 * unhealthy, 3 no check could run.
 */
int hp_report_exit_code(const struct hp_report *report);

#endif
