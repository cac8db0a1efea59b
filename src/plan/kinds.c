/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/kinds.h>

const struct hp_check_ops *const hp_check_kinds[] = {
    &hp_check_http_ops,
    &hp_check_database_ops,
    &hp_check_redis_ops,
    NULL,
};
