/* SPDX-License-Identifier: MIT */
#include "response.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "header.h"

/*
 * The verdict falls with the final status line and headers, since a body may
 * never end; with expectations of the body, at its end or at 64 KiB.
 */

/* All header lines together, 1xx included. */
#define HEADERS_MAX 65536

/* For the body of a refused answer this long is waited. */
#define EXCERPT_WAIT_NS (100 * HP_NS_PER_MS)

void hp_http_answer_init(struct hp_http_answer *ret, const struct hp_http_settings *settings,
                         struct hp_attempt *attempt, bool may_follow)
{
    *ret =
        (struct hp_http_answer){.settings = settings, .attempt = attempt, .may_follow = may_follow};
}

void hp_http_answer_release(struct hp_http_answer *answer)
{
    free(answer->next);
    free(answer->headers);
    free(answer->body);
    *answer = (struct hp_http_answer){0};
}

static bool no_memory(struct hp_http_answer *answer)
{
    hp_attempt_no_memory(answer->attempt);
    return false;
}

static void take_up(struct hp_http_answer *answer)
{
    struct hp_attempt *attempt = answer->attempt;

    hp_attempt_up(attempt);
    if (attempt->result.status == HP_STATUS_UP)
        attempt->result.http_status = answer->status;
}

static void judge_all(struct hp_http_answer *answer)
{
    const struct hp_seen seen = {
        .headers = answer->headers,
        .headers_len = answer->headers_len,
        .body = answer->body,
        .body_len = answer->body_len,
        .body_cut = answer->body_len == HP_BODY_MAX,
    };

    if (hp_expectations_hold(&answer->settings->expectations, &seen, answer->attempt))
        take_up(answer);
    else if (answer->attempt->result.reason == HP_REASON_EXPECTATION)
        answer->attempt->result.http_status = answer->status;
}

/* The status is accepted. False: nothing more is wanted of the peer. */
static bool judge_accepted(struct hp_http_answer *answer)
{
    if (!hp_expectations_want_body(&answer->settings->expectations)) {
        judge_all(answer);
        return false;
    }
    answer->body = malloc(HP_BODY_MAX + 1);
    return answer->body != NULL || no_memory(answer);
}

static void refuse(struct hp_http_answer *answer)
{
    struct hp_attempt *attempt = answer->attempt;

    attempt->result.http_status = answer->status;
    hp_attempt_down(attempt, HP_REASON_STATUS, hp_untrusted_of(""));
    answer->excerpt_deadline =
        hp_deadline_min(attempt->deadline, hp_deadline_at(hp_clock_now_ns(), EXCERPT_WAIT_NS));
}

static bool has_location(const struct hp_http_answer *answer)
{
    return answer->location[0] != '\0';
}

static bool is_redirect(const struct hp_http_answer *answer)
{
    switch (answer->status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return has_location(answer);
    default:
        return false;
    }
}

/* The final headers are here. False: nothing more is wanted of the peer. */
static bool judge_headers(struct hp_http_answer *answer)
{
    int status = answer->status;

    if (status >= 100 && status < 200 && status != 101)
        return true;
    answer->has_headers = true;
    answer->redirected = answer->may_follow && is_redirect(answer);
    if (answer->redirected)
        return false;
    if (hp_status_set_has(&answer->settings->accepted, status) &&
        (answer->settings->follow == 0 || !is_redirect(answer)))
        return judge_accepted(answer);
    refuse(answer);
    return !has_location(answer);
}

/* Of "?query" alone nothing is left to show, and it is a redirect all the same. */
static void show_location(struct hp_http_answer *answer, const char *value, size_t len)
{
    hp_http_location_shown(answer->location, sizeof answer->location, value, len);
    if (answer->location[0] == '\0' && len > 0 && value[0] != '\r' && value[0] != '\n')
        snprintf(answer->location, sizeof answer->location, "%s",
                 value[0] == '?' ? "the same path with another query"
                                 : "an address that is not shown");
}

static bool keep_location(struct hp_http_answer *answer, const char *line, size_t len)
{
    static const char name[] = "location";
    size_t start = sizeof name;

    if (!hp_http_header_is(line, len, name))
        return true;
    while (start < len && (line[start] == ' ' || line[start] == '\t'))
        start++;
    answer->location_withheld =
        answer->is_hidden ||
        hp_secrets_found(answer->attempt->secrets,
                         (struct hp_untrusted){line + start, len - start, false});
    show_location(answer, line + start, len - start);
    if (!answer->may_follow)
        return true;
    free(answer->next);
    answer->next = strndup(line + start, len - start);
    if (answer->next == NULL)
        return no_memory(answer);
    answer->next[strcspn(answer->next, "\r\n")] = '\0';
    return true;
}

