/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/environment.h>

#include <string.h>

const char *hp_environment_get(char *const environment[], const char *name)
{
    size_t len = strlen(name);

    /* A hundred names are looked for; most variables differ in the first letter. */
    for (; *environment != NULL; environment++)
        if ((*environment)[0] == name[0] && strncmp(*environment, name, len) == 0 &&
            (*environment)[len] == '=')
            return (*environment)[len + 1] != '\0' ? *environment + len + 1 : NULL;
    return NULL;
}
