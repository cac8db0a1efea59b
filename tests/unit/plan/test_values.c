/* SPDX-License-Identifier: MIT */
#include "fake_kinds.h"
#include "walk.h"

#include <healthprobe/base/clock.h>
#include <healthprobe/plan/file.h>

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files ------------------------------------------------------------------------------------ */

#define SECRET_URL "postgresql://app:" HP_UNIT_SECRET "@db/app"

#define DIRECTORY "/tmp/healthprobe-values-XXXXXX"

static char directory[] = DIRECTORY;

static void put(const char *name, const char *bytes, size_t len)
{
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

#define PUT(name, text) put(name, text, sizeof(text) - 1)

static void put_long(const char *name, size_t len, const char *end)
{
    char *bytes = malloc(len + 1);

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'x', len);
    memcpy(bytes + len - strlen(end), end, strlen(end));
    put(name, bytes, len);
    free(bytes);
}

static void make_files(void)
{
    strcpy(directory, DIRECTORY);
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
    PUT("value", SECRET_URL "\n");
    PUT("bare", SECRET_URL);
    PUT("crlf", SECRET_URL "\r\n");
    PUT("two-newlines", "a\n\n");
    PUT("two-crlf", "a\r\n\r\n");
    PUT("newline-cr", "a\n\r");
    PUT("cr", "a\r");
    PUT("blanks", " a \n");
    PUT("blanks-alone", " \t\n");
    PUT("marked", "\xEF\xBB\xBF" SECRET_URL "\n");
    PUT("mark-alone", "\xEF\xBB\xBF\n");
    PUT("quoted", "\"" SECRET_URL "\"\n");
    PUT("newline-inside", "a\nb\n");
    PUT("env", "env:OTHER\n");
    PUT("file", "file:value\n");
    PUT("empty", "");
    PUT("newline", "\n");
    PUT("newline-crlf", "\r\n");
    PUT("nul", "s3cr3t-Zq9\0x\n");
    PUT("nul-at-end", "s3cr3t-Zq9\0");
    PUT("nul-and-newline", "s3cr3t-Zq9\0\n");
    PUT("lines", "A: 1\nB: env:OTHER\r\n\nC: s3cr3t-Zq9\n");
    PUT("targets", SECRET_URL "\nb=env:OTHER\n");
    PUT("empty-lines", "\r\n\n\n");
    put_long("longest", HP_FILE_MAX, "");
    put_long("longest-with-newline", HP_FILE_MAX, "\n");
    put_long("too-long", HP_FILE_MAX + 1, "");
    put_long("much-too-long", 4 * HP_FILE_MAX, "");
    ck_assert_int_eq(mkdir("directory", 0755), 0);
    ck_assert_int_eq(mkfifo("fifo", 0644), 0);
    ck_assert_int_eq(symlink("value", "link"), 0);
    ck_assert_int_eq(symlink("none", "dangling"), 0);
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    PUT("unreadable", SECRET_URL);
    ck_assert_int_eq(chmod("unreadable", 0), 0);
}

static void remove_files(void)
{
    DIR *dir = opendir(directory);

    ck_assert_ptr_nonnull(dir);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ck_assert_int_eq(remove(entry->d_name), 0);
    closedir(dir);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(directory), 0);
}

