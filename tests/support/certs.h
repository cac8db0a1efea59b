// SPDX-License-Identifier: MIT
#ifndef HPT_CERTS_H
#define HPT_CERTS_H

#include <stdbool.h>

/**
 * Certificates for one run of a test program, made with the openssl command. Keys belong to the
 * servers' user, and only that user can read them.
 */

struct hpt_certs {
    const char *ca;          /* signed all the servers' certificates */
    const char *other_ca;    /* signed none of them */
    const char *server_cert; /* localhost, 127.0.0.1 and ::1 */
    const char *server_key;
    const char *wrong_cert; /* valid, but only for elsewhere.example */
    const char *wrong_key;
    const char *expired_cert; /* for localhost, expired years ago */
    const char *expired_key;
};

/** The certificates of this run; made by the first call, which should come before the runner. */
const struct hpt_certs *hpt_certs(void);

/* A certificate and its key, as files in PEM. */
struct hpt_cert {
    const char *cert;
    const char *key;
};

struct hpt_cert_opts {
    const char *name;      /* of the files; unique within a run */
    const char *subject;   /* the common name */
    const char *algorithm; /* of a new key: "rsa:2048", "rsa-pss:2048", "ec:P-256", "ed25519" */
    const char *key;       /* the file of an existing key, instead of @algorithm */
    const struct hpt_cert *issuer; /* NULL: signed by itself */
    const char *digest; /* of the signature, "sha384"; NULL if the issuer's key implies it */
    bool pss;           /* an RSA issuer signs with PSS */
    bool authority;     /* may sign others; otherwise it is for localhost, 127.0.0.1 and ::1 */
    const char *names;  /* "DNS:db, IP:127.0.0.1" instead of those; "": no subjectAltName */
};

/** Make a certificate; its key belongs to the servers' user, like those above. */
struct hpt_cert hpt_cert_make(const struct hpt_cert_opts *opts);

/** An authority's earlier certificate, expired years ago: the same key and name. */
struct hpt_cert hpt_cert_before(const struct hpt_cert *authority, const char *subject);

/**
 * Revoke a certificate of hpt_certs(), or none with NULL, and write the authority's list of revoked
 * certificates to a file in PEM.
 */
const char *hpt_cert_crl(const char *name, const char *revoked);

/** The key in another format: the arguments of `openssl pkey`, or of another command. */
const char *hpt_cert_key_as(const char *key, const char *name, const char *const *command);

#endif
