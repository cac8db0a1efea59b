/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/response.h"

#include <stdio.h>
#include <string.h>

static struct hp_http_settings settings;
static const struct hp_http_target target = {
    .host = (char[]){"h"}, .port = 80, .path = (char[]){"/health?x=1"}, .path_len = 7};
static struct hp_attempt attempt;
static struct hp_http_response response;

/* The lines of @text one after the other, as libcurl gives them, until they were enough. */
static void feed(const char *text, bool may_follow)
{
    ck_assert(hp_status_set_parse(&settings.accepted, "200-299"));
    settings.follow = may_follow ? 1 : 0;
    settings.method = "GET";
    settings.target = target;
    hp_attempt_init(&attempt, NULL, hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S));
    hp_http_response_init(&response, &settings, &attempt, may_follow);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n") + 1;

        if (!hp_http_response_header(&response, text, len))
            break;
        text += len;
    }
    if (hp_attempt_decided(&attempt))
        hp_http_response_explain(&response);
}

static void release(void)
{
    hp_http_response_release(&response);
    hp_expectations_release(&settings.expectations);
    settings = (struct hp_http_settings){0};
}

#define OK  "HTTP/1.1 200 OK\r\n"
#define BAD "HTTP/1.1 503 bad\r\n"

static const struct {
    const char *text;
    int status; /* 0: the response is no HTTP */
} answers[] = {
    {OK "\r\n", 200},
    {BAD "\r\n", 503},
    {OK "A: b\r\n\r\n" BAD "\r\n", 200},
    /* interim answers are blocks of their own */
    {"HTTP/1.1 100 C\r\n\r\n" OK "\r\n", 200},
    {"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\r\nLink: x\r\n\r\n" BAD "\r\n", 503},
    /* a status line within a block is a header at best */
    {BAD "X: y\r\nHTTP/1.1 200 a:b\r\n\r\n", 503},
    {BAD "HTTP/1.1 200 a:b\r\n\r\n", 503},
    {OK "HTTP/1.1 503 a:b\r\n\r\n", 200},
    {"HTTP/1.1 100 C\r\nHTTP/1.1 200 a:b\r\n\r\n" BAD "\r\n", 503},
    {"HTTP/1.1 100 C\r\n\r\n" BAD "HTTP/1.1 200 a:b\r\n\r\n", 503},
    {"HTTP/1.1 101 S\r\nHTTP/1.1 200 a:b\r\n\r\n", 101},
    {BAD "HTTP/9 x:y\r\n\r\n", 503},
    /* nothing but a status line begins one */
    {"A: b\r\n" OK "\r\n", 0},
    {"\r\n" OK "\r\n", 0},
    {"HTTP/1.1 100 C\r\n\r\nA: b\r\n" OK "\r\n", 0},
    {"HTTP/1.1 2000 OK\r\n\r\n", 0},
};

START_TEST(status_line_begins_a_block_of_headers_and_stands_nowhere_else)
{
    int status = answers[_i].status;

    feed(answers[_i].text, false);
    ck_assert(hp_attempt_decided(&attempt));
    ck_assert_int_eq(attempt.result.status == HP_STATUS_UP, status == 200);
    ck_assert_int_eq(attempt.result.reason, status == 200 ? HP_REASON_NONE
                                            : status == 0 ? HP_REASON_PROTOCOL
                                                          : HP_REASON_STATUS);
    ck_assert_int_eq(attempt.result.http_status, status);
}
END_TEST

#define MOVED "HTTP/1.1 302 Found\r\n"

#define FOLLOW "follow it with --http-follow 1, or accept it with --http-status 302"
#define SLASH  "check that path, or give --http-follow 1"
#define HTTPS                                                                                      \
    "exempt the path in the service, check its https port, or give --http-header "                 \
    "'X-Forwarded-Proto: https'"

