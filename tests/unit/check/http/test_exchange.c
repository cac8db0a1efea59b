/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The peer is the other end of a pair of sockets. It has spoken before libcurl sends a request. */

static struct hp_http_settings settings;
static struct hp_attempt attempt;
static struct hp_http_response response;
static struct hp_http_exchange exchange;
static int peer = -1;

static char host[] = "example.test";
static char path[] = "/health?x=1";
static const struct hp_http_target target = {
    .host = host, .port = 8080, .path = path, .path_len = 7};

/* Send a request to a peer that says @said, and closes its end if @ends. Takes at most @limit_ms.
 */
static void run(const struct hp_http_request *request, const char *said, bool ends,
                int64_t limit_ms)
{
    int ends_of_pair[2];

    ck_assert_int_eq(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends_of_pair), 0);
    peer = ends_of_pair[0];
    ck_assert_int_eq(write(peer, said, strlen(said)), (ssize_t)strlen(said));
    if (ends)
        shutdown(peer, SHUT_WR);
    ck_assert(hp_status_set_parse(&settings.accepted, "200-299"));
    settings.method = "GET";
    settings.target = target;
    hp_attempt_init(&attempt, NULL, hp_deadline_at(hp_clock_now_ns(), limit_ms * HP_NS_PER_MS));
    hp_http_response_init(&response, &settings, &attempt, settings.follow > 0);
    hp_http_exchange_run(&exchange, request, ends_of_pair[1], &response);
}

/* What the peer has got so far. */
static const char *received(void)
{
    static char text[4096];
    ssize_t len = read(peer, text, sizeof text - 1);

    text[len > 0 ? len : 0] = '\0';
    return text;
}

static void release(void)
{
    hp_http_exchange_release(&exchange);
    hp_http_response_release(&response);
    hp_expectations_release(&settings.expectations);
    settings = (struct hp_http_settings){0};
    exchange = (struct hp_http_exchange){0};
    if (peer >= 0)
        close(peer);
    peer = -1;
}

/* --- what is sent -------------------------------------------------------------------------- */

#define OK "HTTP/1.1 200 OK\r\n\r\n"

static const struct {
    const char *method;
    const char *body;
    const char *headers[4];
    const char *sent;
} requests[] = {
    {"GET",
     NULL,
     {"Accept: */*"},
     "GET /health?x=1 HTTP/1.1\r\nHost: example.test:8080\r\nAccept: */*\r\n\r\n"},
    {"HEAD",
     NULL,
     {"Accept: */*"},
     "HEAD /health?x=1 HTTP/1.1\r\nHost: example.test:8080\r\nAccept: */*\r\n\r\n"},
    {"OPTIONS",
     NULL,
     {"Accept: */*"},
     "OPTIONS /health?x=1 HTTP/1.1\r\nHost: example.test:8080\r\nAccept: */*\r\n\r\n"},
    {"GET",
     NULL,
     {"Accept: */*", "Host: other.test", "X-Twice: a", "X-Twice: b"},
     "GET /health?x=1 HTTP/1.1\r\nHost: other.test\r\nAccept: */*\r\nX-Twice: a\r\nX-Twice: b\r\n"
     "\r\n"},
    /* libcurl would leave a header without a value out */
    {"GET",
     NULL,
     {"Accept: */*", "X-Empty:", "X-Blank: \t"},
     "GET /health?x=1 HTTP/1.1\r\nHost: example.test:8080\r\nAccept: "
     "*/*\r\nX-Empty:\r\nX-Blank:\r\n"
     "\r\n"},
    /* a body has the type that is given, and none otherwise */
    {"POST",
     "{}",
     {"Accept: */*"},
     "POST /health?x=1 HTTP/1.1\r\nHost: example.test:8080\r\nAccept: */*\r\nContent-Length: 2\r\n"
     "\r\n{}"},
    {"POST",
     "{}",
     {"Accept: */*", "content-type: application/json"},
     "POST /health?x=1 HTTP/1.1\r\nHost: example.test:8080\r\nAccept: */*\r\n"
     "content-type: application/json\r\nContent-Length: 2\r\n\r\n{}"},
    {"PUT",
     "",
     {"Accept: */*"},
     "PUT /health?x=1 HTTP/1.1\r\nHost: example.test:8080\r\nAccept: */*\r\nContent-Length: 0\r\n"
     "\r\n"},
};

