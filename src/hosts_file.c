/* SPDX-License-Identifier: MIT */
#include <healthprobe/hosts_file.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\n\v\f\r"

/* For IPv4, ::1 stands for 127.0.0.1, and ::ffff:10.1.2.3 for what it maps. */
static void add_address(struct hp_ip_list *list, const char *text, int family)
{
    static const unsigned char loopback[4] = {127, 0, 0, 1};
    unsigned char bytes[16];
    struct in6_addr in6;

    if (inet_pton(family, text, bytes) == 1) {
        hp_ip_list_add(list, family, bytes);
    } else if (family == AF_INET && inet_pton(AF_INET6, text, &in6) == 1) {
        if (IN6_IS_ADDR_V4MAPPED(&in6))
            hp_ip_list_add(list, AF_INET, &in6.s6_addr[12]);
        else if (IN6_IS_ADDR_LOOPBACK(&in6))
            hp_ip_list_add(list, AF_INET, loopback);
    }
}

static void read_line(struct hp_ip_list *list, char *line, const char *name, int family)
{
    char *save = NULL;
    const char *address = NULL;
    const char *word = NULL;

    line[strcspn(line, "#")] = '\0';
    address = strtok_r(line, BLANKS, &save);
    if (address == NULL)
        return;
    while ((word = strtok_r(NULL, BLANKS, &save)) != NULL) {
        if (strcasecmp(word, name) == 0) {
            add_address(list, address, family);
            return;
        }
    }
}

bool hp_hosts_find(struct hp_ip_list *ret, FILE *file, const char *name, int family)
{
    char *line = NULL;
    size_t size = 0;
    bool no_memory = false;

    errno = 0;
    while (getline(&line, &size, file) > 0)
        read_line(ret, line, name, family);
    no_memory = errno == ENOMEM;
    free(line);
    return !no_memory;
}
