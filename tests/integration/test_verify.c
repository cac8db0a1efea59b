// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "nginx.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/*
 * Which certificates are accepted: one table for https, sslmode=verify-full and rediss, each
 * against a real server with the same certificate, and the same verdict for all three.
 */

enum { CA, OTHER_CA, LEAF, INTERMEDIATE, ROOT };

struct row {
    const char *host; /* NULL: end of this certificate's hosts */
    int ca;
    const char *problem; /* the error of all three; NULL: up */
};

#define MISMATCH "hostname mismatch"
#define ADDRESS  "IP address mismatch"
/* The rest depends on whether the server sends its authority's certificate, as Redis does. */
#define UNKNOWN "certificate"

enum issuer { BY_CA, BY_INTERMEDIATE, BY_ITSELF };

static const struct {
    const char *name;
    const char *subject;
    const char *names; /* as in hpt_cert_opts; NULL: the usual ones */
    enum issuer issuer;
    struct row rows[9];
} table[] = {
    {"usual",
     "localhost",
     NULL,
     BY_CA,
     {{"localhost", CA, NULL},
      {"localhost.", CA, NULL},
      {"LocalHost", CA, NULL},
      {"127.0.0.1", CA, NULL},
      {"[::1]", CA, NULL},
      {"localhost", LEAF, NULL},
      {"other.localhost", CA, MISMATCH},
      {"other.localhost.", LEAF, MISMATCH},
      {"localhost", OTHER_CA, UNKNOWN}}},
    {"by-intermediate",
     "localhost",
     NULL,
     BY_INTERMEDIATE,
     {{"localhost", INTERMEDIATE, NULL},
      {"localhost", LEAF, NULL},
      {"127.0.0.1", INTERMEDIATE, NULL},
      {"other.localhost", INTERMEDIATE, MISMATCH},
      {"localhost", CA, UNKNOWN},
      {"localhost", ROOT, UNKNOWN}}},
    {"by-itself",
     "localhost",
     NULL,
     BY_ITSELF,
     {{"localhost", LEAF, NULL},
      {"other.localhost", LEAF, MISMATCH},
      {"localhost", CA, "self-signed certificate"}}},
    {"name-alone",
     "127.0.0.1",
     "DNS:localhost",
     BY_CA,
     {{"localhost", CA, NULL}, {"127.0.0.1", CA, ADDRESS}, {"[::1]", CA, ADDRESS}}},
    {"address-alone",
     "localhost",
     "IP:127.0.0.1",
     BY_CA,
     {{"127.0.0.1", CA, NULL},
      {"127.0.0.1", LEAF, NULL},
      {"localhost", CA, MISMATCH},
      {"[::1]", CA, ADDRESS}}},
    {"neither-name-nor-address",
     "localhost",
     "email:localhost@localhost",
     BY_CA,
     {{"localhost", CA, MISMATCH}, {"127.0.0.1", CA, ADDRESS}}},
    {"address-as-a-name", "localhost", "DNS:127.0.0.1", BY_CA, {{"127.0.0.1", CA, ADDRESS}}},
    {"nameless",
     "localhost",
     "",
     BY_CA,
     {{"localhost", CA, NULL},
      {"localhost.", CA, NULL},
      {"127.0.0.1", CA, ADDRESS},
      {"other.localhost", CA, MISMATCH}}},
    {"nameless-address", "127.0.0.1", "", BY_CA, {{"127.0.0.1", CA, ADDRESS}}},
    {"all-below",
     "localhost",
     "DNS:*.test.localhost",
     BY_CA,
     {{"db.test.localhost", CA, NULL},
      {"db.test.localhost.", CA, NULL},
      {"test.localhost", CA, MISMATCH},
      {"a.db.test.localhost", CA, MISMATCH},
      {"localhost", CA, MISMATCH}}},
    {"some-below",
     "localhost",
     "DNS:l*.test.localhost",
     BY_CA,
     {{"lb.test.localhost", CA, MISMATCH}, {"l.test.localhost", CA, MISMATCH}}},
    {"with-a-dot", "localhost", "DNS:localhost.", BY_CA, {{"localhost", CA, MISMATCH}}},
};

