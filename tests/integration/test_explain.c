// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common.h"
#include "formats.h"
#include "net.h"
#include "probe.h"

/* `explain`: the plan of a run and its sources, without any connection. */

#define PASSWORD "hunter2-hunter2"

static const char *password_file;

static void set_up(void)
{
    hpt_probe_secret(PASSWORD);
    password_file = hpt_strf("%s/password", hpt_tmpdir());
    hpt_write_file(password_file, PASSWORD "\n", 0644);
}

/* --- no connection ---------------------------------------------------------------------------- */

/* Kill the process if it creates a socket of any kind. */
static void forbid_sockets(void *arg)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = HPT_COUNT(filter), .filter = filter};

    (void)arg;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        _exit(126);
    }
}

static void run_without_sockets(struct hpt_run *run, const char *const *env,
                                const char *const *args)
{
    hpt_probe_with(run,
                   &(struct hpt_probe_opts){.env = env, .args = args, .in_child = forbid_sockets});
}

START_TEST(explain_makes_no_socket_and_looks_up_no_name)
{
    static const char *const formats[] = {"json", "text"};
    struct hpt_run run;
    const char *const *env = HPT_LIST("DATABASE_URL=postgresql://app:" PASSWORD "@db.invalid/app",
                                      "REDIS_URL=redis://:" PASSWORD "@cache.invalid");

    for (int i = 0; i < HPT_COUNT(formats); i++) {
        run_without_sockets(
            &run, env,
            HPT_LIST("explain", "full", "--http", "http://api.invalid/x", "--format", formats[i]));
        ck_assert_msg(run.exit_status == 0 && run.err_len == 0, "%s", hpt_said(&run));
        ck_assert_ptr_nonnull(strstr(run.out, "postgresql://app@db.invalid:5432/app"));
        ck_assert_ptr_nonnull(strstr(run.out, "redis://cache.invalid:6379"));
        ck_assert_ptr_nonnull(strstr(run.out, "http://api.invalid/x"));
    }
    /* A run, however, is killed. */
    if (hpt_probe_static()) {
        run_without_sockets(&run, env, HPT_LIST("live", "--http", "http://127.0.0.1:1/x"));
        ck_assert_msg(run.term_signal != 0, "%s", hpt_said(&run));
    }
}
END_TEST

/* --- what is shown ---------------------------------------------------------------------------- */

static json_t *document_of(const struct hpt_run *run)
{
    json_t *document = json_loads(run->out, JSON_REJECT_DUPLICATES, NULL);

    ck_assert_msg(document != NULL && run->exit_status == 0 && run->err_len == 0, "%s",
                  hpt_said(run));
    ck_assert_ptr_eq(strchr(run->out, '\n'), run->out + run->out_len - 1);
    return document;
}

static const json_t *setting(const json_t *document, const char *name)
{
    const json_t *row = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(document, "settings"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0) {
            return row;
        }
    }
    hpt_fail("there is no setting %s", name);
}

static void must_be(const json_t *row, const char *value, const char *from, const char *source,
                    const char *by)
{
    const char *const keys[] = {"value", "from", "source", "by"};
    const char *const wants[] = {value, from, source, by};

    for (int i = 0; i < HPT_COUNT(keys); i++) {
        const char *found = json_string_value(json_object_get(row, keys[i]));
        ck_assert_msg(found == wants[i] ||
                          (found != NULL && wants[i] != NULL && strcmp(found, wants[i]) == 0),
                      "%s is %s", keys[i], found);
    }
}

