/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_PEER_H
#define HOSTILE_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "proc.h"

/**
 * A server that does what a script says, for each connection anew: over TCP, a Unix socket or TLS,
 * alone or as a relay that spoils what a real server says.
 *
 * It is a child of the process that starts it and dies with it. Everything it sends is bounded, in
 * bytes and in time.
 */

enum step_op {
    STEP_END, /* close the connection politely: nothing sent so far is lost */
    STEP_RESET,
    STEP_STALL,  /* read and throw away until the client goes */
    STEP_FREEZE, /* not even read */
    STEP_WAIT,
    STEP_HALF_CLOSE,
    STEP_SEND,
    STEP_DRIP,  /* a byte, then a pause */
    STEP_FLOOD, /* the same again and again */
    STEP_READ,  /* whatever comes first */
    STEP_READ_UNTIL,
    STEP_TLS,             /* a handshake as the server */
    STEP_TLS_KEY_UPDATES, /* nothing but those, a flood of them */
    STEP_TLS_CLOSE_NOTIFY,
    STEP_PG_STARTUP, /* read a startup packet; TLS is refused before */
    STEP_PG_TLS,     /* read the question for TLS, and say yes */
    STEP_PG_READ,    /* read one message */
    STEP_PG_SEND,    /* one message with its length */
    STEP_PG_SCRAM,   /* ask for SCRAM, and read the answer to a challenge of so many rounds */
    STEP_RELAY,
};

enum relay_action {
    RELAY_STALL,       /* nothing of what the server says arrives any more */
    RELAY_DRIP,        /* it arrives byte by byte */
    RELAY_CLOSE_AFTER, /* so many bytes of it arrive, then comes the end */
    RELAY_RESET_AFTER,
    RELAY_STALL_AFTER,
    RELAY_FLIP,  /* the byte that follows a mark is another one */
    RELAY_FLOOD, /* something else arrives instead, without end */
    RELAY_PAUSE, /* the real server gets a SIGSTOP */
};

enum peer_cert { CERT_GOOD, CERT_WRONG, CERT_EXPIRED };

struct step {
    enum step_op op;
    const char *bytes;
    size_t len;
    int ms;       /* of a wait, between bytes of a drip, at most for a flood */
    size_t limit; /* bytes of a flood, or until a relay's cut; times to send */
    char type;    /* of a PG message */
    unsigned lie; /* the length that it claims, 0: the true one */
    enum peer_cert cert;
    const char *san; /* a certificate for this name and elsewhere.example, in place of @cert */
    bool old_tls;    /* TLS 1.2 at most */
    enum relay_action action;
    const int *port;             /* of the server behind a relay */
    const char *when;            /* what the client says that sets a relay off; NULL: at once */
    const char *mark;            /* of a flip */
    const struct hpt_proc *proc; /* of a pause */
};

/* As the limit of a relay: what peer_heard.cut says when a connection comes. */
#define CUT_AS_TOLD ((size_t)-1)

#define STEPS(...) ((const struct step[]){__VA_ARGS__, {.op = STEP_END}})

/* The text is a literal, and may hold NULs. */
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

/* What happens to the connection before any script. */
enum peer_door {
    DOOR_NONE,    /* there is no such peer */
    DOOR_OPEN,    /* accepted and served */
    DOOR_SHUT,    /* refused */
    DOOR_SILENT,  /* accepted by the kernel alone */
    DOOR_DROPPED, /* a full backlog: TCP drops what comes, a Unix socket says so */
};

struct peer_spec {
    enum peer_door door;
    const struct step *steps; /* with a script, the door is open */
    const struct step *later; /* for the second connection and those after it; NULL: the same */
    const char *host;         /* NULL: 127.0.0.1 */
    const char *socket;       /* a Unix socket of this name in a folder of the peer's own */
};

/* What the peer heard, in memory that it shares with who started it. */
struct peer_heard {
    _Atomic size_t cut; /* written by who started the peer: for relays that are to ask */
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

/** Start it. @port 0 takes a free one. */
void peer_start(struct peer *peer, const struct peer_spec *spec, int port);

void peer_stop(struct peer *peer);

/** True when the peer was told this. */
bool peer_heard(const struct peer *peer, const char *text);

#endif
