// SPDX-License-Identifier: MIT
#ifndef HPT_NAME_SERVER_H
#define HPT_NAME_SERVER_H

#include "proc.h"

/**
 * Real name servers on port 53 of loopback addresses, for a process in a separate network: NSD
 * answers from its zones, with NXDOMAIN for unknown names, REFUSED for other zones, and SERVFAIL
 * for a zone whose file is missing. dnsmasq answers like a small recursive server.
 */

struct hpt_zone {
    const char *name;
    const char *records; /* below the SOA record; NULL: the file is missing */
};

/** @addresses ends with NULL, @zones with a zone without a name. Waits until it answers. */
void hpt_nsd_start(struct hpt_proc *proc, const char *const *addresses,
                   const struct hpt_zone *zones);

/** @options are dnsmasq's, without those for its address, NULL-terminated. */
void hpt_dnsmasq_start(struct hpt_proc *proc, const char *address, const char *const *options);

#endif
