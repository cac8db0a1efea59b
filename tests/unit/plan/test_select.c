/* SPDX-License-Identifier: MIT */
#include "fake_kinds.h"
#include "walk.h"

/* --- modes and checks ------------------------------------------------------------------------- */

#define NO  HP_SELECTED_NO
#define YES HP_SELECTED_YES
#define OFF HP_SELECTED_SKIPPED

static const struct {
    struct input input;
    enum hp_mode mode;
    enum hp_selected selected[3];
} modes[] = {
    {{{0}, {0}}, HP_MODE_LIVE, {YES, NO, NO}},
    {{{"live"}, {0}}, HP_MODE_LIVE, {YES, NO, NO}},
    {{{"ready"}, {0}}, HP_MODE_READY, {YES, YES, NO}},
    {{{"full"}, {0}}, HP_MODE_FULL, {YES, YES, YES}},
    {{{"--verbose", "full"}, {0}}, HP_MODE_FULL, {YES, YES, YES}},
    {{{"full", "--timeout", "1s"}, {0}}, HP_MODE_FULL, {YES, YES, YES}},
    {{{"--timeout", "1s", "ready", "--verbose"}, {0}}, HP_MODE_READY, {YES, YES, NO}},
    {{{"--", "ready"}, {0}}, HP_MODE_READY, {YES, YES, NO}},
    {{{"--timeout", "ready"}, {0}}, HP_MODE_LIVE, {YES, NO, NO}},
    /* with neither, the targets are the set, and nothing else */
    {{{"--http", ":1"}, {0}}, HP_MODE_CUSTOM, {YES, NO, NO}},
    {{{"--redis", "redis://r"}, {"DATABASE_URL=x"}}, HP_MODE_CUSTOM, {NO, NO, YES}},
    {{{"--redis", "redis://r", "--database", "env:X"}, {"X=x"}}, HP_MODE_CUSTOM, {NO, YES, YES}},
    {{{"--redis", "redis://r"}, {"HEALTHPROBE_CHECK=http"}}, HP_MODE_CUSTOM, {NO, NO, YES}},
    {{{"/healthz", "c=redis://r"}, {0}}, HP_MODE_CUSTOM, {YES, NO, YES}},
    {{{"live", "redis://r"}, {0}}, HP_MODE_LIVE, {YES, NO, NO}},
    {{{":1", "full"}, {0}}, HP_MODE_FULL, {YES, YES, YES}},
    {{{"--check", "http", "redis://r"}, {0}}, HP_MODE_CUSTOM, {YES, NO, NO}},
    {{{"--redis-timeout", "1s"}, {0}}, HP_MODE_LIVE, {YES, NO, NO}},
    {{{0}, {"HEALTHPROBE_HTTP=:1"}}, HP_MODE_LIVE, {YES, NO, NO}},
    /* --check replaces the mode's set; the mode stays */
    {{{"--check", "http"}, {0}}, HP_MODE_CUSTOM, {YES, NO, NO}},
    {{{"full", "--check", "redis"}, {0}}, HP_MODE_FULL, {NO, NO, YES}},
    {{{"--check=database,redis", "ready"}, {0}}, HP_MODE_READY, {NO, YES, YES}},
    {{{"--check", "redis,database,http"}, {0}}, HP_MODE_CUSTOM, {YES, YES, YES}},
    {{{"--check", " http , redis\r\n"}, {0}}, HP_MODE_CUSTOM, {YES, NO, YES}},
    {{{0}, {"HEALTHPROBE_CHECK=http, redis? "}}, HP_MODE_CUSTOM, {YES, NO, OFF}},
    {{{"--check", "redis?"}, {0}}, HP_MODE_CUSTOM, {NO, NO, OFF}},
    {{{"--check", "http,database?,redis?"}, {0}}, HP_MODE_CUSTOM, {YES, OFF, OFF}},
    {{{"--check", "http?"}, {0}}, HP_MODE_CUSTOM, {OFF, NO, NO}},
    /* a target, wherever it comes from, settles a "?" */
    {{{"--check", "redis?", "--redis", "redis://r"}, {0}}, HP_MODE_CUSTOM, {NO, NO, YES}},
    {{{"--check", "redis?"}, {"REDIS_URL=redis://r"}}, HP_MODE_CUSTOM, {NO, NO, YES}},
    {{{"--check", "redis?"}, {"REDIS_URL_FILE=/proc/version"}}, HP_MODE_CUSTOM, {NO, NO, YES}},
    {{{"--check", "redis?"}, {"HEALTHPROBE_REDIS=redis://r"}}, HP_MODE_CUSTOM, {NO, NO, YES}},
    {{{"--check", "redis?"}, {"HEALTHPROBE_REDIS_FILE=/proc/version"}},
     HP_MODE_CUSTOM,
     {NO, NO, YES}},
    {{{"--check", "redis?"}, {"REDIS_URL="}}, HP_MODE_CUSTOM, {NO, NO, OFF}},
    {{{"--check", "redis?"}, {"HEALTHPROBE_REDIS_TIMEOUT=1s"}}, HP_MODE_CUSTOM, {NO, NO, OFF}},
    {{{"--check", "http?"}, {"PORT=8080"}}, HP_MODE_CUSTOM, {YES, NO, NO}},
    /* its twin: without a mode the set, beside one what is left of it */
    {{{0}, {"HEALTHPROBE_CHECK=database,redis"}}, HP_MODE_CUSTOM, {NO, YES, YES}},
    {{{0}, {"HEALTHPROBE_CHECK=redis?"}}, HP_MODE_CUSTOM, {NO, NO, OFF}},
    {{{"--check", "http"}, {"HEALTHPROBE_CHECK=redis"}}, HP_MODE_CUSTOM, {YES, NO, NO}},
    {{{"live"}, {"HEALTHPROBE_CHECK=http,database"}}, HP_MODE_LIVE, {YES, NO, NO}},
    {{{"live"}, {"HEALTHPROBE_CHECK=redis?,http"}}, HP_MODE_LIVE, {YES, NO, NO}},
    {{{"live"}, {"HEALTHPROBE_CHECK=http,database?", "DATABASE_URL=x"}},
     HP_MODE_LIVE,
     {YES, NO, NO}},
    {{{"ready"}, {"HEALTHPROBE_CHECK=redis,database"}}, HP_MODE_READY, {NO, YES, NO}},
    {{{"full"}, {"HEALTHPROBE_CHECK=http,redis"}}, HP_MODE_FULL, {YES, NO, YES}},
    {{{"full"}, {"HEALTHPROBE_CHECK=http,database?,redis?", "REDIS_URL=x"}},
     HP_MODE_FULL,
     {YES, OFF, YES}},
    {{{"full"}, {"HEALTHPROBE_CHECK=redis?"}}, HP_MODE_FULL, {NO, NO, OFF}},
    {{{"full"}, {"HEALTHPROBE_CHECK="}}, HP_MODE_FULL, {YES, YES, YES}},
    {{{"full", "--check", "http"}, {"HEALTHPROBE_CHECK=redis"}}, HP_MODE_FULL, {YES, NO, NO}},
    {{{"full", "--check", "http"}, {"HEALTHPROBE_CHECK=nonsense"}}, HP_MODE_FULL, {YES, NO, NO}},
};

