// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "net.h"
#include "nginx.h"
#include "pgbouncer.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/*
 * Tests of the support library: servers behave as described, as seen by their own clients, and
 * broken reports are rejected. The other suites are worth no more than this.
 */

static struct hpt_postgres pg;
static struct hpt_pgbouncer pool;
static struct hpt_redis redis;
static struct hpt_nginx nginx;

static void start_servers(void)
{
    hpt_certs();
    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){.tls = true});
    hpt_postgres_start(&pg);
    hpt_pgbouncer_start(&pool, &pg, NULL);
    hpt_redis_create(&redis, &(struct hpt_redis_opts){
                                 .password = true, .tls = true, .config = hpt_redis_acl_users});
    hpt_redis_start(&redis);
    hpt_nginx_create(&nginx);
    hpt_nginx_start(&nginx);
}

/* Run a client; returns its output, or fails the test. */
static const char *client(const char *const *argv)
{
    return hpt_proc_must(argv, false);
}

static int client_status(const char *const *argv, char **ret_out)
{
    struct hpt_spawn spawn = {.argv = argv};

    return hpt_proc_run(&spawn, 20000, ret_out);
}

static const char *psql_url(const char *user, const char *password, int port, const char *rest)
{
    return hpt_strf("postgresql://%s:%s@127.0.0.1:%d/%s", user, hpt_percent_encode(password, true),
                    port, rest);
}

START_TEST(postgres_logs_roles_in_by_password)
{
    ck_assert_str_eq(client(HPT_LIST("psql", "-XAtc", "select current_user",
                                     psql_url("app", HPT_PG_PASSWORD, pg.port, "app"))),
                     "app\n");
    ck_assert_str_eq(client(HPT_LIST("psql", "-XAtc", "select current_user",
                                     psql_url("odd", HPT_PG_ODD_PASSWORD, pg.port, "odd"))),
                     "odd\n");
    ck_assert_str_eq(client(HPT_LIST("psql", "-XAtc", "select current_user",
                                     psql_url("md5user", HPT_PG_MD5_PASSWORD, pg.port, "app"))),
                     "md5user\n");
    char *out = NULL;
    ck_assert_int_ne(
        client_status(
            HPT_LIST("psql", "-XAtc", "select 1", psql_url("app", "wrong", pg.port, "app")), &out),
        0);
    ck_assert_ptr_nonnull(strstr(out, "password authentication failed"));
}
END_TEST

START_TEST(postgres_answers_on_its_socket_and_over_tls)
{
    ck_assert_str_eq(hpt_postgres_sql(&pg, "select 1 + 1"), "2\n");
    const char *url = hpt_strf("%s?sslmode=verify-ca&sslrootcert=%s",
                               psql_url("app", HPT_PG_PASSWORD, pg.port, "app"), hpt_certs()->ca);
    ck_assert_str_eq(
        client(HPT_LIST("psql", "-XAtc", "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
                        url)),
        "t\n");
}
END_TEST

START_TEST(postgres_starts_stops_and_starts_again)
{
    struct hpt_postgres own;
    char code[6];

    hpt_postgres_create(&own,
                        &(struct hpt_postgres_opts){.settings = HPT_LIST("max_connections=5")});
    ck_assert_int_eq(hpt_postgres_knock(own.port, "app", "app", code), 0);
    hpt_postgres_start(&own);
    ck_assert_str_eq(hpt_postgres_sql(&own, "show max_connections"), "5\n");
    hpt_postgres_stop(&own);
    ck_assert_int_eq(hpt_postgres_knock(own.port, "app", "app", code), 0);
    hpt_postgres_start(&own);
    ck_assert_int_eq(hpt_postgres_knock(own.port, "app", "app", code), 'R');
}
END_TEST

START_TEST(a_standby_without_a_primary_refuses_connections)
{
    struct hpt_postgres own;
    char code[6];

    hpt_postgres_create(&own, &(struct hpt_postgres_opts){.standby = true,
                                                          .settings = HPT_LIST("hot_standby=off")});
    hpt_postgres_start_unready(&own);
    ck_assert_int_eq(hpt_postgres_knock(own.port, "app", "app", code), 'E');
    ck_assert_str_eq(code, "57P03");
}
END_TEST

