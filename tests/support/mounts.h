// SPDX-License-Identifier: MIT
#ifndef HPT_MOUNTS_H
#define HPT_MOUNTS_H

#include <stdbool.h>

/** For a child before its exec, where no test listens: say what failed, by errno, and exit. */
_Noreturn void hpt_child_fails(const char *what);

/**
 * Give this process mounts of its own, so that none it makes is seen elsewhere.
 * Who is not root gets them in a user namespace, where he is @inside.
 *
 * @return  false where the machine does not allow it
 */
bool hpt_own_mounts(unsigned inside);

#endif
