/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include <stdlib.h>

#include "good.h"

/* Connections that are refused, dropped, or cut after each byte of a conversation. */

#define HTTP      .check = "http", .target = "http://127.0.0.1:{peer}/health"
#define DATABASE  .check = "database", .target = PG_PLAIN
#define REDIS     .check = "redis", .target = "redis://127.0.0.1:{peer}"
#define UNIX_HTTP .check = "http", .options = "--http-unix {path}"
#define UNIX_DATABASE                                                                              \
    .check = "database", .target = "postgresql://app:" SECRET "@/app?host={dir}&sslmode=disable"
#define UNIX_REDIS .check = "redis", .target = "unix://{path}"
#define PG_SOCKET  ".s.PGSQL.5432"

/* Two addresses of one name. */
static const struct box two = {.hosts = "127.0.0.2 two.test\n127.0.0.3 two.test\n"};
static const struct box six_first = {.hosts = "::1 two.test\n127.0.0.3 two.test\n"};
/* The first, or the second, can't be reached. */
static const struct box lost_first = {.hosts = "198.51.100.7 two.test\n127.0.0.3 two.test\n",
                                      .route = "unreachable"};
static const struct box lost_second = {.hosts = "127.0.0.3 two.test\n198.51.100.7 two.test\n",
                                       .route = "unreachable"};
static const struct box nowhere = {.hosts = ""};
static const struct box no_route = {.hosts = "", .route = "unreachable"};

#define TWO_HTTP                                                                                   \
    .check = "http", .target = "http://two.test:{peer}/", .box = &two, .same_port = true
#define TWO_DATABASE                                                                               \
    .check = "database",                                                                           \
    .target = "postgresql://app:" SECRET "@two.test:{peer}/app?sslmode=disable", .box = &two,      \
    .same_port = true
#define TWO_REDIS                                                                                  \
    .check = "redis", .target = "redis://two.test:{peer}", .box = &two, .same_port = true

/*
 * A relay cuts the connection after ever more bytes of the server's, until the probe is healthy.
 * Until then each run must fail with one of the reasons of this case.
 */
struct sweep {
    const int *port;
    enum relay_action action;
    size_t stride;
    const char *reasons;
    size_t least; /* minimum length of the whole conversation */
};

static const char *sweep(struct hostile_run *run, const struct sweep *how)
{
    struct step steps[] = {RELAY_CUT(how->port, NULL, how->action, CUT_AS_TOLD), {.op = STEP_END}};
    struct peer_spec spec = {.steps = steps};
    bool healthy = false;
    size_t at;

    peer_start(&run->peer, &spec, 0);
    for (at = 0; !healthy && at < 20000; at += how->stride) {
        struct hpt_run probe;

        run->peer.heard->cut = at;
        const char *problem = hostile_probe(run, &probe);
        if (problem == NULL) {
            healthy = probe.exit_status == 0;
            problem = healthy ? hpt_is_healthy(&probe, run->what->check)
                              : hpt_is_down(&probe, run->what->check, how->reasons, "*");
        }
        if (problem != NULL) {
            return hpt_strf("after %zu bytes: %s", at, problem);
        }
        json_decref(probe.report);
        free(probe.out);
        free(probe.err);
    }
    if (!healthy) {
        return "never healthy";
    }
    return at >= how->least ? NULL : hpt_strf("healthy after %zu bytes already", at);
}

static const char *sweep_http(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.nginx.port, RELAY_CLOSE_AFTER, 1, "closed", 100});
}

static const char *sweep_http_reset(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.nginx.port, RELAY_RESET_AFTER, 3, "closed", 100});
}

static const char *sweep_https(struct hostile_run *run)
{
    return sweep(run,
                 &(struct sweep){&servers.nginx.tls_port, RELAY_CLOSE_AFTER, 23, "closed", 500});
}

static const char *sweep_https_reset(struct hostile_run *run)
{
    return sweep(run,
                 &(struct sweep){&servers.nginx.tls_port, RELAY_RESET_AFTER, 41, "closed", 500});
}

static const char *sweep_postgres(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.pg.port, RELAY_CLOSE_AFTER, 7, "closed", 300});
}

static const char *sweep_postgres_reset(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.pg.port, RELAY_RESET_AFTER, 17, "closed", 300});
}

static const char *sweep_postgres_tls(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.pg.port, RELAY_CLOSE_AFTER, 37, "closed", 500});
}

static const char *sweep_redis(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.locked.port, RELAY_CLOSE_AFTER, 1, "closed", 17});
}

static const char *sweep_redis_reset(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.locked.port, RELAY_RESET_AFTER, 1, "closed", 17});
}

static const char *sweep_rediss(struct hostile_run *run)
{
    return sweep(run,
                 &(struct sweep){&servers.redis.tls_port, RELAY_CLOSE_AFTER, 23, "closed", 500});
}

