/* SPDX-License-Identifier: MIT */
#include "pem_bundle.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>

#include <endian.h>
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

/* What a letter adds to three bytes in each of its four places; NOTHING: it is not a letter. */
struct alphabet {
    uint32_t adds[4][256];
};

/* A bit of the fourth byte. */
#define NOTHING htobe32(1)

static void alphabet_init(struct alphabet *ret)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (int place = 0; place < 4; place++) {
        for (int byte = 0; byte < 256; byte++)
            ret->adds[place][byte] = NOTHING;
        for (uint32_t value = 0; value < 64; value++)
            ret->adds[place][(unsigned char)letters[value]] = htobe32(value << (26 - 6 * place));
    }
}

/*
 * Decode four letters to three bytes; a fourth byte is written, too. False: nothing is. Inline,
 * since a large bundle takes a quarter of a million calls.
 */
__attribute__((always_inline)) static inline bool
decode_four(const struct alphabet *alphabet, const unsigned char *four, unsigned char *ret)
{
    uint32_t three = alphabet->adds[0][four[0]] | alphabet->adds[1][four[1]] |
                     alphabet->adds[2][four[2]] | alphabet->adds[3][four[3]];

    if ((three & NOTHING) != 0)
        return false;
    memcpy(ret, &three, sizeof three);
    return true;
}

/* The last four letters may end in one or two "=". Returns the number of bytes; 0: they do not. */
static size_t decode_last(const struct alphabet *alphabet, const unsigned char *four,
                          unsigned char *ret)
{
    unsigned char filled[4] = {four[0], four[1], four[2], 'A'};
    size_t n = 2;

    if (four[3] != '=')
        return 0;
    if (four[2] == '=') {
        filled[2] = 'A';
        n = 1;
    }
    return decode_four(alphabet, filled, ret) ? n : 0;
}

/* The length of the line end at @at; 0: no line ends here. */
static size_t line_end(const unsigned char *at, const unsigned char *end)
{
    if (at < end && *at == '\n')
        return 1;
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

/*
 * Decode lines of base64 from @at; @ret_rest is where they end. Returns the number of bytes; 0:
 * the lines do not have the usual form. OpenSSL may accept them all the same.
 */
static size_t decode(const struct alphabet *alphabet, const unsigned char *at,
                     const unsigned char *end, unsigned char *ret, const unsigned char **ret_rest)
{
    unsigned char *out = ret;
    size_t last = 0, newline = 1;

    while (at < end && *at != '-' && last == 0 && newline > 0) {
        const unsigned char *line = at;

        for (; end - at >= 4 && decode_four(alphabet, at, out); at += 4)
            out += 3;
        if (end - at >= 4 && (last = decode_last(alphabet, at, out)) > 0) {
            out += last;
            at += 4;
        }
        newline = at == line || at - line > BASE64_LINE_MAX ? 0 : line_end(at, end);
        at += newline;
    }
    *ret_rest = at;
    return newline > 0 ? (size_t)(out - ret) : 0;
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
    struct alphabet alphabet;
    unsigned char der[WINDOW]; /* of one certificate */
};

enum step { STEP_DONE, STEP_MORE, STEP_UNUSUAL };

/* Add the certificate whose BEGIN is at @at, and move @at past its END. */
static enum step take_certificate(struct hp_pem_bundle *bundle, struct window *window, char **at)
{
    const unsigned char *end = (unsigned char *)window->text + window->len;
    const unsigned char *base64 = (unsigned char *)*at + strlen(CERTIFICATE), *finish;
    size_t begins = line_end(base64, end), len, left, newline;
    struct hp_pem_entry entry = {.start = window->start + (size_t)(*at - window->text)};

    len = decode(&window->alphabet, base64 + begins, end, window->der, &finish);
    left = (size_t)(end - finish);
    if (!window->is_last && left < strlen(END) + strlen("\r\n"))
        return STEP_MORE;
    if (begins == 0 || !hp_span_starts((struct hp_span){(const char *)finish, left}, END))
        return STEP_UNUSUAL;
    finish += strlen(END);
    newline = line_end(finish, end);
    if (newline == 0 && finish < end)
        return STEP_UNUSUAL;
    entry.len = (size_t)(finish - (unsigned char *)*at);
    *at += entry.len + newline;
    entry.subject = hp_certificate_hash_subject(window->der, len);
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
        alphabet_init(&window->alphabet);
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
