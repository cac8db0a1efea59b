/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_BOX_H
#define HOSTILE_BOX_H

/**
 * A separate network and /etc for the calling process and its children: loopback alone, and the two
 * files that name resolution reads. Nothing outside is reached or changed.
 *
 * Needs root or permission to create user namespaces; otherwise the test fails.
 */
struct box {
    const char *hosts;  /* the text of /etc/hosts; NULL: no such file */
    const char *resolv; /* the text of /etc/resolv.conf; NULL: no such file */
    const char *route;  /* a kind of route to 198.51.100.0/24: "unreachable", "prohibit" */
};

void box_enter(const struct box *box);

/**
 * Hides /proc and /dev from the probe. For hpt_probe_opts.in_child, which may only use system
 * calls.
 */
void box_without_proc_and_dev(void *unused);

#endif