START_TEST(mode_and_check_list_say_what_is_checked)
{
    ck_assert_msg(read_input(&modes[_i].input), "%s", err.msg);
    ck_assert_int_eq(options.action, HP_ACTION_CHECK);
    ck_assert_int_eq(selection.mode, modes[_i].mode);
    for (int kind = HTTP; kind <= REDIS; kind++)
        ck_assert_int_eq(selection.kinds[kind], modes[_i].selected[kind]);
}
END_TEST

static const struct {
    const char *list;
    const char *message;
} wrong_lists[] = {
    {"", "--check"},
    {",", "--check"},
    {"http,", "--check"},
    {",http", "--check"},
    {"http,,redis", "--check"},
    {"smtp", "--check"},
    {"http smtp", "--check"},
    {"HTTP", "--check"},
    {"http redis", "--check"},
    {"?", "--check"},
    {"redis??", "--check"},
    {"?redis", "--check"},
    {"htt", "--check"},
    {"https", "--check"},
    {"http,http", "http twice"},
    {"redis,redis?", "redis twice"},
    {"s3cr3t-Zq9", "--check"},
    {"http,s3cr3t-Zq9", "--check"},
};

START_TEST(wrong_check_list_is_a_config_error)
{
    struct input flag = {{"--check", wrong_lists[_i].list}, {0}};

    ck_assert(!read_input(&flag));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.msg, wrong_lists[_i].message));
    ck_assert(!hp_unit_leaks(err.msg));
}
END_TEST

