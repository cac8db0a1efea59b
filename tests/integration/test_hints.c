// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* Frequent mistakes, made against real servers: what the report says happened, and what to try. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;  /* without TLS */
static struct hpt_redis redis;  /* with TLS on a second port */
static struct hpt_redis locked; /* asks for a password */
static int dead;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){0}, &redis,
                      &(struct hpt_redis_opts){.password = false, .tls = true});
    hpt_redis_create(&locked, &(struct hpt_redis_opts){.password = true});
    hpt_redis_start(&locked);
    hpt_certs();
    dead = hpt_net_refusing_port();
    hpt_probe_secret(HPT_PG_PASSWORD);
}

#define LOOPBACK "localhost is this container or pod; another service has its own name"
#define HEALTHZ  "give the path of its health check, such as /healthz"
#define PROXY    "; it may also expect the PROXY protocol"
#define PATH     "the password looks like a path: write file:PATH"
#define NONE     "no password is configured: put it into the URL, or give --redis-password file:PATH"
#define SILENT   "the server may be overloaded or paused, or not be Postgres"

static const char *database_url(int port, const char *query)
{
    return hpt_strf("postgresql://app:%s@localhost:%d/app%s", HPT_PG_PASSWORD, port, query);
}

static const char *web(int port, const char *path)
{
    return hpt_strf("http://localhost:%d%s", port, path);
}

/* One check is down, in these words. No hint: NULL. */
static void ck_says(struct hpt_run *run, const char *check, const char *error, const char *hint)
{
    HPT_OK(hpt_is_text(run, hpt_strf("checks.%s.error", check), error));
    HPT_OK(hpt_is_text(run, hpt_strf("checks.%s.hint", check), hint));
}

static void ask_http(struct hpt_run *run, const char *url)
{
    hpt_probe(run, HPT_NONE, HPT_LIST("--http", url));
}

static void ask_redis(struct hpt_run *run, const char *url, const char *option)
{
    hpt_probe(run, HPT_NONE, HPT_LIST("--check=redis", "--redis", url, option));
}

static void ask_database(struct hpt_run *run, const char *url, const char *option)
{
    hpt_probe(run, HPT_NONE, HPT_LIST("--check=database", "--database", url, option));
}

/* --- nothing listens -------------------------------------------------------------------------- */

START_TEST(a_refused_datastore_at_localhost_hints_at_what_localhost_is)
{
    struct hpt_run run;
    const char *error = hpt_strf("nothing listens on localhost:%d", dead);

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--http", web(dead, "/x"), "--database", database_url(dead, ""),
                       "--redis", hpt_strf("redis://127.0.0.1:%d", dead)));
    HPT_OK(hpt_is_down(&run, "database", "refused", NULL));
    ck_says(&run, "database", error, LOOPBACK);
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    ck_says(&run, "redis", hpt_strf("nothing listens on 127.0.0.1:%d", dead), LOOPBACK);
    /* The service itself is where it should be, and a port was given. */
    ck_says(&run, "http", error, NULL);
}
END_TEST

START_TEST(the_port_that_is_assumed_without_PORT_is_named)
{
    struct hpt_run run;
    int fd = hpt_net_connect("127.0.0.1", 3000, 1000);

    if (fd >= 0) {
        close(fd); /* something else uses it here */
        return;
    }
    hpt_probe(&run, HPT_NONE, HPT_LIST("live"));
    ck_says(&run, "http", "nothing listens on localhost:3000",
            "PORT is not set, so 3000 is assumed: set PORT or give :8080");
    hpt_probe(&run, HPT_LIST(hpt_strf("PORT=%d", dead)), HPT_LIST("live"));
    ck_says(&run, "http", hpt_strf("nothing listens on localhost:%d", dead), NULL);
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
                                web(nginx.port, "/slash"),
                                "--database",
                                database_url(dead, ""),
                                NULL};

    hpt_probe(&first, HPT_NONE, args);
    hpt_probe(&second, HPT_NONE, args);
    ck_assert_str_eq(first.out, second.out);
    ck_assert_str_eq(
        first.out,
        hpt_strf("unhealthy: http status 301, database refused; http: answered 301 Moved "
                 "Permanently, redirects to /slash/ (check that path, or give --http-follow 1) at "
                 "http://localhost:%d/slash; database: nothing listens on localhost:%d (" LOOPBACK
                 ") at postgresql://app@localhost:%d/app\n",
                 nginx.port, dead, dead));
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
        ck_assert_msg(hint != NULL &&
                          (strcmp(hint, "if the port speaks no TLS, use redis://") == 0 ||
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

/* As a development server of Python does at a ClientHello. */
START_TEST(a_server_that_hangs_up_in_the_handshake_may_speak_no_tls)
{
    struct hpt_peer peer;
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    hpt_peer_start(&peer, "", 0, false, false);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check=http,redis", "--ca", hpt_certs()->ca, "--http",
                       hpt_strf("https://localhost:%d/x", peer.port), "--redis",
                       hpt_strf("rediss://localhost:%d", peer.port)));
    HPT_OK(hpt_is_down(&run, "http", "closed", NULL));
    HPT_OK(hpt_is_text(&run, "checks.http.hint", "if the port speaks no TLS, use http://" PROXY));
    HPT_OK(hpt_is_down(&run, "redis", "closed", NULL));
    HPT_OK(hpt_is_text(&run, "checks.redis.hint", "if the port speaks no TLS, use redis://"));
}
END_TEST

