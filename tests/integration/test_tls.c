// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/*
 * https, sslmode and rediss against real servers. The flavour without TLS must refuse them:
 * checking less than requested is the worst failure a probe can have.
 */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_postgres bare;
static struct hpt_redis redis;

static const char hba[] = "local all postgres trust\n"
                          "hostssl plainonly all all reject\n"
                          "hostnossl plainonly all all scram-sha-256\n"
                          "host all all all scram-sha-256\n";

static void start_servers(void)
{
    hpt_certs();
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){.tls = true, .hba = hba}, &redis,
                      &(struct hpt_redis_opts){.tls = true, .password = true});
    free(hpt_postgres_sql(&pg, "CREATE DATABASE plainonly"));
    hpt_postgres_create(&bare, &(struct hpt_postgres_opts){.tls = false});
    hpt_postgres_start(&bare);
    hpt_probe_secret("wrong-password");
}

static const char *https(const char *host, int port)
{
    return hpt_strf("https://%s:%d/health", host, port);
}

static const char *pg_url(const char *host, const char *query)
{
    return hpt_strf("postgresql://app:%s@%s:%d/app%s", HPT_PG_PASSWORD, host, pg.port, query);
}

static const char *bare_url(const char *query)
{
    return hpt_strf("postgresql://app:%s@localhost:%d/app%s", HPT_PG_PASSWORD, bare.port, query);
}

static const char *rediss(const char *host)
{
    return hpt_strf("rediss://:%s@%s:%d/1", HPT_REDIS_PASSWORD, host, redis.tls_port);
}

static const char *is_up_or_without_tls(struct hpt_run *run, const char *check)
{
    return hpt_probe_tls() ? hpt_is_healthy(run, check) : hpt_is_config(run, "TLS");
}

static const char *is_tls_or_without_tls(struct hpt_run *run, const char *check)
{
    return hpt_probe_tls() ? hpt_is_down(run, check, "tls", NULL) : hpt_is_config(run, "TLS");
}

static const char *const loopback[] = {"localhost", "127.0.0.1", "[::1]"};

static bool without_ipv6(int i)
{
    if (i == 2 && !hpt_net_have_ipv6()) {
        hpt_diag("no IPv6 on loopback here");
        return true;
    }
    return false;
}

START_TEST(https_verifies_against_the_named_authority)
{
    struct hpt_run run;

    if (without_ipv6(_i)) {
        return;
    }
    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("--http", https(loopback[_i], nginx.tls_port), "--http-ca", hpt_certs()->ca));
    HPT_OK(is_up_or_without_tls(&run, "http"));
    if (hpt_probe_tls()) {
        HPT_OK(hpt_is_text(&run, "checks.http.target", https(loopback[_i], nginx.tls_port)));
        HPT_OK(hpt_is_text(&run, "notes", NULL));
    }
}
END_TEST

START_TEST(the_authority_can_be_named_in_many_ways)
{
    struct hpt_run run;
    const char *target = https("localhost", nginx.tls_port);
    const char *const env[] = {
        hpt_strf("HEALTHPROBE_HTTP_CA=%s", hpt_certs()->ca),
        hpt_strf("HEALTHPROBE_CA=%s", hpt_certs()->ca),
        hpt_strf("SSL_CERT_FILE=%s", hpt_certs()->ca),
    };

    if (_i < 3) {
        hpt_probe(&run, HPT_LIST(env[_i]), HPT_LIST("--http", target));
    } else if (_i == 3) {
        hpt_probe(&run, HPT_NONE, HPT_LIST("--http", target, "--ca", hpt_certs()->ca));
    } else {
        /* The most specific one wins. */
        hpt_probe(&run, HPT_LIST(hpt_strf("SSL_CERT_FILE=%s", hpt_certs()->other_ca)),
                  HPT_LIST("--http", target, "--ca", hpt_certs()->other_ca, "--http-ca",
                           hpt_certs()->ca));
    }
    HPT_OK(is_up_or_without_tls(&run, "http"));
}
END_TEST

START_TEST(an_invalid_certificate_is_reported_as_tls)
{
    struct hpt_run run;
    const char *const targets[] = {
        https("localhost", nginx.wrong_port),
        https("127.0.0.1", nginx.wrong_port),
        https("localhost", nginx.expired_port),
        https("other.localhost", nginx.tls_port),
    };

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", targets[_i], "--http-ca", hpt_certs()->ca));
    HPT_OK(is_tls_or_without_tls(&run, "http"));
    if (hpt_probe_tls()) {
        ck_assert_ptr_nonnull(hpt_get(&run, "checks.http.error"));
        HPT_OK(hpt_is_text(&run, "summary", "http tls"));
    }
}
END_TEST

