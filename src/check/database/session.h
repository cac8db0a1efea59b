/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_SESSION_H
#define HEALTHPROBE_DATABASE_SESSION_H

#include <healthprobe/base/attempt.h>
#include <healthprobe/net/tls.h>

#include <libpq-fe.h>

/* A connection of libpq's, and what it says when it breaks. */

/** One kind of encryption at one address: libpq may try two, and keeps what both said. */
struct hp_database_leg {
    size_t said_at;                /* where its part of the message begins */
    size_t asked_at;               /* of that part, as hp_postgres_error_parse() takes it */
    bool uses_tls;                 /* it came as far as that */
    struct hp_tls_error tls_error; /* why the server could not be verified */
};

struct hp_database_session {
    PGconn *conn;
    struct hp_database_leg leg;
    bool answered; /* a statement */
    bool in_transaction;
    const char *crl_file; /* of the URL; NULL: none */
    bool has_crl;         /* a file, or a directory of them */
};

/** The whole message is searched for secrets, though only what is @shown of it is shown. */
void hp_database_down(struct hp_attempt *attempt, enum hp_reason reason, const char *message,
                      struct hp_untrusted shown);

/** Whatever libpq made of it, it was not the server's fault, where none answered. */
bool hp_database_starved(const struct hp_database_session *session);

/** The verdict for what libpq itself says. */
void hp_database_broke_off(const struct hp_database_session *session, struct hp_attempt *attempt,
                           const char *message);

#endif
