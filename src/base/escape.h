/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ESCAPE_H
#define HEALTHPROBE_ESCAPE_H

#include <healthprobe/base/span.h>

/** A character is at most so many bytes of UTF-8. */
#define HP_CHARACTER_MAX 4

/**
 * The character that @text, which is not empty, begins with, if it is escaped: as in a URL ("%2F",
 * a byte), in JSON ("\/", "\u002f", two of these for one beyond U+FFFF) or in HTML ("&#47;",
 * "&#x2f;",
 * "&amp;").
 *
 * @ret_len  how many bytes of @text it took
 * @return   how many bytes of @ret it is; 0: @text does not begin with an escape
 */
size_t hp_escape_decode(struct hp_span text, char ret[HP_CHARACTER_MAX], size_t *ret_len);

/** Is @text, where the rest is missing, the beginning of an escape? */
bool hp_escape_breaks_off(struct hp_span text);

#endif
