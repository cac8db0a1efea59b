/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_CERTIFICATE_H
#define HEALTHPROBE_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

/**
 * Hash a name in DER. The hash ignores case, spaces, the kind of string and the order of attributes
 * within a set, so names that X509_NAME_cmp() finds equal have equal hashes, unless one of them
 * has no hash. Different names may have equal hashes, too.
 *
 * @return  never 0 for a name that was hashed; 0 if the bytes are not a name, or if the name has
 *          wide strings or anything else that is rare
 */
uint64_t hp_certificate_hash_name(const unsigned char *der, size_t len);

/**
 * Hash the subject of a certificate in DER.
 *
 * @return  0 if the subject has no hash, or if OpenSSL might not be able to parse the certificate
 */
uint64_t hp_certificate_hash_subject(const unsigned char *der, size_t len);

#endif
