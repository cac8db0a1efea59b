/* SPDX-License-Identifier: MIT */
#include <healthprobe/resolve.h>

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const int families[] = {AF_INET, AF_INET6};

#define N_FAMILIES ((int)(sizeof families / sizeof families[0]))

void hp_resolver_init(struct hp_resolver *ret, const char *host, uint16_t port)
{
    memset(ret, 0, sizeof *ret);
    ret->host = host;
    ret->port = port;
}

static bool is_localhost(const char *host)
{
    static const char name[] = "localhost";
    size_t len = strlen(host);
    size_t name_len = sizeof name - 1;

    if (len > 0 && host[len - 1] == '.')
        len--;
    if (len < name_len || strncasecmp(host + len - name_len, name, name_len) != 0)
        return false;
    return len == name_len || host[len - name_len - 1] == '.';
}

bool hp_host_is_loopback(const char *host)
{
    struct in_addr in;

    return is_localhost(host) || strcmp(host, "::1") == 0 ||
           (inet_pton(AF_INET, host, &in) == 1 && ntohl(in.s_addr) >> 24 == IN_LOOPBACKNET);
}

static void add_loopback(struct hp_resolver *resolver, int family)
{
    struct hp_address *address = &resolver->addresses[resolver->n++];

    memset(address, 0, sizeof *address);
    if (family == AF_INET) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(resolver->port)};
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        memcpy(&address->addr, &in, sizeof in);
        address->len = sizeof in;
    } else {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(resolver->port)};
        in6.sin6_addr = in6addr_loopback;
        memcpy(&address->addr, &in6, sizeof in6);
        address->len = sizeof in6;
    }
}

static int look_up(struct hp_resolver *resolver, int family, int flags)
{
    struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    char port[8];
    int error;

    hints.ai_flags = flags | AI_NUMERICSERV;
    snprintf(port, sizeof port, "%u", resolver->port);
    error = getaddrinfo(resolver->host, port, &hints, &list);
    if (error != 0)
        return error;
    for (struct addrinfo *info = list; info != NULL && resolver->n < HP_ADDRESSES_MAX;
         info = info->ai_next) {
        struct hp_address *address = &resolver->addresses[resolver->n];
        if (info->ai_addrlen > sizeof address->addr)
            continue;
        memset(address, 0, sizeof *address);
        memcpy(&address->addr, info->ai_addr, info->ai_addrlen);
        address->len = info->ai_addrlen;
        resolver->n++;
    }
    freeaddrinfo(list);
    return 0;
}

static bool is_literal(const char *host)
{
    struct in_addr v4;

    return strchr(host, ':') != NULL || inet_pton(AF_INET, host, &v4) == 1;
}

/* "No such name" for AAAA says less than what went wrong with A. */
static void remember(struct hp_resolver *resolver, int error)
{
    int system_error = errno;

    if (error == 0 || (resolver->error != 0 && resolver->error != EAI_NONAME))
        return;
    resolver->error = error;
    resolver->system_error = error == EAI_SYSTEM ? system_error : 0;
}

static void ask_next_family(struct hp_resolver *resolver)
{
    int family = families[resolver->asked++];

    resolver->n = 0;
    resolver->next = 0;
    if (is_literal(resolver->host)) {
        resolver->asked = N_FAMILIES;
        remember(resolver, look_up(resolver, AF_UNSPEC, AI_NUMERICHOST));
    } else if (is_localhost(resolver->host)) {
        add_loopback(resolver, family);
    } else {
        remember(resolver, look_up(resolver, family, 0));
    }
}

static bool is_used_up(const struct hp_resolver *resolver)
{
    return resolver->next == resolver->n && resolver->asked < N_FAMILIES;
}

bool hp_resolver_will_ask(const struct hp_resolver *resolver)
{
    return is_used_up(resolver) && !is_literal(resolver->host) && !is_localhost(resolver->host);
}

bool hp_resolver_next(struct hp_resolver *resolver, struct hp_address *ret, size_t *ret_candidates)
{
    while (is_used_up(resolver))
        ask_next_family(resolver);
    if (resolver->next == resolver->n)
        return false;
    *ret_candidates = resolver->n - resolver->next + (resolver->asked < N_FAMILIES ? 1 : 0);
    *ret = resolver->addresses[resolver->next++];
    resolver->found = true;
    return true;
}

enum hp_reason hp_resolver_reason(const struct hp_resolver *resolver)
{
    if (resolver->error == EAI_MEMORY ||
        (resolver->system_error != 0 &&
         hp_reason_of_errno(resolver->system_error) == HP_REASON_INTERNAL))
        return HP_REASON_INTERNAL;
    return HP_REASON_DNS;
}

const char *hp_resolver_error(const struct hp_resolver *resolver)
{
    if (resolver->system_error != 0)
        return strerror(resolver->system_error);
    return resolver->error != 0 ? gai_strerror(resolver->error) : "the name has no address";
}

bool hp_address_literal(const struct hp_address *address, char *ret, size_t ret_size)
{
    /* Not inet_ntop(3): a link-local address needs its zone. */
    const struct sockaddr *addr = (const struct sockaddr *)&address->addr;

    if (addr->sa_family != AF_INET && addr->sa_family != AF_INET6)
        return false;
    return getnameinfo(addr, address->len, ret, (socklen_t)ret_size, NULL, 0, NI_NUMERICHOST) == 0;
}