static const struct {
    const char *list;
    const char *message;
} called[] = {
    {"postgres", "--check: unknown check \"postgres\": Postgres is called database"},
    {"http,PG", "--check: unknown check \"pg\": Postgres is called database"},
    {"db?", "--check: unknown check \"db\": Postgres is called database"},
    {"cache", "--check: unknown check \"cache\": Redis is called redis"},
    {"mysql", "--check: there is no check of mysql; leave it out"},
    {"reddis",
     "--check: has to be a list of http, database and redis, separated by commas, each with "
     "? if it may be left out; did you mean redis?"},
    {"HTTP",
     "--check: has to be a list of http, database and redis, separated by commas, each with ? "
     "if it may be left out; did you mean http?"},
    {"full", "--check: full is a mode: healthprobe full, without --check"},
    {"http,ready", "--check: ready is a mode: healthprobe ready, without --check"},
};

START_TEST(alias_of_a_check_is_answered_by_its_name)
{
    struct input flag = {{"--check", called[_i].list}, {0}};

    ck_assert(!read_input(&flag));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_str_eq(err.msg, called[_i].message);
}
END_TEST

/* --- what does not fit ------------------------------------------------------------------------ */

static const struct {
    struct input input;
    const char *message; /* NULL: it fits */
} fits[] = {
    {{{"live"}, {0}}, NULL},
    {{{"full", "--redis-timeout=1s"}, {"DATABASE_URL=x", "REDIS_URL=x"}}, NULL},
    {{{"--check=http,redis?", "--redis-timeout=1s"}, {0}}, NULL},
    /* of a mode */
    {{{"live", "--database", "postgres://h"}, {0}},
     "--database: is for the database check, which is not part of \"live\"; leave live out, take "
     "ready or full, or name database in --check"},
    {{{"ready", "redis://h"}, {"DATABASE_URL=x"}},
     "argument 2: is for the redis check, which is not part of \"ready\"; leave ready out, take "
     "full, or name redis in --check"},
    {{{"live", "--database-timeout=1s"}, {0}},
     "--database-timeout: is for the database check, which is not part of \"live\"; take ready or "
     "full, or name database in --check"},
    /* of none */
    {{{"--redis-timeout=1s"}, {0}},
     "--redis-timeout: is for the redis check, which is not part of \"live\"; take full, or name "
     "redis in --check"},
    {{{"--redis-timeout=1s", "/healthz"}, {0}},
     "--redis-timeout: is for the redis check, which is not part of this run; give --redis too, or "
     "name redis in --check"},
    {{{"--check=http", "--redis-timeout=1s"}, {0}},
     "--redis-timeout: is for the redis check, which is not part of --check; name redis in "
     "--check"},
    {{{"live", "--check=http", "redis://r"}, {0}},
     "argument 3: is for the redis check, which is not part of --check; for http write "
     "http://HOST:PORT, or name redis in --check"},
    {{{"--check", "redis,database?", "s3cr3t-Zq9:6400"}, {0}},
     "argument 3: is for the http check, which is not part of --check; for database write "
     "postgres://USER@HOST, for redis write redis://HOST, or name http in --check; redis is part "
     "of --check, but REDIS_URL is not set, or empty"},
    {{{"full", "--redis-timeout=1s"}, {"HEALTHPROBE_CHECK=http"}},
     "--redis-timeout: is for the redis check, which is not part of HEALTHPROBE_CHECK; name redis "
     "in --check"},
    {{{"--redis-timeout=1s"}, {"HEALTHPROBE_CHECK=http"}},
     "--redis-timeout: is for the redis check, which is not part of HEALTHPROBE_CHECK; name redis "
     "in --check"},
    {{{"--redis-timeout=1s", "/healthz"}, {"HEALTHPROBE_CHECK=redis"}},
     "--redis-timeout: is for the redis check, which is not part of this run; give --redis too, or "
     "name redis in --check"},
    /* without a target */
    {{{"full"}, {"DATABASE_URL=x"}},
     "redis is part of \"full\", but REDIS_URL is not set, or empty; if there is none, use --check "
     "http,database"},
    {{{"full"}, {0}},
     "database is part of \"full\", but DATABASE_URL is not set, or empty; if there is none, use "
     "--check http; redis is part of \"full\", but REDIS_URL is not set, or empty; if there is "
     "none, use --check http"},
    {{{"full", "--redis=redis://h"}, {"HEALTHPROBE_CHECK=database,redis"}},
     "database is part of \"full\", but DATABASE_URL is not set, or empty; if there is none, use "
     "--check redis"},
    {{{"--check=redis"}, {0}}, "redis is part of --check, but REDIS_URL is not set, or empty"},
    {{{0}, {"HEALTHPROBE_CHECK=http,redis"}},
     "redis is part of HEALTHPROBE_CHECK, but REDIS_URL is not set, or empty; if there is none, "
     "use --check http"},
    /* the misunderstood word may have been meant for it */
    {{{"--bogus", "redis:6379", "--redis-timeout=1s"}, {0}}, NULL},
};

