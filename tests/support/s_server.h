// SPDX-License-Identifier: MIT
#ifndef HPT_S_SERVER_H
#define HPT_S_SERVER_H

#include "proc.h"

/**
 * OpenSSL's own server, whose options control each detail of a handshake. It answers a request with
 * a page about the connection, one connection after the other.
 */

struct hpt_s_server {
    struct hpt_proc proc;
    int port; /* on 127.0.0.1 alone */
};

/** Start it with these arguments of `openssl s_server`, and wait until it listens. */
void hpt_s_server_start(struct hpt_s_server *server, const char *const *args);

void hpt_s_server_stop(struct hpt_s_server *server);

#endif
