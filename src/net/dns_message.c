/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/dns_message.h>

#include <netinet/in.h>
#include <string.h>

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, TYPE_OPT = 41, CLASS_IN = 1 };

/* glibc's RESOLV_EDNS_BUFFER_SIZE, which fits into a packet on any path. */
#define EDNS_SIZE 1200

struct message {
    const unsigned char *bytes;
    size_t len;
};

/* A name as in a message, but uncompressed and in lower case. */
struct name {
    size_t len;
    unsigned char bytes[HP_DNS_NAME_SIZE];
};

struct record {
    struct name owner;
    unsigned type;
    unsigned class;
    size_t data; /* where it is in the message */
    size_t data_len;
};

static unsigned get_16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static unsigned char *put_16(unsigned char *at, unsigned value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
    return at + 2;
}

/* Returns where it ends; NULL: the name is not valid in a message. */
static unsigned char *put_name(unsigned char *at, const char *name)
{
    const unsigned char *end = at + HP_DNS_NAME_SIZE;

    while (*name != '\0') {
        size_t len = strcspn(name, ".");
        if (len == 0 || len > 63 || at + 1 + len + 1 > end)
            return NULL;
        *at++ = (unsigned char)len;
        memcpy(at, name, len);
        at += len;
        name += len;
        if (*name == '.')
            name++;
    }
    *at++ = 0;
    return at;
}

