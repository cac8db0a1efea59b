// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* The modes, and all three checks at once. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){0}, &redis,
                      &(struct hpt_redis_opts){.password = true});
}

static const char *port_var(int port)
{
    return hpt_strf("PORT=%d", port);
}

static const char *database_var(int port)
{
    return hpt_strf("DATABASE_URL=postgresql://app:%s@127.0.0.1:%d/app", HPT_PG_PASSWORD, port);
}

static const char *redis_var(int port)
{
    return hpt_strf("REDIS_URL=redis://:%s@127.0.0.1:%d", HPT_REDIS_PASSWORD, port);
}

/* The environment of a service in its container. */
#define SERVICE_ENV database_var(pg.port), redis_var(redis.port), port_var(nginx.port)

START_TEST(full_checks_the_service_its_database_and_its_redis)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    HPT_OK(hpt_is_text(&run, "mode", "full"));
    HPT_OK(hpt_is_text(&run, "checks.http.target",
                       hpt_strf("http://localhost:%d/health", nginx.port)));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@127.0.0.1:%d/app", pg.port)));
    HPT_OK(hpt_is_text(&run, "checks.redis.target", hpt_strf("redis://127.0.0.1:%d", redis.port)));
    ck_assert_int_eq((int)hpt_number(&run, "checks.http.code"), 200);
    HPT_OK(hpt_is_text(&run, "notes", NULL));
    HPT_OK(hpt_is_text(&run, "ignored", NULL));
    HPT_OK(hpt_is_text(&run, "skipped", NULL));
    HPT_OK(hpt_is_text(&run, "truncated", NULL));
}
END_TEST

START_TEST(ready_does_not_check_redis)
{
    struct hpt_run run;

    hpt_probe(
        &run,
        HPT_LIST(database_var(pg.port), redis_var(hpt_net_refusing_port()), port_var(nginx.port)),
        HPT_LIST("ready"));
    HPT_OK(hpt_is_healthy(&run, "http,database"));
    HPT_OK(hpt_is_text(&run, "mode", "ready"));
    HPT_OK(hpt_is_text(&run, "checks.http.target",
                       hpt_strf("http://localhost:%d/health/ready", nginx.port)));
}
END_TEST

START_TEST(liveness_ignores_a_dead_or_misspelt_database)
{
    struct hpt_run run;
    const char *const values[] = {
        database_var(hpt_net_refusing_port()),
        "DATABASE_URL=this is no url",
        "DATABASE_URL=env:NOTHING",
        "HEALTHPROBE_DATABASE=${NOT_EXPANDED}",
        "HEALTHPROBE_DATABASE_FILE=/nowhere/secret",
        "HEALTHPROBE_DATABASE_TIMEOUT=never",
        "HEALTHPROBE_DATABASE_LEVEL=deep",
        "HEALTHPROBE_REDIS_TIMEOUT=-1",
        "HEALTHPROBE_REDIS_INSECURE=perhaps",
        "HEALTHPROBE_DATABASE_CA=/nowhere/ca.crt",
    };

    hpt_probe(&run, HPT_LIST(values[_i], "REDIS_URL=nor is this", port_var(nginx.port)),
              HPT_LIST("live"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "mode", "live"));
}
END_TEST

/* A pod's variable must not make liveness depend on a database. */
START_TEST(a_list_in_the_environment_only_removes_checks_of_a_mode)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(SERVICE_ENV, "HEALTHPROBE_CHECK=http,database"), HPT_LIST("live"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "mode", "live"));
    hpt_probe(&run, HPT_LIST(SERVICE_ENV, "HEALTHPROBE_CHECK=redis,http"), HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,redis"));
    hpt_probe(&run, HPT_LIST(SERVICE_ENV, "HEALTHPROBE_CHECK=database"), HPT_LIST("live"));
    HPT_OK(hpt_is_config(&run, "HEALTHPROBE_CHECK: leaves nothing to check of live"));
}
END_TEST

START_TEST(a_list_of_checks_without_a_mode_is_custom)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("--check", "redis"));
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "mode", "custom"));
    hpt_probe(&run, HPT_LIST(SERVICE_ENV, "HEALTHPROBE_CHECK=redis"), HPT_NONE);
    HPT_OK(hpt_is_healthy(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "mode", "custom"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("--check", "redis"));
    HPT_OK(hpt_is_config(&run, "redis"));
    HPT_OK(hpt_is_text(&run, "mode", "custom"));
}
END_TEST

START_TEST(a_list_of_checks_replaces_those_of_the_mode)
{
    struct hpt_run run;
    const char *const lists[] = {"redis,http", "database", "redis,database,http"};
    const char *const plans[] = {"http,redis", "database", "http,database,redis"};

    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("live", "--check", lists[_i]));
    HPT_OK(hpt_is_healthy(&run, plans[_i]));
    HPT_OK(hpt_is_text(&run, "mode", "live"));
}
END_TEST

