/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include "plan/explain.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With the real kinds: what is told of a plan, and of where its settings came from. */

static struct hp_plan plan;
static struct hp_explanation explanation;
static char *text;
static char *json_text;
static json_t *document;

static void release(void)
{
    json_decref(document);
    document = NULL;
    free(text);
    free(json_text);
    text = json_text = NULL;
    hp_explanation_release(&explanation);
    hp_plan_release(&plan);
    release_values();
}

static char *render(void (*how)(const struct hp_explanation *, struct hp_buffer *))
{
    size_t size = hp_explanation_size(&explanation);
    char *storage = malloc(size);
    struct hp_buffer buffer;

    ck_assert_ptr_nonnull(storage);
    hp_buffer_init(&buffer, storage, size);
    how(&explanation, &buffer);
    ck_assert(!buffer.overflow);
    ck_assert_msg(!hp_unit_leaks(storage), "%s", storage);
    return storage;
}

static void make_plan(void)
{
    hp_plan_begin(&plan, &selection, &values, &err);
    hp_plan_build(&plan, &options, &selection, &values, &err);
}

static void make_explanation(void)
{
    make_plan();
    ck_assert_msg(err.reason == HP_REASON_NONE, "%s", err.msg);
    ck_assert(hp_explanation_make(&explanation, &plan, &selection, &values, &err));
}

