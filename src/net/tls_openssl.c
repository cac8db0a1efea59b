/* SPDX-License-Identifier: MIT */
#include "tls_bundle.h"

#include <healthprobe/base/error.h>
#include <healthprobe/net/tls.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hp_tls {
    SSL_CTX *context;
    SSL *ssl;
    struct hp_tls_error error;
};

/*
 * Of the process: what one thread could not set up, such as an algorithm, is missing for the
 * others, to which OpenSSL says that it is not supported.
 */
static atomic_bool starved;

bool hp_tls_available(void)
{
    return true;
}

const char *hp_tls_version(void)
{
    return "OpenSSL " OPENSSL_FULL_VERSION_STR;
}

/* --- memory ----------------------------------------------------------------------------------- */

static void *notice(void *memory, size_t size)
{
    if (memory == NULL && size > 0)
        starved = true;
    return memory;
}

static void *watched_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return notice(malloc(size), size);
}

static void *watched_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return notice(realloc(old, size), size);
}

static void watched_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

/*
 * After a handshake that ran out of memory, OpenSSL, libcurl and libpq report whatever failed last,
 * such as a certificate that does not verify.
 */
void hp_tls_watch_memory(void)
{
    CRYPTO_set_mem_functions(watched_malloc, watched_realloc, watched_free);
}

bool hp_tls_starved(void)
{
    return starved;
}

/* --- errors ----------------------------------------------------------------------------------- */

static bool say(struct hp_tls_error *error, const char *text)
{
    error->ours = starved;
    snprintf(error->text, sizeof error->text, "%s", starved ? "out of memory" : text);
    ERR_clear_error();
    return false;
}

static bool say_errno(struct hp_tls_error *error, const char *what, int number)
{
    snprintf(error->text, sizeof error->text, "%s: %s", what, strerror(number));
    error->ours = hp_errno_is_shortage(number);
    return false;
}

/* OpenSSL could not load one of our files, perhaps for lack of a descriptor. */
static bool say_file(struct hp_tls_error *error, const char *text)
{
    unsigned long code;

    while ((code = ERR_get_error()) != 0)
        if (ERR_SYSTEM_ERROR(code) && hp_errno_is_shortage(ERR_GET_REASON(code)))
            return say_errno(error, "cannot open the file", ERR_GET_REASON(code));
    return say(error, text);
}

/* OpenSSL's words for the error, or its number. */
static void describe_error(struct hp_tls_error *error)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);
    char text[HP_TLS_ERROR_MAX] = "TLS";

    if (reason != NULL)
        snprintf(text, sizeof text, "TLS: %s", reason);
    else if (code != 0)
        snprintf(text, sizeof text, "TLS: OpenSSL error %08lX", code);
    say(error, text);
}

/* --- whom to trust ---------------------------------------------------------------------------- */

/* Debian and Alpine, Fedora, openSUSE, older RHEL, newer RHEL, BSD and others. */
const char *const hp_tls_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    NULL,
};

const char *hp_tls_system_bundle(void)
{
    for (const char *const *bundle = hp_tls_bundles; *bundle != NULL; bundle++)
        if (access(*bundle, R_OK) == 0)
            return *bundle;
    return NULL;
}

static bool trust(SSL_CTX *context, const struct hp_tls_settings *settings,
                  struct hp_tls_error *error)
{
    const char *path = settings->ca_file != NULL ? settings->ca_file : hp_tls_system_bundle();
    int fd;

    if (path == NULL)
        return say(error, HP_TLS_NO_BUNDLE);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return say_errno(error, "cannot open the certificates to trust", errno);
    /* A list's file may hold certificates, too, which would be found before the bundle's. */
    if (!settings->has_crl && hp_tls_bundle_use(context, fd))
        return true;
    close(fd);
    return SSL_CTX_load_verify_file(context, path) == 1 ||
           say_file(error, "the file to trust holds no certificate in PEM");
}

/*
 * libpq loads the same file into the same store, too, but goes on without one that it cannot read.
 */
static bool load_crl(SSL_CTX *context, const char *path, struct hp_tls_error *error)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);

    if (X509_STORE_load_file(store, path) != 1)
        return say_file(error, "the file of sslcrl holds no list of revocations");
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    return true;
}

/* --- who the peer has to be ------------------------------------------------------------------- */

/* A host's name as in certificates and SNI. */
struct peer {
    bool is_address;
    char name[TLSEXT_MAXLEN_host_name + 1];
};

/* A name without the dot at its end, an address without its zone. */
static bool name_peer(struct peer *ret, const char *host)
{
    struct in6_addr binary;
    size_t len = strcspn(host, strchr(host, ':') != NULL ? "%" : "");

    len -= len > 0 && host[len - 1] == '.';
    /* To OpenSSL, an empty name means any host, one with a dot in front any host below it. */
    if (len == 0 || host[0] == '.' || len >= sizeof ret->name)
        return false;
    memcpy(ret->name, host, len);
    ret->name[len] = '\0';
    ret->is_address =
        inet_pton(AF_INET, ret->name, &binary) == 1 || inet_pton(AF_INET6, ret->name, &binary) == 1;
    return true;
}

/*
 * By itself OpenSSL uses the CN where the subjectAltName has no host name, but only addresses, say.
 * The result is in the store. Errors on the way are taken off the queue, where they would be
 * mistaken for the reason: a missing file for a broken connection.
 */
