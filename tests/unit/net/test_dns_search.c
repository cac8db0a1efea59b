/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "net/dns_client.h"

#include <stdio.h>
#include <string.h>

/* Which names are asked for, and which answer counts. The name servers are this table. */
static const struct {
    const char *name;
    struct hp_dns_result result;
} known[] = {
    {"here", {.kind = HP_DNS_FOUND}},
    {"here.test", {.kind = HP_DNS_FOUND}},
    {"db.a.test", {.kind = HP_DNS_FOUND}},
    {"db.sub.a.test", {.kind = HP_DNS_FOUND}},
    {"db.servfail.test", {.kind = HP_DNS_ERROR, .code = HP_DNS_SERVFAIL, .servers = 1}},
    {"db.refused.test", {.kind = HP_DNS_ERROR, .code = HP_DNS_REFUSED, .servers = 1}},
    {"db.notimp.test", {.kind = HP_DNS_ERROR, .code = HP_DNS_NOTIMP, .servers = 1}},
    {"db.formerr.test", {.kind = HP_DNS_ERROR, .code = HP_DNS_FORMERR, .servers = 1}},
    {"db.nodata.test", {.kind = HP_DNS_NO_DATA}},
    {"db.dangling.test", {.kind = HP_DNS_NO_ADDRESS}},
    {"db.silent.test", {.kind = HP_DNS_SILENT, .servers = 1}},
    {"db.nobody.test", {.kind = HP_DNS_UNREACHABLE, .servers = 1}},
    {"db.internal.test", {.kind = HP_DNS_INTERNAL, .code = 24}},
    {"bad.test", {.kind = HP_DNS_ERROR, .code = HP_DNS_SERVFAIL, .servers = 1}},
};

static char asked[512];

/* In place of the real one. */
struct hp_dns_result hp_dns_ask(struct hp_dns_client *client, const char *name, int family,
                                struct hp_ip_list *ret)
{
    (void)client;
    (void)family;
    (void)ret;
    snprintf(asked + strlen(asked), sizeof asked - strlen(asked), "%s ", name);
    for (size_t i = 0; i < HP_UNIT_ROWS(known); i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].result;
    return (struct hp_dns_result){.kind = HP_DNS_NO_NAME};
}

static const struct {
    const char *host;
    const char *domains; /* each ends in a blank */
    unsigned ndots;
    const char *asked;
    enum hp_dns_kind kind;
    unsigned options;
} searches[] = {
    {"here", "", 1, "here ", HP_DNS_FOUND, 0},
    {"here", "a.test ", 1, "here.a.test here ", HP_DNS_FOUND, 0},
    {"here", "a.test ", 0, "here ", HP_DNS_FOUND, 0},
    {"here.", "a.test ", 5, "here. ", HP_DNS_NO_NAME, 0},
    {"db", "a.test b.test ", 1, "db.a.test ", HP_DNS_FOUND, 0},
    {"db", "b.test a.test ", 1, "db.b.test db.a.test ", HP_DNS_FOUND, 0},
    {"db", "b.test c.test ", 1, "db.b.test db.c.test db ", HP_DNS_NO_NAME, 0},
    {"db", "b.test ", 1, "db.b.test ", HP_DNS_NO_NAME, HP_RESOLV_NO_TLD_QUERY},
    {"db", "", 1, "db ", HP_DNS_NO_NAME, HP_RESOLV_NO_TLD_QUERY},
    {"db", ". a.test ", 1, "db. db.a.test ", HP_DNS_FOUND, 0},
    {"db", "b.test . ", 1, "db.b.test db. ", HP_DNS_NO_NAME, 0},
    {"db", ".a.test ", 1, "db.a.test ", HP_DNS_FOUND, 0},
    {"here.test", "a.test ", 1, "here.test ", HP_DNS_FOUND, 0},
    {"here.test", "a.test ", 5, "here.test.a.test here.test ", HP_DNS_FOUND, 0},
    {"db.sub", "a.test ", 1, "db.sub db.sub.a.test ", HP_DNS_FOUND, 0},
    {"db.sub", "a.test ", 2, "db.sub.a.test ", HP_DNS_FOUND, 0},
    {"db.sub", "a.test ", 5, "db.sub.a.test ", HP_DNS_FOUND, HP_RESOLV_NO_TLD_QUERY},
    {"no.sub", "b.test ", 5, "no.sub.b.test no.sub ", HP_DNS_NO_NAME, HP_RESOLV_NO_TLD_QUERY},
    /* On to the next domain. */
    {"db", "servfail.test a.test ", 1, "db.servfail.test db.a.test ", HP_DNS_FOUND, 0},
    {"db", "refused.test a.test ", 1, "db.refused.test db.a.test ", HP_DNS_FOUND, 0},
    {"db", "nodata.test a.test ", 1, "db.nodata.test db.a.test ", HP_DNS_FOUND, 0},
    /* No further domain, but the name itself. */
    {"db", "notimp.test a.test ", 1, "db.notimp.test db ", HP_DNS_ERROR, 0},
    {"db", "formerr.test a.test ", 1, "db.formerr.test db ", HP_DNS_ERROR, 0},
    {"db", "silent.test a.test ", 1, "db.silent.test db ", HP_DNS_SILENT, 0},
    /* No further name at all. */
    {"db", "dangling.test a.test ", 1, "db.dangling.test ", HP_DNS_NO_ADDRESS, 0},
    {"db", "nobody.test a.test ", 1, "db.nobody.test ", HP_DNS_UNREACHABLE, 0},
    {"db", "internal.test a.test ", 1, "db.internal.test ", HP_DNS_INTERNAL, 0},
    /* What is reported where nothing was found. */
    {"db", "servfail.test b.test ", 1, "db.servfail.test db.b.test db ", HP_DNS_ERROR, 0},
    {"db", "nodata.test b.test ", 1, "db.nodata.test db.b.test db ", HP_DNS_NO_DATA, 0},
    {"db", "servfail.test ", 0, "db db.servfail.test ", HP_DNS_NO_NAME, 0},
    {"bad.test", "b.test ", 1, "bad.test bad.test.b.test ", HP_DNS_ERROR, 0},
    {"bad.test", "b.test ", 5, "bad.test.b.test bad.test ", HP_DNS_ERROR, 0},
    /* Not a host's name: nobody is asked. */
    {"-db", "a.test ", 1, "", HP_DNS_BAD_NAME, 0},
    {"d b", "a.test ", 1, "", HP_DNS_BAD_NAME, 0},
    {"d\xc3\xa4", "a.test ", 1, "", HP_DNS_BAD_NAME, 0},
    {"d\\.b", "a.test ", 1, "", HP_DNS_BAD_NAME, 0},
    {"my_service_1", "a.test ", 1, "my_service_1.a.test my_service_1 ", HP_DNS_NO_NAME, 0},
};