static void add_with_files(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_unchecked_fixture(tcase, make_files, remove_files);
    tcase_add_checked_fixture(tcase, NULL, release_values);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

/* --- which value holds ------------------------------------------------------------------------ */

static const struct {
    struct input input;
    const char *option;
    const char *text;
    const char *origin;
} sources[] = {
    /* a flag beats the environment; ours beats the application's; a value beats its file */
    {{{"full", "--database", "flag", "--redis=r"},
      {"HEALTHPROBE_DATABASE=own", "HEALTHPROBE_DATABASE_FILE=value", "DATABASE_URL=app",
       "DATABASE_URL_FILE=value"}},
     "database",
     "flag",
     "--database"},
    {{{"ready"},
      {"DATABASE_URL_FILE=value", "DATABASE_URL=app", "HEALTHPROBE_DATABASE_FILE=value",
       "HEALTHPROBE_DATABASE=own"}},
     "database",
     "own",
     "HEALTHPROBE_DATABASE"},
    {{{"ready"},
      {"DATABASE_URL_FILE=two-newlines", "DATABASE_URL=app", "HEALTHPROBE_DATABASE_FILE=value"}},
     "database",
     SECRET_URL,
     "HEALTHPROBE_DATABASE_FILE"},
    {{{"ready"}, {"DATABASE_URL_FILE=value", "DATABASE_URL=app"}},
     "database",
     "app",
     "DATABASE_URL"},
    {{{"ready"}, {"DATABASE_URL_FILE=value"}}, "database", SECRET_URL, "DATABASE_URL_FILE"},
    {{{"full"}, {"CACHE_URL=second", "REDIS_URL_FILE=value"}},
     "redis",
     SECRET_URL,
     "REDIS_URL_FILE"},
    {{{"full"}, {"CACHE_URL=second"}}, "redis", "second", "CACHE_URL"},
    /* an empty variable counts as unset */
    {{{"ready"},
      {"HEALTHPROBE_DATABASE=", "HEALTHPROBE_DATABASE_FILE=", "DATABASE_URL=",
       "DATABASE_URL_FILE=value"}},
     "database",
     SECRET_URL,
     "DATABASE_URL_FILE"},
    {{{"ready"}, {"HEALTHPROBE_DATABASE=", "DATABASE_URL=app"}}, "database", "app", "DATABASE_URL"},
    /* what loses is not even looked at */
    {{{"ready", "--database", "flag"},
      {"HEALTHPROBE_DATABASE=file:none", "DATABASE_URL_FILE=none"}},
     "database",
     "flag",
     "--database"},
    {{{"ready"}, {"HEALTHPROBE_DATABASE=own", "HEALTHPROBE_DATABASE_FILE=none"}},
     "database",
     "own",
     "HEALTHPROBE_DATABASE"},
    {{{"ready"}, {"DATABASE_URL=app", "DATABASE_URL_FILE=fifo"}},
     "database",
     "app",
     "DATABASE_URL"},
    /* env: and file: in flags and twins */
    {{{"--http", "env:OTHER"}, {"OTHER=s3cr3t-Zq9"}}, "http", "s3cr3t-Zq9", "--http"},
    {{{"--http=file:value"}, {0}}, "http", SECRET_URL, "--http"},
    {{{"--http=file:link"}, {0}}, "http", SECRET_URL, "--http"},
    {{{0}, {"HEALTHPROBE_HTTP=env:OTHER", "OTHER=x"}}, "http", "x", "HEALTHPROBE_HTTP"},
    {{{0}, {"HEALTHPROBE_HTTP=file:value"}}, "http", SECRET_URL, "HEALTHPROBE_HTTP"},
    {{{"ready", "--database-password", "env:OTHER"}, {"OTHER=s3cr3t-Zq9"}},
     "database-password",
     "s3cr3t-Zq9",
     "--database-password"},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_PASSWORD=file:two-newlines"}},
     "database-password",
     "a",
     "HEALTHPROBE_DATABASE_PASSWORD"},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_PASSWORD_FILE=cr"}},
     "database-password",
     "a\r",
     "HEALTHPROBE_DATABASE_PASSWORD_FILE"},
    /* a value is followed once */
    {{{"--http", "env:OTHER"}, {"OTHER=env:THIRD", "THIRD=x"}}, "http", "env:THIRD", "--http"},
    {{{"--http", "env:OTHER"}, {"OTHER=file:value"}}, "http", "file:value", "--http"},
    {{{"--http", "file:env"}, {0}}, "http", "env:OTHER", "--http"},
    {{{"--http", "file:file"}, {0}}, "http", "file:value", "--http"},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=env", "OTHER=x"}}, "http", "env:OTHER", "HEALTHPROBE_HTTP_FILE"},
    {{{"ready"}, {"DATABASE_URL_FILE=file"}}, "database", "file:value", "DATABASE_URL_FILE"},
    {{{"ready"}, {"DATABASE_URL=env:OTHER", "OTHER=x"}}, "database", "env:OTHER", "DATABASE_URL"},
    {{{"ready"}, {"DATABASE_URL=file:value"}}, "database", "file:value", "DATABASE_URL"},
    {{{"--http", "ENV:OTHER"}, {"OTHER=x"}}, "http", "ENV:OTHER", "--http"},
    {{{"--http", " env:OTHER"}, {"OTHER=x"}}, "http", "x", "--http"},
    /* other options mean what stands there */
    {{{"--http-method", "env:OTHER"}, {"OTHER=x"}}, "http-method", "env:OTHER", "--http-method"},
    {{{0}, {"HEALTHPROBE_HTTP_METHOD=file:value"}},
     "http-method",
     "file:value",
     "HEALTHPROBE_HTTP_METHOD"},
    {{{"--timeout", "env:OTHER"}, {"OTHER=x"}}, "timeout", "env:OTHER", "--timeout"},
    /* in a header, the value's part is followed and the name stays */
    {{{"--http-header", "Authorization: env:OTHER"}, {"OTHER=Bearer s3cr3t-Zq9"}},
     "http-header",
     "Authorization: Bearer s3cr3t-Zq9",
     "--http-header"},
    {{{"--http-header", "Authorization:env:OTHER"}, {"OTHER=x"}},
     "http-header",
     "Authorization:x",
     "--http-header"},
    {{{"--http-header", "X: file:value"}, {0}}, "http-header", "X: " SECRET_URL, "--http-header"},
    {{{"--http-header", "X: see env:OTHER"}, {0}},
     "http-header",
     "X: see env:OTHER",
     "--http-header"},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=X: env:OTHER", "OTHER=x"}},
     "http-header",
     "X: x",
     "HEALTHPROBE_HTTP_HEADER"},
    /* of a file, line ends at the end and a byte order mark are dropped */
    {{{"--http", "file:bare"}, {0}}, "http", SECRET_URL, "--http"},
    {{{"--http", "file:crlf"}, {0}}, "http", SECRET_URL, "--http"},
    {{{"--http", "file:marked"}, {0}}, "http", SECRET_URL, "--http"},
    {{{"ready"}, {"DATABASE_URL_FILE=marked"}}, "database", SECRET_URL, "DATABASE_URL_FILE"},
    {{{"--http-header", "A: file:two-newlines"}, {0}}, "http-header", "A: a", "--http-header"},
    {{{"--http-header", "A: file:two-crlf"}, {0}}, "http-header", "A: a", "--http-header"},
    {{{"--check=redis", "--redis-password", "file:newline-cr"}, {0}},
     "redis-password",
     "a\n\r",
     "--redis-password"},
    {{{"--check=redis", "--redis-password", "file:cr"}, {0}},
     "redis-password",
     "a\r",
     "--redis-password"},
    {{{"--http-header", "A: file:blanks"}, {0}}, "http-header", "A:  a ", "--http-header"},
    {{{"--check=redis", "--redis-password", "file:newline-inside"}, {0}},
     "redis-password",
     "a\nb",
     "--redis-password"},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=value\r"}}, "http", SECRET_URL, "HEALTHPROBE_HTTP_FILE"},
    {{{"ready"}, {"DATABASE_URL_FILE=value\r\n"}}, "database", SECRET_URL, "DATABASE_URL_FILE"},
    /* blanks around what has a form are dropped, wherever it comes from */
    {{{"--http", "\t\x0b\x0c :80/x \r\n"}, {0}}, "http", ":80/x", "--http"},
    {{{"--http", "env:OTHER"}, {"OTHER= x\r"}}, "http", "x", "--http"},
    {{{"--http", "file:blanks"}, {0}}, "http", "a", "--http"},
    {{{0}, {"HEALTHPROBE_HTTP= env:OTHER\n", "OTHER=x"}}, "http", "x", "HEALTHPROBE_HTTP"},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=blanks"}}, "http", "a", "HEALTHPROBE_HTTP_FILE"},
    {{{"ready"}, {"DATABASE_URL= app \r\n"}}, "database", "app", "DATABASE_URL"},
    {{{"ready"}, {"DATABASE_URL_FILE=blanks"}}, "database", "a", "DATABASE_URL_FILE"},
    {{{"--timeout", " 1s "}, {0}}, "timeout", "1s", "--timeout"},
    {{{0}, {"HEALTHPROBE_TIMEOUT=1s\r"}}, "timeout", "1s", "HEALTHPROBE_TIMEOUT"},
    {{{0}, {"HEALTHPROBE_FORMAT= short"}}, "format", "short", "HEALTHPROBE_FORMAT"},
    {{{0}, {"HEALTHPROBE_HTTP_METHOD=3\n"}}, "http-method", "3", "HEALTHPROBE_HTTP_METHOD"},
    {{{0}, {"HEALTHPROBE_OPTIONAL= http "}}, "optional", "http", "HEALTHPROBE_OPTIONAL"},
    {{{0}, {"HEALTHPROBE_VERBOSE= true\r"}}, "verbose", "1", "HEALTHPROBE_VERBOSE"},
    /* passwords and the like lose only line ends at their end, and only if nobody typed them */
    {{{"ready"}, {"HEALTHPROBE_DATABASE_PASSWORD= a \r\n\r"}},
     "database-password",
     " a ",
     "HEALTHPROBE_DATABASE_PASSWORD"},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_PASSWORD=env:OTHER\r", "OTHER=\"a \"\n"}},
     "database-password",
     "\"a \"",
     "HEALTHPROBE_DATABASE_PASSWORD"},
    {{{"ready", "--database-password", " a\n"}, {0}},
     "database-password",
     " a\n",
     "--database-password"},
    {{{"--http-contains", " 'a' \n"}, {0}}, "http-contains", " 'a' \n", "--http-contains"},
    {{{0}, {"HEALTHPROBE_HTTP_CONTAINS= {} \r\r\n"}},
     "http-contains",
     " {} ",
     "HEALTHPROBE_HTTP_CONTAINS"},
    {{{0}, {"HEALTHPROBE_CA=/ca.pem\r"}}, "ca", "/ca.pem", "HEALTHPROBE_CA"},
};

