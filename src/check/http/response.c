/* SPDX-License-Identifier: MIT */
#include "response.h"

#include <healthprobe/base/span.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "header.h"
#include "redirect.h"

/*
 * The verdict falls with the final status line and headers, since a body may
 * never end; with expectations of the body, at its end or at 64 KiB.
 */

/* All header lines together, 1xx included. */
#define HEADERS_MAX 65536

/* How long to wait for the body of a refused response. */
#define EXCERPT_WAIT_NS (100 * HP_NS_PER_MS)

void hp_http_response_init(struct hp_http_response *ret, const struct hp_http_settings *settings,
                           struct hp_attempt *attempt, bool may_follow)
{
    *ret = (struct hp_http_response){
        .settings = settings, .attempt = attempt, .may_follow = may_follow};
}

void hp_http_response_release(struct hp_http_response *response)
{
    free(response->next);
    free(response->headers);
    free(response->body);
    *response = (struct hp_http_response){0};
}

static bool no_memory(struct hp_http_response *response)
{
    hp_attempt_no_memory(response->attempt);
    return false;
}

static void take_up(struct hp_http_response *response)
{
    struct hp_attempt *attempt = response->attempt;

    hp_attempt_up(attempt);
    if (attempt->result.status == HP_STATUS_UP)
        attempt->result.http_status = response->status;
}

static void judge_all(struct hp_http_response *response)
{
    const struct hp_seen seen = {
        .headers = response->headers,
        .headers_len = response->headers_len,
        .body = response->body,
        .body_len = response->body_len,
        .body_cut = response->body_len == HP_BODY_MAX,
    };

    if (hp_expectations_hold(&response->settings->expectations, &seen, response->attempt))
        take_up(response);
    else if (response->attempt->result.reason == HP_REASON_EXPECTATION)
        response->attempt->result.http_status = response->status;
}

/* The body that was requested is judged as it arrives. */
static bool is_encoded(const struct hp_http_response *response)
{
    return response->encoding.bytes[0] != '\0' &&
           !hp_http_headers_have(&response->settings->headers, "Accept-Encoding");
}

/* The status is accepted. False: nothing more is wanted of the peer. */
static bool judge_accepted(struct hp_http_response *response)
{
    if (!hp_expectations_want_body(&response->settings->expectations)) {
        judge_all(response);
        return false;
    }
    if (is_encoded(response)) {
        hp_attempt_down_format(response->attempt, HP_REASON_EXPECTATION,
                               "the body is %.32s-encoded, which was not requested",
                               response->encoding.bytes);
        response->attempt->result.http_status = response->status;
        return false;
    }
    response->body = malloc(HP_BODY_MAX + 1);
    return response->body != NULL || no_memory(response);
}

static void refuse(struct hp_http_response *response)
{
    struct hp_attempt *attempt = response->attempt;

    attempt->result.http_status = response->status;
    hp_attempt_down(attempt, HP_REASON_STATUS, hp_untrusted_of(""));
    response->excerpt_deadline =
        hp_deadline_min(attempt->deadline, hp_deadline_at(hp_clock_now_ns(), EXCERPT_WAIT_NS));
}

static bool has_location(const struct hp_http_response *response)
{
    return response->location[0] != '\0';
}

static bool is_redirect(const struct hp_http_response *response)
{
    switch (response->status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return has_location(response);
    default:
        return false;
    }
}

/* The final headers are here. False: nothing more is wanted of the peer. */
static bool judge_headers(struct hp_http_response *response)
{
    int status = response->status;

    if (status >= 100 && status < 200 && status != 101)
        return true;
    response->has_headers = true;
    response->redirected = response->may_follow && is_redirect(response);
    if (response->redirected)
        return false;
    if (hp_status_set_has(&response->settings->accepted, status) &&
        (response->settings->follow == 0 || !is_redirect(response)))
        return judge_accepted(response);
    refuse(response);
    return !is_redirect(response);
}

/* Nothing of "?query" may be shown, but it is a redirect all the same. */
static void show_location(struct hp_http_response *response, const char *value, size_t len)
{
    hp_http_location_shown(response->location, sizeof response->location, value, len);
    if (response->location[0] == '\0' && len > 0 && value[0] != '\r' && value[0] != '\n')
        snprintf(response->location, sizeof response->location, "%s",
                 value[0] == '?' ? "the same path with another query"
                                 : "an address that is not shown");
}