static struct hpt_cert intermediate;
static struct hpt_cert root;

static struct hpt_cert leaf_of(int i)
{
    static const char ca_key[] = "key";
    const char *ca = hpt_certs()->ca;
    const struct hpt_cert authority = {
        .cert = ca, .key = hpt_strf("%.*s%s", (int)(strlen(ca) - strlen("crt")), ca, ca_key)};

    return hpt_cert_make(&(struct hpt_cert_opts){.name = table[i].name,
                                                 .subject = table[i].subject,
                                                 .algorithm = "ec:P-256",
                                                 .issuer = table[i].issuer == BY_CA ? &authority
                                                           : table[i].issuer == BY_INTERMEDIATE
                                                               ? &intermediate
                                                               : NULL,
                                                 .names = table[i].names});
}

/* --- three servers, one certificate ----------------------------------------------------------- */

struct servers {
    struct hpt_nginx nginx;
    struct hpt_postgres pg;
    struct hpt_redis redis;
};

static struct servers usual; /* for localhost, 127.0.0.1 and ::1 */

static void start_servers(struct servers *servers, const struct hpt_cert *leaf)
{
    const char *const settings[] = {"ssl=on", hpt_strf("ssl_cert_file=%s", leaf->cert),
                                    hpt_strf("ssl_key_file=%s", leaf->key), NULL};

    memset(servers, 0, sizeof *servers);
    hpt_nginx_create(&servers->nginx);
    servers->nginx.shown = leaf;
    hpt_nginx_start(&servers->nginx);
    hpt_postgres_create(&servers->pg, &(struct hpt_postgres_opts){.settings = settings});
    hpt_postgres_start(&servers->pg);
    hpt_redis_create(&servers->redis, &(struct hpt_redis_opts){
                                          .tls = true,
                                          .config = hpt_strf("tls-cert-file %s\ntls-key-file %s\n",
                                                             leaf->cert, leaf->key)});
    hpt_redis_start(&servers->redis);
}

static void stop_servers(struct servers *servers)
{
    hpt_nginx_stop(&servers->nginx);
    hpt_postgres_stop(&servers->pg);
    hpt_redis_stop(&servers->redis);
}

/* A libpq without the hook (deps/libpq/patches) verifies by its own rules, which differ. */
static const char *const kinds[] = {"http", "redis", "database"};
static const char *const all_kinds = HPT_VERIFY_HOOK ? "http,database,redis" : "http,redis";
enum { KINDS = HPT_VERIFY_HOOK ? 3 : 2 };

static void probe_all(struct hpt_run *run, const struct servers *servers, const char *host,
                      const char *ca)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("--check", all_kinds, "--ca", ca, "--timeout", "10s", "--http",
                       hpt_strf("https://%s:%d/health", host, servers->nginx.tls_port), "--redis",
                       hpt_strf("rediss://%s:%d", host, servers->redis.tls_port),
                       HPT_VERIFY_HOOK ? "--database" : NULL,
                       hpt_strf("postgresql://app:%s@%s:%d/app?sslmode=verify-full",
                                HPT_PG_PASSWORD, host, servers->pg.port)));
}