static const char *const kinds[] = {"http", "database", "redis"};

START_TEST(a_refused_check_is_listed_first_and_the_others_are_up)
{
    struct hpt_run run;
    int dead = hpt_net_refusing_port();

    hpt_probe(&run,
              HPT_LIST(port_var(_i == 0 ? dead : nginx.port),
                       database_var(_i == 1 ? dead : pg.port),
                       redis_var(_i == 2 ? dead : redis.port)),
              HPT_LIST("full"));
    HPT_OK(hpt_is_down(&run, kinds[_i], "refused", NULL));
    HPT_OK(hpt_is_text(&run, "summary", hpt_strf("%s refused", kinds[_i])));
    HPT_OK(hpt_is_up(&run, kinds[(_i + 1) % 3]));
    HPT_OK(hpt_is_up(&run, kinds[(_i + 2) % 3]));
}
END_TEST

START_TEST(each_server_that_starts_or_stops_is_noticed)
{
    struct hpt_run run;
    struct hpt_nginx own_nginx;
    struct hpt_postgres own_pg;
    struct hpt_redis own_redis;
    const char *env[4];

    hpt_nginx_create(&own_nginx);
    hpt_postgres_create(&own_pg, &(struct hpt_postgres_opts){.tls = false});
    hpt_redis_create(&own_redis, &(struct hpt_redis_opts){.password = true});

    for (int step = 0; step <= 3; step++) {
        env[0] = port_var(own_nginx.port);
        env[1] = database_var(own_pg.port);
        env[2] = redis_var(own_redis.port);
        env[3] = NULL;
        hpt_probe(&run, env, HPT_LIST("full"));
        for (int i = step; i < 3; i++) {
            HPT_OK(hpt_is_down(&run, kinds[i], "refused", NULL));
        }
        for (int i = 0; i < step; i++) {
            HPT_OK(hpt_is_up(&run, kinds[i]));
        }
        if (step == 0) {
            hpt_nginx_start(&own_nginx);
        } else if (step == 1) {
            hpt_postgres_start(&own_pg);
        } else if (step == 2) {
            hpt_redis_start(&own_redis);
        }
    }
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));

    hpt_redis_stop(&own_redis);
    hpt_probe(&run, env, HPT_LIST("full"));
    HPT_OK(hpt_is_text(&run, "summary", "redis refused"));
    hpt_postgres_stop(&own_pg);
    hpt_probe(&run, env, HPT_LIST("full"));
    HPT_OK(hpt_is_text(&run, "summary", "database refused, redis refused"));
    hpt_nginx_stop(&own_nginx);
    hpt_probe(&run, env, HPT_LIST("full"));
    HPT_OK(hpt_is_text(&run, "summary", "http refused, database refused, redis refused"));
}
END_TEST

static const char *login_phases(void)
{
    return hpt_probe_tls() ? "tls|login" : "login";
}

START_TEST(with_everything_paused_the_report_names_each_phase_at_the_limit)
{
    struct hpt_run run;

    hpt_proc_pause(&nginx.proc);
    hpt_proc_pause(&pg.proc);
    hpt_proc_pause(&redis.proc);
    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("full", "--timeout", "700ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", login_phases()));
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "login"));
    HPT_OK(hpt_is_punctual(&run, 700));
    ck_assert_double_ge(hpt_number(&run, "latency"), 690);
    hpt_proc_continue_all();
    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
}
END_TEST

START_TEST(with_one_server_paused_the_report_has_the_finished_checks)
{
    struct hpt_run run;
    const struct hpt_proc *const procs[] = {&nginx.proc, &pg.proc, &redis.proc};

    hpt_proc_pause(procs[_i]);
    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("full", "--timeout", "900ms"));
    HPT_OK(hpt_is_down(&run, kinds[_i], "timeout", "response|login|tls"));
    HPT_OK(hpt_is_up(&run, kinds[(_i + 1) % 3]));
    HPT_OK(hpt_is_up(&run, kinds[(_i + 2) % 3]));
    HPT_OK(hpt_is_punctual(&run, 900));
    hpt_proc_continue(procs[_i]);
}
END_TEST

START_TEST(a_shorter_limit_of_one_check_does_not_cut_the_others)
{
    struct hpt_run run;

    hpt_proc_pause(&redis.proc);
    hpt_probe(&run, HPT_LIST(SERVICE_ENV),
              HPT_LIST("full", "--http", hpt_strf("http://127.0.0.1:%d/slow", nginx.port),
                       "--http-status", "504", "--redis-timeout", "200ms", "--timeout", "5s"));
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "login"));
    HPT_OK(hpt_is_up(&run, "http"));
    HPT_OK(hpt_is_up(&run, "database"));
    ck_assert_double_lt(hpt_number(&run, "checks.redis.latency"), 200 + 200);
    ck_assert_double_ge(hpt_number(&run, "checks.http.latency"), 400);
    ck_assert_double_lt(run.wall_ms, 3000);
    hpt_proc_continue(&redis.proc);
}
END_TEST

