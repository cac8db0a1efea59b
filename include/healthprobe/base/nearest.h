/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_NEAREST_H
#define HEALTHPROBE_NEAREST_H

#include <stddef.h>

/** The longest question, the NUL included. */
#define HP_NEAREST_MAX 64

/**
 * Of the words that are known, the one that was probably meant. What was typed
 * may be a secret in the wrong place, and is not repeated; a word of ours is.
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
 * Is @word nearer than what was found? Three letters may differ at most, and
 * fewer than half of those typed. @word is borrowed; of two that are as near, the first holds.
 */
void hp_nearest_offer(struct hp_nearest *nearest, const char *word);

/** The end of a problem: "; did you mean WORD?", or "" where nothing is near. */
void hp_nearest_ask(const struct hp_nearest *nearest, char ret[HP_NEAREST_MAX]);

#endif
