// SPDX-License-Identifier: MIT
#ifndef HPT_SERVICE_H
#define HPT_SERVICE_H

#include "nginx.h"
#include "postgres.h"
#include "redis.h"

/** Create and start what a service consists of. */
void hpt_service_start(struct hpt_nginx *nginx, struct hpt_postgres *pg,
                       const struct hpt_postgres_opts *pg_opts, struct hpt_redis *redis,
                       const struct hpt_redis_opts *redis_opts);

#endif
