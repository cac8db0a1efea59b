/* SPDX-License-Identifier: MIT */
#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "mounts.h"
#include "proc.h"

static void put_line(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, line, strlen(line)) < 0) {
        hpt_fail("%s: %s", path, strerror(errno));
    }
    close(fd);
}

/* An unprivileged user becomes root of a user namespace. */
static void make_namespaces(int flags)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();

    if (unshare(uid == 0 ? flags : flags | CLONE_NEWUSER) < 0) {
        hpt_fail("cannot create namespaces (%s): run as root, or allow user namespaces",
                 strerror(errno));
    }
    if (uid != 0) {
        put_line("/proc/self/setgroups", "deny");
        put_line("/proc/self/uid_map", hpt_strf("0 %u 1", (unsigned)uid));
        put_line("/proc/self/gid_map", hpt_strf("0 %u 1", (unsigned)gid));
    }
}

static void loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) {
        hpt_fail("loopback: %s", strerror(errno));
    }
    close(fd);
}

void box_enter(const struct box *box)
{
    /* Before /etc is replaced, since this looks up a user. */
    hpt_server_uid();
    hpt_tmpdir();
    make_namespaces(CLONE_NEWNET | CLONE_NEWNS);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("etc", "/etc", "tmpfs", 0, "size=64k") < 0) {
        hpt_fail("mount: %s", strerror(errno));
    }
    if (box->hosts != NULL) {
        hpt_write_file("/etc/hosts", box->hosts, 0644);
    }
    if (box->resolv != NULL) {
        hpt_write_file("/etc/resolv.conf", box->resolv, 0644);
    }
    loopback_up();
    if (box->route != NULL) {
        hpt_proc_must(HPT_LIST("ip", "route", "add", box->route, "198.51.100.0/24"), false);
    }
}

void box_without_proc_and_dev(void *unused)
{
    (void)unused;
    if (!hpt_own_mounts(0)) {
        hpt_child_fails("unshare");
    }
    if (mount("empty", "/proc", "tmpfs", MS_RDONLY, "size=4k") < 0 ||
        mount("empty", "/dev", "tmpfs", MS_RDONLY, "size=4k") < 0) {
        hpt_child_fails("mount");
    }
}