static bool keep_location(struct hp_http_response *response, const char *line, size_t len)
{
    static const char name[] = "location";
    size_t start = sizeof name;

    if (!hp_http_header_is(line, len, name))
        return true;
    while (start < len && (line[start] == ' ' || line[start] == '\t'))
        start++;
    response->location_withheld =
        response->is_hidden ||
        hp_secrets_found(response->attempt->secrets,
                         (struct hp_untrusted){line + start, len - start, false});
    show_location(response, line + start, len - start);
    free(response->next);
    response->next = strndup(line + start, len - start);
    if (response->next == NULL)
        return no_memory(response);
    response->next[strcspn(response->next, "\r\n")] = '\0';
    return true;
}

static void keep_encoding(struct hp_http_response *response, struct hp_span line)
{
    static const char name[] = "content-encoding";
    struct hp_span value;

    if (!hp_http_header_is(line.data, line.len, name))
        return;
    value = hp_span_trim(hp_span_skip(line, sizeof name), " \t\r\n");
    if (!hp_span_equals(value, "identity"))
        hp_redact(&response->encoding, (struct hp_untrusted){value.data, value.len, false},
                  response->attempt->secrets);
}

static bool keep_header(struct hp_http_response *response, const char *line, size_t len)
{
    if (!hp_expectations_want_headers(&response->settings->expectations))
        return true;
    if (response->headers == NULL)
        response->headers = malloc(HEADERS_MAX);
    if (response->headers == NULL)
        return no_memory(response);
    memcpy(response->headers + response->headers_len, line, len);
    response->headers_len += len;
    return true;
}

static bool take_status_line(struct hp_http_response *response, const char *line, size_t len)
{
    struct hp_span phrase;

    response->in_block = true;
    response->misplaced = false;
    response->location[0] = '\0';
    response->location_withheld = false;
    response->headers_len = 0;
    response->encoding.bytes[0] = '\0';
    /* libcurl takes three digits of a longer number. */
    if (!hp_http_status_line_valid(line, len)) {
        hp_attempt_down(response->attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("the status line is not valid"));
        return false;
    }
    response->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    phrase = hp_span_trim((struct hp_span){line + 12, len - 12}, " \t\r\n");
    hp_redact(&response->phrase, (struct hp_untrusted){phrase.data, phrase.len, false},
              response->attempt->secrets);
    return true;
}

bool hp_http_response_header(struct hp_http_response *response, const char *line, size_t len)
{
    bool blank = len > 0 && len <= 2 && line[len - 1] == '\n' && (len == 1 || line[0] == '\r');

    response->header_bytes += len;
    if (response->header_bytes > HEADERS_MAX) {
        hp_attempt_down(response->attempt, HP_REASON_PROTOCOL,
                        hp_untrusted_of("the headers are longer than 64 KiB"));
        return false;
    }
    if (response->has_headers || hp_attempt_decided(response->attempt))
        return true;
    if (!response->in_block)
        return take_status_line(response, line, len);
    if (blank) {
        response->in_block = false;
        return judge_headers(response);
    }
    if (!response->misplaced)
        keep_encoding(response, (struct hp_span){line, len});
    response->misplaced = response->misplaced || (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0);
    return response->misplaced ||
           (keep_location(response, line, len) && keep_header(response, line, len));
}

static bool take_excerpt(struct hp_http_response *response, const char *bytes, size_t len)
{
    size_t room = sizeof response->excerpt - response->excerpt_len;

    memcpy(response->excerpt + response->excerpt_len, bytes, len < room ? len : room);
    response->excerpt_len += len < room ? len : room;
    return len < room;
}

bool hp_http_response_body(struct hp_http_response *response, const char *bytes, size_t len)
{
    size_t room = HP_BODY_MAX - response->body_len;

    if (response->body == NULL)
        return take_excerpt(response, bytes, len);
    memcpy(response->body + response->body_len, bytes, len < room ? len : room);
    response->body_len += len < room ? len : room;
    if (response->body_len == HP_BODY_MAX)
        judge_all(response);
    return response->body_len < HP_BODY_MAX;
}

void hp_http_response_end(struct hp_http_response *response)
{
    response->is_whole = true;
    if (response->body != NULL && !hp_attempt_decided(response->attempt))
        judge_all(response);
}

