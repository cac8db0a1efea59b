// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "pgbouncer.h"
#include "postgres.h"
#include "probe.h"

/*
 * The database check through PgBouncer in transaction mode, as services with many connections use
 * it. The pooler authenticates clients itself, even if its server is gone, so only a query proves
 * anything. All of its own errors have SQLSTATE 08P01.
 */

static struct hpt_postgres pg;
static struct hpt_pgbouncer pool;

static void start_servers(void)
{
    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){.standby = false});
    hpt_postgres_start(&pg);
    hpt_pgbouncer_start(&pool, &pg, NULL);
}

static const char *url_of(const struct hpt_pgbouncer *through, const char *rest)
{
    return hpt_strf("postgresql://app:%s@127.0.0.1:%d%s", HPT_PG_PASSWORD, through->port, rest);
}

static void probe_level(struct hpt_run *run, const char *target, const char *level)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", target, "--database-level",
                       level, "--timeout", "1500ms"));
}

static void probe_query(struct hpt_run *run, const char *target)
{
    probe_level(run, target, "query");
}

START_TEST(the_url_of_an_orm_works_and_its_parameters_are_listed)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       url_of(&pool, "/app?schema=public&pgbouncer=true&connection_limit=5")));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pool.port)));
    ck_assert(hpt_lists(&run, "ignored", "schema"));
    ck_assert(hpt_lists(&run, "ignored", "pgbouncer"));
    ck_assert(hpt_lists(&run, "ignored", "connection_limit"));
}
END_TEST

static const char *level_of(int i)
{
    static const char *const levels[] = {"ping", "login", "query"};

    return levels[i];
}

