/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TLS_BUNDLE_H
#define HEALTHPROBE_TLS_BUNDLE_H

#include <openssl/ssl.h>
#include <stdbool.h>

/**
 * Trust the certificates of a large file, but parse only those that a handshake asks for: a
 * system's bundle then costs as much as one root.
 *
 * @fd      the file, from its start; the context owns it on success
 * @return  false if the file is small or cannot be searched: OpenSSL has to load and judge all of
 * it
 */
bool hp_tls_bundle_use(SSL_CTX *context, int fd);

#endif
