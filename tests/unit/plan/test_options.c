/* SPDX-License-Identifier: MIT */
#include "fake_kinds.h"
#include "walk.h"

#include <ctype.h>
#include <stdio.h>

#define NO  HP_SELECTED_NO
#define YES HP_SELECTED_YES
#define OFF HP_SELECTED_SKIPPED

/** The @nth flag of an option; NULL where there is none. */
static const struct hp_given *given(const char *name, size_t nth)
{
    for (size_t i = 0; i < options.n; i++)
        if (strcmp(options.given[i].option->name, name) == 0 && nth-- == 0)
            return &options.given[i];
    return NULL;
}

/* --- modes ------------------------------------------------------------------------------------ */

START_TEST(custom_is_no_word_of_the_command_line)
{
    static const struct input input = {{"custom"}, {0}};

    ck_assert(!read_input(&input));
    ck_assert_int_eq(err.reason, HP_REASON_USAGE);
    ck_assert_ptr_null(strstr(err.msg, "custom"));
}
END_TEST

START_TEST(mode_has_the_name_that_is_typed)
{
    ck_assert_str_eq(hp_mode_name(HP_MODE_LIVE), "live");
    ck_assert_str_eq(hp_mode_name(HP_MODE_READY), "ready");
    ck_assert_str_eq(hp_mode_name(HP_MODE_FULL), "full");
}
END_TEST

/* --- flags ------------------------------------------------------------------------------------ */

static const struct {
    struct input input;
    const char *option;
    const char *text;
} flags[] = {
    {{{"--timeout", "2s"}, {0}}, "timeout", "2s"},
    {{{"--timeout=2s"}, {0}}, "timeout", "2s"},
    {{{"--timeout", ""}, {0}}, "timeout", ""},
    {{{"--timeout="}, {0}}, "timeout", ""},
    {{{"--timeout", "=2s"}, {0}}, "timeout", "=2s"},
    {{{"--timeout==2s"}, {0}}, "timeout", "=2s"},
    {{{"--http=http://h/?a=b"}, {0}}, "http", "http://h/?a=b"},
    {{{"--http-header", "X: a=b"}, {0}}, "http-header", "X: a=b"},
    {{{"--timeout", "-1s"}, {0}}, "timeout", "-1s"},
    {{{"--timeout", "--"}, {0}}, "timeout", "--"},
    {{{"--http", "env:URL"}, {"URL=x"}}, "http", "env:URL"},
    {{{"--verbose"}, {0}}, "verbose", "1"},
    {{{"--verbose", "ready"}, {0}}, "verbose", "1"},
    {{{"--verbose=1"}, {0}}, "verbose", "1"},
    {{{"--verbose=true"}, {0}}, "verbose", "1"},
    {{{"--verbose=0"}, {0}}, "verbose", "0"},
    {{{"--verbose=false"}, {0}}, "verbose", "0"},
};

START_TEST(option_takes_its_value_behind_equals_or_as_the_next_argument)
{
    const struct hp_given *found = NULL;

    ck_assert_msg(read_input(&flags[_i].input), "%s", err.msg);
    found = given(flags[_i].option, 0);
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->text, flags[_i].text);
    ck_assert_ptr_null(given(flags[_i].option, 1));
}
END_TEST

START_TEST(repeatable_option_keeps_all_values_in_their_order)
{
    static const struct input input = {
        {"--http-header", "A: 1", "--http-header=B: 2", "--verbose", "--http-header", "A: 1"}, {0}};

    ck_assert_msg(read_input(&input), "%s", err.msg);
    ck_assert_str_eq(given("http-header", 0)->text, "A: 1");
    ck_assert_str_eq(given("http-header", 1)->text, "B: 2");
    ck_assert_str_eq(given("http-header", 2)->text, "A: 1");
    ck_assert_ptr_null(given("http-header", 3));
}
END_TEST

START_TEST(many_values_find_room)
{
    char *many[202];
    char header[] = "--http-header=A: 1";
    int argc = 0;

    many[argc++] = header;
    while (argc < 201)
        many[argc++] = header;
    many[argc] = NULL;
    memset(&err, 0, sizeof(err));
    ck_assert(hp_options_parse(&options, argc, many, &err));
    ck_assert_ptr_nonnull(given("http-header", 199));
    ck_assert_ptr_null(given("http-header", 200));
}
END_TEST

