/* SPDX-License-Identifier: MIT */
#include "connect.h"

#include <healthprobe/base/span.h>
#include <healthprobe/net/stream.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

/*
 * libpq gets fields and one address at a time: it would resolve names without
 * a time limit, never move past an address that drops packets, and count its
 * own limit in whole seconds.
 */

static void drop_notice(void *data, const PGresult *result)
{
    (void)data;
    (void)result;
}

/* At level ping any answer will do, unless it says that no session is to be had. */
static bool ping_is_content(enum hp_reason reason)
{
    return reason != HP_REASON_STARTING && reason != HP_REASON_STOPPING &&
           reason != HP_REASON_CAPACITY;
}

static bool server_asked_for_login(PGconn *conn, enum hp_reason reason)
{
    return PQconnectionNeedsPassword(conn) || reason == HP_REASON_AUTH;
}

/* The failure of a host that answered says more; of two that say as much, the first is kept. */
static int weight(enum hp_reason reason)
{
    switch ((int)reason) {
    case HP_REASON_NONE:
        return 0;
    case HP_REASON_UNREACHABLE:
        return 1;
    case HP_REASON_STARTING:
    case HP_REASON_STOPPING:
        return 3;
    case HP_REASON_ROLE:
        return 4;
    default:
        return 2;
    }
}

void hp_database_keep_failure(const struct hp_database_trial *trial, enum hp_reason reason,
                              const char *sqlstate, struct hp_untrusted said)
{
    struct hp_database_failure *failure = trial->failure;

    if (weight(reason) <= weight(failure->reason))
        return;
    failure->reason = reason;
    failure->phase = hp_attempt_timeout_phase(trial->attempt);
    failure->host = trial->host;
    snprintf(failure->sqlstate, sizeof failure->sqlstate, "%s", sqlstate);
    hp_redact(&failure->text, said, trial->attempt->secrets);
}

/*
 * As libpq has it, another host is asked where this one can't take anybody, or
 * has another role; one that refuses us has decided.
 */
static bool another_may_do(const struct hp_database_target *target, enum hp_reason reason,
                           const char *sqlstate)
{
    return target->n_hosts > 1 && (reason == HP_REASON_ROLE || strcmp(sqlstate, "57P03") == 0);
}

/* The part of the message since libpq last changed the kind of encryption. */
static const char *said_of(const struct hp_database_session *session)
{
    const char *message = PQerrorMessage(session->conn);
    size_t len = strlen(message);

    return message + (session->leg.said_at < len ? session->leg.said_at : len);
}

/* What went wrong in TLS, in our words. False: nothing that we know of. */
static bool tls_failed(const struct hp_database_session *session, struct hp_attempt *attempt)
{
    const struct hp_tls_error *error = &session->leg.tls_error;

    if (error->text[0] != '\0')
        hp_attempt_down(attempt, error->ours ? HP_REASON_INTERNAL : HP_REASON_TLS,
                        hp_untrusted_of(error->text));
    else if (hp_database_starved(session))
        hp_attempt_no_memory(attempt);
    return hp_attempt_decided(attempt);
}

/* The server, or libpq, refused to make a session. */
static enum hp_database_outcome refused(const struct hp_database_trial *trial,
                                        const struct hp_database_session *session)
{
    const struct hp_database_settings *settings = trial->settings;
    struct hp_attempt *attempt = trial->attempt;
    const char *message = PQerrorMessage(session->conn);
    struct hp_postgres_error error;
    struct hp_untrusted said;
    enum hp_reason reason;

    hp_postgres_error_parse(&error, said_of(session), session->leg.asked_at);
    if (error.sqlstate[0] == '\0' && tls_failed(session, attempt))
        return HP_DATABASE_OUTCOME_DECIDED;
    said = (struct hp_untrusted){error.text, error.text_len, false};
    if (error.sqlstate[0] == '\0' && hp_after_prefix(error.text, "fe_sendauth:") != NULL)
        said = hp_untrusted_of(HP_DATABASE_WANTS_PASSWORD);
    reason = hp_postgres_error_reason(&error);
    if (another_may_do(&settings->target, reason, error.sqlstate)) {
        if (hp_secrets_found(attempt->secrets, hp_untrusted_of(message)))
            said = hp_untrusted_of(message);
        hp_database_keep_failure(trial, reason, error.sqlstate, said);
        return HP_DATABASE_OUTCOME_NEXT_HOST;
    }
    if (settings->level == HP_DATABASE_LEVEL_PING && ping_is_content(reason) && error.is_answer &&
        (error.sqlstate[0] != '\0' || server_asked_for_login(session->conn, reason))) {
        hp_attempt_up(attempt);
        return HP_DATABASE_OUTCOME_DECIDED;
    }
    hp_attempt_code(attempt, error.sqlstate);
    hp_database_down(attempt, reason, message, said);
    return HP_DATABASE_OUTCOME_DECIDED;
}

