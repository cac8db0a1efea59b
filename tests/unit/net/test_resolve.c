/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/net/resolve.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct hp_resolver resolver;

static void init(const char *host, uint16_t port)
{
    hp_resolver_init(&resolver, host, port, hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S), NULL);
}

/** The port of an address, whatever its family. */
static int port_of(const struct hp_address *address)
{
    struct sockaddr_in6 in6;
    struct sockaddr_in in;

    if (address->addr.ss_family == AF_INET6) {
        ck_assert_uint_eq(address->len, sizeof in6);
        memcpy(&in6, &address->addr, sizeof in6);
        return ntohs(in6.sin6_port);
    }
    ck_assert_int_eq(address->addr.ss_family, AF_INET);
    ck_assert_uint_eq(address->len, sizeof in);
    memcpy(&in, &address->addr, sizeof in);
    return ntohs(in.sin_port);
}

static const struct {
    const char *host;
    const char *shown;
} literals[] = {
    {"127.0.0.1", "127.0.0.1"},
    {"10.1.2.3", "10.1.2.3"},
    {"255.255.255.255", "255.255.255.255"},
    {"0.0.0.0", "0.0.0.0"},
    {"::1", "::1"},
    {"::", "::"},
    {"2001:db8::1", "2001:db8::1"},
    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
    {"::ffff:10.1.2.3", "::ffff:10.1.2.3"},
    {"fe80::1%lo", "fe80::1%lo"},
    /* As inet_aton(3) reads them, which glibc and musl ask. */
    {"127.1", "127.0.0.1"},
    {"10.1.515", "10.1.2.3"},
    {"0x7f.1", "127.0.0.1"},
    {"0177.0.0.1", "127.0.0.1"},
    {"2130706433", "127.0.0.1"},
};

START_TEST(literal_is_itself_and_never_looked_up)
{
    struct hp_address address;
    size_t candidates = 0;
    char shown[128];

    init(literals[_i].host, 6379);
    ck_assert(!hp_resolver_will_ask(&resolver));
    ck_assert(hp_resolver_next(&resolver, &address, &candidates));
    ck_assert_uint_eq(candidates, 1);
    ck_assert_int_eq(port_of(&address), 6379);
    ck_assert(hp_address_literal(&address, shown, sizeof shown));
    ck_assert_str_eq(shown, literals[_i].shown);
    ck_assert(!hp_resolver_will_ask(&resolver));
    ck_assert(!hp_resolver_next(&resolver, &address, &candidates));
    ck_assert(resolver.found);
}
END_TEST

START_TEST(zone_becomes_the_scope_of_the_address)
{
    struct hp_address address;
    struct sockaddr_in6 in6;
    size_t candidates = 0;

    init("fe80::1%lo", 80);
    ck_assert(hp_resolver_next(&resolver, &address, &candidates));
    memcpy(&in6, &address.addr, sizeof in6);
    ck_assert_uint_eq(in6.sin6_scope_id, if_nametoindex("lo"));
}
END_TEST

static const char *const no_literals[] = {
    "::1::",
    ":::",
    "fe80::1%1x",
    "fe80::1%",
    "2001:db8::g",
    "fe80::1%there-is-no-such-zone",
    "1:2:3:4:5:6:7:8:9",
    "a:b",
};

START_TEST(invalid_literal_is_not_looked_up_either)
{
    struct hp_address address;
    size_t candidates = 0;

    init(no_literals[_i], 80);
    ck_assert(!hp_resolver_will_ask(&resolver));
    ck_assert(!hp_resolver_next(&resolver, &address, &candidates));
    ck_assert(!resolver.found);
    ck_assert_ptr_nonnull(hp_resolver_error(&resolver));
    ck_assert_str_ne(hp_resolver_error(&resolver), "");
}
END_TEST

static const char *const loopback_names[] = {
    "localhost",     "LOCALHOST",       "LocalHost",      "localhost.",
    "app.localhost", "a.b.c.localhost", "app.localhost.", "APP.LocalHost",
};

START_TEST(localhost_is_both_loopback_addresses_without_a_lookup)
{
    struct hp_address address;
    size_t candidates = 0;
    char shown[64];

    init(loopback_names[_i], 3000);
    ck_assert(!hp_resolver_will_ask(&resolver));
    ck_assert(hp_resolver_next(&resolver, &address, &candidates));
    ck_assert_uint_eq(candidates, 2);
    ck_assert_int_eq(port_of(&address), 3000);
    ck_assert(hp_address_literal(&address, shown, sizeof shown));
    ck_assert_str_eq(shown, "127.0.0.1");

    ck_assert(!hp_resolver_will_ask(&resolver));
    ck_assert(hp_resolver_next(&resolver, &address, &candidates));
    ck_assert_uint_eq(candidates, 1);
    ck_assert_int_eq(port_of(&address), 3000);
    ck_assert(hp_address_literal(&address, shown, sizeof shown));
    ck_assert_str_eq(shown, "::1");

    ck_assert(!hp_resolver_next(&resolver, &address, &candidates));
    ck_assert(resolver.found);
}
END_TEST

/* Asked about only; what a test's machine would answer is not the test's matter. */
static const char *const other_names[] = {
    "redis",       "db.example.test", "localhost.example.test",
    "localhost4",  "mylocalhost",     "localhost.localdomain",
    "ocalhost",    "localhos",        "local.host",
    "localhost..", "app-localhost",   "1.2.3.4.example.test",
};

START_TEST(other_names_are_looked_up)
{
    init(other_names[_i], 80);
    ck_assert(hp_resolver_will_ask(&resolver));
    ck_assert(!resolver.found);
}
END_TEST

START_TEST(address_of_no_ip_family_has_no_literal)
{
    struct hp_address address = {.len = sizeof(sa_family_t)};
    char shown[64];

    address.addr.ss_family = AF_UNIX;
    ck_assert(!hp_address_literal(&address, shown, sizeof shown));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resolve");

    HP_UNIT_TABLE(suite, literal_is_itself_and_never_looked_up, literals);
    HP_UNIT_CASE(suite, zone_becomes_the_scope_of_the_address);
    HP_UNIT_TABLE(suite, invalid_literal_is_not_looked_up_either, no_literals);
    HP_UNIT_TABLE(suite, localhost_is_both_loopback_addresses_without_a_lookup, loopback_names);
    HP_UNIT_TABLE(suite, other_names_are_looked_up, other_names);
    HP_UNIT_CASE(suite, address_of_no_ip_family_has_no_literal);
    return hp_unit_run(suite);
}
