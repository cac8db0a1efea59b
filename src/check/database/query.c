/* SPDX-License-Identifier: MIT */
#include "query.h"

#include <healthprobe/net/stream.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* This long before the limit, a cancelled statement was cancelled by the limit. */
#define CANCEL_MS 10

/* @answered: another statement was. */
static void query_failed(const struct hp_database_session *session, struct hp_attempt *attempt,
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
            hp_database_down(attempt, HP_REASON_PROTOCOL, message, hp_untrusted_of(message));
        else
            hp_database_broke_off(session, attempt, message);
        return;
    }
    hp_attempt_code(attempt, sqlstate);
    hp_database_down(attempt,
                     hp_postgres_reason_of_sqlstate(
                         sqlstate, message, answered ? HP_POSTGRES_ANSWERED : HP_POSTGRES_SESSION),
                     message, hp_untrusted_of(message));
}

/* Send what is left, or wait for more to come. False: the attempt has its verdict. */
static bool transfer(const struct hp_database_session *session, struct hp_attempt *attempt)
{
    PGconn *conn = session->conn;
    int unsent = PQflush(conn);
    short events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN);

    if (hp_deadline_expired(attempt->deadline) ||
        !hp_poll(PQsocket(conn), events, attempt->deadline)) {
        hp_attempt_timeout(attempt);
        return false;
    }
    if (PQconsumeInput(conn) == 1)
        return true;
    hp_database_broke_off(session, attempt, PQerrorMessage(conn));
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
                        const struct hp_database_session *session, struct hp_attempt *attempt)
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
static bool read_answer(struct hp_database_session *session, struct hp_attempt *attempt,
                        size_t results, struct answer *ret)
{
    PGconn *conn = session->conn;

    *ret = (struct answer){0};
    PQsetSingleRowMode(conn);
    while (ret->results <= results && !ret->copies) {
        PGresult *result = NULL;
        bool good = false;
        while (PQisBusy(conn) || PQflush(conn) > 0)
            if (!transfer(session, attempt))
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

static bool not_sent(const struct hp_database_session *session, struct hp_attempt *attempt)
{
    hp_database_broke_off(session, attempt, PQerrorMessage(session->conn));
    return false;
}

/* By the simple protocol: @sql holds @results statements. False: the attempt has its verdict. */
static bool ask(struct hp_database_session *session, struct hp_attempt *attempt, const char *sql,
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
static bool ask_one(struct hp_database_session *session, struct hp_attempt *attempt,
                    const char *sql, const char *parameter, struct answer *ret)
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

static bool select_one(struct hp_database_session *session, struct hp_attempt *attempt)
{
    struct answer answer;

    if (!ask(session, attempt, "SELECT 1", 1, &answer))
        return false;
    if (!is_value(&answer, "1"))
        hp_attempt_down(attempt, HP_REASON_PROTOCOL, hp_untrusted_of("SELECT 1 did not give 1"));
    return !hp_attempt_decided(attempt);
}

static bool has_role(struct hp_database_session *session, struct hp_attempt *attempt,
                     enum hp_database_role wanted)
{
    struct answer answer;
    bool standby = false;

    if (!ask(session, attempt, "SELECT pg_catalog.pg_is_in_recovery()", 1, &answer))
        return false;
    standby = is_value(&answer, "t");
    if (!standby && !is_value(&answer, "f"))
        hp_attempt_down(attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("pg_is_in_recovery() gave neither true nor false"));
    else if (standby != (wanted == HP_DATABASE_ROLE_STANDBY))
        hp_attempt_down_format(
            attempt, HP_REASON_ROLE, "the server is a %s, not a %s",
            hp_database_role_name(standby ? HP_DATABASE_ROLE_STANDBY : HP_DATABASE_ROLE_PRIMARY),
            hp_database_role_name(wanted));
    return !hp_attempt_decided(attempt);
}

/*
 * All that is set is the transaction's own: behind a pooler, the session is
 * the next client's. Its end is up to close_session().
 */
static bool begin(struct hp_database_session *session, struct hp_attempt *attempt,
                  const char *search_path)
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

/* Only whether the result is true matters: its values are not reported. */
static bool statement_holds(struct hp_database_session *session, struct hp_attempt *attempt,
                            const char *sql)
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

void hp_database_query(const struct hp_database_settings *settings,
                       struct hp_database_session *session, struct hp_attempt *attempt)
{
    bool asks_something = settings->role != HP_DATABASE_ROLE_ANY || settings->query != NULL;

    hp_attempt_phase(attempt, HP_PHASE_QUERY);
    if (!asks_something && !select_one(session, attempt))
        return;
    if (settings->role != HP_DATABASE_ROLE_ANY && !has_role(session, attempt, settings->role))
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
            if (hp_deadline_expired(deadline) || !hp_poll(PQsocket(conn), POLLIN, deadline) ||
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

void hp_database_roll_back(PGconn *conn, struct hp_deadline deadline)
{
    if (settle(conn, deadline) && PQtransactionStatus(conn) != PQTRANS_IDLE &&
        PQsendQuery(conn, "ROLLBACK") == 1)
        settle(conn, deadline);
}
