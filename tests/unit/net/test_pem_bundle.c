/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "net/pem_bundle.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "der.h"

static const char algorithm[] = "\x06\x03\x2b\x65\x70"; /* Ed25519 */

static void put_key(struct der *ret, const unsigned char *bits, size_t len)
{
    struct der key = {.len = 0};

    put(&key, 0x30, algorithm, sizeof algorithm - 1);
    put(&key, 0x03, bits, len);
    put(ret, 0x30, key.bytes, key.len);
}

/* With every part that a certificate has to have, if not with a key. */
static struct der certificate_of(const char *issuer, const char *subject, bool version)
{
    static const char validity[] = "\x17\x0d"
                                   "200101000000Z"
                                   "\x17\x0d"
                                   "500101000000Z";
    struct der body = {.len = 0}, inner = {.len = 0}, whole = {.len = 0};
    struct der names[2] = {name_of(0x0c, issuer, strlen(issuer)),
                           name_of(0x0c, subject, strlen(subject))};
    unsigned char bits[300] = {0};

    if (version)
        put(&body, 0xa0, "\x02\x01\x02", 3);
    put(&body, 0x02, "\x01\x23", 2);
    put(&body, 0x30, algorithm, sizeof algorithm - 1);
    memcpy(body.bytes + body.len, names[0].bytes, names[0].len);
    body.len += names[0].len;
    put(&body, 0x30, validity, sizeof validity - 1);
    memcpy(body.bytes + body.len, names[1].bytes, names[1].len);
    body.len += names[1].len;
    put_key(&body, bits, sizeof bits);
    put(&inner, 0x30, body.bytes, body.len);
    put(&inner, 0x30, algorithm, sizeof algorithm - 1);
    put(&inner, 0x03, bits, sizeof bits);
    put(&whole, 0x30, inner.bytes, inner.len);
    return whole;
}

static void append_pem(char *text, const char *label, const struct der *der)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *at = text + strlen(text);

    at += sprintf(at, "-----BEGIN %s-----\n", label);
    for (size_t i = 0, column = 0; i < der->len; i += 3) {
        size_t left = der->len - i;
        unsigned value = (unsigned)der->bytes[i] << 16;

        value |= left > 1 ? (unsigned)der->bytes[i + 1] << 8 : 0;
        value |= left > 2 ? (unsigned)der->bytes[i + 2] : 0;
        *at++ = digits[value >> 18];
        *at++ = digits[value >> 12 & 63];
        *at++ = left > 1 ? digits[value >> 6 & 63] : '=';
        *at++ = left > 2 ? digits[value & 63] : '=';
        if ((column += 4) % 64 == 0)
            *at++ = '\n';
    }
    sprintf(at, "\n-----END %s-----\n", label);
}

static char *text_of(const char *const *subjects, bool version)
{
    char *text = calloc(1, 1 << 20);

    ck_assert_ptr_nonnull(text);
    for (; *subjects != NULL; subjects++) {
        struct der certificate = certificate_of("Some Authority", *subjects, version);

        sprintf(text + strlen(text), "# %s\n", *subjects);
        append_pem(text, "CERTIFICATE", &certificate);
    }
    return text;
}

static bool index_text(struct hp_pem_bundle *ret, const char *text, size_t len)
{
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    bool good;

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    good = hp_pem_bundle_index(ret, fd);
    close(fd);
    return good;
}

static const bool versions[] = {false, true};

START_TEST(finds_each_certificate_by_its_subject)
{
    /* A root; a certificate whose issuer differs by one letter; and one with a longer issuer. */
    static const char *const subjects[] = {"Some Authority", "Same Authority", "Third CA", NULL};
    char *text = text_of(subjects, versions[_i]);
    struct hp_pem_bundle bundle;

    ck_assert(index_text(&bundle, text, strlen(text)));
    ck_assert_uint_eq(bundle.n, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct hp_pem_entry *entry = &bundle.entries[i];

        ck_assert_uint_eq(entry->subject, hash_of(0x0c, subjects[i], strlen(subjects[i])));
        ck_assert_int_eq(strncmp(text + entry->start, "-----BEGIN CERTIFICATE-----\n", 28), 0);
        ck_assert_int_eq(strncmp(text + entry->start + entry->len - 5, "-----\n", 6), 0);
    }
    ck_assert_uint_ne(bundle.entries[0].subject, bundle.entries[1].subject);
    hp_pem_bundle_release(&bundle);
    free(text);
}
END_TEST

