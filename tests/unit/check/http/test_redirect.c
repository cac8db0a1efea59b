/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/net/tls.h>

#include "check/http/redirect.h"

#include <stdio.h>

static struct hp_http_target from;
static struct hp_http_target to;

static void parse(struct hp_http_target *ret, const char *url)
{
    struct hp_error err = {0};

    hp_http_target_release(ret);
    ck_assert_msg(hp_http_target_parse(ret, url, NULL, "", 80, "/health", &err), "%s", err.msg);
}

static void release(void)
{
    hp_http_target_release(&from);
    hp_http_target_release(&to);
}

/* --- where it leads --------------------------------------------------------------------------- */

static const struct {
    const char *from;
    const char *location;
    const char *host;
    uint16_t port;
    const char *path;
    bool tls;
} leads[] = {
    /* RFC 3986, 5.4.1 and 5.4.2, as far as they are of http */
    {"http://a/b/c/d;p?q", "g", "a", 80, "/b/c/g", false},
    {"http://a/b/c/d;p?q", "./g", "a", 80, "/b/c/g", false},
    {"http://a/b/c/d;p?q", "g/", "a", 80, "/b/c/g/", false},
    {"http://a/b/c/d;p?q", "/g", "a", 80, "/g", false},
    {"http://a/b/c/d;p?q", "//g", "g", 80, "/", false},
    {"http://a/b/c/d;p?q", "?y", "a", 80, "/b/c/d;p?y", false},
    {"http://a/b/c/d;p?q", "g?y", "a", 80, "/b/c/g?y", false},
    {"http://a/b/c/d;p?q", "#s", "a", 80, "/b/c/d;p?q", false},
    {"http://a/b/c/d;p?q", "g;x?y#s", "a", 80, "/b/c/g;x?y", false},
    {"http://a/b/c/d;p?q", "http://x/y", "x", 80, "/y", false},
    /* other places */
    {"http://a/", "http://b:8080/x", "b", 8080, "/x", false},
    {"http://a:81/", "/x", "a", 81, "/x", false},
    {"http://a:81/", "http://a/x", "a", 80, "/x", false},
    {"http://a/", "http://b", "b", 80, "/", false},
    {"http://a/", "http://b?x=1", "b", 80, "/?x=1", false},
    {"http://a/", "HTTP://B/x", "B", 80, "/x", false},
    {"http://a:81/", "http://b:/x", "b", 80, "/x", false},
    {"http://[::1]:81/", "/x", "::1", 81, "/x", false},
    {"http://a/", "http://[::1]:82/x", "::1", 82, "/x", false},
    /* a zone stays with its host */
    {"http://[fe80::1%25lo]/", "/x", "fe80::1%lo", 80, "/x", false},
    {"http://[fe80::1%25lo]/", "http://[fe80::1]:81/x", "fe80::1%lo", 81, "/x", false},
    {"http://[fe80::1%25lo]/", "http://[fe80::2]/x", "fe80::2", 80, "/x", false},
    /* nobody who redirects says who we are */
    {"http://a/", "http://u:p@b/x", "b", 80, "/x", false},
    {"http://a/", "http://u@b/x", "b", 80, "/x", false},
    {"http://a/", "//u:p@b/x", "b", 80, "/x", false},
    /* what people send though it is none of a URL */
    {"http://a/", "/x y", "a", 80, "/x%20y", false},
    {"http://a/", "/\xc3\xa9", "a", 80, "/%c3%a9", false},
    {"http://a/b", "/%41?q=%zz", "a", 80, "/%41?q=%zz", false},
};

START_TEST(location_is_resolved_against_what_was_asked)
{
    parse(&from, leads[_i].from);
    ck_assert_int_eq(hp_http_redirect_resolve(&to, &from, leads[_i].location),
                     HP_HTTP_REDIRECT_FOUND);
    ck_assert_str_eq(to.host, leads[_i].host);
    ck_assert_uint_eq(to.port, leads[_i].port);
    ck_assert_str_eq(to.path, leads[_i].path);
    ck_assert_int_eq(to.tls, leads[_i].tls);
    ck_assert_ptr_null(to.user);
    ck_assert_ptr_null(to.password);
}
END_TEST

static const char *const https[] = {"https://b/x", "HTTPS://b/x"};

