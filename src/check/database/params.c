/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <healthprobe/base/array.h>

#include <stdlib.h>
#include <string.h>

/* PQconninfoOptions of libpq 17 and 18, but what is a field of the target. */
static const char *const kept[] = {
    "channel_binding",
    "options",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "sslnegotiation",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslcertmode",
    "sslpassword",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "requirepeer",
    "require_auth",
    "min_protocol_version",
    "max_protocol_version",
    "gssencmode",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "scram_client_key",
    "scram_server_key",
    NULL,
};

/* libpq's own too, but they read other files, or are the probe's to set. */
const char *const hp_database_dropped[] = {
    "service",
    "servicefile",
    "passfile",
    "sslkeylogfile",
    "replication",
    "connect_timeout",
    "client_encoding",
    "application_name",
    "fallback_application_name",
    "load_balance_hosts",
    NULL,
};

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

void hp_database_set_host(struct hp_database_reader *reader, size_t i, const char *name,
                          bool bracketed)
{
    /* In a parameter, an IPv6 address has no brackets. */
    bool valid = *name == '/' || bracketed || hp_target_is_host(name, strchr(name, ':') != NULL);

    if (*name == '\0')
        valid = true;
    for (const char *at = name; *at != '\0'; at++)
        valid = valid && (unsigned char)*at >= 0x20 && *at != 0x7F && *at != ',';
    if (!valid)
        hp_target_problem(&reader->base, "host", "is not valid");
    hp_target_set(&reader->base, &reader->target.hosts[i].name, name);
}

static void set_address(struct hp_database_reader *reader, size_t i, const char *address)
{
    hp_target_set(&reader->base, &reader->target.hosts[i].address, address);
}

static void set_port(struct hp_database_reader *reader, size_t i, const char *text)
{
    unsigned port = 0;

    if (*text != '\0' && (!hp_target_parse_number(text, UINT16_MAX, &port) || port == 0))
        hp_target_problem(&reader->base, "port", "is not one of 1 to 65535");
    reader->ports[i] = (uint16_t)port;
}

static void set_plain_host(struct hp_database_reader *reader, size_t i, const char *name)
{
    hp_database_set_host(reader, i, name, false);
}

/* The entries of a list between commas; those before are forgotten. Returns how many. */
static size_t set_list(struct hp_database_reader *reader, const char *list, enum hp_part part,
                       void (*set_entry)(struct hp_database_reader *reader, size_t i,
                                         const char *text))
{
    for (size_t n = 0; n < HP_DATABASE_HOSTS_MAX; n++) {
        size_t len = strcspn(list, ",");
        char *entry = strndup(list, len);

        if (entry == NULL) {
            hp_target_no_memory(&reader->base);
            return n;
        }
        if (hp_target_fill(&reader->base, &entry, part, n))
            set_entry(reader, n, entry);
        free(entry);
        if (list[len] == '\0')
            return n + 1;
        list += len + 1;
    }
    hp_target_problem(&reader->base, "URL", "has too many hosts: give at most 16");
    return HP_DATABASE_HOSTS_MAX;
}

void hp_database_forget_hosts(struct hp_database_reader *reader)
{
    if (!reader->addresses_are_foreign)
        return;
    for (size_t i = 0; i < HP_DATABASE_HOSTS_MAX; i++)
        hp_target_set(&reader->base, &reader->target.hosts[i].address, NULL);
    reader->n_addresses = 0;
}

struct hp_url_param *hp_database_find_param(const struct hp_url_params *params, const char *key)
{
    for (size_t i = 0; i < params->n; i++)
        if (strcmp(params->items[i].key, key) == 0)
            return &params->items[i];
    return NULL;
}

const char *hp_database_target_parameter(const struct hp_database_target *target, const char *key)
{
    const struct hp_url_param *param = hp_database_find_param(&target->libpq, key);

    return param != NULL ? param->value : NULL;
}

void hp_database_remove_param(struct hp_url_params *params, struct hp_url_param *param)
{
    free(param->key);
    free(param->value);
    *param = params->items[--params->n];
}

/* The later of two wins, as in libpq; an empty one is none. */
static void keep(struct hp_database_reader *reader, struct hp_url_param *param)
{
    struct hp_url_params *params = &reader->target.libpq;
    struct hp_url_param *earlier = hp_database_find_param(params, param->key);

    if (earlier != NULL)
        hp_database_remove_param(params, earlier);
    if (*param->value == '\0')
        return;
    if (!hp_array_room(params->items, params->n)) {
        hp_target_no_memory(&reader->base);
        return;
    }
    params->items[params->n++] = *param;
    *param = (struct hp_url_param){0};
}

static void read_host(struct hp_database_reader *reader, const char *value)
{
    hp_database_forget_hosts(reader);
    reader->target.n_hosts = set_list(reader, value, HP_PART_HOST, set_plain_host);
}