static const char *sweep_http_stall(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.nginx.port, RELAY_STALL_AFTER, 29, "timeout", 100});
}

static const char *sweep_postgres_stall(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.pg.port, RELAY_STALL_AFTER, 31, "timeout", 300});
}

static const char *sweep_postgres_tls_stall(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.pg.port, RELAY_STALL_AFTER, 131, "timeout", 500});
}

static const char *sweep_redis_stall(struct hostile_run *run)
{
    return sweep(run, &(struct sweep){&servers.locked.port, RELAY_STALL_AFTER, 2, "timeout", 17});
}

static const char *sweep_rediss_stall(struct hostile_run *run)
{
    return sweep(run,
                 &(struct sweep){&servers.redis.tls_port, RELAY_STALL_AFTER, 131, "timeout", 500});
}

#define REAL_PG    "postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:{peer}/app?sslmode="
#define REAL_REDIS "redis://:" HPT_REDIS_PASSWORD "@127.0.0.1:{peer}/3"
#define HTTPS                                                                                      \
    .check = "http", .target = "https://localhost:{peer}/", .options = "--ca {ca}", .tls_only = true
#define REDISS                                                                                     \
    .check = "redis", .target = "rediss://localhost:{peer}", .options = "--ca {ca}",               \
    .tls_only = true

