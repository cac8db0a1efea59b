/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/array.h>

#include <malloc.h>
#include <stdint.h>

START_TEST(elements_stay_while_an_array_grows)
{
    uint64_t *items = NULL;
    size_t n = 0;

    while (n < 1000) {
        ck_assert(hp_array_room(items, n));
        ck_assert_uint_ge(malloc_usable_size(items), (n + 1) * sizeof *items);
        items[n] = n;
        n++;
    }
    for (size_t i = 0; i < n; i++)
        ck_assert_uint_eq(items[i], i);
    free(items);
}
END_TEST

START_TEST(room_doubles_and_is_kept_until_it_is_used_up)
{
    uint64_t *items = NULL;

    ck_assert(hp_array_room(items, 0));
    for (size_t n = 1; n < 4; n++) {
        uint64_t *before = items;

        ck_assert(hp_array_room(items, n));
        ck_assert_ptr_eq(items, before);
    }
    ck_assert(hp_array_room(items, 4));
    ck_assert_uint_ge(malloc_usable_size(items), 8 * sizeof *items);
    free(items);
}
END_TEST

START_TEST(a_size_that_overflows_is_refused_and_changes_nothing)
{
    uint64_t *items = NULL;
    uint64_t *before;

    ck_assert(hp_array_room(items, 0));
    before = items;
    ck_assert(!hp_array_room(items, SIZE_MAX / 2 + 1));
    ck_assert(!hp_array_room(items, SIZE_MAX / 8 + 1));
    ck_assert_ptr_eq(items, before);
    items[3] = 3;
    free(items);
}
END_TEST

START_TEST(elements_are_counted)
{
    static const uint64_t three[] = {1, 2, 3};
    char text[7];

    ck_assert_uint_eq(HP_COUNT(three), 3);
    ck_assert_uint_eq(HP_COUNT(text), 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("array");

    HP_UNIT_CASE(suite, elements_stay_while_an_array_grows);
    HP_UNIT_CASE(suite, room_doubles_and_is_kept_until_it_is_used_up);
    HP_UNIT_CASE(suite, a_size_that_overflows_is_refused_and_changes_nothing);
    HP_UNIT_CASE(suite, elements_are_counted);
    return hp_unit_run(suite);
}