START_TEST(an_unrelated_authority_is_reported_as_tls)
{
    struct hpt_run run;

    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("--http", https("localhost", nginx.tls_port), "--http-ca", hpt_certs()->other_ca));
    HPT_OK(is_tls_or_without_tls(&run, "http"));
    /* With only the system's bundles. */
    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", https("localhost", nginx.tls_port)));
    HPT_OK(is_tls_or_without_tls(&run, "http"));
}
END_TEST

/* The system's bundle with other files in the middle, as one file. */
static const char *bundle_with(const char *name, const char *const *files)
{
    const char *path = hpt_strf("%s/%s", hpt_tmpdir(), name);
    size_t len, room = 4 << 20, used;
    char *bundle = hpt_read_file("/etc/ssl/certs/ca-certificates.crt", &len);
    char *middle = strstr(bundle + len / 2, "-----BEGIN");
    char *text = calloc(1, room);

    ck_assert_ptr_nonnull(middle);
    ck_assert_ptr_nonnull(text);
    used = (size_t)(middle - bundle);
    memcpy(text, bundle, used);
    for (; *files != NULL; files++) {
        size_t size;
        char *file = hpt_read_file(*files, &size);

        ck_assert_uint_lt(used + size + len, room);
        memcpy(text + used, file, size);
        used += size;
        free(file);
    }
    memcpy(text + used, middle, strlen(middle));
    hpt_write_file(path, text, 0644);
    free(bundle);
    free(text);
    return path;
}

/* The right one of 140 certificates is found; without it, none matches. */
START_TEST(a_whole_bundle_is_searched_for_the_authority)
{
    struct hpt_run run;
    const char *ca = hpt_certs()->ca;
    const char *with = bundle_with("with.pem", HPT_LIST(ca));
    const char *without = bundle_with("without.pem", HPT_LIST(hpt_certs()->other_ca));

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", https("localhost", nginx.tls_port), "--ca", with));
    HPT_OK(is_up_or_without_tls(&run, "http"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", https("localhost", nginx.tls_port), "--ca", without));
    HPT_OK(is_tls_or_without_tls(&run, "http"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check", "redis", "--redis", rediss("localhost"), "--ca", with));
    HPT_OK(is_up_or_without_tls(&run, "redis"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check", "redis", "--redis", rediss("localhost"), "--ca", without));
    HPT_OK(is_tls_or_without_tls(&run, "redis"));
}
END_TEST

/*
 * An authority with a new key has two certificates with the same name: the right one counts,
 * whatever the order.
 */
START_TEST(authorities_with_the_same_name_are_told_apart)
{
    struct hpt_run run;
    struct hpt_cert namesake =
        hpt_cert_make(&(struct hpt_cert_opts){.name = "namesake",
                                              .subject = "healthprobe test authority ca",
                                              .algorithm = "ec:P-256",
                                              .authority = true});
    const char *const files[2][2] = {{namesake.cert, hpt_certs()->ca},
                                     {hpt_certs()->ca, namesake.cert}};
    const char *both = bundle_with("both.pem", HPT_LIST(files[_i][0], files[_i][1]));
    const char *wrong = bundle_with("namesake.pem", HPT_LIST(namesake.cert));

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", https("localhost", nginx.tls_port), "--ca", both));
    HPT_OK(is_up_or_without_tls(&run, "http"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", https("localhost", nginx.tls_port), "--ca", wrong));
    HPT_OK(is_tls_or_without_tls(&run, "http"));
}
END_TEST

/* A bundle with anything but plain certificates is read by OpenSSL as a whole. */
START_TEST(a_bundle_with_other_content_still_works)
{
    struct hpt_run run;
    const char *mixed =
        bundle_with("mixed.pem", HPT_LIST(hpt_certs()->server_key, hpt_certs()->ca));

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", https("localhost", nginx.tls_port), "--ca", mixed));
    HPT_OK(is_up_or_without_tls(&run, "http"));
}
END_TEST

START_TEST(insecure_https_verifies_nothing_and_says_so)
{
    struct hpt_run run;
    const int ports[] = {nginx.tls_port, nginx.wrong_port, nginx.expired_port};

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", https("localhost", ports[_i]), "--http-insecure"));
    HPT_OK(is_up_or_without_tls(&run, "http"));
    if (hpt_probe_tls()) {
        ck_assert_uint_ge(json_array_size(hpt_get(&run, "notes")), 1);
    }
}
END_TEST

START_TEST(http_connect_keeps_the_name_and_sni_of_the_url)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", "https://elsewhere.example/health?sni", "--http-connect",
                       hpt_strf("127.0.0.1:%d", nginx.wrong_port), "--http-ca", hpt_certs()->ca));
    HPT_OK(is_up_or_without_tls(&run, "http"));
    if (hpt_probe_tls()) {
        json_t *request = hpt_nginx_request(&nginx, "/health?sni");
        ck_assert_ptr_nonnull(request);
        ck_assert_str_eq(json_string_value(json_object_get(request, "sni")), "elsewhere.example");
        ck_assert_str_eq(json_string_value(json_object_get(request, "host")), "elsewhere.example");
        ck_assert_str_eq(json_string_value(json_object_get(request, "protocol")), "HTTP/1.1");
    }
}
END_TEST

START_TEST(https_to_a_plain_port_is_reported_as_tls)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", https("localhost", nginx.port), "--http-ca", hpt_certs()->ca));
    HPT_OK(is_tls_or_without_tls(&run, "http"));
}
END_TEST

START_TEST(http_to_a_tls_port_is_reported_as_status)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", hpt_strf("http://localhost:%d/", nginx.tls_port)));
    HPT_OK(hpt_is_down(&run, "http", "status", "400"));
}
END_TEST

START_TEST(a_stalled_handshake_times_out_in_phase_tls)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", https("127.0.0.1", hpt_net_silent_port()), "--http-ca",
                       hpt_certs()->ca, "--timeout", "600ms"));
    if (!hpt_probe_tls()) {
        HPT_OK(hpt_is_config(&run, "TLS"));
        return;
    }
    HPT_OK(hpt_is_down(&run, "http", "timeout", "tls"));
    HPT_OK(hpt_is_punctual(&run, 600));
}
END_TEST