START_TEST(value_comes_from_where_the_order_says)
{
    const struct hp_value *value = NULL;

    ck_assert_msg(read_input(&sources[_i].input), "%s", err.msg);
    value = value_of(sources[_i].option, 0);
    ck_assert_ptr_nonnull(value);
    ck_assert_str_eq(value->text, sources[_i].text);
    ck_assert_str_eq(value->origin, sources[_i].origin);
    ck_assert_int_eq(value->from_flag, strncmp(value->origin, "--", 2) == 0);
    ck_assert_str_eq(value->option->name, sources[_i].option);
    ck_assert_ptr_null(hp_value_next(&values, row_of(sources[_i].option), value));
}
END_TEST

static const struct {
    struct input input;
    const char *option;
} unset[] = {
    {{{"ready"}, {0}}, "database"},
    {{{"ready"}, {"HEALTHPROBE_DATABASE=", "DATABASE_URL="}}, "database"},
    {{{"ready"}, {"DATABASE_PASSWORD=x"}}, "database-password"},
    {{{0}, {"HTTP=x", "HTTP_URL=x", "PORT=1"}}, "http"},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=\n\n"}}, "http-header"},
    /* kinds that are not part of the run */
    {{{"live"}, {"DATABASE_URL=x", "HEALTHPROBE_DATABASE=x"}}, "database"},
    {{{"ready"}, {"REDIS_URL=x"}}, "redis"},
};

START_TEST(option_that_nothing_gives_has_no_value)
{
    ck_assert_msg(read_input(&unset[_i].input), "%s", err.msg);
    ck_assert_ptr_null(value_of(unset[_i].option, 0));
    ck_assert_ptr_null(hp_value_text(&values, row_of(unset[_i].option)));
}
END_TEST

