/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "check/database/target.h"
#include "check/http/target.h"
#include "check/redis/target.h"
#include "plan/reference.h"

/*
 * A target, and a value for each of its placeholders {env:V} and {env:MY_KEY}. Whatever they hold,
 * no field changes but those that have one, and what is shown does not depend on MY_KEY.
 */

#define PLAIN "1" /* a value that each part takes */

static const struct hp_database_reading ping = {.user_optional = true, .wants_search_path = true};

/* A target as it is read with one pair of values. */
struct target {
    struct hp_value value;
    bool good;
    struct hp_http_target http;
    struct hp_database_target database;
    struct hp_redis_target redis;
    char shown[1024];
};

enum kind { HTTP, DATABASE, REDIS, KINDS };

static void parse(struct target *ret, enum kind kind, char *text, struct hp_error *err)
{
    struct hp_database_reading reading = ping;
    struct hp_names ignored = {0};
    struct hp_buffer shown;

    hp_buffer_init(&shown, ret->shown, sizeof ret->shown);
    reading.placeholders = &ret->value.placeholders;
    if (kind == HTTP)
        ret->good =
            hp_http_target_parse(&ret->http, text, reading.placeholders, "x", 3000, "/", err);
    else if (kind == DATABASE)
        ret->good = hp_database_target_parse(&ret->database, text, "x", &reading, &ignored, err);
    else
        ret->good =
            hp_redis_target_parse(&ret->redis, text, reading.placeholders, "x", &ignored, err);
    if (!ret->good)
        return;
    if (kind == HTTP)
        hp_http_target_describe(&ret->http, &shown);
    else if (kind == DATABASE)
        hp_database_target_describe(&ret->database, &shown);
    else
        hp_redis_target_describe(&ret->redis, &shown);
    for (size_t i = 0; i < shown.len; i++)
        HP_FUZZ_CHECK(shown.data[i] > ' ' && shown.data[i] < 0x7F);
}

static void read_target(struct target *ret, enum kind kind, const char *text, const char *value,
                        const char *key)
{
    static const struct hp_option option = {.name = "x",
                                            .flags = HP_OPTION_TARGET | HP_OPTION_SOURCE};
    struct hp_error err = {0};
    char *environment[3] = {NULL};
    char *marked = NULL;

    *ret = (struct target){.value = {.option = &option}};
    HP_FUZZ_CHECK(asprintf(&environment[0], "V=%s", value) > 0);
    HP_FUZZ_CHECK(asprintf(&environment[1], "MY_KEY=%s", key) > 0);
    marked = hp_reference_follow(&ret->value, hp_span_of(text), "x", environment, &err);
    HP_FUZZ_CHECK((marked == NULL) == (err.reason != HP_REASON_NONE));
    if (marked != NULL)
        parse(ret, kind, marked, &err);
    HP_FUZZ_CHECK(ret->good == (err.reason == HP_REASON_NONE));
    free(marked);
    free(environment[0]);
    free(environment[1]);
}

static void release(struct target *target)
{
    hp_http_target_release(&target->http);
    hp_database_target_release(&target->database);
    hp_redis_target_release(&target->redis);
    hp_placeholders_release(&target->value.placeholders);
}

/* @a has the plain value in place of another. */
static void compare(const char *a, const char *b)
{
    HP_FUZZ_CHECK((a == NULL) == (b == NULL));
    HP_FUZZ_CHECK(a == NULL || strstr(a, PLAIN) != NULL || strcmp(a, b) == 0);
}

static void compare_numbers(unsigned a, unsigned b)
{
    char texts[2][16];

    snprintf(texts[0], sizeof texts[0], "%u", a);
    snprintf(texts[1], sizeof texts[1], "%u", b);
    compare(texts[0], texts[1]);
}

static void compare_http(const struct hp_http_target *a, const struct hp_http_target *b)
{
    HP_FUZZ_CHECK(a->tls == b->tls && a->path_is_default == b->path_is_default);
    compare(a->user, b->user);
    compare(a->password, b->password);
    compare(a->host, b->host);
    compare_numbers(a->port, b->port);
    compare(a->path, b->path);
    HP_FUZZ_CHECK((a->path[a->path_len] == '?') == (b->path[b->path_len] == '?'));
}

static void compare_database(const struct hp_database_target *a, const struct hp_database_target *b)
{
    HP_FUZZ_CHECK(a->n_hosts == b->n_hosts && a->libpq.n == b->libpq.n);
    compare(a->user, b->user);
    compare(a->password, b->password);
    for (size_t i = 0; i < a->n_hosts; i++) {
        compare(a->hosts[i].name, b->hosts[i].name);
        compare(a->hosts[i].address, b->hosts[i].address);
        compare_numbers(a->hosts[i].port, b->hosts[i].port);
    }
    compare(a->dbname, b->dbname);
    compare(a->search_path, b->search_path);
    for (size_t i = 0; i < a->libpq.n; i++) {
        HP_FUZZ_CHECK(strcmp(a->libpq.items[i].key, b->libpq.items[i].key) == 0);
        compare(a->libpq.items[i].value, b->libpq.items[i].value);
    }
}

static void compare_redis(const struct hp_redis_target *a, const struct hp_redis_target *b)
{
    HP_FUZZ_CHECK(a->tls == b->tls);
    compare(a->user, b->user);
    compare(a->password, b->password);
    compare(a->host, b->host);
    compare_numbers(a->port, b->port);
    compare(a->socket, b->socket);
    compare_numbers(a->database, b->database);
    compare(a->ca_certs, b->ca_certs);
}

/* The report has no room for a directory in place of a host. */
static bool has_directory(const struct target *target)
{
    for (size_t i = 0; i < target->database.n_hosts; i++)
        if (target->database.hosts[i].name[0] == '/')
            return true;
    return false;
}

static void compare_targets(const struct target *plain, const struct target *other, enum kind kind)
{
    if (!plain->good || !other->good)
        return;
    if (kind == HTTP)
        compare_http(&plain->http, &other->http);
    else if (kind == DATABASE)
        compare_database(&plain->database, &other->database);
    else
        compare_redis(&plain->redis, &other->redis);
}

static void fuzz(enum kind kind, const char *text, const char *value, const char *key)
{
    struct target plain, plain_key, other;

    read_target(&plain, kind, text, PLAIN, PLAIN);
    read_target(&plain_key, kind, text, value, PLAIN);
    read_target(&other, kind, text, value, key);
    compare_targets(&plain, &other, kind);
    if (plain_key.good && other.good && !has_directory(&other))
        HP_FUZZ_CHECK(strcmp(plain_key.shown, other.shown) == 0);
    release(&plain);
    release(&plain_key);
    release(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *pieces[4] = {NULL};
    size_t n = hp_fuzz_split(data, size, pieces, 3);
    const char *value = n > 1 ? pieces[1] : PLAIN;
    const char *key = n > 2 ? pieces[2] : PLAIN;

    /* A fuzzer that reads its own files would find nothing else. */
    for (int kind = 0; kind < KINDS && n > 0 && strstr(pieces[0], "file:") == NULL; kind++)
        fuzz((enum kind)kind, pieces[0], value, key);
    hp_fuzz_free(pieces);
    return 0;
}
