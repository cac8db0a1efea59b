/* SPDX-License-Identifier: MIT */
#include "build.h"

#include <healthprobe/net/tls.h>
#include <healthprobe/plan/kinds.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* With the real kinds: what a command line and an environment come to. */

#define DB  "DATABASE_URL=postgresql://app:s3cr3t-Zq9@db/app"
#define CUT "an @ or # follows the host: percent-encode / ? # @ in the password as %2F %3F %23 %40"
#define RED "REDIS_URL=redis://:s3cr3t-Zq9@redis"

/* --- which checks ----------------------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *targets[3];
    const char *skipped; /* NULL: none */
} plans[] = {
    {{{0}, {0}}, {"http://localhost:3000/health/live"}, NULL},
    {{{"live"}, {DB, RED}}, {"http://localhost:3000/health/live"}, NULL},
    {{{"ready"}, {DB, RED}},
     {"http://localhost:3000/health/ready", "postgresql://app@db:5432/app"},
     NULL},
    {{{"full"}, {RED, DB}},
     {"http://localhost:3000/health", "postgresql://app@db:5432/app", "redis://redis:6379"},
     NULL},
    {{{0}, {"PORT=8080"}}, {"http://localhost:8080/health/live"}, NULL},
    {{{0}, {"PORT="}}, {"http://localhost:3000/health/live"}, NULL},
    {{{"--http", "/up"}, {"PORT=8080"}}, {"http://localhost:8080/up"}, NULL},
    {{{"--http", ":81"}, {"PORT=8080"}}, {"http://localhost:81/health/live"}, NULL},
    {{{"--http", ":"}, {"PORT=8080"}}, {"http://localhost:8080/health/live"}, NULL},
    {{{"--http", ":/up"}, {"PORT=8080"}}, {"http://localhost:8080/up"}, NULL},
    {{{"--http", ":?up"}, {"PORT=8080"}}, {"http://localhost:8080/health/live"}, NULL},
    {{{"ready", "--http", ":81/up", "--database", "postgresql://u@h"}, {0}},
     {"http://localhost:81/up", "postgresql://u@h:5432/u"},
     NULL},
    {{{"full", "--http", "http://h"}, {DB, RED}},
     {"http://h/health", "postgresql://app@db:5432/app", "redis://redis:6379"},
     NULL},
    /* a PORT that is none matters where it is needed alone */
    {{{"--http", "http://h:/"}, {"PORT=none"}}, {"http://h/"}, NULL},
    {{{"--http", ":81"}, {"PORT=tcp://10.0.0.1:80"}}, {"http://localhost:81/health/live"}, NULL},
    {{{"--http", "http://h/"}, {"PORT=none"}}, {"http://h/"}, NULL},
    {{{"--check", "redis"}, {RED, "PORT=none"}}, {"redis://redis:6379"}, NULL},
    /* the list's order is the plan's */
    {{{"--check", "redis,database,http"}, {DB, RED}},
     {"http://localhost:3000/health/live", "postgresql://app@db:5432/app", "redis://redis:6379"},
     NULL},
    {{{"full", "--check", "http"}, {0}}, {"http://localhost:3000/health"}, NULL},
    /* a variable that says nothing beside a target is not read */
    {{{":81/up"}, {"HEALTHPROBE_CHECK='redis'"}}, {"http://localhost:81/up"}, NULL},
    {{{"--http", "redis:81/up"}, {0}}, {"http://redis:81/up"}, NULL},
    /* what may be left out */
    {{{"--check", "http,redis?"}, {0}}, {"http://localhost:3000/health/live"}, "redis"},
    {{{"--check", "http,redis?"}, {"REDIS_URL="}}, {"http://localhost:3000/health/live"}, "redis"},
    {{{"--check", "http,redis?"}, {RED}},
     {"http://localhost:3000/health/live", "redis://redis:6379"},
     NULL},
    {{{"--check", "http,redis?", "--redis", "redis://r"}, {0}},
     {"http://localhost:3000/health/live", "redis://r:6379"},
     NULL},
    {{{"--check", "http?,redis"}, {RED}}, {"redis://redis:6379"}, "http"},
    {{{"--check", "http?,redis"}, {RED, "PORT=81"}},
     {"http://localhost:81/health/live", "redis://redis:6379"},
     NULL},
    {{{"--check", "http?,redis"}, {RED, "HEALTHPROBE_HTTP=:82"}},
     {"http://localhost:82/health/live", "redis://redis:6379"},
     NULL},
    {{{"--check", "http?", "--http", "/x"}, {0}}, {"http://localhost:3000/x"}, NULL},
    /* twins of what is left out are ignored, whatever they hold */
    {{{"--check", "http,redis?"},
      {"HEALTHPROBE_REDIS_TIMEOUT=soon", "HEALTHPROBE_REDIS_INSECURE=maybe"}},
     {"http://localhost:3000/health/live"},
     "redis"},
    {{{"--check", "http,redis?"}, {"HEALTHPROBE_REDIS_PASSWORD_FILE=/none"}},
     {"http://localhost:3000/health/live"},
     "redis"},
    {{{"--check", "http,database?"},
      {"HEALTHPROBE_DATABASE_LEVEL=deep", "HEALTHPROBE_DATABASE_PASSWORD=env:NONE"}},
     {"http://localhost:3000/health/live"},
     "database"},
    /* and so are those of what is not asked for */
    {{{"live"},
      {"HEALTHPROBE_REDIS_TIMEOUT=soon", "HEALTHPROBE_DATABASE_LEVEL=deep", "REDIS_URL=nonsense",
       "HEALTHPROBE_DATABASE_CA=/none", "DATABASE_URL=${URL}"}},
     {"http://localhost:3000/health/live"},
     NULL},
};

START_TEST(plan_holds_what_was_asked_for)
{
    ck_assert_msg(build(&plans[_i].input), "%s", err.msg);
    for (size_t i = 0; i < HP_UNIT_ROWS(plans[_i].targets); i++) {
        if (!plans[_i].targets[i]) {
            ck_assert_uint_eq(plan.n_checks, i);
            break;
        }
        ck_assert_uint_gt(plan.n_checks, i);
        ck_assert_str_eq(plan.checks[i].target, plans[_i].targets[i]);
        ck_assert_str_eq(plan.checks[i].name, plan.checks[i].ops->kind);
        ck_assert_ptr_eq(plan.checks[i].secrets->of, &plan.collected.secrets);
    }
    ck_assert_uint_eq(plan.skipped.n, plans[_i].skipped != NULL);
    if (plans[_i].skipped)
        ck_assert_str_eq(plan.skipped.items[0], plans[_i].skipped);
}
END_TEST

/* --- names ------------------------------------------------------------------------------------ */

static const struct {
    struct input input;
    const char *names[6];
    const char *targets[6];
} named[] = {
    {{{"--http", "api=:1/x", "--http", ":2", "--http", "z=/y"}, {"PORT=8080"}},
     {"api", "http", "z"},
     {"http://localhost:1/x", "http://localhost:2/health/live", "http://localhost:8080/y"}},
    /* kinds in their order, those of one kind as given */
    {{{"full", "--redis", "b=redis://b", "--database", "z=postgresql://u@z", "--redis",
       "a=redis://a", "--database", "y=postgresql://u@y", "--http", "c=:3"},
      {0}},
     {"c", "z", "y", "b", "a"},
     {"http://localhost:3/health", "postgresql://u@z:5432/u", "postgresql://u@y:5432/u",
      "redis://b:6379", "redis://a:6379"}},
    /* one flag replaces the variables */
    {{{"--check", "database", "--database", "replica=env:REPLICA_URL"},
      {DB, "REPLICA_URL=postgresql://app:s3cr3t-Zq9@replica/app"}},
     {"replica"},
     {"postgresql://app@replica:5432/app"}},
    {{{"--check", "redis"}, {"HEALTHPROBE_REDIS=a=env:REDIS_URL\nredis://b", RED}},
     {"a", "redis"},
     {"redis://redis:6379", "redis://b:6379"}},
    /* the name of a kind that is not in the run is a name like another */
    {{{"--http", "redis=:1", "--http", "database=:2"}, {0}},
     {"redis", "database"},
     {"http://localhost:1/health/live", "http://localhost:2/health/live"}},
    {{{"--check", "http?,redis", "--redis", "cache=redis://a"}, {0}},
     {"cache"},
     {"redis://a:6379"}},
};

START_TEST(check_has_the_name_that_it_was_given)
{
    size_t n = 0;

    ck_assert_msg(build(&named[_i].input), "%s", err.msg);
    for (; n < HP_UNIT_ROWS(named[_i].names) && named[_i].names[n]; n++) {
        ck_assert_uint_gt(plan.n_checks, n);
        ck_assert_str_eq(plan.checks[n].name, named[_i].names[n]);
        ck_assert_str_eq(plan.checks[n].target, named[_i].targets[n]);
    }
    ck_assert_uint_eq(plan.n_checks, n);
}
END_TEST

/** @n lines "cNN=:80". */
static void make_lines(char *ret, size_t n)
{
    ret += sprintf(ret, "HEALTHPROBE_HTTP=");
    for (size_t i = 0; i < n; i++)
        ret += sprintf(ret, "c%zu=:80\n", i);
}

START_TEST(sixteen_checks_are_the_most)
{
    char lines[512];
    struct input input = {{0}, {lines}};

    make_lines(lines, HP_CHECKS_MAX);
    ck_assert_msg(build(&input), "%s", err.msg);
    ck_assert_uint_eq(plan.n_checks, HP_CHECKS_MAX);
    release();

    make_lines(lines, HP_CHECKS_MAX + 4);
    ck_assert(!build(&input));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_msg(strstr(err.msg, "HEALTHPROBE_HTTP (c16): too many") != NULL, "%s", err.msg);
    ck_assert_msg(strstr(err.msg, "at most 16 checks") != NULL, "%s", err.msg);
    ck_assert_uint_eq(plan.n_checks, HP_CHECKS_MAX);
    /* it is one mistake, however often */
    ck_assert_uint_eq(err.n, 1);
    /* one more would have been written over what comes next */
    ck_assert_uint_eq(plan.collected.ignored.n, 0);
    release();

    /* the kinds count together */
    make_lines(lines, HP_CHECKS_MAX - 1);
    input.arguments[0] = "full";
    input.environment[1] = DB;
    input.environment[2] = RED;
    ck_assert(!build(&input));
    ck_assert_msg(strstr(err.msg, "REDIS_URL: too many") != NULL, "%s", err.msg);
}
END_TEST

