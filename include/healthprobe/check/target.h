/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TARGET_H
#define HEALTHPROBE_TARGET_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/net/url.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Tell the name of a target from the target: "replica=postgresql://…". What
 * stands before the first "=" is meant as a name where it holds nothing that
 * parts a URL, and where what follows begins as a target does ("scheme:",
 * "env:", "file:", "/", ":", a "$" that nobody expanded) or is empty: a "="
 * later on is the target's own.
 *
 * @text, @len   not NUL-terminated
 * @ret_len      length of the name; 0: there is none, all of @text is the target
 * @return       false: meant as a name, and not [a-z0-9][a-z0-9_.-]{0,31}
 */
bool hp_target_name_length(const char *text, size_t len, size_t *ret_len);

/*
 * From the text of a target to typed fields, and from the fields to the text
 * that a report shows. All pure. Every parse function
 *
 *   - takes @origin, what errors call the value ("--database", "DATABASE_URL"),
 *     and never quotes the value itself;
 *   - sets @ret on success only; the caller releases it;
 *   - adds every problem found to @err and returns false if there was one.
 *
 * Every describe function writes the redacted target: rebuilt from fields,
 * without password, query, fragment or an HTTP user. Non-ASCII and awkward
 * bytes in a field are percent-encoded, so that the text is plain ASCII. One
 * that does not fit ends in "..." and is no overflow; only where not even four
 * bytes are left does it set @overflow.
 *
 * Every shows function says whether @text is, as a whole, a user, host, port or
 * database that the description shows.
 */

/**
 * Refuse a target of any kind that an exec form was expected to expand: "${NAME}" or
 * "$(NAME)" outside the password or as the whole password, "$NAME" as the
 * whole value or in its scheme, host or port. The error says that the exec
 * forms of Docker and Kubernetes expand nothing, and never quotes the name. A
 * shell's "${NAME:-default}" counts as "${NAME}". The password is told apart in
 * a text that will not split, too.
 */
bool hp_target_check_unexpanded(const char *text, const char *origin, struct hp_error *err);

/* --- http ------------------------------------------------------------------ */

struct hp_http_target {
    bool tls;
    char *user;     /* NULL: no basic authentication */
    char *password; /* "" where the URL has a user alone; NULL without a user */
    char *host;     /* never empty; a literal without brackets, with its zone if it has one */
    uint16_t port;
    char *path;      /* with its "/", with the query behind it; as it is sent */
    size_t path_len; /* of the part before the query, which a report may show */
    bool path_is_default;
};

/**
 * @text          "http://…", "https://…", "/path", ":PORT" or ":PORT/path"
 * @default_port  fills in for what "/path" leaves out
 * @default_path  the mode's path, for a URL without one
 */
bool hp_http_target_parse(struct hp_http_target *ret, const char *text, const char *origin,
                          uint16_t default_port, const char *default_path, struct hp_error *err);
void hp_http_target_describe(const struct hp_http_target *target, struct hp_buffer *ret);
bool hp_http_target_shows(const struct hp_http_target *target, const char *text);
void hp_http_target_release(struct hp_http_target *target);

/* --- database -------------------------------------------------------------- */

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
    char *name;    /* a name, a literal without brackets, or the folder of a socket
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
};

/** How a database's URL is to be read. */
struct hp_database_reading {
    bool user_optional;     /* level "ping": a URL without a user is no error */
    bool wants_search_path; /* "schema" and "currentSchema" are of use */
    /* libpq's variables in it fill what the URL leaves out, but for PGPASSWORD; NULL: none do. */
    char *const *environment;
};

/**
 * Understands postgres, postgresql (each with any "+driver"), pgsql, postgis,
 * ecto, cockroachdb and jdbc:postgresql. Of several that say how TLS is used,
 * sslrootcert=system and sslaccept=strict beat sslmode, and sslmode beats ssl;
 * of two that are the same, the later one holds.
 *
 * @ignored  names of the parameters that were dropped are added
 */
bool hp_database_target_parse(struct hp_database_target *ret, const char *text, const char *origin,
                              const struct hp_database_reading *reading, struct hp_names *ignored,
                              struct hp_error *err);
void hp_database_target_describe(const struct hp_database_target *target, struct hp_buffer *ret);
bool hp_database_target_shows(const struct hp_database_target *target, const char *text);
void hp_database_target_release(struct hp_database_target *target);

/* --- redis ----------------------------------------------------------------- */

struct hp_redis_target {
    bool tls;
    bool insecure;  /* with @tls only; ssl_cert_reqs=none: chain and name are not verified */
    char *user;     /* NULL: the default user */
    char *password; /* NULL: none; an empty one counts as none */
    char *host;     /* NULL for a Unix socket */
    uint16_t port;  /* 6379 where none is given */
    char *socket;   /* path of a Unix socket; NULL: TCP */
    unsigned database;
    char *ca_certs; /* ssl_ca_certs; NULL: none */
};

/**
 * Understands redis, rediss, valkey, valkeys, unix and redis+unix. What stands
 * before the query beats the parameter of the same meaning.
 *
 * @ignored  names of the parameters that were dropped are added
 */
bool hp_redis_target_parse(struct hp_redis_target *ret, const char *text, const char *origin,
                           struct hp_names *ignored, struct hp_error *err);

/** The user is shown beside a password only: alone it is often one in the wrong place. */
void hp_redis_target_describe(const struct hp_redis_target *target, struct hp_buffer *ret);
bool hp_redis_target_shows(const struct hp_redis_target *target, const char *text);
void hp_redis_target_release(struct hp_redis_target *target);

#endif
