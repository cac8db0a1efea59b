/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ABOUT_H
#define HEALTHPROBE_ABOUT_H

#include <stdbool.h>

/**
 * Write the text of --help, or the group of options that @topic names, to standard output. False:
 * it could not be written.
 */
bool hp_about_help(const char *topic);

/** Write the text of --version to standard output. False: it could not be written. */
bool hp_about_version(void);

#endif
