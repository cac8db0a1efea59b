/* SPDX-License-Identifier: MIT */
#ifndef HOSTILE_BOX_H
#define HOSTILE_BOX_H

/**
 * A network and an /etc of its own, for the process that asks and for what it starts: loopback
 * alone, and the two files that name resolution reads. Nothing outside is reached or changed.
 *
 * Needs root or the right to make user namespaces; the test fails otherwise.
 */
struct box {
    const char *hosts;  /* the text of /etc/hosts; NULL: no such file */
    const char *resolv; /* the text of /etc/resolv.conf; NULL: no such file */
    const char *route;  /* a kind of route to 198.51.100.0/24: "unreachable", "prohibit" */
};

void box_enter(const struct box *box);

/** What the probe itself does without; for hpt_probe_opts.in_child, may only use system calls. */
void box_without_proc_and_dev(void *unused);

#endif