START_TEST(password_completes_each_url_that_has_none)
{
    static const struct input input = {{"--check", "database", "--database-password", "s3cr3t-Zq9",
                                        "--database", "a=postgresql://u@h", "--database",
                                        "b=postgresql://u:its-own@h", "--database",
                                        "c=postgresql://u:@h"},
                                       {0}};

    ck_assert_msg(build(&input), "%s", err.msg);
    ck_assert_uint_eq(plan.n_checks, 3);
    ck_assert(hp_secrets_found(&plan.collected.secrets, hp_untrusted_of("x s3cr3t-Zq9 x")));
    ck_assert(hp_secrets_found(&plan.collected.secrets, hp_untrusted_of("x its-own x")));
}
END_TEST

START_TEST(user_without_a_password_may_be_a_token)
{
    static const struct input input = {{"--http", "http://s3cr3t-Zq9@h/"}, {0}};
    static const struct input with_password = {{"--http", "http://user-name:s3cr3t-Zq9@h/"}, {0}};

    ck_assert_msg(build(&input), "%s", err.msg);
    ck_assert(hp_secrets_found(&plan.collected.secrets, hp_untrusted_of("x s3cr3t-Zq9 x")));
    release();
    ck_assert_msg(build(&with_password), "%s", err.msg);
    ck_assert(hp_secrets_found(&plan.collected.secrets, hp_untrusted_of("x s3cr3t-Zq9 x")));
    ck_assert(!hp_secrets_found(&plan.collected.secrets, hp_untrusted_of("x user-name x")));
}
END_TEST

/* --- what may be down ------------------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *optional; /* one letter a check: "o" may be down */
    uint32_t tolerated;
} forgiven[] = {
    {{{"full"}, {DB, RED}}, "...", 0},
    {{{"full", "--optional", "redis"}, {DB, RED}}, "..o", 0},
    {{{"full", "--optional=database,redis"}, {DB, RED}}, ".oo", 0},
    {{{"full", "--optional", "redis,redis"}, {DB, RED}}, "..o", 0},
    {{{"full", "--optional", " database ,\tredis\r"}, {DB, RED}}, ".oo", 0},
    {{{"full", "--tolerate", "capacity, loading"}, {DB, RED}},
     "...",
     hp_reason_bit(HP_REASON_CAPACITY) | hp_reason_bit(HP_REASON_LOADING)},
    {{{"full"}, {DB, RED, "HEALTHPROBE_OPTIONAL=http,database"}}, "oo.", 0},
    {{{"full", "--optional", "http"}, {DB, RED, "HEALTHPROBE_OPTIONAL=redis"}}, "o..", 0},
    {{{"--http", "a=:1", "--http", "b=:2", "--optional", "b"}, {0}}, ".o", 0},
    /* a check that was skipped has a known name */
    {{{"--check", "http,redis?", "--optional", "redis"}, {0}}, ".", 0},
    /* in a twin, other names are meant for another probe */
    {{{"live"}, {"HEALTHPROBE_OPTIONAL=redis,nobody,,http,"}}, "o", 0},
    {{{"live", "--tolerate", "capacity"}, {0}}, ".", hp_reason_bit(HP_REASON_CAPACITY)},
    {{{"full", "--tolerate", "capacity,loading,capacity"}, {DB, RED}},
     "...",
     hp_reason_bit(HP_REASON_CAPACITY) | hp_reason_bit(HP_REASON_LOADING)},
    {{{"live"}, {"HEALTHPROBE_TOLERATE=timeout,internal,nothing,config,,interrupted,usage"}},
     ".",
     hp_reason_bit(HP_REASON_TIMEOUT)},
    {{{"live", "--tolerate", "tls"}, {"HEALTHPROBE_TOLERATE=timeout"}},
     ".",
     hp_reason_bit(HP_REASON_TLS)},
};

START_TEST(what_may_be_down_is_marked)
{
    ck_assert_msg(build(&forgiven[_i].input), "%s", err.msg);
    ck_assert_uint_eq(plan.n_checks, strlen(forgiven[_i].optional));
    for (size_t i = 0; i < plan.n_checks; i++) {
        ck_assert_int_eq(plan.checks[i].optional, forgiven[_i].optional[i] == 'o');
        ck_assert_uint_eq(plan.checks[i].tolerated, forgiven[_i].tolerated);
    }
}
END_TEST

static const struct {
    struct input input;
    int64_t slow_ms[3]; /* -1: no such check */
} slow[] = {
    {{{"full"}, {DB, RED}}, {0, 0, 0}},
    {{{"full", "--http-slow", "200ms", "--redis-slow", "1s"}, {DB, RED}}, {200, 0, 1000}},
    {{{"full"}, {DB, RED, "HEALTHPROBE_DATABASE_SLOW=0.5"}}, {0, 500, 0}},
    {{{"--http", "a=:1", "--http", "b=:2", "--http-slow", "3ms"}, {0}}, {3, 3, -1}},
};

START_TEST(kind_has_its_own_limit_of_slowness)
{
    ck_assert_msg(build(&slow[_i].input), "%s", err.msg);
    for (size_t i = 0; i < 3; i++) {
        if (slow[_i].slow_ms[i] < 0)
            ck_assert_uint_le(plan.n_checks, i);
        else
            ck_assert_int_eq(plan.checks[i].slow_ns, slow[_i].slow_ms[i] * HP_NS_PER_MS);
    }
}
END_TEST

static const struct {
    struct input input;
    enum hp_exit_codes exit_codes;
    bool good;
} outputs[] = {
    {{{0}, {0}}, HP_EXIT_CODES_PLAIN, true},
    {{{"--exit-codes", "detailed"}, {0}}, HP_EXIT_CODES_DETAILED, true},
    {{{"--exit-codes=nagios"}, {0}}, HP_EXIT_CODES_NAGIOS, true},
    {{{0}, {"HEALTHPROBE_EXIT_CODES=nagios", "HEALTHPROBE_LOG_FAILURES=/proc/1/fd/2"}},
     HP_EXIT_CODES_NAGIOS,
     true},
    {{{"--exit-codes", "detailed"}, {"HEALTHPROBE_EXIT_CODES=nagios"}},
     HP_EXIT_CODES_DETAILED,
     true},
    {{{"--log-failures", "x"}, {"HEALTHPROBE_LOG_FAILURES=/y"}}, HP_EXIT_CODES_PLAIN, true},
    {{{"--log-failures", "/none/at/all"}, {0}}, HP_EXIT_CODES_PLAIN, true},
    /* they hold for an error, wherever they stand */
    {{{"--bogus", "--log-failures", "/x", "--exit-codes", "nagios"}, {0}},
     HP_EXIT_CODES_NAGIOS,
     false},
    {{{"--exit-codes", "detailed", "--timeout", "x", "--log-failures", "/x"}, {0}},
     HP_EXIT_CODES_DETAILED,
     false},
    {{{"--exit-codes", "nagios", "--exit-codes", "detailed"}, {0}}, HP_EXIT_CODES_NAGIOS, false},
    {{{"--exit-codes", "bogus", "--log-failures", "/x"}, {0}}, HP_EXIT_CODES_PLAIN, false},
};

START_TEST(exit_codes_are_set_even_where_the_plan_fails)
{
    ck_assert_int_eq(build(&outputs[_i].input), outputs[_i].good);
    ck_assert_int_eq(plan.exit_codes, outputs[_i].exit_codes);
}
END_TEST

START_TEST(problem_of_an_option_is_told_once_for_all_its_checks)
{
    static const struct input input = {
        {"--http", "a=:1", "--http", "b=:2", "--http-status", "7xx", "--http-timeout", "x"}, {0}};

    ck_assert(!build(&input));
    ck_assert_str_eq(err.msg,
                     "--http-timeout: is not a duration between 1ms and 1h, such as 900ms, "
                     "2s, 1.5s or 1m; --http-status: is not a list of statuses, such as "
                     "200-399,401");
}
END_TEST

