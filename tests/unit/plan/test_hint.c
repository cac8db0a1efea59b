/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include <healthprobe/net/resolve.h>
#include <healthprobe/net/tls.h>

#include <stdio.h>
#include <string.h>

/* With the real kinds: what is hinted at for a result. */

static struct hp_plan plan;

static void release(void)
{
    hp_plan_release(&plan);
    release_values();
}

/* A check that was asked of @url, in mode full. */
static const struct hp_check *check_of(const char *kind, const char *url)
{
    char only[32];
    char target[256];

    snprintf(only, sizeof only, "--check=%s", kind);
    snprintf(target, sizeof target, "--%s=%s", kind, url);
    read_input(&(struct input){{"full", only, target}, {0}});
    hp_plan_begin(&plan, &selection, &values, &err);
    ck_assert_msg(hp_plan_build(&plan, &options, &selection, &values, &err), "%s", err.msg);
    return &plan.checks[0];
}

#define LOOPBACK "localhost is this container or pod; another service has its own name"
#define SSL      "TLS: wrong version number"
#define GONE     "the server closed the connection"
#define PATH     "the password looks like a path: write file:PATH"
#define NONE     "no password is configured: put it into the URL, or give "
#define USER     "; what precedes @ is taken as a user: write "
#define HOST     "does the service restrict Host? --http-header 'Host: NAME'"
#define HEALTHZ  "give the path of its health check, such as /healthz"
#define TRUST    "trust it with --"
#define SILENT   "the server may be overloaded or paused, or not be Postgres"

#define DOWN(word, ...)                                                                            \
    {                                                                                              \
        .reason = HP_REASON_##word, __VA_ARGS__                                                    \
    }
#define SAID(word, text) DOWN(word, .error = {text})
#define STATUS(number)   DOWN(STATUS, .http_status = number)

static const struct {
    const char *kind;
    const char *url;
    struct hp_result result;
    const char *hint;
} hints[] = {
    /* localhost, which all containers of a pod share */
    {"redis", "redis://localhost", DOWN(REFUSED), LOOPBACK},
    {"redis", "redis://127.0.0.2", DOWN(REFUSED), LOOPBACK},
    {"redis", "redis://[::1]", DOWN(REFUSED), LOOPBACK},
    {"redis", "redis://redis", DOWN(REFUSED), ""},
    {"redis", "redis://localhost", DOWN(UNREACHABLE), ""},
    {"redis", "unix:///none", DOWN(REFUSED), ""},
    {"database", "postgres://u@localhost", DOWN(REFUSED), LOOPBACK},
    {"database", "postgres://u@app.localhost", DOWN(REFUSED), LOOPBACK},
    {"database", "postgres://u@db", DOWN(REFUSED), ""},
    {"database", "postgres://u@localhost,db", DOWN(REFUSED), ""},
    {"database", "postgres://u@/d?host=/run", DOWN(REFUSED), ""},
    /* the port that is assumed */
    {"http", "/x", DOWN(REFUSED), "PORT is not set, so 3000 is assumed: set PORT or give :8080"},
    {"http", "/x", DOWN(UNREACHABLE), ""},
    {"http", ":3000/x", DOWN(REFUSED), ""},
    {"http", "http://localhost", DOWN(REFUSED), ""},
    /* TLS or not */
    {"redis", "redis://r", SAID(CLOSED, GONE), "if the port speaks TLS, use rediss://"},
    {"redis", "unix:///s", SAID(CLOSED, GONE), ""},
    {"redis", "redis://r", DOWN(TIMEOUT, .phase = HP_PHASE_RESPONSE), ""},
    {"database", "postgres://u@h", DOWN(TIMEOUT, .phase = HP_PHASE_LOGIN), SILENT},
    {"database", "postgres://u@h?sslmode=disable", DOWN(TIMEOUT, .phase = HP_PHASE_LOGIN), SILENT},
    {"database", "postgres://u@h", DOWN(TIMEOUT, .phase = HP_PHASE_CONNECT), ""},
    {"database", "postgres://u@h", DOWN(TIMEOUT, .phase = HP_PHASE_QUERY), ""},
    {"database", "postgres://u@h", DOWN(CLOSED, .phase = HP_PHASE_LOGIN), ""},
    {"http", "http://h", SAID(CLOSED, "Empty reply from server"),
     "if the port speaks TLS, use https://; it may also expect the PROXY protocol"},
    {"http", "http://h", SAID(CLOSED, GONE " before the body was complete"), ""},
    {"http", "http://h", SAID(PROTOCOL, "Received HTTP/0.9 when not allowed"),
     "the server may speak HTTP/2 alone (h2c), TLS, or not HTTP"},
    {"http", "http://h", SAID(PROTOCOL, "the status line is not valid"), ""},
    /* paths and hosts */
    {"http", "http://h", STATUS(404), HEALTHZ},
    {"http", "http://h/health", STATUS(404), ""},
    {"http", "http://h", STATUS(503), ""},
    {"http", "http://h/x", STATUS(400), HOST},
    {"http", "http://h/x", STATUS(403), HOST},
    {"http", "http://h/x", STATUS(401), ""},
    {"http", "http://h", DOWN(EXPECTATION, .http_status = 404), ""},
    {"http", "http://h",
     DOWN(STATUS, .http_status = 404, .error = {"redirected to http://i/: answered 404"}), ""},
    /* passwords */
    {"redis", "redis://r", DOWN(AUTH, .code = "NOAUTH"), NONE "--redis-password file:PATH"},
    {"redis", "redis://:@r", DOWN(AUTH, .code = "NOAUTH"), NONE "--redis-password file:PATH"},
    {"redis", "redis://secret@r", DOWN(AUTH, .code = "NOAUTH"),
     NONE "--redis-password file:PATH" USER "redis://:PASSWORD@HOST"},
    {"redis", "redis://r", DOWN(AUTH, .code = "NOPERM"), ""},
    {"redis", "redis://secret@r", DOWN(AUTH, .code = "NOPERM"), ""},
    {"redis", "redis://user:secret@r", DOWN(AUTH, .code = "NOAUTH"), ""},
    {"redis", "redis://:%2Frun%2Fx@r", DOWN(AUTH, .code = "WRONGPASS"), PATH},
    {"redis", "redis://:run@r", DOWN(AUTH, .code = "WRONGPASS"), ""},
    {"redis", "redis://:%2Frun%2Fx@r", DOWN(LOADING), ""},
    {"database", "postgres://u@h", SAID(AUTH, "the server asks for a password"),
     NONE "--database-password file:PATH"},
    {"database", "postgres://u@h", SAID(AUTH, "role \"u\" does not exist"), ""},
    {"database", "postgres://u:%2Frun@h", DOWN(AUTH, .code = "28P01"), PATH},
    {"database", "postgres://u:run@h", DOWN(AUTH, .code = "28P01"), ""},
    /* given even where the error is not; the first one holds */
    {"http", "http://h", DOWN(STATUS, .http_status = 404, .error = {HP_WITHHELD}), HEALTHZ},
    {"redis", "redis://localhost", DOWN(REFUSED, .hint = {"first"}), "first"},
};

