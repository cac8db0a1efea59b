/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_PEER_H
#define HOSTILE_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "proc.h"

/**
 * A server that runs a script for each connection, over TCP, a Unix socket or TLS, alone or as a
 * relay that tampers with the replies of a real server.
 *
 * It is a child of the process that starts it and dies with it. Everything it sends is bounded, in
 * bytes and in time.
 */

enum step_op {
    STEP_END, /* close the connection politely: nothing sent so far is lost */
    STEP_RESET,
    STEP_STALL,  /* read and discard until the client leaves */
    STEP_FREEZE, /* not even read */
    STEP_WAIT,
    STEP_HALF_CLOSE,
    STEP_SEND,
    STEP_DRIP,  /* a byte, then a pause */
    STEP_FLOOD, /* the same bytes again and again */
    STEP_READ,  /* whatever arrives first */
    STEP_READ_UNTIL,
    STEP_TLS,             /* a handshake as the server */
    STEP_TLS_KEY_UPDATES, /* a flood of nothing but key updates */
    STEP_TLS_CLOSE_NOTIFY,
    STEP_PG_STARTUP, /* read a startup packet after refusing TLS */
    STEP_PG_TLS,     /* read the request for TLS and accept */
    STEP_PG_READ,    /* read one message */
    STEP_PG_SEND,    /* one message, with its length */
    STEP_PG_SCRAM,   /* ask for SCRAM and read the response to a challenge with this many rounds */
    STEP_RELAY,
};

enum relay_action {
    RELAY_STALL,       /* no more of the server's bytes arrive */
    RELAY_DRIP,        /* they arrive one by one */
    RELAY_CLOSE_AFTER, /* a number of them arrive, then the connection is closed */
    RELAY_RESET_AFTER,
    RELAY_STALL_AFTER,
    RELAY_FLIP,  /* the byte after a mark is changed */
    RELAY_FLOOD, /* something else arrives instead, endlessly */
    RELAY_PAUSE, /* the real server is stopped by SIGSTOP */
};

enum peer_cert { CERT_GOOD, CERT_WRONG, CERT_EXPIRED };

struct step {
    enum step_op op;
    const char *bytes;
    size_t len;
    int ms;       /* of a wait, between bytes of a drip, at most for a flood */
    size_t limit; /* bytes of a flood, or until a relay's cut; times to send */
    char type;    /* of a PG message */
    unsigned lie; /* the claimed length; 0: the true one */
    enum peer_cert cert;
    const char *san; /* a certificate for this name and elsewhere.example, in place of @cert */
    bool old_tls;    /* TLS 1.2 at most */
    enum relay_action action;
    const int *port;             /* of the server behind a relay */
    const char *when;            /* the client's bytes that trigger a relay; NULL: at once */
    const char *mark;            /* of a flip */
    const struct hpt_proc *proc; /* of a pause */
};

/* As the limit of a relay: use peer_heard.cut at the time of the connection. */
#define CUT_AS_TOLD ((size_t)-1)

#define STEPS(...) ((const struct step[]){__VA_ARGS__, {.op = STEP_END}})

/* The text is a literal and may contain NULs. */
#define SEND(text)                                                                                 \
    {                                                                                              \
        .op = STEP_SEND, .bytes = text, .len = sizeof(text) - 1, .limit = 1                        \
    }
#define SEND_TIMES(text, n)                                                                        \
    {                                                                                              \
        .op = STEP_SEND, .bytes = text, .len = sizeof(text) - 1, .limit = n                        \
    }
#define DRIP(text, pause)                                                                          \
    {                                                                                              \
        .op = STEP_DRIP, .bytes = text, .len = sizeof(text) - 1, .ms = pause                       \
    }
#define FLOOD(text)                                                                                \
    {                                                                                              \
        .op = STEP_FLOOD, .bytes = text, .len = sizeof(text) - 1                                   \
    }
#define WAIT(time)                                                                                 \
    {                                                                                              \
        .op = STEP_WAIT, .ms = time                                                                \
    }
#define STALL                                                                                      \
    {                                                                                              \
        .op = STEP_STALL                                                                           \
    }
