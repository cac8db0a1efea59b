/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_FUZZ_H
#define HEALTHPROBE_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer's entry point (LLVM documentation, "libFuzzer"). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** What must hold for any input. Otherwise ends the run and prints the condition. */
#define HP_FUZZ_CHECK(condition)                                                                   \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);         \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/** Up to @max pieces of the input, split at NUL bytes; the caller frees with hp_fuzz_free(). */
static inline size_t hp_fuzz_split(const uint8_t *data, size_t size, char **ret, size_t max)
{
    size_t n = 0;

    while (n < max && size > 0) {
        size_t len = strnlen((const char *)data, size);
        ret[n++] = strndup((const char *)data, len);
        data += len;
        size -= len;
        if (size > 0) {
            data++;
            size--;
        }
    }
    ret[n] = NULL;
    return n;
}

static inline void hp_fuzz_free(char **pieces)
{
    for (; *pieces != NULL; pieces++)
        free(*pieces);
}

/** Is it one line of valid UTF-8 without control characters, and short enough? */
static inline int hp_fuzz_is_line(const char *text, size_t len, size_t max)
{
    if (len == 0 || len > max || text[len - 1] != '\n')
        return 0;
    for (size_t i = 0; i + 1 < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return 0;
    return 1;
}

/** Is it lines without other control characters, and short enough? */
static inline int hp_fuzz_is_text(const char *text, size_t len, size_t max)
{
    if (len == 0 || len > max || text[len - 1] != '\n')
        return 0;
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\n') || text[i] == 0x7F)
            return 0;
    return 1;
}

#endif