START_TEST(a_paused_server_is_silent_until_it_continues)
{
    char code[6];

    hpt_proc_pause(&pg.proc);
    ck_assert_int_eq(hpt_postgres_knock(pg.port, "app", "app", code), 0);
    hpt_proc_continue(&pg.proc);
    ck_assert_int_eq(hpt_postgres_knock(pg.port, "app", "app", code), 'R');
}
END_TEST

START_TEST(pgbouncer_pools_by_transaction)
{
    ck_assert_str_eq(client(HPT_LIST("psql", "-XAtc", "select current_database()",
                                     psql_url("app", HPT_PG_PASSWORD, pool.port, "app"))),
                     "app\n");
}
END_TEST

START_TEST(redis_knows_its_password_and_its_users)
{
    char *out = NULL;

    ck_assert_str_eq(hpt_redis_cli(&redis, HPT_LIST("ping")), "PONG\n");
    ck_assert_str_eq(client(HPT_LIST("redis-cli", "--no-auth-warning", "-u",
                                     hpt_strf("redis://app:%s@127.0.0.1:%d/3",
                                              HPT_REDIS_USER_PASSWORD, redis.port),
                                     "ping")),
                     "PONG\n");
    client_status(HPT_LIST("redis-cli", "-p", hpt_strf("%d", redis.port), "ping"), &out);
    ck_assert_ptr_nonnull(strstr(out, "NOAUTH"));
    client_status(
        HPT_LIST("redis-cli", "--no-auth-warning", "-u",
                 hpt_strf("redis://mute:%s@127.0.0.1:%d", HPT_REDIS_USER_PASSWORD, redis.port),
                 "ping"),
        &out);
    ck_assert_ptr_nonnull(strstr(out, "NOPERM"));
}
END_TEST

START_TEST(redis_speaks_tls)
{
    ck_assert_str_eq(client(HPT_LIST("redis-cli", "--no-auth-warning", "-a", HPT_REDIS_PASSWORD,
                                     "--tls", "--cacert", hpt_certs()->ca, "-h", "localhost", "-p",
                                     hpt_strf("%d", redis.tls_port), "ping")),
                     "PONG\n");
}
END_TEST

static const char *curl_status(const char *const *args, int *ret_exit)
{
    const char *argv[32] = {"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"};
    size_t argc = 6;
    char *out = NULL;

    for (size_t i = 0; args[i] != NULL; i++) {
        argv[argc++] = args[i];
    }
    *ret_exit = client_status(argv, &out);
    return out;
}

START_TEST(nginx_sends_every_status)
{
    static const int statuses[] = {200, 204, 206, 301, 302, 401, 404, 429, 500, 503};
    const char *status = hpt_strf("%d", statuses[_i]);
    int exit_status;

    ck_assert_str_eq(
        curl_status(HPT_LIST(hpt_strf("http://127.0.0.1:%d/status/%s", nginx.port, status)),
                    &exit_status),
        status);
    ck_assert_str_eq(
        curl_status(HPT_LIST("--unix-socket", nginx.socket, hpt_strf("http://x/status/%s", status)),
                    &exit_status),
        status);
}
END_TEST

START_TEST(nginx_is_slow_where_it_should_be)
{
    int exit_status;
    double began = hpt_now_ms();

    ck_assert_str_eq(
        curl_status(HPT_LIST(hpt_strf("http://127.0.0.1:%d/slow", nginx.port)), &exit_status),
        "504");
    ck_assert_double_ge(hpt_now_ms() - began, 400);
    ck_assert_str_eq(
        curl_status(HPT_LIST("--max-time", "0.5", hpt_strf("http://127.0.0.1:%d/hang", nginx.port)),
                    &exit_status),
        "000");
    ck_assert_int_eq(exit_status, 28);
}
END_TEST

