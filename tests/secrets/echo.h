/* SPDX-License-Identifier: MIT */
#ifndef SECRETS_ECHO_H
#define SECRETS_ECHO_H

#include <stdbool.h>

#include "peer.h"

/**
 * Peers that send a text back wherever their protocol has room for one.
 */

enum kind { KIND_HTTP, KIND_DATABASE, KIND_REDIS, KIND_COUNT };

extern const char *const kind_names[KIND_COUNT];

/** How many places to put a text the answers of a kind have. */
int echo_forms(enum kind kind);

/** What such a place is called, for messages. */
const char *echo_form_name(enum kind kind, int form);

/** What the probe is told so that it reads what is there; NULL: nothing. */
const char *echo_form_option(enum kind kind, int form);

/** Start a peer that sends @text back in this form, behind a handshake when @tls says so. */
void echo_start(struct peer *peer, enum kind kind, int form, bool tls, const char *text);

/** Start an HTTP peer with this answer. */
void echo_start_http(struct peer *peer, bool tls, const char *answer);

/** Start one that takes connections and says nothing. */
void echo_start_silent(struct peer *peer);

#endif
