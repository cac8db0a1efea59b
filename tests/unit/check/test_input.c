/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/check/input.h>
#include <healthprobe/net/tls.h>

#include <stdio.h>

#define VALUES_MAX 4

struct given {
    const char *option;
    const char *text;
};

static const struct hp_option redis_rows[] = {
    {.name = "redis"},
    {.name = "redis-password", .role = HP_ROLE_PASSWORD},
    {.name = "redis-ca", .role = HP_ROLE_CA},
    {.name = "redis-cert", .role = HP_ROLE_CERT},
    {.name = "redis-key", .role = HP_ROLE_KEY},
    {.name = "redis-insecure", .role = HP_ROLE_INSECURE},
    {0},
};
static const struct hp_option other_rows[] = {
    {.name = "http-password", .role = HP_ROLE_PASSWORD},
    {.name = "http-ca", .role = HP_ROLE_CA},
    {.name = "http-cert", .role = HP_ROLE_CERT},
    {.name = "http-key", .role = HP_ROLE_KEY},
    {.name = "http-insecure", .role = HP_ROLE_INSECURE},
    {.name = "ca"},
    {0},
};

static struct hp_value items[VALUES_MAX];
static struct hp_values values;
static struct hp_collected collected;
static bool own_password;
static struct hp_error err;
static struct hp_check_input input = {.options = redis_rows,
                                      .name = "cache",
                                      .origin = "--redis",
                                      .values = &values,
                                      .collected = &collected,
                                      .ret_own_password = &own_password};

static const struct hp_option *row_of(const char *name)
{
    const struct hp_option *row = strncmp(name, "redis", 5) == 0 ? redis_rows : other_rows;

    while (strcmp(row->name, name) != 0)
        row++;
    return row;
}

/* The input of a check beside these values, by flags. */
static void give(const struct given given[VALUES_MAX], char *const *environment)
{
    hp_secrets_release(&collected.secrets);
    collected = (struct hp_collected){0};
    err = (struct hp_error){0};
    input.ca = NULL;
    values = (struct hp_values){.environment = environment, .items = items};
    for (; values.n < VALUES_MAX && given[values.n].option != NULL; values.n++) {
        struct hp_value *value = &items[values.n];

        free(value->text);
        *value = (struct hp_value){.option = row_of(given[values.n].option),
                                   .text = strdup(given[values.n].text)};
        snprintf(value->origin, sizeof value->origin, "--%s", value->option->name);
        if (strcmp(value->option->name, "ca") == 0)
            input.ca = value;
    }
}

static void release(void)
{
    hp_secrets_release(&collected.secrets);
    for (size_t i = 0; i < VALUES_MAX; i++) {
        free(items[i].text);
        items[i].text = NULL;
    }
}

START_TEST(file_is_needed_once_and_only_so_many)
{
    static const char paths[] = "/a\0/b\0/c\0/d\0/e\0/f\0/g\0/h\0/i\0/j";

    give((const struct given[VALUES_MAX]){0}, (char *[]){NULL});
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof paths; i += 3)
            hp_input_need_file(&input, paths + i, "--ca");
    ck_assert_uint_eq(collected.n_files, HP_NEEDED_FILES_MAX);
    ck_assert_str_eq(collected.files[0].path, "/a");
    ck_assert_str_eq(collected.files[1].path, "/b");
}
END_TEST

static const struct {
    struct given given[VALUES_MAX];
    struct hp_tls_settings url; /* what it says */
    const char *ca_file;        /* NULL: the system's are searched */
    bool insecure;
    const char *origin; /* of the file that is needed; NULL: none is */
} authorities[] = {
    {.given = {{"http-ca", "/http"}}},
    {.given = {{"redis-ca", "/redis"}, {"ca", "/all"}},
     .ca_file = "/redis",
     .origin = "--redis-ca"},
    {.given = {{"ca", "/all"}, {"http-ca", "/http"}}, .ca_file = "/all", .origin = "--ca"},
    {.given = {{"ca", "/all"}}, .url = {.ca_file = "/url"}, .ca_file = "/url"},
    {.given = {{"redis-insecure", "1"}, {"ca", "/all"}}, .insecure = true},
    {.given = {{"redis-insecure", "0"}, {"ca", "/all"}}, .ca_file = "/all", .origin = "--ca"},
    {.given = {{"http-insecure", "1"}}},
    {.given = {{"ca", "/all"}}, .url = {.insecure = true}, .insecure = true},
    {.given = {{"redis-insecure", "0"}}, .url = {.insecure = true}, .insecure = true},
};