static const struct {
    struct input input;
    const char *message;
} usage[] = {
    {{{"lively"}, {0}}, "argument 1"},
    {{{"Live"}, {0}}, "argument 1"},
    {{{"s3cr3t-Zq9"}, {0}}, "argument 1"},
    {{{""}, {0}}, "argument 1"},
    {{{"-"}, {0}}, "argument 1"},
    {{{"ready", "s3cr3t-Zq9"}, {0}}, "argument 2"},
    {{{"--verbose", "ftp://u:s3cr3t-Zq9@h"}, {0}}, "argument 2"},
    {{{"live", "ready"}, {0}}, "more than one"},
    {{{"live", "live"}, {0}}, "more than one"},
    {{{"--", "ready", "full"}, {0}}, "more than one"},
    {{{"--", "--verbose"}, {0}}, "argument 2"},
    {{{"--", "--help"}, {0}}, "argument 2"},
    {{{"ready", "--", "--s3cr3t-Zq9"}, {0}}, "argument 3"},
    {{{"--s3cr3t-Zq9"}, {0}}, "unknown option"},
    {{{"--s3cr3t-Zq9=x"}, {0}}, "unknown option"},
    {{{"--url", "http://u:s3cr3t-Zq9@h"}, {0}}, "unknown option"},
    {{{"--url=http://u:s3cr3t-Zq9@h"}, {0}}, "unknown option"},
    {{{"---verbose"}, {0}}, "unknown option"},
    {{{"--=s3cr3t-Zq9"}, {0}}, "unknown option"},
    {{{"-v"}, {0}}, "unknown option"},
    {{{"-s3cr3t-Zq9"}, {0}}, "unknown option"},
    {{{"-timeout", "1s"}, {0}}, "unknown option"},
    {{{"--TIMEOUT=1s"}, {0}}, "unknown option"},
    {{{"--time", "1s"}, {0}}, "unknown option"},
    {{{"--http_header", "A: s3cr3t-Zq9"}, {0}}, "unknown option"},
    {{{"--no-verbose"}, {0}}, "unknown option"},
    {{{"--timeout"}, {0}}, "--timeout"},
    {{{"ready", "--database"}, {0}}, "--database"},
    {{{"--timeout", "1s", "--timeout", "2s"}, {0}}, "--timeout"},
    {{{"--timeout=1s", "--timeout=1s"}, {0}}, "--timeout"},
    {{{"--verbose", "--verbose"}, {0}}, "--verbose"},
    {{{"--format", "json", "--format=short"}, {0}}, "--format"},
    {{{"--check", "http", "--check", "redis"}, {0}}, "--check"},
    {{{"wait"}, {0}}, "--check database,redis"},
    {{{"wait", "--timeout", "1s"}, {0}}, "--check database,redis"},
    {{{"wait", "--", "app"}, {0}}, "--check database,redis"},
    {{{"wait", "live", "--"}, {0}}, "no command"},
    {{{"wait", "wait", "live"}, {0}}, "wait:"},
    {{{"live", "wait"}, {0}}, "before the mode"},
    {{{"wait", "install", "x"}, {0}}, "wait and install are both commands; give one"},
    {{{"explain", "wait", "--check=http"}, {0}},
     "explain and wait are both commands; give one: explain takes the arguments without wait"},
    {{{"wait", "live", "ready"}, {0}}, "more than one"},
    {{{"wait", "live", "app"}, {0}}, "argument 3"},
    {{{"wait", "live", "--for"}, {0}}, "--for"},
    {{{"live", "--for", "1s"}, {0}}, "--for: is an option of wait"},
    {{{"--interval=1s"}, {0}}, "--interval: is an option of wait"},
    {{{"--backoff=0", "full"}, {0}}, "--backoff: is an option of wait"},
    {{{"install"}, {0}}, "destination"},
    {{{"install", ""}, {0}}, "destination"},
    {{{"install", "a", "s3cr3t-Zq9"}, {0}}, "one destination"},
    {{{"install", "a", "--verbose"}, {0}}, "--verbose: install"},
    {{{"install", "a", "--redis=redis://:s3cr3t-Zq9@h"}, {0}}, "--redis: install"},
    {{{"install", "a", "--for", "1s"}, {0}}, "--for: install"},
    {{{"live", "install", "a"}, {0}}, "install:"},
};

START_TEST(command_line_that_is_not_understood_is_a_usage_error)
{
    ck_assert(!read_input(&usage[_i].input));
    ck_assert_int_eq(err.reason, HP_REASON_USAGE);
    ck_assert_msg(strstr(err.msg, usage[_i].message) != NULL, "%s", err.msg);
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s", err.msg);
}
END_TEST

/* --- wait and install ------------------------------------------------------------------------- */

static const struct {
    struct input input;
    enum hp_selected selected[3];
    int command_at; /* the argument that COMMAND begins with; 0: there is none */
} waits[] = {
    {{{"wait", "live"}, {0}}, {YES, NO, NO}, 0},
    {{{"wait", "full"}, {0}}, {YES, YES, YES}, 0},
    {{{"--timeout", "1s", "wait", "ready"}, {0}}, {YES, YES, NO}, 0},
    {{{"wait", "--check", "database,redis"}, {0}}, {NO, YES, YES}, 0},
    {{{"wait", "redis://r"}, {0}}, {NO, NO, YES}, 0},
    {{{"wait", "--redis", "redis://r"}, {"HEALTHPROBE_CHECK=http"}}, {NO, NO, YES}, 0},
    {{{"wait"}, {"HEALTHPROBE_CHECK=redis"}}, {NO, NO, YES}, 0},
    {{{"wait", "ready"}, {"HEALTHPROBE_CHECK=redis,database"}}, {NO, YES, NO}, 0},
    {{{"--", "wait", "full"}, {0}}, {YES, YES, YES}, 0},
    /* what follows "--" is the command's, whatever it looks like */
    {{{"wait", "--check", "redis", "--", "app"}, {0}}, {NO, NO, YES}, 5},
    {{{"wait", "--check=redis", "--", "--verbose", "--", "full"}, {0}}, {NO, NO, YES}, 4},
    {{{"wait", "--check=redis", "--", "--help"}, {0}}, {NO, NO, YES}, 4},
    {{{"wait", "--check=redis", "--", ""}, {0}}, {NO, NO, YES}, 4},
    /* the command is what the default target would be */
    {{{"wait", "full", "--", "app"}, {0}}, {OFF, YES, YES}, 4},
    {{{"wait", "live", "--", "app"}, {0}}, {OFF, NO, NO}, 4},
    {{{"wait", "live", "--", "app"}, {"PORT=8080"}}, {OFF, NO, NO}, 4},
    {{{"wait", "live", "--http", ":1", "--", "app"}, {0}}, {YES, NO, NO}, 6},
    {{{"wait", "live", ":1", "--", "app"}, {0}}, {YES, NO, NO}, 5},
    {{{"wait", ":1", "--", "app"}, {0}}, {YES, NO, NO}, 4},
    {{{"wait", "live", "--", "app"}, {"HEALTHPROBE_HTTP=:1"}}, {YES, NO, NO}, 4},
    {{{"wait", "live", "--", "app"}, {"HEALTHPROBE_HTTP_FILE=/proc/version"}}, {YES, NO, NO}, 4},
    {{{"wait", "--check", "http", "--", "app"}, {0}}, {YES, NO, NO}, 5},
};

