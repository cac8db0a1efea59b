/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/check/target.h>

#include <stdio.h>
#include <string.h>

static const char *const unexpanded[] = {
    /* the whole value */
    "$DATABASE_URL",
    "${DATABASE_URL}",
    "$(DATABASE_URL)",
    "${DATABASE_URL:-postgres://u:s3cr3t-Zq9@h/db}",
    "$(my-app.url)",
    /* outside the password */
    "${SCHEME}://u:s3cr3t-Zq9@h/db",
    "$(SCHEME)://u:s3cr3t-Zq9@h/db",
    "postgres://${USER}:s3cr3t-Zq9@h/db",
    "postgres://$(USER):s3cr3t-Zq9@h/db",
    "postgres://u:s3cr3t-Zq9@${HOST}:5432/db",
    "postgres://u:s3cr3t-Zq9@h:$(PORT)/db",
    "postgres://u:s3cr3t-Zq9@h:5432/${DB}",
    "postgres://u:s3cr3t-Zq9@h/db?schema=${SCHEMA}",
    "postgres://u:s3cr3t-Zq9@h/db?${KEY}=x",
    "postgres://u:s3cr3t-Zq9@h/db#${X}",
    "postgres://u:s3cr3t-Zq9@h/db?password=x&a=$(B)",
    "postgres://u:s3cr3t-Zq9@${HOST:-db}/db",
    "postgres://u:s3cr3t-Zq9@${HOST-db}/db",
    "postgres://u:s3cr3t-Zq9@h/db?host=x#${HOST}",
    "postgres://u:s3cr3t-Zq9@h/db#${HOST:-/run?x}",
    "redis://${REDIS_PASSWORD}@h",
    "redis://${REDIS_PASSWORD:-s3cr3t-Zq9}@h",
    "postgres://${USER:-app}:s3cr3t-Zq9@h/db",
    "unix:///run/${NAME}.sock",
    "/health/${NAME}",
    ":${PORT}/health",
    "jdbc:postgresql://${HOST}/db?user=u",
    /* as the whole password */
    "postgres://u:${PASSWORD}@h/db",
    "postgres://u:$(PASSWORD)@h/db",
    "postgres://u:${PASSWORD:-s3cr3t-Zq9}@h/db",
    "postgres://u:${PASSWORD:-s3cr3t/Zq9}@h/db",
    "redis://:${PASSWORD}@h",
    "redis://h?password=${PASSWORD}",
    "jdbc:postgresql://h/db?user=u&password=$(PASSWORD)&ssl=true",
    "postgres://u@h/db?sslpassword=${P}",
    /* a plain one in scheme, host or port */
    "$SCHEME://u:s3cr3t-Zq9@h/db",
    "postgres://u:s3cr3t-Zq9@$HOST:5432/db",
    "postgres://u:s3cr3t-Zq9@db.$DOMAIN/db",
    "postgres://u:s3cr3t-Zq9@h:$PORT/db",
    "postgres://u:s3cr3t-Zq9@h1:1,$HOST2:2/db",
    "postgres://u:s3cr3t-Zq9@/db?host=$PGHOST",
    "postgres://u:s3cr3t-Zq9@h/db?port=$PGPORT",
    "http://$HOST/health",
    "http://localhost:$PORT",
    "http://localhost:$PORT?x=http://y",
    "localhost:$PORT/health",
    ":$PORT",
    ":$PORT/health",
    /* what is no placeholder, or not where it is read, in host or port */
    "redis://{REDIS_HOST}:{REDIS_PORT}",
    "redis://{ENV:X}:6379",
    "postgres://{env:U}:{env:P}@{env:H}/{env:D}",
    "postgres://u:s3cr3t-Zq9@{file:/run/host}/db",
    "postgres://u:s3cr3t-Zq9@h,{H}/db",
    "http://{{ .Values.host }}/",
    "http://${H/",
    ":{PORT}/health",
    "localhost:{PORT}",
    /* a text that would not split */
    "postgres://u:s3cr3t-Zq9@h:99999/${DB}",
    "http://[::1:$PORT/",
};

static const struct hp_option url = {.name = "database"};
static char *const nothing[] = {NULL};

START_TEST(what_an_exec_form_would_not_expand_is_refused)
{
    struct hp_error err = {0};

    ck_assert_msg(!hp_target_check_unexpanded(unexpanded[_i], "--database", &url, nothing, &err),
                  "%s", unexpanded[_i]);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_str_eq(err.msg, "--database: holds a variable that was not expanded: the exec forms "
                              "of Docker and Kubernetes expand nothing; write {env:NAME}");
}
END_TEST