/* --- what is wrong ---------------------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *told[4];
} wrong[] = {
    /* never a silent skip */
    {{{"ready"}, {0}}, {"database is part of", "--check http", "DATABASE_URL"}},
    {{{"full"}, {DB}}, {"redis is part of", "--check http,database", "REDIS_URL"}},
    {{{"full"}, {0}}, {"DATABASE_URL is not set", "REDIS_URL is not set"}},
    {{{"full"}, {"DATABASE_URL=", "REDIS_URL=redis://r"}}, {"DATABASE_URL is not set, or empty"}},
    {{{"--check", "redis?"}, {0}}, {"nothing to check"}},
    {{{"--check", "http?,database?,redis?"}, {0}}, {"nothing to check"}},
    {{{"wait", "live", "--", "app"}, {0}},
     {"nothing to check: http is left out, since the command is what would answer; give --check "
      "http if something else does, or take ready"}},
    {{{"wait", "ready", "--", "app"}, {"HEALTHPROBE_CHECK=http"}},
     {"nothing to check: http is left out", "if something else does"}},
    {{{"wait", "--check", "redis?", "--", "app"}, {0}},
     {"nothing to check: none of the checks that may be left out has a target"}},
    {{{"wait", "ready", "--", "app"}, {0}}, {"database", "DATABASE_URL"}},
    /* flags of what is not in the run */
    {{{"live", "--redis", "redis://r"}, {0}}, {"--redis"}},
    {{{"ready", "--redis-insecure"}, {DB}}, {"--redis-insecure"}},
    {{{"--database-timeout", "1s"}, {0}}, {"--database-timeout"}},
    {{{"--check", "redis", "--http", "/x"}, {RED}}, {"--http"}},
    {{{"--check", "redis", "--http-header", "A: s3cr3t-Zq9"}, {RED}}, {"--http-header"}},
    {{{"live", "--redis-insecure=0"}, {0}}, {"--redis-insecure"}},
    /* targets */
    {{{0}, {"PORT=none"}}, {"PORT"}},
    {{{0}, {"PORT=0"}}, {"PORT"}},
    {{{0}, {"PORT=65536"}}, {"PORT"}},
    {{{0}, {"PORT=4294967376"}}, {"PORT"}},
    {{{0}, {"PORT=18446744073709551696"}}, {"PORT"}},
    {{{"--http", ":/x"}, {"PORT=none"}}, {"PORT"}},
    {{{"ready", "--database-pgenv"}, {"PGHOST=h", "PGUSER=u", "PGPORT=4294967376"}},
     {"PGPORT: the port is not one of 1 to 65535"}},
    {{{0}, {"PORT=30 00"}}, {"PORT: is not a port number"}},
    {{{0}, {"PORT= "}}, {"PORT: is not a port number"}},
    {{{0}, {"PORT=0000080x"}}, {"PORT: is not a port number"}},
    {{{0}, {"PORT=\"3000\"\r"}}, {"PORT: is wrapped in quotes"}},
    {{{0}, {"PORT=+3000"}}, {"PORT"}},
    {{{0}, {"PORT=99999999999999999999"}}, {"PORT"}},
    {{{0}, {"PORT=tcp://s3cr3t-Zq9:80"}}, {"PORT"}},
    {{{"--http", "/x"}, {"PORT=none"}}, {"PORT"}},
    {{{"--check", "http?"}, {"PORT=none"}}, {"PORT"}},
    {{{"--http", "${URL}"}, {0}}, {"--http", "Docker", "Kubernetes"}},
    {{{"--http", "http://$HOST:80/"}, {0}}, {"--http", "Docker"}},
    {{{"ready"}, {"DATABASE_URL=$(DB)"}}, {"DATABASE_URL", "Docker"}},
    {{{"ready"}, {"DATABASE_URL=postgresql://app:${PASSWORD}@db/app"}}, {"DATABASE_URL", "Docker"}},
    {{{"full"}, {DB, "REDIS_URL=redis://$REDIS_HOST:6379"}}, {"REDIS_URL", "Docker"}},
    {{{"ready"}, {"DATABASE_URL=postgresql://db/app"}}, {"DATABASE_URL", "user"}},
    {{{"ready"}, {"DATABASE_URL=host=db user=app password=s3cr3t-Zq9"}}, {"DATABASE_URL"}},
    {{{"full"}, {DB, "REDIS_URL=redis-sentinel://:s3cr3t-Zq9@r"}}, {"REDIS_URL", "Sentinel"}},
    {{{"full"}, {DB, "REDIS_URL=redis://a,b"}}, {"REDIS_URL", "host"}},
    {{{"full"}, {DB, "REDIS_URL=redis://:s3cr3t-Zq9@r/zero"}}, {"REDIS_URL", "database"}},
    /* values of options */
    {{{"--timeout", "0"}, {0}}, {"--timeout"}},
    {{{"--timeout", ""}, {0}}, {"--timeout"}},
    {{{"--timeout", "1d"}, {0}}, {"--timeout"}},
    {{{"--timeout", "2h"}, {0}}, {"--timeout"}},
    {{{0}, {"HEALTHPROBE_TIMEOUT=soon"}}, {"HEALTHPROBE_TIMEOUT"}},
    {{{"--http-timeout", "-1s"}, {0}}, {"--http-timeout"}},
    {{{0}, {"HEALTHPROBE_HTTP_TIMEOUT=soon"}}, {"HEALTHPROBE_HTTP_TIMEOUT"}},
    {{{"--format", "xml"}, {0}}, {"--format", "json", "health+json"}},
    {{{"--format", "JSON"}, {0}}, {"--format"}},
    {{{"--format="}, {0}}, {"--format"}},
    {{{0}, {"HEALTHPROBE_FORMAT=xml"}}, {"HEALTHPROBE_FORMAT"}},
    {{{"--exit-codes", "bogus"}, {0}}, {"--exit-codes", "detailed", "nagios"}},
    {{{"--exit-codes="}, {0}}, {"--exit-codes"}},
    {{{0}, {"HEALTHPROBE_EXIT_CODES=0"}}, {"HEALTHPROBE_EXIT_CODES"}},
    {{{"--http-status", "7xx"}, {0}}, {"--http-status"}},
    {{{0}, {"HEALTHPROBE_HTTP_STATUS=200-"}}, {"HEALTHPROBE_HTTP_STATUS"}},
    {{{"--http-method", "GET /"}, {0}}, {"--http-method"}},
    {{{"--http-method="}, {0}}, {"--http-method"}},
    {{{"--http-header", "s3cr3t-Zq9"}, {0}}, {"--http-header"}},
    {{{"--http-header", "A: s3cr3t-Zq9\r\nB: 1"}, {0}}, {"--http-header"}},
    {{{"--http-header", "A: env:T"}, {"T=s3cr3t-Zq9\nB: 1"}}, {"--http-header"}},
    {{{"--http-follow", "x"}, {0}}, {"--http-follow", "0 to 50"}},
    {{{"--http-follow", "51"}, {0}}, {"--http-follow", "0 to 50"}},
    {{{0}, {"HEALTHPROBE_HTTP_FOLLOW=-1"}}, {"HEALTHPROBE_HTTP_FOLLOW", "0 to 50"}},
    {{{"--http-json", "s3cr3t-Zq9"}, {0}}, {"--http-json", "PATH=VALUE"}},
    {{{0}, {"HEALTHPROBE_HTTP_JSON=a=b\ns3cr3t-Zq9"}}, {"HEALTHPROBE_HTTP_JSON", "PATH=VALUE"}},
    {{{"--http-match", "(s3cr3t-Zq9"}, {0}}, {"--http-match", "expression"}},
    {{{"--http-contains="}, {0}}, {"--http-contains", "empty"}},
    {{{"--http-expect-header", "s3cr3t-Zq9"}, {0}}, {"--http-expect-header", "Name: value"}},
    {{{"--http-method", "HEAD", "--http-body", "s3cr3t-Zq9"}, {0}},
     {"--http-method", "--http-body"}},
    {{{"--http-contains", "x"}, {"HEALTHPROBE_HTTP_METHOD=HEAD"}},
     {"HEALTHPROBE_HTTP_METHOD", "--http-contains"}},
    {{{"--http-cert", "/c"}, {0}}, {"--http-cert", "--http-key"}},
    {{{"--http-key", "/k"}, {0}}, {"--http-key", "--http-cert"}},
    {{{"--http-connect", "h:1", "--http-unix", "/s"}, {0}}, {"--http-connect", "--http-unix"}},
    {{{"--http-connect", "h:1"}, {"HEALTHPROBE_HTTP_UNIX=/s"}},
     {"--http-connect", "HEALTHPROBE_HTTP_UNIX"}},
    {{{"--http-connect", "h"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", "h:"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", ":80"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", "h:0"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", "h:4294967376"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", "h:1#s3cr3t-Zq9"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", "h:1?s3cr3t-Zq9"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", "u:s3cr3t-Zq9@h:1"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", "h:1/x"}, {0}}, {"--http-connect"}},
    {{{"--http-connect", ""}, {0}}, {"--http-connect"}},
    {{{"--http-unix", "relative"}, {0}}, {"--http-unix"}},
    {{{"--http-unix", ""}, {0}}, {"--http-unix"}},
    {{{"ready", "--database-level", "deep"}, {DB}}, {"--database-level", "ping"}},
    {{{"ready"}, {DB, "HEALTHPROBE_DATABASE_LEVEL=deep"}}, {"HEALTHPROBE_DATABASE_LEVEL"}},
    /* a password beside a URL that has one */
    {{{"ready", "--database-password", "s3cr3t-Zq9"}, {DB}}, {"--database-password", "password"}},
    {{{"full", "--redis-password", "s3cr3t-Zq9"}, {DB, RED}}, {"--redis-password", "password"}},
    {{{"ready"}, {DB, "HEALTHPROBE_DATABASE_PASSWORD=s3cr3t-Zq9"}},
     {"HEALTHPROBE_DATABASE_PASSWORD"}},
    {{{"ready", "--database", "a=postgresql://u:p@h", "--database", "b=postgresql://u:p@h",
       "--database-password", "s3cr3t-Zq9"},
      {0}},
     {"--database-password: each URL has a password already"}},
    /* names */
    {{{"--http", "a=:1", "--http", "a=:2"}, {0}}, {"--http (a): a check is named a already"}},
    {{{"--http", ":1", "--http", ":2"}, {0}},
     {"--http: a check is named http already; name them: a=URL b=URL"}},
    {{{":1", ":2"}, {0}}, {"argument 2: a check is named http already; name them: a=URL b=URL"}},
    {{{"a=:1", "b=:2", "a=:3"}, {0}}, {"argument 3 (a): a check is named a already"}},
    {{{"A=:1"}, {0}}, {"argument 1: the name before = is not one of"}},
    {{{"redis://h/x"}, {0}}, {"argument 1: the database is not a number"}},
    {{{"b=http://h:x"}, {0}}, {"argument 1 (b): the port is not a number"}},
    {{{"--http", ":1", "--http", "http=:2"}, {0}}, {"--http (http)", "named http already"}},
    {{{"ready", "--http", "database=:1"}, {DB}}, {"DATABASE_URL: a check is named database"}},
    {{{0}, {"HEALTHPROBE_HTTP=a=:1\na=:2"}}, {"HEALTHPROBE_HTTP (a)", "named a already"}},
    {{{"ready", "--database", "a=s3cr3t-Zq9"}, {0}}, {"--database: a key=value string"}},
    {{{"--http", "a=ftp://h"}, {0}}, {"--http (a): the scheme"}},
    {{{"--http", "a=$URL"}, {0}}, {"--http (a): holds a variable"}},
    {{{"--check", "redis", "--redis", "a=redis://a,b", "--redis", "b=redis://h/zero"}, {0}},
     {"--redis (a)", "--redis (b)"}},
    /* what may be down */
    {{{"full", "--optional", "cache"}, {DB, RED}}, {"--optional", "http, database, redis"}},
    {{{"live", "--optional", "redis"}, {0}},
     {"--optional: names no check of this run; it has http"}},
    {{{"live", "--optional", ""}, {0}}, {"--optional"}},
    {{{"live", "--optional", "http,"}, {0}}, {"--optional"}},
    {{{"live", "--optional", "'http'"}, {0}}, {"--optional: is wrapped in quotes"}},
    {{{"live", "--optional", "s3cr3t-Zq9"}, {0}}, {"--optional"}},
    {{{"--http", "a=:1", "--optional", "http"}, {0}}, {"--optional", "it has a"}},
    {{{"live", "--tolerate", "capacitance"}, {0}}, {"--tolerate", "capacity"}},
    {{{"live", "--tolerate", "internal"}, {0}}, {"--tolerate", "internal"}},
    {{{"live", "--tolerate", "capacity,interrupted"}, {0}}, {"--tolerate"}},
    {{{"live", "--tolerate", "config"}, {0}}, {"--tolerate: has to be a list of reasons, sep"}},
    {{{"live", "--tolerate", "usage"}, {0}}, {"--tolerate"}},
    {{{"live", "--tolerate="}, {0}}, {"--tolerate"}},
    {{{"live", "--http-slow", "0"}, {0}}, {"--http-slow", "duration"}},
    {{{"full"}, {DB, RED, "HEALTHPROBE_REDIS_SLOW=soon"}}, {"HEALTHPROBE_REDIS_SLOW"}},
    {{{"live", "--redis-slow", "1s"}, {0}}, {"--redis-slow"}},
    /* parameters */
    {{{"ready"}, {"DATABASE_URL=postgresql://u@h/d?sslfoo=s3cr3t-Zq9"}},
     {"DATABASE_URL", "sslfoo"}},
    {{{"ready"}, {"DATABASE_URL=postgresql://u@h/d?tls=s3cr3t-Zq9"}}, {"DATABASE_URL", "tls"}},
    {{{"full"}, {DB, "REDIS_URL=redis://h?ssl_keyfile=s3cr3t-Zq9"}}, {"REDIS_URL", "ssl_keyfile"}},
    {{{"live", "--heartbeat", "/x"}, {0}},
     {"\"live\"; leave live out, or name heartbeat in --check"}},
    {{{"live", "--heartbeat-age", "1s"}, {0}},
     {"not part of \"live\"; give --heartbeat FILE and name heartbeat in --check"}},
    {{{"live", "--heartbeat-age", "1s"}, {"HEALTHPROBE_HEARTBEAT=/x"}},
     {"not part of \"live\"; name heartbeat in --check"}},
    {{{"--check=http", "--heartbeat-age", "1s"}, {0}},
     {"not part of --check; give --heartbeat FILE and name heartbeat in --check"}},
    {{{"--check=heartbeat", "--heartbeat-age", "1s"}, {0}},
     {"neither --heartbeat FILE nor HEALTHPROBE_HEARTBEAT is given"}},
    {{{"--check", "heartbeat", "/x"}, {0}},
     {"for the http check, which is not part of --check; for heartbeat write --heartbeat FILE, or "
      "name http"}},
    /* of another kind */
    {{{"live", "--http", "postgres://u:s3cr3t-Zq9@h/d"}, {0}},
     {"--http: this is a URL for --database"}},
    {{{"live", "--http", "rediss://:s3cr3t-Zq9@h"}, {0}}, {"--http: this is a URL for --redis"}},
    {{{"ready"}, {"DATABASE_URL=HTTPS://u:s3cr3t-Zq9@h"}},
     {"DATABASE_URL: this is a URL for --http"}},
    {{{"ready"}, {"DATABASE_URL=unix:///s"}}, {"DATABASE_URL: this is a URL for --redis"}},
    {{{"full"}, {DB, "REDIS_URL=postgresql+asyncpg://u:s3cr3t-Zq9@h"}},
     {"REDIS_URL: this is a URL for --database"}},
    {{{"full"}, {DB, "REDIS_URL=jdbc:postgresql://h/d"}},
     {"REDIS_URL: this is a URL for --database"}},
    {{{"ready"}, {"DATABASE_URL=redis://u:x@s3cr3t-Zq9/s3cr3t-Zq9@h"}},
     {"DATABASE_URL: this is a URL for --redis"}},
    {{{"--heartbeat", "worker=redis://:s3cr3t-Zq9@h"}, {0}},
     {"--heartbeat (worker): this is a URL for --redis"}},
    /* a password that was not encoded */
    {{{"ready"}, {"DATABASE_URL=postgres://u:pa/s3cr3t-Zq9@h/d"}}, {"DATABASE_URL: " CUT}},
    {{{"ready"}, {"DATABASE_URL=postgres://u:1?s3cr3t-Zq9@h/d"}}, {CUT}},
    {{{"ready"}, {"DATABASE_URL=postgres://u:1?a=s3cr3t-Zq9@h/d"}}, {CUT}},
    {{{"ready"}, {"DATABASE_URL=postgres://u?a=s3cr3t-Zq9@h/d"}}, {"names no user"}},
    {{{"ready"}, {"DATABASE_URL=postgres://u:s3cr3t-Zq9#@h/d"}}, {CUT}},
    {{{"full"}, {DB, "REDIS_URL=redis://:80/s3cr3t-Zq9@h"}}, {CUT}},
    {{{"live", "--http=http://u:s3cr3t-Zq9/@h"}, {0}}, {CUT}},
    /* the nearest */
    {{{"live", "--format", "jsno"}, {0}},
     {"--format: has to be json, short", "; did you mean json?"}},
    {{{"live", "--format", "prometeus"}, {0}},
     {"--format: has to be json, short", "; did you mean prometheus?"}},
    {{{"live"}, {"HEALTHPROBE_EXIT_CODES=detail"}}, {"or nagios; did you mean detailed?"}},
    {{{"ready", "--database-role=stanby"}, {DB}}, {"standby; did you mean standby?"}},
    {{{"live"}, {"HEALTHPROBE_VERBOSE=yes"}}, {"_VERBOSE: has to be 1, true, 0 or false"}},
    {{{"live", "--check", "htpp"}, {0}}, {"left out; did you mean http?"}},
    {{{"live", "--check", "http,redsi?"}, {0}}, {"left out; did you mean redis?"}},
    {{{"live"}, {"HEALTHPROBE_CHECK=databse"}}, {"left out; did you mean database?"}},
    {{{"--http", "admin=:1", "--optional", "amdin"}, {0}}, {"it has admin; did you mean admin?"}},
    {{{"live", "--tolerate", "starting,capcity"}, {0}}, {"tolerated; did you mean capacity?"}},
    /* all at once */
    {{{"full", "--timeout", "0", "--format", "xml", "--http-status", "7xx"}, {"PORT=x", RED}},
     {"--timeout", "--format", "--http-status", "DATABASE_URL is not set"}},
    {{{"full", "--http", "ftp://h", "--http-method", "("}, {"DATABASE_URL=x", "REDIS_URL=y"}},
     {"--http:", "--http-method", "DATABASE_URL", "REDIS_URL"}},
    {{{"ready", "--redis", "redis://r", "--database-level", "deep"}, {"DATABASE_URL=x"}},
     {"--redis", "--database-level", "DATABASE_URL"}},
    {{{"ready", "--database-timeout", "x"}, {0}},
     {"--database-timeout", "DATABASE_URL is not set"}},
};

/* Where nothing like it was meant, nothing is asked. */
static const struct input far_off[] = {
    {{"live", "--format", "s3cr3t-Zq9"}, {0}},
    {{"live", "--check", "smtp"}, {0}},
    {{"live", "--optional", "x"}, {0}},
    {{"live", "--tolerate", "internal"}, {0}},
    {{"live", "--http", "ftp://u:s3cr3t-Zq9@h/a%40b"}, {0}},
    {{"live", "--http", "http://h:x/a@b?c@d", "--http-status=x"}, {"PORT=1"}},
    {{"ready"}, {"DATABASE_URL=mysql://u:s3cr3t-Zq9@h"}},
    {{"ready"}, {"DATABASE_URL=postgres://h/d?options=a@b"}},
};

START_TEST(nothing_is_asked_where_nothing_is_near)
{
    ck_assert(!build(&far_off[_i]));
    ck_assert_msg(!strstr(err.msg, "did you mean") && !strstr(err.msg, "this is a URL for"), "%s",
                  err.msg);
    ck_assert_msg((strstr(err.msg, CUT) != NULL) == (strstr(err.msg, "is not a number") != NULL),
                  "%s", err.msg);
}
END_TEST

START_TEST(what_is_wrong_is_a_config_error_that_names_it)
{
    ck_assert(!build(&wrong[_i].input));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    for (size_t i = 0; i < HP_UNIT_ROWS(wrong[_i].told) && wrong[_i].told[i]; i++)
        ck_assert_msg(strstr(err.msg, wrong[_i].told[i]) != NULL, "%s is not in: %s",
                      wrong[_i].told[i], err.msg);
}
END_TEST

START_TEST(target_of_another_kind_is_reported_once)
{
    static const struct input input = {{"--http", "redis://h"}, {0}};

    ck_assert(!build(&input));
    ck_assert_str_eq(err.msg, "--http: this is a URL for --redis");
}
END_TEST

START_TEST(value_of_a_misspelt_flag_becomes_the_target)
{
    static const struct input input = {{"--check=heartbeat", "--hartbeat", "/x"}, {0}};

    ck_assert(!build(&input));
    ck_assert_str_eq(err.msg, "unknown option --hartbeat; did you mean --heartbeat?");
}
END_TEST

START_TEST(usage_and_configuration_are_told_together)
{
    static const struct input input = {{"ready", "--bogus", "--timeout", "x"}, {0}};

    ck_assert(!build(&input));
    ck_assert_int_eq(err.reason, HP_REASON_USAGE);
    ck_assert_ptr_nonnull(strstr(err.msg, "unknown option"));
    ck_assert_ptr_nonnull(strstr(err.msg, "--timeout"));
    ck_assert_ptr_nonnull(strstr(err.msg, "DATABASE_URL"));
}
END_TEST

START_TEST(bare_number_that_is_no_duration_is_told_to_be_seconds)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"5000", "900ms, 2s, 1.5s or 1m; a bare number is seconds"},
        {"5000x", "900ms, 2s, 1.5s or 1m"},
        {"", "900ms, 2s, 1.5s or 1m"},
    };
    const struct input input = {{"live", "--timeout", rows[_i].text}, {0}};

    ck_assert(!build(&input));
    ck_assert_str_eq(strstr(err.msg, "900ms"), rows[_i].message);
}
END_TEST

