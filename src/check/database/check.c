/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/kinds.h>
#include <healthprobe/net/dial.h>
#include <healthprobe/net/resolve.h>
#include <healthprobe/net/stream.h>

#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "target.h"

/*
 * libpq gets fields and one address at a time: it would resolve names without
 * a time limit, never move past an address that drops packets, and count its
 * own limit in whole seconds.
 */

/* What has to work for the check to be up. */
enum level { LEVEL_PING, LEVEL_LOGIN, LEVEL_QUERY, LEVEL_COUNT };

static const char *const level_names[LEVEL_COUNT] = {"ping", "login", "query"};

/* Which role the server has to have. */
enum role { ROLE_ANY, ROLE_PRIMARY, ROLE_STANDBY, ROLE_COUNT };

static const char *const role_names[ROLE_COUNT] = {"any", "primary", "standby"};

struct settings {
    struct hp_database_target target;
    enum level level;
    enum role role;
    const char *query;   /* instead of SELECT 1; NULL: none */
    bool verify_ca;      /* the trust store is ours to name */
    const char *ca_file; /* NULL with verify_ca: the system's bundles */
};

/* What came of one address, or of a host. */
enum outcome { OUTCOME_SESSION, OUTCOME_NEXT_ADDRESS, OUTCOME_NEXT_HOST, OUTCOME_DECIDED };

/* What is told when no host gave a session. */
struct failure {
    enum hp_reason reason;
    enum hp_phase phase; /* of a timeout */
    char sqlstate[HP_SQLSTATE_SIZE];
    struct hp_text text;
    const struct hp_database_host *host;
};

/* A host while it is tried. */
struct trial {
    const struct settings *settings;
    const struct hp_database_host *host;
    const char *session_attrs; /* as libpq is told; NULL: any */
    const char *ca_file;
    struct hp_deadline deadline; /* its share of the time */
    struct hp_attempt *attempt;
    struct failure *failure;
};

/* One kind of encryption at one address: libpq may try two, and keeps what both said. */
struct leg {
    size_t said_at;                /* where its part of the message begins */
    size_t asked_at;               /* of that part, as hp_postgres_error_parse() takes it */
    bool uses_tls;                 /* it came as far as that */
    struct hp_tls_error tls_error; /* why the server could not be verified */
};

struct session {
    PGconn *conn;
    struct leg leg;
    bool answered; /* a statement */
    bool in_transaction;
    const char *crl_file; /* of the URL; NULL: none */
    bool has_crl;         /* a file or a folder of them */
};

static void drop_notice(void *data, const PGresult *result)
{
    (void)data;
    (void)result;
}

/* --- errors ----------------------------------------------------------------------------------- */

/* The whole message is searched for secrets, though its first line alone is shown. */
static void down(struct hp_attempt *attempt, enum hp_reason reason, const char *message,
                 struct hp_untrusted shown)
{
    if (hp_secrets_found(attempt->secrets, hp_untrusted_of(message)))
        shown = hp_untrusted_of(message);
    hp_attempt_down(attempt, reason, shown);
}

/* Whatever libpq made of it, it was not the server's fault, where none answered. */
static bool is_starved(const struct session *session)
{
    return session->leg.uses_tls && hp_tls_starved();
}

/* libpq's own words. */
static void broke_off(const struct session *session, struct hp_attempt *attempt,
                      const char *message)
{
    if (is_starved(session))
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("out of memory"));
    else
        down(attempt, hp_postgres_reason_of_words(message), message,
             (struct hp_untrusted){message, strcspn(message, "\n"), false});
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

/* A host that answered tells more than one that did not, and of equals the first is told. */
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

static void keep_failure(const struct trial *trial, enum hp_reason reason, const char *sqlstate,
                         struct hp_untrusted said)
{
    struct failure *failure = trial->failure;

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

/* What stands in the message from the last change of encryption on. */
static const char *said_of(const struct session *session)
{
    const char *message = PQerrorMessage(session->conn);
    size_t len = strlen(message);

    return message + (session->leg.said_at < len ? session->leg.said_at : len);
}

/* What went wrong in TLS, in our words. False: nothing that we know of. */
static bool tls_failed(const struct session *session, struct hp_attempt *attempt)
{
    const struct hp_tls_error *error = &session->leg.tls_error;

    if (error->text[0] != '\0')
        hp_attempt_down(attempt, error->ours ? HP_REASON_INTERNAL : HP_REASON_TLS,
                        hp_untrusted_of(error->text));
    else if (is_starved(session))
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("out of memory"));
    return hp_attempt_decided(attempt);
}

