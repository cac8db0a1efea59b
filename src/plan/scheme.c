/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/kinds.h>

#include <string.h>
#include <strings.h>

static bool is_among(const char *const *schemes, struct hp_span scheme)
{
    for (; schemes != NULL && *schemes != NULL; schemes++)
        if (strlen(*schemes) == scheme.len && strncasecmp(scheme.data, *schemes, scheme.len) == 0)
            return true;
    return false;
}

const struct hp_check_ops *hp_kind_of_scheme(struct hp_span scheme)
{
    const struct hp_check_ops *const *kind = hp_check_kinds;
    struct hp_span base = hp_span_cut(&scheme, "+");

    while (*kind != NULL && !is_among((*kind)->schemes, base))
        kind++;
    return *kind;
}