START_TEST(a_plain_request_to_a_tls_port_suggests_the_other_scheme)
{
    static const char *const passwords[] = {"", ":some-password@"};
    struct hpt_run run;

    for (int i = 0; i < HPT_COUNT(passwords); i++) {
        ask_redis(&run, hpt_strf("redis://%slocalhost:%d", passwords[i], redis.tls_port), NULL);
        HPT_OK(hpt_is_down(&run, "redis", "closed", NULL));
        HPT_OK(hpt_is_text(&run, "checks.redis.hint", "if the port speaks TLS, use rediss://"));
    }
    ask_http(&run, web(nginx.tls_port, "/x"));
    HPT_OK(hpt_is_down(&run, "http", "status", "400"));
    ck_says(&run, "http", "answered 400 Bad Request with an HTML page", "use https://");
    /* Redis closes the connection without a reply, as Node does. */
    ask_http(&run, web(redis.tls_port, "/x"));
    HPT_OK(hpt_is_down(&run, "http", "closed", NULL));
    HPT_OK(hpt_is_text(&run, "checks.http.hint", "if the port speaks TLS, use https://" PROXY));
}
END_TEST

START_TEST(an_untrusted_certificate_hints_at_how_to_trust_it)
{
    struct hpt_run run;
    const struct hpt_cert self = hpt_cert_make(&(struct hpt_cert_opts){
        .name = "self", .subject = "localhost", .algorithm = "ec:P-256", .digest = "sha256"});
    struct hpt_nginx shows = {0};

    if (!hpt_probe_tls()) {
        return;
    }
    hpt_nginx_create(&shows);
    shows.shown = &self;
    hpt_nginx_start(&shows);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--ca", hpt_certs()->ca, "--http",
                       hpt_strf("https://localhost:%d/health", shows.tls_port)));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    ck_says(&run, "http", "SSL certificate problem: self-signed certificate",
            "trust it with --http-ca FILE, or skip verification with --http-insecure");
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http-ca", self.cert, "--http",
                       hpt_strf("https://localhost:%d/health", shows.tls_port)));
    HPT_OK(hpt_is_up(&run, "http"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check=redis", "--ca", hpt_certs()->other_ca, "--redis",
                       hpt_strf("rediss://localhost:%d", redis.tls_port)));
    HPT_OK(hpt_is_down(&run, "redis", "tls", NULL));
    ck_says(&run, "redis",
            "certificate verify failed: self-signed certificate in certificate chain",
            "trust it with --redis-ca FILE, or skip verification with --redis-insecure");
}
END_TEST

START_TEST(a_certificate_for_another_name_hints_at_that_name)
{
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--ca", hpt_certs()->ca, "--http",
                       hpt_strf("https://localhost:%d/health", nginx.wrong_port)));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    ck_says(&run, "http", "SSL certificate problem: hostname mismatch",
            "use the certificate's name in the URL, and --http-connect HOST:PORT");
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--ca", hpt_certs()->ca, "--http", "https://elsewhere.example/health",
                       "--http-connect", hpt_strf("localhost:%d", nginx.wrong_port)));
    HPT_OK(hpt_is_up(&run, "http"));
}
END_TEST

