// SPDX-License-Identifier: MIT
#ifndef HPT_PGBOUNCER_H
#define HPT_PGBOUNCER_H

#include "postgres.h"
#include "proc.h"

/** PgBouncer in transaction mode in front of a Postgres, for the role and the database `app`. */
struct hpt_pgbouncer {
    struct hpt_proc proc;
    int port;
    const char *dir;
    const struct hpt_postgres *behind;
    const char *settings;
};

/**
 * Start it and wait until it answers.
 *
 * @settings  lines for the section [pgbouncer], or NULL; they override the library's own
 */
void hpt_pgbouncer_start(struct hpt_pgbouncer *pool, const struct hpt_postgres *behind,
                         const char *settings);
void hpt_pgbouncer_stop(struct hpt_pgbouncer *pool);

#endif