#define FREEZE                                                                                     \
    {                                                                                              \
        .op = STEP_FREEZE                                                                          \
    }
#define RESET                                                                                      \
    {                                                                                              \
        .op = STEP_RESET                                                                           \
    }
#define HALF_CLOSE                                                                                 \
    {                                                                                              \
        .op = STEP_HALF_CLOSE                                                                      \
    }
#define READ                                                                                       \
    {                                                                                              \
        .op = STEP_READ                                                                            \
    }
#define READ_UNTIL(text)                                                                           \
    {                                                                                              \
        .op = STEP_READ_UNTIL, .bytes = text, .len = sizeof(text) - 1                              \
    }
#define TLS                                                                                        \
    {                                                                                              \
        .op = STEP_TLS                                                                             \
    }
#define TLS_12                                                                                     \
    {                                                                                              \
        .op = STEP_TLS, .old_tls = true                                                            \
    }
#define TLS_WITH(which)                                                                            \
    {                                                                                              \
        .op = STEP_TLS, .cert = which                                                              \
    }
#define TLS_KEY_UPDATES                                                                            \
    {                                                                                              \
        .op = STEP_TLS_KEY_UPDATES                                                                 \
    }
#define TLS_CLOSE_NOTIFY                                                                           \
    {                                                                                              \
        .op = STEP_TLS_CLOSE_NOTIFY                                                                \
    }
#define PG_STARTUP                                                                                 \
    {                                                                                              \
        .op = STEP_PG_STARTUP                                                                      \
    }
#define PG_TLS                                                                                     \
    {                                                                                              \
        .op = STEP_PG_TLS                                                                          \
    }
#define PG_READ                                                                                    \
    {                                                                                              \
        .op = STEP_PG_READ                                                                         \
    }
#define PG_SEND(letter, body)                                                                      \
    {                                                                                              \
        .op = STEP_PG_SEND, .type = letter, .bytes = body, .len = sizeof(body) - 1                 \
    }
#define PG_LIE(letter, body, length)                                                               \
    {                                                                                              \
        .op = STEP_PG_SEND, .type = letter, .bytes = body, .len = sizeof(body) - 1, .lie = length  \
    }
#define PG_SCRAM(rounds)                                                                           \
    {                                                                                              \
        .op = STEP_PG_SCRAM, .limit = rounds                                                       \
    }
#define RELAY(behind, say, do_this)                                                                \
    {                                                                                              \
        .op = STEP_RELAY, .port = behind, .when = say, .action = do_this, .ms = 100                \
    }
#define RELAY_CUT(behind, say, do_this, after)                                                     \
    {                                                                                              \
        .op = STEP_RELAY, .port = behind, .when = say, .action = do_this, .limit = after           \
    }

/* How the peer treats a connection before any script. */
enum peer_door {
    DOOR_NONE,    /* there is no such peer */
    DOOR_OPEN,    /* accepted and served */
    DOOR_SHUT,    /* refused */
    DOOR_SILENT,  /* accepted only by the kernel */
    DOOR_DROPPED, /* a full backlog: TCP drops packets, a Unix socket refuses */
};

struct peer_spec {
    enum peer_door door;
    const struct step *steps; /* a script implies DOOR_OPEN */
    const struct step *later; /* for the second and later connections; NULL: the same */
    const char *host;         /* NULL: 127.0.0.1 */
    const char *socket;       /* a Unix socket of this name in the peer's own directory */
};

/* What the peer received, in memory shared with the process that started it. */
struct peer_heard {
    _Atomic size_t cut; /* written by that process, for CUT_AS_TOLD */
    _Atomic int connections;
    _Atomic size_t len;
    char bytes[16384];
};

struct peer {
    struct hpt_proc proc;
    int port;
    const char *dir;  /* of a Unix socket */
    const char *path; /* of a Unix socket */
    struct peer_heard *heard;
};

/** Start it. @port 0 means a free one. */
void peer_start(struct peer *peer, const struct peer_spec *spec, int port);

void peer_stop(struct peer *peer);

/** True when the peer received this. */
bool peer_heard(const struct peer *peer, const char *text);

#endif
