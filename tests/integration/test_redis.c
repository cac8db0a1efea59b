// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "net.h"
#include "probe.h"
#include "redis.h"

/*
 * The redis check against real servers, and against peers that send what a real server rarely
 * sends.
 */

static struct hpt_redis plain;
static struct hpt_redis locked;

static void start_servers(void)
{
    hpt_redis_create(&plain, &(struct hpt_redis_opts){.password = false});
    hpt_redis_start(&plain);
    hpt_redis_create(&locked,
                     &(struct hpt_redis_opts){.password = true, .config = hpt_redis_acl_users});
    hpt_redis_start(&locked);
    hpt_probe_secret("wrong-password");
}

static void probe_redis(struct hpt_run *run, const char *target)
{
    hpt_probe(run, HPT_NONE, HPT_LIST("full", "--check", "redis", "--redis", target));
}

/* PLAIN and LOCKED stand for the ports of the two servers, and SOCKET for the path of the first. */
static const char *with_port(const char *text)
{
    const struct {
        const char *word;
        const char *value;
    } words[] = {
        {"PLAIN", hpt_strf("%d", plain.port)},
        {"LOCKED", hpt_strf("%d", locked.port)},
        {"LOCKSOCK", locked.socket},
        {"SOCKET", plain.socket},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *at = strstr(text, words[i].word);
        if (at != NULL) {
            return hpt_strf("%.*s%s%s", (int)(at - text), text, words[i].value,
                            at + strlen(words[i].word));
        }
    }
    return text;
}

static const struct {
    const char *target;
    const char *shown;
} good[] = {
    {"redis://127.0.0.1:PLAIN", "redis://127.0.0.1:PLAIN"},
    {"redis://127.0.0.1:PLAIN/", "redis://127.0.0.1:PLAIN"},
    {"redis://127.0.0.1:PLAIN/0", "redis://127.0.0.1:PLAIN"},
    {"redis://127.0.0.1:PLAIN/3", "redis://127.0.0.1:PLAIN/3"},
    {"redis://127.0.0.1:PLAIN?db=4", "redis://127.0.0.1:PLAIN/4"},
    {"redis://127.0.0.1:PLAIN/5?db=4", "redis://127.0.0.1:PLAIN/5"},
    {"redis://localhost:PLAIN", "redis://localhost:PLAIN"},
    {"redis://cache.localhost:PLAIN", "redis://cache.localhost:PLAIN"},
    {"redis://:@127.0.0.1:PLAIN", "127.0.0.1:PLAIN"},
    {"redis://:{env:NO_SUCH_VARIABLE:-}@127.0.0.1:PLAIN", "127.0.0.1:PLAIN"},
    {"redis://default@127.0.0.1:PLAIN", "127.0.0.1:PLAIN"},
    {"redis://default:@127.0.0.1:PLAIN", "127.0.0.1:PLAIN"},
    {"valkey://127.0.0.1:PLAIN", "127.0.0.1:PLAIN"},
    {"unix://SOCKET", "unix://SOCKET"},
    {"unix://SOCKET?db=2", "unix://SOCKET"},
    {"redis+unix://SOCKET", "unix://SOCKET"},
    {"unix://:" HPT_REDIS_PASSWORD "@LOCKSOCK", "unix://"},
    {"redis://:" HPT_REDIS_PASSWORD "@127.0.0.1:LOCKED", "127.0.0.1:LOCKED"},
    {"redis://:" HPT_REDIS_PASSWORD "@127.0.0.1:LOCKED/7", "127.0.0.1:LOCKED/7"},
    {"redis://default:" HPT_REDIS_PASSWORD "@127.0.0.1:LOCKED", "127.0.0.1:LOCKED"},
    {"redis://app:" HPT_REDIS_USER_PASSWORD "@127.0.0.1:LOCKED/1", "127.0.0.1:LOCKED/1"},
    {"redis://127.0.0.1:LOCKED?password=" HPT_REDIS_PASSWORD, "127.0.0.1:LOCKED"},
    {"redis://127.0.0.1:LOCKED?username=app&password=" HPT_REDIS_USER_PASSWORD, "127.0.0.1:LOCKED"},
    /* A user who may not SELECT: database 0 needs no SELECT. */
    {"redis://fixed:" HPT_REDIS_USER_PASSWORD "@127.0.0.1:LOCKED", "127.0.0.1:LOCKED"},
};