/* The server, or libpq, refused to make a session. */
static enum outcome refused(const struct trial *trial, const struct session *session)
{
    const struct settings *settings = trial->settings;
    struct hp_attempt *attempt = trial->attempt;
    const char *message = PQerrorMessage(session->conn);
    struct hp_postgres_error error;
    struct hp_untrusted said;
    enum hp_reason reason;

    hp_postgres_error_parse(&error, said_of(session), session->leg.asked_at);
    if (error.sqlstate[0] == '\0' && tls_failed(session, attempt))
        return OUTCOME_DECIDED;
    said = (struct hp_untrusted){error.text, error.text_len, false};
    reason = hp_postgres_error_reason(&error);
    if (another_may_do(&settings->target, reason, error.sqlstate)) {
        if (hp_secrets_found(attempt->secrets, hp_untrusted_of(message)))
            said = hp_untrusted_of(message);
        keep_failure(trial, reason, error.sqlstate, said);
        return OUTCOME_NEXT_HOST;
    }
    if (settings->level == LEVEL_PING && ping_is_content(reason) && error.is_answer &&
        (error.sqlstate[0] != '\0' || server_asked_for_login(session->conn, reason))) {
        hp_attempt_up(attempt);
        return OUTCOME_DECIDED;
    }
    hp_attempt_code(attempt, error.sqlstate);
    down(attempt, reason, message, said);
    return OUTCOME_DECIDED;
}

/* This long before the limit, a cancelled statement was cancelled by the limit. */
#define CANCEL_MS 10

/* @answered: another statement was. */
static void query_failed(const struct session *session, struct hp_attempt *attempt,
                         const PGresult *result, bool answered)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    bool is_servers = PQresultErrorField(result, PG_DIAG_SEVERITY) != NULL;

    /* Ours, or the same limit as the server keeps it. */
    if (sqlstate != NULL && strcmp(sqlstate, "57014") == 0 &&
        hp_deadline_left_ms(attempt->deadline) <= CANCEL_MS) {
        hp_attempt_timeout(attempt);
        return;
    }
    if (sqlstate == NULL || message == NULL) {
        message = PQresultErrorMessage(result);
        if (is_servers)
            down(attempt, HP_REASON_PROTOCOL, message, hp_untrusted_of(message));
        else
            broke_off(session, attempt, message);
        return;
    }
    hp_attempt_code(attempt, sqlstate);
    down(attempt,
         hp_postgres_reason_of_sqlstate(sqlstate, message,
                                        answered ? HP_POSTGRES_ANSWERED : HP_POSTGRES_SESSION),
         message, hp_untrusted_of(message));
}

/* --- connect ---------------------------------------------------------------------------------- */

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

/* A dot at a name's end is no part of what a certificate has to hold, nor of SNI. */
static const char *without_dot(const char *name, char *ret, size_t size)
{
    size_t len = strlen(name);

    if (len < 2 || len >= size || name[0] == '/' || name[len - 1] != '.')
        return name;
    snprintf(ret, size, "%.*s", (int)len - 1, name);
    return ret;
}

/* libpq reads a later keyword over an earlier one: the URL's own come last but for the address. */
static PGconn *start(const struct trial *trial, const char *address)
{
    const struct settings *settings = trial->settings;
    const struct hp_database_target *target = &settings->target;
    struct keywords keywords = {0};
    char port[8];
    char name[256];

    snprintf(port, sizeof port, "%u", trial->host->port);
    add_keyword(&keywords, "host", without_dot(trial->host->name, name, sizeof name));
    add_keyword(&keywords, "port", port);
    add_keyword(&keywords, "user", target->user != NULL ? target->user : "healthprobe");
    if (settings->level != LEVEL_PING)
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
    struct session *session = arg;
    const struct hp_tls_settings settings = {.server_name = host,
                                             .ca_file = rootcert,
                                             .crl_file = session->crl_file,
                                             .has_crl = session->has_crl};

    return hp_tls_verify(ssl_ctx, &settings, &session->leg.tls_error) ? NULL
                                                                      : session->leg.tls_error.text;
}