static void read_hostaddr(struct hp_database_reader *reader, const char *value)
{
    reader->addresses_are_foreign = false;
    reader->n_addresses =
        *value != '\0' ? set_list(reader, value, HP_PART_ADDRESS, set_address) : 0;
}

static void read_port(struct hp_database_reader *reader, const char *value)
{
    reader->n_ports = set_list(reader, value, HP_PART_PORT, set_port);
}

static void read_session_attrs(struct hp_database_reader *reader, const char *value)
{
    static const char *const roles[] = {"read-write", "read-only", "primary", "standby"};
    bool is_any = *value == '\0' || strcmp(value, "any") == 0;

    reader->target.prefers_standby = strcmp(value, "prefer-standby") == 0;
    reader->target.session_attrs = NULL;
    for (size_t i = 0; i < HP_COUNT(roles); i++)
        if (strcmp(value, roles[i]) == 0)
            reader->target.session_attrs = roles[i];
    if (!is_any && !reader->target.prefers_standby && reader->target.session_attrs == NULL)
        hp_target_problem(
            &reader->base, "parameter target_session_attrs",
            "has to be any, primary, standby, prefer-standby, read-write or read-only");
}

static void read_user(struct hp_database_reader *reader, const char *value)
{
    hp_target_set(&reader->base, &reader->target.user, value);
}

static void read_password(struct hp_database_reader *reader, const char *value)
{
    hp_target_set(&reader->base, &reader->target.password, value);
}

static void read_dbname(struct hp_database_reader *reader, const char *value)
{
    hp_target_set(&reader->base, &reader->target.dbname, value);
}

static void read_sslrootcert(struct hp_database_reader *reader, const char *value)
{
    hp_target_set(&reader->base, &reader->target.sslrootcert, value);
}

/* Prisma's is one name, as it is written; JDBC's is a list as the server reads it. */
static void read_schema(struct hp_database_reader *reader, const char *value)
{
    char *quoted = NULL;
    char *at = NULL;

    if (*value == '\0')
        return;
    at = quoted = calloc(2 * strlen(value) + 3, 1);
    if (quoted == NULL) {
        hp_target_no_memory(&reader->base);
        return;
    }
    *at++ = '"';
    for (; *value != '\0'; value++) {
        if (*value == '"')
            *at++ = '"';
        *at++ = *value;
    }
    *at = '"';
    hp_target_set(&reader->base, &reader->target.search_path, quoted);
    free(quoted);
}

static void read_current_schema(struct hp_database_reader *reader, const char *value)
{
    hp_target_set(&reader->base, &reader->target.search_path, value);
}

static const struct {
    const char *key;
    void (*read)(struct hp_database_reader *reader, const char *value);
} fields[] = {
    {"host", read_host},
    {"hostaddr", read_hostaddr},
    {"port", read_port},
    {"target_session_attrs", read_session_attrs},
    {"user", read_user},
    {"password", read_password},
    {"dbname", read_dbname},
    {"sslmode", hp_database_read_sslmode},
    {"ssl", hp_database_read_ssl},
    {"requiressl", hp_database_read_requiressl},
    {"sslaccept", hp_database_read_sslaccept},
    {"sslrootcert", read_sslrootcert},
    {"schema", read_schema},
    {"currentSchema", read_current_schema},
};

/* Lists are filled entry by entry. */
static bool fill(struct hp_database_reader *reader, struct hp_url_param *param)
{
    static const char *const lists[] = {"host", "hostaddr", "port", NULL};
    enum hp_part part = HP_PART_OTHER;

    if (is_one_of(param->key, lists))
        return true;
    if (strcmp(param->key, "user") == 0)
        part = HP_PART_USER;
    else if (strcmp(param->key, "dbname") == 0)
        part = HP_PART_DATABASE;
    return hp_target_fill(&reader->base, &param->value, part, 0);
}

static bool is_search_path(const char *key)
{
    return strcmp(key, "schema") == 0 || strcmp(key, "currentSchema") == 0;
}

void hp_database_read_param(void *data, struct hp_url_param *param)
{
    struct hp_database_reader *reader = data;
    const char *key = param->key;
    bool is_password = hp_target_is_password(hp_span_of(key));

    if (!fill(reader, param))
        return;
    for (size_t i = 0; i < HP_COUNT(fields); i++) {
        if (strcmp(key, fields[i].key) == 0 &&
            (reader->how->wants_search_path || !is_search_path(key))) {
            fields[i].read(reader, param->value);
            key = NULL;
            break;
        }
    }
    if (key != NULL && is_one_of(key, kept))
        keep(reader, param);
    else if (key != NULL && !is_one_of(key, hp_database_dropped) &&
             hp_after_prefix(key, "oauth_") == NULL)
        hp_target_drop(&reader->base, key);
    reader->base.hides_keys = reader->base.hides_keys || is_password;
}
