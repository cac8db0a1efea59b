/* SPDX-License-Identifier: MIT */
#include "pem_bundle.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>
#include <healthprobe/base/utf8.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGIN       "-----BEGIN"
#define CERTIFICATE "-----BEGIN CERTIFICATE-----"
#define END         "-----END CERTIFICATE-----"

/*
 * OpenSSL reads lines into a buffer of 254 bytes, and what does not fit as a line of its own: where
 * it takes a BEGIN for one depends on what stands before it (pem_lib.c, "LINESIZE").
 */
enum { LINE_MAX_LEN = 240, BASE64_LINE_MAX = 76 };

/*
 * The file is looked through piece by piece: touching as many pages as a bundle
 * has would cost more than looking. A certificate in PEM has 1 to 3 KB; a file
 * with one that does not fit is for its library to read.
 */
enum { WINDOW = 12 * 1024 };

/* Tags of DER. */
enum {
    BOOLEAN = 0x01,
    INTEGER = 0x02,
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    ASN_NULL = 0x05,
    OID = 0x06,
    UTF8_STRING = 0x0c,
    NUMERIC_STRING = 0x12,
    PRINTABLE_STRING = 0x13,
    T61_STRING = 0x14,
    IA5_STRING = 0x16,
    UTC_TIME = 0x17,
    GENERALIZED_TIME = 0x18,
    SEQUENCE = 0x30,
    SET = 0x31,
    VERSION = 0xa0,
    EXTENSIONS = 0xa3
};

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

static bool der_take(struct der *in, unsigned char tag, struct der *ret_content)
{
    unsigned char found;

    return der_next(in, &found, ret_content) && found == tag;
}

static size_t der_len(struct der in)
{
    return (size_t)(in.end - in.at);
}

static bool der_is_at(const struct der *in, unsigned char tag)
{
    return in->at < in->end && *in->at == tag;
}

/* --- names ------------------------------------------------------------------------------------ */

/* What OpenSSL compares after making it alike: not wide strings, and no text that is not valid. */
static bool is_text(unsigned char tag, struct der text)
{
    switch (tag) {
    case NUMERIC_STRING:
    case PRINTABLE_STRING:
    case T61_STRING:
    case IA5_STRING:
        return true;
    case UTF8_STRING:
        return hp_utf8_is_valid((const char *)text.at, der_len(text));
    default:
        return false;
    }
}

/* What all spellings of a text have in common: ASCII without spaces, as small letters. */
static uint64_t print_of_text(struct der text)
{
    uint64_t print = 0xcbf29ce484222325; /* FNV-1a */

    for (; text.at < text.end; text.at++)
        if (*text.at > ' ' && *text.at < 0x7f)
            print = (print ^ (uint64_t)tolower(*text.at)) * 0x100000001b3;
    return print;
}

static bool is_oid(struct der oid)
{
    bool begins = true;

    if (der_len(oid) == 0 || (oid.end[-1] & 0x80) != 0)
        return false;
    for (; oid.at < oid.end; oid.at++) {
        if (begins && *oid.at == 0x80)
            return false;
        begins = (*oid.at & 0x80) == 0;
    }
    return true;
}

/* An attribute is a type and a value. The order within a set does not count: a sum does not know
 * any. */
static bool add_set(uint64_t *print, struct der set)
{
    struct der attribute, type, value;
    unsigned char tag;
    uint64_t sum = 0;

    do {
        if (!der_take(&set, SEQUENCE, &attribute) || !der_take(&attribute, OID, &type) ||
            !is_oid(type) || !der_next(&attribute, &tag, &value) || der_len(attribute) > 0 ||
            !is_text(tag, value))
            return false;
        sum += print_of_text(value);
    } while (set.at < set.end);
    *print = (*print ^ sum) * 0x100000001b3;
    return true;
}

/* A name is a sequence of sets. */
uint64_t hp_pem_name_print(const unsigned char *der, size_t len)
{
    struct der in = {der, der + len}, name, set;
    uint64_t print = 0xcbf29ce484222325;

    if (!der_take(&in, SEQUENCE, &name))
        return 0;
    while (name.at < name.end)
        if (!der_take(&name, SET, &set) || !add_set(&print, set))
            return 0;
    return print | 1;
}

/* --- certificates ----------------------------------------------------------------------------- */

/*
 * A certificate that OpenSSL does not parse spoils its whole file. So each is
 * looked through for what OpenSSL's parser certainly takes: not less than what
 * it asks for, and rather more.
 */

static bool is_integer(struct der number)
{
    size_t len = der_len(number);

    /* Of a negative one it depends on more. */
    return len == 1 ||
           (len > 1 && number.at[0] != 0xff && (number.at[0] != 0 || (number.at[1] & 0x80) != 0));
}

static bool take_integer(struct der *in)
{
    struct der number;

    return der_take(in, INTEGER, &number) && is_integer(number);
}

/* A key or a signature: whole bytes. */
static bool take_bits(struct der *in)
{
    struct der bits;

    return der_take(in, BIT_STRING, &bits) && der_len(bits) > 1 && bits.at[0] == 0;
}

static bool is_parameter(unsigned char tag, struct der content)
{
    return tag == SEQUENCE || (tag == ASN_NULL && der_len(content) == 0) ||
           (tag == OID && is_oid(content));
}

