/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/names.h>
#include <healthprobe/base/utf8.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool hp_names_has(const struct hp_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

void hp_names_add(struct hp_names *names, const char *name)
{
    /* Cleaning makes three bytes of one: with room for them, a name is never cut unnoticed. */
    char clean[3 * HP_NAME_MAX + 1];
    size_t len = strlen(name);
    size_t clean_len;

    if (len > HP_NAME_MAX) {
        names->not_shown++;
        return;
    }
    clean_len = hp_utf8_clean(clean, sizeof clean, name, len);
    if (clean_len == 0 || hp_names_has(names, clean))
        return;
    if (clean_len > HP_NAME_MAX || names->n == HP_NAMES_MAX) {
        names->not_shown++;
        return;
    }
    memcpy(names->items[names->n++], clean, clean_len + 1);
}

void hp_notes_add(struct hp_notes *notes, const char *format, ...)
{
    char *note = NULL;
    va_list arguments;

    if (notes->n == HP_NOTES_MAX)
        return;
    note = notes->items[notes->n];
    va_start(arguments, format);
    vsnprintf(note, sizeof notes->items[0], format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < notes->n; i++)
        if (strcmp(notes->items[i], note) == 0)
            return;
    notes->n++;
}
