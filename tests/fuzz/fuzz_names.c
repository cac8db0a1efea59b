/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include "net/hosts_file.h"
#include "net/resolv_conf.h"
#include <healthprobe/net/dns_message.h>

#include <netinet/in.h>

/*
 * The inputs of name resolution: answers of name servers, resolv.conf and hosts; the first byte
 * selects one.
 */

static void read_answer(const uint8_t *data, size_t size, int family)
{
    static struct hp_ip_list list;
    struct hp_dns_query query;
    size_t bytes = family == AF_INET ? 4 : 16;
    struct hp_dns_result result;

    HP_FUZZ_CHECK(hp_dns_query_make(&query, "db.test", family, 0x1234, false));
    result = hp_dns_answer_read(&list, &query, data, size, (size & 1) != 0);
    HP_FUZZ_CHECK((result.kind == HP_DNS_FOUND) == (list.n > 0));
    HP_FUZZ_CHECK(list.n <= HP_ADDRESSES_MAX);
    for (size_t i = 0; i < list.n; i++)
        HP_FUZZ_CHECK(memmem(data, size, list.items[i].bytes, bytes) != NULL);
    /* An answer to this query contains its id and name. */
    if (result.kind == HP_DNS_FOUND)
        HP_FUZZ_CHECK(data[0] == 0x12 && data[1] == 0x34 && (data[2] & 0x80) != 0);
}

static void read_resolv_conf(FILE *file)
{
    static struct hp_resolv_conf conf;
    const char *domain = conf.domains;

    HP_FUZZ_CHECK(hp_resolv_conf_read(&conf, file, "web.corp.test"));
    HP_FUZZ_CHECK(conf.n_servers >= 1 && conf.n_servers <= HP_NAME_SERVERS_MAX);
    HP_FUZZ_CHECK(conf.n_domains >= 1 && conf.n_domains <= HP_SEARCH_DOMAINS_MAX);
    HP_FUZZ_CHECK(conf.ndots <= 15 && conf.timeout >= 1 && conf.timeout <= 30);
    HP_FUZZ_CHECK(conf.attempts >= 1 && conf.attempts <= 5);
    for (size_t i = 0; i < conf.n_domains; i++)
        domain += strlen(domain) + 1;
    HP_FUZZ_CHECK(domain == conf.domains + conf.domains_len);
}

static void read_hosts(FILE *file)
{
    static struct hp_ip_list list;

    list.n = 0;
    HP_FUZZ_CHECK(hp_hosts_find(&list, file, "db", AF_INET));
    HP_FUZZ_CHECK(hp_hosts_find(&list, file, "db", AF_INET6));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FILE *file = NULL;

    if (size < 2)
        return 0;
    if (data[0] == 'a' || data[0] == '6') {
        read_answer(data + 1, size - 1, data[0] == 'a' ? AF_INET : AF_INET6);
        return 0;
    }
    file = fmemopen((void *)(uintptr_t)(data + 1), size - 1, "r");
    if (data[0] == 'r')
        read_resolv_conf(file);
    else
        read_hosts(file);
    fclose(file);
    return 0;
}
