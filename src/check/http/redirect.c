/* SPDX-License-Identifier: MIT */
#include "redirect.h"

#include <healthprobe/net/tls.h>

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_same_host(const struct hp_http_target *a, const struct hp_http_target *b)
{
    return a->port == b->port && strcasecmp(a->host, b->host) == 0;
}

/* libcurl knows no zones: one that was left out of the URL is put back where the host stays. */
static bool keep_zone(struct hp_http_target *target, const struct hp_http_target *from)
{
    size_t len = strcspn(from->host, "%");
    char *host = NULL;

    if (from->host[len] == '\0' || strchr(from->host, ':') == NULL || strlen(target->host) != len ||
        strncasecmp(target->host, from->host, len) != 0)
        return true;
    host = strdup(from->host);
    if (host == NULL)
        return false;
    free(target->host);
    target->host = host;
    return true;
}

/* A part of the URL in hand, for curl_free(); NULL: it has none such. */
static char *part(CURLU *url, CURLUPart what)
{
    char *text = NULL;

    return curl_url_get(url, what, &text, CURLU_PATH_AS_IS) == CURLUE_OK ? text : NULL;
}

static enum hp_http_redirect check_scheme(CURLU *url)
{
    char *scheme = part(url, CURLUPART_SCHEME);
    enum hp_http_redirect result = HP_HTTP_REDIRECT_OTHER_SCHEME;

    if (scheme == NULL)
        return HP_HTTP_REDIRECT_NO_MEMORY;
    if (strcasecmp(scheme, "http") == 0)
        result = HP_HTTP_REDIRECT_FOUND;
    else if (strcasecmp(scheme, "https") == 0)
        result = hp_tls_available() ? HP_HTTP_REDIRECT_FOUND : HP_HTTP_REDIRECT_NO_TLS;
    curl_free(scheme);
    return result;
}

static enum hp_http_redirect resolve(CURLU *url, struct hp_http_target *ret, const char *base,
                                     const char *location)
{
    static const unsigned flags =
        CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS | CURLU_URLENCODE | CURLU_ALLOW_SPACE;
    struct hp_error unheard = {0};
    enum hp_http_redirect result = HP_HTTP_REDIRECT_NO_URL;
    char *text = NULL;

    if (curl_url_set(url, CURLUPART_URL, base, CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS) !=
            CURLUE_OK ||
        curl_url_set(url, CURLUPART_URL, location, flags) != CURLUE_OK)
        return HP_HTTP_REDIRECT_NO_URL;
    result = check_scheme(url);
    if (result != HP_HTTP_REDIRECT_FOUND)
        return result;
    curl_url_set(url, CURLUPART_USER, NULL, 0);
    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
    text = part(url, CURLUPART_URL);
    if (text == NULL)
        return HP_HTTP_REDIRECT_NO_MEMORY;
    if (!hp_http_target_parse(ret, text, NULL, "", 0, "/", &unheard))
        result = unheard.reason == HP_REASON_INTERNAL ? HP_HTTP_REDIRECT_NO_MEMORY
                                                      : HP_HTTP_REDIRECT_NO_URL;
    curl_free(text);
    return result;
}

enum hp_http_redirect hp_http_redirect_resolve(struct hp_http_target *ret,
                                               const struct hp_http_target *from,
                                               const char *location)
{
    enum hp_http_redirect result = HP_HTTP_REDIRECT_NO_MEMORY;
    char *base = hp_http_target_url(from);
    CURLU *url = curl_url();

    if (base != NULL && url != NULL)
        result = resolve(url, ret, base, location);
    if (result == HP_HTTP_REDIRECT_FOUND && !keep_zone(ret, from)) {
        hp_http_target_release(ret);
        result = HP_HTTP_REDIRECT_NO_MEMORY;
    }
    curl_url_cleanup(url);
    free(base);
    return result;
}

bool hp_http_redirect_is_first(const struct hp_http_target *first,
                               const struct hp_http_target *target)
{
    return is_same_host(first, target) && (target->tls || !first->tls);
}

bool hp_http_redirect_makes_get(int status, const char *method)
{
    switch (status) {
    case 301:
    case 302:
        return strcmp(method, "POST") == 0;
    case 303:
        return strcmp(method, "HEAD") != 0;
    default:
        return false;
    }
}
