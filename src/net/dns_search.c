/* SPDX-License-Identifier: MIT */
#include "dns_client.h"

#include <healthprobe/base/array.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* Room for a name and a domain, each at most as long as a message allows. */
#define CANDIDATE_SIZE (2 * HP_DNS_NAME_SIZE + 2)

/* What glibc accepts as a host name (resolv/res-name-checking.c). */
static bool is_host_name(const char *host)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    return host[0] != '-' && host[strspn(host, allowed)] == '\0' && strlen(host) < HP_DNS_NAME_SIZE;
}

static struct hp_dns_result ask_below(struct hp_dns_client *client, const char *host,
                                      const char *domain, int family, struct hp_ip_list *ret)
{
    char name[CANDIDATE_SIZE];
    int len = snprintf(name, sizeof name, "%s.%s", host, domain);

    if (len < 0 || (size_t)len >= sizeof name)
        return (struct hp_dns_result){.kind = HP_DNS_BAD_NAME};
    return hp_dns_ask(client, name, family, ret);
}

/* Is it useless to ask for another name? */
static bool is_final(enum hp_dns_kind kind)
{
    return kind == HP_DNS_FOUND || kind == HP_DNS_NO_ADDRESS || kind == HP_DNS_UNREACHABLE ||
           kind == HP_DNS_INTERNAL;
}

static bool leads_to_next_domain(const struct hp_dns_result *result)
{
    if (result->kind == HP_DNS_ERROR)
        return result->code == HP_DNS_SERVFAIL || result->code == HP_DNS_REFUSED;
    return result->kind == HP_DNS_NO_NAME || result->kind == HP_DNS_NO_DATA;
}

/* Ask in each search domain. @ret_has_root: one is the root, which gives the name itself. */
static struct hp_dns_result ask_in_domains(struct hp_dns_client *client, const char *host,
                                           int family, struct hp_ip_list *ret, bool *ret_has_root)
{
    const struct hp_resolv_conf *conf = &client->conf;
    struct hp_dns_result result = {.kind = HP_DNS_UNASKED};
    const char *domain = conf->domains;

    for (size_t i = 0; i < conf->n_domains; i++) {
        const char *relative = domain[0] == '.' ? domain + 1 : domain;
        struct hp_dns_result answer = ask_below(client, host, relative, family, ret);
        *ret_has_root = *ret_has_root || relative[0] == '\0';
        if (is_final(answer.kind))
            return answer;
        result = hp_dns_more_telling(result, answer);
        if (!leads_to_next_domain(&answer))
            break;
        domain += strlen(domain) + 1;
    }
    return result;
}

struct hp_dns_result hp_dns_search(struct hp_dns_client *client, const char *host, int family,
                                   struct hp_ip_list *ret)
{
    const struct hp_resolv_conf *conf = &client->conf;
    bool absolute = host[0] != '\0' && host[strlen(host) - 1] == '.';
    struct hp_dns_result as_it_is = {.kind = HP_DNS_UNASKED};
    struct hp_dns_result below;
    bool has_root = false;
    unsigned dots = 0;

    if (!is_host_name(host))
        return (struct hp_dns_result){.kind = HP_DNS_BAD_NAME};
    for (const char *p = host; *p != '\0'; p++)
        dots += *p == '.';
    if (absolute || dots >= conf->ndots) {
        as_it_is = hp_dns_ask(client, host, family, ret);
        if (absolute || is_final(as_it_is.kind))
            return as_it_is;
    }
    below = ask_in_domains(client, host, family, ret, &has_root);
    if (is_final(below.kind))
        return below;
    /* If the name itself was looked up first, its result says more than those of the domains. */
    if (as_it_is.kind != HP_DNS_UNASKED)
        return as_it_is;
    if (has_root ||
        (dots == 0 && conf->n_domains > 0 && (conf->options & HP_RESOLV_NO_TLD_QUERY) != 0))
        return below;
    return hp_dns_more_telling(below, hp_dns_ask(client, host, family, ret));
}

/* --- words ------------------------------------------------------------------------------------ */

static void add_servers(struct hp_buffer *ret, unsigned servers, const struct hp_resolv_conf *conf)
{
    const char *between = (servers & (servers - 1)) != 0 ? "name servers " : "name server ";

    for (size_t i = 0; i < conf->n_servers; i++) {
        char text[INET6_ADDRSTRLEN];
        if ((servers >> i & 1) == 0 ||
            inet_ntop(conf->servers[i].family, conf->servers[i].bytes, text, sizeof text) == NULL)
            continue;
        hp_buffer_add_format(ret, "%s%s", between, text);
        between = ", ";
    }
}

static void add_code(struct hp_buffer *ret, int code)
{
    static const char *const names[] = {[HP_DNS_FORMERR] = "FORMERR",
                                        [HP_DNS_SERVFAIL] = "SERVFAIL",
                                        [HP_DNS_NXDOMAIN] = "NXDOMAIN",
                                        [HP_DNS_NOTIMP] = "NOTIMP",
                                        [HP_DNS_REFUSED] = "REFUSED"};

    if (code > 0 && (size_t)code < HP_COUNT(names))
        hp_buffer_add_format(ret, " answered %s", names[code]);
    else
        hp_buffer_add_format(ret, " answered with code %d", code);
}

void hp_dns_describe(struct hp_buffer *ret, const struct hp_dns_result *result,
                     const struct hp_resolv_conf *conf)
{
    switch ((int)result->kind) {
    case HP_DNS_NO_NAME:
        hp_buffer_add(ret, "the name does not exist");
        break;
    case HP_DNS_BAD_NAME:
        hp_buffer_add(ret, "not a valid host name");
        break;
    case HP_DNS_INTERNAL:
        hp_buffer_add(ret, strerror(result->code));
        break;
    case HP_DNS_SILENT:
        hp_buffer_add(ret, result->servers != 0 ? "no answer from " : "no time for a name server");
        add_servers(ret, result->servers, conf);
        break;
    case HP_DNS_UNREACHABLE:
        add_servers(ret, result->servers, conf);
        hp_buffer_add(ret, " cannot be reached");
        break;
    case HP_DNS_MALFORMED:
        add_servers(ret, result->servers, conf);
        hp_buffer_add(ret, " sent a malformed answer");
        break;
    case HP_DNS_REFERRAL:
        add_servers(ret, result->servers, conf);
        hp_buffer_add(ret, " gave no answer");
        break;
    case HP_DNS_ERROR:
        add_servers(ret, result->servers, conf);
        add_code(ret, result->code);
        break;
    default:
        hp_buffer_add(ret, "the name has no address");
        break;
    }
}
