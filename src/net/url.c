/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/url.h>

#include <healthprobe/base/percent.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* What all steps of a split share. */
struct split {
    const char *origin;
    struct hp_error *err;
    bool ok;
};

static void problem(struct split *split, const char *field, const char *what)
{
    hp_error_add(split->err, HP_REASON_CONFIG, "%s: the %s %s", split->origin, field, what);
    split->ok = false;
}

static void no_memory(struct split *split)
{
    split->ok = hp_error_no_memory(split->err);
}

char *hp_url_decode(const char *text, size_t len, size_t *ret_len)
{
    char *decoded = malloc(len + 1);
    size_t used = 0;

    if (decoded == NULL)
        return NULL;
    for (struct hp_span left = {text, len}; left.len > 0;) {
        size_t step = 0;

        decoded[used++] = hp_percent_decode(left, &step);
        left = hp_span_skip(left, step);
    }
    decoded[used] = '\0';
    *ret_len = used;
    return decoded;
}

static char *copy(struct split *split, struct hp_span text)
{
    char *copied = strndup(text.data, text.len);

    if (copied == NULL)
        no_memory(split);
    return copied;
}

static char *decode(struct split *split, struct hp_span text, const char *field)
{
    size_t len = 0;
    char *decoded = hp_url_decode(text.data, text.len, &len);

    if (decoded == NULL)
        no_memory(split);
    else if (strlen(decoded) != len)
        problem(split, field, "holds an encoded NUL");
    return decoded;
}

static bool is_mark(const char *text)
{
    return text[0] == HP_URL_MARK && (text[1] & 0x80) != 0;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_mark(text))
            text++;
        else if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

static void parse_port(struct split *split, struct hp_span digits, struct hp_url_host *ret)
{
    unsigned port = 0;

    if (digits.len == 0)
        return;
    if (memchr(digits.data, ':', digits.len) != NULL) {
        problem(split, "host", "has several colons: put an IPv6 address in brackets");
        return;
    }
    if (memchr(digits.data, HP_URL_MARK, digits.len) != NULL) {
        ret->port_mark = copy(split, digits);
        return;
    }
    for (size_t i = 0; i < digits.len && port <= UINT16_MAX; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') {
            problem(split, "port", "is not a number");
            return;
        }
        port = port * 10 + (unsigned)(digits.data[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        problem(split, "port", "is not one of 1 to 65535");
    else
        ret->port = (uint16_t)port;
}

static bool is_ipv6(struct hp_span text)
{
    unsigned char address[16];
    char copied[64];

    if (text.len >= sizeof copied)
        return false;
    memcpy(copied, text.data, text.len);
    copied[text.len] = '\0';
    return inet_pton(AF_INET6, copied, address) == 1;
}

static bool is_zone(const char *zone)
{
    if (*zone == '\0')
        return false;
    for (; *zone != '\0'; zone++) {
        if (*zone <= ' ' || *zone > '~' || hp_is_one_of(*zone, "%/[]"))
            return false;
    }
    return true;
}

bool hp_url_is_ipv6(const char *text)
{
    struct hp_span zone = hp_span_of(text);
    struct hp_span address = hp_span_cut(&zone, "%");

    return is_ipv6(address) && (zone.data == NULL || is_zone(zone.data));
}

/* "fe80::1%25eth0" as in RFC 6874, or "fe80::1%eth0" as people write it. */
static char *parse_literal(struct split *split, struct hp_span text)
{
    struct hp_span zone_text = text;
    struct hp_span address = hp_span_cut(&zone_text, "%");
    bool is_marked = memchr(text.data, HP_URL_MARK, text.len) != NULL;
    char *zone = NULL;
    char *literal = NULL;

    if (!is_marked && !is_ipv6(address)) {
        problem(split, "host", "in brackets is not an IPv6 address");
        return NULL;
    }
    if (zone_text.data == NULL)
        return copy(split, address);

    if (zone_text.len > 2 && hp_span_starts(zone_text, "25"))
        zone_text = hp_span_skip(zone_text, 2);
    zone = decode(split, zone_text, "zone");
    if (zone == NULL)
        return NULL;
    literal = malloc(address.len + 1 + strlen(zone) + 1);
    if (literal == NULL) {
        no_memory(split);
    } else {
        memcpy(literal, address.data, address.len);
        literal[address.len] = '%';
        memcpy(literal + address.len + 1, zone, strlen(zone) + 1);
    }
    if (!is_marked && !is_zone(zone))
        problem(split, "zone", "of the host is not valid");
    free(zone);
    return literal;
}

static void parse_bracketed(struct split *split, struct hp_span text, struct hp_url_host *ret)
{
    struct hp_span rest = hp_span_skip(text, 1);
    struct hp_span inside = hp_span_cut(&rest, "]");

    if (rest.data == NULL) {
        problem(split, "host", "lacks its closing bracket");
        return;
    }
    ret->bracketed = true;
    ret->host = parse_literal(split, inside);
    if (rest.len == 0)
        return;
    if (rest.data[0] == ':')
        parse_port(split, hp_span_skip(rest, 1), ret);
    else
        problem(split, "host", "continues after its closing bracket");
}

static void parse_host(struct split *split, struct hp_span text, struct hp_url_host *ret)
{
    struct hp_span rest = text;
    struct hp_span name;

    if (text.len > 0 && text.data[0] == '[') {
        parse_bracketed(split, text, ret);
        return;
    }
    name = hp_span_cut(&rest, ":");
    ret->host = decode(split, name, "host");
    if (ret->host != NULL && has_control(ret->host))
        problem(split, "host", "holds a control character");
    if (rest.data != NULL)
        parse_port(split, rest, ret);
}

static struct hp_span take_host(struct hp_span *from)
{
    struct hp_span taken = {.data = from->data};
    bool inside = false;

    for (; taken.len < from->len; taken.len++) {
        char c = from->data[taken.len];

        if (c == ',' && !inside)
            break;
        inside = c == '[' || (inside && c != ']');
    }
    *from = hp_span_skip(*from, taken.len);
    return taken;
}

static void parse_hosts(struct split *split, struct hp_span text, struct hp_url *ret)
{
    size_t most = 1;

    for (size_t i = 0; i < text.len; i++)
        most += text.data[i] == ',';
    ret->hosts = calloc(most, sizeof *ret->hosts);
    if (ret->hosts == NULL) {
        no_memory(split);
        return;
    }
    for (;;) {
        parse_host(split, take_host(&text), &ret->hosts[ret->n_hosts++]);
        if (text.len == 0)
            return;
        text = hp_span_skip(text, 1);
    }
}

static void parse_userinfo(struct split *split, struct hp_span text, struct hp_url *ret)
{
    struct hp_span user = hp_span_cut(&text, ":");

    ret->user = decode(split, user, "user");
    if (text.data != NULL)
        ret->password = decode(split, text, "password");
}

static void parse_authority(struct split *split, struct hp_span text, struct hp_url *ret)
{
    const char *at = memrchr(text.data, '@', text.len);

    if (at != NULL) {
        size_t len = (size_t)(at - text.data);

        parse_userinfo(split, (struct hp_span){.data = text.data, .len = len}, ret);
        text = hp_span_skip(text, len + 1);
    }
    parse_hosts(split, text, ret);
}

/* Path and query are not decoded, but an encoded NUL in them is refused, too. */
static char *copy_encoded(struct split *split, struct hp_span text, const char *field)
{
    for (struct hp_span left = text; left.len > 0; left = hp_span_skip(left, 1)) {
        if (hp_span_starts(left, "%00")) {
            problem(split, field, "holds an encoded NUL");
            return NULL;
        }
    }
    return copy(split, text);
}

/* RFC 3986, 3.1; SQLAlchemy has "postgresql+psycopg_async". */
static bool is_scheme(struct hp_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i] | 0x20;
        bool letter = c >= 'a' && c <= 'z';

        if (!letter && (i == 0 || !hp_is_one_of(text.data[i], "0123456789+-._")))
            return false;
    }
    return text.len > 0;
}

