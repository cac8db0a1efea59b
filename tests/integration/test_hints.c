// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* Frequent mistakes, made against real servers: the reason stays the same and the error helps. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg; /* without TLS */
static struct hpt_redis redis; /* with TLS on a second port */
static int dead;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){0}, &redis,
                      &(struct hpt_redis_opts){.password = false, .tls = true});
    hpt_certs();
    dead = hpt_net_refusing_port();
    hpt_probe_secret(HPT_PG_PASSWORD);
}

#define LOOPBACK "localhost is this container itself; in a compose network use the service's name"

static const char *database_url(int port, const char *query)
{
    return hpt_strf("postgresql://app:%s@localhost:%d/app%s", HPT_PG_PASSWORD, port, query);
}

/* --- localhost -------------------------------------------------------------------------------- */

START_TEST(a_refused_datastore_at_localhost_hints_at_the_wrong_container)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--http", hpt_strf("http://localhost:%d/x", dead), "--database",
                       database_url(dead, ""), "--redis", hpt_strf("redis://127.0.0.1:%d", dead)));
    HPT_OK(hpt_is_down(&run, "database", "refused", NULL));
    HPT_OK(hpt_is_text(&run, "checks.database.hint", LOOPBACK));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    HPT_OK(hpt_is_text(&run, "checks.redis.hint", LOOPBACK));
    /* The service itself is where it should be. */
    ck_assert_ptr_null(hpt_get(&run, "checks.http.hint"));
}
END_TEST

START_TEST(equal_failures_with_hints_print_equal_bytes)
{
    struct hpt_run first;
    struct hpt_run second;
    const char *const args[] = {"ready",
                                "--format",
                                "short",
                                "--http",
                                hpt_strf("http://localhost:%d/nothing-here", nginx.port),
                                "--database",
                                database_url(dead, ""),
                                NULL};

    hpt_probe(&first, HPT_NONE, args);
    hpt_probe(&second, HPT_NONE, args);
    ck_assert_str_eq(first.out, second.out);
    ck_assert_str_eq(first.out,
                     hpt_strf("unhealthy: http status 404, database refused; http (a URL without a "
                              "path asks /health/ready in this mode) at "
                              "http://localhost:%d/nothing-here; database: Connection refused "
                              "(" LOOPBACK ") at postgresql://app@localhost:%d/app\n",
                              nginx.port, dead));
}
END_TEST

/* --- TLS and plain ports ---------------------------------------------------------------------- */

/* A ClientHello that happens to contain a newline gets an error; any other gets no answer. */
START_TEST(tls_to_a_plain_redis_port_suggests_the_other_scheme)
{
    struct hpt_run run;
    const char *hint = NULL;

    if (!hpt_probe_tls()) {
        return;
    }
    for (int i = 0; i < 4; i++) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--check=redis", "--timeout=700ms", "--ca", hpt_certs()->ca, "--redis",
                           hpt_strf("rediss://localhost:%d", redis.port)));
        HPT_OK(hpt_is_down(&run, "redis", "timeout|tls", "*"));
        hint = json_string_value(hpt_get(&run, "checks.redis.hint"));
        ck_assert_msg(
            hint != NULL &&
                (strcmp(hint, "no answer to TLS; if the port has none, use redis://") == 0 ||
                 strcmp(hint, "the port answers without TLS: use redis://") == 0),
            "%s", hpt_said(&run));
    }
}
END_TEST

START_TEST(tls_answered_in_plain_text_suggests_the_other_scheme)
{
    static const char error[] = "-ERR unknown command\r\n";
    struct hpt_peer peer;
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    hpt_peer_start(&peer, error, sizeof error - 1, false, false);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check=redis", "--ca", hpt_certs()->ca, "--redis",
                       hpt_strf("rediss://localhost:%d", peer.port)));
    HPT_OK(hpt_is_down(&run, "redis", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.redis.error", "wrong version number"));
    HPT_OK(hpt_is_text(&run, "checks.redis.hint", "the port answers without TLS: use redis://"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("live", "--ca", hpt_certs()->ca, "--http",
                       hpt_strf("https://localhost:%d/health", nginx.port)));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "wrong version number"));
    HPT_OK(hpt_is_text(&run, "checks.http.hint", "the port answers without TLS: use http://"));
}
END_TEST

START_TEST(a_plain_request_to_a_tls_port_suggests_the_other_scheme)
{
    static const char *const passwords[] = {"", ":some-password@"};
    struct hpt_run run;

    for (int i = 0; i < HPT_COUNT(passwords); i++) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--check=redis", "--redis",
                           hpt_strf("redis://%slocalhost:%d", passwords[i], redis.tls_port)));
        HPT_OK(hpt_is_down(&run, "redis", "closed", NULL));
        HPT_OK(hpt_is_text(&run, "checks.redis.hint", "if the port has TLS, use rediss://"));
    }
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("live", "--http", hpt_strf("http://localhost:%d/x", nginx.tls_port)));
    HPT_OK(hpt_is_down(&run, "http", "status", "400"));
    HPT_OK(
        hpt_has_text(&run, "checks.http.error", "The plain HTTP request was sent to HTTPS port"));
    HPT_OK(hpt_is_text(&run, "checks.http.hint", "use https://"));
}
END_TEST

