/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/target.h>

#include <string.h>

#include "layout.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

struct region {
    const char *at;
    const char *end;
};

static size_t length(struct region region)
{
    return (size_t)(region.end - region.at);
}

static const char *find(struct region region, char c)
{
    return memchr(region.at, c, length(region));
}

static bool is_in(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

static size_t name_length(struct region region, const char *set)
{
    size_t len = 0;

    if (region.at < region.end && is_in(*region.at, DIGITS))
        return 0;
    while (len < length(region) && is_in(region.at[len], set))
        len++;
    return len;
}

/* The length of "${NAME}", a shell's "${NAME:-…}" too, or "$(NAME)" at the beginning; or 0. */
static size_t bracketed_length(struct region region)
{
    struct region inside = {.at = region.at + 2, .end = region.end};
    const char *close = NULL;
    bool round;
    size_t len;

    if (length(region) < 4 || region.at[0] != '$' || !is_in(region.at[1], "{("))
        return 0;
    round = region.at[1] == '(';
    /* Names in Kubernetes may have dots and dashes; to a shell a dash begins a default. */
    len = name_length(inside, round ? LETTERS DIGITS "_.-" : LETTERS DIGITS "_");
    inside.at += len;
    if (len == 0 || inside.at == inside.end)
        return 0;
    close = find(inside, round ? ')' : '}');
    if (close == NULL || (close != inside.at && (round || !is_in(*inside.at, ":-+="))))
        return 0;
    return (size_t)(close + 1 - region.at);
}

static bool has_bracketed(struct region region)
{
    for (; region.at < region.end; region.at++)
        if (bracketed_length(region) > 0)
            return true;
    return false;
}

/* Not the one in "${USER:-app}:password". */
static const char *find_outside_brackets(struct region region, char c)
{
    while (region.at < region.end) {
        size_t bracketed = bracketed_length(region);

        if (bracketed == 0 && *region.at == c)
            return region.at;
        region.at += bracketed > 0 ? bracketed : 1;
    }
    return NULL;
}

static bool has_plain(struct region region)
{
    for (; region.at < region.end; region.at++) {
        struct region name = {.at = region.at + 1, .end = region.end};

        if (*region.at == '$' && name_length(name, LETTERS DIGITS "_") > 0)
            return true;
    }
    return false;
}

static bool is_bracketed(struct region region)
{
    return length(region) > 0 && bracketed_length(region) == length(region);
}

static bool key_is(struct region key, const char *name)
{
    return length(key) == strlen(name) && memcmp(key.at, name, length(key)) == 0;
}

static bool is_unexpanded_param(struct region param)
{
    const char *equals = find(param, '=');
    struct region key = {.at = param.at, .end = equals != NULL ? equals : param.end};
    struct region value = {.at = equals != NULL ? equals + 1 : param.end, .end = param.end};

    if (key_is(key, "password") || key_is(key, "sslpassword"))
        return is_bracketed(value);
    if ((key_is(key, "host") || key_is(key, "hostaddr") || key_is(key, "port")) && has_plain(value))
        return true;
    return has_bracketed(param);
}

static bool is_unexpanded_query(struct region query)
{
    while (query.at < query.end) {
        const char *ampersand = find(query, '&');
        struct region param = {.at = query.at, .end = ampersand ? ampersand : query.end};

        if (is_unexpanded_param(param))
            return true;
        query.at = ampersand ? ampersand + 1 : query.end;
    }
    return false;
}

/*
 * Looser than hp_url_split(): a text that will not split must still have its
 * password told apart, or be told of the wrong fault.
 */
static bool is_unexpanded(const char *text)
{
    struct hp_layout url = hp_layout_of(text);
    const char *start = url.authority;
    const char *at_sign = memrchr(start, '@', (size_t)(url.path - start));
    struct region user = {.at = start, .end = at_sign != NULL ? at_sign : start};
    const char *colon = find_outside_brackets(user, ':');
    struct region password = {.at = colon != NULL ? colon + 1 : user.end, .end = user.end};
    struct region host = {.at = at_sign != NULL ? at_sign + 1 : start, .end = url.path};
    struct region query = {.at = url.query + (*url.query == '?'), .end = url.fragment};

    return is_bracketed((struct region){text, url.end}) ||
           has_plain((struct region){text, start}) || has_plain(host) ||
           has_bracketed((struct region){text, password.at}) || is_bracketed(password) ||
           has_bracketed((struct region){password.end, url.query}) || is_unexpanded_query(query) ||
           has_bracketed((struct region){url.fragment, url.end});
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
