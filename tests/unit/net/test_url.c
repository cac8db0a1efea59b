/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/net/url.h>

#include <string.h>

/* A missing field is shown as "-", to tell it from "". */
static const char *shown(const char *field)
{
    return field != NULL ? field : "-";
}

static const struct {
    const char *text;
    const char *scheme;
    const char *user;
    const char *password;
    const char *host;
    int port;
    const char *path;
    const char *query;
} urls[] = {
    {"http://h", "http", "-", "-", "h", 0, "", "-"},
    {"HTTP://Host", "http", "-", "-", "Host", 0, "", "-"},
    {"postgresql+asyncpg://h", "postgresql+asyncpg", "-", "-", "h", 0, "", "-"},
    {"a1+-.://h", "a1+-.", "-", "-", "h", 0, "", "-"},
    {"x://", "x", "-", "-", "", 0, "", "-"},
    {"x:///run/file", "x", "-", "-", "", 0, "/run/file", "-"},
    {"x://h:1/", "x", "-", "-", "h", 1, "/", "-"},
    {"x://h:65535?a=b", "x", "-", "-", "h", 65535, "", "a=b"},
    {"x://h:00080", "x", "-", "-", "h", 80, "", "-"},
    {"x://h?", "x", "-", "-", "h", 0, "", ""},
    {"x://h/p?q?r/s@t", "x", "-", "-", "h", 0, "/p", "q?r/s@t"},
    {"x://h/p@q:r", "x", "-", "-", "h", 0, "/p@q:r", "-"},
    /* the fragment is dropped, wherever it begins */
    {"x://h#f", "x", "-", "-", "h", 0, "", "-"},
    {"x://h/p#f?g", "x", "-", "-", "h", 0, "/p", "-"},
    {"x://h/p?q#f", "x", "-", "-", "h", 0, "/p", "q"},
    /* userinfo ends at its last "@", the user at its first ":" */
    {"x://u@h", "x", "u", "-", "h", 0, "", "-"},
    {"x://u:@h", "x", "u", "", "h", 0, "", "-"},
    {"x://:p@h", "x", "", "p", "h", 0, "", "-"},
    {"x://:@h", "x", "", "", "h", 0, "", "-"},
    {"x://@h", "x", "", "-", "h", 0, "", "-"},
    {"x://u:p@ss@h:5", "x", "u", "p@ss", "h", 5, "", "-"},
    {"x://u:p:q@h", "x", "u", "p:q", "h", 0, "", "-"},
    {"x://u:a,b@h", "x", "u", "a,b", "h", 0, "", "-"},
    {"x://u:[b@h", "x", "u", "[b", "h", 0, "", "-"},
    {"x://u:p@", "x", "u", "p", "", 0, "", "-"},
    {"x://u:p@:5/", "x", "u", "p", "", 5, "/", "-"},
    /* an empty port is no port */
    {"x://h:", "x", "-", "-", "h", 0, "", "-"},
    {"x://h:/0", "x", "-", "-", "h", 0, "/0", "-"},
    {"x://h:?a", "x", "-", "-", "h", 0, "", "a"},
    {"x://u:p@:/", "x", "u", "p", "", 0, "/", "-"},
    {"x://[::1]:", "x", "-", "-", "::1", 0, "", "-"},
    /* percent-encoding */
    {"x://u%3A:p%40%2f@h%2E", "x", "u:", "p@/", "h.", 0, "", "-"},
    {"x://u:100%@h", "x", "u", "100%", "h", 0, "", "-"},
    {"x://u:%zz%4@h", "x", "u", "%zz%4", "h", 0, "", "-"},
    {"x://u:%2541@h", "x", "u", "%41", "h", 0, "", "-"},
    {"x://u:a+b@h", "x", "u", "a+b", "h", 0, "", "-"},
    {"x://u:$a$(b)@h", "x", "u", "$a$(b)", "h", 0, "", "-"},
    {"x://u:\xC3\xA4\n@h", "x", "u", "\xC3\xA4\n", "h", 0, "", "-"},
    {"x://%2Fvar%2Frun/db%20x?a=%41", "x", "-", "-", "/var/run", 0, "/db%20x", "a=%41"},
    /* IPv6 */
    {"x://[::1]", "x", "-", "-", "::1", 0, "", "-"},
    {"x://u:p@[::1]:5/x", "x", "u", "p", "::1", 5, "/x", "-"},
    {"x://[::ffff:1.2.3.4]", "x", "-", "-", "::ffff:1.2.3.4", 0, "", "-"},
    {"x://[fe80::1%25eth0]:5", "x", "-", "-", "fe80::1%eth0", 5, "", "-"},
    {"x://[fe80::1%eth0]", "x", "-", "-", "fe80::1%eth0", 0, "", "-"},
    {"x://[fe80::1%2]", "x", "-", "-", "fe80::1%2", 0, "", "-"},
    {"x://[fe80::1%25]", "x", "-", "-", "fe80::1%25", 0, "", "-"},
    {"x://[fe80::1%25a%2Db]", "x", "-", "-", "fe80::1%a-b", 0, "", "-"},
};

