/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/target.h>

#include <healthprobe/base/array.h>

#include <string.h>

#include "layout.h"

static bool has_at(const char *from, const char *end)
{
    return memchr(from, '@', (size_t)(end - from)) != NULL;
}

static bool holds_at(struct hp_span span)
{
    return span.len > 0 && has_at(span.data, span.data + span.len);
}

/* "user=app@server" is meant. */
static bool may_hold_at(struct hp_span key)
{
    static const char *const keys[] = {"user", "password", "options", "application_name"};

    for (size_t i = 0; i < HP_COUNT(keys); i++)
        if (hp_span_equals(key, keys[i]))
            return true;
    return false;
}

/* Is an "@" where no parameter has one: in a key or, where @strict, in a value that needs none? */
static bool has_odd_at(const char *query, const char *end, bool strict)
{
    struct hp_span rest = hp_layout_span(query + (query < end), end);

    while (rest.data != NULL) {
        struct hp_span value = hp_span_cut(&rest, "&");
        struct hp_span key = hp_span_cut(&value, "=");

        if (holds_at(key) || (strict && holds_at(value) && !may_hold_at(key)))
            return true;
    }
    return false;
}

/* Of "app:4711?x=y@db", host and port may be a user and the beginning of a password. */
static bool has_port(const struct hp_layout *url)
{
    const char *colon = memrchr(url->authority, ':', (size_t)(url->path - url->authority));

    return colon != NULL && memchr(colon, ']', (size_t)(url->path - colon)) == NULL;
}

static bool is_query_cut(const struct hp_layout *url, enum hp_target_kind kind, bool has_user)
{
    if (kind == HP_TARGET_JDBC || (kind == HP_TARGET_DATABASE && !has_user))
        return has_odd_at(url->query, url->fragment, kind == HP_TARGET_DATABASE && has_port(url));
    return (has_user || kind == HP_TARGET_REDIS) && has_at(url->query, url->fragment);
}

/* In "app:/x@host", only the user is left before the path. */
static bool has_empty_port(const struct hp_layout *url)
{
    return url->path > url->authority && url->path[-1] == ':';
}

static bool is_cut(const char *text, enum hp_target_kind kind)
{
    struct hp_layout url = hp_layout_of(text);
    bool has_user = has_at(url.authority, url.path);

    if (url.authority == text)
        return false;
    if (kind == HP_TARGET_HTTP && has_empty_port(&url) && has_at(url.path, url.end))
        return true;
    if ((has_user && url.fragment < url.end) || is_query_cut(&url, kind, has_user))
        return true;
    return (has_user || kind != HP_TARGET_HTTP) &&
           (has_at(url.path, url.query) || has_at(url.fragment, url.end));
}

/* "scheme://user:pass" and an "@" further on, where an "@" may stand. */
static bool may_be_cut(const char *text)
{
    struct hp_layout url = hp_layout_of(text);

    return url.authority > text && !has_at(url.authority, url.path) &&
           memchr(url.authority, ':', (size_t)(url.path - url.authority)) != NULL &&
           has_at(url.path, url.end);
}

static bool refuse_cut(const char *origin, struct hp_error *err)
{
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: an @ or # follows the host: percent-encode / ? # @ in the password as "
                 "%%2F %%3F %%23 %%40",
                 origin);
    return false;
}

bool hp_target_check_cut(const char *text, enum hp_target_kind kind, const char *origin,
                         struct hp_error *err)
{
    return !is_cut(text, kind) || refuse_cut(origin, err);
}

void hp_target_advise(const char *text, const char *origin, struct hp_error *err)
{
    if (may_be_cut(text))
        refuse_cut(origin, err);
}
