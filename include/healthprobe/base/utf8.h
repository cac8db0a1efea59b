/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_UTF8_H
#define HEALTHPROBE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Copy any bytes as text that can be shown: valid UTF-8, with each control character (C0, DEL, C1,
 * U+2028, U+2029) and each invalid sequence replaced by U+FFFD. Trailing blanks and line ends are
 * dropped first.
 *
 * The copy is NUL-terminated, at most @ret_size - 1 bytes long, and never cut within a character.
 *
 * @return the length of the copy
 */
size_t hp_utf8_clean(char *ret, size_t ret_size, const char *bytes, size_t len);

/** Are these bytes valid UTF-8? */
bool hp_utf8_is_valid(const char *bytes, size_t len);

#endif
