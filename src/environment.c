/* SPDX-License-Identifier: MIT */
#include <healthprobe/environment.h>

#include <string.h>

const char *hp_environment_get(char *const environment[], const char *name)
{
    size_t len = strlen(name);

    for (; *environment != NULL; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return (*environment)[len + 1] != '\0' ? *environment + len + 1 : NULL;
    return NULL;
}
