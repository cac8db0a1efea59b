/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REDIS_TARGET_H
#define HEALTHPROBE_REDIS_TARGET_H

#include <healthprobe/check/target.h>

struct hp_redis_target {
    bool tls;
    bool insecure;  /* with @tls only; ssl_cert_reqs=none: chain and name are not verified */
    char *user;     /* NULL: the default user */
    char *password; /* NULL: none; never empty */
    char *host;     /* NULL for a Unix socket */
    uint16_t port;  /* 6379 where none is given */
    char *socket;   /* path of a Unix socket; NULL: TCP */
    unsigned database;
    char *ca_certs;        /* ssl_ca_certs; NULL: none */
    struct hp_masks masks; /* of hidden fields */
};

/**
 * Understands redis, rediss, valkey and valkeys; unix, redis+unix, redis+socket and redis-socket,
 * also without the "//". Fields from before the query win over parameters.
 *
 * @placeholders  whose marks are in @text; NULL: none are
 * @ignored  names of the parameters that were dropped are added
 */
bool hp_redis_target_parse(struct hp_redis_target *ret, const char *text,
                           const struct hp_placeholders *placeholders, const char *origin,
                           struct hp_names *ignored, struct hp_error *err);

/** The user is shown beside a password only: alone it is often one in the wrong place. */
void hp_redis_target_describe(const struct hp_redis_target *target, struct hp_buffer *ret);
bool hp_redis_target_shows(const struct hp_redis_target *target, const char *text);
void hp_redis_target_release(struct hp_redis_target *target);

#endif
