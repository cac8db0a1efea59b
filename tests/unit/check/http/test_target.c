/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/target.h"

#include <stdlib.h>
#include <string.h>

#define CUT "an @ or # follows the host: percent-encode / ? # @ in the password as %2F %3F %23 %40"

static const char *shown(const char *field)
{
    return field ? field : "-";
}

static const struct {
    const char *text;
    bool tls;
    const char *user;
    const char *password;
    const char *host;
    int port;
    const char *path;
    const char *described;
} targets[] = {
    {"http://localhost:3000", false, "-", "-", "localhost", 3000, "/health",
     "http://localhost:3000/health"},
    {"http://localhost:3000/", false, "-", "-", "localhost", 3000, "/", "http://localhost:3000/"},
    {"http://web/up", false, "-", "-", "web", 80, "/up", "http://web/up"},
    {"http://web:80/up", false, "-", "-", "web", 80, "/up", "http://web/up"},
    {"http://web:443/up", false, "-", "-", "web", 443, "/up", "http://web:443/up"},
    {"https://web", true, "-", "-", "web", 443, "/health", "https://web/health"},
    {"https://web:443/", true, "-", "-", "web", 443, "/", "https://web/"},
    {"HTTPS://web:80/", true, "-", "-", "web", 80, "/", "https://web:80/"},
    {"http://[::1]:3000/x", false, "-", "-", "::1", 3000, "/x", "http://[::1]:3000/x"},
    {"http://[fe80::1%25eth0]/x", false, "-", "-", "fe80::1%eth0", 80, "/x",
     "http://[fe80::1%25eth0]/x"},
    {"http://127.0.0.1:8080/x", false, "-", "-", "127.0.0.1", 8080, "/x",
     "http://127.0.0.1:8080/x"},
    {"http://my_service.ns.svc.cluster.local/x", false, "-", "-", "my_service.ns.svc.cluster.local",
     80, "/x", "http://my_service.ns.svc.cluster.local/x"},
    /* what is missing comes from the default */
    {"/", false, "-", "-", "localhost", 4321, "/", "http://localhost:4321/"},
    {"/ready", false, "-", "-", "localhost", 4321, "/ready", "http://localhost:4321/ready"},
    {"//x", false, "-", "-", "localhost", 4321, "//x", "http://localhost:4321//x"},
    {"/a@b:c", false, "-", "-", "localhost", 4321, "/a@b:c", "http://localhost:4321/a@b:c"},
    {":8080", false, "-", "-", "localhost", 8080, "/health", "http://localhost:8080/health"},
    {":8080/", false, "-", "-", "localhost", 8080, "/", "http://localhost:8080/"},
    {":8080/x?y", false, "-", "-", "localhost", 8080, "/x?y", "http://localhost:8080/x"},
    {":80/x", false, "-", "-", "localhost", 80, "/x", "http://localhost/x"},
    {":", false, "-", "-", "localhost", 4321, "/health", "http://localhost:4321/health"},
    {":/x", false, "-", "-", "localhost", 4321, "/x", "http://localhost:4321/x"},
    {"8080", false, "-", "-", "localhost", 8080, "/health", "http://localhost:8080/health"},
    {"web:8080", false, "-", "-", "web", 8080, "/health", "http://web:8080/health"},
    {"web:80/x?y=http://u@h/", false, "-", "-", "web", 80, "/x?y=http://u@h/", "http://web/x"},
    {"my_app:8080?y", false, "-", "-", "my_app", 8080, "/health?y", "http://my_app:8080/health"},
    {"[::1]:8080/x", false, "-", "-", "::1", 8080, "/x", "http://[::1]:8080/x"},
    {"127.0.0.1:443/", false, "-", "-", "127.0.0.1", 443, "/", "http://127.0.0.1:443/"},
    {"/login?next=http://u@h/x@y", false, "-", "-", "localhost", 4321, "/login?next=http://u@h/x@y",
     "http://localhost:4321/login"},
    /* a URL's empty port is the scheme's */
    {"http://h:/x", false, "-", "-", "h", 80, "/x", "http://h/x"},
    {"https://[::1]:", true, "-", "-", "::1", 443, "/health", "https://[::1]/health"},
    /* user, query and fragment are not shown */
    {"http://u:s3cr3t-Zq9@h/x", false, "u", "s3cr3t-Zq9", "h", 80, "/x", "http://h/x"},
    {"http://u@h/x", false, "u", "", "h", 80, "/x", "http://h/x"},
    {"http://:s3cr3t-Zq9@h/x", false, "", "s3cr3t-Zq9", "h", 80, "/x", "http://h/x"},
    {"http://@h/x", false, "-", "-", "h", 80, "/x", "http://h/x"},
    {"http://u:s3cr3t-Zq9%40@h/x", false, "u", "s3cr3t-Zq9@", "h", 80, "/x", "http://h/x"},
    {"http://h/a@b?c=d@e#f@g", false, "-", "-", "h", 80, "/a@b?c=d@e", "http://h/a@b"},
    {"http://h/x?token=s3cr3t-Zq9#y", false, "-", "-", "h", 80, "/x?token=s3cr3t-Zq9",
     "http://h/x"},
    {"http://h?token=s3cr3t-Zq9", false, "-", "-", "h", 80, "/health?token=s3cr3t-Zq9",
     "http://h/health"},
    {"http://h#s3cr3t-Zq9", false, "-", "-", "h", 80, "/health", "http://h/health"},
    {"http://h/x?", false, "-", "-", "h", 80, "/x?", "http://h/x"},
    /* the path is sent as it came, and shown as plain ASCII */
    {"http://h/a%20b%2f../c", false, "-", "-", "h", 80, "/a%20b%2f../c", "http://h/a%20b%2f../c"},
    {"http://h/\xC3\xA4\"<{", false, "-", "-", "h", 80, "/\xC3\xA4\"<{",
     "http://h/%C3%A4%22%3C%7B"},
    {"http://b\xC3\xBC.example/", false, "-", "-", "b\xC3\xBC.example", 80, "/",
     "http://b%C3%BC.example/"},
};

