/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/settings.h"

#include <healthprobe/check/input.h>

#include <stdio.h>
#include <string.h>

#define GIVEN_MAX 4

/* One case: what is given, options as "--http-NAME" and their values. */
struct given {
    const char *target; /* NULL: none */
    const char *options[GIVEN_MAX][2];
};

static bool typed; /* the next target is */
static struct hp_http_settings settings;
static struct hp_collected collected;
static struct hp_error err;

static const struct hp_option *row_of(const char *flag)
{
    for (const struct hp_option *row = hp_http_options; row->name != NULL; row++)
        if (strcmp(row->name, flag + strlen("--")) == 0)
            return row;
    ck_abort_msg("%s is not an option", flag);
    return NULL;
}

static bool read_with(const struct given *given, enum hp_mode mode, char *const *environment)
{
    struct hp_value items[GIVEN_MAX] = {{0}};
    struct hp_values values = {.environment = environment, .items = items};
    const struct hp_check_input input = {
        .options = hp_http_options,
        .name = "http",
        .target = given->target,
        .origin = "--http",
        .target_is_typed = typed,
        .mode = mode,
        .values = &values,
        .collected = &collected,
    };

    for (; values.n < GIVEN_MAX && given->options[values.n][0] != NULL; values.n++) {
        struct hp_value *value = &items[values.n];

        value->option = row_of(given->options[values.n][0]);
        value->text = (char *)(uintptr_t)given->options[values.n][1];
        snprintf(value->origin, sizeof value->origin, "%s", given->options[values.n][0]);
        value->from_flag = true;
    }
    return hp_http_settings_read(&settings, &input, &err);
}

static bool read_given(const struct given *given)
{
    static char *nothing[] = {NULL};

    return read_with(given, HP_MODE_LIVE, nothing);
}

static void release(void)
{
    hp_http_settings_release(&settings);
    hp_secrets_release(&collected.secrets);
    collected = (struct hp_collected){0};
    err = (struct hp_error){0};
}

/* --- the target ---------------------------------------------------------------------------- */

static const struct {
    const char *target;
    enum hp_mode mode;
    const char *port_variable; /* "PORT=…"; NULL: it is not set */
    const char *host;
    uint16_t port;
    const char *path;
    const char *port_origin; /* NULL: the target's own */
} targets[] = {
    {NULL, HP_MODE_LIVE, NULL, "localhost", 3000, "/health/live", "default"},
    {NULL, HP_MODE_READY, NULL, "localhost", 3000, "/health/ready", "default"},
    {NULL, HP_MODE_FULL, NULL, "localhost", 3000, "/health", "default"},
    {NULL, HP_MODE_CUSTOM, NULL, "localhost", 3000, "/health/live", "default"},
    {NULL, HP_MODE_LIVE, "PORT=8080", "localhost", 8080, "/health/live", "from PORT"},
    {"/up?x", HP_MODE_LIVE, "PORT=65535", "localhost", 65535, "/up?x", "from PORT"},
    {":", HP_MODE_FULL, "PORT=1", "localhost", 1, "/health", "from PORT"},
    {":/up", HP_MODE_LIVE, "PORT=1", "localhost", 1, "/up", "from PORT"},
    {NULL, HP_MODE_LIVE, "PORT= 8080\r", "localhost", 8080, "/health/live", "from PORT"},
    {":9000", HP_MODE_READY, "PORT=8080", "localhost", 9000, "/health/ready", NULL},
    {"http://app/up", HP_MODE_LIVE, "PORT=8080", "app", 80, "/up", NULL},
    /* a bad PORT is no matter where none is wanted */
    {"http://app:9000", HP_MODE_FULL, "PORT=nonsense", "app", 9000, "/health", NULL},
};

START_TEST(target_is_completed_from_port_and_mode)
{
    char port[32];
    char *environment[] = {port, NULL};
    const struct given given = {.target = targets[_i].target};

    snprintf(port, sizeof port, "%s",
             targets[_i].port_variable != NULL ? targets[_i].port_variable : "X=1");
    ck_assert_msg(read_with(&given, targets[_i].mode, environment), "%s", err.msg);
    ck_assert_str_eq(settings.target.host, targets[_i].host);
    ck_assert_uint_eq(settings.target.port, targets[_i].port);
    ck_assert_str_eq(settings.target.path, targets[_i].path);
    ck_assert_pstr_eq(settings.port_origin, targets[_i].port_origin);
}
END_TEST

