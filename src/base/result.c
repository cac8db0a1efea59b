/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/buffer.h>
#include <healthprobe/base/result.h>

const char *hp_phase_name(enum hp_phase phase)
{
    static const char *const names[HP_PHASE_COUNT] = {"",      "dns",   "connect", "tls",
                                                      "login", "query", "response"};

    return names[phase];
}

/* What did not happen in time, and how far the check got. */
static const struct {
    const char *what;
    const char *reached;
} waits[HP_PHASE_COUNT] = {
    [HP_PHASE_NONE] = {"nothing happened", ""},
    [HP_PHASE_DNS] = {"no address of the host", ""},
    [HP_PHASE_CONNECT] = {"no connection", ""},
    [HP_PHASE_TLS] = {"no TLS handshake", " (connected)"},
    [HP_PHASE_LOGIN] = {"no login", " (connected)"},
    [HP_PHASE_QUERY] = {"no answer to the query", ""},
    [HP_PHASE_RESPONSE] = {"no response", ""},
};

void hp_result_explain_timeout(struct hp_result *result, int64_t limit_ns, const char *awaits,
                               bool tls_is_optional)
{
    enum hp_phase phase = result->phase;
    struct hp_buffer text;

    if (result->reason != HP_REASON_TIMEOUT || result->error.bytes[0] != '\0')
        return;
    /* Nobody asked for a handshake: the server did not answer at all. */
    if (phase == HP_PHASE_TLS && tls_is_optional)
        phase = HP_PHASE_RESPONSE;
    hp_buffer_init(&text, result->error.bytes, sizeof result->error.bytes);
    hp_buffer_add_format(&text, "%s within ", waits[phase].what);
    hp_buffer_add_duration(&text, limit_ns);
    hp_buffer_add(&text, waits[phase].reached);
    if (phase != HP_PHASE_RESPONSE)
        return;
    if (result->http_status != 0)
        hp_buffer_add_format(&text, " (answered %d, waiting for the rest)", result->http_status);
    else if (awaits != NULL)
        hp_buffer_add_format(&text, " (connected, waiting for %s)", awaits);
    else
        hp_buffer_add(&text, waits[HP_PHASE_TLS].reached);
}