START_TEST(a_run_takes_as_long_as_its_slowest_check)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = HPT_LIST("full", "--timeout", "8s"),
    };

    hpt_proc_pause(&nginx.proc);
    hpt_proc_pause(&pg.proc);
    hpt_proc_pause(&redis.proc);
    hpt_probe_start(&run, &opts);
    /* It may start slowly. */
    hpt_sleep_ms(1500);
    hpt_proc_continue(&redis.proc);
    hpt_sleep_ms(100);
    hpt_proc_continue(&nginx.proc);
    hpt_sleep_ms(100);
    hpt_proc_continue(&pg.proc);
    hpt_probe_finish(&run, &opts);
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));

    double slowest = 0;
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double latency = hpt_number(&run, hpt_strf("checks.%s.latency", kinds[i]));
        ck_assert_double_ge(latency, 400);
        slowest = latency > slowest ? latency : slowest;
        sum += latency;
    }
    double whole = hpt_number(&run, "latency");
    hpt_diag("the whole run %.0f ms, its slowest check %.0f ms, the sum %.0f ms", whole, slowest,
             sum);
    ck_assert_double_ge(whole, slowest - 0.001);
    ck_assert_double_lt(whole, slowest + 300);
    ck_assert_double_lt(whole, sum - 500);
}
END_TEST

START_TEST(the_version_of_the_service_comes_from_its_environment)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_var(nginx.port), "APP_VERSION=1.4.2-rc.1"), HPT_LIST("live"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    HPT_OK(hpt_is_text(&run, "version", "1.4.2-rc.1"));
    hpt_probe(&run, HPT_LIST(port_var(nginx.port), "APP_VERSION="), HPT_LIST("live"));
    HPT_OK(hpt_is_text(&run, "version", "unknown"));
    hpt_probe(&run, HPT_LIST(port_var(nginx.port)), HPT_LIST("live"));
    HPT_OK(hpt_is_text(&run, "version", "unknown"));
}
END_TEST

/* The age of process 1, computed from the same files. */
static double age_of_process_one(void)
{
    char *stat = hpt_read_file("/proc/1/stat", NULL);
    char *uptime = hpt_read_file("/proc/uptime", NULL);
    double up = 0;
    unsigned long long started = 0;

    if (stat == NULL || uptime == NULL || sscanf(uptime, "%lf", &up) != 1) {
        return -1;
    }
    const char *after = strrchr(stat, ')');
    if (after == NULL || sscanf(after,
                                ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d "
                                "%*d %*d %*d %*d %*d %llu",
                                &started) != 1) {
        return -1;
    }
    return up - (double)started / 100;
}

START_TEST(the_uptime_is_the_age_of_process_one)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_var(nginx.port)), HPT_LIST("live"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    double age = age_of_process_one();
    ck_assert_double_ge(hpt_number(&run, "uptime"), age - 3);
    ck_assert_double_le(hpt_number(&run, "uptime"), age + 3);
}
END_TEST

/*
 * A shell is process 1 of a process namespace and starts the probe in its own mount namespace or in
 * another. The latter is like a pod with a shared process namespace, where process 1 visibly
 * belongs to another container.
 */
START_TEST(from_another_mount_namespace_no_uptime_is_reported)
{
    const char *elsewhere =
        _i == 0 ? "\"$0\" \"$@\"; exit $?" : "unshare -m \"$0\" \"$@\"; exit $?";
    const bool root = geteuid() == 0;
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(port_var(nginx.port), "PATH=/usr/bin:/bin"),
        .args = HPT_LIST(root ? "--pid" : "-Ur", "--pid", "--fork", "--mount-proc", "--kill-child",
                         "/bin/sh", "-c", elsewhere, hpt_probe_binary(), "live"),
        .binary = "/usr/bin/unshare",
    };

    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert_msg((hpt_get(&run, "uptime") != NULL) == (_i == 0), "%s", hpt_said(&run));
}
END_TEST

START_TEST(short_says_healthy_and_nothing_else)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("full", "--format", "short"));
    ck_assert_str_eq(run.out, "healthy\n");
    ck_assert_str_eq(run.err, "");
    ck_assert_int_eq(run.exit_status, 0);
}
END_TEST