START_TEST(target_is_read_and_described_without_user_and_query)
{
    struct hp_http_target target = {0};
    struct hp_error err = {0};
    char storage[128];
    struct hp_buffer text;

    ck_assert_msg(
        hp_http_target_parse(&target, targets[_i].text, NULL, "--http", 4321, "/health", &err),
        "%s: %s", targets[_i].text, err.msg);
    ck_assert_int_eq(target.tls, targets[_i].tls);
    ck_assert_str_eq(shown(target.user), targets[_i].user);
    ck_assert_str_eq(shown(target.password), targets[_i].password);
    ck_assert_str_eq(target.host, targets[_i].host);
    ck_assert_int_eq(target.port, targets[_i].port);
    ck_assert_str_eq(target.path, targets[_i].path);
    ck_assert_uint_eq(target.path_len, strcspn(target.path, "?"));

    hp_buffer_init(&text, storage, sizeof(storage));
    hp_http_target_describe(&target, &text);
    ck_assert_str_eq(storage, targets[_i].described);
    ck_assert(!hp_unit_leaks(storage));
    hp_http_target_release(&target);
    hp_http_target_release(&target);
}
END_TEST

static const struct {
    const char *text;
    const char *message; /* behind "--http: " */
} refused[] = {
    {"", "not a URL: give http://host:port/path, host:port/path, :PORT/path or /path"},
    {"s3cr3t-Zq9", "not a URL"},
    {"localhost/s3cr3t-Zq9", "not a URL"},
    {"localhost:/s3cr3t-Zq9", "not a URL"},
    {"8080/s3cr3t-Zq9", "not a URL"},
    {"u:s3cr3t-Zq9@localhost", "not a URL"},
    {"u:1s3cr3t-Zq9@localhost:80", "not a URL"},
    {"::1:80/s3cr3t-Zq9", "the host has several colons"},
    {"0", "the port is not one of 1 to 65535"},
    {"99999", "the port is not one of 1 to 65535"},
    {"localhost:3000x/s3cr3t-Zq9", "the port is not a number"},
    {"localhost:0/s3cr3t-Zq9", "the port is not one of 1 to 65535"},
    {" http://u:s3cr3t-Zq9@h", "not a URL"},
    {"http:/h/s3cr3t-Zq9", "not a URL"},
    {"ftp://u:s3cr3t-Zq9@h", "the scheme is neither http nor https"},
    {"unix:///run/s3cr3t-Zq9", "the scheme is neither http nor https"},
    {"http+unix://u:s3cr3t-Zq9@h", "the scheme is neither http nor https"},
    {"http:///s3cr3t-Zq9", "the URL names no host"},
    {"http://", "the URL names no host"},
    {"http://u:s3cr3t-Zq9@/x", "the URL names no host"},
    {"http://u:s3cr3t-Zq9@:80/x", "the URL names no host"},
    {"http://u:s3cr3t-Zq9@a,b/x", "the URL has several hosts"},
    {"http://u:s3cr3t-Zq9@a b/x", "the host is not valid"},
    {"http://u:s3cr3t-Zq9@a%2fb/x", "the host is not valid"},
    {"http://u:s3cr3t-Zq9@a%40b/x", "the host is not valid"},
    {"http://u:s3cr3t-Zq9@a\\b/x", "the host is not valid"},
    {"http://u:s3cr3t-Zq9@%3a%3a1/x", "the host is not valid"},
    {"http://u:s3cr3t-Zq9@h\r\nX: y/", "the host"},
    {"http://h/s3cr3t-Zq9 x", "the path holds a blank or a control character"},
    {"http://h/s3cr3t-Zq9\r\nX: y", "the path holds a blank or a control character"},
    {"http://h/\x7Fs3cr3t-Zq9", "the path holds a blank or a control character"},
    {"http://h/?s3cr3t-Zq9 x", "the query holds a blank or a control character"},
    {"http://h/?s3cr3t-Zq9\n", "the query holds a blank or a control character"},
    {"/s3cr3t-Zq9 x", "the path holds a blank or a control character"},
    {"http://h:0/s3cr3t-Zq9", "the port is not one of 1 to 65535"},
    {"http://h:http/s3cr3t-Zq9", "the port is not a number"},
    {":0", "the port is not one of 1 to 65535"},
    {":65536/x", "the port is not one of 1 to 65535"},
    {":4294967376/x", "the port is not one of 1 to 65535"},
    {"http://h:4294967376/x", "the port is not one of 1 to 65535"},
    {":3000x", "the port is not a number"},
    {":3000@s3cr3t-Zq9", "the port is not a number"},
    {":s3cr3t-Zq9@h", "the port is not a number"},
    {":3000,s3cr3t-Zq9", "the URL has several hosts"},
    {"http://u:s3cr3t-Zq9%00@h/x", "the password holds an encoded NUL"},
    /* an unescaped "/", "?" or "#" in a password */
    {"http://u:s3cr3t-Zq9/x@h/", "the port is not a number; --http: " CUT},
    {"http://u:x@s3cr3t-Zq9/s3cr3t-Zq9@h/", CUT},
    {"http://u:x@s3cr3t-Zq9?s3cr3t-Zq9@h/", CUT},
    {"http://u:x@s3cr3t-Zq9#s3cr3t-Zq9@h/", CUT},
    {"http://u@s3cr3t-Zq9/s3cr3t-Zq9@h/", CUT},
    {"http://@s3cr3t-Zq9/s3cr3t-Zq9@h/", CUT},
    {"http://u:x@h/x#s3cr3t-Zq9", CUT},
    {"http://u:/s3cr3t-Zq9@h/", CUT},
    {"http://u:?s3cr3t-Zq9@h/", CUT},
    {"http://u:#s3cr3t-Zq9@h/", CUT},
    {"http://u:x@h/#", CUT},
};

