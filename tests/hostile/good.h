/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_GOOD_H
#define HOSTILE_GOOD_H

/** Scripts of well-behaved servers: a peer begins like one and then misbehaves. */

#define HTTP_ASKED READ_UNTIL("\r\n\r\n")
#define HTTP_OK    HTTP_ASKED, SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

#define REDIS_PING READ_UNTIL("PING\r\n")
#define REDIS_OK   REDIS_PING, SEND("+PONG\r\n")

#define PG_AUTH_OK PG_SEND('R', "\0\0\0\0")
#define PG_READY   PG_SEND('Z', "I")
#define PG_COLUMN                                                                                  \
    PG_SEND('T', "\0\001"                                                                          \
                 "?column?\0"                                                                      \
                 "\0\0\0\0\0\0\0\0\0\027\0\004\377\377\377\377\0\0")
#define PG_ROW_OF_ONE PG_SEND('D', "\0\001\0\0\0\0011")
#define PG_DONE       PG_SEND('C', "SELECT 1\0")
#define PG_LOGIN      PG_STARTUP, PG_AUTH_OK, PG_READY
#define PG_OK         PG_LOGIN, PG_READ, PG_COLUMN, PG_ROW_OF_ONE, PG_DONE, PG_READY

/* Severity and code, then any text. */
#define PG_ERROR(code, text)                                                                       \
    PG_SEND('E', "SERROR\0"                                                                        \
                 "VERROR\0"                                                                        \
                 "C" code "\0"                                                                     \
                 "M" text "\0\0")

#define PG_PLAIN "postgresql://app:" SECRET "@127.0.0.1:{peer}/app?sslmode=disable"

#endif
