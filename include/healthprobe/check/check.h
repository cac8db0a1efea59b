/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_CHECK_H
#define HEALTHPROBE_CHECK_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/clock.h>
#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/plan/options.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** At most this many checks in one run. */
#define HP_CHECKS_MAX 16

/** A target's redacted text in a report is at most this long. */
#define HP_TARGET_TEXT_MAX 320

/** What a check was doing; a timeout names it. */
enum hp_phase {
    HP_PHASE_NONE = 0,
    HP_PHASE_DNS,
    HP_PHASE_CONNECT,
    HP_PHASE_TLS,
    HP_PHASE_LOGIN,
    HP_PHASE_QUERY,
    HP_PHASE_RESPONSE,
    HP_PHASE_COUNT
};

/** The phase as the report spells it; "" for HP_PHASE_NONE. Static storage. */
const char *hp_phase_name(enum hp_phase phase);

/** A result whose memory was forgotten is never "up": zero is unknown. */
enum hp_status { HP_STATUS_UNKNOWN = 0, HP_STATUS_UP, HP_STATUS_DOWN };

/** The outcome of one check. Holds no pointers: it can be copied whole, and shared with a child. */
struct hp_result {
    enum hp_status status;
    enum hp_reason reason;            /* HP_REASON_NONE when up */
    enum hp_phase phase;              /* of a timeout */
    int http_status;                  /* 0: none */
    char code[16];                    /* SQLSTATE or Redis error prefix; "" where there is none */
    struct hp_text error;             /* "" where there is none */
    uint8_t error_varies;             /* its last so many bytes may differ for equal failures */
    int64_t latency_ns;               /* from the first thing done for the check to its verdict */
    int64_t phase_ns[HP_PHASE_COUNT]; /* 0: not entered */
};

struct hp_check;
struct hp_value;

/**
 * One run of one check, as its worker sees it. The worker moves it through its
 * phases and ends with exactly one verdict; the first verdict holds.
 */
struct hp_attempt {
    const struct hp_check *check;
    struct hp_deadline deadline; /* the check's own, never later than the run's */
    int64_t started_ns;
    int64_t phase_started_ns;
    _Atomic int phase;           /* enum hp_phase; read by the runner while the worker runs */
    atomic_uint *silent_servers; /* of the run, for hp_resolver_init(); may be NULL */
    struct hp_result result;
};

