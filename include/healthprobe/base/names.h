/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_NAMES_H
#define HEALTHPROBE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/** The longest name of a check, and of a dropped parameter that is named. */
#define HP_NAME_MAX 32

/** How many names a list keeps. */
#define HP_NAMES_MAX 24

/**
 * A short list of names for the report (dropped parameters, skipped checks), each once. Holds no
 * pointers.
 */
struct hp_names {
    size_t n;
    char items[HP_NAMES_MAX][HP_NAME_MAX + 1]; /* fit to print */
    size_t not_shown;                          /* names that are not among the items */
};

/** Short texts for the report, such as that verification is off. */
#define HP_NOTES_MAX     16
#define HP_NOTE_TEXT_MAX 120

struct hp_notes {
    size_t n;
    char items[HP_NOTES_MAX][HP_NOTE_TEXT_MAX + 1];
};

/**
 * Add a name, cleaned by hp_utf8_clean(), unless it is empty or in the list. One that is longer
 * than HP_NAME_MAX, or has no room in the list, is only counted.
 */
void hp_names_add(struct hp_names *names, const char *name);

/** Is @name one of the items? */
bool hp_names_has(const struct hp_names *names, const char *name);

/** Add a note of our own words; one that is there already, or finds no room, is passed over. */
void hp_notes_add(struct hp_notes *notes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
