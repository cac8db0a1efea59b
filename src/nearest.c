/* SPDX-License-Identifier: MIT */
#include <healthprobe/nearest.h>

#include <string.h>

/* A longer word than any of ours counts as far away. */
#define WORD_MAX 32

#define DISTANCE_MAX 3

/* Levenshtein's. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t b_len = strlen(b);

    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[b_len];
}

void hp_nearest_init(struct hp_nearest *nearest, const char *text, size_t len)
{
    size_t most = len / 2 < DISTANCE_MAX ? len / 2 : DISTANCE_MAX;

    *nearest = (struct hp_nearest){.text = text, .len = len, .distance = most + 1};
}

void hp_nearest_offer(struct hp_nearest *nearest, const char *word)
{
    size_t d = distance(nearest->text, nearest->len, word);

    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->found = word;
    }
}
