// SPDX-License-Identifier: MIT
#ifndef HPT_POSTGRES_H
#define HPT_POSTGRES_H

#include <stdbool.h>

#include "proc.h"

/**
 * Real Postgres servers.
 *
 * initdb runs once a program; each server gets a copy of what it made. Every one has
 *
 *   app       the role of a service, and the database of that name
 *   odd       the same with a password that needs percent-encoding everywhere
 *   raw       one whose password stands in a URL as it is, though it looks like trouble
 *   md5user   a password stored as MD5
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
    const char *data;    /* its data folder */
    const char *sockets; /* the folder of its Unix socket */
    const char *const *settings;
};

struct hpt_postgres_opts {
    const char *hba;             /* the text of pg_hba.conf; NULL: SCRAM for everybody */
    const char *const *settings; /* "name=value", NULL-ended; may be NULL */
    bool tls;                    /* with the test's certificate for localhost */
    bool standby;                /* a standby that follows nobody, and refuses connections */
};

/** Run initdb and make the roles. Called before the runner, its result serves all tests. */
void hpt_postgres_prepare(void);

/** A data folder and a port, nothing running yet. */
void hpt_postgres_create(struct hpt_postgres *pg, const struct hpt_postgres_opts *opts);

/** Start it, and wait until it answers a startup packet with something else than "starting up". */
void hpt_postgres_start(struct hpt_postgres *pg);

/** Start it, and wait until the port is open only. */
void hpt_postgres_start_unready(struct hpt_postgres *pg);

/** Stop it and wait; it may be started again at the same port. */
void hpt_postgres_stop(struct hpt_postgres *pg);

/** One SQL command as the superuser, over the Unix socket; the result as unaligned text. */
char *hpt_postgres_sql(const struct hpt_postgres *pg, const char *sql);

/** True when a log line holds the text. The log is what the server wrote so far. */
bool hpt_postgres_logged(const struct hpt_postgres *pg, const char *text);

/**
 * Ask like a client does before it logs in.
 *
 * @ret_code  receives the SQLSTATE of an error, empty for none
 * @return    the first byte of the answer to the startup packet ('R', 'E'), 0 for none
 */
char hpt_postgres_knock(int port, const char *user, const char *database, char ret_code[6]);

#endif
