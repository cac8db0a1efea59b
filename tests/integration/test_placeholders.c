// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "nginx.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/* Placeholders in targets, passwords and headers, against real servers. */

#define PASSWORD "p@s/s?w#rd:%41,[{env:DB_HOST}]://$x"
#define TOKEN    "bearer-secret-31"

static struct hpt_postgres pg;
static struct hpt_redis redis;
static struct hpt_nginx nginx;
static const char *password_file;

static void start_servers(void)
{
    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){0});
    hpt_postgres_start(&pg);
    free(hpt_postgres_sql(&pg, "CREATE ROLE awkward LOGIN PASSWORD '" PASSWORD "'"));
    hpt_redis_create(&redis, &(struct hpt_redis_opts){.password = true});
    hpt_redis_start(&redis);
    free(hpt_redis_cli(&redis, HPT_LIST("CONFIG", "SET", "requirepass", PASSWORD)));
    hpt_nginx_create(&nginx);
    hpt_nginx_start(&nginx);
    hpt_probe_secret(PASSWORD);
    hpt_probe_secret(TOKEN);
    password_file = hpt_strf("%s/password", hpt_tmpdir());
    hpt_write_file(password_file, PASSWORD "\r\n", 0644);
}

static const char *number(const char *name, int value)
{
    return hpt_strf("%s=%d", name, value);
}

/* --- databases -------------------------------------------------------------------------------- */

static const char *const databases[] = {
    "postgresql://{env:DB_USER}:{file:PATH}@{env:DB_HOST}:{env:DB_PORT}/{env:DB_NAME}",
    "postgresql://{env:DB_USER}:{env:DB_PASSWORD}@{env:DB_HOST}:{env:DB_PORT}/{env:DB_NAME:-x}",
    "jdbc:postgresql://{env:DB_HOST}:{env:DB_PORT}/{env:DB_NAME}?user={env:DB_USER}&"
    "password={file:PATH}",
    "postgresql://{env:DB_USER}@/{env:DB_NAME}?password={file:PATH}&host={env:DB_HOST}&"
    "port={env:DB_PORT}",
};

static const char *with_path(const char *text)
{
    const char *at = strstr(text, "PATH");

    return at == NULL ? text : hpt_strf("%.*s%s%s", (int)(at - text), text, password_file, at + 4);
}

START_TEST(a_postgres_url_is_built_from_variables)
{
    struct hpt_run run;
    const char *const env[] = {"DB_USER=awkward",       "DB_HOST=127.0.0.1",        "DB_NAME=app",
                               "DB_PASSWORD=" PASSWORD, number("DB_PORT", pg.port), NULL};
    const char *target = hpt_strf("postgresql://awkward@127.0.0.1:%d/app", pg.port);

    hpt_probe(&run, env, HPT_LIST("--check", "database", "--database", with_path(databases[_i])));
    HPT_OK(hpt_is_healthy(&run, "database"));
    HPT_OK(hpt_is_text(&run, "checks.database.target", target));
}
END_TEST

START_TEST(a_host_may_be_the_directory_of_a_socket)
{
    struct hpt_run run;
    const char *const env[] = {hpt_strf("DB_HOST=%s", pg.sockets), number("DB_PORT", pg.port),
                               NULL};

    hpt_probe(&run, env,
              HPT_LIST("--check", "database", "--database",
                       with_path("postgresql://awkward:{file:PATH}@{env:DB_HOST}:{env:DB_PORT}"
                                 "/app")));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

START_TEST(a_wrong_password_is_not_shown)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("DB_PASSWORD=" TOKEN, "ROLE_KEY=awkward"),
              HPT_LIST("--check", "database", "--database",
                       hpt_strf("postgresql://{env:ROLE_KEY}:{env:DB_PASSWORD}@127.0.0.1:%d/app",
                                pg.port)));
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    /* password authentication failed for user "awkward" */
    HPT_OK(hpt_is_text(&run, "checks.database.error", "(withheld)"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://{env:ROLE_KEY}@127.0.0.1:%d/app", pg.port)));
}
END_TEST

static const struct {
    const char *redis;
    const char *password; /* of --redis-password; NULL: none */
} caches[] = {
    {"redis://:{file:PATH}@{env:REDIS_HOST}:{env:REDIS_NUMBER}/{env:REDIS_DB:-3}", NULL},
    {"redis://{env:REDIS_HOST}:{env:REDIS_NUMBER}/{env:REDIS_DB:-3}", "{file:PATH}"},
    {"redis://{env:REDIS_HOST}:{env:REDIS_NUMBER}/{env:REDIS_DB:-3}", "p@s{env:REST}]://$x"},
    {"redis://{env:REDIS_HOST}:{env:REDIS_NUMBER}?db={env:REDIS_DB:-3}&password={file:PATH}", NULL},
};

START_TEST(a_redis_url_is_built_from_variables)
{
    struct hpt_run run;
    const char *const env[] = {
        "REDIS_HOST=localhost", number("REDIS_NUMBER", redis.port),
        "REST=/s?w#rd:%41,[{env:DB_HOST}",
        caches[_i].password != NULL
            ? hpt_strf("HEALTHPROBE_REDIS_PASSWORD=%s", with_path(caches[_i].password))
            : "X=x",
        NULL};

    hpt_probe(&run, env, HPT_LIST("--check", "redis", "--redis", with_path(caches[_i].redis)));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(
        hpt_is_text(&run, "checks.redis.target", hpt_strf("redis://localhost:%d/3", redis.port)));
}
END_TEST

START_TEST(a_port_variable_of_kubernetes_is_explained)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("REDIS_PORT=tcp://10.0.0.1:6379"),
              HPT_LIST("--check", "redis", "--redis", "redis://redis:{env:REDIS_PORT}"));
    HPT_OK(hpt_is_config(&run, "--redis|{env:REDIS_PORT}|Kubernetes' own variable for a Service"));
}
END_TEST

