/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_OPTIONS_H
#define HEALTHPROBE_OPTIONS_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/option.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stddef.h>

/** The commands. Each but the first has a word. */
enum hp_action {
    HP_ACTION_CHECK = 0,
    HP_ACTION_WAIT,
    HP_ACTION_EXPLAIN,
    HP_ACTION_INSTALL,
    HP_ACTION_HELP,
    HP_ACTION_VERSION
};

/** The rows of the option table that do not belong to a kind. */
enum hp_general {
    HP_GENERAL_CHECK = 0,
    HP_GENERAL_TIMEOUT,
    HP_GENERAL_OPTIONAL,
    HP_GENERAL_TOLERATE,
    HP_GENERAL_FORMAT,
    HP_GENERAL_EXIT_CODES,
    HP_GENERAL_LOG_FAILURES,
    HP_GENERAL_VERBOSE,
    HP_GENERAL_FOR,
    HP_GENERAL_INTERVAL,
    HP_GENERAL_BACKOFF,
    HP_GENERAL_CA,
    HP_GENERAL_HELP,
    HP_GENERAL_VERSION,
    HP_GENERAL_COUNT
};

/** The word of a command. Without one, the service is checked once. */
struct hp_command {
    const char *word;
    const char *help;
    bool checks; /* takes a mode, targets and the options of checks */
};

/** The word of an action; NULL: it has none. */
const struct hp_command *hp_command_of(enum hp_action action);

/** Word @i of those that may begin a command line: modes, then commands. NULL after the last. */
const char *hp_options_word(size_t i);

/** Is @text the word of a command or a mode? */
bool hp_options_is_word(const char *text);

/** A general row. */
const struct hp_option *hp_option_general(enum hp_general general);

/** A flag that was given, or a target without its flag. Its text is borrowed from argv. */
struct hp_given {
    const struct hp_option *option;
    int kind;         /* whose option it is; -1: a general one */
    const char *text; /* "1" or "0" for a boolean */
    int position;     /* in argv, of a target without its flag; 0: there was a flag */
};

/** How errors name it: "--http", "argument 2". */
void hp_given_origin(char ret[HP_TWIN_MAX], const struct hp_given *given);

/** The command line, understood but not yet resolved. */
struct hp_options {
    enum hp_action action;
    enum hp_mode mode;
    bool mode_given;         /* by a word, rather than by default */
    char *const *command;    /* of `wait`, NULL-terminated, borrowed; NULL: none */
    const char *destination; /* of `install`, borrowed */
    const char *topic;       /* of `help`: a kind, or "wait"; NULL: all */
    size_t n;
    struct hp_given *given; /* in their order */
};

/**
 * Read argv, and nothing else.
 *
 * What was understood is in @ret even on failure, so that the report of an
 * error has the format that was requested.
 *
 * @argv    borrowed for as long as @ret lives
 * @err     every problem, each mistake once; repeats no text that was typed, except the name of an
 *          unknown option of letters and dashes
 * @return  false if there was a problem
 */
bool hp_options_parse(struct hp_options *ret, int argc, char *const argv[], struct hp_error *err);
void hp_options_release(struct hp_options *options);

/** "http-status" is HEALTHPROBE_HTTP_STATUS; @suffix is "" or "_FILE". */
void hp_option_twin(char ret[HP_TWIN_MAX], const struct hp_option *option, const char *suffix);

/** "1" or "0" for what a boolean may be; NULL for anything else. */
const char *hp_option_boolean(const char *text);

/** Does the option belong to a command; is it none of another's? */
bool hp_option_belongs(const struct hp_option *option, enum hp_action action);

/** The kind that --check calls @word; -1: none. */
int hp_options_kind(struct hp_span word);

/** The entry of @option's "also" that equals @name; its data is NULL: none does. */
struct hp_span hp_option_other_name(const struct hp_option *option, struct hp_span name);

/** The kind that other tools call @word, such as "pg"; -1: none. @ret_known: the word as our table
 * spells it. */
int hp_options_kind_called(struct hp_span word, struct hp_span *ret_known);

/**
 * Is @variable, of @len bytes, a HEALTHPROBE_… variable that no option has?
 *
 * @ret_nearest  the option whose twin was probably meant; NULL: none is near
 */
bool hp_options_unknown_variable(const char *variable, size_t len,
                                 const struct hp_option **ret_nearest);

/** A row of the whole table. All zero begins. */
struct hp_row {
    const struct hp_option *option;
    int kind; /* whose it is; -1: a general one */
};

/** The next row: the general ones first, then each kind's. False: there is none left. */
bool hp_row_next(struct hp_row *row);

/** The row with a name; its option is NULL: there is none. */
struct hp_row hp_row_named(struct hp_span name);

/** The row with the nearest name; its option is NULL: none is near. */
struct hp_row hp_row_nearest(struct hp_span name);

/** Add what --help says of a row, without its default. */
void hp_option_add_help(struct hp_buffer *ret, const struct hp_option *option);

#endif
