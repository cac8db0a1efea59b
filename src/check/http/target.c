/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static uint16_t usual_port(bool tls)
{
    return tls ? 443 : 80;
}

static void check_text(struct hp_target_reader *reader, const char *field, const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7F) {
            hp_target_problem(reader, field,
                              "holds a blank or a control character: percent-encode it");
            return;
        }
}

static bool set_path(struct hp_http_target *target, const struct hp_url *url,
                     const char *default_path, struct hp_error *err)
{
    const char *path = *url->path != '\0' ? url->path : default_path;
    const char *query = url->query != NULL ? url->query : "";
    size_t size = strlen(path) + sizeof("?") + strlen(query);

    target->path_len = strcspn(path, "?");
    target->path_is_default = *url->path == '\0';
    target->path = malloc(size);
    if (target->path == NULL)
        return hp_error_no_memory(err);
    snprintf(target->path, size, "%s%s%s", path, url->query != NULL ? "?" : "", query);
    return true;
}

static bool set_user(struct hp_http_target *target, const struct hp_url *url, struct hp_error *err)
{
    const char *user = url->user != NULL ? url->user : "";
    const char *password = url->password != NULL ? url->password : "";

    if (*user == '\0' && *password == '\0')
        return true;
    target->user = strdup(user);
    target->password = strdup(password);
    return (target->user != NULL && target->password != NULL) || hp_error_no_memory(err);
}

static bool fill(struct hp_http_target *target, const struct hp_url *url,
                 struct hp_target_reader *reader, const char *default_path)
{
    const struct hp_url_host *host = &url->hosts[0];

    target->tls = strcmp(url->scheme, "https") == 0;
    target->port = host->port != 0 ? host->port : usual_port(target->tls);
    if (!target->tls && strcmp(url->scheme, "http") != 0)
        hp_target_problem(reader, "scheme", "is neither http nor https");
    if (url->n_hosts > 1)
        hp_target_problem(reader, "URL", "has several hosts: give one");
    else if (*host->host == '\0')
        hp_target_problem(reader, "URL", "names no host");
    else if (!hp_target_is_host(host->host, host->bracketed))
        hp_target_problem(reader, "host", "is not valid");
    check_text(reader, "path", url->path);
    check_text(reader, "query", url->query != NULL ? url->query : "");
    hp_target_set(reader, &target->host, host->host);
    return !reader->failed && set_user(target, url, reader->err) &&
           set_path(target, url, default_path, reader->err);
}

static bool put_values(struct hp_target_reader *reader, struct hp_url *url)
{
    bool is_marked = url->user != NULL && strchr(url->user, HP_URL_MARK) != NULL;

    if (hp_target_fill_url(reader, url) && is_marked && strchr(url->user, ':') != NULL)
        hp_target_problem(reader, "user", "has a colon, where basic authentication ends it");
    return !reader->failed && hp_target_fill(reader, &url->path, HP_PART_PATH, 0) &&
           hp_target_fill(reader, &url->query, HP_PART_QUERY, 0);
}

/* Does it begin with "HOST:PORT", rather than "user:password@" or a scheme? */
static bool begins_with_port(const char *text)
{
    size_t len = strcspn(text, "/?#");
    const char *colon = memrchr(text, ':', len);

    return colon != NULL && (colon[1] == HP_URL_MARK || hp_is_one_of(colon[1], DIGITS)) &&
           memchr(text, '@', len) == NULL;
}

/* The part of the URL that a short form omits; NULL: @text is not a short form. */
static const char *omitted(const char *text)
{
    if (*text == '/' || *text == ':')
        return "http://localhost";
    if (*text != '\0' && text[strspn(text, DIGITS)] == '\0')
        return "http://localhost:";
    return begins_with_port(text) ? "http://" : NULL;
}

bool hp_http_target_names_host(const char *text)
{
    const char *prefix = omitted(text);

    return prefix == NULL || strcmp(prefix, "http://") == 0;
}

static bool split_short(struct hp_url *ret, const char *prefix, const char *text,
                        struct hp_target_reader *reader)
{
    char *whole = NULL;
    bool ok;

