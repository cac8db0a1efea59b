/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DURATION_H
#define HEALTHPROBE_DURATION_H

#include <healthprobe/base/buffer.h>

#include <stdbool.h>
#include <stdint.h>

/**
 * Parse "900ms", "1.5s", ".5s", "1h", "1m30s", or a bare number of seconds. The unit
 * of each part is smaller than that of the part before. Digits below a nanosecond are ignored.
 *
 * @max_ns  the upper limit: a whole wait may be longer than a check
 * @ret_ns  set on success only, from 1 ms to @max_ns
 * @return  false on anything else: empty, zero, a sign, trailing text, a
 *          number that overflows or is outside the range
 */
bool hp_duration_parse(const char *text, int64_t max_ns, int64_t *ret_ns);

/** Add a duration of at least 1 ms in the form that users write: "900ms", "2.5s", "60s", "24h". */
void hp_duration_add(struct hp_buffer *ret, int64_t ns);

#endif
