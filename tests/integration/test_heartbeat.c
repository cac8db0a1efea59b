// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "mounts.h"
#include "probe.h"

/* A worker that serves no HTTP touches a file as it goes. */

static const char *beat;

static void set_up(void)
{
    beat = hpt_strf("%s/beat", hpt_tmp_mkdir("heartbeat", 0755));
}

/* Touch a file so many seconds ago. */
static void touch(const char *path, int seconds)
{
    struct timespec times[2];

    hpt_write_file(path, "not read", 0644);
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= seconds;
    times[1] = times[0];
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void look(struct hpt_run *run)
{
    hpt_probe(run, HPT_NONE, HPT_LIST("--check", "heartbeat", "--heartbeat", beat));
}

static const struct {
    int age;
    const char *limit;
    const char *error; /* NULL: it is up */
} ages[] = {
    {0, NULL, NULL},
    {55, NULL, NULL},
    {61, NULL, "not modified for more than 60s"},
    {-55, NULL, NULL},
    {-65, NULL, "modified more than 60s in the future"},
    {61, "90", NULL},
    {91, "1.5m", "not modified for more than 90s"},
    {86000, "24h", NULL},
};

START_TEST(a_heartbeat_is_fresh_for_a_minute_or_for_the_age_given)
{
    const char *limit = ages[_i].limit;
    struct hpt_run run;

    touch(beat, ages[_i].age);
    hpt_probe(&run,
              limit != NULL ? HPT_LIST(hpt_strf("HEALTHPROBE_HEARTBEAT_AGE=%s", limit)) : HPT_NONE,
              HPT_LIST("--check", "heartbeat", "--heartbeat", beat));
    if (ages[_i].error == NULL) {
        HPT_OK(hpt_is_healthy(&run, "heartbeat"));
    } else {
        HPT_OK(hpt_is_down(&run, "heartbeat", "stale", NULL));
        HPT_OK(hpt_is_text(&run, "checks.heartbeat.error", ages[_i].error));
    }
    HPT_OK(hpt_is_text(&run, "checks.heartbeat.target", beat));
    if (ages[_i].age >= 0 || ages[_i].error != NULL) {
        double over = hpt_number(&run, "checks.heartbeat.age") - ages[_i].age;
        ck_assert_msg(over > -0.2 && over < 3, "%s", hpt_said(&run));
    } else {
        ck_assert(hpt_number(&run, "checks.heartbeat.age") == 0);
    }
}
END_TEST

static void ck_missing(const char *error)
{
    struct hpt_run run;

    look(&run);
    HPT_OK(hpt_is_down(&run, "heartbeat", "missing", NULL));
    HPT_OK(hpt_is_text(&run, "summary", "heartbeat missing"));
    HPT_OK(hpt_is_text(&run, "checks.heartbeat.error", error));
    HPT_OK(hpt_is_text(&run, "checks.heartbeat.age", NULL));
}

START_TEST(what_is_not_a_regular_file_is_missing)
{
    ck_missing("No such file or directory");
    ck_assert_int_eq(mkfifo(beat, 0644), 0);
    ck_missing("not a regular file");
    ck_assert_int_eq(unlink(beat), 0);
    ck_assert_int_eq(mkdir(beat, 0755), 0);
    ck_missing("not a regular file");
    beat = "/dev/null";
    ck_missing("not a regular file");
}
END_TEST

START_TEST(links_are_followed)
{
    const char *link = hpt_strf("%s-link", beat);
    const char *target = beat;
    struct hpt_run run;

    ck_assert_int_eq(symlink(beat, link), 0);
    beat = link;
    ck_missing("No such file or directory");
    touch(target, 61);
    look(&run);
    HPT_OK(hpt_is_down(&run, "heartbeat", "stale", NULL));
    touch(target, 0);
    look(&run);
    HPT_OK(hpt_is_healthy(&run, "heartbeat"));
    HPT_OK(hpt_is_text(&run, "checks.heartbeat.target", link));
}
END_TEST

static void become_nobody(void *arg)
{
    (void)arg;
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(65532) < 0 || setuid(65532) < 0)) {
        hpt_child_fails("setuid");
    }
}

