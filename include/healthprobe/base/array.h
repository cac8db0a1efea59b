/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ARRAY_H
#define HEALTHPROBE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/** How many elements an array has; not for pointers. */
#define HP_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/**
 * Make room in @items, a pointer to a heap array or NULL, for one element more than the @n in use.
 * The array grows by this alone: its room is a power of two, which follows from @n, and doubles.
 *
 * @return  false without memory: @items is then as it was
 */
#define hp_array_room(items, n) hp_array_grow(&(items), n, sizeof *(items))

/** What hp_array_room() is made of. @items is the pointer's address. */
bool hp_array_grow(void *items, size_t n, size_t size);

#endif
