/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <healthprobe/base/environment.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_PORT 5432
#define EXAMPLE      "postgresql://user:password@host:port/database"

static const char *const sslmode_names[] = {
    [HP_SSLMODE_UNSET] = NULL,
    [HP_SSLMODE_DISABLE] = "disable",
    [HP_SSLMODE_ALLOW] = "allow",
    [HP_SSLMODE_PREFER] = "prefer",
    [HP_SSLMODE_REQUIRE] = "require",
    [HP_SSLMODE_VERIFY_CA] = "verify-ca",
    [HP_SSLMODE_VERIFY_FULL] = "verify-full",
};

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
};

/* libpq's own too, but they read other files, or are the probe's to set. */
static const char *const dropped[] = {
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
};

static const char *const schemes[] = {
    "postgres", "postgresql", "pgsql", "postgis", "ecto", "cockroachdb",
};

#define IS_ONE_OF(text, list) is_one_of(text, list, sizeof(list) / sizeof((list)[0]))

/* The target while its URL is read. */
struct reader {
    struct hp_database_target target;
    const char *origin;
    struct hp_error *err;
    struct hp_target_drops drops;
    const struct hp_database_reading *how;
    bool ok;
    size_t n_addresses;
    bool addresses_are_foreign; /* the environment's, for hosts that it names */
    size_t n_ports;
    uint16_t ports[HP_DATABASE_HOSTS_MAX]; /* 0: none given */
    bool mode_is_explicit; /* "sslmode" beats "ssl" and "requiressl", wherever it stands */
    bool never_verify;     /* sslmode=no-verify */
    bool has_prisma;       /* sslaccept */
    bool is_strict;        /* sslaccept=strict */
};

const char *hp_sslmode_name(enum hp_sslmode mode)
{
    return sslmode_names[mode];
}

static void problem(struct reader *reader, const char *field, const char *what)
{
    reader->ok = hp_target_problem(reader->err, reader->origin, field, what);
}

static void set(struct reader *reader, char **field, const char *text)
{
    reader->ok = hp_target_set(field, text, reader->err) && reader->ok;
}

static bool is_one_of(const char *text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, list[i]) == 0)
            return true;
    }
    return false;
}

/* --- scheme, host, port, user, database ------------------------------------------------------- */

static void check_scheme(struct reader *reader, const char *scheme)
{
    const char *plus = strchr(scheme, '+');
    size_t len = plus ? (size_t)(plus - scheme) : 0;

    if (IS_ONE_OF(scheme, schemes))
        return;
    if (plus && plus[1] != '\0' &&
        ((len == 8 && memcmp(scheme, "postgres", len) == 0) ||
         (len == 10 && memcmp(scheme, "postgresql", len) == 0)))
        return;
    problem(reader, "scheme", "is not one of Postgres: give " EXAMPLE);
}

static void set_host(struct reader *reader, size_t i, const char *name, bool bracketed)
{
    /* As a parameter, an address in colons stands without brackets. */
    bool valid = *name == '/' || bracketed || hp_target_is_host(name, strchr(name, ':') != NULL);

    if (*name == '\0')
        valid = true;
    for (const char *at = name; *at != '\0'; at++)
        valid = valid && (unsigned char)*at >= 0x20 && *at != 0x7F && *at != ',';
    if (!valid)
        problem(reader, "host", "is not valid");
    set(reader, &reader->target.hosts[i].name, name);
}

static void set_address(struct reader *reader, size_t i, const char *address)
{
    set(reader, &reader->target.hosts[i].address, address);
}

static void set_port(struct reader *reader, size_t i, const char *text)
{
    unsigned port = 0;

    if (*text != '\0' && (!hp_target_parse_number(text, UINT16_MAX, &port) || port == 0))
        problem(reader, "port", "is not one of 1 to 65535");
    reader->ports[i] = (uint16_t)port;
}

