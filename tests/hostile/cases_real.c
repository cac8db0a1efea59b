/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net.h"

/* Real servers in unusual states, each started for its case. */

#define REDIS(rest) .check = "redis", .target = "redis://127.0.0.1:" rest
#define DATABASE(who, rest)                                                                        \
    .check = "database", .target = "postgresql://" who ":" HPT_PG_PASSWORD "@127.0.0.1:" rest

/* These live as long as the process of their case. */
static struct hpt_redis redis;
static struct hpt_postgres pg;
static struct hpt_pgbouncer pool;
static struct hpt_proc session;

/* --- Redis ------------------------------------------------------------------------------------ */

static void make_redis(struct hostile_run *run, const char *config)
{
    hpt_redis_create(&redis, &(struct hpt_redis_opts){.config = config});
    hpt_redis_start(&redis);
    run->made = redis.port;
}

static void loading(struct hostile_run *run)
{
    make_redis(run, "enable-debug-command yes\nprotected-mode no\n");
    free(hpt_redis_cli(&redis, HPT_LIST("debug", "populate", "5000")));
    free(hpt_redis_cli(&redis, HPT_LIST("save")));
    hpt_redis_stop(&redis);
    /* Now loading five thousand keys takes half a minute. */
    redis.config = "key-load-delay 6000\nloading-process-events-interval-bytes 1024\n";
    hpt_redis_start(&redis);
    run->made = redis.port;
}

static void masterdown(struct hostile_run *run)
{
    make_redis(run, hpt_strf("replicaof 127.0.0.1 %d\nreplica-serve-stale-data no\n",
                             hpt_net_refusing_port()));
}

