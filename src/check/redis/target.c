/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <healthprobe/base/array.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#define DEFAULT_PORT 6379
#define EXAMPLE      "redis://user:password@host:port/database"

static const struct {
    const char *name;
    bool tls;
    bool is_socket;
} schemes[] = {
    {"redis", false, false},       {"rediss", true, false},       {"valkey", false, false},
    {"valkeys", true, false},      {"unix", false, true},         {"redis+unix", false, true},
    {"redis+socket", false, true}, {"redis-socket", false, true},
};

static const char *const sentinel_schemes[] = {"redis-sentinel:", "redis+sentinel:", "sentinel:"};

/* The target while its URL is read. */
struct reader {
    struct hp_target_reader base;
    struct hp_redis_target target;
    const struct hp_url *url;
    bool has_database; /* the path gives it */
};

static bool is_sentinel(const char *text)
{
    for (size_t i = 0; i < HP_COUNT(sentinel_schemes); i++)
        if (strncasecmp(text, sentinel_schemes[i], strlen(sentinel_schemes[i])) == 0)
            return true;
    return false;
}

static bool is_socket(const char *scheme, size_t len)
{
    for (size_t i = 0; i < HP_COUNT(schemes); i++)
        if (schemes[i].is_socket && strlen(schemes[i].name) == len &&
            strncasecmp(scheme, schemes[i].name, len) == 0)
            return true;
    return false;
}

static void read_database(struct reader *reader, const char *text)
{
    unsigned database = 0;

    if (!hp_target_parse_number(text, INT_MAX, &database))
        hp_target_problem(&reader->base, "database", "is not a number");
    else if (!reader->has_database)
        reader->target.database = database;
}

static void read_path(struct reader *reader, const char *path)
{
    char *text = NULL;

    if (strlen(path) < 2)
        return;
    hp_target_set(&reader->base, &text, path + 1);
    if (text != NULL && hp_target_fill(&reader->base, &text, HP_PART_DATABASE, 0))
        read_database(reader, text);
    reader->has_database = true;
    free(text);
}

static void read_tcp(struct reader *reader, const struct hp_url *url)
{
    const struct hp_url_host *host = &url->hosts[0];

    if (url->n_hosts > 1)
        hp_target_problem(&reader->base, "URL",
                          "has several hosts: give one, a cluster's servers one by one");
    else if (*host->host == '\0')
        hp_target_problem(&reader->base, "URL", "names no host");
    else if (!hp_target_is_host(host->host, host->bracketed))
        hp_target_problem(&reader->base, "host", "is not valid");
    hp_target_set(&reader->base, &reader->target.host, host->host);
    reader->target.port = host->port != 0 ? host->port : DEFAULT_PORT;
    read_path(reader, url->path);
}

