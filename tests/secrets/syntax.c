/* SPDX-License-Identifier: MIT */
#include "syntax.h"

#include "common.h"
#include "search.h"

#define CORE FIRST_HALF SECOND_HALF

#define DATABASE(url)                                                                              \
    {                                                                                              \
        .args = { "--check", "database", "--database", url }                                       \
    }
#define PING(url)                                                                                  \
    {                                                                                              \
        .args = { "--check=database", "--database-level", "ping", "--database", url }              \
    }
#define REDIS(url)                                                                                 \
    {                                                                                              \
        .args = { "--check", "redis", "--redis", url }                                             \
    }
#define HTTP(url)                                                                                  \
    {                                                                                              \
        .args = { "--http", url }                                                                  \
    }
#define FLAG(...)                                                                                  \
    {                                                                                              \
        .args = { __VA_ARGS__ }                                                                    \
    }
#define VARIABLE(text)                                                                             \
    {                                                                                              \
        .args = {"full"}, .env = { text }                                                          \
    }

/* All of them are refused before any connection, so their hosts are never looked up. */
const struct syntax_case syntax_cases[] = {
    /* A password that was not encoded, cut at each place where a URL can be cut. */
    DATABASE("postgres://u:12/" CORE "@h.invalid/db"),
    DATABASE("postgres://u:12?" CORE "@h.invalid/db"),
    DATABASE("postgres://u:12#" CORE "@h.invalid/db"),
    DATABASE("postgres://u:" CORE "/x@h.invalid/db"),
    DATABASE("postgres://u:" CORE "?x@h.invalid/db"),
    DATABASE("postgres://u:" CORE "#x@h.invalid/db"),
    DATABASE("postgres://u:12/x?" CORE "@h.invalid/db"),
    DATABASE("postgres://u:12?sslx=" CORE "@h.invalid/db"),
    DATABASE("postgres://u:12?ssl" CORE "@h.invalid/db"),
    DATABASE("postgres://u:p@[" CORE "/db"),
    DATABASE("postgres://u:" CORE "%00@h.invalid/db"),
    DATABASE("postgres://u:p@h.invalid:" CORE "/db"),
    DATABASE("postgres://u:p@h.invalid:1" CORE "/db"),
    DATABASE("postgres://u:p@h.invalid:1,:" CORE "/db"),
    DATABASE("postgres://u:p@[::1" CORE "]/db"),
    DATABASE("postgres://u:p@[::1]" CORE "/db"),
    DATABASE("postgres://u:p@[fe80::1%" CORE "/]:1/db"),
    PING("postgres://u:12/" CORE "@h.invalid/db"),
    PING("postgres://u:" CORE "/@h.invalid/db"),
    /* A second "@", followed by more text. */
    DATABASE("postgres://app:Xk@" CORE "/BBBB@db/app"),
    DATABASE("postgres://app:Xk@AAAA/" CORE "@db/app"),
    DATABASE("postgres://app:Xk@AAAA?" CORE "@db/app"),
    DATABASE("postgres://app:Xk@AAAA#" CORE "@db/app"),
    DATABASE("postgres://app:p@h.invalid/db#" CORE),
    PING("postgres://app:123/" CORE "@db/app"),
    PING("postgres://app:123#" CORE "@db/app"),
    PING("postgres://:Xk@" CORE "?x@db/app"),
    DATABASE("jdbc:postgresql://h.invalid/db?user=u&password=12#" CORE "@x"),
    REDIS("redis://default:6379?" CORE "@host"),
    REDIS("redis://default:6379#" CORE "@host"),
    REDIS("redis://default:6379/0?" CORE "@host"),
    REDIS("redis://:Xk@" CORE "?BBBB@host"),
    REDIS("redis://:p@h.invalid/0#" CORE),
    HTTP("http://app:Xk@" CORE "/BBBB@h.invalid/"),
    HTTP("http://app:Xk@AAAA/" CORE "@h.invalid/"),
    HTTP("http://app:Xk@AAAA?" CORE "@h.invalid/"),
    HTTP("http://app@" CORE "#BBBB@h.invalid/"),
    HTTP("a=http://app:p@h.invalid/#" CORE),
    /* Wrong kinds of URLs. */
    DATABASE("postgrse://u:" CORE "@h.invalid/db"),
    DATABASE(CORE "://u:p@h.invalid/db"),
    DATABASE("postgres:/u:" CORE "@h.invalid/db"),
    DATABASE("postgres:u:" CORE "@h.invalid/db"),
    DATABASE("//u:" CORE "@h.invalid/db"),
    DATABASE("u:" CORE "@h.invalid/db"),
    DATABASE(CORE),
    DATABASE("host=h.invalid user=u password=" CORE),
    DATABASE("password='" CORE "' host=h.invalid"),
    DATABASE("postgres://u:" CORE "@/db"),
    DATABASE("postgres://:" CORE "@h.invalid/db"),
    DATABASE("jdbc:postgresql:db?user=u&password=" CORE),
    DATABASE("jdbc:mysql://h.invalid/db?user=u&password=" CORE),
    DATABASE("jdbc:postgresql://h.invalid/db?password=" CORE),
    DATABASE("https://u:" CORE "@h.invalid/db"),
    DATABASE("postgres://u:${" CORE "}@h.invalid/db"),
    DATABASE("${" CORE "}"),
    DATABASE("$" CORE),
    /* Parameters. */
    DATABASE("postgres://u@h.invalid/db?password=" CORE "%00"),
    DATABASE("postgres://u:p@h.invalid/db?sslmode=" CORE),
    DATABASE("postgres://u:p@h.invalid/db?ssl=" CORE),
    DATABASE("postgres://u:p@h.invalid/db?port=" CORE),
    DATABASE("postgres://u@h.invalid/db?password=a&ssl" CORE "=1"),
    DATABASE("postgres://u@h.invalid/db?password=a&tls" CORE),
    DATABASE("postgres://u@h.invalid/db?sslpassword=a&ssl" CORE),
    DATABASE("postgres://u@h.invalid/db?password=a&" CORE "&sslmode=b"),
    REDIS("redis://:12/" CORE "@h.invalid"),
    REDIS("redis://:" CORE "/x@h.invalid"),
    REDIS("redis://:" CORE "?x@h.invalid"),
    REDIS("redis://:" CORE "#x@h.invalid"),
    REDIS("redis://u:12?" CORE "@h.invalid&db=x"),
    REDIS("redis://u:12?ssl" CORE "@h.invalid"),
    REDIS("redis://:" CORE),
    REDIS("redis://:" CORE "@"),
    REDIS("redis://:" CORE "@h.invalid:x"),
    REDIS("redis://:" CORE "@h.invalid/x"),
    REDIS("redis://:p@h.invalid/" CORE),
    REDIS("redis://h.invalid?db=" CORE),
    REDIS("redis://h.invalid?password=a&ssl" CORE),
    REDIS("redis://h.invalid?password=" CORE "&db=x"),
    REDIS("rediss://:p@h.invalid?ssl_cert_reqs=" CORE),
    REDIS("redis-sentinel://:" CORE "@h.invalid/x"),
    REDIS("redis://:" CORE "@a.invalid,b.invalid"),
    REDIS("unix://:" CORE "@h.invalid/folder"),
    REDIS("redis:/:" CORE "@h.invalid"),
    REDIS(":" CORE "@h.invalid"),
    REDIS("redis://:" CORE "@[::1"),
    REDIS(CORE),
    HTTP("http://u:" CORE "/x@h.invalid/"),
    HTTP("http://u:" CORE "?x@h.invalid/"),
    HTTP("http://u:" CORE "#x@h.invalid/"),
    HTTP("http://u:" CORE "@h.invalid:0/"),
    HTTP("http://u:p@h.invalid:" CORE "/"),
    HTTP("http://u:" CORE "@/"),
    HTTP("htp://u:" CORE "@h.invalid/"),
    HTTP("http:/u:" CORE "@h.invalid/"),
    HTTP("u:" CORE "@h.invalid/"),
    HTTP(":" CORE "@h.invalid"),
    HTTP(":80" CORE),
    HTTP(CORE),
    HTTP("http://h.invalid/?token=" CORE " x"),
    HTTP("http://u:" CORE "@h.invalid/a b"),
    HTTP("http://u:" CORE "@a.invalid,b.invalid/"),
    HTTP("http://u:" CORE "@h\"x/"),
    HTTP("http://u:${" CORE "}@h.invalid/"),
    /* Names, and text that could be taken for one. */
    DATABASE(CORE "="),
    DATABASE(CORE "==postgres://u@h.invalid/db"),
    DATABASE("a=" CORE),
    DATABASE("a=" CORE "=postgres://u@h.invalid/db"),
    DATABASE("a=postgres://u:12/" CORE "@h.invalid/db"),
    DATABASE("a=$" CORE),
    DATABASE("a=env:" CORE "-x"),
    DATABASE("a=file:" CORE),
    DATABASE("password=" CORE " host=h.invalid"),
    DATABASE("A" CORE "=postgres://u@h.invalid/db"),
    REDIS("a=redis://:" CORE "@h.invalid/x"),
    HTTP("a=:" CORE),
    HTTP("a=http://u:" CORE "@h.invalid:0/"),
    HTTP(CORE CORE CORE "=:80"),
    FLAG("--http", "a=:1", "--http", "a=http://u:" CORE "@h.invalid/"),
    FLAG("--optional", CORE),
    FLAG("--tolerate", CORE),
    FLAG("--http-slow", CORE),
    FLAG("--exit-codes", CORE),
    VARIABLE("HEALTHPROBE_DATABASE=a=postgres://u:12/" CORE "@h.invalid/db\n" CORE),
    VARIABLE("HEALTHPROBE_EXIT_CODES=" CORE),
    /* Other values. */
    FLAG("--timeout", CORE),
    FLAG("--check=" CORE),
    FLAG("--format", CORE),
    FLAG("--verbose=" CORE),
    FLAG("--http-status", CORE),
    FLAG("--http-method", "A " CORE),
    FLAG("--http-header", CORE),
    FLAG("--http-header", "X Token: " CORE),
    FLAG("--http-header", "X-Token: env:" CORE "-x"),
    FLAG("--http-header", "X-Token: file:" CORE),
    FLAG("--http-header", "X-Token: " CORE "\001"),
    FLAG("--http-connect", "u:" CORE "@h.invalid:1"),
    FLAG("--http-connect", CORE),
    FLAG("--http-unix", CORE),
    FLAG("--http-timeout", CORE),
    FLAG("--ca", CORE, "--http", "https://h.invalid"),
    FLAG("--http", "env:" CORE "-x"),
    FLAG("--http", "file:" CORE),
    FLAG("--check=database", "--database", "postgres://u@h.invalid", "--database-level", CORE),
    FLAG("--check=database", "--database", "postgres://u:p@h.invalid", "--database-password", CORE),
    FLAG("--check=database", "--database-password", CORE),
    FLAG("--check=redis", "--redis", "redis://:p@h.invalid", "--redis-password", CORE),
    FLAG("--check=redis", "--redis-password", "file:" CORE, "--redis", "redis://h.invalid"),
    FLAG("live", "--redis-password", CORE),
    FLAG("--check=heartbeat", "--heartbeat", "redis://:" CORE "@h.invalid"),
    FLAG("--check=heartbeat", "--heartbeat", "a=file:" CORE),
    FLAG("--check=heartbeat", "--heartbeat", "{env:" CORE "}"),
    FLAG("--check=heartbeat", "--heartbeat", "/" CORE, "--heartbeat-age", CORE),
    /* Misplaced words. */
    FLAG(CORE),
    FLAG("full", CORE),
    FLAG("--", CORE),
    FLAG("-p" CORE),
    FLAG("--" CORE),
    FLAG("--databse", "postgres://u:" CORE "@h.invalid/db"),
    FLAG("--databse=postgres://u:" CORE "@h.invalid/db"),
    FLAG("--database-pasword=" CORE),
    FLAG("--check=redis", "--redis", "redis://:" CORE "@h.invalid", "--redis", "redis://h.invalid"),
    FLAG("postgres://u:" CORE "@h.invalid/db"),
    /* Variables. */
    VARIABLE("DATABASE_URL=" CORE),
    VARIABLE("DATABASE_URL_FILE=postgres://u:" CORE "@h.invalid/db"),
    VARIABLE("REDIS_URL=redis://:" CORE "@h.invalid:x"),
    VARIABLE("REDIS_URL_FILE=" CORE),
    VARIABLE("HEALTHPROBE_DATABASE=env:" CORE "-x"),
    VARIABLE("HEALTHPROBE_DATABASE_FILE=" CORE),
    VARIABLE("HEALTHPROBE_DATABASE_PASSWORD_FILE=" CORE),
    VARIABLE("HEALTHPROBE_HEARTBEAT=" CORE "\n" CORE),
    VARIABLE("HEALTHPROBE_HTTP_HEADER=" CORE),
    VARIABLE("HEALTHPROBE_HTTP_HEADER_FILE=" CORE),
    VARIABLE("HEALTHPROBE_CHECK=" CORE),
    VARIABLE("HEALTHPROBE_VERBOSE=" CORE),
    VARIABLE("HEALTHPROBE_TIMEOUT=" CORE),
    VARIABLE("HEALTHPROBE_FORMAT=" CORE),
    VARIABLE("PORT=" CORE),
};

const int syntax_case_count = HPT_COUNT(syntax_cases);
