/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DIAL_H
#define HEALTHPROBE_DIAL_H

#include <healthprobe/base/attempt.h>
#include <healthprobe/net/resolve.h>

#include <stdint.h>

/** Where to connect to: a socket's path, or a host and a port. Borrowed. */
struct hp_endpoint {
    const char *socket; /* NULL: TCP */
    const char *host;
    uint16_t port;
};

/**
 * Connect within the attempt's deadline, through the phases dns and connect. Each address is tried
 * in turn, for an equal share of the time left.
 *
 * @return  a non-blocking, close-on-exec socket that the caller owns; -1: the
 *          attempt has its verdict
 */
int hp_dial(struct hp_attempt *attempt, const struct hp_endpoint *endpoint);

/** Decide @attempt: @host refused the connection. */
void hp_dial_refused(struct hp_attempt *attempt, const char *host, uint16_t port);

/** Give @attempt its verdict where a name has no address, in the phase of its lookup. */
void hp_dial_unresolved(struct hp_attempt *attempt, const struct hp_resolver *resolver);

#endif
