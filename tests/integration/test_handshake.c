// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"
#include "s_server.h"

/*
 * The handshakes that the executable supports. They guard against leaving out too much of OpenSSL:
 * a missing algorithm shows up in a handshake and nowhere else. Each case has its own server, which
 * supports nothing but what the case is about.
 */

enum { WEB, RSA, RSA_4096, RSA_PSS, PADDED, P384, P521, ED25519, LEAVES };

/* The certificates of servers and the intermediate certificates sent with them. */
static struct {
    struct hpt_cert leaf;
    const char *chain;
} shown[LEAVES];

static struct hpt_cert root;         /* RSA, like most public ones */
static struct hpt_cert edwards_root; /* Ed25519 */
static struct hpt_cert intermediate; /* P-384, signed by the root */
static struct hpt_cert old_root;     /* an older authority */
static struct hpt_cert crossed;      /* the root, cross-signed by the old one */
static struct hpt_cert expired_root; /* the root before its renewal */
static struct hpt_cert namesake;     /* another key with the root's name */
static struct hpt_cert clients[3];   /* "app", with RSA, P-256, Ed25519 */
static const char *trusted;          /* both roots */

#define PASSPHRASE "of-the-key-4711"

static const char *together(const char *name, const char *const *files)
{
    const char *text = "";
    const char *path = hpt_strf("%s/%s.pem", hpt_tmpdir(), name);

    for (size_t i = 0; files[i] != NULL; i++) {
        char *one = hpt_read_file(files[i], NULL);
        if (one == NULL) {
            hpt_fail("%s cannot be read", files[i]);
        }
        text = hpt_strf("%s%s", text, one);
        free(one);
    }
    hpt_write_file(path, text, 0644);
    return path;
}

static void make_authorities(void)
{
    root = hpt_cert_make(&(struct hpt_cert_opts){
        .name = "root", .subject = "root", .algorithm = "rsa:4096", .authority = true});
    edwards_root = hpt_cert_make(&(struct hpt_cert_opts){.name = "edwards-root",
                                                         .subject = "edwards root",
                                                         .algorithm = "ed25519",
                                                         .authority = true});
    intermediate = hpt_cert_make(&(struct hpt_cert_opts){.name = "intermediate",
                                                         .subject = "intermediate",
                                                         .algorithm = "ec:P-384",
                                                         .issuer = &root,
                                                         .digest = "sha384",
                                                         .authority = true});
    old_root = hpt_cert_make(&(struct hpt_cert_opts){
        .name = "old-root", .subject = "old root", .algorithm = "ec:P-256", .authority = true});
    crossed = hpt_cert_make(&(struct hpt_cert_opts){.name = "crossed",
                                                    .subject = "root",
                                                    .key = root.key,
                                                    .issuer = &old_root,
                                                    .authority = true});
    namesake = hpt_cert_make(&(struct hpt_cert_opts){
        .name = "namesake", .subject = "root", .algorithm = "ec:P-256", .authority = true});
    expired_root = hpt_cert_before(&root, "root");
    trusted = together("trusted", HPT_LIST(edwards_root.cert, root.cert));
}

static const struct {
    const char *name;
    const char *algorithm;
    const char *digest;
    const struct hpt_cert *issuer;
    bool pss;
} leaves[LEAVES] = {
    [WEB] = {"web", "ec:P-256", "sha256", &intermediate, false},
    [RSA] = {"rsa", "rsa:2048", "sha256", &root, false},
    [RSA_4096] = {"rsa-4096", "rsa:4096", "sha512", &root, false},
    [RSA_PSS] = {"rsa-pss", "rsa-pss:2048", "sha256", &root, false},
    [PADDED] = {"padded", "rsa:2048", "sha384", &root, true},
    [P384] = {"p384", "ec:P-384", "sha384", &intermediate, false},
    [P521] = {"p521", "ec:P-521", "sha512", &intermediate, false},
    [ED25519] = {"ed25519", "ed25519", NULL, &edwards_root, false},
};