/* --- twins -------------------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *option;
    const char *text; /* NULL: not given */
    bool from_flag;
} twins[] = {
    {{{0}, {"HEALTHPROBE_TIMEOUT=1s"}}, "timeout", "1s", false},
    {{{0}, {"HEALTHPROBE_HTTP_TIMEOUT=1s"}}, "http-timeout", "1s", false},
    {{{0}, {"HEALTHPROBE_FORMAT=short"}}, "format", "short", false},
    {{{"--timeout", "2s"}, {"HEALTHPROBE_TIMEOUT=1s"}}, "timeout", "2s", true},
    {{{0}, {"HEALTHPROBE_TIMEOUT="}}, "timeout", NULL, false},
    {{{0},
      {"TIMEOUT=1s", "healthprobe_timeout=1s", "HEALTHPROBE_TIMEOUTS=1s", "HEALTHPROBE_TIMEOU=1s",
       "XHEALTHPROBE_TIMEOUT=1s", "HEALTHPROBE_TIMEOUT"}},
     "timeout",
     NULL,
     false},
    {{{0}, {"HEALTHPROBE_VERBOSE=1"}}, "verbose", "1", false},
    {{{0}, {"HEALTHPROBE_VERBOSE=true"}}, "verbose", "1", false},
    {{{0}, {"HEALTHPROBE_VERBOSE=0"}}, "verbose", "0", false},
    {{{0}, {"HEALTHPROBE_VERBOSE=false"}}, "verbose", "0", false},
    {{{0}, {"HEALTHPROBE_VERBOSE="}}, "verbose", NULL, false},
    {{{"--verbose"}, {"HEALTHPROBE_VERBOSE=0"}}, "verbose", "1", true},
    {{{"--verbose=0"}, {"HEALTHPROBE_VERBOSE=1"}}, "verbose", "0", true},
    {{{"--verbose"}, {"HEALTHPROBE_VERBOSE=maybe"}}, "verbose", "1", true},
    {{{0}, {"HEALTHPROBE_HTTP_INSECURE=1"}}, "http-insecure", "1", false},
    {{{"full"}, {"HEALTHPROBE_REDIS_INSECURE=1"}}, "redis-insecure", "1", false},
    {{{"--check", "redis?"}, {"HEALTHPROBE_REDIS_TIMEOUT=1s", "REDIS_URL=redis://r"}},
     "redis-timeout",
     "1s",
     false},
    /* what is skipped is not asked for */
    {{{"--check", "redis?"}, {"HEALTHPROBE_REDIS_TIMEOUT=1s"}}, "redis-timeout", NULL, false},
    /* twins of what is not checked are not read */
    {{{0}, {"HEALTHPROBE_REDIS_INSECURE=1"}}, "redis-insecure", NULL, false},
    {{{"ready"}, {"HEALTHPROBE_REDIS_TIMEOUT=1s"}}, "redis-timeout", NULL, false},
    {{{"--check", "redis"}, {"HEALTHPROBE_HTTP_TIMEOUT=1s"}}, "http-timeout", NULL, false},
};

START_TEST(every_option_has_a_twin_that_a_flag_beats)
{
    const struct hp_value *found = NULL;

    ck_assert_msg(read_input(&twins[_i].input), "%s", err.msg);
    found = value_of(twins[_i].option, 0);
    if (!twins[_i].text) {
        ck_assert_ptr_null(found);
        return;
    }
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->text, twins[_i].text);
    ck_assert_int_eq(found->from_flag, twins[_i].from_flag);
    ck_assert_ptr_null(value_of(twins[_i].option, 1));
}
END_TEST

static const struct {
    struct input input;
    const char *twin;
} wrong_twins[] = {
    {{{0}, {"HEALTHPROBE_VERBOSE=yes"}}, "HEALTHPROBE_VERBOSE"},
    {{{0}, {"HEALTHPROBE_VERBOSE=TRUE"}}, "HEALTHPROBE_VERBOSE"},
    {{{0}, {"HEALTHPROBE_VERBOSE=2"}}, "HEALTHPROBE_VERBOSE"},
    {{{0}, {"HEALTHPROBE_VERBOSE=\"1\""}}, "HEALTHPROBE_VERBOSE: is wrapped in quotes"},
    {{{0}, {"HEALTHPROBE_VERBOSE=s3cr3t-Zq9"}}, "HEALTHPROBE_VERBOSE"},
    {{{0}, {"HEALTHPROBE_HTTP_INSECURE=on"}}, "HEALTHPROBE_HTTP_INSECURE"},
};

START_TEST(wrong_boolean_in_the_environment_is_a_config_error)
{
    ck_assert(!read_input(&wrong_twins[_i].input));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.msg, wrong_twins[_i].twin));
    ck_assert(!hp_unit_leaks(err.msg));
}
END_TEST

static const struct input not_ours[] = {
    /* twins of kinds that are not checked */
    {{"live"}, {"HEALTHPROBE_REDIS_INSECURE=maybe"}},
    {{"ready"}, {"HEALTHPROBE_REDIS_INSECURE=maybe"}},
    {{"--check", "redis"}, {"HEALTHPROBE_HTTP_INSECURE=maybe"}},
    /* what Kubernetes injects for a Service that is named like us */
    {{0},
     {"HEALTHPROBE_PORT=tcp://10.0.0.1:80", "HEALTHPROBE_SERVICE_HOST=10.0.0.1",
      "HEALTHPROBE_SERVICE_PORT=80", "HEALTHPROBE_PORT_80_TCP=tcp://10.0.0.1:80",
      "HEALTHPROBE_PORT_80_TCP_ADDR=10.0.0.1", "HEALTHPROBE_HTTP_PORT=tcp://10.0.0.1:80",
      "HEALTHPROBE_HTTP_SERVICE_HOST=10.0.0.1", "HEALTHPROBE_REDIS_PORT=tcp://10.0.0.1:6379"}},
    {{0}, {"HEALTHPROBE_=x", "HEALTHPROBE=x", "HEALTHPROBE_NONSENSE=s3cr3t-Zq9", "NOEQUALS", "=x"}},
    {{0}, {"HEALTHPROBE_TIMEOUT_FILE=/none", "HEALTHPROBE_VERBOSE_FILE=/none"}},
    {{0}, {"HEALTHPROBE_HELP=maybe", "HEALTHPROBE_VERSION=1.2.3"}},
};

START_TEST(what_the_environment_holds_besides_is_no_error)
{
    ck_assert_msg(read_input(&not_ours[_i]), "%s", err.msg);
    ck_assert_uint_eq(err.len, 0);
    ck_assert_uint_eq(values.n, options.n);
}
END_TEST