static void run_row(size_t row)
{
    char *lines[4];
    struct hp_http_headers headers = {.lines = lines};
    struct hp_http_request request = {.target = &target,
                                      .headers = &headers,
                                      .method = requests[row].method,
                                      .body = requests[row].body};

    for (; headers.n < 4 && requests[row].headers[headers.n] != NULL; headers.n++)
        lines[headers.n] = strdup(requests[row].headers[headers.n]);
    run(&request, OK, true, 5000);
    while (headers.n > 0)
        free(lines[--headers.n]);
}

START_TEST(request_has_the_given_method_headers_and_body_and_nothing_else)
{
    run_row((size_t)_i);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_UP);
    ck_assert_str_eq(received(), requests[_i].sent);
}
END_TEST

START_TEST(path_is_sent_as_it_stands)
{
    static char odd_path[] = "/a/../b/./c//d?q=%7e";
    static const struct hp_http_target odd = {.host = host, .port = 80, .path = odd_path};
    static const struct hp_http_headers none = {0};
    struct hp_http_request request = {.target = &odd, .headers = &none, .method = "GET"};

    run(&request, OK, true, 5000);
    ck_assert_ptr_nonnull(strstr(received(), "GET /a/../b/./c//d?q=%7e HTTP/1.1\r\n"));
}
END_TEST

/* --- what comes of it ---------------------------------------------------------------------- */

static const struct hp_http_headers no_headers = {0};
static const struct hp_http_request get = {
    .target = &target, .headers = &no_headers, .method = "GET"};

static const struct {
    const char *said;
    enum hp_reason reason; /* HP_REASON_NONE: up */
    int status;
    const char *error; /* NULL: libcurl's words */
} answers[] = {
    {OK, HP_REASON_NONE, 200, ""},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n", HP_REASON_NONE, 204, ""},
    {"HTTP/1.0 200 OK\r\n\r\nand more", HP_REASON_NONE, 200, ""},
    {"HTTP/1.1 503 No\r\n\r\npool is empty", HP_REASON_STATUS, 503,
     "answered 503 No: pool is empty"},
    {"HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nbusy", HP_REASON_STATUS, 503,
     "answered 503 No: busy"},
    {"HTTP/1.1 302 Go\r\nLocation: /x\r\n\r\n", HP_REASON_STATUS, 302,
     "answered 302 Go, redirects to /x"},
    {"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", HP_REASON_STATUS, 503,
     "answered 503 with no body"},
    {"", HP_REASON_CLOSED, 0, NULL},
    {"HTTP/1.1 200 OK\r\nA: b\r\n", HP_REASON_CLOSED, 0,
     "the server closed the connection before its headers were complete"},
    {"SSH-2.0-OpenSSH_9.2\r\n", HP_REASON_PROTOCOL, 0, NULL},
    {"HTTP/1.1 2000 OK\r\n\r\n", HP_REASON_PROTOCOL, 0, "the status line is not valid"},
    {"HTTP/1.1 100 Continue\r\n\r\n", HP_REASON_CLOSED, 0, NULL},
};

START_TEST(response_or_its_lack_gives_the_verdict)
{
    run(&get, answers[_i].said, true, 5000);
    ck_assert_int_eq(attempt.result.reason, answers[_i].reason);
    ck_assert_int_eq(attempt.result.status,
                     answers[_i].reason == HP_REASON_NONE ? HP_STATUS_UP : HP_STATUS_DOWN);
    ck_assert_int_eq(attempt.result.http_status, answers[_i].status);
    ck_assert_int_eq(attempt.result.phase_ns[HP_PHASE_TLS], 0);
    if (answers[_i].error != NULL)
        ck_assert_str_eq(attempt.result.error.bytes, answers[_i].error);
    else
        ck_assert_str_ne(attempt.result.error.bytes, "");
}
END_TEST

