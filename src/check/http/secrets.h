/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_SECRETS_H
#define HEALTHPROBE_HTTP_SECRETS_H

#include <healthprobe/base/redact.h>
#include <healthprobe/check/input.h>

#include "target.h"

/* What a server may repeat of a request, and nobody may read. All return false without memory. */

/** The @value of a header that was given, unless all the world may know it. */
bool hp_http_secrets_add_header(struct hp_secrets *secrets, const struct hp_value *header,
                                const char *value);

/** The query of a URL, whole and by parameters. */
bool hp_http_secrets_add_query(struct hp_secrets *secrets, const struct hp_http_target *target);

/** A body; NULL: there is none. */
bool hp_http_secrets_add_body(struct hp_secrets *secrets, const char *body);

#endif
