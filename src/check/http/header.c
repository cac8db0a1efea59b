/* SPDX-License-Identifier: MIT */
#include "header.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/base/span.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define METHOD_MAX 16

/* RFC 9110, 5.6.2 */
static bool is_token_char(char c)
{
    return isalnum((unsigned char)c) || hp_is_one_of(c, "!#$%&'*+-.^_`|~");
}

static size_t token_len(const char *text)
{
    size_t len = 0;

    while (is_token_char(text[len]))
        len++;
    return len;
}

bool hp_http_header_valid(const char *line, const char **ret_value)
{
    size_t len = token_len(line);
    const char *value = line + len + 1;

    if (len == 0 || line[len] != ':')
        return false;
    while (*value == ' ' || *value == '\t')
        value++;
    for (const char *p = value; *p != '\0'; p++)
        if (iscntrl((unsigned char)*p) && *p != '\t')
            return false;
    *ret_value = value;
    return true;
}

bool hp_http_status_line_valid(const char *line, size_t len)
{
    static const char shape[] = "HTTP/1.d ddd";
    size_t shape_len = sizeof shape - 1;

    if (len <= shape_len)
        return false;
    for (size_t i = 0; i < shape_len; i++)
        if (shape[i] == 'd' ? !isdigit((unsigned char)line[i]) : line[i] != shape[i])
            return false;
    return line[shape_len] == ' ' || line[shape_len] == '\r' || line[shape_len] == '\n';
}

bool hp_http_header_named(const char *line, size_t len, const char *name, size_t name_len)
{
    return len > name_len && line[name_len] == ':' && strncasecmp(line, name, name_len) == 0;
}

bool hp_http_header_is(const char *line, size_t len, const char *name)
{
    return hp_http_header_named(line, len, name, strlen(name));
}

bool hp_http_method_valid(const char *method)
{
    size_t len = token_len(method);

    return len > 0 && len <= METHOD_MAX && method[len] == '\0';
}

bool hp_http_method_known(const char *method)
{
    static const char *const known[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                        "CONNECT", "OPTIONS", "TRACE", "PATCH"};

    for (size_t i = 0; i < HP_COUNT(known); i++)
        if (strcmp(method, known[i]) == 0)
            return true;
    return false;
}

static size_t base64(char *ret, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t out = 0;

    for (size_t i = 0; i < len; i += 3) {
        unsigned group = (unsigned)bytes[i] << 16;
        if (i + 1 < len)
            group |= (unsigned)bytes[i + 1] << 8;
        if (i + 2 < len)
            group |= bytes[i + 2];
        ret[out++] = digits[group >> 18];
        ret[out++] = digits[group >> 12 & 63];
        ret[out++] = i + 1 < len ? digits[group >> 6 & 63] : '=';
        ret[out++] = i + 2 < len ? digits[group & 63] : '=';
    }
    ret[out] = '\0';
    return out;
}

char *hp_http_basic(const char *user, const char *password)
{
    static const char scheme[] = "Basic ";
    size_t len = strlen(user) + 1 + strlen(password);
    char *plain = malloc(len + 1);
    char *result = malloc(sizeof scheme + (len + 2) / 3 * 4);

    if (plain == NULL || result == NULL) {
        free(plain);
        free(result);
        return NULL;
    }
    snprintf(plain, len + 1, "%s:%s", user, password);
    memcpy(result, scheme, sizeof scheme);
    base64(result + sizeof scheme - 1, (const unsigned char *)plain, len);
    hp_secret_free(plain);
    return result;
}

static size_t until(const char *value, size_t len, const char *ends)
{
    size_t i = 0;

    while (i < len && !hp_is_one_of(value[i], ends))
        i++;
    return i;
}

/* Behind "scheme:" and the slashes, of either kind and any number, that clients make of them. */
static size_t authority_start(const char *value, size_t len)
{
    size_t scheme = until(value, len, ":/\\");
    size_t start = scheme < len && value[scheme] == ':' ? scheme + 1 : 0;

    while (start < len && (value[start] == '/' || value[start] == '\\'))
        start++;
    return start;
}

/* A path of the same server: an "@" in it does not end a password. */
static bool is_path(const char *value, size_t len)
{
    return len > 0 && value[0] == '/' && (len == 1 || (value[1] != '/' && value[1] != '\\'));
}

/* Where "user:password@" is; @ret_end is @ret_start where there is none. */
static void find_userinfo(const char *value, size_t len, size_t *ret_start, size_t *ret_end)
{
    size_t start = is_path(value, len) ? len : authority_start(value, len);
    size_t end = start + until(value + start, len - start, "/\\");

    *ret_start = start;
    *ret_end = start;
    for (size_t i = start; i < end; i++)
        if (value[i] == '@')
            *ret_end = i + 1;
}

static size_t append(char *ret, size_t ret_size, size_t used, const char *bytes, size_t len)
{
    if (len > ret_size - 1 - used)
        len = ret_size - 1 - used;
    memcpy(ret + used, bytes, len);
    return used + len;
}

void hp_http_location_shown(char *ret, size_t ret_size, const char *value, size_t len)
{
    size_t start = 0;
    size_t end = 0;
    size_t shown = until(value, len, "?#\r\n");
    size_t used = 0;

    find_userinfo(value, shown, &start, &end);
    used = append(ret, ret_size, 0, value, start);
    used = append(ret, ret_size, used, value + end, shown - end);
    ret[used] = '\0';
}