START_TEST(wait_takes_checks_and_a_command)
{
    ck_assert_msg(read_input(&waits[_i].input), "%s", err.msg);
    ck_assert_int_eq(options.action, HP_ACTION_WAIT);
    for (int kind = HTTP; kind <= REDIS; kind++)
        ck_assert_int_eq(selection.kinds[kind], waits[_i].selected[kind]);
    if (waits[_i].command_at == 0)
        ck_assert_ptr_null(options.command);
    else
        ck_assert_ptr_eq(options.command, argv + waits[_i].command_at);
}
END_TEST

static const struct {
    struct input input;
    const char *for_text; /* NULL: not given */
} wait_options[] = {
    {{{"wait", "live", "--for", "1s", "--interval=2s", "--backoff"}, {0}}, "1s"},
    {{{"--for", "1s", "wait", "live"}, {0}}, "1s"},
    {{{"wait", "live"}, {"HEALTHPROBE_FOR=3s", "HEALTHPROBE_BACKOFF=1"}}, "3s"},
    {{{"wait", "live", "--for=1s"}, {"HEALTHPROBE_FOR=3s"}}, "1s"},
    /* its twins say nothing to the others */
    {{{"live"}, {"HEALTHPROBE_FOR=1s", "HEALTHPROBE_BACKOFF=maybe"}}, NULL},
    {{{"install", "x"}, {"HEALTHPROBE_FOR=1s", "HEALTHPROBE_VERBOSE=maybe"}}, NULL},
    {{{"install", "x"}, {"HEALTHPROBE_CHECK=nonsense"}}, NULL},
};

START_TEST(options_of_wait_are_of_no_other_command)
{
    ck_assert_msg(read_input(&wait_options[_i].input), "%s", err.msg);
    if (wait_options[_i].for_text == NULL)
        ck_assert_uint_eq(values.n, 0);
    else
        ck_assert_str_eq(value_of("for", 0)->text, wait_options[_i].for_text);
}
END_TEST

static const struct {
    struct input input;
    const char *destination;
} installs[] = {
    {{{"install", "/usr/local/bin"}, {0}}, "/usr/local/bin"},
    {{{"install", "live"}, {0}}, "live"},
    {{{"install", "wait"}, {0}}, "wait"},
    {{{"install", "install"}, {0}}, "install"},
    {{{"install", "--", "--help"}, {0}}, "--help"},
    {{{"--", "install", "x"}, {0}}, "x"},
};

START_TEST(install_takes_a_destination_and_checks_nothing)
{
    ck_assert_msg(read_input(&installs[_i].input), "%s", err.msg);
    ck_assert_int_eq(options.action, HP_ACTION_INSTALL);
    ck_assert_str_eq(options.destination, installs[_i].destination);
    for (int kind = HTTP; kind <= REDIS; kind++)
        ck_assert_int_eq(selection.kinds[kind], NO);
}
END_TEST

static const struct {
    const char *argument;
    const char *nearest;
} typos[] = {
    {"--tiemout", "--timeout"},
    {"--timeuot=1s", "--timeout"},
    {"--timout", "--timeout"},
    {"-timeout", "--timeout"},
    {"--verbos", "--verbose"},
    {"--http-headers=Authorization: s3cr3t-Zq9", "--http-header"},
    {"--http-hedaer=Authorization: s3cr3t-Zq9", "--http-header"},
    {"--http_header", "--http-header"},
    {"--httpheader", "--http-header"},
    {"--databse=postgres://u:s3cr3t-Zq9@h", "--database"},
    {"--database_password=s3cr3t-Zq9", "--database-password"},
    {"--database-passwort=s3cr3t-Zq9", "--database-password"},
    {"--reddis", "--redis"},
    {"--redis-insecur", "--redis-insecure"},
    {"--checks", "--check"},
    {"--formt", "--format"},
    {"--halp", "--help"},
    {"--versoin", "--version"},
};