/* --- what cannot be read ---------------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *told[3];
} wrong[] = {
    {{{"--http", ""}, {0}}, {"--http"}},
    {{{"--http="}, {"HEALTHPROBE_HTTP=x"}}, {"--http"}},
    {{{"ready", "--database="}, {"DATABASE_URL=" SECRET_URL}}, {"--database"}},
    {{{"--http", "env:OTHER"}, {0}}, {"--http", "OTHER"}},
    {{{"--http", "env:OTHER"}, {"OTHER="}}, {"--http", "OTHER"}},
    {{{"--http", "env:"}, {0}}, {"--http"}},
    {{{"--http", "env:" SECRET_URL}, {0}}, {"--http"}},
    {{{"--http", "file:"}, {0}}, {"--http"}},
    {{{"--http", "file:none"}, {0}}, {"--http"}},
    {{{"--http", "file:" SECRET_URL}, {0}}, {"--http"}},
    {{{"--http", "file:/none/at/all"}, {0}}, {"--http", "/none/at/all"}},
    {{{"--http", "file:dangling"}, {0}}, {"--http"}},
    {{{"--http", "file:loop"}, {0}}, {"--http"}},
    {{{"--http", "file:empty"}, {0}}, {"--http", "empty"}},
    {{{"--http", "file:newline"}, {0}}, {"--http", "empty"}},
    {{{"--http", "file:newline-crlf"}, {0}}, {"--http", "empty"}},
    {{{"--http", "file:directory"}, {0}}, {"--http", "regular"}},
    {{{"--http", "file:fifo"}, {0}}, {"--http", "regular"}},
    {{{"--http", "file:/dev/null"}, {0}}, {"--http", "/dev/null", "regular"}},
    {{{"--http", "file:too-long"}, {0}}, {"--http", "64 KiB"}},
    {{{"--http", "file:much-too-long"}, {0}}, {"--http", "64 KiB"}},
    {{{"--http", "file:nul"}, {0}}, {"--http", "NUL"}},
    {{{"--http", "file:nul-at-end"}, {0}}, {"--http", "NUL"}},
    {{{"--http", "file:nul-and-newline"}, {0}}, {"--http", "NUL"}},
    {{{0}, {"HEALTHPROBE_HTTP=file:none"}}, {"HEALTHPROBE_HTTP"}},
    {{{0}, {"HEALTHPROBE_HTTP=env:OTHER"}}, {"HEALTHPROBE_HTTP", "OTHER"}},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=none"}}, {"HEALTHPROBE_HTTP_FILE"}},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=/run/none"}}, {"HEALTHPROBE_HTTP_FILE", "/run/none"}},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=" SECRET_URL}}, {"HEALTHPROBE_HTTP_FILE"}},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=file:value"}}, {"HEALTHPROBE_HTTP_FILE"}},
    {{{"ready"}, {"DATABASE_URL_FILE=none"}}, {"DATABASE_URL_FILE"}},
    {{{"ready"}, {"DATABASE_URL_FILE=fifo"}}, {"DATABASE_URL_FILE"}},
    {{{"ready"}, {"DATABASE_URL_FILE=" SECRET_URL}}, {"DATABASE_URL_FILE"}},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_PASSWORD_FILE=empty"}},
     {"HEALTHPROBE_DATABASE_PASSWORD_FILE", "empty"}},
    {{{"--http-header", "X: file:none"}, {0}}, {"--http-header"}},
    {{{"--http-header", "X: env:OTHER"}, {0}}, {"--http-header", "OTHER"}},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER_FILE=none"}}, {"HEALTHPROBE_HTTP_HEADER_FILE"}},
    /* targets by name */
    {{{"--http", "a="}, {0}}, {"--http (a): is empty"}},
    {{{"--http", "a=env:OTHER"}, {0}}, {"--http (a)", "OTHER"}},
    {{{"--http", "a=file:none"}, {0}}, {"--http (a)"}},
    {{{"--http", "A=env:OTHER"}, {0}}, {"--http: the name before ="}},
    {{{"--http", "s3cr3t Zq9=env:OTHER"}, {0}}, {"--http: the name before ="}},
    {{{0}, {"HEALTHPROBE_HTTP=:1\nb=env:OTHER\nc="}},
     {"HEALTHPROBE_HTTP (b)", "OTHER", "HEALTHPROBE_HTTP (c): is empty"}},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=empty-lines"}}, {"HEALTHPROBE_HTTP_FILE", "is empty"}},
    {{{0}, {"HEALTHPROBE_HTTP=\n\r\n"}}, {"HEALTHPROBE_HTTP", "empty lines"}},
    {{{"--http", " "}, {0}}, {"--http: is empty"}},
    {{{"--http", "a= "}, {0}}, {"--http (a): is empty"}},
    {{{"--http", "env:OTHER"}, {"OTHER= "}}, {"--http: is empty"}},
    {{{"--http", "file:blanks-alone"}, {0}}, {"--http: is empty"}},
    {{{"--http", "file:mark-alone"}, {0}}, {"--http", "is empty"}},
    {{{"ready"}, {"DATABASE_URL= "}}, {"DATABASE_URL: is empty"}},
    {{{0}, {"HEALTHPROBE_HTTP= \n\t\r\n"}}, {"HEALTHPROBE_HTTP", "empty lines"}},
    /* quotes that nobody removed */
    {{{"--http", "'" SECRET_URL "'"}, {0}}, {"--http: is wrapped in quotes"}},
    {{{"'" SECRET_URL "'"}, {0}}, {"argument 1: is wrapped in quotes"}},
    {{{"--http", "env:OTHER"}, {"OTHER=\"" SECRET_URL "\" "}}, {"--http: is wrapped in quotes"}},
    {{{"--http", "file:quoted"}, {0}}, {"--http: is wrapped in quotes"}},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=quoted"}}, {"HEALTHPROBE_HTTP_FILE: is wrapped in quotes"}},
    {{{0}, {"HEALTHPROBE_HTTP=:1\n\"b=:2\""}}, {"HEALTHPROBE_HTTP: is wrapped in quotes"}},
    {{{"ready"}, {"DATABASE_URL= \"" SECRET_URL "\"\r"}}, {"DATABASE_URL: is wrapped in quotes"}},
    {{{"full"}, {"DATABASE_URL=x", "REDIS_URL_FILE=quoted"}},
     {"REDIS_URL_FILE: is wrapped in quotes"}},
    {{{"--timeout", "'1s'"}, {0}}, {"--timeout: is wrapped in quotes"}},
    {{{0}, {"HEALTHPROBE_FORMAT=\"short\""}}, {"HEALTHPROBE_FORMAT: is wrapped in quotes"}},
    {{{0}, {"HEALTHPROBE_OPTIONAL='http'"}}, {"HEALTHPROBE_OPTIONAL: is wrapped in quotes"}},
    /* all problems at once */
    {{{"ready", "--http", "file:none"}, {"HEALTHPROBE_DATABASE=env:OTHER"}},
     {"--http", "HEALTHPROBE_DATABASE", "OTHER"}},
    {{{"full", "--http="}, {"DATABASE_URL_FILE=empty", "REDIS_URL_FILE=nul"}},
     {"--http", "DATABASE_URL_FILE", "REDIS_URL_FILE"}},
};