static const char *all_are_refused(struct hpt_run *run, const char *problem)
{
    for (int i = 0; i < KINDS; i++) {
        const char *wrong = hpt_is_down(run, kinds[i], "tls", NULL);

        if (wrong == NULL) {
            wrong = hpt_has_text(run, hpt_strf("checks.%s.error", kinds[i]), problem);
        }
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

START_TEST(all_kinds_accept_the_same_certificates)
{
    struct hpt_cert leaf = leaf_of(_i);
    const char *const files[] = {[CA] = hpt_certs()->ca,
                                 [OTHER_CA] = hpt_certs()->other_ca,
                                 [LEAF] = leaf.cert,
                                 [INTERMEDIATE] = intermediate.cert,
                                 [ROOT] = root.cert};
    struct servers servers;
    struct hpt_run run;

    start_servers(&servers, &leaf);
    for (int i = 0; i < HPT_COUNT(table[_i].rows) && table[_i].rows[i].host != NULL; i++) {
        const struct row *row = &table[_i].rows[i];

        if (row->host[0] == '[' && !hpt_net_have_ipv6()) {
            continue;
        }
        hpt_diag("%s, %s", table[_i].name, row->host);
        probe_all(&run, &servers, row->host, files[row->ca]);
        HPT_OK(row->problem == NULL ? hpt_is_healthy(&run, all_kinds)
                                    : all_are_refused(&run, row->problem));
    }
    stop_servers(&servers);
}
END_TEST

START_TEST(an_expired_certificate_is_refused_even_if_trusted_itself)
{
    const struct hpt_certs *certs = hpt_certs();
    const struct hpt_cert leaf = {.cert = certs->expired_cert, .key = certs->expired_key};
    struct servers servers;
    struct hpt_run run;

    start_servers(&servers, &leaf);
    probe_all(&run, &servers, "localhost", certs->ca);
    HPT_OK(all_are_refused(&run, "certificate has expired"));
    probe_all(&run, &servers, "localhost", leaf.cert);
    HPT_OK(all_are_refused(&run, "certificate has expired"));
    stop_servers(&servers);
}
END_TEST

/* A small bundle, or a large one of 200 KB: @before, then the authority's certificate. */
static const char *bundle_of(const char *before, bool large)
{
    const char *path = hpt_strf("%s/bundle.pem", hpt_tmpdir());
    char *ca = hpt_read_file(hpt_certs()->ca, NULL);
    char *others = large ? hpt_read_file("/etc/ssl/certs/ca-certificates.crt", NULL)
                         : hpt_read_file(hpt_certs()->other_ca, NULL);

    hpt_write_file(path, hpt_strf("%s%s%s%s", others, before, ca, others), 0644);
    free(ca);
    free(others);
    return path;
}

/* What libpq verifies without the name. */
static const struct {
    const char *query;
    const char *host;
    bool by_leaf;
    bool up;
} chains[] = {
    {"sslmode=verify-ca&sslrootcert=", "other.localhost", false, true},
    {"sslmode=verify-ca&sslrootcert=", "other.localhost", true, true},
    {"sslmode=require&sslrootcert=", "other.localhost", true, true},
    {"sslmode=verify-full&sslrootcert=", "localhost", true, true},
    {"sslmode=verify-full&sslrootcert=", "other.localhost", true, false},
};

START_TEST(verify_ca_verifies_only_the_chain)
{
    struct hpt_run run;

    for (int i = 0; i < HPT_COUNT(chains); i++) {
        hpt_diag("%s", chains[i].query);
        hpt_probe(
            &run, HPT_NONE,
            HPT_LIST("--check", "database", "--database",
                     hpt_strf("postgresql://app:%s@%s:%d/app?%s%s", HPT_PG_PASSWORD, chains[i].host,
                              usual.pg.port, chains[i].query,
                              chains[i].by_leaf ? hpt_certs()->server_cert : hpt_certs()->ca)));
        HPT_OK(chains[i].up ? hpt_is_healthy(&run, "database")
                            : hpt_is_down(&run, "database", "tls", NULL));
    }
}
END_TEST

/* Roots and revocation lists come from separate files. */
START_TEST(libpq_still_reads_revocation_lists)
{
    const char *const queries[] = {
        hpt_strf("sslcrl=%s", hpt_cert_crl("none", NULL)),
        hpt_strf("sslcrl=%s", hpt_cert_crl("revoked", hpt_certs()->server_cert)),
        hpt_strf("sslcrldir=%s", hpt_tmpdir()),
    };
    const char *const problems[] = {NULL, "certificate revoked", "unable to get certificate CRL"};
    struct hpt_run run;

    for (int i = 0; i < HPT_COUNT(queries); i++) {
        for (int large = 0; large < 2; large++) {
            hpt_probe(&run, HPT_NONE,
                      HPT_LIST("--check", "database", "--database",
                               hpt_strf("postgresql://app:%s@localhost:%d/"
                                        "app?sslmode=verify-full&%s&sslrootcert=%s",
                                        HPT_PG_PASSWORD, usual.pg.port, queries[i],
                                        bundle_of("", large == 1))));
            if (problems[i] == NULL) {
                HPT_OK(hpt_is_healthy(&run, "database"));
            } else {
                HPT_OK(hpt_is_down(&run, "database", "tls", NULL));
                HPT_OK(hpt_has_text(&run, "checks.database.error", problems[i]));
            }
        }
    }
}
END_TEST

/* A copy of the first half of a file. */
static const char *half_of(const char *path)
{
    size_t len;
    char *bytes = hpt_read_file(path, &len);
    const char *half = hpt_strf("%s/half.pem", hpt_tmpdir());

    hpt_write_bytes(half, bytes, len / 2, 0644);
    free(bytes);
    return half;
}

/* libpq ignores a list that it cannot read: a revoked certificate would be accepted. */
START_TEST(a_file_without_a_revocation_list_is_an_error)
{
    const char *list = hpt_cert_crl("unread", NULL);
    const char *empty = hpt_strf("%s/empty.pem", hpt_tmpdir());
    const char *nowhere = hpt_strf("%s/nowhere", hpt_tmpdir());
    const struct {
        const char *query;
        const char *problem;
    } lists[] = {
        {hpt_strf("sslcrl=%s", empty), "the file of sslcrl holds no list of revocations"},
        {hpt_strf("sslcrl=%s", half_of(list)), "the file of sslcrl holds no list of revocations"},
        {hpt_strf("sslcrl=%s&sslcrldir=%s", empty, hpt_tmpdir()),
         "the file of sslcrl holds no list of revocations"},
        {hpt_strf("sslcrl=%s", nowhere), "the file of sslcrl cannot be opened"},
        {hpt_strf("sslcrl=%s", hpt_certs()->ca), "unable to get certificate CRL"},
        {hpt_strf("sslcrldir=%s", hpt_tmp_mkdir("no-lists", 0755)),
         "unable to get certificate CRL"},
        {hpt_strf("sslcrldir=%s", nowhere), "unable to get certificate CRL"},
    };
    struct hpt_run run;

    hpt_write_file(empty, "", 0644);
    for (int i = 0; i < HPT_COUNT(lists); i++) {
        hpt_diag("%s", lists[i].query);
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--check", "database", "--database-ca", hpt_certs()->ca, "--database",
                           hpt_strf("postgresql://app:%s@localhost:%d/app?sslmode=verify-full&%s",
                                    HPT_PG_PASSWORD, usual.pg.port, lists[i].query)));
        HPT_OK(hpt_is_down(&run, "database", "tls", NULL));
        HPT_OK(hpt_has_text(&run, "checks.database.error", lists[i].problem));
    }
}
END_TEST