static void enter_phase(struct hp_attempt *attempt, struct session *session)
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
static bool must_not_fall_back(const struct session *session)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, said_of(session), session->leg.asked_at);
    return !hp_postgres_may_fall_back(&error);
}

static enum outcome ran_out(const struct trial *trial, enum outcome next)
{
    if (hp_deadline_expired(trial->attempt->deadline)) {
        hp_attempt_timeout(trial->attempt);
        return OUTCOME_DECIDED;
    }
    if (next == OUTCOME_NEXT_HOST)
        keep_failure(trial, HP_REASON_TIMEOUT, "", hp_untrusted_of(""));
    return next;
}

/*
 * The poll that sends the startup packet returns with this status and does no more (fe-connect.c,
 * CONNECTION_MADE): what the message holds by now is of the way there.
 */
static void note_asked(struct session *session)
{
    if (session->leg.asked_at == HP_POSTGRES_NOT_ASKED &&
        PQstatus(session->conn) == CONNECTION_AWAITING_RESPONSE)
        session->leg.asked_at = strlen(said_of(session));
}

static void begin_leg(struct session *session)
{
    session->leg = (struct leg){.said_at = strlen(PQerrorMessage(session->conn)),
                                .asked_at = HP_POSTGRES_NOT_ASKED};
}

/*
 * Drive libpq until there is a session or none. @share is the time in which
 * this address has to accept the connection; from then on the host's counts.
 */
static enum outcome establish(const struct trial *trial, struct session *session,
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
            !hp_wait_for(PQsocket(conn), want == PGRES_POLLING_READING ? POLLIN : POLLOUT, limit))
            return ran_out(trial, connecting ? OUTCOME_NEXT_ADDRESS : OUTCOME_NEXT_HOST);
        want = PQconnectPoll(conn);
        if (want == PGRES_POLLING_FAILED)
            return connecting ? OUTCOME_NEXT_ADDRESS : refused(trial, session);
        note_asked(session);
        answered = answered || !is_connecting(conn);
        if (answered && is_connecting(conn)) {
            if (must_not_fall_back(session))
                return refused(trial, session);
            begin_leg(session);
        }
        if (trial->settings->level == LEVEL_PING && PQstatus(conn) == CONNECTION_AUTH_OK) {
            hp_attempt_up(trial->attempt);
            return OUTCOME_DECIDED;
        }
    }
    return OUTCOME_SESSION;
}

/* No connection came about, or not in the address's share of the time. */
static void keep_connect_failure(const struct trial *trial, PGconn *conn)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, PQerrorMessage(conn), HP_POSTGRES_NOT_ASKED);
    if (error.text_len > 0)
        keep_failure(trial, hp_postgres_reason_of_words(error.text), "",
                     (struct hp_untrusted){error.text, error.text_len, false});
    else if (PQstatus(conn) != CONNECTION_BAD)
        keep_failure(trial, HP_REASON_TIMEOUT, "", hp_untrusted_of(""));
    else
        /* libpq 18 says nothing when it gets no socket (fe-connect.c, "try_next_addr"). */
        keep_failure(trial, HP_REASON_INTERNAL, "", hp_untrusted_of("no socket could be had"));
}