static void set_plain_host(struct reader *reader, size_t i, const char *name)
{
    set_host(reader, i, name, false);
}

/* The entries of a list between commas; those before are forgotten. Returns how many. */
static size_t set_list(struct reader *reader, const char *list,
                       void (*set_entry)(struct reader *reader, size_t i, const char *text))
{
    for (size_t n = 0; n < HP_DATABASE_HOSTS_MAX; n++) {
        size_t len = strcspn(list, ",");
        char *entry = strndup(list, len);

        if (!entry) {
            reader->ok = hp_error_no_memory(reader->err);
            return n;
        }
        set_entry(reader, n, entry);
        free(entry);
        if (list[len] == '\0')
            return n + 1;
        list += len + 1;
    }
    problem(reader, "URL", "has too many hosts: give at most 16");
    return HP_DATABASE_HOSTS_MAX;
}

static void set_dbname_from_path(struct reader *reader, const struct hp_url *url)
{
    size_t len = 0;

    if (strlen(url->path) < 2)
        return;
    free(reader->target.dbname);
    reader->target.dbname = hp_url_decode(url->path + 1, strlen(url->path + 1), &len);
    if (!reader->target.dbname)
        reader->ok = hp_error_no_memory(reader->err);
}

/* What the environment said of hosts: those that the URL names are nowhere else. */
static void forget_hosts(struct reader *reader)
{
    if (!reader->addresses_are_foreign)
        return;
    for (size_t i = 0; i < HP_DATABASE_HOSTS_MAX; i++)
        set(reader, &reader->target.hosts[i].address, NULL);
    reader->n_addresses = 0;
}

static void read_authority(struct reader *reader, const struct hp_url *url)
{
    bool has_ports = false;
    bool names_none = url->n_hosts == 1 && *url->hosts[0].host == '\0';

    check_scheme(reader, url->scheme);
    if (url->n_hosts > HP_DATABASE_HOSTS_MAX)
        problem(reader, "URL", "has too many hosts: give at most 16");
    if (!names_none)
        forget_hosts(reader);
    for (size_t i = 0; i < url->n_hosts && i < HP_DATABASE_HOSTS_MAX; i++) {
        if (!names_none) {
            set_host(reader, i, url->hosts[i].host, url->hosts[i].bracketed);
            reader->target.n_hosts = i + 1;
        }
        has_ports = has_ports || url->hosts[i].port != 0;
    }
    for (size_t i = 0; has_ports && i < url->n_hosts && i < HP_DATABASE_HOSTS_MAX; i++) {
        reader->ports[i] = url->hosts[i].port;
        reader->n_ports = i + 1;
    }
    if (url->user)
        set(reader, &reader->target.user, url->user);
    set(reader, &reader->target.password, url->password);
    set_dbname_from_path(reader, url);
}

/* --- parameters ------------------------------------------------------------------------------- */

static struct hp_url_param *find_param(const struct hp_url_params *params, const char *key)
{
    for (size_t i = 0; i < params->n; i++) {
        if (strcmp(params->items[i].key, key) == 0)
            return &params->items[i];
    }
    return NULL;
}

static void remove_param(struct hp_url_params *params, struct hp_url_param *param)
{
    free(param->key);
    free(param->value);
    *param = params->items[--params->n];
}

/* The later of two wins, as in libpq; an empty one is none. */
static void keep(struct reader *reader, struct hp_url_param *param)
{
    struct hp_url_params *params = &reader->target.libpq;
    struct hp_url_param *earlier = find_param(params, param->key);
    struct hp_url_param *items = NULL;

    if (earlier)
        remove_param(params, earlier);
    if (*param->value == '\0')
        return;
    items = realloc(params->items, (params->n + 1) * sizeof(*items));
    if (!items) {
        reader->ok = hp_error_no_memory(reader->err);
        return;
    }
    params->items = items;
    params->items[params->n++] = *param;
    *param = (struct hp_url_param){0};
}