static const struct {
    const char *text;
    const char *next; /* where it leads; NULL: it is not a redirect */
    const char *to;   /* as the error shows it */
    const char *hint; /* where it is not to be followed */
} redirects[] = {
    {MOVED "Location: /x\r\n\r\n", "/x", ", redirects to /x", FOLLOW},
    {MOVED "Location:  ?next=s3cr3t-Zq9\r\n\r\n", "?next=s3cr3t-Zq9",
     ", redirects to the same path with another query", FOLLOW},
    {MOVED "Location: #s3cr3t-Zq9\r\n\r\n", "#s3cr3t-Zq9",
     ", redirects to an address that is not shown", FOLLOW},
    {MOVED "Location:\r\n\r\n", NULL, "", ""},
    {MOVED "\r\n", NULL, "", ""},
    {"HTTP/1.1 103 H\r\nLocation: /x\r\n\r\n" MOVED "\r\n", NULL, "", ""},
    /* what follows a false status line does not count */
    {MOVED "HTTP/1.1 302 a:b\r\nLocation: /x\r\n\r\n", NULL, "", ""},
    {MOVED "Location: /x\r\nHTTP/1.1 302 a:b\r\nLocation: /y\r\n\r\n", "/x", ", redirects to /x",
     FOLLOW},
    /* to the path with a slash, or to https */
    {MOVED "Location: /health/\r\n\r\n", "/health/", ", redirects to /health/", SLASH},
    {MOVED "Location: http://h:80/health/?x=1\r\n\r\n", "http://h:80/health/?x=1",
     ", redirects to http://h:80/health/", SLASH},
    {MOVED "Location: http://other/health/\r\n\r\n", "http://other/health/",
     ", redirects to http://other/health/", FOLLOW},
    {MOVED "Location: /healthy\r\n\r\n", "/healthy", ", redirects to /healthy", FOLLOW},
    {MOVED "Location: /healt/\r\n\r\n", "/healt/", ", redirects to /healt/", FOLLOW},
    {MOVED "Location: https://h/health\r\n\r\n", "https://h/health",
     ", redirects to https://h/health", HTTPS},
    {MOVED "Location: //h:80/x y\r\n\r\n", "//h:80/x y", ", redirects to //h:80/x y", FOLLOW},
    {MOVED "Location: ftp://h/\r\n\r\n", "ftp://h/", ", redirects to ftp://h/", FOLLOW},
};

START_TEST(redirect_is_followed_or_told)
{
    const char *next = redirects[_i].next;
    char error[HP_TEXT_MAX + 1];

    feed(redirects[_i].text, true);
    ck_assert_int_eq(response.redirected, next != NULL);
    ck_assert_int_eq(hp_attempt_decided(&attempt), next == NULL);
    if (next != NULL)
        ck_assert_str_eq(response.next, next);
    release();
    feed(redirects[_i].text, false);
    ck_assert(!response.redirected);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_STATUS);
    snprintf(error, sizeof error, "answered 302 Found%s", redirects[_i].to);
    ck_assert_str_eq(attempt.result.error.bytes, error);
    ck_assert_uint_eq(attempt.result.error_varies, 0);
    ck_assert_str_eq(attempt.result.hint.bytes, redirects[_i].hint);
    ck_assert(!hp_unit_leaks(attempt.result.error.bytes));
}
END_TEST

static const struct {
    const char *text;
    bool holds;
} expected[] = {
    {OK "X-Ready: yes\r\n\r\n", true},
    {OK "X-Ready: yes\r\nHTTP/1.1 200 a:b\r\nX-Ready: no\r\n\r\n", true},
    {OK "HTTP/1.1 200 a:b\r\nX-Ready: yes\r\n\r\n", false},
    {"HTTP/1.1 103 H\r\nX-Ready: yes\r\n\r\n" OK "\r\n", false},
};

START_TEST(expected_header_counts_before_a_false_status_line)
{
    const struct hp_option option = {.name = "http-expect-header"};
    const struct hp_option *const rows[HP_EXPECT_COUNT] = {[HP_EXPECT_HEADER] = &option};
    struct hp_value value = {.option = &option, .text = (char[]){"X-Ready: yes"}};
    const struct hp_values values = {.n = 1, .items = &value};
    struct hp_error err = {0};

    ck_assert(hp_expectations_read(&settings.expectations, &values, rows, &err));
    feed(expected[_i].text, false);
    ck_assert_int_eq(attempt.result.status == HP_STATUS_UP, expected[_i].holds);
}
END_TEST

/* --- the body ------------------------------------------------------------------------------ */

static void expect_in_body(struct hp_expectation wanted)
{
    settings.expectations.items = calloc(1, sizeof settings.expectations.items[0]);
    ck_assert_ptr_nonnull(settings.expectations.items);
    settings.expectations.items[0] = wanted;
    settings.expectations.n = 1;
}

/* @len bytes in pieces, until they were enough; how many were taken. */
static size_t feed_body(char byte, size_t len)
{
    char piece[512];
    size_t taken = 0;

    memset(piece, byte, sizeof piece);
    while (taken < len) {
        size_t more = len - taken < sizeof piece ? len - taken : sizeof piece;

        taken += more;
        if (!hp_http_response_body(&response, piece, more))
            break;
    }
    return taken;
}

static const struct {
    const char *body;
    bool ends;
    enum hp_status status;
} bodies[] = {
    {"it is up", true, HP_STATUS_UP},
    {"it is down", true, HP_STATUS_DOWN},
    {"", true, HP_STATUS_DOWN},
    {"it is up", false, HP_STATUS_UNKNOWN},
};