static const char *const bad_ports[] = {"PORT=0",   "PORT=65536", "PORT=-1",   "PORT=+80",
                                        "PORT=8 0", "PORT= ",     "PORT=0x50", "PORT=http"};

START_TEST(port_that_is_wanted_has_to_be_a_number)
{
    char port[32];
    char *environment[] = {port, NULL};
    const struct given given = {.target = "/up"};

    snprintf(port, sizeof port, "%s", bad_ports[_i]);
    ck_assert(!read_with(&given, HP_MODE_LIVE, environment));
    ck_assert_str_eq(err.msg, "PORT: is not a port number (1 to 65535)");
}
END_TEST

static const struct {
    const char *target;
    enum hp_mode mode;
    bool is_typed;
    const char *path;
} paths[] = {
    {"http://h", HP_MODE_CUSTOM, true, "/"},
    {"http://h?x", HP_MODE_CUSTOM, true, "/?x"},
    {"h:80", HP_MODE_CUSTOM, true, "/"},
    {"[::1]:80", HP_MODE_CUSTOM, true, "/"},
    {"http://h", HP_MODE_CUSTOM, false, "/health/live"},
    {"h:80", HP_MODE_CUSTOM, false, "/health/live"},
    {"http://h", HP_MODE_READY, true, "/health/ready"},
    {"http://h", HP_MODE_READY, false, "/health/ready"},
    {"h:80", HP_MODE_FULL, true, "/health"},
    {":80", HP_MODE_CUSTOM, true, "/health/live"},
    {"80", HP_MODE_CUSTOM, true, "/health/live"},
    {"80", HP_MODE_READY, true, "/health/ready"},
    {"/", HP_MODE_READY, true, "/"},
    {":80/", HP_MODE_READY, true, "/"},
    {"http://h/", HP_MODE_READY, false, "/"},
};

START_TEST(a_url_typed_without_a_mode_is_requested_unchanged)
{
    const struct given given = {.target = paths[_i].target};
    char *nothing[] = {NULL};

    typed = paths[_i].is_typed;
    ck_assert_msg(read_with(&given, paths[_i].mode, nothing), "%s", err.msg);
    ck_assert_str_eq(settings.target.path, paths[_i].path);
}
END_TEST

/* --- the request ---------------------------------------------------------------------------- */

static const struct {
    struct given given;
    const char *method;
    const char *body;
    unsigned follow;
} requests[] = {
    {{NULL, {{NULL}}}, "GET", NULL, 0},
    {{NULL, {{"--http-method", "OPTIONS"}}}, "OPTIONS", NULL, 0},
    {{NULL, {{"--http-body", "{}"}}}, "POST", "{}", 0},
    {{NULL, {{"--http-body", "{}"}, {"--http-method", "PUT"}}}, "PUT", "{}", 0},
    {{NULL, {{"--http-method", "HEAD"}, {"--http-expect-header", "A: b"}}}, "HEAD", NULL, 0},
    {{NULL, {{"--http-follow", "50"}}}, "GET", NULL, 50},
};

START_TEST(method_is_get_or_that_of_the_body_or_the_given_one)
{
    ck_assert_msg(read_given(&requests[_i].given), "%s", err.msg);
    ck_assert_str_eq(settings.method, requests[_i].method);
    ck_assert_pstr_eq(settings.body, requests[_i].body);
    ck_assert_uint_eq(settings.follow, requests[_i].follow);
}
END_TEST

static const struct {
    const char *list; /* NULL: not given */
    int accepted;
    int refused;
} statuses[] = {{NULL, 200, 199}, {NULL, 299, 300}, {"200-399,401", 401, 400}, {"503", 503, 200}};

START_TEST(status_is_accepted_where_the_list_has_it)
{
    const struct given given = {
        .options = {{statuses[_i].list != NULL ? "--http-status" : NULL, statuses[_i].list}}};

    ck_assert_msg(read_given(&given), "%s", err.msg);
    ck_assert(hp_status_set_has(&settings.accepted, statuses[_i].accepted));
    ck_assert(!hp_status_set_has(&settings.accepted, statuses[_i].refused));
}
END_TEST