static bool keep_header(struct hp_http_answer *answer, const char *line, size_t len)
{
    if (!hp_expectations_want_headers(&answer->settings->expectations))
        return true;
    if (answer->headers == NULL)
        answer->headers = malloc(HEADERS_MAX);
    if (answer->headers == NULL)
        return no_memory(answer);
    memcpy(answer->headers + answer->headers_len, line, len);
    answer->headers_len += len;
    return true;
}

static bool take_status_line(struct hp_http_answer *answer, const char *line, size_t len)
{
    answer->in_block = true;
    answer->misplaced = false;
    answer->location[0] = '\0';
    answer->location_withheld = false;
    answer->headers_len = 0;
    /* libcurl takes three digits of a longer number. */
    if (!hp_http_status_line_valid(line, len)) {
        hp_attempt_down(answer->attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("the status line is not valid"));
        return false;
    }
    answer->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    return true;
}

bool hp_http_answer_header(struct hp_http_answer *answer, const char *line, size_t len)
{
    bool blank = len > 0 && len <= 2 && line[len - 1] == '\n' && (len == 1 || line[0] == '\r');

    answer->header_bytes += len;
    if (answer->header_bytes > HEADERS_MAX) {
        hp_attempt_down(answer->attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("the headers are longer than 64 KiB"));
        return false;
    }
    if (answer->has_headers || hp_attempt_decided(answer->attempt))
        return true;
    if (!answer->in_block)
        return take_status_line(answer, line, len);
    if (blank) {
        answer->in_block = false;
        return judge_headers(answer);
    }
    answer->misplaced = answer->misplaced || (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0);
    return answer->misplaced ||
           (keep_location(answer, line, len) && keep_header(answer, line, len));
}

static bool take_excerpt(struct hp_http_answer *answer, const char *bytes, size_t len)
{
    size_t room = sizeof answer->excerpt - answer->excerpt_len;

    memcpy(answer->excerpt + answer->excerpt_len, bytes, len < room ? len : room);
    answer->excerpt_len += len < room ? len : room;
    return len < room;
}

bool hp_http_answer_body(struct hp_http_answer *answer, const char *bytes, size_t len)
{
    size_t room = HP_BODY_MAX - answer->body_len;

    if (answer->body == NULL)
        return take_excerpt(answer, bytes, len);
    memcpy(answer->body + answer->body_len, bytes, len < room ? len : room);
    answer->body_len += len < room ? len : room;
    if (answer->body_len == HP_BODY_MAX)
        judge_all(answer);
    return answer->body_len < HP_BODY_MAX;
}

void hp_http_answer_end(struct hp_http_answer *answer)
{
    if (answer->body != NULL && !hp_attempt_decided(answer->attempt))
        judge_all(answer);
}

struct hp_deadline hp_http_answer_deadline(const struct hp_http_answer *answer)
{
    return hp_attempt_decided(answer->attempt) ? answer->excerpt_deadline
                                               : answer->attempt->deadline;
}

/* What is wrong with a redirect that was not followed. */
static void explain_redirect(struct hp_http_answer *answer)
{
    const char *why = "accept the status with --http-status";
    char text[sizeof answer->location + 128];

    if (is_redirect(answer))
        why = answer->settings->follow > 0
                  ? "that is one more than --http-follow allows"
                  : "follow it with --http-follow, or accept the status with --http-status";
    snprintf(text, sizeof text, "redirects to %s; %s", answer->location, why);
    hp_attempt_explain(answer->attempt, hp_untrusted_of(text));
}

void hp_http_answer_explain(struct hp_http_answer *answer)
{
    if (answer->attempt->result.reason != HP_REASON_STATUS)
        return;
    if (answer->location_withheld)
        hp_attempt_explain(answer->attempt, hp_untrusted_of(HP_WITHHELD));
    else if (answer->location[0] != '\0')
        explain_redirect(answer);
    else
        hp_attempt_explain(answer->attempt,
                           (struct hp_untrusted){answer->excerpt, answer->excerpt_len, true});
}
