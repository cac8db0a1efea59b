/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/check.h>

#include <string.h>

#include "conversation.h"

static const struct hp_redis_target *target_of(const struct hp_check *check)
{
    return &((const struct hp_redis_settings *)check->settings)->target;
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    const struct hp_redis_settings *settings = check->settings;
    struct hp_redis_session *session = hp_redis_session_new();

    *ret_session = session;
    if (session == NULL) {
        hp_attempt_no_memory(attempt);
        return;
    }
    session->stream.fd = hp_dial(attempt, &settings->endpoint);
    if (session->stream.fd < 0)
        return;
    if (settings->target.tls && !hp_stream_start_tls(&session->stream, &settings->tls, attempt))
        return;
    hp_redis_converse(session, settings, attempt);
}

static void close_session(void *data, struct hp_deadline deadline)
{
    struct hp_redis_session *session = data;

    (void)deadline;
    if (session->stream.tls != NULL)
        hp_tls_shutdown(session->stream.tls);
    hp_redis_session_free(session);
}

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    return hp_redis_settings_read(ret->settings, input, err);
}

static void show(const struct hp_check *check, struct hp_buffer *ret)
{
    hp_redis_target_describe(target_of(check), ret);
}

static void release(void *settings)
{
    hp_redis_settings_release(settings);
}

/* At a TLS hello a plain server is silent or complains; without one a TLS server hangs up. */
static void hint(const struct hp_check *check, const struct hp_result *result,
                 struct hp_buffer *ret)
{
    const struct hp_redis_target *target = target_of(check);
    bool wanted = strcmp(result->code, "NOAUTH") == 0;

    hp_hint_loopback(result, target->host, ret);
    hp_hint_password(check, result, target->password, wanted, ret);
    /* Not shown: it may be the password. */
    if (wanted && target->password == NULL && target->user != NULL)
        hp_buffer_add_format(ret, "; what precedes @ is taken as a user: write %s:PASSWORD@HOST",
                             target->tls ? "rediss://" : "redis://");
    if (target->socket == NULL)
        hp_hint_tls(check, result, target->tls, target->tls ? "redis://" : "rediss://", NULL, ret);
}

static void describe(const struct hp_check *check, struct hp_facts *ret)
{
    const struct hp_redis_settings *settings = check->settings;

    hp_facts_add_password(ret, settings->target.password);
    if (settings->target.tls)
        hp_facts_add_tls(ret, &settings->tls, settings->target.ca_certs != NULL);
}

static bool shows(const struct hp_check *check, const char *text)
{
    return hp_redis_target_shows(target_of(check), text);
}

static void library(struct hp_buffer *ret)
{
    hp_buffer_add_format(ret, "hiredis %d.%d.%d", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
}

static const char *const schemes[] = {"redis",          "rediss",   "valkey",
                                      "valkeys",        "unix",     "redis-socket",
                                      "redis-sentinel", "sentinel", NULL};

static const char *const app_variables[] = {"REDIS_URL", NULL};

const struct hp_check_ops hp_check_redis_ops = {
    .kind = "redis",
    .title = "Redis",
    .port = 6379,
    .is_datastore = true,
    .options = hp_redis_options,
    .app_variables = app_variables,
    .asks = {[HP_MODE_FULL] = "Redis"},
    .schemes = schemes,
    .example = "redis://HOST:6379",
    .exit_bit = 32,
    .library = library,
    .settings_size = sizeof(struct hp_redis_settings),
    .parse = parse,
    .show = show,
    .describe = describe,
    .hint = hint,
    .awaits = "a reply",
    .shows = shows,
    .run = run,
    .close = close_session,
    .release = release,
};
