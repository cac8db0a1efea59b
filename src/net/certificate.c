/* SPDX-License-Identifier: MIT */
#include "certificate.h"

#include <healthprobe/base/utf8.h>

#include <stdbool.h>
#include <string.h>

/* Tags of DER. */
enum {
    BOOLEAN = 0x01,
    INTEGER = 0x02,
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    ASN_NULL = 0x05,
    OID = 0x06,
    UTF8_STRING = 0x0c,
    NUMERIC_STRING = 0x12,
    PRINTABLE_STRING = 0x13,
    T61_STRING = 0x14,
    IA5_STRING = 0x16,
    UTC_TIME = 0x17,
    GENERALIZED_TIME = 0x18,
    SEQUENCE = 0x30,
    SET = 0x31,
    VERSION = 0xa0,
    EXTENSIONS = 0xa3
};

struct der {
    const unsigned char *at;
    const unsigned char *end;
};

/* Take the next element: its tag and content. */
static bool der_next(struct der *in, unsigned char *ret_tag, struct der *ret_content)
{
    size_t left = (size_t)(in->end - in->at);
    size_t len, bytes = 0;

    if (left < 2)
        return false;
    *ret_tag = in->at[0];
    len = in->at[1];
    if (len >= 0x80) {
        bytes = len & 0x7f;
        if (bytes < 1 || bytes > 3 || left < 2 + bytes)
            return false;
        len = 0;
        for (size_t i = 0; i < bytes; i++)
            len = len << 8 | in->at[2 + i];
    }
    if (len > left - 2 - bytes)
        return false;
    ret_content->at = in->at + 2 + bytes;
    ret_content->end = ret_content->at + len;
    in->at = ret_content->end;
    return true;
}

static bool der_take(struct der *in, unsigned char tag, struct der *ret_content)
{
    unsigned char found;

    return der_next(in, &found, ret_content) && found == tag;
}

static size_t der_len(struct der in)
{
    return (size_t)(in.end - in.at);
}

static bool der_is_at(const struct der *in, unsigned char tag)
{
    return in->at < in->end && *in->at == tag;
}

/* FNV-1a, 64 bits. */
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* --- names ------------------------------------------------------------------------------------ */

/* What OpenSSL brings into one form before it compares: no wide strings, and only valid text. */
static bool is_text(unsigned char tag, struct der text)
{
    switch (tag) {
    case NUMERIC_STRING:
    case PRINTABLE_STRING:
    case T61_STRING:
    case IA5_STRING:
        return true;
    case UTF8_STRING:
        return hp_utf8_is_valid((const char *)text.at, der_len(text));
    default:
        return false;
    }
}

/* Hashes what all spellings of a text share: its ASCII, without spaces and without case. */
static uint64_t hash_text(struct der text)
{
    uint64_t hash = FNV_START;

    for (; text.at < text.end; text.at++)
        if (*text.at > ' ' && *text.at < 0x7f)
            hash = (hash ^ (*text.at | 0x20)) * FNV_PRIME;
    return hash;
}

static bool is_oid(struct der oid)
{
    bool begins = true;

    if (der_len(oid) == 0 || (oid.end[-1] & 0x80) != 0)
        return false;
    for (; oid.at < oid.end; oid.at++) {
        if (begins && *oid.at == 0x80)
            return false;
        begins = (*oid.at & 0x80) == 0;
    }
    return true;
}

/* An attribute is a type and a value. The sum of their hashes does not depend on their order. */
static bool add_set(uint64_t *hash, struct der set)
{
    struct der attribute, type, value;
    unsigned char tag;
    uint64_t sum = 0;

    do {
        if (!der_take(&set, SEQUENCE, &attribute) || !der_take(&attribute, OID, &type) ||
            !is_oid(type) || !der_next(&attribute, &tag, &value) || der_len(attribute) > 0 ||
            !is_text(tag, value))
            return false;
        sum += hash_text(value);
    } while (set.at < set.end);
    *hash = (*hash ^ sum) * FNV_PRIME;
    return true;
}

/* A name is a sequence of sets. */
uint64_t hp_certificate_hash_name(const unsigned char *der, size_t len)
{
    struct der in = {der, der + len}, name, set;
    uint64_t hash = FNV_START;

    if (!der_take(&in, SEQUENCE, &name))
        return 0;
    while (name.at < name.end)
        if (!der_take(&name, SET, &set) || !add_set(&hash, set))
            return 0;
    return hash | 1;
}

/* --- certificates ----------------------------------------------------------------------------- */

