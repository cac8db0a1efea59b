/* SPDX-License-Identifier: MIT */
#include "pairs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Of this many rows with a pair, take the one with the most other new pairs. */
#define CANDIDATES 40
#define TRIES      4000

/* The maximum number of levels of a factor. */
#define LEVELS_MAX 32

enum { OPEN, MET, IMPOSSIBLE };

struct table {
    const int *levels;
    int n;
    bool (*valid)(const struct pairs_row *row);
    unsigned char seen[PAIRS_FACTORS_MAX][PAIRS_FACTORS_MAX][LEVELS_MAX][LEVELS_MAX];
    uint64_t random;
};

/* xorshift64: libc's random() differs between systems, but the rows must not. */
static int below(struct table *table, int n)
{
    table->random ^= table->random << 13;
    table->random ^= table->random >> 7;
    table->random ^= table->random << 17;
    return (int)((table->random >> 11) % (uint64_t)n);
}

static int count_new(const struct table *table, const struct pairs_row *row)
{
    int count = 0;

    for (int a = 0; a < table->n; a++) {
        for (int b = a + 1; b < table->n; b++) {
            count += table->seen[a][b][row->level[a]][row->level[b]] != MET;
        }
    }
    return count;
}

static void meet(struct table *table, const struct pairs_row *row)
{
    for (int a = 0; a < table->n; a++) {
        for (int b = a + 1; b < table->n; b++) {
            table->seen[a][b][row->level[a]][row->level[b]] = MET;
        }
    }
}

/* The best valid row in which factor @a has level @i and factor @b has level @j. */
static bool find_row(struct table *table, int a, int i, int b, int j, struct pairs_row *ret)
{
    int best = 0;
    int found = 0;

    for (int try = 0; try < TRIES && found < CANDIDATES; try++) {
        struct pairs_row row = {{0}};
        for (int factor = 0; factor < table->n; factor++) {
            row.level[factor] = below(table, table->levels[factor]);
        }
        row.level[a] = i;
        row.level[b] = j;
        if (!table->valid(&row)) {
            continue;
        }
        found++;
        int gain = count_new(table, &row);
        if (gain > best) {
            best = gain;
            *ret = row;
        }
    }
    return found > 0;
}

static void add_row(struct pairs_row **rows, size_t *count, const struct pairs_row *row)
{
    struct pairs_row *more = realloc(*rows, (*count + 1) * sizeof *more);

    if (more == NULL) {
        abort();
    }
    more[(*count)++] = *row;
    *rows = more;
}

size_t pairs_make(const int *levels, int n, bool (*valid)(const struct pairs_row *row),
                  struct pairs_row **ret_rows, size_t *ret_impossible)
{
    struct table *table = calloc(1, sizeof *table);
    size_t count = 0;

    if (table == NULL) {
        abort();
    }
    table->levels = levels;
    table->n = n;
    table->valid = valid;
    table->random = 0x9e3779b97f4a7c15U;
    *ret_rows = NULL;
    *ret_impossible = 0;
    for (int a = 0; a < n; a++) {
        for (int b = a + 1; b < n; b++) {
            for (int i = 0; i < levels[a]; i++) {
                for (int j = 0; j < levels[b]; j++) {
                    struct pairs_row row = {{0}};
                    if (table->seen[a][b][i][j] != OPEN) {
                        continue;
                    }
                    if (!find_row(table, a, i, b, j, &row)) {
                        table->seen[a][b][i][j] = IMPOSSIBLE;
                        ++*ret_impossible;
                        continue;
                    }
                    meet(table, &row);
                    add_row(ret_rows, &count, &row);
                }
            }
        }
    }
    free(table);
    return count;
}