START_TEST(names_are_searched_as_glibc_does)
{
    static struct hp_dns_client client;
    static struct hp_ip_list list;

    asked[0] = '\0';
    memset(&client, 0, sizeof client);
    client.conf.ndots = searches[_i].ndots;
    client.conf.options = searches[_i].options;
    for (const char *p = searches[_i].domains; *p != '\0'; p++) {
        client.conf.domains[client.conf.domains_len++] = *p == ' ' ? '\0' : *p;
        client.conf.n_domains += *p == ' ';
    }
    ck_assert_int_eq(hp_dns_search(&client, searches[_i].host, AF_INET, &list).kind,
                     searches[_i].kind);
    ck_assert_str_eq(asked, searches[_i].asked);
}
END_TEST

START_TEST(a_domain_that_makes_the_name_too_long_ends_the_search)
{
    static struct hp_dns_client client;
    static struct hp_ip_list list;

    asked[0] = '\0';
    client.conf.ndots = 1;
    client.conf.n_domains = 2;
    memset(client.conf.domains, 'a', 1000);
    memcpy(client.conf.domains + 1001, "a.test", 7);
    ck_assert_int_eq(hp_dns_search(&client, "db", AF_INET, &list).kind, HP_DNS_NO_NAME);
    ck_assert_str_eq(asked, "db ");
}
END_TEST

static const struct {
    struct hp_dns_result result;
    const char *words;
} words[] = {
    {{.kind = HP_DNS_NO_NAME}, "the name does not exist"},
    {{.kind = HP_DNS_NO_DATA}, "the name has no address"},
    {{.kind = HP_DNS_NO_ADDRESS}, "the name has no address"},
    {{.kind = HP_DNS_BAD_NAME}, "not a valid host name"},
    {{.kind = HP_DNS_UNREACHABLE, .servers = 1}, "name server 10.0.0.1 cannot be reached"},
    {{.kind = HP_DNS_SILENT, .servers = 2}, "no answer from name server 2001:db8::2"},
    {{.kind = HP_DNS_SILENT, .servers = 3}, "no answer from name servers 10.0.0.1, 2001:db8::2"},
    {{.kind = HP_DNS_MALFORMED, .servers = 1}, "name server 10.0.0.1 sent a malformed answer"},
    {{.kind = HP_DNS_REFERRAL, .servers = 1}, "name server 10.0.0.1 gave no answer"},
    {{.kind = HP_DNS_ERROR, .code = 2, .servers = 1}, "name server 10.0.0.1 answered SERVFAIL"},
    {{.kind = HP_DNS_ERROR, .code = 5, .servers = 3},
     "name servers 10.0.0.1, 2001:db8::2 answered REFUSED"},
    {{.kind = HP_DNS_ERROR, .code = 1, .servers = 1}, "name server 10.0.0.1 answered FORMERR"},
    {{.kind = HP_DNS_ERROR, .code = 4, .servers = 1}, "name server 10.0.0.1 answered NOTIMP"},
    {{.kind = HP_DNS_ERROR, .code = 9, .servers = 1}, "name server 10.0.0.1 answered with code 9"},
};

START_TEST(a_result_names_its_servers)
{
    struct hp_resolv_conf conf = {.n_servers = 2};
    char storage[160];
    struct hp_buffer text;

    ck_assert(hp_ip_parse(&conf.servers[0], "10.0.0.1"));
    ck_assert(hp_ip_parse(&conf.servers[1], "2001:db8::2"));
    hp_buffer_init(&text, storage, sizeof storage);
    hp_dns_describe(&text, &words[_i].result, &conf);
    ck_assert_str_eq(storage, words[_i].words);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dns_search");

    HP_UNIT_TABLE(suite, names_are_searched_as_glibc_does, searches);
    HP_UNIT_CASE(suite, a_domain_that_makes_the_name_too_long_ends_the_search);
    HP_UNIT_TABLE(suite, a_result_names_its_servers, words);
    return hp_unit_run(suite);
}