static void explain(const struct input *input)
{
    read_input(input);
    ck_assert_int_eq(options.action, HP_ACTION_EXPLAIN);
    make_explanation();
    text = render(hp_explain_text);
    json_text = render(hp_explain_json);
    document = json_loads(json_text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(document != NULL, "%s", json_text);
}

/** The @nth setting of a name; NULL: there is none. */
static const struct hp_setting *find(const char *name, size_t nth)
{
    for (size_t i = 0; i < explanation.n; i++) {
        if (strcmp(explanation.settings[i].name, name) == 0 && nth-- == 0)
            return &explanation.settings[i];
    }
    return NULL;
}

#define DB "DATABASE_URL=postgresql://app:s3cr3t-Zq9@db/app"
#define R  "R=redis://:s3cr3t-Zq9@redis/3"

/* --- where settings come from ----------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *name;
    size_t nth;
    const char *value;
    enum hp_from from;
    const char *source;
    const char *by;
} origins[] = {
    {{{"explain"}, {0}}, "mode", 0, "live", HP_FROM_DEFAULT, "", ""},
    {{{"explain", "live"}, {0}}, "mode", 0, "live", HP_FROM_ARGUMENT, "", ""},
    {{{"explain", ":81"}, {0}},
     "http",
     0,
     "http://localhost:81/health/live",
     HP_FROM_ARGUMENT,
     "argument 2",
     ""},
    {{{"explain", "--check= http, redis? "}, {0}},
     "check",
     0,
     "http,redis?",
     HP_FROM_FLAG,
     "--check",
     ""},
    {{{"explain", "--check", "http"}, {0}}, "mode", 0, "", HP_FROM_UNSET, "", ""},
    {{{"explain"}, {0}}, "timeout", 0, "2.5s", HP_FROM_DEFAULT, "", ""},
    {{{"explain", "--timeout=900ms"}, {0}}, "timeout", 0, "900ms", HP_FROM_FLAG, "--timeout", ""},
    {{{"explain"}, {"HEALTHPROBE_TIMEOUT=1s"}},
     "timeout",
     0,
     "1s",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_TIMEOUT",
     ""},
    {{{"explain", "--timeout", "2s"}, {"HEALTHPROBE_TIMEOUT=1s"}},
     "timeout",
     0,
     "2s",
     HP_FROM_FLAG,
     "--timeout",
     ""},
    {{{"explain"}, {0}}, "http-slow", 0, "", HP_FROM_UNSET, "", ""},
    {{{"explain"}, {0}}, "verbose", 0, "", HP_FROM_UNSET, "", ""},
    {{{"explain", "--verbose"}, {0}}, "verbose", 0, "true", HP_FROM_FLAG, "--verbose", ""},
    {{{"explain"}, {"HEALTHPROBE_VERBOSE=0"}},
     "verbose",
     0,
     "false",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_VERBOSE",
     ""},
    {{{"explain"}, {0}}, "http-method", 0, "GET", HP_FROM_DEFAULT, "", ""},
    /* targets, as a report has them */
    {{{"explain"}, {0}}, "http", 0, "http://localhost:3000/health/live", HP_FROM_DEFAULT, "", ""},
    {{{"explain"}, {"PORT=8080"}},
     "http",
     0,
     "http://localhost:8080/health/live",
     HP_FROM_ENVIRONMENT,
     "PORT",
     ""},
    {{{"explain", "--http", "/x"}, {"PORT=8080"}},
     "http",
     0,
     "http://localhost:8080/x",
     HP_FROM_FLAG,
     "--http",
     ""},
    {{{"explain", "ready"}, {DB}},
     "database",
     0,
     "postgresql://app@db:5432/app",
     HP_FROM_ENVIRONMENT,
     "DATABASE_URL",
     ""},
    {{{"explain", "--check=redis", "--redis", "env:R"}, {R}},
     "redis",
     0,
     "redis://redis:6379/3",
     HP_FROM_ENVIRONMENT,
     "R",
     "--redis"},
    {{{"explain", "--check=redis"}, {"HEALTHPROBE_REDIS=env:R", R}},
     "redis",
     0,
     "redis://redis:6379/3",
     HP_FROM_ENVIRONMENT,
     "R",
     "HEALTHPROBE_REDIS"},
    {{{"explain", "--check=redis"}, {"HEALTHPROBE_REDIS=redis://a\nb=env:R", R}},
     "redis",
     1,
     "redis://redis:6379/3",
     HP_FROM_ENVIRONMENT,
     "R",
     "HEALTHPROBE_REDIS"},
    {{{"explain", "--check=redis"}, {"HEALTHPROBE_REDIS=a=env:R\nredis://b", R}},
     "redis",
     0,
     "redis://redis:6379/3",
     HP_FROM_ENVIRONMENT,
     "R",
     "HEALTHPROBE_REDIS"},
    {{{"explain", "--check=database", "--database-pgenv"}, {"PGHOST=h", "PGUSER=u"}},
     "database",
     0,
     "postgresql://u@h:5432/u",
     HP_FROM_ENVIRONMENT,
     "PGHOST",
     ""},
    /* secrets */
    {{{"explain", "--check=redis", "--redis=redis://h", "--redis-password", "s3cr3t-Zq9"}, {0}},
     "redis-password",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--redis-password",
     ""},
    {{{"explain", "--check=redis", "--redis=redis://h", "--redis-password=env:P"},
      {"P=s3cr3t-Zq9"}},
     "redis-password",
     0,
     "(set)",
     HP_FROM_ENVIRONMENT,
     "P",
     "--redis-password"},
    {{{"explain", "--http-header", "Authorization: Bearer s3cr3t-Zq9"}, {0}},
     "http-header",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--http-header",
     ""},
    {{{"explain", "--http-body", "{\"token\":\"s3cr3t-Zq9\"}"}, {0}},
     "http-body",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--http-body",
     ""},
    {{{"explain", "--http-header", "Authorization: env:P"}, {"P=s3cr3t-Zq9"}},
     "http-header",
     0,
     "(set)",
     HP_FROM_ENVIRONMENT,
     "P",
     "--http-header"},
    {{{"explain", "--check=redis", "--redis=redis://:s3cr3t-Zq9@h", "--log-failures",
       "/tmp/s3cr3t-Zq9"},
      {0}},
     "log-failures",
     0,
     "(withheld)",
     HP_FROM_FLAG,
     "--log-failures",
     ""},
    /* An unknown word of a list, a relative path or any other text may be a secret. */
    {{{"explain"}, {"HEALTHPROBE_TOLERATE=redis://:s3cr3t-Zq9@h"}},
     "tolerate",
     0,
     "1 not shown",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_TOLERATE",
     ""},
    {{{"explain"}, {"HEALTHPROBE_TOLERATE=capacity,s3cr3t-Zq9,loading,"}},
     "tolerate",
     0,
     "capacity,loading; 2 not shown",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_TOLERATE",
     ""},
    {{{"explain", "--http", "a=:1", "--http", "b=:2"}, {"HEALTHPROBE_OPTIONAL=a,s3cr3t-Zq9"}},
     "optional",
     0,
     "a; 1 not shown",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_OPTIONAL",
     ""},
    {{{"explain", "--check=http,redis?", "--optional=http,redis"}, {0}},
     "optional",
     0,
     "http,redis",
     HP_FROM_FLAG,
     "--optional",
     ""},
    {{{"explain", "--check=http,redis?"}, {0}},
     "check",
     0,
     "http,redis?",
     HP_FROM_FLAG,
     "--check",
     ""},
    {{{"explain"}, {"HEALTHPROBE_LOG_FAILURES=redis://:s3cr3t-Zq9@h"}},
     "log-failures",
     0,
     "(a relative path)",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_LOG_FAILURES",
     ""},
    {{{"explain", "--log-failures=/proc/1/fd/2"}, {0}},
     "log-failures",
     0,
     "/proc/1/fd/2",
     HP_FROM_FLAG,
     "--log-failures",
     ""},
    {{{"explain"}, {"HEALTHPROBE_CA=s3cr3t-Zq9"}},
     "ca",
     0,
     "(a relative path)",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_CA",
     ""},
    {{{"explain", "--http-unix=/run/s.sock"}, {0}},
     "http-unix",
     0,
     "/run/s.sock",
     HP_FROM_FLAG,
     "--http-unix",
     ""},
    {{{"explain", "--http-contains=s3cr3t-Zq9"}, {0}},
     "http-contains",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--http-contains",
     ""},
    {{{"explain", "--http-match=s3cr3t-Zq9"}, {0}},
     "http-match",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--http-match",
     ""},
    {{{"explain", "--http-json=a=s3cr3t-Zq9"}, {0}},
     "http-json",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--http-json",
     ""},
    {{{"explain", "--http-expect-header=A: s3cr3t-Zq9"}, {0}},
     "http-expect-header",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--http-expect-header",
     ""},
    {{{"explain", "ready", "--database-query=SELECT 's3cr3t-Zq9'"}, {DB}},
     "database-query",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--database-query",
     ""},
    {{{"explain", "--http-connect=s3cr3t-Zq9:443"}, {0}},
     "http-connect",
     0,
     "(set)",
     HP_FROM_FLAG,
     "--http-connect",
     ""},
    {{{"explain"}, {"HEALTHPROBE_HTTP_METHOD=s3cr3t-Zq9"}},
     "http-method",
     0,
     "(set)",
     HP_FROM_ENVIRONMENT,
     "HEALTHPROBE_HTTP_METHOD",
     ""},
    {{{"explain", "--http", "http://h/?k=s3cr3t-Zq9#s3cr3t-Zq9"}, {0}},
     "http",
     0,
     "http://h/",
     HP_FROM_FLAG,
     "--http",
     ""},
    /* what is no option */
    {{{"explain"}, {"APP_VERSION=1.4.2"}},
     "APP_VERSION",
     0,
     "1.4.2",
     HP_FROM_ENVIRONMENT,
     "APP_VERSION",
     ""},
};

