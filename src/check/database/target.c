/* SPDX-License-Identifier: MIT */
#include "reader.h"

#include <healthprobe/base/span.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_PORT 5432
#define EXAMPLE      "postgresql://user:password@host:port/database"

/* The first may have a "+driver". */
#define N_WITH_DRIVER 3

const char *const hp_database_schemes[] = {
    "postgres",    "postgresql", "cockroachdb", "psql", "pgsql", "postgis",
    "timescaledb", "cockroach",  "ecto",        "jdbc", "r2dbc", NULL,
};

/* --- scheme, host, port, user, database ------------------------------------------------------- */

static void check_scheme(struct hp_database_reader *reader, const char *scheme)
{
    const char *plus = strchr(scheme, '+');
    struct hp_span base = {.data = scheme, .len = plus != NULL ? (size_t)(plus - scheme) : 0};
    bool has_driver = plus != NULL && plus[1] != '\0';

    for (size_t i = 0; hp_database_schemes[i] != NULL; i++)
        if (strcmp(scheme, hp_database_schemes[i]) == 0 ||
            (i < N_WITH_DRIVER && has_driver && hp_span_equals(base, hp_database_schemes[i])))
            return;
    hp_target_problem(&reader->base, "scheme", "is not one of Postgres: give " EXAMPLE);
}

/* NULL: out of memory. */
static char *decode(struct hp_database_reader *reader, struct hp_span text)
{
    size_t len = 0;
    char *decoded = hp_url_decode(text.data, text.len, &len);

    if (decoded == NULL)
        hp_target_no_memory(&reader->base);
    return decoded;
}

static void set_dbname(struct hp_database_reader *reader, const char *encoded)
{
    if (*encoded == '\0')
        return;
    free(reader->target.dbname);
    reader->target.dbname = decode(reader, hp_span_of(encoded));
    hp_target_fill(&reader->base, &reader->target.dbname, HP_PART_DATABASE, 0);
}

/* In "@//cloudsql/project:region:instance/db": the socket's directory, then the database. */
static const char *set_socket(struct hp_database_reader *reader, const char *path)
{
    const char *last = strrchr(path, '/');
    char *directory = decode(reader, (struct hp_span){path, (size_t)(last - path)});

    hp_database_forget_hosts(reader);
    if (directory != NULL && hp_target_fill(&reader->base, &directory, HP_PART_HOST, 0))
        hp_database_set_host(reader, 0, directory, false);
    reader->target.n_hosts = 1;
    free(directory);
    return last;
}

static void read_authority(struct hp_database_reader *reader, const struct hp_url *url)
{
    bool has_ports = false;
    bool names_none = url->n_hosts == 1 && *url->hosts[0].host == '\0';
    const char *path = url->path;

    check_scheme(reader, url->scheme);
    if (url->n_hosts > HP_DATABASE_HOSTS_MAX)
        hp_target_problem(&reader->base, "URL", "has too many hosts: give at most 16");
    if (!names_none)
        hp_database_forget_hosts(reader);
    for (size_t i = 0; i < url->n_hosts && i < HP_DATABASE_HOSTS_MAX; i++) {
        if (!names_none) {
            hp_database_set_host(reader, i, url->hosts[i].host, url->hosts[i].bracketed);
            reader->target.n_hosts = i + 1;
        }
        has_ports = has_ports || url->hosts[i].port != 0;
    }
    for (size_t i = 0; has_ports && i < url->n_hosts && i < HP_DATABASE_HOSTS_MAX; i++) {
        reader->ports[i] = url->hosts[i].port;
        reader->n_ports = i + 1;
    }
    if (url->user != NULL)
        hp_target_set(&reader->base, &reader->target.user, url->user);
    hp_target_set(&reader->base, &reader->target.password, url->password);
    if (names_none && path[0] == '/' && path[1] == '/')
        path = set_socket(reader, path + 1);
    set_dbname(reader, path + (*path == '/'));
}

/* --- what the parts mean together ------------------------------------------------------------- */