START_TEST(a_postgres_without_tls_suggests_what_to_change)
{
    struct hpt_run run;

    if (!hpt_probe_tls()) {
        return;
    }
    ask_database(&run, database_url(pg.port, "?sslmode=require"), NULL);
    HPT_OK(hpt_is_down(&run, "database", "tls", NULL));
    ck_says(&run, "database", "server does not support SSL, but SSL was required",
            "turn it on there, or take sslmode=prefer or disable");
    ask_database(&run, database_url(pg.port, "?sslmode=prefer"), NULL);
    HPT_OK(hpt_is_up(&run, "database"));
}
END_TEST

/* --- what answers is not HTTP/1 --------------------------------------------------------------- */

START_TEST(a_server_that_speaks_only_http_2_is_recognized)
{
    static const char settings[] = "\0\0\0\4\0\0\0\0\0";
    struct hpt_peer peer;
    struct hpt_run run;

    hpt_peer_start(&peer, settings, sizeof settings - 1, false, false);
    ask_http(&run, web(peer.port, "/x"));
    HPT_OK(hpt_is_down(&run, "http", "protocol", NULL));
    ck_says(&run, "http", "Received HTTP/0.9 when not allowed",
            "the server may speak HTTP/2 alone (h2c), TLS, or not HTTP");
}
END_TEST

START_TEST(a_server_behind_the_PROXY_protocol_hangs_up)
{
    struct hpt_run run;

    ask_http(&run, hpt_strf("http://127.0.0.1:%d/health", nginx.proxy_port));
    HPT_OK(hpt_is_down(&run, "http", "closed", NULL));
    ck_says(&run, "http", "Empty reply from server", "if the port speaks TLS, use https://" PROXY);
}
END_TEST

/* --- statuses --------------------------------------------------------------------------------- */

START_TEST(a_404_without_a_path_hints_at_giving_one)
{
    static const char not_found[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
    struct hpt_peer nowhere;
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--http", web(nginx.port, "/nothing-here")));
    HPT_OK(hpt_is_down(&run, "http", "status", "404"));
    ck_says(&run, "http", "answered 404 Not Found: nothing here", NULL);
    hpt_peer_start(&nowhere, not_found, sizeof not_found - 1, false, false);
    hpt_probe(&run, HPT_LIST(hpt_strf("PORT=%d", nowhere.port)), HPT_LIST("--check=http", "ready"));
    HPT_OK(hpt_is_down(&run, "http", "status", "404"));
    ck_says(&run, "http", "answered 404 Not Found: no", HEALTHZ);
    HPT_OK(hpt_is_text(&run, "checks.http.target", web(nowhere.port, "/health/ready")));
}
END_TEST

START_TEST(a_redirect_names_its_target_and_a_cure)
{
    struct hpt_run run;

    ask_http(&run, web(nginx.port, "/slash"));
    HPT_OK(hpt_is_down(&run, "http", "status", "301"));
    ck_says(&run, "http", "answered 301 Moved Permanently, redirects to /slash/",
            "check that path, or give --http-follow 1");
    ask_http(&run, web(nginx.port, "/to/tls/health"));
    ck_says(&run, "http",
            hpt_strf("answered 302 Moved Temporarily, redirects to https://localhost:%d/health",
                     nginx.tls_port),
            "exempt the path in the service, check its https port, or give --http-header "
            "'X-Forwarded-Proto: https'");
    ask_http(&run, web(nginx.port, "/to/307/health"));
    ck_says(&run, "http", "answered 307 Temporary Redirect, redirects to /health",
            "follow it with --http-follow 1, or accept it with --http-status 307");
}
END_TEST

START_TEST(a_service_that_restricts_its_host_suggests_the_header)
{
    struct hpt_run run;
    const char *url = web(nginx.port, "/shop");

    ask_http(&run, url);
    HPT_OK(hpt_is_down(&run, "http", "status", "400"));
    ck_says(&run, "http", "answered 400 Bad Request with an HTML page",
            "does the service restrict Host? --http-header 'Host: NAME'");
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url, "--http-header", "Host: shop.example.com"));
    HPT_OK(hpt_is_up(&run, "http"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", url, "--http-header", "Host: other.example"));
    HPT_OK(hpt_is_text(&run, "checks.http.hint", NULL));
}
END_TEST

START_TEST(the_encoding_of_a_body_is_named)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", web(nginx.port, "/gzipped"), "--http-json", "status=up"));
    HPT_OK(hpt_is_down(&run, "http", "expectation", "200"));
    ck_says(&run, "http", "the body is gzip-encoded, which was not requested", NULL);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", web(nginx.port, "/gzipped"), "--http-contains", "x",
                       "--http-header", "Accept-Encoding: gzip"));
    HPT_OK(hpt_is_up(&run, "http"));
}
END_TEST

