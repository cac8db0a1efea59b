/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RESULT_H
#define HEALTHPROBE_RESULT_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/redact.h>

#include <stdbool.h>
#include <stdint.h>

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
    struct hp_text hint;              /* what to try, in our own words; "" where there is none */
    bool has_age;                     /* the check looked at something that has an age */
    int64_t age_ns;                   /* negative: the time is in the future */
    int64_t latency_ns;               /* from the first thing done for the check to its verdict */
    int64_t phase_ns[HP_PHASE_COUNT]; /* 0: not entered */
};

/**
 * Set the error of a timeout that has none: what did not happen within @limit_ns, and how far the
 * check got.
 *
 * @awaits           what the response phase waits for; NULL: do not say
 * @tls_is_optional  a server without TLS will do: one that is silent when asked for it does not
 *                   answer, rather than fail at the handshake
 */
void hp_result_explain_timeout(struct hp_result *result, int64_t limit_ns, const char *awaits,
                               bool tls_is_optional);

#endif
