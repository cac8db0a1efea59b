/* SPDX-License-Identifier: MIT */
#include "search.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"

/* For base64: long enough not to occur in a report by chance. */
#define BASIC_MIN 10

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *decoded(const char *bytes, size_t len, size_t *ret_len)
{
    char *text = malloc(len + 1);
    size_t used = 0;

    if (text == NULL) {
        abort();
    }
    for (size_t i = 0; i < len; i++) {
        int high = i + 2 < len && bytes[i] == '%' ? hex_value(bytes[i + 1]) : -1;
        int low = high >= 0 ? hex_value(bytes[i + 2]) : -1;
        text[used++] = (char)(low >= 0 ? high << 4 | low : bytes[i]);
        i += low >= 0 ? 2 : 0;
    }
    *ret_len = used;
    return text;
}

/* Does the text contain a run of @min characters of @word? */
static bool holds_piece(const char *bytes, size_t len, const char *word, size_t min, bool any_case)
{
    size_t word_len = strlen(word);

    for (size_t from = 0; from + min <= word_len; from++) {
        for (size_t at = 0; at + min <= len; at++) {
            if (any_case ? strncasecmp(bytes + at, word + from, min) == 0
                         : memcmp(bytes + at, word + from, min) == 0) {
                return true;
            }
        }
    }
    return false;
}

static const char *search_view(const char *bytes, size_t len, const char *basic)
{
    if (holds_piece(bytes, len, FIRST_HALF, PIECE_MIN, true)) {
        return "a piece of the password's first half";
    }
    if (holds_piece(bytes, len, SECOND_HALF, PIECE_MIN, true)) {
        return "a piece of the password's second half";
    }
    if (basic != NULL && strlen(basic) >= BASIC_MIN &&
        holds_piece(bytes, len, basic, BASIC_MIN, false)) {
        return "a piece of basic authentication's base64";
    }
    return NULL;
}

const char *search_secret(const char *bytes, size_t len, const char *basic)
{
    size_t once_len = 0;
    size_t twice_len = 0;
    char *once = decoded(bytes, len, &once_len);
    char *twice = decoded(once, once_len, &twice_len);
    const char *found = search_view(bytes, len, basic);

    if (found == NULL && search_view(once, once_len, basic) != NULL) {
        found = "the password, percent-encoded";
    }
    if (found == NULL && search_view(twice, twice_len, basic) != NULL) {
        found = "the password, percent-encoded twice";
    }
    free(once);
    free(twice);
    return found;
}
