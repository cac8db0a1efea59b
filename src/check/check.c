/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/check.h>

#include <healthprobe/net/resolve.h>
#include <healthprobe/net/tls.h>

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
        hp_buffer_add(ret, "localhost is this container or pod; another service has its own name");
}

static void hint_at_trust(const struct hp_check *check, struct hp_buffer *ret)
{
    const struct hp_option *insecure = hp_option_of_role(check->ops->options, HP_ROLE_INSECURE);

    hp_buffer_add_format(ret, "trust it with --%s FILE",
                         hp_option_of_role(check->ops->options, HP_ROLE_CA)->name);
    if (insecure != NULL)
        hp_buffer_add_format(ret, ", or skip verification with --%s", insecure->name);
}

static void hint_at_name(const struct hp_option *connect, struct hp_buffer *ret)
{
    hp_buffer_add(ret, "use the certificate's name in the URL");
    if (connect != NULL)
        hp_buffer_add_format(ret, ", and --%s HOST:PORT", connect->name);
}

static bool failed_in_handshake(const struct hp_result *result)
{
    if (result->reason == HP_REASON_TIMEOUT)
        return result->phase == HP_PHASE_TLS;
    return result->reason == HP_REASON_CLOSED && result->phase_ns[HP_PHASE_TLS] > 0 &&
           result->phase_ns[HP_PHASE_LOGIN] == 0 && result->phase_ns[HP_PHASE_RESPONSE] == 0;
}

void hp_hint_tls(const struct hp_check *check, const struct hp_result *result, bool used,
                 const char *other_scheme, const struct hp_option *connect, struct hp_buffer *ret)
{
    const char *error = result->error.bytes;

    if (!used && result->reason == HP_REASON_CLOSED)
        hp_buffer_add_format(ret, "if the port speaks TLS, use %s", other_scheme);
    else if (used && failed_in_handshake(result))
        hp_buffer_add_format(ret, "if the port speaks no TLS, use %s", other_scheme);
    if (!hp_tls_available() || !used || result->reason != HP_REASON_TLS)
        return;
    if (other_scheme != NULL && strstr(error, "wrong version number") != NULL)
        hp_buffer_add_format(ret, "the port answers without TLS: use %s", other_scheme);
    else if (strstr(error, "mismatch") != NULL)
        hint_at_name(connect, ret);
    else if (strstr(error, "self-signed") != NULL || strstr(error, "local issuer") != NULL)
        hint_at_trust(check, ret);
}

void hp_hint_password(const struct hp_check *check, const struct hp_result *result,
                      const char *password, bool wanted, struct hp_buffer *ret)
{
    if (wanted && (password == NULL || password[0] == '\0'))
        hp_buffer_add_format(ret,
                             "no password is configured: put it into the URL, or give --%s "
                             "file:PATH",
                             hp_option_of_role(check->ops->options, HP_ROLE_PASSWORD)->name);
    else if (result->reason == HP_REASON_AUTH && password != NULL && password[0] == '/')
        hp_buffer_add(ret, "the password looks like a path: write file:PATH");
}

static void explain_error(struct hp_result *result)
{
    struct hp_buffer error;

    if (result->error.bytes[0] != '\0')
        return;
    hp_buffer_init(&error, result->error.bytes, sizeof result->error.bytes);
    hp_buffer_add(&error, result->reason == HP_REASON_INTERRUPTED
                              ? "a signal ended the run before this check had its answer"
                              : "the server gave no reason");
}

void hp_check_explain(const struct hp_check *check, struct hp_result *result)
{
    struct hp_buffer hint;

    if (result->status != HP_STATUS_DOWN)
        return;
    hp_result_explain_timeout(result, check->timeout_ns, check->ops->awaits,
                              check->tls_is_optional);
    explain_error(result);
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
