/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>

#include "box.h"
#include "common.h"
#include "dns.h"
#include "nginx.h"
#include "peer.h"
#include "pgbouncer.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/**
 * Cases, each one row of a table: how the probe is called, what its peer does, and what the report
 * must say. Every case runs in its own process, several at once; a case that depends on the
 * processor's load runs alone.
 *
 * Targets and options may contain placeholders in braces: {peer} {second} the ports of this case's
 * peers, {dir} {path} the directory and path of its Unix socket, {made} the port of the server that
 * its @before started, and {http} {https} {pg} {redis} {rediss} {locked} {pool} {ca} of the servers
 * that all cases share.
 */

struct hostile_servers {
    struct hpt_nginx nginx;
    struct hpt_postgres pg;
    struct hpt_redis redis;
    struct hpt_redis locked; /* with a password, and users */
    struct hpt_pgbouncer pool;
};

extern struct hostile_servers servers;

/* The password of targets whose peer is not a real server. */
#define SECRET "s3cret-of-the-case"

struct hostile_run;

struct hostile_case {
    const char *name;
    const char *check; /* "http", "database" or "redis" */
    const char *target;
    const char *options; /* more arguments, separated by spaces */
    const char *const *env;
    int limit_ms; /* 0: 2000 */

    const char *reason; /* or alternatives ("a|b"); NULL: healthy */
    const char *detail; /* code or phase, as hpt_is_down() takes it */
    const char *error;  /* the error is or contains this */
    const char *hint;   /* the hint is or contains this */
    const char *absent; /* the output must not contain this */
    const char *heard;  /* the peer received this */
    const char *unheard;

    struct peer_spec peer;
    struct peer_spec second;
    bool same_port; /* both peers listen on one port */
    const struct box *box;
    const struct dns_spec *dns;
    void (*before)(struct hostile_run *run);
    void (*in_child)(void *arg);
    void *in_child_arg;
    /* Replaces the ordinary run: returns what is wrong, or NULL. */
    const char *(*instead)(struct hostile_run *run);

    bool early; /* a timeout may come early: each address gets only a share of the time */
    bool tls_only;
    bool static_only; /* not for a sanitized probe, because of its loader, C library or size */
    bool alone;
};

/* One running case. */
struct hostile_run {
    const struct hostile_case *what;
    struct peer peer;
    struct peer second;
    struct hpt_proc dns;
    int made;            /* the port of a server started for this case */
    double overshoot_ms; /* the worst of its runs; set by hostile_note() */
    char said[96];       /* reason and phase of the last run, for the summary */
    int exit_status;
};

struct hostile_table {
    const char *name;
    const struct hostile_case *cases;
    size_t count;
};

extern const struct hostile_table hostile_connect, hostile_time, hostile_http, hostile_postgres,
    hostile_redis, hostile_real, hostile_machine;

/** The text with its placeholders replaced. */
const char *hostile_fill(const struct hostile_run *run, const char *text);

/**
 * Run the probe as the case says and check everything but the verdict. Returns a problem or NULL.
 */
const char *hostile_probe(struct hostile_run *run, struct hpt_run *ret);

/** Record for the summary when a run ended and what it reported. */
void hostile_note(struct hostile_run *run, struct hpt_run *probe, int limit_ms);

/** True when the output contains a password of any case. */
bool hostile_leaks(const struct hpt_run *probe);

#endif