/*
 * One certificate that OpenSSL cannot parse makes it refuse the whole file. So each must have
 * everything that OpenSSL's parser asks for, and is refused here when in doubt.
 */

static bool is_integer(struct der number)
{
    size_t len = der_len(number);

    /* Padding is illegal; whether 0xff is padding depends on all that follows. */
    return len == 1 ||
           (len > 1 && number.at[0] != 0xff && (number.at[0] != 0 || (number.at[1] & 0x80) != 0));
}

static bool take_integer(struct der *in)
{
    struct der number;

    return der_take(in, INTEGER, &number) && is_integer(number);
}

/* A key or a signature: whole bytes. */
static bool take_bits(struct der *in)
{
    struct der bits;

    return der_take(in, BIT_STRING, &bits) && der_len(bits) > 1 && bits.at[0] == 0;
}

static bool is_parameter(unsigned char tag, struct der content)
{
    return tag == SEQUENCE || (tag == ASN_NULL && der_len(content) == 0) ||
           (tag == OID && is_oid(content));
}

static bool take_algorithm(struct der *in)
{
    struct der algorithm, part;
    unsigned char tag;

    return der_take(in, SEQUENCE, &algorithm) && der_take(&algorithm, OID, &part) && is_oid(part) &&
           (der_len(algorithm) == 0 || (der_next(&algorithm, &tag, &part) &&
                                        is_parameter(tag, part) && der_len(algorithm) == 0));
}

/* Take a name. A root's subject equals its issuer, @other, whose hash is kept. */
static bool take_name(struct der *in, struct der *ret_name, uint64_t *ret_hash,
                      const struct der *other)
{
    struct der content;

    ret_name->at = in->at;
    if (!der_take(in, SEQUENCE, &content))
        return false;
    ret_name->end = in->at;
    if (other == NULL || der_len(*other) != der_len(*ret_name) ||
        memcmp(other->at, ret_name->at, der_len(*other)) != 0)
        *ret_hash = hp_certificate_hash_name(ret_name->at, der_len(*ret_name));
    return *ret_hash != 0;
}

static bool take_time(struct der *in)
{
    struct der time;
    unsigned char tag;

    if (!der_next(in, &tag, &time))
        return false;
    return (tag == UTC_TIME && der_len(time) == strlen("YYMMDDhhmmssZ")) ||
           (tag == GENERALIZED_TIME && der_len(time) == strlen("YYYYMMDDhhmmssZ"));
}

static bool take_validity(struct der *in)
{
    struct der validity;

    return der_take(in, SEQUENCE, &validity) && take_time(&validity) && take_time(&validity) &&
           der_len(validity) == 0;
}

static bool take_key(struct der *in)
{
    struct der key;

    return der_take(in, SEQUENCE, &key) && take_algorithm(&key) && take_bits(&key) &&
           der_len(key) == 0;
}

static bool take_extension(struct der *in)
{
    struct der extension, part;

    if (!der_take(in, SEQUENCE, &extension) || !der_take(&extension, OID, &part) || !is_oid(part))
        return false;
    if (der_is_at(&extension, BOOLEAN) &&
        (!der_take(&extension, BOOLEAN, &part) || der_len(part) != 1))
        return false;
    return der_take(&extension, OCTET_STRING, &part) && der_len(extension) == 0;
}

static bool take_extensions(struct der *in)
{
    struct der explicit, extensions;

    if (der_len(*in) == 0)
        return true;
    if (!der_take(in, EXTENSIONS, &explicit) || !der_take(&explicit, SEQUENCE, &extensions) ||
        der_len(explicit) > 0)
        return false;
    do
        if (!take_extension(&extensions))
            return false;
    while (extensions.at < extensions.end);
    return der_len(*in) == 0;
}

static bool take_version(struct der *in)
{
    struct der version;

    return !der_is_at(in, VERSION) ||
           (der_take(in, VERSION, &version) && take_integer(&version) && der_len(version) == 0);
}

uint64_t hp_certificate_hash_subject(const unsigned char *der, size_t len)
{
    struct der in = {der, der + len}, whole, body, issuer, subject;
    uint64_t hash = 0;
    bool good = der_take(&in, SEQUENCE, &whole) && der_len(in) == 0 &&
                der_take(&whole, SEQUENCE, &body) && take_algorithm(&whole) && take_bits(&whole) &&
                der_len(whole) == 0;

    good = good && take_version(&body) && take_integer(&body) && take_algorithm(&body) &&
           take_name(&body, &issuer, &hash, NULL) && take_validity(&body) &&
           take_name(&body, &subject, &hash, &issuer) && take_key(&body) && take_extensions(&body);
    return good ? hash : 0;
}