START_TEST(a_redis_that_answers_is_up)
{
    struct hpt_run run;

    probe_redis(&run, with_port(good[_i].target));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_has_text(&run, "checks.redis.target", with_port(good[_i].shown)));
    HPT_OK(hpt_is_text(&run, "ignored", NULL));
}
END_TEST

START_TEST(ipv6_literals_are_understood)
{
    struct hpt_run run;

    if (!hpt_net_have_ipv6()) {
        hpt_diag("no IPv6 on loopback here");
        return;
    }
    probe_redis(&run, hpt_strf("redis://[::1]:%d/1", plain.port));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "checks.redis.target", hpt_strf("redis://[::1]:%d/1", plain.port)));
}
END_TEST

START_TEST(irrelevant_parameters_are_ignored_and_listed)
{
    struct hpt_run run;

    probe_redis(&run, with_port("redis://127.0.0.1:PLAIN/1?family=0&protocol=3"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    ck_assert(hpt_lists(&run, "ignored", "family"));
    ck_assert(hpt_lists(&run, "ignored", "protocol"));
}
END_TEST

START_TEST(a_password_option_completes_the_url)
{
    struct hpt_run run;
    const char *file = hpt_strf("%s/redis-password.%d", hpt_tmpdir(), _i);
    const char *const flags[] = {HPT_REDIS_PASSWORD, "env:SECRET", hpt_strf("file:%s", file)};
    const char *const twins[] = {
        "HEALTHPROBE_REDIS_PASSWORD=" HPT_REDIS_PASSWORD,
        "HEALTHPROBE_REDIS_PASSWORD=env:SECRET",
        hpt_strf("HEALTHPROBE_REDIS_PASSWORD_FILE=%s", file),
    };
    /* A user without a password, or with an empty one, sends no AUTH. */
    const char *const targets[] = {
        with_port("redis://127.0.0.1:LOCKED"),
        with_port("redis://:@127.0.0.1:LOCKED"),
        with_port("redis://default@127.0.0.1:LOCKED"),
    };

    hpt_write_file(file, HPT_REDIS_PASSWORD "\r\n", 0644);
    if (_i < 3) {
        hpt_probe(&run, HPT_LIST("SECRET=" HPT_REDIS_PASSWORD),
                  HPT_LIST("full", "--check", "redis", "--redis", targets[_i % 3],
                           "--redis-password", flags[_i]));
    } else {
        hpt_probe(&run, HPT_LIST("SECRET=" HPT_REDIS_PASSWORD, twins[_i - 3]),
                  HPT_LIST("full", "--check", "redis", "--redis", targets[_i % 3]));
    }
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

/* The server would refuse it. */
START_TEST(an_empty_password_is_not_sent)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check", "redis", "--redis", with_port("redis://127.0.0.1:PLAIN"),
                       "--redis-password="));
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

static const struct {
    const char *target;
    const char *reason;
    const char *code;
} failures[] = {
    {"redis://127.0.0.1:LOCKED", "auth", "NOAUTH"},
    {"redis://127.0.0.1:LOCKED/3", "auth", "NOAUTH"},
    {"redis://default@127.0.0.1:LOCKED", "auth", "NOAUTH"},
    {"redis://:wrong-password@127.0.0.1:LOCKED", "auth", "WRONGPASS"},
    {"redis://:wrong-password@127.0.0.1:LOCKED/3", "auth", "WRONGPASS"},
    {"redis://app:wrong-password@127.0.0.1:LOCKED", "auth", "WRONGPASS"},
    {"redis://mute:" HPT_REDIS_USER_PASSWORD "@127.0.0.1:LOCKED", "auth", "NOPERM"},
    {"redis://fixed:" HPT_REDIS_USER_PASSWORD "@127.0.0.1:LOCKED/1", "auth", "NOPERM"},
    {"redis://:wrong-password@127.0.0.1:PLAIN", "auth", "ERR"},
    {"redis://127.0.0.1:PLAIN/99", "missing", "ERR"},
    {"redis://:" HPT_REDIS_PASSWORD "@127.0.0.1:LOCKED/16", "missing", "ERR"},
};

START_TEST(an_error_reply_is_down_even_when_a_later_one_is_fine)
{
    struct hpt_run run;

    probe_redis(&run, with_port(failures[_i].target));
    HPT_OK(hpt_is_down(&run, "redis", failures[_i].reason, failures[_i].code));
    HPT_OK(hpt_is_text(&run, "summary",
                       hpt_strf("redis %s %s", failures[_i].reason, failures[_i].code)));
    ck_assert_ptr_nonnull(hpt_get(&run, "checks.redis.error"));
}
END_TEST

START_TEST(only_auth_select_and_ping_are_sent)
{
    struct hpt_run run;

    free(hpt_redis_cli(&locked, HPT_LIST("config", "resetstat")));
    probe_redis(&run, with_port("redis://app:" HPT_REDIS_USER_PASSWORD "@127.0.0.1:LOCKED/2"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    const char *stats = hpt_redis_cli(&locked, HPT_LIST("info", "commandstats"));
    ck_assert_ptr_nonnull(strstr(stats, "cmdstat_ping:calls=1,"));
    ck_assert_ptr_nonnull(strstr(stats, "cmdstat_select:calls=1,"));
    ck_assert_ptr_null(strstr(stats, "cmdstat_hello"));
    ck_assert_ptr_null(strstr(stats, "cmdstat_client"));
    ck_assert_ptr_null(strstr(stats, "cmdstat_role"));

    free(hpt_redis_cli(&plain, HPT_LIST("config", "resetstat")));
    probe_redis(&run, with_port("redis://127.0.0.1:PLAIN"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    stats = hpt_redis_cli(&plain, HPT_LIST("info", "commandstats"));
    ck_assert_ptr_null(strstr(stats, "cmdstat_auth"));
    ck_assert_ptr_null(strstr(stats, "cmdstat_select"));
}
END_TEST

START_TEST(a_full_server_is_reported_as_capacity)
{
    struct hpt_run run;
    struct hpt_redis full;

    hpt_redis_create(&full, &(struct hpt_redis_opts){.config = "maxclients 1\n"});
    hpt_redis_start(&full);
    int holder = -1;
    char reply[16] = {0};
    /* The server may not have closed the connection of the check that it is up. */
    for (int i = 0; i < 100 && reply[0] != '+'; i++) {
        close(holder);
        holder = hpt_net_connect("127.0.0.1", full.port, 1000);
        ck_assert_int_ge(holder, 0);
        hpt_net_ask(holder, "PING\r\n", 6, reply, sizeof reply, 1000);
    }
    ck_assert_int_eq(reply[0], '+');
    /* The server refuses unprompted and closes the connection before the command arrives. */
    for (int i = 0; i < 5; i++) {
        probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", full.port));
        HPT_OK(hpt_is_down(&run, "redis", "capacity", "ERR"));
    }
    close(holder);
}
END_TEST

START_TEST(a_server_that_cannot_save_is_reported_as_readonly)
{
    struct hpt_run run;
    struct hpt_redis stuck;

    hpt_redis_create(&stuck, &(struct hpt_redis_opts){.config = "save 3600 1\n"
                                                                "dbfilename dump.rdb\n"});
    hpt_redis_start(&stuck);
    /* A directory in place of the file. */
    hpt_proc_must(HPT_LIST("mkdir", "-p", hpt_strf("%s/dump.rdb/x", stuck.dir)), true);
    free(hpt_redis_cli(&stuck, HPT_LIST("set", "key", "value")));
    free(hpt_redis_cli(&stuck, HPT_LIST("bgsave")));
    const char *info = "";
    for (int i = 0; i < 300 && strstr(info, "rdb_last_bgsave_status:err") == NULL; i++) {
        hpt_sleep_ms(10);
        info = hpt_redis_cli(&stuck, HPT_LIST("info", "persistence"));
    }
    probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", stuck.port));
    HPT_OK(hpt_is_down(&run, "redis", "readonly", "MISCONF"));
}
END_TEST

START_TEST(a_replica_without_its_master_is_reported_as_role)
{
    struct hpt_run run;
    struct hpt_redis replica;

    hpt_redis_create(&replica,
                     &(struct hpt_redis_opts){
                         .config = hpt_strf("replicaof 127.0.0.1 %d\nreplica-serve-stale-data no\n",
                                            hpt_net_refusing_port())});
    hpt_redis_start(&replica);
    probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", replica.port));
    HPT_OK(hpt_is_down(&run, "redis", "role", "MASTERDOWN"));
}
END_TEST

START_TEST(a_busy_script_is_reported_as_query)
{
    struct hpt_run run;
    struct hpt_redis busy;
    struct hpt_proc client = {.name = NULL};

    hpt_redis_create(&busy, &(struct hpt_redis_opts){.config = "lua-time-limit 100\n"});
    hpt_redis_start(&busy);
    struct hpt_spawn spawn = {
        .argv = HPT_LIST("redis-cli", "-s", busy.socket, "eval", "while true do end", "0"),
    };
    hpt_proc_start(&client, &spawn);
    hpt_sleep_ms(600);
    probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", busy.port));
    HPT_OK(hpt_is_down(&run, "redis", "query", "BUSY"));
    free(hpt_redis_cli(&busy, HPT_LIST("script", "kill")));
    hpt_proc_stop(&client);
    probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", busy.port));
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

/* Peers other than Redis, and replies that a real server rarely sends. */
static const struct {
    const char *bytes;
    bool answer_first;
    bool linger;
    const char *reason; /* NULL: up */
    const char *detail;
} peers[] = {
    {"", false, false, "closed", NULL},
    {"+PO", false, false, "closed", NULL},
    {"HTTP/1.1 400 Bad Request\r\n\r\n", false, false, "protocol", NULL},
    {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n+PONG\r\n", false, true, "protocol", NULL},
    {"$99999999999\r\n", false, true, "protocol", NULL},
    {"+PONG\r\n", false, true, NULL, NULL},
    {"-LOADING Redis is loading the dataset in memory\r\n", false, true, "loading", "LOADING"},
    {"-DENIED Redis is running in protected mode\r\n", true, false, "auth", "DENIED"},
    {"-ERR max number of clients reached\r\n", true, false, "capacity", "ERR"},
    {"-READONLY You can't write against a read only replica.\r\n", false, true, "readonly",
     "READONLY"},
    {"-ERR something else\r\n", false, true, "query", "ERR"},
};

START_TEST(a_peer_is_judged_by_its_replies)
{
    struct hpt_run run;
    struct hpt_peer peer;

    hpt_diag("the peer says: %.*s", (int)strcspn(peers[_i].bytes, "\r"), peers[_i].bytes);
    hpt_peer_start(&peer, peers[_i].bytes, strlen(peers[_i].bytes), peers[_i].answer_first,
                   peers[_i].linger);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("redis://127.0.0.1:%d", peer.port), "--timeout", "3s"));
    if (peers[_i].reason == NULL) {
        HPT_OK(hpt_is_healthy(&run, "redis"));
    } else {
        HPT_OK(hpt_is_down(&run, "redis", peers[_i].reason, peers[_i].detail));
    }
    ck_assert_double_lt(run.wall_ms, 2500);
}
END_TEST

START_TEST(an_error_that_repeats_the_password_is_withheld)
{
    struct hpt_run run;
    struct hpt_peer peer;
    const char *said = "-WRONGPASS not " HPT_REDIS_PASSWORD "\r\n";

    hpt_peer_start(&peer, said, strlen(said), false, true);
    probe_redis(&run, hpt_strf("redis://:%s@127.0.0.1:%d", HPT_REDIS_PASSWORD, peer.port));
    HPT_OK(hpt_is_down(&run, "redis", "auth", "WRONGPASS"));
    HPT_OK(hpt_is_text(&run, "checks.redis.error", "(withheld)"));
}
END_TEST

START_TEST(a_closed_port_or_socket_is_refused)
{
    struct hpt_run run;
    const char *const targets[] = {
        hpt_strf("redis://127.0.0.1:%d", hpt_net_refusing_port()),
        "unix:///nowhere/redis.sock",
    };

    probe_redis(&run, targets[_i]);
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
}
END_TEST

START_TEST(a_silent_server_times_out_at_the_first_command)
{
    struct hpt_run run;
    const char *const userinfo[] = {"", ":wrong-password@"};
    const char *const phases[] = {"response", "login"};

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("redis://%s127.0.0.1:%d", userinfo[_i], hpt_net_silent_port()),
                       "--redis-timeout", "400ms"));
    HPT_OK(hpt_is_down(&run, "redis", "timeout", phases[_i]));
    HPT_OK(hpt_is_punctual(&run, 400));
}
END_TEST

START_TEST(a_port_that_drops_packets_times_out_while_connecting)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("redis://127.0.0.1:%d", hpt_net_deaf_port()), "--timeout",
                       "500ms"));
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "connect"));
    HPT_OK(hpt_is_punctual(&run, 500));
}
END_TEST

