/* SPDX-License-Identifier: MIT */
#include "resolv_conf.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n"

/* What follows @keyword at the start of the line; NULL: it is another line. */
static char *value_of(char *line, const char *keyword)
{
    size_t len = strlen(keyword);
    size_t blanks = hp_after_prefix(line, keyword) != NULL ? strspn(line + len, " \t") : 0;

    return blanks > 0 ? line + len + blanks : NULL;
}

static void add_server(struct hp_resolv_conf *conf, char *value)
{
    value[strcspn(value, BLANKS)] = '\0';
    if (conf->n_servers < HP_NAME_SERVERS_MAX &&
        hp_ip_parse(&conf->servers[conf->n_servers], value))
        conf->n_servers++;
}

static void add_domain(struct hp_resolv_conf *conf, const char *domain)
{
    size_t size = strlen(domain) + 1;

    if (conf->n_domains == HP_SEARCH_DOMAINS_MAX || size > sizeof conf->domains - conf->domains_len)
        return;
    memcpy(conf->domains + conf->domains_len, domain, size);
    conf->domains_len += size;
    conf->n_domains++;
}

/* The last line with any domain replaces the others. */
static void set_domains(struct hp_resolv_conf *conf, char *value, size_t most)
{
    char *save = NULL;
    char *domain = strtok_r(value, BLANKS, &save);

    if (domain == NULL)
        return;
    conf->n_domains = 0;
    conf->domains_len = 0;
    for (; domain != NULL && most > 0; most--) {
        add_domain(conf, domain);
        domain = strtok_r(NULL, BLANKS, &save);
    }
}

static unsigned number(const char *text, unsigned least, unsigned most)
{
    long n = strtol(text, NULL, 10);

    if (n < (long)least)
        return least;
    return n > (long)most ? most : (unsigned)n;
}

/* The ranges are glibc's (resolv.h), except that it allows 0 attempts, which asks nobody. */
static void set_option(struct hp_resolv_conf *conf, const char *word)
{
    static const struct {
        const char *name;
        enum hp_resolv_option option;
    } options[] = {
        {"rotate", HP_RESOLV_ROTATE},
        {"use-vc", HP_RESOLV_USE_VC},
        {"no-aaaa", HP_RESOLV_NO_AAAA},
        {"edns0", HP_RESOLV_EDNS0},
        {"no-tld-query", HP_RESOLV_NO_TLD_QUERY},
        {"no_tld_query", HP_RESOLV_NO_TLD_QUERY},
    };
    const char *value = NULL;

    if ((value = hp_after_prefix(word, "ndots:")) != NULL)
        conf->ndots = number(value, 0, 15);
    else if ((value = hp_after_prefix(word, "timeout:")) != NULL)
        conf->timeout = number(value, 1, 30);
    else if ((value = hp_after_prefix(word, "attempts:")) != NULL)
        conf->attempts = number(value, 1, 5);
    for (size_t i = 0; i < HP_COUNT(options); i++)
        if (hp_after_prefix(word, options[i].name) != NULL)
            conf->options |= options[i].option;
}

static void set_options(struct hp_resolv_conf *conf, char *value)
{
    char *save = NULL;

    for (char *word = strtok_r(value, BLANKS, &save); word != NULL;
         word = strtok_r(NULL, BLANKS, &save))
        set_option(conf, word);
}

static void read_line(struct hp_resolv_conf *conf, char *line)
{
    char *value = NULL;

    if ((value = value_of(line, "nameserver")) != NULL)
        add_server(conf, value);
    else if ((value = value_of(line, "search")) != NULL)
        set_domains(conf, value, HP_SEARCH_DOMAINS_MAX);
    else if ((value = value_of(line, "domain")) != NULL)
        set_domains(conf, value, 1);
    else if ((value = value_of(line, "options")) != NULL)
        set_options(conf, value);
}

bool hp_resolv_conf_read(struct hp_resolv_conf *ret, FILE *file, const char *hostname)
{
    const char *dot = strchr(hostname, '.');
    char *line = NULL;
    size_t size = 0;
    bool no_memory = false;

    memset(ret, 0, sizeof *ret);
    ret->ndots = 1;
    ret->timeout = 5;
    ret->attempts = 2;
    errno = 0;
    while (file != NULL && getline(&line, &size, file) > 0)
        read_line(ret, line);
    no_memory = errno == ENOMEM;
    free(line);
    if (ret->n_servers == 0)
        ret->n_servers = hp_ip_parse(&ret->servers[0], "127.0.0.1") ? 1 : 0;
    if (ret->n_domains == 0 && dot != NULL)
        add_domain(ret, dot + 1);
    return !no_memory;
}
