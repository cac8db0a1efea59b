/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ABOUT_H
#define HEALTHPROBE_ABOUT_H

#include <stdbool.h>

/**
 * Print the text of --help, or only the group of options that @topic names. False: the output could
 * not be written.
 */
bool hp_about_help(const char *topic);

/** Write the text of --version to standard output. False: it could not be written. */
bool hp_about_version(void);

#endif
