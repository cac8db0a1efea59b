// SPDX-License-Identifier: MIT
#include "certs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "proc.h"

static struct hpt_certs certs;
static const char *dir;

/*
 * An expired certificate needs both ends of the validity set, which in OpenSSL 3.0 only `openssl
 * ca` can do. The configuration is complete, so the machine's own has no effect.
 */
static const char config_text[] = "[req]\n"
                                  "distinguished_name = name\n"
                                  "prompt = no\n"
                                  "[name]\n"
                                  "CN = unused\n"
                                  "[ca]\n"
                                  "default_ca = authority\n"
                                  "[authority]\n"
                                  "new_certs_dir = .\n"
                                  "database = index.txt\n"
                                  "serial = serial.txt\n"
                                  "default_md = sha256\n"
                                  "policy = policy\n"
                                  "unique_subject = no\n"
                                  "default_crl_days = 30\n"
                                  "[policy]\n"
                                  "commonName = supplied\n"
                                  "[authority_cert]\n"
                                  "basicConstraints = critical, CA:TRUE\n"
                                  "keyUsage = critical, keyCertSign, cRLSign\n"
                                  "subjectKeyIdentifier = hash\n"
                                  "[intermediate]\n"
                                  "basicConstraints = critical, CA:TRUE\n"
                                  "keyUsage = critical, keyCertSign, cRLSign\n"
                                  "subjectKeyIdentifier = hash\n"
                                  "authorityKeyIdentifier = keyid\n"
                                  "[nameless]\n"
                                  "basicConstraints = CA:FALSE\n"
                                  "[localhost]\n"
                                  "basicConstraints = CA:FALSE\n"
                                  "subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1\n"
                                  "[elsewhere]\n"
                                  "basicConstraints = CA:FALSE\n"
                                  "subjectAltName = DNS:elsewhere.example\n";

static void openssl(const char *const *argv)
{
    struct hpt_spawn spawn = {
        .argv = argv,
        .cwd = dir,
        .envp = HPT_LIST("PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "OPENSSL_CONF=test.cnf"),
    };
    char *out = NULL;
    int status = hpt_proc_run(&spawn, 60000, &out);

    if (status != 0) {
        hpt_fail("openssl %s ended with %d: %s", argv[1], status, out != NULL ? out : "");
    }
}

static const char *in_dir(const char *name, const char *ending)
{
    return hpt_strf("%s/%s.%s", dir, name, ending);
}

static void give_key(const char *key)
{
    if (chmod(key, 0600) < 0) {
        hpt_fail("chmod %s", key);
    }
    hpt_give_to_server(key);
}

static const char *authority(const char *name)
{
    const char *cert = in_dir(name, "crt");

    openssl(HPT_LIST("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-config", "test.cnf",
                     "-extensions", "authority_cert", "-subj",
                     hpt_strf("/CN=healthprobe test authority %s", name), "-keyout",
                     in_dir(name, "key"), "-out", cert));
    return cert;
}

static void server(const char *name, const char *subject, const char *extensions, const char *from,
                   const char *until, const char **ret_cert, const char **ret_key)
{
    const char *request = in_dir(name, "csr");

    *ret_cert = in_dir(name, "crt");
    *ret_key = in_dir(name, "key");
    openssl(HPT_LIST("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-config", "test.cnf", "-subj", subject,
                     "-keyout", *ret_key, "-out", request));
    openssl(HPT_LIST("openssl", "ca", "-batch", "-notext", "-config", "test.cnf", "-extensions",
                     extensions, "-startdate", from, "-enddate", until, "-cert",
                     in_dir("ca", "crt"), "-keyfile", in_dir("ca", "key"), "-in", request, "-out",
                     *ret_cert));
    give_key(*ret_key);
}

static void make_directory(void)
{
    if (dir != NULL) {
        return;
    }
    dir = hpt_tmp_mkdir("certs", 0755);
    hpt_write_file(in_dir("test", "cnf"), config_text, 0644);
    hpt_write_file(in_dir("index", "txt"), "", 0644);
    hpt_write_file(in_dir("serial", "txt"), "1000\n", 0644);
}

static const char past[] = "20200101000000Z";
static const char soon_after[] = "20200201000000Z";
static const char future[] = "20500101000000Z";

const struct hpt_certs *hpt_certs(void)
{
    if (certs.ca != NULL) {
        return &certs;
    }
    make_directory();
    certs.ca = authority("ca");
    certs.other_ca = authority("other");
    server("server", "/CN=localhost", "localhost", past, future, &certs.server_cert,
           &certs.server_key);
    server("wrong", "/CN=elsewhere.example", "elsewhere", past, future, &certs.wrong_cert,
           &certs.wrong_key);
    server("expired", "/CN=localhost", "localhost", past, soon_after, &certs.expired_cert,
           &certs.expired_key);
    return &certs;
}

/* "rsa:2048" as the arguments of `openssl genpkey`. */
static void make_key(const char *algorithm, const char *file)
{
    const char *colon = strchr(algorithm, ':');
    const char *type =
        colon != NULL ? hpt_strf("%.*s", (int)(colon - algorithm), algorithm) : algorithm;

    if (colon == NULL) {
        openssl(HPT_LIST("openssl", "genpkey", "-algorithm", type, "-out", file));
    } else {
        const char *what = strcmp(type, "ec") == 0 ? "ec_paramgen_curve" : "rsa_keygen_bits";
        openssl(HPT_LIST("openssl", "genpkey", "-algorithm", type, "-pkeyopt",
                         hpt_strf("%s:%s", what, colon + 1), "-out", file));
    }
    give_key(file);
}

struct hpt_cert hpt_cert_make(const struct hpt_cert_opts *opts)
{
    struct hpt_cert made;
    const char *argv[32] = {"openssl", "req", "-x509",   "-new",
                            "-days",   "30",  "-config", "test.cnf"};
    size_t argc = 8;

    make_directory();
    made.cert = in_dir(opts->name, "crt");
    made.key = opts->key != NULL ? opts->key : in_dir(opts->name, "key");
    if (opts->key == NULL) {
        make_key(opts->algorithm, made.key);
    }
    const char *const common[] = {
        "-key",
        made.key,
        "-subj",
        hpt_strf("/CN=%s", opts->subject),
        "-out",
        made.cert,
        "-extensions",
        opts->names != NULL    ? "nameless"
        : !opts->authority     ? "localhost"
        : opts->issuer == NULL ? "authority_cert"
                               : "intermediate",
    };
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        argv[argc++] = common[i];
    }
    if (opts->issuer != NULL) {
        argv[argc++] = "-CA";
        argv[argc++] = opts->issuer->cert;
        argv[argc++] = "-CAkey";
        argv[argc++] = opts->issuer->key;
    }
    if (opts->names != NULL && opts->names[0] != '\0') {
        argv[argc++] = "-addext";
        argv[argc++] = hpt_strf("subjectAltName=%s", opts->names);
    }
    if (opts->digest != NULL) {
        argv[argc++] = hpt_strf("-%s", opts->digest);
    }
    if (opts->pss) {
        argv[argc++] = "-sigopt";
        argv[argc++] = "rsa_padding_mode:pss";
        argv[argc++] = "-sigopt";
        argv[argc++] = "rsa_pss_saltlen:digest";
    }
    openssl(argv);
    return made;
}

