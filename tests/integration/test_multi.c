// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* Several targets of one kind, by name. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_postgres other_pg;
static struct hpt_redis redis;
static struct hpt_redis locked;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){0}, &redis,
                      &(struct hpt_redis_opts){0});
    hpt_postgres_create(&other_pg, &(struct hpt_postgres_opts){.tls = false});
    hpt_postgres_start(&other_pg);
    hpt_redis_create(&locked, &(struct hpt_redis_opts){.password = true});
    hpt_redis_start(&locked);
    hpt_probe_secret("wrong-password");
}

static const char *database_url(int port)
{
    return hpt_strf("postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, port);
}

static const char *locked_url(void)
{
    return hpt_strf("redis://:%s@127.0.0.1:%d", HPT_REDIS_PASSWORD, locked.port);
}

static const char *http_url(const char *path)
{
    return hpt_strf("http://127.0.0.1:%d%s", nginx.port, path);
}

/* --- names ------------------------------------------------------------------------------------ */

START_TEST(named_checks_are_reported_in_the_order_of_the_plan)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(hpt_strf("REPLICA_URL=%s", database_url(other_pg.port))),
              HPT_LIST("full", "--redis", hpt_strf("cache=%s", locked_url()), "--database",
                       "replica=env:REPLICA_URL", "--http",
                       hpt_strf("web=:%d/health/live?a=b", nginx.port), "--redis",
                       hpt_strf("redis://127.0.0.1:%d/3", redis.port), "--database",
                       database_url(pg.port), "--http", http_url("/status/204")));
    HPT_OK(hpt_is_healthy(&run, "web,http,replica,database,cache,redis"));
    HPT_OK(hpt_is_text(&run, "checks.web.target",
                       hpt_strf("http://localhost:%d/health/live", nginx.port)));
    HPT_OK(hpt_is_text(&run, "checks.http.target", http_url("/status/204")));
    ck_assert_int_eq((int)hpt_number(&run, "checks.http.code"), 204);
    HPT_OK(hpt_is_text(&run, "checks.replica.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", other_pg.port)));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port)));
    HPT_OK(hpt_is_text(&run, "checks.cache.target", hpt_strf("redis://127.0.0.1:%d", locked.port)));
    HPT_OK(
        hpt_is_text(&run, "checks.redis.target", hpt_strf("redis://127.0.0.1:%d/3", redis.port)));
}
END_TEST

START_TEST(one_flag_replaces_the_variables_of_its_kind)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("DATABASE_URL=%s", database_url(hpt_net_refusing_port())),
                       hpt_strf("HEALTHPROBE_DATABASE=%s", database_url(hpt_net_refusing_port()))),
              HPT_LIST("--check", "database", "--database",
                       hpt_strf("replica=%s", database_url(other_pg.port))));
    HPT_OK(hpt_is_healthy(&run, "replica"));
}
END_TEST

START_TEST(a_variable_or_file_holds_one_target_per_line)
{
    struct hpt_run run;
    const char *path = hpt_strf("%s/targets", hpt_tmpdir());

    hpt_probe(
        &run,
        HPT_LIST(hpt_strf("HEALTHPROBE_REDIS=redis://127.0.0.1:%d\ncache=env:CACHE\n", redis.port),
                 hpt_strf("CACHE=%s", locked_url())),
        HPT_LIST("--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis,cache"));

    hpt_write_file(
        path, hpt_strf("%s\r\n\nreplica=%s\n", database_url(pg.port), database_url(other_pg.port)),
        0644);
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_DATABASE_FILE=%s", path)),
              HPT_LIST("--check", "database"));
    HPT_OK(hpt_is_healthy(&run, "database,replica"));

    /* A file given as a flag's value holds one target; the flag gives its name. */
    hpt_write_file(path, hpt_strf("%s\n", database_url(pg.port)), 0644);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check", "database", "--database", hpt_strf("main=file:%s", path)));
    HPT_OK(hpt_is_healthy(&run, "main"));
}
END_TEST