START_TEST(every_level_is_up)
{
    struct hpt_run run;

    probe_level(&run, url_of(&pool, "/app"), level_of(_i));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(the_client_ends_its_session)
{
    struct hpt_run run;

    probe_query(&run, url_of(&pool, "/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    char *log = NULL;
    for (int i = 0; i < 200; i++) {
        log = hpt_read_file(pool.proc.log, NULL);
        if (log != NULL && strstr(log, "client close request") != NULL) {
            break;
        }
        hpt_sleep_ms(10);
    }
    ck_assert_ptr_nonnull(strstr(log, "client close request"));
}
END_TEST

static const struct {
    const char *user;
    const char *password;
    const char *rest;
    const char *reason;
    const char *error;
} refusals[] = {
    {"app", "wrong-password", "/app", "auth", "authentication failed"},
    {"nobody", "wrong-password", "/app", "auth", "authentication failed"},
    {"app", HPT_PG_PASSWORD, "/nowhere", "missing", "no such database"},
    {"app", HPT_PG_PASSWORD, "/app?options=-c%20geqo%3Doff", "upstream",
     "unsupported startup parameter"},
};

START_TEST(a_refusal_by_the_pooler_is_classified_by_its_text)
{
    struct hpt_run run;

    hpt_probe_secret("wrong-password");
    probe_query(&run, hpt_strf("postgresql://%s:%s@127.0.0.1:%d%s", refusals[_i].user,
                               refusals[_i].password, pool.port, refusals[_i].rest));
    HPT_OK(hpt_is_down(&run, "database", refusals[_i].reason, "08P01"));
    HPT_OK(hpt_has_text(&run, "checks.database.error", refusals[_i].error));
}
END_TEST

START_TEST(a_full_pooler_is_reported_as_capacity)
{
    struct hpt_run run;
    struct hpt_pgbouncer full;
    struct hpt_proc session = {.name = NULL};

    hpt_pgbouncer_start(&full, &pg, "max_client_conn = 1\n");
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("psql", "-Xc", "select pg_sleep(61)", url_of(&full, "/app")),
    };
    hpt_proc_start(&session, &spawn);
    for (int i = 0; i < 500; i++) {
        char *count = hpt_postgres_sql(
            &pg, "select count(*) from pg_stat_activity where query like '%pg_sleep(61)'");
        if (count[0] == '1') {
            break;
        }
        hpt_sleep_ms(10);
    }
    probe_query(&run, url_of(&full, "/app"));
    HPT_OK(hpt_is_down(&run, "database", "capacity", "08P01"));
    hpt_proc_stop(&session);
    hpt_pgbouncer_stop(&full);
}
END_TEST

START_TEST(with_its_server_stopped_only_a_query_is_down)
{
    struct hpt_run run;
    struct hpt_postgres behind;
    struct hpt_pgbouncer before;

    hpt_postgres_create(&behind, &(struct hpt_postgres_opts){.standby = false});
    hpt_postgres_start(&behind);
    hpt_pgbouncer_start(&before, &behind, "server_login_retry = 1\n");
    probe_query(&run, url_of(&before, "/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));

    hpt_postgres_stop(&behind);
    /* The pooler holds a query until it notices that the server is gone. */
    probe_query(&run, url_of(&before, "/app"));
    HPT_OK(hpt_is_down(&run, "database", "timeout|upstream", "query|08P01"));
    bool told = false;
    for (int i = 0; i < 5 && !told; i++) {
        probe_query(&run, url_of(&before, "/app"));
        HPT_OK(hpt_is_down(&run, "database", "timeout|upstream", "query|08P01"));
        told = hpt_is_down(&run, "database", "upstream", "08P01") == NULL;
    }
    ck_assert_msg(told, "the pooler never said that its server is gone; %s", hpt_said(&run));

    probe_level(&run, url_of(&before, "/app"), "ping");
    HPT_OK(hpt_is_healthy(&run, "database"));
    probe_level(&run, url_of(&before, "/app"), "login");
    HPT_OK(hpt_is_healthy(&run, "database"));

    hpt_postgres_start(&behind);
    bool up = false;
    for (int i = 0; i < 10 && !up; i++) {
        probe_query(&run, url_of(&before, "/app"));
        up = hpt_is_up(&run, "database") == NULL;
        hpt_sleep_ms(up ? 0 : 300);
    }
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_pgbouncer_stop(&before);
    hpt_postgres_stop(&behind);
}
END_TEST

START_TEST(with_its_server_paused_the_query_times_out)
{
    struct hpt_run run;

    probe_query(&run, url_of(&pool, "/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_proc_pause(&pg.proc);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", url_of(&pool, "/app"),
                       "--timeout", "600ms"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", "query"));
    HPT_OK(hpt_is_punctual(&run, 600));
    hpt_proc_continue(&pg.proc);
    probe_query(&run, url_of(&pool, "/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_paused_pooler_times_out)
{
    struct hpt_run run;

    hpt_proc_pause(&pool.proc);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", url_of(&pool, "/app"),
                       "--timeout", "600ms"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", hpt_probe_tls() ? "tls|login" : "login"));
    HPT_OK(hpt_is_punctual(&run, 600));
    hpt_proc_continue(&pool.proc);
    probe_query(&run, url_of(&pool, "/app"));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "pgbouncer", 60);

    tcase_add_test(tc, the_url_of_an_orm_works_and_its_parameters_are_listed);
    tcase_add_loop_test(tc, every_level_is_up, 0, 3);
    tcase_add_test(tc, the_client_ends_its_session);
    tcase_add_loop_test(tc, a_refusal_by_the_pooler_is_classified_by_its_text, 0,
                        HPT_COUNT(refusals));
    tcase_add_test(tc, a_full_pooler_is_reported_as_capacity);
    tcase_add_test(tc, with_its_server_stopped_only_a_query_is_down);
    tcase_add_test(tc, with_its_server_paused_the_query_times_out);
    tcase_add_test(tc, a_paused_pooler_times_out);
}

int main(void)
{
    return hpt_main("pgbouncer", start_servers, build, true);
}
