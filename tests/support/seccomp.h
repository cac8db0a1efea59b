// SPDX-License-Identifier: MIT
#ifndef HPT_SECCOMP_H
#define HPT_SECCOMP_H

#define HPT_REFUSED_MAX 12

/** System calls that fail with @error, as under a strict seccomp profile. */
struct hpt_refused {
    int error;
    int n;
    int calls[HPT_REFUSED_MAX]; /* SYS_… */
};

/**
 * For hpt_probe_opts.in_child: applies @refused, a struct hpt_refused, to the program executed
 * next.
 */
void hpt_refuse_calls(void *refused);

#endif