START_TEST(each_setting_shows_its_source)
{
    struct hpt_run run;
    json_t *document = NULL;

    hpt_probe(&run,
              HPT_LIST("DATABASE_URL=postgresql://app@db/app?pool=5",
                       hpt_strf("HEALTHPROBE_DATABASE_PASSWORD_FILE=%s", password_file),
                       "CACHE=redis://cache/2", "HEALTHPROBE_HTTP_STATUS=204", "PORT=8080",
                       "HEALTHPROBE_TIMOUT=1s"),
              HPT_LIST("explain", "full", "--redis", "env:CACHE", "--timeout=2s", "--format=json",
                       "--redis-password", hpt_strf("file:%s", password_file), "--http-header",
                       "X-Token: " PASSWORD, "--optional", "redis"));
    document = document_of(&run);
    must_be(setting(document, "mode"), "full", "argument", NULL, NULL);
    must_be(setting(document, "timeout"), "2s", "flag", "--timeout", NULL);
    must_be(setting(document, "http"), "http://localhost:8080/health", "environment", "PORT", NULL);
    must_be(setting(document, "http-status"), "204", "environment", "HEALTHPROBE_HTTP_STATUS",
            NULL);
    must_be(setting(document, "http-method"), "GET", "default", NULL, NULL);
    must_be(setting(document, "http-slow"), NULL, "unset", NULL, NULL);
    must_be(setting(document, "http-header"), "(set)", "flag", "--http-header", NULL);
    must_be(setting(document, "database"), "postgresql://app@db:5432/app", "environment",
            "DATABASE_URL", NULL);
    must_be(setting(document, "database-password"), "(set)", "file", password_file,
            "HEALTHPROBE_DATABASE_PASSWORD_FILE");
    must_be(setting(document, "redis"), "redis://cache:6379/2", "environment", "CACHE", "--redis");
    must_be(setting(document, "redis-password"), "(set)", "file", password_file,
            "--redis-password");
    run.report = document;
    ck_assert(hpt_lists(&run, "ignored", "pool"));
    ck_assert_str_eq(json_string_value(hpt_get(&run, "unknown.0.variable")), "HEALTHPROBE_TIMOUT");
    ck_assert_str_eq(json_string_value(hpt_get(&run, "unknown.0.nearest")), "HEALTHPROBE_TIMEOUT");
    ck_assert(json_is_true(hpt_get(&run, "checks.redis.optional")));
    ck_assert_double_eq(hpt_number(&run, "checks.database.timeout"), 2000);
}
END_TEST

START_TEST(a_misplaced_url_is_not_shown)
{
    static const char *const formats[] = {"--format=json", "--format=text"};
    const char *const *env = HPT_LIST("HEALTHPROBE_TOLERATE=postgres://app:" PASSWORD "@db/app",
                                      "HEALTHPROBE_OPTIONAL=http,redis://:" PASSWORD "@cache",
                                      "HEALTHPROBE_LOG_FAILURES=redis://:" PASSWORD "@cache",
                                      "HEALTHPROBE_HTTP_CONTAINS=" PASSWORD);
    struct hpt_run run;

    for (int i = 0; i < HPT_COUNT(formats); i++) {
        hpt_probe(&run, env, HPT_LIST("explain", "live", formats[i]));
        ck_assert_msg(run.exit_status == 0 && strstr(run.out, "@") == NULL, "%s", run.out);
        ck_assert_ptr_nonnull(strstr(run.out, "http; 1 not shown"));
    }
}
END_TEST

START_TEST(explain_prints_a_table_whatever_the_format_of_the_run)
{
    char *const *formats = formats_of_help() + 1; /* behind json */
    struct hpt_run table;
    struct hpt_run run;

    hpt_probe(&table, HPT_NONE, HPT_LIST("explain"));
    ck_assert_msg(strncmp(table.out, "live, within 2.5s\n\nCHECK  KIND  TARGET", 38) == 0, "%s",
                  table.out);
    for (; *formats != NULL; formats++) {
        hpt_probe(&run, HPT_NONE, HPT_LIST("explain", "live", "--format", *formats));
        ck_assert_msg(run.exit_status == 0 && strncmp(run.out, table.out, 38) == 0, "%s", run.out);
    }
    /* The variable selects JSON as the flag does. */
    hpt_probe(&run, HPT_LIST("HEALTHPROBE_FORMAT=json"), HPT_LIST("explain"));
    json_decref(document_of(&run));
}
END_TEST

