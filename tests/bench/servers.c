// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "certs.h"
#include "common.h"
#include "nginx.h"
#include "postgres.h"
#include "redis.h"

/*
 * The servers of the benchmark. A line of JSON shows where they are; they run until standard input
 * ends.
 *
 * Their certificates are like those of most public sites: an RSA root of 4096 bits, an intermediate
 * certificate with P-384, a leaf with P-256.
 */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis open_redis;
static struct hpt_redis redis;

/* Role and database `odd` need no password, `app` does. */
static const char hba[] = "local all postgres trust\n"
                          "host odd odd all trust\n"
                          "host all all all scram-sha-256\n";

static struct hpt_cert root;

static struct hpt_cert make_chain(void)
{
    root = hpt_cert_make(&(struct hpt_cert_opts){
        .name = "root", .subject = "root", .algorithm = "rsa:4096", .authority = true});
    struct hpt_cert intermediate = hpt_cert_make(&(struct hpt_cert_opts){.name = "intermediate",
                                                                         .subject = "intermediate",
                                                                         .algorithm = "ec:P-384",
                                                                         .issuer = &root,
                                                                         .digest = "sha384",
                                                                         .authority = true});
    struct hpt_cert leaf = hpt_cert_make(&(struct hpt_cert_opts){.name = "leaf",
                                                                 .subject = "localhost",
                                                                 .algorithm = "ec:P-256",
                                                                 .issuer = &intermediate,
                                                                 .digest = "sha256"});
    char *first = hpt_read_file(leaf.cert, NULL);
    char *second = hpt_read_file(intermediate.cert, NULL);
    if (first == NULL || second == NULL) {
        hpt_fail("the certificates cannot be read");
    }
    leaf.cert = hpt_strf("%s/chain.pem", hpt_tmpdir());
    hpt_write_file(leaf.cert, hpt_strf("%s%s", first, second), 0644);
    free(first);
    free(second);
    return leaf;
}

static void start(void)
{
    struct hpt_cert leaf = make_chain();

    hpt_nginx_create(&nginx);
    nginx.shown = &leaf;
    hpt_nginx_start(&nginx);
    hpt_postgres_create(
        &pg, &(struct hpt_postgres_opts){
                 .hba = hba,
                 .settings = HPT_LIST("ssl=on", hpt_strf("ssl_cert_file=%s", leaf.cert),
                                      hpt_strf("ssl_key_file=%s", leaf.key), "max_connections=300",
                                      "log_connections=off", "log_disconnections=off"),
             });
    hpt_postgres_start(&pg);
    hpt_redis_create(&open_redis, &(struct hpt_redis_opts){.tls = false});
    hpt_redis_start(&open_redis);
    hpt_redis_create(
        &redis, &(struct hpt_redis_opts){
                    .tls = true,
                    .password = true,
                    .config = hpt_strf("tls-cert-file %s\ntls-key-file %s\n", leaf.cert, leaf.key),
                });
    hpt_redis_start(&redis);
    printf(
        "{\"http\":%d,\"https\":%d,\"postgres\":%d,\"open_redis\":%d,\"redis\":%d,"
        "\"rediss\":%d,\"root\":\"%s\",\"postgres_password\":\"%s\",\"redis_password\":\"%s\"}\n",
        nginx.port, nginx.tls_port, pg.port, open_redis.port, redis.port, redis.tls_port, root.cert,
        HPT_PG_PASSWORD, HPT_REDIS_PASSWORD);
}

int main(void)
{
    return hpt_lend(start);
}