static bool take_algorithm(struct der *in)
{
    struct der algorithm, part;
    unsigned char tag;

    return der_take(in, SEQUENCE, &algorithm) && der_take(&algorithm, OID, &part) && is_oid(part) &&
           (der_len(algorithm) == 0 || (der_next(&algorithm, &tag, &part) &&
                                        is_parameter(tag, part) && der_len(algorithm) == 0));
}

static bool take_name(struct der *in, uint64_t *ret_print)
{
    const unsigned char *start = in->at;
    struct der name;

    *ret_print = 0;
    if (der_take(in, SEQUENCE, &name))
        *ret_print = hp_pem_name_print(start, (size_t)(in->at - start));
    return *ret_print != 0;
}

static bool take_time(struct der *in)
{
    struct der time;
    unsigned char tag;

    if (!der_next(in, &tag, &time))
        return false;
    return (tag == UTC_TIME && der_len(time) == strlen("YYMMDDhhmmssZ")) ||
           (tag == GENERALIZED_TIME && der_len(time) == strlen("YYYYMMDDhhmmssZ"));
}

static bool take_validity(struct der *in)
{
    struct der validity;

    return der_take(in, SEQUENCE, &validity) && take_time(&validity) && take_time(&validity) &&
           der_len(validity) == 0;
}

static bool take_key(struct der *in)
{
    struct der key;

    return der_take(in, SEQUENCE, &key) && take_algorithm(&key) && take_bits(&key) &&
           der_len(key) == 0;
}

static bool take_extension(struct der *in)
{
    struct der extension, part;

    if (!der_take(in, SEQUENCE, &extension) || !der_take(&extension, OID, &part) || !is_oid(part))
        return false;
    if (der_is_at(&extension, BOOLEAN) &&
        (!der_take(&extension, BOOLEAN, &part) || der_len(part) != 1))
        return false;
    return der_take(&extension, OCTET_STRING, &part) && der_len(extension) == 0;
}

static bool take_extensions(struct der *in)
{
    struct der explicit, extensions;

    if (der_len(*in) == 0)
        return true;
    if (!der_take(in, EXTENSIONS, &explicit) || !der_take(&explicit, SEQUENCE, &extensions) ||
        der_len(explicit) > 0)
        return false;
    do
        if (!take_extension(&extensions))
            return false;
    while (extensions.at < extensions.end);
    return der_len(*in) == 0;
}

static bool take_version(struct der *in)
{
    struct der version;

    return !der_is_at(in, VERSION) ||
           (der_take(in, VERSION, &version) && take_integer(&version) && der_len(version) == 0);
}

/* The subject's print; 0: the certificate is not an ordinary one. */
static uint64_t subject_of(const unsigned char *der, size_t len)
{
    struct der in = {der, der + len}, whole, body;
    uint64_t issuer, subject = 0;
    bool good = der_take(&in, SEQUENCE, &whole) && der_len(in) == 0 &&
                der_take(&whole, SEQUENCE, &body) && take_algorithm(&whole) && take_bits(&whole) &&
                der_len(whole) == 0;

    good = good && take_version(&body) && take_integer(&body) && take_algorithm(&body) &&
           take_name(&body, &issuer) && take_validity(&body) && take_name(&body, &subject) &&
           take_key(&body) && take_extensions(&body);
    return good ? subject : 0;
}

/* --- base64 ----------------------------------------------------------------------------------- */

/* What a letter stands for, and LETTER; 0: it is none. */
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

/* Four letters are three bytes, and a fourth is written. False: they are not, and none is. */
static inline bool decode_four(const unsigned char *four, unsigned char *ret)
{
    unsigned a = values[four[0]], b = values[four[1]], c = values[four[2]], d = values[four[3]];
    /* Each LETTER but the first one's falls onto the digit before it. */
    uint32_t three = (a << 18 ^ b << 12 ^ c << 6 ^ d ^ (LETTER << 12 | LETTER << 6 | LETTER)) << 8;

    if ((a & b & c & d & LETTER) == 0)
        return false;
    three = htonl(three);
    memcpy(ret, &three, sizeof three);
    return true;
}

/* The last four may be filled up with one or two signs. Returns the number of bytes; 0: none. */
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

/* A line's end as it is written everywhere; its length, 0: there is none. */
static size_t line_end(const unsigned char *at, const unsigned char *end)
{
    if (at < end && *at == '\n')
        return 1;
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

/*
 * Decode lines of base64 where they stand. Returns the number of bytes; 0: it is
 * not as everybody writes it, whatever OpenSSL may think of it.
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

/* What has been read of the file, and has not been looked through. */
struct window {
    char text[WINDOW];
    size_t len;
    size_t start; /* of it in the file */
    bool is_last;
};

enum step { STEP_DONE, STEP_MORE, STEP_UNUSUAL };

/* Enter the certificate whose BEGIN stands at @at, which moves behind its END. */
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
    entry.subject = subject_of((unsigned char *)base64,
                               decode((unsigned char *)base64, (size_t)(finish - base64)));
    return entry.subject != 0 && add(bundle, &entry) ? STEP_DONE : STEP_UNUSUAL;
}

/* What stands between certificates: OpenSSL passes over it, too. */
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
 * Enter what certificates are whole in a window. Sets how much of it is done
 * with; false: there is something that is not for us.
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
