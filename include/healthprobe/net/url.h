/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_URL_H
#define HEALTHPROBE_URL_H

#include <healthprobe/base/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * A text may hold marks for values that are put in after the split. A mark is two bytes: this one,
 * and one above 0x7F. Marks are neither split nor decoded, and a field with a mark is not
 * validated: whoever puts the value in does that.
 */
#define HP_URL_MARK '\1'

/** One "host:port" of an authority. */
struct hp_url_host {
    char *host;      /* decoded, without brackets; may be "" */
    uint16_t port;   /* 0: none, or an empty one */
    char *port_mark; /* the mark in its place; NULL: none */
    bool bracketed;  /* a valid IPv6 address in brackets, maybe with a zone ("fe80::1%eth0") */
};

/**
 * A URL in its parts. One grammar for all kinds:
 *
 *   scheme "://" [ [ user [ ":" password ] "@" ] host [ ":" port ] { "," host [ ":" port ] } ]
 *   [ "/" path ] [ "?" query ] [ "#" fragment ]
 *
 * The authority ends at the first "/", "?" or "#"; userinfo ends at its last
 * "@", the user at its first ":". A "%" without two hex digits stands for
 * itself, "+" is never a space, the fragment is dropped.
 */
struct hp_url {
    char *scheme;   /* lower case, without "://" */
    char *user;     /* decoded; NULL: no userinfo at all */
    char *password; /* decoded; NULL: no ":" in the userinfo */
    size_t n_hosts; /* at least 1: an empty authority is one host "" */
    struct hp_url_host *hosts;
    char *path;  /* not decoded, with its "/"; "": none */
    char *query; /* not decoded, without its "?"; NULL: none */
};

/**
 * Split @text, all of it.
 *
 * @ret     set on success only; the caller owns it, release with hp_url_release()
 * @text    borrowed, not kept
 * @origin  what the errors call the value, such as "--database" or "DATABASE_URL"
 * @err     every problem found, each with @origin and the field that is wrong, and never with the
 *          field's text
 * @return  false on a missing scheme, a port outside 1-65535, an encoded NUL (in path and query
 *          too), a control character in a host, anything but an IPv6 address in brackets, or
 *          without memory
 */
bool hp_url_split(struct hp_url *ret, const char *text, const char *origin, struct hp_error *err);
void hp_url_release(struct hp_url *url);

/** Is @text an IPv6 address, maybe with a zone ("fe80::1%eth0")? */
bool hp_url_is_ipv6(const char *text);

/**
 * Percent-decode @len bytes of @text into a new string; NULL without memory.
 * A "%00" becomes a NUL byte, so that only @ret_len is the true length.
 */
char *hp_url_decode(const char *text, size_t len, size_t *ret_len);

/** One parameter of a query, decoded. */
struct hp_url_param {
    char *key;
    char *value; /* "" where there is no "=" */
};

struct hp_url_params {
    size_t n;
    struct hp_url_param *items;
};

/**
 * Split a query at "&". Empty pieces are ignored; @query may be NULL. Fails as hp_url_split() does
 * (on an encoded NUL, or without memory).
 */
bool hp_url_params_split(struct hp_url_params *ret, const char *query, const char *origin,
                         struct hp_error *err);
void hp_url_params_release(struct hp_url_params *params);

#endif
