// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/* Roles of servers, several hosts, and client certificates for Redis. */

static struct hpt_postgres primary;
static struct hpt_postgres standby;  /* without a primary, readable */
static struct hpt_postgres starting; /* a standby that refuses connections */
static struct hpt_redis master;
static struct hpt_redis replica;
static struct hpt_redis closed_off; /* requires client certificates */

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
    /* Until the master lists its replica. */
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
    hpt_postgres_create(
        &standby,
        &(struct hpt_postgres_opts){.standby = true,
                                    .settings = HPT_LIST("hot_standby=on", "max_connections=100")});
    hpt_postgres_start(&standby);
    hpt_postgres_create(&starting, &(struct hpt_postgres_opts){
                                       .standby = true, .settings = HPT_LIST("hot_standby=off")});
    hpt_postgres_start_unready(&starting);
}

static void start_servers(void)
{
    hpt_certs();
    start_postgres();
    start_redis();
}

/* --- Postgres --------------------------------------------------------------------------------- */

static const char *pg_url(const struct hpt_postgres *pg)
{
    return hpt_strf("postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, pg->port);
}

START_TEST(a_postgres_with_the_requested_role_is_up)
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

START_TEST(a_postgres_with_the_other_role_is_down_whatever_its_query_returns)
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

START_TEST(a_standby_with_the_requested_role_gets_the_query)
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

/* --- several hosts ---------------------------------------------------------------------------- */

/* Each word is a host: silent accepts and never answers, deaf drops packets, shut refuses. */
static const char *hosts(const char *words)
{
    const struct {
        const char *word;
        int port;
    } ports[] = {
        {"primary", primary.port},     {"standby", standby.port},
        {"starting", starting.port},   {"silent", hpt_net_silent_port()},
        {"deaf", hpt_net_deaf_port()}, {"shut", hpt_net_refusing_port()},
    };
    const char *list = "";

    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
            if (strncmp(words, ports[i].word, len) == 0) {
                list = hpt_strf("%s%s127.0.0.1:%d", list, *list != '\0' ? "," : "", ports[i].port);
            }
        }
        words += len + (words[len] == ' ');
    }
    return list;
}

static void probe_hosts(struct hpt_run *run, const char *list, const char *attrs,
                        const char *timeout)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app:%s@%s/app?target_session_attrs=%s",
                                HPT_PG_PASSWORD, list, attrs),
                       "--timeout", timeout));
}

static const struct {
    const char *hosts;
    const char *attrs;
} good[] = {
    {"primary standby", "any"},
    {"shut primary", "any"},
    {"starting primary", "any"},
    {"silent primary", "any"},
    {"deaf primary", "any"},
    {"shut deaf silent starting primary", "any"},
    {"standby primary", "primary"},
    {"standby primary", "read-write"},
    {"primary standby", "standby"},
    {"primary standby", "read-only"},
    {"shut primary standby", "prefer-standby"},
    {"primary primary", "prefer-standby"},
    {"shut primary", "prefer-standby"},
    {"primary starting", "prefer-standby"},
    {"primary", "prefer-standby"},
    {"standby", "read-only"},
};

START_TEST(one_suitable_host_is_enough)
{
    struct hpt_run run;
    const char *list = hosts(good[_i].hosts);

    probe_hosts(&run, list, good[_i].attrs, "4s");
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target", hpt_strf("postgresql://app@%s/app", list)));
}
END_TEST

START_TEST(the_suitable_host_gets_the_query)
{
    struct hpt_run run;
    const char *const words[] = {"shut standby primary", "primary shut standby", "shut primary",
                                 "primary standby", "standby primary"};
    const char *const attrs[] = {"primary", "prefer-standby", "prefer-standby", "any", "any"};
    const bool on_standby[] = {false, true, false, false, true};

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app:%s@%s/app?target_session_attrs=%s",
                                HPT_PG_PASSWORD, hosts(words[_i]), attrs[_i]),
                       "--database-role", on_standby[_i] ? "standby" : "primary"));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

/*
 * A host that answers is more informative than one that does not; of equals, the first is reported.
 */
static const struct {
    const char *hosts;
    const char *attrs;
    const char *reason;
    const char *detail;
    int told; /* the host whose failure is reported */
    const char *error;
} bad[] = {
    {"shut shut", "any", "refused", NULL, 0, "Connection refused"},
    {"shut starting", "any", "starting", "57P03", 1, "the database system is"},
    {"starting shut", "any", "starting", "57P03", 0, "the database system is"},
    {"shut standby", "primary", "role", NULL, 1, "server is in hot standby mode"},
    {"standby shut", "primary", "role", NULL, 0, "server is in hot standby mode"},
    {"standby standby", "read-write", "role", NULL, 0, "session is read-only"},
    {"starting standby", "primary", "role", NULL, 1, "server is in hot standby mode"},
    {"primary primary", "standby", "role", NULL, 0, "server is not in hot standby mode"},
    {"silent standby", "primary", "role", NULL, 1, "server is in hot standby mode"},
    {"shut starting", "prefer-standby", "starting", "57P03", 1, "the database system is"},
};

START_TEST(the_most_informative_failure_is_reported)
{
    struct hpt_run run;
    const char *list = hosts(bad[_i].hosts);
    const char *port = list;

    probe_hosts(&run, list, bad[_i].attrs, "4s");
    HPT_OK(hpt_is_down(&run, "database", bad[_i].reason, bad[_i].detail));
    for (int i = 0; i <= bad[_i].told; i++) {
        port = strchr(port, ':') + 1;
    }
    HPT_OK(hpt_has_text(&run, "checks.database.error",
                        hpt_strf("127.0.0.1, port %d: %s", atoi(port), bad[_i].error)));
}
END_TEST

