/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "check/http/header.h"

#include <string.h>

static const struct {
    const char *line;
    const char *value;
} headers[] = {
    {"Name: value", "value"},
    {"Name:value", "value"},
    {"Name:  \t value", "value"},
    {"Name: two words", "two words"},
    {"Name: a\tb", "a\tb"},
    {"Name:", ""},
    {"Name: ", ""},
    {"Host: example.test:8080", "example.test:8080"},
    {"Authorization: Bearer a:b=c", "Bearer a:b=c"},
    {"X: \"quoted\\\"", "\"quoted\\\""},
    {"X: b\xC3\xBC", "b\xC3\xBC"},
    {"!#$%&'*+-.^_`|~09azAZ: v", "v"},
    {"X::", ":"},
};

START_TEST(header_that_can_be_sent_has_its_value_found)
{
    const char *value = NULL;

    ck_assert_msg(hp_http_header_valid(headers[_i].line, &value), "%s", headers[_i].line);
    ck_assert_ptr_nonnull(value);
    ck_assert_str_eq(value, headers[_i].value);
    ck_assert(value >= headers[_i].line && value <= headers[_i].line + strlen(headers[_i].line));
}
END_TEST

static const char *const no_headers[] = {
    "",
    "Name",
    ":",
    ": value",
    " Name: value",
    "Name : value",
    "Na me: value",
    "Name\t: value",
    "N\xC3\xA4me: value",
    "(Name): value",
    "Name@: value",
    "Na/me: value",
    "\"Name\": value",
    "Name: value\r\nX-Injected: 1",
    "Name: value\n",
    "Name: value\r",
    "Name: \x01",
    "Name: \x7F",
    "Name: \x1B[31m",
    "Na\nme: value",
    "\r\nName: value",
    "=: value",
};

START_TEST(line_that_would_break_a_request_is_refused)
{
    const char *value = "untouched";

    ck_assert_msg(!hp_http_header_valid(no_headers[_i], &value), "%s", no_headers[_i]);
    ck_assert_str_eq(value, "untouched");
}
END_TEST

static const struct {
    const char *line;
    const char *name;
    bool is;
} names[] = {
    {"Location: /x", "Location", true},
    {"LOCATION: /x", "location", true},
    {"location:/x", "Location", true},
    {"Location:", "Location", true},
    {"Location", "Location", false},
    {"Location : /x", "Location", false},
    {"Locations: /x", "Location", false},
    {"Locatio: /x", "Location", false},
    {"X-Location: /x", "Location", false},
    {"", "Location", false},
    {":", "Location", false},
};

START_TEST(name_is_compared_without_regard_to_case)
{
    const char *line = names[_i].line;

    ck_assert_int_eq(hp_http_header_is(line, strlen(line), names[_i].name), names[_i].is);
}
END_TEST

START_TEST(name_is_not_looked_for_behind_the_length)
{
    /* What libcurl hands over has no NUL at its end. */
    ck_assert(!hp_http_header_is("Location: /x", 8, "Location"));
    ck_assert(!hp_http_header_is("Location: /x", 4, "Location"));
    ck_assert(!hp_http_header_is("Location: /x", 0, "Location"));
    ck_assert(hp_http_header_is("Location: /x", 9, "Location"));
    ck_assert(hp_http_header_named("X-Up: /x", 8, "x-up: more", 4));
    ck_assert(!hp_http_header_named("X-Up: /x", 8, "x-up: more", 3));
    ck_assert(!hp_http_header_named("X-Up: /x", 4, "x-up", 4));
}
END_TEST

static const struct {
    const char *method;
    bool valid;
} methods[] = {
    {"GET", true},         {"HEAD", true},     {"POST", true},   {"OPTIONS", true},
    {"PROPFIND", true},    {"M-SEARCH", true}, {"get", true},    {"", false},
    {"GET ", false},       {" GET", false},    {"GET /", false}, {"GET\r\n", false},
    {"G\xC3\x8BT", false}, {"G:T", false},     {"G/T", false},
};

START_TEST(method_is_a_token)
{
    ck_assert_int_eq(hp_http_method_valid(methods[_i].method), methods[_i].valid);
}
END_TEST

