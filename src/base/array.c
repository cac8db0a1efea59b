/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/array.h>

#include <stdlib.h>

#define ROOM_AT_FIRST 4

/* The caller's pointer, whatever it points to. */
typedef void *__attribute__((may_alias)) any_pointer;

bool hp_array_grow(void *items, size_t n, size_t size)
{
    any_pointer *array = items;
    size_t room = ROOM_AT_FIRST;
    size_t bytes = 0;
    void *grown = NULL;

    if (n > 0 && (n < ROOM_AT_FIRST || (n & (n - 1)) != 0))
        return true;
    if ((n > 0 && __builtin_mul_overflow(n, 2, &room)) ||
        __builtin_mul_overflow(room, size, &bytes))
        return false;
    grown = realloc(*array, bytes);
    if (grown == NULL)
        return false;
    *array = grown;
    return true;
}