START_TEST(expected_body_is_judged_at_its_end)
{
    const char *body = bodies[_i].body;

    expect_in_body((struct hp_expectation){.kind = HP_EXPECT_CONTAINS, .text = "is up"});
    feed(OK "\r\n", false);
    ck_assert(!hp_attempt_decided(&attempt));
    ck_assert(hp_http_response_body(&response, body, strlen(body)));
    ck_assert(!hp_attempt_decided(&attempt));
    if (bodies[_i].ends)
        hp_http_response_end(&response);
    ck_assert_int_eq(attempt.result.status, bodies[_i].status);
    ck_assert_int_eq(attempt.result.http_status, bodies[_i].status != HP_STATUS_UNKNOWN ? 200 : 0);
}
END_TEST

static const struct {
    char byte; /* of which all of it is made */
    struct hp_expectation expected;
    const char *error;
} cut[] = {
    {'x', {.kind = HP_EXPECT_CONTAINS, .text = "xxx"}, ""},
    {'[',
     {.kind = HP_EXPECT_JSON, .text = "a=1", .key_len = 1, .wanted = "1"},
     "the JSON in the body does not end within 64 KiB"},
};

START_TEST(expected_body_is_judged_at_64_kib_without_an_end)
{
    expect_in_body(cut[_i].expected);
    feed(OK "\r\n", false);
    ck_assert_uint_eq(feed_body(cut[_i].byte, 65535), 65535);
    ck_assert(!hp_attempt_decided(&attempt));
    ck_assert(!hp_http_response_body(&response, &cut[_i].byte, 1));
    ck_assert(hp_attempt_decided(&attempt));
    ck_assert_str_eq(attempt.result.error.bytes, cut[_i].error);
}
END_TEST

START_TEST(body_of_a_refused_status_is_quoted_from_its_first_kib)
{
    char quoted[HP_TEXT_MAX + 1];

    feed(BAD "\r\n", false);
    ck_assert_uint_eq(feed_body('x', 65536), 1024);
    hp_http_response_explain(&response);
    snprintf(quoted, sizeof quoted, "%s", attempt.result.error.bytes);
    quoted[sizeof "answered 503 bad: xx" - 1] = '\0';
    ck_assert_str_eq(quoted, "answered 503 bad: xx");
    ck_assert_uint_eq(strlen(attempt.result.error.bytes) - attempt.result.error_varies,
                      strlen("answered 503 bad"));
    ck_assert_int_eq(attempt.result.reason, HP_REASON_STATUS);
}
END_TEST

#define HTTPS_PORT "<center>The plain HTTP request was sent to HTTPS port</center>"

static const struct {
    const char *headers;
    const char *body;
    bool ends;
    const char *error;
    size_t varies;
    const char *hint;
} refusals[] = {
    {BAD, "busy", true, "answered 503 bad: busy", 6, ""},
    {BAD, "", true, "answered 503 bad with no body", 13, ""},
    {BAD, "", false, "answered 503 bad", 0, ""},
    {"HTTP/1.1 503\r\n", "", false, "answered 503", 0, ""},
    {"HTTP/1.1 503 \t x\x01y \r\n", "", false, "answered 503 x\xEF\xBF\xBDy", 0, ""},
    {BAD, "\n <!doctype html>\n<title>no", true, "answered 503 bad with an HTML page", 18, ""},
    {BAD, "<html>" HTTPS_PORT, true, "answered 503 bad with an HTML page", 18, "use https://"},
    {BAD, "Client sent an HTTP request to an HTTPS server.\n", true,
     "answered 503 bad: Client sent an HTTP request to an HTTPS server.", 49, "use https://"},
    {BAD, "<problem/>", true, "answered 503 bad: <problem/>", 12, ""},
    {BAD, "<", true, "answered 503 bad: <", 3, ""},
    {BAD "Content-Encoding: gzip\r\n", "\x1f\x8b", true, "answered 503 bad with an encoded body",
     21, ""},
    {BAD "Content-Encoding: identity\r\n", "no", true, "answered 503 bad: no", 4, ""},
    /* only 301, 302, 303, 307 and 308 redirect */
    {BAD "Location: ?s3cr3t-Zq9\r\n", "no", true, "answered 503 bad: no", 4, ""},
};

/* Only the part of the body that is quoted varies. */
START_TEST(refused_status_says_what_the_server_said)
{
    feed(refusals[_i].headers, false);
    hp_http_response_header(&response, "\r\n", 2);
    hp_http_response_body(&response, refusals[_i].body, strlen(refusals[_i].body));
    if (refusals[_i].ends)
        hp_http_response_end(&response);
    hp_http_response_explain(&response);
    ck_assert_str_eq(attempt.result.error.bytes, refusals[_i].error);
    ck_assert_uint_eq(attempt.result.error_varies, refusals[_i].varies);
    ck_assert_str_eq(attempt.result.hint.bytes, refusals[_i].hint);
}
END_TEST