START_TEST(nginx_logs_its_requests)
{
    int exit_status;

    curl_status(HPT_LIST("-H", "X-Probe: here", "-u", "user:pass",
                         hpt_strf("http://127.0.0.1:%d/health?logs", nginx.port)),
                &exit_status);
    json_t *request = hpt_nginx_request(&nginx, "/health?logs");
    ck_assert_ptr_nonnull(request);
    ck_assert_str_eq(json_string_value(json_object_get(request, "probe")), "here");
    ck_assert_str_eq(json_string_value(json_object_get(request, "method")), "GET");
    ck_assert_str_eq(json_string_value(json_object_get(request, "authorization")),
                     hpt_strf("Basic %s", hpt_base64("user:pass")));
    json_decref(request);
}
END_TEST

START_TEST(certificates_are_as_described)
{
    const int ports[] = {nginx.tls_port, nginx.wrong_port, nginx.expired_port};
    /* 60: the certificate does not verify; older versions of curl use 51 for a wrong name. */
    static const int wanted[] = {0, 60, 60};
    int exit_status;

    curl_status(HPT_LIST("--cacert", hpt_certs()->ca, hpt_strf("https://localhost:%d/", ports[_i])),
                &exit_status);
    ck_assert_int_eq(exit_status, wanted[_i]);
    curl_status(
        HPT_LIST("--cacert", hpt_certs()->other_ca, hpt_strf("https://localhost:%d/", ports[_i])),
        &exit_status);
    ck_assert_int_eq(exit_status, 60);
    curl_status(HPT_LIST("--insecure", hpt_strf("https://localhost:%d/", ports[_i])), &exit_status);
    ck_assert_int_eq(exit_status, 0);
}
END_TEST

START_TEST(ports_refuse_stay_silent_or_drop)
{
    char reply[8];
    int fd;

    ck_assert_int_lt(hpt_net_connect("127.0.0.1", hpt_net_refusing_port(), 1000), 0);
    fd = hpt_net_connect("127.0.0.1", hpt_net_silent_port(), 1000);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_lt((int)hpt_net_ask(fd, "x", 1, reply, sizeof reply, 100), 0);
    double began = hpt_now_ms();
    ck_assert_int_lt(hpt_net_connect("127.0.0.1", hpt_net_deaf_port(), 200), 0);
    ck_assert_double_ge(hpt_now_ms() - began, 200);
}
END_TEST

START_TEST(a_peer_sends_its_line_to_every_client)
{
    struct hpt_peer peer;
    char reply[16] = {0};

    hpt_peer_start(&peer, "hello", 5, false, false);
    for (int i = 0; i < 3; i++) {
        int fd = hpt_net_connect("127.0.0.1", peer.port, 1000);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq((int)hpt_net_ask(fd, "hi", 2, reply, sizeof reply - 1, 1000), 5);
        ck_assert_str_eq(reply, "hello");
        ck_assert_int_eq((int)read(fd, reply, sizeof reply), 0);
        close(fd);
    }
}
END_TEST

START_TEST(stopping_kills_a_process_that_ignores_the_request)
{
    struct hpt_proc proc = {.name = NULL};
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("sh", "-c", "sleep 60"),
        .stop_signal = SIGUSR2,
    };

    hpt_proc_start(&proc, &spawn);
    ck_assert(hpt_proc_running(&proc));
    hpt_proc_pause(&proc);
    ck_assert(!hpt_proc_wait(&proc, 50));
    hpt_proc_stop(&proc);
    ck_assert(!hpt_proc_running(&proc));
}
END_TEST

START_TEST(encodings_are_right)
{
    ck_assert_str_eq(hpt_percent_encode("a/b c~\xc3\xbc", true), "a%2Fb%20c~%C3%BC");
    ck_assert_str_eq(hpt_percent_encode("a/b", false), "a%2fb");
    ck_assert_str_eq(hpt_base64("user:pass"), "dXNlcjpwYXNz");
    ck_assert_str_eq(hpt_base64("user:pas"), "dXNlcjpwYXM=");
    ck_assert_str_eq(hpt_base64("user:pa"), "dXNlcjpwYQ==");
}
END_TEST

