/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/base/nearest.h>

static const struct {
    const char *typed;
    const char *found; /* NULL: none is near */
} words[] = {
    {"ready", "ready"},
    {"redy", "ready"},
    {"raedy", "ready"},
    {"read", "ready"},
    {"readiness", NULL},
    {"lvie", "live"},
    {"liveness", NULL},
    {"life", "live"},
    {"instal", "install"},
    {"installation", NULL}, /* of long words, three letters */
    {"explian", "explain"},
    {"prometeus", "prometheus"},
    {"health-json", "health+json"},
    {"helthjson", "health+json"},
    /* Of short words, half may differ and no more. */
    {"2s", NULL},
    {"xyze", NULL},
    {"liv", "live"},
    {"fu", NULL},
    {"", NULL},
    {"f", NULL},
    /* Far longer than any word. */
    {"readyreadyreadyreadyreadyreadyreadyready", NULL},
};

START_TEST(nearest_word_is_found_if_it_is_near)
{
    static const char *const known[] = {"live",    "ready",   "full",       "wait",
                                        "explain", "install", "prometheus", "health+json"};
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, words[_i].typed, strlen(words[_i].typed));
    for (size_t i = 0; i < HP_UNIT_ROWS(known); i++)
        hp_nearest_offer(&nearest, known[i]);
    if (words[_i].found == NULL)
        ck_assert_msg(nearest.found == NULL, "%s for %s", nearest.found, words[_i].typed);
    else
        ck_assert_pstr_eq(nearest.found, words[_i].found);
}
END_TEST

START_TEST(the_first_of_two_that_are_as_near_is_found)
{
    struct hp_nearest nearest;

    hp_nearest_init(&nearest, "hat!", 3);
    hp_nearest_offer(&nearest, "cat");
    hp_nearest_offer(&nearest, "rat");
    ck_assert_str_eq(nearest.found, "cat");
    hp_nearest_offer(&nearest, "hat");
    ck_assert_str_eq(nearest.found, "hat");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nearest");

    HP_UNIT_TABLE(suite, nearest_word_is_found_if_it_is_near, words);
    HP_UNIT_CASE(suite, the_first_of_two_that_are_as_near_is_found);
    return hp_unit_run(suite);
}