static enum hp_sslmode sslmode_of(const char *text)
{
    for (int mode = HP_SSLMODE_DISABLE; mode <= HP_SSLMODE_VERIFY_FULL; mode++) {
        if (strcmp(text, sslmode_names[mode]) == 0)
            return (enum hp_sslmode)mode;
    }
    return HP_SSLMODE_UNSET;
}

static void read_sslmode(struct reader *reader, const char *value)
{
    reader->never_verify = strcmp(value, "no-verify") == 0;
    reader->target.sslmode = reader->never_verify ? HP_SSLMODE_REQUIRE : sslmode_of(value);
    reader->mode_is_explicit = true;
    if (reader->target.sslmode == HP_SSLMODE_UNSET)
        problem(reader, "parameter sslmode", "has a value that is not known");
}

static void read_ssl(struct reader *reader, const char *value)
{
    static const struct {
        const char *value;
        enum hp_sslmode mode;
    } switches[] = {
        {"true", HP_SSLMODE_REQUIRE},
        {"1", HP_SSLMODE_REQUIRE},
        {"false", HP_SSLMODE_DISABLE},
        {"0", HP_SSLMODE_DISABLE},
    };
    /* asyncpg takes the names of sslmode here. */
    enum hp_sslmode mode = sslmode_of(value);

    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
        if (strcasecmp(value, switches[i].value) == 0)
            mode = switches[i].mode;
    }
    if (mode == HP_SSLMODE_UNSET)
        problem(reader, "parameter ssl", "has a value that is not known");
    if (!reader->mode_is_explicit)
        reader->target.sslmode = mode;
}

/* libpq still translates it so. */
static void read_requiressl(struct reader *reader, const char *value)
{
    if (!reader->mode_is_explicit)
        reader->target.sslmode = *value == '1' ? HP_SSLMODE_REQUIRE : HP_SSLMODE_PREFER;
}

static void read_sslaccept(struct reader *reader, const char *value)
{
    reader->has_prisma = true;
    reader->is_strict = strcmp(value, "strict") == 0;
}

static void read_host(struct reader *reader, const char *value)
{
    forget_hosts(reader);
    reader->target.n_hosts = set_list(reader, value, set_plain_host);
}

static void read_hostaddr(struct reader *reader, const char *value)
{
    reader->addresses_are_foreign = false;
    reader->n_addresses = *value != '\0' ? set_list(reader, value, set_address) : 0;
}

static void read_port(struct reader *reader, const char *value)
{
    reader->n_ports = set_list(reader, value, set_port);
}

static void read_session_attrs(struct reader *reader, const char *value)
{
    static const char *const roles[] = {"read-write", "read-only", "primary", "standby"};
    bool is_any = *value == '\0' || strcmp(value, "any") == 0;

    reader->target.prefers_standby = strcmp(value, "prefer-standby") == 0;
    reader->target.session_attrs = NULL;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(value, roles[i]) == 0)
            reader->target.session_attrs = roles[i];
    }
    if (!is_any && !reader->target.prefers_standby && !reader->target.session_attrs)
        problem(reader, "parameter target_session_attrs", "has a value that is not known");
}

static void read_user(struct reader *reader, const char *value)
{
    set(reader, &reader->target.user, value);
}

static void read_password(struct reader *reader, const char *value)
{
    set(reader, &reader->target.password, value);
}

static void read_dbname(struct reader *reader, const char *value)
{
    set(reader, &reader->target.dbname, value);
}

static void read_sslrootcert(struct reader *reader, const char *value)
{
    set(reader, &reader->target.sslrootcert, value);
}