static enum outcome try_address(const struct trial *trial, struct session *session,
                                const char *address, struct hp_deadline share)
{
    enum outcome outcome = OUTCOME_NEXT_ADDRESS;

    hp_attempt_phase(trial->attempt, HP_PHASE_CONNECT);
    PQfinish(session->conn);
    session->conn = start(trial, address);
    if (session->conn == NULL) {
        hp_attempt_down(trial->attempt, HP_REASON_INTERNAL, hp_untrusted_of("out of memory"));
        return OUTCOME_DECIDED;
    }
    session->leg = (struct leg){.asked_at = HP_POSTGRES_NOT_ASKED};
    /* An error's SQLSTATE is shown to those alone who ask for it. */
    PQsetErrorVerbosity(session->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(session->conn, drop_notice, NULL);
    /* Or a peer that asks without reading is waited for within a call, its bytes piling up. */
    PQsetnonblocking(session->conn, 1);
    if (hp_tls_available() && PQsetVerifyHook != NULL)
        PQsetVerifyHook(session->conn, verify, session);
    if (PQstatus(session->conn) != CONNECTION_BAD)
        outcome = establish(trial, session, share);
    if (outcome == OUTCOME_NEXT_ADDRESS)
        keep_connect_failure(trial, session->conn);
    return outcome;
}

static enum outcome unresolved(const struct trial *trial, const struct hp_resolver *resolver)
{
    if (trial->settings->target.n_hosts == 1 || hp_deadline_expired(trial->attempt->deadline)) {
        hp_dial_unresolved(trial->attempt, resolver);
        return OUTCOME_DECIDED;
    }
    keep_failure(trial, hp_resolver_reason(resolver), "",
                 hp_untrusted_of(hp_resolver_error(resolver)));
    return OUTCOME_NEXT_HOST;
}

static enum outcome try_name(const struct trial *trial, struct session *session)
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
        enum outcome outcome;

        if (hp_resolver_will_ask(&resolver))
            hp_attempt_phase(trial->attempt, HP_PHASE_DNS);
        if (!hp_resolver_next(&resolver, &address, &candidates))
            break;
        if (!hp_address_literal(&address, literal, sizeof literal))
            continue;
        share = hp_deadline_share_at(trial->deadline, hp_clock_now_ns(), candidates);
        outcome = try_address(trial, session, literal, share);
        if (outcome != OUTCOME_NEXT_ADDRESS)
            return outcome;
    }
    return resolver.found ? OUTCOME_NEXT_HOST : unresolved(trial, &resolver);
}

static enum outcome try_host(const struct trial *trial, struct session *session)
{
    if (trial->host->name[0] == '/')
        return try_address(trial, session, NULL, trial->deadline);
    return try_name(trial, session);
}

static void no_host_will_do(struct hp_attempt *attempt, const struct failure *failure,
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
    else if (n_hosts == 1)
        hp_attempt_down(attempt, failure->reason, hp_untrusted_of(text));
    else
        hp_attempt_down_format(attempt, failure->reason, "%s, port %u: %s", failure->host->name,
                               failure->host->port, text);
}

/*
 * One host after the other, each with an equal share of the time left. A
 * second round, without regard to roles, is for prefer-standby alone: libpq's
 * own would need all hosts in one connection.
 */
static bool connect_to_any(const struct settings *settings, struct session *session,
                           const char *ca_file, struct hp_attempt *attempt)
{
    const struct hp_database_target *target = &settings->target;
    bool prefers = target->prefers_standby && target->n_hosts > 1;
    size_t n = prefers ? 2 * target->n_hosts : target->n_hosts;
    struct failure failure = {0};

    for (size_t i = 0; i < n; i++) {
        struct trial trial = {
            .settings = settings,
            .host = &target->hosts[i % target->n_hosts],
            .session_attrs = prefers && i < target->n_hosts ? "standby" : target->session_attrs,
            .ca_file = ca_file,
            .deadline = hp_deadline_share_at(attempt->deadline, hp_clock_now_ns(), n - i),
            .attempt = attempt,
            .failure = &failure,
        };
        enum outcome outcome;
        /* That it is no standby was no failure. */
        if (prefers && i == target->n_hosts)
            failure = (struct failure){0};
        outcome = try_host(&trial, session);
        if (outcome == OUTCOME_SESSION || outcome == OUTCOME_DECIDED)
            return outcome == OUTCOME_SESSION;
    }
    no_host_will_do(attempt, &failure, target->n_hosts);
    return false;
}

/* --- query ------------------------------------------------------------------------------------ */

/* Send what is left, or wait for more to come. False: the attempt has its verdict. */
static bool exchange(const struct session *session, struct hp_attempt *attempt)
{
    PGconn *conn = session->conn;
    int unsent = PQflush(conn);
    short events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN);

    if (hp_deadline_expired(attempt->deadline) ||
        !hp_wait_for(PQsocket(conn), events, attempt->deadline)) {
        hp_attempt_timeout(attempt);
        return false;
    }
    if (PQconsumeInput(conn) == 1)
        return true;
    broke_off(session, attempt, PQerrorMessage(conn));
    return false;
}

/* What a statement was answered with: its first row, and how many there were. */
struct answer {
    size_t results;
    size_t rows;
    int columns;
    bool is_null;
    bool is_boolean;
    char value[8]; /* "" where it does not fit */
    bool copies;   /* no rows come, but a stream */
};

#define BOOLEAN_OID 16 /* pg_type.dat */