static const struct {
    const char *header;
    bool asked;
    const char *error; /* NULL: it is judged */
} encodings[] = {
    {"Content-Encoding: gzip\r\n", false, "the body is gzip-encoded, which was not requested"},
    {"content-encoding:br \r\n", false, "the body is br-encoded, which was not requested"},
    {"Content-Encoding: gzip\r\n", true, NULL},
    {"Content-Encoding: identity\r\n", false, NULL},
    {"Content-Encoding:\r\n", false, NULL},
};

START_TEST(body_in_an_encoding_that_was_not_requested_is_not_judged)
{
    char *lines[] = {(char[]){"Accept-Encoding: gzip"}};

    expect_in_body((struct hp_expectation){.kind = HP_EXPECT_CONTAINS, .text = "up"});
    settings.headers = (struct hp_http_headers){encodings[_i].asked, lines};
    feed(OK, false);
    hp_http_response_header(&response, encodings[_i].header, strlen(encodings[_i].header));
    ck_assert_int_eq(hp_http_response_header(&response, "\r\n", 2), encodings[_i].error == NULL);
    if (encodings[_i].error == NULL)
        return;
    ck_assert_int_eq(attempt.result.reason, HP_REASON_EXPECTATION);
    ck_assert_int_eq(attempt.result.http_status, 200);
    ck_assert_str_eq(attempt.result.error.bytes, encodings[_i].error);
}
END_TEST

static const struct {
    const char *text;
    int64_t least_ms;
    int64_t most_ms;
} waits[] = {
    {"HTTP/1.1 100 C\r\n\r\n", 500, 1000}, /* the attempt's own limit */
    {BAD "\r\n", 0, 100},
};

START_TEST(body_of_a_refused_status_is_worth_100_ms)
{
    int64_t left_ms;

    feed(waits[_i].text, false);
    left_ms = hp_deadline_left_ms(hp_http_response_deadline(&response));
    ck_assert_int_ge(left_ms, waits[_i].least_ms);
    ck_assert_int_le(left_ms, waits[_i].most_ms);
}
END_TEST

/* --- headers ------------------------------------------------------------------------------- */

static const struct {
    size_t bytes; /* with the status line */
    bool taken;
} sizes[] = {{65536, true}, {65537, false}};

START_TEST(headers_have_room_for_64_kib)
{
    static char line[65536];
    size_t len = sizes[_i].bytes - strlen(OK);

    memset(line, 'a', sizeof line);
    feed(OK, false);
    ck_assert_int_eq(hp_http_response_header(&response, line, len), sizes[_i].taken);
    ck_assert_int_eq(hp_attempt_decided(&attempt), !sizes[_i].taken);
    if (!sizes[_i].taken)
        ck_assert_str_eq(attempt.result.error.bytes, "the headers are longer than 64 KiB");
}
END_TEST

START_TEST(trailer_changes_nothing)
{
    static const char trailer[] = "HTTP/1.1 503 No\r\n";

    expect_in_body((struct hp_expectation){.kind = HP_EXPECT_CONTAINS, .text = "up"});
    feed(OK "\r\n", false);
    ck_assert(hp_http_response_body(&response, "up", 2));
    ck_assert(hp_http_response_header(&response, trailer, strlen(trailer)));
    ck_assert(hp_http_response_header(&response, "\r\n", 2));
    hp_http_response_end(&response);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_UP);
    ck_assert_int_eq(attempt.result.http_status, 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_response");

    HP_UNIT_TABLE_WITH(suite, status_line_begins_a_block_of_headers_and_stands_nowhere_else,
                       answers, NULL, release);
    HP_UNIT_TABLE_WITH(suite, redirect_is_followed_or_told, redirects, NULL, release);
    HP_UNIT_TABLE_WITH(suite, expected_header_counts_before_a_false_status_line, expected, NULL,
                       release);
    HP_UNIT_TABLE_WITH(suite, expected_body_is_judged_at_its_end, bodies, NULL, release);
    HP_UNIT_TABLE_WITH(suite, expected_body_is_judged_at_64_kib_without_an_end, cut, NULL, release);
    HP_UNIT_CASE_WITH(suite, body_of_a_refused_status_is_quoted_from_its_first_kib, NULL, release);
    HP_UNIT_TABLE_WITH(suite, refused_status_says_what_the_server_said, refusals, NULL, release);
    HP_UNIT_TABLE_WITH(suite, body_in_an_encoding_that_was_not_requested_is_not_judged, encodings,
                       NULL, release);
    HP_UNIT_TABLE_WITH(suite, body_of_a_refused_status_is_worth_100_ms, waits, NULL, release);
    HP_UNIT_TABLE_WITH(suite, headers_have_room_for_64_kib, sizes, NULL, release);
    HP_UNIT_CASE_WITH(suite, trailer_changes_nothing, NULL, release);
    return hp_unit_run(suite);
}
