// SPDX-License-Identifier: MIT
#include "name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"
#include "net.h"

/* A query of class CHAOS: every server answers something. */
static const char question[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0\7version\4bind\0\0\x10\0\3";

static bool answers(const char *address)
{
    struct sockaddr_storage to = {0};
    socklen_t len = sizeof(struct sockaddr_in);
    struct sockaddr_in *in = (struct sockaddr_in *)&to;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&to;
    char reply[512];
    bool answered = false;

    if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons(53);
    } else {
        inet_pton(AF_INET6, address, &in6->sin6_addr);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(53);
        len = sizeof *in6;
    }
    int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, len) == 0) {
        answered = hpt_net_ask(fd, question, sizeof question - 1, reply, sizeof reply, 200) > 0;
    }
    close(fd);
    return answered;
}

static void await_answers(struct hpt_proc *proc, const char *address)
{
    double until = hpt_now_ms() + HPT_START_MS;

    while (hpt_now_ms() < until && hpt_proc_running(proc)) {
        if (answers(address)) {
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_diag_file(proc->name, proc->log);
    hpt_fail("%s does not answer at %s", proc->name, address);
}

static const char *write_zones(const char *dir, const struct hpt_zone *zones)
{
    const char *config = "";

    for (; zones->name != NULL; zones++) {
        const char *file = hpt_strf("%s/%s.zone", dir, zones->name);
        if (zones->records != NULL) {
            hpt_write_file(file,
                           hpt_strf("$ORIGIN %s.\n$TTL 60\n@ SOA ns root 1 60 60 60 60\n@ NS ns\n"
                                    "ns A 127.0.0.53\n%s",
                                    zones->name, zones->records),
                           0644);
        }
        config = hpt_strf("%szone:\n name: %s\n zonefile: %s\n", config, zones->name, file);
    }
    return config;
}

void hpt_nsd_start(struct hpt_proc *proc, const char *const *addresses,
                   const struct hpt_zone *zones)
{
    const char *dir = hpt_tmp_mkdir("nsd", 0755);
    const char *file = hpt_strf("%s/nsd.conf", dir);
    const char *first = addresses[0];
    const char *config = write_zones(dir, zones);

    for (; *addresses != NULL; addresses++) {
        config = hpt_strf("server:\n ip-address: %s\n%s", *addresses, config);
    }
    hpt_write_file(file,
                   hpt_strf("server:\n server-count: 1\n username: \"\"\n chroot: \"\"\n"
                            " zonesdir: %s\n database: \"\"\n pidfile: %s/pid\n xfrdfile: %s/xfrd\n"
                            " zonelistfile: %s/list\nremote-control:\n control-enable: no\n%s",
                            dir, dir, dir, dir, config),
                   0644);
    struct hpt_spawn spawn = {.name = "nsd", .argv = HPT_LIST("/usr/sbin/nsd", "-d", "-c", file)};
    hpt_proc_start(proc, &spawn);
    await_answers(proc, first);
}

void hpt_dnsmasq_start(struct hpt_proc *proc, const char *address, const char *const *options)
{
    const char *argv[32] = {"/usr/sbin/dnsmasq",
                            "--keep-in-foreground",
                            "--conf-file=/dev/null",
                            "--no-resolv",
                            "--no-hosts",
                            "--user=",
                            "--group=",
                            "--pid-file",
                            "--bind-interfaces",
                            hpt_strf("--listen-address=%s", address)};
    size_t n = 10;
    struct hpt_spawn spawn = {.name = "dnsmasq", .argv = argv};

    while (*options != NULL && n + 1 < sizeof argv / sizeof argv[0]) {
        argv[n++] = *options++;
    }
    hpt_proc_start(proc, &spawn);
    await_answers(proc, address);
}
