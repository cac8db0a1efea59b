/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include "good.h"

/* Servers that speak nearly Postgres, lie about lengths, or send without end. */

#define DATABASE .check = "database", .target = PG_PLAIN
#define SSL(mode)                                                                                  \
    .check = "database", .target = "postgresql://app:" SECRET "@127.0.0.1:{peer}/"                 \
                                   "app?sslmode=" mode
#define LOGS_IN(...) .peer = {.steps = STEPS(PG_STARTUP, __VA_ARGS__, STALL)}
#define ANSWERS(...) .peer = {.steps = STEPS(PG_LOGIN, PG_READ, __VA_ARGS__, STALL)}
#define REAL                                                                                       \
    .check = "database",                                                                           \
    .target = "postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:{peer}/app?sslmode=disable"
#define FLIP(text)                                                                                 \
    {                                                                                              \
        .op = STEP_RELAY, .port = &servers.pg.port, .action = RELAY_FLIP, .mark = text             \
    }

#define X100                                                                                       \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xxxxxxxx"
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100

/* Whole messages, for floods. */
#define NOTICE    "N\0\0\0\042SNOTICE\0VNOTICE\0C00000\0Mmind\0\0"
#define PARAMETER "S\0\0\0\015name\0val\0"
#define NOTIFY    "A\0\0\0\021\0\0\0\001name\0pay\0"
#define ROW       "D\0\0\0\013\0\001\0\0\0\0011"
#define COPY      "d\0\0\0\010data"
#define DONE      "C\0\0\0\015SELECT 1\0"

/* Words are separated by spaces in the options: the text is one word. */
#define QUERY       .check = "database", .target = PG_PLAIN, .options = "--database-query user's_own"
#define PG_BEGUN    PG_READ, PG_SEND('C', "BEGIN\0"), PG_SEND('C', "SET\0"), PG_SEND('Z', "T")
#define PG_PREPARED PG_SEND('1', ""), PG_SEND('2', "")
/* Parse, Bind, Describe, Execute, Sync. */
#define QUERY_ANSWERS(...)                                                                         \
    .peer = {.steps = STEPS(PG_LOGIN, PG_BEGUN, PG_READ, PG_READ, PG_READ, PG_READ, PG_READ,       \
                            __VA_ARGS__, STALL)}

