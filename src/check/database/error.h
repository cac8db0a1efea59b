/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_ERROR_H
#define HEALTHPROBE_DATABASE_ERROR_H

#include <healthprobe/base/error.h>

#include <stdbool.h>
#include <stddef.h>

/** A SQLSTATE and its NUL. */
#define HP_SQLSTATE_SIZE 6

/** An error of a server or of libpq, taken apart. */
struct hp_postgres_error {
    char sqlstate[HP_SQLSTATE_SIZE]; /* "" where libpq itself failed */
    const char *text;                /* the message proper, in the text that was parsed */
    size_t text_len;                 /* its first line */
    bool is_answer;                  /* to the startup packet, by the server or in its stead */
};

/** No startup packet went out: nothing in a message is a server's answer. */
#define HP_POSTGRES_NOT_ASKED ((size_t)-1)

/**
 * Take a message of PQerrorMessage() apart, as it is with PQERRORS_VERBOSE:
 * "connection to server at … failed: FATAL:  28P01: password …". The severity
 * may be in any language; the SQLSTATE follows its colon and two blanks.
 *
 * Before the startup packet is out, libpq quotes the names in a certificate
 * as they are, and whoever has one signed may have put a SQLSTATE there.
 *
 * @message   borrowed by @ret
 * @asked_at  how long the message was when the startup packet first went out;
 *            what follows is the answer. HP_POSTGRES_NOT_ASKED: it did not
 */
void hp_postgres_error_parse(struct hp_postgres_error *ret, const char *message, size_t asked_at);

/** What an error at login means. */
enum hp_reason hp_postgres_error_reason(const struct hp_postgres_error *error);

/** How far a session has come when an error is met. */
enum hp_postgres_stage {
    HP_POSTGRES_LOGIN,    /* there is none yet */
    HP_POSTGRES_SESSION,  /* no statement has been answered: a pooler may have no server for it */
    HP_POSTGRES_ANSWERED, /* one has */
};

/**
 * What a SQLSTATE means for a check (PostgreSQL documentation, appendix A).
 *
 * @text  the message proper; read only where the code says too little
 */
enum hp_reason hp_postgres_reason_of_sqlstate(const char *sqlstate, const char *text,
                                              enum hp_postgres_stage stage);

/** The error where no password is configured; libpq's own names one of its functions. */
#define HP_DATABASE_WANTS_PASSWORD "the server asks for a password"

/**
 * What a message of libpq itself means. It has no codes, so its words are
 * read, but none that stand where libpq may quote a peer.
 */
enum hp_reason hp_postgres_reason_of_words(const char *message);

/**
 * May libpq go on with another kind of encryption after this error, as
 * sslmode prefer and allow have it? Once the server has answered, only where
 * pg_hba.conf refused the kind of connection: a password that was refused is
 * not sent again without TLS.
 */
bool hp_postgres_may_fall_back(const struct hp_postgres_error *error);

#endif
