/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_IP_H
#define HEALTHPROBE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/** The address of a host, without a port. */
struct hp_ip {
    int family;              /* AF_INET or AF_INET6 */
    uint32_t zone;           /* of IPv6: an interface's index; 0: none */
    unsigned char bytes[16]; /* as in a packet; the first four for IPv4 */
};

/** The same with a port, as connect(2) takes it. */
struct hp_address {
    struct sockaddr_storage addr;
    socklen_t len;
};

/** Addresses of one name and family that are tried at most. */
#define HP_ADDRESSES_MAX 256

struct hp_ip_list {
    size_t n;
    struct hp_ip items[HP_ADDRESSES_MAX];
};

/**
 * Read a literal as getaddrinfo(3) of glibc does: IPv4 also as "127.1" or "0x7f000001", IPv6
 * with a zone. False: it is not one.
 */
bool hp_ip_parse(struct hp_ip *ret, const char *text);

/** Add an address of @family from its bytes in a packet; ignored where the list is full. */
void hp_ip_list_add(struct hp_ip_list *list, int family, const void *bytes);

void hp_ip_address(struct hp_address *ret, const struct hp_ip *ip, uint16_t port);

/** The literal of an address, with its zone. False: @address is not IP. */
bool hp_address_literal(const struct hp_address *address, char *ret, size_t ret_size);

#endif
