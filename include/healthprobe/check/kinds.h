/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_KINDS_H
#define HEALTHPROBE_KINDS_H

#include <healthprobe/check/check.h>

extern const struct hp_check_ops hp_check_http_ops;
extern const struct hp_check_ops hp_check_database_ops;
extern const struct hp_check_ops hp_check_redis_ops;

#endif
