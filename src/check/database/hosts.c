/* SPDX-License-Identifier: MIT */
#include "hosts.h"

#include <healthprobe/base/array.h>
#include <healthprobe/net/dial.h>
#include <healthprobe/net/resolve.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "connect.h"

static void no_host_will_do(struct hp_attempt *attempt, const struct hp_database_failure *failure,
                            size_t n_hosts)
{
    const char *text = failure->text.bytes;

    if (failure->reason == HP_REASON_TIMEOUT) {
        hp_attempt_phase(attempt, failure->phase);
        if (text[0] == '\0')
            hp_attempt_timeout(attempt);
    }
    hp_attempt_code(attempt, failure->sqlstate);
    if (failure->host == NULL)
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("no address could be tried"));
    else if (n_hosts == 1 && failure->reason == HP_REASON_REFUSED && failure->host->name[0] != '/')
        hp_dial_refused(attempt, failure->host->name, failure->host->port);
    else if (n_hosts == 1)
        hp_attempt_down(attempt, failure->reason, hp_untrusted_of(text));
    else
        hp_attempt_down_format(attempt, failure->reason, "%s, port %u: %s", failure->host->name,
                               failure->host->port, text);
}

/* The file libpq is to trust: the URL's own, the user's, or the system's. */
static bool find_ca(const struct hp_database_settings *settings, struct hp_attempt *attempt,
                    const char **ret)
{
    *ret = settings->target.sslrootcert;
    if (!settings->verify_ca)
        return true;
    *ret = settings->ca_file != NULL ? settings->ca_file : hp_tls_system_bundle();
    if (*ret != NULL)
        return true;
    hp_attempt_down(attempt, HP_REASON_TLS, hp_untrusted_of(HP_TLS_NO_BUNDLE));
    return false;
}

/* libpq passes over a client certificate that is not there, and connects without. */
static bool files_are_readable(const struct hp_database_target *target, struct hp_attempt *attempt)
{
    static const char *const keys[] = {"sslcert", "sslkey", "sslcrl"};

    for (size_t i = 0; i < HP_COUNT(keys); i++) {
        const char *path = hp_database_target_parameter(target, keys[i]);
        if (path == NULL || access(path, R_OK) == 0)
            continue;
        hp_attempt_down_format(attempt, HP_REASON_TLS, "the file of %s cannot be opened: %s",
                               keys[i], strerror(errno));
        return false;
    }
    return true;
}

/* What TLS needs before it can start. False: the attempt has its verdict. */
static bool prepare_tls(const struct hp_database_settings *settings, struct hp_attempt *attempt,
                        const char **ret_ca_file)
{
    if (settings->target.sslmode == HP_SSLMODE_DISABLE || !hp_tls_available())
        return true;
    return files_are_readable(&settings->target, attempt) &&
           find_ca(settings, attempt, ret_ca_file);
}

static enum hp_database_outcome unresolved(const struct hp_database_trial *trial,
                                           const struct hp_resolver *resolver)
{
    if (trial->settings->target.n_hosts == 1 || hp_deadline_expired(trial->attempt->deadline)) {
        hp_dial_unresolved(trial->attempt, resolver);
        return HP_DATABASE_OUTCOME_DECIDED;
    }
    hp_database_keep_failure(trial, hp_resolver_reason(resolver), "",
                             hp_untrusted_of(hp_resolver_error(resolver)));
    return HP_DATABASE_OUTCOME_NEXT_HOST;
}

static enum hp_database_outcome try_name(const struct hp_database_trial *trial,
                                         struct hp_database_session *session)
{
    const struct hp_database_host *host = trial->host;
    struct hp_resolver resolver;
    struct hp_address address;
    size_t candidates = 0;

    hp_resolver_init(&resolver, host->address != NULL ? host->address : host->name, host->port,
                     trial->deadline, trial->attempt->silent_servers);
    for (;;) {
        char literal[64];
        struct hp_deadline share;
        enum hp_database_outcome outcome;

        if (hp_resolver_will_ask(&resolver))
            hp_attempt_phase(trial->attempt, HP_PHASE_DNS);
        if (!hp_resolver_next(&resolver, &address, &candidates))
            break;
        if (!hp_address_literal(&address, literal, sizeof literal))
            continue;
        share = hp_deadline_share_at(trial->deadline, hp_clock_now_ns(), candidates);
        outcome = hp_database_try_address(trial, session, literal, share);
        if (outcome != HP_DATABASE_OUTCOME_NEXT_ADDRESS)
            return outcome;
    }
    return resolver.found ? HP_DATABASE_OUTCOME_NEXT_HOST : unresolved(trial, &resolver);
}

static enum hp_database_outcome try_host(const struct hp_database_trial *trial,
                                         struct hp_database_session *session)
{
    if (trial->host->name[0] == '/')
        return hp_database_try_address(trial, session, NULL, trial->deadline);
    return try_name(trial, session);
}

/*
 * One host after the other, each with an equal share of the time left. A
 * second round, without regard to roles, is for prefer-standby alone: libpq's
 * own would need all hosts in one connection.
 */
bool hp_database_connect(const struct hp_database_settings *settings,
                         struct hp_database_session *session, struct hp_attempt *attempt)
{
    const struct hp_database_target *target = &settings->target;
    bool prefers = target->prefers_standby && target->n_hosts > 1;
    size_t n = prefers ? 2 * target->n_hosts : target->n_hosts;
    struct hp_database_failure failure = {0};
    const char *ca_file = NULL;

    session->crl_file = hp_database_target_parameter(target, "sslcrl");
    session->has_crl =
        session->crl_file != NULL || hp_database_target_parameter(target, "sslcrldir") != NULL;
    if (!prepare_tls(settings, attempt, &ca_file))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct hp_database_trial trial = {
            .settings = settings,
            .host = &target->hosts[i % target->n_hosts],
            .session_attrs = prefers && i < target->n_hosts ? "standby" : target->session_attrs,
            .ca_file = ca_file,
            .deadline = hp_deadline_share_at(attempt->deadline, hp_clock_now_ns(), n - i),
            .attempt = attempt,
            .failure = &failure,
        };
        enum hp_database_outcome outcome;
        /* A host that is not a standby has not failed. */
        if (prefers && i == target->n_hosts)
            failure = (struct hp_database_failure){0};
        outcome = try_host(&trial, session);
        if (outcome == HP_DATABASE_OUTCOME_SESSION || outcome == HP_DATABASE_OUTCOME_DECIDED)
            return outcome == HP_DATABASE_OUTCOME_SESSION;
    }
    no_host_will_do(attempt, &failure, target->n_hosts);
    return false;
}
