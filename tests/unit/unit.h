/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_UNIT_H
#define HEALTHPROBE_TESTS_UNIT_H

#include <check.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/** How many rows a table has; for loop tests. */
#define HP_UNIT_ROWS(table) (sizeof(table) / sizeof((table)[0]))

/** One behaviour: a TCase of its own, which carries the test's name. */
#define HP_UNIT_CASE(suite, test) hp_unit_add(suite, #test, test, 1)

/** The same for each row of @table; the test finds its row at index _i. */
#define HP_UNIT_TABLE(suite, test, table) hp_unit_add(suite, #test, test, HP_UNIT_ROWS(table))

/** Both between @before and @after, either of which may be NULL. */
#define HP_UNIT_CASE_WITH(suite, test, before, after)                                              \
    hp_unit_add_with(suite, #test, test, 1, before, after)
#define HP_UNIT_TABLE_WITH(suite, test, table, before, after)                                      \
    hp_unit_add_with(suite, #test, test, HP_UNIT_ROWS(table), before, after)

static inline void hp_unit_add_with(Suite *suite, const char *name, const TTest *test, size_t rows,
                                    SFun before, SFun after)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, before, after);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

static inline void hp_unit_add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    hp_unit_add_with(suite, name, test, rows, NULL, NULL);
}

/** The password of the tests' URLs. Nothing that is printed may hold even a piece of it. */
#define HP_UNIT_SECRET "s3cr3t-Zq9"

/** Does @text hold four bytes of HP_UNIT_SECRET in a row? */
static inline bool hp_unit_leaks(const char *text)
{
    for (const char *piece = HP_UNIT_SECRET; strlen(piece) >= 4; piece++) {
        char four[5] = {piece[0], piece[1], piece[2], piece[3], '\0'};

        if (strstr(text, four) != NULL)
            return true;
    }
    return false;
}

/**
 * Run @suite as the whole program. Standard output carries TAP and nothing
 * else.
 *
 * @return the exit status
 */
static inline int hp_unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
