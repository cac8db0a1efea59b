/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/wait.h"
#include <healthprobe/base/clock.h>
#include <healthprobe/check/check.h>

#include <string.h>

const struct hp_check_ops *const hp_check_kinds[] = {NULL};

#define MS HP_NS_PER_MS
#define S  HP_NS_PER_S

#define WORDS_MAX 8

static char words[WORDS_MAX + 1][64];
static char variable[64];

/** What `wait live` with these options comes to. */
static bool read_settings(struct hp_wait_settings *ret, const char *const options[],
                          const char *variable_text, struct hp_error *err)
{
    char *argv[WORDS_MAX + 3] = {NULL};
    char *environment[] = {NULL, NULL};
    struct hp_options parsed;
    struct hp_selection selection;
    struct hp_values values;
    struct hp_error unheard = {0};
    char name[] = "healthprobe";
    char command[] = "wait";
    int argc = 0;
    bool good;

    argv[argc++] = name;
    argv[argc++] = command;
    for (size_t i = 0; i < WORDS_MAX && options[i] != NULL; i++) {
        strcpy(words[i], options[i]);
        argv[argc++] = words[i];
    }
    if (variable_text != NULL) {
        strcpy(variable, variable_text);
        environment[0] = variable;
    }
    hp_options_parse(&parsed, argc, argv, &unheard);
    hp_select(&selection, &parsed, environment, &unheard);
    hp_values_read_general(&values, &parsed, &selection, environment, &unheard);
    good = hp_wait_settings_read(ret, &values, err);
    hp_values_release(&values);
    hp_options_release(&parsed);
    return good;
}

static const struct {
    const char *options[WORDS_MAX];
    const char *variable;
    struct hp_wait_settings settings;
} good[] = {
    {{0}, NULL, {60 * S, 500 * MS, false}},
    {{"--for", "1s"}, NULL, {1 * S, 500 * MS, false}},
    {{"--for=24h"}, NULL, {86400 * S, 500 * MS, false}},
    {{"--for=1ms", "--interval=1ms"}, NULL, {1 * MS, 1 * MS, false}},
    {{"--interval", "1h"}, NULL, {60 * S, 3600 * S, false}},
    {{"--backoff"}, NULL, {60 * S, 500 * MS, true}},
    {{"--backoff=0"}, NULL, {60 * S, 500 * MS, false}},
    {{0}, "HEALTHPROBE_FOR=2m", {120 * S, 500 * MS, false}},
    {{0}, "HEALTHPROBE_INTERVAL=3", {60 * S, 3 * S, false}},
    {{0}, "HEALTHPROBE_BACKOFF=true", {60 * S, 500 * MS, true}},
    {{"--backoff=false"}, "HEALTHPROBE_BACKOFF=true", {60 * S, 500 * MS, false}},
};

START_TEST(settings_come_from_flags_and_twins)
{
    struct hp_wait_settings settings;
    struct hp_error err = {0};

    ck_assert_msg(read_settings(&settings, good[_i].options, good[_i].variable, &err), "%s",
                  err.msg);
    ck_assert_int_eq(settings.for_ns, good[_i].settings.for_ns);
    ck_assert_int_eq(settings.interval_ns, good[_i].settings.interval_ns);
    ck_assert(settings.backoff == good[_i].settings.backoff);
}
END_TEST

static const struct {
    const char *options[WORDS_MAX];
    const char *variable;
    const char *said[2];
} wrong[] = {
    {{"--for", "25h"}, NULL, {"--for: ", "24h"}},
    {{"--for", "0"}, NULL, {"--for: ", "1ms"}},
    {{"--for="}, NULL, {"--for: ", "1ms"}},
    {{"--for=s3cr3t-Zq9"}, NULL, {"--for: ", "5m"}},
    {{"--interval", "2h"}, NULL, {"--interval: ", "1h"}},
    {{"--interval", "fast"}, NULL, {"--interval: ", "1h"}},
    {{"--for=never", "--interval=often"}, NULL, {"--for: ", "--interval: "}},
    {{0}, "HEALTHPROBE_FOR=s3cr3t-Zq9", {"HEALTHPROBE_FOR: ", "24h"}},
    {{0}, "HEALTHPROBE_INTERVAL=-1", {"HEALTHPROBE_INTERVAL: ", "1h"}},
};

START_TEST(wrong_settings_are_config_errors_and_all_reported)
{
    struct hp_wait_settings settings;
    struct hp_error err = {0};

    ck_assert(!read_settings(&settings, wrong[_i].options, wrong[_i].variable, &err));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_msg(strstr(err.msg, wrong[_i].said[0]) != NULL, "%s", err.msg);
    ck_assert_msg(strstr(err.msg, wrong[_i].said[1]) != NULL, "%s", err.msg);
    ck_assert(!hp_unit_leaks(err.msg));
    ck_assert(!hp_error_may_pass(&err));
}
END_TEST

static const struct {
    bool backoff;
    int64_t pause_ns;
    int64_t next_ns;
} pauses[] = {
    {false, 500 * MS, 500 * MS},
    {false, 3600 * S, 3600 * S},
    {true, 1 * MS, 2 * MS},
    {true, 500 * MS, 1 * S},
    {true, 5 * S, 10 * S},
    {true, 5001 * MS, 10 * S},
    {true, 8 * S, 10 * S},
    {true, 10 * S, 10 * S},
    /* one that is longer from the start does not become shorter */
    {true, 30 * S, 30 * S},
};

START_TEST(pause_doubles_with_backoff_up_to_ten_seconds)
{
    struct hp_wait_settings settings = {.backoff = pauses[_i].backoff};

    ck_assert_int_eq(hp_wait_next_pause(&settings, pauses[_i].pause_ns), pauses[_i].next_ns);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wait");

    HP_UNIT_TABLE(suite, settings_come_from_flags_and_twins, good);
    HP_UNIT_TABLE(suite, wrong_settings_are_config_errors_and_all_reported, wrong);
    HP_UNIT_TABLE(suite, pause_doubles_with_backoff_up_to_ten_seconds, pauses);
    return hp_unit_run(suite);
}
