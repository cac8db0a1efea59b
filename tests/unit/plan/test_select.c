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
    /* --check replaces the mode's set; the mode stays */
    {{{"--check", "http"}, {0}}, HP_MODE_CUSTOM, {YES, NO, NO}},
    {{{"full", "--check", "redis"}, {0}}, HP_MODE_FULL, {NO, NO, YES}},
    {{{"--check=database,redis", "ready"}, {0}}, HP_MODE_READY, {NO, YES, YES}},
    {{{"--check", "redis,database,http"}, {0}}, HP_MODE_CUSTOM, {YES, YES, YES}},
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
    {"http, redis", "--check"},
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
    CASE(suite, wrong_check_list_of_the_environment_is_told_by_its_twin);
    TABLE(suite, list_of_the_environment_that_leaves_nothing_of_a_mode_is_a_config_error,
          nothing_left);
    return hp_unit_run(suite);
}