static void note_row(struct answer *answer, const PGresult *row)
{
    if (answer->rows++ > 0 || PQnfields(row) == 0)
        return;
    answer->is_null = PQgetisnull(row, 0, 0) != 0;
    answer->is_boolean = PQftype(row, 0) == BOOLEAN_OID;
    if (PQgetlength(row, 0, 0) < (int)sizeof answer->value)
        snprintf(answer->value, sizeof answer->value, "%s", PQgetvalue(row, 0, 0));
}

/* False: it is an error, and the attempt has its verdict. */
static bool note_result(struct answer *answer, const PGresult *result,
                        const struct session *session, struct hp_attempt *attempt)
{
    switch ((int)PQresultStatus(result)) {
    case PGRES_SINGLE_TUPLE:
        note_row(answer, result);
        break;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        answer->results++;
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
        answer->copies = true;
        return true;
    default:
        query_failed(session, attempt, result,
                     session->answered || answer->results > 0 || answer->rows > 0);
        return false;
    }
    answer->columns = PQnfields(result);
    return true;
}

/*
 * Read up to where the server is ready for the next query: an error may follow
 * a row. Row by row, since nobody knows how many come. False: the attempt has
 * its verdict.
 */
static bool read_answer(struct session *session, struct hp_attempt *attempt, size_t results,
                        struct answer *ret)
{
    PGconn *conn = session->conn;

    *ret = (struct answer){0};
    PQsetSingleRowMode(conn);
    while (ret->results <= results && !ret->copies) {
        PGresult *result = NULL;
        bool good = false;
        while (PQisBusy(conn) || PQflush(conn) > 0)
            if (!exchange(session, attempt))
                return false;
        result = PQgetResult(conn);
        if (result == NULL)
            break;
        good = note_result(ret, result, session, attempt);
        PQclear(result);
        if (!good)
            return false;
    }
    session->answered = true;
    return true;
}

static bool not_sent(const struct session *session, struct hp_attempt *attempt)
{
    broke_off(session, attempt, PQerrorMessage(session->conn));
    return false;
}

/* By the simple protocol, which may hold @results statements. False: the attempt has its verdict.
 */
static bool ask(struct session *session, struct hp_attempt *attempt, const char *sql,
                size_t results, struct answer *ret)
{
    if (PQsendQuery(session->conn, sql) != 1)
        return not_sent(session, attempt);
    if (!read_answer(session, attempt, results, ret))
        return false;
    if (ret->results == results && !ret->copies)
        return true;
    hp_attempt_down(attempt, HP_REASON_PROTOCOL,
                    hp_untrusted_of("the statement was not answered as statements are"));
    return false;
}

/* By the extended protocol, which holds one statement; @parameter is its $1, or NULL. */
static bool ask_one(struct session *session, struct hp_attempt *attempt, const char *sql,
                    const char *parameter, struct answer *ret)
{
    if (PQsendQueryParams(session->conn, sql, parameter != NULL, NULL, &parameter, NULL, NULL, 0) !=
        1)
        return not_sent(session, attempt);
    return read_answer(session, attempt, 1, ret);
}

static bool is_value(const struct answer *answer, const char *value)
{
    return answer->rows == 1 && answer->columns == 1 && !answer->is_null &&
           strcmp(answer->value, value) == 0;
}

static bool select_one(struct session *session, struct hp_attempt *attempt)
{
    struct answer answer;

    if (!ask(session, attempt, "SELECT 1", 1, &answer))
        return false;
    if (!is_value(&answer, "1"))
        hp_attempt_down(attempt, HP_REASON_PROTOCOL, hp_untrusted_of("SELECT 1 did not give 1"));
    return !hp_attempt_decided(attempt);
}

static bool has_role(struct session *session, struct hp_attempt *attempt, enum role wanted)
{
    struct answer answer;
    bool standby = false;

    if (!ask(session, attempt, "SELECT pg_catalog.pg_is_in_recovery()", 1, &answer))
        return false;
    standby = is_value(&answer, "t");
    if (!standby && !is_value(&answer, "f"))
        hp_attempt_down(attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("pg_is_in_recovery() gave neither true nor false"));
    else if (standby != (wanted == ROLE_STANDBY))
        hp_attempt_down_format(attempt, HP_REASON_ROLE, "the server is a %s, not a %s",
                               role_names[standby ? ROLE_STANDBY : ROLE_PRIMARY],
                               role_names[wanted]);
    return !hp_attempt_decided(attempt);
}

