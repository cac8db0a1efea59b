/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_INTEGRATION_FORMATS_H
#define HEALTHPROBE_TESTS_INTEGRATION_FORMATS_H

#include <string.h>

#include "common.h"
#include "probe.h"

/** The formats that --help names, in its order, json first; NULL behind the last. */
static inline char *const *formats_of_help(void)
{
    static const char option[] = "--format FORMAT";
    static struct hpt_run run;
    static char *names[17];
    char *rest = NULL;
    size_t n = 0;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--help"));
    char *list = strstr(run.out, option);
    ck_assert_ptr_nonnull(list);
    list += sizeof option - 1;
    *strchr(list, '(') = '\0';
    for (char *word = strtok_r(list, ", ", &rest); word != NULL && n < 16;
         word = strtok_r(NULL, ", ", &rest)) {
        if (strcmp(word, "or") != 0) {
            names[n++] = word;
        }
    }
    names[n] = NULL;
    ck_assert_uint_ge(n, 6);
    return names;
}

#endif