START_TEST(holds_any_number_of_certificates)
{
    char names[200][16];
    const char *subjects[201] = {NULL};
    struct hp_pem_bundle bundle;
    char *text;

    for (int i = 0; i < 200; i++) {
        snprintf(names[i], sizeof names[i], "CA %d", i);
        subjects[i] = names[i];
    }
    text = text_of(subjects, true);
    ck_assert(index_text(&bundle, text, strlen(text)));
    ck_assert_uint_eq(bundle.n, 200);
    ck_assert_uint_eq(bundle.entries[199].subject, hash_of(0x0c, "CA 199", 6));
    hp_pem_bundle_release(&bundle);
    free(text);
}
END_TEST

/* The file is read in pieces: wherever one ends, nothing is lost. */
START_TEST(no_certificate_is_lost_between_two_pieces)
{
    static const char *const subjects[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K",
                                           "L", "M", "N", "O", "P", "Q", "R", "S", "T", NULL};
    char *text = text_of(subjects, true);
    char *moved = malloc(strlen(text) + 2048);
    size_t len = strlen(text);

    ck_assert_ptr_nonnull(moved);
    ck_assert_uint_gt(len, 16384);
    for (size_t by = 0; by < 1500; by++) {
        struct hp_pem_bundle bundle;

        memset(moved, '\n', by);
        memcpy(moved + by, text, len);
        ck_assert(index_text(&bundle, moved, by + len));
        ck_assert_uint_eq(bundle.n, 20);
        for (size_t i = 0; i < bundle.n; i++) {
            ck_assert_uint_eq(bundle.entries[i].subject, hash_of(0x0c, subjects[i], 1));
            ck_assert(memcmp(moved + bundle.entries[i].start, "-----BEGIN", 10) == 0);
        }
        hp_pem_bundle_release(&bundle);
    }
    free(moved);
    free(text);
}
END_TEST

/* A larger one than there are: its library may like it. */
START_TEST(a_certificate_of_an_unusual_size_is_left_to_its_library)
{
    static const char *const subjects[] = {"First CA", NULL};
    char *text = text_of(subjects, true);
    char *end = strstr(text, "-----END");
    struct hp_pem_bundle bundle;

    memmove(end + 12000, end, strlen(end) + 1);
    memset(end, '\n', 12000);
    ck_assert(!index_text(&bundle, text, strlen(text)));
    free(text);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_left_to_its_library)
{
    struct hp_pem_bundle bundle;

    ck_assert(!hp_pem_bundle_index(&bundle, -1));
}
END_TEST

/* The subject is not within the first kilobyte. */
START_TEST(a_long_issuer_does_no_harm)
{
    char issuer[3001] = "";
    struct der certificate;
    struct hp_pem_bundle bundle;
    char text[16384] = "";

    memset(issuer, 'x', sizeof issuer - 1);
    certificate = certificate_of(issuer, "Behind", true);
    append_pem(text, "CERTIFICATE", &certificate);
    ck_assert(index_text(&bundle, text, strlen(text)));
    ck_assert_uint_eq(bundle.entries[0].subject, hash_of(0x0c, "Behind", 6));
    hp_pem_bundle_release(&bundle);
}
END_TEST

static const char *const others[] = {"TRUSTED CERTIFICATE", "X509 CRL", "X509 CERTIFICATE",
                                     "PRIVATE KEY"};

START_TEST(a_file_with_more_than_plain_certificates_is_left_to_its_library)
{
    static const char *const subjects[] = {"First CA", NULL};
    char *text = text_of(subjects, true);
    struct der other = certificate_of("a", "b", true);
    struct hp_pem_bundle bundle;

    append_pem(text, others[_i], &other);
    ck_assert(!index_text(&bundle, text, strlen(text)));
    ck_assert_ptr_null(bundle.entries);
    free(text);
}
END_TEST

static const char *const broken[] = {
    "-----BEGIN CERTIFICATE-----\nMIIB", "-----BEGIN CERTIFICATE-----",
    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nnot base64 at all: ?\n-----END CERTIFICATE-----\n",
    "-----BEGIN "};

START_TEST(a_broken_certificate_is_left_to_its_library)
{
    struct hp_pem_bundle bundle;

    ck_assert(!index_text(&bundle, broken[_i], strlen(broken[_i])));
}
END_TEST

/* A certificate that breaks off anywhere is refused, and nothing after its end is read. */
START_TEST(a_cut_certificate_is_not_accepted)
{
    struct der certificate = certificate_of("Some Authority", "First CA", true);

    for (size_t len = 0; len < certificate.len; len++) {
        struct der part = certificate;
        char text[4096] = "";
        char *copy;
        struct hp_pem_bundle bundle;

        part.len = len;
        append_pem(text, "CERTIFICATE", &part);
        copy = malloc(strlen(text));
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, text, strlen(text));
        ck_assert(!index_text(&bundle, copy, strlen(text)));
        free(copy);
    }
}
END_TEST

