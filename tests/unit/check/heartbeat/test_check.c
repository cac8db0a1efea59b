/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/plan/kinds.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORY "/tmp/healthprobe-heartbeat"
#define BEAT      DIRECTORY "/beat"

static struct hp_collected collected;
static struct hp_error err;
static struct hp_check check;
static struct hp_attempt attempt;

static const struct hp_check_ops *heartbeat(void)
{
    for (int kind = 0; hp_check_kinds[kind] != NULL; kind++)
        if (strcmp(hp_check_kinds[kind]->kind, "heartbeat") == 0)
            return hp_check_kinds[kind];
    ck_abort_msg("there is no such kind");
    return NULL;
}

/* @age  of --heartbeat-age; NULL: not given */
static bool read_with(const char *path, const char *age)
{
    static char *const nothing[] = {NULL};
    struct hp_value item = {.option = &heartbeat()->options[1], .origin = "--heartbeat-age"};
    struct hp_values values = {.environment = nothing, .items = &item, .n = age != NULL};
    const struct hp_check_input input = {.options = heartbeat()->options,
                                         .name = "heartbeat",
                                         .target = path,
                                         .origin = "--heartbeat",
                                         .values = &values,
                                         .collected = &collected};
    char text[32] = "";

    snprintf(text, sizeof text, "%s", age != NULL ? age : "");
    item.text = text;
    memset(&err, 0, sizeof err);
    check = (struct hp_check){.ops = heartbeat(), .name = "heartbeat"};
    return hp_check_parse(&check, &input, &err);
}

static const struct hp_result *look(const char *path, const char *age)
{
    void *session = NULL;

    ck_assert(read_with(path, age));
    hp_attempt_init(&attempt, NULL, hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S));
    check.ops->run(&check, &attempt, &session);
    ck_assert_ptr_null(session);
    hp_check_release(&check);
    return &attempt.result;
}

/* A file that was touched so many seconds ago. */
static void touch(int64_t seconds)
{
    struct timespec now;
    struct timespec times[2];
    int fd = open(BEAT, O_WRONLY | O_CREAT, 0600);

    ck_assert_int_ge(fd, 0);
    clock_gettime(CLOCK_REALTIME, &now);
    times[0] = times[1] = (struct timespec){now.tv_sec - seconds, now.tv_nsec};
    ck_assert_int_eq(futimens(fd, times), 0);
    close(fd);
}

static void set_up(void)
{
    ck_assert_int_eq(mkdir(DIRECTORY, 0700), 0);
}

static void tear_down(void)
{
    unlink(BEAT);
    rmdir(BEAT);
    rmdir(DIRECTORY);
}

static const struct {
    int64_t age;
    const char *limit;
    const char *error; /* "": it is up */
    int64_t reported;
} ages[] = {
    {0, NULL, "", 0},
    {59, NULL, "", 59},
    {60, NULL, "not modified for more than 60s", 60},
    {-59, NULL, "", 0},
    {-61, NULL, "modified more than 60s in the future", -61},
    {2, "3s", "", 2},
    {2, "1.5s", "not modified for more than 1.5s", 2},
    {86390, "24h", "", 86390},
    {86400, "24h", "not modified for more than 24h", 86400},
    {-86400, "24h", "", 0},
    {-86410, "24h", "modified more than 24h in the future", -86410},
};

START_TEST(heartbeat_is_fresh_for_its_age_and_as_far_ahead)
{
    const struct hp_result *result = NULL;
    int64_t over_ns = 0;

    touch(ages[_i].age);
    result = look(BEAT, ages[_i].limit);
    over_ns = result->age_ns - ages[_i].reported * HP_NS_PER_S;
    ck_assert_str_eq(result->error.bytes, ages[_i].error);
    ck_assert_int_eq(result->status, ages[_i].error[0] == '\0' ? HP_STATUS_UP : HP_STATUS_DOWN);
    ck_assert_int_eq(result->reason, ages[_i].error[0] == '\0' ? HP_REASON_NONE : HP_REASON_STALE);
    ck_assert(result->has_age);
    ck_assert_int_ge(over_ns, 0);
    ck_assert_int_lt(over_ns, HP_NS_PER_S / 2);
}
END_TEST