bool hp_dns_query_make(struct hp_dns_query *ret, const char *name, int family, uint16_t id,
                       bool edns0)
{
    unsigned char *at = ret->bytes;

    ret->family = family;
    at = put_16(at, id);
    at = put_16(at, 0x0100); /* recursion is desired */
    at = put_16(at, 1);
    at = put_16(at, 0);
    at = put_16(at, 0);
    at = put_16(at, edns0 ? 1 : 0);
    at = put_name(at, name);
    if (at == NULL || name[0] == '\0')
        return false;
    at = put_16(at, family == AF_INET ? TYPE_A : TYPE_AAAA);
    at = put_16(at, CLASS_IN);
    ret->question_len = (size_t)(at - ret->bytes);
    if (edns0) {
        *at++ = 0;
        at = put_16(at, TYPE_OPT);
        at = put_16(at, EDNS_SIZE);
        memset(at, 0, 6);
        at += 6;
    }
    ret->len = (size_t)(at - ret->bytes);
    return true;
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

/*
 * Read the name at @at. Returns where it ends; 0: it is malformed. Pointers that lead in a circle
 * run into one of the two limits.
 */
static size_t get_name(struct name *ret, const struct message *message, size_t at)
{
    size_t end = 0;
    int jumps = 0;

    ret->len = 0;
    while (at < message->len && jumps <= HP_DNS_NAME_SIZE) {
        size_t len = message->bytes[at];
        if (len > 63) {
            if (len < 0xc0 || at + 1 >= message->len)
                return 0;
            if (end == 0)
                end = at + 2;
            at = get_16(message->bytes + at) & 0x3fff;
            jumps++;
            continue;
        }
        if (at + 1 + len > message->len || ret->len + 1 + len > sizeof ret->bytes)
            return 0;
        /* The length byte too, which lower() leaves as it is. */
        for (size_t i = 0; i <= len; i++)
            ret->bytes[ret->len++] = lower(message->bytes[at + i]);
        at += 1 + len;
        if (len == 0)
            return end != 0 ? end : at;
    }
    return 0;
}

static bool is_same(const struct name *a, const struct name *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Where the next record begins; 0: it is malformed. */
static size_t get_record(struct record *ret, const struct message *message, size_t at)
{
    at = get_name(&ret->owner, message, at);
    if (at == 0 || at + 10 > message->len)
        return 0;
    ret->type = get_16(message->bytes + at);
    ret->class = get_16(message->bytes + at + 2);
    ret->data_len = get_16(message->bytes + at + 8);
    ret->data = at + 10;
    at = ret->data + ret->data_len;
    return at <= message->len ? at : 0;
}

/* Returns where the records begin, and the name asked for; 0: it answers another question. */
static size_t match_question(struct name *ret_name, const struct message *answer,
                             const struct hp_dns_query *query)
{
    const struct message question = {query->bytes, query->question_len};
    struct name asked;
    size_t asked_end = get_name(&asked, &question, HP_DNS_HEADER_SIZE);
    size_t end = get_name(ret_name, answer, HP_DNS_HEADER_SIZE);

    if (get_16(answer->bytes + 4) != 1 || end == 0 || end + 4 > answer->len ||
        !is_same(&asked, ret_name) || memcmp(answer->bytes + end, query->bytes + asked_end, 4) != 0)
        return 0;
    return end + 4;
}

/*
 * Follow the aliases from @name, in the order of the records, and add the addresses of where they
 * lead. As with glibc, an alias counts whatever name it belongs to.
 */
static enum hp_dns_kind read_records(struct hp_ip_list *ret, const struct message *message,
                                     size_t at, struct name *name, int family)
{
    unsigned type = family == AF_INET ? TYPE_A : TYPE_AAAA;
    size_t size = family == AF_INET ? 4 : 16;
    struct record record;

    for (unsigned left = get_16(message->bytes + 6); left > 0; left--) {
        at = get_record(&record, message, at);
        if (at == 0)
            return HP_DNS_MALFORMED;
        if (record.class != CLASS_IN)
            continue;
        if (record.type == TYPE_CNAME) {
            if (get_name(name, message, record.data) == 0)
                return HP_DNS_MALFORMED;
        } else if (record.type == type && record.data_len == size && is_same(&record.owner, name)) {
            hp_ip_list_add(ret, family, message->bytes + record.data);
        }
    }
    return ret->n > 0 ? HP_DNS_FOUND : HP_DNS_NO_ADDRESS;
}

static bool is_referral(const unsigned char *bytes)
{
    bool authoritative = (bytes[2] & 0x04) != 0;
    bool recursive = (bytes[3] & 0x80) != 0;

    return !authoritative && !recursive && get_16(bytes + 6) == 0 && get_16(bytes + 10) == 0;
}

/* Some servers leave the question out when they refuse, or when they don't know EDNS. */
static bool is_bare_error(const struct message *message, unsigned code)
{
    return message->len == HP_DNS_HEADER_SIZE && get_16(message->bytes + 4) == 0 &&
           (code == HP_DNS_FORMERR || code == HP_DNS_SERVFAIL || code == HP_DNS_NOTIMP ||
            code == HP_DNS_REFUSED);
}

static enum hp_dns_kind read_answer(struct hp_ip_list *ret, const struct hp_dns_query *query,
                                    const struct message *message, unsigned code, bool by_tcp)
{
    const unsigned char *bytes = message->bytes;
    struct name name;
    size_t records = 0;

    if (memcmp(bytes, query->bytes, 2) != 0 || (bytes[2] & 0x80) == 0)
        return HP_DNS_STRAY;
    if (is_bare_error(message, code))
        return HP_DNS_ERROR;
    records = match_question(&name, message, query);
    if (records == 0)
        return HP_DNS_STRAY;
    if (code != 0 && code != HP_DNS_NXDOMAIN)
        return HP_DNS_ERROR;
    if (code == 0 && is_referral(bytes))
        return HP_DNS_REFERRAL;
    if ((bytes[2] & 0x02) != 0 && !by_tcp)
        return HP_DNS_TRUNCATED;
    if (code == HP_DNS_NXDOMAIN)
        return HP_DNS_NO_NAME;
    if (get_16(bytes + 6) == 0)
        return HP_DNS_NO_DATA;
    return read_records(ret, message, records, &name, query->family);
}

struct hp_dns_result hp_dns_answer_read(struct hp_ip_list *ret, const struct hp_dns_query *query,
                                        const unsigned char *bytes, size_t len, bool by_tcp)
{
    const struct message message = {bytes, len};
    struct hp_dns_result result = {.kind = HP_DNS_MALFORMED};

    ret->n = 0;
    if (len < HP_DNS_HEADER_SIZE)
        return result;
    result.code = bytes[3] & 0x0f;
    result.bare = len == HP_DNS_HEADER_SIZE;
    result.kind = read_answer(ret, query, &message, (unsigned)result.code, by_tcp);
    if (result.kind != HP_DNS_FOUND)
        ret->n = 0;
    return result;
}

struct hp_dns_result hp_dns_more_telling(struct hp_dns_result first, struct hp_dns_result next)
{
    if (next.kind > first.kind)
        return next;
    if (next.kind == first.kind && next.code == first.code)
        first.servers |= next.servers;
    return first;
}