START_TEST(mistake_that_a_result_looks_like_is_hinted_at)
{
    struct hp_result result = hints[_i].result;

    result.status = HP_STATUS_DOWN;
    hp_check_explain(check_of(hints[_i].kind, hints[_i].url), &result);
    ck_assert_str_eq(result.hint.bytes, hints[_i].hint);
    ck_assert_int_eq(result.reason, hints[_i].result.reason);
    ck_assert_int_eq(result.status, HP_STATUS_DOWN);
}
END_TEST

#define UNTRUSTED     "certificate verify failed: self-signed certificate"
#define UNKNOWN       "unable to get local issuer certificate"
#define MISMATCH      "certificate verify failed: hostname mismatch"
#define CUT           DOWN(CLOSED, .phase_ns = {[HP_PHASE_CONNECT] = 1, [HP_PHASE_TLS] = 1})
#define CUT_IN(phase) DOWN(CLOSED, .phase_ns = {[HP_PHASE_TLS] = 1, [HP_PHASE_##phase] = 1})
#define LATE          DOWN(TIMEOUT, .phase = HP_PHASE_TLS)

static const struct {
    const char *kind;
    const char *url;
    struct hp_result result;
    const char *hint;
} tls_hints[] = {
    {"database", "postgres://u@h?sslmode=require",
     SAID(TLS, "server does not support SSL, but SSL was required"),
     "turn it on there, or take sslmode=prefer or disable"},
    {"database", "postgres://u@h?sslmode=require", SAID(TLS, "certificate verify failed"), ""},
    {"database", "postgres://u@h?sslmode=verify-full", SAID(TLS, UNTRUSTED),
     TRUST "database-ca FILE"},
    {"database", "postgres://u@h?sslmode=verify-full", SAID(TLS, MISMATCH),
     "use the certificate's name in the URL"},
    {"database", "postgres://u@h", DOWN(TLS, .code = "08P01"),
     "this server wants TLS: put sslmode=require into the URL"},
    {"database", "postgres://u@h", LATE, SILENT},
    {"database", "postgres://u@h?sslmode=prefer", LATE, SILENT},
    {"database", "postgres://u@h?sslmode=allow", LATE, SILENT},
    {"database", "postgres://u@h?sslmode=require", LATE, SILENT " with TLS"},
    {"database", "postgres://u@h?sslmode=verify-full", LATE, SILENT " with TLS"},
    {"database", "postgres://u@h?sslmode=require", DOWN(TIMEOUT, .phase = HP_PHASE_LOGIN), SILENT},
    {"database", "postgres://u@h", SAID(TLS, SSL), ""},
    {"redis", "rediss://secret@r", DOWN(AUTH, .code = "NOAUTH"),
     NONE "--redis-password file:PATH" USER "rediss://:PASSWORD@HOST"},
    {"redis", "rediss://r", SAID(TLS, SSL), "the port answers without TLS: use redis://"},
    {"redis", "rediss://r", LATE, "if the port speaks no TLS, use redis://"},
    {"redis", "rediss://r", DOWN(TIMEOUT, .phase = HP_PHASE_CONNECT), ""},
    {"redis", "rediss://r", CUT, "if the port speaks no TLS, use redis://"},
    {"redis", "rediss://r", CUT_IN(LOGIN), ""},
    {"redis", "rediss://r", CUT_IN(RESPONSE), ""},
    {"redis", "rediss://r", SAID(CLOSED, GONE), ""},
    {"redis", "rediss://r", SAID(TLS, UNTRUSTED),
     TRUST "redis-ca FILE, or skip verification with --redis-insecure"},
    {"redis", "rediss://r", SAID(TLS, MISMATCH), "use the certificate's name in the URL"},
    {"http", "https://h", SAID(TLS, SSL), "the port answers without TLS: use http://"},
    {"http", "https://h", LATE, "if the port speaks no TLS, use http://"},
    {"http", "https://h", SAID(TLS, UNTRUSTED),
     TRUST "http-ca FILE, or skip verification with --http-insecure"},
    {"http", "https://h", SAID(TLS, UNKNOWN),
     TRUST "http-ca FILE, or skip verification with --http-insecure"},
    {"http", "https://h", SAID(TLS, MISMATCH),
     "use the certificate's name in the URL, and --http-connect HOST:PORT"},
    {"http", "https://h", SAID(TLS, "certificate has expired"), ""},
    {"http", "https://h", CUT,
     "if the port speaks no TLS, use http://; it may also expect the PROXY protocol"},
    {"http", "https://h", CUT_IN(RESPONSE), ""},
    {"http", "https://h", SAID(CLOSED, "Empty reply from server"), ""},
};