    if (asprintf(&whole, "%s%s", prefix, text) < 0) {
        hp_error_no_memory(reader->err);
        return false;
    }
    ok = hp_url_split(ret, whole, reader->origin, reader->err);
    free(whole);
    if (ok && ret->user != NULL) {
        /* ":80@host" is not a port; as a URL it would be a password. */
        hp_url_release(ret);
        hp_target_problem(reader, "port", "is not a number");
        return false;
    }
    return ok;
}

static bool split(struct hp_url *ret, const char *text, struct hp_target_reader *reader,
                  uint16_t default_port)
{
    const char *prefix = omitted(text);

    if (prefix != NULL) {
        if (!split_short(ret, prefix, text, reader))
            return false;
        if (ret->hosts[0].port == 0)
            ret->hosts[0].port = default_port;
        return true;
    }
    if (*text == HP_URL_MARK) {
        hp_error_add(
            reader->err, HP_REASON_CONFIG,
            "%s: a placeholder cannot be the scheme: give http://{env:HOST}:{env:PORT}/path",
            reader->origin);
        return false;
    }
    if (strstr(text, "://") == NULL) {
        hp_error_add(
            reader->err, HP_REASON_CONFIG,
            "%s: not a URL: give http://host:port/path, host:port/path, :PORT/path or /path",
            reader->origin);
        return false;
    }
    return hp_url_split(ret, text, reader->origin, reader->err);
}

bool hp_http_target_parse(struct hp_http_target *ret, const char *text,
                          const struct hp_placeholders *placeholders, const char *origin,
                          uint16_t default_port, const char *default_path, struct hp_error *err)
{
    struct hp_target_reader reader = {.origin = origin, .err = err, .placeholders = placeholders};
    struct hp_http_target target = {0};
    struct hp_url url = {0};
    bool ok = false;

    if (!hp_target_check_cut(text, HP_TARGET_HTTP, origin, err))
        return false;
    ok = split(&url, text, &reader, default_port) && put_values(&reader, &url) &&
         fill(&target, &url, &reader, default_path);
    hp_url_release(&url);
    target.masks = reader.masks;
    if (ok) {
        *ret = target;
        return true;
    }
    hp_target_advise(text, origin, err);
    hp_http_target_release(&target);
    return false;
}

/* A zone matters to connect(2), which is ours; it does not belong in a Host header. */
char *hp_http_target_url(const struct hp_http_target *target)
{
    bool bracketed = strchr(target->host, ':') != NULL;
    int host_len = (int)strcspn(target->host, bracketed ? "%" : "");
    const char *scheme = target->tls ? "https" : "http";
    char port[8] = "";
    char *url = NULL;

    if (target->port != usual_port(target->tls))
        snprintf(port, sizeof port, ":%u", target->port);
    if (asprintf(&url, bracketed ? "%s://[%.*s]%s%s" : "%s://%.*s%s%s", scheme, host_len,
                 target->host, port, target->path) < 0)
        url = NULL;
    return url;
}

void hp_http_target_describe(const struct hp_http_target *target, struct hp_buffer *ret)
{
    size_t start = ret->len;

    if (ret->overflow)
        return;
    hp_buffer_add(ret, target->tls ? "https://" : "http://");
    hp_target_add_host(ret, &target->masks, 0, target->host);
    if (target->port != usual_port(target->tls) ||
        hp_masks_find(&target->masks, HP_PART_PORT, 0) != NULL)
        hp_target_add_port(ret, &target->masks, 0, target->port);
    /* It is encoded already: a "%" stays. */
    if (!hp_masks_show(&target->masks, HP_PART_PATH, 0, ret))
        hp_target_add_encoded(ret, target->path, target->path_len, "/%:@,&" HP_TARGET_SAFE);
    hp_target_end(ret, start);
}

bool hp_http_target_shows(const struct hp_http_target *target, const char *text)
{
    return hp_target_shows_text(&target->masks, HP_PART_HOST, 0, target->host, text) ||
           (target->port != usual_port(target->tls) &&
            hp_target_shows_number(&target->masks, HP_PART_PORT, 0, target->port, text));
}

void hp_http_target_release(struct hp_http_target *target)
{
    if (target == NULL)
        return;
    free(target->user);
    free(target->password);
    free(target->host);
    free(target->path);
    hp_masks_release(&target->masks);
    *target = (struct hp_http_target){0};
}
