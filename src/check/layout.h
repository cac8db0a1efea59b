/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_LAYOUT_H
#define HEALTHPROBE_LAYOUT_H

#include <healthprobe/base/span.h>

/**
 * Where the parts of a URL stand in its text, even of one that will not split.
 * Path, query and fragment begin with their delimiter, and end where the next begins.
 */
struct hp_layout {
    const char *authority; /* the text itself where it has no scheme */
    const char *path;
    const char *query;
    const char *fragment;
    const char *end;
};

struct hp_layout hp_layout_of(const char *text);

/** What is between two places of one text. */
static inline struct hp_span hp_layout_span(const char *from, const char *end)
{
    return (struct hp_span){.data = from, .len = (size_t)(end - from)};
}

#endif
