/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_CERTIFICATE_H
#define HEALTHPROBE_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

/**
 * Hash a name in DER. Names that X509_NAME_cmp() calls equal have the same hash, unless one of them
 * has none: it ignores case, spaces, the kind of string and the order of attributes within a set.
 * Other names may have the same hash, too.
 *
 * @return  0, which is no name's hash, for bytes that are not a name, and for a name with wide
 *          strings or anything else that is rare
 */
uint64_t hp_certificate_hash_name(const unsigned char *der, size_t len);

/**
 * Hash the subject of a certificate in DER.
 *
 * @return  0 where the subject has no hash, or the certificate has anything in it of which it is
 *          not certain that OpenSSL can parse it
 */
uint64_t hp_certificate_hash_subject(const unsigned char *der, size_t len);

#endif
