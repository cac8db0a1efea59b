/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_PLAN_H
#define HEALTHPROBE_PLAN_H

#include <healthprobe/base/error.h>
#include <healthprobe/base/names.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/check/check.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/source.h>
#include <healthprobe/report/render.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A format by its name; HP_FORMAT_COUNT: there is none such. */
enum hp_format hp_format_named(const char *name);

/** A file that a check will have a library open: it must be readable before the run. */
struct hp_needed_file {
    const char *path; /* borrowed from the values */
    char origin[HP_TWIN_MAX];
};

#define HP_NEEDED_FILES_MAX 8

/** What a run will do. */
struct hp_plan {
    enum hp_mode mode;
    enum hp_format format;
    enum hp_exit_codes exit_codes;
    bool verbose;
    bool colour; /* nothing in the environment speaks against it, such as NO_COLOR */
    int64_t timeout_ns;
    char version[HP_VERSION_MAX + 1]; /* of the application, or "unknown" */
    struct hp_names ignored;
    struct hp_names skipped;
    struct hp_notes notes;
    struct hp_secrets secrets;
    size_t n_files;
    struct hp_needed_file files[HP_NEEDED_FILES_MAX];
    size_t n_checks;
    struct hp_check checks[HP_CHECKS_MAX]; /* behind n_checks there is nothing, not even zeros */
};

/**
 * Build the checks described by @options and @values. Does no I/O.
 *
 * @ret      mode, format and exit codes are set even on failure; the caller owns it,
 *           release with hp_plan_release(); must not move while checks exist,
 *           since they point to its secrets
 * @options  borrowed; may be released after return
 * @values   borrowed, and must outlive the plan
 * @err      every problem found; never contains credentials
 * @return   false on a bad value, a missing target, an option of a kind that is
 *           not in the run, or out of memory
 */
bool hp_plan_build(struct hp_plan *ret, const struct hp_options *options,
                   const struct hp_values *values, struct hp_error *err);
void hp_plan_release(struct hp_plan *plan);

/** The report of a run of @plan, before any check: mode, version, names, notes. */
void hp_plan_begin_report(const struct hp_plan *plan, struct hp_report *ret);

/** For the kinds: note that @value names a file which the check will have opened. */
void hp_plan_need_file(struct hp_plan *plan, const char *path, const char *origin);

/**
 * For the kinds: the CA file that the user named for a kind: --KIND-ca, --ca,
 * then SSL_CERT_FILE. NULL: the system's bundles are to be searched.
 */
const char *hp_plan_ca_file(struct hp_plan *plan, const struct hp_values *values,
                            const char *kind_option);

/**
 * For the kinds: the client certificate and its key, of --KIND-cert and
 * --KIND-key; NULL without. One without the other is a problem, and false.
 */
bool hp_plan_client_certificate(struct hp_plan *plan, const struct hp_values *values,
                                const char *kind, const char **ret_cert, const char **ret_key,
                                struct hp_error *err);

/**
 * For the kinds: fill a URL that has no password from --KIND-password, and
 * keep whichever there is as a secret. @password is owned by the caller, on
 * the heap, NULL for none. False: out of memory, told.
 */
bool hp_plan_password(const struct hp_check_input *input, const char *option, char **password,
                      struct hp_error *err);

/** For the kinds: note that the check's server is not verified. */
void hp_plan_note_unverified(const struct hp_check_input *input);

/** For the kinds: a target needs TLS. False: this build has none; a problem was added. */
bool hp_plan_need_tls(const char *origin, struct hp_error *err);

#endif
