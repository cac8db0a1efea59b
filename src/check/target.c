/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/target.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool hp_target_problem(struct hp_error *err, const char *origin, const char *field,
                       const char *what)
{
    hp_error_add(err, HP_REASON_CONFIG, "%s: the %s %s", origin, field, what);
    return false;
}

/* Which flag takes a URL of a scheme; what stands behind a "+" does not matter. */
static const char *flag_of_scheme(const char *text, size_t len)
{
    static const struct {
        const char *scheme;
        const char *flag;
    } flags[] = {
        {"http", "http"},           {"https", "http"},           {"postgres", "database"},
        {"postgresql", "database"}, {"pgsql", "database"},       {"postgis", "database"},
        {"ecto", "database"},       {"cockroachdb", "database"}, {"jdbc", "database"},
        {"redis", "redis"},         {"rediss", "redis"},         {"valkey", "redis"},
        {"valkeys", "redis"},       {"unix", "redis"},
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (strlen(flags[i].scheme) == len && strncasecmp(text, flags[i].scheme, len) == 0)
            return flags[i].flag;
    }
    return NULL;
}

/* "scheme://" with its slashes, where the text has one: "/path?to=http://…" has none. */
static size_t scheme_length(const char *text)
{
    const char *slashes = strstr(text, "://");

    if (!slashes || strcspn(text, "/?#@") != (size_t)(slashes + 1 - text))
        return 0;
    return (size_t)(slashes + 3 - text);
}

/*
 * Where the parts of a URL stand in its text, even of one that will not split.
 * Path, query and fragment begin with their delimiter, and end where the next begins.
 */
struct layout {
    const char *authority; /* the text itself where it has no scheme */
    const char *path;
    const char *query;
    const char *fragment;
    const char *end;
};

static struct layout layout_of(const char *text)
{
    const char *authority = text + scheme_length(text);
    const char *path = authority + strcspn(authority, "/?#");
    const char *query = path + strcspn(path, "?#");
    const char *fragment = query + strcspn(query, "#");

    return (struct layout){authority, path, query, fragment, fragment + strlen(fragment)};
}

static bool has_at(const char *from, const char *end)
{
    return memchr(from, '@', (size_t)(end - from));
}

/* "user=app@server" is meant. */
static bool may_hold_at(const char *key, size_t len)
{
    static const char *const keys[] = {"user", "password", "options", "application_name"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strlen(keys[i]) == len && memcmp(keys[i], key, len) == 0)
            return true;
    }
    return false;
}

/* Is an "@" where no parameter has one: in a key or, where @strict, in a value that needs none? */
static bool has_odd_at(const char *query, const char *end, bool strict)
{
    const char *param = query + (query < end);

    while (param < end) {
        const char *next = memchr(param, '&', (size_t)(end - param));
        const char *stop = next ? next : end;
        const char *equals = memchr(param, '=', (size_t)(stop - param));
        const char *key_end = equals ? equals : stop;

        if (has_at(param, key_end) ||
            (strict && has_at(key_end, stop) && !may_hold_at(param, (size_t)(key_end - param))))
            return true;
        param = next ? next + 1 : end;
    }
    return false;
}

/* Of "app:4711?x=y@db", host and port may be a user and the beginning of a password. */
static bool has_port(const struct layout *url)
{
    const char *colon = memrchr(url->authority, ':', (size_t)(url->path - url->authority));

    return colon && !memchr(colon, ']', (size_t)(url->path - colon));
}

static bool is_query_cut(const struct layout *url, enum hp_target_kind kind, bool has_user)
{
    if (kind == HP_TARGET_JDBC || (kind == HP_TARGET_DATABASE && !has_user))
        return has_odd_at(url->query, url->fragment, kind == HP_TARGET_DATABASE && has_port(url));
    return (has_user || kind == HP_TARGET_REDIS) && has_at(url->query, url->fragment);
}

static bool is_cut(const char *text, enum hp_target_kind kind)
{
    struct layout url = layout_of(text);
    bool has_user = has_at(url.authority, url.path);

    if (url.authority == text)
        return false;
    if ((has_user && url.fragment < url.end) || is_query_cut(&url, kind, has_user))
        return true;
    return (has_user || kind != HP_TARGET_HTTP) &&
           (has_at(url.path, url.query) || has_at(url.fragment, url.end));
}

/* "scheme://user:pass" and an "@" further on, where an "@" may stand. */
static bool may_be_cut(const char *text)
{
    struct layout url = layout_of(text);

    return url.authority > text && !has_at(url.authority, url.path) &&
           memchr(url.authority, ':', (size_t)(url.path - url.authority)) &&
           has_at(url.path, url.end);
}

static void advise_flag(const char *text, enum hp_target_kind kind, const char *origin,
                        struct hp_error *err)
{
    static const char *const flags[] = {"http", "database", "database", "redis"};
    const char *other = flag_of_scheme(text, strcspn(text, ":+"));

    if (other && strcmp(other, flags[kind]) != 0)
        hp_error_add(err, HP_REASON_CONFIG, "%s: this is a URL for --%s", origin, other);
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
    if (!is_cut(text, kind))
        return true;
    advise_flag(text, kind, origin, err);
    return refuse_cut(origin, err);
}

void hp_target_advise(const char *text, enum hp_target_kind kind, const char *origin,
                      struct hp_error *err)
{
    advise_flag(text, kind, origin, err);
    if (may_be_cut(text))
        refuse_cut(origin, err);
}

bool hp_target_set(char **field, const char *text, struct hp_error *err)
{
    free(*field);
    *field = NULL;
    if (!text || *text == '\0')
        return true;
    *field = strdup(text);
    return *field || hp_error_no_memory(err);
}

