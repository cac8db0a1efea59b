/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/database/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define AT "connection to server at \"db\" (10.0.0.2), port 5432 failed: "
#define ON "connection to server on socket \"/run/postgresql/.s.PGSQL.5432\" failed: "

static const struct {
    const char *message;
    const char *sqlstate;
    const char *text;
} messages[] = {
    {AT "FATAL:  28P01: password authentication failed for user \"app\"\n", "28P01",
     "password authentication failed for user \"app\""},
    {AT "FATAL:  28P01: password authentication failed for user \"app\"\nLOCATION:  auth_failed, "
        "auth.c:326\n",
     "28P01", "password authentication failed for user \"app\""},
    {AT "FATAL:  57P03: the database system is starting up\n", "57P03",
     "the database system is starting up"},
    {ON "FATAL:  3D000: database \"nope\" does not exist\n", "3D000",
     "database \"nope\" does not exist"},
    /* the severity's language is the server's */
    {AT "FATAL:  28P01: Passwort-Authentifizierung f\xC3\xBCr Benutzer \xC2\xBB"
        "app\xC2\xAB fehlgeschlagen\n",
     "28P01",
     "Passwort-Authentifizierung f\xC3\xBCr Benutzer \xC2\xBB"
     "app\xC2\xAB fehlgeschlagen"},
    {AT "FEHLER:  42501: keine Berechtigung\n", "42501", "keine Berechtigung"},
    {AT "\xD0\x92\xD0\x90\xD0\x96\xD0\x9D\xD0\x9E:  53300: \xD1\x83\n", "53300", "\xD1\x83"},
    {AT "\xE8\x87\xB4\xE5\x91\xBD\xE9\x8C\xAF\xE8\xAA\xA4:  3D000: x\n", "3D000", "x"},
    {AT "FATALE :  57P01: x\n", "57P01", "x"},
    /* errors of a statement have no "connection to server" before them */
    {"ERROR:  42501: permission denied for function x\n", "42501",
     "permission denied for function x"},
    {"ERROR:  57014: canceling statement due to statement timeout\n", "57014",
     "canceling statement due to statement timeout"},
    {AT "FATAL:  08P01: no such database: nope\n", "08P01", "no such database: nope"},
    /* the first code is the server's, what stands behind it is only said */
    {"ERROR:  22012: x  28P01: y\n", "22012", "x  28P01: y"},
    {AT "FATAL:  no code  28P01: y\n", "", "FATAL:  no code  28P01: y"},
    {AT "two  words:  28P01: x\n", "", "two  words:  28P01: x"},
    {AT "FATAL:\n  28P01: the next line\n", "", "FATAL:"},
    {AT "error received from server in SCRAM exchange: x:  28P01: y\n", "",
     "error received from server in SCRAM exchange"},
    /* libpq's own have no code */
    {AT "Connection refused\n\tIs the server running on that host and accepting TCP/IP "
        "connections?\n",
     "", "Connection refused"},
    {ON "No such file or directory\n\tIs the server running locally and accepting connections on "
        "that socket?\n",
     "", "No such file or directory"},
    {AT "server does not support SSL, but SSL was required\n", "",
     "server does not support SSL, but SSL was required"},
    {AT "fe_sendauth: no password supplied\n", "", "fe_sendauth: no password supplied"},
    {"server closed the connection unexpectedly\n\tThis probably means the server terminated "
     "abnormally\n\tbefore or while processing the request.\n",
     "", "server closed the connection unexpectedly"},
    {"no connection to the server\n", "", "no connection to the server"},
    {"", "", ""},
    {"\n", "", ""},
    {"  ", "", "  "},
    {"  28P0", "", "  28P0"},
    {"x:  28p01: lower case is no code", "", "x:  28p01: lower case is no code"},
    {"x:  28P012: too long", "", "x:  28P012: too long"},
    {"x: 28P01: one blank", "", "x: 28P01: one blank"},
    {"FATAL:  28P01: ", "28P01", ""},
    {AT "FATAL:  password authentication failed\n", "", "FATAL:  password authentication failed"},
};

/* What stood in a message when the startup packet went out. */
static size_t asked_at(const char *message)
{
    return strncmp(message, AT, strlen(AT)) == 0   ? strlen(AT)
           : strncmp(message, ON, strlen(ON)) == 0 ? strlen(ON)
                                                   : 0;
}