static int verify(X509_STORE_CTX *store, void *data)
{
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    int result;

    (void)data;
    if (X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0)
        X509_VERIFY_PARAM_set_hostflags(X509_STORE_CTX_get0_param(store),
                                        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                            X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    ERR_set_mark();
    result = X509_verify_cert(store);
    ERR_pop_to_mark();
    return result;
}

static bool expect(X509_VERIFY_PARAM *param, const char *host, struct hp_tls_error *error)
{
    struct peer peer;

    if (!name_peer(&peer, host))
        return say(error, "the host's name is none that a certificate could have");
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (peer.is_address ? X509_VERIFY_PARAM_set1_ip_asc(param, peer.name) == 1
                        : X509_VERIFY_PARAM_set1_host(param, peer.name, 0) == 1)
        return true;
    return say(error, "the host's name cannot be verified");
}

bool hp_tls_verify(void *ssl_ctx, const struct hp_tls_settings *settings,
                   struct hp_tls_error *error)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ssl_ctx);

    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_cert_verify_callback(ssl_ctx, verify, NULL);
    return trust(ssl_ctx, settings, error) &&
           (settings->crl_file == NULL || load_crl(ssl_ctx, settings->crl_file, error)) &&
           (settings->server_name == NULL || expect(param, settings->server_name, error));
}

/* --- who we are ------------------------------------------------------------------------------- */

/* OpenSSL's default asks on the terminal. */
static int no_passphrase(char *ret, int size, int writing, void *data)
{
    (void)ret;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

bool hp_tls_identify(void *ssl_ctx, const struct hp_tls_settings *settings,
                     struct hp_tls_error *error)
{
    SSL_CTX_set_default_passwd_cb(ssl_ctx, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(ssl_ctx, settings->cert_file) != 1)
        return say_file(error, "the client certificate's file holds none in PEM");
    if (SSL_CTX_use_PrivateKey_file(ssl_ctx, settings->key_file, SSL_FILETYPE_PEM) == 1)
        return true;
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
        return say(error, "the key is not the client certificate's");
    return say_file(error, "the client key's file holds none in PEM that needs no passphrase");
}

/* --- a connection ----------------------------------------------------------------------------- */

static bool set_sni(SSL *ssl, const char *host)
{
    struct peer peer;

    return !name_peer(&peer, host) || peer.is_address ||
           SSL_set_tlsext_host_name(ssl, peer.name) == 1;
}

static bool set_up(struct hp_tls *tls, int fd, const struct hp_tls_settings *settings,
                   struct hp_tls_error *error)
{
    /* Apart from files, only memory and randomness can be missing. */
    *error = (struct hp_tls_error){.ours = true, .text = "TLS cannot be set up"};
    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->context == NULL)
        return false;
    SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
    if (!settings->insecure && !hp_tls_verify(tls->context, settings, error))
        return false;
    if (settings->cert_file != NULL && !hp_tls_identify(tls->context, settings, error))
        return false;
    SSL_CTX_set_verify(tls->context, settings->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    tls->ssl = SSL_new(tls->context);
    return tls->ssl != NULL && set_sni(tls->ssl, settings->server_name) &&
           SSL_set_fd(tls->ssl, fd) == 1;
}

struct hp_tls *hp_tls_new(int fd, const struct hp_tls_settings *settings,
                          struct hp_tls_error *error)
{
    struct hp_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL) {
        *error = (struct hp_tls_error){.ours = true, .text = "out of memory"};
        return NULL;
    }
    if (set_up(tls, fd, settings, error))
        return tls;
    hp_tls_free(tls);
    return NULL;
}

void hp_tls_free(struct hp_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    free(tls);
}

static enum hp_tls_step failed(struct hp_tls *tls)
{
    long result = SSL_get_verify_result(tls->ssl);
    char text[HP_TLS_ERROR_MAX];

    if (result != X509_V_OK && SSL_get_verify_mode(tls->ssl) != SSL_VERIFY_NONE) {
        snprintf(text, sizeof text, "certificate verify failed: %s",
                 X509_verify_cert_error_string(result));
        say(&tls->error, text);
    } else {
        describe_error(&tls->error);
    }
    return HP_TLS_FAILED;
}

static enum hp_tls_step step_of(struct hp_tls *tls, int ret)
{
    switch (SSL_get_error(tls->ssl, ret)) {
    case SSL_ERROR_NONE:
        return HP_TLS_DONE;
    case SSL_ERROR_WANT_READ:
        return HP_TLS_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return HP_TLS_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
    case SSL_ERROR_SYSCALL:
        ERR_clear_error();
        return HP_TLS_CLOSED;
    case SSL_ERROR_SSL:
        if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
            ERR_clear_error();
            return HP_TLS_CLOSED;
        }
        return failed(tls);
    default:
        return failed(tls);
    }
}

enum hp_tls_step hp_tls_handshake(struct hp_tls *tls)
{
    ERR_clear_error();
    return step_of(tls, SSL_connect(tls->ssl));
}

enum hp_tls_step hp_tls_read(struct hp_tls *tls, char *ret, size_t size, size_t *ret_len)
{
    ERR_clear_error();
    return step_of(tls, SSL_read_ex(tls->ssl, ret, size, ret_len));
}

enum hp_tls_step hp_tls_write(struct hp_tls *tls, const char *bytes, size_t len, size_t *ret_len)
{
    ERR_clear_error();
    return step_of(tls, SSL_write_ex(tls->ssl, bytes, len, ret_len));
}

void hp_tls_shutdown(struct hp_tls *tls)
{
    SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

const struct hp_tls_error *hp_tls_error(const struct hp_tls *tls)
{
    return &tls->error;
}
