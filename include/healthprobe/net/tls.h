/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TLS_H
#define HEALTHPROBE_TLS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * TLS, by tls_openssl.c or tls_none.c: the build chooses. Only this module looks for the system's
 * certificates.
 */

/** Can this build do TLS at all? */
bool hp_tls_available(void);

/** "OpenSSL 3.5.7", or NULL without TLS. Does not initialize the library. */
const char *hp_tls_version(void);

/**
 * Watch from now on whether OpenSSL runs out of memory. To be called once, before anything uses
 * OpenSSL and before there are threads.
 */
void hp_tls_watch_memory(void);

/**
 * Has OpenSSL run out of memory, whichever library used it? Whatever fails from then on may fail
 * for that reason, even if it reports another.
 */
bool hp_tls_starved(void);

/** The usual system bundles, in the order in which they are looked for. NULL-terminated. */
extern const char *const hp_tls_bundles[];

/** The first of them that exists, or NULL. Static storage. */
const char *hp_tls_system_bundle(void);

/** The error where no CA file was found and none was given. */
#define HP_TLS_NO_BUNDLE "no certificates to trust: this system has no bundle; name one with --ca"

/** Whom to trust, and who the peer has to be. Borrowed. */
struct hp_tls_settings {
    const char *server_name; /* host name or literal to verify, and SNI for a name; NULL: anybody */
    const char *ca_file;     /* NULL: the system's bundles */
    const char *crl_file;    /* a list of revocations, in PEM, which must exist; NULL: none */
    bool has_crl;            /* lists of revocations are read, from this file or elsewhere */
    bool insecure;           /* verify neither chain nor name */
    const char *cert_file;   /* the client's own certificate, in PEM; NULL: none */
    const char *key_file;    /* its key; set where @cert_file is */
};

#define HP_TLS_ERROR_MAX 256

/** Why TLS failed. */
struct hp_tls_error {
    bool ours; /* this process is out of memory, descriptors or randomness: not the peer's fault */
    char text[HP_TLS_ERROR_MAX];
};

/** How a step of a connection ended. */
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
 * @error   set on failure
 * @return  NULL without memory, or if a file can't be read
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
 * Make a library's own SSL_CTX (CURLOPT_SSL_CTX_FUNCTION) verify peers as all kinds do: the chain
 * ends in a certificate of the CA file, and the host's name is in the certificate (its CN counts if
 * it has no subjectAltName at all), or its address is. A dot at the end of a name and a zone are
 * ignored. The library only has to require a certificate.
 *
 * @error   set on failure
 */
bool hp_tls_verify(void *ssl_ctx, const struct hp_tls_settings *settings,
                   struct hp_tls_error *error);

/**
 * Load a client certificate and its key, in PEM, into a library's own SSL_CTX. A key with a
 * passphrase is refused, since nobody is there to type it.
 *
 * @error   set on failure
 */
bool hp_tls_identify(void *ssl_ctx, const struct hp_tls_settings *settings,
                     struct hp_tls_error *error);

#endif