START_TEST(message_is_taken_apart_into_code_and_first_line)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, messages[_i].message, asked_at(messages[_i].message));
    ck_assert_str_eq(error.sqlstate, messages[_i].sqlstate);
    ck_assert_uint_eq(error.text_len, strlen(messages[_i].text));
    ck_assert_int_eq(strncmp(error.text, messages[_i].text, error.text_len), 0);
}
END_TEST

#define FOR(name) AT "server certificate for \"" name "\" does not match host name \"db\"\n"

/* A certificate's name may say anything. */
static const char *const named[] = {
    FOR("a  28P01: x"),
    FOR("  53300: x"),
    FOR("x\nFATAL:  57P03: x"),
    FOR("password authentication failed"),
    FOR("fe_sendauth: no password supplied"),
    FOR("x\nfe_sendauth: no password supplied"),
    FOR("Connection refused"),
    FOR("Connection refused\n"),
    FOR("out of memory"),
    FOR("Out of memory\n"),
    FOR("SSL SYSCALL error: EOF detected"),
    FOR("server closed the connection unexpectedly"),
    FOR("session is read-only"),
    FOR("\" does not match\n\tIs the server running?"),
    AT "server certificate for \"  28P01: x\" (and 1 other name) does not match host name \"db\"\n",
};

START_TEST(name_in_a_certificate_is_no_answer)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, named[_i], HP_POSTGRES_NOT_ASKED);
    ck_assert(!error.is_answer);
    ck_assert_str_eq(error.sqlstate, "");
    ck_assert_int_eq(hp_postgres_error_reason(&error), HP_REASON_TLS);
}
END_TEST

/* sslmode=prefer and allow connect twice: the first answer is told, and no failure before it. */
START_TEST(answer_begins_where_the_message_ended_when_it_was_asked_for)
{
    static const char before[] = AT "SSL error: x  28P01: y\n" AT;
    struct hp_postgres_error error;
    char message[512];

    snprintf(message, sizeof message, "%s%s", before, "FATAL:  53300: z\n" AT "SSL error: q\n");
    hp_postgres_error_parse(&error, message, strlen(before));
    ck_assert_str_eq(error.sqlstate, "53300");
    ck_assert_int_eq(strncmp(error.text, "z\n", 2), 0);
    ck_assert_uint_eq(error.text_len, 1);
    hp_postgres_error_parse(&error, message, strlen(message) + 1);
    ck_assert(!error.is_answer);
    ck_assert_str_eq(error.sqlstate, "");
}
END_TEST

/* What a server says without a code is not searched for what libpq might have said. */
static const char *const codeless[] = {
    AT "FATAL:  authentication failed\n",
    AT "FATAL:  Connection refused\n",
    AT "FATAL:  out of memory\n",
    AT "ERROR authentication required\n",
    AT "x: Connection refused\n",
    AT "no password supplied\n",
    AT
    "received invalid protocol negotiation message: server reported an unsupported parameter that "
    "was not requested (\"Connection refused\")\n",
    AT "received invalid protocol negotiation message: server reported unsupported parameter name "
       "without a \"_pq_.\" prefix (\"x:  28P01: y\")\n",
    AT "lost synchronization with server: got message type \"S\", length 1\n",
};

START_TEST(answer_without_a_code_is_not_the_protocol)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, codeless[_i], strlen(AT));
    ck_assert_str_eq(error.sqlstate, "");
    ck_assert_int_eq(hp_postgres_error_reason(&error), HP_REASON_PROTOCOL);
}
END_TEST

START_TEST(error_of_a_SCRAM_exchange_is_auth_whatever_it_says)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error,
                            AT "error received from server in SCRAM exchange: Connection refused\n",
                            strlen(AT));
    ck_assert_int_eq(hp_postgres_error_reason(&error), HP_REASON_AUTH);
}
END_TEST