static bool leaks(const char *text)
{
    struct hpt_run run = {.out = strdup(text), .err = strdup("")};

    ck_assert_ptr_nonnull(run.out);
    run.out_len = strlen(run.out);
    bool out = hpt_probe_leaks(&run);
    struct hpt_run other = {.out = run.err, .err = run.out, .err_len = run.out_len};
    ck_assert(hpt_probe_leaks(&other) == out);
    free(run.out);
    free(run.err);
    return out;
}

START_TEST(a_secret_is_found_in_every_encoding)
{
    hpt_probe_secret("s3cret/\"of\" it");
    ck_assert(!leaks("nothing to see"));
    ck_assert(leaks("is s3cret/\"of\" it."));
    ck_assert(leaks("{\"error\":\"s3cret/\\\"of\\\" it\"}"));
    ck_assert(leaks("s3cret%2F%22of%22%20it"));
    ck_assert(leaks("s3cret%2f%22of%22%20it"));
}
END_TEST

/* Validate a run that printed this; NOW stands for the time. */
static const char *judge_codes(const char *text, int exit_status, const char *exit_codes)
{
    static struct hpt_run run;
    char now[32];
    time_t t = time(NULL);
    struct tm tm;

    memset(&run, 0, sizeof run);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S.123Z", gmtime_r(&t, &tm));
    const char *at = strstr(text, "NOW");
    run.out = strdup(at == NULL ? text : hpt_strf("%.*s%s%s", (int)(at - text), text, now, at + 3));
    ck_assert_ptr_nonnull(run.out);
    run.out_len = strlen(run.out);
    run.err = strdup("");
    run.exit_status = exit_status;
    run.exit_codes = exit_codes;
    run.wall_ms = 10;
    return hpt_is_report(&run);
}

static const char *judge(const char *text, int exit_status)
{
    return judge_codes(text, exit_status, NULL);
}

#define TAIL                                                                                       \
    ",\"mode\":\"full\",\"latency\":3.240,\"version\":\"1.4.2\",\"uptime\":86.2,"                  \
    "\"timestamp\":\"NOW\",\"probe\":\"healthprobe 0.1.0\"}\n"
#define DOWN                                                                                       \
    "\"database\":{\"status\":\"down\",\"reason\":\"auth\",\"code\":\"28P01\",\"error\":\"no\","   \
    "\"latency\":3.112,\"target\":\"postgresql://app@db:5432/app\"}"
#define UP                                                                                         \
    "\"http\":{\"status\":\"up\",\"latency\":0.734,\"code\":200,"                                  \
    "\"target\":\"http://localhost:3000/health\"}"
#define FORGIVEN(flag)                                                                             \
    "\"cache\":{\"status\":\"down\",\"reason\":\"refused\",\"error\":\"no\",\"" flag               \
    "\":true,\"latency\":1.000,\"target\":\"redis://cache:6379\"}"
#define SLOW                                                                                       \
    "\"api\":{\"status\":\"up\",\"slow\":true,\"latency\":2.000,\"target\":\"http://api/\"}"
#define DEGRADED "{\"status\":\"degraded\",\"summary\":\"cache refused\",\"checks\":{"
#define BOTH     "{\"status\":\"unhealthy\",\"summary\":\"database auth 28P01, cache refused\","
#define REFUSED(reason)                                                                            \
    "{\"status\":\"unhealthy\",\"error\":{\"reason\":\"" reason "\",\"message\":\"no\"},"          \
    "\"mode\":\"live\",\"version\":\"unknown\",\"timestamp\":\"NOW\","                             \
    "\"probe\":\"healthprobe 0.1.0\"}\n"
#define BAD "{\"status\":\"unhealthy\",\"summary\":\"database auth 28P01\",\"checks\":{"