START_TEST(source_that_gives_nothing_is_a_config_error_without_the_value)
{
    int64_t started_ns = hp_clock_now_ns();

    ck_assert(!read_input(&wrong[_i].input));
    ck_assert_int_lt(hp_clock_now_ns() - started_ns, 3 * HP_NS_PER_S);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    for (size_t i = 0; i < HP_UNIT_ROWS(wrong[_i].told) && wrong[_i].told[i]; i++)
        ck_assert_msg(strstr(err.msg, wrong[_i].told[i]) != NULL, "%s", err.msg);
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s", err.msg);
}
END_TEST

START_TEST(unreadable_file_is_a_config_error)
{
    static const struct input input = {{"--http", "file:unreadable"}, {0}};
    bool was_root = geteuid() == 0; /* who reads everything */
    bool good;

    if (was_root) {
        ck_assert_int_eq(chmod(".", 0755), 0);
        ck_assert_int_eq(seteuid(65534), 0);
    }
    good = read_input(&input);
    if (was_root)
        ck_assert_int_eq(seteuid(0), 0);
    ck_assert(!good);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.msg, "--http"));
}
END_TEST

static const struct {
    struct input input;
    bool may_pass;
} absent[] = {
    {{{"--http", "file:none"}, {0}}, true},
    {{{"--http", "file:dangling"}, {0}}, true},
    {{{"--http-header", "X: file:/none/at/all"}, {0}}, true},
    {{{0}, {"HEALTHPROBE_HTTP_FILE=none"}}, true},
    {{{"full"}, {"DATABASE_URL_FILE=none", "REDIS_URL_FILE=/run/none"}}, true},
    /* an empty file may be about to be written */
    {{{"--http", "file:empty"}, {0}}, true},
    {{{"--http", "file:newline-crlf"}, {0}}, true},
    {{{"--http", "http://{file:none}/{file:empty}"}, {0}}, true},
    {{{"full"}, {"DATABASE_URL_FILE=none", "REDIS_URL_FILE=empty"}}, true},
    /* what is there and wrong does not become right */
    {{{"--http", "file:nul"}, {0}}, false},
    {{{"--http", "http://{file:none}/{env:OTHER}"}, {0}}, false},
    {{{"--http", "file:directory"}, {0}}, false},
    {{{"--http", "file:loop"}, {0}}, false},
    {{{"--http", "file:value/below"}, {0}}, false},
    {{{"--http", "file:"}, {0}}, false},
    {{{"--http", "env:OTHER"}, {0}}, false},
    {{{"full", "--http="}, {"DATABASE_URL_FILE=none"}}, false},
};

START_TEST(file_that_is_not_there_may_still_come)
{
    ck_assert(!read_input(&absent[_i].input));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_msg(hp_error_may_pass(&err) == absent[_i].may_pass, "%s", err.msg);
}
END_TEST

static const struct input harmless[] = {
    {{"live"}, {"DATABASE_URL_FILE=none", "HEALTHPROBE_DATABASE=env:OTHER"}},
    {{"live"}, {"HEALTHPROBE_REDIS_PASSWORD_FILE=none", "REDIS_URL_FILE=fifo"}},
    {{"ready", "--database", "x"}, {"HEALTHPROBE_REDIS_FILE=directory"}},
    {{"--check", "redis", "--redis", "x"}, {"HEALTHPROBE_HTTP_HEADER_FILE=none"}},
};

START_TEST(slip_in_what_is_not_checked_is_no_error)
{
    ck_assert_msg(read_input(&harmless[_i]), "%s", err.msg);
}
END_TEST

/* --- length ----------------------------------------------------------------------------------- */

START_TEST(file_may_be_64_kib_long)
{
    static const struct input input = {{"--http", "file:longest"}, {0}};

    ck_assert_msg(read_input(&input), "%s", err.msg);
    ck_assert_uint_eq(strlen(value_of("http", 0)->text), HP_FILE_MAX);
}
END_TEST

START_TEST(newline_counts_to_the_length_of_a_file)
{
    static const struct input input = {{"--http", "file:longest-with-newline"}, {0}};

    ck_assert_msg(read_input(&input), "%s", err.msg);
    ck_assert_uint_eq(strlen(value_of("http", 0)->text), HP_FILE_MAX - 1);
}
END_TEST

START_TEST(end_of_a_value_does_not_depend_on_what_memory_held_before)
{
    static const struct input input = {{"ready", "--database-password", "file:cr"}, {0}};

    /* malloc(3) then fills new memory with the complement: newlines. musl has no such thing. */
#ifdef M_PERTURB
    mallopt(M_PERTURB, 0xFF ^ '\n');
#endif
    ck_assert_msg(read_input(&input), "%s", err.msg);
    ck_assert_str_eq(value_of("database-password", 0)->text, "a\r");
#ifdef M_PERTURB
    mallopt(M_PERTURB, 0);
#endif
}
END_TEST

