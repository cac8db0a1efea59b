// SPDX-License-Identifier: MIT
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* Optional, tolerated and slow checks: the run is degraded but does not fail. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;
static int dead;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){0}, &redis,
                      &(struct hpt_redis_opts){0});
    dead = hpt_net_refusing_port();
    hpt_probe_secret("wrong-password");
}

static const char *port_var(int port)
{
    return hpt_strf("PORT=%d", port);
}

static const char *database_var(const char *user, int port)
{
    return hpt_strf("DATABASE_URL=postgresql://%s:%s@127.0.0.1:%d/app", user, HPT_PG_PASSWORD,
                    port);
}

static const char *redis_var(int port)
{
    return hpt_strf("REDIS_URL=redis://127.0.0.1:%d", port);
}

static bool is_set(struct hpt_run *run, const char *path)
{
    return json_is_true(hpt_get(run, path));
}

/* --- --optional ------------------------------------------------------------------------------- */

START_TEST(an_optional_check_that_is_down_degrades_the_run)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_var(nginx.port), database_var("app", pg.port), redis_var(dead)),
              HPT_LIST("full", "--optional", "redis"));
    ck_assert_int_eq(run.exit_status, 0);
    HPT_OK(hpt_is_forgiven(&run, "redis", "refused", NULL));
    HPT_OK(hpt_is_text(&run, "summary", "redis refused"));
    HPT_OK(hpt_has_checks(&run, "redis,http,database"));
    ck_assert(is_set(&run, "checks.redis.optional"));
    ck_assert(!is_set(&run, "checks.http.optional"));
    ck_assert(!is_set(&run, "checks.redis.tolerated"));
}
END_TEST

START_TEST(an_optional_check_that_is_up_changes_nothing)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(port_var(nginx.port), database_var("app", pg.port), redis_var(redis.port),
                       "HEALTHPROBE_OPTIONAL=redis,database"),
              HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    ck_assert(is_set(&run, "checks.redis.optional"));
}
END_TEST

START_TEST(failures_are_listed_before_optional_ones)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_var(dead), database_var("app", pg.port), redis_var(dead)),
              HPT_LIST("full", "--optional", "http"));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    HPT_OK(hpt_has_checks(&run, "redis,http,database"));
    HPT_OK(hpt_is_text(&run, "summary", "redis refused, http refused"));
    ck_assert_int_eq(run.exit_status, 1);
}
END_TEST

START_TEST(a_named_check_can_be_optional)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_var(nginx.port)),
              HPT_LIST("full", "--check", "redis", "--redis",
                       hpt_strf("redis://127.0.0.1:%d", redis.port), "--redis",
                       hpt_strf("cache=redis://127.0.0.1:%d", dead), "--optional", "cache"));
    HPT_OK(hpt_is_forgiven(&run, "cache", "refused", NULL));
}
END_TEST

START_TEST(a_skipped_check_can_be_optional)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(port_var(nginx.port)),
              HPT_LIST("--check", "http,redis?", "--optional", "redis"));
    HPT_OK(hpt_is_healthy(&run, "http"));
    ck_assert(hpt_lists(&run, "skipped", "redis"));
}
END_TEST

START_TEST(a_timeout_of_an_optional_check_degrades_the_run)
{
    struct hpt_run run;

    hpt_proc_pause(&redis.proc);
    hpt_probe(&run, HPT_LIST(port_var(nginx.port), redis_var(redis.port)),
              HPT_LIST("--check", "http,redis", "--optional", "redis", "--timeout", "500ms"));
    hpt_proc_continue(&redis.proc);
    HPT_OK(hpt_is_forgiven(&run, "redis", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 500));
}
END_TEST

/* --- --tolerate ------------------------------------------------------------------------------- */

