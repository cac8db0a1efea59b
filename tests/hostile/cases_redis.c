/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include "good.h"

/* Replies that no Redis sends, or not to these commands. */

#define REDIS         .check = "redis", .target = "redis://127.0.0.1:{peer}"
#define WITH_DATABASE .check = "redis", .target = "redis://127.0.0.1:{peer}/3"
#define WITH_PASSWORD .check = "redis", .target = "redis://:" SECRET "@127.0.0.1:{peer}"
#define WITH_USER     .check = "redis", .target = "redis://app:" SECRET "@127.0.0.1:{peer}/3"
#define REPLIES(text) .peer = {.steps = STEPS(REDIS_PING, SEND(text), STALL)}
#define FLOODS(text)  .peer = {.steps = STEPS(REDIS_PING, FLOOD(text))}, .alone = true
#define REDISS                                                                                     \
    .check = "redis", .target = "rediss://localhost:{peer}", .options = "--ca {ca}",               \
    .tls_only = true

#define AUTHED(reply) READ_UNTIL(SECRET "\r\n"), SEND(reply)
#define SELECTED      READ_UNTIL("SELECT\r\n$1\r\n3\r\n"), SEND("+OK\r\n")

#define MASTER                                                                                     \
    .check = "redis", .target = "redis://127.0.0.1:{peer}", .options = "--redis-role master"
#define REDIS_ROLE         READ_UNTIL("ROLE\r\n")
#define ROLE_REPLIES(text) .peer = {.steps = STEPS(REDIS_OK, REDIS_ROLE, SEND(text), STALL)}

#define X100                                                                                       \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xxxxxxxx"

