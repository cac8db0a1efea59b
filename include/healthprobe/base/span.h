/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_SPAN_H
#define HEALTHPROBE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** A piece of somebody else's text. It may hold NUL bytes, and no NUL has to follow it. */
struct hp_span {
    const char *data; /* borrowed; NULL: there is no piece */
    size_t len;
};

static inline struct hp_span hp_span_of(const char *text)
{
    return (struct hp_span){.data = text, .len = strlen(text)};
}

/** All of @span but its first @n bytes, which it must have. */
static inline struct hp_span hp_span_skip(struct hp_span span, size_t n)
{
    return (struct hp_span){.data = span.data + n, .len = span.len - n};
}

/** Is @c a byte of @set? NUL never is. */
static inline bool hp_is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

bool hp_span_equals(struct hp_span span, const char *text);
bool hp_span_starts(struct hp_span span, const char *prefix);

/**
 * Cut @rest at the first byte that is one of @stops: returns what comes before it, and @rest
 * becomes what follows it. Where there is no such byte, returns all of @rest, whose data is NULL
 * from then on. To visit the words of a list:
 *
 *   while (list.data != NULL)
 *       visit(hp_span_cut(&list, ","));
 */
struct hp_span hp_span_cut(struct hp_span *rest, const char *stops);

/* Characters around a value that are not part of it. */
#define HP_LINE_ENDS "\r\n"
#define HP_BLANKS    " \t\v\f" HP_LINE_ENDS

/** @span without the bytes at its start and end that are one of @blanks. */
struct hp_span hp_span_trim(struct hp_span span, const char *blanks);

/** The same at its end alone. */
struct hp_span hp_span_trim_end(struct hp_span span, const char *blanks);

/** What follows @prefix in @text, both NUL-terminated; NULL where @text starts otherwise. */
const char *hp_after_prefix(const char *text, const char *prefix);

#endif
