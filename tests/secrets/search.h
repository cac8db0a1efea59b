/* SPDX-License-Identifier: MIT */
#ifndef SECRETS_SEARCH_H
#define SECRETS_SEARCH_H

#include <stddef.h>

/**
 * Finds traces of a password in any text. Every password of these tests contains two halves of
 * letters and digits that no report contains otherwise: even after splitting, cutting, escaping or
 * encoding, a piece of a half can still be recognized.
 */

#define FIRST_HALF  "Zq7WvKx"
#define SECOND_HALF "9Rm2TbYh"

/* This many characters of a half in a row do not occur by chance. */
#define PIECE_MIN 6

/**
 * Search for the halves: as they are, in another case, percent-encoded once or twice in either
 * case, and in the base64 that basic authentication makes of them.
 *
 * @basic  base64 to search for as well, or NULL
 * @return NULL, or what was found
 */
const char *search_secret(const char *bytes, size_t len, const char *basic);

#endif