/* --- passwords -------------------------------------------------------------------------------- */

START_TEST(a_missing_password_hints_at_where_to_put_it)
{
    struct hpt_run run;

    ask_database(&run, hpt_strf("postgres://app@localhost:%d/app", pg.port), NULL);
    HPT_OK(hpt_is_down(&run, "database", "auth", NULL));
    ck_says(&run, "database", "the server asks for a password",
            "no password is configured: put it into the URL, or give --database-password "
            "file:PATH");
    ask_redis(&run, hpt_strf("redis://localhost:%d", locked.port), NULL);
    HPT_OK(hpt_is_down(&run, "redis", "auth", "NOAUTH"));
    ck_says(&run, "redis", "NOAUTH Authentication required.", NONE);
    /* The password, in the user's place, is not shown. */
    hpt_probe_secret("hunter2");
    ask_redis(&run, hpt_strf("redis://hunter2@localhost:%d", locked.port), NULL);
    HPT_OK(hpt_is_down(&run, "redis", "auth", "NOAUTH"));
    ck_says(&run, "redis", "NOAUTH Authentication required.",
            NONE "; what precedes @ is taken as a user: write redis://:PASSWORD@HOST");
}
END_TEST

START_TEST(a_password_that_looks_like_a_path_hints_at_file)
{
    struct hpt_run run;

    ask_database(&run, hpt_strf("postgres://app@localhost:%d/app", pg.port),
                 "--database-password=/run/secrets/pw");
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    ck_says(&run, "database", "password authentication failed for user \"app\"", PATH);
    ask_redis(&run, hpt_strf("redis://localhost:%d", locked.port),
              "--redis-password=/run/secrets/pw");
    HPT_OK(hpt_is_down(&run, "redis", "auth", "WRONGPASS"));
    HPT_OK(hpt_is_text(&run, "checks.redis.hint", PATH));
    /* The error holds the password and is withheld; the hint is shown. */
    ask_redis(&run, hpt_strf("redis://localhost:%d", locked.port), "--redis-password=/");
    HPT_OK(hpt_is_text(&run, "checks.redis.hint", PATH));
}
END_TEST

/* --- time ------------------------------------------------------------------------------------- */

/* The configured limit, never a measured time: equal failures give equal bytes. */
START_TEST(a_timeout_names_its_limit_and_what_it_waited_for)
{
    struct hpt_run run;
    int silent = hpt_net_silent_port();

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check=http,database,redis", "--timeout", "900ms", "--http-timeout",
                       "0.3s", "--http", web(nginx.port, "/hang"), "--database",
                       database_url(silent, "?sslmode=disable"), "--redis",
                       hpt_strf("redis://localhost:%d", silent)));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    ck_says(&run, "http", "no response within 300ms (connected, waiting for headers)", NULL);
    HPT_OK(hpt_is_down(&run, "database", "timeout", "login"));
    ck_says(&run, "database", "no login within 900ms (connected)", SILENT);
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "response"));
    ck_says(&run, "redis", "no response within 900ms (connected, waiting for a reply)", NULL);
}
END_TEST

/* What the user did not ask for is not to blame: libpq asks for TLS by itself. */
START_TEST(a_port_that_is_silent_fails_at_tls_only_where_it_was_asked_for)
{
    struct hpt_run run;
    int silent = hpt_net_silent_port();
    const char *ca = hpt_certs()->ca;

    if (!hpt_probe_tls()) {
        return;
    }
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--timeout=700ms", "--ca", ca, "--http", hpt_strf("https://h:%d/", silent),
                       "--http-connect", hpt_strf("localhost:%d", silent), "--database",
                       database_url(silent, ""), "--redis",
                       hpt_strf("rediss://localhost:%d", silent), "--check=http,database,redis"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", "tls"));
    ck_says(&run, "database", "no response within 700ms (connected)", SILENT);
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "tls"));
    ck_says(&run, "redis", "no TLS handshake within 700ms (connected)",
            "if the port speaks no TLS, use redis://");
    HPT_OK(hpt_is_down(&run, "http", "timeout", "tls"));
    ck_says(&run, "http", "no TLS handshake within 700ms (connected)",
            "if the port speaks no TLS, use http://");
    ask_database(&run, database_url(silent, "?sslmode=require"), "--timeout=700ms");
    HPT_OK(hpt_is_down(&run, "database", "timeout", "tls"));
    ck_says(&run, "database", "no TLS handshake within 700ms (connected)", SILENT " with TLS");
}
END_TEST

