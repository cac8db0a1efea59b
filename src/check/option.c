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

void hp_option_add_words(struct hp_buffer *ret, const char *const *words, const char *conjunction)
{
    for (const char *const *word = words; *word != NULL; word++) {
        if (word != words && word[1] == NULL)
            hp_buffer_add_format(ret, " %s ", conjunction);
        else if (word != words)
            hp_buffer_add(ret, ", ");
        hp_buffer_add(ret, *word);
    }
}
