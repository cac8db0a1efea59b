/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <ctype.h>

#define STATUS_MIN 100
#define STATUS_MAX 599

/* Three digits of a status. Returns what follows, or NULL. */
static const char *parse_status(const char *text, int *ret)
{
    int status = 0;

    for (int i = 0; i < 3; i++, text++) {
        if (!isdigit((unsigned char)*text))
            return NULL;
        status = status * 10 + (*text - '0');
    }
    if (status < STATUS_MIN || status > STATUS_MAX)
        return NULL;
    *ret = status;
    return text;
}

bool hp_status_set_parse(struct hp_status_set *ret, const char *text)
{
    struct hp_status_set set = {0};

    for (;; text++) {
        int from = 0;
        int to = 0;
        if (set.n == HP_STATUS_RANGES_MAX || (text = parse_status(text, &from)) == NULL)
            return false;
        to = from;
        if (*text == '-' && (text = parse_status(text + 1, &to)) == NULL)
            return false;
        if (to < from)
            return false;
        set.ranges[set.n].from = from;
        set.ranges[set.n].to = to;
        set.n++;
        if (*text == '\0')
            break;
        if (*text != ',')
            return false;
    }
    *ret = set;
    return true;
}

bool hp_status_set_has(const struct hp_status_set *set, int status)
{
    for (size_t i = 0; i < set->n; i++)
        if (status >= set->ranges[i].from && status <= set->ranges[i].to)
            return true;
    return false;
}
