/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/option.h>

#include <stddef.h>

const struct hp_option *hp_option_of_role(const struct hp_option *rows, enum hp_option_role role)
{
    for (; rows->name != NULL; rows++)
        if (rows->role == role)
            return rows;
    return NULL;
}

void hp_option_add_choices(struct hp_buffer *ret, const struct hp_option *option)
{
    for (const char *const *choice = option->choices; *choice != NULL; choice++) {
        const char *separator = choice[1] != NULL ? ", " : " or ";
        hp_buffer_add_format(ret, "%s%s", choice == option->choices ? "" : separator, *choice);
    }
}
