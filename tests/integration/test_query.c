// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "pgbouncer.h"
#include "postgres.h"
#include "probe.h"

/*
 * --database-query against a real Postgres, also through PgBouncer in transaction mode with a
 * single server connection: the next client would get whatever state the probe leaves there.
 */

static struct hpt_postgres pg;
static struct hpt_pgbouncer pool;

#define ROW_VALUE "value-of-a-row-4711"

static void start_servers(void)
{
    hpt_postgres_create(&pg,
                        &(struct hpt_postgres_opts){.settings = HPT_LIST("log_statement=all")});
    hpt_postgres_start(&pg);
    hpt_pgbouncer_start(&pool, &pg, "default_pool_size = 1\n");
    free(hpt_proc_must(
        HPT_LIST("psql", "-Xqc",
                 "CREATE TABLE migrations (name text, done boolean);"
                 "INSERT INTO migrations VALUES ('" ROW_VALUE "', true), ('second', true);"
                 "CREATE SCHEMA \"Odd \"\"name\";"
                 "CREATE TABLE \"Odd \"\"name\".only_here (done boolean);"
                 "INSERT INTO \"Odd \"\"name\".only_here VALUES (true);"
                 "CREATE SCHEMA other; CREATE TABLE other.elsewhere AS SELECT true AS done;"
                 "CREATE SEQUENCE numbers",
                 hpt_strf("postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, pg.port)),
        false));
    hpt_probe_secret(ROW_VALUE);
}

static const char *url_of(int port, const char *rest)
{
    return hpt_strf("postgresql://app:%s@127.0.0.1:%d/app%s", HPT_PG_PASSWORD, port, rest);
}

static void probe_at(struct hpt_run *run, const char *target, const char *sql)
{
    hpt_probe(
        run, HPT_NONE,
        HPT_LIST("ready", "--check", "database", "--database", target, "--database-query", sql));
}

/* Once directly, once through the pooler. */
static int port_of(int i)
{
    return i % 2 == 0 ? pg.port : pool.port;
}

static const char *const good[] = {
    "SELECT true",
    "SELECT count(*) = 2 FROM migrations",
    "SELECT bool_and(done) FROM migrations",
    "SELECT name FROM migrations",
    "SELECT false, false",
    "SELECT false UNION ALL SELECT false",
    "SELECT 0",
    "SELECT 'f'",
    "SELECT ''",
    "SELECT NULL, 1",
    "SELECT true;",
    "SELECT repeat('x', 60000)",
    "SELECT generate_series(1, 200000)",
    "VALUES (1)",
    "SHOW search_path",
    "SELECT $$;$$",
    "SELECT",
};

START_TEST(a_query_with_a_row_is_up)
{
    struct hpt_run run;

    probe_at(&run, url_of(port_of(_i), ""), good[_i / 2]);
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

static const struct {
    const char *sql;
    const char *code;
    const char *error;
} bad[] = {
    {"SELECT false", NULL, "the query gave false"},
    {"SELECT bool_and(name = 'second') FROM migrations", NULL, "the query gave false"},
    {"SELECT NULL", NULL, "the query gave null"},
    {"SELECT max(name) FROM migrations WHERE NOT done", NULL, "the query gave null"},
    {"SELECT name FROM migrations WHERE NOT done", NULL, "the query gave no row"},
    {"SET search_path = nowhere", NULL, "the query gave no row"},
    {"COMMIT", NULL, "the query gave no row"},
    {"-- nothing", NULL, "the query gave no row"},
    {"COPY migrations TO STDOUT", NULL, "the query gave no row"},
    {"SELECT 1/0", "22012", "division by zero"},
    {"SELECT 1; SELECT 2", "42601", "multiple commands"},
    {"SELECT 1 FROM nowhere", "42P01", "does not exist"},
    {"SELEC 1", "42601", "syntax error"},
    {"SELECT 10 / (3 - g) FROM generate_series(1, 5) AS g", "22012", "division by zero"},
};

START_TEST(a_query_that_fails_or_says_no_is_down)
{
    struct hpt_run run;

    probe_at(&run, url_of(port_of(_i), ""), bad[_i / 2].sql);
    HPT_OK(hpt_is_down(&run, "database", "query", bad[_i / 2].code));
    HPT_OK(hpt_has_text(&run, "checks.database.error", bad[_i / 2].error));
}
END_TEST

START_TEST(the_query_can_write_nothing)
{
    struct hpt_run run;
    const char *const writes[] = {
        "INSERT INTO migrations VALUES ('third', true) RETURNING true",
        "SELECT nextval('numbers')",
        "CREATE TABLE made (a int)",
    };

    probe_at(&run, url_of(port_of(_i), ""), writes[_i / 2]);
    HPT_OK(hpt_is_down(&run, "database", "readonly", "25006"));
}
END_TEST

static const struct {
    const char *parameters;
    const char *sql;
} paths[] = {
    {"?schema=Odd%20%22name", "SELECT done FROM only_here"},
    {"?currentSchema=other", "SELECT done FROM elsewhere"},
    {"?currentSchema=public,other",
     "SELECT elsewhere.done AND migrations.done FROM elsewhere, migrations"},
    {"?currentSchema=%22Odd%20%22%22name%22", "SELECT done FROM only_here"},
    {"?schema=", "SELECT done FROM migrations"},
};

START_TEST(the_schema_of_the_url_is_searched)
{
    struct hpt_run run;
    const char *target = url_of(port_of(_i), paths[_i / 2].parameters);

    probe_at(&run, target, paths[_i / 2].sql);
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "ignored", NULL));
    hpt_probe(&run, HPT_NONE, HPT_LIST("ready", "--check", "database", "--database", target));
    HPT_OK(hpt_is_healthy(&run, "database"));
    ck_assert(hpt_lists(&run, "ignored", "schema") || hpt_lists(&run, "ignored", "currentSchema"));
}
END_TEST

START_TEST(a_missing_schema_fails_the_query)
{
    struct hpt_run run;

    probe_at(&run, url_of(port_of(_i), "?schema=nowhere"), "SELECT done FROM migrations");
    HPT_OK(hpt_is_down(&run, "database", "query", "42P01"));
}
END_TEST

/* The state of the pooler's one server connection, as the next client finds it. */
static const char *session_state(void)
{
    return hpt_proc_must(HPT_LIST("psql", "-XAtc",
                                  "SELECT pg_backend_pid(), current_setting('search_path'),"
                                  " current_setting('statement_timeout'),"
                                  " current_setting('transaction_read_only'),"
                                  " current_setting('default_transaction_read_only'),"
                                  " (SELECT count(*) FROM pg_prepared_statements)",
                                  url_of(pool.port, "")),
                         false);
}

START_TEST(the_session_is_left_unchanged_behind_a_pooler_too)
{
    struct hpt_run run;
    const char *const statements[] = {
        "SELECT true",
        "SELECT false",
        "SELECT 1/0",
        "SET statement_timeout = 1",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SELECT set_config('search_path', 'nowhere', false)",
        "COMMIT",
        "SELECT generate_series(1, 20000)",
    };
    const char *before = session_state();

    probe_at(&run, url_of(pool.port, "?schema=other"), statements[_i]);
    /* The same server process shows that the pooler kept the connection. */
    ck_assert_str_eq(session_state(), before);
}
END_TEST

START_TEST(a_slow_query_times_out_and_the_server_ends_it)
{
    struct hpt_run run;
    const char *sql = hpt_strf("SELECT pg_sleep(%d)", 77 + _i);
    char *count = NULL;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", url_of(port_of(_i), ""),
                       "--database-query", sql, "--timeout", "700ms"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", "query"));
    HPT_OK(hpt_is_punctual(&run, 700));
    for (int i = 0; i < 500; i++) {
        count = hpt_postgres_sql(&pg, hpt_strf("SELECT count(*) FROM pg_stat_activity WHERE query "
                                               "= '%s' AND state = 'active'",
                                               sql));
        if (count[0] == '0') {
            return;
        }
        hpt_sleep_ms(20);
    }
    ck_abort_msg("the server still runs the statement");
}
END_TEST

START_TEST(a_query_cancelled_by_somebody_else_has_failed)
{
    struct hpt_run run;
    const struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("ready", "--check", "database", "--database", url_of(pg.port, ""),
                         "--database-query", "SELECT pg_sleep(66)", "--timeout", "10s"),
    };

    hpt_probe_start(&run, &opts);
    for (int i = 0; i < 300; i++) {
        char *count =
            hpt_postgres_sql(&pg, "SELECT count(pg_cancel_backend(pid)) FROM "
                                  "pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(66)'"
                                  " AND state = 'active'");
        if (count[0] != '0') {
            break;
        }
        hpt_sleep_ms(20);
    }
    hpt_probe_finish(&run, &opts);
    HPT_OK(hpt_is_down(&run, "database", "query", "57014"));
}
END_TEST