START_TEST(expected_body_is_judged_when_the_peer_is_done)
{
    settings.expectations.items = calloc(1, sizeof settings.expectations.items[0]);
    ck_assert_ptr_nonnull(settings.expectations.items);
    settings.expectations.items[0] =
        (struct hp_expectation){.kind = HP_EXPECT_CONTAINS, .text = "up"};
    settings.expectations.n = 1;
    run(&get, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nis up", false, 5000);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_UP);
}
END_TEST

static int64_t waited_ms(const char *said, int64_t limit_ms)
{
    int64_t began_ns = hp_clock_now_ns();

    run(&get, said, false, limit_ms);
    return (hp_clock_now_ns() - began_ns) / HP_NS_PER_MS;
}

START_TEST(accepted_status_is_not_kept_waiting_by_a_body)
{
    ck_assert_int_lt(waited_ms("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 20000), 10000);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_UP);
}
END_TEST

START_TEST(body_of_a_refused_status_is_waited_for_shortly)
{
    int64_t ms = waited_ms("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nhalf", 20000);

    ck_assert_int_ge(ms, 100);
    ck_assert_int_lt(ms, 10000);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_STATUS);
    ck_assert_str_eq(attempt.result.error.bytes, "answered 500 No: half");
}
END_TEST

static const char *const unfinished[] = {"", "HTTP/1.1 200 OK\r\nA: b\r\n",
                                         "HTTP/1.1 100 C\r\n\r\n"};

START_TEST(peer_that_does_not_finish_is_a_timeout_of_the_response)
{
    ck_assert_int_ge(waited_ms(unfinished[_i], 60), 59);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(attempt.result.phase, HP_PHASE_RESPONSE);
}
END_TEST

START_TEST(redirect_that_may_be_followed_is_no_verdict)
{
    settings.follow = 1;
    run(&get, "HTTP/1.1 302 Go\r\nLocation: /x\r\n\r\n", true, 5000);
    ck_assert(!hp_attempt_decided(&attempt));
    ck_assert(response.redirected);
    ck_assert_str_eq(response.next, "/x");
}
END_TEST

static const struct {
    const char *said;
    enum hp_reason reason;
} not_tls[] = {
    {"HTTP/1.1 400 Bad Request\r\n\r\n", HP_REASON_TLS},
    /* who leaves in the middle of a handshake did not say anything about TLS */
    {"", HP_REASON_CLOSED},
    {"\x15\x03\x01", HP_REASON_CLOSED},
};

START_TEST(peer_that_does_not_speak_tls_gets_no_request)
{
    static const struct hp_http_target secure = {
        .tls = true, .host = host, .port = 443, .path = path};
    static const struct hp_tls_settings tls = {.server_name = host, .insecure = true};
    struct hp_http_request request = get;

    if (!hp_tls_available())
        return;
    request.target = &secure;
    request.tls = &tls;
    run(&request, not_tls[_i].said, true, 5000);
    ck_assert_int_eq(attempt.result.reason, not_tls[_i].reason);
    ck_assert_ptr_null(strstr(received(), "GET"));
}
END_TEST

START_TEST(socket_is_closed_with_the_exchange)
{
    char byte;

    run(&get, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", false, 5000);
    ck_assert_int_eq(exchange.fd, -1);
    hp_http_exchange_release(&exchange);
    received();
    ck_assert_int_eq(read(peer, &byte, 1), 0);
}
END_TEST

START_TEST(socket_that_libcurl_does_not_take_is_closed_too)
{
    static char bad_host[] = "no host";
    static const struct hp_http_target bad = {.host = bad_host, .port = 80, .path = path};
    struct hp_http_request request = get;
    char byte;

    request.target = &bad;
    run(&request, "", false, 5000);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_PROTOCOL);
    ck_assert_int_ge(exchange.fd, 0);
    hp_http_exchange_release(&exchange);
    ck_assert_int_eq(read(peer, &byte, 1), 0);
}
END_TEST

START_TEST(exchange_that_never_began_closes_nothing)
{
    hp_http_exchange_release(&exchange);
    ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_exchange");

    HP_UNIT_TABLE_WITH(suite, request_has_the_given_method_headers_and_body_and_nothing_else,
                       requests, NULL, release);
    HP_UNIT_CASE_WITH(suite, path_is_sent_as_it_stands, NULL, release);
    HP_UNIT_TABLE_WITH(suite, response_or_its_lack_gives_the_verdict, answers, NULL, release);
    HP_UNIT_CASE_WITH(suite, expected_body_is_judged_when_the_peer_is_done, NULL, release);
    HP_UNIT_CASE_WITH(suite, accepted_status_is_not_kept_waiting_by_a_body, NULL, release);
    HP_UNIT_CASE_WITH(suite, body_of_a_refused_status_is_waited_for_shortly, NULL, release);
    HP_UNIT_TABLE_WITH(suite, peer_that_does_not_finish_is_a_timeout_of_the_response, unfinished,
                       NULL, release);
    HP_UNIT_CASE_WITH(suite, redirect_that_may_be_followed_is_no_verdict, NULL, release);
    HP_UNIT_TABLE_WITH(suite, peer_that_does_not_speak_tls_gets_no_request, not_tls, NULL, release);
    HP_UNIT_CASE_WITH(suite, socket_is_closed_with_the_exchange, NULL, release);
    HP_UNIT_CASE_WITH(suite, socket_that_libcurl_does_not_take_is_closed_too, NULL, release);
    HP_UNIT_CASE_WITH(suite, exchange_that_never_began_closes_nothing, NULL, release);
    return hp_unit_run(suite);
}
