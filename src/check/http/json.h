/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_JSON_H
#define HEALTHPROBE_JSON_H

#include <healthprobe/base/redact.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * JSON from a peer, of which single values are looked up. Reading it takes no
 * more stack for a deep document than for a flat one.
 */

/** A document (RFC 8259) whose root is an object or an array. */
struct hp_json {
    void *document;
    bool no_memory;
    const char *error; /* why it is not JSON; static storage */
    size_t error_at;   /* the byte where that was noticed */
};

/** What is at a path. */
enum hp_json_kind {
    HP_JSON_NOTHING = 0,
    HP_JSON_OBJECT,
    HP_JSON_ARRAY,
    HP_JSON_TEXT /* a string, a number, true, false or null */
};

/**
 * Read @len bytes, which are not kept.
 *
 * @ret     released by the caller whatever comes of it
 * @return  false: no_memory, or error and error_at are set
 */
bool hp_json_read(struct hp_json *ret, const char *text, size_t len);
void hp_json_release(struct hp_json *json);

/**
 * Is @path names joined by dots, none of them empty? A number is an element's
 * index in an array, and a name in an object.
 */
bool hp_json_path_valid(const char *path, size_t len);

/**
 * Follow a valid path. Of two members of one name the last counts, as it does
 * for JavaScript, Python and jq.
 *
 * @ret_text  of HP_JSON_TEXT: what a string says, or any other value as
 *            it was written ("1.50", "null"); belongs to @json
 */
enum hp_json_kind hp_json_find(const struct hp_json *json, const char *path, size_t len,
                               struct hp_untrusted *ret_text);

#endif