/* A URL in place of any other value is refused, or is not shown. */
static const char *const misplaced[] = {
    "postgres://app:s3cr3t-Zq9@db/app",   "redis://:s3cr3t-Zq9@cache",
    "http://h/s3cr3t-Zq9?key=s3cr3t-Zq9", "capacity,http,postgres://app:s3cr3t-Zq9@db/app",
    "http,redis://:s3cr3t-Zq9@cache",     "200,redis://:s3cr3t-Zq9@cache",
};

static void misplace(const struct hp_option *option, const char *value)
{
    struct input input = {
        {"explain", "full", "--http=:1", "--database", "postgres://u@h/d", "--redis=redis://h"},
        {0}};
    char twin[HP_TWIN_MAX];
    char variable[256];

    if ((option->flags & (HP_OPTION_ACTION | HP_OPTION_TARGET)) != 0)
        return;
    release();
    hp_option_twin(twin, option, "");
    snprintf(variable, sizeof variable, "%s=%s", twin, value);
    input.environment[0] = variable;
    read_input(&input);
    make_plan();
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s: %s", twin, err.msg);
    if (err.reason != HP_REASON_NONE)
        return;
    ck_assert(hp_explanation_make(&explanation, &plan, &selection, &values, &err));
    text = render(hp_explain_text);
    json_text = render(hp_explain_json);
}

