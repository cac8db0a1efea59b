// SPDX-License-Identifier: MIT
#ifndef HPT_NAME_SERVER_H
#define HPT_NAME_SERVER_H

#include "proc.h"

/**
 * Real name servers on port 53 of addresses of loopback, for a process that has a network of its
 * own: NSD answers what its zones hold, NXDOMAIN for what they do not hold, REFUSED for other
 * zones, and SERVFAIL for a zone whose file is missing. dnsmasq answers as a small recursive server
 * does.
 */

struct hpt_zone {
    const char *name;
    const char *records; /* below the SOA record; NULL: the file is missing */
};

/** @addresses and @zones end in NULL, and in a zone without a name. Waits until it answers. */
void hpt_nsd_start(struct hpt_proc *proc, const char *const *addresses,
                   const struct hpt_zone *zones);

/** @options are dnsmasq's own, without those for its address; end in NULL. */
void hpt_dnsmasq_start(struct hpt_proc *proc, const char *address, const char *const *options);

#endif
