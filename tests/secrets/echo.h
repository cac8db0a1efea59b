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

/** The number of places for a text in the answers of a kind. */
int echo_forms(enum kind kind);

/** The name of such a place, for messages. */
const char *echo_form_name(enum kind kind, int form);

/** The option that makes the probe read that place; NULL: none. */
const char *echo_form_option(enum kind kind, int form);

/** Start a peer that sends @text back in this form, with @tls after a handshake. */
void echo_start(struct peer *peer, enum kind kind, int form, bool tls, const char *text);

/** Start an HTTP peer with this response. */
void echo_start_http(struct peer *peer, bool tls, const char *answer);

/** Start one that accepts connections and sends nothing. */
void echo_start_silent(struct peer *peer);

#endif
