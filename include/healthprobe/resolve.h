/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RESOLVE_H
#define HEALTHPROBE_RESOLVE_H

#include <healthprobe/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct hp_address {
    struct sockaddr_storage addr;
    socklen_t len;
};

/** Addresses of one family that are tried at most: as many as musl gives (its MAXADDRS). */
#define HP_ADDRESSES_MAX 48

/**
 * The addresses of a name, one by one: A first, and AAAA asked only when those
 * are used up. So a name server that drops, refuses or fails the AAAA question
 * does not fail a host that has an A record.
 *
 * Literals are never looked up; "localhost" and "*.localhost" (RFC 6761, 6.3)
 * are both loopback addresses and need neither resolver nor hosts file.
 *
 * getaddrinfo(3) takes its time limits from resolv.conf alone: a lookup may
 * outlive any deadline, and whoever calls this must be able to be given up.
 */
struct hp_resolver {
    const char *host; /* borrowed */
    uint16_t port;
    int asked; /* families asked so far: 0, 1, 2 */
    size_t n;
    size_t next;
    bool found;       /* at least one address was given out */
    int error;        /* of getaddrinfo, the first that says something */
    int system_error; /* errno, where that is EAI_SYSTEM */
    struct hp_address addresses[HP_ADDRESSES_MAX];
};

/** Does @host mean this machine: localhost, a name below it, 127.0.0.0/8 or ::1? */
bool hp_host_is_loopback(const char *host);

void hp_resolver_init(struct hp_resolver *ret, const char *host, uint16_t port);

/** Would the next call of hp_resolver_next() look something up? */
bool hp_resolver_will_ask(const struct hp_resolver *resolver);

/**
 * The next address.
 *
 * @ret_candidates  this one, those behind it, and one more while AAAA has not
 *                  been asked: among so many the time left is to be shared
 * @return          false when there are no more; resolver->found tells whether
 *                  there were any, hp_resolver_error() why not
 */
bool hp_resolver_next(struct hp_resolver *resolver, struct hp_address *ret, size_t *ret_candidates);

/** HP_REASON_DNS, or HP_REASON_INTERNAL where we lacked descriptors or memory. */
enum hp_reason hp_resolver_reason(const struct hp_resolver *resolver);

/** Why no address was found. Static storage. */
const char *hp_resolver_error(const struct hp_resolver *resolver);

/** The address as a literal without port, as libpq's hostaddr takes it. False: not IP. */
bool hp_address_literal(const struct hp_address *address, char *ret, size_t ret_size);

#endif
