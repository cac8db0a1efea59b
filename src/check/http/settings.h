/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_SETTINGS_H
#define HEALTHPROBE_HTTP_SETTINGS_H

#include <healthprobe/check/input.h>
#include <healthprobe/net/dial.h>
#include <healthprobe/net/tls.h>
#include <healthprobe/net/url.h>

#include "expectation.h"
#include "status.h"
#include "target.h"

/* The settings of the http check: read once, and shared by all its requests. */

/** Header lines to send, "Name: value" each; a list of all zero is empty. Owns them. */
struct hp_http_headers {
    size_t n;
    char **lines;
};

bool hp_http_headers_have(const struct hp_http_headers *headers, const char *name);

struct hp_http_settings {
    struct hp_http_target target;
    struct hp_status_set accepted;
    struct hp_url connect_url;     /* of --http-connect; owns connect_to's host */
    struct hp_endpoint connect_to; /* of --http-connect and --http-unix; all zero: neither */
    struct hp_tls_settings tls;
    struct hp_http_headers headers;       /* credentials too: for the target alone */
    struct hp_http_headers other_headers; /* for another host that a redirect leads to */
    const char *method;
    const char *body; /* NULL: none */
    unsigned follow;  /* so many redirects at most */
    struct hp_expectations expectations;
    const char *port_origin; /* of a port that the target left out; static; NULL: it has one */
    bool port_is_assumed;    /* neither the target nor PORT gives one */
    const char *mode_path;   /* what a target without a path requests; static */
    const char *path_origin; /* of that; static */
};

/* What a mode requests where a target has no path. */
#define HP_HTTP_LIVE  "/health/live"
#define HP_HTTP_READY "/health/ready"
#define HP_HTTP_FULL  "/health"

/** The kind's rows of the option table. */
extern const struct hp_option hp_http_options[];

/** Of these, the ones that hints name. */
extern const struct hp_option *const hp_http_status_option;
extern const struct hp_option *const hp_http_follow_option;
extern const struct hp_option *const hp_http_header_option;
extern const struct hp_option *const hp_http_connect_option;

/**
 * Read target and options. @ret is all zero before, and released by the caller
 * whatever comes of it. False: problems were added, all that there are.
 */
bool hp_http_settings_read(struct hp_http_settings *ret, const struct hp_check_input *input,
                           struct hp_error *err);

/** Where to connect to for @target, which is the settings' own or one that a redirect led to. */
struct hp_endpoint hp_http_settings_endpoint(const struct hp_http_settings *settings,
                                             const struct hp_http_target *target);

void hp_http_settings_release(struct hp_http_settings *settings);

#endif
