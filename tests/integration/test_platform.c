// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "probe.h"
#include "service.h"

/* Values as platforms give them: `docker --env-file`, secrets made with echo, files with CRLF. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){0}, &redis,
                      &(struct hpt_redis_opts){.password = true});
}

static const char *database_url(void)
{
    return hpt_strf("postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, pg.port);
}

static const char *redis_url(void)
{
    return hpt_strf("redis://:%s@127.0.0.1:%d", HPT_REDIS_PASSWORD, redis.port);
}

static const char *file_with(const char *text)
{
    const char *path = hpt_strf("%s/value", hpt_tmp_mkdir("values", 0755));

    hpt_write_file(path, text, 0644);
    return path;
}

#define TRIMMED ": blanks or line ends around it were dropped"

/* --- around a value ----------------------------------------------------------------------- */

static const char *const arounds[][2] = {
    {"", "\r"}, {"", "\n"}, {"", "\r\n"}, {" ", ""}, {"", " "}, {"\t", " \n"},
};

START_TEST(blanks_around_a_variable_of_the_application_are_dropped_and_noted)
{
    const char *before = arounds[_i][0];
    const char *behind = arounds[_i][1];
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("PORT=%s%d%s", before, nginx.port, behind),
                       hpt_strf("DATABASE_URL=%s%s%s", before, database_url(), behind),
                       hpt_strf("REDIS_URL=%s%s%s", before, redis_url(), behind)),
              HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    ck_assert(hpt_lists(&run, "notes", "PORT" TRIMMED));
    ck_assert(hpt_lists(&run, "notes", "DATABASE_URL" TRIMMED));
    ck_assert(hpt_lists(&run, "notes", "REDIS_URL" TRIMMED));
}
END_TEST

START_TEST(blanks_around_our_own_settings_are_dropped)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("HEALTHPROBE_HTTP= :%d\r", nginx.port),
                       hpt_strf("HEALTHPROBE_DATABASE=%s\n", database_url()),
                       "HEALTHPROBE_TIMEOUT=5s\r", "HEALTHPROBE_FORMAT= json\r\n",
                       "HEALTHPROBE_HTTP_STATUS= 200-299 ", "HEALTHPROBE_VERBOSE=true\r",
                       "HEALTHPROBE_DATABASE_LEVEL=query\r"),
              HPT_LIST("ready", "--http-follow", " 1 "));
    HPT_OK(hpt_is_healthy(&run, "http,database"));
    HPT_OK(hpt_is_text(&run, "notes", NULL));
    ck_assert(hpt_number(&run, "checks.http.timings.connect") >= 0);
}
END_TEST

/* --- passwords ------------------------------------------------------------------------------ */

START_TEST(line_ends_behind_variables_of_libpq_are_dropped)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST("PGHOST=127.0.0.1\r", hpt_strf("PGPORT=%d\r", pg.port), "PGUSER=app\n",
                       "PGDATABASE=app\r", "PGSSLMODE=disable\r\n",
                       "PGPASSWORD=" HPT_PG_PASSWORD "\r"),
              HPT_LIST("--check", "database", "--database-pgenv"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port)));
}
END_TEST