START_TEST(server_is_verified_as_url_and_options_say)
{
    struct hp_tls_settings tls = authorities[_i].url;

    if (!hp_tls_available())
        return;
    give(authorities[_i].given, (char *[]){NULL});
    ck_assert(hp_input_tls(&input, true, &tls, &err));
    if (!tls.insecure)
        ck_assert_pstr_eq(tls.ca_file, authorities[_i].ca_file);
    ck_assert_int_eq(tls.insecure, authorities[_i].insecure);
    ck_assert_uint_eq(collected.notes.n, authorities[_i].insecure);
    if (tls.insecure)
        ck_assert_str_eq(collected.notes.items[0],
                         "cache: the server's certificate is not verified");
    ck_assert_uint_eq(collected.n_files, authorities[_i].origin != NULL);
    if (authorities[_i].origin != NULL)
        ck_assert_str_eq(collected.files[0].origin, authorities[_i].origin);
}
END_TEST

START_TEST(ssl_cert_file_is_the_last_that_is_asked_for_authorities)
{
    char *const environment[] = {(char[]){"SSL_CERT_FILE=/environment"}, NULL};

    give((const struct given[VALUES_MAX]){{"redis", "x"}}, environment);
    ck_assert_str_eq(hp_input_ca_file(&input), "/environment");
    ck_assert_str_eq(collected.files[0].origin, "SSL_CERT_FILE");
    give((const struct given[VALUES_MAX]){{"ca", "/all"}}, environment);
    ck_assert_str_eq(hp_input_ca_file(&input), "/all");
}
END_TEST

static const struct {
    struct given given[VALUES_MAX];
    const char *problem; /* NULL: there is none */
} certificates[] = {
    {{{"redis-cert", "/cert"}, {"redis-key", "/key"}}, NULL},
    {{{"redis-cert", "/cert"}, {"http-key", "/key"}}, "--redis-cert: needs --redis-key as well"},
    {{{"redis-key", "/key"}}, "--redis-key: needs --redis-cert as well"},
    {{{"http-cert", "/cert"}}, NULL},
};

START_TEST(certificate_and_key_come_together_even_where_no_tls_is_wanted)
{
    struct hp_tls_settings tls = {0};

    give(certificates[_i].given, (char *[]){NULL});
    ck_assert_int_eq(hp_input_tls(&input, false, &tls, &err), certificates[_i].problem == NULL);
    ck_assert_str_eq(err.msg, certificates[_i].problem != NULL ? certificates[_i].problem : "");
    ck_assert_pstr_eq(tls.cert_file, _i == 0 ? "/cert" : NULL);
    ck_assert_pstr_eq(tls.key_file, _i == 0 ? "/key" : NULL);
    ck_assert_uint_eq(collected.n_files, _i == 0 ? 2 : 0);
}
END_TEST

static const struct {
    const char *of_url;
    const char *of_option;
    const char *otherwise;
    const char *used;
    bool own;
} passwords[] = {
    {NULL, NULL, NULL, NULL, false},
    {NULL, NULL, "otherwise", "otherwise", false},
    {NULL, "of-option", NULL, "of-option", false},
    {NULL, "of-option", "otherwise", "of-option", false},
    {NULL, "", "otherwise", "otherwise", false},
    {"", "of-option", NULL, "of-option", false},
    {"", NULL, "otherwise", "otherwise", false},
    {"of-url", NULL, NULL, "of-url", true},
    {"of-url", NULL, "otherwise", "of-url", true},
    {"of-url", "of-option", NULL, "of-url", true},
};

START_TEST(password_of_the_url_beats_that_of_the_option_which_beats_the_last)
{
    struct hp_span otherwise = {0};
    char *password = passwords[_i].of_url != NULL ? strdup(passwords[_i].of_url) : NULL;

    if (passwords[_i].otherwise != NULL)
        otherwise = hp_span_of(passwords[_i].otherwise);
    give(
        (const struct given[VALUES_MAX]){
            {passwords[_i].of_option != NULL ? "redis-password" : "http-password",
             passwords[_i].of_option != NULL ? passwords[_i].of_option : ""}},
        (char *[]){NULL});
    ck_assert(hp_input_password(&input, otherwise, &password, &err));
    ck_assert_pstr_eq(password, passwords[_i].used);
    ck_assert_int_eq(own_password, passwords[_i].own);
    free(password);
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, NULL, release);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("input");

    CASE(suite, file_is_needed_once_and_only_so_many);
    TABLE(suite, server_is_verified_as_url_and_options_say, authorities);
    CASE(suite, ssl_cert_file_is_the_last_that_is_asked_for_authorities);
    TABLE(suite, certificate_and_key_come_together_even_where_no_tls_is_wanted, certificates);
    TABLE(suite, password_of_the_url_beats_that_of_the_option_which_beats_the_last, passwords);
    return hp_unit_run(suite);
}
