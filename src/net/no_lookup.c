/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/ip.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * In static executables these replace the C library's functions: libpq and libcurl get addresses,
 * and cannot look up a name. Without musl's resolver the executable is 13 KB smaller.
 */

struct literal {
    struct addrinfo info; /* first, since freeaddrinfo() gets its address */
    struct hp_address address;
};

int getaddrinfo(const char *restrict host, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict ret)
{
    struct literal *literal = NULL;
    struct hp_ip ip;
    char *end = NULL;
    unsigned long port = service != NULL ? strtoul(service, &end, 10) : 0;

    if (host == NULL || !hp_ip_parse(&ip, host))
        return EAI_NONAME;
    if (port > UINT16_MAX || (end != NULL && *end != '\0'))
        return EAI_SERVICE;
    literal = calloc(1, sizeof *literal);
    if (literal == NULL)
        return EAI_MEMORY;
    hp_ip_address(&literal->address, &ip, (uint16_t)port);
    literal->info = (struct addrinfo){
        .ai_family = ip.family,
        .ai_socktype = hints != NULL ? hints->ai_socktype : SOCK_STREAM,
        .ai_addrlen = literal->address.len,
        .ai_addr = (struct sockaddr *)&literal->address.addr,
    };
    *ret = &literal->info;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    free(info);
}

static in_port_t port_of(const struct sockaddr *addr)
{
    struct sockaddr_in in;

    /* Both families have the port in the same place. */
    memcpy(&in, addr, sizeof in);
    return ntohs(in.sin_port);
}

int getnameinfo(const struct sockaddr *restrict addr, socklen_t len, char *restrict host,
                socklen_t host_size, char *restrict service, socklen_t service_size, int flags)
{
    struct hp_address address = {.len = len};

    (void)flags;
    if (len > sizeof address.addr)
        return EAI_FAMILY;
    memcpy(&address.addr, addr, len);
    if (host != NULL && host_size > 0 && !hp_address_literal(&address, host, host_size))
        return EAI_FAMILY;
    if (service != NULL && service_size > 0)
        snprintf(service, service_size, "%u", port_of(addr));
    return 0;
}
