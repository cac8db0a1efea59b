/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_CONNECT_H
#define HEALTHPROBE_CONNECT_H

#include <healthprobe/base/clock.h>

#include <sys/socket.h>

/**
 * A non-blocking, close-on-exec socket of @type (SOCK_STREAM, SOCK_DGRAM) that is connected.
 *
 * @ret_error  0, or the errno; ETIMEDOUT when there was no answer by the deadline
 * @return     the caller owns it; -1: @ret_error says why
 */
int hp_connect(int type, const struct sockaddr *addr, socklen_t len, struct hp_deadline deadline,
               int *ret_error);

#endif
