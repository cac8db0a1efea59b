/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/ip.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* glibc's inet_aton(3) ignores what follows a blank. */
static bool parse_v4(struct hp_ip *ret, const char *text)
{
    struct in_addr in;

    if (text[strspn(text, "0123456789abcdefABCDEFxX.")] != '\0' || inet_aton(text, &in) == 0)
        return false;
    *ret = (struct hp_ip){.family = AF_INET};
    memcpy(ret->bytes, &in, sizeof in);
    return true;
}

static bool parse_zone(uint32_t *ret, const char *zone)
{
    unsigned long number;
    char *end = NULL;

    *ret = if_nametoindex(zone);
    if (*ret != 0)
        return true;
    if (!isdigit((unsigned char)zone[0]))
        return false;
    number = strtoul(zone, &end, 10);
    *ret = (uint32_t)number;
    return *end == '\0' && number <= UINT32_MAX;
}

static bool parse_v6(struct hp_ip *ret, const char *text)
{
    char bare[INET6_ADDRSTRLEN];
    size_t len = strcspn(text, "%");

    *ret = (struct hp_ip){.family = AF_INET6};
    if (len >= sizeof bare)
        return false;
    memcpy(bare, text, len);
    bare[len] = '\0';
    return inet_pton(AF_INET6, bare, ret->bytes) == 1 &&
           (text[len] == '\0' || parse_zone(&ret->zone, text + len + 1));
}

bool hp_ip_parse(struct hp_ip *ret, const char *text)
{
    return parse_v4(ret, text) || parse_v6(ret, text);
}

void hp_ip_list_add(struct hp_ip_list *list, int family, const void *bytes)
{
    struct hp_ip *ip = &list->items[list->n];

    if (list->n == HP_ADDRESSES_MAX)
        return;
    list->n++;
    *ip = (struct hp_ip){.family = family};
    memcpy(ip->bytes, bytes, family == AF_INET ? 4 : 16);
}

void hp_ip_address(struct hp_address *ret, const struct hp_ip *ip, uint16_t port)
{
    memset(ret, 0, sizeof *ret);
    if (ip->family == AF_INET) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&in.sin_addr, ip->bytes, sizeof in.sin_addr);
        memcpy(&ret->addr, &in, sizeof in);
        ret->len = sizeof in;
    } else {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&in6.sin6_addr, ip->bytes, sizeof in6.sin6_addr);
        in6.sin6_scope_id = ip->zone;
        memcpy(&ret->addr, &in6, sizeof in6);
        ret->len = sizeof in6;
    }
}

static bool add_zone(char *ret, size_t size, uint32_t zone)
{
    char name[IF_NAMESIZE];
    size_t len = strlen(ret);
    int n = if_indextoname(zone, name) != NULL ? snprintf(ret + len, size - len, "%%%s", name)
                                               : snprintf(ret + len, size - len, "%%%u", zone);

    return n > 0 && (size_t)n < size - len;
}

bool hp_address_literal(const struct hp_address *address, char *ret, size_t ret_size)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    switch (address->addr.ss_family) {
    case AF_INET:
        memcpy(&in, &address->addr, sizeof in);
        return inet_ntop(AF_INET, &in.sin_addr, ret, (socklen_t)ret_size) != NULL;
    case AF_INET6:
        memcpy(&in6, &address->addr, sizeof in6);
        return inet_ntop(AF_INET6, &in6.sin6_addr, ret, (socklen_t)ret_size) != NULL &&
               (in6.sin6_scope_id == 0 || add_zone(ret, ret_size, in6.sin6_scope_id));
    default:
        return false;
    }
}
