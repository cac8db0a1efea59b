// SPDX-License-Identifier: MIT
#ifndef HPT_POSTGRES_H
#define HPT_POSTGRES_H

#include <stdbool.h>

#include "proc.h"

/**
 * Real Postgres servers.
 *
 * initdb runs once per program; each server gets a copy of its result. Each has
 *
 *   app       the role of a service, and a database of that name
 *   odd       the same with a password that needs percent-encoding everywhere
 *   raw       one with a password that needs no encoding in a URL, though it looks so
 *   md5user   a role with a password stored as MD5
 *   nologin   a role that may not log in
 *   busy      a role with a connection limit of zero
 *   closed    a database that nobody may connect to
 *   postgres  the superuser, trusted on the Unix socket
 *
 * and asks for SCRAM on loopback and on the socket, unless @hba says otherwise.
 */

#define HPT_PG_PASSWORD     "app-secret-4711"
#define HPT_PG_ODD_PASSWORD "p@ss:w/rd#7?&%41$x+y \xc3\xbc'\"\\"
#define HPT_PG_RAW_PASSWORD "r@w:pa%zz$1+x"
#define HPT_PG_MD5_PASSWORD "md5-secret-0815"

struct hpt_postgres {
    struct hpt_proc proc;
    int port;            /* on 127.0.0.1 and, where there is IPv6, ::1 */
    const char *data;    /* its data directory */
    const char *sockets; /* the directory of its Unix socket */
    const char *const *settings;
};

struct hpt_postgres_opts {
    const char *hba;             /* the text of pg_hba.conf; NULL: SCRAM for everybody */
    const char *const *settings; /* "name=value", NULL-ended; may be NULL */
    bool tls;                    /* with the test's certificate for localhost */
    bool standby;                /* a standby without a primary, which refuses connections */
};

/** Run initdb and create the roles. Call it before the runner: all tests use its result. */
void hpt_postgres_prepare(void);

/** Create a data directory and choose a port, but start nothing. */
void hpt_postgres_create(struct hpt_postgres *pg, const struct hpt_postgres_opts *opts);

/** Start it, and wait until it answers a startup packet with anything but "starting up". */
void hpt_postgres_start(struct hpt_postgres *pg);

/** Start it, and wait only until the port is open. */
void hpt_postgres_start_unready(struct hpt_postgres *pg);

/** Stop it and wait; it can be started again at the same port. */
void hpt_postgres_stop(struct hpt_postgres *pg);

/** One SQL command as the superuser, over the Unix socket; the result as unaligned text. */
char *hpt_postgres_sql(const struct hpt_postgres *pg, const char *sql);

/** True when the log so far contains the text. */
bool hpt_postgres_logged(const struct hpt_postgres *pg, const char *text);

/**
 * Send a startup packet, as a client does before it logs in.
 *
 * @ret_code  receives the SQLSTATE of an error, empty for none
 * @return    the first byte of the answer to the startup packet ('R', 'E'), 0 for none
 */
char hpt_postgres_knock(int port, const char *user, const char *database, char ret_code[6]);

#endif
