/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/resolve.h>

#include <healthprobe/base/array.h>

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "dns_client.h"
#include "hosts_file.h"
#include "resolv_conf.h"

static const int families[] = {AF_INET, AF_INET6};

#define N_FAMILIES ((int)HP_COUNT(families))

/* At most; the least timeout that resolv.conf can set. */
#define AAAA_OF_NO_NAME_NS HP_NS_PER_S

static bool is_localhost(const char *host)
{
    static const char name[] = "localhost";
    size_t len = strlen(host);
    size_t name_len = sizeof name - 1;

    if (len > 0 && host[len - 1] == '.')
        len--;
    if (len < name_len || strncasecmp(host + len - name_len, name, name_len) != 0)
        return false;
    return len == name_len || host[len - name_len - 1] == '.';
}

bool hp_host_is_loopback(const char *host)
{
    static const unsigned char v6[16] = {[15] = 1};
    struct hp_ip ip;

    if (!hp_ip_parse(&ip, host))
        return is_localhost(host);
    return ip.family == AF_INET ? ip.bytes[0] == IN_LOOPBACKNET
                                : memcmp(ip.bytes, v6, sizeof v6) == 0;
}

void hp_resolver_init(struct hp_resolver *ret, const char *host, uint16_t port,
                      struct hp_deadline deadline, atomic_uint *silent_servers)
{
    memset(ret, 0, offsetof(struct hp_resolver, list.items));
    ret->host = host;
    ret->port = port;
    ret->deadline = deadline;
    ret->silent_servers = silent_servers;
    if (hp_ip_parse(&ret->list.items[0], host)) {
        ret->list.n = 1;
        ret->asked = N_FAMILIES;
    } else if (strchr(host, ':') != NULL) {
        ret->asked = N_FAMILIES;
        snprintf(ret->said, sizeof ret->said, "not a valid address, or its zone does not exist");
    }
}

static void add_loopback(struct hp_ip_list *list, int family)
{
    static const unsigned char v4[4] = {127, 0, 0, 1};
    static const unsigned char v6[16] = {[15] = 1};

    hp_ip_list_add(list, family, family == AF_INET ? v4 : v6);
}

/*
 * Keep the more telling result of the two families; if they are the same, that of A. A name that
 * does not exist for A does not exist at all, unless AAAA is found.
 */
static void remember(struct hp_resolver *resolver, struct hp_dns_result result,
                     const struct hp_resolv_conf *conf)
{
    struct hp_buffer said;

    if (resolver->result.kind != HP_DNS_UNASKED && result.kind <= resolver->result.kind)
        return;
    if (resolver->result.kind == HP_DNS_NO_NAME && result.kind < HP_DNS_INTERNAL)
        return;
    resolver->result = result;
    hp_buffer_init(&said, resolver->said, sizeof resolver->said);
    hp_dns_describe(&said, &result, conf);
}

static void remember_shortage(struct hp_resolver *resolver, int error)
{
    resolver->result = (struct hp_dns_result){.kind = HP_DNS_INTERNAL, .code = error};
    snprintf(resolver->said, sizeof resolver->said, "%s", strerror(error));
}

/* False: out of descriptors or memory. As with glibc, a file that can't be read counts as empty. */
static bool open_file(FILE **ret, const char *path)
{
    *ret = fopen(path, "re");
    return *ret != NULL || !hp_errno_is_shortage(errno);
}

/* True: look nowhere else, not even for the other family if there is an address of one. */
static bool find_in_hosts(struct hp_resolver *resolver)
{
    FILE *file = NULL;

    if (!open_file(&file, "/etc/hosts"))
        remember_shortage(resolver, errno);
    for (int i = 0; file != NULL && i < N_FAMILIES; i++) {
        rewind(file);
        if (!hp_hosts_find(&resolver->list, file, resolver->host, families[i]))
            remember_shortage(resolver, ENOMEM);
    }
    if (file != NULL)
        fclose(file);
    return resolver->list.n > 0 || resolver->result.kind == HP_DNS_INTERNAL;
}

/* Returns 0, or the errno where this process is out of descriptors or memory. */
static int read_resolv_conf(struct hp_resolv_conf *ret)
{
    char hostname[HOST_NAME_MAX + 1] = "";
    FILE *file = NULL;
    bool good = false;

    gethostname(hostname, sizeof hostname - 1);
    if (!open_file(&file, "/etc/resolv.conf"))
        return errno;
    good = hp_resolv_conf_read(ret, file, hostname);
    if (file != NULL)
        fclose(file);
    return good ? 0 : ENOMEM;
}

/*
 * Some load balancers say for A that a name does not exist for which they have AAAA, and glibc
 * finds it. So AAAA is asked, but never takes all the time that is left.
 */
static struct hp_deadline time_to_ask(const struct hp_resolver *resolver)
{
    int64_t now_ns = hp_clock_now_ns();

    if (resolver->result.kind != HP_DNS_NO_NAME)
        return resolver->deadline;
    return hp_deadline_min(hp_deadline_at(now_ns, AAAA_OF_NO_NAME_NS),
                           hp_deadline_share_at(resolver->deadline, now_ns, 2));
}

static void ask_name_servers(struct hp_resolver *resolver, int family)
{
    struct hp_dns_client *client = malloc(sizeof *client);
    int error = client != NULL ? read_resolv_conf(&client->conf) : ENOMEM;
    atomic_uint unknown = 0;

    if (error != 0) {
        remember_shortage(resolver, error);
        free(client);
        return;
    }
    client->deadline = time_to_ask(resolver);
    client->silent = resolver->silent_servers != NULL ? resolver->silent_servers : &unknown;
    remember(resolver, hp_dns_search(client, resolver->host, family, &resolver->list),
             &client->conf);
    free(client);
}

static void ask_next_family(struct hp_resolver *resolver)
{
    int asked = resolver->asked++;

    resolver->list.n = 0;
    resolver->next = 0;
    if (is_localhost(resolver->host))
        add_loopback(&resolver->list, families[asked]);
    else if (asked == 0 && find_in_hosts(resolver))
        resolver->asked = N_FAMILIES;
    else
        ask_name_servers(resolver, families[asked]);
}

static bool is_used_up(const struct hp_resolver *resolver)
{
    return resolver->next == resolver->list.n && resolver->asked < N_FAMILIES;
}

bool hp_resolver_will_ask(const struct hp_resolver *resolver)
{
    return is_used_up(resolver) && !is_localhost(resolver->host);
}

bool hp_resolver_next(struct hp_resolver *resolver, struct hp_address *ret, size_t *ret_candidates)
{
    while (is_used_up(resolver))
        ask_next_family(resolver);
    if (resolver->next == resolver->list.n)
        return false;
    *ret_candidates = resolver->list.n - resolver->next + (resolver->asked < N_FAMILIES ? 1 : 0);
    hp_ip_address(ret, &resolver->list.items[resolver->next++], resolver->port);
    resolver->found = true;
    return true;
}

enum hp_reason hp_resolver_reason(const struct hp_resolver *resolver)
{
    switch ((int)resolver->result.kind) {
    case HP_DNS_INTERNAL:
        return HP_REASON_INTERNAL;
    case HP_DNS_SILENT:
        return HP_REASON_TIMEOUT;
    default:
        return HP_REASON_DNS;
    }
}

const char *hp_resolver_error(const struct hp_resolver *resolver)
{
    return resolver->said;
}
