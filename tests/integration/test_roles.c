// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "certs.h"
#include "common.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/* Which server is it: a master or its replica, and who may ask. */

static struct hpt_postgres primary;
static struct hpt_postgres standby; /* follows nobody, and can be read */
static struct hpt_redis master;
static struct hpt_redis replica;
static struct hpt_redis closed_off; /* asks for client certificates */

static const char acl_users[] = "user probe on >" HPT_REDIS_USER_PASSWORD " -@all +ping +role\n"
                                "user pinger on >" HPT_REDIS_USER_PASSWORD " -@all +ping\n";

static void start_redis(void)
{
    hpt_redis_create(&master, &(struct hpt_redis_opts){.config = acl_users});
    hpt_redis_start(&master);
    hpt_redis_create(&replica, &(struct hpt_redis_opts){
                                   .config = hpt_strf("replicaof 127.0.0.1 %d\n", master.port)});
    hpt_redis_start(&replica);
    hpt_redis_create(&closed_off,
                     &(struct hpt_redis_opts){.tls = true, .config = "tls-auth-clients yes\n"});
    hpt_redis_start(&closed_off);
    /* So that the master has somebody to tell of. */
    for (int i = 0; i < 500; i++) {
        if (strstr(hpt_redis_cli(&master, HPT_LIST("ROLE")), "127.0.0.1") != NULL) {
            return;
        }
        hpt_sleep_ms(20);
    }
    hpt_fail("the replica did not find its master");
}

static void start_postgres(void)
{
    hpt_postgres_create(&primary, &(struct hpt_postgres_opts){.standby = false});
    hpt_postgres_start(&primary);
    hpt_postgres_create(&standby, &(struct hpt_postgres_opts){
                                      .standby = true, .settings = HPT_LIST("hot_standby=on")});
    hpt_postgres_start(&standby);
}

static void start_servers(void)
{
    hpt_certs();
    start_postgres();
    start_redis();
}

/* --- Postgres -------------------------------------------------------------------------------- */

static const char *pg_url(const struct hpt_postgres *pg)
{
    return hpt_strf("postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, pg->port);
}

START_TEST(a_postgres_with_the_role_asked_for_is_up)
{
    struct hpt_run run;
    const struct hpt_postgres *pg = _i % 2 == 0 ? &primary : &standby;
    const char *const roles[] = {"primary", "standby", "any", "any"};

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", pg_url(pg), "--database-role",
                       roles[_i]));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_postgres_with_the_other_role_is_down_whatever_its_query_says)
{
    struct hpt_run run;
    const struct hpt_postgres *pg = _i == 0 ? &standby : &primary;
    const char *const roles[] = {"primary", "standby"};

    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_DATABASE_ROLE=%s", roles[_i])),
              HPT_LIST("ready", "--check", "database", "--database", pg_url(pg), "--database-query",
                       "SELECT true"));
    HPT_OK(hpt_is_down(&run, "database", "role", NULL));
    HPT_OK(hpt_is_text(&run, "checks.database.error",
                       hpt_strf("the server is a %s, not a %s", roles[1 - _i], roles[_i])));
}
END_TEST

START_TEST(a_standby_with_its_role_is_asked_the_query)
{
    struct hpt_run run;
    const char *const statements[] = {"SELECT pg_is_in_recovery()", "SELECT false"};

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", pg_url(&standby),
                       "--database-role", "standby", "--database-query", statements[_i]));
    if (_i == 0) {
        HPT_OK(hpt_is_healthy(&run, "database"));
    } else {
        HPT_OK(hpt_is_down(&run, "database", "query", NULL));
    }
}
END_TEST

/* --- Redis ----------------------------------------------------------------------------------- */

static const char *redis_url(const struct hpt_redis *redis)
{
    return hpt_strf("redis://127.0.0.1:%d", redis->port);
}

static void probe_redis(struct hpt_run *run, const char *target, const char *role)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", target, "--redis-role", role));
}

