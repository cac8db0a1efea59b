// SPDX-License-Identifier: MIT
#ifndef HPT_CERTS_H
#define HPT_CERTS_H

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

#endif
