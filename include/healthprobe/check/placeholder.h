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

/** What a value refers to. */
enum hp_reference { HP_REFERENCE_NONE = 0, HP_REFERENCE_VARIABLE, HP_REFERENCE_FILE };

/** A placeholder as it is written. All borrowed. */
struct hp_placeholder_text {
    enum hp_reference reference; /* NONE: this is not a placeholder */
    struct hp_span name;         /* the variable's, or the file's path */
    struct hp_span fallback;     /* the default; its data is NULL: none */
    size_t len;                  /* with its braces */
    bool is_default;             /* after reading: the default was used */
};

/**
 * Parse the placeholder at the start of @text, if there is one. False: @text begins with "{env:" or
 * "{file:", but the placeholder is malformed.
 */
bool hp_placeholder_parse(struct hp_span text, struct hp_placeholder_text *ret);

/** A placeholder whose value is known. */
struct hp_placeholder {
    char *value;     /* owned */
    char *shown;     /* owned; as it was written, but for its default */
    bool is_private; /* never shown: it is from a file, or from a variable such as DB_PASSWORD */
    bool is_shown;   /* it is in a part that reports show; otherwise it is a secret */
};

/** The placeholders of one text; its mark number i stands for item i. */
struct hp_placeholders {
    size_t n;
    struct hp_placeholder *items;
};

/** The number of different marks. */
#define HP_PLACEHOLDERS_MAX 64

/**
 * Add a placeholder, and write its two-byte mark. There must be fewer than HP_PLACEHOLDERS_MAX.
 *
 * @value  on the heap; taken over, on failure too
 * @return false: out of memory
 */
bool hp_placeholders_add(struct hp_placeholders *placeholders,
                         const struct hp_placeholder_text *text, char *value, char ret_mark[2]);

/** Replace the marks in @text by their values; on the heap, NULL if out of memory. */
char *hp_placeholders_put(const struct hp_placeholders *placeholders, const char *text);

/** Add the values that are not shown to @secrets. False: out of memory. */
bool hp_placeholders_keep(const struct hp_placeholders *placeholders, struct hp_secrets *secrets);

/** Wipes the values. Accepts those that are all zero. */
void hp_placeholders_release(struct hp_placeholders *placeholders);

/* --- in targets ------------------------------------------------------------------------------- */

struct hp_target_reader;

/**
 * Replace the marks in a field, already split and decoded, by their values. If one of these must
 * not be shown, set the field's mask in reader->masks; otherwise remove it.
 *
 * @field  on the heap, replaced; NULL: the field is absent
 * @return false: a value does not fit, or out of memory; a problem was added
 */
bool hp_target_fill(struct hp_target_reader *reader, char **field, enum hp_part part, size_t i);

/** Fill user, password, hosts and ports of a URL. The kind fills path and query. */
bool hp_target_fill_url(struct hp_target_reader *reader, struct hp_url *url);

/** Copy the mask of a field to a field that was copied from it. */
void hp_target_copy_mask(struct hp_target_reader *reader, enum hp_part from, size_t from_i,
                         enum hp_part to, size_t to_i);

#endif
