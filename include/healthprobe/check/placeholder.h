/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PLACEHOLDER_H
#define HEALTHPROBE_PLACEHOLDER_H

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/mask.h>
#include <healthprobe/net/url.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * A placeholder, "{env:NAME}", "{env:NAME:-default}" or "{file:PATH}", stands for a part of a
 * target, a password or a header's value. What it stands for is read first, and put in last: while
 * a URL is split and decoded, a mark (net/url.h) keeps the place. So a value may hold any
 * character and moves no other part.
 */

/** What a value names instead of being it. */
enum hp_reference { HP_REFERENCE_NONE = 0, HP_REFERENCE_VARIABLE, HP_REFERENCE_FILE };

/** A placeholder as it is written. All borrowed. */
struct hp_placeholder_text {
    enum hp_reference reference; /* NONE: it is none */
    struct hp_span name;         /* the variable's, or the file's path */
    struct hp_span fallback;     /* the default; its data is NULL: none */
    size_t len;                  /* with its braces */
    bool is_default;             /* once it was read: it gave its default */
};

/**
 * The placeholder that @text begins with, if it does. False: it begins with "{env:" or "{file:",
 * and is not a placeholder all the same.
 */
bool hp_placeholder_parse(struct hp_span text, struct hp_placeholder_text *ret);

/** A placeholder whose value is known. */
struct hp_placeholder {
    char *value;     /* owned */
    char *shown;     /* owned; as it was written, but for its default */
    bool is_private; /* never shown: a file's, or that of a variable with a telling name */
    bool is_shown;   /* it went into a part that a report shows; any other value is a secret */
};

/** Those of one text; mark number i of the text stands for item i. */
struct hp_placeholders {
    size_t n;
    struct hp_placeholder *items;
};

/** So many have a mark. */
#define HP_PLACEHOLDERS_MAX 64

/**
 * Add one, of which there are fewer than HP_PLACEHOLDERS_MAX, and write its mark, two bytes.
 *
 * @value  on the heap; taken over, on failure too
 * @return false: out of memory
 */
bool hp_placeholders_add(struct hp_placeholders *placeholders,
                         const struct hp_placeholder_text *text, char *value, char ret_mark[2]);

/** @text with the values in the place of their marks; on the heap, NULL without memory. */
char *hp_placeholders_put(const struct hp_placeholders *placeholders, const char *text);

/** Keep the values that are not shown as secrets. False: out of memory. */
bool hp_placeholders_keep(const struct hp_placeholders *placeholders, struct hp_secrets *secrets);

/** Wipes the values. Accepts those that are all zero. */
void hp_placeholders_release(struct hp_placeholders *placeholders);

/* --- in targets ------------------------------------------------------------------------------- */

struct hp_target_reader;

/**
 * Put the values into a field, which was split and decoded, and mask it in reader->masks where one
 * of them is not to be shown; a mask that was there before is gone.
 *
 * @field  on the heap, exchanged; NULL is no field
 * @return false: a value does not fit, or there is no memory; a problem was added
 */
bool hp_target_fill(struct hp_target_reader *reader, char **field, enum hp_part part, size_t i);

/** Do so for user, password, hosts and ports of a URL. Path and query are the kind's to fill. */
bool hp_target_fill_url(struct hp_target_reader *reader, struct hp_url *url);

/** Mask a field as another is, from which it was copied. */
void hp_target_copy_mask(struct hp_target_reader *reader, enum hp_part from, size_t from_i,
                         enum hp_part to, size_t to_i);

#endif