START_TEST(failures_are_listed_first_in_the_order_of_the_plan)
{
    struct hpt_run run;
    int dead = hpt_net_refusing_port();

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--http", hpt_strf("a=%s", http_url("/")), "--http",
                       hpt_strf("b=%s", http_url("/status/503")), "--database",
                       hpt_strf("c=%s", database_url(pg.port)), "--database",
                       hpt_strf("d=postgresql://app:wrong-password@127.0.0.1:%d/app", pg.port),
                       "--redis", hpt_strf("e=redis://127.0.0.1:%d", redis.port), "--redis",
                       hpt_strf("f=redis://127.0.0.1:%d", dead), "--redis",
                       hpt_strf("g=redis://127.0.0.1:%d", locked.port)));
    HPT_OK(hpt_has_checks(&run, "b,d,f,g,a,c,e"));
    HPT_OK(hpt_is_text(&run, "summary", "b status 503, d auth 28P01, f refused, g auth NOAUTH"));
}
END_TEST

START_TEST(options_apply_to_every_check_of_their_kind)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--http", hpt_strf("a=%s", http_url("/status/503?1")), "--http",
                       hpt_strf("b=%s", http_url("/status/503?2")), "--http-status", "503",
                       "--http-header", "X-Probe: yes", "--database-level", "ping", "--database",
                       hpt_strf("c=postgresql://127.0.0.1:%d/x", pg.port), "--database",
                       hpt_strf("d=postgresql://127.0.0.1:%d/x", other_pg.port)));
    HPT_OK(hpt_is_healthy(&run, "a,b,c,d"));
    for (int i = 1; i <= 2; i++) {
        json_t *request = hpt_nginx_request(&nginx, hpt_strf("/status/503?%d", i));
        ck_assert_str_eq(json_string_value(json_object_get(request, "probe")), "yes");
        json_decref(request);
    }

    hpt_proc_pause(&redis.proc);
    hpt_proc_pause(&locked.proc);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check", "redis", "--redis-timeout", "200ms", "--redis",
                       hpt_strf("a=redis://127.0.0.1:%d", redis.port), "--redis",
                       hpt_strf("b=%s", locked_url())));
    hpt_proc_continue_all();
    HPT_OK(hpt_is_text(&run, "summary", "a timeout response, b timeout login"));
    ck_assert_double_lt(run.wall_ms, 200 + HPT_OVERSHOOT_MS);
}
END_TEST

/* --- passwords -------------------------------------------------------------------------------- */

START_TEST(a_password_option_completes_every_url_without_one)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_DATABASE_PASSWORD=" HPT_PG_PASSWORD),
              HPT_LIST("--check", "database", "--database",
                       hpt_strf("a=postgresql://app@127.0.0.1:%d", pg.port), "--database",
                       hpt_strf("b=postgresql://app:wrong-password@127.0.0.1:%d", pg.port),
                       "--database", hpt_strf("c=postgresql://app:@127.0.0.1:%d", other_pg.port)));
    HPT_OK(hpt_has_checks(&run, "b,a,c"));
    HPT_OK(hpt_is_down(&run, "b", "auth", "28P01"));

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_DATABASE_PASSWORD=wrong-password"),
              HPT_LIST("--check", "database", "--database", hpt_strf("a=%s", database_url(pg.port)),
                       "--database", hpt_strf("b=%s", database_url(other_pg.port))));
    HPT_OK(hpt_is_config(&run, "HEALTHPROBE_DATABASE_PASSWORD: each URL has a password already"));
}
END_TEST

/* --- sixteen ---------------------------------------------------------------------------------- */

enum { MOST = 16 };

/* Arguments for @n targets, "--http" and a value each, with names of 32 letters. */
static const char *const *many(const char *url, int n)
{
    static const char *args[64];

    for (int i = 0; i < n; i++) {
        args[2 * i] = "--http";
        args[2 * i + 1] = hpt_strf("check-%02d-of-a-name-of-32-letters=%s", i, url);
    }
    args[2 * n] = NULL;
    return args;
}

START_TEST(sixteen_checks_run_at_once)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, many(http_url("/health"), MOST));
    HPT_OK(hpt_is_text(&run, "status", "healthy"));
    ck_assert_uint_eq(json_object_size(hpt_get(&run, "checks")), MOST);

    hpt_proc_pause(&nginx.proc);
    hpt_probe(&run, HPT_LIST("HEALTHPROBE_TIMEOUT=700ms"), many(http_url("/health"), MOST));
    hpt_proc_continue(&nginx.proc);
    HPT_OK(hpt_is_down(&run, "check-00-of-a-name-of-32-letters", "timeout", "response"));
    HPT_OK(hpt_is_down(&run, "check-15-of-a-name-of-32-letters", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 700));
}
END_TEST