START_TEST(url_in_place_of_any_other_value_is_not_shown)
{
    struct hp_row row = {0};

    while (hp_row_next(&row))
        misplace(row.option, misplaced[_i]);
}
END_TEST

static void assert_member(const json_t *row, const char *key, const char *want)
{
    const char *found = json_string_value(json_object_get(row, key));

    if (want[0] == '\0')
        ck_assert_msg(json_object_get(row, key) == NULL, "%s: %s", key, json_text);
    else
        ck_assert_pstr_eq(found, want);
}

START_TEST(each_setting_tells_where_it_came_from)
{
    const struct hp_setting *setting = NULL;
    const json_t *row = NULL;

    explain(&origins[_i].input);
    setting = find(origins[_i].name, origins[_i].nth);
    ck_assert_ptr_nonnull(setting);
    ck_assert_str_eq(hp_setting_value(setting), origins[_i].value);
    ck_assert_int_eq(setting->from, origins[_i].from);
    ck_assert_str_eq(setting->source.bytes, origins[_i].source);
    ck_assert_str_eq(setting->by.bytes, origins[_i].by);
    /* The document has them in the same order. */
    row = json_array_get(json_object_get(document, "settings"),
                         (size_t)(setting - explanation.settings));
    assert_member(row, "name", origins[_i].name);
    assert_member(row, "from", hp_from_name(origins[_i].from));
    assert_member(row, "source", origins[_i].source);
    assert_member(row, "by", origins[_i].by);
    if (origins[_i].from == HP_FROM_UNSET)
        ck_assert(json_is_null(json_object_get(row, "value")));
    else
        assert_member(row, "value", origins[_i].value);
}
END_TEST

START_TEST(file_is_told_by_its_path_and_what_named_it)
{
    static const struct input input = {{"explain", "--check=redis", "--redis", "redis://h",
                                        "--redis-password",
                                        "file:/tmp/healthprobe-explain-password"},
                                       {0}};
    static const struct input twin = {
        {"explain", "--check=redis", "--redis", "redis://h"},
        {"HEALTHPROBE_REDIS_PASSWORD_FILE=/tmp/healthprobe-explain-password"}};
    FILE *file = fopen("/tmp/healthprobe-explain-password", "w");

    ck_assert_ptr_nonnull(file);
    fputs(HP_UNIT_SECRET "\n", file);
    fclose(file);
    for (int i = 0; i < 2; i++) {
        const struct hp_setting *setting = NULL;
        explain(i == 0 ? &input : &twin);
        setting = find("redis-password", 0);
        ck_assert_str_eq(setting->value.bytes, "(set)");
        ck_assert_int_eq(setting->from, HP_FROM_FILE);
        ck_assert_str_eq(setting->source.bytes, "/tmp/healthprobe-explain-password");
        ck_assert_str_eq(setting->by.bytes,
                         i == 0 ? "--redis-password" : "HEALTHPROBE_REDIS_PASSWORD_FILE");
        release();
    }
    remove("/tmp/healthprobe-explain-password");
}
END_TEST

START_TEST(every_option_of_the_table_that_can_matter_is_listed)
{
    static const struct input input = {{"explain", "ready"}, {DB}};
    struct hp_row row = {0};
    size_t n = 0;

    explain(&input);
    while (hp_row_next(&row)) {
        bool expected =
            (row.option->flags & (HP_OPTION_ACTION | HP_OPTION_WAIT)) == 0 && row.kind < 2;
        ck_assert_msg((find(row.option->name, 0) != NULL) == expected, "%s", row.option->name);
        n += expected;
    }
    ck_assert_uint_gt(n, 20);
    ck_assert_uint_eq(explanation.n, n + 1); /* the mode */
    for (size_t i = 0; i < explanation.n; i++)
        ck_assert_ptr_nonnull(strstr(text, explanation.settings[i].name));
}
END_TEST

