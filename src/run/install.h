/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_INSTALL_H
#define HEALTHPROBE_INSTALL_H

#include <healthprobe/base/error.h>

#include <stdbool.h>

/**
 * Copy the executable of this process to @destination: a file, or a directory, in which the copy is
 * called healthprobe. Its mode is 0755 whatever the umask.
 *
 * Other processes see the old file or the complete new one (a temporary file in the same directory,
 * fsync, rename): an older copy is replaced even while it runs. On failure an existing file stays
 * as it is, and no other file remains. Works without a shell, in an image that holds only this
 * file, but needs /proc.
 */
bool hp_install(const char *destination, struct hp_error *err);

#endif