/* A file system may hold any time; some do not fit into nanoseconds. */
START_TEST(time_that_no_clock_can_show_is_stale)
{
    struct timespec times[2] = {{.tv_sec = _i == 0 ? INT64_MIN / 2 : INT64_MAX / 2}};
    const struct hp_result *result = NULL;

    times[1] = times[0];
    touch(0);
    ck_assert_int_eq(utimensat(AT_FDCWD, BEAT, times, 0), 0);
    result = look(BEAT, NULL);
    ck_assert_int_eq(result->reason, HP_REASON_STALE);
    ck_assert_int_eq(result->age_ns > 0, _i == 0);
}
END_TEST

static void assert_missing(const char *path, const char *error)
{
    const struct hp_result *result = look(path, NULL);

    ck_assert_int_eq(result->status, HP_STATUS_DOWN);
    ck_assert_int_eq(result->reason, HP_REASON_MISSING);
    ck_assert_str_eq(result->error.bytes, error);
    ck_assert(!result->has_age);
}

START_TEST(anything_but_a_regular_file_is_missing)
{
    assert_missing(BEAT, "No such file or directory");
    assert_missing("/etc/passwd/beat", "Not a directory");
    assert_missing(DIRECTORY, "not a regular file");
    assert_missing("/dev/null", "not a regular file");
    ck_assert_int_eq(mkfifo(BEAT, 0600), 0);
    assert_missing(BEAT, "not a regular file");
    unlink(BEAT);
    ck_assert_int_eq(symlink(BEAT, BEAT), 0);
    assert_missing(BEAT, strerror(ELOOP));
}
END_TEST

START_TEST(link_is_as_old_as_its_target)
{
    touch(100);
    ck_assert_int_eq(symlink(BEAT, DIRECTORY "/link"), 0);
    look(DIRECTORY "/link", NULL);
    unlink(DIRECTORY "/link");
    ck_assert_int_eq(attempt.result.reason, HP_REASON_STALE);
}
END_TEST

static const char *const not_paths[] = {
    "file:" BEAT,
    "env:BEAT",
    "{env:BEAT}",
    "/tmp/{env:POD}/beat",
    "/tmp/{file:/etc/name}",
    "redis://:" HP_UNIT_SECRET "@cache",
    "${BEAT}",
    "/tmp/$(POD)/beat",
    "$BEAT",
};

START_TEST(what_is_not_a_path_is_refused_and_not_repeated)
{
    ck_assert(!read_with(not_paths[_i], NULL));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_uint_eq(err.n, 1);
    ck_assert_int_eq(strncmp(err.msg, "--heartbeat: ", 13), 0);
    ck_assert_ptr_null(strstr(err.msg, "BEAT"));
    ck_assert(!hp_unit_leaks(err.msg));
}
END_TEST

START_TEST(age_is_a_duration_of_at_most_a_day)
{
    ck_assert(!read_with(BEAT, "24.1h"));
    ck_assert_int_eq(strncmp(err.msg, "--heartbeat-age: is not a duration", 34), 0);
    ck_assert(!read_with("file:" BEAT, "0"));
    ck_assert_uint_eq(err.n, 2);
}
END_TEST

START_TEST(path_is_shown_only_if_it_looks_like_one)
{
    ck_assert(read_with("/run/b\neat\xff", NULL));
    ck_assert_str_eq(check.target, "/run/b\xEF\xBF\xBD"
                                   "eat\xEF\xBF\xBD");
    hp_check_release(&check);
    ck_assert(read_with(HP_UNIT_SECRET, NULL));
    ck_assert_str_eq(check.target, "(a relative path)");
    hp_check_release(&check);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heartbeat");

    HP_UNIT_TABLE_WITH(suite, heartbeat_is_fresh_for_its_age_and_as_far_ahead, ages, set_up,
                       tear_down);
    hp_unit_add_with(suite, "time_that_no_clock_can_show_is_stale",
                     time_that_no_clock_can_show_is_stale, 2, set_up, tear_down);
    HP_UNIT_CASE_WITH(suite, anything_but_a_regular_file_is_missing, set_up, tear_down);
    HP_UNIT_CASE_WITH(suite, link_is_as_old_as_its_target, set_up, tear_down);
    HP_UNIT_TABLE(suite, what_is_not_a_path_is_refused_and_not_repeated, not_paths);
    HP_UNIT_CASE(suite, age_is_a_duration_of_at_most_a_day);
    HP_UNIT_CASE(suite, path_is_shown_only_if_it_looks_like_one);
    return hp_unit_run(suite);
}