/*
 * All that is set is the transaction's own: behind a pooler, the session is
 * the next client's. Its end is up to close_session().
 */
static bool begin(struct session *session, struct hp_attempt *attempt, const char *search_path)
{
    char sql[80];
    struct answer answer;

    snprintf(sql, sizeof sql, "BEGIN READ ONLY; SET LOCAL statement_timeout = %d",
             hp_deadline_left_ms(attempt->deadline) + 1);
    session->in_transaction = true;
    return ask(session, attempt, sql, 2, &answer) &&
           (search_path == NULL ||
            ask_one(session, attempt, "SELECT pg_catalog.set_config('search_path', $1, true)",
                    search_path, &answer));
}

/* What the user wants to be true. The values themselves are nobody's business. */
static bool statement_holds(struct session *session, struct hp_attempt *attempt, const char *sql)
{
    struct answer answer;
    const char *problem = NULL;

    if (!ask_one(session, attempt, sql, NULL, &answer))
        return false;
    if (answer.results > 1)
        hp_attempt_down(attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("the query was answered more than once"));
    if (answer.rows == 0)
        problem = "the query gave no row";
    else if (answer.rows == 1 && answer.columns == 1 && answer.is_null)
        problem = "the query gave null";
    else if (answer.is_boolean && is_value(&answer, "f"))
        problem = "the query gave false";
    if (problem != NULL)
        hp_attempt_down(attempt, HP_REASON_QUERY, hp_untrusted_of(problem));
    return !hp_attempt_decided(attempt);
}

static void query(const struct settings *settings, struct session *session,
                  struct hp_attempt *attempt)
{
    bool asks_something = settings->role != ROLE_ANY || settings->query != NULL;

    hp_attempt_phase(attempt, HP_PHASE_QUERY);
    if (!asks_something && !select_one(session, attempt))
        return;
    if (settings->role != ROLE_ANY && !has_role(session, attempt, settings->role))
        return;
    if (settings->query != NULL && (!begin(session, attempt, settings->target.search_path) ||
                                    !statement_holds(session, attempt, settings->query)))
        return;
    hp_attempt_up(attempt);
}

/* Read away what the server still has to say. False: it does not end, or not in time. */
static bool settle(PGconn *conn, struct hp_deadline deadline)
{
    for (;;) {
        PGresult *result = NULL;
        bool copies = false;
        while (PQisBusy(conn) || PQflush(conn) > 0) {
            if (hp_deadline_expired(deadline) || !hp_wait_for(PQsocket(conn), POLLIN, deadline) ||
                PQconsumeInput(conn) != 1)
                return false;
        }
        result = PQgetResult(conn);
        if (result == NULL)
            return true;
        copies =
            PQresultStatus(result) >= PGRES_COPY_OUT && PQresultStatus(result) <= PGRES_COPY_IN;
        PQclear(result);
        if (copies || hp_deadline_expired(deadline))
            return false;
    }
}

/* A pooler throws a server connection away that is left within a transaction. */
static void roll_back(PGconn *conn, struct hp_deadline deadline)
{
    if (settle(conn, deadline) && PQtransactionStatus(conn) != PQTRANS_IDLE &&
        PQsendQuery(conn, "ROLLBACK") == 1)
        settle(conn, deadline);
}

/* --- the check -------------------------------------------------------------------------------- */

/* The file libpq is to trust: the URL's own, the user's, or the system's. */
static bool find_ca(const struct settings *settings, struct hp_attempt *attempt, const char **ret)
{
    *ret = settings->target.sslrootcert;
    if (!settings->verify_ca)
        return true;
    *ret = settings->ca_file != NULL ? settings->ca_file : hp_tls_system_bundle();
    if (*ret != NULL)
        return true;
    hp_attempt_down(attempt, HP_REASON_TLS,
                    hp_untrusted_of("no certificates to trust: this system has no bundle; name one "
                                    "with --ca"));
    return false;
}

