/* SPDX-License-Identifier: MIT */
#include "status.h"

#include <healthprobe/base/span.h>

#define DIGITS     "0123456789"
#define STATUS_MIN 100
#define STATUS_MAX 599

/* Three digits of a status; 0: not a status. */
static int parse_status(struct hp_span text)
{
    int status = 0;

    if (text.len != 3)
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!hp_is_one_of(text.data[i], DIGITS))
            return 0;
        status = status * 10 + (text.data[i] - '0');
    }
    return status >= STATUS_MIN && status <= STATUS_MAX ? status : 0;
}

/* "2xx": 200 to 299. */
static bool is_class(struct hp_span word)
{
    return word.len == 3 && hp_is_one_of(word.data[0], "12345") &&
           hp_is_one_of(word.data[1], "xX") && hp_is_one_of(word.data[2], "xX");
}

static bool parse_range(struct hp_span word, int *ret_from, int *ret_to)
{
    struct hp_span to = word;
    struct hp_span from = hp_span_cut(&to, "-");

    if (is_class(word)) {
        *ret_from = (word.data[0] - '0') * 100;
        *ret_to = *ret_from + 99;
        return true;
    }
    *ret_from = parse_status(from);
    *ret_to = to.data != NULL ? parse_status(to) : *ret_from;
    return *ret_from != 0 && *ret_to >= *ret_from;
}

bool hp_status_set_parse(struct hp_status_set *ret, const char *text)
{
    struct hp_status_set set = {0};
    struct hp_span rest = hp_span_of(text);

    while (rest.data != NULL) {
        struct hp_span word = hp_span_trim(hp_span_cut(&rest, ","), HP_BLANKS);

        if (set.n == HP_STATUS_RANGES_MAX ||
            !parse_range(word, &set.ranges[set.n].from, &set.ranges[set.n].to))
            return false;
        set.n++;
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