/* --- headers ------------------------------------------------------------------------------- */

/* "user:s3cr3t-Zq9" and "s3cr3t-Zq9:" in base64 */
#define BASIC_OF_BOTH "YXBwOnMzY3IzdC1acTk="
#define BASIC_OF_USER "czNjcjN0LVpxOTo="

static const struct {
    struct given given;
    const char *has[2];    /* lines of the request to the target */
    const char *others[2]; /* names that the request to another host is without */
} headers[] = {
    {{NULL, {{NULL}}}, {"Accept: */*", "Connection: close"}, {NULL}},
    {{NULL, {{"--http-header", "ACCEPT: text/plain"}}}, {"ACCEPT: text/plain"}, {NULL}},
    {{NULL, {{"--http-header", "X-Token: " HP_UNIT_SECRET}}},
     {"X-Token: " HP_UNIT_SECRET, "Accept: */*"},
     {"X-Token"}},
    {{"http://app:" HP_UNIT_SECRET "@localhost/", {{NULL}}},
     {"Authorization: Basic " BASIC_OF_BOTH},
     {"Authorization"}},
    {{"http://" HP_UNIT_SECRET "@localhost/", {{NULL}}},
     {"Authorization: Basic " BASIC_OF_USER},
     {"Authorization"}},
    {{"http://app:" HP_UNIT_SECRET "@localhost/", {{"--http-header", "authorization: Bearer x"}}},
     {"authorization: Bearer x"},
     {"Authorization"}},
};

static size_t count_line(const struct hp_http_headers *list, const char *line)
{
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++)
        n += strcmp(list->lines[i], line) == 0;
    return n;
}

/* Does a name stand in a list more than once? */
static bool is_twice(const struct hp_http_headers *list)
{
    for (size_t i = 0; i < list->n; i++)
        for (size_t j = i + 1; j < list->n; j++)
            if (strncasecmp(list->lines[i], list->lines[j], strcspn(list->lines[i], ":") + 1) == 0)
                return true;
    return false;
}

START_TEST(given_headers_replace_ours_and_credentials_stay_with_the_target)
{
    ck_assert_msg(read_given(&headers[_i].given), "%s", err.msg);
    for (int i = 0; i < 2 && headers[_i].has[i] != NULL; i++)
        ck_assert_uint_eq(count_line(&settings.headers, headers[_i].has[i]), 1);
    for (int i = 0; i < 2 && headers[_i].others[i] != NULL; i++)
        ck_assert(!hp_http_headers_have(&settings.other_headers, headers[_i].others[i]));
    ck_assert(!is_twice(&settings.headers));
    ck_assert(hp_http_headers_have(&settings.headers, "User-Agent"));
    ck_assert_uint_eq(settings.other_headers.n, 3);
}
END_TEST

/* --- secrets ------------------------------------------------------------------------------- */

static const struct {
    struct given given;
    const char *said;
    bool is_secret;
} secrets[] = {
    {{"http://app:" HP_UNIT_SECRET "@localhost/", {{NULL}}}, "so " HP_UNIT_SECRET ".", true},
    {{"http://app:" HP_UNIT_SECRET "@localhost/", {{NULL}}}, "so " BASIC_OF_BOTH ".", true},
    {{"http://app:" HP_UNIT_SECRET "@localhost/", {{NULL}}}, "app", false},
    {{"http://" HP_UNIT_SECRET "@localhost/", {{NULL}}}, "so " HP_UNIT_SECRET ".", true},
    {{"/?token=" HP_UNIT_SECRET "&x=1", {{NULL}}}, "so " HP_UNIT_SECRET ".", true},
    {{"/?a=1;token=" HP_UNIT_SECRET, {{NULL}}}, "so " HP_UNIT_SECRET ".", true},
    {{"/?" HP_UNIT_SECRET, {{NULL}}}, "so " HP_UNIT_SECRET ".", true},
    /* as a server decodes it */
    {{"/?token=s3%63r3t-Zq9", {{NULL}}}, "so " HP_UNIT_SECRET ".", true},
    {{"/?token=s3cr3t+Zq9", {{NULL}}}, "so s3cr3t Zq9.", true},
    {{"/?verbose-parameter=1", {{NULL}}}, "verbose-parameter", false},
    {{NULL, {{"--http-body", "{\"token\":\"x\"}"}}}, "{\"token\":\"x\"}", true},
    {{NULL, {{"--http-header", "X-Token: " HP_UNIT_SECRET}}}, "so " HP_UNIT_SECRET ".", true},
    {{NULL, {{"--http-header", "X-Token: short"}}}, "short", false},
    /* servers repeat a token without the word before it */
    {{NULL, {{"--http-header", "Authorization: Bearer " HP_UNIT_SECRET}}},
     "so " HP_UNIT_SECRET ".",
     true},
    {{NULL, {{"--http-header", "X-Token: Bearer " HP_UNIT_SECRET}}},
     "so " HP_UNIT_SECRET ".",
     false},
    /* what a server names where it refuses a request */
    {{NULL, {{"--http-header", "Host: app.example.test"}}}, "app.example.test", false},
    {{NULL, {{"--http-header", "content-type: application/json"}}}, "application/json", false},
};