/* --- repeatable options ----------------------------------------------------------------------- */

static const struct {
    struct input input;
    const char *texts[4];
} lists[] = {
    {{{"--http-header", "A: 1", "--http-header", "B: env:OTHER"}, {"OTHER=x"}}, {"A: 1", "B: x"}},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=A: 1\nB: env:OTHER", "OTHER=x"}}, {"A: 1", "B: x"}},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=A: 1\r\nB: 2\r\n"}}, {"A: 1", "B: 2"}},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=\nA: 1\n\n\nB: 2\n"}}, {"A: 1", "B: 2"}},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=A: 1"}}, {"A: 1"}},
    /* in a file, env: is literal */
    {{{0}, {"HEALTHPROBE_HTTP_HEADER_FILE=lines", "OTHER=x"}},
     {"A: 1", "B: env:OTHER", "C: s3cr3t-Zq9"}},
    {{{0}, {"HEALTHPROBE_HTTP_HEADER=A: 1", "HEALTHPROBE_HTTP_HEADER_FILE=lines"}}, {"A: 1"}},
    /* flags replace the twin */
    {{{"--http-header", "C: 3"}, {"HEALTHPROBE_HTTP_HEADER=A: 1\nB: 2"}}, {"C: 3"}},
};

START_TEST(twin_of_a_repeatable_option_holds_one_value_a_line)
{
    const struct hp_value *value = NULL;

    ck_assert_msg(read_input(&lists[_i].input), "%s", err.msg);
    for (size_t i = 0; i < HP_UNIT_ROWS(lists[_i].texts) && lists[_i].texts[i]; i++) {
        value = hp_value_next(&values, row_of("http-header"), value);
        ck_assert_ptr_nonnull(value);
        ck_assert_str_eq(value->text, lists[_i].texts[i]);
    }
    ck_assert_ptr_null(hp_value_next(&values, row_of("http-header"), value));
}
END_TEST

static const struct {
    struct input input;
    const char *option;
    struct {
        const char *name;
        const char *text;
        const char *label;
    } values[4];
} targets[] = {
    {{{"--http", ":1", "--http", "b=:2", "--http", "c=env:OTHER"}, {"OTHER=http://h/?a=b"}},
     "http",
     {{"", ":1", "--http"}, {"b", ":2", "--http (b)"}, {"c", "http://h/?a=b", "--http (c)"}}},
    {{{"--http", "a=file:value"}, {0}}, "http", {{"a", SECRET_URL, "--http (a)"}}},
    {{{0}, {"HEALTHPROBE_HTTP=a=:1\r\n\n:2\nc=env:OTHER\n", "OTHER=b=:3"}},
     "http",
     {{"a", ":1", "HEALTHPROBE_HTTP (a)"},
      {"", ":2", "HEALTHPROBE_HTTP"},
      {"c", "b=:3", "HEALTHPROBE_HTTP (c)"}}},
    /* a file's lines may be named, and are literal */
    {{{0}, {"HEALTHPROBE_HTTP_FILE=targets"}},
     "http",
     {{"", SECRET_URL, "HEALTHPROBE_HTTP_FILE"}, {"b", "env:OTHER", "HEALTHPROBE_HTTP_FILE (b)"}}},
    /* one flag replaces the variables; what one of them holds is one target without a name */
    {{{"ready", "--database", "replica=x:1"},
      {"HEALTHPROBE_DATABASE=y", "DATABASE_URL=" SECRET_URL}},
     "database",
     {{"replica", "x:1", "--database (replica)"}}},
    {{{"ready"}, {"DATABASE_URL=a=:1\nb=:2"}}, "database", {{"", "a=:1\nb=:2", "DATABASE_URL"}}},
    {{{"ready"}, {"DATABASE_URL_FILE=targets"}},
     "database",
     {{"", SECRET_URL "\nb=env:OTHER", "DATABASE_URL_FILE"}}},
    /* what is not a target has no name */
    {{{"ready", "--database", "x", "--database-password", "a=:1"}, {0}},
     "database",
     {{"", "x", "--database"}}},
};

START_TEST(target_may_be_named_and_repeated)
{
    const char *option = targets[_i].option;
    const struct hp_value *value = NULL;

    ck_assert_msg(read_input(&targets[_i].input), "%s", err.msg);
    for (size_t i = 0; i < HP_UNIT_ROWS(targets[_i].values) && targets[_i].values[i].name; i++) {
        char label[HP_LABEL_MAX];

        value = hp_value_next(&values, row_of(option), value);
        ck_assert_ptr_nonnull(value);
        ck_assert_str_eq(value->name, targets[_i].values[i].name);
        ck_assert_str_eq(value->text, targets[_i].values[i].text);
        hp_value_label(label, value);
        ck_assert_str_eq(label, targets[_i].values[i].label);
    }
    ck_assert_ptr_null(hp_value_next(&values, row_of(option), value));
}
END_TEST

START_TEST(longest_label_has_room)
{
    struct hp_value value = {0};
    char label[HP_LABEL_MAX];

    memset(value.origin, 'o', sizeof(value.origin) - 1);
    memset(value.name, 'n', sizeof(value.name) - 1);
    hp_value_label(label, &value);
    ck_assert_uint_eq(strlen(label), sizeof(value.origin) - 1 + 2 + sizeof(value.name) - 1 + 1);
    ck_assert_int_eq(label[strlen(label) - 1], ')');
}
END_TEST

/* --- asking for values ------------------------------------------------------------------------ */