static const struct {
    const char *text;
    int exit_status;
    int detailed;
    int nagios;
} good[] = {
    {BAD DOWN "," UP "}" TAIL, 1, 16, 2},
    {"{\"status\":\"healthy\",\"checks\":{" UP "}" TAIL, 0, 0, 0},
    {REFUSED("config"), 1, 78, 3},
    {REFUSED("usage"), 1, 64, 3},
    {REFUSED("internal"), 1, 70, 3},
    {DEGRADED FORGIVEN("optional") "," UP "}" TAIL, 0, 0, 1},
    {DEGRADED FORGIVEN("tolerated") "}" TAIL, 0, 0, 1},
    {"{\"status\":\"degraded\",\"checks\":{" UP "," SLOW "}" TAIL, 0, 0, 1},
    {BOTH "\"checks\":{" DOWN "," FORGIVEN("optional") "," SLOW "}" TAIL, 1, 16, 2},
    {"{\"status\":\"unhealthy\",\"summary\":\"interrupted, cache refused\",\"checks\":{" FORGIVEN(
         "optional") "}" TAIL,
     1, 1, 2},
    {"{\"status\":\"unhealthy\",\"summary\":\"interrupted\",\"checks\":{" UP "}" TAIL, 1, 1, 2},
    {"{\"status\":\"unhealthy\",\"summary\":\"a internal\",\"checks\":{\"a\":{\"status\":\"down\","
     "\"reason\":\"internal\",\"error\":\"no\",\"latency\":0.734,\"target\":\"http://x/\"}}" TAIL,
     1, 70, 3},
};

START_TEST(good_reports_pass)
{
    const char *text = good[_i].text;

    ck_assert_ptr_null(judge(text, good[_i].exit_status));
    ck_assert_ptr_null(judge_codes(text, good[_i].detailed, "detailed"));
    ck_assert_ptr_null(judge_codes(text, good[_i].nagios, "nagios"));
    ck_assert_ptr_nonnull(judge(text, good[_i].exit_status + 2));
    ck_assert_ptr_nonnull(judge_codes(text, good[_i].detailed + 2, "detailed"));
    ck_assert_ptr_nonnull(judge_codes(text, good[_i].nagios + 4, "nagios"));
}
END_TEST

static const struct {
    const char *text;
    int exit_status;
} broken[] = {
    {"", 1},
    {BAD DOWN "," UP "}" TAIL "\n", 1},
    {BAD DOWN "," UP "}" TAIL, 0},
    {BAD UP "," DOWN "}" TAIL, 1},
    {BAD DOWN "," DOWN "}" TAIL, 1},
    {"{\"status\":\"unhealthy\",\"checks\":{" DOWN "}" TAIL, 1},
    {"{\"status\":\"healthy\",\"checks\":{" DOWN "}" TAIL, 0},
    {"{\"status\":\"healthy\",\"summary\":\"\",\"checks\":{" UP "}" TAIL, 0},
    {"{\"status\":\"healthy\",\"checks\":{}" TAIL, 0},
    {"{\"checks\":{" UP "},\"status\":\"healthy\"" TAIL, 0},
    {DEGRADED FORGIVEN("optional") "," UP "}" TAIL, 1},
    {DEGRADED UP "," FORGIVEN("optional") "}" TAIL, 0},
    {BOTH "\"checks\":{" FORGIVEN("optional") "," DOWN "}" TAIL, 1},
    {"{\"status\":\"healthy\",\"checks\":{" SLOW "}" TAIL, 0},
    {"{\"status\":\"degraded\",\"summary\":\"\",\"checks\":{" SLOW "}" TAIL, 0},
    {"{\"status\":\"degraded\",\"summary\":\"cache\",\"checks\":{" FORGIVEN("optional") "}" TAIL,
     0},
    {DEGRADED FORGIVEN("slow") "}" TAIL, 0},
    {"{\"status\":\"healthy\",\"checks\":{\"Http\":{\"status\":\"up\",\"latency\":0.734,"
     "\"target\":\"http://x/\"}}" TAIL,
     0},
    {"{\"status\":\"healthy\",\"checks\":{\"http\":{\"status\":\"up\",\"latency\":0.734}}" TAIL, 0},
    {"{\"status\":\"healthy\",\"surprise\":1,\"checks\":{" UP "}" TAIL, 0},
    {"{\"status\":\"healthy\",\"ignored\":[],\"checks\":{" UP "}" TAIL, 0},
    {"{\"status\":\"healthy\",\"checks\":{\"http\":{\"status\":\"up\",\"latency\":0.73,\"code\":"
     "200,"
     "\"target\":\"http://x/\"}}" TAIL,
     0},
    {"{\"status\":\"healthy\",\"checks\":{\"http\":{\"status\":\"up\",\"latency\":0.734,\"code\":"
     "\"200\",\"target\":\"http://x/\"}}" TAIL,
     0},
    {"{\"status\":\"healthy\",\"checks\":{\"http\":{\"status\":\"up\",\"latency\":9.734,\"code\":"
     "200,"
     "\"target\":\"http://x/\"}}" TAIL,
     0},
    {"{\"status\":\"unhealthy\",\"summary\":\"http "
     "timeout\",\"checks\":{\"http\":{\"status\":\"down\","
     "\"reason\":\"timeout\",\"error\":\"no\",\"latency\":0.734,\"target\":\"http://x/\"}}" TAIL,
     1},
    {"{\"status\":\"unhealthy\",\"summary\":\"http bad\",\"checks\":{\"http\":{\"status\":\"down\","
     "\"reason\":\"bad\",\"error\":\"no\",\"latency\":0.734,\"target\":\"http://x/\"}}" TAIL,
     1},
    /* no error; a hint, and no error */
    {"{\"status\":\"unhealthy\",\"summary\":\"a internal\",\"checks\":{\"a\":{\"status\":\"down\","
     "\"reason\":\"internal\",\"latency\":0.734,\"target\":\"http://x/\"}}" TAIL,
     1},
    {"{\"status\":\"unhealthy\",\"summary\":\"a internal\",\"checks\":{\"a\":{\"status\":\"down\","
     "\"reason\":\"internal\",\"hint\":\"x\",\"latency\":0.734,\"target\":\"http://x/\"}},"
     "\"truncated\":true" TAIL,
     1},
    {"{\"status\":\"healthy\",\"checks\":{" UP "},\"mode\":\"full\",\"latency\":3.240,\"version\":"
     "\"1\",\"timestamp\":\"2020-01-01T00:00:00.000Z\",\"probe\":\"healthprobe 0.1.0\"}\n",
     0},
    {"{\"status\":\"healthy\",\"checks\":{" UP "},\"mode\":\"full\",\"latency\":3.240,\"version\":"
     "\"\xff\",\"timestamp\":\"NOW\",\"probe\":\"healthprobe 0.1.0\"}\n",
     0},
};