/* --- checks ----------------------------------------------------------------------------------- */

START_TEST(checks_are_told_as_they_will_run)
{
    static const struct input input = {
        {"explain", "full", "--redis", "redis://h", "--redis", "b=redis://i", "--timeout", "2s",
         "--redis-timeout", "1m", "--http-timeout", "500ms", "--http-slow=1.25s", "--optional=b"},
        {DB, "HEALTHPROBE_TOLERATE=capacity,loading"}};
    const json_t *checks = NULL;
    double timeout = 0;
    double limits[2] = {0};
    const char *kind = NULL;

    explain(&input);
    checks = json_object_get(document, "checks");
    ck_assert_uint_eq(json_object_size(checks), 4);
    timeout = json_number_value(json_object_get(document, "timeout"));
    limits[0] = json_number_value(json_object_get(json_object_get(checks, "http"), "timeout"));
    limits[1] = json_number_value(json_object_get(json_object_get(checks, "b"), "timeout"));
    ck_assert_double_eq(timeout, 2000);
    ck_assert_double_eq(limits[0], 500);
    ck_assert_double_eq(limits[1], 2000); /* cut to the run's */
    ck_assert_double_eq(json_number_value(json_object_get(json_object_get(checks, "http"), "slow")),
                        1250);
    kind = json_string_value(json_object_get(json_object_get(checks, "b"), "kind"));
    ck_assert_pstr_eq(kind, "redis");
    ck_assert(json_is_true(json_object_get(json_object_get(checks, "b"), "optional")));
    ck_assert_ptr_null(json_object_get(json_object_get(checks, "redis"), "optional"));
    ck_assert_uint_eq(
        json_array_size(json_object_get(json_object_get(checks, "redis"), "tolerated")), 2);
    ck_assert_ptr_nonnull(strstr(text, "full, within 2s\n"));
    ck_assert_ptr_nonnull(strstr(text, " 500ms  tolerated: capacity loading, slow above 1.25s"));
    ck_assert_ptr_nonnull(strstr(text, " 2s     optional, tolerated: capacity loading, password: "
                                       "none\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nredis (b)"));
}
END_TEST

static const struct {
    struct input input;
    const char *check;
    const char *name;
    const char *value; /* NULL: not told */
} facts[] = {
    {{{"explain"}, {0}}, "http", "port", "default"},
    {{{"explain"}, {0}}, "http", "path", "the mode's"},
    {{{"explain"}, {0}}, "http", "TLS", NULL},
    {{{"explain"}, {0}}, "http", "password", NULL},
    {{{"explain"}, {"PORT=80"}}, "http", "port", "from PORT"},
    {{{"explain", "--http=/x"}, {"PORT=80"}}, "http", "port", "from PORT"},
    {{{"explain", "--http=/x"}, {"PORT=80"}}, "http", "path", "given"},
    {{{"explain", "--http=http://h/health/live"}, {0}}, "http", "path", "given"},
    {{{"explain", "live", "--http=/health/live"}, {0}}, "http", "path", "given"},
    {{{"explain", "--http=http://h/"}, {0}}, "http", "path", "given"},
    {{{"explain", "--http=http://h?a=b"}, {0}}, "http", "path", "as typed"},
    {{{"explain", "--http=:8080"}, {0}}, "http", "path", "live's, as no mode is given"},
    {{{"explain", "live", "--http=:8080"}, {0}}, "http", "path", "the mode's"},
    {{{"explain", "--check=http"}, {0}}, "http", "path", "live's, as no mode is given"},
    {{{"explain", "full", "--check=http"}, {0}}, "http", "path", "the mode's"},
    {{{"explain", "--http=http://h:80"}, {0}}, "http", "port", NULL},
    {{{"explain", "--http=http://h:80"}, {0}}, "http", "path", "as typed"},
    {{{"explain", "--http-body=x"}, {0}}, "http", "method", "POST"},
    {{{"explain", "--http-body=x", "--http-method=PUT"}, {0}}, "http", "method", "PUT"},
    {{{"explain", "--http-method=HEAD"}, {0}}, "http", "method", "HEAD"},
    {{{"explain", "--http-method=s3cr3t-Zq9"}, {0}}, "http", "method", "(set)"},
    {{{"explain", "--http-method=GET"}, {0}}, "http", "method", NULL},
    {{{"explain"}, {0}}, "http", "method", NULL},
    {{{"explain", "--http=http://u:s3cr3t-Zq9@h:80"}, {0}}, "http", "password", "(set)"},
    {{{"explain", "--check=database"}, {DB}}, "database", "password", "(set)"},
    {{{"explain", "--check=database"}, {"DATABASE_URL=postgres://u@h"}},
     "database",
     "password",
     "none"},
    {{{"explain", "--check=database"}, {DB}}, "database", "sslmode", "prefer (default)"},
    {{{"explain", "--check=database"}, {DB "?sslmode=disable"}}, "database", "sslmode", "disable"},
    {{{"explain", "--check=redis", "--redis=redis://:s3cr3t-Zq9@h"}, {0}},
     "redis",
     "password",
     "(set)"},
};

