/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/kinds.h>

/* One line for each kind, which is defined in its directory, src/check/KIND. */
#define KINDS(LINE)                                                                                \
    LINE(http)                                                                                     \
    LINE(database)                                                                                 \
    LINE(redis)                                                                                    \
    LINE(heartbeat)

#define DECLARE(kind)    extern const struct hp_check_ops hp_check_##kind##_ops;
#define ADDRESS_OF(kind) &hp_check_##kind##_ops,

KINDS(DECLARE)

const struct hp_check_ops *const hp_check_kinds[] = {KINDS(ADDRESS_OF) NULL};
