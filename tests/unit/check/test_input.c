/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/check/input.h>

START_TEST(file_is_needed_once_and_only_so_many)
{
    static const char paths[] = "/a\0/b\0/c\0/d\0/e\0/f\0/g\0/h\0/i\0/j";
    struct hp_collected collected = {0};
    const struct hp_check_input input = {.collected = &collected};

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof paths; i += 3)
            hp_input_need_file(&input, paths + i, "--ca");
    ck_assert_uint_eq(collected.n_files, HP_NEEDED_FILES_MAX);
    ck_assert_str_eq(collected.files[0].path, "/a");
    ck_assert_str_eq(collected.files[1].path, "/b");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input");

    HP_UNIT_CASE(suite, file_is_needed_once_and_only_so_many);
    return hp_unit_run(suite);
}