static const struct {
    const char *text;
    const char *origin;
    const char *advice;
} written[] = {
    /* the name of a variable that is set is not a piece of a secret */
    {"${DB_HOST}", "--database", "write {env:DB_HOST}"},
    {"$DB_HOST", "--database", "write {env:DB_HOST}"},
    {"$(DB_HOST)", "--database", "write {env:DB_HOST}"},
    {"postgres://u:p@${DB_HOST:-db}/d", "--database", "write {env:DB_HOST}"},
    {"postgres://u:p@h/d?a=b&port=$DB_HOST", "--database", "write {env:DB_HOST}"},
    {"postgres://u:${DB_HOST}@$DB_OTHER/d", "--database", "write {env:NAME}"},
    {"postgres://u:${DB_HOS}@h/d", "--database", "write {env:NAME}"},
    {"$(DB_HOST.x)", "--database", "write {env:DB_HOST}"},
    {"http://$DB_HOST/", "argument 1", "write {env:DB_HOST}"},
    /* an application's variable takes no placeholder */
    {"postgres://u:p@${DB_HOST}/d", "DATABASE_URL", "write {env:DB_HOST} in --database"},
    {"postgres://u:p@${X}/d", "DATABASE_URL", "write {env:NAME} in --database"},
    {"postgres://u:p@{env:DB_HOST}/d", "DATABASE_URL", "write {env:NAME} in --database"},
    {"postgres://u:p@{DB_HOST}/d", "--database", "write {env:DB_HOST}"},
    /* "${env:NAME}", its placeholder marked */
    {"postgres://u:p@$\1\x80/d", "--database", "write {env:NAME}"},
    {"postgres://u:$\1\x80@h/d", "--database", "write {env:NAME}"},
};

START_TEST(the_placeholder_to_write_is_named)
{
    char *const environment[] = {(char[]){"DB_HOST=h"}, NULL};
    struct hp_error err = {0};

    ck_assert(
        !hp_target_check_unexpanded(written[_i].text, written[_i].origin, &url, environment, &err));
    ck_assert_str_eq(strstr(err.msg, "write "), written[_i].advice);
}
END_TEST

static const struct {
    const char *text;
    unsigned flags;
    bool good;
} words[] = {
    {"${X}", 0, false},
    {"$(X)", 0, false},
    {"${X:-y}", 0, false},
    {"$X", 0, false},
    {"$DB_PASSWORD1", 0, false},
    {"${env:X}", 0, false},
    {"X-Key: ${X}", HP_OPTION_HEADER, false},
    {"X-Key:$X", HP_OPTION_HEADER, false},
    {"Authorization: Bearer ${X}", HP_OPTION_HEADER, false},
    {"Authorization: bearer  $(X)", HP_OPTION_HEADER, false},
    {"Authorization: Basic $X", HP_OPTION_HEADER, false},
    {"Authorization: Token ${X} ", HP_OPTION_HEADER, false},
    /* a "$" elsewhere is itself */
    {"", 0, true},
    {"$", 0, true},
    {"pa$$word", 0, true},
    {"$ecret", 0, true},
    {"$1", 0, true},
    {"$X ", 0, true},
    {"a${X}", 0, true},
    {"${X}b", 0, true},
    {"Bearer ${X}", 0, true},
    {"{env:X}", 0, true},
    {"X-Key: a ${X}", HP_OPTION_HEADER, true},
    {"X-Key: Digest ${X}", HP_OPTION_HEADER, true},
    {"X-Key: Bearer a ${X}", HP_OPTION_HEADER, true},
    {"X-Key: Bearer", HP_OPTION_HEADER, true},
    {"X-Key:", HP_OPTION_HEADER, true},
    {"", HP_OPTION_HEADER, true},
    {"X-Key: Bearer {env:X}", HP_OPTION_HEADER, true},
};

START_TEST(unexpanded_password_or_header_is_refused)
{
    const struct hp_option option = {.name = "x", .flags = words[_i].flags};
    struct hp_error err = {0};

    ck_assert_msg(hp_value_check_unexpanded(words[_i].text, "--x", &option, nothing, &err) ==
                      words[_i].good,
                  "%s", words[_i].text);
    ck_assert_str_eq(err.msg,
                     words[_i].good
                         ? ""
                         : "--x: holds a variable that was not expanded: the exec forms of Docker "
                           "and Kubernetes expand nothing; write {env:NAME}");
}
END_TEST

static const char *const literal[] = {
    "",
    "http://localhost/health",
    "postgres://u:s3cr3t-Zq9@h/db",
    /* a "$" in a password is itself */
    "postgres://u:$HOME@h/db",
    "postgres://u:pa$$word@h/db",
    "postgres://u:a${b}@h/db",
    "postgres://u:${a}b@h/db",
    "postgres://u:${a}${b}@h/db",
    "postgres://u:$(a)x@h/db",
    "postgres://u:$@h/db",
    "postgres://u:${}@h/db",
    "postgres://u:$()@h/db",
    "postgres://u:${1}@h/db",
    "postgres://u:p@${a}x@h/db",
    "postgres://u:p:${a}@h/db",
    "redis://:x$(a)@h",
    "redis://h?password=a${b}",
    "redis://h?password=$PASSWORD",
    "jdbc:postgresql://h/db?user=u&password=${a}b",
    /* also where the text would not split */
    "postgres://u:a${b}@h:99999/db",
    "postgres://u:a${b}@[::1/db",
    "u:a${b}@h/db",
    /* a plain one elsewhere */
    "postgres://$user:s3cr3t-Zq9@h/db",
    "postgres://u:s3cr3t-Zq9@h/$db",
    "postgres://u:s3cr3t-Zq9@h/db?options=$x",
    "http://h/path/$X",
    "/path/$X",
    "/path?to=http://$X",
    "unix:///run/$x",
    "unix://:pw@/run/$x",
    /* no names at all */
    "http://h/$",
    "http://h/${}",
    "http://h/${a",
    "http://h/$(a b)",
    "http://h/$(a",
    "http://h/${a b}",
    "http://h:$1/",
    "http://h$/",
    "http://h/%24{NAME}",
    /* a brace where it is itself */
    "http://h/{x}?a={b}#{c}",
    "/{x}",
    "redis://{x}@h",
    "postgres://u:{x}@h/{d}?options={o}",
    "postgres://u:{a/b@h/db",
    "postgres://u:{a?b@h/db",
    "postgres://u:{a#b@h/db",
    "http://%7Bx/",
    "unix:///run/{x}",
};

