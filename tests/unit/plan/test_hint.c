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

#define LOOPBACK  "localhost is this container itself; in a compose network use the service's name"
#define NGINX_400 "<title>400 The plain HTTP request was sent to HTTPS port</title>"
#define SSL_ERROR "TLS: wrong version number"
#define CLOSED    "the server closed the connection"

static const struct {
    const char *kind;
    const char *url;
    struct hp_result result;
    const char *hint;
} hints[] = {
    /* a container's own loopback */
    {"redis", "redis://localhost", {.reason = HP_REASON_REFUSED, .error = {"Refused"}}, LOOPBACK},
    {"redis", "redis://127.0.0.2", {.reason = HP_REASON_REFUSED, .error = {"Refused"}}, LOOPBACK},
    {"redis", "redis://[::1]", {.reason = HP_REASON_REFUSED, .error = {"Refused"}}, LOOPBACK},
    {"redis", "redis://redis", {.reason = HP_REASON_REFUSED, .error = {"Refused"}}, ""},
    {"redis", "redis://localhost", {.reason = HP_REASON_UNREACHABLE, .error = {"x"}}, ""},
    {"redis", "unix:///none", {.reason = HP_REASON_REFUSED, .error = {"Refused"}}, ""},
    {"database",
     "postgres://u@localhost",
     {.reason = HP_REASON_REFUSED, .error = {"Refused"}},
     LOOPBACK},
    {"database",
     "postgres://u@app.localhost",
     {.reason = HP_REASON_REFUSED, .error = {"R"}},
     LOOPBACK},
    {"database", "postgres://u@db", {.reason = HP_REASON_REFUSED, .error = {"Refused"}}, ""},
    {"database", "postgres://u@localhost,db", {.reason = HP_REASON_REFUSED, .error = {"x"}}, ""},
    {"database", "postgres://u@/d?host=/run", {.reason = HP_REASON_REFUSED, .error = {"x"}}, ""},
    {"http", "http://localhost", {.reason = HP_REASON_REFUSED, .error = {"Refused"}}, ""},
    /* TLS or not */
    {"redis",
     "redis://r",
     {.reason = HP_REASON_CLOSED, .error = {CLOSED}},
     "if the port has TLS, use rediss://"},
    {"redis", "unix:///s", {.reason = HP_REASON_CLOSED, .error = {CLOSED}}, ""},
    {"redis", "redis://r", {.reason = HP_REASON_TIMEOUT, .phase = HP_PHASE_RESPONSE}, ""},
    {"http",
     "http://h",
     {.reason = HP_REASON_STATUS, .http_status = 400, .error = {NGINX_400}},
     "use https://"},
    {"http",
     "http://h",
     {.reason = HP_REASON_STATUS,
      .http_status = 400,
      .error = {"Client sent an HTTP request to an HTTPS server."}},
     "use https://"},
    {"http", "http://h", {.reason = HP_REASON_STATUS, .http_status = 400, .error = {"bad"}}, ""},
    /* paths */
    {"http",
     "http://h",
     {.reason = HP_REASON_STATUS, .http_status = 404, .error = {"no"}},
     "/health is this mode's path: give another with --http /path"},
    {"http",
     "/health",
     {.reason = HP_REASON_STATUS, .http_status = 404},
     "/health is this mode's path: give another with --http /path"},
    {"http",
     "/x",
     {.reason = HP_REASON_STATUS, .http_status = 404, .error = {"no"}},
     "a URL without a path asks /health in this mode"},
    {"http", "/x", {.reason = HP_REASON_STATUS, .http_status = 403, .error = {"no"}}, ""},
    {"http",
     "/x",
     {.reason = HP_REASON_STATUS, .http_status = 404, .error = {HP_WITHHELD}},
     "a URL without a path asks /health in this mode"},
    /* The first one holds. */
    {"redis", "redis://localhost", {.reason = HP_REASON_REFUSED, .hint = {"first"}}, "first"},
};

START_TEST(mistake_that_a_result_looks_like_is_hinted_at)
{
    struct hp_result result = hints[_i].result;

    result.status = HP_STATUS_DOWN;
    hp_check_explain(check_of(hints[_i].kind, hints[_i].url), 1, &result);
    ck_assert_str_eq(result.hint.bytes, hints[_i].hint);
    ck_assert_int_eq(result.reason, hints[_i].result.reason);
    ck_assert_int_eq(result.status, HP_STATUS_DOWN);
}
END_TEST

static const struct {
    const char *kind;
    const char *url;
    struct hp_result result;
    const char *hint;
} tls_hints[] = {
    {"database",
     "postgres://u@h?sslmode=require",
     {.reason = HP_REASON_TLS, .error = {"server does not support SSL, but SSL was required"}},
     "turn it on there, or take sslmode=prefer or disable"},
    {"database",
     "postgres://u@h?sslmode=require",
     {.reason = HP_REASON_TLS, .error = {"certificate verify failed"}},
     ""},
    {"redis",
     "rediss://r",
     {.reason = HP_REASON_TLS, .error = {SSL_ERROR}},
     "the port answers without TLS: use redis://"},
    {"redis",
     "rediss://r",
     {.reason = HP_REASON_TIMEOUT, .phase = HP_PHASE_TLS},
     "no answer to TLS; if the port has none, use redis://"},
    {"redis", "rediss://r", {.reason = HP_REASON_TIMEOUT, .phase = HP_PHASE_CONNECT}, ""},
    {"redis", "rediss://r", {.reason = HP_REASON_CLOSED, .error = {CLOSED}}, ""},
    {"http",
     "https://h",
     {.reason = HP_REASON_TLS, .error = {SSL_ERROR}},
     "the port answers without TLS: use http://"},
    {"http",
     "https://h",
     {.reason = HP_REASON_STATUS, .http_status = 400, .error = {NGINX_400}},
     ""},
};

START_TEST(mistake_with_tls_is_hinted_at)
{
    struct hp_result result = tls_hints[_i].result;

    if (!hp_tls_available())
        return;
    result.status = HP_STATUS_DOWN;
    hp_check_explain(check_of(tls_hints[_i].kind, tls_hints[_i].url), 1, &result);
    ck_assert_str_eq(result.hint.bytes, tls_hints[_i].hint);
}
END_TEST

START_TEST(what_is_up_has_no_hint)
{
    struct hp_result result = {.status = HP_STATUS_UP, .http_status = 404};

    hp_check_explain(check_of("http", "http://h"), 1, &result);
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