START_TEST(mistake_with_tls_is_hinted_at)
{
    struct hp_result result = tls_hints[_i].result;

    if (!hp_tls_available())
        return;
    result.status = HP_STATUS_DOWN;
    hp_check_explain(check_of(tls_hints[_i].kind, tls_hints[_i].url), &result);
    ck_assert_str_eq(result.hint.bytes, tls_hints[_i].hint);
}
END_TEST

START_TEST(what_is_up_has_no_hint)
{
    struct hp_result result = {.status = HP_STATUS_UP, .http_status = 404};

    hp_check_explain(check_of("http", "http://h"), &result);
    ck_assert_str_eq(result.hint.bytes, "");
}
END_TEST

static const struct {
    const char *host;
    bool loopback;
} hosts[] = {
    {"localhost", true},
    {"LOCALHOST.", true},
    {"app.localhost", true},
    {"127.0.0.1", true},
    {"127.9.9.9", true},
    {"::1", true},
    {"128.0.0.1", false},
    {"10.0.0.1", false},
    {"::2", false},
    {"notlocalhost", false},
    {"localhost.example", false},
    {"127.0.0.1.example", false},
    {"", false},
};

START_TEST(loopback_is_told_by_name_and_literal)
{
    ck_assert(hp_host_is_loopback(hosts[_i].host) == hosts[_i].loopback);
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1, release)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table), release)

int main(void)
{
    Suite *suite = suite_create("hint");

    TABLE(suite, mistake_that_a_result_looks_like_is_hinted_at, hints);
    TABLE(suite, mistake_with_tls_is_hinted_at, tls_hints);
    CASE(suite, what_is_up_has_no_hint);
    TABLE(suite, loopback_is_told_by_name_and_literal, hosts);
    return hp_unit_run(suite);
}