START_TEST(seventeen_checks_are_too_many)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, many(http_url("/health"), MOST + 1));
    HPT_OK(hpt_is_config(&run, "--http (check-16-of-a-name-of-32-letters)|at most 16 checks"));
}
END_TEST

START_TEST(sixteen_failures_drop_details_but_no_verdict)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_VERBOSE=1"), many(http_url("/status/long"), MOST));
    HPT_OK(hpt_is_text(&run, "status", "unhealthy"));
    ck_assert(json_is_true(hpt_get(&run, "truncated")));
    ck_assert_uint_eq(json_object_size(hpt_get(&run, "checks")), MOST);
    for (int i = 0; i < MOST; i++) {
        HPT_OK(
            hpt_is_down(&run, hpt_strf("check-%02d-of-a-name-of-32-letters", i), "status", "500"));
    }
    /* As many as fit into 400 bytes are listed, the others are counted. */
    HPT_OK(hpt_has_text(&run, "summary", ", +"));

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_FORMAT=short"), many(http_url("/status/long"), MOST));
    ck_assert_uint_le(run.out_len, 4096);
    ck_assert_int_eq(run.exit_status, 1);
}
END_TEST

/* --- errors ----------------------------------------------------------------------------------- */

static const struct {
    const char *args[10];
    const char *needles;
} wrong[] = {
    {{"--http", ":1", "--http", ":2"}, "--http: a check is named http already"},
    {{"--http", "a=:1", "--http", "a=:2"}, "--http (a): a check is named a already"},
    {{"ready", "--http", "main=:1", "--database", "main=postgresql://app@127.0.0.1"},
     "--database (main): a check is named main already"},
    {{"--http", "Web=:1"}, "--http: the name before =|32"},
    {{"--http", "=:1"}, "--http: the name before ="},
    {{"--http", "a-name-of-thirty-three-bytes-in-all=:1"}, "--http: the name before ="},
    {{"--http", "web="}, "--http (web): is empty"},
    {{"--http", "web=env:NONE"}, "--http (web)|NONE"},
    {{"--http", "web=file:/nowhere/url"}, "--http (web)|/nowhere/url"},
    {{"--http", "web=$WEB_URL"}, "--http (web)|Docker"},
    {{"--http", "web=ftp://h"}, "--http (web): the scheme"},
    {{"--http", "web=:1", "--http", "api=:99999"}, "--http (api): the port"},
    {{"--http", "web=:1", "--http", "api=:2", "--http-status", "7xx"}, "--http-status"},
    /* libpq's key=value strings are neither names nor URLs, and are not repeated */
    {{"ready", "--database", "password=wrong-password host=db"}, "--database|key=value"},
    {{"ready", "--database", "main=wrong-password"}, "--database"},
};

START_TEST(a_wrong_target_is_reported_by_its_name)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, wrong[_i].args);
    HPT_OK(hpt_is_config(&run, wrong[_i].needles));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "multi", 60);

    tcase_add_test(tc, named_checks_are_reported_in_the_order_of_the_plan);
    tcase_add_test(tc, one_flag_replaces_the_variables_of_its_kind);
    tcase_add_test(tc, a_variable_or_file_holds_one_target_per_line);
    tcase_add_test(tc, failures_are_listed_first_in_the_order_of_the_plan);
    tcase_add_test(tc, options_apply_to_every_check_of_their_kind);
    tcase_add_test(tc, a_password_option_completes_every_url_without_one);
    tcase_add_test(tc, sixteen_checks_run_at_once);
    tcase_add_test(tc, seventeen_checks_are_too_many);
    tcase_add_test(tc, sixteen_failures_drop_details_but_no_verdict);
    tcase_add_loop_test(tc, a_wrong_target_is_reported_by_its_name, 0, HPT_COUNT(wrong));
}

int main(void)
{
    return hpt_main("multi", start_servers, build, true);
}
