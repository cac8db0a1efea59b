/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_TARGET_H
#define HEALTHPROBE_HTTP_TARGET_H

#include <healthprobe/check/target.h>

struct hp_http_target {
    bool tls;
    char *user;     /* NULL: no basic authentication */
    char *password; /* "" where the URL has a user alone; NULL without a user */
    char *host;     /* never empty; a literal without brackets, with its zone if it has one */
    uint16_t port;
    char *path;      /* with its "/" and the query, as it is sent */
    size_t path_len; /* of the part before the query, which a report may show */
    bool path_is_default;
    struct hp_masks masks; /* of hidden fields */
};

/**
 * @text          "http://…", "https://…", "HOST:PORT/path", ":PORT/path", "PORT" or "/path"
 * @placeholders  whose marks are in it; NULL: none are
 * @default_port  fills in for what "/path" leaves out
 * @default_path  for a target without one
 */
bool hp_http_target_parse(struct hp_http_target *ret, const char *text,
                          const struct hp_placeholders *placeholders, const char *origin,
                          uint16_t default_port, const char *default_path, struct hp_error *err);

/** Does the target name a host: is it a URL or "HOST:PORT"? */
bool hp_http_target_names_host(const char *text);

void hp_http_target_describe(const struct hp_http_target *target, struct hp_buffer *ret);

/** Its URL without user and zone, as it is requested; on the heap, NULL without memory. */
char *hp_http_target_url(const struct hp_http_target *target);

bool hp_http_target_shows(const struct hp_http_target *target, const char *text);
void hp_http_target_release(struct hp_http_target *target);

#endif