static const struct {
    const char *words[2];
    const char *message;
} wrong_words[] = {
    {{"lvie"}, "argument 1 is not understood; did you mean live?"},
    {{"redy"}, "argument 1 is not understood; did you mean ready?"},
    {{"wiat", "full"}, "argument 1 is not understood; did you mean wait?"},
    {{"explain", "ful"}, "argument 2 is not understood; did you mean full?"},
    {{"explian"}, "argument 1 is not understood; did you mean explain?"},
    {{"instal", "live"}, "argument 1 is not understood; did you mean install?"},
    {{"s3cr3t-Zq9"},
     "argument 1 is not understood; a command is live, ready, full, wait, explain, install, help "
     "or "
     "version, a target /path, :PORT or a URL"},
    {{"Live"}, "argument 1 is not understood; did you mean live?"},
    {{"database"}, "argument 1 is not understood; use --check database"},
    {{"live", "pg"}, "argument 2 is not understood; use --check database"},
    {{"8080"}, "argument 1 is a number; a port is given as :PORT"},
    {{""}, "argument 1 is empty: a target is missing"},
    {{"live", "web="}, "argument 2 is empty: a target is missing"},
    {{"db:5432"}, "argument 1: 5432 is the port of Postgres; give a URL: postgres://USER@HOST"},
    {{"s3cr3t-Zq9:6379/0"}, "argument 1: 6379 is the port of Redis; give a URL: redis://HOST"},
    {{"c=[::1]:6379"}, "argument 1: 6379 is the port of Redis; give a URL: redis://HOST"},
    {{"redis=s3cr3t-Zq9:6400"},
     "argument 1: a target for http is named redis; write redis://HOST, or --http redis=URL "
     "if http is meant"},
    {{"live", "database=/s3cr3t-Zq9"},
     "argument 2: a target for http is named database; write postgres://USER@HOST, or "
     "--http database=URL if http is meant"},
    {{"'http=redis://s3cr3t-Zq9'"},
     "argument 1: a target for redis is named http; write http://HOST:PORT, or --redis "
     "http=URL if redis is meant"},
    {{"env:s3cr3t-Zq9"},
     "argument 1: env: and file: do not say what is checked; write a flag before it (--http, "
     "--database, --redis)"},
    {{"{env:s3cr3t}"},
     "argument 1: env: and file: do not say what is checked; write a flag before it (--http, "
     "--database, --redis)"},
    {{"{env:X}/s3cr3t-Zq9"},
     "argument 1: env: and file: do not say what is checked; write a flag before it (--http, "
     "--database, --redis)"},
    {{"{env:X}:5432"},
     "argument 1: 5432 is the port of Postgres; give a URL: postgres://USER@HOST"},
    {{"{env:X"},
     "argument 1 is not understood; a command is live, ready, full, wait, explain, install, help "
     "or version, a target /path, :PORT or a URL"},
    {{"c=file:/s3cr3t-Zq9"},
     "argument 1: env: and file: do not say what is checked; write a flag before it (--http, "
     "--database, --redis)"},
    {{"${s3cr3t-Zq9}"},
     "argument 1: holds a variable that was not expanded: the exec forms of Docker and Kubernetes "
     "expand nothing; write a flag and env:NAME (--http, --database, --redis)"},
    {{"mysql://u:s3cr3t-Zq9@h/d"}, "argument 1: mysql is not supported; leave it out"},
    {{"gopher://u:s3cr3t-Zq9@h/d"},
     "argument 1: no check is for URLs of this scheme; known are http, postgres and redis"},
    {{"live /s3cr3t-Zq9"},
     "argument 1 contains a space: in the exec form each word is its own string"},
    {{"wait", "s3cr3t-Zq9"}, "argument 2 is not understood; put -- before the command"},
    {{"wait", "redis"}, "argument 2 is not understood; use --check redis"},
    {{"explain", "explain"}, "explain: give it once, before the mode"},
    {{"wait", "explain"},
     "wait and explain are both commands; give one: explain takes the arguments without wait"},
    {{"version", "explain"}, "version and explain are both commands; give one"},
    {{"live", "explain"}, "explain: give it once, before the mode"},
    {{"live", "help"}, "help: has to come first"},
    {{"explain", "--for=1s"}, "--for: is an option of wait"},
};

START_TEST(word_that_is_no_command_is_answered_by_the_nearest)
{
    struct input input = {{wrong_words[_i].words[0], wrong_words[_i].words[1]}, {0}};

    ck_assert(!read_input(&input));
    ck_assert_int_eq(err.reason, HP_REASON_USAGE);
    ck_assert_str_eq(err.msg, wrong_words[_i].message);
}
END_TEST

/* --- targets without a flag ------------------------------------------------------------------- */

static const struct {
    const char *text;
    const char *option;
} targets[] = {
    {"http://localhost:8080/health", "http"},
    {"HTTPS://u:p@h", "http"},
    {"/healthz", "http"},
    {"/", "http"},
    {":8080", "http"},
    {":8080/up", "http"},
    {"localhost:8080", "http"},
    {"localhost:8080/up?x=y", "http"},
    {"[::1]:8080/up", "http"},
    {"http:8080", "http"},
    {"{env:H}:{env:P}", "http"},
    {"{env:H:-a@b:5432/}.c:80/x", "http"},
    {"[{env:H}]:{env:P:-x}?y", "http"},
    {"api=h:{file:/p}/x", "http"},
    {":{env:P}", "http"},
    {"api=http://h/x=y", "http"},
    {"api=:1", "http"},
    {"http=:1", "http"},
    {"redis=redis://h", "redis"},
    {"api=h:1/x", "http"},
    {"api=[::1]:1", "http"},
    {"/x?a=redis://h", "http"},
    {"Api=http://h", "http"}, /* the value reports the malformed name */
    {"postgres://u@h/d", "database"},
    {"postgresql+asyncpg://u@h/d", "database"},
    {"replica=postgres://u@h/d", "database"},
    {"redis://h:5432", "redis"},
    {"unix:/run/redis.sock", "redis"},
    {" :8080 ", "http"},
    {"\"h:8080\"", "http"}, /* the quotes, too */
    {"'redis://h'", "redis"},
    {"cache=rediss://h", "redis"},
};