START_TEST(the_transaction_is_rolled_back_and_the_session_closed)
{
    struct hpt_run run;

    probe_at(&run, url_of(pg.port, ""), hpt_strf("SELECT 4711, %d", _i));
    HPT_OK(hpt_is_healthy(&run, "database"));
    const char *log = hpt_read_file(pg.proc.log, NULL);
    const char *at = strstr(log, hpt_strf("SELECT 4711, %d", _i));
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_nonnull(strstr(at, "ROLLBACK"));
}
END_TEST

START_TEST(query_and_role_need_level_query)
{
    struct hpt_run run;
    const char *const levels[] = {"ping", "login"};

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", url_of(pg.port, ""),
                       "--database-query", "SELECT 1", "--database-role", "primary",
                       "--database-level", levels[_i]));
    HPT_OK(hpt_is_config(&run, "--database-query: needs --database-level query"));
    hpt_probe(&run, HPT_LIST("HEALTHPROBE_DATABASE_ROLE=standby"),
              HPT_LIST("ready", "--check", "database", "--database", url_of(pg.port, ""),
                       "--database-level", levels[_i]));
    HPT_OK(hpt_is_config(&run, "HEALTHPROBE_DATABASE_ROLE: needs --database-level query"));
}
END_TEST

START_TEST(an_empty_query_is_a_configuration_error)
{
    struct hpt_run run;

    probe_at(&run, url_of(pg.port, ""), "");
    HPT_OK(hpt_is_config(&run, "--database-query: is empty"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "query", 60);

    tcase_add_loop_test(tc, a_query_with_a_row_is_up, 0, 2 * HPT_COUNT(good));
    tcase_add_loop_test(tc, a_query_that_fails_or_says_no_is_down, 0, 2 * HPT_COUNT(bad));
    tcase_add_loop_test(tc, the_query_can_write_nothing, 0, 6);
    tcase_add_loop_test(tc, the_schema_of_the_url_is_searched, 0, 2 * HPT_COUNT(paths));
    tcase_add_loop_test(tc, a_missing_schema_fails_the_query, 0, 2);
    tcase_add_loop_test(tc, the_session_is_left_unchanged_behind_a_pooler_too, 0, 8);
    tcase_add_loop_test(tc, a_slow_query_times_out_and_the_server_ends_it, 0, 2);
    tcase_add_test(tc, a_query_cancelled_by_somebody_else_has_failed);
    tcase_add_test(tc, the_transaction_is_rolled_back_and_the_session_closed);
    tcase_add_loop_test(tc, query_and_role_need_level_query, 0, 2);
    tcase_add_test(tc, an_empty_query_is_a_configuration_error);
}

int main(void)
{
    return hpt_main("query", start_servers, build, true);
}
