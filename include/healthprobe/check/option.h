/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_OPTION_H
#define HEALTHPROBE_OPTION_H

#include <healthprobe/base/buffer.h>

enum hp_option_flags {
    HP_OPTION_REPEATABLE = 1 << 0, /* may be given several times; its twin holds one value a line */
    HP_OPTION_SOURCE = 1 << 1,     /* a value may be env:NAME or file:PATH; has a twin …_FILE */
    HP_OPTION_TARGET = 1 << 2,     /* names what a check connects to */
    HP_OPTION_HEADER = 1 << 3,     /* env: and file: hold for the part after "Name: " */
    HP_OPTION_PATH = 1 << 4,       /* names a file */
    HP_OPTION_ACTION = 1 << 5,     /* --help and --version: no twin, and for every command */
    HP_OPTION_WAIT = 1 << 6,       /* belongs to `wait` alone */
    HP_OPTION_PRIVATE = 1 << 7,    /* its value is never shown; as with HP_OPTION_SOURCE */
    HP_OPTION_WORDS = 1 << 8, /* a list of kinds, checks or reasons; its twin may hold others */
};

/** What the options of several kinds have in common; each kind has one of it at most. */
enum hp_option_role {
    HP_ROLE_NONE = 0,
    HP_ROLE_TIMEOUT,
    HP_ROLE_SLOW,
    HP_ROLE_PASSWORD,
    HP_ROLE_CA,
    HP_ROLE_CERT,
    HP_ROLE_KEY,
    HP_ROLE_INSECURE,
    HP_ROLE_IMPLIED /* on, it lets a variable imply the target */
};

/**
 * A row of the option table. Parsing, environment twins and --help are made
 * from the rows of all kinds and the general ones.
 */
struct hp_option {
    const char *name;     /* without "--" */
    const char *metavar;  /* NULL: a boolean */
    const char *fallback; /* the default, in the words of a value; NULL: none */
    const char *help;     /* NULL: its choices */
    unsigned flags;
    enum hp_option_role role;
    const char *const *choices; /* the words it may be, NULL-terminated; NULL: any */
    const char *also; /* what other tools call it: "t max-time port=:PORT", a form behind "=" */
    char letter;      /* "-h" is it, too; 0: none is */
};

/** Row of @rows for @role; NULL: there is none. @rows end with one that has no name. */
const struct hp_option *hp_option_of_role(const struct hp_option *rows, enum hp_option_role role);

/** Add "a, b or c" where @conjunction is "or". @words end with NULL. */
void hp_option_add_words(struct hp_buffer *ret, const char *const *words, const char *conjunction);

/** The longest name of an option's environment twin, its "_FILE" and the NUL included. */
#define HP_TWIN_MAX 64

#endif
