/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/response.h"

#include <stdio.h>
#include <string.h>

static struct hp_http_settings settings;
static struct hp_attempt attempt;
static struct hp_http_response response;

/* The lines of @text one after the other, as libcurl gives them, until they were enough. */
static void feed(const char *text, bool may_follow)
{
    ck_assert(hp_status_set_parse(&settings.accepted, "200-299"));
    settings.follow = may_follow ? 1 : 0;
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

static const struct {
    const char *text;
    const char *next;  /* where it leads; NULL: it is no redirect */
    const char *error; /* where it is not to be followed */
} redirects[] = {
    {MOVED "Location: /x\r\n\r\n", "/x",
     "redirects to /x; follow it with --http-follow, or accept the status with --http-status"},
    {MOVED "Location:  ?next=s3cr3t-Zq9\r\n\r\n", "?next=s3cr3t-Zq9",
     "redirects to the same path with another query; follow it with --http-follow, or accept the "
     "status with --http-status"},
    {MOVED "Location: #s3cr3t-Zq9\r\n\r\n", "#s3cr3t-Zq9",
     "redirects to an address that is not shown; follow it with --http-follow, or accept the "
     "status with --http-status"},
    {BAD "Location: ?s3cr3t-Zq9\r\n\r\n", NULL,
     "redirects to the same path with another query; accept the status with --http-status"},
    {MOVED "Location:\r\n\r\n", NULL, ""},
    {MOVED "\r\n", NULL, ""},
    {"HTTP/1.1 103 H\r\nLocation: /x\r\n\r\n" MOVED "\r\n", NULL, ""},
    /* what follows a false status line does not count */
    {MOVED "HTTP/1.1 302 a:b\r\nLocation: /x\r\n\r\n", NULL, ""},
    {MOVED "Location: /x\r\nHTTP/1.1 302 a:b\r\nLocation: /y\r\n\r\n", "/x",
     "redirects to /x; follow it with --http-follow, or accept the status with --http-status"},
};

START_TEST(redirect_is_followed_or_told)
{
    const char *next = redirects[_i].next;

    feed(redirects[_i].text, true);
    ck_assert_int_eq(response.redirected, next != NULL);
    ck_assert_int_eq(hp_attempt_decided(&attempt), next == NULL);
    if (next != NULL)
        ck_assert_str_eq(response.next, next);
    release();
    feed(redirects[_i].text, false);
    ck_assert(!response.redirected);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_STATUS);
    ck_assert_str_eq(attempt.result.error.bytes, redirects[_i].error);
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
    quoted[8] = '\0';
    ck_assert_str_eq(quoted, "xxxxxxxx");
    ck_assert_int_eq(attempt.result.reason, HP_REASON_STATUS);
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
    HP_UNIT_TABLE_WITH(suite, body_of_a_refused_status_is_worth_100_ms, waits, NULL, release);
    HP_UNIT_TABLE_WITH(suite, headers_have_room_for_64_kib, sizes, NULL, release);
    HP_UNIT_CASE_WITH(suite, trailer_changes_nothing, NULL, release);
    return hp_unit_run(suite);
}