static void make_certificates(void)
{
    static const char *const algorithms[] = {"rsa:2048", "ec:P-256", "ed25519"};

    /* Generating RSA keys takes most of the time, so some are used twice. */
    make_authorities();
    for (int i = 0; i < LEAVES; i++) {
        shown[i].leaf =
            hpt_cert_make(&(struct hpt_cert_opts){.name = leaves[i].name,
                                                  .subject = "localhost",
                                                  .algorithm = leaves[i].algorithm,
                                                  .key = i == RSA_4096 ? root.key
                                                         : i == PADDED ? shown[RSA].leaf.key
                                                                       : NULL,
                                                  .issuer = leaves[i].issuer,
                                                  .digest = leaves[i].digest,
                                                  .pss = leaves[i].pss});
        shown[i].chain = leaves[i].issuer == &intermediate ? intermediate.cert : NULL;
    }
    for (int i = 0; i < HPT_COUNT(clients); i++) {
        clients[i] =
            hpt_cert_make(&(struct hpt_cert_opts){.name = hpt_strf("client-%d", i),
                                                  .subject = "app",
                                                  .algorithm = algorithms[i],
                                                  .key = i == 0 ? shown[RSA].leaf.key : NULL,
                                                  .issuer = &root});
    }
}

static void start(void)
{
    if (hpt_probe_tls()) {
        make_certificates();
        hpt_certs();
        hpt_postgres_prepare();
        hpt_probe_secret(PASSPHRASE);
    }
}

/* --- s_server --------------------------------------------------------------------------------- */

/* The options of a case are one string, separated by spaces. */
static size_t add_words(const char **argv, size_t argc, size_t max, const char *text)
{
    while (*text != '\0' && argc < max) {
        size_t len = strcspn(text, " ");
        argv[argc++] = hpt_strf("%.*s", (int)len, text);
        text += len + (text[len] == ' ' ? 1 : 0);
    }
    return argc;
}

static void serve(struct hpt_s_server *server, const struct hpt_cert *leaf, const char *chain,
                  const char *options)
{
    const char *argv[32] = {"-cert", leaf->cert, "-key", leaf->key};
    size_t argc = 4;

    if (chain != NULL) {
        argv[argc++] = "-cert_chain";
        argv[argc++] = chain;
    }
    add_words(argv, argc, 31, options);
    hpt_s_server_start(server, argv);
}

static const struct {
    int leaf;
    const char *options;
} handshakes[] = {
    /* Ciphers and groups of TLS 1.3. */
    {WEB, "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256 -groups X25519"},
    {WEB, "-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384 -groups P-256"},
    {WEB, "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -groups P-384"},
    {WEB, "-tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384 -groups P-521"},
    /* Ciphers of TLS 1.2, with ECDSA and RSA. */
    {WEB, "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -groups X25519"},
    {WEB, "-tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384 -groups P-256"},
    {WEB, "-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305 -groups P-384:P-256"},
    {RSA, "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256 -groups P-521"},
    {RSA, "-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384 -groups P-384"},
    {RSA, "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305"},
    /* Old servers: CBC, and RSA key exchange. */
    {WEB, "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA"},
    {WEB, "-tls1_2 -cipher ECDHE-ECDSA-AES256-SHA384"},
    {RSA, "-tls1_2 -cipher ECDHE-RSA-AES128-SHA256"},
    {RSA, "-tls1_2 -cipher ECDHE-RSA-AES256-SHA"},
    {RSA, "-tls1_2 -cipher AES128-GCM-SHA256"},
    {RSA, "-tls1_2 -cipher AES256-SHA"},
    /* Keys and signatures of certificates; those above use P-256 and 2048-bit RSA. */
    {RSA, "-tls1_3"},
    {RSA_4096, "-tls1_3"},
    {RSA_4096, "-tls1_2"},
    {RSA_PSS, "-tls1_3"},
    {RSA_PSS, "-tls1_2"},
    {PADDED, "-tls1_3"},
    {PADDED, "-tls1_2"},
    {P384, "-tls1_3"},
    {P384, "-tls1_2"},
    {P521, "-tls1_3"},
    {P521, "-tls1_2"},
    {ED25519, "-tls1_3"},
    {ED25519, "-tls1_2"},
};