START_TEST(url_is_split_into_its_fields)
{
    struct hp_url url = {0};
    struct hp_error err = {0};

    ck_assert_msg(hp_url_split(&url, urls[_i].text, "--x", &err), "%s: %s", urls[_i].text, err.msg);
    ck_assert_str_eq(url.scheme, urls[_i].scheme);
    ck_assert_str_eq(shown(url.user), urls[_i].user);
    ck_assert_str_eq(shown(url.password), urls[_i].password);
    ck_assert_uint_eq(url.n_hosts, 1);
    ck_assert_str_eq(url.hosts[0].host, urls[_i].host);
    ck_assert_int_eq(url.hosts[0].port, urls[_i].port);
    ck_assert_int_eq(url.hosts[0].bracketed, strchr(urls[_i].host, ':') != NULL);
    ck_assert_str_eq(url.path, urls[_i].path);
    ck_assert_str_eq(shown(url.query), urls[_i].query);
    ck_assert_uint_eq(err.len, 0);
    hp_url_release(&url);
    ck_assert_ptr_null(url.hosts);
    hp_url_release(&url);
}
END_TEST

START_TEST(hosts_are_split_at_commas)
{
    struct hp_url url = {0};
    struct hp_error err = {0};

    ck_assert(hp_url_split(&url, "x://u:a,b@h1:1,[::2]:2,,h%2C4/x,y", "--x", &err));
    ck_assert_uint_eq(url.n_hosts, 4);
    ck_assert_str_eq(url.hosts[0].host, "h1");
    ck_assert_int_eq(url.hosts[0].port, 1);
    ck_assert_str_eq(url.hosts[1].host, "::2");
    ck_assert_int_eq(url.hosts[1].port, 2);
    ck_assert_str_eq(url.hosts[2].host, "");
    ck_assert_int_eq(url.hosts[2].port, 0);
    ck_assert_str_eq(url.hosts[3].host, "h,4");
    hp_url_release(&url);
}
END_TEST

static const struct {
    const char *text;
    const char *message; /* after "--x: " */
} refused[] = {
    {"", "not a URL"},
    {"s3cr3t-Zq9", "not a URL"},
    {"://s3cr3t-Zq9@h", "not a URL"},
    {"host=h password=s3cr3t-Zq9", "not a URL"},
    {"1x://u:s3cr3t-Zq9@h", "not a URL"},
    {"x~y://u:s3cr3t-Zq9@h", "not a URL"},
    {" x://u:s3cr3t-Zq9@h", "not a URL"},
    {"u:s3cr3t-Zq9@h?x://", "not a URL"},
    {"x:/u:s3cr3t-Zq9@h", "not a URL"},
    {"x://u:s3cr3t-Zq9@h:0", "the port is not one of 1 to 65535"},
    {"x://u:s3cr3t-Zq9@h:65536", "the port is not one of 1 to 65535"},
    {"x://u:s3cr3t-Zq9@h:99999999999999999999", "the port is not one of 1 to 65535"},
    /* 80, to a sum of 32 or 64 bits */
    {"x://u:s3cr3t-Zq9@h:4294967376", "the port is not one of 1 to 65535"},
    {"x://u:s3cr3t-Zq9@h:18446744073709551696", "the port is not one of 1 to 65535"},
    {"x://u:s3cr3t-Zq9@a:1,b:4294967376", "the port is not one of 1 to 65535"},
    {"x://u:s3cr3t-Zq9@[::1]:4294967376", "the port is not one of 1 to 65535"},
    {"x://u:s3cr3t-Zq9@h:-1", "the port is not a number"},
    {"x://u:s3cr3t-Zq9@h:+1", "the port is not a number"},
    {"x://u:s3cr3t-Zq9@h:1x", "the port is not a number"},
    {"x://u:s3cr3t-Zq9@h: 1", "the port is not a number"},
    {"x://u:s3cr3t-Zq9@h:1\n", "the port is not a number"},
    {"x://u:s3cr3t-Zq9@h:%31", "the port is not a number"},
    {"x://u:s3cr3t-Zq9/x@h", "the port is not a number"},
    {"x://u:s3cr3t-Zq9#x@h", "the port is not a number"},
    {"x://u:s3cr3t-Zq9?x@h", "the port is not a number"},
    {"x://u:s3cr3t-Zq9@::1", "the host has several colons: put an IPv6 address in brackets"},
    {"x://u:s3cr3t-Zq9@h\n", "the host holds a control character"},
    {"x://u:s3cr3t-Zq9@h%0d%0a", "the host holds a control character"},
    {"x://u:s3cr3t-Zq9@h%7f", "the host holds a control character"},
    {"x://u:s3cr3t-Zq9@h%00", "the host holds an encoded NUL"},
    {"x://u:s3cr3t-Zq9%00@h", "the password holds an encoded NUL"},
    {"x://u%00:s3cr3t-Zq9@h", "the user holds an encoded NUL"},
    {"x://u:s3cr3t-Zq9@h/%00", "the path holds an encoded NUL"},
    {"x://u:s3cr3t-Zq9@h?a=%00", "the query holds an encoded NUL"},
    {"x://u:s3cr3t-Zq9@[::1", "the host lacks its closing bracket"},
    {"x://u:s3cr3t-Zq9@[::1]x", "the host continues after its closing bracket"},
    {"x://u:s3cr3t-Zq9@[]", "the host in brackets is not an IPv6 address"},
    {"x://u:s3cr3t-Zq9@[h]", "the host in brackets is not an IPv6 address"},
    {"x://u:s3cr3t-Zq9@[1.2.3.4]", "the host in brackets is not an IPv6 address"},
    {"x://u:s3cr3t-Zq9@[::1%]", "the zone of the host is not valid"},
    {"x://u:s3cr3t-Zq9@[::1%a b]", "the zone of the host is not valid"},
    {"x://u:s3cr3t-Zq9@[::1%25%2F]", "the zone of the host is not valid"},
    {"x://u:s3cr3t-Zq9@[::1%25%00]", "the zone holds an encoded NUL"},
};