START_TEST(wrong_target_is_told_by_its_field)
{
    struct hp_http_target target = {0};
    struct hp_error err = {0};

    ck_assert_msg(
        !hp_http_target_parse(&target, refused[_i].text, NULL, "--http", 4321, "/health", &err),
        "%s", refused[_i].text);
    ck_assert_ptr_null(target.host);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_msg(strncmp(err.msg, "--http: ", 8) == 0, "%s", err.msg);
    ck_assert_msg(strncmp(err.msg + 8, refused[_i].message, strlen(refused[_i].message)) == 0,
                  "%s: %s", refused[_i].text, err.msg);
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s", err.msg);
}
END_TEST

START_TEST(every_problem_is_told)
{
    struct hp_http_target target = {0};
    struct hp_error err = {0};

    ck_assert(!hp_http_target_parse(&target, "ftp:///a b?c d", NULL, "--http", 1, "/", &err));
    ck_assert_str_eq(err.msg,
                     "--http: the scheme is neither http nor https; --http: the URL names no host; "
                     "--http: the path holds a blank or a control character: percent-encode it; "
                     "--http: the query holds a blank or a control character: percent-encode it");
}
END_TEST

static const struct {
    const char *text;
    bool names_host;
} hosts[] = {
    {"http://h", true}, {"h:80", true},   {"h:80/x", true},       {"[::1]:80", true},
    {":80", false},     {"/h:80", false}, {":80/?x=h:80", false}, {"8080", false},
};

START_TEST(a_short_form_names_no_host)
{
    ck_assert_int_eq(hp_http_target_names_host(hosts[_i].text), hosts[_i].names_host);
}
END_TEST