START_TEST(a_peer_that_leaves_during_the_handshake_is_reported_as_closed)
{
    struct hpt_run run;
    struct hpt_peer peer;
    static const char *const checks[] = {"http", "database", "redis"};

    /* Postgres first announces TLS. */
    hpt_peer_start(&peer, "S", _i == 1 ? 1 : 0, false, false);
    const char *const targets[] = {
        https("127.0.0.1", peer.port),
        hpt_strf("postgresql://app:%s@127.0.0.1:%d/app?sslmode=require", HPT_PG_PASSWORD,
                 peer.port),
        hpt_strf("rediss://127.0.0.1:%d", peer.port),
    };
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", checks[_i], hpt_strf("--%s", checks[_i]), targets[_i],
                       "--ca", hpt_certs()->ca));
    if (!hpt_probe_tls()) {
        HPT_OK(hpt_is_config(&run, "TLS"));
        return;
    }
    HPT_OK(hpt_is_down(&run, checks[_i], "closed", NULL));
}
END_TEST

START_TEST(a_missing_authority_file_is_a_configuration_error)
{
    struct hpt_run run;
    const char *target = https("localhost", nginx.tls_port);

    switch (_i) {
    case 0:
        hpt_probe(&run, HPT_NONE, HPT_LIST("--http", target, "--http-ca", "/nowhere/ca.crt"));
        break;
    case 1:
        hpt_probe(&run, HPT_NONE, HPT_LIST("--http", target, "--ca", "/nowhere/ca.crt"));
        break;
    case 2:
        hpt_probe(&run, HPT_LIST("SSL_CERT_FILE=/nowhere/ca.crt"), HPT_LIST("--http", target));
        break;
    case 3:
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis", rediss("localhost"), "--redis-ca",
                           "/nowhere/ca.crt"));
        break;
    default:
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("ready", "--check", "database", "--database",
                           pg_url("localhost", "?sslmode=verify-full"), "--database-ca",
                           "/nowhere/ca.crt"));
        break;
    }
    HPT_OK(hpt_is_config(&run, ""));
}
END_TEST