/* libpq passes over a client certificate that is not there, and connects without. */
static bool files_are_readable(const struct hp_database_target *target, struct hp_attempt *attempt)
{
    static const char *const keys[] = {"sslcert", "sslkey", "sslcrl"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
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
static bool prepare_tls(const struct settings *settings, struct hp_attempt *attempt,
                        const char **ret_ca_file)
{
    if (settings->target.sslmode == HP_SSLMODE_DISABLE || !hp_tls_available())
        return true;
    return files_are_readable(&settings->target, attempt) &&
           find_ca(settings, attempt, ret_ca_file);
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    const struct settings *settings = check->settings;
    struct session *session = calloc(1, sizeof *session);
    const char *ca_file = NULL;

    *ret_session = session;
    if (session == NULL) {
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("out of memory"));
        return;
    }
    session->crl_file = hp_database_target_parameter(&settings->target, "sslcrl");
    session->has_crl = session->crl_file != NULL ||
                       hp_database_target_parameter(&settings->target, "sslcrldir") != NULL;
    if (!prepare_tls(settings, attempt, &ca_file) ||
        !connect_to_any(settings, session, ca_file, attempt))
        return;
    if (settings->level == LEVEL_QUERY)
        query(settings, session, attempt);
    else
        hp_attempt_up(attempt);
}

static void close_session(void *data, struct hp_deadline deadline)
{
    struct session *session = data;

    if (session->in_transaction)
        roll_back(session->conn, deadline);
    PQfinish(session->conn);
    free(session);
}

/* --- settings --------------------------------------------------------------------------------- */

static void release(void *data)
{
    struct settings *settings = data;

    if (settings == NULL)
        return;
    hp_database_target_release(&settings->target);
    free(settings);
}

static bool read_level(struct settings *settings, const struct hp_check_input *input,
                       struct hp_error *err)
{
    int level = LEVEL_QUERY;
    bool good =
        hp_values_choice(input->values, "database-level", level_names, LEVEL_COUNT, &level, err);

    settings->level = (enum level)level;
    return good;
}

static bool read_role(struct settings *settings, const struct hp_check_input *input,
                      struct hp_error *err)
{
    int role = ROLE_ANY;
    bool good =
        hp_values_choice(input->values, "database-role", role_names, ROLE_COUNT, &role, err);

    settings->role = (enum role)role;
    return good;
}

/* False: a problem was added. */
static bool read_question(struct settings *settings, const struct hp_check_input *input,
                          struct hp_error *err)
{
    static const char *const options[] = {"database-query", "database-role"};
    bool good = read_level(settings, input, err);

    good = read_role(settings, input, err) && good;
    settings->query = hp_values_text(input->values, "database-query");
    if (settings->query != NULL && settings->query[0] == '\0') {
        hp_error_add(err, HP_REASON_CONFIG, "--database-query: is empty; give one SQL statement");
        good = false;
    }
    for (size_t i = 0; good && i < sizeof options / sizeof options[0]; i++) {
        const struct hp_value *value = hp_values_next(input->values, options[i], NULL);
        if (value == NULL || settings->level == LEVEL_QUERY)
            continue;
        hp_error_add(err, HP_REASON_CONFIG, "%s: needs --database-level query", value->origin);
        good = false;
    }
    return good;
}

/*
 * A CA is handed over for the two verifying modes alone: with it, libpq would
 * turn "require" into verify-ca.
 */
static bool read_tls(struct settings *settings, const struct hp_check_input *input,
                     struct hp_error *err)
{
    const struct hp_database_target *target = &settings->target;
    bool verifies = target->sslmode >= HP_SSLMODE_VERIFY_CA;

    if (target->sslmode >= HP_SSLMODE_REQUIRE && !hp_input_need_tls(input, err))
        return false;
    settings->verify_ca = target->ca_from_system || (verifies && target->sslrootcert == NULL);
    if (settings->verify_ca && !target->ca_from_system)
        settings->ca_file = hp_input_ca_file(input);
    return true;
}

/* Parameters that let somebody in, as a password does. */
static bool keep_secrets(struct hp_secrets *secrets, const struct hp_database_target *target)
{
    return hp_secrets_add(secrets, hp_database_target_parameter(target, "sslpassword")) &&
           hp_secrets_add(secrets, hp_database_target_parameter(target, "scram_client_key")) &&
           hp_secrets_add(secrets, hp_database_target_parameter(target, "scram_server_key"));
}

/* The last of all: for a URL that has no password, where no option has one either. */
static bool take_pgpassword(const struct hp_check_input *input, char **password,
                            struct hp_error *err)
{
    const char *text = hp_environment_get(input->values->environment, "PGPASSWORD");

    if (text == NULL || (*password != NULL && (*password)[0] != '\0'))
        return true;
    free(*password);
    *password = strdup(text);
    return (*password != NULL && hp_secrets_add(&input->collected->secrets, text)) ||
           hp_error_no_memory(err);
}

static bool read_settings(struct settings *settings, const struct hp_check_input *input,
                          struct hp_error *err)
{
    struct hp_database_target *target = &settings->target;
    bool good = read_question(settings, input, err);
    bool pgenv = hp_values_on(input->values, "database-pgenv");
    const struct hp_database_reading reading = {
        .user_optional = settings->level == LEVEL_PING,
        .wants_search_path = settings->query != NULL,
        .environment = pgenv ? input->values->environment : NULL,
    };

    if (input->target == NULL)
        return false;
    good = hp_target_check_unexpanded(input->target, input->origin, err) &&
           hp_database_target_parse(target, input->target, input->origin, &reading,
                                    &input->collected->ignored, err) &&
           good;
    return good && hp_input_password(input, &target->password, err) &&
           (!pgenv || take_pgpassword(input, &target->password, err)) &&
           (keep_secrets(&input->collected->secrets, target) || hp_error_no_memory(err)) &&
           read_tls(settings, input, err);
}

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    struct settings *settings = calloc(1, sizeof *settings);
    struct hp_buffer text;

    if (settings == NULL)
        return hp_error_no_memory(err);
    if (!read_settings(settings, input, err)) {
        release(settings);
        return false;
    }
    hp_buffer_init(&text, ret->target, sizeof ret->target);
    hp_database_target_describe(&settings->target, &text);
    ret->settings = settings;
    return true;
}

