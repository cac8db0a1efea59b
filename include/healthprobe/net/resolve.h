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
 * The addresses of a name, one by one: first A; AAAA is asked only when those are used up. So a
 * name server that drops, refuses or fails the question for AAAA does no harm to a host with an A
 * record.
 *
 * Literals are not looked up. "localhost" and "*.localhost" (RFC 6761, 6.3) are the loopback
 * addresses, without a resolver or hosts file. Any other name is looked up in /etc/hosts, where an
 * address of one family is enough, or else by the servers of /etc/resolv.conf, as glibc does for
 * each family. Whatever else glibc reads (nsswitch.conf, gai.conf, RES_OPTIONS) is not read.
 */
struct hp_resolver {
    const char *host; /* borrowed */
    uint16_t port;
    struct hp_deadline deadline;
    atomic_uint *silent_servers; /* borrowed; NULL: not known, and not remembered */
    int asked;                   /* families asked so far: 0, 1, 2 */
    size_t next;
    bool found;                  /* hp_resolver_next() has returned an address */
    struct hp_dns_result result; /* the more telling one of both families */
    char said[160];              /* it in words */
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
 * @ret_candidates  how many share the time left: this one, those after it, and one more while AAAA
 *                  has not been asked
 * @return          false when there are no more; resolver->found says whether there were any,
 *                  hp_resolver_error() why not
 */
bool hp_resolver_next(struct hp_resolver *resolver, struct hp_address *ret, size_t *ret_candidates);

/**
 * HP_REASON_TIMEOUT if name servers were silent, HP_REASON_INTERNAL if this process was out of
 * descriptors, memory or randomness, else HP_REASON_DNS.
 */
enum hp_reason hp_resolver_reason(const struct hp_resolver *resolver);

/** Why no address was found; borrowed from @resolver. */
const char *hp_resolver_error(const struct hp_resolver *resolver);

#endif