static void misconf(struct hostile_run *run)
{
    make_redis(run, "save 3600 1\ndbfilename dump.rdb\n");
    /* A directory in place of the file. */
    hpt_proc_must(HPT_LIST("mkdir", "-p", hpt_strf("%s/dump.rdb/x", redis.dir)), true);
    free(hpt_redis_cli(&redis, HPT_LIST("set", "key", "value")));
    free(hpt_redis_cli(&redis, HPT_LIST("bgsave")));
    for (int i = 0; i < 300; i++) {
        if (strstr(hpt_redis_cli(&redis, HPT_LIST("info", "persistence")),
                   "rdb_last_bgsave_status:err") != NULL) {
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("the save does not fail");
}

static void busy(struct hostile_run *run)
{
    make_redis(run, "lua-time-limit 50\n");
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("redis-cli", "-s", redis.socket, "eval", "while true do end", "0"),
    };
    hpt_proc_start(&session, &spawn);
    for (int i = 0; i < 500; i++) {
        char reply[16] = {0};
        int fd = hpt_net_connect("127.0.0.1", redis.port, 1000);
        hpt_net_ask(fd, "PING\r\n", 6, reply, sizeof reply - 1, 1000);
        close(fd);
        if (strncmp(reply, "-BUSY", 5) == 0) {
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("the script does not run");
}

static void full(struct hostile_run *run)
{
    char reply[16] = {0};

    make_redis(run, "maxclients 1\n");
    /* The server may not have closed the connection of the check that it is up. */
    for (int i = 0; i < 100 && reply[0] != '+'; i++) {
        int fd = hpt_net_connect("127.0.0.1", redis.port, 1000);
        hpt_net_ask(fd, "PING\r\n", 6, reply, sizeof reply, 1000);
        if (reply[0] != '+') {
            close(fd);
        }
    }
}

/* In a box the server gets an address other than loopback, which protected mode refuses. */
static const struct box outside = {.hosts = ""};

static void protected_mode(struct hostile_run *run)
{
    hpt_proc_must(HPT_LIST("ip", "addr", "add", "192.0.2.1/32", "dev", "lo"), false);
    run->made = hpt_net_free_port();
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("redis-server", "--port", hpt_strf("%d", run->made), "--bind", "192.0.2.1",
                         "--protected-mode", "yes", "--save", ""),
    };
    hpt_proc_start(&session, &spawn);
    for (int i = 0; i < 500; i++) {
        int fd = hpt_net_connect("192.0.2.1", run->made, 1000);
        if (fd >= 0) {
            close(fd);
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("the server in protected mode does not start");
}

/* --- Postgres --------------------------------------------------------------------------------- */

static void make_postgres(struct hostile_run *run, const struct hpt_postgres_opts *opts)
{
    hpt_postgres_create(&pg, opts);
    hpt_postgres_start(&pg);
    run->made = pg.port;
}

static void recovering(struct hostile_run *run)
{
    hpt_postgres_create(
        &pg, &(struct hpt_postgres_opts){.standby = true, .settings = HPT_LIST("hot_standby=off")});
    hpt_postgres_start_unready(&pg);
    run->made = pg.port;
}

static void hot_standby(struct hostile_run *run)
{
    make_postgres(
        run, &(struct hpt_postgres_opts){
                 .standby = true, .settings = HPT_LIST("hot_standby=on", "max_connections=100")});
}

static void hold_session(const char *sql, const char *user, const char *password)
{
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("psql", "-Xc", sql,
                         hpt_strf("postgresql://%s:%s@127.0.0.1:%d/app", user, password, pg.port)),
    };

    hpt_proc_start(&session, &spawn);
    for (int i = 0; i < 1000; i++) {
        if (hpt_postgres_logged(&pg, "connection authorized: user=app database=app")) {
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("the session is missing");
}

static void shutting_down(struct hostile_run *run)
{
    make_postgres(run, &(struct hpt_postgres_opts){.standby = false});
    hold_session("select pg_sleep(60)", "app", HPT_PG_PASSWORD);
    /* A smart shutdown waits for the session and accepts no new ones. */
    hpt_proc_signal(&pg.proc, SIGTERM);
    for (int i = 0; i < 500; i++) {
        char code[6];
        hpt_postgres_knock(pg.port, "app", "app", code);
        if (strcmp(code, "57P03") == 0) {
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("the server does not shut down");
}

static void slots_exhausted(struct hostile_run *run)
{
    make_postgres(run,
                  &(struct hpt_postgres_opts){
                      .settings = HPT_LIST("max_connections=5", "superuser_reserved_connections=4",
                                           "max_wal_senders=0")});
    hold_session("select pg_sleep(60)", "app", HPT_PG_PASSWORD);
}

/* Every session reads this table before its first query. */
static void locked_catalog(struct hostile_run *run)
{
    make_postgres(
        run, &(struct hpt_postgres_opts){.settings = HPT_LIST("log_min_duration_statement=0")});
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("psql", "-X", "-h", pg.sockets, "-p", hpt_strf("%d", pg.port), "-U",
                         "postgres", "-d", "app", "-c", "begin", "-c",
                         "lock table pg_catalog.pg_class, pg_catalog.pg_database in access "
                         "exclusive mode",
                         "-c", "select pg_sleep(60)"),
    };
    hpt_proc_start(&session, &spawn);
    /* A statement is logged with its duration once it is done. */
    for (int i = 0; i < 1000; i++) {
        if (hpt_postgres_logged(&pg, "statement: lock table")) {
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("the lock is not there");
}

static void killed(struct hostile_run *run)
{
    make_postgres(run, &(struct hpt_postgres_opts){.standby = false});
    hpt_proc_signal(&pg.proc, SIGQUIT);
    hpt_proc_wait(&pg.proc, 5000);
}

/* --- PgBouncer -------------------------------------------------------------------------------- */

static void behind_pool(struct hostile_run *run, const char *settings)
{
    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){.standby = false});
    hpt_postgres_start(&pg);
    hpt_pgbouncer_start(&pool, &pg, settings);
    run->made = pool.port;
}

/* Once the pooler notices that its server is gone, it reports that at once. */
static void stopped_behind_pool(struct hostile_run *run)
{
    behind_pool(run, "server_login_retry = 15\n");
    hpt_postgres_stop(&pg);
    struct hpt_spawn spawn = {
        .argv =
            HPT_LIST("psql", "-Xc", "select 1",
                     hpt_strf("postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:%d/app", pool.port)),
        .envp = HPT_LIST("PATH=/usr/bin:/bin"),
    };
    hpt_proc_start(&session, &spawn);
    hpt_proc_wait(&session, 3000);
    hpt_sleep_ms(200);
}

static void paused_behind_pool(struct hostile_run *run)
{
    behind_pool(run, NULL);
    hpt_proc_pause(&pg.proc);
}

static void exhausted_pool(struct hostile_run *run)
{
    behind_pool(run, "default_pool_size = 1\nquery_wait_timeout = 30\n");
    struct hpt_spawn spawn = {
        .argv =
            HPT_LIST("psql", "-Xc", "select pg_sleep(60)",
                     hpt_strf("postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:%d/app", pool.port)),
    };
    hpt_proc_start(&session, &spawn);
    for (int i = 0; i < 1000; i++) {
        char *count = hpt_postgres_sql(&pg, "select count(*) from pg_stat_activity where query "
                                            "like '%pg_sleep(60)' and usename = 'app'");
        if (count[0] == '1') {
            return;
        }
        hpt_sleep_ms(10);
    }
    hpt_fail("the pool does not fill");
}

/* Any state that the probe sets would affect the next client: they share one server connection. */
static const char *no_state_left(struct hostile_run *run)
{
    static const char ask[] = "select current_setting('statement_timeout'), "
                              "current_setting('search_path'), "
                              "current_setting('default_transaction_read_only'), "
                              "(select count(*) from pg_prepared_statements)";
    struct hpt_run probe;

    hpt_pgbouncer_start(&pool, &servers.pg, "default_pool_size = 1\nserver_reset_query =\n");
    run->made = pool.port;
    const char *url = hpt_strf("postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:%d/app", pool.port);
    const char *before = hpt_proc_must(HPT_LIST("psql", "-XAtc", ask, url), false);
    const char *problem = hostile_probe(run, &probe);
    if (problem == NULL) {
        problem = hpt_is_healthy(&probe, "database");
    }
    const char *after = hpt_proc_must(HPT_LIST("psql", "-XAtc", ask, url), false);
    if (problem == NULL && strcmp(before, after) != 0) {
        problem = hpt_strf("the next client finds `%s` instead of `%s`", after, before);
    }
    return problem;
}

static const struct hostile_case cases[] = {
    {"redis, up", REDIS("{redis}")},
    {"redis, LOADING", REDIS("{made}"), .reason = "loading", .detail = "LOADING",
     .before = loading},
    {"redis, LOADING, with a database", REDIS("{made}/3"), .reason = "loading", .detail = "LOADING",
     .before = loading},
    {"redis, NOAUTH", REDIS("{locked}"), .reason = "auth", .detail = "NOAUTH"},
    {"redis, WRONGPASS", .check = "redis", .target = "redis://:" SECRET "@127.0.0.1:{locked}",
     .reason = "auth", .detail = "WRONGPASS"},
    {"redis, NOPERM for PING", .check = "redis",
     .target = "redis://mute:" HPT_REDIS_USER_PASSWORD "@127.0.0.1:{locked}", .reason = "auth",
     .detail = "NOPERM"},
    {"redis, NOPERM for SELECT", .check = "redis",
     .target = "redis://fixed:" HPT_REDIS_USER_PASSWORD "@127.0.0.1:{locked}/2", .reason = "auth",
     .detail = "NOPERM"},
    {"redis, a password where none is set", .check = "redis",
     .target = "redis://:" SECRET "@127.0.0.1:{redis}", .reason = "auth", .detail = "ERR"},
    {"redis, MASTERDOWN", REDIS("{made}"), .reason = "loading|role", .detail = "MASTERDOWN",
     .before = masterdown},
    {"redis, MISCONF", REDIS("{made}"), .reason = "readonly", .detail = "MISCONF",
     .before = misconf},
    {"redis, BUSY", REDIS("{made}"), .reason = "query", .detail = "BUSY", .before = busy},
    {"redis, maxclients", REDIS("{made}"), .reason = "capacity", .detail = "ERR", .before = full},
    {"redis, maxclients, with a database", REDIS("{made}/3"), .reason = "capacity", .detail = "ERR",
     .before = full},
    {"redis, a database out of range", REDIS("{redis}/99"), .reason = "missing", .detail = "ERR"},
    {"redis, protected mode", .check = "redis", .target = "redis://192.0.2.1:{made}",
     .reason = "auth", .detail = "DENIED", .box = &outside, .before = protected_mode},
    {"redis, protected mode, with a database", .check = "redis",
     .target = "redis://192.0.2.1:{made}/3", .reason = "auth", .detail = "DENIED", .box = &outside,
     .before = protected_mode},

    {"database, up", DATABASE("app", "{pg}/app")},
    {"database, in recovery", DATABASE("app", "{made}/app"), .reason = "starting",
     .detail = "57P03", .before = recovering},
    {"database, in recovery, at level ping", DATABASE("app", "{made}/app"), .reason = "starting",
     .detail = "57P03", .options = "--database-level ping", .before = recovering},
    {"database, a hot standby", DATABASE("app", "{made}/app"), .before = hot_standby},
    {"database, a hot standby where writes are wanted",
     DATABASE("app", "{made}/app?target_session_attrs=read-write"), .reason = "role",
     .before = hot_standby},
    {"database, a hot standby where a primary is wanted",
     DATABASE("app", "{made}/app?target_session_attrs=primary"), .reason = "role",
     .before = hot_standby},
    {"database, a primary where a standby is wanted",
     DATABASE("app", "{pg}/app?target_session_attrs=standby"), .reason = "role"},
    {"database, shutting down", DATABASE("app", "{made}/app"), .reason = "stopping",
     .detail = "57P03", .before = shutting_down},
    {"database, gone", DATABASE("app", "{made}/app"), .reason = "refused", .before = killed},
    {"database, no slots left", DATABASE("app", "{made}/app"), .reason = "capacity",
     .detail = "53300", .before = slots_exhausted},
    {"database, no connection left for this role", DATABASE("busy", "{pg}/app"),
     .reason = "capacity", .detail = "53300"},
    {"database, a wrong password", .check = "database",
     .target = "postgresql://app:" SECRET "@127.0.0.1:{pg}/app", .reason = "auth",
     .detail = "28P01"},
    {"database, no such role", .check = "database",
     .target = "postgresql://nobody:" SECRET "@127.0.0.1:{pg}/app", .reason = "auth",
     .detail = "28P01"},
    {"database, no password", .check = "database", .target = "postgresql://app@127.0.0.1:{pg}/app",
     .reason = "auth"},
    {"database, NOLOGIN", DATABASE("nologin", "{pg}/app"), .reason = "auth", .detail = "28000"},
    {"database, no such database", DATABASE("app", "{pg}/nowhere"), .reason = "missing",
     .detail = "3D000"},
    {"database, no permission to connect", DATABASE("app", "{pg}/closed"), .reason = "auth",
     .detail = "42501"},
    {"database, rejected by pg_hba", DATABASE("app", "{pg}/rejected"), .reason = "auth",
     .detail = "28000"},
    {"database, a lock that delays the login", DATABASE("app", "{made}/app"), .limit_ms = 500,
     .reason = "timeout", .detail = "login", .before = locked_catalog},
    {"database, verify-full with another name", .check = "database", .tls_only = true,
     .target = "postgresql://app:" HPT_PG_PASSWORD "@127.0.0.2:{pg}/app?sslmode=verify-full",
     .options = "--ca {ca}", .reason = "refused|tls"},
    {"database, verify-full with an unrelated authority", .check = "database", .tls_only = true,
     .target = "postgresql://app:" HPT_PG_PASSWORD "@localhost:{pg}/app?sslmode=verify-full",
     .options = "--ca {other}", .reason = "tls"},
    {"database, verify-full", .check = "database", .tls_only = true,
     .target = "postgresql://app:" HPT_PG_PASSWORD "@localhost:{pg}/app?sslmode=verify-full",
     .options = "--ca {ca}"},

    {"pooler, up", DATABASE("app", "{pool}/app?schema=public&pgbouncer=true&connection_limit=5")},
    {"pooler, a wrong password", .check = "database",
     .target = "postgresql://app:" SECRET "@127.0.0.1:{pool}/app", .reason = "auth",
     .detail = "08P01"},
    {"pooler, no such database", DATABASE("app", "{pool}/nowhere"), .reason = "missing",
     .detail = "08P01"},
    {"pooler, a refused parameter", DATABASE("app", "{pool}/app?options=-c%20geqo%3Doff"),
     .reason = "upstream", .detail = "08P01"},
    {"pooler, the server behind it stopped", DATABASE("app", "{made}/app"), .limit_ms = 3000,
     .reason = "upstream|timeout", .detail = "08P01|query|login", .before = stopped_behind_pool},
    {"pooler, the server behind it stopped, at level ping", DATABASE("app", "{made}/app"),
     .options = "--database-level ping", .before = stopped_behind_pool},
    {"pooler, the server behind it paused", DATABASE("app", "{made}/app"), .limit_ms = 500,
     .reason = "timeout", .detail = "query|login", .before = paused_behind_pool},
    {"pooler, all its connections taken", DATABASE("app", "{made}/app"), .limit_ms = 500,
     .reason = "timeout", .detail = "query", .before = exhausted_pool},
    {"pooler, no state left for the next client", DATABASE("app", "{made}/app"),
     .instead = no_state_left},
};

const struct hostile_table hostile_real = {"real", cases, sizeof cases / sizeof cases[0]};
