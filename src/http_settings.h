/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_SETTINGS_H
#define HEALTHPROBE_HTTP_SETTINGS_H

#include <healthprobe/check.h>
#include <healthprobe/dial.h>
#include <healthprobe/http_status.h>
#include <healthprobe/target.h>
#include <healthprobe/tls.h>
#include <healthprobe/url.h>

/* What the http check is told; read once, and shared by all its requests. */

/** Header lines to send, "Name: value" each; a list of all zero is empty. Owns them. */
struct hp_http_headers {
    size_t n;
    char **lines;
};

struct hp_http_settings {
    struct hp_http_target target;
    struct hp_status_set accepted;
    struct hp_url connect_url; /* of --http-connect; owns endpoint's host */
    struct hp_endpoint endpoint;
    struct hp_tls_settings tls;
    struct hp_http_headers headers;
    const char *method;
    const char *port_origin; /* of a port that the target left out; static; NULL: it has one */
    const char *mode_path;   /* what a target without a path asks; static */
};

/** The kind's rows of the option table. */
#define HP_HTTP_OPTIONS 10
extern const struct hp_option hp_http_options[HP_HTTP_OPTIONS];

/**
 * Read target and options. @ret is all zero before, and released by the caller
 * whatever comes of it. False: problems were added, all that there are.
 */
bool hp_http_settings_read(struct hp_http_settings *ret, const struct hp_check_input *input,
                           struct hp_error *err);

/** Is the mode's own path asked? */
bool hp_http_settings_asks_mode_path(const struct hp_http_settings *settings);

void hp_http_settings_release(struct hp_http_settings *settings);

#endif
