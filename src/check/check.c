/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/check.h>

#include <healthprobe/net/resolve.h>

#include <stdlib.h>
#include <string.h>

bool hp_check_parse(struct hp_check *check, const struct hp_check_input *input,
                    struct hp_error *err)
{
    struct hp_buffer text;

    check->settings = calloc(1, check->ops->settings_size);
    if (check->settings == NULL)
        return hp_error_no_memory(err);
    if (!check->ops->parse(check, input, err)) {
        hp_check_release(check);
        return false;
    }
    hp_buffer_init(&text, check->target, sizeof check->target);
    check->ops->show(check, &text);
    return true;
}

void hp_check_release(struct hp_check *check)
{
    if (check->ops->release != NULL)
        check->ops->release(check->settings);
    free(check->settings);
    check->settings = NULL;
}

struct hp_deadline hp_check_deadline(const struct hp_check *check, struct hp_deadline run)
{
    return hp_deadline_min(run, hp_deadline_at(hp_clock_now_ns(), check->timeout_ns));
}

void hp_hint_loopback(const struct hp_result *result, const char *host, struct hp_buffer *ret)
{
    if (result->reason == HP_REASON_REFUSED && host != NULL && hp_host_is_loopback(host))
        hp_buffer_add(ret, "localhost is this container itself; in a compose network use the "
                           "service's name");
}

/* What did not happen in time, and how far the check had come. */
static const struct {
    const char *what;
    const char *reached;
} waits[HP_PHASE_COUNT] = {
    [HP_PHASE_DNS] = {"no address of the host", ""},
    [HP_PHASE_CONNECT] = {"no connection", ""},
    [HP_PHASE_TLS] = {"no TLS handshake", " (connected)"},
    [HP_PHASE_LOGIN] = {"no login", " (connected)"},
    [HP_PHASE_QUERY] = {"no answer to the query", ""},
    [HP_PHASE_RESPONSE] = {"no response", ""},
};

static void explain_timeout(const struct hp_check *check, int64_t run_ns,
                            const struct hp_result *result, struct hp_buffer *ret)
{
    hp_buffer_add_format(ret, "%s within ", waits[result->phase].what);
    hp_buffer_add_duration(ret, check->timeout_ns < run_ns ? check->timeout_ns : run_ns);
    hp_buffer_add(ret, waits[result->phase].reached);
    if (result->phase == HP_PHASE_RESPONSE && result->http_status != 0)
        hp_buffer_add_format(ret, " (answered %d, waiting for the rest)", result->http_status);
    else if (result->phase == HP_PHASE_RESPONSE && check->ops->awaits != NULL)
        hp_buffer_add_format(ret, " (connected, waiting for %s)", check->ops->awaits);
}

static void explain_error(const struct hp_check *check, int64_t run_ns, struct hp_result *result)
{
    struct hp_buffer error;

    hp_buffer_init(&error, result->error.bytes, sizeof result->error.bytes);
    if (result->reason == HP_REASON_TIMEOUT)
        explain_timeout(check, run_ns, result, &error);
    else if (result->reason == HP_REASON_INTERRUPTED)
        hp_buffer_add(&error, "a signal ended the run before this check had its answer");
    else
        hp_buffer_add(&error, "the server gave no reason");
}

void hp_check_explain(const struct hp_check *check, int64_t run_ns, struct hp_result *result)
{
    struct hp_buffer hint;

    if (result->status != HP_STATUS_DOWN)
        return;
    if (result->error.bytes[0] == '\0')
        explain_error(check, run_ns, result);
    if (check->ops->hint == NULL || result->hint.bytes[0] != '\0')
        return;
    hp_buffer_init(&hint, result->hint.bytes, sizeof result->hint.bytes);
    check->ops->hint(check, result, &hint);
}

void hp_check_report(const struct hp_check *check, const struct hp_result *result,
                     struct hp_report *report)
{
    struct hp_report_check *entry = &report->checks[report->n_checks++];

    memcpy(entry->name, check->name, sizeof entry->name);
    memcpy(entry->target, check->target, sizeof entry->target);
    entry->result = *result;
    entry->slow =
        result->status == HP_STATUS_UP && check->slow_ns > 0 && result->latency_ns > check->slow_ns;
    entry->optional = check->optional;
    entry->exit_bit = check->ops->exit_bit;
    entry->datastore = check->ops->is_datastore;
    entry->slow_ns = check->slow_ns;
    entry->timeout_ns = check->timeout_ns;
    entry->tolerated =
        result->status == HP_STATUS_DOWN && (check->tolerated & hp_reason_bit(result->reason)) != 0;
}
