/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TARGET_H
#define HEALTHPROBE_TARGET_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/option.h>
#include <healthprobe/check/placeholder.h>
#include <healthprobe/net/url.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Split a target into name and target: "replica=postgresql://…". What
 * comes before the first "=" is meant as a name where it holds nothing that
 * parts a URL, and where what follows begins as a target does ("scheme:",
 * "host:", "env:", "file:", "{", "/", ":", "[", an unexpanded "$"), is a number or is empty: any
 * later "=" is part of the target.
 *
 * @text, @len   not NUL-terminated
 * @ret_len      length of the name; 0: there is none, all of @text is the target
 * @return       false: meant as a name, and not [a-z0-9][a-z0-9_.-]{0,31}
 */
bool hp_target_name_length(const char *text, size_t len, size_t *ret_len);

/*
 * What the kinds read their targets with: from the text of a target to typed
 * fields, and from the fields to the text that a report shows. All pure. Every
 * parse function of a kind
 *
 *   - takes @origin, what errors call the value ("--database", "DATABASE_URL"),
 *     and never quotes the value itself;
 *   - sets @ret on success only; the caller releases it;
 *   - adds every problem found to @err and returns false if there was one.
 *
 * Every describe function writes the redacted target: rebuilt from fields,
 * without password, query, fragment or an HTTP user. Non-ASCII and awkward
 * bytes in a field are percent-encoded, so that the text is plain ASCII. One
 * that does not fit ends in "..." and is not an overflow; only where not even four
 * bytes are left does it set @overflow.
 *
 * Every shows function says whether @text is, as a whole, a user, host, port or
 * database that the description shows.
 */

/**
 * Refuse a target of any kind that an exec form was expected to expand: "${NAME}" or "$(NAME)"
 * outside the password or as the whole password, "$NAME" as the whole value or in its scheme, host
 * or port; also a "{" in host or port, where none is right. The error says that the exec forms of
 * Docker and Kubernetes expand nothing, and which placeholder to write. A shell's
 * "${NAME:-default}" counts as "${NAME}". The password is recognized in a text that will not split
 * too.
 *
 * @text         with marks, whose values are not searched
 * @option       the option that takes the suggested placeholder
 * @environment  the error quotes the name only if such a variable is set: any other text may be a
 *               piece of a secret
 */
bool hp_target_check_unexpanded(const char *text, const char *origin,
                                const struct hp_option *option, char *const environment[],
                                struct hp_error *err);

/**
 * The same for a password or a header: all of it, or the word behind "Bearer", "Basic" or "Token".
 * "$NAME" counts only in upper case.
 *
 * @text  as it is written
 */
bool hp_value_check_unexpanded(const char *text, const char *origin, const struct hp_option *option,
                               char *const environment[], struct hp_error *err);

/* RFC 3986's delimiters that no field of a description has to encode: not "," and "&". */
#define HP_TARGET_SAFE "!$'()*+;="

/** What the readers of all kinds keep while they read a URL. */
struct hp_target_reader {
    const char *origin;
    struct hp_names *ignored; /* parameters that no field takes */
    struct hp_error *err;
    const struct hp_placeholders *placeholders; /* of the marks in the text; NULL: none */
    bool has_directories;                       /* a host may be the directory of a socket */
    struct hp_masks masks;                      /* what hp_target_fill() found */
    bool hides_keys; /* a key may be a piece of a password: it is counted, and not named */
    bool failed;     /* a problem was added */
};

/** Add a configuration problem: "ORIGIN: the FIELD WHAT". */
void hp_target_problem(struct hp_target_reader *reader, const char *field, const char *what);

/** Add that there is no memory. */
void hp_target_no_memory(struct hp_target_reader *reader);

/** Exchange *@field for a copy of @text; NULL and "" leave NULL. */
void hp_target_set(struct hp_target_reader *reader, char **field, const char *text);

/** Drop a parameter: one that begins with "ssl" or "tls" is a problem, any other is ignored. */
void hp_target_drop(struct hp_target_reader *reader, const char *key);

/** Split a query, NULL for none, and have each parameter read; @data is the kind's reader. */
void hp_target_read_params(struct hp_target_reader *reader, const char *query,
                           void (*read)(void *data, struct hp_url_param *param), void *data);

/** What a URL is read as; JDBC's have user and password among their parameters. */
enum hp_target_kind {
    HP_TARGET_HTTP,
    HP_TARGET_DATABASE,
    HP_TARGET_JDBC,
    HP_TARGET_REDIS,
};

/** The name of a database, cache or queue that no kind checks, if @text has its scheme; or NULL. */
const char *hp_target_unsupported(const char *text);

/** Refuse such a URL; the error says to leave @noun out. */
bool hp_target_check_supported(const char *text, const char *noun, const char *origin,
                               struct hp_error *err);

/**
 * Refuse a URL whose password may have a "/", "?" or "#" that was not encoded:
 * what follows would be taken for a host, a path or a parameter, and be shown.
 * So an "@" or a fragment after the authority is a problem where the kind has
 * no use for it; with a user before the host, it is one for every kind.
 */
bool hp_target_check_cut(const char *text, enum hp_target_kind kind, const char *origin,
                         struct hp_error *err);

/**
 * For a URL that was refused for another reason: if its password may have been cut too, add a
 * problem that says so.
 */
void hp_target_advise(const char *text, const char *origin, struct hp_error *err);

/** Can @host be looked up? An address with colons only where it was @bracketed. */
bool hp_target_is_host(const char *host, bool bracketed);

/** Digits alone, and at most @max? */
bool hp_target_parse_number(const char *text, unsigned max, unsigned *ret);

/** Does a description show this field of a target, and is @text all of it? NULL: the field is
 * absent. */
bool hp_target_shows_text(const struct hp_masks *masks, enum hp_part part, size_t i,
                          const char *field, const char *text);
bool hp_target_shows_number(const struct hp_masks *masks, enum hp_part part, size_t i,
                            unsigned field, const char *text);

/** Is @key a parameter whose value is a password? */
bool hp_target_is_password(struct hp_span key);

/** Add @len bytes, percent-encoded but for letters, digits, "-._~" and @safe. */
void hp_target_add_encoded(struct hp_buffer *ret, const char *text, size_t len, const char *safe);

/** Add host @i, or its mask; an IPv6 literal in brackets. */
void hp_target_add_host(struct hp_buffer *ret, const struct hp_masks *masks, size_t i,
                        const char *host);

/** Add ":PORT", or the port's mask. */
void hp_target_add_port(struct hp_buffer *ret, const struct hp_masks *masks, size_t i,
                        uint16_t port);

/** Add another field, or its mask; percent-encoded but for @safe. */
void hp_target_add_field(struct hp_buffer *ret, const struct hp_masks *masks, enum hp_part part,
                         const char *field, const char *safe);

/**
 * End a description that began at @start: one that did not fit ends in "...",
 * and is not an overflow any more.
 */
void hp_target_end(struct hp_buffer *ret, size_t start);

#endif