/* libpq goes on without a missing certificate. */
START_TEST(a_missing_client_certificate_is_an_error)
{
    static const char *const files[] = {"sslcert", "sslkey"};
    const char *nowhere = hpt_strf("%s/nowhere", hpt_tmpdir());
    struct hpt_run run;

    for (int i = 0; i < HPT_COUNT(files); i++) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--check", "database", "--database",
                           hpt_strf("postgresql://app:%s@localhost:%d/app?sslmode=require&%s=%s",
                                    HPT_PG_PASSWORD, usual.pg.port, files[i], nowhere)));
        HPT_OK(hpt_is_down(&run, "database", "tls", NULL));
        HPT_OK(hpt_has_text(&run, "checks.database.error",
                            hpt_strf("the file of %s cannot be opened", files[i])));
    }
}
END_TEST

/* The second host is verified by its own name. */
START_TEST(each_of_several_hosts_is_verified_by_its_own_name)
{
    struct hpt_run run;
    const char *const seconds[] = {"localhost.", "other.localhost"};

    for (int i = 0; i < 2; i++) {
        hpt_probe(
            &run, HPT_NONE,
            HPT_LIST("--check", "database", "--ca", hpt_certs()->ca, "--database",
                     hpt_strf("postgresql://app:%s@localhost:%d,%s:%d/app?sslmode=verify-full",
                              HPT_PG_PASSWORD, hpt_net_free_port(), seconds[i], usual.pg.port)));
        HPT_OK(i == 0 ? hpt_is_healthy(&run, "database")
                      : hpt_is_down(&run, "database", "tls", NULL));
    }
}
END_TEST

