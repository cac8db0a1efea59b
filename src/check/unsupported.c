/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/target.h>

#include <healthprobe/base/array.h>

#include <string.h>
#include <strings.h>

/* Each with what drivers add: "mysql2", "mongodb+srv", "amqps". */
static const char *const names[] = {
    "mysql",  "mariadb", "mongodb", "sqlite", "sqlserver", "mssql",
    "oracle", "amqp",    "kafka",   "nats",   "memcached", "clickhouse",
};

const char *hp_target_unsupported(const char *text)
{
    const char *end = "://";

    if (strncasecmp(text, "jdbc:", 5) == 0 || strncasecmp(text, "r2dbc:", 6) == 0) {
        text = strchr(text, ':') + 1;
        end = ":";
    }
    for (size_t i = 0; i < HP_COUNT(names); i++) {
        size_t len = strlen(names[i]);

        if (strncasecmp(text, names[i], len) != 0)
            continue;
        text += len + strspn(text + len, "abcdefghijklmnopqrstuvwxyz0123456789+");
        return hp_after_prefix(text, end) != NULL ? names[i] : NULL;
    }
    return NULL;
}

bool hp_target_check_supported(const char *text, const char *noun, const char *origin,
                               struct hp_error *err)
{
    const char *name = hp_target_unsupported(text);

    if (name != NULL)
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: %s is not supported; leave %s out with --check http", origin, name, noun);
    return name == NULL;
}