START_TEST(age_of_a_heartbeat_needs_its_file_and_no_more)
{
    static const struct input input = {{"--heartbeat-age", "5m"}, {0}};

    ck_assert(!build(&input));
    ck_assert_str_eq(err.msg, "--heartbeat-age: is for the heartbeat check, which is not part of "
                              "\"live\"; give --heartbeat FILE and name heartbeat in --check");
}
END_TEST

START_TEST(source_that_failed_is_no_missing_target_on_top)
{
    static const struct input inputs[] = {
        {{"ready", "--database", "env:NONE"}, {0}},
        {{"ready"}, {"HEALTHPROBE_DATABASE=file:/none"}},
        {{"ready"}, {"HEALTHPROBE_DATABASE_FILE=/none"}},
        {{"ready"}, {"DATABASE_URL_FILE=/none"}},
    };

    ck_assert(!build(&inputs[_i]));
    ck_assert_ptr_null(strstr(err.msg, "is part of"));
    ck_assert_ptr_null(strstr(err.msg, "nothing to check"));
}
END_TEST

/* --- settings of the run ---------------------------------------------------------------------- */

static const struct {
    struct input input;
    int64_t run_ms;
    int64_t http_ms;
} timeouts[] = {
    {{{0}, {0}}, 2500, 2500},
    {{{"--timeout", "900ms"}, {0}}, 900, 900},
    {{{"--timeout", "3"}, {0}}, 3000, 3000},
    {{{0}, {"HEALTHPROBE_TIMEOUT=1m"}}, 60000, 60000},
    {{{"--timeout", "1s"}, {"HEALTHPROBE_TIMEOUT=1m"}}, 1000, 1000},
    {{{"--http-timeout", "1s"}, {0}}, 2500, 1000},
    {{{"--http-timeout", "1s", "--timeout", "1500ms"}, {0}}, 1500, 1000},
    {{{0}, {"HEALTHPROBE_HTTP_TIMEOUT=0.5"}}, 2500, 500},
};

