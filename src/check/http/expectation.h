/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_EXPECTATION_H
#define HEALTHPROBE_EXPECTATION_H

#include <healthprobe/base/attempt.h>
#include <healthprobe/check/input.h>

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/** Of a body, this much is read and judged. */
#define HP_BODY_MAX 65536

/* In the order in which they are judged. */
enum hp_expectation_kind {
    HP_EXPECT_HEADER = 0, /* --http-expect-header 'Name: value' */
    HP_EXPECT_CONTAINS,   /* --http-contains TEXT */
    HP_EXPECT_JSON,       /* --http-json PATH=VALUE */
    HP_EXPECT_MATCH,      /* --http-match REGEX */
    HP_EXPECT_COUNT
};

struct hp_expectation {
    enum hp_expectation_kind kind;
    const char *text;   /* as it was given; borrowed */
    size_t key_len;     /* of a header's name, or of a path */
    const char *wanted; /* of a header and of a path: the value; in @text */
    regex_t regex;      /* of HP_EXPECT_MATCH alone */
};

/** What a response has to be, all of it. A list of all zero is empty. */
struct hp_expectations {
    size_t n;
    struct hp_expectation *items;
};

/**
 * Read the options that state one: a row for each kind of them. @ret is all zero
 * before, and released by the caller whatever comes of it. False: problems were
 * added, all that there are.
 */
bool hp_expectations_read(struct hp_expectations *ret, const struct hp_values *values,
                          const struct hp_option *const rows[HP_EXPECT_COUNT],
                          struct hp_error *err);
void hp_expectations_release(struct hp_expectations *expectations);

/** Is there one of the headers; is there one of the body? */
bool hp_expectations_want_headers(const struct hp_expectations *expectations);
bool hp_expectations_want_body(const struct hp_expectations *expectations);

/** What was seen of a response. */
struct hp_seen {
    const char *headers; /* the lines of the final response, each with its end */
    size_t headers_len;
    char *body; /* at least @body_len + 1 bytes; what is judged may be changed in it */
    size_t body_len;
    bool body_cut; /* at HP_BODY_MAX: there may be more */
};

/** Do all of them hold? False: the attempt has its verdict. */
bool hp_expectations_hold(const struct hp_expectations *expectations, const struct hp_seen *seen,
                          struct hp_attempt *attempt);

#endif