/* Unlike a report, this is not limited to 4096 bytes. */
START_TEST(a_long_plan_is_printed_whole)
{
    const char *args[40] = {"explain", "--format=json"};
    struct hpt_run run;

    for (int i = 0; i < 16; i++) {
        args[2 + i] = hpt_strf("--http=check-%d=http://localhost/%d-%0200d", i, i, 0);
    }
    hpt_probe(&run, HPT_NONE, args);
    ck_assert_uint_gt(run.out_len, 8192);
    run.report = document_of(&run);
    ck_assert_uint_eq(json_object_size(hpt_get(&run, "checks")), 16);
}
END_TEST

/* --- errors ----------------------------------------------------------------------------------- */

static const struct {
    const char *args[5];
    const char *needles;
    bool usage;
} wrong[] = {
    {{"full"}, "DATABASE_URL is not set|REDIS_URL is not set", false},
    {{"live", "--timeout=soon"}, "--timeout", false},
    {{"live", "--http-ca=/none", "--http=https://h"}, "", false},
    {{"live", "--timout=1s"}, "did you mean --timeout?", true},
    {{"raedy"}, "did you mean ready?", true},
    {{"live", "--for=1s"}, "--for", true},
    {{"live", "explain"}, "explain: give it once", true},
};

START_TEST(explain_reports_the_errors_of_the_run)
{
    struct hpt_run run;
    const char *args[7] = {"explain"};

    for (int i = 0; i < 5; i++) {
        args[i + 1] = wrong[_i].args[i];
    }
    hpt_probe(&run, HPT_NONE, args);
    HPT_OK(wrong[_i].usage ? hpt_is_usage(&run, wrong[_i].needles)
                           : hpt_is_config(&run, wrong[_i].needles));
}
END_TEST

START_TEST(an_error_comes_with_a_note_on_a_mistyped_variable)
{
    static const char *const args[][4] = {
        {"explain", "full"},                                /* no target */
        {"explain", "--http=https://a", "--http-ca=/none"}, /* a file, which is looked at last */
        {"explain", "--timout=1s"},                         /* a usage error */
        {"full", "--format=json"},                          /* the run itself */
    };
    struct hpt_run run;

    hpt_probe(&run, HPT_LIST("HEALTHPROBE_TIMOUT=1s"), args[_i]);
    HPT_OK(hpt_is_report(&run));
    ck_assert_ptr_nonnull(hpt_get(&run, "error"));
    ck_assert(hpt_lists(&run, "notes", "HEALTHPROBE_TIMOUT: did you mean HEALTHPROBE_TIMEOUT?"));
}
END_TEST

START_TEST(errors_use_the_requested_format_and_exit_status)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE,
              HPT_LIST("explain", "ready", "--format=short", "--exit-codes=detailed"));
    ck_assert_int_eq(run.exit_status, 78);
    ck_assert_msg(strncmp(run.out, "unhealthy: config: database is part of ", 39) == 0, "%s",
                  run.out);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tcase = hpt_tcase(suite, "explain", 60);

    tcase_add_test(tcase, explain_makes_no_socket_and_looks_up_no_name);
    tcase_add_test(tcase, each_setting_shows_its_source);
    tcase_add_test(tcase, a_misplaced_url_is_not_shown);
    tcase_add_test(tcase, explain_prints_a_table_whatever_the_format_of_the_run);
    tcase_add_test(tcase, a_long_plan_is_printed_whole);
    tcase_add_loop_test(tcase, explain_reports_the_errors_of_the_run, 0, HPT_COUNT(wrong));
    tcase_add_loop_test(tcase, an_error_comes_with_a_note_on_a_mistyped_variable, 0, 4);
    tcase_add_test(tcase, errors_use_the_requested_format_and_exit_status);
}

int main(void)
{
    return hpt_main("explain", set_up, build, true);
}