bool hp_target_is_host(const char *host, bool bracketed)
{
    if (bracketed)
        return true;
    if (*host == '\0')
        return false;
    for (; *host != '\0'; host++) {
        if ((unsigned char)*host <= ' ' || strchr("\x7F\"#%/:<>?@[\\]^`{|}", *host))
            return false;
    }
    return true;
}

bool hp_target_parse_number(const char *text, unsigned max, unsigned *ret)
{
    unsigned long long value = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (unsigned long long)(*text - '0');
        if (value > max)
            return false;
    }
    *ret = (unsigned)value;
    return true;
}

bool hp_target_is_number(const char *text, unsigned number)
{
    char shown[sizeof "4294967295"];

    snprintf(shown, sizeof shown, "%u", number);
    return strcmp(text, shown) == 0;
}

bool hp_target_is_password(const char *key)
{
    return strcmp(key, "password") == 0 || strcmp(key, "sslpassword") == 0;
}

static bool can_be_named(const char *key)
{
    size_t len = strlen(key);

    return len <= HP_NAME_MAX && strspn(key, LOWER UPPER DIGITS "_.-") == len;
}

bool hp_target_drop(const struct hp_target_drops *drops, const char *key)
{
    if (strncasecmp(key, "ssl", 3) == 0 || strncasecmp(key, "tls", 3) == 0) {
        if (drops->hidden || !can_be_named(key))
            key = "that begins with ssl or tls";
        hp_error_add(drops->err, HP_REASON_CONFIG, "%s: the parameter %s is not supported",
                     drops->origin, key);
        return false;
    }
    if (drops->hidden)
        drops->ignored->not_shown++;
    else
        hp_names_add(drops->ignored, key);
    return true;
}

void hp_target_add_encoded(struct hp_buffer *ret, const char *text, size_t len, const char *safe)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        char encoded[] = {'%', hex[byte >> 4], hex[byte & 15]};

        if (byte != '\0' && (strchr(LOWER UPPER DIGITS "-._~", byte) || strchr(safe, byte)))
            hp_buffer_add_bytes(ret, text + i, 1);
        else
            hp_buffer_add_bytes(ret, encoded, sizeof(encoded));
    }
}

void hp_target_add_host(struct hp_buffer *ret, const char *host)
{
    bool literal = strchr(host, ':') != NULL;

    hp_buffer_add(ret, literal ? "[" : "");
    hp_target_add_encoded(ret, host, strlen(host), literal ? ":" HP_TARGET_SAFE : HP_TARGET_SAFE);
    hp_buffer_add(ret, literal ? "]" : "");
}

void hp_target_end(struct hp_buffer *ret, size_t start)
{
    static const char end[] = "...";
    size_t len;

    if (!ret->overflow || ret->cap < start + sizeof(end))
        return;
    len = ret->cap - sizeof(end);
    if (len > ret->len)
        len = ret->len;
    /* Half an encoded byte tells nothing. */
    for (size_t back = 1; back <= 2 && len >= start + back; back++) {
        if (ret->data[len - back] == '%') {
            len -= back;
            break;
        }
    }
    hp_buffer_rewind(ret, len);
    hp_buffer_add(ret, end);
}

/* --- names ------------------------------------------------------------------ */

/* A scheme, "env:" and "file:" are words before a colon. */
static bool begins_as_target(const char *text, size_t len)
{
    size_t word = 0;

    while (word < len && text[word] != '\0' && strchr(LOWER UPPER DIGITS "+-.", text[word]))
        word++;
    return len == 0 || strchr("/:$", text[0]) || (word < len && text[word] == ':');
}

bool hp_target_name_length(const char *text, size_t len, size_t *ret_len)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals ? (size_t)(equals - text) : 0;

    *ret_len = 0;
    if (!equals || !begins_as_target(equals + 1, len - name_len - 1))
        return true;
    for (size_t i = 0; i < name_len; i++) {
        if (strchr(":/?#@[$", text[i]))
            return true;
    }
    if (name_len == 0 || name_len > HP_NAME_MAX || strchr("_.-", text[0]))
        return false;
    for (size_t i = 0; i < name_len; i++) {
        if (!strchr(LOWER DIGITS "_.-", text[i]))
            return false;
    }
    *ret_len = name_len;
    return true;
}

/* --- what nobody expanded -------------------------------------------------- */

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
    len = name_length(inside, round ? LOWER UPPER DIGITS "_.-" : LOWER UPPER DIGITS "_");
    inside.at += len;
    if (len == 0 || inside.at == inside.end)
        return 0;
    close = find(inside, round ? ')' : '}');
    if (!close || (close != inside.at && (round || !is_in(*inside.at, ":-+="))))
        return 0;
    return (size_t)(close + 1 - region.at);
}

static bool has_bracketed(struct region region)
{
    for (; region.at < region.end; region.at++) {
        if (bracketed_length(region) > 0)
            return true;
    }
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

        if (*region.at == '$' && name_length(name, LOWER UPPER DIGITS "_") > 0)
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
    struct region key = {.at = param.at, .end = equals ? equals : param.end};
    struct region value = {.at = equals ? equals + 1 : param.end, .end = param.end};

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
    struct layout url = layout_of(text);
    const char *start = url.authority;
    const char *at_sign = memrchr(start, '@', (size_t)(url.path - start));
    struct region user = {.at = start, .end = at_sign ? at_sign : start};
    const char *colon = find_outside_brackets(user, ':');
    struct region password = {.at = colon ? colon + 1 : user.end, .end = user.end};
    struct region host = {.at = at_sign ? at_sign + 1 : start, .end = url.path};
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
