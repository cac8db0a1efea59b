/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_RESOLV_CONF_H
#define HEALTHPROBE_RESOLV_CONF_H

#include <healthprobe/net/ip.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define HP_NAME_SERVERS_MAX   3 /* as many as glibc and musl ask */
#define HP_SEARCH_DOMAINS_MAX 32
#define HP_SEARCH_SIZE        2048

enum hp_resolv_option {
    HP_RESOLV_ROTATE = 1,       /* do not always begin with the first server */
    HP_RESOLV_USE_VC = 2,       /* TCP only */
    HP_RESOLV_NO_AAAA = 4,      /* never ask for AAAA */
    HP_RESOLV_EDNS0 = 8,        /* accept answers of more than 512 bytes by UDP */
    HP_RESOLV_NO_TLD_QUERY = 16 /* look a name without a dot up in the domains only */
};

/** What resolv.conf(5) says, as glibc reads it (resolv/res_init.c). Holds no pointers. */
struct hp_resolv_conf {
    size_t n_servers; /* never 0: 127.0.0.1 where none is named */
    struct hp_ip servers[HP_NAME_SERVERS_MAX];
    size_t n_domains;
    char domains[HP_SEARCH_SIZE]; /* one after the other, each with its NUL */
    size_t domains_len;
    unsigned ndots;
    unsigned timeout; /* seconds */
    unsigned attempts;
    unsigned options; /* of enum hp_resolv_option */
};

/**
 * Read the file; NULL: it does not exist. If it names no domain, that of @hostname is searched.
 * False: out of memory.
 */
bool hp_resolv_conf_read(struct hp_resolv_conf *ret, FILE *file, const char *hostname);

#endif
