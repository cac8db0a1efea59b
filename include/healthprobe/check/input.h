/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_INPUT_H
#define HEALTHPROBE_INPUT_H

#include <healthprobe/base/clock.h>
#include <healthprobe/base/environment.h>
#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/option.h>
#include <healthprobe/check/placeholder.h>
#include <healthprobe/report/report.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- values ----------------------------------------------------------------------------------- */

/** A value and where it came from. */
struct hp_value {
    const struct hp_option *option;
    char *text;                          /* owned; a target's has the marks of its placeholders */
    struct hp_placeholders placeholders; /* owned; empty if the text is literal */
    char origin[HP_TWIN_MAX];   /* "--database", "HEALTHPROBE_DATABASE_FILE", "DATABASE_URL", … */
    char name[HP_NAME_MAX + 1]; /* that a target was given: "replica=…"; "" for none */
    bool from_flag;
    bool was_trimmed; /* blanks or line ends around an application's variable were dropped */
    enum hp_reference reference; /* what the origin named: env:NAME, file:PATH, …_FILE */
    const char *referred;        /* that NAME or PATH; borrowed from argv or environ */
    size_t referred_len;         /* nothing ends it: it may be one of several lines */
};

/** The values of a run: literals, and what the named variables and files held. */
struct hp_values {
    char *const *environment; /* borrowed */
    size_t n;
    struct hp_value *items;
};

/**
 * The value of an option that follows @after; NULL starts at the first.
 * Returns NULL when there is none.
 */
const struct hp_value *hp_value_next(const struct hp_values *values, const struct hp_option *option,
                                     const struct hp_value *after);

/** The first value of an option, or NULL. */
const struct hp_value *hp_value_of(const struct hp_values *values, const struct hp_option *option);

/** The text of an option's first value, or else its default, or NULL. */
const char *hp_value_text(const struct hp_values *values, const struct hp_option *option);

/** Is a boolean option on? */
bool hp_value_on(const struct hp_values *values, const struct hp_option *option);

/**
 * A duration of at most @max_ns, whole hours; or else the option's default. Without
 * one, @ret_ns is left alone. False: what was given is not one; a problem was added to @err.
 */
bool hp_value_duration(const struct hp_values *values, const struct hp_option *option,
                       int64_t max_ns, int64_t *ret_ns, struct hp_error *err);

/**
 * Which of the option's choices, by its index; or else of its default. Without
 * one, @ret is left alone. False: what was given is none; a problem that names them was added.
 */
bool hp_value_choice(const struct hp_values *values, const struct hp_option *option, int *ret,
                     struct hp_error *err);

/* --- what kinds make known beside their settings ---------------------------------------------- */

/** A file that a check will have a library open: it must be readable before the run. */
struct hp_needed_file {
    const char *path; /* borrowed from the values */
    char origin[HP_TWIN_MAX];
};

#define HP_NEEDED_FILES_MAX 8

struct hp_collected {
    struct hp_names ignored; /* parameters of URLs that were dropped */
    struct hp_notes notes;
    struct hp_secrets secrets;
    size_t n_files;
    struct hp_needed_file files[HP_NEEDED_FILES_MAX];
};

/* --- the input -------------------------------------------------------------------------------- */

struct hp_tls_settings;

/** What a kind is given to make a check of. All borrowed. */
struct hp_check_input {
    const struct hp_option *options; /* the kind's rows */
    const char *name;                /* of the check */
    const char *target; /* the value; NULL: the kind's default, or a problem was reported */
    const struct hp_placeholders *placeholders; /* in it; NULL: none */
    const char *origin; /* what errors call it: "--database", "DATABASE_URL", "--http (api)", … */
    bool target_is_typed; /* on the command line, other than as env:NAME or file:PATH */
    enum hp_mode mode;    /* for kinds that check different things by mode */
    const struct hp_values *values;
    const struct hp_value *ca; /* of --ca; NULL: none */
    struct hp_collected *collected;
    bool *ret_own_password; /* set by hp_input_password(): the URL brought one */
};

/**
 * Drop the blanks around @text. False: it is wrapped in quotes, and a problem was added that says
 * so.
 */
bool hp_input_tidy(struct hp_span *text, const char *origin, struct hp_error *err);

/** Note that blanks or line ends around an application's variable were dropped. */
void hp_input_note_trimmed(struct hp_collected *collected, const char *variable);

/** Note that @path, of @origin, is a file which the check will have opened. */
void hp_input_need_file(const struct hp_check_input *input, const char *path, const char *origin);

/**
 * The CA file that the user named: --KIND-ca, --ca, then SSL_CERT_FILE. NULL:
 * the system's bundles are to be searched.
 */
const char *hp_input_ca_file(const struct hp_check_input *input);

/** The target needs TLS. False: this build has none; a problem was added. */
bool hp_input_need_tls(const struct hp_check_input *input, struct hp_error *err);

/**
 * Fill @tls from --KIND-cert, --KIND-key, --KIND-insecure and the CA file. What
 * the target's URL says about verification and CA is in it already, and holds.
 *
 * @wanted  the target needs TLS; without, only the certificate and its key are read
 * @return  false: one of them without the other, or no TLS in this build; a problem was added
 */
bool hp_input_tls(const struct hp_check_input *input, bool wanted, struct hp_tls_settings *tls,
                  struct hp_error *err);

/**
 * Fill a URL that has no password from --KIND-password. The kind has to keep the password as a
 * secret, wherever it came from.
 *
 * @otherwise  the password where there is no such option either; .data NULL: none
 * @password   owned by the caller, on the heap; NULL: none
 * @return     false: out of memory, as @err says
 */
bool hp_input_password(const struct hp_check_input *input, struct hp_span otherwise,
                       char **password, struct hp_error *err);

#endif