/* One port holds for all hosts; else there is one for each, as there is one address for each. */
static void finish_hosts(struct hp_database_reader *reader)
{
    struct hp_database_target *target = &reader->target;
    bool has_names = target->n_hosts > 1 || target->hosts[0].name != NULL;

    if (!has_names)
        target->n_hosts = reader->n_addresses > 0 ? reader->n_addresses : 1;
    if (reader->n_addresses > 0 && reader->n_addresses != target->n_hosts)
        hp_target_problem(&reader->base, "parameter hostaddr",
                          "does not have one address for each host");
    if (reader->n_ports > 1 && reader->n_ports != target->n_hosts)
        hp_target_problem(&reader->base, "port", "is neither one for all hosts nor one for each");
    for (size_t i = 0; i < target->n_hosts && !reader->base.failed; i++) {
        struct hp_database_host *host = &target->hosts[i];
        uint16_t port = reader->ports[reader->n_ports > 1 ? i : 0];

        host->port = port != 0 ? port : DEFAULT_PORT;
        if (reader->n_ports == 1 && i > 0)
            hp_target_copy_mask(&reader->base, HP_PART_PORT, 0, HP_PART_PORT, i);
        if (host->name == NULL) {
            hp_target_set(&reader->base, &host->name, host->address);
            hp_target_copy_mask(&reader->base, HP_PART_ADDRESS, i, HP_PART_HOST, i);
        }
        if (host->name == NULL && !reader->base.failed)
            hp_target_problem(&reader->base, "URL",
                              target->n_hosts > 1 ? "leaves a host out" : "names no host");
    }
}

static void finish_user(struct hp_database_reader *reader)
{
    if (reader->target.user == NULL && !reader->how->user_optional && !reader->base.failed)
        hp_target_problem(&reader->base, "URL", "names no user: give " EXAMPLE);
    if (reader->target.dbname != NULL)
        return;
    hp_target_set(&reader->base, &reader->target.dbname, reader->target.user);
    hp_target_copy_mask(&reader->base, HP_PART_USER, 0, HP_PART_DATABASE, 0);
}

static void read_url(struct hp_database_reader *reader, const struct hp_url *url)
{
    read_authority(reader, url);
    hp_target_read_params(&reader->base, url->query, hp_database_read_param, reader);
    hp_database_finish_tls(reader);
    finish_hosts(reader);
    finish_user(reader);
}

/* In "jdbc:aws-wrapper:postgresql://…": the URL of Postgres. */
static const char *skip_words(const char *text)
{
    struct hp_span rest = {text, strcspn(text, "/?#@")};
    const char *first = NULL;

    for (hp_span_cut(&rest, ":"); rest.data != NULL; hp_span_cut(&rest, ":")) {
        if (strncasecmp(rest.data, "postgresql:", 11) == 0)
            return rest.data;
        first = first != NULL ? first : rest.data;
    }
    return first;
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
    if (strstr(text, "://") == NULL) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: %s: give " EXAMPLE, origin,
                     strchr(text, '=') != NULL ? "a key=value string is not a URL" : "not a URL");
        return false;
    }
    return hp_url_split(ret, text, origin, err);
}

bool hp_database_target_parse(struct hp_database_target *ret, const char *text, const char *origin,
                              const struct hp_database_reading *reading, struct hp_names *ignored,
                              struct hp_error *err)
{
    bool is_jdbc = strncasecmp(text, "jdbc:", 5) == 0 || strncasecmp(text, "r2dbc:", 6) == 0;
    struct hp_database_reader reader = {
        .base = {.origin = origin, .ignored = ignored, .err = err, .has_directories = true},
        .how = reading,
    };
    enum hp_target_kind kind = is_jdbc ? HP_TARGET_JDBC : HP_TARGET_DATABASE;
    struct hp_url url = {0};

    if (!hp_target_check_supported(text, "the database", origin, err) ||
        !hp_target_check_cut(text, kind, origin, err))
        return false;
    if (!split(&url, is_jdbc ? skip_words(text) : text, is_jdbc, origin, err)) {
        hp_target_advise(text, origin, err);
        return false;
    }
    if (is_jdbc && strcmp(url.scheme, "postgresql") != 0)
        hp_target_problem(&reader.base, "scheme", "after jdbc: or r2dbc: is not postgresql");
    /* An "@" in the query may be the end of a password with an unescaped "?" in it. */
    reader.base.hides_keys = !is_jdbc && url.query != NULL && strchr(url.query, '@') != NULL;
    hp_database_read_environment(&reader);
    reader.base.placeholders = reading->placeholders;
    if (hp_target_fill_url(&reader.base, &url))
        read_url(&reader, &url);
    hp_url_release(&url);
    reader.target.masks = reader.base.masks;

