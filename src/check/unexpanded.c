/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/array.h>
#include <healthprobe/base/environment.h>
#include <healthprobe/check/target.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "layout.h"

#define UPPER   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS UPPER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

#define NAME_SHOWN_MAX 64

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

    if (span.len > 2 && span.data[0] == '$' && span.data[1] == HP_URL_MARK)
        return 3; /* "${env:NAME}" */
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

/* The functions that search return the "$" or "{", or NULL. */
static const char *find_bracketed(struct hp_span span)
{
    for (; span.len > 0; span = hp_span_skip(span, 1))
        if (bracketed_length(span) > 0)
            return span.data;
    return NULL;
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

static const char *find_plain(struct hp_span span)
{
    for (; span.len > 0; span = hp_span_skip(span, 1))
        if (span.data[0] == '$' && name_length(hp_span_skip(span, 1), LETTERS DIGITS "_") > 0)
            return span.data;
    return NULL;
}

/* Is all of @span a variable? */
static const char *find_whole(struct hp_span span)
{
    return span.len > 0 && bracketed_length(span) == span.len ? span.data : NULL;
}

static const char *find_in_param(struct hp_span param)
{
    struct hp_span value = param;
    struct hp_span key = hp_span_cut(&value, "=");
    const char *found = NULL;

    if (hp_target_is_password(key))
        return find_whole(value);
    if (hp_span_equals(key, "host") || hp_span_equals(key, "hostaddr") ||
        hp_span_equals(key, "port"))
        found = find_plain(value);
    return found != NULL ? found : find_bracketed(param);
}

static const char *find_in_query(struct hp_span query)
{
    const char *found = NULL;

    while (query.data != NULL && found == NULL)
        found = find_in_param(hp_span_cut(&query, "&"));
    return found;
}

/* A host or port never has one; but where an "@" follows, it may be a password's. */
static const char *find_brace(struct hp_span host, struct hp_span rest)
{
    return memchr(rest.data, '@', rest.len) == NULL ? memchr(host.data, '{', host.len) : NULL;
}

/*
 * Looser than hp_url_split(): the password must be recognized in a text
 * that will not split too, or the wrong fault is reported.
 */
static const char *find_in_target(const char *text)
{
    struct hp_layout url = hp_layout_of(text);
    const char *start = url.authority;
    const char *at_sign = memrchr(start, '@', (size_t)(url.path - start));
    const char *user_end = at_sign != NULL ? at_sign : start;
    const char *host = at_sign != NULL ? at_sign + 1 : start;
    const char *colon = find_outside_brackets(hp_layout_span(start, user_end), ':');
    const char *password = colon != NULL ? colon + 1 : user_end;
    const char *query = url.query + (*url.query == '?');
    const char *const found[] = {
        find_whole(hp_layout_span(text, url.end)),
        find_plain(hp_layout_span(text, start)),
        find_plain(hp_layout_span(host, url.path)),
        find_bracketed(hp_layout_span(text, password)),
        find_whole(hp_layout_span(password, user_end)),
        find_bracketed(hp_layout_span(user_end, url.query)),
        find_in_query(hp_layout_span(query, url.fragment)),
        find_bracketed(hp_layout_span(url.fragment, url.end)),
        find_brace(hp_layout_span(host, url.path), hp_layout_span(url.path, url.end)),
    };

    for (size_t i = 0; i < HP_COUNT(found); i++)
        if (found[i] != NULL)
            return found[i];
    return NULL;
}

/* "$NAME" counts only if it looks like a variable: a password may begin with a "$". */
static const char *find_in_word(struct hp_span word)
{
    struct hp_span name = hp_span_skip(word, word.len > 0);

    if (word.len > 1 && *word.data == '$' && name_length(name, UPPER DIGITS "_") == name.len)
        return word.data;
    return find_whole(word);
}

static const char *find_in_header(struct hp_span text)
{
    static const char *const schemes[] = {"Bearer", "Basic", "Token"};
    struct hp_span value = text;
    struct hp_span scheme, word;

    hp_span_cut(&value, ":");
    word = hp_span_trim(value.data != NULL ? value : text, " \t");
    value = word;
    scheme = hp_span_cut(&value, " \t");
    for (size_t i = 0; value.data != NULL && i < HP_COUNT(schemes); i++)
        if (scheme.len == strlen(schemes[i]) &&
            strncasecmp(scheme.data, schemes[i], scheme.len) == 0)
            word = hp_span_trim(value, " \t");
    return find_in_word(word);
}

/* Shows the name only if such a variable is set: any other text may be a piece of a password. */
static bool refuse(const char *found, const char *origin, const struct hp_option *option,
                   char *const environment[], struct hp_error *err)
{
    char name[NAME_SHOWN_MAX + 1] = "";
    const char *start = found + 1 + hp_is_one_of(found[1], "{(");
    bool is_argument = *origin == '-' || hp_after_prefix(origin, "argument ") != NULL;

    snprintf(name, sizeof name, "%.*s", (int)name_length(hp_span_of(start), LETTERS DIGITS "_"),
             start);
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: holds a variable that was not expanded: the exec forms of Docker and "
                 "Kubernetes expand nothing; write {env:%s}%s%s",
                 origin, hp_environment_get(environment, name) != NULL ? name : "NAME",
                 is_argument ? "" : " in --", is_argument ? "" : option->name);
    return false;
}

bool hp_target_check_unexpanded(const char *text, const char *origin,
                                const struct hp_option *option, char *const environment[],
                                struct hp_error *err)
{
    const char *dollar = find_in_target(text);

    return dollar == NULL || refuse(dollar, origin, option, environment, err);
}

bool hp_value_check_unexpanded(const char *text, const char *origin, const struct hp_option *option,
                               char *const environment[], struct hp_error *err)
{
    bool is_header = (option->flags & HP_OPTION_HEADER) != 0;
    const char *dollar =
        is_header ? find_in_header(hp_span_of(text)) : find_in_word(hp_span_of(text));

    return dollar == NULL || refuse(dollar, origin, option, environment, err);
}