/* --- http ------------------------------------------------------------------------------------- */

static const char *sent(const char *target, const char *field)
{
    json_t *request = hpt_nginx_request(&nginx, target);

    ck_assert_msg(request != NULL, "nginx got no request for %s", target);
    return json_string_value(json_object_get(request, field));
}

START_TEST(a_bearer_token_may_be_a_placeholder)
{
    struct hpt_run run;
    const char *const headers[] = {"Authorization: Bearer {env:TOKEN}",
                                   "Authorization: {env:SCHEME} {env:TOKEN}"};
    const char *target = hpt_strf("/health?bearer=%d", _i);

    hpt_probe(&run, HPT_LIST("TOKEN=" TOKEN "\n", "SCHEME=Bearer", number("PORT", nginx.port)),
              HPT_LIST("--http", target, "--http-header", headers[_i]));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_str_eq(sent(target, "authorization"), "Bearer " TOKEN);
}
END_TEST

START_TEST(a_response_that_repeats_a_secret_value_is_withheld)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("TOKEN=tk7", number("PORT", nginx.port)),
              HPT_LIST("--http", "/echo", "--http-header", "X-Token: a{env:TOKEN}"));
    HPT_OK(hpt_is_down(&run, "http", "status", "500"));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "(withheld)"));
}
END_TEST

static const struct {
    const char *value;
    const char *path; /* as it is sent */
} held[] = {
    {"v1", "v1"},
    {"a/b", "a/b"},
    {"..", ".."},
    {"a?b=c#d", "a%3Fb%3Dc%23d"},
    {"a b\r\nX-Token: evil", "a%20b%0D%0AX-Token%3A%20evil"},
    {"%2e%00", "%252e%2500"},
    {"http://evil/x", "http%3A//evil/x"},
    {"@:,[]{env:PORT}", "%40%3A%2C%5B%5D%7Benv%3APORT%7D"},
    {"\x01\x80", "%01%80"},
};

START_TEST(a_value_in_a_path_changes_nothing_else_of_the_request)
{
    static const char *const fields[] = {"method",        "protocol",   "host",  "agent",
                                         "accept",        "connection", "probe", "type",
                                         "authorization", "body",       "token"};
    struct hpt_run run;
    const char *target = hpt_strf("/status/200?x=%s&n=%d", "1", _i);

    hpt_probe(&run, HPT_LIST("V=1", number("PORT", nginx.port)),
              HPT_LIST("--http", hpt_strf("/status/200?x={env:V}&n=%d", _i)));
    HPT_OK(hpt_is_healthy(&run, "http"));
    json_t *plain = hpt_nginx_request(&nginx, target);
    ck_assert_ptr_nonnull(plain);

    target = hpt_strf("/x%d/%s/y?z", _i, held[_i].path);
    hpt_probe(&run, HPT_LIST(hpt_strf("V=%s", held[_i].value), number("PORT", nginx.port)),
              HPT_LIST("--http", hpt_strf("/x%d/{env:V}/y?z", _i), "--http-status", "200,404"));
    ck_assert_int_eq(run.exit_status, 0);
    json_t *request = hpt_nginx_request(&nginx, target);
    ck_assert_msg(request != NULL, "nginx got no request for %s", target);
    for (size_t i = 0; i < HPT_COUNT(fields); i++)
        ck_assert_str_eq(json_string_value(json_object_get(request, fields[i])),
                         json_string_value(json_object_get(plain, fields[i])));
    HPT_OK(hpt_is_text(&run, "checks.http.target",
                       hpt_strf("http://localhost:%d/x%d/{env:V}/y", nginx.port, _i)));
}
END_TEST