START_TEST(short_prints_equal_failures_alike)
{
    struct hpt_run run;
    struct hpt_run again;
    const char *const env[] = {
        port_var(nginx.port),
        hpt_strf("DATABASE_URL=postgresql://app:wrong-password@127.0.0.1:%d/app", pg.port),
        redis_var(hpt_net_refusing_port()),
        NULL,
    };
    const char *const *args = HPT_LIST("full", "--format", "short", "--http",
                                       hpt_strf("http://127.0.0.1:%d/status/503", nginx.port));

    hpt_probe_secret("wrong-password");
    hpt_probe(&run, env, args);
    hpt_probe(&again, env, args);
    ck_assert_int_eq(run.exit_status, 1);
    ck_assert_str_eq(run.err, "");
    ck_assert_str_eq(run.out, again.out);
    static const char begin[] = "unhealthy: http status 503, database auth 28P01, redis refused";
    ck_assert_msg(strncmp(run.out, begin, strlen(begin)) == 0, "%s", hpt_said(&run));
    ck_assert_ptr_nonnull(strstr(run.out, "password authentication failed"));
    /* Response bodies may hold timestamps. */
    ck_assert_ptr_null(strstr(run.out, "status 503 here"));
    ck_assert_ptr_eq(strchr(run.out, '\n'), run.out + run.out_len - 1);
    ck_assert_uint_le(run.out_len, 4096);
}
END_TEST

START_TEST(verbose_adds_the_timings_of_every_check)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("full", "--verbose"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    for (int i = 0; i < 3; i++) {
        ck_assert_double_ge(hpt_number(&run, hpt_strf("checks.%s.timings.connect", kinds[i])), 0);
    }
}
END_TEST

START_TEST(many_probes_at_once_do_not_disturb_each_other)
{
    enum { PROBES = 8 };
    static struct hpt_run runs[PROBES];
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = HPT_LIST("full", "--timeout", "8s"),
    };

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < PROBES; i++) {
            hpt_probe_start(&runs[i], &opts);
        }
        for (int i = 0; i < PROBES; i++) {
            hpt_probe_finish(&runs[i], &opts);
            HPT_OK(hpt_is_healthy(&runs[i], "http,database,redis"));
        }
    }
}
END_TEST

START_TEST(a_short_limit_always_gives_a_report)
{
    struct hpt_run run;
    const char *const timeouts[] = {"1ms", "2ms", "3ms", "5ms", "8ms", "12ms", "20ms", "40ms"};

    for (int i = 0; i < 5; i++) {
        hpt_probe(&run, HPT_LIST(SERVICE_ENV), HPT_LIST("full", "--timeout", timeouts[_i]));
        HPT_OK(hpt_is_report(&run));
        ck_assert_uint_eq(json_object_size(hpt_get(&run, "checks")), 3);
        ck_assert_double_lt(run.wall_ms, 40 + HPT_OVERSHOOT_MS);
    }
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "modes", 30);

    tcase_add_test(tc, full_checks_the_service_its_database_and_its_redis);
    tcase_add_test(tc, ready_does_not_check_redis);
    tcase_add_loop_test(tc, liveness_ignores_a_dead_or_misspelt_database, 0, 10);
    tcase_add_loop_test(tc, a_list_of_checks_replaces_those_of_the_mode, 0, 3);
    tcase_add_test(tc, a_list_in_the_environment_only_removes_checks_of_a_mode);
    tcase_add_test(tc, a_list_of_checks_without_a_mode_is_custom);

    tc = hpt_tcase(suite, "down", 60);
    tcase_add_loop_test(tc, a_refused_check_is_listed_first_and_the_others_are_up, 0, 3);
    tcase_add_test(tc, each_server_that_starts_or_stops_is_noticed);

    tc = hpt_tcase(suite, "time", 30);
    tcase_add_test(tc, with_everything_paused_the_report_names_each_phase_at_the_limit);
    tcase_add_loop_test(tc, with_one_server_paused_the_report_has_the_finished_checks, 0, 3);
    tcase_add_test(tc, a_shorter_limit_of_one_check_does_not_cut_the_others);
    tcase_add_test(tc, a_run_takes_as_long_as_its_slowest_check);
    tcase_add_test(tc, many_probes_at_once_do_not_disturb_each_other);
    tcase_add_loop_test(tc, a_short_limit_always_gives_a_report, 0, 8);

    tc = hpt_tcase(suite, "report", 30);
    tcase_add_test(tc, the_version_of_the_service_comes_from_its_environment);
    tcase_add_test(tc, the_uptime_is_the_age_of_process_one);
    tcase_add_loop_test(tc, from_another_mount_namespace_no_uptime_is_reported, 0, 2);
    tcase_add_test(tc, short_says_healthy_and_nothing_else);
    tcase_add_test(tc, short_prints_equal_failures_alike);
    tcase_add_test(tc, verbose_adds_the_timings_of_every_check);
}

int main(void)
{
    return hpt_main("full", start_servers, build, true);
}