START_TEST(a_redis_with_the_role_asked_for_is_up)
{
    struct hpt_run run;
    const struct hpt_redis *redis = _i % 2 == 0 ? &master : &replica;
    const char *const roles[] = {"master", "replica", "any", "any"};

    probe_redis(&run, redis_url(redis), roles[_i]);
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

START_TEST(a_redis_with_the_other_role_is_down)
{
    struct hpt_run run;

    probe_redis(&run, redis_url(&replica), "master");
    HPT_OK(hpt_is_down(&run, "redis", "role", NULL));
    HPT_OK(hpt_is_text(&run, "checks.redis.error", "the server is a replica, not a master"));
    probe_redis(&run, redis_url(&master), "replica");
    HPT_OK(hpt_is_down(&run, "redis", "role", NULL));
    HPT_OK(hpt_is_text(&run, "checks.redis.error", "the server is a master, not a replica"));
}
END_TEST

START_TEST(the_role_is_asked_of_the_environment_too)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_REDIS_ROLE=master"),
              HPT_LIST("full", "--check", "redis", "--redis", redis_url(&replica)));
    HPT_OK(hpt_is_down(&run, "redis", "role", NULL));
}
END_TEST

START_TEST(a_user_needs_the_right_to_ask_for_the_role)
{
    struct hpt_run run;
    const char *const users[] = {"probe", "pinger"};
    const char *target =
        hpt_strf("redis://%s:%s@127.0.0.1:%d", users[_i], HPT_REDIS_USER_PASSWORD, master.port);

    probe_redis(&run, target, "any");
    HPT_OK(hpt_is_healthy(&run, "redis"));
    probe_redis(&run, target, "master");
    if (_i == 0) {
        HPT_OK(hpt_is_healthy(&run, "redis"));
    } else {
        HPT_OK(hpt_is_down(&run, "redis", "auth", "NOPERM"));
    }
}
END_TEST

START_TEST(a_role_that_is_none_is_a_configuration_error)
{
    struct hpt_run run;

    probe_redis(&run, redis_url(&master), "primary");
    HPT_OK(hpt_is_config(&run, "--redis-role|any, master or replica"));
}
END_TEST

/* --- client certificates -----------------------------------------------------------------------
 */

static void probe_with(struct hpt_run *run, const char *cert, const char *key)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("rediss://localhost:%d", closed_off.tls_port), "--redis-ca",
                       hpt_certs()->ca, "--redis-cert", cert, "--redis-key", key));
}

static const char *is_down_or_without_tls(struct hpt_run *run, const char *error)
{
    if (!hpt_probe_tls()) {
        return hpt_is_config(run, "TLS");
    }
    const char *problem = hpt_is_down(run, "redis", "tls", NULL);
    return problem != NULL ? problem : hpt_has_text(run, "checks.redis.error", error);
}

START_TEST(a_redis_that_asks_for_a_certificate_gets_it)
{
    struct hpt_run run;

    probe_with(&run, hpt_certs()->server_cert, hpt_certs()->server_key);
    if (hpt_probe_tls()) {
        HPT_OK(hpt_is_healthy(&run, "redis"));
    } else {
        HPT_OK(hpt_is_config(&run, "TLS"));
    }
}
END_TEST

START_TEST(without_the_certificate_that_it_asks_for_it_is_tls)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("rediss://localhost:%d", closed_off.tls_port), "--redis-ca",
                       hpt_certs()->ca));
    if (hpt_probe_tls()) {
        HPT_OK(hpt_is_down(&run, "redis", "tls", NULL));
    } else {
        HPT_OK(hpt_is_config(&run, "TLS"));
    }
}
END_TEST

