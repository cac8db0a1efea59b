/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/names.h>

#include <stdio.h>

START_TEST(names_are_kept_in_their_order)
{
    struct hp_names names = {0};

    hp_names_add(&names, "schema");
    hp_names_add(&names, "pgbouncer");
    ck_assert_uint_eq(names.n, 2);
    ck_assert_str_eq(names.items[0], "schema");
    ck_assert_str_eq(names.items[1], "pgbouncer");
    ck_assert(hp_names_has(&names, "schema"));
    ck_assert(!hp_names_has(&names, "schem"));
    ck_assert_uint_eq(names.not_shown, 0);
}
END_TEST

START_TEST(a_name_is_kept_once_and_an_empty_one_never)
{
    struct hp_names names = {0};

    hp_names_add(&names, "schema");
    hp_names_add(&names, "schema");
    hp_names_add(&names, "");
    hp_names_add(&names, " ");
    ck_assert_uint_eq(names.n, 1);
    ck_assert_uint_eq(names.not_shown, 0);
}
END_TEST

START_TEST(name_that_is_too_long_is_counted)
{
    struct hp_names names = {0};

    hp_names_add(&names, "0123456789012345678901234567890-");
    hp_names_add(&names, "0123456789012345678901234567890-x");
    ck_assert_uint_eq(names.n, 1);
    ck_assert_uint_eq(names.not_shown, 1);
}
END_TEST

START_TEST(name_that_grows_too_long_by_cleaning_is_counted)
{
    struct hp_names names = {0};

    hp_names_add(&names, "\x01\x02\x03");
    hp_names_add(&names, "\x01\x02\x03\x04\x05\x06\x07\x08\x0E\x0F\x10");
    ck_assert_uint_eq(names.n, 1);
    ck_assert_str_eq(names.items[0], "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    ck_assert_uint_eq(names.not_shown, 1);
}
END_TEST

START_TEST(names_of_a_full_list_are_counted)
{
    struct hp_names names = {0};

    for (int i = 0; i < HP_NAMES_MAX + 5; i++) {
        char name[16];

        snprintf(name, sizeof name, "name%d", i);
        hp_names_add(&names, name);
    }
    hp_names_add(&names, "name0");
    ck_assert_uint_eq(names.n, HP_NAMES_MAX);
    ck_assert_uint_eq(names.not_shown, 5);
}
END_TEST

START_TEST(note_stands_once_and_only_so_many)
{
    struct hp_notes list = {0};
    char long_note[HP_NOTE_TEXT_MAX + 40];

    hp_notes_add(&list, "a");
    hp_notes_add(&list, "a");
    ck_assert_uint_eq(list.n, 1);
    memset(long_note, 'x', sizeof(long_note) - 1);
    long_note[sizeof(long_note) - 1] = '\0';
    hp_notes_add(&list, "%s", long_note);
    ck_assert_uint_eq(strlen(list.items[1]), HP_NOTE_TEXT_MAX);
    for (int i = 0; i < 2 * HP_NOTES_MAX; i++) {
        char note[] = {(char)('A' + i), '\0'};

        hp_notes_add(&list, "%s", note);
    }
    ck_assert_uint_eq(list.n, HP_NOTES_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("names");

    HP_UNIT_CASE(suite, names_are_kept_in_their_order);
    HP_UNIT_CASE(suite, a_name_is_kept_once_and_an_empty_one_never);
    HP_UNIT_CASE(suite, name_that_is_too_long_is_counted);
    HP_UNIT_CASE(suite, name_that_grows_too_long_by_cleaning_is_counted);
    HP_UNIT_CASE(suite, names_of_a_full_list_are_counted);
    HP_UNIT_CASE(suite, note_stands_once_and_only_so_many);
    return hp_unit_run(suite);
}
