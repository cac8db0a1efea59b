/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TARGET_PARTS_H
#define HEALTHPROBE_TARGET_PARTS_H

#include <healthprobe/check/target.h>

/* What the target.c files share with each other, and with nobody else. */

/* Delimiters that need no encoding in any field of a description; RFC 3986's, without "," and "&".
 */
#define HP_TARGET_SAFE "!$'()*+;="

/** Add a configuration problem: "ORIGIN: the FIELD WHAT". Returns false. */
bool hp_target_problem(struct hp_error *err, const char *origin, const char *field,
                       const char *what);

/** What a URL is read as; JDBC's have user and password among their parameters. */
enum hp_target_kind {
    HP_TARGET_HTTP,
    HP_TARGET_DATABASE,
    HP_TARGET_JDBC,
    HP_TARGET_REDIS,
};

/**
 * Refuse a URL whose password may have a "/", "?" or "#" that was not encoded:
 * what follows would be taken for a host, a path or a parameter, and be shown.
 * So an "@" or a fragment behind the authority is a problem where the kind has
 * no use for it; with a user before the host, it is one for every kind.
 */
bool hp_target_check_cut(const char *text, enum hp_target_kind kind, const char *origin,
                         struct hp_error *err);

/**
 * For a URL that was refused for something else: is it of another kind, whose
 * flag is named, or may its password be cut all the same? Adds a problem that says so.
 */
void hp_target_advise(const char *text, enum hp_target_kind kind, const char *origin,
                      struct hp_error *err);

/** Exchange *@field for a copy of @text; NULL and "" leave NULL. False: out of memory, told. */
bool hp_target_set(char **field, const char *text, struct hp_error *err);

/** Is @host something that a resolver can be asked for? Without brackets no address in colons is.
 */
bool hp_target_is_host(const char *host, bool bracketed);

/** Digits alone, and at most @max? */
bool hp_target_parse_number(const char *text, unsigned max, unsigned *ret);

/** Is @text this number, as it is shown? */
bool hp_target_is_number(const char *text, unsigned number);

/** Is @key a parameter whose value is a password? */
bool hp_target_is_password(const char *key);

/** How the parameters of one URL that no field takes are dropped. */
struct hp_target_drops {
    const char *origin;
    struct hp_names *ignored;
    struct hp_error *err;
    bool hidden; /* the key may be a piece of a password: it is counted, and not named */
};

/** Drop @key: one that begins with "ssl" or "tls" is a problem, any other goes to the ignored. */
bool hp_target_drop(const struct hp_target_drops *drops, const char *key);

/** Add @len bytes, percent-encoded but for letters, digits, "-._~" and @safe. */
void hp_target_add_encoded(struct hp_buffer *ret, const char *text, size_t len, const char *safe);

/** Add a host, in brackets where it is an IPv6 literal. */
void hp_target_add_host(struct hp_buffer *ret, const char *host);

/**
 * End a description that began at @start: one that did not fit ends in "...",
 * and is no overflow any more.
 */
void hp_target_end(struct hp_buffer *ret, size_t start);

#endif
