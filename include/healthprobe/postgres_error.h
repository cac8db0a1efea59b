/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_POSTGRES_ERROR_H
#define HEALTHPROBE_POSTGRES_ERROR_H

#include <healthprobe/error.h>

#include <stdbool.h>
#include <stddef.h>

/** A SQLSTATE and its NUL. */
#define HP_SQLSTATE_SIZE 6

/** An error of a server or of libpq, taken apart. */
struct hp_postgres_error {
    char sqlstate[HP_SQLSTATE_SIZE]; /* "" where libpq itself failed */
    const char *text;                /* the message proper, in the text that was parsed */
    size_t text_len;                 /* its first line */
};

/**
 * Take a message of PQerrorMessage() apart, as it is with PQERRORS_VERBOSE:
 * "connection to server at … failed: FATAL:  28P01: password …". The severity
 * may be in any language; the SQLSTATE stands between two spaces and a colon.
 *
 * @message  borrowed by @ret
 */
void hp_postgres_error_parse(struct hp_postgres_error *ret, const char *message);

/**
 * What a SQLSTATE means for a check (PostgreSQL documentation, appendix A).
 *
 * @text       the message proper; read only where the code says too little
 * @logged_in  did the session exist already?
 */
enum hp_reason hp_postgres_reason_of_sqlstate(const char *sqlstate, const char *text,
                                              bool logged_in);

/** What a message of libpq itself means; it has no codes, so its words are read. */
enum hp_reason hp_postgres_reason_of_words(const char *message);

/**
 * May libpq go on with another kind of encryption after this error, as
 * sslmode prefer and allow have it? Only where pg_hba.conf refused the kind of
 * connection: a password that was refused is not sent again without TLS.
 */
bool hp_postgres_may_fall_back(const struct hp_postgres_error *error);

#endif
