/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_DATABASE_SETTINGS_H
#define HEALTHPROBE_DATABASE_SETTINGS_H

#include <healthprobe/check/input.h>

#include "target.h"

/** What has to work for the check to be up. */
enum hp_database_level {
    HP_DATABASE_LEVEL_PING,
    HP_DATABASE_LEVEL_LOGIN,
    HP_DATABASE_LEVEL_QUERY,
    HP_DATABASE_LEVEL_COUNT
};

/** Which role the server has to have. */
enum hp_database_role {
    HP_DATABASE_ROLE_ANY,
    HP_DATABASE_ROLE_PRIMARY,
    HP_DATABASE_ROLE_STANDBY,
    HP_DATABASE_ROLE_COUNT
};

/** The kind's rows of the option table. */
extern const struct hp_option hp_database_options[];

/** "any", "primary", "standby". Static storage. */
const char *hp_database_role_name(enum hp_database_role role);

struct hp_database_settings {
    struct hp_database_target target;
    enum hp_database_level level;
    enum hp_database_role role;
    const char *query;   /* instead of SELECT 1; NULL: none */
    bool verify_ca;      /* the trust store is ours to name */
    const char *ca_file; /* NULL with verify_ca: the system's bundles */
};

/**
 * Read target and options. @ret is all zero before, and released by the caller
 * whatever comes of it. False: problems were added, all that there are.
 */
bool hp_database_settings_read(struct hp_database_settings *ret, const struct hp_check_input *input,
                               struct hp_error *err);
void hp_database_settings_release(struct hp_database_settings *settings);

#endif
