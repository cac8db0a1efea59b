/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/check.h>

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "hosts.h"
#include "query.h"

static const struct hp_database_target *target_of(const struct hp_check *check)
{
    return &((const struct hp_database_settings *)check->settings)->target;
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    const struct hp_database_settings *settings = check->settings;
    struct hp_database_session *session = calloc(1, sizeof *session);

    *ret_session = session;
    if (session == NULL)
        hp_attempt_no_memory(attempt);
    else if (!hp_database_connect(settings, session, attempt))
        return;
    else if (settings->level == HP_DATABASE_LEVEL_QUERY)
        hp_database_query(settings, session, attempt);
    else
        hp_attempt_up(attempt);
}

static void close_session(void *data, struct hp_deadline deadline)
{
    struct hp_database_session *session = data;

    if (session->in_transaction)
        hp_database_roll_back(session->conn, deadline);
    PQfinish(session->conn);
    free(session);
}

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    if (!hp_database_settings_read(ret->settings, input, err))
        return false;
    ret->tls_is_optional = target_of(ret)->sslmode < HP_SSLMODE_REQUIRE;
    return true;
}

static void show(const struct hp_check *check, struct hp_buffer *ret)
{
    hp_database_target_describe(target_of(check), ret);
}

static void release(void *settings)
{
    hp_database_settings_release(settings);
}

/* A Postgres without TLS says so at once: one that is silent is so for other causes. */
static void hint_at_silence(const struct hp_check *check, const struct hp_result *result,
                            struct hp_buffer *ret)
{
    bool in_tls = result->phase == HP_PHASE_TLS;

    if (result->reason == HP_REASON_TIMEOUT && (in_tls || result->phase == HP_PHASE_LOGIN))
        hp_buffer_add_format(ret, "the server may be overloaded or paused, or not be Postgres%s",
                             in_tls && !check->tls_is_optional ? " with TLS" : "");
}

static void hint(const struct hp_check *check, const struct hp_result *result,
                 struct hp_buffer *ret)
{
    const struct hp_database_target *target = target_of(check);
    const char *error = result->error.bytes;

    if (target->n_hosts == 1)
        hp_hint_loopback(result, target->hosts[0].name, ret);
    hp_hint_password(check, result, target->password,
                     strcmp(error, HP_DATABASE_WANTS_PASSWORD) == 0, ret);
    hint_at_silence(check, result, ret);
    if (strstr(error, "does not support SSL") != NULL)
        hp_buffer_add(ret, "turn it on there, or take sslmode=prefer or disable");
    else if (result->reason == HP_REASON_TLS && result->code[0] != '\0')
        hp_buffer_add(ret, "this server wants TLS: put sslmode=require into the URL");
    else if (result->reason == HP_REASON_TLS)
        hp_hint_tls(check, result, true, NULL, NULL, ret);
}

static void describe(const struct hp_check *check, struct hp_facts *ret)
{
    const struct hp_database_settings *settings = check->settings;
    const struct hp_database_target *target = &settings->target;

    hp_facts_add_password(ret, target->password);
    hp_facts_add(ret, "sslmode",
                 target->sslmode != HP_SSLMODE_UNSET ? hp_sslmode_name(target->sslmode)
                                                     : "prefer (default)");
    if (target->sslmode >= HP_SSLMODE_VERIFY_CA)
        hp_facts_add_ca(ret, !settings->verify_ca, settings->ca_file);
}

static bool shows(const struct hp_check *check, const char *text)
{
    return hp_database_target_shows(target_of(check), text);
}

static void library(struct hp_buffer *ret)
{
    hp_buffer_add_format(ret, "libpq %d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
}

static const char *const app_variables[] = {"DATABASE_URL", NULL};

static const struct hp_implied_target implied_target = {"PGHOST", "postgresql://"};

const struct hp_check_ops hp_check_database_ops = {
    .kind = "database",
    .title = "Postgres",
    .port = 5432,
    .is_datastore = true,
    .options = hp_database_options,
    .app_variables = app_variables,
    .asks = {[HP_MODE_READY] = "the database", [HP_MODE_FULL] = "the database"},
    .schemes = hp_database_schemes,
    .example = "postgresql://USER@HOST:5432/DATABASE",
    .implied_target = &implied_target,
    .exit_bit = 16,
    .library = library,
    .settings_size = sizeof(struct hp_database_settings),
    .parse = parse,
    .show = show,
    .describe = describe,
    .hint = hint,
    .shows = shows,
    .run = run,
    .close = close_session,
    .release = release,
};