/* Prisma's is one name, as it is written; JDBC's is a list as the server reads it. */
static void read_schema(struct reader *reader, const char *value)
{
    char *quoted = NULL;
    char *at = NULL;

    if (*value == '\0')
        return;
    at = quoted = calloc(2 * strlen(value) + 3, 1);
    if (!quoted) {
        reader->ok = hp_error_no_memory(reader->err);
        return;
    }
    *at++ = '"';
    for (; *value != '\0'; value++) {
        if (*value == '"')
            *at++ = '"';
        *at++ = *value;
    }
    *at = '"';
    set(reader, &reader->target.search_path, quoted);
    free(quoted);
}

static void read_current_schema(struct reader *reader, const char *value)
{
    set(reader, &reader->target.search_path, value);
}

static const struct {
    const char *key;
    void (*read)(struct reader *reader, const char *value);
} fields[] = {
    {"host", read_host},
    {"hostaddr", read_hostaddr},
    {"port", read_port},
    {"target_session_attrs", read_session_attrs},
    {"user", read_user},
    {"password", read_password},
    {"dbname", read_dbname},
    {"sslmode", read_sslmode},
    {"ssl", read_ssl},
    {"requiressl", read_requiressl},
    {"sslaccept", read_sslaccept},
    {"sslrootcert", read_sslrootcert},
    {"schema", read_schema},
    {"currentSchema", read_current_schema},
};

static bool is_search_path(const char *key)
{
    return strcmp(key, "schema") == 0 || strcmp(key, "currentSchema") == 0;
}

static void read_param(struct reader *reader, struct hp_url_param *param)
{
    const char *key = param->key;
    bool is_password = hp_target_is_password(key);

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(key, fields[i].key) == 0 &&
            (reader->how->wants_search_path || !is_search_path(key))) {
            fields[i].read(reader, param->value);
            key = NULL;
            break;
        }
    }
    if (key && IS_ONE_OF(key, kept))
        keep(reader, param);
    else if (key && !IS_ONE_OF(key, dropped) && strncmp(key, "oauth_", 6) != 0)
        reader->ok = hp_target_drop(&reader->drops, key) && reader->ok;
    reader->drops.hidden = reader->drops.hidden || is_password;
}

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

/* Read before the URL, which then overrides it. */
static void read_environment(struct reader *reader)
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
    const char *origin = reader->origin;

    for (size_t i = 0; reader->how->environment && i < sizeof(keys) / sizeof(keys[0]); i++) {
        char variable[HP_NAME_MAX + 1];
        const char *value = NULL;
        struct hp_url_param param = {0};

        name_variable(variable, keys[i]);
        value = hp_environment_get(reader->how->environment, variable);
        if (!value)
            continue;
        reader->origin = variable;
        set(reader, &param.key, keys[i]);
        set(reader, &param.value, value);
        if (param.key && param.value)
            read_param(reader, &param);
        free(param.key);
        free(param.value);
    }
    reader->origin = origin;
    reader->mode_is_explicit = false;
    reader->addresses_are_foreign = reader->n_addresses > 0;
}

static void read_params(struct reader *reader, const struct hp_url *url)
{
    struct hp_url_params params = {0};

    if (!hp_url_params_split(&params, url->query, reader->origin, reader->err)) {
        reader->ok = false;
        return;
    }
    for (size_t i = 0; i < params.n; i++)
        read_param(reader, &params.items[i]);
    hp_url_params_release(&params);
}

/* --- what the parts mean together ------------------------------------------------------------- */

/* Prisma's sslcert is the server's CA; libpq would take it for the client's certificate. */
static void finish_prisma(struct reader *reader)
{
    struct hp_url_params *params = &reader->target.libpq;
    struct hp_url_param *ca = find_param(params, "sslcert");

    if (!reader->has_prisma)
        return;
    if (reader->is_strict)
        reader->target.sslmode = HP_SSLMODE_VERIFY_FULL;
    if (ca) {
        set(reader, &reader->target.sslrootcert, ca->value);
        remove_param(params, ca);
    }
}