void hp_attempt_init(struct hp_attempt *attempt, const struct hp_check *check,
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
 * The same with our own words, behind them @between and what a peer said. That
 * is searched for secrets alone, as a whole: one that holds a secret is
 * withheld, and our words stay.
 */
void hp_attempt_down_quoting(struct hp_attempt *attempt, enum hp_reason reason, const char *own,
                             const char *between, struct hp_untrusted quoted);

/** The verdict: down, out of time in the current phase. */
void hp_attempt_timeout(struct hp_attempt *attempt);

/** The phase that a timeout names; also for a runner that gives the attempt up. */
enum hp_phase hp_attempt_timeout_phase(const struct hp_attempt *attempt);

/** Set the code of a verdict; dropped where it holds a secret or is no plain word. */
void hp_attempt_code(struct hp_attempt *attempt, const char *code);

/** Add what was said about a verdict that has been given; it stays as it is. */
void hp_attempt_explain(struct hp_attempt *attempt, struct hp_untrusted said);

/** Put our own words before what was said. */
void hp_attempt_explain_before(struct hp_attempt *attempt, const char *own);

/**
 * Add the kind's hint to the error of a check that is down: "error (hint)".
 * The hint is whole, what was said may be cut for it. One that was withheld stays alone.
 */
void hp_check_add_hint(const struct hp_check *check, struct hp_result *result);

/** Add that the host is the container itself, where it was and refused the connection. */
void hp_hint_loopback(const struct hp_result *result, const char *host, struct hp_buffer *ret);

/** Has a verdict been given? */
bool hp_attempt_decided(const struct hp_attempt *attempt);

struct hp_plan;

/** What `explain` tells of a check beyond its options. */
#define HP_FACTS_MAX 8

struct hp_fact {
    const char *name; /* static */
    struct hp_text value;
};

struct hp_facts {
    size_t n;
    struct hp_fact items[HP_FACTS_MAX];
};

/** Add a fact that holds no secret; one without room is passed over. */
void hp_facts_add(struct hp_facts *facts, const char *name, const char *value);

struct hp_tls_settings;

/** The file of certificates to trust: the URL's own, which is not shown, or @ca_file, or the
 * system's. */
void hp_facts_add_ca(struct hp_facts *facts, bool of_url, const char *ca_file);

/** Whether the server is verified, and by what. */
void hp_facts_add_tls(struct hp_facts *facts, const struct hp_tls_settings *tls, bool ca_of_url);

/** Whether there is one. */
void hp_facts_add_password(struct hp_facts *facts, const char *password);

/** What a kind is given to make a check of. All borrowed. */
struct hp_check_input {
    const char *name;   /* of the check */
    const char *target; /* the value; NULL: the kind's default, or a problem that was told */
    const char *origin; /* what errors call it: "--database", "DATABASE_URL", "--http (api)", … */
    size_t mode;        /* index of the mode, for kinds that differ by it */
    const struct hp_values *values;
    struct hp_plan *plan;   /* takes notes, ignored parameters, secrets and files */
    bool *ret_own_password; /* set by hp_plan_password(): the URL brought one */
};

/** A target that a kind makes of a variable, where an option that is off by default is on. */
struct hp_own_target {
    const char *option;
    const char *variable;
    const char *text; /* the target, which is then completed from the environment */
};

/**
 * A kind of check. Runner and renderers know kinds through this alone; a new
 * one is a file with such a table and a line in plan/kinds.c.
 */
struct hp_check_ops {
    const char *kind; /* "http": key in the report, word in --check, prefix of options */
    const struct hp_option *options; /* its rows of the option table; the first is its target */
    size_t n_options;
    const char *const
        *app_variables; /* the application's own, after the target's twins; NULL-terminated */
    const struct hp_own_target *own_target; /* behind those; NULL: none */
    bool has_default_target;                /* false: without a target it can't be checked */
    int exit_bit;                           /* of --exit-codes detailed: 8, 16, 32 */
    bool is_datastore;                      /* what it checks keeps data */
    const char
        *presence_variable; /* with a default target: a variable that counts as one for "kind?" */

    /** Name and version of the client library in use, as --version shows it. */
    void (*library)(struct hp_buffer *ret);

    /** Make @ret->settings and @ret->target. No I/O. False: problems were added to @err. */
    bool (*parse)(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err);

    /**
     * What else to try, for a check that is down: a frequent mistake that the
     * result looks like. Depends on settings and result alone, and is words of our own; NULL: none.
     */
    void (*hint)(const struct hp_check *check, const struct hp_result *result,
                 struct hp_buffer *ret);

    /** What was made of the URL and of the environment, for `explain`; no secrets; NULL: nothing.
     */
    void (*describe)(const struct hp_check *check, struct hp_facts *ret);

    /** Is @text, as a whole, a user, host, port or database that the target shows? NULL: none is.
     */
    bool (*shows)(const struct hp_check *check, const char *text);

    /** Set up the library for the whole process, before threads exist; NULL: nothing to do. */
    bool (*global_init)(const struct hp_check *check);

    /** Do the check against attempt->deadline and give a verdict. Runs in a thread of its own. */
    void (*run)(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session);

    /** Close what run() left open, after the verdict was published; may be NULL. */
    void (*close)(void *session, struct hp_deadline deadline);

    /** Free the settings; accepts NULL. */
    void (*release)(void *settings);
};

/** A check of a plan. */
struct hp_check {
    const struct hp_check_ops *ops;
    char name[HP_NAME_MAX + 1];
    char target[HP_TARGET_TEXT_MAX + 1]; /* redacted */
    int64_t timeout_ns;
    int64_t slow_ns;                  /* above it, up is slow; 0: never */
    bool optional;                    /* down, it degrades the run */
    uint32_t tolerated;               /* the same for these reasons, as hp_reason_bit() has them */
    const struct hp_value *given;     /* its target, borrowed; NULL: the kind's default */
    const struct hp_secrets *secrets; /* that a text about it is searched for */
    struct hp_secrets own_secrets;    /* those of the whole run, but what its target shows */
    void *settings;                   /* the kind's own */
};

/** The kinds there are, in the order of plan and report. NULL-terminated. */
extern const struct hp_check_ops *const hp_check_kinds[];

#endif
