/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_HEADER_H
#define HEALTHPROBE_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Is @line a header that can be sent: a token, a colon, and a value without
 * control characters (RFC 9110, 5.1 and 5.5)?
 *
 * @ret_value  where the value begins, in @line; set on success only
 */
bool hp_http_header_valid(const char *line, const char **ret_value);

/**
 * Is @line a status line of HTTP/1 (RFC 9112, 4): a version, a blank, three
 * digits, and then a blank or the line's end?
 */
bool hp_http_status_line_valid(const char *line, size_t len);

/** Does the header @line have this name? Case does not matter. */
bool hp_http_header_is(const char *line, size_t len, const char *name);

/** The same for a name of @name_len bytes. */
bool hp_http_header_named(const char *line, size_t len, const char *name, size_t name_len);

/** Is @method a token that can stand in a request line? */
bool hp_http_method_valid(const char *method);

/** Is it one of HTTP's own? Another may be anything, a secret in the wrong place too. */
bool hp_http_method_known(const char *method);

/**
 * "Basic …" of RFC 7617, for a user and a password; NULL without memory. The
 * caller frees it.
 */
char *hp_http_basic(const char *user, const char *password);

/**
 * What a report may show of a Location: no user, password, query or fragment.
 *
 * @value, @len  the header's value, bytes of any kind
 * @ret          NUL-terminated, cut to @ret_size
 */
void hp_http_location_shown(char *ret, size_t ret_size, const char *value, size_t len);

#endif