START_TEST(a_certificate_that_cannot_be_used_is_tls)
{
    struct hpt_run run;
    const char *locked = hpt_strf("%s/locked.key", hpt_tmpdir());

    probe_with(&run, hpt_certs()->server_key, hpt_certs()->server_key);
    HPT_OK(is_down_or_without_tls(&run, "certificate's file holds none in PEM"));
    probe_with(&run, hpt_certs()->server_cert, hpt_certs()->server_cert);
    HPT_OK(is_down_or_without_tls(&run, "key's file holds none in PEM"));
    probe_with(&run, hpt_certs()->server_cert, hpt_certs()->wrong_key);
    HPT_OK(is_down_or_without_tls(&run, "the key is not the client certificate's"));
    free(hpt_proc_must(HPT_LIST("openssl", "ec", "-in", hpt_certs()->server_key, "-aes128",
                                "-passout", "pass:a-passphrase", "-out", locked),
                       false));
    probe_with(&run, hpt_certs()->server_cert, locked);
    HPT_OK(is_down_or_without_tls(&run, "needs no passphrase"));
}
END_TEST

START_TEST(a_certificate_and_its_key_come_together)
{
    struct hpt_run run;
    const char *const options[] = {"--redis-cert", "--redis-key"};
    const char *const others[] = {"--redis-key", "--redis-cert"};

    /* Also where there is no TLS for them. */
    const char *const targets[] = {"rediss://localhost", "redis://localhost"};
    for (int i = 0; i < 2; i++) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis", targets[i], options[_i],
                           hpt_certs()->server_cert));
        HPT_OK(hpt_is_config(&run, hpt_strf("%s: needs %s", options[_i], others[_i])));
    }
    hpt_probe(&run,
              HPT_LIST(hpt_strf("HEALTHPROBE_REDIS_%s=%s", _i == 0 ? "CERT" : "KEY",
                                hpt_certs()->server_cert)),
              HPT_LIST("full", "--check", "redis", "--redis", "redis://localhost"));
    HPT_OK(hpt_is_config(
        &run, hpt_strf("HEALTHPROBE_REDIS_%s: needs %s", _i == 0 ? "CERT" : "KEY", others[_i])));
}
END_TEST

START_TEST(a_certificate_that_is_not_there_is_a_configuration_error)
{
    struct hpt_run run;

    probe_with(&run, "/nowhere/client.crt", hpt_certs()->server_key);
    HPT_OK(hpt_is_config(&run, hpt_probe_tls() ? "--redis-cert|/nowhere/client.crt" : "TLS"));
    probe_with(&run, hpt_certs()->server_cert, "/nowhere/client.key");
    HPT_OK(hpt_is_config(&run, hpt_probe_tls() ? "--redis-key|/nowhere/client.key" : "TLS"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *postgres = hpt_tcase(suite, "postgres", 60);
    TCase *redis = hpt_tcase(suite, "redis", 60);
    TCase *certificates = hpt_tcase(suite, "certificates", 60);

    tcase_add_loop_test(postgres, a_postgres_with_the_role_asked_for_is_up, 0, 4);
    tcase_add_loop_test(postgres, a_postgres_with_the_other_role_is_down_whatever_its_query_says, 0,
                        2);
    tcase_add_loop_test(postgres, a_standby_with_its_role_is_asked_the_query, 0, 2);
    tcase_add_loop_test(redis, a_redis_with_the_role_asked_for_is_up, 0, 4);
    tcase_add_test(redis, a_redis_with_the_other_role_is_down);
    tcase_add_test(redis, the_role_is_asked_of_the_environment_too);
    tcase_add_loop_test(redis, a_user_needs_the_right_to_ask_for_the_role, 0, 2);
    tcase_add_test(redis, a_role_that_is_none_is_a_configuration_error);
    tcase_add_test(certificates, a_redis_that_asks_for_a_certificate_gets_it);
    tcase_add_test(certificates, without_the_certificate_that_it_asks_for_it_is_tls);
    tcase_add_test(certificates, a_certificate_that_cannot_be_used_is_tls);
    tcase_add_loop_test(certificates, a_certificate_and_its_key_come_together, 0, 2);
    tcase_add_test(certificates, a_certificate_that_is_not_there_is_a_configuration_error);
}

int main(void)
{
    return hpt_main("roles", start_servers, build, true);
}