START_TEST(a_tolerated_reason_degrades_the_run)
{
    struct hpt_run run;
    const char *const env[] = {port_var(nginx.port), database_var("busy", pg.port), NULL};

    hpt_probe(&run, env, HPT_LIST("ready"));
    HPT_OK(hpt_is_down(&run, "database", "capacity", "53300"));
    hpt_probe(&run, env, HPT_LIST("ready", "--tolerate", "capacity,loading"));
    HPT_OK(hpt_is_forgiven(&run, "database", "capacity", "53300"));
    ck_assert(is_set(&run, "checks.database.tolerated"));
    ck_assert(!is_set(&run, "checks.database.optional"));
    hpt_probe(&run, env, HPT_LIST("ready", "--tolerate", "loading"));
    HPT_OK(hpt_is_down(&run, "database", "capacity", "53300"));
    ck_assert(!is_set(&run, "checks.database.tolerated"));
}
END_TEST

START_TEST(other_reasons_are_not_tolerated)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(hpt_strf("HEALTHPROBE_HTTP=http://127.0.0.1:%d/status/503", nginx.port),
                       database_var("busy", pg.port), "HEALTHPROBE_TOLERATE=status,nonsense"),
              HPT_LIST("ready"));
    HPT_OK(hpt_is_down(&run, "database", "capacity", "53300"));
    HPT_OK(hpt_has_checks(&run, "database,http"));
    ck_assert(is_set(&run, "checks.http.tolerated"));
}
END_TEST

/* --- slow ------------------------------------------------------------------------------------- */

START_TEST(a_check_above_its_slow_limit_is_up_but_slow)
{
    struct hpt_run run;
    const char *const args[] = {"--http",
                                hpt_strf("slow=http://127.0.0.1:%d/slow", nginx.port),
                                "--http",
                                hpt_strf("http://127.0.0.1:%d/status/504", nginx.port),
                                "--http-status",
                                "200-504",
                                "--http-slow",
                                "300ms",
                                NULL};

    hpt_probe(&run, HPT_NONE, args);
    HPT_OK(hpt_is_text(&run, "status", "degraded"));
    HPT_OK(hpt_has_checks(&run, "slow,http"));
    HPT_OK(hpt_is_text(&run, "summary", NULL));
    ck_assert(is_set(&run, "checks.slow.slow"));
    ck_assert_double_ge(hpt_number(&run, "checks.slow.latency"), 300);
    ck_assert_int_eq(run.exit_status, 0);
}
END_TEST

START_TEST(each_kind_has_its_own_slow_limit)
{
    struct hpt_run run;
    const char *const kinds[] = {"http", "database", "redis"};
    const char *const env[] = {port_var(nginx.port), database_var("app", pg.port),
                               redis_var(redis.port), NULL};
    struct hpt_probe_opts opts = {
        .env = env,
        .args = HPT_LIST("full", hpt_strf("--%s-slow", kinds[_i]), "200ms", "--timeout", "8s"),
    };
    const struct hpt_proc *const procs[] = {&nginx.proc, &pg.proc, &redis.proc};

    hpt_proc_pause(procs[_i]);
    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(500);
    hpt_proc_continue(procs[_i]);
    hpt_probe_finish(&run, &opts);
    HPT_OK(hpt_is_text(&run, "status", "degraded"));
    HPT_OK(hpt_has_checks(&run, "http,database,redis"));
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(is_set(&run, hpt_strf("checks.%s.slow", kinds[i])), i == _i);
    }
}
END_TEST

START_TEST(a_check_below_its_slow_limit_is_healthy)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(port_var(nginx.port), redis_var(redis.port), "HEALTHPROBE_REDIS_SLOW=1m"),
              HPT_LIST("--check", "http,redis", "--http-slow", "1h"));
    HPT_OK(hpt_is_healthy(&run, "http,redis"));
}
END_TEST

/* --- short ------------------------------------------------------------------------------------ */

START_TEST(short_says_degraded_and_why)
{
    struct hpt_run run;
    const char *const *args = HPT_LIST(
        "--check", "http,redis", "--format", "short", "--optional", "redis", "--http-slow", "300ms",
        "--http", hpt_strf("http://127.0.0.1:%d/slow", nginx.port), "--http-status", "504");

    for (int i = 0; i < 2; i++) {
        hpt_probe(&run, HPT_LIST(redis_var(dead)), args);
        ck_assert_str_eq(
            run.out,
            hpt_strf("degraded: redis refused, http slow; redis: nothing listens on 127.0.0.1:%d "
                     "(localhost is this container or pod; another service has its own name) at "
                     "redis://127.0.0.1:%d\n",
                     dead, dead));
        ck_assert_int_eq(run.exit_status, 0);
    }
}
END_TEST