START_TEST(target_is_recognized_without_its_flag)
{
    struct input input = {{"explain", targets[_i].text, "--", targets[_i].text}, {0}};

    read_input(&input);
    ck_assert_uint_eq(options.n, 2);
    for (size_t i = 0; i < options.n; i++) {
        ck_assert_str_eq(options.given[i].option->name, targets[_i].option);
        ck_assert_str_eq(options.given[i].text, targets[_i].text);
        ck_assert_str_eq(hp_check_kinds[options.given[i].kind]->kind, targets[_i].option);
    }
    ck_assert_int_eq(options.given[0].position, 2);
    ck_assert_int_eq(options.given[1].position, 4);
}
END_TEST

START_TEST(error_about_an_argument_names_its_position)
{
    static const struct input input = {{"--redis", "redis://a", "b=redis://b"}, {0}};

    ck_assert_msg(read_input(&input), "%s", err.msg);
    ck_assert_str_eq(value_of("redis", 0)->origin, "--redis");
    ck_assert_str_eq(value_of("redis", 1)->origin, "argument 3");
    ck_assert_str_eq(value_of("redis", 1)->name, "b");
    ck_assert(value_of("redis", 1)->from_flag);
}
END_TEST

/* --- what other tools call it ----------------------------------------------------------------- */

/* The whole text: a mistake is reported once. */
static const struct {
    const char *words[8];
    const char *message;
} answers[] = {
    {{"--port", "8080"}, "unknown option --port; use --http :PORT"},
    {{"--port=8080"}, "unknown option --port; use --http :PORT"},
    {{"--PORT=8080"}, "unknown option --PORT; use --http :PORT"},
    {{"--url", "http://u:s3cr3t-Zq9@h"}, "unknown option --url; use --http URL"},
    {{"-k", "live"}, "unknown option -k; use --http-insecure"},
    {{"-K", "live"}, "unknown option -K; see --help"},
    {{"--insecure", "https://h"}, "unknown option --insecure; use --http-insecure"},
    {{"-t", "5"}, "unknown option -t; use --timeout DUR"},
    {{"--database-url", "s3cr3t-Zq9"}, "unknown option --database-url; use --database URL"},
    {{"-f", "http://h"}, "unknown option -f; leave it out"},
    {{"-fsS", "http://h"}, "unknown option (argument 1); leave it out"},
    {{"live", "-qO-"}, "unknown option (argument 2); leave it out"},
    {{"-O-"}, "unknown option (argument 1); leave it out"},
    {{"-qO", "-", "live"}, "unknown option (argument 1); leave it out"},
    {{"-s=s3cr3t-Zq9"}, "unknown option -s; leave it out"},
    {{"-fsSk"}, "unknown option (argument 1); see --help"},
    {{"-fs-x"}, "unknown option (argument 1); see --help"},
    {{"--silent"}, "unknown option --silent; leave it out"},
    {{"--bogus", "s3cr3t-Zq9", "live"}, "unknown option --bogus; see --help"},
    {{"--bogus", "live"}, "unknown option --bogus; see --help"},
    {{"--bogus=s3cr3t-Zq9"}, "unknown option --bogus; see --help"},
    {{"--bogus", "--verbose"}, "unknown option --bogus; see --help"},
    {{"--bogus2", "s3cr3t-Zq9"}, "unknown option (argument 1); see --help"},
    {{"live", "-ps3cr3t-Zq9"}, "unknown option (argument 2); see --help"},
    {{"-Secret"}, "unknown option (argument 1); see --help"},
    {{"--timeuot", "s3cr3t-Zq9"}, "unknown option --timeuot; did you mean --timeout?"},
    {{"--Timeout=1s"}, "unknown option --Timeout; did you mean --timeout?"},
    {{"--verbos", "live"}, "unknown option --verbos; did you mean --verbose?"},
    /* as help, it would always pass as a probe */
    {{"-h", "localhost"}, "-h: takes no value; it is --help"},
    {{"-h", "redis"}, "-h: takes no value; it is --help"},
    {{"-h", "localhost", "-p", "5432"},
     "-h: takes no value; it is --help; unknown option -p; see --help"},
    /* words that a shell, or a YAML file, left together */
    {{"--http /s3cr3t-Zq9"},
     "argument 1 contains a space: in the exec form each word is its own string: \"--http\", "
     "\"VALUE\""},
    {{"live", "--http-header X: s3cr3t-Zq9"},
     "argument 2 contains a space: in the exec form each word is its own string: "
     "\"--http-header\", "
     "\"VALUE\""},
    {{"--htp x=y"},
     "argument 1 contains a space: in the exec form each word is its own string: \"--OPTION\", "
     "\"VALUE\""},
    {{"live", "||", "exit", "1"},
     "|| needs a shell and this is the exec form: leave `|| exit 1` out, healthprobe exits with 0 "
     "or 1 by itself"},
    {{"live || exit 1"},
     "|| needs a shell and this is the exec form: leave `|| exit 1` out, healthprobe exits with 0 "
     "or 1 by itself"},
    {{"live", "|| exit 1"},
     "|| needs a shell and this is the exec form: leave `|| exit 1` out, healthprobe exits with 0 "
     "or 1 by itself"},
    {{"/healthz || exit 1"},
     "|| needs a shell and this is the exec form: leave `|| exit 1` out, healthprobe exits with 0 "
     "or 1 by itself"},
    {{"live --http :8080"},
     "argument 1 contains a space: in the exec form each word is its own string"},
    {{"curl http://s3cr3t-Zq9"},
     "argument 1 contains a space: in the exec form each word is its own string"},
    {{":8080 --timeout 5s"},
     "argument 1 contains a space: in the exec form each word is its own string"},
    {{"live", ">/dev/null", "2>&1"},
     ">/dev/null needs a shell and this is the exec form: leave it out"},
    /* values that are not there */
    {{"--database", "--format", "short"},
     "--database needs a value (URL), but another option follows"},
    {{"--http", "--verbose=1", "live"}, "--http needs a value (URL), but another option follows"},
    {{"live", "--http"}, "--http needs a value (URL)"},
    /* a command without its dashes */
    {{"wait", "--check=http", "s3cr3t-Zq9", "--bogus", "hi"},
     "argument 3 is not understood; put -- before the command"},
};

