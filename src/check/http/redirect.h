/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_REDIRECT_H
#define HEALTHPROBE_HTTP_REDIRECT_H

#include "target.h"

/* Where a redirect leads, and what is asked there. */

enum hp_http_redirect {
    HP_HTTP_REDIRECT_FOUND,
    HP_HTTP_REDIRECT_NO_URL,
    HP_HTTP_REDIRECT_OTHER_SCHEME, /* neither http nor https */
    HP_HTTP_REDIRECT_NO_TLS,       /* https, which this build does not have */
    HP_HTTP_REDIRECT_NO_MEMORY
};

/**
 * Resolve a Location against the URL that was asked (RFC 3986, 5). A user and a
 * password in it are dropped: who redirects does not say who we are.
 *
 * @ret  set where one is found; released by the caller
 */
enum hp_http_redirect hp_http_redirect_resolve(struct hp_http_target *ret,
                                               const struct hp_http_target *from,
                                               const char *location);

/** May what was meant for @first be sent to @target: is it the same place, and no less safe? */
bool hp_http_redirect_is_first(const struct hp_http_target *first,
                               const struct hp_http_target *target);

/**
 * Does the request become a GET without a body, as browsers and curl make it?
 * 301 and 302 make one of POST, 303 of everything but HEAD, 307 and 308 of none.
 */
bool hp_http_redirect_makes_get(int status, const char *method);

#endif
