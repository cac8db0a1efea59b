/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/array.h>

#include <stdlib.h>
#include <string.h>

#define ROOM_AT_FIRST 4

bool hp_array_grow(void *items, size_t n, size_t size)
{
    size_t room = ROOM_AT_FIRST;
    size_t bytes = 0;
    void *array = NULL;

    if (n > 0 && (n < ROOM_AT_FIRST || (n & (n - 1)) != 0))
        return true;
    if ((n > 0 && __builtin_mul_overflow(n, 2, &room)) ||
        __builtin_mul_overflow(room, size, &bytes))
        return false;
    /* Of any type, all pointers to objects look alike. */
    memcpy(&array, items, sizeof array);
    array = realloc(array, bytes);
    if (array == NULL)
        return false;
    memcpy(items, &array, sizeof array);
    return true;
}