START_TEST(line_ends_behind_a_password_are_dropped)
{
    const char *url = hpt_strf("DATABASE_URL=postgresql://app@127.0.0.1:%d/app", pg.port);
    const char *file = file_with(HPT_PG_PASSWORD "\r\n\n");
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(url, "HEALTHPROBE_DATABASE_PASSWORD=" HPT_PG_PASSWORD "\r"),
              HPT_LIST("--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_probe(&run, HPT_LIST(url, "PW=" HPT_PG_PASSWORD "\n"),
              HPT_LIST("--check", "database", "--database-password", "env:PW"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_probe(&run, HPT_LIST(url, hpt_strf("HEALTHPROBE_DATABASE_PASSWORD_FILE=%s\r", file)),
              HPT_LIST("--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_probe(&run, HPT_LIST(url, "PGPASSWORD=" HPT_PG_PASSWORD "\r\n"),
              HPT_LIST("--check", "database", "--database-pgenv"));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

/* It may begin and end with blanks and quotes. */
START_TEST(blanks_and_quotes_of_a_password_are_kept)
{
    const char *url = hpt_strf("REDIS_URL=redis://127.0.0.1:%d", redis.port);
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(url, "HEALTHPROBE_REDIS_PASSWORD= " HPT_REDIS_PASSWORD),
              HPT_LIST("--check", "redis"));
    HPT_OK(hpt_is_down(&run, "redis", "auth", "WRONGPASS"));
    hpt_probe(&run, HPT_LIST(url, "HEALTHPROBE_REDIS_PASSWORD='" HPT_REDIS_PASSWORD "'"),
              HPT_LIST("--check", "redis"));
    HPT_OK(hpt_is_down(&run, "redis", "auth", "WRONGPASS"));
}
END_TEST

/* --- files ---------------------------------------------------------------------------------- */

START_TEST(a_byte_order_mark_and_line_ends_of_a_file_are_dropped)
{
    struct hpt_run run;
    const char *file = file_with(hpt_strf("\xEF\xBB\xBF%s\r\n\r\n", database_url()));

    hpt_probe(&run, HPT_LIST(hpt_strf("DATABASE_URL_FILE=%s", file)),
              HPT_LIST("--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "notes", NULL));
}
END_TEST

/* --- quotes --------------------------------------------------------------------------------- */

static const struct {
    const char *variable;
    const char *told;
} quoted[] = {
    {"DATABASE_URL=\"postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1/app\"", "DATABASE_URL"},
    {"DATABASE_URL='postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1/app'\r", "DATABASE_URL"},
    {"PORT=\"3000\"", "PORT"},
    {"HEALTHPROBE_HTTP=\"/health\"", "HEALTHPROBE_HTTP"},
    {"HEALTHPROBE_TIMEOUT='2s'", "HEALTHPROBE_TIMEOUT"},
    {"HEALTHPROBE_FORMAT=\"json\"", "HEALTHPROBE_FORMAT"},
    {"HEALTHPROBE_HTTP_STATUS=\"200\"", "HEALTHPROBE_HTTP_STATUS"},
    {"HEALTHPROBE_OPTIONAL=\"database\"", "HEALTHPROBE_OPTIONAL"},
    {"HEALTHPROBE_VERBOSE=\"true\"", "HEALTHPROBE_VERBOSE"},
    {"HEALTHPROBE_CHECK=\"http,database\"", "HEALTHPROBE_CHECK"},
};

START_TEST(a_value_in_quotes_is_refused_by_name)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(quoted[_i].variable), HPT_LIST("ready"));
    HPT_OK(hpt_is_config(&run, hpt_strf("%s: is wrapped in quotes: leave them out (docker "
                                        "--env-file and exec forms keep them)",
                                        quoted[_i].told)));
}
END_TEST

/* --- lists and durations -------------------------------------------------------------------- */

START_TEST(lists_may_have_blanks_and_durations_several_parts)
{
    const char *target = hpt_strf("http://127.0.0.1:%d/status/401", nginx.port);
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("live", "--http", target, "--http-status", "2xx, 401", "--timeout",
                       "1m1s500ms", "--http-timeout", ".5s"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("live", "--http", target, "--optional", " http ", "--tolerate",
                       "timeout, status"));
    HPT_OK(hpt_is_forgiven(&run, "http", "status", "401"));
}
END_TEST

/* --- schemes -------------------------------------------------------------------------------- */

static const char *const database_schemes[] = {
    "psql://",      "timescaledb://",          "postgresql+psycopg_async://",
    "cockroach://", "cockroachdb+psycopg2://", "r2dbc:pool:postgresql://",
};

START_TEST(each_library_has_its_own_name_for_postgres)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("DATABASE_URL=%sapp:%s@127.0.0.1:%d/app?sslmode=Disable",
                                database_schemes[_i], HPT_PG_PASSWORD, pg.port)),
              HPT_LIST("--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port)));
}
END_TEST

START_TEST(driver_words_in_a_jdbc_url_are_ignored)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("DATABASE_URL=jdbc:otel:postgresql://127.0.0.1:%d/app?"
                                "user=app&password=%s",
                                pg.port, HPT_PG_PASSWORD)),
              HPT_LIST("--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_path_without_a_host_is_the_directory_of_a_socket)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("DATABASE_URL=postgresql://app:%s@:%d/%s/app", HPT_PG_PASSWORD,
                                pg.port, pg.sockets)),
              HPT_LIST("--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@/app?host=%s&port=%d", pg.sockets, pg.port)));
}
END_TEST

/* The value is put in after the last segment was found. */
START_TEST(the_directory_of_a_socket_may_hold_a_placeholder)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(hpt_strf("DIRECTORY=%s", pg.sockets + 1), "PW=" HPT_PG_PASSWORD),
              HPT_LIST("--database",
                       hpt_strf("postgresql://app:{env:PW}@:%d//{env:DIRECTORY}/app", pg.port)));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@/app?host=%s&port=%d", pg.sockets, pg.port)));
}
END_TEST

