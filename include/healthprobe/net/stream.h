/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_STREAM_H
#define HEALTHPROBE_STREAM_H

#include <healthprobe/base/attempt.h>
#include <healthprobe/net/tls.h>

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/** A connection, with or without TLS. */
struct hp_stream {
    int fd;
    struct hp_tls *tls; /* NULL: plain */
};

/** Take ownership of a connected socket. */
void hp_stream_init(struct hp_stream *ret, int fd);

/** Handshake within the deadline, as phase tls. False: the attempt has its verdict. */
bool hp_stream_start_tls(struct hp_stream *stream, const struct hp_tls_settings *settings,
                         struct hp_attempt *attempt);

/** Write all @len bytes. False: the attempt has its verdict. */
bool hp_stream_write(struct hp_stream *stream, const char *bytes, size_t len,
                     struct hp_attempt *attempt);

/**
 * Read what has come, after waiting for at least one byte.
 *
 * @return  bytes read; 0: the peer ended the connection; -1: the attempt has
 *          its verdict
 */
ssize_t hp_stream_read(struct hp_stream *stream, char *ret, size_t size,
                       struct hp_attempt *attempt);

/** Close it, unless its fd is -1. */
void hp_stream_release(struct hp_stream *stream);

/** Wait for POLLIN or POLLOUT on @fd. False: out of time. */
bool hp_poll(int fd, short events, struct hp_deadline deadline);

#endif