static void probe_page(struct hpt_run *run, const struct hpt_s_server *server, const char *ca)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("--http", hpt_strf("https://localhost:%d/", server->port), "--ca", ca,
                       "--timeout", "10s"));
}

START_TEST(a_server_with_a_single_algorithm_is_supported)
{
    struct hpt_run run;
    struct hpt_s_server server;
    int leaf = handshakes[_i].leaf;

    hpt_diag("%s, %s", leaves[leaf].name, handshakes[_i].options);
    serve(&server, &shown[leaf].leaf, shown[leaf].chain, handshakes[_i].options);
    probe_page(&run, &server, trusted);
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_s_server_stop(&server);
}
END_TEST

/* --- the name that is sent ---------------------------------------------------------------------
 */

/* The server shows its certificate for localhost only to those who ask for it by SNI. */
START_TEST(https_and_rediss_send_the_name_of_the_host)
{
    const struct hpt_certs *certs = hpt_certs();
    const char *const by_name[] = {"-cert",       certs->wrong_cert,  "-key",  certs->wrong_key,
                                   "-cert2",      certs->server_cert, "-key2", certs->server_key,
                                   "-servername", "localhost",        NULL};
    struct hpt_s_server server;
    struct hpt_run run;

    hpt_s_server_start(&server, by_name);
    probe_page(&run, &server, certs->ca);
    HPT_OK(hpt_is_healthy(&run, "http"));
    /* It waits for an HTTP request: the handshake does not fail. */
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check", "redis", "--redis",
                       hpt_strf("rediss://localhost:%d", server.port), "--ca", certs->ca,
                       "--timeout", "2s"));
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "response"));
    hpt_s_server_stop(&server);
}
END_TEST

/* --- chains ----------------------------------------------------------------------------------- */

START_TEST(a_cross_signed_root_is_trusted_through_either_authority)
{
    struct hpt_run run;
    struct hpt_s_server server;
    const char *const trusts[] = {
        root.cert,
        old_root.cert,
        together("old-first", HPT_LIST(old_root.cert, root.cert)),
        together("old-last", HPT_LIST(root.cert, old_root.cert)),
    };

    serve(&server, &shown[WEB].leaf, together("vouched", HPT_LIST(intermediate.cert, crossed.cert)),
          "");
    for (int i = 0; i < HPT_COUNT(trusts); i++) {
        hpt_diag("trusting %s", trusts[i]);
        probe_page(&run, &server, trusts[i]);
        HPT_OK(hpt_is_healthy(&run, "http"));
    }
    probe_page(&run, &server, edwards_root.cert);
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    hpt_s_server_stop(&server);
}
END_TEST

START_TEST(the_signing_authority_is_found_among_namesakes)
{
    struct hpt_run run;
    struct hpt_s_server server;
    const char *const trusts[] = {
        together("namesake-first", HPT_LIST(namesake.cert, root.cert)),
        together("namesake-last", HPT_LIST(root.cert, namesake.cert)),
    };

    serve(&server, &shown[WEB].leaf, shown[WEB].chain, "");
    for (int i = 0; i < HPT_COUNT(trusts); i++) {
        hpt_diag("trusting %s", trusts[i]);
        probe_page(&run, &server, trusts[i]);
        HPT_OK(hpt_is_healthy(&run, "http"));
    }
    probe_page(&run, &server, namesake.cert);
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    hpt_s_server_stop(&server);
}
END_TEST

START_TEST(the_valid_certificate_of_a_renewed_authority_is_found)
{
    struct hpt_run run;
    struct hpt_s_server server;
    const char *const trusts[] = {
        together("expired-first", HPT_LIST(expired_root.cert, root.cert)),
        together("expired-last", HPT_LIST(root.cert, expired_root.cert)),
    };

    serve(&server, &shown[WEB].leaf, shown[WEB].chain, "");
    for (int i = 0; i < HPT_COUNT(trusts); i++) {
        hpt_diag("trusting %s", trusts[i]);
        probe_page(&run, &server, trusts[i]);
        HPT_OK(hpt_is_healthy(&run, "http"));
    }
    probe_page(&run, &server, expired_root.cert);
    HPT_OK(hpt_is_down(&run, "http", "tls", NULL));
    HPT_OK(hpt_has_text(&run, "checks.http.error", "expired"));
    hpt_s_server_stop(&server);
}
END_TEST

