/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/check.h>

#include <healthprobe/base/utf8.h>
#include <healthprobe/net/resolve.h>
#include <healthprobe/net/tls.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *hp_phase_name(enum hp_phase phase)
{
    static const char *const names[HP_PHASE_COUNT] = {"",      "dns",   "connect", "tls",
                                                      "login", "query", "response"};

    return names[phase];
}

void hp_facts_add(struct hp_facts *facts, const char *name, const char *value)
{
    if (facts->n == HP_FACTS_MAX)
        return;
    facts->items[facts->n].name = name;
    hp_redact(&facts->items[facts->n++].value, hp_untrusted_of(value), NULL);
}

void hp_facts_add_ca(struct hp_facts *facts, bool of_url, const char *ca_file)
{
    if (ca_file == NULL)
        ca_file = hp_tls_system_bundle();
    if (of_url)
        ca_file = "from the URL";
    hp_facts_add(facts, "CA", ca_file != NULL ? ca_file : "none found");
}

void hp_facts_add_tls(struct hp_facts *facts, const struct hp_tls_settings *tls, bool ca_of_url)
{
    hp_facts_add(facts, "TLS", tls->insecure ? "not verified" : "verified");
    if (!tls->insecure)
        hp_facts_add_ca(facts, ca_of_url, tls->ca_file);
}

void hp_facts_add_password(struct hp_facts *facts, const char *password)
{
    hp_facts_add(facts, "password", password != NULL && password[0] != '\0' ? "(set)" : "none");
}

void hp_attempt_init(struct hp_attempt *attempt, const struct hp_check *check,
                     struct hp_deadline run_deadline)
{
    int64_t now_ns = hp_clock_now_ns();

    *attempt = (struct hp_attempt){.check = check, .started_ns = now_ns};
    attempt->deadline = hp_deadline_min(run_deadline, hp_deadline_at(now_ns, check->timeout_ns));
    attempt->phase_started_ns = now_ns;
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
    hp_redact(&attempt->result.error, said, attempt->check->secrets);
    attempt->result.error_varies = 0;
}

void hp_attempt_down(struct hp_attempt *attempt, enum hp_reason reason, struct hp_untrusted said)
{
    if (hp_attempt_decided(attempt))
        return;
    decide(attempt, HP_STATUS_DOWN, reason);
    hp_attempt_explain(attempt, said);
}

void hp_hint_loopback(const struct hp_result *result, const char *host, struct hp_buffer *ret)
{
    if (result->reason == HP_REASON_REFUSED && host != NULL && hp_host_is_loopback(host))
        hp_buffer_add(ret, "localhost is this container itself; in a compose network use the "
                           "service's name");
}

void hp_check_add_hint(const struct hp_check *check, struct hp_result *result)
{
    char said[HP_TEXT_MAX + 1];
    char storage[HP_TEXT_MAX - 2];
    struct hp_buffer hint;
    struct hp_buffer error;

    if (check->ops->hint == NULL || result->status != HP_STATUS_DOWN ||
        strcmp(result->error.bytes, HP_WITHHELD) == 0)
        return;
    hp_buffer_init(&hint, storage, sizeof storage);
    check->ops->hint(check, result, &hint);
    if (hint.len == 0)
        return;
    hp_utf8_clean(said, sizeof said - sizeof " ()" + 1 - hint.len, result->error.bytes,
                  strlen(result->error.bytes));
    hp_buffer_init(&error, result->error.bytes, sizeof result->error.bytes);
    hp_buffer_add_format(&error, said[0] != '\0' ? "%s (%s)" : "%s%s", said, hint.data);
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

void hp_attempt_down_quoting(struct hp_attempt *attempt, enum hp_reason reason, const char *own,
                             const char *between, struct hp_untrusted quoted)
{
    struct hp_result *result = &attempt->result;
    struct hp_text clean;
    size_t own_len;

    if (hp_attempt_decided(attempt))
        return;
    hp_redact(&clean, hp_untrusted_of(own), attempt->check->secrets);
    own_len = strlen(clean.bytes);
    hp_redact(&clean, quoted, attempt->check->secrets);
    hp_attempt_down_format(attempt, reason, "%s%s%s", own, between, clean.bytes);
    if (strlen(result->error.bytes) > own_len)
        result->error_varies = (uint8_t)(strlen(result->error.bytes) - own_len);
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
        hp_secrets_found(attempt->check->secrets, hp_untrusted_of(code)))
        return;
    for (const char *p = code; *p != '\0'; p++)
        if (!isupper((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '_')
            return;
    memcpy(result->code, code, len + 1);
}
