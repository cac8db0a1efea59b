/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_CHECK_H
#define HEALTHPROBE_CHECK_H

#include <healthprobe/base/attempt.h>
#include <healthprobe/base/buffer.h>
#include <healthprobe/check/facts.h>
#include <healthprobe/check/input.h>
#include <healthprobe/check/target.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hp_check;

/** A target that a variable implies, where the kind's option of HP_ROLE_IMPLIED is on. */
struct hp_implied_target {
    const char *variable;
    const char *text; /* the target, which is then completed from the environment */
};

/**
 * A kind of check. Runner and renderers know kinds through this alone; a new
 * one is a directory with such a table and a line in plan/kinds.c.
 */
struct hp_check_ops {
    const char *kind;  /* "http": key in the report, word in --check, prefix of options */
    const char *title; /* "Postgres": what people call it */
    const struct hp_option
        *options; /* its rows, the first its target; ended by one without a name */
    const char *const
        *app_variables; /* the application's own, after the target's twins; NULL-terminated */
    const struct hp_implied_target *implied_target; /* after those; NULL: none */
    const char *asks[HP_MODE_CUSTOM]; /* in each mode, as --help says it; NULL: it is not in that */
    const char *const *schemes;       /* of URLs that are for it and no other; NULL-terminated */
    const char *example;              /* what gives it a target, as it is typed */
    unsigned port;           /* a port that only this kind uses: HOST:PORT is refused; 0: none */
    bool has_default_target; /* it completes "/path" and ":PORT"; false: a target is required */
    int exit_bit;            /* of --exit-codes detailed: 8, 16, 32, 4 */
    bool is_datastore;       /* what it checks keeps data */
    const char
        *presence_variable; /* with a default target: a variable that counts as one for "kind?" */

    /** Name and version of the client library in use, as --version shows it; NULL: the kind has no
     * library. */
    void (*library)(struct hp_buffer *ret);

    size_t settings_size;

    /**
     * Fill @ret->settings, which are all zero, and @ret->tls_is_optional. No I/O. False: problems
     * were added to @err.
     */
    bool (*parse)(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err);

    /** Write the redacted target. */
    void (*show)(const struct hp_check *check, struct hp_buffer *ret);

    /**
     * What else to try, for a check that is down: a frequent mistake that the
     * result looks like. Depends on settings and result alone, and is words of our own; NULL: none.
     */
    void (*hint)(const struct hp_check *check, const struct hp_result *result,
                 struct hp_buffer *ret);

    /** What the check waits for in the response phase, once connected; NULL: do not say. */
    const char *awaits;

    /** What was made of URL and environment, for `explain`; holds no secret; NULL: nothing. */
    void (*describe)(const struct hp_check *check, struct hp_facts *ret);

    /** Is @text, as a whole, a user, host, port or database that the target shows? NULL: no. */
    bool (*shows)(const struct hp_check *check, const char *text);

    /** Set up the library for the whole process, before threads exist; NULL: nothing to do. */
    bool (*global_init)(const struct hp_check *check);

    /** Do the check against attempt->deadline and give a verdict. May run in a separate thread. */
    void (*run)(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session);

    /** Close what run() left open, after the verdict was published; may be NULL. */
    void (*close)(void *session, struct hp_deadline deadline);

    /** Release what the settings hold, whether parse() succeeded or not; NULL: nothing to do. */
    void (*release)(void *settings);
};

/** A check of a plan. */
struct hp_check {
    const struct hp_check_ops *ops;
    char name[HP_NAME_MAX + 1];
    char target[HP_TARGET_TEXT_MAX + 1]; /* redacted */
    int64_t timeout_ns;                  /* at most that of the run */
    int64_t slow_ns;                     /* above it, up is slow; 0: never */
    bool optional;                       /* down, it degrades the run */
    bool tls_is_optional;                /* it asks for TLS, and does without; set by parse() */
    uint32_t tolerated;               /* the same for these reasons, as hp_reason_bit() has them */
    const struct hp_value *given;     /* its target, borrowed; NULL: the kind's default */
    const struct hp_secrets *secrets; /* that a text about it is searched for */
    struct hp_secrets own_secrets;    /* those of the whole run, but what its target shows */
    void *settings;                   /* the kind's own */
};

/**
 * Make settings and target of a check whose ops are set. No I/O. On success it
 * is to be released. False: problems were added to @err.
 */
bool hp_check_parse(struct hp_check *check, const struct hp_check_input *input,
                    struct hp_error *err);
void hp_check_release(struct hp_check *check);

/** Until when it may take, beginning now: its own limit, and never later than the run's. */
struct hp_deadline hp_check_deadline(const struct hp_check *check, struct hp_deadline run);

/**
 * Complete the result of a check that is down: add an error if it has none, and the kind's hint if
 * it has none. Texts name the configured limit, never a measured time: equal failures give equal
 * bytes.
 */
void hp_check_explain(const struct hp_check *check, struct hp_result *result);

/** Add what came of it; @result is copied. */
void hp_check_report(const struct hp_check *check, const struct hp_result *result,
                     struct hp_report *report);

/** For hints: if @host is localhost and refused the connection, say what localhost means. */
void hp_hint_loopback(const struct hp_result *result, const char *host, struct hp_buffer *ret);

/**
 * For hints: a probable mistake about TLS. @used: the check uses it.
 *
 * @other_scheme  the scheme that turns TLS on or off instead; NULL: the kind has none
 * @connect       the option that names another host to connect to; NULL: there is none
 */
void hp_hint_tls(const struct hp_check *check, const struct hp_result *result, bool used,
                 const char *other_scheme, const struct hp_option *connect, struct hp_buffer *ret);

/** For hints: a probable mistake about the password. @wanted: the server requires one. */
void hp_hint_password(const struct hp_check *check, const struct hp_result *result,
                      const char *password, bool wanted, struct hp_buffer *ret);

#endif
