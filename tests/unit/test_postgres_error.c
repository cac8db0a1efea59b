/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/postgres_error.h>

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

START_TEST(message_is_taken_apart_into_code_and_first_line)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, messages[_i].message);
    ck_assert_str_eq(error.sqlstate, messages[_i].sqlstate);
    ck_assert_uint_eq(error.text_len, strlen(messages[_i].text));
    ck_assert_int_eq(strncmp(error.text, messages[_i].text, error.text_len), 0);
}
END_TEST

static const struct {
    const char *sqlstate;
    const char *text;
    bool logged_in;
    enum hp_reason reason;
} codes[] = {
    {"57P03", "the database system is starting up", false, HP_REASON_STARTING},
    {"57P03", "the database system is not yet accepting connections", false, HP_REASON_STARTING},
    {"57P03", "the database system is in recovery mode", false, HP_REASON_STARTING},
    {"57P03", "das Datenbanksystem startet", false, HP_REASON_STARTING},
    {"57P03", "das Datenbanksystem f\xC3\xA4hrt herunter", false, HP_REASON_STARTING},
    {"57P03", "the database system is shutting down", false, HP_REASON_STOPPING},
    {"57P01", "terminating connection due to administrator command", false, HP_REASON_STOPPING},
    {"57P01", "terminating connection due to administrator command", true, HP_REASON_STOPPING},
    {"57P02", "terminating connection because of crash of another server process", true,
     HP_REASON_STOPPING},
    {"53300", "sorry, too many clients already", false, HP_REASON_CAPACITY},
    {"53300", "remaining connection slots are reserved for roles with the SUPERUSER attribute",
     false, HP_REASON_CAPACITY},
    {"53200", "out of memory", true, HP_REASON_CAPACITY},
    {"53100", "could not extend file", true, HP_REASON_CAPACITY},
    {"53000", "", false, HP_REASON_CAPACITY},
    {"28P01", "password authentication failed for user \"app\"", false, HP_REASON_AUTH},
    {"28000", "no pg_hba.conf entry for host \"10.0.0.3\"", false, HP_REASON_AUTH},
    {"28000", "role \"app\" is not permitted to log in", false, HP_REASON_AUTH},
    {"28000", "connection requires a valid client certificate", false, HP_REASON_AUTH},
    {"42501", "permission denied for database \"app\"", false, HP_REASON_AUTH},
    {"42501", "permission denied for function x", true, HP_REASON_QUERY},
    {"3D000", "database \"nope\" does not exist", false, HP_REASON_MISSING},
    {"25006", "cannot execute INSERT in a read-only transaction", true, HP_REASON_READONLY},
    /* PgBouncer */
    {"08P01", "no such database: nope", false, HP_REASON_MISSING},
    {"08P01", "no such user: app", false, HP_REASON_AUTH},
    {"08P01", "password authentication failed", false, HP_REASON_AUTH},
    {"08P01", "SASL authentication failed", false, HP_REASON_AUTH},
    {"08P01", "no more connections allowed (max_client_conn)", false, HP_REASON_CAPACITY},
    {"08P01", "no more connections allowed", false, HP_REASON_CAPACITY},
    {"08P01", "server login has been failing, try again later (server_login_retry)", true,
     HP_REASON_UPSTREAM},
    {"08P01", "pgbouncer cannot connect to server", true, HP_REASON_UPSTREAM},
    {"08P01", "query_wait_timeout", true, HP_REASON_UPSTREAM},
    {"08P01", "unsupported startup parameter: search_path", false, HP_REASON_UPSTREAM},
    {"08006", "server conn crashed?", true, HP_REASON_UPSTREAM},
    {"08006", "odyssey: c6f3: failed to connect to remote server", false, HP_REASON_UPSTREAM},
    {"08000", "", false, HP_REASON_UPSTREAM},
    /* Supavisor */
    {"XX000", "Tenant or user not found", false, HP_REASON_AUTH},
    {"XX000", "Max client connections reached", false, HP_REASON_UPSTREAM},
    {"XX000", "cache lookup failed for relation 1", true, HP_REASON_UPSTREAM},
    /* any other */
    {"42P01", "relation \"x\" does not exist", true, HP_REASON_QUERY},
    {"22012", "division by zero", true, HP_REASON_QUERY},
    {"57014", "canceling statement due to user request", true, HP_REASON_QUERY},
    {"42704", "unrecognized configuration parameter", false, HP_REASON_QUERY},
    {"0A000", "unsupported frontend protocol", false, HP_REASON_QUERY},
    {"XX001", "invalid page in block 0", true, HP_REASON_QUERY},
    {"58P01", "could not open file", true, HP_REASON_QUERY},
};

START_TEST(code_tells_the_reason)
{
    enum hp_reason reason =
        hp_postgres_reason_of_sqlstate(codes[_i].sqlstate, codes[_i].text, codes[_i].logged_in);

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
    hp_postgres_error_parse(&error, message);
    ck_assert_int_eq(hp_postgres_reason_of_words(error.text), HP_REASON_REFUSED);
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
    {AT "FATAL:  28P01: password authentication failed for user \"app\"\n", false},
    {AT "FATAL:  28000: role \"app\" is not permitted to log in\n", false},
    {AT "FATAL:  53300: sorry, too many clients already\n", false},
    {AT "FATAL:  57P03: the database system is starting up\n", false},
    {AT "FATAL:  3D000: database \"pg_hba.conf\" does not exist\n", false},
};

START_TEST(only_a_refused_kind_of_connection_is_tried_otherwise)
{
    struct hp_postgres_error error;

    hp_postgres_error_parse(&error, fallbacks[_i].message);
    ck_assert_int_eq(hp_postgres_may_fall_back(&error), fallbacks[_i].may);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("postgres_error");

    HP_UNIT_TABLE(suite, message_is_taken_apart_into_code_and_first_line, messages);
    HP_UNIT_TABLE(suite, code_tells_the_reason, codes);
    HP_UNIT_TABLE(suite, words_of_the_system_tell_the_reason, system_errors);
    HP_UNIT_TABLE(suite, words_of_libpq_tell_the_reason, words);
    HP_UNIT_TABLE(suite, place_in_a_message_does_not_count, misleading_places);
    HP_UNIT_TABLE(suite, only_a_refused_kind_of_connection_is_tried_otherwise, fallbacks);
    return hp_unit_run(suite);
}
