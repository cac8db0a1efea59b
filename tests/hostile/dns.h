/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_DNS_H
#define HOSTILE_DNS_H

#include "proc.h"

/**
 * A name server on port 53 of loopback, for a process in a box: it answers A and AAAA as told.
 */

enum dns_answer {
    DNS_ADDRESSES,
    DNS_EMPTY, /* the name exists, without such addresses */
    DNS_NXDOMAIN,
    DNS_SERVFAIL,
    DNS_REFUSED,
    DNS_FORMERR,      /* a header alone */
    DNS_FORMERR_FULL, /* with the question */
    DNS_SILENCE,
    DNS_GARBAGE,      /* bytes at random, with the right number */
    DNS_SHORT,        /* four bytes, fewer than a header has */
    DNS_WRONG_NUMBER, /* the answer to another question */
    DNS_LOOP,         /* a name that points at itself */
    DNS_COUNT_LIE,    /* a thousand answers announced, none there */
    DNS_LATE,         /* the addresses, after 250 ms */
    DNS_BY_TCP,       /* truncated, and all of it over TCP */
    DNS_TCP_STALLS,   /* truncated, and TCP connects but says nothing */
    DNS_TCP_DRIPS,    /* truncated, and over TCP a byte every 100 ms */
    DNS_CNAME_FLOOD,  /* aliases of aliases, as many as a packet holds */
    DNS_MANY,         /* forty addresses, the true ones last */
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