static void hint(const struct hp_check *check, const struct hp_result *result,
                 struct hp_buffer *ret)
{
    const struct hp_database_target *target = &((const struct settings *)check->settings)->target;

    if (target->n_hosts == 1)
        hp_hint_loopback(result, target->hosts[0].name, ret);
    if (result->reason != HP_REASON_TLS)
        return;
    if (strstr(result->error.bytes, "does not support SSL") != NULL)
        hp_buffer_add(ret, "turn it on there, or take sslmode=prefer or disable");
    else if (result->code[0] != '\0')
        hp_buffer_add(ret, "this server wants TLS: put sslmode=require into the URL");
}

static void describe(const struct hp_check *check, struct hp_facts *ret)
{
    const struct settings *settings = check->settings;
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
    return hp_database_target_shows(&((const struct settings *)check->settings)->target, text);
}

static void library(struct hp_buffer *ret)
{
    hp_buffer_add_format(ret, "libpq %d.%d", PQlibVersion() / 10000, PQlibVersion() % 10000);
}

static const struct hp_option options[] = {
    {"database", "URL", NULL, "postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
     HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE},
    {"database-password", "TEXT", NULL, "for a URL that has no password", HP_OPTION_SOURCE},
    {"database-timeout", "DUR", NULL, "limit of this check; cut to --timeout", 0},
    {"database-slow", "DUR", NULL, "slower than this is up and slow: the run is degraded", 0},
    {"database-level", "LEVEL", "query", "ping: it answers; login: it lets us in; query: SELECT 1",
     0},
    {"database-query", "SQL", NULL,
     "one statement in place of SELECT 1; no row, false or null: down", HP_OPTION_PRIVATE},
    {"database-role", "ROLE", "any", "primary, standby or any, by pg_is_in_recovery()", 0},
    {"database-pgenv", NULL, NULL,
     "let PGHOST, PGUSER, PGPASSWORD and such fill what a URL leaves out", 0},
    {"database-ca", "FILE", NULL, "as --ca, for sslmode verify-ca and verify-full", HP_OPTION_PATH},
};

static const char *const app_variables[] = {"DATABASE_URL", NULL};

static const struct hp_own_target own_target = {"database-pgenv", "PGHOST", "postgresql://"};

const struct hp_check_ops hp_check_database_ops = {
    .kind = "database",
    .is_datastore = true,
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .app_variables = app_variables,
    .own_target = &own_target,
    .exit_bit = 16,
    .library = library,
    .parse = parse,
    .describe = describe,
    .hint = hint,
    .shows = shows,
    .run = run,
    .close = close_session,
    .release = release,
};
