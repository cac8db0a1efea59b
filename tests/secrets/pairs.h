/* SPDX-License-Identifier: MIT */
#ifndef SECRETS_PAIRS_H
#define SECRETS_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

/**
 * A few hundred rows instead of millions: every level of every factor meets every level of every
 * other factor at least once, where both are valid together. The rows are the same each time.
 */

#define PAIRS_FACTORS_MAX 10

struct pairs_row {
    int level[PAIRS_FACTORS_MAX];
};

/**
 * @levels   how many levels each of the @n factors has
 * @valid    says whether a whole row makes sense
 * @ret_rows the rows; never freed
 * @ret_impossible  how many pairs no valid row was found for
 * @return   the number of rows
 */
size_t pairs_make(const int *levels, int n, bool (*valid)(const struct pairs_row *row),
                  struct pairs_row **ret_rows, size_t *ret_impossible);

#endif
