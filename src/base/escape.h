/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ESCAPE_H
#define HEALTHPROBE_ESCAPE_H

#include <healthprobe/base/span.h>

/** A character is at most so many bytes of UTF-8. */
#define HP_CHARACTER_MAX 4

/** An escape is at most so many bytes: two units of JSON, such as "\ud83d\ude00". */
#define HP_ESCAPE_MAX 12

/**
 * The character that @text, which is not empty, begins with, if it is escaped: as in a URL ("%2F",
 * a byte), in JSON ("\/", "\u002f", two of these for one beyond U+FFFF) or in HTML ("&#47;",
 * "&#x2f;", "&amp;" and the four other names of XML).
 *
 * @ret_len  how many bytes of @text it took; set only if there is an escape
 * @return   how many bytes of @ret it is; 0: @text does not begin with an escape
 */
size_t hp_escape_decode(struct hp_span text, char ret[HP_CHARACTER_MAX], size_t *ret_len);

/** Is @text, where the rest is missing, empty or the beginning of an escape, but not a whole one?
 */
bool hp_escape_breaks_off(struct hp_span text);

#endif
