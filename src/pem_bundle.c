/* SPDX-License-Identifier: MIT */
#include <healthprobe/pem_bundle.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#define BEGIN       "-----BEGIN "
#define CERTIFICATE "-----BEGIN CERTIFICATE-----"
#define END         "-----END CERTIFICATE-----"

/* Enough of a certificate to hold its subject, but for the longest. */
enum { HEAD = 448 };

/*
 * The file is looked through piece by piece: touching as many pages as a bundle
 * has would cost more than looking. A certificate in PEM has 1 to 3 KB; a file
 * with one that does not fit is for its library to read.
 */
enum { WINDOW = 12 * 1024 };

/* Tags of DER. */
enum { UNIVERSAL_STRING = 0x1c, BMP_STRING = 0x1e, SEQUENCE = 0x30, SET = 0x31, VERSION = 0xa0 };

struct der {
    const unsigned char *at;
    const unsigned char *end;
};

/* Take the next element: its tag and content. */
static bool der_next(struct der *in, unsigned char *ret_tag, struct der *ret_content)
{
    size_t left = (size_t)(in->end - in->at);
    size_t len, bytes = 0;

    if (left < 2)
        return false;
    *ret_tag = in->at[0];
    len = in->at[1];
    if (len >= 0x80) {
        bytes = len & 0x7f;
        if (bytes < 1 || bytes > 3 || left < 2 + bytes)
            return false;
        len = 0;
        for (size_t i = 0; i < bytes; i++)
            len = len << 8 | in->at[2 + i];
    }
    if (len > left - 2 - bytes)
        return false;
    ret_content->at = in->at + 2 + bytes;
    ret_content->end = ret_content->at + len;
    in->at = ret_content->end;
    return true;
}

/* What all spellings of a text have in common: ASCII without spaces, as small letters. Wide strings
 * have zeros before it. */
static uint64_t add_text(uint64_t print, struct der text, size_t width)
{
    size_t zeros = 0;

    for (size_t i = 0; i < (size_t)(text.end - text.at); i++) {
        unsigned char byte = text.at[i];

        if (i % width != width - 1) {
            zeros += byte == 0;
            continue;
        }
        if (zeros == width - 1 && byte > ' ' && byte < 0x7f)
            print = (print ^ (uint64_t)tolower(byte)) * 0x100000001b3; /* FNV-1a */
        zeros = 0;
    }
    return print;
}

static size_t width_of(unsigned char tag)
{
    if (tag == BMP_STRING)
        return 2;
    return tag == UNIVERSAL_STRING ? 4 : 1;
}

/* An attribute is a type and a value; a name a sequence of sets of them. */
static bool add_set(uint64_t *print, struct der set)
{
    struct der attribute, part;
    unsigned char tag;

    while (set.at < set.end)
        if (!der_next(&set, &tag, &attribute) || tag != SEQUENCE ||
            !der_next(&attribute, &tag, &part) || !der_next(&attribute, &tag, &part))
            return false;
        else
            *print = add_text(*print, part, width_of(tag));
    return true;
}

uint64_t hp_pem_name_print(const unsigned char *der, size_t len)
{
    struct der in = {der, der + len}, name, set;
    uint64_t print = 0xcbf29ce484222325;
    unsigned char tag;

    if (!der_next(&in, &tag, &name) || tag != SEQUENCE)
        return 0;
    while (name.at < name.end)
        if (!der_next(&name, &tag, &set) || tag != SET || !add_set(&print, set))
            return 0;
    return print | 1;
}

/* The head of a structure that may go on behind the bytes that are there. */
static bool der_enter(struct der *in)
{
    struct der whole = *in;
    size_t bytes;

    if (whole.end - whole.at < 2 || whole.at[0] != SEQUENCE)
        return false;
    bytes = whole.at[1] >= 0x80 ? whole.at[1] & 0x7fU : 0;
    if (bytes > 3 || (size_t)(whole.end - whole.at) < 2 + bytes)
        return false;
    in->at += 2 + bytes;
    return true;
}

