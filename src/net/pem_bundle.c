/* SPDX-License-Identifier: MIT */
#include "pem_bundle.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certificate.h"

#define BEGIN       "-----BEGIN"
#define CERTIFICATE "-----BEGIN CERTIFICATE-----"
#define END         "-----END CERTIFICATE-----"

/*
 * OpenSSL reads a line of more than 254 bytes as several lines: whether it takes a BEGIN for one
 * depends on what comes before it (pem_lib.c, "LINESIZE").
 */
enum { LINE_MAX_LEN = 240, BASE64_LINE_MAX = 76 };

/*
 * The file is read piece by piece: touching as many pages as a bundle has would cost more than the
 * search. A certificate in PEM has 1 to 3 KB; a file with one that does not fit is left to OpenSSL.
 */
enum { WINDOW = 12 * 1024 };

/* --- base64 ----------------------------------------------------------------------------------- */

/* The value of a letter, and LETTER; 0: not a letter. */
enum { LETTER = 64 };

static const unsigned char values[256] = {
    ['A'] = 64,  ['B'] = 65,  ['C'] = 66,  ['D'] = 67,  ['E'] = 68,  ['F'] = 69,  ['G'] = 70,
    ['H'] = 71,  ['I'] = 72,  ['J'] = 73,  ['K'] = 74,  ['L'] = 75,  ['M'] = 76,  ['N'] = 77,
    ['O'] = 78,  ['P'] = 79,  ['Q'] = 80,  ['R'] = 81,  ['S'] = 82,  ['T'] = 83,  ['U'] = 84,
    ['V'] = 85,  ['W'] = 86,  ['X'] = 87,  ['Y'] = 88,  ['Z'] = 89,  ['a'] = 90,  ['b'] = 91,
    ['c'] = 92,  ['d'] = 93,  ['e'] = 94,  ['f'] = 95,  ['g'] = 96,  ['h'] = 97,  ['i'] = 98,
    ['j'] = 99,  ['k'] = 100, ['l'] = 101, ['m'] = 102, ['n'] = 103, ['o'] = 104, ['p'] = 105,
    ['q'] = 106, ['r'] = 107, ['s'] = 108, ['t'] = 109, ['u'] = 110, ['v'] = 111, ['w'] = 112,
    ['x'] = 113, ['y'] = 114, ['z'] = 115, ['0'] = 116, ['1'] = 117, ['2'] = 118, ['3'] = 119,
    ['4'] = 120, ['5'] = 121, ['6'] = 122, ['7'] = 123, ['8'] = 124, ['9'] = 125, ['+'] = 126,
    ['/'] = 127,
};

/* Decode four letters to three bytes; a fourth byte is written, too. False: nothing is. */
static inline bool decode_four(const unsigned char *four, unsigned char *ret)
{
    unsigned a = values[four[0]], b = values[four[1]], c = values[four[2]], d = values[four[3]];
    /* The LETTER of b, c and d is added to the value before it: take it out again. */
    uint32_t three = (a << 18 ^ b << 12 ^ c << 6 ^ d ^ (LETTER << 12 | LETTER << 6 | LETTER)) << 8;

    if ((a & b & c & d & LETTER) == 0)
        return false;
    three = htonl(three);
    memcpy(ret, &three, sizeof three);
    return true;
}

/* The last four letters may end in one or two "=". Returns the number of bytes; 0: they do not. */
static size_t decode_last(const unsigned char *four, unsigned char *ret)
{
    unsigned char filled[4] = {four[0], four[1], four[2], 'A'};
    size_t n = 2;

    if (four[3] != '=')
        return 0;
    if (four[2] == '=') {
        filled[2] = 'A';
        n = 1;
    }
    return decode_four(filled, ret) ? n : 0;
}