START_TEST(kinds_tell_what_they_made_of_url_and_environment)
{
    const json_t *check = NULL;
    const char *value = NULL;

    explain(&facts[_i].input);
    check = json_object_get(json_object_get(document, "checks"), facts[_i].check);
    value = json_string_value(json_object_get(json_object_get(check, "details"), facts[_i].name));
    if (facts[_i].value == NULL)
        ck_assert_msg(value == NULL, "%s", json_text);
    else
        ck_assert_pstr_eq(value, facts[_i].value);
}
END_TEST

/* --- what else there is ----------------------------------------------------------------------- */

START_TEST(notes_ignored_parameters_and_skipped_checks_are_told)
{
    static const struct input input = {
        {"explain", "--check=database,redis?", "--database", "postgres://u@h?schema=x"}, {0}};

    explain(&input);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(document, "ignored"), 0)),
                     "schema");
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(document, "skipped"), 0)),
                     "redis");
    ck_assert_ptr_nonnull(strstr(text, "\nskipped: redis\nignored: schema\n"));
}
END_TEST

#define KUBERNETES "KUBERNETES_SERVICE_HOST=10.0.0.1"
#define KILLED                                                                                     \
    "Kubernetes kills a probe after 1s unless timeoutSeconds says more, and loses what it printed"
#define PUBLISHED(origin)                                                                          \
    origin ": Docker publishes a password in the arguments; write env:NAME or file:PATH"

static const struct {
    struct input input;
    const char *notes[3];
} remarks[] = {
    {{{"explain"}, {0}}, {0}},
    {{{"explain"}, {KUBERNETES}}, {KILLED}},
    {{{"explain", "--timeout=1s"}, {KUBERNETES}}, {0}},
    {{{"explain"}, {KUBERNETES, "HEALTHPROBE_TIMEOUT=1s"}}, {0}},
    {{{"explain", "--database", "postgres://u:pw@h"}, {KUBERNETES}},
     {KILLED, PUBLISHED("--database")}},
    {{{"explain", "redis://:pw@h"}, {0}}, {PUBLISHED("argument 2")}},
    {{{"explain", "redis://h?password=pw"}, {0}}, {PUBLISHED("argument 2")}},
    {{{"explain", "a=http://u:p@h", "b=http://u:p@h"}, {0}},
     {PUBLISHED("argument 2"), PUBLISHED("argument 3")}},
    {{{"explain", "--database=jdbc:postgresql://h/d?user=u&password=pw"}, {0}},
     {PUBLISHED("--database")}},
    {{{"explain", "redis://h", "--redis-password", "pw"}, {0}}, {PUBLISHED("--redis-password")}},
    {{{"explain", "redis://h", "--redis-password", "{env:X:-pw}"}, {0}},
     {PUBLISHED("--redis-password")}},
    /* no password, or none that was typed */
    {{{"explain", "redis://u@h", "http://h/a:b@c?x=y"}, {0}}, {0}},
    {{{"explain", "redis://u:@h?password="}, {0}}, {0}},
    {{{"explain", "redis://h", "--redis-password", ""}, {0}}, {0}},
    {{{"explain", "redis://h", "--redis-password", "env:PW"}, {"PW=pw"}}, {0}},
    {{{"explain", "redis://h", "--redis-password", "a{env:PW}"}, {"PW=pw"}}, {0}},
    {{{"explain", "redis://h"}, {"HEALTHPROBE_REDIS_PASSWORD=pw"}}, {0}},
    {{{"explain", "redis://:{env:PW}@h"}, {"PW=pw"}}, {0}},
    {{{"explain", "redis://h?password={env:PW}"}, {"PW=pw"}}, {0}},
    {{{"explain", "--redis", "env:URL"}, {"URL=redis://:pw@h"}}, {0}},
    {{{"explain", "--check=redis"}, {"REDIS_URL=redis://:pw@h"}}, {0}},
};

