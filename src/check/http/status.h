/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_HTTP_STATUS_H
#define HEALTHPROBE_HTTP_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#define HP_STATUS_RANGES_MAX 16

/** HTTP statuses that mean up. Zero accepts none. */
struct hp_status_set {
    size_t n;
    struct {
        int from;
        int to;
    } ranges[HP_STATUS_RANGES_MAX];
};

/**
 * Parse "200-399,401" or "2xx, 401": statuses from 100 to 599, ranges and classes of them.
 *
 * @ret     set on success only
 * @return  false on anything else, an empty list or one that is too long included
 */
bool hp_status_set_parse(struct hp_status_set *ret, const char *text);

bool hp_status_set_has(const struct hp_status_set *set, int status);

#endif
