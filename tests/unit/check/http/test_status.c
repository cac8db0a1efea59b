/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/status.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *list;
    int status;
    bool accepted;
} lists[] = {
    {"200-299", 199, false},    {"200-299", 200, true},      {"200-299", 299, true},
    {"200-299", 300, false},    {"200", 200, true},          {"200", 201, false},
    {"200-200", 200, true},     {"200-399,401", 399, true},  {"200-399,401", 400, false},
    {"200-399,401", 401, true}, {"401,200", 200, true},      {"200,200-299", 200, true},
    {"100-599", 100, true},     {"100-599", 599, true},      {"100-599", 600, false},
    {"100-599", 99, false},     {"100-599", 0, false},       {"100-599", -200, false},
    {"503", 503, true},         {"2xx", 200, true},          {"2xx", 299, true},
    {"2xx", 199, false},        {"2xx", 300, false},         {"2xx, 401", 401, true},
    {"2xx,3XX", 399, true},     {"5xx", 599, true},          {"1xx", 100, true},
    {" 200 ", 200, true},       {"200 ,\t401\n", 401, true},
};

START_TEST(status_is_accepted_where_a_range_holds_it)
{
    struct hp_status_set set = {0};

    ck_assert_msg(hp_status_set_parse(&set, lists[_i].list), "%s", lists[_i].list);
    ck_assert_int_eq(hp_status_set_has(&set, lists[_i].status), lists[_i].accepted);
}
END_TEST

static const char *const refused[] = {
    "",        ",",        "200,",        ",200",     "200,,201", "200-",  "-200",
    "299-200", "99",       "600",         "099",      "1000",     "2000",  "20",
    "2",       "0xx",      "200-2xx",     "6xx",      "2x",       "2xxx",  "200 - 299",
    "2xx-3xx", "xx",       "2x0",         "20x",      "2xx,",     " , ",   "2 xx",
    "200;201", "200-299-", "200-250-299", "100-600",  "099-200",  "+200",  "0x0C8",
    "20 0",    "two",      "200-299,",    "200--299", "*",        "200.0",
};

START_TEST(anything_else_is_no_list_of_statuses)
{
    struct hp_status_set set = {.n = 1, .ranges = {{418, 418}}};

    ck_assert_msg(!hp_status_set_parse(&set, refused[_i]), "%s", refused[_i]);
    ck_assert_uint_eq(set.n, 1);
    ck_assert_int_eq(set.ranges[0].from, 418);
}
END_TEST

static void list_of(char *ret, size_t n)
{
    *ret = '\0';
    for (size_t i = 0; i < n; i++)
        sprintf(ret + strlen(ret), "%s%zu", i > 0 ? "," : "", 200 + i);
}

START_TEST(list_may_be_as_long_as_the_set_and_no_longer)
{
    struct hp_status_set set = {0};
    char list[8 * (HP_STATUS_RANGES_MAX + 1)];

    list_of(list, HP_STATUS_RANGES_MAX);
    ck_assert(hp_status_set_parse(&set, list));
    ck_assert_uint_eq(set.n, HP_STATUS_RANGES_MAX);
    ck_assert(hp_status_set_has(&set, 200 + HP_STATUS_RANGES_MAX - 1));

    list_of(list, HP_STATUS_RANGES_MAX + 1);
    ck_assert(!hp_status_set_parse(&set, list));
}
END_TEST

START_TEST(set_that_was_forgotten_accepts_nothing)
{
    struct hp_status_set set = {0};

    for (int status = 0; status < 700; status++)
        ck_assert(!hp_status_set_has(&set, status));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_status");

    HP_UNIT_TABLE(suite, status_is_accepted_where_a_range_holds_it, lists);
    HP_UNIT_TABLE(suite, anything_else_is_no_list_of_statuses, refused);
    HP_UNIT_CASE(suite, list_may_be_as_long_as_the_set_and_no_longer);
    HP_UNIT_CASE(suite, set_that_was_forgotten_accepts_nothing);
    return hp_unit_run(suite);
}
