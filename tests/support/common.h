// SPDX-License-Identifier: MIT
#ifndef HPT_COMMON_H
#define HPT_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <check.h>

/**
 * Common functions of the support library.
 *
 * The library is for Check test programs. Check runs each test in a forked child; the program
 * itself starts the servers that tests share, before the runner, and stops them at its end. Text
 * made by hpt_strf() is never freed: a test's process lives for seconds.
 *
 * Only hpt_fail() writes to standard output, which belongs to TAP.
 */

/* A NULL-terminated list of strings, for arguments and environments. */
#define HPT_LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HPT_NONE      ((const char *const[]){NULL})

/* The size of a table, as an int for loop tests. */
#define HPT_COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* How long a server may take to start and answer. Loaded machines stall for seconds. */
#define HPT_START_MS 20000

/** Formatted text that lives as long as the process. */
const char *hpt_strf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** One TAP diagnostic line ("# …") on standard error. */
void hpt_diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** The last lines of a file as diagnostics, or that there is none. */
void hpt_diag_file(const char *title, const char *path);

/** Give up: a test fails; the test program itself bails out. */
_Noreturn void hpt_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** CLOCK_MONOTONIC in milliseconds. */
double hpt_now_ms(void);

void hpt_sleep_ms(int ms);

/** True in the test program itself, false in the forked child of a test. */
bool hpt_in_main(void);

/**
 * The temporary directory of this run; made by the first call, removed when the program ends (kept
 * with HPT_KEEP=1). Short, since the paths of sockets must fit in 107 bytes.
 */
const char *hpt_tmpdir(void);

/** A new directory below hpt_tmpdir() with a unique name, owned by the servers' user. */
const char *hpt_tmp_mkdir(const char *prefix, mode_t mode);

/** Write a file with this mode; fails the test when that is impossible. */
void hpt_write_file(const char *path, const char *text, mode_t mode);

/** Write bytes, including NULs. */
void hpt_write_bytes(const char *path, const void *bytes, size_t len, mode_t mode);

/** A whole file as a string that lives as long as the process; NULL when it cannot be read. */
char *hpt_read_file(const char *path, size_t *ret_len);

/**
 * The user that servers run as: for root the unprivileged `postgres` or `nobody` (Postgres and
 * PgBouncer refuse to run as root), otherwise the current user.
 */
uid_t hpt_server_uid(void);
gid_t hpt_server_gid(void);

/** Make the servers' user the owner of a file or directory. */
void hpt_give_to_server(const char *path);

/** Every byte but letters, digits and "-._~" as %XX. */
const char *hpt_percent_encode(const char *text, bool upper);

/** The base64 of a text, as basic authentication sends it. */
const char *hpt_base64(const char *text);

/**
 * The main function of a test program: @start starts the shared servers, @build fills the suite.
 *
 * @needs_probe  the program bails out when there is no executable under test
 * @return       the exit status
 */
int hpt_main(const char *name, void (*start)(void), void (*build)(Suite *suite), bool needs_probe);

/**
 * The main function of a program that lends its servers to another one: @start starts them and
 * describes them on standard output. They run until standard input ends.
 */
int hpt_lend(void (*start)(void));

/** A test case with its own time limit and the fixture that wakes servers a failed test left
 * paused. */
TCase *hpt_tcase(Suite *suite, const char *name, double timeout_s);

#endif