struct hp_deadline hp_http_response_deadline(const struct hp_http_response *response)
{
    return hp_attempt_decided(response->attempt) ? response->excerpt_deadline
                                                 : response->attempt->deadline;
}

/* nginx's words and Go's. */
static bool wants_tls(struct hp_span page)
{
    return memmem(page.data, page.len, "HTTP request was sent to HTTPS port", 35) != NULL ||
           memmem(page.data, page.len, "HTTP request to an HTTPS server", 31) != NULL;
}

/* A page's first bytes say no more than the status does. */
static bool is_html(struct hp_span page)
{
    page = hp_span_trim(page, " \t\r\n");
    return page.len > 1 && page.data[0] == '<' && hp_is_one_of(page.data[1], "!hH");
}

/* Frameworks redirect between a path with and without its slash. */
static bool differs_by_slash(const struct hp_http_target *a, const struct hp_http_target *b)
{
    const struct hp_http_target *longer = a->path_len > b->path_len ? a : b;
    size_t len = a->path_len < b->path_len ? a->path_len : b->path_len;

    return hp_http_redirect_is_first(a, b) && longer->path_len == len + 1 &&
           longer->path[len] == '/' && memcmp(a->path, b->path, len) == 0;
}

/* What is wrong with a redirect that was not followed. */
static void hint_at_redirect(struct hp_http_response *response)
{
    const struct hp_http_target *target = &response->settings->target;
    struct hp_http_target next = {0};
    enum hp_http_redirect found = hp_http_redirect_resolve(&next, target, response->next);
    const char *follow = hp_http_follow_option->name;

    if (response->settings->follow > 0)
        hp_attempt_hint(response->attempt, "that is one redirect more than --%s allows", follow);
    else if (found == HP_HTTP_REDIRECT_NO_TLS || (next.tls && !target->tls))
        hp_attempt_hint(response->attempt,
                        "exempt the path in the service, check its https port, or give --%s "
                        "'X-Forwarded-Proto: https'",
                        hp_http_header_option->name);
    else if (found == HP_HTTP_REDIRECT_FOUND && differs_by_slash(target, &next))
        hp_attempt_hint(response->attempt, "check that path, or give --%s 1", follow);
    else
        hp_attempt_hint(response->attempt, "follow it with --%s 1, or accept it with --%s %d",
                        follow, hp_http_status_option->name, response->status);
    hp_http_target_release(&next);
}

static void explain_redirect(struct hp_http_response *response, struct hp_buffer *own)
{
    hp_buffer_add_format(own, ", redirects to %s",
                         response->location_withheld ? HP_WITHHELD : response->location);
    hp_attempt_explain_quoting(response->attempt, own->data, "", hp_untrusted_of(""));
    hint_at_redirect(response);
}

static void explain_body(struct hp_http_response *response, const char *own)
{
    const struct hp_untrusted body = {response->excerpt, response->excerpt_len, true};
    struct hp_span page = {response->excerpt, response->excerpt_len};
    bool may_have_one = strcmp(response->settings->method, "HEAD") != 0;

    if (page.len == 0)
        hp_attempt_explain_quoting(response->attempt, own,
                                   response->is_whole && may_have_one ? " with no body" : "", body);
    else if (response->encoding.bytes[0] != '\0')
        hp_attempt_explain_quoting(response->attempt, own, " with an encoded body",
                                   hp_untrusted_of(""));
    else if (is_html(page))
        hp_attempt_explain_quoting(response->attempt, own, " with an HTML page",
                                   hp_untrusted_of(""));
    else
        hp_attempt_explain_quoting(response->attempt, own, ": ", body);
    if (!response->settings->target.tls && wants_tls(page))
        hp_attempt_hint(response->attempt, "use https://");
}

void hp_http_response_explain(struct hp_http_response *response)
{
    char storage[sizeof response->location + sizeof response->phrase + 64];
    struct hp_buffer own;

    if (response->attempt->result.reason != HP_REASON_STATUS)
        return;
    hp_buffer_init(&own, storage, sizeof storage);
    hp_buffer_add_format(&own, "answered %d%s%.64s", response->status,
                         response->phrase.bytes[0] != '\0' ? " " : "", response->phrase.bytes);
    if (is_redirect(response))
        explain_redirect(response, &own);
    else
        explain_body(response, own.data);
}