static const struct {
    struct input input;
    bool on;
} booleans[] = {
    {{{"--http-insecure"}, {0}}, true},
    {{{"--http-insecure=false"}, {0}}, false},
    {{{"--http-insecure=0"}, {"HEALTHPROBE_HTTP_INSECURE=1"}}, false},
    {{{0}, {"HEALTHPROBE_HTTP_INSECURE=true"}}, true},
    {{{0}, {"HEALTHPROBE_HTTP_INSECURE=0"}}, false},
    {{{0}, {0}}, false},
};

START_TEST(boolean_is_on_where_it_was_given_and_not_turned_off)
{
    ck_assert_msg(read_input(&booleans[_i].input), "%s", err.msg);
    ck_assert_int_eq(hp_value_on(&values, row_of("http-insecure")), booleans[_i].on);
}
END_TEST

static const struct {
    struct input input;
    int64_t ns;
    const char *told; /* NULL: no error */
} durations[] = {
    {{{"ready"}, {0}}, 7, NULL},
    {{{"ready", "--database-timeout", "1.5s"}, {0}}, 1500 * HP_NS_PER_MS, NULL},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_TIMEOUT=900ms"}}, 900 * HP_NS_PER_MS, NULL},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_TIMEOUT=2"}}, 2 * HP_NS_PER_S, NULL},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_TIMEOUT="}}, 7, NULL},
    {{{"ready", "--database-timeout="}, {0}}, 7, "--database-timeout"},
    {{{"ready", "--database-timeout", "0"}, {0}}, 7, "--database-timeout"},
    {{{"ready", "--database-timeout", "s3cr3t-Zq9"}, {0}}, 7, "--database-timeout"},
    {{{"ready"}, {"HEALTHPROBE_DATABASE_TIMEOUT=s3cr3t-Zq9"}}, 7, "HEALTHPROBE_DATABASE_TIMEOUT"},
};

START_TEST(duration_is_read_or_told_by_its_origin)
{
    int64_t ns = 7;
    bool good;

    ck_assert_msg(read_input(&durations[_i].input), "%s", err.msg);
    good = hp_value_duration(&values, row_of("database-timeout"), HP_NS_PER_HOUR, &ns, &err);
    ck_assert_int_eq(good, durations[_i].told == NULL);
    ck_assert_int_eq(ns, durations[_i].ns);
    if (durations[_i].told) {
        ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
        ck_assert_ptr_nonnull(strstr(err.msg, durations[_i].told));
        ck_assert(!hp_unit_leaks(err.msg));
    }
}
END_TEST

static const struct {
    const char *path;
    bool readable;
} paths[] = {
    {"value", true}, {"empty", true},      {"link", true},  {"too-long", true},
    {"none", false}, {"directory", false}, {"fifo", false}, {"dangling", false},
    {"", false},     {"/dev/null", false},
};

START_TEST(only_a_regular_file_can_be_named)
{
    bool readable = hp_file_readable(paths[_i].path, "--ca", &err);

    ck_assert_int_eq(readable, paths[_i].readable);
    ck_assert_int_eq(err.reason, readable ? HP_REASON_NONE : HP_REASON_CONFIG);
    if (!readable)
        ck_assert_int_eq(strncmp(err.msg, "--ca", 4), 0);
    /* a file of values may come; one that a library reads is to be there */
    ck_assert(!hp_error_may_pass(&err));
}
END_TEST

START_TEST(no_descriptor_is_left_open)
{
    static const struct input input = {
        {"full", "--http", "file:value", "--database", "file:fifo"},
        {"REDIS_URL_FILE=empty", "HEALTHPROBE_HTTP_HEADER_FILE=lines"}};
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int after;

    close(next);
    ck_assert(!read_input(&input));
    hp_file_readable("value", "--ca", &err);
    hp_file_readable("directory", "--ca", &err);
    after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(after);
    ck_assert_int_eq(after, next);
}
END_TEST

START_TEST(release_may_be_called_twice)
{
    static const struct input input = {{"--http", "x"}, {0}};

    ck_assert(read_input(&input));
    hp_values_release(&values);
    hp_values_release(&values);
    ck_assert_uint_eq(values.n, 0);
}
END_TEST

#define CASE(suite, test)         add_with_files(suite, #test, test, 1)
#define TABLE(suite, test, table) add_with_files(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("values");

    TABLE(suite, value_comes_from_where_the_order_says, sources);
    TABLE(suite, option_that_nothing_gives_has_no_value, unset);
    TABLE(suite, every_option_has_a_twin_that_a_flag_beats, twins);
    TABLE(suite, wrong_boolean_in_the_environment_is_a_config_error, wrong_twins);
    TABLE(suite, what_the_environment_holds_besides_is_no_error, not_ours);
    TABLE(suite, source_that_gives_nothing_is_a_config_error_without_the_value, wrong);
    CASE(suite, unreadable_file_is_a_config_error);
    TABLE(suite, file_that_is_not_there_may_still_come, absent);
    TABLE(suite, slip_in_what_is_not_checked_is_no_error, harmless);
    CASE(suite, file_may_be_64_kib_long);
    CASE(suite, newline_counts_to_the_length_of_a_file);
    CASE(suite, end_of_a_value_does_not_depend_on_what_memory_held_before);
    TABLE(suite, twin_of_a_repeatable_option_holds_one_value_a_line, lists);
    TABLE(suite, target_may_be_named_and_repeated, targets);
    CASE(suite, longest_label_has_room);
    TABLE(suite, boolean_is_on_where_it_was_given_and_not_turned_off, booleans);
    TABLE(suite, duration_is_read_or_told_by_its_origin, durations);
    TABLE(suite, only_a_regular_file_can_be_named, paths);
    CASE(suite, no_descriptor_is_left_open);
    CASE(suite, release_may_be_called_twice);
    return hp_unit_run(suite);
}