START_TEST(an_authority_is_found_in_the_system_bundle)
{
    static const char bundle[] = "/etc/ssl/certs/ca-certificates.crt";
    struct hpt_run run;
    struct hpt_s_server server;

    serve(&server, &shown[WEB].leaf, shown[WEB].chain, "");
    probe_page(&run, &server, together("amid", HPT_LIST(bundle, root.cert, bundle)));
    HPT_OK(hpt_is_healthy(&run, "http"));
    hpt_s_server_stop(&server);
}
END_TEST

/* --- clients ---------------------------------------------------------------------------------- */

/* The format that OpenSSL wrote before version 3: "BEGIN RSA PRIVATE KEY". */
static const char *older(int client)
{
    const char *command = client == 0 ? "rsa" : "ec";

    return hpt_cert_key_as(clients[client].key, hpt_strf("older-%d", client),
                           client == 0 ? HPT_LIST(command, "-traditional") : HPT_LIST(command));
}

/* The same function reads those for http; libpq reads its own, see below. */
START_TEST(redis_gets_a_client_certificate)
{
    struct hpt_run run;
    struct hpt_redis redis;
    const char *const keys[] = {clients[0].key, clients[1].key, clients[2].key, older(0), older(1)};

    hpt_redis_create(
        &redis, &(struct hpt_redis_opts){
                    .tls = true,
                    .config = hpt_strf("tls-auth-clients yes\ntls-ca-cert-file %s\n", root.cert)});
    hpt_redis_start(&redis);
    for (int i = 0; i < HPT_COUNT(keys); i++) {
        hpt_diag("%s", keys[i]);
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("full", "--check", "redis", "--redis",
                           hpt_strf("rediss://localhost:%d", redis.tls_port), "--ca",
                           hpt_certs()->ca, "--redis-cert", clients[i % 3].cert, "--redis-key",
                           keys[i], "--timeout", "10s"));
        HPT_OK(hpt_is_healthy(&run, "redis"));
    }
    hpt_redis_stop(&redis);
}
END_TEST

/* --- Postgres --------------------------------------------------------------------------------- */

static void start_postgres(struct hpt_postgres *pg, int leaf, const char *hba)
{
    const char *file = shown[leaf].leaf.cert;

    if (shown[leaf].chain != NULL) {
        file = together("postgres-chain", HPT_LIST(file, shown[leaf].chain));
    }
    const char *const settings[] = {
        "ssl=on",
        hpt_strf("ssl_cert_file=%s", file),
        hpt_strf("ssl_key_file=%s", shown[leaf].leaf.key),
        hpt_strf("ssl_ca_file=%s", root.cert),
        NULL,
    };
    hpt_postgres_create(pg, &(struct hpt_postgres_opts){.settings = settings, .hba = hba});
    hpt_postgres_start(pg);
}

static const char *pg_url(const struct hpt_postgres *pg, const char *query)
{
    return hpt_strf("postgresql://app:%s@localhost:%d/app?sslmode=verify-full%s", HPT_PG_PASSWORD,
                    pg->port, query);
}

static void probe_pg(struct hpt_run *run, const char *target)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("ready", "--check", "database", "--database", target, "--ca", trusted,
                       "--timeout", "10s"));
}

static const int bound[] = {WEB, RSA, RSA_4096, RSA_PSS, PADDED, P384, P521};