static void look_as_nobody(struct hpt_run *run)
{
    const struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("--check", "heartbeat", "--heartbeat", beat),
        .binary = hpt_probe_copy(),
        .in_child = become_nobody,
    };

    hpt_probe_with(run, &opts);
}

START_TEST(an_unreadable_file_is_fine_in_a_readable_directory)
{
    const char *directory = hpt_strf("%.*s", (int)(strrchr(beat, '/') - beat), beat);
    struct hpt_run run;

    touch(beat, 0);
    ck_assert_int_eq(chmod(beat, 0), 0);
    look_as_nobody(&run);
    HPT_OK(hpt_is_healthy(&run, "heartbeat"));
    ck_assert_int_eq(chmod(directory, geteuid() == 0 ? 0700 : 0), 0);
    look_as_nobody(&run);
    ck_assert_int_eq(chmod(directory, 0755), 0);
    HPT_OK(hpt_is_down(&run, "heartbeat", "missing", NULL));
    HPT_OK(hpt_is_text(&run, "checks.heartbeat.error", "Permission denied"));
}
END_TEST

START_TEST(several_heartbeats_have_names)
{
    const char *mails = hpt_strf("%s-mails", beat);
    struct hpt_run run;

    touch(beat, 0);
    touch(mails, 61);
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_HEARTBEAT=%s\nmails=%s\n", beat, mails)),
              HPT_LIST("--check", "heartbeat", "--optional", "mails"));
    HPT_OK(hpt_has_checks(&run, "mails,heartbeat"));
    HPT_OK(hpt_is_forgiven(&run, "mails", "stale", NULL));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--check", "heartbeat", "--heartbeat", beat, "--heartbeat",
                       hpt_strf("mails=%s", mails), "--tolerate", "stale"));
    HPT_OK(hpt_is_forgiven(&run, "mails", "stale", NULL));
}
END_TEST

START_TEST(its_detailed_exit_code_is_4)
{
    struct hpt_run run;

    touch(beat, 61);
    hpt_probe(
        &run, HPT_LIST("PORT=1"),
        HPT_LIST("--check", "http,heartbeat", "--heartbeat", beat, "--exit-codes", "detailed"));
    run.exit_codes = "detailed";
    ck_assert_int_eq(run.exit_status, 8 + 4);
    HPT_OK(hpt_has_checks(&run, "http,heartbeat"));
}
END_TEST

START_TEST(short_is_the_same_at_any_age)
{
    struct hpt_run first;
    struct hpt_run second;
    const char *const *args =
        HPT_LIST("--check", "heartbeat", "--heartbeat", beat, "--format", "short");

    touch(beat, 61);
    hpt_probe(&first, HPT_NONE, args);
    touch(beat, 3600);
    hpt_probe(&second, HPT_NONE, args);
    ck_assert_str_eq(first.out, second.out);
    ck_assert_msg(strstr(first.out, "not modified for more than 60s") != NULL, "%s", first.out);
}
END_TEST

static const struct {
    const char *args[6];
    const char *needles;
} wrong[] = {
    {{"--check", "heartbeat"},
     "heartbeat is part of --check, but neither --heartbeat FILE nor HEALTHPROBE_HEARTBEAT is "
     "given"},
    {{"--check", "heartbeat", "--heartbeat", ""}, "--heartbeat: is empty"},
    {{"--check", "heartbeat", "--heartbeat", "file:/run/beat"},
     "--heartbeat: give the path itself|file:"},
    {{"--check", "heartbeat", "--heartbeat", "w=env:BEAT"}, "--heartbeat (w): give the path"},
    {{"--check", "heartbeat", "--heartbeat", "/run/{env:POD}/beat"}, "--heartbeat: give the path"},
    {{"--check", "heartbeat", "--heartbeat", "/run/${POD}/beat"}, "--heartbeat: give the path"},
    {{"--check", "heartbeat", "--heartbeat=/b", "--heartbeat-age", "25h"}, "--heartbeat-age|24h"},
    {{"full", "--heartbeat", "/run/beat"}, "--heartbeat|heartbeat check|--check"},
};

