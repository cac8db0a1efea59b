// SPDX-License-Identifier: MIT
#ifndef HPT_SECCOMP_H
#define HPT_SECCOMP_H

#define HPT_REFUSED_MAX 12

/** System calls that fail with @error, as under a tight seccomp profile. */
struct hpt_refused {
    int error;
    int n;
    int calls[HPT_REFUSED_MAX]; /* SYS_… */
};

/** For hpt_probe_opts.in_child: @refused, a struct hpt_refused, holds for what is executed then. */
void hpt_refuse_calls(void *refused);

#endif