/* The login is bound to a hash of the certificate; its signature determines which hash. */
START_TEST(a_login_is_bound_to_the_certificate)
{
    struct hpt_run run;
    struct hpt_postgres pg;

    hpt_diag("%s", leaves[bound[_i]].name);
    start_postgres(&pg, bound[_i], NULL);
    probe_pg(&run, pg_url(&pg, "&channel_binding=require"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_postgres_stop(&pg);
}
END_TEST

/* For a signature without a hash, Postgres has none to bind to and ends the login. */
START_TEST(a_login_works_where_binding_is_impossible)
{
    struct hpt_run run;
    struct hpt_postgres pg;

    start_postgres(&pg, ED25519, NULL);
    probe_pg(&run, pg_url(&pg, "&channel_binding=disable"));
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_postgres_stop(&pg);
}
END_TEST

static void probe_with_key(struct hpt_run *run, const struct hpt_postgres *pg, int client,
                           const char *key, const char *password)
{
    hpt_diag("%s, %s", key, password != NULL ? password : "no passphrase");
    probe_pg(run, pg_url(pg, hpt_strf("&sslcert=%s&sslkey=%s%s%s", clients[client].cert, key,
                                      password != NULL ? "&sslpassword=" : "",
                                      password != NULL ? password : "")));
}

START_TEST(postgres_gets_a_client_certificate)
{
    struct hpt_run run;
    struct hpt_postgres pg;

    start_postgres(&pg, WEB,
                   "local all postgres trust\nhostssl all all all cert clientcert=verify-full\n");
    for (int i = 0; i < HPT_COUNT(clients); i++) {
        const char *locked = hpt_cert_key_as(
            clients[i].key, hpt_strf("locked-%d", i),
            HPT_LIST("pkcs8", "-topk8", "-v2", i == 0 ? "aes-128-cbc" : "aes-256-cbc", "-v2prf",
                     i == 1 ? "hmacWithSHA512" : "hmacWithSHA256", "-passout", "pass:" PASSPHRASE));
        probe_with_key(&run, &pg, i, clients[i].key, NULL);
        HPT_OK(hpt_is_healthy(&run, "database"));
        probe_with_key(&run, &pg, i, locked, PASSPHRASE);
        HPT_OK(hpt_is_healthy(&run, "database"));
        probe_with_key(&run, &pg, i, locked, "not-" PASSPHRASE);
        HPT_OK(hpt_is_down(&run, "database", "tls", NULL));
        HPT_OK(hpt_has_text(&run, "checks.database.error", "private key"));
    }
    probe_with_key(&run, &pg, 0, older(0), NULL);
    HPT_OK(hpt_is_healthy(&run, "database"));
    const char *locked =
        hpt_cert_key_as(clients[0].key, "older-locked",
                        HPT_LIST("rsa", "-traditional", "-aes256", "-passout", "pass:" PASSPHRASE));
    probe_with_key(&run, &pg, 0, locked, PASSPHRASE);
    HPT_OK(hpt_is_healthy(&run, "database"));
    hpt_postgres_stop(&pg);
}
END_TEST

/* --- failures --------------------------------------------------------------------------------- */

/* All three kinds connect to the same server, each with its own library. */
static void probe_all(struct hpt_run *run, const char *host, int port, const char *ca)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("full", "--ca", ca, "--timeout", "10s", "--http",
                       hpt_strf("https://%s:%d/", host, port), "--database",
                       hpt_strf("postgresql://app@%s:%d/app?sslmode=verify-full"
                                "&sslnegotiation=direct",
                                host, port),
                       "--redis", hpt_strf("rediss://%s:%d", host, port)));
}

static const char *all_say(struct hpt_run *run, const char *http, const char *database,
                           const char *redis)
{
    static const char *const checks[] = {"http", "database", "redis"};
    const char *const said[] = {http, database, redis};

    for (int i = 0; i < 3; i++) {
        /* libcurl takes an alert after the handshake for a broken connection. */
        const char *problem = hpt_is_down(run, checks[i], i == 0 ? "tls|closed" : "tls", "*");
        if (problem == NULL) {
            problem = hpt_has_text(run, hpt_strf("checks.%s.error", checks[i]), said[i]);
        }
        if (problem != NULL) {
            return problem;
        }
    }
    return NULL;
}