static void finish_tls(struct reader *reader)
{
    struct hp_database_target *target = &reader->target;
    bool verifies;

    finish_prisma(reader);
    if (target->sslrootcert && strcmp(target->sslrootcert, "system") == 0) {
        target->ca_from_system = true;
        target->sslmode = HP_SSLMODE_VERIFY_FULL;
        set(reader, &target->sslrootcert, NULL);
    }
    /* With a CA at hand, libpq's "require" verifies; these dialects say that nothing is. */
    verifies = target->sslmode >= HP_SSLMODE_VERIFY_CA;
    if (!verifies && (reader->never_verify || reader->has_prisma))
        set(reader, &target->sslrootcert, NULL);
}

/* One port holds for all hosts; else there is one for each, as there is one address for each. */
static void finish_hosts(struct reader *reader)
{
    struct hp_database_target *target = &reader->target;
    bool has_names = target->n_hosts > 1 || target->hosts[0].name;

    if (!has_names)
        target->n_hosts = reader->n_addresses > 0 ? reader->n_addresses : 1;
    if (reader->n_addresses > 0 && reader->n_addresses != target->n_hosts)
        problem(reader, "parameter hostaddr", "has not one address for each host");
    if (reader->n_ports > 1 && reader->n_ports != target->n_hosts)
        problem(reader, "port", "is neither one for all hosts nor one for each");
    for (size_t i = 0; i < target->n_hosts && reader->ok; i++) {
        struct hp_database_host *host = &target->hosts[i];
        uint16_t port = reader->ports[reader->n_ports > 1 ? i : 0];

        host->port = port ? port : DEFAULT_PORT;
        if (!host->name)
            set(reader, &host->name, host->address);
        if (!host->name && reader->ok)
            problem(reader, "URL", target->n_hosts > 1 ? "leaves a host out" : "names no host");
    }
}

static void finish_user(struct reader *reader)
{
    if (!reader->target.user && !reader->how->user_optional && reader->ok)
        problem(reader, "URL", "names no user: give " EXAMPLE);
    if (!reader->target.dbname)
        set(reader, &reader->target.dbname, reader->target.user);
}

static bool split(struct hp_url *ret, const char *text, bool is_jdbc, const char *origin,
                  struct hp_error *err)
{
    if (is_jdbc && strncasecmp(text, "postgresql:", 11) == 0 &&
        strncasecmp(text, "postgresql://", 13) != 0) {
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: names no host: give jdbc:postgresql://host:port/database", origin);
        return false;
    }
    if (!strstr(text, "://")) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: %s: give " EXAMPLE, origin,
                     strchr(text, '=') ? "a key=value string is no URL" : "not a URL");
        return false;
    }
    return hp_url_split(ret, text, origin, err);
}

bool hp_database_target_parse(struct hp_database_target *ret, const char *text, const char *origin,
                              const struct hp_database_reading *reading, struct hp_names *ignored,
                              struct hp_error *err)
{
    bool is_jdbc = strncasecmp(text, "jdbc:", 5) == 0;
    struct reader reader = {.origin = origin, .err = err, .how = reading, .ok = true};
    enum hp_target_kind kind = is_jdbc ? HP_TARGET_JDBC : HP_TARGET_DATABASE;
    struct hp_url url = {0};

    if (!hp_target_check_cut(text, kind, origin, err))
        return false;
    if (!split(&url, is_jdbc ? text + 5 : text, is_jdbc, origin, err)) {
        hp_target_advise(text, kind, origin, err);
        return false;
    }
    if (is_jdbc && strcmp(url.scheme, "postgresql") != 0)
        problem(&reader, "scheme", "behind jdbc: is not postgresql");
    reader.drops = (struct hp_target_drops){
        .origin = origin,
        .ignored = ignored,
        .err = err,
        /* An "@" in the query may be the end of a password with an unescaped "?" in it. */
        .hidden = !is_jdbc && url.query && strchr(url.query, '@'),
    };
    read_environment(&reader);
    read_authority(&reader, &url);
    read_params(&reader, &url);
    finish_tls(&reader);
    finish_hosts(&reader);
    finish_user(&reader);
    hp_url_release(&url);

