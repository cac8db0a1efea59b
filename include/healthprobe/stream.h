/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_STREAM_H
#define HEALTHPROBE_STREAM_H

#include <healthprobe/check.h>
#include <healthprobe/resolve.h>
#include <healthprobe/tls.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where to connect to: a socket's path, or a host and a port. Borrowed. */
struct hp_endpoint {
    const char *socket; /* NULL: TCP */
    const char *host;
    uint16_t port;
};

/**
 * Connect within the attempt's deadline, through the phases dns and connect.
 * Every address is tried; one that does not answer gives way to the next after
 * an equal share of the time left.
 *
 * @return  a non-blocking, close-on-exec socket that the caller owns; -1: the
 *          attempt has its verdict
 */
int hp_dial(struct hp_attempt *attempt, const struct hp_endpoint *endpoint);

/** A connection, with TLS or without. */
struct hp_stream {
    int fd;
    struct hp_tls *tls; /* NULL: plain */
};

/** Take over a connected socket. */
void hp_stream_init(struct hp_stream *ret, int fd);

/** Handshake within the deadline, as phase tls. False: the attempt has its verdict. */
bool hp_stream_start_tls(struct hp_stream *stream, const struct hp_tls_settings *settings,
                         struct hp_attempt *attempt);

/** Write all of it. False: the attempt has its verdict. */
bool hp_stream_write(struct hp_stream *stream, const char *bytes, size_t len,
                     struct hp_attempt *attempt);

/**
 * Read what there is, waiting for at least a byte.
 *
 * @return  bytes read; 0: the peer ended the connection; -1: the attempt has
 *          its verdict
 */
ssize_t hp_stream_read(struct hp_stream *stream, char *ret, size_t size,
                       struct hp_attempt *attempt);

/** Close it; fd -1 is passed over. */
void hp_stream_release(struct hp_stream *stream);

/** Wait for POLLIN or POLLOUT on @fd. False: out of time. */
bool hp_wait_for(int fd, short events, struct hp_deadline deadline);

#endif