/* In addition to the certificates above. */
enum { SELF_SIGNED = LEAVES, EXPIRED, ELSEWHERE, SHORT, SHA1 };

static struct hpt_cert bad_leaf(int which)
{
    const struct hpt_certs *certs = hpt_certs();

    switch (which) {
    case SELF_SIGNED:
        return hpt_cert_make(&(struct hpt_cert_opts){
            .name = "self-signed", .subject = "localhost", .algorithm = "ec:P-256"});
    case EXPIRED:
        return (struct hpt_cert){certs->expired_cert, certs->expired_key};
    case ELSEWHERE:
        return (struct hpt_cert){certs->wrong_cert, certs->wrong_key};
    case SHORT:
        return hpt_cert_make(&(struct hpt_cert_opts){
            .name = "short", .subject = "localhost", .algorithm = "rsa:1024", .issuer = &root});
    case SHA1:
        return hpt_cert_make(&(struct hpt_cert_opts){.name = "sha1",
                                                     .subject = "localhost",
                                                     .key = shown[RSA].leaf.key,
                                                     .issuer = &root,
                                                     .digest = "sha1"});
    default:
        return shown[which].leaf;
    }
}

#define TRUST "trust it with --%s-ca FILE"

static const struct {
    const char *title;
    int leaf;
    const char *options;
    const char *http;
    const char *database;
    const char *redis;
    const char *hint; /* with the kind for %s; "": none */
} refused[] = {
    {"self-signed", SELF_SIGNED, "", "self-signed certificate",
     "certificate verify failed: self-signed certificate",
     "certificate verify failed: self-signed certificate", TRUST},
    {"without the intermediate certificate", WEB, "", "unable to get local issuer certificate",
     "certificate verify failed: unable to get local issuer certificate",
     "certificate verify failed: unable to get local issuer certificate", TRUST},
    {"expired", EXPIRED, "", "certificate has expired",
     "certificate verify failed: certificate has expired",
     "certificate verify failed: certificate has expired", ""},
    {"for another host", ELSEWHERE, "-alpn postgresql,http/1.1", "hostname mismatch",
     "certificate verify failed: hostname mismatch", "certificate verify failed: hostname mismatch",
     "use the certificate's name in the URL"},
    {"a key that is too short", SHORT, "-cipher ALL:@SECLEVEL=0", "key too weak",
     "certificate verify failed: EE certificate key too weak",
     "certificate verify failed: EE certificate key too weak", ""},
    {"a signature with SHA-1", SHA1, "-cipher ALL:@SECLEVEL=0", "digest algorithm too weak",
     "certificate verify failed: CA signature digest algorithm",
     "certificate verify failed: CA signature digest algorithm", ""},
    {"no cipher in common", P384, "-tls1_2 -cipher AES128-GCM-SHA256", "alert handshake failure",
     "alert handshake failure", "alert handshake failure", ""},
    {"TLS 1.1 alone", RSA, "-tls1_1 -cipher ALL:@SECLEVEL=0", "alert protocol version",
     "alert protocol version", "alert protocol version", ""},
    {"a client without certificate, TLS 1.2", RSA, "-tls1_2 -Verify 2", "alert handshake failure",
     "alert handshake failure", "alert handshake failure", ""},
    {"a client without certificate, TLS 1.3", RSA, "-tls1_3 -Verify 2 -alpn postgresql,http/1.1",
     "alert certificate required", "alert certificate required", "alert certificate required", ""},
};

START_TEST(handshake_failures_are_explained)
{
    static const char *const kinds[] = {"http", "database", "redis"};
    struct hpt_run run;
    struct hpt_s_server server;
    struct hpt_cert leaf = bad_leaf(refused[_i].leaf);

    hpt_diag("%s", refused[_i].title);
    serve(&server, &leaf, NULL, refused[_i].options);
    probe_all(&run, "localhost", server.port, together("all", HPT_LIST(hpt_certs()->ca, trusted)));
    HPT_OK(all_say(&run, refused[_i].http, refused[_i].database, refused[_i].redis));
    for (int i = 0; i < HPT_COUNT(kinds); i++) {
        const char *path = hpt_strf("checks.%s.hint", kinds[i]);
        const char *hint = refused[_i].hint;
        HPT_OK(hint[0] == '\0'
                   ? hpt_is_text(&run, path, NULL)
                   : hpt_has_text(&run, path,
                                  strcmp(hint, TRUST) == 0 ? hpt_strf(TRUST, kinds[i]) : hint));
    }
    hpt_s_server_stop(&server);
}
END_TEST

