/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/array.h>
#include <healthprobe/base/clock.h>
#include <healthprobe/base/duration.h>
#include <healthprobe/base/span.h>

#include <stddef.h>
#include <string.h>

#define DIGITS "0123456789"

static const struct {
    char name[3];
    int64_t ns;
} units[] = {
    {"", HP_NS_PER_S},       {"ms", HP_NS_PER_MS},  {"s", HP_NS_PER_S},
    {"m", 60 * HP_NS_PER_S}, {"h", HP_NS_PER_HOUR},
};

/* "1.5" and "m". */
struct part {
    struct hp_span whole;
    struct hp_span fraction; /* its data is NULL if there is no decimal point */
    struct hp_span unit;
};

static int64_t unit_of(struct hp_span name)
{
    for (size_t i = 0; i < HP_COUNT(units); i++) {
        if (hp_span_equals(name, units[i].name))
            return units[i].ns;
    }
    return 0;
}

static struct part take_part(const char **at)
{
    struct part part = {.whole = {*at, strspn(*at, DIGITS)}};

    *at += part.whole.len;
    if (**at == '.') {
        part.fraction = (struct hp_span){*at + 1, strspn(*at + 1, DIGITS)};
        *at += 1 + part.fraction.len;
    }
    part.unit = (struct hp_span){*at, strcspn(*at, DIGITS ".")};
    *at += part.unit.len;
    return part;
}

/* Digits below a nanosecond are read and add nothing. */
static int64_t fraction_of(struct hp_span digits, int64_t unit_ns)
{
    int64_t ns = 0;

    for (size_t i = 0; i < digits.len; i++) {
        unit_ns /= 10;
        ns += unit_ns * (digits.data[i] - '0');
    }
    return ns;
}

static bool add_part(int64_t *total_ns, const struct part *part, int64_t unit_ns)
{
    int64_t ns = 0;

    if (part->fraction.len == 0 && (part->whole.len == 0 || part->fraction.data != NULL))
        return false;
    for (size_t i = 0; i < part->whole.len; i++) {
        if (__builtin_mul_overflow(ns, 10, &ns) ||
            __builtin_add_overflow(ns, part->whole.data[i] - '0', &ns))
            return false;
    }
    return !__builtin_mul_overflow(ns, unit_ns, &ns) &&
           !__builtin_add_overflow(ns, fraction_of(part->fraction, unit_ns), &ns) &&
           !__builtin_add_overflow(*total_ns, ns, total_ns);
}

bool hp_duration_parse(const char *text, int64_t max_ns, int64_t *ret_ns)
{
    const char *at = text;
    int64_t last_unit_ns = INT64_MAX;
    int64_t total_ns = 0;

    do {
        bool first = at == text;
        struct part part = take_part(&at);
        int64_t unit_ns = unit_of(part.unit);

        if (unit_ns == 0 || unit_ns >= last_unit_ns || !add_part(&total_ns, &part, unit_ns))
            return false;
        if (part.unit.len == 0 && !(first && *at == '\0'))
            return false;
        last_unit_ns = unit_ns;
    } while (*at != '\0');
    if (total_ns < HP_NS_PER_MS || total_ns > max_ns)
        return false;
    *ret_ns = total_ns;
    return true;
}

void hp_duration_add(struct hp_buffer *ret, int64_t ns)
{
    long long fraction = ns % HP_NS_PER_S / HP_NS_PER_MS;
    int digits = 3;

    if (ns < HP_NS_PER_S) {
        hp_buffer_add_format(ret, "%lldms", fraction);
    } else if (ns % HP_NS_PER_HOUR == 0) {
        hp_buffer_add_format(ret, "%lldh", (long long)(ns / HP_NS_PER_HOUR));
    } else {
        for (; fraction > 0 && fraction % 10 == 0; digits--)
            fraction /= 10;
        hp_buffer_add_format(ret, "%lld", (long long)(ns / HP_NS_PER_S));
        if (fraction > 0)
            hp_buffer_add_format(ret, ".%0*lld", digits, fraction);
        hp_buffer_add(ret, "s");
    }
}
