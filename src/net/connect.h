/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_CONNECT_H
#define HEALTHPROBE_CONNECT_H

#include <healthprobe/base/clock.h>

#include <sys/socket.h>

/**
 * Connect a non-blocking, close-on-exec socket of @type (SOCK_STREAM, SOCK_DGRAM).
 *
 * @ret_error  0, or the errno; ETIMEDOUT where nothing answered by the deadline
 * @return     the socket, which the caller owns; -1: @ret_error says why
 */
int hp_connect(int type, const struct sockaddr *addr, socklen_t len, struct hp_deadline deadline,
               int *ret_error);

#endif