/*
 * This server refuses any other name: every check must complete the handshake, whatever comes next.
 */
START_TEST(a_trailing_dot_is_not_sent)
{
    struct hpt_run run;
    struct hpt_s_server server;
    static const char *const checks[] = {"http", "database", "redis"};
    /* After the handshake libpq complains that this server chose no ALPN protocol. */
    static const char *const reasons[] = {NULL, "tls", "timeout|protocol|closed"};

    serve(&server, &shown[RSA].leaf, NULL,
          hpt_strf("-servername localhost -servername_fatal -cert2 %s -key2 %s -alpn "
                   "postgresql,http/1.1",
                   shown[RSA].leaf.cert, shown[RSA].leaf.key));
    const char *const targets[] = {
        hpt_strf("https://localhost.:%d/", server.port),
        hpt_strf("postgresql://app@localhost.:%d/app?sslmode=verify-full&sslnegotiation=direct",
                 server.port),
        hpt_strf("rediss://localhost.:%d", server.port),
    };
    for (int i = 0; i < HPT_COUNT(checks); i++) {
        hpt_probe(&run, HPT_NONE,
                  HPT_LIST("--check", checks[i], hpt_strf("--%s", checks[i]), targets[i], "--ca",
                           trusted, "--timeout", "1s"));
        HPT_OK(i == 0 ? hpt_is_healthy(&run, "http")
                      : hpt_is_down(&run, checks[i], reasons[i], "*"));
        if (i == 1)
            HPT_OK(hpt_has_text(&run, "checks.database.error", "without ALPN"));
    }
    hpt_s_server_stop(&server);
}
END_TEST

START_TEST(a_server_without_tls_is_explained)
{
    struct hpt_run run;
    struct hpt_peer peer;
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

    hpt_peer_start(&peer, answer, sizeof answer - 1, false, false);
    probe_all(&run, "127.0.0.1", peer.port, trusted);
    HPT_OK(all_say(&run, "wrong version number", "wrong version number", "wrong version number"));
}
END_TEST

START_TEST(without_tls_no_handshake_is_tried)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", "https://localhost:1/"));
    HPT_OK(hpt_is_config(&run, "TLS"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "handshake", 30);

    if (!hpt_probe_tls()) {
        tcase_add_test(tc, without_tls_no_handshake_is_tried);
        return;
    }
    tcase_add_loop_test(tc, a_server_with_a_single_algorithm_is_supported, 0,
                        HPT_COUNT(handshakes));
    tcase_add_test(tc, https_and_rediss_send_the_name_of_the_host);
    tcase_add_test(tc, a_cross_signed_root_is_trusted_through_either_authority);
    tcase_add_test(tc, the_signing_authority_is_found_among_namesakes);
    tcase_add_test(tc, the_valid_certificate_of_a_renewed_authority_is_found);
    tcase_add_test(tc, an_authority_is_found_in_the_system_bundle);
    tcase_add_test(tc, redis_gets_a_client_certificate);
    tcase_add_loop_test(tc, a_login_is_bound_to_the_certificate, 0, HPT_COUNT(bound));
    tcase_add_test(tc, a_login_works_where_binding_is_impossible);
    tcase_add_test(tc, postgres_gets_a_client_certificate);
    tcase_add_loop_test(tc, handshake_failures_are_explained, 0, HPT_COUNT(refused));
    tcase_add_test(tc, a_trailing_dot_is_not_sent);
    tcase_add_test(tc, a_server_without_tls_is_explained);
}

int main(void)
{
    return hpt_main("handshake", start, build, true);
}
