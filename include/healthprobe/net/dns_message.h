/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DNS_MESSAGE_H
#define HEALTHPROBE_DNS_MESSAGE_H

#include <healthprobe/net/ip.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What came of a question, the less telling first: of two, the later one is reported. */
enum hp_dns_kind {
    HP_DNS_UNASKED = 0,
    HP_DNS_BAD_NAME,    /* not a name that can be asked for */
    HP_DNS_NO_NAME,     /* NXDOMAIN */
    HP_DNS_NO_DATA,     /* the name exists, without such an address */
    HP_DNS_NO_ADDRESS,  /* the same, told by an answer: an alias that leads nowhere */
    HP_DNS_UNREACHABLE, /* no server there, or no way to it */
    HP_DNS_SILENT,
    HP_DNS_MALFORMED, /* what was answered can't be read */
    HP_DNS_REFERRAL,  /* neither an answer nor an error */
    HP_DNS_ERROR,     /* code says which */
    HP_DNS_INTERNAL,  /* a lack of our own; code is the errno */
    HP_DNS_FOUND,
    HP_DNS_STRAY,     /* not an answer to this question */
    HP_DNS_TRUNCATED, /* has to be asked for by TCP */
};

/** RFC 1035 (4.1.1) and RFC 2136 (2.2). */
enum hp_dns_code {
    HP_DNS_FORMERR = 1,
    HP_DNS_SERVFAIL = 2,
    HP_DNS_NXDOMAIN = 3,
    HP_DNS_NOTIMP = 4,
    HP_DNS_REFUSED = 5
};

struct hp_dns_result {
    enum hp_dns_kind kind;
    int code;
    bool bare; /* an error without the question; a FORMERR so short leads to the next server */
    unsigned servers; /* a bit for each that this holds for, by its place in resolv.conf */
};

#define HP_DNS_HEADER_SIZE 12
#define HP_DNS_NAME_SIZE   255 /* as in a packet */
#define HP_DNS_ANSWER_SIZE 65535

/** A question, as it is sent. */
struct hp_dns_query {
    int family; /* of the addresses that are asked for */
    size_t question_len;
    size_t len;
    unsigned char bytes[HP_DNS_HEADER_SIZE + HP_DNS_NAME_SIZE + 4 + 11];
};

/**
 * @edns0   offer to take an answer of up to 1200 bytes by UDP, as glibc does
 * @return  false: a label of @name, or all of it, is empty or too long
 */
bool hp_dns_query_make(struct hp_dns_query *ret, const char *name, int family, uint16_t id,
                       bool edns0);

/**
 * Read an answer to @query as glibc does (resolv/res_send.c, resolv/nss_dns/dns-host.c) and add
 * its addresses to @ret.
 *
 * @by_tcp  it came whole, whatever it says itself
 */
struct hp_dns_result hp_dns_answer_read(struct hp_ip_list *ret, const struct hp_dns_query *query,
                                        const unsigned char *bytes, size_t len, bool by_tcp);

#endif
