/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_DER_H
#define HEALTHPROBE_TESTS_DER_H

#include <check.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "net/certificate.h"

/* DER for the tests: an element of less than 64 KiB around bytes. */
struct der {
    unsigned char bytes[8192];
    size_t len;
};

static inline void put(struct der *der, unsigned char tag, const void *bytes, size_t len)
{
    unsigned char *at = der->bytes + der->len;

    ck_assert_uint_lt(der->len + len + 4, sizeof der->bytes);
    *at++ = tag;
    if (len < 0x80) {
        *at++ = (unsigned char)len;
    } else {
        *at++ = 0x82;
        *at++ = (unsigned char)(len >> 8);
        *at++ = (unsigned char)len;
    }
    memcpy(at, bytes, len);
    der->len = (size_t)(at + len - der->bytes);
}

/* A name of one attribute: a common name, in that kind of string. */
static inline struct der name_of(unsigned char kind, const char *text, size_t len)
{
    struct der attribute = {.len = 0}, set = {.len = 0}, sets = {.len = 0}, name = {.len = 0};

    put(&attribute, 0x06, "\x55\x04\x03", 3);
    put(&attribute, kind, text, len);
    put(&set, 0x30, attribute.bytes, attribute.len);
    put(&sets, 0x31, set.bytes, set.len);
    put(&name, 0x30, sets.bytes, sets.len);
    return name;
}

static inline uint64_t hash_of(unsigned char kind, const char *text, size_t len)
{
    struct der name = name_of(kind, text, len);

    return hp_certificate_hash_name(name.bytes, name.len);
}

#endif
