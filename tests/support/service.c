// SPDX-License-Identifier: MIT
#include "service.h"

void hpt_service_start(struct hpt_nginx *nginx, struct hpt_postgres *pg,
                       const struct hpt_postgres_opts *pg_opts, struct hpt_redis *redis,
                       const struct hpt_redis_opts *redis_opts)
{
    hpt_nginx_create(nginx);
    hpt_nginx_start(nginx);
    hpt_postgres_create(pg, pg_opts);
    hpt_postgres_start(pg);
    hpt_redis_create(redis, redis_opts);
    hpt_redis_start(redis);
}