START_TEST(limits_are_those_that_were_given)
{
    ck_assert_msg(build(&timeouts[_i].input), "%s", err.msg);
    ck_assert_int_eq(plan.timeout_ns, timeouts[_i].run_ms * HP_NS_PER_MS);
    ck_assert_int_eq(plan.checks[0].timeout_ns, timeouts[_i].http_ms * HP_NS_PER_MS);
}
END_TEST

START_TEST(each_check_has_its_own_limit)
{
    static const struct input input = {
        {"full", "--timeout", "10s", "--database-timeout", "2s", "--redis-timeout", "1s"},
        {DB, RED}};

    ck_assert_msg(build(&input), "%s", err.msg);
    ck_assert_int_eq(plan.checks[0].timeout_ns, 10 * HP_NS_PER_S);
    ck_assert_int_eq(plan.checks[1].timeout_ns, 2 * HP_NS_PER_S);
    ck_assert_int_eq(plan.checks[2].timeout_ns, 1 * HP_NS_PER_S);
}
END_TEST

static const struct {
    struct input input;
    int64_t http_ms;
    const char *note; /* NULL: none */
} cuts[] = {
    {{{"--http-timeout", "3s"}, {0}}, 2500, "--http-timeout: longer than --timeout, and cut to it"},
    {{{"--timeout=1s", "--http", "a=:1", "--http", "b=:2"}, {"HEALTHPROBE_HTTP_TIMEOUT=1001ms"}},
     1000,
     "HEALTHPROBE_HTTP_TIMEOUT: longer than --timeout, and cut to it"},
    {{{"--http-timeout", "2500ms"}, {0}}, 2500, NULL},
    {{{"--http-timeout", "1s"}, {0}}, 1000, NULL},
    {{{"live"}, {"HEALTHPROBE_DATABASE_TIMEOUT=1h"}}, 2500, NULL},
};

START_TEST(limit_longer_than_that_of_the_run_is_cut_and_noted)
{
    ck_assert_msg(build(&cuts[_i].input), "%s", err.msg);
    for (size_t i = 0; i < plan.n_checks; i++)
        ck_assert_int_eq(plan.checks[i].timeout_ns, cuts[_i].http_ms * HP_NS_PER_MS);
    ck_assert_uint_eq(plan.collected.notes.n, cuts[_i].note != NULL);
    if (cuts[_i].note != NULL)
        ck_assert_str_eq(plan.collected.notes.items[0], cuts[_i].note);
}
END_TEST

static const struct {
    struct input input;
    enum hp_format format;
    bool verbose;
    bool good;
} formats[] = {
    {{{0}, {0}}, HP_FORMAT_JSON, false, true},
    {{{"--format", "json"}, {0}}, HP_FORMAT_JSON, false, true},
    {{{"--format=short"}, {0}}, HP_FORMAT_SHORT, false, true},
    {{{0}, {"HEALTHPROBE_FORMAT=short"}}, HP_FORMAT_SHORT, false, true},
    {{{"--format", "json"}, {"HEALTHPROBE_FORMAT=short"}}, HP_FORMAT_JSON, false, true},
    {{{"--format", "text"}, {0}}, HP_FORMAT_TEXT, false, true},
    {{{"--format", "health+json"}, {0}}, HP_FORMAT_HEALTH_JSON, false, true},
    {{{"--format", "prometheus"}, {0}}, HP_FORMAT_PROMETHEUS, false, true},
    {{{"--format", "nagios"}, {0}}, HP_FORMAT_NAGIOS, false, true},
    {{{"--verbose"}, {0}}, HP_FORMAT_JSON, true, true},
    {{{0}, {"HEALTHPROBE_VERBOSE=true"}}, HP_FORMAT_JSON, true, true},
    /* where valid, it holds for the report of an error, wherever it stands */
    {{{"--bogus", "--format", "short"}, {0}}, HP_FORMAT_SHORT, false, false},
    {{{"full", "--format", "short"}, {0}}, HP_FORMAT_SHORT, false, false},
    {{{"--timeout", "0", "--format", "short"}, {0}}, HP_FORMAT_SHORT, false, false},
    {{{"--check", "nonsense"}, {"HEALTHPROBE_FORMAT=short"}}, HP_FORMAT_SHORT, false, false},
    {{{"--http", "env:NONE"}, {"HEALTHPROBE_FORMAT=short"}}, HP_FORMAT_SHORT, false, false},
    {{{"--format", "xml"}, {0}}, HP_FORMAT_JSON, false, false},
};

START_TEST(format_is_set_even_where_the_plan_fails)
{
    ck_assert_int_eq(build(&formats[_i].input), formats[_i].good);
    ck_assert_int_eq(plan.format, formats[_i].format);
    ck_assert_int_eq(plan.verbose, formats[_i].verbose);
}
END_TEST

static const struct {
    struct input input;
    bool colour;
} colours[] = {
    {{{0}, {0}}, true},
    {{{0}, {"TERM=xterm", "NO_COLOR="}}, true},
    {{{0}, {"NO_COLOR=1"}}, false},
    {{{0}, {"NO_COLOR=0"}}, false},
    {{{0}, {"TERM=dumb"}}, false},
    {{{"--bogus"}, {"NO_COLOR=1"}}, false},
};

START_TEST(colour_is_welcome_unless_the_environment_says_otherwise)
{
    build(&colours[_i].input);
    ck_assert_int_eq(plan.colour, colours[_i].colour);
}
END_TEST

static const struct {
    const char *variable;
    const char *version;
} versions[] = {
    {NULL, "unknown"},
    {"APP_VERSION=", "unknown"},
    {"APP_VERSION=1.4.2", "1.4.2"},
    {"APP_VERSION=1.4.2\n", "1.4.2"},
    {"APP_VERSION=a\nb", "a\xEF\xBF\xBD"
                         "b"},
    {"APP_VERSION=\xFF", "\xEF\xBF\xBD"},
    {"APP_VERSION=\"quoted\"", "\"quoted\""},
    {"APP_VERSION=0123456789012345678901234567890123456789012345678901234567890123456789",
     "0123456789012345678901234567890123456789012345678901234567890123"},
    /* a cut leaves no piece of a character */
    {"APP_VERSION=012345678901234567890123456789012345678901234567890123456789012\xC3\xA4",
     "012345678901234567890123456789012345678901234567890123456789012"},
};

START_TEST(version_of_the_application_is_cleaned_and_cut)
{
    struct input input = {{NULL}, {versions[_i].variable}};

    ck_assert_msg(build(&input), "%s", err.msg);
    ck_assert_str_eq(plan.version, versions[_i].version);
}
END_TEST

static const struct {
    struct input input;
    enum hp_mode mode;
} modes[] = {
    {{{0}, {0}}, HP_MODE_LIVE},
    {{{"--check", "database"}, {DB}}, HP_MODE_CUSTOM},
    {{{"--check", "database"}, {0}}, HP_MODE_CUSTOM},
    {{{"wait", "--check", "database"}, {DB}}, HP_MODE_CUSTOM},
    {{{0}, {"HEALTHPROBE_CHECK=database", DB}}, HP_MODE_CUSTOM},
    {{{"live"}, {"HEALTHPROBE_CHECK=http"}}, HP_MODE_LIVE},
    {{{"ready"}, {DB}}, HP_MODE_READY},
    {{{"ready"}, {0}}, HP_MODE_READY},
    {{{"full", "--check", "http"}, {0}}, HP_MODE_FULL},
    {{{"full", "--bogus"}, {0}}, HP_MODE_FULL},
};

START_TEST(mode_is_told_even_where_the_plan_fails)
{
    build(&modes[_i].input);
    ck_assert_int_eq(plan.mode, modes[_i].mode);
}
END_TEST

/* --- settings of the kinds -------------------------------------------------------------------- */

static bool keeps_secret(const char *text)
{
    return hp_secrets_found(&plan.collected.secrets, hp_untrusted_of(text));
}

