/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_RESPONSE_H
#define HEALTHPROBE_HTTP_RESPONSE_H

#include "settings.h"

/*
 * What a server answers, and the verdict on it. Knows no library: it is fed
 * with header lines and pieces of the body, and says when it has had enough.
 */

/* How much is read of the body of a refused response. */
#define HP_HTTP_EXCERPT_MAX 1024

struct hp_http_response {
    const struct hp_http_settings *settings;
    struct hp_attempt *attempt;
    bool may_follow; /* a redirect is not a verdict yet */
    bool is_hidden;  /* an earlier one led here with a secret: where this leads may be a piece */
    bool redirected; /* that is what came */
    char *next;      /* where it leads, as it came */
    bool
        in_block; /* of headers: from a status line, which is valid nowhere else, to a blank line */
    bool misplaced;          /* it has a second status line: what follows does not count */
    int status;              /* of the last status line */
    struct hp_text phrase;   /* the words after the status */
    struct hp_text encoding; /* of the body, other than identity; "" where there is none */
    size_t header_bytes;
    bool is_whole;    /* the body has ended */
    bool has_headers; /* all of them: what looks like one after them is a trailer */
    char *headers;    /* lines of the final response, where an expectation asks for them */
    size_t headers_len;
    char *body; /* HP_BODY_MAX + 1 bytes, where an expectation asks for it */
    size_t body_len;
    size_t excerpt_len;
    struct hp_deadline excerpt_deadline;
    bool location_withheld; /* it holds a secret, of which its shown part may be a piece */
    char location[256];
    char excerpt[HP_HTTP_EXCERPT_MAX];
};

/** Begin with the response to another request of the same attempt. */
void hp_http_response_init(struct hp_http_response *ret, const struct hp_http_settings *settings,
                           struct hp_attempt *attempt, bool may_follow);
void hp_http_response_release(struct hp_http_response *response);

/** Take a header line, with its line end, status lines and blank ones too. False: enough. */
bool hp_http_response_header(struct hp_http_response *response, const char *line, size_t len);

/** Take a piece of the body. False: enough. */
bool hp_http_response_body(struct hp_http_response *response, const char *bytes, size_t len);

/** How long more of it is worth waiting for. */
struct hp_deadline hp_http_response_deadline(const struct hp_http_response *response);

/** It came whole: a verdict that waited for the body is given. */
void hp_http_response_end(struct hp_http_response *response);

/** Nothing more will come: say about a refused status what is known. */
void hp_http_response_explain(struct hp_http_response *response);

#endif