START_TEST(a_paused_server_times_out_until_it_continues)
{
    struct hpt_run run;

    hpt_proc_pause(&plain.proc);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--redis", with_port("redis://127.0.0.1:PLAIN"),
                       "--timeout", "500ms"));
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 500));
    hpt_proc_continue(&plain.proc);
    probe_redis(&run, with_port("redis://127.0.0.1:PLAIN"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
}
END_TEST

START_TEST(a_server_is_up_only_between_start_and_stop)
{
    struct hpt_run run;
    struct hpt_redis late;

    hpt_redis_create(&late, &(struct hpt_redis_opts){.password = false});
    probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", late.port));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    hpt_redis_start(&late);
    probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", late.port));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    hpt_redis_stop(&late);
    probe_redis(&run, hpt_strf("redis://127.0.0.1:%d", late.port));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
}
END_TEST

START_TEST(verbose_shows_the_time_of_each_phase)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--check", "redis", "--verbose", "--redis",
                       with_port("redis://:" HPT_REDIS_PASSWORD "@127.0.0.1:LOCKED/1")));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    ck_assert_double_ge(hpt_number(&run, "checks.redis.timings.connect"), 0);
    ck_assert_double_ge(hpt_number(&run, "checks.redis.timings.login"), 0);
    ck_assert_double_ge(hpt_number(&run, "checks.redis.timings.response"), 0);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "up", 30);

    tcase_add_loop_test(tc, a_redis_that_answers_is_up, 0, HPT_COUNT(good));
    tcase_add_test(tc, ipv6_literals_are_understood);
    tcase_add_test(tc, irrelevant_parameters_are_ignored_and_listed);
    tcase_add_loop_test(tc, a_password_option_completes_the_url, 0, 6);
    tcase_add_test(tc, an_empty_password_is_not_sent);
    tcase_add_test(tc, only_auth_select_and_ping_are_sent);
    tcase_add_test(tc, verbose_shows_the_time_of_each_phase);

    tc = hpt_tcase(suite, "down", 30);
    tcase_add_loop_test(tc, an_error_reply_is_down_even_when_a_later_one_is_fine, 0,
                        HPT_COUNT(failures));
    tcase_add_test(tc, a_full_server_is_reported_as_capacity);
    tcase_add_test(tc, a_server_that_cannot_save_is_reported_as_readonly);
    tcase_add_test(tc, a_replica_without_its_master_is_reported_as_role);
    tcase_add_test(tc, a_busy_script_is_reported_as_query);
    tcase_add_loop_test(tc, a_peer_is_judged_by_its_replies, 0, HPT_COUNT(peers));
    tcase_add_test(tc, an_error_that_repeats_the_password_is_withheld);
    tcase_add_loop_test(tc, a_closed_port_or_socket_is_refused, 0, 2);

    tc = hpt_tcase(suite, "time", 30);
    tcase_add_loop_test(tc, a_silent_server_times_out_at_the_first_command, 0, 2);
    tcase_add_test(tc, a_port_that_drops_packets_times_out_while_connecting);
    tcase_add_test(tc, a_paused_server_times_out_until_it_continues);
    tcase_add_test(tc, a_server_is_up_only_between_start_and_stop);
}

int main(void)
{
    return hpt_main("redis", start_servers, build, true);
}