static const char *const socket_schemes[] = {"unix://", "redis+unix://", "redis+socket://",
                                             "redis-socket://"};

START_TEST(each_library_has_its_own_name_for_a_socket_of_redis)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("REDIS_URL=%s:%s@%s", socket_schemes[_i], HPT_REDIS_PASSWORD,
                                redis.socket)),
              HPT_LIST("--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "checks.redis.target", hpt_strf("unix://%s", redis.socket)));
}
END_TEST

START_TEST(a_socket_of_redis_needs_no_slashes_before_its_path)
{
    struct hpt_run run;

    hpt_probe(
        &run,
        HPT_LIST(hpt_strf("REDIS_URL=unix:%s?password=%s&db=1", redis.socket, HPT_REDIS_PASSWORD)),
        HPT_LIST("--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "checks.redis.target", hpt_strf("unix://%s?db=1", redis.socket)));
}
END_TEST

static const char *const others[][2] = {
    {"DATABASE_URL=mysql://app:" HPT_PG_PASSWORD "@db/app",
     "DATABASE_URL: mysql is not supported; leave the database out with --check http"},
    {"DATABASE_URL=mongodb+srv://app:" HPT_PG_PASSWORD "@db/app",
     "DATABASE_URL: mongodb is not supported; leave the database out with --check http"},
    {"REDIS_URL=amqp://app:" HPT_REDIS_PASSWORD "@mq",
     "REDIS_URL: amqp is not supported; leave redis out with --check http"},
    {"REDIS_URL=redis-sentinel://:" HPT_REDIS_PASSWORD "@a:26379",
     "REDIS_URL: Sentinel is not supported"},
    {"REDIS_URL=redis://:" HPT_REDIS_PASSWORD "@a,b", "REDIS_URL: the URL has several hosts"},
};

START_TEST(what_is_not_supported_is_named)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(others[_i][0]), HPT_LIST("full"));
    HPT_OK(hpt_is_config(&run, others[_i][1]));
}
END_TEST

START_TEST(a_limit_cut_to_the_timeout_is_noted)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(hpt_strf("PORT=%d", nginx.port), "HEALTHPROBE_HTTP_TIMEOUT=1m"),
              HPT_LIST("live", "--timeout", "5s"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert(
        hpt_lists(&run, "notes", "HEALTHPROBE_HTTP_TIMEOUT: longer than --timeout, and cut to it"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "around", 30);

    tcase_add_loop_test(tc, blanks_around_a_variable_of_the_application_are_dropped_and_noted, 0,
                        HPT_COUNT(arounds));
    tcase_add_test(tc, blanks_around_our_own_settings_are_dropped);

    tc = hpt_tcase(suite, "passwords", 30);
    tcase_add_test(tc, line_ends_behind_a_password_are_dropped);
    tcase_add_test(tc, line_ends_behind_variables_of_libpq_are_dropped);
    tcase_add_test(tc, blanks_and_quotes_of_a_password_are_kept);

    tc = hpt_tcase(suite, "files", 30);
    tcase_add_test(tc, a_byte_order_mark_and_line_ends_of_a_file_are_dropped);

    tc = hpt_tcase(suite, "quotes", 30);
    tcase_add_loop_test(tc, a_value_in_quotes_is_refused_by_name, 0, HPT_COUNT(quoted));

    tc = hpt_tcase(suite, "schemes", 30);
    tcase_add_loop_test(tc, each_library_has_its_own_name_for_postgres, 0,
                        HPT_COUNT(database_schemes));
    tcase_add_test(tc, driver_words_in_a_jdbc_url_are_ignored);
    tcase_add_test(tc, a_path_without_a_host_is_the_directory_of_a_socket);
    tcase_add_test(tc, the_directory_of_a_socket_may_hold_a_placeholder);
    tcase_add_loop_test(tc, each_library_has_its_own_name_for_a_socket_of_redis, 0,
                        HPT_COUNT(socket_schemes));
    tcase_add_test(tc, a_socket_of_redis_needs_no_slashes_before_its_path);
    tcase_add_loop_test(tc, what_is_not_supported_is_named, 0, HPT_COUNT(others));

    tc = hpt_tcase(suite, "lists", 30);
    tcase_add_test(tc, lists_may_have_blanks_and_durations_several_parts);
    tcase_add_test(tc, a_limit_cut_to_the_timeout_is_noted);
}

int main(void)
{
    return hpt_main("platform", start_servers, build, true);
}