START_TEST(an_unparsable_authority_is_reported_as_tls)
{
    struct hpt_run run;
    const char *file = hpt_strf("%s/garbage.%d", hpt_tmpdir(), _i);

    hpt_write_file(file, "this is no certificate\n", 0644);
    if (_i == 0) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--http", https("localhost", nginx.tls_port), "--http-ca", file));
        HPT_OK(is_tls_or_without_tls(&run, "http"));
    } else if (_i == 1) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis", rediss("localhost"), "--redis-ca",
                           file));
        HPT_OK(is_tls_or_without_tls(&run, "redis"));
    } else {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("ready", "--check", "database", "--database",
                           pg_url("localhost", "?sslmode=verify-full"), "--database-ca", file));
        HPT_OK(is_tls_or_without_tls(&run, "database"));
    }
}
END_TEST

START_TEST(an_unneeded_trust_store_may_be_missing)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("SSL_CERT_FILE=/nowhere/ca.crt"),
              HPT_LIST("--http", hpt_strf("http://localhost:%d/health", nginx.port)));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_probe(&run, HPT_LIST("SSL_CERT_FILE=/nowhere/ca.crt"),
              HPT_LIST("ready", "--check", "database", "--database",
                       pg_url("localhost", "?sslmode=disable")));
    HPT_OK(hpt_is_healthy(&run, "database"));
}
END_TEST

enum outcome { UP, TLS };

/* Against the server with TLS. CA and OTHER stand for the authority files. */
static const struct {
    const char *host;
    const char *query;
    const char *ca; /* --database-ca */
    bool needs_tls; /* the flavour without TLS refuses the target */
    enum outcome outcome;
} modes[] = {
    {"localhost", "", NULL, false, UP},
    {"localhost", "?sslmode=disable", NULL, false, UP},
    {"localhost", "?sslmode=allow", NULL, false, UP},
    {"localhost", "?sslmode=prefer", NULL, false, UP},
    {"localhost", "?ssl=false", NULL, false, UP},
    {"localhost", "?ssl=0", NULL, false, UP},
    {"localhost", "?ssl=disable", NULL, false, UP},
    {"localhost", "?sslmode=require", NULL, true, UP},
    {"localhost", "?ssl=true", NULL, true, UP},
    {"localhost", "?ssl=1", NULL, true, UP},
    {"localhost", "?ssl=require", NULL, true, UP},
    {"localhost", "?sslmode=no-verify", NULL, true, UP},
    {"localhost", "?sslmode=require&channel_binding=require", NULL, true, UP},
    {"localhost", "?sslmode=verify-ca", "CA", true, UP},
    {"localhost", "?sslmode=verify-full", "CA", true, UP},
    {"127.0.0.1", "?sslmode=verify-full", "CA", true, UP},
    {"localhost", "?sslmode=verify-full&sslrootcert=CA", NULL, true, UP},
    {"localhost", "?sslmode=verify-full&sslrootcert=CA", "OTHER", true, UP},
    {"localhost", "?sslmode=require&sslrootcert=CA", NULL, true, UP},
    {"other.localhost", "?sslmode=verify-ca", "CA", true, UP},
    {"localhost", "?sslaccept=strict", "CA", true, UP},
    {"localhost", "?sslmode=require", "OTHER", true, UP},
    {"other.localhost", "?sslmode=verify-full", "CA", true, TLS},
    {"localhost", "?sslmode=verify-ca", "OTHER", true, TLS},
    {"localhost", "?sslmode=verify-full", "OTHER", true, TLS},
    {"localhost", "?sslmode=verify-full", NULL, true, TLS},
    {"localhost", "?sslmode=verify-ca", NULL, true, TLS},
    {"localhost", "?sslaccept=strict", NULL, true, TLS},
    {"localhost", "?sslmode=require&sslrootcert=OTHER", NULL, true, TLS},
    {"localhost", "?sslmode=verify-full&sslrootcert=/nowhere/ca.crt", NULL, true, TLS},
    {"localhost", "?sslrootcert=system", NULL, true, TLS},
};

static const char *with_files(const char *text)
{
    const char *const words[] = {"OTHER", "CA"};
    const char *const files[] = {hpt_certs()->other_ca, hpt_certs()->ca};

    for (size_t i = 0; text != NULL && i < 2; i++) {
        const char *at = strstr(text, words[i]);
        if (at != NULL) {
            return hpt_strf("%.*s%s%s", (int)(at - text), text, files[i], at + strlen(words[i]));
        }
    }
    return text;
}

