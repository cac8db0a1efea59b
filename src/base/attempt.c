/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/attempt.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void hp_attempt_init(struct hp_attempt *attempt, const struct hp_secrets *secrets,
                     struct hp_deadline deadline)
{
    int64_t now_ns = hp_clock_now_ns();

    *attempt = (struct hp_attempt){
        .secrets = secrets, .deadline = deadline, .started_ns = now_ns, .phase_started_ns = now_ns};
}

static enum hp_phase current_phase(const struct hp_attempt *attempt)
{
    return (enum hp_phase)atomic_load_explicit(&attempt->phase, memory_order_relaxed);
}

static void leave_phase(struct hp_attempt *attempt, int64_t now_ns)
{
    attempt->result.phase_ns[current_phase(attempt)] += now_ns - attempt->phase_started_ns;
    attempt->phase_started_ns = now_ns;
}

void hp_attempt_phase(struct hp_attempt *attempt, enum hp_phase phase)
{
    if (current_phase(attempt) == phase)
        return;
    leave_phase(attempt, hp_clock_now_ns());
    atomic_store_explicit(&attempt->phase, phase, memory_order_relaxed);
}

bool hp_attempt_decided(const struct hp_attempt *attempt)
{
    return attempt->result.status != HP_STATUS_UNKNOWN;
}

enum hp_phase hp_attempt_timeout_phase(const struct hp_attempt *attempt)
{
    enum hp_phase phase = current_phase(attempt);

    /* Time can be up before the worker did anything at all. */
    return phase != HP_PHASE_NONE ? phase : HP_PHASE_CONNECT;
}

static void decide(struct hp_attempt *attempt, enum hp_status status, enum hp_reason reason)
{
    struct hp_result *result = &attempt->result;
    int64_t now_ns = hp_clock_now_ns();

    leave_phase(attempt, now_ns);
    result->status = status;
    result->reason = reason;
    result->latency_ns = now_ns - attempt->started_ns;
    if (reason == HP_REASON_TIMEOUT)
        result->phase = hp_attempt_timeout_phase(attempt);
}

void hp_attempt_timeout(struct hp_attempt *attempt)
{
    if (!hp_attempt_decided(attempt))
        decide(attempt, HP_STATUS_DOWN, HP_REASON_TIMEOUT);
}

void hp_attempt_up(struct hp_attempt *attempt)
{
    if (hp_attempt_decided(attempt))
        return;
    if (hp_deadline_expired(attempt->deadline))
        hp_attempt_timeout(attempt);
    else
        decide(attempt, HP_STATUS_UP, HP_REASON_NONE);
}

void hp_attempt_explain(struct hp_attempt *attempt, struct hp_untrusted said)
{
    hp_redact(&attempt->result.error, said, attempt->secrets);
    attempt->result.error_varies = 0;
}

void hp_attempt_down(struct hp_attempt *attempt, enum hp_reason reason, struct hp_untrusted said)
{
    if (hp_attempt_decided(attempt))
        return;
    decide(attempt, HP_STATUS_DOWN, reason);
    hp_attempt_explain(attempt, said);
}

void hp_attempt_no_memory(struct hp_attempt *attempt)
{
    hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("out of memory"));
}

void hp_attempt_down_format(struct hp_attempt *attempt, enum hp_reason reason, const char *format,
                            ...)
{
    char text[1024];
    struct hp_untrusted said = {text, 0, false};
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    said.incomplete = len >= (int)sizeof text;
    said.len = len < 0 ? 0 : strlen(text);
    hp_attempt_down(attempt, reason, said);
}

void hp_attempt_explain_quoting(struct hp_attempt *attempt, const char *own, const char *between,
                                struct hp_untrusted quoted)
{
    struct hp_result *result = &attempt->result;
    bool opened = between[0] != '\0' && between[strlen(between) - 1] == '"';
    struct hp_text clean;
    char text[1024];
    size_t own_len;

    hp_redact(&clean, hp_untrusted_of(own), attempt->secrets);
    own_len = strlen(clean.bytes);
    hp_redact(&clean, quoted, attempt->secrets);
    snprintf(text, sizeof text, "%.512s%.256s%s%s", own, between, clean.bytes, opened ? "\"" : "");
    hp_attempt_explain(attempt, hp_untrusted_of(text));
    if (strlen(result->error.bytes) > own_len)
        result->error_varies = (uint8_t)(strlen(result->error.bytes) - own_len);
}

void hp_attempt_down_quoting(struct hp_attempt *attempt, enum hp_reason reason, const char *own,
                             const char *between, struct hp_untrusted quoted)
{
    if (hp_attempt_decided(attempt))
        return;
    hp_attempt_down(attempt, reason, hp_untrusted_of(""));
    hp_attempt_explain_quoting(attempt, own, between, quoted);
}

void hp_attempt_hint(struct hp_attempt *attempt, const char *format, ...)
{
    struct hp_text *hint = &attempt->result.hint;
    va_list args;

    va_start(args, format);
    vsnprintf(hint->bytes, sizeof hint->bytes, format, args);
    va_end(args);
}

void hp_attempt_explain_before(struct hp_attempt *attempt, const char *own)
{
    struct hp_result *result = &attempt->result;
    size_t stable = strlen(result->error.bytes) - result->error_varies;
    bool varies = result->error_varies > 0;
    char text[1024];
    size_t len;

    snprintf(text, sizeof text, "%s%s%s", own, result->error.bytes[0] != '\0' ? ": " : "",
             result->error.bytes);
    hp_attempt_explain(attempt, hp_untrusted_of(text));
    len = strlen(result->error.bytes);
    stable += strlen(own) + strlen(": ");
    if (varies)
        result->error_varies = (uint8_t)(len > stable ? len - stable : 0);
}

/* A code is a peer's word too: it may be a password sent back. */
void hp_attempt_code(struct hp_attempt *attempt, const char *code)
{
    struct hp_result *result = &attempt->result;
    size_t len = strlen(code);

    if (len == 0 || len >= sizeof result->code ||
        hp_secrets_found(attempt->secrets, hp_untrusted_of(code)))
        return;
    for (const char *p = code; *p != '\0'; p++)
        if (!isupper((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
            return;
    memcpy(result->code, code, len + 1);
}
