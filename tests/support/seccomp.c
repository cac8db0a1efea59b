// SPDX-License-Identifier: MIT
#include "seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "mounts.h"

/* Each call is compared with the refused ones in turn; a match jumps to the last line. */
void hpt_refuse_calls(void *refused)
{
    const struct hpt_refused *what = refused;
    struct sock_filter lines[HPT_REFUSED_MAX + 3];
    unsigned n = (unsigned)what->n;
    struct sock_fprog program = {.len = (unsigned short)(n + 3), .filter = lines};

    lines[0] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < n; i++) {
        lines[1 + i] = (struct sock_filter)BPF_JUMP(
            BPF_JMP | BPF_JEQ | BPF_K, (unsigned)what->calls[i], (unsigned char)(n - i), 0);
    }
    lines[n + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    lines[n + 2] =
        (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)what->error);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
        hpt_child_fails("seccomp");
    }
}