START_TEST(https_is_followed_where_it_can_be_spoken)
{
    parse(&from, "http://a/");
    if (!hp_tls_available()) {
        ck_assert_int_eq(hp_http_redirect_resolve(&to, &from, https[_i]), HP_HTTP_REDIRECT_NO_TLS);
        return;
    }
    ck_assert_int_eq(hp_http_redirect_resolve(&to, &from, https[_i]), HP_HTTP_REDIRECT_FOUND);
    ck_assert(to.tls);
    ck_assert_uint_eq(to.port, 443);
    hp_http_target_release(&from);
    ck_assert_int_eq(hp_http_redirect_resolve(&from, &to, "//c"), HP_HTTP_REDIRECT_FOUND);
    ck_assert(from.tls);
}
END_TEST

static const struct {
    const char *location;
    enum hp_http_redirect result;
} refused[] = {
    {"file:///etc/passwd", HP_HTTP_REDIRECT_OTHER_SCHEME},
    {"gopher://a/_x", HP_HTTP_REDIRECT_OTHER_SCHEME},
    {"ftp://a/", HP_HTTP_REDIRECT_OTHER_SCHEME},
    {"unix:///run/x", HP_HTTP_REDIRECT_OTHER_SCHEME},
    {"httpx://a/", HP_HTTP_REDIRECT_OTHER_SCHEME},
    {"http://", HP_HTTP_REDIRECT_NO_URL},
    {"http://:80/", HP_HTTP_REDIRECT_NO_URL},
    {"http://a:4294967376/", HP_HTTP_REDIRECT_NO_URL},
    {"//a:4294967376/", HP_HTTP_REDIRECT_NO_URL},
    {"http://a:0/", HP_HTTP_REDIRECT_NO_URL},
    {"http://a:65536/", HP_HTTP_REDIRECT_NO_URL},
    {"http://a:b/", HP_HTTP_REDIRECT_NO_URL},
    {"http://[::1/", HP_HTTP_REDIRECT_NO_URL},
    {"http://[g]/", HP_HTTP_REDIRECT_NO_URL},
    {"http://a b/", HP_HTTP_REDIRECT_NO_URL},
    {"http://a\x7f/", HP_HTTP_REDIRECT_NO_URL},
    {"http://a/\x01", HP_HTTP_REDIRECT_NO_URL},
    {"http://a,b/", HP_HTTP_REDIRECT_NO_URL},
    {"/%00", HP_HTTP_REDIRECT_NO_URL},
    {"http://a%00b/", HP_HTTP_REDIRECT_NO_URL},
};

START_TEST(what_is_not_followed_says_why)
{
    parse(&from, "http://a/");
    ck_assert_int_eq(hp_http_redirect_resolve(&to, &from, refused[_i].location),
                     refused[_i].result);
    ck_assert_ptr_null(to.host);
}
END_TEST

/* --- what is sent there -------------------------------------------------------------------------
 */

static const struct {
    const char *first;
    const char *next;
    bool is_first;
} places[] = {
    {"http://a/", "http://a/x", true},           {"http://a/", "http://A:80/x", true},
    {"http://a:81/", "http://a:81/", true},      {"http://a/", "http://b/", false},
    {"http://a/", "http://a:81/", false},        {"http://a/", "http://a.b/", false},
    {"http://a/", "https://a/", false},          {"https://a/", "http://a/", false},
    {"https://a/", "https://a/x", true},         {"https://a:8443/", "http://a:8443/", false},
    {"http://a:8443/", "https://a:8443/", true},
};

START_TEST(credentials_are_for_the_first_place_alone)
{
    parse(&from, places[_i].first);
    parse(&to, places[_i].next);
    ck_assert_int_eq(hp_http_redirect_is_first(&from, &to), places[_i].is_first);
}
END_TEST

static const struct {
    int status;
    const char *method;
    bool makes_get;
} methods[] = {
    {301, "POST", true},   {302, "POST", true},  {303, "POST", true},  {307, "POST", false},
    {308, "POST", false},  {301, "PUT", false},  {302, "PUT", false},  {303, "PUT", true},
    {303, "DELETE", true}, {301, "HEAD", false}, {303, "HEAD", false}, {307, "PUT", false},
};

START_TEST(method_changes_as_with_curl)
{
    ck_assert_int_eq(hp_http_redirect_makes_get(methods[_i].status, methods[_i].method),
                     methods[_i].makes_get);
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, NULL, release);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    suite_add_tcase(suite, tcase);
}

#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("http_redirect");

    TABLE(suite, location_is_resolved_against_what_was_asked, leads);
    TABLE(suite, https_is_followed_where_it_can_be_spoken, https);
    TABLE(suite, what_is_not_followed_says_why, refused);
    TABLE(suite, credentials_are_for_the_first_place_alone, places);
    TABLE(suite, method_changes_as_with_curl, methods);
    return hp_unit_run(suite);
}
