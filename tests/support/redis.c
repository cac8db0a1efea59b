// SPDX-License-Identifier: MIT
#include "redis.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "probe.h"

const char hpt_redis_acl_users[] =
    "user app on >" HPT_REDIS_USER_PASSWORD " ~* &* +@all\n"
    "user mute on >" HPT_REDIS_USER_PASSWORD " ~* &* +@all -ping\n"
    "user fixed on >" HPT_REDIS_USER_PASSWORD " ~* &* +@all -select\n";

void hpt_redis_create(struct hpt_redis *redis, const struct hpt_redis_opts *opts)
{
    memset(redis, 0, sizeof *redis);
    redis->dir = hpt_tmp_mkdir("redis", 0755);
    redis->socket = hpt_strf("%s/redis.sock", redis->dir);
    redis->config = opts->config;
    redis->password = opts->password;
    redis->tls = opts->tls;
    redis->port = hpt_net_free_port();
    hpt_probe_secret(HPT_REDIS_PASSWORD);
    hpt_probe_secret(HPT_REDIS_USER_PASSWORD);
}

static bool answers(int port)
{
    char reply[64];

    int fd = hpt_net_connect("127.0.0.1", port, 1000);
    if (fd < 0) {
        return false;
    }
    ssize_t got = hpt_net_ask(fd, "PING\r\n", 6, reply, sizeof reply, 1000);
    close(fd);
    return got > 0;
}

static bool launch(struct hpt_redis *redis)
{
    double until = hpt_now_ms() + HPT_START_MS;
    const char *tls = "";

    if (redis->tls) {
        redis->tls_port = hpt_net_free_port();
        tls = hpt_strf("tls-port %d\ntls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\n"
                       "tls-auth-clients no\n",
                       redis->tls_port, hpt_certs()->server_cert, hpt_certs()->server_key,
                       hpt_certs()->ca);
    }
    const char *file = hpt_strf("%s/redis.conf", redis->dir);
    hpt_write_file(file,
                   hpt_strf("port %d\nbind 127.0.0.1%s\nunixsocket %s\nunixsocketperm 777\n"
                            "dir %s\nsave \"\"\nappendonly no\ndatabases 16\ndaemonize no\n"
                            "%s%s%s",
                            redis->port, hpt_net_have_ipv6() ? " ::1" : "", redis->socket,
                            redis->dir,
                            redis->password ? "requirepass " HPT_REDIS_PASSWORD "\n" : "", tls,
                            redis->config != NULL ? redis->config : ""),
                   0644);
    struct hpt_spawn spawn = {
        .name = "redis",
        .argv = HPT_LIST("redis-server", file),
        .as_server = true,
    };
    hpt_proc_start(&redis->proc, &spawn);
    while (hpt_now_ms() < until && hpt_proc_running(&redis->proc)) {
        if (answers(redis->port)) {
            return hpt_proc_running(&redis->proc);
        }
        hpt_sleep_ms(10);
    }
    return false;
}

void hpt_redis_start(struct hpt_redis *redis)
{
    for (int tries = 1; !launch(redis); tries++) {
        hpt_diag_file("redis does not answer", redis->proc.log);
        hpt_proc_stop(&redis->proc);
        if (tries == 3) {
            hpt_fail("redis does not start");
        }
        redis->port = hpt_net_free_port();
    }
}

void hpt_redis_stop(struct hpt_redis *redis)
{
    hpt_proc_stop(&redis->proc);
}

char *hpt_redis_cli(const struct hpt_redis *redis, const char *const *args)
{
    const char *argv[32] = {"redis-cli", "-s", redis->socket};
    size_t argc = 3;

    if (redis->password) {
        argv[argc++] = "--no-auth-warning";
        argv[argc++] = "-a";
        argv[argc++] = HPT_REDIS_PASSWORD;
    }
    for (size_t i = 0; args[i] != NULL && argc < 31; i++) {
        argv[argc++] = args[i];
    }
    return hpt_proc_must(argv, false);
}