struct hpt_cert hpt_cert_before(const struct hpt_cert *authority, const char *subject)
{
    struct hpt_cert before = {.cert = hpt_strf("%s.before", authority->cert),
                              .key = authority->key};
    const char *request = hpt_strf("%s.csr", authority->cert);

    openssl(HPT_LIST("openssl", "req", "-new", "-config", "test.cnf", "-key", authority->key,
                     "-subj", hpt_strf("/CN=%s", subject), "-out", request));
    openssl(HPT_LIST("openssl", "ca", "-batch", "-notext", "-selfsign", "-config", "test.cnf",
                     "-extensions", "authority_cert", "-startdate", past, "-enddate", soon_after,
                     "-keyfile", authority->key, "-in", request, "-out", before.cert));
    return before;
}

const char *hpt_cert_crl(const char *name, const char *revoked)
{
    const char *list = in_dir(name, "crl");

    if (revoked != NULL) {
        openssl(HPT_LIST("openssl", "ca", "-config", "test.cnf", "-cert", in_dir("ca", "crt"),
                         "-keyfile", in_dir("ca", "key"), "-revoke", revoked));
    }
    openssl(HPT_LIST("openssl", "ca", "-config", "test.cnf", "-cert", in_dir("ca", "crt"),
                     "-keyfile", in_dir("ca", "key"), "-gencrl", "-out", list));
    return list;
}

const char *hpt_cert_key_as(const char *key, const char *name, const char *const *command)
{
    const char *argv[32] = {"openssl"};
    size_t argc = 1;
    const char *file = in_dir(name, "key");

    for (size_t i = 0; command[i] != NULL && argc < 26; i++) {
        argv[argc++] = command[i];
    }
    argv[argc++] = "-in";
    argv[argc++] = key;
    argv[argc++] = "-out";
    argv[argc++] = file;
    openssl(argv);
    give_key(file);
    return file;
}