#define KEYWORDS_MAX 64

struct keywords {
    size_t n;
    const char *keys[KEYWORDS_MAX + 1];
    const char *values[KEYWORDS_MAX + 1];
};

static void add_keyword(struct keywords *keywords, const char *key, const char *value)
{
    if (value == NULL || keywords->n == KEYWORDS_MAX)
        return;
    keywords->keys[keywords->n] = key;
    keywords->values[keywords->n] = value;
    keywords->n++;
}

/* A dot at the end of a name is not part of what a certificate has to hold, nor of SNI. */
static const char *without_dot(const char *name, char *ret, size_t size)
{
    size_t len = strlen(name);

    if (len < 2 || len >= size || name[0] == '/' || name[len - 1] != '.')
        return name;
    snprintf(ret, size, "%.*s", (int)len - 1, name);
    return ret;
}

/* libpq reads a later keyword over an earlier one: the URL's own come last but for the address. */
static PGconn *start(const struct hp_database_trial *trial, const char *address)
{
    const struct hp_database_settings *settings = trial->settings;
    const struct hp_database_target *target = &settings->target;
    struct keywords keywords = {0};
    char port[8];
    char name[256];

    snprintf(port, sizeof port, "%u", trial->host->port);
    add_keyword(&keywords, "host", without_dot(trial->host->name, name, sizeof name));
    add_keyword(&keywords, "port", port);
    add_keyword(&keywords, "user", target->user != NULL ? target->user : "healthprobe");
    if (settings->level != HP_DATABASE_LEVEL_PING)
        add_keyword(&keywords, "password", target->password);
    add_keyword(&keywords, "dbname", target->dbname);
    add_keyword(&keywords, "application_name", "healthprobe");
    add_keyword(&keywords, "gssencmode", "disable");
    add_keyword(&keywords, "sslmode", hp_sslmode_name(target->sslmode));
    add_keyword(&keywords, "sslrootcert", trial->ca_file);
    add_keyword(&keywords, "target_session_attrs", trial->session_attrs);
    for (size_t i = 0; i < target->libpq.n; i++)
        add_keyword(&keywords, target->libpq.items[i].key, target->libpq.items[i].value);
    add_keyword(&keywords, "hostaddr", address);
    return PQconnectStartParams(keywords.keys, keywords.values, 0);
}

/* Of our own libpq alone (deps/libpq/patches/verify-hook.patch); another verifies by itself. */
extern void PQsetVerifyHook(PGconn *conn,
                            const char *(*hook)(void *arg, void *ssl_ctx, const char *rootcert,
                                                const char *host),
                            void *arg) __attribute__((weak));

static const char *verify(void *arg, void *ssl_ctx, const char *rootcert, const char *host)
{
    struct hp_database_session *session = arg;
    const struct hp_tls_settings settings = {.server_name = host,
                                             .ca_file = rootcert,
                                             .crl_file = session->crl_file,
                                             .has_crl = session->has_crl};

    return hp_tls_verify(ssl_ctx, &settings, &session->leg.tls_error) ? NULL
                                                                      : session->leg.tls_error.text;
}

static void enter_phase(struct hp_attempt *attempt, struct hp_database_session *session)
{
    switch ((int)PQstatus(session->conn)) {
    case CONNECTION_NEEDED:
    case CONNECTION_STARTED:
        hp_attempt_phase(attempt, HP_PHASE_CONNECT);
        break;
    case CONNECTION_SSL_STARTUP:
        session->leg.uses_tls = true;
        hp_attempt_phase(attempt, HP_PHASE_TLS);
        break;
    case CONNECTION_MADE: /* before TLS and after it: what follows is what takes time */
    case CONNECTION_BAD:
        break;
    default:
        hp_attempt_phase(attempt, HP_PHASE_LOGIN);
        break;
    }
}

static bool is_connecting(PGconn *conn)
{
    ConnStatusType status = PQstatus(conn);

    return status == CONNECTION_STARTED || status == CONNECTION_NEEDED;
}

/* libpq goes back to connecting when it tries another kind of encryption. */
static bool must_not_fall_back(const struct hp_database_session *session)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, said_of(session), session->leg.asked_at);
    return !hp_postgres_may_fall_back(&error);
}

static enum hp_database_outcome ran_out(const struct hp_database_trial *trial,
                                        enum hp_database_outcome next)
{
    if (hp_deadline_expired(trial->attempt->deadline)) {
        hp_attempt_timeout(trial->attempt);
        return HP_DATABASE_OUTCOME_DECIDED;
    }
    if (next == HP_DATABASE_OUTCOME_NEXT_HOST)
        hp_database_keep_failure(trial, HP_REASON_TIMEOUT, "", hp_untrusted_of(""));
    return next;
}