    if (reader.base.failed) {
        hp_target_advise(text, origin, err);
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

/* A directory can't be written as a host: with one, all hosts are written as a parameter. */
static bool has_socket(const struct hp_database_target *target)
{
    for (size_t i = 0; i < target->n_hosts; i++)
        if (is_socket(&target->hosts[i]))
            return true;
    return false;
}

static void add_authority(const struct hp_database_target *target, struct hp_buffer *ret)
{
    for (size_t i = 0; i < target->n_hosts; i++) {
        hp_buffer_add(ret, i > 0 ? "," : "");
        hp_target_add_host(ret, &target->masks, i, target->hosts[i].name);
        hp_target_add_port(ret, &target->masks, i, target->hosts[i].port);
    }
}

/* Beside a directory, ports are shown only if one of them is not the usual one. */
static bool shows_ports(const struct hp_database_target *target)
{
    for (size_t i = 0; i < target->n_hosts; i++)
        if (target->hosts[i].port != DEFAULT_PORT ||
            hp_masks_find(&target->masks, HP_PART_PORT, i) != NULL)
            return true;
    return !has_socket(target);
}

static void add_parameters(const struct hp_database_target *target, struct hp_buffer *ret)
{
    for (size_t i = 0; i < target->n_hosts; i++) {
        const struct hp_database_host *host = &target->hosts[i];

        hp_buffer_add(ret, i > 0 ? "," : "?host=");
        if (!hp_masks_show(&target->masks, HP_PART_HOST, i, ret))
            hp_target_add_encoded(ret, host->name, strlen(host->name), "/:@");
    }
    for (size_t i = 0; i < target->n_hosts && shows_ports(target); i++) {
        hp_buffer_add(ret, i > 0 ? "," : "&port=");
        if (!hp_masks_show(&target->masks, HP_PART_PORT, i, ret))
            hp_buffer_add_format(ret, "%u", (unsigned)target->hosts[i].port);
    }
}

void hp_database_target_describe(const struct hp_database_target *target, struct hp_buffer *ret)
{
    bool behind = has_socket(target);
    size_t start = ret->len;

    if (ret->overflow)
        return;
    hp_buffer_add(ret, "postgresql://");
    if (target->user != NULL) {
        hp_target_add_field(ret, &target->masks, HP_PART_USER, target->user, "&," HP_TARGET_SAFE);
        hp_buffer_add(ret, "@");
    }
    if (!behind)
        add_authority(target, ret);
    if (behind || target->dbname != NULL)
        hp_buffer_add(ret, "/");
    if (target->dbname != NULL)
        hp_target_add_field(ret, &target->masks, HP_PART_DATABASE, target->dbname,
                            "/:@&," HP_TARGET_SAFE);
    if (behind)
        add_parameters(target, ret);
    hp_target_end(ret, start);
}

bool hp_database_target_shows(const struct hp_database_target *target, const char *text)
{
    const struct hp_masks *masks = &target->masks;

    if (hp_target_shows_text(masks, HP_PART_USER, 0, target->user, text) ||
        hp_target_shows_text(masks, HP_PART_DATABASE, 0, target->dbname, text))
        return true;
    for (size_t i = 0; i < target->n_hosts; i++) {
        const struct hp_database_host *host = &target->hosts[i];

        if (hp_target_shows_text(masks, HP_PART_HOST, i, host->name, text) ||
            (shows_ports(target) &&
             hp_target_shows_number(masks, HP_PART_PORT, i, host->port, text)))
            return true;
    }
    return false;
}

void hp_database_target_release(struct hp_database_target *target)
{
    if (target == NULL)
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
    hp_masks_release(&target->masks);
    hp_url_params_release(&target->libpq);
    *target = (struct hp_database_target){0};
}