/* What comes before a certificate, and what of it is replaced by what. */
static const struct {
    const char *before;
    size_t len;
    const char *from;
    const char *to;
} unusual[] = {
    {"#", 1, NULL, NULL},
    {" ", 1, NULL, NULL},
    {"\0", 1, NULL, NULL},
    {"# \0 #\n", 6, NULL, NULL},
    {"\xef\xbb\xbf", 3, NULL, NULL},
    {"", 0, "BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE----- \n"},
    {"", 0, "BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE-----\n\n"},
    {"", 0, "BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE-----\nA: b\n\n"},
    {"", 0, "END CERTIFICATE-----\n", "END CERTIFICATE-----"},
    {"", 0, "END CERTIFICATE-----\n", "END CERTIFICATE----- \n"},
    {"", 0, "END CERTIFICATE-----\n", "END X509 CRL-----\n"},
    {"", 0, "AAAA\n", "AAAA \n"},
    {"", 0, "AAAA\n", "AAA=\n"},
    {"", 0, "AAAA\n", "AAA?\n"},
    {"", 0, "AAAA\n", "AAA\n"},
    {"", 0, "AAAA\n", "AAAA\n\n"},
    {"", 0, "AAAA\n", "AAAA"},
};

START_TEST(what_openssl_reads_in_its_own_way_is_left_to_it)
{
    struct der certificate = certificate_of("Some Authority", "First CA", true);
    struct hp_pem_bundle bundle;
    char usual[4096] = "", text[8192];
    char *at = text;

    append_pem(usual, "CERTIFICATE", &certificate);
    ck_assert(index_text(&bundle, usual, strlen(usual)));
    hp_pem_bundle_release(&bundle);
    memcpy(at, unusual[_i].before, unusual[_i].len);
    at += unusual[_i].len;
    strcpy(at, usual);
    if (unusual[_i].from != NULL) {
        char *from = strstr(usual, unusual[_i].from);

        ck_assert_ptr_nonnull(from);
        sprintf(at + (from - usual), "%s%s", unusual[_i].to, from + strlen(unusual[_i].from));
    }
    strcat(at, usual);
    ck_assert(!index_text(&bundle, text, (size_t)(at - text) + strlen(at)));
}
END_TEST

static const char *const usual_texts[] = {"\n",           "\r\n",    "# name\n\n",
                                          "Name\n====\n", "-----\n", "-----END CERTIFICATE-----\n"};

START_TEST(comments_and_both_line_ends_are_usual)
{
    static const char *const subjects[] = {"First CA", NULL};
    char *text = text_of(subjects, true), *with = calloc(2, strlen(text) + 200), *out = with;
    struct hp_pem_bundle bundle;

    out += sprintf(out, "%s", usual_texts[_i]);
    for (const char *at = text; *at != '\0'; at++)
        out += sprintf(out, *at == '\n' && _i % 2 == 1 ? "\r\n" : "%c", *at);
    sprintf(out, "%s", usual_texts[_i]);
    ck_assert(index_text(&bundle, with, strlen(with)));
    ck_assert_uint_eq(bundle.n, 1);
    hp_pem_bundle_release(&bundle);
    free(with);
    free(text);
}
END_TEST

START_TEST(a_text_without_certificates_has_none)
{
    struct hp_pem_bundle bundle;

    ck_assert(index_text(&bundle, "# nothing here\n", 15));
    ck_assert_uint_eq(bundle.n, 0);
    hp_pem_bundle_release(&bundle);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pem_bundle");

    HP_UNIT_TABLE(suite, finds_each_certificate_by_its_subject, versions);
    HP_UNIT_CASE(suite, holds_any_number_of_certificates);
    HP_UNIT_CASE(suite, no_certificate_is_lost_between_two_pieces);
    HP_UNIT_CASE(suite, a_certificate_of_an_unusual_size_is_left_to_its_library);
    HP_UNIT_CASE(suite, a_file_that_cannot_be_read_is_left_to_its_library);
    HP_UNIT_CASE(suite, a_long_issuer_does_no_harm);
    HP_UNIT_TABLE(suite, a_file_with_more_than_plain_certificates_is_left_to_its_library, others);
    HP_UNIT_TABLE(suite, a_broken_certificate_is_left_to_its_library, broken);
    HP_UNIT_CASE(suite, a_cut_certificate_is_not_accepted);
    HP_UNIT_TABLE(suite, what_openssl_reads_in_its_own_way_is_left_to_it, unusual);
    HP_UNIT_TABLE(suite, comments_and_both_line_ends_are_usual, usual_texts);
    HP_UNIT_CASE(suite, a_text_without_certificates_has_none);
    return hp_unit_run(suite);
}