static char *parse_scheme(struct split *split, struct hp_span text)
{
    char *scheme = copy(split, text);

    for (char *at = scheme; at != NULL && *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z')
            *at |= 0x20;
    }
    return scheme;
}

bool hp_url_split(struct hp_url *ret, const char *text, const char *origin, struct hp_error *err)
{
    struct split split = {.origin = origin, .err = err, .ok = true};
    struct hp_url url = {0};
    const char *slashes = strstr(text, "://");
    struct hp_span scheme = {.data = text, .len = slashes != NULL ? (size_t)(slashes - text) : 0};
    struct hp_span rest, query, path, authority;

    if (memchr(text, HP_URL_MARK, scheme.len) != NULL) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: a placeholder cannot be the scheme", origin);
        return false;
    }
    if (!is_scheme(scheme)) {
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: not a URL, which looks like scheme://user:password@host:port/path",
                     origin);
        return false;
    }
    url.scheme = parse_scheme(&split, scheme);
    rest = hp_span_of(slashes + strlen("://"));
    query = hp_span_cut(&rest, "#");
    path = hp_span_cut(&query, "?");
    rest = path;
    authority = hp_span_cut(&rest, "/");
    parse_authority(&split, authority, &url);
    url.path = copy_encoded(&split, hp_span_skip(path, authority.len), "path");
    if (query.data != NULL)
        url.query = copy_encoded(&split, query, "query");

    if (!split.ok) {
        hp_url_release(&url);
        return false;
    }
    *ret = url;
    return true;
}

void hp_url_release(struct hp_url *url)
{
    for (size_t i = 0; i < url->n_hosts; i++) {
        free(url->hosts[i].host);
        free(url->hosts[i].port_mark);
    }
    free(url->hosts);
    free(url->scheme);
    free(url->user);
    free(url->password);
    free(url->path);
    free(url->query);
    *url = (struct hp_url){0};
}

static void parse_param(struct split *split, struct hp_span text, struct hp_url_params *ret)
{
    struct hp_url_param *param = &ret->items[ret->n++];
    struct hp_span value = text;
    struct hp_span key = hp_span_cut(&value, "=");

    param->key = decode(split, key, "query");
    param->value = decode(split, value, "query");
}

bool hp_url_params_split(struct hp_url_params *ret, const char *query, const char *origin,
                         struct hp_error *err)
{
    struct split split = {.origin = origin, .err = err, .ok = true};
    struct hp_url_params params = {0};
    struct hp_span rest = hp_span_of(query != NULL ? query : "");
    size_t most = 1;

    for (size_t i = 0; i < rest.len; i++)
        most += rest.data[i] == '&';
    params.items = calloc(most, sizeof *params.items);
    if (params.items == NULL) {
        no_memory(&split);
        return false;
    }
    while (rest.data != NULL) {
        struct hp_span piece = hp_span_cut(&rest, "&");

        if (piece.len > 0)
            parse_param(&split, piece, &params);
    }
    if (!split.ok) {
        hp_url_params_release(&params);
        return false;
    }
    *ret = params;
    return true;
}

void hp_url_params_release(struct hp_url_params *params)
{
    for (size_t i = 0; i < params->n; i++) {
        free(params->items[i].key);
        free(params->items[i].value);
    }
    free(params->items);
    *params = (struct hp_url_params){0};
}