/* The length of the line end at @at; 0: there is none. */
static size_t line_end(const unsigned char *at, const unsigned char *end)
{
    if (at < end && *at == '\n')
        return 1;
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

/*
 * Decode lines of base64 in place. Returns the number of bytes; 0: they are not in the usual form,
 * which OpenSSL may take all the same.
 */
static size_t decode(unsigned char *text, size_t len)
{
    const unsigned char *at = text, *end = text + len;
    unsigned char *out = text;
    size_t last = 0, newline;

    while (at < end && last == 0) {
        const unsigned char *line = at;

        for (; end - at >= 4 && decode_four(at, out); at += 4)
            out += 3;
        if (end - at >= 4 && (last = decode_last(at, out)) > 0) {
            out += last;
            at += 4;
        }
        newline = line_end(at, end);
        if (newline == 0 || at == line || at - line > BASE64_LINE_MAX)
            return 0;
        at += newline;
    }
    return at == end ? (size_t)(out - text) : 0;
}

/* --- the file --------------------------------------------------------------------------------- */

static bool add(struct hp_pem_bundle *bundle, const struct hp_pem_entry *entry)
{
    if (!hp_array_room(bundle->entries, bundle->n))
        return false;
    bundle->entries[bundle->n++] = *entry;
    return true;
}

/* The part of the file that has been read and not yet searched. */
struct window {
    char text[WINDOW];
    size_t len;
    size_t start; /* where it is in the file */
    bool is_last;
};

enum step { STEP_DONE, STEP_MORE, STEP_UNUSUAL };

/* Add the certificate whose BEGIN is at @at, and move @at past its END. */
static enum step take_certificate(struct hp_pem_bundle *bundle, struct window *window, char **at)
{
    char *base64 = *at + strlen(CERTIFICATE), *end = window->text + window->len;
    char *finish = memchr(base64, '-', (size_t)(end - base64)); /* no letter of base64 */
    size_t left = finish != NULL ? (size_t)(end - finish) : 0, newline;
    struct hp_pem_entry entry = {.start = window->start + (size_t)(*at - window->text)};

    if (!window->is_last && left < strlen(END) + strlen("\r\n"))
        return STEP_MORE;
    if (finish == NULL || !hp_span_starts((struct hp_span){finish, left}, END))
        return STEP_UNUSUAL;
    *at = finish + strlen(END);
    entry.len = window->start + (size_t)(*at - window->text) - entry.start;
    newline = line_end((unsigned char *)*at, (unsigned char *)end);
    if (newline == 0 && *at < end)
        return STEP_UNUSUAL;
    *at += newline;
    base64 += line_end((unsigned char *)base64, (unsigned char *)end);
    if (base64[-1] != '\n')
        return STEP_UNUSUAL;
    entry.subject = hp_certificate_hash_subject(
        (unsigned char *)base64, decode((unsigned char *)base64, (size_t)(finish - base64)));
    return entry.subject != 0 && add(bundle, &entry) ? STEP_DONE : STEP_UNUSUAL;
}

/* What may be between certificates: OpenSSL skips it, too. */
static bool is_comment(const char *line, size_t len)
{
    return len <= LINE_MAX_LEN && memchr(line, '\0', len) == NULL &&
           memmem(line, len, BEGIN, strlen(BEGIN)) == NULL;
}

static enum step take_line(struct hp_pem_bundle *bundle, struct window *window, char **at)
{
    size_t left = (size_t)(window->text + window->len - *at);
    const char *newline = memchr(*at, '\n', left);
    size_t len = newline != NULL ? (size_t)(newline - *at) : left;

    if (newline == NULL && !window->is_last)
        return len > LINE_MAX_LEN ? STEP_UNUSUAL : STEP_MORE;
    if (hp_span_starts((struct hp_span){*at, len}, CERTIFICATE))
        return take_certificate(bundle, window, at);
    if (!is_comment(*at, len))
        return STEP_UNUSUAL;
    *at += len + (newline != NULL);
    return STEP_DONE;
}

/*
 * Add the certificates that are whole in the window. @ret_done: how much of it is searched. False:
 * something in it is unusual.
 */
static bool index_window(struct hp_pem_bundle *bundle, struct window *window, size_t *ret_done)
{
    char *at = window->text;
    enum step step = STEP_DONE;

    while (step == STEP_DONE && at < window->text + window->len)
        step = take_line(bundle, window, &at);
    *ret_done = (size_t)(at - window->text);
    return step == STEP_DONE || (step == STEP_MORE && !window->is_last);
}

/* Drop what is done, and read more. False: there is no room for more, or nothing can be read. */
static bool read_on(struct window *window, size_t done, int fd)
{
    ssize_t n;

    memmove(window->text, window->text + done, window->len - done);
    window->start += done;
    window->len -= done;
    if (window->len == sizeof window->text)
        return false;
    n = read(fd, window->text + window->len, sizeof window->text - window->len);
    if (n < 0)
        return false;
    window->is_last = n == 0;
    window->len += (size_t)n;
    return true;
}

static bool index_all(struct hp_pem_bundle *bundle, struct window *window, int fd)
{
    size_t done = 0;

    while (!window->is_last)
        if (!read_on(window, done, fd) || !index_window(bundle, window, &done))
            return false;
    return true;
}

bool hp_pem_bundle_index(struct hp_pem_bundle *ret_bundle, int fd)
{
    /* Not zeroed, which would touch all of its pages. */
    struct window *window = malloc(sizeof *window);
    bool good = false;

    *ret_bundle = (struct hp_pem_bundle){0};
    if (window != NULL) {
        window->len = window->start = 0;
        window->is_last = false;
        good = index_all(ret_bundle, window, fd);
    }
    free(window);
    if (!good)
        hp_pem_bundle_release(ret_bundle);
    return good;
}

void hp_pem_bundle_release(struct hp_pem_bundle *bundle)
{
    free(bundle->entries);
    *bundle = (struct hp_pem_bundle){0};
}
