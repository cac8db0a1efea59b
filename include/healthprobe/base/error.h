/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ERROR_H
#define HEALTHPROBE_ERROR_H

#include <healthprobe/base/span.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Why a check is down, or why no check could run. The names are part of the
 * report and never change their meaning.
 */
enum hp_reason {
    HP_REASON_NONE = 0,
    HP_REASON_CONFIG,
    HP_REASON_USAGE,
    HP_REASON_DNS,
    HP_REASON_REFUSED,
    HP_REASON_UNREACHABLE,
    HP_REASON_CLOSED,
    HP_REASON_TIMEOUT,
    HP_REASON_TLS,
    HP_REASON_AUTH,
    HP_REASON_MISSING,
    HP_REASON_STALE,
    HP_REASON_STARTING,
    HP_REASON_STOPPING,
    HP_REASON_CAPACITY,
    HP_REASON_LOADING,
    HP_REASON_READONLY,
    HP_REASON_ROLE,
    HP_REASON_STATUS,
    HP_REASON_EXPECTATION,
    HP_REASON_QUERY,
    HP_REASON_UPSTREAM,
    HP_REASON_PROTOCOL,
    HP_REASON_INTERRUPTED,
    HP_REASON_INTERNAL,
    HP_REASON_COUNT
};

/** The name of @reason as the report spells it; "" for HP_REASON_NONE. Static storage. */
const char *hp_reason_name(enum hp_reason reason);

/** A reason in a set of reasons. */
#define hp_reason_bit(reason) (UINT32_C(1) << (reason))

/**
 * The reason that is called @name, of @len bytes, if it is about a check's target; HP_REASON_COUNT
 * for any other word, and for config, usage, interrupted and internal.
 */
enum hp_reason hp_reason_of_target(const char *name, size_t len);

/**
 * What an errno of socket(), connect(), send() or recv() means for a check: HP_REASON_REFUSED for
 * ECONNREFUSED or a missing socket file, HP_REASON_INTERNAL where this process is out of
 * descriptors or memory, and so on.
 */
enum hp_reason hp_reason_of_errno(int error_number);

/** Does an errno say that this process is out of memory or descriptors? */
bool hp_errno_is_shortage(int error_number);

/**
 * The problems found with a command line or a configuration. Owned by the caller, allocates
 * nothing, so that "out of memory" can be reported, too.
 *
 * Zero it before use. Problems are joined by "; ", so that all are reported at once; text that does
 * not fit is cut. What is in it can be shown: it is clean, as by hp_utf8_clean().
 */
struct hp_error {
    enum hp_reason reason; /* NONE: no problem; usage outranks internal, which outranks config */
    size_t n;              /* problems */
    size_t n_awaited;      /* of these, how many are a file that does not exist yet or is empty */
    size_t len;
    char msg[1024];
    size_t n_texts;
    size_t begins[24]; /* of the texts in it; the last one holds all that follow, too */
};

/**
 * Append a problem, unless the same text is there already (of an option that several checks read).
 * @format and its arguments must hold our own words only: names of options and variables, never a
 * value that came in.
 */
void hp_error_add(struct hp_error *err, enum hp_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** One of the texts that were appended, borrowed; .data NULL: there are fewer. */
struct hp_span hp_error_text(const struct hp_error *err, size_t i);

/** Is every problem a missing or empty file, which may still be written? False without a problem.
 */
bool hp_error_may_pass(const struct hp_error *err);

/**
 * Append "out of memory", as HP_REASON_INTERNAL. Wrong values are not appended after that.
 *
 * @return  false
 */
bool hp_error_no_memory(struct hp_error *err);

#endif
