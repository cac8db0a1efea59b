// SPDX-License-Identifier: MIT
#ifndef HPT_REDIS_H
#define HPT_REDIS_H

#include <stdbool.h>

#include "proc.h"

/** Real Redis servers: sixteen databases, no persistence, a Unix socket each. */

#define HPT_REDIS_PASSWORD      "redis-secret-4242"
#define HPT_REDIS_USER_PASSWORD "acl-secret-1234"

struct hpt_redis {
    struct hpt_proc proc;
    int port;     /* on 127.0.0.1 and, where there is IPv6, ::1 */
    int tls_port; /* 0 without TLS */
    const char *dir;
    const char *socket; /* the path of its Unix socket */
    const char *config;
    bool tls;
    bool password;
};

struct hpt_redis_opts {
    bool password;      /* requirepass HPT_REDIS_PASSWORD */
    bool tls;           /* a second port with TLS and the test's certificate */
    const char *config; /* more lines for redis.conf, or NULL */
};

/*
 * Lines that create ACL users with HPT_REDIS_USER_PASSWORD: `app` like a service's, `mute` without
 * PING, `fixed` without SELECT.
 */
extern const char hpt_redis_acl_users[];

/** Choose a port and write a configuration, but start nothing. */
void hpt_redis_create(struct hpt_redis *redis, const struct hpt_redis_opts *opts);

/** Start it and wait until it answers PING, even with an error. */
void hpt_redis_start(struct hpt_redis *redis);

void hpt_redis_stop(struct hpt_redis *redis);

/** Run one command as an administrator, by redis-cli over the Unix socket; its output. */
char *hpt_redis_cli(const struct hpt_redis *redis, const char *const *args);

#endif