START_TEST(sslmode_means_what_it_means_to_libpq)
{
    struct hpt_run run;
    const char *target = pg_url(modes[_i].host, with_files(modes[_i].query));

    hpt_diag("%s%s, ca %s", modes[_i].host, modes[_i].query,
             modes[_i].ca != NULL ? modes[_i].ca : "none");
    if (modes[_i].ca != NULL) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("ready", "--check", "database", "--database", target, "--database-ca",
                           with_files(modes[_i].ca)));
    } else {
        hpt_probe(&run, HPT_NONE, HPT_LIST("ready", "--check", "database", "--database", target));
    }
    if (!hpt_probe_tls() && modes[_i].needs_tls) {
        HPT_OK(hpt_is_config(&run, "TLS"));
    } else if (modes[_i].outcome == UP) {
        HPT_OK(hpt_is_healthy(&run, "database"));
    } else {
        HPT_OK(hpt_is_down(&run, "database", "tls", "*"));
    }
}
END_TEST

static int count_logged(const char *text)
{
    char *log = hpt_read_file(pg.proc.log, NULL);
    int count = 0;

    for (const char *at = strstr(log, text); at != NULL; at = strstr(at + 1, text)) {
        count++;
    }
    free(log);
    return count;
}

static int settled_count(const char *text, int wanted)
{
    for (int i = 0; i < 100 && count_logged(text) < wanted; i++) {
        hpt_sleep_ms(10);
    }
    /* A surplus attempt would come a little later. */
    hpt_sleep_ms(200);
    return count_logged(text);
}

START_TEST(without_an_sslmode_tls_is_preferred)
{
    struct hpt_run run;
    static const char line[] = "application_name=healthprobe SSL enabled";
    int before = count_logged(line);

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", pg_url("localhost", "")));
    HPT_OK(hpt_is_healthy(&run, "database"));
    int wanted = before + (hpt_probe_tls() ? 1 : 0);
    ck_assert_int_eq(settled_count(line, wanted), wanted);
}
END_TEST

START_TEST(a_refused_password_is_not_retried_without_tls)
{
    struct hpt_run run;
    static const char line[] = "password authentication failed";
    int before = count_logged(line);

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app:wrong-password@localhost:%d/app", pg.port)));
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    ck_assert_int_eq(settled_count(line, before + 1), before + 1);
}
END_TEST

/* Of the two answers, the one to the permitted attempt counts. */
START_TEST(a_password_refused_without_tls_is_reported)
{
    struct hpt_run run;

    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("ready", "--check", "database", "--database",
                 hpt_strf("postgresql://app:wrong-password@localhost:%d/plainonly", pg.port)));
    HPT_OK(hpt_is_down(&run, "database", "auth", "28P01"));
    HPT_OK(hpt_has_text(&run, "checks.database.error", "password authentication failed"));
}
END_TEST

START_TEST(a_server_that_rejects_tls_is_retried_without_it_if_allowed)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app:%s@localhost:%d/plainonly?sslmode=prefer",
                                HPT_PG_PASSWORD, pg.port)));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       hpt_strf("postgresql://app:%s@localhost:%d/plainonly?sslmode=require",
                                HPT_PG_PASSWORD, pg.port)));
    if (hpt_probe_tls()) {
        HPT_OK(hpt_is_down(&run, "database", "auth", "28000"));
    } else {
        HPT_OK(hpt_is_config(&run, "TLS"));
    }
}
END_TEST

static const struct {
    const char *query;
    bool needs_tls;
} bare_modes[] = {
    {"", false},
    {"?sslmode=prefer", false},
    {"?sslmode=disable", false},
    {"?sslmode=require", true},
    {"?sslmode=verify-ca", true},
    {"?sslmode=verify-full", true},
};

START_TEST(a_server_without_required_tls_is_reported_as_tls)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", bare_url(bare_modes[_i].query),
                       "--database-ca", hpt_certs()->ca));
    if (!bare_modes[_i].needs_tls) {
        HPT_OK(hpt_is_healthy(&run, "database"));
    } else {
        HPT_OK(is_tls_or_without_tls(&run, "database"));
    }
}
END_TEST

START_TEST(a_ping_follows_the_sslmode)
{
    struct hpt_run run;
    const char *const targets[] = {
        pg_url("localhost", "?sslmode=verify-full"),
        bare_url("?sslmode=verify-full"),
        pg_url("other.localhost", "?sslmode=verify-full"),
    };

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", targets[_i],
                       "--database-level", "ping", "--database-ca", hpt_certs()->ca));
    if (_i == 0) {
        HPT_OK(is_up_or_without_tls(&run, "database"));
    } else {
        HPT_OK(is_tls_or_without_tls(&run, "database"));
    }
}
END_TEST

