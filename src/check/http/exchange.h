/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_EXCHANGE_H
#define HEALTHPROBE_HTTP_EXCHANGE_H

#include "response.h"

#include <curl/curl.h>

/*
 * A request and its response. libcurl speaks HTTP and TLS; the connection is our
 * own and handed to it, so that all kinds try a host's addresses alike.
 */

/** What is asked. All borrowed. */
struct hp_http_request {
    const struct hp_http_target *target;
    const struct hp_http_headers *headers;
    const struct hp_tls_settings *tls;
    const char *method;
    const char *body; /* NULL: none */
};

struct hp_http_exchange {
    struct hp_http_request request;
    struct hp_http_response *response;
    struct hp_attempt *attempt;
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    struct curl_slist *last_header;
    struct curl_slist *pinned; /* "host:port:address": libcurl is to look nothing up */
    char *url;                 /* as libcurl gets it, built from fields */
    int fd;                    /* -1 once libcurl has it */
    bool tls_is_set_up;        /* to verify the peer, unless that is turned off */
    struct hp_tls_error tls_error;
    char curl_error[CURL_ERROR_SIZE];
};

/**
 * Ask, and hand what comes to @response until that has had enough, or give the
 * verdict on why nothing came. A redirect that may be followed is not a verdict.
 *
 * @ret     not yet in use; stays where it is, and is released by the caller
 * @fd      a connected socket, taken over
 * @response  borrowed until the release
 */
void hp_http_exchange_run(struct hp_http_exchange *ret, const struct hp_http_request *request,
                          int fd, struct hp_http_response *response);

/** Accepts one that is all zero. */
void hp_http_exchange_release(struct hp_http_exchange *exchange);

#endif
