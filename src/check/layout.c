/* SPDX-License-Identifier: MIT */
#include "layout.h"

#include <string.h>

/* "scheme://" with its slashes, where the text has one: "/path?to=http://…" has none. */
static size_t scheme_length(const char *text)
{
    const char *slashes = strstr(text, "://");

    if (slashes == NULL || strcspn(text, "/?#@") != (size_t)(slashes + 1 - text))
        return 0;
    return (size_t)(slashes + 3 - text);
}

struct hp_layout hp_layout_of(const char *text)
{
    const char *authority = text + scheme_length(text);
    const char *path = authority + strcspn(authority, "/?#");
    const char *query = path + strcspn(path, "?#");
    const char *fragment = query + strcspn(query, "#");

    return (struct hp_layout){authority, path, query, fragment, fragment + strlen(fragment)};
}