START_TEST(what_a_server_may_repeat_is_a_secret)
{
    ck_assert_msg(read_given(&secrets[_i].given), "%s", err.msg);
    ck_assert_int_eq(hp_secrets_found(&collected.secrets, hp_untrusted_of(secrets[_i].said)),
                     secrets[_i].is_secret);
}
END_TEST

/* --- where to connect to ------------------------------------------------------------------- */

static const struct {
    struct given given;
    const char *socket;
    const char *host;
    uint16_t port;
} endpoints[] = {
    {{"http://app:9000/", {{NULL}}}, NULL, "app", 9000},
    {{"http://app:9000/", {{"--http-connect", "proxy:80"}}}, NULL, "proxy", 80},
    {{"http://app:9000/", {{"--http-connect", "[::1]:8080"}}}, NULL, "::1", 8080},
    {{"http://app:9000/", {{"--http-unix", "/run/app.sock"}}}, "/run/app.sock", NULL, 0},
};

START_TEST(connection_goes_elsewhere_for_the_targets_host_alone)
{
    const struct hp_http_target other = {.host = (char[]){"other"}, .port = 8000};
    struct hp_endpoint endpoint;

    ck_assert_msg(read_given(&endpoints[_i].given), "%s", err.msg);
    endpoint = hp_http_settings_endpoint(&settings, &settings.target);
    ck_assert_pstr_eq(endpoint.socket, endpoints[_i].socket);
    ck_assert_pstr_eq(endpoint.host, endpoints[_i].host);
    ck_assert_uint_eq(endpoint.port, endpoints[_i].port);
    endpoint = hp_http_settings_endpoint(&settings, &other);
    ck_assert_ptr_null(endpoint.socket);
    ck_assert_str_eq(endpoint.host, "other");
    ck_assert_uint_eq(endpoint.port, 8000);
}
END_TEST

/* --- TLS ----------------------------------------------------------------------------------- */

static const struct {
    struct given given;
    bool insecure;
    const char *ca_file;
    size_t notes;
} secured[] = {
    {{"https://app/", {{"--http-ca", "/ca.pem"}}}, false, "/ca.pem", 0},
    {{"https://app/", {{"--http-insecure", "1"}}}, true, NULL, 1},
    /* plain, nothing is verified, and nothing is said of it */
    {{"http://app/", {{"--http-ca", "/ca.pem"}}}, false, NULL, 0},
    {{"http://app/", {{"--http-insecure", "1"}}}, false, NULL, 0},
    /* a redirect may lead to https */
    {{"http://app/", {{"--http-ca", "/ca.pem"}, {"--http-follow", "1"}}}, false, "/ca.pem", 0},
};

START_TEST(server_is_verified_where_tls_may_be_spoken)
{
    if (!hp_tls_available())
        return;
    ck_assert_msg(read_given(&secured[_i].given), "%s", err.msg);
    ck_assert_int_eq(settings.tls.insecure, secured[_i].insecure);
    ck_assert_pstr_eq(settings.tls.ca_file, secured[_i].ca_file);
    ck_assert_uint_eq(collected.notes.n, secured[_i].notes);
    ck_assert_str_eq(settings.tls.server_name, "app");
}
END_TEST

