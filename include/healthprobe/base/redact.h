/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REDACT_H
#define HEALTHPROBE_REDACT_H

#include <stdbool.h>
#include <stddef.h>

/** A check's error is at most this many bytes, before JSON escaping. */
#define HP_TEXT_MAX 160

/** Stands for a text that holds a secret. */
#define HP_WITHHELD "(withheld)"

/** Text that may be printed. Only hp_redact() makes one from what a peer said. */
struct hp_text {
    char bytes[HP_TEXT_MAX + 1]; /* NUL-terminated, valid UTF-8, no control characters */
};

/**
 * What a peer or a library said: bytes of any kind, borrowed. A separate type, so that no renderer
 * can take it by mistake.
 */
struct hp_untrusted {
    const char *bytes;
    size_t len;
    bool incomplete; /* the rest is missing: it may end in the first bytes of a secret */
};

/** The secrets in use: passwords, texts made from them, header values. Owns its copies. */
struct hp_secrets {
    size_t n;
    char **items;             /* each NUL-terminated, not empty */
    struct hp_secrets *whole; /* those of hp_secrets_add_whole(); NULL: none */

    /* Or a view of another's secrets, borrowed, without those that @owner shows anyway. */
    const struct hp_secrets *of;
    bool (*is_shown)(const void *owner, const char *secret);
    const void *owner;
};

/** Keep a copy of @secret; NULL and "" are ignored. False: out of memory. */
bool hp_secrets_add(struct hp_secrets *secrets, const char *secret);

/** The same for a secret that begins with a common word: only all of it is searched for. */
bool hp_secrets_add_whole(struct hp_secrets *secrets, const char *secret);

/** Wipe and free a NUL-terminated text that may be a secret. Accepts NULL. */
void hp_secret_free(char *text);

/** Wipes and frees the copies. Accepts one that is all zero. */
void hp_secrets_release(struct hp_secrets *secrets);

/**
 * Does the text hold a secret: raw, or with any of its characters escaped as in a URL, a form, JSON
 * or HTML? The first 64 bytes of a long secret are enough. Does an incomplete text end in at least
 * the first three bytes of one?
 */
bool hp_secrets_found(const struct hp_secrets *secrets, struct hp_untrusted said);

/**
 * Make what was said fit to print. All of it is searched for secrets before anything is cut; a text
 * that holds one becomes "(withheld)", since masking would point at it. Any other is cleaned by
 * hp_utf8_clean() and cut. @secrets may be NULL.
 */
void hp_redact(struct hp_text *ret, struct hp_untrusted said, const struct hp_secrets *secrets);

/** A NUL-terminated string as something said. */
struct hp_untrusted hp_untrusted_of(const char *text);

#endif