START_TEST(an_unknown_tls_parameter_is_an_error_that_shows_only_its_key)
{
    struct hpt_run run;

    hpt_probe_secret("value-of-it");
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       pg_url("localhost", "?tlsAllowEverything=value-of-it")));
    HPT_OK(hpt_is_config(&run, "tlsAllowEverything"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database",
                       pg_url("localhost", "?sslkind=value-of-it")));
    HPT_OK(hpt_is_config(&run, "sslkind"));
    hpt_probe(
        &run, HPT_NONE,
        HPT_LIST("full", "--check", "redis", "--redis", "redis://localhost/?ssl_kind=value-of-it"));
    HPT_OK(hpt_is_config(&run, "ssl_kind"));
}
END_TEST

START_TEST(rediss_verifies_against_the_named_authority)
{
    struct hpt_run run;

    if (without_ipv6(_i)) {
        return;
    }
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", rediss(loopback[_i]), "--redis-ca",
                       hpt_certs()->ca));
    HPT_OK(is_up_or_without_tls(&run, "redis"));
    if (hpt_probe_tls()) {
        HPT_OK(hpt_is_text(&run, "checks.redis.target",
                           hpt_strf("rediss://%s:%d/1", loopback[_i], redis.tls_port)));
    }
}
END_TEST

START_TEST(the_authority_for_rediss_can_be_named_in_many_ways)
{
    struct hpt_run run;
    const char *target = rediss("localhost");
    const char *valkeys = hpt_strf("valkeys%s", target + strlen("rediss"));
    const char *in_url = hpt_strf("%s?ssl_ca_certs=%s", target, hpt_certs()->ca);
    const char *env = hpt_strf("SSL_CERT_FILE=%s", hpt_certs()->ca);
    const char *twin = hpt_strf("HEALTHPROBE_REDIS_CA=%s", hpt_certs()->ca);

    switch (_i) {
    case 0:
        hpt_probe(&run, HPT_LIST(env), HPT_LIST("full", "--check", "redis", "--redis", target));
        break;
    case 1:
        hpt_probe(&run, HPT_LIST(twin), HPT_LIST("full", "--check", "redis", "--redis", valkeys));
        break;
    case 2:
        hpt_probe(&run, HPT_NONE, HPT_LIST("full", "--check", "redis", "--redis", in_url));
        break;
    default:
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis", target, "--ca", hpt_certs()->ca));
        break;
    }
    HPT_OK(is_up_or_without_tls(&run, "redis"));
}
END_TEST

START_TEST(an_invalid_certificate_of_rediss_is_reported_as_tls)
{
    struct hpt_run run;
    const char *const targets[] = {
        rediss("other.localhost"),
        rediss("localhost"),
        hpt_strf("%s?ssl_ca_certs=/nowhere/ca.crt", rediss("localhost")),
    };

    if (_i == 0) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis", targets[_i], "--redis-ca",
                           hpt_certs()->ca));
    } else {
        hpt_probe(&run, HPT_NONE, HPT_LIST("full", "--check", "redis", "--redis", targets[_i]));
    }
    HPT_OK(is_tls_or_without_tls(&run, "redis"));
}
END_TEST

START_TEST(rediss_to_a_plain_port_never_gets_past_the_handshake)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("rediss://localhost:%d", redis.port), "--redis-ca", hpt_certs()->ca,
                       "--timeout", "600ms"));
    if (!hpt_probe_tls()) {
        HPT_OK(hpt_is_config(&run, "TLS"));
        return;
    }
    /* Redis answers a line, and a ClientHello may happen to contain no newline. */
    HPT_OK(hpt_is_down(&run, "redis", "tls|timeout", "*"));
    if (hpt_get(&run, "checks.redis.phase") != NULL) {
        HPT_OK(hpt_is_text(&run, "checks.redis.phase", "tls"));
    }
}
END_TEST