static const struct hostile_case cases[] = {
    {"http, refused", HTTP, .reason = "refused", .peer = {.door = DOOR_SHUT}},
    {"database, refused", DATABASE, .reason = "refused", .peer = {.door = DOOR_SHUT}},
    {"redis, refused", REDIS, .reason = "refused", .peer = {.door = DOOR_SHUT}},

    {"http, unreachable", .check = "http", .target = "http://198.51.100.7:80/", .box = &no_route,
     .reason = "unreachable"},
    {"database, unreachable", .check = "database",
     .target = "postgresql://app:" SECRET "@198.51.100.7/app", .box = &no_route,
     .reason = "unreachable"},
    {"redis, unreachable", .check = "redis", .target = "redis://198.51.100.7", .box = &no_route,
     .reason = "unreachable"},
    {"http, no network", .check = "http", .target = "http://203.0.113.9/", .box = &nowhere,
     .reason = "unreachable"},
    {"database, no network", .check = "database",
     .target = "postgresql://app:" SECRET "@203.0.113.9/app", .box = &nowhere,
     .reason = "unreachable"},
    {"redis, no network, IPv6", .check = "redis", .target = "redis://[2001:db8::1]",
     .box = &nowhere, .reason = "unreachable"},

    {"http, a full backlog drops", HTTP, .limit_ms = 300, .reason = "timeout", .detail = "connect",
     .peer = {.door = DOOR_DROPPED}},
    {"database, a full backlog drops", DATABASE, .limit_ms = 300, .reason = "timeout",
     .detail = "connect", .peer = {.door = DOOR_DROPPED}},
    {"redis, a full backlog drops", REDIS, .limit_ms = 300, .reason = "timeout",
     .detail = "connect", .peer = {.door = DOOR_DROPPED}},

    {"http, accepted by the kernel alone", HTTP, .limit_ms = 300, .reason = "timeout",
     .detail = "response", .peer = {.door = DOOR_SILENT}},
    {"database, accepted by the kernel alone", DATABASE, .limit_ms = 300, .reason = "timeout",
     .detail = "login", .peer = {.door = DOOR_SILENT}},
    {"redis, accepted by the kernel alone", REDIS, .limit_ms = 300, .reason = "timeout",
     .detail = "response", .peer = {.door = DOOR_SILENT}},
    {"http, read and never answered", HTTP, .limit_ms = 300, .reason = "timeout",
     .detail = "response", .peer = {.steps = STEPS(STALL)}},
    {"database, read and never answered", DATABASE, .limit_ms = 300, .reason = "timeout",
     .detail = "login", .peer = {.steps = STEPS(STALL)}},
    {"redis, read and never answered", REDIS, .limit_ms = 300, .reason = "timeout",
     .detail = "response", .peer = {.steps = STEPS(STALL)}},

    {"http, reset at once", HTTP, .reason = "closed", .peer = {.steps = STEPS(RESET)}},
    {"database, reset at once", DATABASE, .reason = "closed", .peer = {.steps = STEPS(RESET)}},
    {"redis, reset at once", REDIS, .reason = "closed", .peer = {.steps = STEPS(RESET)}},
    {"http, reset after the request", HTTP, .reason = "closed",
     .peer = {.steps = STEPS(HTTP_ASKED, RESET)}},
    {"database, reset after the startup packet", DATABASE, .reason = "closed",
     .peer = {.steps = STEPS(PG_STARTUP, RESET)}},
    {"database, reset after the query", DATABASE, .reason = "closed",
     .peer = {.steps = STEPS(PG_LOGIN, PG_READ, RESET)}},
    {"redis, reset after the command", REDIS, .reason = "closed",
     .peer = {.steps = STEPS(REDIS_PING, RESET)}},
    {"http, closed at once", HTTP, .reason = "closed", .peer = {.steps = STEPS(WAIT(0))}},
    {"database, closed at once", DATABASE, .reason = "closed", .peer = {.steps = STEPS(WAIT(0))}},
    {"redis, closed at once", REDIS, .reason = "closed", .peer = {.steps = STEPS(WAIT(0))}},
    {"http, half closed and then silent", HTTP, .reason = "closed",
     .peer = {.steps = STEPS(HTTP_ASKED, HALF_CLOSE, STALL)}},
    {"database, half closed and then silent", DATABASE, .reason = "closed",
     .peer = {.steps = STEPS(PG_STARTUP, HALF_CLOSE, STALL)}},
    {"redis, half closed and then silent", REDIS, .reason = "closed",
     .peer = {.steps = STEPS(REDIS_PING, HALF_CLOSE, STALL)}},

    {"http, a Unix socket without a listener", UNIX_HTTP, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .socket = "s"}},
    {"database, a Unix socket without a listener", UNIX_DATABASE, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .socket = PG_SOCKET}},
    {"redis, a Unix socket without a listener", UNIX_REDIS, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .socket = "s"}},
    {"http, a Unix socket with a full backlog", UNIX_HTTP, .reason = "capacity",
     .peer = {.door = DOOR_DROPPED, .socket = "s"}},
    {"database, a Unix socket with a full backlog", UNIX_DATABASE, .reason = "capacity",
     .peer = {.door = DOOR_DROPPED, .socket = PG_SOCKET}},
    {"redis, a Unix socket with a full backlog", UNIX_REDIS, .reason = "capacity",
     .peer = {.door = DOOR_DROPPED, .socket = "s"}},
    {"http, a silent Unix socket", UNIX_HTTP, .limit_ms = 300, .reason = "timeout",
     .detail = "response", .peer = {.door = DOOR_SILENT, .socket = "s"}},
    {"database, a silent Unix socket", UNIX_DATABASE, .limit_ms = 300, .reason = "timeout",
     .detail = "login", .peer = {.door = DOOR_SILENT, .socket = PG_SOCKET}},
    {"redis, a silent Unix socket", UNIX_REDIS, .limit_ms = 300, .reason = "timeout",
     .detail = "response", .peer = {.door = DOOR_SILENT, .socket = "s"}},
    {"redis, a Unix socket closed at once", UNIX_REDIS, .reason = "closed",
     .peer = {.steps = STEPS(WAIT(0)), .socket = "s"}},

    {"http, the first of two addresses refuses", TWO_HTTP,
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.2"},
     .second = {.steps = STEPS(HTTP_OK), .host = "127.0.0.3"}},
    {"database, the first of two addresses refuses", TWO_DATABASE,
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.2"},
     .second = {.steps = STEPS(PG_OK), .host = "127.0.0.3"}},
    {"redis, the first of two addresses refuses", TWO_REDIS,
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.2"},
     .second = {.steps = STEPS(REDIS_OK), .host = "127.0.0.3"}},
    {"http, the first of two addresses drops", TWO_HTTP, .limit_ms = 900,
     .peer = {.door = DOOR_DROPPED, .host = "127.0.0.2"},
     .second = {.steps = STEPS(HTTP_OK), .host = "127.0.0.3"}},
    {"database, the first of two addresses drops", TWO_DATABASE, .limit_ms = 900,
     .peer = {.door = DOOR_DROPPED, .host = "127.0.0.2"},
     .second = {.steps = STEPS(PG_OK), .host = "127.0.0.3"}},
    {"redis, the first of two addresses drops", TWO_REDIS, .limit_ms = 900,
     .peer = {.door = DOOR_DROPPED, .host = "127.0.0.2"},
     .second = {.steps = STEPS(REDIS_OK), .host = "127.0.0.3"}},
    {"http, both addresses refuse", TWO_HTTP, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.2"},
     .second = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"database, both addresses refuse", TWO_DATABASE, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.2"},
     .second = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"http, both addresses drop", TWO_HTTP, .limit_ms = 400, .early = true, .reason = "timeout",
     .detail = "connect", .peer = {.door = DOOR_DROPPED, .host = "127.0.0.2"},
     .second = {.door = DOOR_DROPPED, .host = "127.0.0.3"}},
    {"database, both addresses drop", TWO_DATABASE, .limit_ms = 400, .early = true,
     .reason = "timeout", .detail = "connect", .peer = {.door = DOOR_DROPPED, .host = "127.0.0.2"},
     .second = {.door = DOOR_DROPPED, .host = "127.0.0.3"}},
    {"redis, both addresses drop", TWO_REDIS, .limit_ms = 400, .early = true, .reason = "timeout",
     .detail = "connect", .peer = {.door = DOOR_DROPPED, .host = "127.0.0.2"},
     .second = {.door = DOOR_DROPPED, .host = "127.0.0.3"}},
    {"http, IPv6 drops and IPv4 answers", .check = "http", .target = "http://two.test:{peer}/",
     .box = &six_first, .same_port = true, .limit_ms = 900,
     .peer = {.door = DOOR_DROPPED, .host = "::1"},
     .second = {.steps = STEPS(HTTP_OK), .host = "127.0.0.3"}},
    {"redis, IPv4 drops and IPv6 answers", .check = "redis", .target = "redis://two.test:{peer}",
     .box = &six_first, .same_port = true, .limit_ms = 900,
     .peer = {.door = DOOR_DROPPED, .host = "127.0.0.3"},
     .second = {.steps = STEPS(REDIS_OK), .host = "::1"}},
    {"database, IPv4 refuses and IPv6 answers", .check = "database",
     .target = "postgresql://app:" SECRET "@two.test:{peer}/app?sslmode=disable", .box = &six_first,
     .same_port = true, .peer = {.door = DOOR_SHUT, .host = "127.0.0.3"},
     .second = {.steps = STEPS(PG_OK), .host = "::1"}},

    {"http, the first of two addresses is unreachable, the second refuses", .check = "http",
     .target = "http://two.test:{peer}/", .box = &lost_first, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"database, the first of two addresses is unreachable, the second refuses", .check = "database",
     .target = "postgresql://app:" SECRET "@two.test:{peer}/app?sslmode=disable",
     .box = &lost_first, .reason = "refused", .peer = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"redis, the first of two addresses is unreachable, the second refuses", .check = "redis",
     .target = "redis://two.test:{peer}", .box = &lost_first, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"http, the first of two addresses refuses, the second is unreachable", .check = "http",
     .target = "http://two.test:{peer}/", .box = &lost_second, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"database, the first of two addresses refuses, the second is unreachable", .check = "database",
     .target = "postgresql://app:" SECRET "@two.test:{peer}/app?sslmode=disable",
     .box = &lost_second, .reason = "refused", .peer = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"redis, the first of two addresses refuses, the second is unreachable", .check = "redis",
     .target = "redis://two.test:{peer}", .box = &lost_second, .reason = "refused",
     .peer = {.door = DOOR_SHUT, .host = "127.0.0.3"}},
    {"http, closed after each byte", .check = "http", .target = "http://127.0.0.1:{peer}/",
     .instead = sweep_http},
    {"http, reset after every third byte", .check = "http", .target = "http://127.0.0.1:{peer}/",
     .instead = sweep_http_reset},
    {"http, silent after every 29th byte", .check = "http", .target = "http://127.0.0.1:{peer}/",
     .limit_ms = 200, .instead = sweep_http_stall},
    {"https, closed after every 23rd byte", HTTPS, .instead = sweep_https},
    {"https, reset after every 41st byte", HTTPS, .instead = sweep_https_reset},
    {"database, closed after every seventh byte", .check = "database", .target = REAL_PG "disable",
     .instead = sweep_postgres},
    {"database, reset after every 17th byte", .check = "database", .target = REAL_PG "disable",
     .instead = sweep_postgres_reset},
    {"database, silent after every 31st byte", .check = "database", .target = REAL_PG "disable",
     .limit_ms = 200, .instead = sweep_postgres_stall},
    {"database over TLS, closed after every 37th byte", .check = "database",
     .target = REAL_PG "require", .instead = sweep_postgres_tls, .tls_only = true},
    {"database over TLS, silent after every 131st byte", .check = "database",
     .target = REAL_PG "require", .limit_ms = 200, .instead = sweep_postgres_tls_stall,
     .tls_only = true},
    {"redis, closed after each byte", .check = "redis", .target = REAL_REDIS,
     .instead = sweep_redis},
    {"redis, reset after each byte", .check = "redis", .target = REAL_REDIS,
     .instead = sweep_redis_reset},
    {"redis, silent after every second byte", .check = "redis", .target = REAL_REDIS,
     .limit_ms = 200, .instead = sweep_redis_stall},
    {"rediss, closed after every 23rd byte", REDISS, .instead = sweep_rediss},
    {"rediss, silent after every 131st byte", REDISS, .limit_ms = 200,
     .instead = sweep_rediss_stall},
};

const struct hostile_table hostile_connect = {"connect", cases, sizeof cases / sizeof cases[0]};
