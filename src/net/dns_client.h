/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DNS_CLIENT_H
#define HEALTHPROBE_DNS_CLIENT_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/clock.h>
#include <healthprobe/net/dns_message.h>

#include <stdatomic.h>

#include "resolv_conf.h"

/**
 * A client of name servers, by the rules of glibc (resolv/res_query.c, res_send.c): it asks one
 * server after the other, until one gives an answer other than SERVFAIL or REFUSED. It differs
 * where a deadline needs it: a server gets an equal share of the time left, at most what
 * resolv.conf allows, and a silent one is asked last from then on. REFUSED in one search domain
 * leads to the next domain, as SERVFAIL does.
 */
struct hp_dns_client {
    struct hp_resolv_conf conf;
    struct hp_deadline deadline;
    atomic_uint *silent; /* a bit for each server and family; shared by all checks of a run */
    unsigned char answer[HP_DNS_ANSWER_SIZE];
};

/** Ask for the addresses of @name itself, not of names in search domains. */
struct hp_dns_result hp_dns_ask(struct hp_dns_client *client, const char *name, int family,
                                struct hp_ip_list *ret);

/** Ask for the addresses of @host as it is and in the search domains, in the order of ndots. */
struct hp_dns_result hp_dns_search(struct hp_dns_client *client, const char *host, int family,
                                   struct hp_ip_list *ret);

/** Say in words what @result means, and about which servers. */
void hp_dns_describe(struct hp_buffer *ret, const struct hp_dns_result *result,
                     const struct hp_resolv_conf *conf);

#endif
