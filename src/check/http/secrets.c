/* SPDX-License-Identifier: MIT */
#include "secrets.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>

#include <stdlib.h>
#include <string.h>

#include "header.h"

/* Shorter values are common words rather than secrets. */
#define SECRET_MIN 8

static bool add_secret(struct hp_secrets *secrets, bool whole, const char *text, size_t len)
{
    char *secret = NULL;
    bool added = false;

    if (len < SECRET_MIN)
        return true;
    secret = strndup(text, len);
    added = secret != NULL &&
            (whole ? hp_secrets_add_whole(secrets, secret) : hp_secrets_add(secrets, secret));
    hp_secret_free(secret);
    return added;
}

/* Values that servers repeat when they refuse a request; typed ones are not secrets. */
static bool is_public(const struct hp_value *header)
{
    static const char *const names[] = {
        "Host",
        "Accept",
        "Accept-Charset",
        "Accept-Encoding",
        "Origin",
        "Accept-Language",
        "User-Agent",
        "Content-Type",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
    };

    for (size_t i = 0; i < HP_COUNT(names); i++)
        if (hp_http_header_is(header->text, strlen(header->text), names[i]))
            return header->reference == HP_REFERENCE_NONE && header->placeholders.n == 0;
    return false;
}

bool hp_http_secrets_add_header(struct hp_secrets *secrets, const struct hp_value *header,
                                const char *value)
{
    const char *line = header->text;
    struct hp_span rest = hp_span_trim_end(hp_span_of(value), " \t");

    if (is_public(header))
        return true;
    if (!add_secret(secrets, false, rest.data, rest.len))
        return false;
    if (!hp_http_header_is(line, strlen(line), "Authorization") &&
        !hp_http_header_is(line, strlen(line), "Proxy-Authorization"))
        return true;
    /* What follows "Bearer " is a secret too: servers repeat it without the word. */
    hp_span_cut(&rest, " \t");
    rest = hp_span_trim(rest, " \t");
    return add_secret(secrets, false, rest.data, rest.len);
}

static bool add_decoded_secret(struct hp_secrets *secrets, bool whole, const char *text, size_t len)
{
    size_t decoded_len = 0;
    char *decoded = hp_url_decode(text, len, &decoded_len);
    bool added = decoded != NULL && add_secret(secrets, whole, decoded, decoded_len);

    free(decoded);
    return added;
}

/* As a form has it: with a plus sign for a blank. */
static bool add_form_secret(struct hp_secrets *secrets, bool whole, const char *text, size_t len)
{
    char *form = NULL;
    bool added = false;

    if (memchr(text, '+', len) == NULL)
        return true;
    form = strndup(text, len);
    if (form == NULL)
        return false;
    for (char *at = strchr(form, '+'); at != NULL; at = strchr(at, '+'))
        *at = ' ';
    added = add_decoded_secret(secrets, whole, form, len);
    free(form);
    return added;
}

/* Servers send it back as it came, or decoded. */
static bool add_encoded_secret(struct hp_secrets *secrets, bool whole, const char *text, size_t len)
{
    return add_secret(secrets, whole, text, len) && add_decoded_secret(secrets, whole, text, len) &&
           add_form_secret(secrets, whole, text, len);
}

/* What each parameter says. Names are common words. */
static bool add_parameters(struct hp_secrets *secrets, const char *query, const char *separators)
{
    struct hp_span rest = hp_span_of(query);

    while (rest.data != NULL) {
        struct hp_span param = hp_span_cut(&rest, separators);
        struct hp_span value = param;

        hp_span_cut(&value, "=");
        if (value.data == NULL)
            value = param;
        if (!add_encoded_secret(secrets, false, value.data, value.len))
            return false;
    }
    return true;
}

/* To some servers a semicolon separates as well. */
bool hp_http_secrets_add_query(struct hp_secrets *secrets, const struct hp_http_target *target)
{
    const char *query = target->path + target->path_len;

    if (*query != '?')
        return true;
    query++;
    return add_encoded_secret(secrets, true, query, strlen(query)) &&
           add_parameters(secrets, query, "&") &&
           (strchr(query, ';') == NULL || add_parameters(secrets, query, "&;"));
}

/* A server that refuses a body may repeat it. It begins as any does: "{". */
bool hp_http_secrets_add_body(struct hp_secrets *secrets, const char *body)
{
    return body == NULL || add_secret(secrets, true, body, strlen(body));
}
