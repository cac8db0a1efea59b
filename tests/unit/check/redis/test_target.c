/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/redis/conversation.h"
#include "check/redis/target.h"

#include <stdio.h>
#include <string.h>

#define PW "s3cr3t-Zq9"

#define CUT "an @ or # follows the host: percent-encode / ? # @ in the password as %2F %3F %23 %40"

static const char *shown(const char *field)
{
    return field ? field : "-";
}

static void show_names(const struct hp_names *names, char *ret, size_t size)
{
    ret[0] = '\0';
    for (size_t i = 0; i < names->n; i++)
        snprintf(ret + strlen(ret), size - strlen(ret), "%s%s", i ? " " : "", names->items[i]);
    if (names->not_shown)
        snprintf(ret + strlen(ret), size - strlen(ret), "+%zu", names->not_shown);
}

/* TLS as one word: "" without, "tls", or "insecure". */
static const char *tls_of(const struct hp_redis_target *target)
{
    return !target->tls ? "" : target->insecure ? "insecure" : "tls";
}

static const struct row {
    const char *text;
    const char *tls;
    const char *user;
    const char *password;
    const char *host;
    int port;
    const char *socket;
    unsigned database;
    const char *ca_certs;
    const char *ignored;
    const char *described;
} rows[] = {
    /* the forms */
    {"redis://redis", "", "-", "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"redis://redis:6380/", "", "-", "-", "redis", 6380, "-", 0, "-", "", "redis://redis:6380"},
    {"redis://redis/3", "", "-", "-", "redis", 6379, "-", 3, "-", "", "redis://redis:6379/3"},
    {"redis://redis/0", "", "-", "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"redis://redis:/0", "", "-", "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"redis://redis/2#f", "", "-", "-", "redis", 6379, "-", 2, "-", "", "redis://redis:6379/2"},
    {"redis://redis/007", "", "-", "-", "redis", 6379, "-", 7, "-", "", "redis://redis:6379/7"},
    {"redis://redis/2147483647", "", "-", "-", "redis", 6379, "-", 2147483647, "-", "",
     "redis://redis:6379/2147483647"},
    {"redis://:" PW "@redis", "", "-", PW, "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"redis://app:" PW "@redis:1/2", "", "app", PW, "redis", 1, "-", 2, "-", "",
     "redis://app@redis:1/2"},
    {"redis://app%40x:p%40s@redis", "", "app@x", "p@s", "redis", 6379, "-", 0, "-", "",
     "redis://app%40x@redis:6379"},
    {"valkey://redis", "", "-", "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"valkeys://redis", "tls", "-", "-", "redis", 6379, "-", 0, "-", "", "rediss://redis:6379"},
    {"REDISS://redis", "tls", "-", "-", "redis", 6379, "-", 0, "-", "", "rediss://redis:6379"},
    {"redis://[::1]:6380/1", "", "-", "-", "::1", 6380, "-", 1, "-", "", "redis://[::1]:6380/1"},
    /* a user without a password is not shown; an empty password is none */
    {"redis://default@redis", "", "default", "-", "redis", 6379, "-", 0, "-", "",
     "redis://redis:6379"},
    {"redis://" PW "@redis", "", PW, "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"redis://:@redis", "", "-", "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"redis://app:@redis", "", "app", "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    /* parameters */
    {"redis://redis?db=2", "", "-", "-", "redis", 6379, "-", 2, "-", "", "redis://redis:6379/2"},
    {"redis://redis/?db=2", "", "-", "-", "redis", 6379, "-", 2, "-", "", "redis://redis:6379/2"},
    {"redis://redis/3?db=2", "", "-", "-", "redis", 6379, "-", 3, "-", "", "redis://redis:6379/3"},
    {"redis://redis/0?db=2", "", "-", "-", "redis", 6379, "-", 0, "-", "", "redis://redis:6379"},
    {"redis://redis?db=&username=&password=", "", "-", "-", "redis", 6379, "-", 0, "-", "",
     "redis://redis:6379"},
    {"redis://redis?username=app&password=" PW, "", "app", PW, "redis", 6379, "-", 0, "-", "",
     "redis://app@redis:6379"},
    {"redis://a:b@redis?username=app&password=" PW, "", "a", "b", "redis", 6379, "-", 0, "-", "",
     "redis://a@redis:6379"},
    {"redis://a:@redis?password=" PW, "", "a", PW, "redis", 6379, "-", 0, "-", "",
     "redis://a@redis:6379"},
    {"rediss://redis?ssl_ca_certs=/ca.pem", "tls", "-", "-", "redis", 6379, "-", 0, "/ca.pem", "",
     "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=none", "insecure", "-", "-", "redis", 6379, "-", 0, "-", "",
     "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=None", "insecure", "-", "-", "redis", 6379, "-", 0, "-", "",
     "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=required", "tls", "-", "-", "redis", 6379, "-", 0, "-", "",
     "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=none&ssl_cert_reqs=CERT_REQUIRED", "tls", "-", "-", "redis",
     6379, "-", 0, "-", "", "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=", "tls", "-", "-", "redis", 6379, "-", 0, "-", "",
     "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=Cert_None", "insecure", "-", "-", "redis", 6379, "-", 0, "-", "",
     "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=optional", "tls", "-", "-", "redis", 6379, "-", 0, "-", "",
     "rediss://redis:6379"},
    {"rediss://redis?ssl_cert_reqs=CERT_OPTIONAL", "tls", "-", "-", "redis", 6379, "-", 0, "-", "",
     "rediss://redis:6379"},
    {"redis://redis?ssl_cert_reqs=none", "", "-", "-", "redis", 6379, "-", 0, "-", "",
     "redis://redis:6379"},
    /* sockets */
    {"unix:///run/redis.sock", "", "-", "-", "-", 6379, "/run/redis.sock", 0, "-", "",
     "unix:///run/redis.sock"},
    {"unix:///run/redis.sock?db=2", "", "-", "-", "-", 6379, "/run/redis.sock", 2, "-", "",
     "unix:///run/redis.sock?db=2"},
    {"redis+unix:///run/re%20dis", "", "-", "-", "-", 6379, "/run/re dis", 0, "-", "",
     "unix:///run/re%20dis"},
    {"redis+socket:///run/redis.sock?virtual_host=0", "", "-", "-", "-", 6379, "/run/redis.sock", 0,
     "-", "virtual_host", "unix:///run/redis.sock"},
    {"redis-socket:///run/redis.sock", "", "-", "-", "-", 6379, "/run/redis.sock", 0, "-", "",
     "unix:///run/redis.sock"},
    {"unix:/run/redis.sock?db=2", "", "-", "-", "-", 6379, "/run/redis.sock", 2, "-", "",
     "unix:///run/redis.sock?db=2"},
    {"Redis+Socket:/run/redis.sock", "", "-", "-", "-", 6379, "/run/redis.sock", 0, "-", "",
     "unix:///run/redis.sock"},
    {"unix://:" PW "@/run/redis.sock", "", "-", PW, "-", 6379, "/run/redis.sock", 0, "-", "",
     "unix:///run/redis.sock"},
    {"unix://app:" PW "@/run/redis.sock", "", "app", PW, "-", 6379, "/run/redis.sock", 0, "-", "",
     "unix://app@/run/redis.sock"},
    {"unix:///run/redis.sock?password=" PW "&virtual_host=1", "", "-", PW, "-", 6379,
     "/run/redis.sock", 0, "-", "+1", "unix:///run/redis.sock"},
    /* what platforms and libraries set */
    /* Heroku, Celery */
    {"rediss://:" PW "@ec2-1-2-3-4.compute-1.amazonaws.com:17069/0?ssl_cert_reqs=CERT_NONE",
     "insecure", "-", PW, "ec2-1-2-3-4.compute-1.amazonaws.com", 17069, "-", 0, "-", "",
     "rediss://ec2-1-2-3-4.compute-1.amazonaws.com:17069"},
    /* Railway, ioredis */
    {"redis://default:" PW "@redis.railway.internal:6379?family=0", "", "default", PW,
     "redis.railway.internal", 6379, "-", 0, "-", "family",
     "redis://default@redis.railway.internal:6379"},
    {"redis://redis:6379?family=6&enableReadyCheck=false", "", "-", "-", "redis", 6379, "-", 0, "-",
     "family enableReadyCheck", "redis://redis:6379"},
    /* Upstash */
    {"rediss://default:" PW "@eu1-fit-cat-1.upstash.io:6379", "tls", "default", PW,
     "eu1-fit-cat-1.upstash.io", 6379, "-", 0, "-", "",
     "rediss://default@eu1-fit-cat-1.upstash.io:6379"},
    /* Aiven */
    {"valkeys://default:" PW "@valkey-x.aivencloud.com:21234", "tls", "default", PW,
     "valkey-x.aivencloud.com", 21234, "-", 0, "-", "",
     "rediss://default@valkey-x.aivencloud.com:21234"},
    /* ElastiCache */
    {"rediss://master.x.abc123.euc1.cache.amazonaws.com:6379", "tls", "-", "-",
     "master.x.abc123.euc1.cache.amazonaws.com", 6379, "-", 0, "-", "",
     "rediss://master.x.abc123.euc1.cache.amazonaws.com:6379"},
    /* redis-py */
    {"redis://redis:6379/1?socket_timeout=5&decode_responses=True&protocol=3", "", "-", "-",
     "redis", 6379, "-", 1, "-", "socket_timeout decode_responses protocol",
     "redis://redis:6379/1"},
    /* Symfony */
    {"redis://" PW "@redis:6379?timeout=5", "", PW, "-", "redis", 6379, "-", 0, "-", "timeout",
     "redis://redis:6379"},
    /* an unescaped "&" or "?" in a password */
    {"redis://redis?x=1&password=abc&" PW "=1", "", "-", "abc", "redis", 6379, "-", 0, "-", "x+1",
     "redis://redis:6379"},
};

START_TEST(url_is_read_as_its_writer_means_it)
{
    const struct row *row = &rows[_i];
    struct hp_redis_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    struct hp_buffer text;
    char storage[256];

    ck_assert_msg(hp_redis_target_parse(&target, row->text, NULL, "--redis", &ignored, &err),
                  "%s: %s", row->text, err.msg);
    ck_assert_uint_eq(err.len, 0);
    ck_assert_str_eq(tls_of(&target), row->tls);
    ck_assert_str_eq(shown(target.user), row->user);
    ck_assert_str_eq(shown(target.password), row->password);
    ck_assert_str_eq(shown(target.host), row->host);
    ck_assert_int_eq(target.port, row->port);
    ck_assert_str_eq(shown(target.socket), row->socket);
    ck_assert_uint_eq(target.database, row->database);
    ck_assert_str_eq(shown(target.ca_certs), row->ca_certs);
    show_names(&ignored, storage, sizeof(storage));
    ck_assert_str_eq(storage, row->ignored);

    hp_buffer_init(&text, storage, sizeof(storage));
    hp_redis_target_describe(&target, &text);
    ck_assert_str_eq(storage, row->described);
    ck_assert(!hp_unit_leaks(storage));
    hp_redis_target_release(&target);
    hp_redis_target_release(&target);
}
END_TEST

#define LONG_PATH                                                                                  \
    "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901" \
    "23456789"

static const struct {
    const char *text;
    const char *message; /* behind "--redis: " */
} refused[] = {
    {"", "not a URL: give redis://user:password@host:port/database or unix:///directory/file"},
    {PW, "not a URL"},
    {"redis:6379", "not a URL"},
    {":" PW "@redis:6379", "not a URL"},
    {"/run/" PW, "not a URL"},
    {"unix:run/" PW, "not a URL"},
    {"unix:", "not a URL"},
    {"unix:/", "the URL names no socket"},
    {"unix:/run/" PW "@x", CUT},
    {"redis:/run/" PW, "not a URL"},
    {"memcached://:" PW "@h", "memcached is not supported; leave redis out with --check http"},
    {"http://:" PW "@redis", "the scheme is not one of Redis: give redis://"},
    {"redis+tls://:" PW "@redis", "the scheme is not one of Redis"},
    {"redis-sentinel://:" PW "@a:26379,b:26379/mymaster", "Sentinel is not supported"},
    {"redis+sentinel://:" PW "@a:26379", "Sentinel is not supported"},
    {"sentinel://:" PW "@a:26379", "Sentinel is not supported"},
    {"sentinel:" PW, "Sentinel is not supported"},
    {"Redis-Sentinel:" PW, "Sentinel is not supported"},
    {"redis://:" PW "@a,b", "the URL has several hosts"},
    {"redis://:" PW "@a:1,b:2/0", "the URL has several hosts"},
    {"redis://", "the URL names no host"},
    {"redis:///0", "the URL names no host"},
    {"redis://:" PW "@:6379", "the URL names no host"},
    {"redis://:" PW "@a%2fb", "the host is not valid"},
    {"redis://:" PW "@a b", "the host is not valid"},
    {"redis://:" PW "@redis\n", "the host holds a control character"},
    {"redis://:" PW "@redis:0", "the port is not one of 1 to 65535"},
    {"redis://:" PW "@redis:6379\n", "the port is not a number"},
    {"redis://:" PW "@redis:70000", "the port is not one of 1 to 65535"},
    {"redis://:" PW "@redis:4294967376", "the port is not one of 1 to 65535"},
    {"redis://:" PW "@redis/x", "the database is not a number"},
    {"redis://:" PW "@redis/-1", "the database is not a number"},
    {"redis://:" PW "@redis/ 1", "the database is not a number"},
    {"redis://:" PW "@redis/1/", "the database is not a number"},
    {"redis://:" PW "@redis/1.5", "the database is not a number"},
    {"redis://:" PW "@redis/2147483648", "the database is not a number"},
    {"redis://:" PW "@redis/99999999999999999999999", "the database is not a number"},
    {"redis://:" PW "@redis?db=x", "the database is not a number"},
    {"redis://:" PW "@redis/1?db=x", "the database is not a number"},
    {"redis://:12/" PW "@redis/0", CUT},
    {"redis://x:12/" PW "@redis/0", CUT},
    {"redis://:" PW "/x@redis", CUT},
    {"redis://app:12?" PW "&x@redis", CUT},
    {"redis://app:12#" PW "@redis", CUT},
    {"redis://redis?username=v&password=" PW "@", CUT},
    {"redis://" PW "/x@redis", CUT},
    {"redis://app:x@" PW "/" PW "@redis", CUT},
    {"redis://app:x@" PW "?" PW "@redis", CUT},
    {"redis://app:x@" PW "#" PW "@redis", CUT},
    {"redis://app:x@redis/0#" PW, CUT},
    {"unix:///run/" PW "@x", CUT},
    {"unix://:x@/run/redis.sock#" PW, CUT},
    {"redis://:" PW "%00@redis", "the password holds an encoded NUL"},
    {"redis://redis?password=" PW "%00", "the query holds an encoded NUL"},
    {"unix://", "the URL names no socket: give unix:///directory/file"},
    {"unix:///", "the URL names no socket"},
    {"unix://run/" PW, "the URL names no socket"},
    {"unix://a,b/" PW, "the URL names no socket"},
    {"unix://:" PW "@h/run/redis", "the URL names no socket"},
    {"unix:///" LONG_PATH PW, "the socket has too long a path"},
    {"unix:///run/x?db=y", "the database is not a number"},
    {"rediss://redis?ssl_cert_reqs=" PW,
     "the parameter ssl_cert_reqs has to be none, optional or required"},
    {"rediss://redis?ssl_check_hostname=" PW, "the parameter ssl_check_hostname is not supported"},
    {"rediss://redis?ssl_certfile=" PW, "the parameter ssl_certfile is not supported"},
    {"redis://redis?tls=" PW, "the parameter tls is not supported"},
    {"redis://redis?password=x&ssl" PW "=1",
     "the parameter that begins with ssl or tls is not supported"},
};

START_TEST(wrong_url_is_told_by_its_field)
{
    struct hp_redis_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};

    ck_assert_msg(
        !hp_redis_target_parse(&target, refused[_i].text, NULL, "--redis", &ignored, &err), "%s",
        refused[_i].text);
    ck_assert_ptr_null(target.host);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_msg(strncmp(err.msg, "--redis: ", 9) == 0, "%s", err.msg);
    ck_assert_msg(strncmp(err.msg + 9, refused[_i].message, strlen(refused[_i].message)) == 0,
                  "%s: %s", refused[_i].text, err.msg);
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s", err.msg);
}
END_TEST

START_TEST(every_problem_is_told)
{
    struct hp_redis_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};

    ck_assert(!hp_redis_target_parse(&target, "redis:///x?tls=1&ssl_cert_reqs=y", NULL, "REDIS_URL",
                                     &ignored, &err));
    ck_assert_str_eq(err.msg,
                     "REDIS_URL: the URL names no host; "
                     "REDIS_URL: the database is not a number; "
                     "REDIS_URL: the parameter tls is not supported; "
                     "REDIS_URL: the parameter ssl_cert_reqs has to be none, optional or required");
}
END_TEST

START_TEST(user_is_shown_once_a_password_came_from_elsewhere)
{
    struct hp_redis_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    struct hp_buffer text;
    char storage[64];

    ck_assert(hp_redis_target_parse(&target, "redis://app@redis", NULL, "--redis", &ignored, &err));
    target.password = strdup(PW);
    hp_buffer_init(&text, storage, sizeof(storage));
    hp_redis_target_describe(&target, &text);
    ck_assert_str_eq(storage, "redis://app@redis:6379");
    hp_redis_target_release(&target);
}
END_TEST

START_TEST(description_that_does_not_fit_ends_in_dots)
{
    struct hp_redis_target target = {0};
    struct hp_names ignored = {0};
    struct hp_error err = {0};
    struct hp_buffer text;
    char storage[20];

    ck_assert(
        hp_redis_target_parse(&target, "unix:///run/a%01%02%03", NULL, "--redis", &ignored, &err));
    hp_buffer_init(&text, storage, sizeof(storage));
    hp_redis_target_describe(&target, &text);
    ck_assert_str_eq(storage, "unix:///run/a%01...");
    ck_assert(!text.overflow);
    hp_redis_target_release(&target);
}
END_TEST

START_TEST(nothing_to_release_is_fine)
{
    hp_redis_target_release(NULL);
    hp_redis_session_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redis_target");

    HP_UNIT_TABLE(suite, url_is_read_as_its_writer_means_it, rows);
    HP_UNIT_TABLE(suite, wrong_url_is_told_by_its_field, refused);
    HP_UNIT_CASE(suite, every_problem_is_told);
    HP_UNIT_CASE(suite, user_is_shown_once_a_password_came_from_elsewhere);
    HP_UNIT_CASE(suite, description_that_does_not_fit_ends_in_dots);
    HP_UNIT_CASE(suite, nothing_to_release_is_fine);
    return hp_unit_run(suite);
}