START_TEST(insecure_rediss_verifies_nothing_and_says_so)
{
    struct hpt_run run;

    if (_i == 0) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis", rediss("other.localhost"),
                           "--redis-insecure"));
    } else {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis",
                           hpt_strf("%s?ssl_cert_reqs=%s", rediss("other.localhost"),
                                    _i == 1 ? "none" : "CERT_NONE")));
    }
    HPT_OK(is_up_or_without_tls(&run, "redis"));
    if (hpt_probe_tls()) {
        ck_assert_uint_ge(json_array_size(hpt_get(&run, "notes")), 1);
    }
}
END_TEST

START_TEST(redis_to_a_tls_port_is_reported_as_closed_or_protocol)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("redis://localhost:%d", redis.tls_port)));
    HPT_OK(hpt_is_down(&run, "redis", "closed|protocol", NULL));
}
END_TEST

START_TEST(a_stalled_redis_handshake_times_out_in_phase_tls)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("rediss://127.0.0.1:%d", hpt_net_silent_port()), "--redis-ca",
                       hpt_certs()->ca, "--timeout", "600ms"));
    if (!hpt_probe_tls()) {
        HPT_OK(hpt_is_config(&run, "TLS"));
        return;
    }
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "tls"));
    HPT_OK(hpt_is_punctual(&run, 600));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "https", 30);

    tcase_add_loop_test(tc, https_verifies_against_the_named_authority, 0, HPT_COUNT(loopback));
    tcase_add_loop_test(tc, the_authority_can_be_named_in_many_ways, 0, 5);
    tcase_add_loop_test(tc, an_invalid_certificate_is_reported_as_tls, 0, 4);
    tcase_add_test(tc, an_unrelated_authority_is_reported_as_tls);
    tcase_add_test(tc, a_whole_bundle_is_searched_for_the_authority);
    tcase_add_loop_test(tc, authorities_with_the_same_name_are_told_apart, 0, 2);
    tcase_add_test(tc, a_bundle_with_other_content_still_works);
    tcase_add_loop_test(tc, insecure_https_verifies_nothing_and_says_so, 0, 3);
    tcase_add_test(tc, http_connect_keeps_the_name_and_sni_of_the_url);
    tcase_add_test(tc, https_to_a_plain_port_is_reported_as_tls);
    tcase_add_test(tc, http_to_a_tls_port_is_reported_as_status);
    tcase_add_test(tc, a_stalled_handshake_times_out_in_phase_tls);
    tcase_add_loop_test(tc, a_peer_that_leaves_during_the_handshake_is_reported_as_closed, 0, 3);
    tcase_add_loop_test(tc, a_missing_authority_file_is_a_configuration_error, 0, 5);
    tcase_add_loop_test(tc, an_unparsable_authority_is_reported_as_tls, 0, 3);
    tcase_add_test(tc, an_unneeded_trust_store_may_be_missing);

    tc = hpt_tcase(suite, "sslmode", 30);
    tcase_add_loop_test(tc, sslmode_means_what_it_means_to_libpq, 0, HPT_COUNT(modes));
    tcase_add_test(tc, without_an_sslmode_tls_is_preferred);
    tcase_add_test(tc, a_refused_password_is_not_retried_without_tls);
    tcase_add_test(tc, a_password_refused_without_tls_is_reported);
    tcase_add_test(tc, a_server_that_rejects_tls_is_retried_without_it_if_allowed);
    tcase_add_loop_test(tc, a_server_without_required_tls_is_reported_as_tls, 0,
                        HPT_COUNT(bare_modes));
    tcase_add_loop_test(tc, a_ping_follows_the_sslmode, 0, 3);
    tcase_add_test(tc, an_unknown_tls_parameter_is_an_error_that_shows_only_its_key);

    tc = hpt_tcase(suite, "rediss", 30);
    tcase_add_loop_test(tc, rediss_verifies_against_the_named_authority, 0, HPT_COUNT(loopback));
    tcase_add_loop_test(tc, the_authority_for_rediss_can_be_named_in_many_ways, 0, 4);
    tcase_add_loop_test(tc, an_invalid_certificate_of_rediss_is_reported_as_tls, 0, 3);
    tcase_add_test(tc, rediss_to_a_plain_port_never_gets_past_the_handshake);
    tcase_add_loop_test(tc, insecure_rediss_verifies_nothing_and_says_so, 0, 3);
    tcase_add_test(tc, redis_to_a_tls_port_is_reported_as_closed_or_protocol);
    tcase_add_test(tc, a_stalled_redis_handshake_times_out_in_phase_tls);
}

int main(void)
{
    return hpt_main("tls", start_servers, build, true);
}