/* --- errors -------------------------------------------------------------------------------- */

#define LONG_PATH                                                                                  \
    "/an/absolute/path/that/is/longer/than/the/108/bytes/which/the/kernel/has/for/the/path/of/a/"  \
    "socket/its/NUL/included"

static const struct {
    struct given given;
    const char *said;
} errors[] = {
    {{NULL, {{"--http-status", "7xx"}}},
     "--http-status: is not a list of statuses, such as 200-399,401"},
    {{NULL, {{"--http-method", "GE T"}}},
     "--http-method: is not an HTTP method, such as GET or HEAD"},
    {{NULL, {{"--http-follow", "51"}}}, "--http-follow: is not a number of redirects (0 to 50)"},
    {{NULL, {{"--http-header", HP_UNIT_SECRET}}},
     "--http-header: is not a header of the form 'Name: value'"},
    {{NULL, {{"--http-method", "HEAD"}, {"--http-body", "{}"}}},
     "--http-method: HEAD has no body, which --http-body, --http-contains, --http-match and "
     "--http-json need"},
    {{NULL, {{"--http-method", "HEAD"}, {"--http-contains", "up"}}},
     "--http-method: HEAD has no body, which --http-body, --http-contains, --http-match and "
     "--http-json need"},
    {{NULL, {{"--http-connect", "app"}}}, "--http-connect: is not of the form HOST:PORT"},
    {{NULL, {{"--http-connect", ":80"}}}, "--http-connect: is not of the form HOST:PORT"},
    {{NULL, {{"--http-connect", "app:80/x"}}}, "--http-connect: is not of the form HOST:PORT"},
    {{NULL, {{"--http-connect", "a:80,b:80"}}}, "--http-connect: is not of the form HOST:PORT"},
    {{NULL, {{"--http-unix", "app.sock"}}}, "--http-unix: is not an absolute path of a socket"},
    {{NULL, {{"--http-unix", LONG_PATH}}}, "--http-unix: is not an absolute path of a socket"},
    {{NULL, {{"--http-connect", "app:80"}, {"--http-unix", "/x"}}},
     "--http-connect and --http-unix: only one of them can hold"},
    /* all of them are reported */
    {{NULL, {{"--http-status", ""}, {"--http-follow", "-1"}}},
     "--http-status: is not a list of statuses, such as 200-399,401; "
     "--http-follow: is not a number of redirects (0 to 50)"},
};

START_TEST(every_bad_value_is_reported_with_its_origin)
{
    ck_assert(!read_given(&errors[_i].given));
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_str_eq(err.msg, errors[_i].said);
    ck_assert(!hp_unit_leaks(err.msg));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_settings");

    HP_UNIT_TABLE_WITH(suite, target_is_completed_from_port_and_mode, targets, NULL, release);
    HP_UNIT_TABLE_WITH(suite, port_that_is_wanted_has_to_be_a_number, bad_ports, NULL, release);
    HP_UNIT_TABLE_WITH(suite, a_url_typed_without_a_mode_is_requested_unchanged, paths, NULL,
                       release);
    HP_UNIT_TABLE_WITH(suite, method_is_get_or_that_of_the_body_or_the_given_one, requests, NULL,
                       release);
    HP_UNIT_TABLE_WITH(suite, status_is_accepted_where_the_list_has_it, statuses, NULL, release);
    HP_UNIT_TABLE_WITH(suite, given_headers_replace_ours_and_credentials_stay_with_the_target,
                       headers, NULL, release);
    HP_UNIT_TABLE_WITH(suite, what_a_server_may_repeat_is_a_secret, secrets, NULL, release);
    HP_UNIT_TABLE_WITH(suite, connection_goes_elsewhere_for_the_targets_host_alone, endpoints, NULL,
                       release);
    HP_UNIT_TABLE_WITH(suite, server_is_verified_where_tls_may_be_spoken, secured, NULL, release);
    HP_UNIT_TABLE_WITH(suite, every_bad_value_is_reported_with_its_origin, errors, NULL, release);
    return hp_unit_run(suite);
}
