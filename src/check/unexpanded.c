/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/target.h>

#include <string.h>

#include "layout.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static size_t name_length(struct hp_span span, const char *set)
{
    size_t len = 0;

    if (span.len > 0 && hp_is_one_of(span.data[0], DIGITS))
        return 0;
    while (len < span.len && hp_is_one_of(span.data[len], set))
        len++;
    return len;
}

/* The length of "${NAME}", a shell's "${NAME:-…}" too, or "$(NAME)" at the beginning; or 0. */
static size_t bracketed_length(struct hp_span span)
{
    struct hp_span inside;
    const char *close = NULL;
    bool round;
    size_t len;

    if (span.len < 4 || span.data[0] != '$' || !hp_is_one_of(span.data[1], "{("))
        return 0;
    inside = hp_span_skip(span, 2);
    round = span.data[1] == '(';
    /* Names in Kubernetes may have dots and dashes; to a shell a dash begins a default. */
    len = name_length(inside, round ? LETTERS DIGITS "_.-" : LETTERS DIGITS "_");
    inside = hp_span_skip(inside, len);
    if (len == 0 || inside.len == 0)
        return 0;
    close = memchr(inside.data, round ? ')' : '}', inside.len);
    if (close == NULL || (close != inside.data && (round || !hp_is_one_of(*inside.data, ":-+="))))
        return 0;
    return (size_t)(close + 1 - span.data);
}

static bool has_bracketed(struct hp_span span)
{
    for (; span.len > 0; span = hp_span_skip(span, 1))
        if (bracketed_length(span) > 0)
            return true;
    return false;
}

/* Not the one in "${USER:-app}:password". */
static const char *find_outside_brackets(struct hp_span span, char c)
{
    while (span.len > 0) {
        size_t bracketed = bracketed_length(span);

        if (bracketed == 0 && span.data[0] == c)
            return span.data;
        span = hp_span_skip(span, bracketed > 0 ? bracketed : 1);
    }
    return NULL;
}

static bool has_plain(struct hp_span span)
{
    for (; span.len > 0; span = hp_span_skip(span, 1))
        if (span.data[0] == '$' && name_length(hp_span_skip(span, 1), LETTERS DIGITS "_") > 0)
            return true;
    return false;
}

static bool is_bracketed(struct hp_span span)
{
    return span.len > 0 && bracketed_length(span) == span.len;
}

static bool is_unexpanded_param(struct hp_span param)
{
    struct hp_span value = param;
    struct hp_span key = hp_span_cut(&value, "=");

    if (hp_target_is_password(key))
        return is_bracketed(value);
    if ((hp_span_equals(key, "host") || hp_span_equals(key, "hostaddr") ||
         hp_span_equals(key, "port")) &&
        has_plain(value))
        return true;
    return has_bracketed(param);
}

static bool is_unexpanded_query(struct hp_span query)
{
    while (query.data != NULL)
        if (is_unexpanded_param(hp_span_cut(&query, "&")))
            return true;
    return false;
}

/*
 * Looser than hp_url_split(): the password must be recognized in a text
 * that will not split too, or the wrong fault is reported.
 */
static bool is_unexpanded(const char *text)
{
    struct hp_layout url = hp_layout_of(text);
    const char *start = url.authority;
    const char *at_sign = memrchr(start, '@', (size_t)(url.path - start));
    const char *user_end = at_sign != NULL ? at_sign : start;
    const char *host = at_sign != NULL ? at_sign + 1 : start;
    const char *colon = find_outside_brackets(hp_layout_span(start, user_end), ':');
    const char *password = colon != NULL ? colon + 1 : user_end;
    const char *query = url.query + (*url.query == '?');

    return is_bracketed(hp_layout_span(text, url.end)) || has_plain(hp_layout_span(text, start)) ||
           has_plain(hp_layout_span(host, url.path)) ||
           has_bracketed(hp_layout_span(text, password)) ||
           is_bracketed(hp_layout_span(password, user_end)) ||
           has_bracketed(hp_layout_span(user_end, url.query)) ||
           is_unexpanded_query(hp_layout_span(query, url.fragment)) ||
           has_bracketed(hp_layout_span(url.fragment, url.end));
}

bool hp_target_check_unexpanded(const char *text, const char *origin, struct hp_error *err)
{
    if (!is_unexpanded(text))
        return true;
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: holds a variable that was not expanded: the exec forms of Docker and "
                 "Kubernetes expand nothing; env:NAME reads a variable",
                 origin);
    return false;
}