START_TEST(mistake_is_reported_once_with_its_cure)
{
    struct input input = {{0}, {0}};

    memcpy(input.arguments, answers[_i].words, sizeof answers[_i].words);
    ck_assert(!read_input(&input));
    ck_assert_int_eq(err.reason, HP_REASON_USAGE);
    ck_assert_str_eq(err.msg, answers[_i].message);
}
END_TEST

static const struct input values_that_look_like_options[] = {
    {{"--http-header", "--X: 1"}, {0}},
    {{"--http-header", "-k"}, {0}},
    {{"--http-header", "-"}, {0}},
    {{"--http-header", "--"}, {0}},
};

START_TEST(value_may_begin_with_dashes)
{
    ck_assert_msg(read_input(&values_that_look_like_options[_i]), "%s", err.msg);
    ck_assert_str_eq(given("http-header", 0)->text, values_that_look_like_options[_i].arguments[1]);
}
END_TEST

static const char *const urls[] = {"postgres://h", "env:URL", "file:/proc/version", "{env:URL}"};

START_TEST(value_of_another_tools_flag_becomes_the_target)
{
    const struct input input = {{"ready", "--database-url", urls[_i]}, {"URL=x"}};

    ck_assert(!read_input(&input));
    ck_assert_str_eq(given("database", 0)->text, urls[_i]);
    ck_assert(!hp_selection_fits(&selection, &options, environment, &err));
    ck_assert_str_eq(err.msg, "unknown option --database-url; use --database URL");
}
END_TEST

START_TEST(value_of_another_programs_option_is_not_a_target)
{
    static const struct input input = {{":8080", "--retries", "3"}, {0}};

    ck_assert(!read_input(&input));
    ck_assert_str_eq(err.msg, "unknown option --retries; did you mean --redis?");
    ck_assert_uint_eq(options.n, 1);
}
END_TEST

START_TEST(explain_takes_what_a_check_takes)
{
    static const struct input input = {{"explain", "ready", "--timeout", "1s"},
                                       {"HEALTHPROBE_FOR=never", "HEALTHPROBE_VERBOSE=1"}};

    ck_assert_msg(read_input(&input), "%s", err.msg);
    ck_assert_int_eq(options.action, HP_ACTION_EXPLAIN);
    ck_assert_int_eq(options.mode, HP_MODE_READY);
    ck_assert_int_eq(selection.kinds[DATABASE], YES);
    ck_assert_int_eq(selection.kinds[REDIS], NO);
    ck_assert_ptr_nonnull(value_of("timeout", 0));
    ck_assert_ptr_nonnull(value_of("verbose", 0));
    ck_assert_ptr_null(value_of("for", 0));
}
END_TEST

START_TEST(unknown_option_is_answered_by_the_nearest_that_is_known)
{
    struct input input = {{typos[_i].argument}, {0}};
    char question[64];

    snprintf(question, sizeof(question), "did you mean %s?", typos[_i].nearest);
    ck_assert(!read_input(&input));
    ck_assert_msg(strstr(err.msg, question) != NULL, "%s", err.msg);
    ck_assert(!hp_unit_leaks(err.msg));
}
END_TEST

START_TEST(very_long_argument_is_an_error_like_another)
{
    struct input input = {{NULL}, {0}};
    char name[500] = "--";

    memset(name + 2, 'a', sizeof(name) - 3);
    name[sizeof(name) - 1] = '\0';
    input.arguments[0] = name;
    ck_assert(!read_input(&input));
    ck_assert_int_eq(err.reason, HP_REASON_USAGE);
    ck_assert_ptr_null(strstr(err.msg, "aaaa"));
}
END_TEST

START_TEST(wrong_value_of_a_boolean_flag_is_a_config_error)
{
    static const struct input input = {{"--verbose=s3cr3t-Zq9"}, {0}};

    ck_assert(!read_input(&input));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.msg, "--verbose"));
    ck_assert(!hp_unit_leaks(err.msg));
}
END_TEST

START_TEST(all_problems_are_told_and_usage_outranks_config)
{
    static const struct input input = {{"--verbose=maybe", "--timeuot", "--format"},
                                       {"HEALTHPROBE_HTTP_INSECURE=perhaps"}};

    ck_assert(!read_input(&input));
    ck_assert_int_eq(err.reason, HP_REASON_USAGE);
    ck_assert_ptr_nonnull(strstr(err.msg, "--verbose"));
    ck_assert_ptr_nonnull(strstr(err.msg, "did you mean --timeout?"));
    ck_assert_ptr_nonnull(strstr(err.msg, "--format"));
    ck_assert_ptr_nonnull(strstr(err.msg, "HEALTHPROBE_HTTP_INSECURE"));
}
END_TEST

