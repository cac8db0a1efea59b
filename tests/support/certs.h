// SPDX-License-Identifier: MIT
#ifndef HPT_CERTS_H
#define HPT_CERTS_H

#include <stdbool.h>

/**
 * Certificates for one run of a test program, made with the openssl command. Keys belong to the
 * servers' user and are readable by it alone.
 */

struct hpt_certs {
    const char *ca;          /* who signed all the servers' certificates */
    const char *other_ca;    /* signed none of them */
    const char *server_cert; /* localhost, 127.0.0.1 and ::1 */
    const char *server_key;
    const char *wrong_cert; /* valid, but for elsewhere.example */
    const char *wrong_key;
    const char *expired_cert; /* localhost again, until years ago */
    const char *expired_key;
};

/** The certificates of this run; made at the first call, which should come before the runner. */
const struct hpt_certs *hpt_certs(void);

/* A certificate and its key, as files in PEM. */
struct hpt_cert {
    const char *cert;
    const char *key;
};

struct hpt_cert_opts {
    const char *name;      /* of the files; unique in a run */
    const char *subject;   /* the common name */
    const char *algorithm; /* of a new key: "rsa:2048", "rsa-pss:2048", "ec:P-256", "ed25519" */
    const char *key;       /* the file of a key that there is already, in place of @algorithm */
    const struct hpt_cert *issuer; /* NULL: signed by itself */
    const char *digest; /* of the signature, "sha384"; NULL where the issuer's has its own */
    bool pss;           /* an RSA issuer signs with PSS */
    bool authority;     /* may sign others; else it is for localhost, 127.0.0.1 and ::1 */
    const char *names;  /* "DNS:db, IP:127.0.0.1" in place of those; "": no subjectAltName at all */
};

/** Make a certificate; its key belongs to the servers' user, as those above. */
struct hpt_cert hpt_cert_make(const struct hpt_cert_opts *opts);

/** An authority's certificate as it was until years ago: the same key and name. */
struct hpt_cert hpt_cert_before(const struct hpt_cert *authority, const char *subject);

/** What the authority of hpt_certs() has revoked so far, and one of its servers' certificates with
 * it, which may be NULL: a file in PEM. */
const char *hpt_cert_crl(const char *name, const char *revoked);

/** The key once more, in another form: the arguments of `openssl pkey`, or of another command. */
const char *hpt_cert_key_as(const char *key, const char *name, const char *const *command);

#endif