/* Options that turn verification off for one kind only. */
static const struct {
    const char *option;
    const char *up; /* NULL: none */
} insecure[] = {{"--ca", NULL}, {"--http-insecure", "http"}, {"--redis-insecure", "redis"}};

START_TEST(insecure_applies_to_its_own_kind_only)
{
    static const char *const checks[] = {"http", "database", "redis"};
    struct hpt_run run;
    const char *args[16] = {"full"};
    size_t n = 1;

    args[n++] = "--http";
    args[n++] = hpt_strf("https://localhost:%d/health", usual.nginx.tls_port);
    args[n++] = "--redis";
    args[n++] = hpt_strf("rediss://localhost:%d", usual.redis.tls_port);
    args[n++] = "--database";
    args[n++] = hpt_strf("postgresql://app:%s@localhost:%d/app?sslmode=verify-full",
                         HPT_PG_PASSWORD, usual.pg.port);
    args[n++] = "--ca";
    args[n++] = hpt_certs()->other_ca;
    if (insecure[_i].up != NULL) {
        args[n++] = insecure[_i].option;
    }
    hpt_probe(&run, HPT_NONE, args);
    for (int i = 0; i < HPT_COUNT(checks); i++) {
        bool up = insecure[_i].up != NULL && strcmp(insecure[_i].up, checks[i]) == 0;

        HPT_OK(up ? hpt_is_up(&run, checks[i]) : hpt_is_down(&run, checks[i], "tls", NULL));
    }
}
END_TEST

/* --- names that only http can have ------------------------------------------------------------ */

START_TEST(the_host_of_each_url_is_verified_by_its_own_name)
{
    struct hpt_run run;
    const char *there;

    there = hpt_strf("127.0.0.1:%d", usual.nginx.wrong_port);
    /* A redirect to a port with a certificate for elsewhere.example. */
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http",
                       hpt_strf("https://localhost:%d/to/wrong/health", usual.nginx.tls_port),
                       "--http-follow", "1", "--ca", hpt_certs()->ca));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.http.error", MISMATCH));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http",
                       hpt_strf("https://localhost:%d/to/tls/health", usual.nginx.tls_port),
                       "--http-follow", "1", "--ca", hpt_certs()->ca));
    HPT_OK(hpt_is_healthy(&run, "http"));
    /* The URL's name counts, not that of --http-connect. */
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", "https://localhost/health", "--http-connect", there, "--ca",
                       hpt_certs()->ca));
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.http.error", MISMATCH));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--http", "https://elsewhere.example./health", "--http-connect", there,
                       "--ca", hpt_certs()->ca));
    HPT_OK(hpt_is_healthy(&run, "http"));
}
END_TEST

/* For OpenSSL, "" means no verification of the name, and ".example" means every subdomain. */
START_TEST(an_invalid_name_matches_no_certificate)
{
    static const char *const names[] = {".example", ".", "..", ".elsewhere.example"};
    struct hpt_run run;

    for (int i = 0; i < HPT_COUNT(names); i++) {
        hpt_diag("%s", names[i]);
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--http", hpt_strf("https://%s/health", names[i]), "--http-connect",
                           hpt_strf("127.0.0.1:%d", usual.nginx.wrong_port), "--ca",
                           hpt_certs()->ca));
        ck_assert_msg(run.exit_status == 1, "%s", hpt_said(&run));
    }
}
END_TEST

