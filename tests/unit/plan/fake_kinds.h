/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_UNIT_PLAN_FAKE_KINDS_H
#define HEALTHPROBE_TESTS_UNIT_PLAN_FAKE_KINDS_H

#include "unit.h"

#include <healthprobe/plan/kinds.h>

/* Kinds of checks that have options and nothing else. */

static const struct hp_option http_options[] = {
    {"http", "URL", NULL, "a target",
     .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE, .also = "url port=:PORT"},
    {"http-timeout", "DUR", NULL, "a limit", .flags = 0},
    {"http-header", "LINE", NULL, "a header",
     .flags = HP_OPTION_REPEATABLE | HP_OPTION_SOURCE | HP_OPTION_HEADER},
    {"http-method", "NAME", NULL, "no source", .flags = 0},
    {"http-contains", "TEXT", NULL, "a free text",
     .flags = HP_OPTION_REPEATABLE | HP_OPTION_PRIVATE},
    {"http-insecure", NULL, NULL, "a boolean", .also = "k insecure"},
    {0},
};

static const struct hp_option database_options[] = {
    {"database", "URL", NULL, "a target",
     .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE,
     .also = "postgres pg db database-url"},
    {"database-password", "TEXT", NULL, "a password", .flags = HP_OPTION_SOURCE},
    {"database-timeout", "DUR", NULL, "a limit", .flags = 0},
    {0},
};

static const struct hp_option redis_options[] = {
    {"redis", "URL", NULL, "a target",
     .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE | HP_OPTION_REPEATABLE, .also = "cache"},
    {"redis-password", "TEXT", NULL, "a password", .flags = HP_OPTION_SOURCE},
    {"redis-timeout", "DUR", NULL, "a limit", .flags = 0},
    {"redis-insecure", NULL, NULL, "a boolean", .flags = 0},
    {0},
};

static const char *const database_variables[] = {"DATABASE_URL", NULL};
static const char *const redis_variables[] = {"REDIS_URL", "CACHE_URL", NULL};

static const char *const http_schemes[] = {"http", "https", NULL};
static const char *const database_schemes[] = {"postgres", "postgresql", NULL};
static const char *const redis_schemes[] = {"redis", "rediss", "unix", NULL};

static const struct hp_check_ops http_ops = {.kind = "http",
                                             .title = "HTTP",
                                             .schemes = http_schemes,
                                             .example = "http://HOST:PORT",
                                             .asks = {"it", "it", "it"},
                                             .presence_variable = "PORT",
                                             .has_default_target = true,
                                             .options = http_options};
static const struct hp_check_ops database_ops = {.kind = "database",
                                                 .title = "Postgres",
                                                 .schemes = database_schemes,
                                                 .example = "postgres://USER@HOST",
                                                 .port = 5432,
                                                 .asks = {NULL, "it", "it"},
                                                 .app_variables = database_variables,
                                                 .options = database_options};
static const struct hp_check_ops redis_ops = {.kind = "redis",
                                              .title = "Redis",
                                              .schemes = redis_schemes,
                                              .example = "redis://HOST",
                                              .port = 6379,
                                              .asks = {NULL, NULL, "it"},
                                              .app_variables = redis_variables,
                                              .options = redis_options};

const struct hp_check_ops *const hp_check_kinds[] = {&http_ops, &database_ops, &redis_ops, NULL};

enum { HTTP, DATABASE, REDIS };

#endif