    if (!reader.ok) {
        hp_target_advise(text, kind, origin, err);
        hp_database_target_release(&reader.target);
        return false;
    }
    *ret = reader.target;
    return true;
}

static bool is_socket(const struct hp_database_host *host)
{
    return *host->name == '/';
}

/* Folders can't stand where hosts do: where there is one, all stand behind the "?". */
static bool has_socket(const struct hp_database_target *target)
{
    for (size_t i = 0; i < target->n_hosts; i++) {
        if (is_socket(&target->hosts[i]))
            return true;
    }
    return false;
}

static void add_authority(const struct hp_database_target *target, struct hp_buffer *ret)
{
    for (size_t i = 0; i < target->n_hosts; i++) {
        hp_buffer_add(ret, i > 0 ? "," : "");
        hp_target_add_host(ret, target->hosts[i].name);
        hp_buffer_add_format(ret, ":%u", (unsigned)target->hosts[i].port);
    }
}

/* Behind the "?" ports are shown where one of them is not the usual one. */
static bool shows_ports(const struct hp_database_target *target)
{
    for (size_t i = 0; i < target->n_hosts; i++) {
        if (target->hosts[i].port != DEFAULT_PORT)
            return true;
    }
    return !has_socket(target);
}

static void add_parameters(const struct hp_database_target *target, struct hp_buffer *ret)
{
    for (size_t i = 0; i < target->n_hosts; i++) {
        const struct hp_database_host *host = &target->hosts[i];

        hp_buffer_add(ret, i > 0 ? "," : "?host=");
        hp_target_add_encoded(ret, host->name, strlen(host->name), "/:@");
    }
    for (size_t i = 0; i < target->n_hosts && shows_ports(target); i++)
        hp_buffer_add_format(ret, "%s%u", i > 0 ? "," : "&port=", (unsigned)target->hosts[i].port);
}

void hp_database_target_describe(const struct hp_database_target *target, struct hp_buffer *ret)
{
    bool behind = has_socket(target);
    size_t start = ret->len;

    if (ret->overflow)
        return;
    hp_buffer_add(ret, "postgresql://");
    if (target->user) {
        hp_target_add_encoded(ret, target->user, strlen(target->user), "&," HP_TARGET_SAFE);
        hp_buffer_add(ret, "@");
    }
    if (!behind)
        add_authority(target, ret);
    if (behind || target->dbname)
        hp_buffer_add(ret, "/");
    if (target->dbname)
        hp_target_add_encoded(ret, target->dbname, strlen(target->dbname), "/:@&," HP_TARGET_SAFE);
    if (behind)
        add_parameters(target, ret);
    hp_target_end(ret, start);
}

bool hp_database_target_shows(const struct hp_database_target *target, const char *text)
{
    if ((target->user && strcmp(text, target->user) == 0) ||
        (target->dbname && strcmp(text, target->dbname) == 0))
        return true;
    for (size_t i = 0; i < target->n_hosts; i++) {
        const struct hp_database_host *host = &target->hosts[i];

        if (strcmp(text, host->name) == 0 ||
            (shows_ports(target) && hp_target_is_number(text, host->port)))
            return true;
    }
    return false;
}

void hp_database_target_release(struct hp_database_target *target)
{
    if (!target)
        return;
    free(target->user);
    free(target->password);
    for (size_t i = 0; i < HP_DATABASE_HOSTS_MAX; i++) {
        free(target->hosts[i].name);
        free(target->hosts[i].address);
    }
    free(target->dbname);
    free(target->sslrootcert);
    free(target->search_path);
    hp_url_params_release(&target->libpq);
    *target = (struct hp_database_target){0};
}
