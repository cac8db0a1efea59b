/* SPDX-License-Identifier: MIT */
#include "hosts_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\n\v\f\r"

static void read_line(struct hp_ip_list *list, char *line, const char *name, int family)
{
    unsigned char bytes[16];
    char *save = NULL;
    const char *address = NULL;
    const char *word = NULL;

    line[strcspn(line, "#")] = '\0';
    address = strtok_r(line, BLANKS, &save);
    if (address == NULL)
        return;
    while ((word = strtok_r(NULL, BLANKS, &save)) != NULL) {
        if (strcasecmp(word, name) == 0) {
            if (inet_pton(family, address, bytes) == 1)
                hp_ip_list_add(list, family, bytes);
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