START_TEST(default_path_may_have_a_query)
{
    struct hp_http_target target = {0};
    struct hp_error err = {0};

    ck_assert(hp_http_target_parse(&target, "http://h", NULL, "--http", 1, "/a?b", &err));
    ck_assert_str_eq(target.path, "/a?b");
    ck_assert_uint_eq(target.path_len, 2);
    hp_http_target_release(&target);
}
END_TEST

static const struct {
    size_t cap;
    const char *path;
    const char *described;
} cuts[] = {
    {16, "/abcdef", "http://h/abcdef"},
    {15, "/abcdef", "http://h/ab..."},
    {15, "/a%20cdef", "http://h/a..."},
    {15, "/ab%20def", "http://h/ab..."},
    {14, "/\xC3\xA4\xC3\xA4", "http://h/..."},
    {8, "/abcdef", "http..."},
    {4, "/abcdef", "..."},
};

START_TEST(description_that_does_not_fit_ends_in_dots)
{
    char path[32];
    char host[] = "h";
    struct hp_http_target target = {.host = host, .port = 80, .path = path};
    char storage[32];
    struct hp_buffer text;

    strcpy(path, cuts[_i].path);
    target.path_len = strlen(path);
    hp_buffer_init(&text, storage, cuts[_i].cap);
    hp_http_target_describe(&target, &text);
    ck_assert_str_eq(storage, cuts[_i].described);
    ck_assert(!text.overflow);
}
END_TEST

START_TEST(description_leaves_alone_what_stands_before_it)
{
    char path[] = "/abcdef";
    char host[] = "h";
    struct hp_http_target target = {.host = host, .port = 80, .path = path, .path_len = 7};
    char storage[12];
    struct hp_buffer text;

    hp_buffer_init(&text, storage, sizeof(storage));
    hp_buffer_add(&text, "1%2 ");
    hp_http_target_describe(&target, &text);
    ck_assert_str_eq(storage, "1%2 http...");

    hp_buffer_init(&text, storage, sizeof(storage));
    hp_buffer_add(&text, "12345678 ");
    hp_http_target_describe(&target, &text);
    ck_assert_str_eq(storage, "12345678 ");
    ck_assert(text.overflow);
    hp_http_target_describe(&target, &text);
    ck_assert(text.overflow);
}
END_TEST

static char host[] = "example.test";
static char path[] = "/health?x=1";

static const struct {
    struct hp_http_target target;
    const char *url;
} urls[] = {
    {{.host = host, .port = 80, .path = path}, "http://example.test/health?x=1"},
    {{.host = host, .port = 443, .path = path}, "http://example.test:443/health?x=1"},
    {{.tls = true, .host = host, .port = 443, .path = path}, "https://example.test/health?x=1"},
    {{.tls = true, .host = host, .port = 80, .path = path}, "https://example.test:80/health?x=1"},
    {{.host = host, .port = 65535, .path = (char[]){"/"}}, "http://example.test:65535/"},
    {{.host = (char[]){"192.0.2.1"}, .port = 80, .path = path}, "http://192.0.2.1/health?x=1"},
    {{.host = (char[]){"::1"}, .port = 3000, .path = path}, "http://[::1]:3000/health?x=1"},
    /* connect(2) has the zone; a Host header has none */
    {{.host = (char[]){"fe80::1%eth0"}, .port = 80, .path = path}, "http://[fe80::1]/health?x=1"},
    {{.host = host,
      .user = (char[]){"app"},
      .password = (char[]){HP_UNIT_SECRET},
      .port = 80,
      .path = path},
     "http://example.test/health?x=1"},
};

START_TEST(url_names_host_port_and_path_and_no_user)
{
    char *url = hp_http_target_url(&urls[_i].target);

    ck_assert_str_eq(url, urls[_i].url);
    free(url);
}
END_TEST

START_TEST(nothing_to_release_is_fine)
{
    hp_http_target_release(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_target");

    HP_UNIT_TABLE(suite, target_is_read_and_described_without_user_and_query, targets);
    HP_UNIT_TABLE(suite, wrong_target_is_told_by_its_field, refused);
    HP_UNIT_CASE(suite, every_problem_is_told);
    HP_UNIT_TABLE(suite, a_short_form_names_no_host, hosts);
    HP_UNIT_CASE(suite, default_path_may_have_a_query);
    HP_UNIT_TABLE(suite, description_that_does_not_fit_ends_in_dots, cuts);
    HP_UNIT_CASE(suite, description_leaves_alone_what_stands_before_it);
    HP_UNIT_TABLE(suite, url_names_host_port_and_path_and_no_user, urls);
    HP_UNIT_CASE(suite, nothing_to_release_is_fine);
    return hp_unit_run(suite);
}