START_TEST(broken_reports_are_rejected)
{
    ck_assert_ptr_nonnull(judge(broken[_i].text, broken[_i].exit_status));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "servers", 60);

    tcase_add_test(tc, postgres_logs_roles_in_by_password);
    tcase_add_test(tc, postgres_answers_on_its_socket_and_over_tls);
    tcase_add_test(tc, postgres_starts_stops_and_starts_again);
    tcase_add_test(tc, a_standby_without_a_primary_refuses_connections);
    tcase_add_test(tc, a_paused_server_is_silent_until_it_continues);
    tcase_add_test(tc, pgbouncer_pools_by_transaction);
    tcase_add_test(tc, redis_knows_its_password_and_its_users);
    tcase_add_test(tc, redis_speaks_tls);
    tcase_add_loop_test(tc, nginx_sends_every_status, 0, 10);
    tcase_add_test(tc, nginx_is_slow_where_it_should_be);
    tcase_add_test(tc, nginx_logs_its_requests);
    tcase_add_loop_test(tc, certificates_are_as_described, 0, 3);

    tc = hpt_tcase(suite, "tools", 30);
    tcase_add_test(tc, ports_refuse_stay_silent_or_drop);
    tcase_add_test(tc, a_peer_sends_its_line_to_every_client);
    tcase_add_test(tc, stopping_kills_a_process_that_ignores_the_request);
    tcase_add_test(tc, encodings_are_right);
    tcase_add_test(tc, a_secret_is_found_in_every_encoding);
    tcase_add_loop_test(tc, good_reports_pass, 0, HPT_COUNT(good));
    tcase_add_loop_test(tc, broken_reports_are_rejected, 0,
                        (int)(sizeof broken / sizeof broken[0]));
}

int main(void)
{
    return hpt_main("support", start_servers, build, false);
}
