// SPDX-License-Identifier: MIT
#ifndef HPT_PROBE_H
#define HPT_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "common.h"
#include "proc.h"

/**
 * Runs of the executable under test, and assertions about its report.
 *
 * The executable is that of this build. HEALTHPROBE_BINARY names another one; HEALTHPROBE_TLS then
 * says with 1 or 0 whether it was built with TLS, and HEALTHPROBE_STATIC=0 that it is not static.
 * It always runs with exactly the environment that a test gives.
 */

/* A run that takes longer is killed and fails the test: far above every --timeout of the tests. */
#define HPT_PROBE_LIMIT_MS 15000

/*
 * By how much a run may exceed its limit here. The promise is 50 ms, but a loaded machine stalls,
 * and a sanitized probe takes time to start and to look for leaks.
 */
#define HPT_OVERSHOOT_MS (hpt_probe_static() ? 450 : 3000)

struct hpt_run {
    int exit_status; /* -1 when a signal ended it */
    int term_signal; /* 0 when it exited */
    double wall_ms;  /* from before the fork to the end of the process */
    char *out;       /* NUL-terminated for convenience */
    size_t out_len;
    char *err;
    size_t err_len;
    json_t *report;         /* parsed on demand by the functions below; NULL before */
    const char *exit_codes; /* the value of --exit-codes; NULL: none */

    /* While it runs. */
    struct hpt_proc proc;
    double began_ms;
    int out_fd;
    int err_fd;
};

struct hpt_probe_opts {
    const char *const *env;  /* complete */
    const char *const *args; /* without argv[0] */
    const char *binary; /* NULL: the one under test; otherwise what to execute (after in_child) */
    void (*in_child)(void *); /* runs before the exec */
    void *in_child_arg;
    int out_fd;         /* 0: collected */
    bool exec_may_fail; /* a run that the kernel cannot start ends with status 127 */
    bool secrets_shown; /* the test expects a registered secret in the output */
};

/** Bail out without an executable to test. */
void hpt_probe_require(void);

/** The absolute path of the executable under test. */
const char *hpt_probe_binary(void);

/** A copy that every user can execute, wherever the checkout is. */
const char *hpt_probe_copy(void);

/** True in the flavour with TLS. */
bool hpt_probe_tls(void);

/**
 * False of a development build, which may have sanitizers. What concerns the C library, the loader
 * or the limits of the static one is not for it.
 */
bool hpt_probe_static(void);

/**
 * From now on no run may print this text: raw, with JSON escapes or percent-encoded. At least six
 * bytes, so that it cannot occur by chance.
 */
void hpt_probe_secret(const char *secret);

/** True when the output contains one of them. Every run is checked; a test need not do so. */
bool hpt_probe_leaks(const struct hpt_run *run);

/**
 * Run to the end. The test fails if it takes too long, leaves a process behind or prints a secret.
 */
void hpt_probe(struct hpt_run *run, const char *const *env, const char *const *args);
void hpt_probe_with(struct hpt_run *run, const struct hpt_probe_opts *opts);

/** The same in two steps, for tests that do something meanwhile. Only the first borrows @opts. */
void hpt_probe_start(struct hpt_run *run, const struct hpt_probe_opts *opts);
void hpt_probe_finish(struct hpt_run *run, const struct hpt_probe_opts *opts);

/**
 * Each of the following returns NULL, or a line that says what is wrong and what was printed. All
 * of them check the whole report first: one line of at most 4096 bytes, valid JSON, nothing on
 * standard error, the keys and their types, the summary, the order, the verdict, the exit status.
 */
const char *hpt_is_report(struct hpt_run *run);

/** The whole run is healthy with exactly these checks, in this order: "http,database". */
const char *hpt_is_healthy(struct hpt_run *run, const char *checks);

/** The report has exactly these checks, in this order, whatever the verdict. */
const char *hpt_has_checks(struct hpt_run *run, const char *checks);

/** One check is up. */
const char *hpt_is_up(struct hpt_run *run, const char *check);

/**
 * One check is down, and so is the run.
 *
 * @reason  the reason, or alternatives ("closed|protocol")
 * @detail  the required code ("28P01", "503") or phase, or alternatives
 *          ("tls|login"); NULL: neither; "*": anything
 */
const char *hpt_is_down(struct hpt_run *run, const char *check, const char *reason,
                        const char *detail);

/** The same, but the run is only degraded. */
const char *hpt_is_forgiven(struct hpt_run *run, const char *check, const char *reason,
                            const char *detail);

/** A configuration or usage error whose message contains each of the needles ("a|b|c"). */
const char *hpt_is_config(struct hpt_run *run, const char *needles);
const char *hpt_is_usage(struct hpt_run *run, const char *needles);

/**
 * The text at a path such as "checks.http.error" is or contains this one. NULL: the path must not
 * exist.
 */
const char *hpt_is_text(struct hpt_run *run, const char *path, const char *want);
const char *hpt_has_text(struct hpt_run *run, const char *path, const char *part);

/** The run ended at its limit: not before it, and not much later. Prints by how much. */
const char *hpt_is_punctual(const struct hpt_run *run, double limit_ms);

/** A value of the report, NULL if there is none; array elements by number. Borrowed. */
json_t *hpt_get(struct hpt_run *run, const char *path);

/** A number of the report, -1 if there is none. */
double hpt_number(struct hpt_run *run, const char *path);

/** True when an array of strings at this path ("ignored") contains the text. */
bool hpt_lists(struct hpt_run *run, const char *path, const char *text);

/** What was printed, in one line, for messages. */
const char *hpt_said(const struct hpt_run *run);

#define HPT_OK(expr)                                                                               \
    do {                                                                                           \
        const char *hpt_problem = (expr);                                                          \
        ck_assert_msg(hpt_problem == NULL, "%s", hpt_problem);                                     \
    } while (0)

#endif
