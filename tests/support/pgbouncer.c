// SPDX-License-Identifier: MIT
#include "pgbouncer.h"

#include <string.h>

#include "common.h"
#include "net.h"

static void write_config(const struct hpt_pgbouncer *pool)
{
    hpt_write_file(hpt_strf("%s/users.txt", pool->dir), "\"app\" \"" HPT_PG_PASSWORD "\"\n", 0644);
    hpt_write_file(hpt_strf("%s/pgbouncer.ini", pool->dir),
                   hpt_strf("[databases]\n"
                            "app = host=127.0.0.1 port=%d dbname=app\n"
                            "[pgbouncer]\n"
                            "listen_addr = 127.0.0.1\n"
                            "listen_port = %d\n"
                            "unix_socket_dir =\n"
                            "auth_type = scram-sha-256\n"
                            "auth_file = %s/users.txt\n"
                            "pool_mode = transaction\n"
                            "max_client_conn = 20\n"
                            "default_pool_size = 2\n"
                            "%s",
                            pool->behind->port, pool->port, pool->dir,
                            pool->settings != NULL ? pool->settings : ""),
                   0644);
}

static bool launch(struct hpt_pgbouncer *pool)
{
    double until = hpt_now_ms() + HPT_START_MS;

    write_config(pool);
    /* SIGINT would wait for clients; SIGTERM ends it at once. */
    struct hpt_spawn spawn = {
        .name = "pgbouncer",
        .argv = HPT_LIST("pgbouncer", hpt_strf("%s/pgbouncer.ini", pool->dir)),
        .as_server = true,
    };
    hpt_proc_start(&pool->proc, &spawn);
    while (hpt_now_ms() < until && hpt_proc_running(&pool->proc)) {
        char code[6];
        if (hpt_postgres_knock(pool->port, "app", "app", code) != 0) {
            return hpt_proc_running(&pool->proc);
        }
        hpt_sleep_ms(10);
    }
    return false;
}

void hpt_pgbouncer_start(struct hpt_pgbouncer *pool, const struct hpt_postgres *behind,
                         const char *settings)
{
    memset(pool, 0, sizeof *pool);
    pool->dir = hpt_tmp_mkdir("pgb", 0755);
    pool->behind = behind;
    pool->settings = settings;
    for (int tries = 1; tries <= 3; tries++) {
        pool->port = hpt_net_free_port();
        if (launch(pool)) {
            return;
        }
        hpt_diag_file("pgbouncer does not answer", pool->proc.log);
        hpt_proc_stop(&pool->proc);
    }
    hpt_fail("pgbouncer does not start");
}

void hpt_pgbouncer_stop(struct hpt_pgbouncer *pool)
{
    hpt_proc_stop(&pool->proc);
}
