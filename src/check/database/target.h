/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_TARGET_H
#define HEALTHPROBE_DATABASE_TARGET_H

#include <healthprobe/check/target.h>

/** libpq's sslmode, in its order of strictness. */
enum hp_sslmode {
    HP_SSLMODE_UNSET = 0, /* libpq's default: prefer */
    HP_SSLMODE_DISABLE,
    HP_SSLMODE_ALLOW,
    HP_SSLMODE_PREFER,
    HP_SSLMODE_REQUIRE,
    HP_SSLMODE_VERIFY_CA,
    HP_SSLMODE_VERIFY_FULL
};

/** libpq's spelling; NULL for HP_SSLMODE_UNSET. */
const char *hp_sslmode_name(enum hp_sslmode mode);

/** A URL names at most as many. */
#define HP_DATABASE_HOSTS_MAX 16

struct hp_database_host {
    char *name;    /* a name, a literal without brackets, or the directory of a socket
                      ("/run/postgresql"); the address where that alone is given */
    char *address; /* hostaddr: connect there, and look no name up; NULL: none */
    uint16_t port; /* 5432 where none is given */
};

struct hp_database_target {
    char *user;     /* NULL only with hp_database_reading.user_optional */
    char *password; /* NULL: none; an empty one counts as none */
    size_t n_hosts; /* at least 1; they are to be tried as they stand */
    struct hp_database_host hosts[HP_DATABASE_HOSTS_MAX];
    /* target_session_attrs as libpq spells it; NULL: any, or a preference. Static storage. */
    const char *session_attrs;
    bool prefers_standby; /* takes any server where no standby answers */
    char *dbname;         /* never empty where @user is set: defaults to it */
    enum hp_sslmode sslmode;
    bool ca_from_system; /* sslrootcert=system */
    char *sslrootcert;   /* from the URL; NULL: none, or system */
    char *search_path;   /* as the server reads it; NULL: its own */
    /*
     * libpq's own parameters (17 and 18) that are kept and are not a field
     * above: each once, none empty, in no order.
     * The values of "sslpassword", "scram_client_key" and "scram_server_key" are secrets.
     */
    struct hp_url_params libpq;
    struct hp_masks masks; /* of hidden fields */
};

/** How a database's URL is to be read. */
struct hp_database_reading {
    bool user_optional;     /* level "ping": a URL needs no user */
    bool wants_search_path; /* "schema" and "currentSchema" are of use */
    /* libpq's variables in it fill what the URL leaves out, but for PGPASSWORD; NULL: none do. */
    char *const *environment;
    const struct hp_placeholders *placeholders; /* of the marks in the text; NULL: none */
};

/** The schemes of Postgres URLs; "jdbc" and "r2dbc" precede another scheme. NULL-terminated. */
extern const char *const hp_database_schemes[];

/**
 * Understands the schemes of hp_database_schemes; in "jdbc:…:postgresql://" and "r2dbc:…" any
 * words. Of several parameters that say how TLS is used,
 * sslrootcert=system and sslaccept=strict beat sslmode, and sslmode beats ssl;
 * of two that are the same, the later one holds.
 *
 * @ignored  names of the parameters that were dropped are added
 */
bool hp_database_target_parse(struct hp_database_target *ret, const char *text, const char *origin,
                              const struct hp_database_reading *reading, struct hp_names *ignored,
                              struct hp_error *err);

/** Parameters of libpq that are dropped without being named there. NULL-terminated. */
extern const char *const hp_database_dropped[];

/** The value of a parameter in @target->libpq; NULL: it is not there. */
const char *hp_database_target_parameter(const struct hp_database_target *target, const char *key);

void hp_database_target_describe(const struct hp_database_target *target, struct hp_buffer *ret);
bool hp_database_target_shows(const struct hp_database_target *target, const char *text);
void hp_database_target_release(struct hp_database_target *target);

#endif
