/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_NEAREST_H
#define HEALTHPROBE_NEAREST_H

#include <stddef.h>

/** The longest question, the NUL included. */
#define HP_NEAREST_MAX 64

/**
 * Finds the known word, all of which are in lower case, that was probably meant; case is ignored.
 * Only the known word is shown: what was typed may be a secret in the wrong place.
 */
struct hp_nearest {
    const char *text; /* what was typed; not NUL-terminated */
    size_t len;
    size_t distance;   /* of @found: letters to insert, leave out, replace or swap */
    const char *found; /* NULL: nothing is near */
};

/** Begin with nothing found. @text is borrowed. */
void hp_nearest_init(struct hp_nearest *nearest, const char *text, size_t len);

/**
 * Keep @word if it is nearer than what was found so far. At most three letters may differ, and
 * fewer than half of those typed. @word is borrowed.
 */
void hp_nearest_offer(struct hp_nearest *nearest, const char *word);

/** Text to append to a problem: "; did you mean WORD?", or "" where nothing is near. */
void hp_nearest_ask(const struct hp_nearest *nearest, char ret[HP_NEAREST_MAX]);

#endif