/* The subject's print, from a certificate's first bytes; 0 if it is not within. */
static uint64_t subject_of(const unsigned char *der, size_t len)
{
    struct der in = {der, der + len}, part;
    const unsigned char *start;
    unsigned char tag;

    if (!der_enter(&in)) /* the certificate */
        return 0;
    if (!der_enter(&in) || !der_next(&in, &tag, &part)) /* what of it is signed */
        return 0;
    /* Here is the serial number, or the version and then it. */
    if (tag == VERSION && !der_next(&in, &tag, &part))
        return 0;
    for (int i = 0; i < 3; i++) /* algorithm, issuer, validity */
        if (!der_next(&in, &tag, &part))
            return 0;
    start = in.at;
    if (!der_next(&in, &tag, &part))
        return 0;
    return hp_pem_name_print(start, (size_t)(in.at - start));
}

/* What a letter stands for, plus one; 0: it is none (line ends, padding), and passed over. */
static const unsigned char values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

static size_t decode(unsigned char *ret, size_t size, const char *text, size_t len)
{
    size_t n = 0;
    unsigned bits = 0, value = 0;

    for (size_t i = 0; i < len && n < size; i++) {
        unsigned digit = values[(unsigned char)text[i]];

        if (digit == 0)
            continue;
        value = value << 6 | (digit - 1);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            ret[n++] = (unsigned char)(value >> bits);
        }
    }
    return n;
}

/* Some subjects stand behind a long issuer: those take all of the certificate. */
static uint64_t subject_in(const char *base64, size_t len)
{
    unsigned char head[HEAD];
    uint64_t print = subject_of(head, decode(head, sizeof head, base64, len));
    unsigned char *whole;

    if (print != 0 || len < HEAD)
        return print;
    whole = malloc(len);
    if (whole == NULL)
        return 0;
    print = subject_of(whole, decode(whole, len, base64, len));
    free(whole);
    return print;
}

static bool add(struct hp_pem_bundle *bundle, const struct hp_pem_entry *entry)
{
    /* Doubled where it is full: 16, 32, 64, … */
    if (bundle->n == 0 || (bundle->n >= 16 && (bundle->n & (bundle->n - 1)) == 0)) {
        size_t room = bundle->n == 0 ? 16 : 2 * bundle->n;
        struct hp_pem_entry *entries = realloc(bundle->entries, room * sizeof *entries);

        if (entries == NULL)
            return false;
        bundle->entries = entries;
    }
    bundle->entries[bundle->n++] = *entry;
    return true;
}

/* What has been read of the file, and has not been looked through. */
struct window {
    char text[WINDOW];
    size_t len;
    size_t start; /* of it in the file */
    bool is_last;
};

/*
 * Enter what certificates are whole in a window. Sets how much of it is done
 * with; false: there is something that is not for us.
 */
static bool index_window(struct hp_pem_bundle *bundle, const struct window *window,
                         size_t *ret_done)
{
    const char *end = window->text + window->len, *at = window->text, *begin, *finish;

    while ((begin = memmem(at, (size_t)(end - at), BEGIN, strlen(BEGIN))) != NULL) {
        struct hp_pem_entry entry = {.start = window->start + (size_t)(begin - window->text)};
        const char *base64;

        *ret_done = (size_t)(begin - window->text);
        if ((size_t)(end - begin) < strlen(CERTIFICATE))
            return !window->is_last;
        if (memcmp(begin, CERTIFICATE, strlen(CERTIFICATE)) != 0)
            return false;
        base64 = begin + strlen(CERTIFICATE);
        finish = memmem(base64, (size_t)(end - base64), END, strlen(END));
        if (finish == NULL)
            return !window->is_last;
        entry.len = (size_t)(finish - begin) + strlen(END);
        entry.subject = subject_in(base64, (size_t)(finish - base64));
        if (entry.subject == 0 || !add(bundle, &entry))
            return false;
        at = finish + strlen(END);
    }
    /* The last bytes may be the first of a BEGIN. */
    *ret_done = window->len - MIN(strlen(BEGIN) - 1, (size_t)(end - at));
    return true;
}

/* Drop what is done with, and read on. False: nothing fits in, or nothing can be read. */
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
    /* Not zeroed: its text is what counts. */
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