static const struct input slips_around_a_format[] = {
    {{"--bogus", "--format", "short"}, {0}},
    {{"--format=short", "ready", "full"}, {0}},
    {{"--format", "short", "--timeout"}, {0}},
    {{"--bogus"}, {"HEALTHPROBE_FORMAT=short"}},
    {{"--check", "nonsense"}, {"HEALTHPROBE_FORMAT=short"}},
};

START_TEST(what_was_understood_holds_beside_an_error)
{
    ck_assert(!read_input(&slips_around_a_format[_i]));
    ck_assert_ptr_nonnull(value_of("format", 0));
    ck_assert_str_eq(value_of("format", 0)->text, "short");
}
END_TEST

/* --- help and version ------------------------------------------------------------------------- */

static const struct {
    struct input input;
    enum hp_action action;
} actions[] = {
    {{{"--help"}, {0}}, HP_ACTION_HELP},
    {{{"--version"}, {0}}, HP_ACTION_VERSION},
    {{{"full", "--help"}, {0}}, HP_ACTION_HELP},
    {{{"--timeout", "1s", "--version"}, {0}}, HP_ACTION_VERSION},
    {{{"--bogus", "--help"}, {0}}, HP_ACTION_HELP},
    {{{"--help", "--bogus", "nonsense"}, {0}}, HP_ACTION_HELP},
    {{{"--help"}, {"HEALTHPROBE_VERBOSE=maybe"}}, HP_ACTION_HELP},
    {{{"--timeout", "--help"}, {0}}, HP_ACTION_HELP},
    {{{"-h"}, {0}}, HP_ACTION_HELP},
    {{{"-V"}, {0}}, HP_ACTION_VERSION},
    {{{"--timeout", "-h"}, {0}}, HP_ACTION_HELP},
    {{{"help"}, {0}}, HP_ACTION_HELP},
    {{{"help", "nonsense"}, {0}}, HP_ACTION_HELP},
    {{{"version"}, {0}}, HP_ACTION_VERSION},
    {{{"version", "-h"}, {0}}, HP_ACTION_HELP},
    {{{"-v"}, {0}}, HP_ACTION_CHECK},
    {{{"-hV"}, {0}}, HP_ACTION_CHECK},
    {{{"wait", "-h"}, {0}}, HP_ACTION_HELP},
    {{{"-h", "wait"}, {0}}, HP_ACTION_HELP},
    {{{"-h", "redis", "-p", "6379"}, {0}}, HP_ACTION_CHECK},
    {{{"-h", "database"}, {0}}, HP_ACTION_CHECK},
    {{{"-h", "--", "x"}, {0}}, HP_ACTION_HELP},
    {{{"--help", "localhost"}, {0}}, HP_ACTION_HELP},
    {{{"-h", "localhost", "-p", "5432"}, {0}}, HP_ACTION_CHECK},
    {{{"--", "--help"}, {0}}, HP_ACTION_CHECK},
    {{{"wait", "--help"}, {0}}, HP_ACTION_HELP},
    {{{"install", "--version"}, {0}}, HP_ACTION_VERSION},
    {{{"wait", "live", "--", "--help"}, {0}}, HP_ACTION_WAIT},
    /* a command without its --, and half a text */
    {{{"wait", "live", "redis-cli", "-h", "redis"}, {0}}, HP_ACTION_WAIT},
    {{{"wait", "live", "node", "--version"}, {0}}, HP_ACTION_WAIT},
    {{{"wait", "live", "npm", "install"}, {0}}, HP_ACTION_WAIT},
    {{{"wait", "live", "flyway", "version"}, {0}}, HP_ACTION_WAIT},
    {{{"live", "version"}, {0}}, HP_ACTION_CHECK},
    {{{"--http-contains", "new", "version"}, {0}}, HP_ACTION_CHECK},
    {{{"wait", "help"}, {0}}, HP_ACTION_WAIT},
    {{{0}, {"HEALTHPROBE_HELP=1", "HEALTHPROBE_VERSION=1"}}, HP_ACTION_CHECK},
};

START_TEST(help_and_version_are_answered_whatever_else_is_wrong)
{
    read_input(&actions[_i].input);
    ck_assert_int_eq(options.action, actions[_i].action);
}
END_TEST

static const struct {
    const char *word;
    const char *topic; /* NULL: all */
} topics[] = {
    {"http", "http"}, {"database", "database"}, {"redis", "redis"},
    {"wait", "wait"}, {"live", NULL},           {"postgres", NULL},
};

START_TEST(help_takes_a_topic)
{
    struct input input = {{"help", topics[_i].word}, {0}};

    ck_assert(read_input(&input));
    ck_assert_int_eq(options.action, HP_ACTION_HELP);
    ck_assert_pstr_eq(options.topic, topics[_i].topic);
}
END_TEST

