/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DNS_MESSAGE_H
#define HEALTHPROBE_DNS_MESSAGE_H

#include <healthprobe/net/ip.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The result of a question, the least telling first: of two results, the later one is reported. */
enum hp_dns_kind {
    HP_DNS_UNASKED = 0,
    HP_DNS_BAD_NAME,    /* no valid question can be made of the name */
    HP_DNS_NO_NAME,     /* NXDOMAIN */
    HP_DNS_NO_DATA,     /* the name exists, without such an address */
    HP_DNS_NO_ADDRESS,  /* the name is an alias that leads to no address */
    HP_DNS_UNREACHABLE, /* nothing listens there, or no route leads there */
    HP_DNS_SILENT,
    HP_DNS_MALFORMED, /* the answer can't be read */
    HP_DNS_REFERRAL,  /* neither an answer nor an error */
    HP_DNS_ERROR,     /* code says which */
    HP_DNS_INTERNAL,  /* out of descriptors, memory or randomness; code is the errno */
    HP_DNS_FOUND,
    HP_DNS_STRAY,     /* not an answer to this question */
    HP_DNS_TRUNCATED, /* ask again by TCP */
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
    bool bare;        /* a header alone; a FORMERR like that leads to the next server */
    unsigned servers; /* a bit for each server it came from, by its place in resolv.conf */
};

#define HP_DNS_HEADER_SIZE 12
#define HP_DNS_NAME_SIZE   255 /* as in a packet */
#define HP_DNS_ANSWER_SIZE 65535

/** A question, as it is sent. */
struct hp_dns_query {
    int family; /* of the addresses that are requested */
    size_t question_len;
    size_t len;
    unsigned char bytes[HP_DNS_HEADER_SIZE + HP_DNS_NAME_SIZE + 4 + 11];
};

/**
 * @edns0   offer to take an answer of up to 1200 bytes by UDP, as glibc does
 * @return  false: @name or one of its labels is empty or too long
 */
bool hp_dns_query_make(struct hp_dns_query *ret, const char *name, int family, uint16_t id,
                       bool edns0);

/**
 * Read an answer to @query as glibc does (resolv/res_send.c, resolv/nss_dns/dns-host.c) and add
 * its addresses to @ret.
 *
 * @by_tcp  it is complete, even if it says that it is truncated
 */
struct hp_dns_result hp_dns_answer_read(struct hp_ip_list *ret, const struct hp_dns_query *query,
                                        const unsigned char *bytes, size_t len, bool by_tcp);

/** The more telling of two results; if they are the same, the first, with the servers of both. */
struct hp_dns_result hp_dns_more_telling(struct hp_dns_result first, struct hp_dns_result next);

#endif
