/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "net/hosts_file.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char hosts[] = "127.0.0.1 localhost\n"
                            "# 10.9.9.9 commented\n"
                            "10.0.0.1 db db.internal # commented\n"
                            "\t 10.0.0.2\tDB\r\n"
                            "10.0.0.3 other alias\n"
                            "10.0.0.4\n"
                            "\n"
                            "999.0.0.1 db\n"
                            "10.0.5 db\n"
                            "db 10.0.0.6\n"
                            "2001:db8::1 db six\n"
                            "fe80::1%lo zoned\n"
                            "::1 loop\n"
                            "::ffff:10.0.0.7 mapped\n"
                            "10.0.0.8 my_service_1 trailing.\n"
                            "10.0.0.9 last";

static const struct {
    const char *name;
    int family;
    const char *addresses;
} names[] = {
    {"db", AF_INET, "10.0.0.1 10.0.0.2 "},
    {"Db", AF_INET, "10.0.0.1 10.0.0.2 "},
    {"db.internal", AF_INET, "10.0.0.1 "},
    {"alias", AF_INET, "10.0.0.3 "},
    {"db", AF_INET6, "2001:db8::1 "},
    {"six", AF_INET, ""},
    {"other", AF_INET6, ""},
    {"commented", AF_INET, ""},
    {"10.0.0.4", AF_INET, ""},
    {"d", AF_INET, ""},
    {"db.", AF_INET, ""},
    {"trailing.", AF_INET, "10.0.0.8 "},
    {"my_service_1", AF_INET, "10.0.0.8 "},
    {"zoned", AF_INET6, ""},
    /* As glibc has them where both families are wanted. */
    {"loop", AF_INET, ""},
    {"loop", AF_INET6, "::1 "},
    {"mapped", AF_INET, ""},
    {"mapped", AF_INET6, "::ffff:10.0.0.7 "},
    {"last", AF_INET, "10.0.0.9 "},
};

START_TEST(a_name_has_all_addresses_of_its_lines_and_of_its_family)
{
    static struct hp_ip_list list;
    char found[256] = "";
    FILE *file = fmemopen((void *)(uintptr_t)hosts, sizeof hosts - 1, "r");

    list.n = 0;
    ck_assert(hp_hosts_find(&list, file, names[_i].name, names[_i].family));
    fclose(file);
    for (size_t i = 0; i < list.n; i++) {
        char text[INET6_ADDRSTRLEN];
        ck_assert_int_eq(list.items[i].family, names[_i].family);
        inet_ntop(list.items[i].family, list.items[i].bytes, text, sizeof text);
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s ", text);
    }
    ck_assert_str_eq(found, names[_i].addresses);
}
END_TEST

START_TEST(addresses_without_room_are_ignored)
{
    static struct hp_ip_list list;
    static char text[300 * 16];
    FILE *file;

    for (int i = 0; i < 300; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "10.0.%d.%d db\n", i / 250,
                 i % 250);
    file = fmemopen(text, strlen(text), "r");
    list.n = 0;
    ck_assert(hp_hosts_find(&list, file, "db", AF_INET));
    fclose(file);
    ck_assert_uint_eq(list.n, HP_ADDRESSES_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hosts_file");

    HP_UNIT_TABLE(suite, a_name_has_all_addresses_of_its_lines_and_of_its_family, names);
    HP_UNIT_CASE(suite, addresses_without_room_are_ignored);
    return hp_unit_run(suite);
}
