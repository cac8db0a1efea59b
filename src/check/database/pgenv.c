/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/environment.h>

#include <stdlib.h>
#include <string.h>

/* "sslmode" is PGSSLMODE, "channel_binding" is PGCHANNELBINDING. */
static void name_variable(char ret[HP_NAME_MAX + 1], const char *key)
{
    struct hp_buffer name;

    hp_buffer_init(&name, ret, HP_NAME_MAX + 1);
    hp_buffer_add(&name, "PG");
    for (key = strcmp(key, "dbname") == 0 ? "database" : key; *key != '\0'; key++) {
        char c = (char)(*key - 'a' + 'A');

        if (*key != '_')
            hp_buffer_add_bytes(&name, &c, 1);
    }
}

void hp_database_read_environment(struct hp_database_reader *reader)
{
    /* Those of libpq that the URL may have as well (fe-connect.c, PQconninfoOptions). */
    static const char *const keys[] = {
        "host",
        "hostaddr",
        "port",
        "user",
        "dbname",
        "options",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "sslcertmode",
        "sslcrl",
        "sslcrldir",
        "sslsni",
        "sslnegotiation",
        "sslcompression",
        "requirepeer",
        "require_auth",
        "channel_binding",
        "gssencmode",
        "krbsrvname",
        "gsslib",
        "gssdelegation",
        "target_session_attrs",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
        "min_protocol_version",
        "max_protocol_version",
    };
    const char *origin = reader->base.origin;

    for (size_t i = 0; reader->how->environment != NULL && i < HP_COUNT(keys); i++) {
        char variable[HP_NAME_MAX + 1];
        const char *value = NULL;
        struct hp_url_param param = {0};

        name_variable(variable, keys[i]);
        value = hp_environment_get(reader->how->environment, variable);
        if (value == NULL)
            continue;
        reader->base.origin = variable;
        hp_target_set(&reader->base, &param.key, keys[i]);
        hp_target_set(&reader->base, &param.value, value);
        if (param.key != NULL && param.value != NULL) {
            param.value[hp_span_trim_end(hp_span_of(value), HP_LINE_ENDS).len] = '\0';
            hp_database_read_param(reader, &param);
        }
        free(param.key);
        free(param.value);
    }
    reader->base.origin = origin;
    reader->mode_is_explicit = false;
    reader->addresses_are_foreign = reader->n_addresses > 0;
}
