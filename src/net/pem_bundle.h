/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PEM_BUNDLE_H
#define HEALTHPROBE_PEM_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A file of many certificates in PEM, such as a system's bundle of 145, of which a handshake needs
 * one. It is found by its subject, and only then parsed by OpenSSL, which takes 80 µs each.
 *
 * OpenSSL decides what is trusted. So a file is indexed only if it is certain that OpenSSL takes
 * each of its certificates and nothing else: if it looks as programs write it, with comments
 * between certificates.
 */

/** Where a certificate is in the file. */
struct hp_pem_entry {
    size_t start;     /* of its BEGIN line */
    size_t len;       /* up to the end of its END line */
    uint64_t subject; /* hp_certificate_hash_subject() of it; not 0 */
};

struct hp_pem_bundle {
    size_t n;
    struct hp_pem_entry *entries;
};

/**
 * Find the certificates in a file, which is read to its end. The descriptor has to be at its start,
 * or the entries are not where they say.
 *
 * @return  false without memory, if the file can't be read, and if it holds anything but plain
 *          certificates and comments in their usual form: OpenSSL has to read it whole.
 */
bool hp_pem_bundle_index(struct hp_pem_bundle *ret_bundle, int fd);
void hp_pem_bundle_release(struct hp_pem_bundle *bundle);

#endif
