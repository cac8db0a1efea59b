// SPDX-License-Identifier: MIT
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

void hpt_child_fails(const char *what)
{
    dprintf(2, "%s: %s\n", what, strerror(errno));
    _exit(125);
}

static void map_user(unsigned inside, unsigned outside)
{
    int fd = open("/proc/self/uid_map", O_WRONLY | O_CLOEXEC);

    if (fd < 0 || dprintf(fd, "%u %u 1", inside, outside) < 0) {
        hpt_child_fails("/proc/self/uid_map");
    }
    close(fd);
}

bool hpt_own_mounts(unsigned inside)
{
    uid_t uid = geteuid();

    if (unshare(uid == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) < 0) {
        return false;
    }
    if (uid != 0) {
        map_user(inside, uid);
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        hpt_child_fails("mount");
    }
    return true;
}
