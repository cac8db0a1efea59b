/* SPDX-License-Identifier: MIT */
#ifndef TLS_BUNDLE_H
#define TLS_BUNDLE_H

#include <openssl/ssl.h>
#include <stdbool.h>

/**
 * Trust the certificates of a large file, but parse those alone that a handshake
 * asks for: a system's bundle then costs what one root costs.
 *
 * @fd      the file, from its start; the context's own if it is used
 * @return  false if the file is small, or not such that this is worth it or
 *          possible: it is then for OpenSSL to load whole, and to judge.
 */
bool tls_bundle_use(SSL_CTX *context, int fd);

#endif