START_TEST(a_wrong_path_is_reported)
{
    struct hpt_run run;

    hpt_probe(&run,
              HPT_LIST("HEALTHPROBE_HEARTBEAT_FILE=/etc/hostname", "BEAT=/b",
                       "DATABASE_URL=postgresql://app@db/app", "REDIS_URL=redis://cache"),
              wrong[_i].args);
    HPT_OK(hpt_is_config(&run, wrong[_i].needles));
}
END_TEST

/* A secret in the wrong place. */
START_TEST(what_is_not_a_path_is_not_shown)
{
    struct hpt_run run;

    hpt_probe_secret("misplaced-secret");
    hpt_probe(&run, HPT_NONE, HPT_LIST("--check", "heartbeat", "--heartbeat", "misplaced-secret"));
    HPT_OK(hpt_is_down(&run, "heartbeat", "missing", NULL));
    HPT_OK(hpt_is_text(&run, "checks.heartbeat.target", "(a relative path)"));
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("explain", "--check", "heartbeat", "--heartbeat", "misplaced-secret"));
    ck_assert_int_eq(run.exit_status, 0);
}
END_TEST

START_TEST(explain_does_not_look_at_the_file)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("explain", "--check", "heartbeat", "--heartbeat", "/nowhere/beat"));
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_msg(strstr(run.out, "/nowhere/beat") != NULL, "%s", hpt_said(&run));
}
END_TEST

START_TEST(optional_heartbeat_without_a_file_is_skipped)
{
    struct hpt_run run;

    touch(beat, 0);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--check", "heartbeat?"));
    HPT_OK(hpt_is_config(&run, "nothing to check"));
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_HEARTBEAT=%s", beat)),
              HPT_LIST("--check", "heartbeat?"));
    HPT_OK(hpt_is_healthy(&run, "heartbeat"));
}
END_TEST

START_TEST(no_mode_includes_a_heartbeat)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--heartbeat", beat));
    HPT_OK(hpt_is_config(&run, "leave live out, or name heartbeat in --check"));
    hpt_probe(&run, HPT_NONE, HPT_LIST("live", "--heartbeat-age", "1s"));
    HPT_OK(hpt_is_config(
        &run, "not part of \"live\"; give --heartbeat FILE and name heartbeat in --check"));
    hpt_probe(&run, HPT_LIST(hpt_strf("HEALTHPROBE_HEARTBEAT=%s", beat)),
              HPT_LIST("live", "--heartbeat-age", "1s"));
    HPT_OK(hpt_is_config(&run, "not part of \"live\"; name heartbeat in --check"));
}
END_TEST

START_TEST(wait_ends_when_the_worker_touches_its_file)
{
    const struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args =
            HPT_LIST("wait", "--check", "heartbeat", "--heartbeat", beat, "--interval", "20ms")};
    struct hpt_run run;

    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(200);
    touch(beat, 0);
    hpt_probe_finish(&run, &opts);
    ck_assert_int_eq(run.exit_status, 0);
    ck_assert_msg(strstr(run.err, "heartbeat missing") != NULL, "%s", hpt_said(&run));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "heartbeat", 60);

    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_loop_test(tc, a_heartbeat_is_fresh_for_a_minute_or_for_the_age_given, 0,
                        HPT_COUNT(ages));
    tcase_add_test(tc, what_is_not_a_regular_file_is_missing);
    tcase_add_test(tc, links_are_followed);
    tcase_add_test(tc, an_unreadable_file_is_fine_in_a_readable_directory);
    tcase_add_test(tc, several_heartbeats_have_names);
    tcase_add_test(tc, its_detailed_exit_code_is_4);
    tcase_add_test(tc, short_is_the_same_at_any_age);
    tcase_add_loop_test(tc, a_wrong_path_is_reported, 0, HPT_COUNT(wrong));
    tcase_add_test(tc, what_is_not_a_path_is_not_shown);
    tcase_add_test(tc, explain_does_not_look_at_the_file);
    tcase_add_test(tc, optional_heartbeat_without_a_file_is_skipped);
    tcase_add_test(tc, no_mode_includes_a_heartbeat);
    tcase_add_test(tc, wait_ends_when_the_worker_touches_its_file);
}

static void start_nothing(void)
{
}

int main(void)
{
    return hpt_main("heartbeat", start_nothing, build, true);
}