/* --- which authority -------------------------------------------------------------------------- */

START_TEST(the_authority_of_the_url_comes_first)
{
    const char *const files[] = {hpt_certs()->ca, hpt_certs()->other_ca};
    struct hpt_run run;

    for (int i = 0; i < 2; i++) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--check", "redis", "--redis",
                           hpt_strf("rediss://localhost:%d?ssl_ca_certs=%s", usual.redis.tls_port,
                                    files[i]),
                           "--redis-ca", files[1 - i], "--ca", files[1 - i]));
        HPT_OK(i == 0 ? hpt_is_healthy(&run, "redis") : hpt_is_down(&run, "redis", "tls", NULL));
    }
}
END_TEST

/* --- small and large files -------------------------------------------------------------------- */

static const struct {
    const char *before;
    bool up;
} disabled[] = {{"", true},   {"# ours\n", true}, {"\n\n", true},
                {"#", false}, {" ", false},       {"# ours: ", false}};

START_TEST(a_disabled_authority_is_never_trusted)
{
    struct hpt_run run;

    for (int i = 0; i < 2 * HPT_COUNT(disabled); i++) {
        hpt_diag("%s%s", disabled[i / 2].before, i % 2 == 0 ? ", small" : ", large");
        probe_all(&run, &usual, "localhost", bundle_of(disabled[i / 2].before, i % 2 == 1));
        HPT_OK(disabled[i / 2].up ? hpt_is_healthy(&run, all_kinds)
                                  : all_are_refused(&run, UNKNOWN));
    }
}
END_TEST

static void start(void)
{
    const struct hpt_cert leaf = {.cert = hpt_certs()->server_cert, .key = hpt_certs()->server_key};

    if (!hpt_probe_tls()) {
        return;
    }
    start_servers(&usual, &leaf);
    root = hpt_cert_make(&(struct hpt_cert_opts){
        .name = "root", .subject = "root", .algorithm = "ec:P-256", .authority = true});
    intermediate = hpt_cert_make(&(struct hpt_cert_opts){.name = "intermediate",
                                                         .subject = "intermediate",
                                                         .algorithm = "ec:P-256",
                                                         .issuer = &root,
                                                         .authority = true});
}

START_TEST(without_tls_nothing_is_verified)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", "https://localhost:1/"));
    HPT_OK(hpt_is_config(&run, "TLS"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "verify", 60);

    if (!hpt_probe_tls()) {
        tcase_add_test(tc, without_tls_nothing_is_verified);
        return;
    }
    tcase_add_loop_test(tc, all_kinds_accept_the_same_certificates, 0, HPT_COUNT(table));
    tcase_add_test(tc, an_expired_certificate_is_refused_even_if_trusted_itself);
    if (HPT_VERIFY_HOOK) {
        tcase_add_test(tc, verify_ca_verifies_only_the_chain);
        tcase_add_test(tc, libpq_still_reads_revocation_lists);
        tcase_add_test(tc, a_file_without_a_revocation_list_is_an_error);
    }
    tcase_add_test(tc, a_missing_client_certificate_is_an_error);
    tcase_add_test(tc, each_of_several_hosts_is_verified_by_its_own_name);
    tcase_add_loop_test(tc, insecure_applies_to_its_own_kind_only, 0, HPT_COUNT(insecure));
    tcase_add_test(tc, the_host_of_each_url_is_verified_by_its_own_name);
    tcase_add_test(tc, an_invalid_name_matches_no_certificate);
    tcase_add_test(tc, the_authority_of_the_url_comes_first);
    tcase_add_test(tc, a_disabled_authority_is_never_trusted);
}

int main(void)
{
    return hpt_main("verify", start, build, true);
}