START_TEST(other_dollars_are_themselves)
{
    struct hp_error err = {0};

    ck_assert_msg(hp_target_check_unexpanded(literal[_i], "--database", &url, nothing, &err), "%s",
                  literal[_i]);
    ck_assert_uint_eq(err.len, 0);
}
END_TEST

/* --- names ------------------------------------------------------------------------------------ */

#define LONGEST "0123456789abcdef0123456789abcdef"

static const struct {
    const char *text;
    const char *name; /* "": none; NULL: not valid */
} name_cases[] = {
    {"replica=postgresql://u:s3cr3t-Zq9@h/db", "replica"},
    {"replica=env:REPLICA_URL", "replica"},
    {"replica=file:/run/secrets/url", "replica"},
    {"replica=jdbc:postgresql://h/db?user=u", "replica"},
    {"api=/health", "api"},
    {"api=:8080", "api"},
    {"api=:8080/x?a=b", "api"},
    {"api=localhost:8080", "api"},
    {"api=my_app:8080", "api"},
    {"api=[::1]:8080", "api"},
    {"api=8080", "api"},
    {"api=$URL", "api"},
    {"api=${URL}", "api"},
    {"api=", "api"},
    {"a=/x", "a"},
    {"0=/x", "0"},
    {"a_b.c-d=/x", "a_b.c-d"},
    {LONGEST "=/x", LONGEST},
    /* a "=" that is the target's own */
    {"postgresql://u@h/db?sslmode=require", ""},
    {"postgresql://u:a=/b@h/db", ""},
    {"http://h/?a=http://b", ""},
    {"/x?to=/y", ""},
    {"/x=/y", ""},
    {":80/?a=:b", ""},
    {"?a=/b", ""},
    {"#a=/b", ""},
    {"env:A=/b", ""},
    {"file:/run/a=/b", ""},
    {"$URL=/x", ""},
    {"[::1]=/x", ""},
    {"a@b=/x", ""},
    {"unix:///run/a=:b", ""},
    /* what follows is no target: libpq's words, a password in the wrong place */
    {"host=db user=app password=s3cr3t-Zq9", ""},
    {"s3cr3t-Zq9==", ""},
    {"s3cr3t-Zq9=abc", ""},
    {"s3cr3t-Zq9=1a", ""},
    {"", ""},
    {"plain", ""},
    {"api={env:X}", "api"},
    {"api={env:HOST}:{env:PORT}/x", "api"},
    {"{env:X:-a=/b}", ""},
    {"{a=/b", ""},
    /* meant as a name */
    {"=/x", NULL},
    {"Replica=env:X", NULL},
    {"my replica=env:X", NULL},
    {"_a=/x", NULL},
    {".a=/x", NULL},
    {"-a=/x", NULL},
    {"a,b=/x", NULL},
    {"r\xC3\xA9plica=/x", NULL},
    {LONGEST "0=/x", NULL},
};

START_TEST(name_is_told_apart_from_a_target)
{
    const char *name = name_cases[_i].name;
    char text[128];
    size_t len = 99;

    ck_assert_int_eq(hp_target_name_length(name_cases[_i].text, strlen(name_cases[_i].text), &len),
                     name != NULL);
    ck_assert_uint_eq(len, name ? strlen(name) : 0);

    /* it ends where it is said to end */
    snprintf(text, sizeof(text), "%s=:80", name_cases[_i].text);
    hp_target_name_length(text, strlen(name_cases[_i].text), &len);
    ck_assert_uint_eq(len, name ? strlen(name) : 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("target");

    HP_UNIT_TABLE(suite, what_an_exec_form_would_not_expand_is_refused, unexpanded);
    HP_UNIT_TABLE(suite, the_placeholder_to_write_is_named, written);
    HP_UNIT_TABLE(suite, unexpanded_password_or_header_is_refused, words);
    HP_UNIT_TABLE(suite, other_dollars_are_themselves, literal);
    HP_UNIT_TABLE(suite, name_is_told_apart_from_a_target, name_cases);
    return hp_unit_run(suite);
}
