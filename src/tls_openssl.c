/* SPDX-License-Identifier: MIT */
#include "tls_bundle.h"

#include <healthprobe/tls.h>

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hp_tls {
    SSL_CTX *context;
    SSL *ssl;
    char error[HP_TLS_ERROR_MAX];
};

bool hp_tls_available(void)
{
    return true;
}

const char *hp_tls_version(void)
{
    return "OpenSSL " OPENSSL_FULL_VERSION_STR;
}

const char *hp_tls_system_bundle(void)
{
    /* Debian and Alpine, Fedora, openSUSE, older RHEL, newer RHEL, BSD and others. */
    static const char *const bundles[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };

    for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
        if (access(bundles[i], R_OK) == 0)
            return bundles[i];
    return NULL;
}

/* OpenSSL's reason where it has one, else its number. */
static void describe_error(char *ret, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);

    if (reason != NULL)
        snprintf(ret, HP_TLS_ERROR_MAX, "%s: %s", what, reason);
    else if (code != 0)
        snprintf(ret, HP_TLS_ERROR_MAX, "%s: OpenSSL error %08lX", what, code);
    else
        snprintf(ret, HP_TLS_ERROR_MAX, "%s", what);
    ERR_clear_error();
}

bool hp_tls_trust(void *ssl_ctx, const char *ca_file, char *error)
{
    const char *path = ca_file != NULL ? ca_file : hp_tls_system_bundle();

    if (path == NULL) {
        snprintf(error, HP_TLS_ERROR_MAX,
                 "no certificates to trust: this system has no bundle; name one with --ca");
        return false;
    }
    if (access(path, R_OK) != 0) {
        snprintf(error, HP_TLS_ERROR_MAX, "cannot open the certificates to trust: %s",
                 strerror(errno));
        return false;
    }
    if (tls_bundle_use(ssl_ctx, path) || SSL_CTX_load_verify_file(ssl_ctx, path) == 1)
        return true;
    ERR_clear_error();
    snprintf(error, HP_TLS_ERROR_MAX, "the file to trust holds no certificate in PEM");
    return false;
}

/* OpenSSL's own asks the terminal. */
static int no_passphrase(char *ret, int size, int writing, void *data)
{
    (void)ret;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

bool hp_tls_identify(void *ssl_ctx, const char *cert_file, const char *key_file, char *error)
{
    SSL_CTX_set_default_passwd_cb(ssl_ctx, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(ssl_ctx, cert_file) != 1) {
        snprintf(error, HP_TLS_ERROR_MAX, "the client certificate's file holds none in PEM");
    } else if (SSL_CTX_use_PrivateKey_file(ssl_ctx, key_file, SSL_FILETYPE_PEM) == 1) {
        return true;
    } else if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
        snprintf(error, HP_TLS_ERROR_MAX, "the key is not the client certificate's");
    } else {
        snprintf(error, HP_TLS_ERROR_MAX,
                 "the client key's file holds none in PEM that needs no passphrase");
    }
    ERR_clear_error();
    return false;
}

/* The name is verified against the certificate, and sent as SNI unless it is a literal. */
static bool set_peer_name(SSL *ssl, const char *name, bool insecure)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
    struct in6_addr binary;
    char sni[TLSEXT_MAXLEN_host_name + 1]; /* OpenSSL's macro takes no const */
    bool literal =
        inet_pton(AF_INET, name, &binary) == 1 || inet_pton(AF_INET6, name, &binary) == 1;

    snprintf(sni, sizeof sni, "%s", name);
    if (!literal && SSL_set_tlsext_host_name(ssl, sni) != 1)
        return false;
    if (insecure)
        return true;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (literal)
        return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
    return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1;
}

static bool set_up(struct hp_tls *tls, int fd, const struct hp_tls_settings *settings, char *error)
{
    snprintf(error, HP_TLS_ERROR_MAX, "TLS cannot be set up");
    tls->context = SSL_CTX_new(TLS_client_method());
    if (tls->context == NULL)
        return false;
    SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
    if (!settings->insecure && !hp_tls_trust(tls->context, settings->ca_file, error))
        return false;
    if (settings->cert_file != NULL &&
        !hp_tls_identify(tls->context, settings->cert_file, settings->key_file, error))
        return false;
    SSL_CTX_set_verify(tls->context, settings->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    tls->ssl = SSL_new(tls->context);
    return tls->ssl != NULL && set_peer_name(tls->ssl, settings->server_name, settings->insecure) &&
           SSL_set_fd(tls->ssl, fd) == 1;
}

struct hp_tls *hp_tls_new(int fd, const struct hp_tls_settings *settings, char *error)
{
    struct hp_tls *tls = calloc(1, sizeof *tls);

    if (tls == NULL) {
        snprintf(error, HP_TLS_ERROR_MAX, "out of memory");
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
    long verify = SSL_get_verify_result(tls->ssl);

    if (verify != X509_V_OK && SSL_get_verify_mode(tls->ssl) != SSL_VERIFY_NONE) {
        snprintf(tls->error, sizeof tls->error, "certificate verify failed: %s",
                 X509_verify_cert_error_string(verify));
        ERR_clear_error();
    } else {
        describe_error(tls->error, "TLS");
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

const char *hp_tls_error(const struct hp_tls *tls)
{
    return tls->error;
}
