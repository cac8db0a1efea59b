/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_REDIS_SETTINGS_H
#define HEALTHPROBE_REDIS_SETTINGS_H

#include <healthprobe/check/input.h>
#include <healthprobe/net/dial.h>
#include <healthprobe/net/tls.h>

#include "target.h"

/** Which role the server has to have. */
enum hp_redis_role {
    HP_REDIS_ROLE_ANY,
    HP_REDIS_ROLE_MASTER,
    HP_REDIS_ROLE_REPLICA,
    HP_REDIS_ROLE_COUNT
};

/** The kind's rows of the option table. */
extern const struct hp_option hp_redis_options[];

/** "any", "master", "replica". Static storage. */
const char *hp_redis_role_name(enum hp_redis_role role);

struct hp_redis_settings {
    struct hp_redis_target target;
    enum hp_redis_role role;
    struct hp_tls_settings tls;
    struct hp_endpoint endpoint;
};

/**
 * Read target and options. @ret is all zero before, and released by the caller
 * whatever comes of it. False: problems were added, all that there are.
 */
bool hp_redis_settings_read(struct hp_redis_settings *ret, const struct hp_check_input *input,
                            struct hp_error *err);
void hp_redis_settings_release(struct hp_redis_settings *settings);

#endif
