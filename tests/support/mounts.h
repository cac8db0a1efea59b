// SPDX-License-Identifier: MIT
#ifndef HPT_MOUNTS_H
#define HPT_MOUNTS_H

#include <stdbool.h>

/**
 * For a child before its exec, which cannot fail a test: print what failed with errno, and exit.
 */
_Noreturn void hpt_child_fails(const char *what);

/**
 * Give this process a separate mount namespace, so that its mounts are not visible elsewhere. An
 * unprivileged user gets it within a user namespace, as user @inside.
 *
 * @return  false if the machine does not allow it
 */
bool hpt_own_mounts(unsigned inside);

#endif
