/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HOSTS_FILE_H
#define HEALTHPROBE_HOSTS_FILE_H

#include <healthprobe/net/ip.h>

#include <stdio.h>

/**
 * Add the addresses of @family that a file as of hosts(5) has for @name, in any line and as any of
 * its names, as glibc finds them for AF_UNSPEC (nss/nss_files/files-hosts.c). False: out of memory.
 */
bool hp_hosts_find(struct hp_ip_list *ret, FILE *file, const char *name, int family);

#endif