static void read_socket(struct reader *reader, const struct hp_url *url)
{
    size_t len = 0;

    reader->target.port = DEFAULT_PORT;
    reader->target.socket = hp_url_decode(url->path, strlen(url->path), &len);
    if (reader->target.socket == NULL)
        hp_target_no_memory(&reader->base);
    else if (hp_target_fill(&reader->base, &reader->target.socket, HP_PART_SOCKET, 0))
        len = strlen(reader->target.socket);
    if (url->n_hosts > 1 || *url->hosts[0].host != '\0' || url->hosts[0].port != 0 || len < 2)
        hp_target_problem(&reader->base, "URL", "names no socket: give unix:///directory/file");
    else if (len >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        hp_target_problem(&reader->base, "socket", "has too long a path");
}

static void read_scheme(struct reader *reader, const struct hp_url *url)
{
    for (size_t i = 0; i < HP_COUNT(schemes); i++) {
        if (strcmp(url->scheme, schemes[i].name) != 0)
            continue;
        reader->target.tls = schemes[i].tls;
        if (schemes[i].is_socket)
            read_socket(reader, url);
        else
            read_tcp(reader, url);
        return;
    }
    hp_target_problem(&reader->base, "scheme",
                      "is not one of Redis: give " EXAMPLE " or unix:///directory/file");
}

static void read_cert_reqs(struct reader *reader, const char *value)
{
    /* redis-py's words and Python's; "None" is seen as well. */
    static const char *const verified[] = {"required", "optional"};
    const char *word = strncasecmp(value, "CERT_", 5) == 0 ? value + 5 : value;

    if (*value == '\0')
        return;
    reader->target.insecure = strcasecmp(word, "none") == 0;
    for (size_t i = 0; i < HP_COUNT(verified); i++)
        if (strcasecmp(word, verified[i]) == 0)
            return;
    if (!reader->target.insecure)
        hp_target_problem(&reader->base, "parameter ssl_cert_reqs",
                          "has to be none, optional or required");
}

/* Fields from before the query win over parameters, and keep their masks. */
static enum hp_part part_of(const struct reader *reader, const char *key)
{
    const char *user = reader->url->user;

    if (strcmp(key, "db") == 0 && !reader->has_database)
        return HP_PART_DATABASE;
    if (strcmp(key, "username") == 0 && (user == NULL || *user == '\0'))
        return HP_PART_USER;
    return HP_PART_OTHER;
}

static void read_param(void *data, struct hp_url_param *param)
{
    struct reader *reader = data;
    const struct hp_url *url = reader->url;
    const char *key = param->key;
    const char *value = NULL;

    if (!hp_target_fill(&reader->base, &param->value, part_of(reader, key), 0))
        return;
    value = param->value;
    if (strcmp(key, "db") == 0) {
        if (*value != '\0')
            read_database(reader, value);
    } else if (strcmp(key, "username") == 0) {
        if (url->user == NULL || *url->user == '\0')
            hp_target_set(&reader->base, &reader->target.user, value);
    } else if (strcmp(key, "password") == 0) {
        if (url->password == NULL || *url->password == '\0')
            hp_target_set(&reader->base, &reader->target.password, value);
        reader->base.hides_keys = true;
    } else if (strcmp(key, "ssl_ca_certs") == 0) {
        hp_target_set(&reader->base, &reader->target.ca_certs, value);
    } else if (strcmp(key, "ssl_cert_reqs") == 0) {
        read_cert_reqs(reader, value);
    } else {
        hp_target_drop(&reader->base, key);
    }
}

static void read_url(struct reader *reader, const struct hp_url *url)
{
    hp_target_set(&reader->base, &reader->target.user, url->user);
    hp_target_set(&reader->base, &reader->target.password, url->password);
    read_scheme(reader, url);
    hp_target_read_params(&reader->base, url->query, read_param, reader);
    reader->target.insecure = reader->target.insecure && reader->target.tls;
}

static bool split(struct hp_url *ret, const char *text, const char *origin, struct hp_error *err)
{
    if (is_sentinel(text)) {
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: Sentinel is not supported: give a server's own URL, " EXAMPLE, origin);
        return false;
    }
    if (strstr(text, "://") == NULL) {
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: not a URL: give " EXAMPLE " or unix:///directory/file", origin);
        return false;
    }
    return hp_url_split(ret, text, origin, err);
}

/* "unix:/run/redis.sock" with its "//"; NULL: it has them already, or out of memory. */
static char *add_slashes(const char *text, struct hp_error *err)
{
    size_t len = strcspn(text, ":");
    char *whole = NULL;

    if (text[len] != ':' || text[len + 1] != '/' || text[len + 2] == '/' || !is_socket(text, len))
        return NULL;
    if (asprintf(&whole, "%.*s://%s", (int)len, text, text + len + 1) < 0) {
        whole = NULL;
        hp_error_no_memory(err);
    }
    return whole;
}

static bool parse(struct hp_redis_target *ret, const char *text,
                  const struct hp_placeholders *placeholders, const char *origin,
                  struct hp_names *ignored, struct hp_error *err)
{
    struct hp_url url = {0};
    struct reader reader = {
        .base = {.origin = origin, .ignored = ignored, .err = err, .placeholders = placeholders},
        .url = &url};

    if (!hp_target_check_supported(text, "redis", origin, err) ||
        !hp_target_check_cut(text, HP_TARGET_REDIS, origin, err))
        return false;
    if (!split(&url, text, origin, err)) {
        hp_target_advise(text, origin, err);
        return false;
    }
    if (hp_target_fill_url(&reader.base, &url))
        read_url(&reader, &url);
    hp_url_release(&url);
    reader.target.masks = reader.base.masks;

    if (reader.base.failed) {
        hp_target_advise(text, origin, err);
        hp_redis_target_release(&reader.target);
        return false;
    }
    *ret = reader.target;
    return true;
}

bool hp_redis_target_parse(struct hp_redis_target *ret, const char *text,
                           const struct hp_placeholders *placeholders, const char *origin,
                           struct hp_names *ignored, struct hp_error *err)
{
    char *whole = add_slashes(text, err);
    bool good = parse(ret, whole != NULL ? whole : text, placeholders, origin, ignored, err);

    hp_secret_free(whole);
    return good;
}

/* A user without a password is often a password in the wrong place. */
static bool shows_user(const struct hp_redis_target *target)
{
    return target->user != NULL && target->password != NULL;
}

static void add_user(struct hp_buffer *ret, const struct hp_redis_target *target)
{
    if (!shows_user(target))
        return;
    hp_target_add_field(ret, &target->masks, HP_PART_USER, target->user, "&," HP_TARGET_SAFE);
    hp_buffer_add(ret, "@");
}

static void add_database(struct hp_buffer *ret, const struct hp_redis_target *target)
{
    bool is_masked = hp_masks_find(&target->masks, HP_PART_DATABASE, 0) != NULL;

    if (target->database == 0 && !is_masked)
        return;
    hp_buffer_add(ret, target->socket != NULL ? "?db=" : "/");
    if (!hp_masks_show(&target->masks, HP_PART_DATABASE, 0, ret))
        hp_buffer_add_format(ret, "%u", target->database);
}

void hp_redis_target_describe(const struct hp_redis_target *target, struct hp_buffer *ret)
{
    size_t start = ret->len;

    if (ret->overflow)
        return;
    hp_buffer_add(ret, target->socket != NULL ? "unix://" : target->tls ? "rediss://" : "redis://");
    add_user(ret, target);
    if (target->socket != NULL) {
        hp_target_add_field(ret, &target->masks, HP_PART_SOCKET, target->socket,
                            "/:@&," HP_TARGET_SAFE);
    } else {
        hp_target_add_host(ret, &target->masks, 0, target->host);
        hp_target_add_port(ret, &target->masks, 0, target->port);
    }
    add_database(ret, target);
    hp_target_end(ret, start);
}

bool hp_redis_target_shows(const struct hp_redis_target *target, const char *text)
{
    const struct hp_masks *masks = &target->masks;

    return (shows_user(target) &&
            hp_target_shows_text(masks, HP_PART_USER, 0, target->user, text)) ||
           (target->socket == NULL &&
            (hp_target_shows_text(masks, HP_PART_HOST, 0, target->host, text) ||
             hp_target_shows_number(masks, HP_PART_PORT, 0, target->port, text))) ||
           (target->database != 0 &&
            hp_target_shows_number(masks, HP_PART_DATABASE, 0, target->database, text));
}

void hp_redis_target_release(struct hp_redis_target *target)
{
    if (target == NULL)
        return;
    free(target->user);
    free(target->password);
    free(target->host);
    free(target->socket);
    free(target->ca_certs);
    hp_masks_release(&target->masks);
    *target = (struct hp_redis_target){0};
}
