/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TLS_H
#define HEALTHPROBE_TLS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * TLS for those who need it. tls_openssl.c or tls_none.c stands behind it,
 * chosen by the build. The trust store is searched for here and nowhere else.
 */

/** Can this build do TLS at all? */
bool hp_tls_available(void);

/** "OpenSSL 3.5.7", or NULL without TLS. Starts nothing. */
const char *hp_tls_version(void);

/**
 * Notice from now on where OpenSSL gets no memory. To be called once, before
 * anything uses OpenSSL and before there are threads.
 */
void hp_tls_watch_memory(void);

/**
 * Did OpenSSL not get the memory that it asked for, whatever library it did so for? What fails from
 * then on may fail for that reason, whatever it says.
 */
bool hp_tls_starved(void);

/** The first of the usual system bundles that is there, or NULL. Static storage. */
const char *hp_tls_system_bundle(void);

/** Whom to trust, and who the peer has to be. Borrowed. */
struct hp_tls_settings {
    const char *server_name; /* host name or literal to verify, and SNI for a name; NULL: anybody */
    const char *ca_file;     /* NULL: the system's bundles */
    const char *crl_file;    /* a list of revocations, in PEM, that has to be there; NULL: none */
    bool has_crl;            /* lists of revocations are read, from this file or elsewhere */
    bool insecure;           /* verify neither chain nor name */
    const char *cert_file;   /* the client's own certificate, in PEM; NULL: none */
    const char *key_file;    /* its key; set where @cert_file is */
};

#define HP_TLS_ERROR_MAX 256

/** Why TLS failed. */
struct hp_tls_error {
    bool
        ours; /* this process lacks memory, descriptors or randomness; the peer has no part in it */
    char text[HP_TLS_ERROR_MAX];
};

/** What a step of a connection came to. */
enum hp_tls_step {
    HP_TLS_DONE,
    HP_TLS_WANT_READ,
    HP_TLS_WANT_WRITE,
    HP_TLS_CLOSED, /* the peer ended the connection, properly or by a reset */
    HP_TLS_FAILED  /* hp_tls_error() says why */
};

struct hp_tls;

/**
 * A client on a connected, non-blocking socket, which stays the caller's.
 *
 * @error   why it failed
 * @return  NULL without memory, or if the trust store can't be read
 */
struct hp_tls *hp_tls_new(int fd, const struct hp_tls_settings *settings,
                          struct hp_tls_error *error);
void hp_tls_free(struct hp_tls *tls);

enum hp_tls_step hp_tls_handshake(struct hp_tls *tls);
enum hp_tls_step hp_tls_read(struct hp_tls *tls, char *ret, size_t size, size_t *ret_len);
enum hp_tls_step hp_tls_write(struct hp_tls *tls, const char *bytes, size_t len, size_t *ret_len);

/** Say goodbye, if that can be done without waiting. */
void hp_tls_shutdown(struct hp_tls *tls);

/** Why the last step failed, in the library's words. Belongs to @tls. */
const struct hp_tls_error *hp_tls_error(const struct hp_tls *tls);

/**
 * Have a library's own SSL_CTX (CURLOPT_SSL_CTX_FUNCTION) verify as all kinds do:
 * a certificate of the CA file ends the chain, the name is one of those in the
 * certificate (its CN counts where it has no subjectAltName at all), an address
 * one of the addresses there. A dot at a name's end and a zone are no part of it.
 * The library has no more to do than to ask for a certificate.
 *
 * @error   why it failed
 */
bool hp_tls_verify(void *ssl_ctx, const struct hp_tls_settings *settings,
                   struct hp_tls_error *error);

/**
 * Load a client certificate and its key, in PEM, into a library's own SSL_CTX.
 * A key with a passphrase is refused: nobody is there to be asked. Fails like
 * hp_tls_verify().
 */
bool hp_tls_identify(void *ssl_ctx, const struct hp_tls_settings *settings,
                     struct hp_tls_error *error);

#endif
