/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/array.h>
#include <healthprobe/base/clock.h>
#include <healthprobe/base/duration.h>

#include <stddef.h>
#include <string.h>

static const struct {
    char name[3];
    int64_t ns;
} units[] = {
    {"", HP_NS_PER_S},       {"ms", HP_NS_PER_MS},  {"s", HP_NS_PER_S},
    {"m", 60 * HP_NS_PER_S}, {"h", HP_NS_PER_HOUR},
};

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

static int64_t unit_of(const char *name)
{
    for (size_t i = 0; i < HP_COUNT(units); i++) {
        if (strcmp(name, units[i].name) == 0)
            return units[i].ns;
    }
    return 0;
}

/* Digits below a nanosecond are read and add nothing. */
static int64_t fraction_of(const char *digits, size_t n, int64_t unit_ns)
{
    int64_t ns = 0;

    for (size_t i = 0; i < n; i++) {
        unit_ns /= 10;
        ns += unit_ns * (digits[i] - '0');
    }
    return ns;
}

bool hp_duration_parse(const char *text, int64_t max_ns, int64_t *ret_ns)
{
    size_t n_whole = count_digits(text);
    const char *fraction = text + n_whole;
    size_t n_fraction = 0;
    int64_t unit_ns;
    int64_t ns = 0;

    if (*fraction == '.') {
        fraction++;
        n_fraction = count_digits(fraction);
        if (n_fraction == 0)
            return false;
    }
    unit_ns = unit_of(fraction + n_fraction);
    if (n_whole == 0 || unit_ns == 0)
        return false;

    for (size_t i = 0; i < n_whole; i++) {
        if (__builtin_mul_overflow(ns, 10, &ns) || __builtin_add_overflow(ns, text[i] - '0', &ns))
            return false;
    }
    if (__builtin_mul_overflow(ns, unit_ns, &ns) ||
        __builtin_add_overflow(ns, fraction_of(fraction, n_fraction, unit_ns), &ns))
        return false;
    if (ns < HP_NS_PER_MS || ns > max_ns)
        return false;
    *ret_ns = ns;
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