START_TEST(kubernetes_and_docker_pitfalls_are_noted)
{
    const struct hp_notes *notes = &explanation.notes;
    size_t n = 0;

    explain(&remarks[_i].input);
    for (; remarks[_i].notes[n] != NULL; n++) {
        ck_assert_uint_gt(notes->n, n);
        ck_assert_str_eq(notes->items[n], remarks[_i].notes[n]);
        ck_assert_ptr_nonnull(strstr(text, remarks[_i].notes[n]));
    }
    ck_assert_uint_eq(notes->n, n);
    ck_assert_uint_eq(json_array_size(json_object_get(document, "notes")), n);
}
END_TEST

static const struct {
    const char *variable;
    const char *nearest; /* NULL: it is known; "": unknown, and nothing is near */
} variables[] = {
    {"HEALTHPROBE_TIMEOUT=1s", NULL},
    {"HEALTHPROBE_FOR=1s", NULL}, /* of wait: ignored here, and known */
    {"HEALTHPROBE_REDIS_PASSWORD=x", NULL},
    {"HEALTHPROBE_REDIS_PASSWORD_FILE=/none", NULL},
    {"HEALTHPROBE_TIMOUT=1s", "HEALTHPROBE_TIMEOUT"},
    {"HEALTHPROBE_timeout=1s", ""},
    {"HEALTHPROBE_HTTP_STAUS=", "HEALTHPROBE_HTTP_STATUS"},
    {"HEALTHPROBE_TIMEOUT_FILE=/x", "HEALTHPROBE_TIMEOUT"},
    {"HEALTHPROBE_DATABASE_URL=x", "HEALTHPROBE_DATABASE"},
    {"HEALTHPROBE_REDIS_URL_FILE=x", "HEALTHPROBE_REDIS"},
    {"HEALTHPROBE_HTTP_URL=x", "HEALTHPROBE_HTTP"},
    {"HEALTHPROBE_HELP=1", ""},
    {"HEALTHPROBE_VERSION=1", ""},
    {"HEALTHPROBE_=1", NULL},
    {"HEALTHPROBE=1", NULL},
    {"HEALTHPROB_TIMEOUT=1", NULL},
    /* as Kubernetes injects them for a Service */
    {"HEALTHPROBE_PORT=tcp://10.0.0.7:80", ""},
    {"HEALTHPROBE_SERVICE_HOST=10.0.0.7", ""},
    {"HEALTHPROBE_PORT_80_TCP_ADDR=10.0.0.7", ""},
};

START_TEST(variables_that_nobody_reads_are_told_with_the_nearest_that_is_read)
{
    struct input input = {{"explain"}, {variables[_i].variable}};
    const char *name = NULL;

    explain(&input);
    if (variables[_i].nearest == NULL) {
        ck_assert_uint_eq(explanation.n_unknown, 0);
        ck_assert_ptr_null(json_object_get(document, "unknown"));
        return;
    }
    ck_assert_uint_eq(explanation.n_unknown, 1);
    name = explanation.unknown[0].variable.bytes;
    ck_assert_uint_eq(strlen(name), strcspn(variables[_i].variable, "="));
    ck_assert(strncmp(name, variables[_i].variable, strlen(name)) == 0);
    ck_assert_str_eq(explanation.unknown[0].nearest, variables[_i].nearest);
    ck_assert_ptr_nonnull(strstr(text, "\nunknown: HEALTHPROBE_"));
    ck_assert((strstr(text, "did you mean") != NULL) == (variables[_i].nearest[0] != '\0'));
}
END_TEST