/* --- the environment -------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *value;
} variables[] = {
    {"A", "1"},        {"AB", "2"}, {"EMPTY", NULL}, {"NOEQUALS", NULL},
    {"EQUALS", "=x="}, {"", NULL},  {"a", NULL},     {"MISSING", NULL},
};

START_TEST(empty_variable_counts_as_unset)
{
    char ab[] = "AB=2";
    char a[] = "A=1";
    char empty[] = "EMPTY=";
    char no_equals[] = "NOEQUALS";
    char equals[] = "EQUALS==x=";
    char *const all[] = {ab, a, empty, no_equals, equals, NULL};
    const char *value = hp_environment_get(all, variables[_i].name);

    if (variables[_i].value)
        ck_assert_str_eq(value, variables[_i].value);
    else
        ck_assert_ptr_null(value);
}
END_TEST

/* --- the table -------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *suffix;
    const char *twin;
} spellings[] = {
    {"check", "", "HEALTHPROBE_CHECK"},
    {"http-status", "", "HEALTHPROBE_HTTP_STATUS"},
    {"http-status", "_FILE", "HEALTHPROBE_HTTP_STATUS_FILE"},
    {"database-level", "", "HEALTHPROBE_DATABASE_LEVEL"},
    {"a-b-c-z", "", "HEALTHPROBE_A_B_C_Z"},
};

START_TEST(twin_is_spelled_in_capitals_with_underscores)
{
    struct hp_option option = {.name = spellings[_i].name};
    char twin[HP_TWIN_MAX];

    hp_option_twin(twin, &option, spellings[_i].suffix);
    ck_assert_str_eq(twin, spellings[_i].twin);
}
END_TEST

static bool ends_in(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    size_t suffix_len = strlen(suffix);

    return len >= suffix_len && strcmp(text + len - suffix_len, suffix) == 0;
}

/* Kubernetes injects variables that end so for each Service. */
static void row_is_sound(const struct hp_option *option)
{
    static const char *const injected[] = {"_PORT", "_HOST", "_TCP", "_UDP"};
    char twin[HP_TWIN_MAX];

    ck_assert_msg((option->help != NULL && option->help[0] != '\0') || option->choices != NULL,
                  "%s", option->name);
    ck_assert_msg(islower((unsigned char)option->name[0]), "%s", option->name);
    for (const char *p = option->name; *p; p++)
        ck_assert_msg(islower((unsigned char)*p) || *p == '-', "%s", option->name);
    hp_option_twin(twin, option, "_FILE");
    ck_assert_msg(ends_in(twin, "_FILE"), "%s", option->name);
    hp_option_twin(twin, option, "");
    for (size_t i = 0; i < HP_UNIT_ROWS(injected); i++)
        ck_assert_msg(!ends_in(twin, injected[i]), "%s", twin);
}

START_TEST(every_row_has_help_and_no_twin_that_a_service_injects)
{
    struct hp_row row = {0};
    size_t rows = 0;

    for (; hp_row_next(&row); rows++)
        row_is_sound(row.option);
    ck_assert_uint_ge(rows, 7 + 10);
}
END_TEST

START_TEST(general_rows_come_first_then_each_kind)
{
    struct hp_row row = {0};
    int last = -1;

    for (; hp_row_next(&row); last = row.kind)
        ck_assert(row.kind == last || row.kind == last + 1);
    ck_assert_int_eq(last, REDIS);
}
END_TEST

START_TEST(release_may_be_called_twice)
{
    static const struct input input = {{"--verbose"}, {0}};

    ck_assert(read_input(&input));
    hp_options_release(&options);
    hp_options_release(&options);
    ck_assert_uint_eq(options.n, 0);
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1, release_values)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table), release_values)

int main(void)
{
    Suite *suite = suite_create("options");

    CASE(suite, custom_is_no_word_of_the_command_line);
    CASE(suite, mode_has_the_name_that_is_typed);
    TABLE(suite, option_takes_its_value_behind_equals_or_as_the_next_argument, flags);
    CASE(suite, repeatable_option_keeps_all_values_in_their_order);
    CASE(suite, many_values_find_room);
    TABLE(suite, command_line_that_is_not_understood_is_a_usage_error, usage);
    TABLE(suite, wait_takes_checks_and_a_command, waits);
    TABLE(suite, options_of_wait_are_of_no_other_command, wait_options);
    TABLE(suite, install_takes_a_destination_and_checks_nothing, installs);
    TABLE(suite, unknown_option_is_answered_by_the_nearest_that_is_known, typos);
    TABLE(suite, word_that_is_no_command_is_answered_by_the_nearest, wrong_words);
    TABLE(suite, target_is_recognized_without_its_flag, targets);
    CASE(suite, error_about_an_argument_names_its_position);
    TABLE(suite, mistake_is_reported_once_with_its_cure, answers);
    TABLE(suite, value_may_begin_with_dashes, values_that_look_like_options);
    TABLE(suite, value_of_another_tools_flag_becomes_the_target, urls);
    CASE(suite, value_of_another_programs_option_is_not_a_target);
    TABLE(suite, help_takes_a_topic, topics);
    CASE(suite, explain_takes_what_a_check_takes);
    CASE(suite, very_long_argument_is_an_error_like_another);
    CASE(suite, wrong_value_of_a_boolean_flag_is_a_config_error);
    CASE(suite, all_problems_are_told_and_usage_outranks_config);
    TABLE(suite, what_was_understood_holds_beside_an_error, slips_around_a_format);
    TABLE(suite, help_and_version_are_answered_whatever_else_is_wrong, actions);
    TABLE(suite, empty_variable_counts_as_unset, variables);
    TABLE(suite, twin_is_spelled_in_capitals_with_underscores, spellings);
    CASE(suite, every_row_has_help_and_no_twin_that_a_service_injects);
    CASE(suite, general_rows_come_first_then_each_kind);
    CASE(suite, release_may_be_called_twice);
    return hp_unit_run(suite);
}
