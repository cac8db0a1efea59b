/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/url.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* Some bytes of the text. */
struct span {
    const char *at;
    size_t len;
};

/* What the parts of one split share. */
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

/* Up to and without the first byte of @stops; the rest of @from is left there, stop included. */
static struct span take(struct span *from, const char *stops)
{
    struct span taken = {.at = from->at};

    while (taken.len < from->len && !strchr(stops, from->at[taken.len]))
        taken.len++;
    from->at += taken.len;
    from->len -= taken.len;
    return taken;
}

static struct span skip(struct span from, size_t n)
{
    return (struct span){.at = from.at + n, .len = from.len - n};
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_encoded(struct span text)
{
    return text.len >= 3 && text.at[0] == '%' && hex_value(text.at[1]) >= 0 &&
           hex_value(text.at[2]) >= 0;
}

char *hp_url_decode(const char *text, size_t len, size_t *ret_len)
{
    char *decoded = malloc(len + 1);
    size_t used = 0;

    if (!decoded)
        return NULL;
    for (struct span left = {text, len}; left.len > 0;) {
        bool encoded = is_encoded(left);

        if (encoded)
            decoded[used++] = (char)(hex_value(left.at[1]) << 4 | hex_value(left.at[2]));
        else
            decoded[used++] = left.at[0];
        left = skip(left, encoded ? 3 : 1);
    }
    decoded[used] = '\0';
    *ret_len = used;
    return decoded;
}

static char *copy(struct split *split, struct span text)
{
    char *copied = strndup(text.at, text.len);

    if (!copied)
        no_memory(split);
    return copied;
}

static char *decode(struct split *split, struct span text, const char *field)
{
    size_t len = 0;
    char *decoded = hp_url_decode(text.at, text.len, &len);

    if (!decoded)
        no_memory(split);
    else if (strlen(decoded) != len)
        problem(split, field, "holds an encoded NUL");
    return decoded;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

static uint16_t parse_port(struct split *split, struct span digits)
{
    unsigned port = 0;

    if (digits.len == 0)
        return 0;
    if (memchr(digits.at, ':', digits.len)) {
        problem(split, "host", "has several colons: an IPv6 address stands in brackets");
        return 0;
    }
    for (size_t i = 0; i < digits.len && port <= UINT16_MAX; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            problem(split, "port", "is not a number");
            return 0;
        }
        port = port * 10 + (unsigned)(digits.at[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX) {
        problem(split, "port", "is not one of 1 to 65535");
        return 0;
    }
    return (uint16_t)port;
}

static bool is_ipv6(struct span text)
{
    unsigned char address[16];
    char copied[64];

    if (text.len >= sizeof(copied))
        return false;
    memcpy(copied, text.at, text.len);
    copied[text.len] = '\0';
    return inet_pton(AF_INET6, copied, address) == 1;
}

static bool is_zone(const char *zone)
{
    if (*zone == '\0')
        return false;
    for (; *zone != '\0'; zone++) {
        if (*zone <= ' ' || *zone > '~' || strchr("%/[]", *zone))
            return false;
    }
    return true;
}

/* "fe80::1%25eth0" as RFC 6874 has it, or "fe80::1%eth0" as people write it. */
static char *parse_literal(struct split *split, struct span text)
{
    struct span zone_text = text;
    struct span address = take(&zone_text, "%");
    char *zone = NULL;
    char *literal = NULL;

    if (!is_ipv6(address)) {
        problem(split, "host", "in brackets is no IPv6 address");
        return NULL;
    }
    if (zone_text.len == 0)
        return copy(split, address);

    zone_text = skip(zone_text, 1);
    if (zone_text.len > 2 && memcmp(zone_text.at, "25", 2) == 0)
        zone_text = skip(zone_text, 2);
    zone = decode(split, zone_text, "zone");
    if (!zone)
        return NULL;
    literal = malloc(address.len + 1 + strlen(zone) + 1);
    if (!literal) {
        no_memory(split);
    } else {
        memcpy(literal, address.at, address.len);
        literal[address.len] = '%';
        memcpy(literal + address.len + 1, zone, strlen(zone) + 1);
    }
    if (!is_zone(zone))
        problem(split, "zone", "of the host is not valid");
    free(zone);
    return literal;
}

static void parse_bracketed(struct split *split, struct span text, struct hp_url_host *ret)
{
    struct span rest = skip(text, 1);
    struct span inside = take(&rest, "]");

    if (rest.len == 0) {
        problem(split, "host", "lacks its closing bracket");
        return;
    }
    ret->bracketed = true;
    ret->host = parse_literal(split, inside);
    rest = skip(rest, 1);
    if (rest.len == 0)
        return;
    if (rest.at[0] == ':')
        ret->port = parse_port(split, skip(rest, 1));
    else
        problem(split, "host", "goes on behind its closing bracket");
}

static void parse_host(struct split *split, struct span text, struct hp_url_host *ret)
{
    struct span rest = text;
    struct span name;

    if (text.len > 0 && text.at[0] == '[') {
        parse_bracketed(split, text, ret);
        return;
    }
    name = take(&rest, ":");
    ret->host = decode(split, name, "host");
    if (ret->host && has_control(ret->host))
        problem(split, "host", "holds a control character");
    if (rest.len > 0)
        ret->port = parse_port(split, skip(rest, 1));
}

static struct span take_host(struct span *from)
{
    struct span taken = {.at = from->at};
    bool inside = false;

    for (; taken.len < from->len; taken.len++) {
        char c = from->at[taken.len];

        if (c == ',' && !inside)
            break;
        inside = c == '[' || (inside && c != ']');
    }
    *from = skip(*from, taken.len);
    return taken;
}

static void parse_hosts(struct split *split, struct span text, struct hp_url *ret)
{
    size_t most = 1;

    for (size_t i = 0; i < text.len; i++)
        most += text.at[i] == ',';
    ret->hosts = calloc(most, sizeof(*ret->hosts));
    if (!ret->hosts) {
        no_memory(split);
        return;
    }
    for (;;) {
        parse_host(split, take_host(&text), &ret->hosts[ret->n_hosts++]);
        if (text.len == 0)
            return;
        text = skip(text, 1);
    }
}

static void parse_userinfo(struct split *split, struct span text, struct hp_url *ret)
{
    struct span user = take(&text, ":");

    ret->user = decode(split, user, "user");
    if (text.len > 0)
        ret->password = decode(split, skip(text, 1), "password");
}

static void parse_authority(struct split *split, struct span text, struct hp_url *ret)
{
    const char *at = memrchr(text.at, '@', text.len);

    if (at) {
        size_t len = (size_t)(at - text.at);

        parse_userinfo(split, (struct span){.at = text.at, .len = len}, ret);
        text = skip(text, len + 1);
    }
    parse_hosts(split, text, ret);
}

/* Path and query are kept encoded; what would decode to a NUL is refused here all the same. */
static char *copy_encoded(struct split *split, struct span text, const char *field)
{
    for (struct span left = text; left.len >= 3; left = skip(left, 1)) {
        if (memcmp(left.at, "%00", 3) == 0) {
            problem(split, field, "holds an encoded NUL");
            return NULL;
        }
    }
    return copy(split, text);
}

/* RFC 3986, 3.1 */
static bool is_scheme(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i] | 0x20;
        bool letter = c >= 'a' && c <= 'z';

        if (!letter && (i == 0 || !strchr("0123456789+-.", text.at[i])))
            return false;
    }
    return text.len > 0;
}

static char *parse_scheme(struct split *split, struct span text)
{
    char *scheme = copy(split, text);

    for (char *at = scheme; at && *at != '\0'; at++) {
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
    struct span scheme = {.at = text, .len = slashes ? (size_t)(slashes - text) : 0};
    struct span rest;

    if (!is_scheme(scheme)) {
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: not a URL, which looks like scheme://user:password@host:port/path",
                     origin);
        return false;
    }
    url.scheme = parse_scheme(&split, scheme);
    rest = (struct span){.at = slashes + 3, .len = strcspn(slashes + 3, "#")};
    parse_authority(&split, take(&rest, "/?"), &url);
    url.path = copy_encoded(&split, take(&rest, "?"), "path");
    if (rest.len > 0)
        url.query = copy_encoded(&split, skip(rest, 1), "query");

    if (!split.ok) {
        hp_url_release(&url);
        return false;
    }
    *ret = url;
    return true;
}

void hp_url_release(struct hp_url *url)
{
    for (size_t i = 0; i < url->n_hosts; i++)
        free(url->hosts[i].host);
    free(url->hosts);
    free(url->scheme);
    free(url->user);
    free(url->password);
    free(url->path);
    free(url->query);
    *url = (struct hp_url){0};
}

static void parse_param(struct split *split, struct span text, struct hp_url_params *ret)
{
    struct hp_url_param *param = &ret->items[ret->n++];
    struct span value = text;
    struct span key = take(&value, "=");

    param->key = decode(split, key, "query");
    param->value = decode(split, value.len > 0 ? skip(value, 1) : value, "query");
}

bool hp_url_params_split(struct hp_url_params *ret, const char *query, const char *origin,
                         struct hp_error *err)
{
    struct split split = {.origin = origin, .err = err, .ok = true};
    struct hp_url_params params = {0};
    struct span rest = {.at = query ? query : "", .len = query ? strlen(query) : 0};
    size_t most = 1;

    for (size_t i = 0; i < rest.len; i++)
        most += rest.at[i] == '&';
    params.items = calloc(most, sizeof(*params.items));
    if (!params.items)
        return hp_error_no_memory(err);
    while (rest.len > 0) {
        struct span piece = take(&rest, "&");

        if (piece.len > 0)
            parse_param(&split, piece, &params);
        if (rest.len > 0)
            rest = skip(rest, 1);
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
