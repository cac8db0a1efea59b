/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ATTEMPT_H
#define HEALTHPROBE_ATTEMPT_H

#include <healthprobe/base/clock.h>
#include <healthprobe/base/result.h>

#include <stdatomic.h>
#include <stdbool.h>

/**
 * One run of one check, as its worker sees it. The worker moves it through its
 * phases and ends with exactly one verdict; the first verdict holds.
 */
struct hp_attempt {
    const struct hp_secrets *secrets; /* that what is said of it is searched for; may be NULL */
    struct hp_deadline deadline;
    int64_t started_ns;
    int64_t phase_started_ns;
    _Atomic int phase;           /* enum hp_phase; read by the runner while the worker runs */
    atomic_uint *silent_servers; /* of the run, for hp_resolver_init(); may be NULL */
    struct hp_result result;
};

/** @secrets is borrowed. */
void hp_attempt_init(struct hp_attempt *attempt, const struct hp_secrets *secrets,
                     struct hp_deadline deadline);

/** Enter a phase; the time spent in the one before is added to it. */
void hp_attempt_phase(struct hp_attempt *attempt, enum hp_phase phase);

/** The verdict: up. Past the deadline it becomes a timeout: no late "healthy". */
void hp_attempt_up(struct hp_attempt *attempt);

/** The verdict: down, for @reason, with what was said about it. */
void hp_attempt_down(struct hp_attempt *attempt, enum hp_reason reason, struct hp_untrusted said);

/** The same with our own words, and a peer's among them at most: it is redacted as a whole. */
void hp_attempt_down_format(struct hp_attempt *attempt, enum hp_reason reason, const char *format,
                            ...) __attribute__((format(printf, 3, 4)));

/**
 * The same with our own words, followed by @between and what a peer said. That is searched for
 * secrets alone, as a whole: one that holds a secret is withheld, and our words stay. A quotation
 * mark that @between ends in is closed. All but our own words varies.
 */
void hp_attempt_down_quoting(struct hp_attempt *attempt, enum hp_reason reason, const char *own,
                             const char *between, struct hp_untrusted quoted);

/** The verdict: down, for want of memory of our own. */
void hp_attempt_no_memory(struct hp_attempt *attempt);

/** The verdict: down, out of time in the current phase. */
void hp_attempt_timeout(struct hp_attempt *attempt);

/** The phase that a timeout names; also for a runner that gives the attempt up. */
enum hp_phase hp_attempt_timeout_phase(const struct hp_attempt *attempt);

/** Set the code of a verdict; dropped where it holds a secret or is not a plain word. */
void hp_attempt_code(struct hp_attempt *attempt, const char *code);

/** The same for a verdict that was given already. */
void hp_attempt_explain_quoting(struct hp_attempt *attempt, const char *own, const char *between,
                                struct hp_untrusted quoted);

/** Add a hint, in our own words, to a verdict that was given already. */
void hp_attempt_hint(struct hp_attempt *attempt, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Add what was said about a verdict that has been given; it stays as it is. */
void hp_attempt_explain(struct hp_attempt *attempt, struct hp_untrusted said);

/** Put our own words before what was said. */
void hp_attempt_explain_before(struct hp_attempt *attempt, const char *own);

/** Has a verdict been given? */
bool hp_attempt_decided(const struct hp_attempt *attempt);

#endif