START_TEST(of_many_unknown_variables_the_rest_is_counted)
{
    enum { MANY = HP_UNKNOWN_MAX + 5 };
    static char names[MANY][32];
    static char *many[MANY + 1];
    char *arguments[] = {writable(0, "healthprobe"), writable(1, "explain"), NULL};

    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof(names[i]), "HEALTHPROBE_QQQQ_%d=x", i);
        many[i] = names[i];
    }
    read_arguments(2, arguments, many);
    make_explanation();
    ck_assert_uint_eq(explanation.n_unknown, HP_UNKNOWN_MAX);
    ck_assert_uint_eq(explanation.n_unknown_more, 5);
    text = render(hp_explain_text);
    ck_assert_ptr_nonnull(strstr(text, "unknown: 5 more\n"));
}
END_TEST

/* --- size ------------------------------------------------------------------------------------- */

/* What needs most room in JSON, in every place: nothing is cut, and nothing overflows. */
START_TEST(whatever_is_given_there_is_room_for_it)
{
    enum { HEADERS = 500 };
    static char *arguments[4 + HEADERS + 2 * HP_CHECKS_MAX];
    static char quotes[600];
    static char urls[HP_CHECKS_MAX][600];
    static char header[200];
    static char variable[200];
    static char *only_it[] = {variable, NULL};
    int argc = 0;

    memset(quotes, '"', sizeof(quotes) - 1);
    memcpy(quotes, "--log-failures=", 15);
    snprintf(header, sizeof(header), "--http-header=X: env:N%0159d", 0);
    snprintf(variable, sizeof(variable), "N%0159d=%s", 0, HP_UNIT_SECRET);
    arguments[argc++] = header;
    arguments[argc++] = writable(1, "explain");
    arguments[argc++] = quotes;
    for (int i = 0; i < HEADERS; i++)
        arguments[argc++] = header;
    for (int i = 0; i < HP_CHECKS_MAX; i++) {
        int len = snprintf(urls[i], sizeof(urls[i]), "--http=n%031d=http://h/", i);
        memset(urls[i] + len, '"', sizeof(urls[i]) - (size_t)len - 1);
        arguments[argc++] = urls[i];
    }
    arguments[argc] = NULL;
    read_arguments(argc, arguments, only_it);
    make_explanation();
    text = render(hp_explain_text);
    json_text = render(hp_explain_json);
    document = json_loads(json_text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(document);
    ck_assert_uint_eq(json_object_size(json_object_get(document, "checks")), HP_CHECKS_MAX);
    ck_assert_ptr_nonnull(find("http-header", HEADERS - 1));
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1, release)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table), release)

int main(void)
{
    Suite *suite = suite_create("explain");

    TABLE(suite, each_setting_tells_where_it_came_from, origins);
    TABLE(suite, url_in_place_of_any_other_value_is_not_shown, misplaced);
    CASE(suite, file_is_told_by_its_path_and_what_named_it);
    CASE(suite, every_option_of_the_table_that_can_matter_is_listed);
    CASE(suite, checks_are_told_as_they_will_run);
    TABLE(suite, kinds_tell_what_they_made_of_url_and_environment, facts);
    CASE(suite, notes_ignored_parameters_and_skipped_checks_are_told);
    TABLE(suite, variables_that_nobody_reads_are_told_with_the_nearest_that_is_read, variables);
    TABLE(suite, kubernetes_and_docker_pitfalls_are_noted, remarks);
    CASE(suite, of_many_unknown_variables_the_rest_is_counted);
    CASE(suite, whatever_is_given_there_is_room_for_it);
    return hp_unit_run(suite);
}
