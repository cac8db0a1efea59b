/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/response.h"

#include <stdio.h>
#include <string.h>

static struct hp_http_settings settings;
static struct hp_attempt attempt;
static struct hp_http_answer answer;

/* The lines of @text one after the other, as libcurl gives them, until they were enough. */
static void feed(const char *text, bool may_follow)
{
    ck_assert(hp_status_set_parse(&settings.accepted, "200-299"));
    settings.follow = may_follow ? 1 : 0;
    hp_attempt_init(&attempt, NULL, hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S));
    hp_http_answer_init(&answer, &settings, &attempt, may_follow);
    while (*text != '\0') {
        size_t len = strcspn(text, "\n") + 1;

        if (!hp_http_answer_header(&answer, text, len))
            break;
        text += len;
    }
    if (hp_attempt_decided(&attempt))
        hp_http_answer_explain(&answer);
}

static void release(void)
{
    hp_http_answer_release(&answer);
    hp_expectations_release(&settings.expectations);
    settings = (struct hp_http_settings){0};
}

#define OK  "HTTP/1.1 200 OK\r\n"
#define BAD "HTTP/1.1 503 bad\r\n"

static const struct {
    const char *text;
    int status; /* 0: the answer is no HTTP */
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
    ck_assert_int_eq(answer.redirected, next != NULL);
    ck_assert_int_eq(hp_attempt_decided(&attempt), next == NULL);
    if (next != NULL)
        ck_assert_str_eq(answer.next, next);
    release();
    feed(redirects[_i].text, false);
    ck_assert(!answer.redirected);
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

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, NULL, release);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("http_response");

    TABLE(suite, status_line_begins_a_block_of_headers_and_stands_nowhere_else, answers);
    TABLE(suite, redirect_is_followed_or_told, redirects);
    TABLE(suite, expected_header_counts_before_a_false_status_line, expected);
    return hp_unit_run(suite);
}
