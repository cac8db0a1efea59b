/* SPDX-License-Identifier: MIT */
#ifndef SECRETS_SEARCH_H
#define SECRETS_SEARCH_H

#include <stddef.h>

/**
 * Finds what is left of a password in any text. Every password of these tests is made around two
 * halves of letters and digits that no report has a reason to hold: whatever splits, cuts, escapes
 * or encodes such a password leaves a piece of a half that can still be recognised.
 */

#define FIRST_HALF  "Zq7WvKx"
#define SECOND_HALF "9Rm2TbYh"

/* So many characters of a half in a row are no chance. */
#define PIECE_MIN 6

/**
 * Search for the halves: as they are, in another case, percent-encoded once or twice in either
 * case, and in the base64 that basic authentication makes of them.
 *
 * @basic  the base64 to look for besides, or NULL
 * @return NULL, or what was found
 */
const char *search_secret(const char *bytes, size_t len, const char *basic);

#endif
