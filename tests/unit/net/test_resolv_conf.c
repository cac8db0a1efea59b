/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "net/resolv_conf.h"
#include <healthprobe/base/buffer.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static struct hp_resolv_conf conf;

static void read_text(const char *text, const char *hostname)
{
    FILE *file = text[0] != '\0' ? fmemopen((void *)(uintptr_t)text, strlen(text), "r") : NULL;

    ck_assert(hp_resolv_conf_read(&conf, file, hostname));
    if (file != NULL)
        fclose(file);
}

/* "servers; domains; ndots timeout attempts options" */
static const char *shown(void)
{
    static char storage[4096];
    const char *domain = conf.domains;
    struct hp_buffer text;

    hp_buffer_init(&text, storage, sizeof storage);
    for (size_t i = 0; i < conf.n_servers; i++) {
        char address[INET6_ADDRSTRLEN];
        inet_ntop(conf.servers[i].family, conf.servers[i].bytes, address, sizeof address);
        hp_buffer_add_format(&text, "%s ", address);
    }
    hp_buffer_add(&text, "; ");
    for (size_t i = 0; i < conf.n_domains; i++) {
        hp_buffer_add_format(&text, "%s ", domain);
        domain += strlen(domain) + 1;
    }
    hp_buffer_add_format(&text, "; %u %u %u %u", conf.ndots, conf.timeout, conf.attempts,
                         conf.options);
    return storage;
}

static const struct {
    const char *text;
    const char *shown;
} files[] = {
    {"", "127.0.0.1 ; ; 1 5 2 0"},
    {"nameserver 10.0.0.1\n", "10.0.0.1 ; ; 1 5 2 0"},
    {"nameserver 10.0.0.1", "10.0.0.1 ; ; 1 5 2 0"},
    {"nameserver \t 10.0.0.1 # one\nnameserver\t10.0.0.2\n", "10.0.0.1 10.0.0.2 ; ; 1 5 2 0"},
    {"nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver ::3\nnameserver 4.4.4.4\n",
     "1.1.1.1 2.2.2.2 ::3 ; ; 1 5 2 0"},
    {"nameserver 10.1\n", "10.0.0.1 ; ; 1 5 2 0"},
    {"nameserver fe80::1%lo\n", "fe80::1 ; ; 1 5 2 0"},
    {"nameserver fe80::1%1\n", "fe80::1 ; ; 1 5 2 0"},
    /* Not at the line's start, commented, no address: none of these counts. */
    {" nameserver 10.0.0.1\n#nameserver 10.0.0.2\n;nameserver 10.0.0.3\nnameserver\n"
     "nameserver nonsense\nnameserver10.0.0.4\nNAMESERVER 10.0.0.5\nnameserver 10.0.0.6\r\n"
     "nameserver 10.0.0.7;\n",
     "127.0.0.1 ; ; 1 5 2 0"},

    {"search a.test\n", "127.0.0.1 ; a.test ; 1 5 2 0"},
    {"search a.test  b.test\tc.test \n", "127.0.0.1 ; a.test b.test c.test ; 1 5 2 0"},
    {"search a.test\nsearch b.test\n", "127.0.0.1 ; b.test ; 1 5 2 0"},
    {"search a.test b.test\ndomain c.test\n", "127.0.0.1 ; c.test ; 1 5 2 0"},
    {"domain c.test d.test\n", "127.0.0.1 ; c.test ; 1 5 2 0"},
    {"domain c.test\nsearch a.test b.test\n", "127.0.0.1 ; a.test b.test ; 1 5 2 0"},
    /* An empty one takes nothing back. */
    {"search a.test\nsearch\nsearch \ndomain \n", "127.0.0.1 ; a.test ; 1 5 2 0"},
    {"search .\n", "127.0.0.1 ; . ; 1 5 2 0"},

    {"options ndots:5 timeout:2 attempts:3\n", "127.0.0.1 ; ; 5 2 3 0"},
    {"options ndots:5\noptions timeout:2\n", "127.0.0.1 ; ; 5 2 2 0"},
    {"options ndots:0 timeout:0 attempts:0\n", "127.0.0.1 ; ; 0 1 1 0"},
    {"options ndots:99999999999 timeout:60 attempts:10\n", "127.0.0.1 ; ; 15 30 5 0"},
    {"options ndots:-5 timeout:-5 attempts:x\n", "127.0.0.1 ; ; 0 1 1 0"},
    {"options rotate\n", "127.0.0.1 ; ; 1 5 2 1"},
    {"options use-vc no-aaaa\n", "127.0.0.1 ; ; 1 5 2 6"},
    {"options edns0 trust-ad ndots:0\n", "127.0.0.1 ; ; 0 5 2 8"},
    {"options no-tld-query no_tld_query\n", "127.0.0.1 ; ; 1 5 2 16"},
    {"options single-request single-request-reopen inet6 debug xrotate ROTATE\n",
     "127.0.0.1 ; ; 1 5 2 0"},
};

START_TEST(a_file_is_read_as_glibc_reads_it)
{
    read_text(files[_i].text, "host");
    ck_assert_str_eq(shown(), files[_i].shown);
}
END_TEST

START_TEST(without_a_domain_that_of_the_host_is_searched)
{
    read_text("nameserver 10.0.0.1\n", "web.corp.test");
    ck_assert_str_eq(shown(), "10.0.0.1 ; corp.test ; 1 5 2 0");
    read_text("search a.test\n", "web.corp.test");
    ck_assert_str_eq(shown(), "127.0.0.1 ; a.test ; 1 5 2 0");
}
END_TEST

START_TEST(zone_of_a_server_is_kept)
{
    read_text("nameserver fe80::1%7\n", "host");
    ck_assert_uint_eq(conf.servers[0].zone, 7);
}
END_TEST

START_TEST(thirty_two_domains_are_searched_and_no_more)
{
    char text[1024] = "search";

    for (int i = 0; i < 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " d%d.test", i);
    read_text(text, "host");
    ck_assert_uint_eq(conf.n_domains, 32);
    ck_assert_ptr_nonnull(strstr(shown(), " d31.test ;"));
}
END_TEST

START_TEST(domains_of_2048_bytes_are_searched_and_none_is_cut)
{
    static char text[4096] = "search";

    /* 31 of 64 bytes with their blanks, and one that fills 2048. */
    for (int i = 0; i < 31; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %063d", i);
    snprintf(text + strlen(text), sizeof text - strlen(text), " %064d", 31);
    read_text(text, "host");
    ck_assert_uint_eq(conf.n_domains, 31);
    text[strlen(text) - 1] = '\0';
    read_text(text, "host");
    ck_assert_uint_eq(conf.n_domains, 32);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resolv_conf");

    HP_UNIT_TABLE(suite, a_file_is_read_as_glibc_reads_it, files);
    HP_UNIT_CASE(suite, without_a_domain_that_of_the_host_is_searched);
    HP_UNIT_CASE(suite, zone_of_a_server_is_kept);
    HP_UNIT_CASE(suite, thirty_two_domains_are_searched_and_no_more);
    HP_UNIT_CASE(suite, domains_of_2048_bytes_are_searched_and_none_is_cut);
    return hp_unit_run(suite);
}