static const struct {
    const char *sqlstate;
    const char *text;
    enum hp_postgres_stage stage;
    enum hp_reason reason;
} codes[] = {
    {"57P03", "the database system is starting up", HP_POSTGRES_LOGIN, HP_REASON_STARTING},
    {"57P03", "the database system is not yet accepting connections", HP_POSTGRES_LOGIN,
     HP_REASON_STARTING},
    {"57P03", "the database system is in recovery mode", HP_POSTGRES_LOGIN, HP_REASON_STARTING},
    {"57P03", "das Datenbanksystem startet", HP_POSTGRES_LOGIN, HP_REASON_STARTING},
    {"57P03", "das Datenbanksystem f\xC3\xA4hrt herunter", HP_POSTGRES_LOGIN, HP_REASON_STARTING},
    {"57P03", "the database system is shutting down", HP_POSTGRES_LOGIN, HP_REASON_STOPPING},
    {"57P01", "terminating connection due to administrator command", HP_POSTGRES_LOGIN,
     HP_REASON_STOPPING},
    {"57P01", "terminating connection due to administrator command", HP_POSTGRES_ANSWERED,
     HP_REASON_STOPPING},
    {"57P02", "terminating connection because of crash of another server process",
     HP_POSTGRES_ANSWERED, HP_REASON_STOPPING},
    {"53300", "sorry, too many clients already", HP_POSTGRES_LOGIN, HP_REASON_CAPACITY},
    {"53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute",
     HP_POSTGRES_LOGIN, HP_REASON_CAPACITY},
    {"53200", "out of memory", HP_POSTGRES_ANSWERED, HP_REASON_CAPACITY},
    {"53100", "could not extend file", HP_POSTGRES_ANSWERED, HP_REASON_CAPACITY},
    {"53000", "", HP_POSTGRES_LOGIN, HP_REASON_CAPACITY},
    {"28P01", "password authentication failed for user \"app\"", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"28000", "no pg_hba.conf entry for host \"10.0.0.3\"", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"28000", "role \"app\" is not permitted to log in", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"28000", "connection requires a valid client certificate", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"42501", "permission denied for database \"app\"", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"42501", "permission denied for function x", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    {"3D000", "database \"nope\" does not exist", HP_POSTGRES_LOGIN, HP_REASON_MISSING},
    {"25006", "cannot execute INSERT in a read-only transaction", HP_POSTGRES_ANSWERED,
     HP_REASON_READONLY},
    /* PgBouncer */
    {"08P01", "no such database: nope", HP_POSTGRES_LOGIN, HP_REASON_MISSING},
    {"08P01", "no such user: app", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"08P01", "password authentication failed", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"08P01", "SASL authentication failed", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"08P01", "no more connections allowed (max_client_conn)", HP_POSTGRES_LOGIN,
     HP_REASON_CAPACITY},
    {"08P01", "no more connections allowed", HP_POSTGRES_LOGIN, HP_REASON_CAPACITY},
    {"08P01", "server login has been failing, try again later (server_login_retry)",
     HP_POSTGRES_SESSION, HP_REASON_UPSTREAM},
    {"08P01", "pgbouncer cannot connect to server", HP_POSTGRES_SESSION, HP_REASON_UPSTREAM},
    {"08P01", "query_wait_timeout", HP_POSTGRES_SESSION, HP_REASON_UPSTREAM},
    {"08P01", "unsupported startup parameter: search_path", HP_POSTGRES_LOGIN, HP_REASON_UPSTREAM},
    {"08006", "server conn crashed?", HP_POSTGRES_SESSION, HP_REASON_UPSTREAM},
    {"08006", "odyssey: c6f3: failed to connect to remote server", HP_POSTGRES_LOGIN,
     HP_REASON_UPSTREAM},
    {"08000", "", HP_POSTGRES_LOGIN, HP_REASON_UPSTREAM},
    /* Supavisor */
    {"XX000", "Tenant or user not found", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"XX000", "Max client connections reached", HP_POSTGRES_LOGIN, HP_REASON_CAPACITY},
    {"XX000",
     "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to "
     "pool_size",
     HP_POSTGRES_LOGIN, HP_REASON_CAPACITY},
    {"XX000", "(EMAXCONNSESSION) max clients reached in session mode", HP_POSTGRES_SESSION,
     HP_REASON_CAPACITY},
    {"XX000", "(ENOTFOUND) tenant/user postgres.abc not found", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"XX000", "Authentication error, reason: \"x\"", HP_POSTGRES_LOGIN, HP_REASON_AUTH},
    {"XX000", "SSL connection is required", HP_POSTGRES_LOGIN, HP_REASON_TLS},
    {"XX000", "Unable to check out connection from the pool due to timeout", HP_POSTGRES_SESSION,
     HP_REASON_UPSTREAM},
    /* Neon */
    {"XX000", "connection is insecure (try using `sslmode=require`)", HP_POSTGRES_LOGIN,
     HP_REASON_TLS},
    /* pgcat */
    {"58000", "No pool configured for database: \"nope\", user: \"app\"", HP_POSTGRES_LOGIN,
     HP_REASON_MISSING},
    {"58000", "could not get connection from the pool - AllServersDown", HP_POSTGRES_SESSION,
     HP_REASON_UPSTREAM},
    {"58000", "", HP_POSTGRES_LOGIN, HP_REASON_UPSTREAM},
    {"58030", "could not read file", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    /* once a statement was answered, it is that statement */
    {"08006", "could not connect to server \"other\"", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    {"XX000", "no such database: x", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    {"XX000", "cache lookup failed for relation 1", HP_POSTGRES_SESSION, HP_REASON_UPSTREAM},
    /* any other */
    {"42P01", "relation \"x\" does not exist", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    {"22012", "division by zero", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    {"57014", "canceling statement due to user request", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    {"42704", "unrecognized configuration parameter", HP_POSTGRES_LOGIN, HP_REASON_QUERY},
    {"0A000", "unsupported frontend protocol", HP_POSTGRES_LOGIN, HP_REASON_QUERY},
    {"XX001", "invalid page in block 0", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
    {"58P01", "could not open file", HP_POSTGRES_ANSWERED, HP_REASON_QUERY},
};

START_TEST(code_tells_the_reason)
{
    enum hp_reason reason =
        hp_postgres_reason_of_sqlstate(codes[_i].sqlstate, codes[_i].text, codes[_i].stage);

    ck_assert_msg(reason == codes[_i].reason, "%s %s: %s and not %s", codes[_i].sqlstate,
                  codes[_i].text, hp_reason_name(reason), hp_reason_name(codes[_i].reason));
}
END_TEST

static const struct {
    const char *message;
    enum hp_reason reason;
} words[] = {
    /* sockets */
    {AT "Connection refused\n\tIs the server running on that host and accepting TCP/IP "
        "connections?\n",
     HP_REASON_REFUSED},
    {ON "No such file or directory\n\tIs the server running locally and accepting connections on "
        "that socket?\n",
     HP_REASON_REFUSED},
    {ON "Permission denied\n", HP_REASON_REFUSED},
    {ON "Resource temporarily unavailable\n", HP_REASON_CAPACITY},
    {"could not receive data from server: Connection reset by peer\n", HP_REASON_CLOSED},
    {"could not send data to server: Broken pipe\n", HP_REASON_CLOSED},
    {AT "server closed the connection unexpectedly\n\tThis probably means the server terminated "
        "abnormally\n\tbefore or while processing the request.\n",
     HP_REASON_CLOSED},
    {"out of memory\n", HP_REASON_INTERNAL},
    {"cannot allocate memory for input buffer\n", HP_REASON_INTERNAL},
    {AT "could not fork new process for connection: Resource temporarily unavailable\n",
     HP_REASON_CAPACITY},
    {AT "fe_sendauth: error sending password authentication\n", HP_REASON_PROTOCOL},
    /* what is short, whatever it was for */
    {AT "could not read root certificate file \"/x\": out of memory\n", HP_REASON_INTERNAL},
    {AT "could not create SSL context: SSL error code 478150842\n", HP_REASON_INTERNAL},
    {AT "could not establish SSL connection: no SSL error reported\n", HP_REASON_INTERNAL},
    {AT "could not generate nonce\n", HP_REASON_INTERNAL},
    /* TLS */
    {AT "server does not support SSL, but SSL was required\n", HP_REASON_TLS},
    {AT "SSL error: certificate verify failed\n", HP_REASON_TLS},
    {AT "SSL error: tlsv1 alert unknown ca\n", HP_REASON_TLS},
    {AT "SSL error: wrong version number\n", HP_REASON_TLS},
    {AT "server certificate for \"db\" does not match host name \"other\"\n", HP_REASON_TLS},
    {AT "server certificate for \"db\" (and 2 other names) does not match host name \"other\"\n",
     HP_REASON_TLS},
    {AT "root certificate file \"/none\" does not exist\nEither provide the file, use the system's "
        "trusted roots with sslrootcert=system, or change sslmode to disable server certificate "
        "verification.\n",
     HP_REASON_TLS},
    {AT "could not read root certificate file \"/x\": No such file or directory\n", HP_REASON_TLS},
    {AT "could not open certificate file \"/x\": Permission denied\n", HP_REASON_TLS},
    {AT "certificate present, but not private key file \"/x\"\n", HP_REASON_TLS},
    {AT "could not load private key file \"/x\": wrong tag\n", HP_REASON_TLS},
    {AT "SSL SYSCALL error: EOF detected\n", HP_REASON_CLOSED},
    {AT "SSL SYSCALL error: Connection reset by peer\n", HP_REASON_CLOSED},
    {AT "SSL error: unexpected eof while reading\n", HP_REASON_CLOSED},
    {"SSL connection has been closed unexpectedly\n", HP_REASON_CLOSED},
    /* login */
    {AT "fe_sendauth: no password supplied\n", HP_REASON_AUTH},
    {AT "incorrect server signature\n", HP_REASON_AUTH},
    {AT "authentication method 7 not supported\n", HP_REASON_AUTH},
    {AT "authentication method requirement \"scram-sha-256\" failed: server requested a cleartext "
        "password\n",
     HP_REASON_AUTH},
    {AT "none of the server's SASL authentication mechanisms are supported\n", HP_REASON_AUTH},
    {AT "channel binding required, but server authenticated client without channel binding\n",
     HP_REASON_AUTH},
    {AT "SCRAM authentication requires libpq version 10 or above\n", HP_REASON_AUTH},
    /* roles */
    {AT "session is read-only\n", HP_REASON_ROLE},
    {AT "session is not read-only\n", HP_REASON_ROLE},
    {AT "server is in hot standby mode\n", HP_REASON_ROLE},
    {AT "server is not in hot standby mode\n", HP_REASON_ROLE},
    /* what is not the protocol */
    {AT "received invalid response to SSL negotiation: H\n", HP_REASON_PROTOCOL},
    {AT "invalid response to SSL negotiation: H\n", HP_REASON_PROTOCOL},
    {AT "received unencrypted data after SSL response\n", HP_REASON_PROTOCOL},
    {AT "expected authentication request from server, but received H\n", HP_REASON_PROTOCOL},
    {AT "received invalid authentication request\n", HP_REASON_PROTOCOL},
    {AT "malformed SCRAM message (empty message)\n", HP_REASON_PROTOCOL},
    {AT "received duplicate SASL authentication request\n", HP_REASON_PROTOCOL},
    {AT "server sent an error response during SSL exchange\n", HP_REASON_PROTOCOL},
    {"lost synchronization with server: got message type \"H\", length 1414811695\n",
     HP_REASON_PROTOCOL},
    {"message contents do not agree with length in message type \"T\"\n", HP_REASON_PROTOCOL},
    {"unexpected message from server during startup\n", HP_REASON_PROTOCOL},
    {"something that libpq does not say today\n", HP_REASON_PROTOCOL},
    {"", HP_REASON_PROTOCOL},
    /* what only a configuration can be the cause of */
    {"invalid channel_binding value: \"x\"\n", HP_REASON_CONFIG},
    {"invalid sslnegotiation value: \"x\"\n", HP_REASON_CONFIG},
    {"invalid port number: \"x\"\n", HP_REASON_CONFIG},
};

/* C libraries differ in these. */
static const struct {
    const char *place;
    int error;
    enum hp_reason reason;
} system_errors[] = {
    {AT, EHOSTUNREACH, HP_REASON_UNREACHABLE},
    {AT, ENETUNREACH, HP_REASON_UNREACHABLE},
    {AT, EADDRNOTAVAIL, HP_REASON_UNREACHABLE},
    {AT, ETIMEDOUT, HP_REASON_TIMEOUT},
    {"could not create socket: ", EMFILE, HP_REASON_INTERNAL},
    {"SSL SYSCALL error: ", ETIMEDOUT, HP_REASON_TIMEOUT},
    {AT "could not read root certificate file \"/x\": ", EMFILE, HP_REASON_INTERNAL},
    {AT "could not read root certificate file \"/x\": ", EACCES, HP_REASON_TLS},
    {AT "could not fork new process for connection: ", ENOMEM, HP_REASON_CAPACITY},
    {AT "a peer's words: ", ENOMEM, HP_REASON_PROTOCOL},
};

START_TEST(words_of_the_system_tell_the_reason)
{
    enum hp_reason reason;
    char message[256];

    snprintf(message, sizeof(message), "%s%s\n", system_errors[_i].place,
             strerror(system_errors[_i].error));
    reason = hp_postgres_reason_of_words(message);
    ck_assert_msg(reason == system_errors[_i].reason, "%s: %s and not %s", message,
                  hp_reason_name(reason), hp_reason_name(system_errors[_i].reason));
}
END_TEST

START_TEST(words_of_libpq_tell_the_reason)
{
    enum hp_reason reason = hp_postgres_reason_of_words(words[_i].message);

    ck_assert_msg(reason == words[_i].reason, "%s: %s and not %s", words[_i].message,
                  hp_reason_name(reason), hp_reason_name(words[_i].reason));
}
END_TEST

/* Where it connected to is ours, and says nothing of what went wrong. */
static const char *const misleading_places[] = {
    "connection to server on socket \"/run/certificate/.s.PGSQL.5432\" failed: ",
    "connection to server on socket \"/run/authentication/.s.PGSQL.5432\" failed: ",
    "connection to server at \"invalid -SASL\" (10.0.0.2), port 5432 failed: ",
};

START_TEST(place_in_a_message_does_not_count)
{
    struct hp_postgres_error error;
    char message[256];

    snprintf(message, sizeof(message), "%s%s\n", misleading_places[_i], strerror(ECONNREFUSED));
    hp_postgres_error_parse(&error, message, HP_POSTGRES_NOT_ASKED);
    ck_assert_int_eq(hp_postgres_error_reason(&error), HP_REASON_REFUSED);
}
END_TEST

static const struct {
    const char *message;
    bool may;
} fallbacks[] = {
    {AT "FATAL:  28000: no pg_hba.conf entry for host \"10.0.0.3\", user \"app\", database "
        "\"app\", SSL encryption\n",
     true},
    {AT "FATAL:  28000: pg_hba.conf rejects connection for host \"10.0.0.3\", user \"app\"\n",
     true},
    {AT "FATAL:  28000: kein pg_hba.conf-Eintrag f\xC3\xBCr Host\n", true},
    {AT "server does not support SSL\n", true},
    {AT "SSL error: wrong version number\n", true},
    {AT "FATAL:  a password was refused, without a code\n", false},
    {AT "FATAL:  28P01: password authentication failed for user \"app\"\n", false},
    {AT "FATAL:  28000: role \"app\" is not permitted to log in\n", false},
    {AT "FATAL:  53300: sorry, too many clients already\n", false},
    {AT "FATAL:  57P03: the database system is starting up\n", false},
    {AT "FATAL:  3D000: database \"pg_hba.conf\" does not exist\n", false},
};

START_TEST(only_a_refused_kind_of_connection_is_tried_otherwise)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, fallbacks[_i].message,
                            strstr(fallbacks[_i].message, "SSL\n") != NULL ||
                                    strstr(fallbacks[_i].message, "SSL error") != NULL
                                ? HP_POSTGRES_NOT_ASKED
                                : strlen(AT));
    ck_assert_int_eq(hp_postgres_may_fall_back(&error), fallbacks[_i].may);
}
END_TEST

static const int shortages[] = {EMFILE, ENFILE, ENOMEM};

START_TEST(what_is_short_is_ours_whatever_it_was_for)
{
    char message[160];

    snprintf(message, sizeof message, AT "could not read certificate file \"/x\": %s\n",
             strerror(shortages[_i]));
    ck_assert_int_eq(hp_postgres_reason_of_words(message), HP_REASON_INTERNAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("database_error");

    HP_UNIT_TABLE(suite, message_is_taken_apart_into_code_and_first_line, messages);
    HP_UNIT_TABLE(suite, name_in_a_certificate_is_no_answer, named);
    HP_UNIT_CASE(suite, answer_begins_where_the_message_ended_when_it_was_asked_for);
    HP_UNIT_TABLE(suite, answer_without_a_code_is_not_the_protocol, codeless);
    HP_UNIT_CASE(suite, error_of_a_SCRAM_exchange_is_auth_whatever_it_says);
    HP_UNIT_TABLE(suite, code_tells_the_reason, codes);
    HP_UNIT_TABLE(suite, words_of_the_system_tell_the_reason, system_errors);
    HP_UNIT_TABLE(suite, words_of_libpq_tell_the_reason, words);
    HP_UNIT_TABLE(suite, place_in_a_message_does_not_count, misleading_places);
    HP_UNIT_TABLE(suite, only_a_refused_kind_of_connection_is_tried_otherwise, fallbacks);
    HP_UNIT_TABLE(suite, what_is_short_is_ours_whatever_it_was_for, shortages);
    return hp_unit_run(suite);
}
