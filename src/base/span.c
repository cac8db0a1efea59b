/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/span.h>

bool hp_span_equals(struct hp_span span, const char *text)
{
    return span.len == strlen(text) && hp_span_starts(span, text);
}

bool hp_span_starts(struct hp_span span, const char *prefix)
{
    size_t len = strlen(prefix);

    return span.len >= len && (len == 0 || memcmp(span.data, prefix, len) == 0);
}

struct hp_span hp_span_cut(struct hp_span *rest, const char *stops)
{
    struct hp_span cut = {.data = rest->data};

    while (cut.len < rest->len && !hp_is_one_of(rest->data[cut.len], stops))
        cut.len++;
    *rest = cut.len < rest->len ? hp_span_skip(*rest, cut.len + 1) : (struct hp_span){0};
    return cut;
}

struct hp_span hp_span_trim_end(struct hp_span span, const char *blanks)
{
    while (span.len > 0 && hp_is_one_of(span.data[span.len - 1], blanks))
        span.len--;
    return span;
}

struct hp_span hp_span_trim(struct hp_span span, const char *blanks)
{
    while (span.len > 0 && hp_is_one_of(span.data[0], blanks))
        span = hp_span_skip(span, 1);
    return hp_span_trim_end(span, blanks);
}

const char *hp_after_prefix(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}