static const struct hostile_case cases[] = {
    {"a good server", REDIS, .peer = {.steps = STEPS(REDIS_OK, STALL)}},
    {"a good server with user and database", WITH_USER,
     .peer = {.steps = STEPS(AUTHED("+OK\r\n"), SELECTED, REDIS_OK, STALL)}},

    /* Nesting and lengths. */
    {"two million nested arrays", REDIS, .reason = "protocol", FLOODS("*1\r\n")},
    {"two million nested arrays to AUTH", WITH_PASSWORD, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(READ_UNTIL(SECRET "\r\n"), FLOOD("*1\r\n"))}},
    {"nested maps", REDIS, .reason = "protocol", FLOODS("%1\r\n")},
    {"nested sets", REDIS, .reason = "protocol", FLOODS("~1\r\n")},
    {"a flood of pushes", REDIS, .reason = "protocol",
     FLOODS(">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n")},
    {"a push, then the answer", REDIS, .reason = "protocol",
     REPLIES(">2\r\n+invalidate\r\n+x\r\n+PONG\r\n")},
    {"an array of two billion", REDIS, .reason = "protocol", REPLIES("*2147483647\r\n")},
    {"an array of 2^63", REDIS, .reason = "protocol", REPLIES("*9223372036854775807\r\n")},
    {"an array of minus two", REDIS, .reason = "protocol", REPLIES("*-2\r\n")},
    {"an array of one", REDIS, .reason = "protocol", REPLIES("*1\r\n+PONG\r\n")},
    {"an empty array", REDIS, .reason = "protocol", REPLIES("*0\r\n")},
    {"a null array", REDIS, .reason = "protocol", REPLIES("*-1\r\n")},
    {"a bulk of two gigabytes that arrives", REDIS, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(REDIS_PING, SEND("$2147483647\r\n"), FLOOD("P"))}},
    {"a bulk of two gigabytes that does not arrive", REDIS, .reason = "protocol",
     REPLIES("$2147483647\r\n")},
    {"a bulk of 2^64", REDIS, .reason = "protocol", REPLIES("$18446744073709551616\r\n")},
    {"a bulk of minus two", REDIS, .reason = "protocol", REPLIES("$-2\r\n")},
    {"a null bulk", REDIS, .reason = "protocol", REPLIES("$-1\r\n")},
    {"a length of letters", REDIS, .reason = "protocol", REPLIES("$four\r\nPONG\r\n")},
    {"a bulk longer than its length", REDIS, .reason = "protocol", REPLIES("$2\r\nPONG\r\n")},
    {"a bulk shorter than its length", REDIS, .reason = "protocol", REPLIES("$40\r\nPONG\r\n")},

    /* Floods. */
    {"an endless status line", REDIS, .reason = "protocol", FLOODS("+" X100)},
    {"an endless error line", REDIS, .reason = "protocol", FLOODS("-ERR " X100)},
    {"a status line of 65 KB", REDIS, .reason = "protocol",
     .peer = {.steps = STEPS(REDIS_PING, SEND("+"), SEND_TIMES(X100, 660), SEND("\r\n"), STALL)}},
    {"a flood of line ends", REDIS, .reason = "protocol", FLOODS("\r\n")},
    {"a flood of NULs", REDIS, .reason = "protocol", FLOODS("\0\0\0\0")},
    {"a flood before the command", REDIS, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(FLOOD(X100))}},
    {"a flood of answers", REDIS, .alone = true,
     .peer = {.steps = STEPS(REDIS_PING, FLOOD("+PONG\r\n"))}},
    {"a flood of errors", REDIS, .reason = "query", .detail = "ERR", FLOODS("-ERR no\r\n")},
    {"a flood of line ends without an end of the line", REDIS, .reason = "protocol",
     FLOODS("+PONG")},

    /* Lies. */
    {"an error, then PONG", REDIS, .reason = "query", .detail = "ERR",
     REPLIES("-ERR no\r\n+PONG\r\n")},
    {"a failed AUTH, then PONG at once", WITH_PASSWORD, .reason = "auth", .detail = "WRONGPASS",
     .peer = {.steps = STEPS(AUTHED("-WRONGPASS no\r\n+PONG\r\n"), STALL)}},
    {"a failed SELECT, then PONG", WITH_DATABASE, .reason = "missing", .detail = "ERR",
     .peer = {.steps = STEPS(READ, SEND("-ERR DB index is out of range\r\n"), REDIS_OK, STALL)}},
    {"a SELECT that is not permitted, then PONG", WITH_DATABASE, .reason = "auth",
     .detail = "NOPERM",
     .peer = {.steps = STEPS(READ, SEND("-NOPERM no permission\r\n"), REDIS_OK, STALL)}},
    {"an unknown AUTH, then PONG", WITH_PASSWORD, .reason = "auth", .detail = "ERR",
     .peer = {.steps = STEPS(AUTHED("-ERR unknown command 'AUTH'\r\n"), REDIS_OK, STALL)}},
    {"all replies before the commands", WITH_USER, .reason = "protocol",
     .peer = {.steps = STEPS(SEND("+OK\r\n+OK\r\n+PONG\r\n"), STALL)}},
    {"two answers to AUTH", WITH_PASSWORD, .reason = "protocol", .unheard = "PING",
     .peer = {.steps = STEPS(AUTHED("+OK\r\n+PONG\r\n"), STALL)}},
    {"a wrong user, with a password that would be right alone", WITH_USER, .reason = "auth",
     .detail = "WRONGPASS", .heard = "*3\r\n$4\r\nAUTH\r\n", .unheard = "*2\r\n$4\r\nAUTH\r\n",
     .peer = {.steps = STEPS(AUTHED("-WRONGPASS invalid username-password pair\r\n"),
                             AUTHED("+OK\r\n"), SELECTED, REDIS_OK, STALL)}},
    {"a wrong password, reported like too many arguments", WITH_USER, .reason = "auth",
     .detail = "WRONGPASS", .unheard = "*2\r\n$4\r\nAUTH\r\n",
     .peer = {.steps =
                  STEPS(AUTHED("-WRONGPASS ERR wrong number of arguments for 'auth' command\r\n"),
                        AUTHED("+OK\r\n"), SELECTED, REDIS_OK, STALL)}},
    {"too many arguments further back in an error", WITH_USER, .reason = "auth", .detail = "ERR",
     .unheard = "*2\r\n$4\r\nAUTH\r\n",
     .peer = {.steps = STEPS(AUTHED("-ERR denied: wrong number of arguments\r\n"),
                             AUTHED("+OK\r\n"), SELECTED, REDIS_OK, STALL)}},
    {"a server that knows no users", WITH_USER, .heard = "*2\r\n$4\r\nAUTH\r\n",
     .peer = {.steps = STEPS(AUTHED("-ERR wrong number of arguments for 'auth' command\r\n"),
                             AUTHED("+OK\r\n"), SELECTED, REDIS_OK, STALL)}},
    {"PONG to AUTH", WITH_PASSWORD, .reason = "protocol",
     .peer = {.steps = STEPS(AUTHED("+PONG\r\n"), STALL)}},
    {"OK to PING", REDIS, .reason = "protocol", REPLIES("+OK\r\n")},
    {"QUEUED to PING", REDIS, .reason = "protocol", REPLIES("+QUEUED\r\n")},
    {"PONG in lower case", REDIS, .reason = "protocol", REPLIES("+pong\r\n")},
    {"PONG and more", REDIS, .reason = "protocol", REPLIES("+PONG PONG\r\n")},
    {"PONG and a NUL", REDIS, .reason = "protocol", REPLIES("+PONG\0\r\n")},
    {"PONG as a bulk", REDIS, .reason = "protocol", REPLIES("$4\r\nPONG\r\n")},
    {"PONG without its line end", REDIS, .limit_ms = 300, .reason = "timeout", .detail = "response",
     REPLIES("+PONG")},
    {"PONG with half its line end", REDIS, .limit_ms = 300, .reason = "timeout",
     .detail = "response", REPLIES("+PONG\r")},
    {"PONG with LF alone", REDIS, .limit_ms = 300, .reason = "timeout|protocol", .detail = "*",
     REPLIES("+PONG\n")},
    {"an empty status", REDIS, .reason = "protocol", REPLIES("+\r\n")},
    {"a number", REDIS, .reason = "protocol", REPLIES(":1\r\n")},
    {"an invalid number", REDIS, .reason = "protocol", REPLIES(":one\r\n")},
    {"a double", REDIS, .reason = "protocol", REPLIES(",1.5\r\n")},
    {"a boolean", REDIS, .reason = "protocol", REPLIES("#t\r\n")},
    {"a null", REDIS, .reason = "protocol", REPLIES("_\r\n")},
    {"a big number", REDIS, .reason = "protocol", REPLIES("(3492890328409238509324850943850\r\n")},
    {"a verbatim text", REDIS, .reason = "protocol", REPLIES("=8\r\ntxt:PONG\r\n")},
    {"an unknown type", REDIS, .reason = "protocol", REPLIES("?PONG\r\n")},
    {"the password is asked for twice", WITH_USER, .reason = "auth", .detail = "ERR",
     .peer = {.steps =
                  STEPS(AUTHED("-ERR wrong number of arguments for 'auth' command\r\n"),
                        AUTHED("-ERR wrong number of arguments for 'auth' command\r\n"), STALL)}},

    /* Errors. */
    {"an error without text", REDIS, .reason = "query", REPLIES("-\r\n")},
    {"an error of binary bytes", REDIS, .reason = "query", .detail = "ERR",
     REPLIES("-ERR \x1b[2J\xff\xfe\x01 \xc3\x28 \"\\\r\n")},
    {"an error of 60 KB", REDIS, .reason = "query", .detail = "ERR",
     .peer = {.steps =
                  STEPS(REDIS_PING, SEND("-ERR "), SEND_TIMES(X100, 600), SEND("\r\n"), STALL)}},
    {"an error of 70 KB", REDIS, .reason = "protocol",
     .peer = {.steps =
                  STEPS(REDIS_PING, SEND("-ERR "), SEND_TIMES(X100, 700), SEND("\r\n"), STALL)}},
    {"an error with a NUL before the password", WITH_PASSWORD, .reason = "auth",
     .error = "(withheld)", .peer = {.steps = STEPS(AUTHED("-ERR a\0b " SECRET "\r\n"), STALL)}},
    {"an error that repeats the password", WITH_PASSWORD, .reason = "auth", .error = "(withheld)",
     .peer = {.steps = STEPS(AUTHED("-ERR what is " SECRET "?\r\n"), STALL)}},
    {"an error that repeats the password percent-encoded", WITH_PASSWORD, .reason = "auth",
     .error = "(withheld)", .absent = "s3cret",
     .peer = {.steps = STEPS(AUTHED("-ERR what is s3cret%2Dof%2dthe%2dcase?\r\n"), STALL)}},
    {"a code that is the password", .check = "redis",
     .target = "redis://:PASSWORDOFCASE@127.0.0.1:{peer}", .reason = "auth", .error = "(withheld)",
     .absent = "PASSWORDOF",
     .peer = {.steps =
                  STEPS(READ_UNTIL("PASSWORDOFCASE\r\n"), SEND("-PASSWORDOFCASE no\r\n"), STALL)}},
    {"a code that begins the password", .check = "redis",
     .target = "redis://:PASSWORDOFTHECASE9@127.0.0.1:{peer}", .reason = "auth",
     .error = "(withheld)", .absent = "PASSWORDOF",
     .peer = {.steps = STEPS(READ_UNTIL("PASSWORDOFTHECASE9\r\n"),
                             SEND("-PASSWORDOFTHECASE9 no\r\n"), STALL)}},
    {"a code that is the letters of the password", .check = "redis",
     .target = "redis://:HUNTER2@127.0.0.1:{peer}", .reason = "auth", .error = "(withheld)",
     .absent = "HUNTER",
     .peer = {.steps = STEPS(READ_UNTIL("HUNTER2\r\n"), SEND("-HUNTER2 no\r\n"), STALL)}},
    {"loading", REDIS, .reason = "loading", .detail = "LOADING",
     REPLIES("-LOADING Redis is loading the dataset in memory\r\n")},
    {"a cluster that is down", REDIS, .reason = "query", .detail = "CLUSTERDOWN",
     REPLIES("-CLUSTERDOWN The cluster is down\r\n")},

    /* Other servers. */
    {"HTTP", REDIS, .reason = "protocol",
     .peer = {.steps = STEPS(READ, SEND("HTTP/1.1 400 Bad Request\r\n\r\n"))}},
    {"SMTP", REDIS, .reason = "protocol",
     .peer = {.steps = STEPS(SEND("220 mail.example ESMTP\r\n"), STALL)}},
    {"a real nginx", .check = "redis", .target = "redis://127.0.0.1:{http}",
     .reason = "protocol|closed"},
    {"a real Postgres", .check = "redis", .target = "redis://127.0.0.1:{pg}",
     .reason = "protocol|closed"},
    {"a TLS server", .check = "redis", .target = "redis://127.0.0.1:{rediss}",
     .reason = "protocol|closed"},
    {"a peer that never reads", REDIS, .limit_ms = 300, .reason = "timeout", .detail = "response",
     .peer = {.steps = STEPS(FREEZE)}},

    /* ROLE. */
    {"ROLE, a good reply", MASTER, ROLE_REPLIES("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")},
    {"ROLE, in pieces", MASTER,
     .peer = {.steps = STEPS(REDIS_OK, REDIS_ROLE, SEND("*3\r\n$6\r\nmas"), WAIT(50),
                             SEND("ter\r\n:0\r\n*1\r\n*3\r\n+a\r\n+b\r\n"), WAIT(50),
                             SEND("+c\r\n"), STALL)}},
    {"ROLE, one million nested arrays", MASTER, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(REDIS_OK, REDIS_ROLE, FLOOD("*1\r\n"))}},
    {"ROLE, five nested arrays", MASTER, .reason = "protocol",
     ROLE_REPLIES("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n")},
    {"ROLE, nested maps", MASTER, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(REDIS_OK, REDIS_ROLE, SEND("*1\r\n"), FLOOD("%1\r\n"))}},
    {"ROLE, an array of two billion", MASTER, .reason = "protocol",
     ROLE_REPLIES("*2147483647\r\n")},
    {"ROLE, an array of 257", MASTER, .reason = "protocol",
     ROLE_REPLIES("*257\r\n$6\r\nmaster\r\n")},
    {"ROLE, arrays of 256 in arrays of 256", MASTER, .reason = "protocol",
     .peer = {.steps = STEPS(REDIS_OK, REDIS_ROLE, SEND("*256\r\n"),
                             SEND_TIMES("*256\r\n:1\r\n*0\r\n*0\r\n", 4000), STALL)}},
    {"ROLE, an empty array", MASTER, .reason = "protocol", ROLE_REPLIES("*0\r\n")},
    {"ROLE, a null array", MASTER, .reason = "protocol", ROLE_REPLIES("*-1\r\n")},
    {"ROLE, an array of an array", MASTER, .reason = "protocol",
     ROLE_REPLIES("*1\r\n*1\r\n$6\r\nmaster\r\n")},
    {"ROLE, a number", MASTER, .reason = "protocol", ROLE_REPLIES("*1\r\n:1\r\n")},
    {"ROLE, a null word", MASTER, .reason = "protocol", ROLE_REPLIES("*1\r\n$-1\r\n")},
    {"ROLE, an unknown word", MASTER, .reason = "protocol",
     ROLE_REPLIES("*1\r\n$7\r\nmasters\r\n")},
    {"ROLE, a word that continues after a NUL", MASTER, .reason = "protocol",
     ROLE_REPLIES("*1\r\n$8\r\nmaster\0x\r\n")},
    {"ROLE, an endless word", MASTER, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(REDIS_OK, REDIS_ROLE, SEND("*1\r\n$2147483647\r\n"), FLOOD("m"))}},
    {"ROLE, a word that does not arrive", MASTER, .limit_ms = 600, .reason = "timeout",
     .detail = "response", ROLE_REPLIES("*1\r\n$6\r\n")},
    {"ROLE, a status", MASTER, .reason = "protocol", ROLE_REPLIES("+master\r\n")},
    {"ROLE, a bulk", MASTER, .reason = "protocol", ROLE_REPLIES("$6\r\nmaster\r\n")},
    {"ROLE, a map", MASTER, .reason = "protocol", ROLE_REPLIES("%1\r\n+master\r\n:0\r\n")},
    {"ROLE, in the same packet as PONG", MASTER, .reason = "protocol",
     .peer = {.steps = STEPS(REDIS_PING, SEND("+PONG\r\n*1\r\n$6\r\nmaster\r\n"), STALL)}},
    {"ROLE, a sentinel", MASTER, .reason = "role", .error = "the server is a sentinel",
     ROLE_REPLIES("*2\r\n$8\r\nsentinel\r\n*1\r\n$8\r\nmymaster\r\n")},
    {"ROLE, an unknown command", MASTER, .reason = "query", .detail = "ERR",
     ROLE_REPLIES("-ERR unknown command 'ROLE'\r\n")},
    {"ROLE, not allowed", MASTER, .reason = "auth", .detail = "NOPERM",
     ROLE_REPLIES("-NOPERM this user has no permissions to run the 'role' command\r\n")},
    {"ROLE, closed", MASTER, .reason = "closed", .peer = {.steps = STEPS(REDIS_OK, REDIS_ROLE)}},
    {"role any, no ROLE is sent", .check = "redis", .target = "redis://127.0.0.1:{peer}",
     .options = "--redis-role any", .unheard = "ROLE", .peer = {.steps = STEPS(REDIS_OK, STALL)}},

    /* TLS. */
    {"rediss, an expired certificate", REDISS, .reason = "tls", .unheard = "PING",
     .peer = {.steps = STEPS(TLS_WITH(CERT_EXPIRED), REDIS_OK)}},
    {"rediss, a certificate for another host", REDISS, .reason = "tls", .unheard = "PING",
     .peer = {.steps = STEPS(TLS_WITH(CERT_WRONG), REDIS_OK)}},
    {"rediss, plain Redis", REDISS, .reason = "tls",
     .peer = {.steps = STEPS(READ, SEND("-ERR Protocol error\r\n"), STALL)}},
    {"rediss, a flood of warnings", REDISS, .reason = "tls", .alone = true,
     .peer = {.steps = STEPS(READ, FLOOD("\x15\x03\x03\x00\x02\x01\x5a"))}},
    {"rediss, a flood of empty records", REDISS, .reason = "tls", .alone = true,
     .peer = {.steps = STEPS(READ, FLOOD("\x16\x03\x03\x00\x00"))}},
    {"rediss, a flood of key updates", REDISS, .limit_ms = 500,
     .reason = "timeout|tls|protocol|closed", .detail = "*", .alone = true,
     .peer = {.steps = STEPS(TLS, REDIS_PING, TLS_KEY_UPDATES)}},
    {"rediss, nested arrays", REDISS, .reason = "protocol", .alone = true,
     .peer = {.steps = STEPS(TLS, REDIS_PING, FLOOD("*1\r\n"))}},
    {"rediss, closed with close_notify", REDISS, .reason = "closed",
     .peer = {.steps = STEPS(TLS, REDIS_PING, TLS_CLOSE_NOTIFY)}},
    {"rediss, cut off without close_notify", REDISS, .reason = "closed",
     .peer = {.steps = STEPS(TLS, REDIS_PING)}},
    {"rediss, silent after the handshake", REDISS, .limit_ms = 600, .reason = "timeout",
     .detail = "response", .peer = {.steps = STEPS(TLS, STALL)}},
    {"rediss, a good server with TLS 1.2", REDISS,
     .peer = {.steps = STEPS(TLS_12, REDIS_OK, STALL)}},
};

const struct hostile_table hostile_redis = {"redis", cases, sizeof cases / sizeof cases[0]};
