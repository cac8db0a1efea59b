/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PERCENT_H
#define HEALTHPROBE_PERCENT_H

#include <healthprobe/base/span.h>

/** The value of a hexadecimal digit; -1: @c is not one. */
int hp_hex_value(char c);

/**
 * The first byte of @text, which is not empty, decoded: a "%" without two hex digits after it
 * stands for itself.
 *
 * @ret_len  how many bytes of @text it took: 3 or 1
 */
char hp_percent_decode(struct hp_span text, size_t *ret_len);

/** Is @text, where the rest is missing, the beginning of an encoded byte? */
bool hp_percent_breaks_off(struct hp_span text);

#endif
