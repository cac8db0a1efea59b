/* SPDX-License-Identifier: MIT */
#include "http_answer.h"

#include <healthprobe/http_header.h>

#include <stdio.h>
#include <string.h>

/* The verdict falls with the final status line and headers: a body may never end. */

/* All header lines together, 1xx included. */
#define HEADERS_MAX 65536

/* For the body of a refused answer this long is waited. */
#define EXCERPT_WAIT_NS (100 * HP_NS_PER_MS)

/* The final headers are here. False: nothing more is wanted of the peer. */
static bool judge_headers(struct hp_http_answer *answer)
{
    struct hp_attempt *attempt = answer->attempt;
    int status = answer->status;

    if (status >= 100 && status < 200 && status != 101)
        return true;
    if (hp_status_set_has(&answer->settings->accepted, status)) {
        hp_attempt_up(attempt);
        if (attempt->result.status == HP_STATUS_UP)
            attempt->result.http_status = status;
        return false;
    }
    attempt->result.http_status = status;
    hp_attempt_down(attempt, HP_REASON_STATUS, hp_untrusted_of(""));
    answer->excerpt_deadline =
        hp_deadline_min(attempt->deadline, hp_deadline_at(hp_clock_now_ns(), EXCERPT_WAIT_NS));
    return answer->location[0] == '\0' && !answer->location_withheld;
}

static void keep_location(struct hp_http_answer *answer, const char *line, size_t len)
{
    static const char name[] = "location";
    size_t start = sizeof name;

    if (!hp_http_header_is(line, len, name))
        return;
    while (start < len && (line[start] == ' ' || line[start] == '\t'))
        start++;
    answer->location_withheld = hp_secrets_found(
        answer->attempt->check->secrets, (struct hp_untrusted){line + start, len - start, false});
    hp_http_location_shown(answer->location, sizeof answer->location, line + start, len - start);
}

static bool take_status_line(struct hp_http_answer *answer, const char *line, size_t len)
{
    answer->location[0] = '\0';
    answer->location_withheld = false;
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
    if (hp_attempt_decided(answer->attempt)) /* a trailer */
        return true;
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
        return take_status_line(answer, line, len);
    keep_location(answer, line, len);
    return !blank || judge_headers(answer);
}

bool hp_http_answer_body(struct hp_http_answer *answer, const char *bytes, size_t len)
{
    size_t room = sizeof answer->excerpt - answer->excerpt_len;

    memcpy(answer->excerpt + answer->excerpt_len, bytes, len < room ? len : room);
    answer->excerpt_len += len < room ? len : room;
    return len < room;
}

struct hp_deadline hp_http_answer_deadline(const struct hp_http_answer *answer)
{
    return hp_attempt_decided(answer->attempt) ? answer->excerpt_deadline
                                               : answer->attempt->deadline;
}

void hp_http_answer_explain(struct hp_http_answer *answer)
{
    char text[sizeof answer->location + 128];

    if (answer->attempt->result.reason != HP_REASON_STATUS)
        return;
    if (answer->location_withheld) {
        hp_attempt_explain(answer->attempt, hp_untrusted_of("(withheld)"));
        return;
    }
    if (answer->location[0] == '\0') {
        hp_attempt_explain(answer->attempt,
                           (struct hp_untrusted){answer->excerpt, answer->excerpt_len, true});
        return;
    }
    snprintf(text, sizeof text,
             "redirects to %s; check that URL, or accept the status with "
             "--http-status",
             answer->location);
    hp_attempt_explain(answer->attempt, hp_untrusted_of(text));
}