START_TEST(a_header_takes_no_line_end)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("V=a\r\nX-Token: b"),
              HPT_LIST("--http", ":1/x", "--http-header", "X-Probe: {env:V}"));
    HPT_OK(hpt_is_config(&run, "--http-header: the value that it names holds a control character"));
}
END_TEST

/* --- the other commands ----------------------------------------------------------------------- */

START_TEST(explain_shows_where_a_value_came_from)
{
    struct hpt_run run;
    const char *const env[] = {"DB_USER=app", "DB_HOST=db", NULL};

    hpt_probe(&run, env,
              HPT_LIST("explain", "--check", "database", "--database",
                       with_path("postgresql://{env:DB_USER}:{file:PATH}@{env:DB_HOST}:"
                                 "{env:DB_PORT:-" TOKEN "}/{env:DB_KEY:-" TOKEN "}")));
    HPT_OK(hpt_is_config(&run, "--database: {env:DB_PORT} is not a port"));

    hpt_probe(&run, env,
              HPT_LIST("explain", "--check", "database", "--format", "json", "--database",
                       with_path("postgresql://{env:DB_USER}:{file:PATH}@{env:DB_HOST}"
                                 "/{env:DB_KEY:-" TOKEN "}")));
    ck_assert_int_eq(run.exit_status, 0);
    const char *shown =
        hpt_strf("\"source\":\"--database\",\"placeholders\":[\"{env:DB_USER}\",\"{file:%s}\","
                 "\"{env:DB_HOST}\",\"{env:DB_KEY}\"]",
                 password_file);
    ck_assert_msg(strstr(run.out, shown) != NULL, "%s", run.out);
    ck_assert_ptr_nonnull(strstr(run.out, "\"postgresql://app@db:5432/{env:DB_KEY}\""));

    hpt_probe(&run, env,
              HPT_LIST("explain", "--check", "redis", "--redis",
                       "redis://{env:DB_USER}:{env:PW:-" TOKEN "}@{env:DB_HOST}"));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_msg(strstr(run.out, "--redis with {env:DB_USER}, {env:PW}, {env:DB_HOST}\n") != NULL,
                  "%s", run.out);
}
END_TEST

START_TEST(wait_waits_for_the_file_of_a_placeholder)
{
    struct hpt_run run;
    const char *path = hpt_strf("%s/late", hpt_tmpdir());
    struct hpt_probe_opts opts = {
        .args = HPT_LIST("wait", "--check", "redis", "--interval", "20ms", "--redis",
                         hpt_strf("redis://:{file:%s}@localhost:%d", path, redis.port)),
        .env = HPT_NONE};

    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(200);
    hpt_write_file(path, "", 0644);
    hpt_sleep_ms(200);
    hpt_write_file(path, PASSWORD "\n", 0644);
    hpt_probe_finish(&run, &opts);
    ck_assert_int_eq(run.exit_status, 0);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "databases", 30);
    tcase_add_loop_test(tc, a_postgres_url_is_built_from_variables, 0, HPT_COUNT(databases));
    tcase_add_test(tc, a_host_may_be_the_directory_of_a_socket);
    tcase_add_test(tc, a_wrong_password_is_not_shown);
    tcase_add_loop_test(tc, a_redis_url_is_built_from_variables, 0, HPT_COUNT(caches));
    tcase_add_test(tc, a_port_variable_of_kubernetes_is_explained);

    tc = hpt_tcase(suite, "http", 30);
    tcase_add_loop_test(tc, a_bearer_token_may_be_a_placeholder, 0, 2);
    tcase_add_test(tc, a_response_that_repeats_a_secret_value_is_withheld);
    tcase_add_loop_test(tc, a_value_in_a_path_changes_nothing_else_of_the_request, 0,
                        HPT_COUNT(held));
    tcase_add_test(tc, a_header_takes_no_line_end);

    tc = hpt_tcase(suite, "commands", 30);
    tcase_add_test(tc, explain_shows_where_a_value_came_from);
    tcase_add_test(tc, wait_waits_for_the_file_of_a_placeholder);
}

int main(void)
{
    return hpt_main("placeholders", start_servers, build, true);
}
