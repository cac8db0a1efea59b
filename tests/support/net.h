// SPDX-License-Identifier: MIT
#ifndef HPT_NET_H
#define HPT_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "proc.h"

/** Ports on loopback, and a minimal client to see whether a server answers. */

bool hpt_net_have_ipv6(void);

/**
 * A port that is currently free on both loopback addresses. Another process may take it before the
 * server does: then try again with another.
 */
int hpt_net_free_port(void);

/** A port that refuses connections as long as the process lives: bound but not listening. */
int hpt_net_refusing_port(void);

/** A port that accepts connections and never answers. */
int hpt_net_silent_port(void);

/**
 * A port with a full backlog: the SYN is dropped, and connecting takes until the caller's limit.
 */
int hpt_net_deaf_port(void);

/** A Unix socket that accepts connections and never answers. */
void hpt_net_silent_socket(const char *path);

/** Connect within @limit_ms; -1 with errno set on failure. @host is a numeric address. */
int hpt_net_connect(const char *host, int port, int limit_ms);
int hpt_net_connect_unix(const char *path);

/**
 * Send a request and read the first bytes of the answer: the number read, 0 at the end, -1 on
 * failure.
 */
ssize_t hpt_net_ask(int fd, const void *request, size_t len, void *ret_reply, size_t size,
                    int limit_ms);

/**
 * A simple peer: for each client it accepts, reads once (unless @answer_first), sends fixed bytes
 * and closes the connection.
 *
 * @linger  keep the connection open after the bytes, until the client closes it
 * @return  its port
 */
struct hpt_peer {
    struct hpt_proc proc;
    int port;
};

void hpt_peer_start(struct hpt_peer *peer, const void *bytes, size_t len, bool answer_first,
                    bool linger);

#endif
