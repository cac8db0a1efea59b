/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PEM_BUNDLE_H
#define HEALTHPROBE_PEM_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A file of many certificates in PEM, such as a system's bundle of 145, of which
 * a handshake needs one. Each is found by whom it is for, without being parsed by
 * OpenSSL: that takes 80 µs each.
 *
 * What is trusted is OpenSSL's to say. So this knows files alone of which it is
 * certain that OpenSSL takes each of their certificates and nothing else: as
 * programs write them, with comments in between.
 */

/** Where a certificate stands in the file. */
struct hp_pem_entry {
    size_t start;     /* of its BEGIN line */
    size_t len;       /* up to and with its END line */
    uint64_t subject; /* hp_pem_name_print() of its subject */
};

struct hp_pem_bundle {
    size_t n;
    struct hp_pem_entry *entries;
};

/**
 * Find the certificates in a file, which is read from where its descriptor
 * stands (at 0, or the places are not those in the file) to its end.
 *
 * @return   false without memory, and where the file can't be read or has
 *           anything in it that is not a plain certificate or a comment, each in
 *           its usual form: such a file is for OpenSSL to read, all of it.
 */
bool hp_pem_bundle_index(struct hp_pem_bundle *ret_bundle, int fd);
void hp_pem_bundle_release(struct hp_pem_bundle *bundle);

/**
 * A print of a name in DER. Names that X509_NAME_cmp() calls equal, which passes
 * over case, spaces, the kind of string and the order of a set's attributes, have
 * equal prints, if they have one; others may. 0, which no name's print is, for
 * bytes that are not a name, and for one with wide strings or other rare things.
 */
uint64_t hp_pem_name_print(const unsigned char *der, size_t len);

#endif
