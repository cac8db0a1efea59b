/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_BUFFER_H
#define HEALTHPROBE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Text in the caller's storage. Appending allocates nothing and never writes beyond @cap; text that
 * does not fit only sets @overflow. From then on nothing is added until hp_buffer_rewind(), so that
 * no text has a hole in its middle. Safe after a deadline, while other threads hold malloc's lock.
 */
struct hp_buffer {
    char *data; /* NUL-terminated */
    size_t cap; /* of @data, the NUL included */
    size_t len;
    bool overflow;
};

void hp_buffer_init(struct hp_buffer *buffer, char *storage, size_t cap);

/** Remove everything after the first @len bytes, and clear @overflow. */
void hp_buffer_rewind(struct hp_buffer *buffer, size_t len);

void hp_buffer_add(struct hp_buffer *buffer, const char *text);
void hp_buffer_add_bytes(struct hp_buffer *buffer, const char *bytes, size_t len);
void hp_buffer_add_format(struct hp_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Milliseconds with three decimals: 1234567 ns is "1.235". */
void hp_buffer_add_ms(struct hp_buffer *buffer, int64_t ns);

/** Durations as users write them: "2.5s", "900ms". */
void hp_buffer_add_duration(struct hp_buffer *buffer, int64_t ns);

/** @text as a JSON string with its quotes. @text is valid UTF-8 without control characters. */
void hp_buffer_add_json_string(struct hp_buffer *buffer, const char *text);

#endif