static const struct hostile_case cases[] = {
    {"a good one", DATABASE, .peer = {.steps = STEPS(PG_OK, STALL)}},
    {"a good one at level login", DATABASE, .options = "--database-level login",
     .peer = {.steps = STEPS(PG_LOGIN, STALL)}},

    /* Login. */
    {"a wrong server signature", REAL, .reason = "auth", .peer = {.steps = STEPS(FLIP("v="))}},
    {"a salt that was changed", REAL, .reason = "auth", .detail = "28P01",
     .peer = {.steps = STEPS(FLIP("s="))}},
    {"a nonce that was changed", REAL, .reason = "auth", .detail = "*",
     .peer = {.steps = STEPS(FLIP("r="))}},
    {"a SASL method that nobody knows", DATABASE, .reason = "auth",
     LOGS_IN(PG_SEND('R', "\0\0\0\012OWN-METHOD\0\0"))},
    {"a SASL list without an end", DATABASE, .reason = "auth|protocol",
     LOGS_IN(PG_SEND('R', "\0\0\0\012SCRAM-SHA-256"))},
    {"SCRAM with two billion rounds", DATABASE, .limit_ms = 500, .alone = true, .reason = "timeout",
     .detail = "login", LOGS_IN(PG_SCRAM(2147483647))},
    {"SCRAM with no rounds", DATABASE, .reason = "auth|protocol", LOGS_IN(PG_SCRAM(0))},
    {"Kerberos", DATABASE, .reason = "auth", LOGS_IN(PG_SEND('R', "\0\0\0\007"))},
    {"a method from the future", DATABASE, .reason = "auth", LOGS_IN(PG_SEND('R', "\0\0\0\143"))},
    {"SASL continued that never began", DATABASE, .reason = "auth|protocol",
     LOGS_IN(PG_SEND('R', "\0\0\0\013r=x"))},
    {"silent after the login", DATABASE, .limit_ms = 300, .reason = "timeout", .detail = "login",
     LOGS_IN(PG_AUTH_OK)},
    {"ready before the login", DATABASE, .reason = "protocol", LOGS_IN(PG_READY)},
    {"an answer before the login", DATABASE, .reason = "protocol",
     LOGS_IN(PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_READY)},
    {"everything before the startup packet", DATABASE, .options = "--database-level login",
     .peer = {.steps = STEPS(PG_AUTH_OK, PG_READY, STALL)}},

    /* Lengths. */
    {"a login message of two gigabytes", DATABASE, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(PG_STARTUP, PG_LIE('R', "\0\0\0\0", 0x7fffffff), FLOOD(X1000))}},
    {"a login message of length zero", DATABASE, .reason = "protocol",
     .peer = {.steps = STEPS(PG_STARTUP, SEND("R\0\0\0\0\0\0\0\0"), STALL)}},
    {"a login message of minus one", DATABASE, .reason = "protocol",
     LOGS_IN(PG_LIE('R', "\0\0\0\0", 0xffffffff))},
    {"an error of two gigabytes", DATABASE, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(PG_STARTUP, PG_LIE('E', "SERROR\0", 0x7fffffff), FLOOD(X1000))}},
    {"an error of 29 KB", DATABASE, .reason = "query", .detail = "XX001",
     .peer = {.steps =
                  STEPS(PG_STARTUP, PG_LIE('E', "SERROR\0VERROR\0CXX001\0M", 4 + 22 + 29000 + 2),
                        SEND_TIMES(X1000, 29), SEND("\0\0"), STALL)}},
    {"an old error without an end", DATABASE, .reason = "protocol|closed|query", .alone = true,
     .peer = {.steps = STEPS(PG_STARTUP, SEND("E"), FLOOD("words "))}},
    {"parameters of 100 KB in one message", DATABASE, .reason = "protocol",
     .peer = {.steps = STEPS(PG_STARTUP, PG_AUTH_OK, PG_LIE('S', "name\0", 4 + 5 + 100000 + 1),
                             SEND_TIMES(X1000, 100), SEND("\0"), PG_READY, PG_READ, PG_COLUMN,
                             PG_ROW_OF_ONE, PG_DONE, PG_READY, STALL)}},
    {"a parameter without its ends", DATABASE, .reason = "protocol|timeout", .detail = "*",
     .limit_ms = 500, LOGS_IN(PG_AUTH_OK, PG_SEND('S', "name"), PG_READY)},
    {"a key that is too short", DATABASE, .reason = "protocol",
     LOGS_IN(PG_AUTH_OK, PG_SEND('K', "\0"), PG_READY)},
    {"a row of 65535 columns", DATABASE, .reason = "protocol",
     ANSWERS(PG_SEND('T', "\377\377"), PG_READY)},
    {"a row of minus one columns", DATABASE, .reason = "protocol",
     ANSWERS(PG_COLUMN, PG_SEND('D', "\377\377"), PG_DONE, PG_READY)},
    {"a value of two gigabytes", DATABASE, .reason = "protocol",
     ANSWERS(PG_COLUMN,
             PG_SEND('D', "\0\001\177\377\377\377"
                          "1"),
             PG_DONE, PG_READY)},
    {"a row that is announced and does not come", DATABASE, .limit_ms = 300, .reason = "timeout",
     .detail = "query", ANSWERS(PG_COLUMN, PG_LIE('D', "\0\001", 11))},
    {"a row of two gigabytes that comes", DATABASE, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, PG_COLUMN, PG_LIE('D', "\0\001", 0x7fffffff),
                             FLOOD(X1000))}},
    {"a row of two gigabytes that does not come", DATABASE, .limit_ms = 400,
     .reason = "protocol|timeout", .detail = "*",
     ANSWERS(PG_COLUMN, PG_LIE('D', "\0\001", 0x7fffffff))},
    {"an answer of length three", DATABASE, .reason = "protocol", ANSWERS(SEND("T\0\0\0\003"))},

    /* Floods. */
    {"a flood of notices at login", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol", .detail = "*",
     .peer = {.steps = STEPS(PG_STARTUP, PG_AUTH_OK, FLOOD(NOTICE))}},
    {"a flood of parameters at login", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol|internal", .detail = "*",
     .peer = {.steps = STEPS(PG_STARTUP, PG_AUTH_OK, FLOOD(PARAMETER))}},
    {"a flood of notifications at login", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol|internal", .detail = "*",
     .peer = {.steps = STEPS(PG_STARTUP, PG_AUTH_OK, FLOOD(NOTIFY))}},
    {"a flood of notices at the query", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol", .detail = "*",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, FLOOD(NOTICE))}},
    {"a flood of notifications at the query", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol|internal", .detail = "*",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, FLOOD(NOTIFY))}},
    {"a flood of parameters at the query", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol|internal", .detail = "*",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, FLOOD(PARAMETER))}},
    {"a flood of rows", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol|internal", .detail = "*",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, PG_COLUMN, FLOOD(ROW))}},
    {"a flood of results", DATABASE, .limit_ms = 500, .alone = true, .reason = "timeout|protocol",
     .detail = "*", .peer = {.steps = STEPS(PG_LOGIN, PG_READ, FLOOD(DONE))}},
    {"a flood of rows to copy", DATABASE, .alone = true, .reason = "protocol",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, PG_SEND('H', "\0\0\001\0\0"), FLOOD(COPY))}},
    {"a flood before the startup packet", DATABASE, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(FLOOD(X1000))}},
    {"a flood of negotiations", DATABASE, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(PG_STARTUP, FLOOD("v\0\0\0\014\0\003\0\0\0\0\0\0"))}},
    {"a flood of requests for a password", DATABASE, .limit_ms = 500, .alone = true,
     .reason = "timeout|protocol|auth", .detail = "*",
     .peer = {.steps = STEPS(PG_STARTUP, FLOOD("R\0\0\0\010\0\0\0\003"))}},
    {"a peer that never reads", DATABASE, .limit_ms = 300, .reason = "timeout", .detail = "login",
     .peer = {.steps = STEPS(FREEZE)}},

    /* Answers. */
    {"two instead of one", DATABASE, .reason = "protocol",
     ANSWERS(PG_COLUMN, PG_SEND('D', "\0\001\0\0\0\0012"), PG_DONE, PG_READY)},
    {"null instead of one", DATABASE, .reason = "protocol",
     ANSWERS(PG_COLUMN, PG_SEND('D', "\0\001\377\377\377\377"), PG_DONE, PG_READY)},
    {"no row", DATABASE, .reason = "protocol", ANSWERS(PG_COLUMN, PG_DONE, PG_READY)},
    {"two rows", DATABASE, .reason = "protocol",
     ANSWERS(PG_COLUMN, PG_ROW_OF_ONE, PG_ROW_OF_ONE, PG_DONE, PG_READY)},
    {"two answers", DATABASE, .reason = "protocol",
     ANSWERS(PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_READY)},
    {"an error after the row", DATABASE, .reason = "query", .detail = "XX001",
     ANSWERS(PG_COLUMN, PG_ROW_OF_ONE, PG_ERROR("XX001", "too late"), PG_READY)},
    {"ready without an answer", DATABASE, .reason = "protocol", ANSWERS(PG_READY)},
    {"an empty query", DATABASE, .reason = "protocol", ANSWERS(PG_SEND('I', ""), PG_READY)},
    {"a command without rows", DATABASE, .reason = "protocol", ANSWERS(PG_DONE, PG_READY)},
    {"copy in", DATABASE, .reason = "protocol", ANSWERS(PG_SEND('G', "\0\0\001\0\0"))},
    {"copy both", DATABASE, .reason = "protocol", ANSWERS(PG_SEND('W', "\0\0\001\0\0"))},
    {"a message that does not exist", DATABASE, .reason = "protocol", ANSWERS(PG_SEND('?', "x"))},
    {"everything but ready", DATABASE, .limit_ms = 300, .reason = "timeout", .detail = "query",
     ANSWERS(PG_COLUMN, PG_ROW_OF_ONE, PG_DONE)},

    /* A query of the user's own. */
    {"query, a good one", QUERY, .heard = "SET LOCAL statement_timeout",
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_READY)},
    {"query, a session that will not end", QUERY, .alone = true,
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_SEND('Z', "T"), PG_READ,
                   FLOOD(NOTICE))},
    {"query, a ROLLBACK without an answer", QUERY,
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_SEND('Z', "T"))},
    {"query, no BEGIN", QUERY, .reason = "query", .detail = "0A000", .unheard = "user's_own",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, PG_ERROR("0A000", "no"), PG_READY, STALL)}},
    {"query, half a BEGIN", QUERY, .reason = "protocol", .unheard = "user's_own",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, PG_SEND('C', "BEGIN\0"), PG_READY, STALL)}},
    {"query, three answers to BEGIN", QUERY, .reason = "protocol", .unheard = "user's_own",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, PG_SEND('C', "BEGIN\0"), PG_SEND('C', "SET\0"),
                             PG_SEND('C', "SET\0"), PG_READY, STALL)}},
    {"query, rows without end", QUERY, .limit_ms = 500, .alone = true, .reason = "timeout",
     .detail = "query", QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, FLOOD(ROW))},
    {"query, columns without end", QUERY, .alone = true, .reason = "protocol|timeout",
     .detail = "*", .limit_ms = 500,
     QUERY_ANSWERS(PG_PREPARED, PG_LIE('T', "\377\377", 0x7fffffff), FLOOD(X1000))},
    {"query, a column of two gigabytes", QUERY, .alone = true, .reason = "protocol",
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_LIE('D', "\0\001\177\377\377\377", 0x7fffffff),
                   FLOOD(X1000))},
    {"query, a column that is longer than its row", QUERY, .reason = "protocol",
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_SEND('D', "\0\001\0\001\0\0x"), PG_DONE, PG_READY)},
    {"query, more columns than were told", QUERY, .reason = "protocol",
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_SEND('D', "\0\002\0\0\0\001x\0\0\0\001y"), PG_DONE,
                   PG_READY)},
    {"query, rows before their columns", QUERY, .reason = "protocol",
     QUERY_ANSWERS(PG_PREPARED, PG_ROW_OF_ONE, PG_COLUMN, PG_DONE, PG_READY)},
    {"query, notices without end", QUERY, .limit_ms = 500, .alone = true, .reason = "timeout",
     .detail = "query", QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, FLOOD(NOTICE))},
    {"query, copy in", QUERY, .reason = "query", .error = "no row",
     QUERY_ANSWERS(PG_PREPARED, PG_SEND('G', "\0\0\001\0\0"))},
    {"query, copy both", QUERY, .reason = "query|protocol",
     QUERY_ANSWERS(PG_PREPARED, PG_SEND('W', "\0\0\001\0\0"))},
    {"query, copy out without end", QUERY, .alone = true, .reason = "query", .error = "no row",
     QUERY_ANSWERS(PG_PREPARED, PG_SEND('H', "\0\0\001\0\0"), FLOOD(COPY))},
    {"query, two answers", QUERY, .reason = "protocol",
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_COLUMN, PG_ROW_OF_ONE,
                   PG_DONE, PG_READY)},
    {"query, an error after a row", QUERY, .reason = "query", .detail = "XX001",
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_ROW_OF_ONE, PG_ERROR("XX001", "too late"), PG_READY)},
    {"query, everything but ready", QUERY, .limit_ms = 300, .reason = "timeout", .detail = "query",
     QUERY_ANSWERS(PG_PREPARED, PG_COLUMN, PG_ROW_OF_ONE, PG_DONE)},
    {"query, an error that repeats the password", QUERY, .reason = "query", .detail = "22000",
     .error = "(withheld)", QUERY_ANSWERS(PG_ERROR("22000", "no: " SECRET), PG_READY)},
    {"role, neither true nor false", DATABASE, .options = "--database-role primary",
     .reason = "protocol", ANSWERS(PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_READY)},
    {"role, false is a primary", DATABASE, .options = "--database-role primary",
     .heard = "pg_is_in_recovery", .unheard = "SELECT 1",
     ANSWERS(PG_COLUMN, PG_SEND('D', "\0\001\0\0\0\001f"), PG_DONE, PG_READY)},
    {"role, null", DATABASE, .options = "--database-role standby", .reason = "protocol",
     ANSWERS(PG_COLUMN, PG_SEND('D', "\0\001\377\377\377\377"), PG_DONE, PG_READY)},
    {"role, a server without the function", DATABASE, .options = "--database-role standby",
     .reason = "query", .detail = "42883",
     ANSWERS(PG_ERROR("42883", "no such function"), PG_READY)},

    /* Errors. */
    {"an error of bytes that are no text", DATABASE, .reason = "query", .detail = "XX001",
     LOGS_IN(PG_ERROR("XX001", "\x1b[2J\xff\xfe\x01 \xc3\x28 \"\\"))},
    {"an error that repeats the password", DATABASE, .reason = "auth", .detail = "28P01",
     .error = "(withheld)", LOGS_IN(PG_ERROR("28P01", "no: " SECRET))},
    {"an error whose detail repeats the password", DATABASE, .reason = "auth", .detail = "28P01",
     .error = "(withheld)", LOGS_IN(PG_SEND('E', "SFATAL\0VFATAL\0C28P01\0Mno\0D" SECRET "\0\0"))},
    {"an error that repeats the password percent-encoded", DATABASE, .reason = "auth",
     .detail = "28P01", .error = "(withheld)", .absent = "s3cret",
     LOGS_IN(PG_ERROR("28P01", "no: s3cret%2Dof%2dthe-case"))},
    {"an error of the query that repeats the password", DATABASE, .reason = "query",
     .detail = "22000", .error = "(withheld)", ANSWERS(PG_ERROR("22000", "no: " SECRET), PG_READY)},
    {"an error that repeats PGPASSWORD", .check = "database",
     .target = "postgresql://app@127.0.0.1:{peer}/app?sslmode=disable",
     .options = "--database-pgenv", .env = (const char *const[]){"PGPASSWORD=" SECRET, NULL},
     .reason = "query", .detail = "22000", .error = "(withheld)",
     ANSWERS(PG_ERROR("22000", "no: " SECRET), PG_READY)},
    {"an error without fields", DATABASE, .reason = "query|protocol", .detail = "*",
     LOGS_IN(PG_SEND('E', "\0"))},
    {"an error without its end", DATABASE, .reason = "protocol|query|timeout", .detail = "*",
     .limit_ms = 500, LOGS_IN(PG_SEND('E', "SERROR\0CXX001\0Mwhat"))},
    {"an error with a code that is none", DATABASE, .reason = "query|protocol", .detail = "*",
     LOGS_IN(PG_ERROR("no code at all", "what"))},
    {"an error whose text looks like another code", DATABASE, .reason = "auth", .detail = "28P01",
     LOGS_IN(PG_ERROR("28P01", "FATAL:  57P03: the database system is starting up"))},
    {"starting up", DATABASE, .reason = "starting", .detail = "57P03",
     LOGS_IN(PG_ERROR("57P03", "the database system is starting up"))},
    {"shutting down during the query", DATABASE, .reason = "stopping", .detail = "57P01",
     ANSWERS(PG_ERROR("57P01", "terminating connection due to administrator command"))},
    {"an unknown error at level ping", DATABASE, .options = "--database-level ping",
     LOGS_IN(PG_ERROR("0A000", "unsupported"))},
    {"no slots at level ping", DATABASE, .options = "--database-level ping", .reason = "capacity",
     .detail = "53300", LOGS_IN(PG_ERROR("53300", "sorry, too many clients already"))},

    /* Other servers. */
    {"HTTP", DATABASE, .reason = "protocol",
     .peer = {.steps = STEPS(READ, SEND("HTTP/1.1 400 Bad Request\r\n\r\n"))}},
    {"HTTP at level ping", DATABASE, .options = "--database-level ping", .reason = "protocol",
     .peer = {.steps = STEPS(READ, SEND("HTTP/1.1 400 Bad Request\r\n\r\n"))}},
    {"SSH", DATABASE, .reason = "protocol",
     .peer = {.steps = STEPS(SEND("SSH-2.0-OpenSSH_9.2\r\n"), STALL)}},
    {"a real nginx", .check = "database",
     .target = "postgresql://app:" SECRET "@127.0.0.1:{http}/app?sslmode=disable",
     .reason = "protocol|closed"},
    {"a real Redis", .check = "database",
     .target = "postgresql://app:" SECRET "@127.0.0.1:{redis}/app?sslmode=disable",
     .reason = "protocol|closed|timeout", .detail = "*", .limit_ms = 500},

    /* TLS. */
    {"TLS is refused where it is required", SSL("require"), .reason = "tls", .tls_only = true,
     .unheard = SECRET, .peer = {.steps = STEPS(PG_OK)}},
    {"TLS is refused with a word from the future", SSL("require"), .reason = "protocol",
     .tls_only = true, .peer = {.steps = STEPS(READ, SEND("X"), STALL)}},
    {"an error in place of TLS", SSL("require"), .reason = "protocol", .tls_only = true,
     .peer = {.steps = STEPS(READ, PG_ERROR("XX001", "what"), STALL)}},
    {"plain bytes smuggled before TLS", SSL("require"), .reason = "protocol", .tls_only = true,
     .peer = {.steps = STEPS(READ, SEND("SR\0\0\0\010\0\0\0\0"), TLS, PG_OK, STALL)}},
    {"no TLS after the promise of it", SSL("require"), .reason = "tls", .tls_only = true,
     .peer = {.steps = STEPS(READ, SEND("S"), READ, SEND("R\0\0\0\010\0\0\0\0"), STALL)}},
    {"silent after the promise of TLS", SSL("require"), .limit_ms = 600, .reason = "timeout",
     .detail = "tls", .tls_only = true, .peer = {.steps = STEPS(READ, SEND("S"), STALL)}},
    {"closed after the promise of TLS", SSL("require"), .reason = "closed", .tls_only = true,
     .peer = {.steps = STEPS(READ, SEND("S"), READ)}},
    {"a flood of warnings in the handshake", SSL("require"), .reason = "tls", .tls_only = true,
     .alone = true,
     .peer = {.steps = STEPS(READ, SEND("S"), READ, FLOOD("\x15\x03\x03\x00\x02\x01\x5a"))}},
    {"a flood of empty records in the handshake", SSL("require"), .reason = "tls", .tls_only = true,
     .alone = true, .peer = {.steps = STEPS(READ, SEND("S"), READ, FLOOD("\x16\x03\x03\x00\x00"))}},
    {"a good one over TLS", SSL("require"), .tls_only = true,
     .peer = {.steps = STEPS(PG_TLS, PG_OK, STALL)}},
    {"an expired certificate", .check = "database",
     .target = "postgresql://app:" SECRET "@localhost:{peer}/app?sslmode=verify-full",
     .options = "--ca {ca}", .tls_only = true, .reason = "tls", .unheard = SECRET,
     .peer = {.steps = STEPS({.op = STEP_PG_TLS, .cert = CERT_EXPIRED}, PG_OK)}},
    {"somebody else's certificate", .check = "database",
     .target = "postgresql://app:" SECRET "@localhost:{peer}/app?sslmode=verify-full",
     .options = "--ca {ca}", .tls_only = true, .reason = "tls", .unheard = SECRET,
     .peer = {.steps = STEPS({.op = STEP_PG_TLS, .cert = CERT_WRONG}, PG_OK)}},
    {"silent after the handshake", SSL("require"), .limit_ms = 600, .reason = "timeout",
     .detail = "login", .tls_only = true, .peer = {.steps = STEPS(PG_TLS, STALL)}},
    {"a flood of key updates", SSL("require"), .limit_ms = 500,
     .reason = "timeout|tls|protocol|closed", .detail = "*", .tls_only = true, .alone = true,
     .peer = {.steps = STEPS(PG_TLS, PG_STARTUP, TLS_KEY_UPDATES)}},
    {"a flood of notices over TLS", SSL("require"), .limit_ms = 500, .reason = "timeout|protocol",
     .detail = "*", .tls_only = true, .alone = true,
     .peer = {.steps = STEPS(PG_TLS, PG_LOGIN, PG_READ, FLOOD(NOTICE))}},
};

const struct hostile_table hostile_postgres = {"postgres", cases, sizeof cases / sizeof cases[0]};