START_TEST(wrong_field_is_named_and_never_quoted)
{
    struct hp_url url = {0};
    struct hp_error err = {0};

    ck_assert_msg(!hp_url_split(&url, refused[_i].text, "--x", &err), "%s", refused[_i].text);
    ck_assert_ptr_null(url.scheme);
    ck_assert_int_eq(err.reason, HP_REASON_CONFIG);
    ck_assert_msg(strncmp(err.msg, "--x: ", 5) == 0, "%s", err.msg);
    ck_assert_msg(strncmp(err.msg + 5, refused[_i].message, strlen(refused[_i].message)) == 0,
                  "%s: %s", refused[_i].text, err.msg);
    ck_assert_msg(!hp_unit_leaks(err.msg), "%s", err.msg);
}
END_TEST

START_TEST(every_wrong_field_is_reported)
{
    struct hp_url url = {0};
    struct hp_error err = {0};

    ck_assert(!hp_url_split(&url, "x://u%00:p%00@h%01:0,[x]:y", "--x", &err));
    ck_assert_str_eq(err.msg, "--x: the user holds an encoded NUL; "
                              "--x: the password holds an encoded NUL; "
                              "--x: the host holds a control character; "
                              "--x: the port is not one of 1 to 65535; "
                              "--x: the host in brackets is not an IPv6 address; "
                              "--x: the port is not a number");
}
END_TEST

START_TEST(decoding_returns_the_true_length)
{
    size_t len = 0;
    char *text = hp_url_decode("a%00b%4", 7, &len);

    ck_assert_uint_eq(len, 5);
    ck_assert_mem_eq(text, "a\0b%4", 6);
    free(text);
    text = hp_url_decode("%41%42", 5, &len);
    ck_assert_str_eq(text, "A%4");
    free(text);
}
END_TEST

static const struct {
    const char *query;
    const char *params; /* key=value; … */
} queries[] = {
    {NULL, ""},
    {"", ""},
    {"&&", ""},
    {"a=b", "a=b;"},
    {"a", "a=;"},
    {"a=", "a=;"},
    {"=b", "=b;"},
    {"a=b=c&d", "a=b=c;d=;"},
    {"&a=1&&a=2&", "a=1;a=2;"},
    {"options=endpoint%3Dx%26y&%61=+", "options=endpoint=x&y;a=+;"},
};

START_TEST(query_is_split_and_decoded)
{
    struct hp_url_params params = {0};
    struct hp_error err = {0};
    char text[128] = "";

    ck_assert(hp_url_params_split(&params, queries[_i].query, "--x", &err));
    for (size_t i = 0; i < params.n; i++) {
        strcat(text, params.items[i].key);
        strcat(text, "=");
        strcat(text, params.items[i].value);
        strcat(text, ";");
    }
    ck_assert_str_eq(text, queries[_i].params);
    hp_url_params_release(&params);
    hp_url_params_release(&params);
}
END_TEST

START_TEST(nul_in_a_query_is_refused)
{
    struct hp_url_params params = {0};
    struct hp_error err = {0};

    ck_assert(!hp_url_params_split(&params, "a=b&password=s3cr3t-Zq9%00", "--x", &err));
    ck_assert_str_eq(err.msg, "--x: the query holds an encoded NUL");
    ck_assert_ptr_null(params.items);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("url");

    HP_UNIT_TABLE(suite, url_is_split_into_its_fields, urls);
    HP_UNIT_CASE(suite, hosts_are_split_at_commas);
    HP_UNIT_TABLE(suite, wrong_field_is_named_and_never_quoted, refused);
    HP_UNIT_CASE(suite, every_wrong_field_is_reported);
    HP_UNIT_CASE(suite, decoding_returns_the_true_length);
    HP_UNIT_TABLE(suite, query_is_split_and_decoded, queries);
    HP_UNIT_CASE(suite, nul_in_a_query_is_refused);
    return hp_unit_run(suite);
}