static const struct {
    struct input input;
    const char *secret;
} secret_sources[] = {
    {{{"ready"}, {DB}}, "s3cr3t-Zq9"},
    {{{"--check", "redis"}, {RED}}, "s3cr3t-Zq9"},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:p%40ss@h"}}, "p@ss"},
    {{{"ready"}, {"DATABASE_URL=postgresql://u@h?password=s3cr3t-Zq9"}}, "s3cr3t-Zq9"},
    {{{"ready"}, {"DATABASE_URL=jdbc:postgresql://h/d?user=u&password=s3cr3t-Zq9"}}, "s3cr3t-Zq9"},
    {{{"--check", "redis"}, {"REDIS_URL=redis://h?password=s3cr3t-Zq9"}}, "s3cr3t-Zq9"},
    {{{"ready", "--database-password", "s3cr3t-Zq9"}, {"DATABASE_URL=postgresql://u@h"}},
     "s3cr3t-Zq9"},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:@h", "HEALTHPROBE_DATABASE_PASSWORD=s3cr3t-Zq9"}},
     "s3cr3t-Zq9"},
    {{{"ready", "--database-password", "env:PW"},
      {"DATABASE_URL=postgresql://u@h", "PW=s3cr3t-Zq9"}},
     "s3cr3t-Zq9"},
    {{{"--check", "redis", "--redis-password", "s3cr3t-Zq9"}, {"REDIS_URL=redis://h"}},
     "s3cr3t-Zq9"},
    {{{"--check", "redis", "--redis-password", "s3cr3t-Zq9"}, {"REDIS_URL=redis://user:@h"}},
     "s3cr3t-Zq9"},
    {{{"--check", "redis", "--redis-password", "s3cr3t-Zq9"}, {"REDIS_URL=redis://user@h"}},
     "s3cr3t-Zq9"},
    {{{"--http", "http://u:s3cr3t-Zq9@h/"}, {0}}, "s3cr3t-Zq9"},
    /* basic authentication's base64 */
    {{{"--http", "http://Aladdin:open%20sesame@h/"}, {0}}, "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
    {{{"--http-header", "Authorization: Bearer s3cr3t-Zq9"}, {0}}, "Bearer s3cr3t-Zq9"},
    /* what follows the scheme */
    {{{"--http-header", "Authorization: Bearer s3cr3t-Zq9"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http-header", "proxy-authorization:Basic  s3cr3t-Zq9 "}, {0}}, "s3cr3t-Zq9"},
    {{{"--http-header", "Proxy-Authorization: Token\ts3cr3t-Zq9"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http-header", "X-Token: s3cr3t-Zq9 \t"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http-header", "Host: env:T"}, {"T=s3cr3t-Zq9"}}, "s3cr3t-Zq9"},
    {{{"--http-header", "X-Forwarded-Hosts: s3cr3t-Zq9"}, {0}}, "s3cr3t-Zq9"},
    {{{"ready"}, {"DATABASE_URL=postgresql://u@h?scram_client_key=s3cr3t-Zq9"}}, "s3cr3t-Zq9"},
    {{{"ready"}, {"DATABASE_URL=postgresql://u@h?scram_server_key=s3cr3t-Zq9"}}, "s3cr3t-Zq9"},
    {{{"ready"}, {"DATABASE_URL=postgresql://u@h?sslpassword=s3cr3t-Zq9"}}, "s3cr3t-Zq9"},
    /* a query, as it came and decoded */
    {{{"--http", "/x?token=s3cr3t-Zq9"}, {0}}, "token=s3cr3t-Zq9"},
    {{{"--http", "/x?token=s3cr3t-Zq9"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http", "http://h?a=b&token=s3cr3t-Zq9&c"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http", "http://h?s3cr3t-Zq9&c"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http", "http://h?a=s3cr3t%2dZq9%2F"}, {0}}, "s3cr3t%2dZq9%2F"},
    {{{"--http", "http://h?a=s3cr3t%2dZq9%2F"}, {0}}, "s3cr3t-Zq9/"},
    {{{"--http", "http://h?a=b%20c&d=e%26f"}, {0}}, "a=b c&d=e&f"},
    {{{"--http", "http://h?a=1=2345678"}, {0}}, "1=2345678"},
    /* as a form has it, and as servers split it that take ";" for "&" */
    {{{"--http", "/x?token=my+long+s3cr3t"}, {0}}, "my+long+s3cr3t"},
    {{{"--http", "/x?token=my+long+s3cr3t"}, {0}}, "my long s3cr3t"},
    {{{"--http", "/x?token=my+long%2Fs3cr3t"}, {0}}, "my long/s3cr3t"},
    {{{"--http", "/x?token=my%20long%20s3cr3t"}, {0}}, "my+long+s3cr3t"},
    {{{"--http", "/x?a+b=c&d+e"}, {0}}, "a b=c&d e"},
    {{{"--http", "/x?a=my;s3cr3t"}, {0}}, "my;s3cr3t"},
    {{{"--http", "/x?a=b;token=s3cr3t-Zq9;c"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http", "/x?a=b;s3cr3t-Zq9"}, {0}}, "s3cr3t-Zq9"},
    {{{"--http-body", "{\"key\":\"s3cr3t-Zq9\"}"}, {0}}, "{\"key\":\"s3cr3t-Zq9\"}"},
    {{{"--http-header", "X-Token: 12345678"}, {0}}, "12345678"},
    {{{"--http-header", "X-Token: env:T"}, {"T=12345678"}}, "12345678"},
};

START_TEST(secret_in_use_is_known_to_the_run)
{
    ck_assert_msg(build(&secret_sources[_i].input), "%s", err.msg);
    ck_assert(keeps_secret(secret_sources[_i].secret));
    for (size_t i = 0; i < plan.n_checks; i++)
        ck_assert(!hp_unit_leaks(plan.checks[i].target));
}
END_TEST

static const struct {
    struct input input;
    const char *text;
} not_secret[] = {
    /* too short */
    {{{"--http-header", "X-Token: a/bcdef"}, {0}}, "a/bcdef"},
    {{{"--http-header", "Authorization: Bearer 1234567"}, {0}}, "1234567"},
    {{{"--http", "/x?a=1234567"}, {0}}, "1234567"},
    {{{"--http", "/x?abcdefghi=1&b=2"}, {0}}, "abcdefghi"},
    {{{"--http", "/x?a=b"}, {0}}, "a=b"},
    {{{"--http", "/x?a=b;abcdefghi=1"}, {0}}, "abcdefghi"},
    {{{"--http-body", "a body"}, {0}}, "a body"},
    {{{"--http-body", "{\"query\":1}"}, {0}}, "{\"query\":"},
    /* what a request says about itself */
    {{{"--http-header", "Host: www.example.com"}, {0}}, "www.example.com"},
    {{{"--http-header", "host:www.example.com"}, {0}}, "www.example.com"},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=Host: www.example.com"}}, "www.example.com"},
    {{{"--http-header", "Accept: application/json"}, {0}}, "application/json"},
    {{{"--http-header", "Accept-Charset: iso-8859-1"}, {0}}, "iso-8859-1"},
    {{{"--http-header", "Accept-Encoding: identity"}, {0}}, "identity"},
    {{{"--http-header", "Accept-Language: de-DE,de"}, {0}}, "de-DE,de"},
    {{{"--http-header", "User-Agent: kube-probe/1.30"}, {0}}, "kube-probe/1.30"},
    {{{"--http-header", "Origin: http://example.com"}, {0}}, "http://example.com"},
    {{{"--http-header", "Content-Type: application/json"}, {0}}, "application/json"},
    {{{"--http-header", "X-Forwarded-For: 192.0.2.1"}, {0}}, "192.0.2.1"},
    {{{"--http-header", "X-Forwarded-Host: www.example.com"}, {0}}, "www.example.com"},
    {{{"--http-header", "X-Forwarded-Port: 00000443"}, {0}}, "00000443"},
    {{{"--http-header", "X-Forwarded-Proto: https,https"}, {0}}, "https,https"},
};

START_TEST(what_is_no_secret_withholds_nothing)
{
    ck_assert_msg(build(&not_secret[_i].input), "%s", err.msg);
    ck_assert(!keeps_secret(not_secret[_i].text));
}
END_TEST

static const struct {
    struct input input;
    size_t check;
    const char *text;
    bool withheld;
} shown_fields[] = {
    {{{"ready"}, {"DATABASE_URL=postgresql://shop:shop@h/shop"}}, 1, "database shop", false},
    {{{"ready"}, {"DATABASE_URL=postgresql://shop:shop@h/shop"}}, 0, "database shop", true},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:shop@h/shop"}}, 1, "shop", false},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:h@h/d"}}, 1, "h", false},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:5433@h:5433/d"}}, 1, "5433", false},
    {{{"ready"}, {"DATABASE_URL=postgresql://shop:shop1@h/shop"}}, 1, "shop1", true},
    {{{"ready"}, {"DATABASE_URL=postgresql://shop:hop@h/shop"}}, 1, "shop", true},
    /* each secret by itself, and each check */
    {{{"ready"}, {"DATABASE_URL=postgresql://u:u@h/d?sslpassword=other"}}, 1, "u other", true},
    {{{"--check=database", "--database", "a=postgresql://u:u@h/d", "--database",
       "b=postgresql://v:v@h/d"},
      {0}},
     0,
     "u",
     false},
    {{{"--check=database", "--database", "a=postgresql://u:u@h/d", "--database",
       "b=postgresql://v:v@h/d"},
      {0}},
     0,
     "v",
     true},
    {{{"--check", "redis"}, {"REDIS_URL=redis://cache:cache@cache"}}, 0, "cache", false},
    {{{"--check", "redis"}, {"REDIS_URL=redis://:cache@localhost"}}, 0, "cache", true},
    {{{"--http", "http://u:service1@service1/x"}, {0}}, 0, "service1", false},
    {{{"--http", "http://service1:x@h/service1"}, {0}}, 0, "service1", false},
    {{{"--http", "http://service1@h/service1"}, {0}}, 0, "service1", true},
    /* a port that is shown, and the usual ones that are not */
    {{{"--http", "http://u:8080@h:8080/"}, {0}}, 0, "8080", false},
    {{{"--http", "http://u:80@h/"}, {0}}, 0, "80", true},
    {{{"--check", "redis"}, {"REDIS_URL=redis://:6379@h"}}, 0, "6379", false},
    {{{"--check", "redis"}, {"REDIS_URL=redis://:15@h/15"}}, 0, "15", false},
    {{{"--check", "redis"}, {"REDIS_URL=redis://:0@h/0"}}, 0, "0", true},
    {{{"--check", "redis"}, {"REDIS_URL=unix://:6379@/run/s"}}, 0, "6379", true},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:5432@h/d"}}, 1, "5432", false},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:5432@/d?host=/run"}}, 1, "5432", true},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:5432@/d?host=/a,/b&port=1,"}}, 1, "5432", false},
    {{{"ready"}, {"DATABASE_URL=postgresql://u:%2Frun@/d?host=/run"}}, 1, "/run", false},
};

START_TEST(secret_that_the_target_shows_withholds_nothing_of_that_check)
{
    const struct hp_check *check = &plan.checks[shown_fields[_i].check];

    ck_assert_msg(build(&shown_fields[_i].input), "%s", err.msg);
    ck_assert_int_eq(hp_secrets_found(check->secrets, hp_untrusted_of(shown_fields[_i].text)),
                     shown_fields[_i].withheld);
}
END_TEST

static const struct {
    struct input input;
    const char *note; /* NULL: none */
} notes[] = {
    {{{"--http", "https://h", "--http-insecure"}, {0}}, "http"},
    {{{"--http", "https://h"}, {"HEALTHPROBE_HTTP_INSECURE=1"}}, "http"},
    {{{"--http", "https://h"}, {0}}, NULL},
    {{{"--http", "https://h", "--http-insecure=0"}, {0}}, NULL},
    {{{"--http", "http://h", "--http-insecure"}, {0}}, NULL},
    {{{"--check", "redis", "--redis-insecure"}, {"REDIS_URL=rediss://h"}}, "redis"},
    {{{"--check", "redis"}, {"REDIS_URL=rediss://h?ssl_cert_reqs=CERT_NONE"}}, "redis"},
    {{{"--check", "redis"}, {"REDIS_URL=rediss://h?ssl_cert_reqs=none"}}, "redis"},
    {{{"--check", "redis"}, {"REDIS_URL=rediss://h"}}, NULL},
    {{{"--http", "api=https://h", "--http-insecure"}, {0}}, "api:"},
    {{{"--check", "redis", "--redis", "a=rediss://h", "--redis", "b=rediss://h?ssl_cert_reqs=none"},
      {0}},
     "b:"},
};

static const struct {
    struct input input;
    const char *variable; /* NULL: nothing is noted */
} trimmed[] = {
    {{{0}, {"PORT=80\r"}}, "PORT"},
    {{{"ready"}, {DB "\n"}}, "DATABASE_URL"},
    {{{"full"}, {DB, " ", "REDIS_URL= redis://h"}}, "REDIS_URL"},
    {{{"--http", "/x"}, {"PORT= 80"}}, "PORT"},
    /* what is not used, or not the application's */
    {{{"--http", ":80"}, {"PORT= 80", "DATABASE_URL= x"}}, NULL},
    {{{"--http", " env:X"}, {"X=:80\n"}}, NULL},
    {{{0}, {"HEALTHPROBE_HTTP=:80\r"}}, NULL},
    {{{"ready"}, {DB}}, NULL},
};

START_TEST(blanks_around_an_applications_variable_are_noted)
{
    char note[HP_NOTE_TEXT_MAX + 1];

    ck_assert_msg(build(&trimmed[_i].input), "%s", err.msg);
    ck_assert_uint_eq(plan.collected.notes.n, trimmed[_i].variable != NULL);
    if (trimmed[_i].variable == NULL)
        return;
    snprintf(note, sizeof note, "%s: blanks or line ends around it were dropped",
             trimmed[_i].variable);
    ck_assert_str_eq(plan.collected.notes.items[0], note);
}
END_TEST

static const struct {
    struct input input;
    const char *note; /* NULL: none */
} near_misses[] = {
    {{{0}, {"HEALTHPROBE_TIMOUT=1s"}}, "HEALTHPROBE_TIMOUT: did you mean HEALTHPROBE_TIMEOUT?"},
    {{{"wait", "live"}, {"HEALTHPROBE_DATABASE_URL=x"}},
     "HEALTHPROBE_DATABASE_URL: did you mean HEALTHPROBE_DATABASE?"},
    {{{0}, {"HEALTHPROBE_DATABASE_PASWORD_FILE=x"}},
     "HEALTHPROBE_DATABASE_PASWORD_FILE: did you mean HEALTHPROBE_DATABASE_PASSWORD?"},
    {{{0}, {"HEALTHPROBE_TIMOUT="}}, "HEALTHPROBE_TIMOUT: did you mean HEALTHPROBE_TIMEOUT?"},
    {{{0}, {"HEALTHPROBE_TIMEOU\033=1s"}},
     "HEALTHPROBE_TIMEOU\xEF\xBF\xBD: did you mean "
     "HEALTHPROBE_TIMEOUT?"},
    /* known, near nothing, or not ours */
    {{{0}, {"HEALTHPROBE_TIMEOUT=1s", "HEALTHPROBE_HTTP_FILE=/proc/version"}}, NULL},
    {{{0}, {"HEALTHPROBE_NOBODY_KNOWS=1", "HEALTHPROBE_HELP=1", "HEALTHPROBE_VERSION=1"}}, NULL},
    {{{0}, {"DATABSE_URL=x", "TIMEOUT=1s", "HEALTHPROB_TIMEOUT=1s"}}, NULL},
    /* what Kubernetes makes for Services: near http-body, http-ca, and redis-role */
    {{{0},
      {"HEALTHPROBE_PORT=tcp://1.2.3.4:80", "HEALTHPROBE_HTTP_PORT=1", "HEALTHPROBE_HTTP_HOST=h",
       "HEALTHPROBE_HTTP_TCP=x", "HEALTHPROBE_HTTP_UDP=x", "HEALTHPROBE_REDIS_PROTO=x",
       "HEALTHPROBE_HTTP_ADDR=x", "HEALTHPROBE_HTTP_PORT_FILE=x"}},
     NULL},
    /* it lists them itself */
    {{{"explain"}, {"HEALTHPROBE_TIMOUT=1s"}}, NULL},
};

START_TEST(near_miss_of_a_variable_is_noted)
{
    const char *note = near_misses[_i].note;

    build(&near_misses[_i].input);
    ck_assert_uint_eq(plan.collected.notes.n, note != NULL);
    if (note != NULL)
        ck_assert_str_eq(plan.collected.notes.items[0], note);
}
END_TEST

START_TEST(verification_that_is_turned_off_is_noted)
{
    if (!hp_tls_available())
        return;
    ck_assert_msg(build(&notes[_i].input), "%s", err.msg);
    ck_assert_uint_eq(plan.collected.notes.n, notes[_i].note != NULL);
    if (notes[_i].note)
        ck_assert_int_eq(
            strncmp(plan.collected.notes.items[0], notes[_i].note, strlen(notes[_i].note)), 0);
}
END_TEST

static const struct {
    struct input input;
    const char *path; /* NULL: the system's bundles */
    const char *origin;
} authorities[] = {
    {{{"--http", "https://h"}, {0}}, NULL, NULL},
    {{{"--http", "https://h", "--http-ca", "/a", "--ca", "/b"}, {"SSL_CERT_FILE=/c"}},
     "/a",
     "--http-ca"},
    {{{"--http", "https://h", "--ca", "/b"}, {"SSL_CERT_FILE=/c"}}, "/b", "--ca"},
    {{{"--http", "https://h"}, {"HEALTHPROBE_CA=/b", "SSL_CERT_FILE=/c"}}, "/b", "HEALTHPROBE_CA"},
    {{{"--http", "https://h"}, {"SSL_CERT_FILE=/c"}}, "/c", "SSL_CERT_FILE"},
    {{{"--http", "https://h"}, {"SSL_CERT_FILE="}}, NULL, NULL},
    /* loaded only when a check needs it */
    {{{"--http", "http://h", "--http-ca", "/a"}, {"SSL_CERT_FILE=/c"}}, NULL, NULL},
    {{{"--http", "https://h", "--http-insecure"}, {"SSL_CERT_FILE=/c"}}, NULL, NULL},
    {{{"--check", "redis", "--redis", "rediss://h", "--redis-ca", "/a"}, {0}}, "/a", "--redis-ca"},
    {{{"--check", "redis", "--redis", "redis://h"}, {"SSL_CERT_FILE=/c"}}, NULL, NULL},
    {{{"--check", "redis", "--redis", "rediss://h?ssl_ca_certs=/u"}, {"SSL_CERT_FILE=/c"}},
     NULL,
     NULL},
    {{{"--check", "database", "--database", "postgres://u@h?sslmode=verify-full", "--database-ca",
       "/a"},
      {0}},
     "/a",
     "--database-ca"},
    {{{"--check", "database", "--database", "postgres://u@h?sslmode=verify-ca", "--ca", "/a"}, {0}},
     "/a",
     "--ca"},
    {{{"--check", "database", "--database", "postgres://u@h?sslmode=require"},
      {"SSL_CERT_FILE=/c"}},
     NULL,
     NULL},
    {{{"--check", "database", "--database", "postgres://u@h"}, {"SSL_CERT_FILE=/c"}}, NULL, NULL},
    {{{"--check", "database", "--database", "postgres://u@h?sslmode=verify-full&sslrootcert=/u"},
      {"SSL_CERT_FILE=/c"}},
     NULL,
     NULL},
};

START_TEST(authority_is_the_first_that_is_named)
{
    if (!hp_tls_available())
        return;
    ck_assert_msg(build(&authorities[_i].input), "%s", err.msg);
    ck_assert_uint_eq(plan.collected.n_files, authorities[_i].path != NULL);
    if (authorities[_i].path) {
        ck_assert_str_eq(plan.collected.files[0].path, authorities[_i].path);
        ck_assert_str_eq(plan.collected.files[0].origin, authorities[_i].origin);
    }
}
END_TEST

static const struct input tls_targets[] = {
    {{"--http", "https://h"}, {0}},
    {{"ready", "--http", "http://h", "--database", "postgres://u@h?sslmode=require"}, {0}},
    {{"ready", "--http", "http://h", "--database", "postgres://u@h?sslmode=verify-full"}, {0}},
    {{"--check", "redis", "--redis", "rediss://h"}, {0}},
};

START_TEST(target_that_needs_tls_is_refused_by_a_build_without)
{
    bool good = build(&tls_targets[_i]);

    ck_assert_int_eq(good, hp_tls_available());
    if (!good) {
        ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
        ck_assert_ptr_nonnull(strstr(err.msg, "TLS"));
    }
}
END_TEST

static const struct input good_inputs[] = {
    {{"ready", "--database-level", "ping"}, {"DATABASE_URL=postgresql://db"}},
    {{"ready", "--database-level", "login"}, {DB}},
    {{"ready"}, {DB, "HEALTHPROBE_DATABASE_LEVEL=query"}},
    {{"--http-status", "200-399,401", "--http-method", "HEAD"}, {0}},
    {{"--http-header", "Host: example.test", "--http-header", "X-Empty:"}, {0}},
    {{"--http-connect", "127.0.0.1:8080"}, {0}},
    {{"--http-connect", "[::1]:8080"}, {0}},
    {{"--http-unix", "/run/app.sock"}, {0}},
    {{0}, {"HEALTHPROBE_HTTP_UNIX=/run/app.sock"}},
    {{"ready"}, {"DATABASE_URL=postgresql://u@h", "HEALTHPROBE_DATABASE_PASSWORD=x"}},
    {{"--check", "redis"}, {"REDIS_URL=redis://default@redis:6379"}},
    {{"--check", "redis"}, {"REDIS_URL=unix:///run/redis.sock"}},
    {{"ready"}, {"DATABASE_URL=postgresql://u:pa$$word@h/d"}},
};

START_TEST(ordinary_settings_are_accepted)
{
    ck_assert_msg(build(&good_inputs[_i]), "%s", err.msg);
    ck_assert_uint_ge(plan.n_checks, 1);
}
END_TEST

START_TEST(dropped_parameters_are_named)
{
    static const struct input input = {
        {"full"},
        {"DATABASE_URL=postgresql://u@h/d?schema=public&pgbouncer=true&connection_limit=5",
         "REDIS_URL=redis://h?family=6&pgbouncer=true"}};

    ck_assert_msg(build(&input), "%s", err.msg);
    ck_assert(hp_names_has(&plan.collected.ignored, "schema"));
    ck_assert(hp_names_has(&plan.collected.ignored, "pgbouncer"));
    ck_assert(hp_names_has(&plan.collected.ignored, "connection_limit"));
    ck_assert(hp_names_has(&plan.collected.ignored, "family"));
    ck_assert_uint_eq(plan.collected.ignored.n, 4);
}
END_TEST

START_TEST(report_begins_with_what_the_plan_knows)
{
    static struct hp_report report;

    plan = (struct hp_plan){.mode = HP_MODE_READY,
                            .verbose = true,
                            .colour = true,
                            .exit_codes = HP_EXIT_CODES_NAGIOS,
                            .version = "1.4.2"};
    hp_names_add(&plan.collected.ignored, "schema");
    hp_names_add(&plan.skipped, "redis");
    hp_notes_add(&plan.collected.notes, "a note");
    memset(&report, 0xFF, sizeof(report));
    hp_plan_begin_report(&plan, &report);

    ck_assert_int_eq(report.mode, HP_MODE_READY);
    ck_assert(report.verbose);
    ck_assert(report.colour);
    ck_assert_int_eq(report.exit_codes, HP_EXIT_CODES_NAGIOS);
    ck_assert_uint_eq(report.n_checks, 0);
    ck_assert_str_eq(report.version, "1.4.2");
    ck_assert_uint_eq(strlen(report.timestamp), HP_TIMESTAMP_SIZE - 1);
    ck_assert(hp_names_has(&report.ignored, "schema"));
    ck_assert(hp_names_has(&report.skipped, "redis"));
    ck_assert_str_eq(report.notes.items[0], "a note");
}
END_TEST

/* --- parts ------------------------------------------------------------------------------------ */

static bool ends_in(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    size_t suffix_len = strlen(suffix);

    return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

/* Kubernetes injects variables that end so for each Service. */
static void row_is_sound(const struct hp_option *option, int kind)
{
    static const char *const injected[] = {"_PORT", "_HOST", "_TCP", "_UDP"};
    char twin[HP_TWIN_MAX];

    ck_assert_msg((option->help != NULL && option->help[0] != '\0') || option->choices != NULL,
                  "%s", option->name);
    for (const char *p = option->name; *p; p++)
        ck_assert_msg(islower((unsigned char)*p) || *p == '-', "%s", option->name);
    hp_option_twin(twin, option, "");
    for (size_t i = 0; i < HP_UNIT_ROWS(injected); i++)
        ck_assert_msg(!ends_in(twin, injected[i]), "%s", twin);
    hp_option_twin(twin, option, "_FILE");
    ck_assert_msg(ends_in(twin, "_FILE"), "%s", twin);
    if (kind >= 0) {
        const char *prefix = hp_check_kinds[kind]->kind;

        ck_assert_int_eq(strncmp(option->name, prefix, strlen(prefix)), 0);
    }
}

START_TEST(every_row_of_the_real_table_is_sound)
{
    struct hp_row row = {0};
    size_t n = 0;

    for (; hp_row_next(&row); n++) {
        row_is_sound(row.option, row.kind);
        ck_assert_ptr_eq(row_of(row.option->name), row.option); /* none has the name of another */
    }
    ck_assert_uint_gt(n, 20);
}
END_TEST

/* Targets, passwords and headers have a _FILE twin, and nothing else has. */
START_TEST(secrets_have_a_file_twin)
{
    static const char *const sources[] = {
        "http", "database", "redis", "database-password", "redis-password", "http-header",
    };
    struct hp_row row = {0};
    size_t found = 0;

    while (hp_row_next(&row)) {
        bool is_source = (row.option->flags & HP_OPTION_SOURCE) != 0;
        bool is_listed = false;

        for (size_t j = 0; j < HP_UNIT_ROWS(sources); j++)
            is_listed = is_listed || strcmp(sources[j], row.option->name) == 0;
        ck_assert_msg(is_source == is_listed, "%s", row.option->name);
        found += is_source;
    }
    ck_assert_uint_eq(found, HP_UNIT_ROWS(sources));
}
END_TEST

START_TEST(kinds_stand_in_the_order_of_the_report)
{
    static const int bits[] = {8, 16, 32, 4};

    ck_assert_str_eq(hp_check_kinds[0]->kind, "http");
    ck_assert_str_eq(hp_check_kinds[1]->kind, "database");
    ck_assert_str_eq(hp_check_kinds[2]->kind, "redis");
    ck_assert_str_eq(hp_check_kinds[3]->kind, "heartbeat");
    ck_assert_ptr_null(hp_check_kinds[4]);
    for (int kind = 0; kind < 4; kind++) {
        ck_assert_int_eq(hp_check_kinds[kind]->exit_bit, bits[kind]);
        ck_assert_str_eq(hp_check_kinds[kind]->options[0].name, hp_check_kinds[kind]->kind);
        ck_assert(hp_check_kinds[kind]->options[0].flags & HP_OPTION_TARGET);
    }
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1, release)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table), release)

int main(void)
{
    Suite *suite = suite_create("plan");

    TABLE(suite, plan_holds_what_was_asked_for, plans);
    TABLE(suite, check_has_the_name_that_it_was_given, named);
    CASE(suite, sixteen_checks_are_the_most);
    CASE(suite, user_without_a_password_may_be_a_token);
    CASE(suite, password_completes_each_url_that_has_none);
    TABLE(suite, what_may_be_down_is_marked, forgiven);
    TABLE(suite, kind_has_its_own_limit_of_slowness, slow);
    TABLE(suite, exit_codes_are_set_even_where_the_plan_fails, outputs);
    CASE(suite, problem_of_an_option_is_told_once_for_all_its_checks);
    TABLE(suite, what_is_wrong_is_a_config_error_that_names_it, wrong);
    TABLE(suite, nothing_is_asked_where_nothing_is_near, far_off);
    CASE(suite, target_of_another_kind_is_reported_once);
    CASE(suite, value_of_a_misspelt_flag_becomes_the_target);
    CASE(suite, usage_and_configuration_are_told_together);
    add(suite, "bare_number_that_is_no_duration_is_told_to_be_seconds",
        bare_number_that_is_no_duration_is_told_to_be_seconds, 3, release);
    CASE(suite, age_of_a_heartbeat_needs_its_file_and_no_more);
    add(suite, "source_that_failed_is_no_missing_target_on_top",
        source_that_failed_is_no_missing_target_on_top, 4, release);
    TABLE(suite, limits_are_those_that_were_given, timeouts);
    CASE(suite, each_check_has_its_own_limit);
    TABLE(suite, limit_longer_than_that_of_the_run_is_cut_and_noted, cuts);
    TABLE(suite, format_is_set_even_where_the_plan_fails, formats);
    TABLE(suite, colour_is_welcome_unless_the_environment_says_otherwise, colours);
    TABLE(suite, version_of_the_application_is_cleaned_and_cut, versions);
    TABLE(suite, mode_is_told_even_where_the_plan_fails, modes);
    TABLE(suite, secret_in_use_is_known_to_the_run, secret_sources);
    TABLE(suite, what_is_no_secret_withholds_nothing, not_secret);
    TABLE(suite, secret_that_the_target_shows_withholds_nothing_of_that_check, shown_fields);
    TABLE(suite, blanks_around_an_applications_variable_are_noted, trimmed);
    TABLE(suite, near_miss_of_a_variable_is_noted, near_misses);
    TABLE(suite, verification_that_is_turned_off_is_noted, notes);
    TABLE(suite, authority_is_the_first_that_is_named, authorities);
    TABLE(suite, target_that_needs_tls_is_refused_by_a_build_without, tls_targets);
    TABLE(suite, ordinary_settings_are_accepted, good_inputs);
    CASE(suite, dropped_parameters_are_named);
    CASE(suite, report_begins_with_what_the_plan_knows);
    CASE(suite, every_row_of_the_real_table_is_sound);
    CASE(suite, secrets_have_a_file_twin);
    CASE(suite, kinds_stand_in_the_order_of_the_report);
    return hp_unit_run(suite);
}