START_TEST(methods_of_http_are_known)
{
    static const char *const known[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                        "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    static const char *const unknown[] = {"get", "GETS", "GE", "PROPFIND", "s3cr3t-Zq9", ""};

    for (size_t i = 0; i < HP_UNIT_ROWS(known); i++)
        ck_assert(hp_http_method_known(known[i]));
    for (size_t i = 0; i < HP_UNIT_ROWS(unknown); i++)
        ck_assert(!hp_http_method_known(unknown[i]));
}
END_TEST

START_TEST(method_without_end_is_refused)
{
    char method[4096];

    memset(method, 'A', sizeof(method) - 1);
    method[sizeof(method) - 1] = '\0';
    ck_assert(!hp_http_method_valid(method));
}
END_TEST

/* RFC 7617, section 2, and the vectors of RFC 4648, section 10, behind "u:". */
static const struct {
    const char *user;
    const char *password;
    const char *value;
} basics[] = {
    {"Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
    {"test", "123\xC2\xA3", "Basic dGVzdDoxMjPCow=="},
    {"", "", "Basic Og=="},
    {"u", "", "Basic dTo="},
    {"", "f", "Basic OmY="},
    {"fo", "", "Basic Zm86"},
    {"fo", "f", "Basic Zm86Zg=="},
    {"fo", "fo", "Basic Zm86Zm8="},
    {"fo", "foo", "Basic Zm86Zm9v"},
    {"fo", "foobar", "Basic Zm86Zm9vYmFy"},
    {"u", "\xFF\xFE\xFD", "Basic dTr//v0="},
    {"u", "a:b", "Basic dTphOmI="},
    {"?>", "~~~", "Basic Pz46fn5+"},
    {"\xFB\xFF\xBF", "", "Basic +/+/Og=="},
};

START_TEST(basic_authentication_is_base64_of_user_and_password)
{
    char *value = hp_http_basic(basics[_i].user, basics[_i].password);

    ck_assert_ptr_nonnull(value);
    ck_assert_str_eq(value, basics[_i].value);
    free(value);
}
END_TEST

static const struct {
    const char *value;
    const char *shown;
} locations[] = {
    {"/login", "/login"},
    {"", ""},
    {"https://h/", "https://h/"},
    {"https://h:8443/a/b", "https://h:8443/a/b"},
    {"https://user:s3cr3t-Zq9@h/x", "https://h/x"},
    {"https://user@h/x", "https://h/x"},
    {"https://s3cr3t-Zq9@h", "https://h"},
    {"https://a:b@s3cr3t-Zq9@h/x", "https://h/x"},
    {"//user:s3cr3t-Zq9@h/x", "//h/x"},
    {"https://h/x?token=s3cr3t-Zq9", "https://h/x"},
    {"https://h?token=s3cr3t-Zq9", "https://h"},
    {"https://h/x#s3cr3t-Zq9", "https://h/x"},
    {"https://h/#/?s3cr3t-Zq9", "https://h/"},
    {"/x?next=https://user:s3cr3t-Zq9@h", "/x"},
    {"?s3cr3t-Zq9", ""},
    {"/a@b", "/a@b"},
    {"https://h/a@b", "https://h/a@b"},
    {"https://[::1]:80/x", "https://[::1]:80/x"},
    {"/x\r\ns3cr3t-Zq9", "/x"},
};

START_TEST(location_is_shown_without_user_password_query_and_fragment)
{
    char shown[64];

    hp_http_location_shown(shown, sizeof(shown), locations[_i].value, strlen(locations[_i].value));
    ck_assert_str_eq(shown, locations[_i].shown);
    ck_assert(!hp_unit_leaks(shown));
}
END_TEST

/* A client reads these as a URL with a user, so the password must not be shown. */
static const char *const awkward_locations[] = {
    "https:/user:s3cr3t-Zq9@h/x",   "https:user:s3cr3t-Zq9@h/x", "https:\\\\user:s3cr3t-Zq9@h/x",
    "https:///user:s3cr3t-Zq9@h/x", "user:s3cr3t-Zq9@h/x",
};

START_TEST(location_of_awkward_form_shows_no_password)
{
    const char *value = awkward_locations[_i];
    char shown[64];

    hp_http_location_shown(shown, sizeof(shown), value, strlen(value));
    ck_assert_msg(!hp_unit_leaks(shown), "%s", shown);
}
END_TEST

START_TEST(location_is_cut_to_the_room_there_is)
{
    char shown[8];
    char one[1] = {'x'};

    hp_http_location_shown(shown, sizeof(shown), "https://user:pw@host/path", 25);
    ck_assert_str_eq(shown, "https:/");
    hp_http_location_shown(one, sizeof(one), "/login", 6);
    ck_assert_str_eq(one, "");
}
END_TEST

START_TEST(location_is_not_read_behind_its_length)
{
    char shown[64];

    hp_http_location_shown(shown, sizeof(shown), "/login?x", 3);
    ck_assert_str_eq(shown, "/lo");
    hp_http_location_shown(shown, sizeof(shown), "/login?x", 0);
    ck_assert_str_eq(shown, "");
}
END_TEST

static const struct {
    const char *line;
    bool valid;
} status_lines[] = {
    {"HTTP/1.1 200 OK\r\n", true},   {"HTTP/1.0 503 \r\n", true},
    {"HTTP/1.1 204\r\n", true},      {"HTTP/1.1 204\n", true},
    {"HTTP/1.1 2000 OK\r\n", false}, {"HTTP/1.1 20\r\n", false},
    {"HTTP/1.1 20x OK\r\n", false},  {"HTTP/1.1  200 OK\r\n", false},
    {"HTTP/1.1\t200 OK\r\n", false}, {"HTTP/1.1 200", false},
    {"HTTP/2 200\r\n", false},       {"HTTP/1.12 200 OK\r\n", false},
    {"http/1.1 200 OK\r\n", false},  {"", false},
};

START_TEST(status_line_has_three_digits)
{
    const char *line = status_lines[_i].line;

    ck_assert_int_eq(hp_http_status_line_valid(line, strlen(line)), status_lines[_i].valid);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http_header");

    HP_UNIT_TABLE(suite, header_that_can_be_sent_has_its_value_found, headers);
    HP_UNIT_TABLE(suite, line_that_would_break_a_request_is_refused, no_headers);
    HP_UNIT_TABLE(suite, name_is_compared_without_regard_to_case, names);
    HP_UNIT_CASE(suite, name_is_not_looked_for_behind_the_length);
    HP_UNIT_TABLE(suite, method_is_a_token, methods);
    HP_UNIT_CASE(suite, method_without_end_is_refused);
    HP_UNIT_CASE(suite, methods_of_http_are_known);
    HP_UNIT_TABLE(suite, basic_authentication_is_base64_of_user_and_password, basics);
    HP_UNIT_TABLE(suite, location_is_shown_without_user_password_query_and_fragment, locations);
    HP_UNIT_TABLE(suite, location_of_awkward_form_shows_no_password, awkward_locations);
    HP_UNIT_CASE(suite, location_is_cut_to_the_room_there_is);
    HP_UNIT_CASE(suite, location_is_not_read_behind_its_length);
    HP_UNIT_TABLE(suite, status_line_has_three_digits, status_lines);
    return hp_unit_run(suite);
}