/* --- interrupted ------------------------------------------------------------------------------ */

static void interrupt(struct hpt_run *run, const char *const *args)
{
    const char *const env[] = {redis_var(redis.port), NULL};
    struct hpt_probe_opts opts = {.env = env, .args = args};

    hpt_proc_pause(&redis.proc);
    hpt_probe_start(run, &opts);
    hpt_sleep_ms(300);
    hpt_proc_signal(&run->proc, SIGTERM);
    hpt_probe_finish(run, &opts);
    hpt_proc_continue(&redis.proc);
}

START_TEST(an_interrupted_run_is_unhealthy_whatever_is_optional)
{
    struct hpt_run run;

    interrupt(&run, HPT_LIST("--check", "redis", "--optional", "redis", "--timeout", "8s"));
    HPT_OK(hpt_is_down(&run, "redis", "interrupted", NULL));
    ck_assert(is_set(&run, "checks.redis.optional"));
    ck_assert_int_eq(run.exit_status, 1);
}
END_TEST

/* --- errors ----------------------------------------------------------------------------------- */

static const struct {
    const char *args[8];
    const char *needles;
} wrong[] = {
    {{"full", "--optional", "cache"}, "--optional|http, database, redis"},
    {{"live", "--optional", "redis"}, "--optional|http"},
    {{"live", "--optional", ""}, "--optional"},
    {{"live", "--tolerate", "nonsense"}, "--tolerate|capacity"},
    {{"live", "--tolerate", "interrupted"}, "--tolerate|interrupted"},
    {{"live", "--tolerate", "internal"}, "--tolerate"},
    {{"live", "--tolerate", "config"}, "--tolerate"},
    {{"live", "--tolerate", "usage"}, "--tolerate"},
    {{"live", "--http-slow", "soon"}, "--http-slow|duration"},
    {{"live", "--redis-slow", "1s"}, "--redis-slow|not part of \"live\""},
    /* --optional does not excuse a configuration error */
    {{"live", "--optional", "http", "--http", "ftp://h"}, "--http"},
};

START_TEST(a_wrong_list_is_an_error)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST(redis_var(dead), database_var("app", dead)), wrong[_i].args);
    HPT_OK(hpt_is_config(&run, wrong[_i].needles));
}
END_TEST

START_TEST(unknown_names_in_a_variable_are_ignored)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST(port_var(dead), "HEALTHPROBE_OPTIONAL=redis,cache,http",
                       "HEALTHPROBE_TOLERATE=internal,nonsense", "HEALTHPROBE_REDIS_SLOW=soon"),
              HPT_LIST("live"));
    HPT_OK(hpt_is_forgiven(&run, "http", "refused", NULL));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "degraded", 60);

    tcase_add_test(tc, an_optional_check_that_is_down_degrades_the_run);
    tcase_add_test(tc, an_optional_check_that_is_up_changes_nothing);
    tcase_add_test(tc, failures_are_listed_before_optional_ones);
    tcase_add_test(tc, a_named_check_can_be_optional);
    tcase_add_test(tc, a_skipped_check_can_be_optional);
    tcase_add_test(tc, a_timeout_of_an_optional_check_degrades_the_run);
    tcase_add_test(tc, a_tolerated_reason_degrades_the_run);
    tcase_add_test(tc, other_reasons_are_not_tolerated);
    tcase_add_test(tc, a_check_above_its_slow_limit_is_up_but_slow);
    tcase_add_loop_test(tc, each_kind_has_its_own_slow_limit, 0, 3);
    tcase_add_test(tc, a_check_below_its_slow_limit_is_healthy);
    tcase_add_test(tc, short_says_degraded_and_why);
    tcase_add_test(tc, an_interrupted_run_is_unhealthy_whatever_is_optional);
    tcase_add_loop_test(tc, a_wrong_list_is_an_error, 0, HPT_COUNT(wrong));
    tcase_add_test(tc, unknown_names_in_a_variable_are_ignored);
}

int main(void)
{
    return hpt_main("degraded", start_servers, build, true);
}