START_TEST(what_does_not_fit_is_reported_with_its_cure)
{
    read_input(&fits[_i].input);
    err.len = 0;
    err.n = 0;
    err.msg[0] = '\0';
    hp_selection_fits(&selection, &options, environment, &err);
    ck_assert_str_eq(err.msg, fits[_i].message != NULL ? fits[_i].message : "");
}
END_TEST

START_TEST(wrong_check_list_of_the_environment_is_told_by_its_twin)
{
    static const struct input input = {{0}, {"HEALTHPROBE_CHECK=http,s3cr3t-Zq9"}};

    ck_assert(!read_input(&input));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.msg, "HEALTHPROBE_CHECK"));
    ck_assert(!hp_unit_leaks(err.msg));
}
END_TEST

static const struct input nothing_left[] = {
    {{"live"}, {"HEALTHPROBE_CHECK=database"}},
    {{"live"}, {"HEALTHPROBE_CHECK=database?,redis?"}},
    {{"ready"}, {"HEALTHPROBE_CHECK=redis"}},
    {{"wait", "live"}, {"HEALTHPROBE_CHECK=redis"}},
    {{"explain", "live"}, {"HEALTHPROBE_CHECK=redis"}},
};

START_TEST(list_of_the_environment_that_leaves_nothing_of_a_mode_is_a_config_error)
{
    ck_assert(!read_input(&nothing_left[_i]));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_uint_eq(err.n, 1);
    ck_assert_ptr_nonnull(strstr(err.msg, "HEALTHPROBE_CHECK: leaves nothing to check of "));
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1, release_values)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table), release_values)

int main(void)
{
    Suite *suite = suite_create("select");

    TABLE(suite, mode_and_check_list_say_what_is_checked, modes);
    TABLE(suite, wrong_check_list_is_a_config_error, wrong_lists);
    TABLE(suite, alias_of_a_check_is_answered_by_its_name, called);
    TABLE(suite, what_does_not_fit_is_reported_with_its_cure, fits);
    CASE(suite, wrong_check_list_of_the_environment_is_told_by_its_twin);
    TABLE(suite, list_of_the_environment_that_leaves_nothing_of_a_mode_is_a_config_error,
          nothing_left);
    return hp_unit_run(suite);
}
