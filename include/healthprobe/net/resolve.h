/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RESOLVE_H
#define HEALTHPROBE_RESOLVE_H

#include <healthprobe/base/clock.h>
#include <healthprobe/base/error.h>
#include <healthprobe/net/dns_message.h>
#include <healthprobe/net/ip.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The addresses of a name, one by one: A first, and AAAA asked only when those
 * are used up. So a name server that drops, refuses or fails the AAAA question
 * does not fail a host that has an A record.
 *
 * Literals are never looked up; "localhost" and "*.localhost" (RFC 6761, 6.3)
 * are both loopback addresses and need neither resolver nor hosts file. All
 * other names are found in /etc/hosts, where an address of either family settles
 * both, or else by the servers of /etc/resolv.conf, as glibc finds them for
 * each family; what else glibc reads (nsswitch.conf, gai.conf, RES_OPTIONS) is
 * not read.
 */
struct hp_resolver {
    const char *host; /* borrowed */
    uint16_t port;
    struct hp_deadline deadline;
    atomic_uint *silent_servers; /* borrowed; NULL: nothing is known of them, nor kept */
    int asked;                   /* families asked so far: 0, 1, 2 */
    size_t next;
    bool found;                  /* at least one address was given out */
    struct hp_dns_result result; /* the more telling of both families' */
    char said[160];              /* what it means */
    struct hp_ip_list list;
};

/** Does @host mean this machine: localhost, a name below it, 127.0.0.0/8 or ::1? */
bool hp_host_is_loopback(const char *host);

/**
 * @deadline        until when name servers are asked
 * @silent_servers  which of them did not answer, shared by the checks of a run; may be NULL
 */
void hp_resolver_init(struct hp_resolver *ret, const char *host, uint16_t port,
                      struct hp_deadline deadline, atomic_uint *silent_servers);

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

/**
 * HP_REASON_TIMEOUT where name servers were silent, HP_REASON_INTERNAL where we lacked
 * descriptors, memory or random numbers, else HP_REASON_DNS.
 */
enum hp_reason hp_resolver_reason(const struct hp_resolver *resolver);

/** Why no address was found; borrowed from @resolver. */
const char *hp_resolver_error(const struct hp_resolver *resolver);

#endif
