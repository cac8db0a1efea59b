/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/nearest.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* A word longer than any that is known counts as far away. */
#define WORD_MAX 32

#define DISTANCE_MAX 3

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, in which two swapped neighbours count as one change. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t rows[WORD_MAX + 1][WORD_MAX + 1];
    size_t b_len = strlen(b);

    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return WORD_MAX;
    for (size_t i = 0; i <= a_len; i++) {
        for (size_t j = 0; j <= b_len; j++) {
            size_t best = i + j;
            if (i > 0 && j > 0) {
                best = rows[i - 1][j - 1] + (tolower((unsigned char)a[i - 1]) != b[j - 1]);
                best = least(best, least(rows[i - 1][j], rows[i][j - 1]) + 1);
            }
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    }
    return rows[a_len][b_len];
}

void hp_nearest_init(struct hp_nearest *nearest, const char *text, size_t len)
{
    *nearest = (struct hp_nearest){
        .text = text, .len = len, .distance = least((len + 1) / 2, DISTANCE_MAX + 1)};
}

void hp_nearest_offer(struct hp_nearest *nearest, const char *word)
{
    size_t d = distance(nearest->text, nearest->len, word);

    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->found = word;
    }
}

void hp_nearest_ask(const struct hp_nearest *nearest, char ret[HP_NEAREST_MAX])
{
    ret[0] = '\0';
    if (nearest->found != NULL)
        snprintf(ret, HP_NEAREST_MAX, "; did you mean %s?", nearest->found);
}
