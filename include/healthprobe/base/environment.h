/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_ENVIRONMENT_H
#define HEALTHPROBE_ENVIRONMENT_H

/** A variable of @environment; NULL where it is unset or empty. */
const char *hp_environment_get(char *const environment[], const char *name);

#endif