START_TEST(after_a_refused_login_no_other_host_is_tried)
{
    struct hpt_run run;
    const char *list = hosts("primary standby");

    hpt_probe_secret("wrong-password");
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app:wrong-password@%s/app", list)));
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    ck_assert(!hpt_postgres_logged(&standby, "password authentication failed"));
}
END_TEST

START_TEST(silent_hosts_time_out)
{
    struct hpt_run run;
    const char *const words[] = {"silent silent", "deaf deaf", "shut silent"};
    const char *const phases[] = {"tls|login", "connect", "tls|login"};

    probe_hosts(&run, hosts(words[_i]), "any", "600ms");
    HPT_OK(hpt_is_down(&run, "database", "timeout", phases[_i]));
    HPT_OK(hpt_is_punctual(&run, 600));
}
END_TEST

START_TEST(a_socket_can_be_one_of_several_hosts)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app:%s@/app?host=/nowhere,%s&port=%d,%d",
                                HPT_PG_PASSWORD, primary.sockets, primary.port, primary.port)));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@/app?host=/nowhere,%s&port=%d,%d",
                                primary.sockets, primary.port, primary.port)));
}
END_TEST

START_TEST(at_level_ping_the_first_answer_is_enough)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://%s", hosts("shut starting primary")),
                       "--database-level", "ping"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://%s", hosts("shut starting")), "--database-level",
                       "ping"));
    HPT_OK(hpt_is_down(&run, "database", "starting", "57P03"));
}
END_TEST

/* --- Redis ------------------------------------------------------------------------------------ */

static const char *redis_url(const struct hpt_redis *redis)
{
    return hpt_strf("redis://127.0.0.1:%d", redis->port);
}

static void probe_redis(struct hpt_run *run, const char *target, const char *role)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", target, "--redis-role", role));
}

START_TEST(a_redis_with_the_requested_role_is_up)
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

START_TEST(the_role_can_come_from_the_environment)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_REDIS_ROLE=master"),
              HPT_LIST("full", "--check", "redis", "--redis", redis_url(&replica)));
    HPT_OK(hpt_is_down(&run, "redis", "role", NULL));
}
END_TEST

START_TEST(a_user_needs_permission_to_ask_for_the_role)
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

START_TEST(an_invalid_role_is_a_configuration_error)
{
    struct hpt_run run;

    probe_redis(&run, redis_url(&master), "primary");
    HPT_OK(hpt_is_config(&run, "--redis-role|any, master or replica"));
}
END_TEST

/* --- client certificates ---------------------------------------------------------------------- */

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

START_TEST(a_missing_client_certificate_is_reported_as_tls)
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

START_TEST(an_unusable_certificate_is_reported_as_tls)
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

START_TEST(a_certificate_and_its_key_need_each_other)
{
    struct hpt_run run;
    const char *const options[] = {"--redis-cert", "--redis-key"};
    const char *const others[] = {"--redis-key", "--redis-cert"};

    /* Even for a target without TLS. */
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

START_TEST(a_missing_certificate_is_a_configuration_error)
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
    TCase *several = hpt_tcase(suite, "several hosts", 60);
    TCase *redis = hpt_tcase(suite, "redis", 60);
    TCase *certificates = hpt_tcase(suite, "certificates", 60);

    tcase_add_loop_test(postgres, a_postgres_with_the_requested_role_is_up, 0, 4);
    tcase_add_loop_test(postgres, a_postgres_with_the_other_role_is_down_whatever_its_query_returns,
                        0, 2);
    tcase_add_loop_test(postgres, a_standby_with_the_requested_role_gets_the_query, 0, 2);
    tcase_add_loop_test(several, one_suitable_host_is_enough, 0, HPT_COUNT(good));
    tcase_add_loop_test(several, the_suitable_host_gets_the_query, 0, 5);
    tcase_add_loop_test(several, the_most_informative_failure_is_reported, 0, HPT_COUNT(bad));
    tcase_add_test(several, after_a_refused_login_no_other_host_is_tried);
    tcase_add_loop_test(several, silent_hosts_time_out, 0, 3);
    tcase_add_test(several, a_socket_can_be_one_of_several_hosts);
    tcase_add_test(several, at_level_ping_the_first_answer_is_enough);
    tcase_add_loop_test(redis, a_redis_with_the_requested_role_is_up, 0, 4);
    tcase_add_test(redis, a_redis_with_the_other_role_is_down);
    tcase_add_test(redis, the_role_can_come_from_the_environment);
    tcase_add_loop_test(redis, a_user_needs_permission_to_ask_for_the_role, 0, 2);
    tcase_add_test(redis, an_invalid_role_is_a_configuration_error);
    tcase_add_test(certificates, a_redis_that_asks_for_a_certificate_gets_it);
    tcase_add_test(certificates, a_missing_client_certificate_is_reported_as_tls);
    tcase_add_test(certificates, an_unusable_certificate_is_reported_as_tls);
    tcase_add_loop_test(certificates, a_certificate_and_its_key_need_each_other, 0, 2);
    tcase_add_test(certificates, a_missing_certificate_is_a_configuration_error);
}

int main(void)
{
    return hpt_main("roles", start_servers, build, true);
}
