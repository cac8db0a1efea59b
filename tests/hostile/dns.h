/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_DNS_H
#define HOSTILE_DNS_H

#include "proc.h"

/**
 * A name server on port 53 of loopback, for a process in a box. It answers A and AAAA as specified.
 */

enum dns_answer {
    DNS_ADDRESSES,
    DNS_EMPTY, /* the name exists, but has no such address */
    DNS_NXDOMAIN,
    DNS_SERVFAIL,
    DNS_REFUSED,
    DNS_FORMERR,      /* only a header */
    DNS_FORMERR_FULL, /* with the question */
    DNS_SILENCE,
    DNS_GARBAGE,      /* random bytes after the right id */
    DNS_SHORT,        /* four bytes, less than a header */
    DNS_WRONG_NUMBER, /* an answer with another id */
    DNS_LOOP,         /* a name that points at itself */
    DNS_COUNT_LIE,    /* a thousand answers announced, none sent */
    DNS_LATE,         /* the addresses, after 250 ms */
    DNS_BY_TCP,       /* truncated, complete over TCP */
    DNS_TCP_STALLS,   /* truncated, silent over TCP */
    DNS_TCP_DRIPS,    /* truncated, over TCP a byte every 100 ms */
    DNS_CNAME_FLOOD,  /* aliases of aliases, as many as a packet holds */
    DNS_MANY,         /* forty addresses, the working ones last */
};

struct dns_spec {
    enum dns_answer a;
    enum dns_answer aaaa;
    const char *a_addresses[4];    /* NULL-ended */
    const char *aaaa_addresses[4]; /* NULL-ended */
    const char *only;              /* the one name that exists; NULL: every name does */
    const char *at;                /* NULL: 127.0.0.1 */
};

void dns_start(struct hpt_proc *proc, const struct dns_spec *spec);

#endif