START_TEST(a_postgres_without_tls_suggests_what_to_change)
{
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("--check=database", "--database", database_url(pg.port, "?sslmode=require")));
    HPT_OK(hpt_is_down(&run, "database", "tls", NULL));
    HPT_OK(
        hpt_has_text(&run, "checks.database.error", "does not support SSL, but SSL was required"));
    HPT_OK(hpt_is_text(&run, "checks.database.hint",
                       "turn it on there, or take sslmode=prefer or disable"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check=database", "--database", database_url(pg.port, "?sslmode=prefer")));
    HPT_OK(hpt_is_up(&run, "database"));
}
END_TEST

/* --- paths ------------------------------------------------------------------------------------ */

START_TEST(a_missing_path_suggests_that_of_the_mode)
{
    static const char not_found[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
    struct hpt_peer nowhere;
    struct hpt_run run;
    const char *here = hpt_strf("http://localhost:%d", nginx.port);

    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--http", hpt_strf("%s/nothing-here", here)));
    HPT_OK(hpt_is_down(&run, "http", "status", "404"));
    HPT_OK(hpt_is_text(&run, "checks.http.hint",
                       "a URL without a path asks /health/live in this mode"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("live", "--http", hpt_strf("%s/health/live?not-there", here),
                       "--http-status", "299"));
    ck_assert_ptr_null(strstr(run.out, "this mode"));
    hpt_peer_start(&nowhere, not_found, sizeof not_found - 1, false, false);
    hpt_probe(&run, HPT_LIST(hpt_strf("PORT=%d", nowhere.port)), HPT_LIST("--check=http", "ready"));
    HPT_OK(hpt_is_down(&run, "http", "status", "404"));
    HPT_OK(hpt_is_text(&run, "checks.http.error", "no"));
    HPT_OK(hpt_is_text(&run, "checks.http.hint",
                       "/health/ready is this mode's path: give another with --http /path"));
}
END_TEST

/* --- the wrong flag, and passwords ------------------------------------------------------------ */

static const struct {
    const char *args[6];
    const char *needles;
} wrong[] = {
    {{"full", "--http=postgres://u:p@h/d", "--database=redis://h", "--redis=https://h"},
     "--http: this is a URL for --database|--database: this is a URL for --redis|"
     "--redis: this is a URL for --http"},
    {{"--check=database", "--database", "postgres://app:hunter2/hunter2@localhost/app"},
     "--database: an @ or # follows the host: percent-encode / ? # @ in the password as %2F %3F "
     "%23 %40"},
    {{"--check=redis", "--redis", "redis://:hunter2#hunter2@localhost"},
     "--redis: an @ or # follows the host: percent-encode / ? # @ in the password"},
    {{"live", "--format=jsom"}, "did you mean json?"},
    {{"--check=http,redsi"}, "did you mean redis?"},
    {{"live", "--optional=htpp"}, "did you mean http?"},
    {{"live", "--tolerate=capcity"}, "did you mean capacity?"},
    {{"live", "--http", "http://localhost:$PORT"}, "expand nothing; env:NAME reads a variable"},
};

START_TEST(configuration_errors_suggest_a_cure)
{
    struct hpt_run run;

    hpt_probe_secret("hunter2");
    hpt_probe(&run, HPT_NONE, wrong[_i].args);
    HPT_OK(hpt_is_config(&run, wrong[_i].needles));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tcase = hpt_tcase(suite, "hints", 60);

    tcase_add_test(tcase, a_refused_datastore_at_localhost_hints_at_the_wrong_container);
    tcase_add_test(tcase, equal_failures_with_hints_print_equal_bytes);
    tcase_add_test(tcase, tls_to_a_plain_redis_port_suggests_the_other_scheme);
    tcase_add_test(tcase, tls_answered_in_plain_text_suggests_the_other_scheme);
    tcase_add_test(tcase, a_plain_request_to_a_tls_port_suggests_the_other_scheme);
    tcase_add_test(tcase, a_postgres_without_tls_suggests_what_to_change);
    tcase_add_test(tcase, a_missing_path_suggests_that_of_the_mode);
    tcase_add_loop_test(tcase, configuration_errors_suggest_a_cure, 0, HPT_COUNT(wrong));
}

int main(void)
{
    return hpt_main("hints", start_servers, build, true);
}