/*
 * The poll that sends the startup packet returns with this status and does no more (fe-connect.c,
 * CONNECTION_MADE): what the message holds by now is of the way there.
 */
static void note_asked(struct hp_database_session *session)
{
    if (session->leg.asked_at == HP_POSTGRES_NOT_ASKED &&
        PQstatus(session->conn) == CONNECTION_AWAITING_RESPONSE)
        session->leg.asked_at = strlen(said_of(session));
}

static void begin_leg(struct hp_database_session *session)
{
    session->leg = (struct hp_database_leg){.said_at = strlen(PQerrorMessage(session->conn)),
                                            .asked_at = HP_POSTGRES_NOT_ASKED};
}

/*
 * Drive libpq until there is a session or none. @share is the time in which
 * this address has to accept the connection; from then on the host's counts.
 */
static enum hp_database_outcome establish(const struct hp_database_trial *trial,
                                          struct hp_database_session *session,
                                          struct hp_deadline share)
{
    PGconn *conn = session->conn;
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    bool answered = false;

    while (want != PGRES_POLLING_OK) {
        bool connecting = is_connecting(conn) && !answered;
        struct hp_deadline limit = connecting ? share : trial->deadline;

        enter_phase(trial->attempt, session);
        if (hp_deadline_expired(limit) ||
            !hp_poll(PQsocket(conn), want == PGRES_POLLING_READING ? POLLIN : POLLOUT, limit))
            return ran_out(trial, connecting ? HP_DATABASE_OUTCOME_NEXT_ADDRESS
                                             : HP_DATABASE_OUTCOME_NEXT_HOST);
        want = PQconnectPoll(conn);
        if (want == PGRES_POLLING_FAILED)
            return connecting ? HP_DATABASE_OUTCOME_NEXT_ADDRESS : refused(trial, session);
        note_asked(session);
        answered = answered || !is_connecting(conn);
        if (answered && is_connecting(conn)) {
            if (must_not_fall_back(session))
                return refused(trial, session);
            begin_leg(session);
        }
        if (trial->settings->level == HP_DATABASE_LEVEL_PING &&
            PQstatus(conn) == CONNECTION_AUTH_OK) {
            hp_attempt_up(trial->attempt);
            return HP_DATABASE_OUTCOME_DECIDED;
        }
    }
    return HP_DATABASE_OUTCOME_SESSION;
}

/* No connection came about, or not in the address's share of the time. */
static void keep_connect_failure(const struct hp_database_trial *trial, PGconn *conn)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, PQerrorMessage(conn), HP_POSTGRES_NOT_ASKED);
    if (error.text_len > 0)
        hp_database_keep_failure(trial, hp_postgres_reason_of_words(error.text), "",
                                 (struct hp_untrusted){error.text, error.text_len, false});
    else if (PQstatus(conn) != CONNECTION_BAD)
        hp_database_keep_failure(trial, HP_REASON_TIMEOUT, "", hp_untrusted_of(""));
    else
        /* libpq 18 says nothing when it gets no socket (fe-connect.c, "try_next_addr"). */
        hp_database_keep_failure(trial, HP_REASON_INTERNAL, "",
                                 hp_untrusted_of("no socket could be created"));
}

enum hp_database_outcome hp_database_try_address(const struct hp_database_trial *trial,
                                                 struct hp_database_session *session,
                                                 const char *address, struct hp_deadline share)
{
    enum hp_database_outcome outcome = HP_DATABASE_OUTCOME_NEXT_ADDRESS;

    hp_attempt_phase(trial->attempt, HP_PHASE_CONNECT);
    PQfinish(session->conn);
    session->conn = start(trial, address);
    if (session->conn == NULL) {
        hp_attempt_no_memory(trial->attempt);
        return HP_DATABASE_OUTCOME_DECIDED;
    }
    session->leg = (struct hp_database_leg){.asked_at = HP_POSTGRES_NOT_ASKED};
    /* An error's SQLSTATE is shown to those alone who ask for it. */
    PQsetErrorVerbosity(session->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(session->conn, drop_notice, NULL);
    /* Or a peer that asks without reading is waited for within a call, its bytes piling up. */
    PQsetnonblocking(session->conn, 1);
    if (hp_tls_available() && PQsetVerifyHook != NULL)
        PQsetVerifyHook(session->conn, verify, session);
    if (PQstatus(session->conn) != CONNECTION_BAD)
        outcome = establish(trial, session, share);
    if (outcome == HP_DATABASE_OUTCOME_NEXT_ADDRESS)
        keep_connect_failure(trial, session->conn);
    return outcome;
}
