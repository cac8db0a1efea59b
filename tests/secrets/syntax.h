/* SPDX-License-Identifier: MIT */
#ifndef SECRETS_SYNTAX_H
#define SECRETS_SYNTAX_H

/** Invalid command lines and environments, with a password where people put one by mistake. */

struct syntax_case {
    const char *args[6]; /* the rest are NULL */
    const char *env[2];
};

extern const struct syntax_case syntax_cases[];
extern const int syntax_case_count;

#endif