START_TEST(a_paused_postgres_is_said_to_give_no_response)
{
    struct hpt_run run;
    const char *error = hpt_probe_tls() ? "no response within 700ms (connected)"
                                        : "no login within 700ms (connected)";

    hpt_proc_pause(&pg.proc);
    ask_database(&run, database_url(pg.port, ""), "--timeout=700ms");
    HPT_OK(hpt_is_down(&run, "database", "timeout", hpt_probe_tls() ? "tls" : "login"));
    ck_says(&run, "database", error, SILENT);
    hpt_proc_continue(&pg.proc);
    ask_database(&run, database_url(pg.port, ""), NULL);
    HPT_OK(hpt_is_up(&run, "database"));
}
END_TEST

START_TEST(a_query_that_is_too_slow_names_its_limit)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check=database", "--database", database_url(pg.port, ""),
                       "--database-query", "SELECT pg_sleep(20)", "--database-timeout", "0.7s"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", "query"));
    ck_says(&run, "database", "no answer to the query within 700ms", NULL);
}
END_TEST

START_TEST(a_body_that_does_not_end_is_reported_with_the_status)
{
    static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    struct hpt_peer peer;
    struct hpt_run run;

    hpt_peer_start(&peer, half, sizeof half - 1, false, true);
    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("--http", web(peer.port, "/x"), "--http-contains", "whole", "--timeout", "400ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    ck_says(&run, "http", "no response within 400ms (answered 200, waiting for the rest)", NULL);
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
    {{"live", "--http", "http://localhost:$PORT"}, "expand nothing; write {env:NAME}"},
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

    tcase_add_test(tcase, a_refused_datastore_at_localhost_hints_at_what_localhost_is);
    tcase_add_test(tcase, the_port_that_is_assumed_without_PORT_is_named);
    tcase_add_test(tcase, equal_failures_with_hints_print_equal_bytes);
    tcase_add_test(tcase, tls_to_a_plain_redis_port_suggests_the_other_scheme);
    tcase_add_test(tcase, tls_answered_in_plain_text_suggests_the_other_scheme);
    tcase_add_test(tcase, a_server_that_hangs_up_in_the_handshake_may_speak_no_tls);
    tcase_add_test(tcase, a_plain_request_to_a_tls_port_suggests_the_other_scheme);
    tcase_add_test(tcase, an_untrusted_certificate_hints_at_how_to_trust_it);
    tcase_add_test(tcase, a_certificate_for_another_name_hints_at_that_name);
    tcase_add_test(tcase, a_postgres_without_tls_suggests_what_to_change);
    tcase_add_test(tcase, a_server_that_speaks_only_http_2_is_recognized);
    tcase_add_test(tcase, a_server_behind_the_PROXY_protocol_hangs_up);
    tcase_add_test(tcase, a_404_without_a_path_hints_at_giving_one);
    tcase_add_test(tcase, a_redirect_names_its_target_and_a_cure);
    tcase_add_test(tcase, a_service_that_restricts_its_host_suggests_the_header);
    tcase_add_test(tcase, the_encoding_of_a_body_is_named);
    tcase_add_test(tcase, a_missing_password_hints_at_where_to_put_it);
    tcase_add_test(tcase, a_password_that_looks_like_a_path_hints_at_file);
    tcase_add_test(tcase, a_timeout_names_its_limit_and_what_it_waited_for);
    tcase_add_test(tcase, a_port_that_is_silent_fails_at_tls_only_where_it_was_asked_for);
    tcase_add_test(tcase, a_paused_postgres_is_said_to_give_no_response);
    tcase_add_test(tcase, a_query_that_is_too_slow_names_its_limit);
    tcase_add_test(tcase, a_body_that_does_not_end_is_reported_with_the_status);
    tcase_add_loop_test(tcase, configuration_errors_suggest_a_cure, 0, HPT_COUNT(wrong));
}

int main(void)
{
    return hpt_main("hints", start_servers, build, true);
}
