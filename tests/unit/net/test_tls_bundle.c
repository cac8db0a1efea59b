/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "net/certificate.h"
#include "net/pem_bundle.h"
#include <healthprobe/net/tls.h>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * How a bundle is read changes no verdict: bundles of every shape are made, and what is trusted by
 * them is held against what OpenSSL's own reader makes of the same file. A bundle's number is its
 * seed, so that each can be made again: HEALTHPROBE_BUNDLES is how many there are.
 */

static uint64_t state;

/* splitmix64 */
static unsigned below(unsigned n)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (unsigned)((z ^ z >> 31) % n);
}

static bool one_in(unsigned n)
{
    return below(n) == 0;
}

/* --- names ------------------------------------------------------------------------------------ */

struct der {
    unsigned char bytes[2048];
    size_t len;
};

static void put(struct der *der, unsigned char tag, const void *bytes, size_t len)
{
    unsigned char *at = der->bytes + der->len;

    ck_assert_uint_lt(der->len + len + 4, sizeof der->bytes);
    *at++ = tag;
    if (len >= 0x80) {
        *at++ = 0x82;
        *at++ = (unsigned char)(len >> 8);
    }
    *at++ = (unsigned char)len;
    memcpy(at, bytes, len);
    der->len = (size_t)(at + len - der->bytes);
}

/* The ways in which OpenSSL calls a text the same. */
static void put_text(struct der *ret, const char *text, bool wide)
{
    static const unsigned char kinds[] = {0x0c, 0x0c, 0x13, 0x14, 0x16};
    unsigned char kind = wide ? 0x1e : kinds[below(sizeof kinds)], spelled[256];
    bool shouts = one_in(3), blanks = one_in(3);
    size_t n = 0;

    if (blanks)
        spelled[n++] = ' ';
    for (; *text != '\0'; text++) {
        unsigned char letter = (unsigned char)*text;

        if (kind == 0x1e)
            spelled[n++] = 0;
        if (shouts && letter >= 'a' && letter <= 'z')
            letter = (unsigned char)(letter - 'a' + 'A');
        spelled[n++] = letter;
        if (blanks && letter == ' ' && kind != 0x1e)
            spelled[n++] = ' ';
    }
    if (kind == 0x1e && blanks)
        memmove(spelled, spelled + 1, --n);
    put(ret, kind, spelled, n);
}

/* Text that is not ASCII is always written alike. */
static void put_attribute(struct der *ret, unsigned char type, const char *text, bool wide)
{
    const unsigned char oid[] = {0x55, 0x04, type};
    struct der attribute = {.len = 0};

    put(&attribute, 0x06, oid, sizeof oid);
    if (*text & 0x80)
        put(&attribute, 0x0c, text, strlen(text));
    else
        put_text(&attribute, text, wide);
    put(ret, 0x30, attribute.bytes, attribute.len);
}

enum { COMMON_NAME = 3, ORGANIZATION = 10, UNIT = 11 };

static void put_set(struct der *ret, const struct der *set)
{
    put(ret, 0x31, set->bytes, set->len);
}

/* One of the spellings of a name; those of one number are equal to OpenSSL. */
static X509_NAME *name_of(unsigned number, bool wide)
{
    struct der first = {.len = 0}, second = {.len = 0}, sets = {.len = 0}, name = {.len = 0};
    const unsigned char *at = name.bytes;
    char text[64];

    snprintf(text, sizeof text, "root no %u", number);
    switch (number % 6) {
    case 0:
        break; /* all of them the empty name */
    case 1:
        put_attribute(&first, COMMON_NAME, "\xc5\x90si f\xc5\x91tan\xc3\xbas\xc3\xadtv\xc3\xa1ny",
                      wide);
        put_attribute(&second, UNIT, text, wide);
        put_set(&sets, &first);
        put_set(&sets, &second);
        break;
    case 2: /* in one set, in either order */
        if (one_in(2)) {
            put_attribute(&first, UNIT, "unit", wide);
            put_attribute(&first, COMMON_NAME, text, wide);
        } else {
            put_attribute(&first, COMMON_NAME, text, wide);
            put_attribute(&first, UNIT, "unit", wide);
        }
        put_set(&sets, &first);
        break;
    default:
        put_attribute(&first, ORGANIZATION, "some authority", wide);
        put_attribute(&second, COMMON_NAME, text, wide);
        put_set(&sets, &first);
        put_set(&sets, &second);
        break;
    }
    put(&name, 0x30, sets.bytes, sets.len);
    return d2i_X509_NAME(NULL, &at, (long)name.len);
}

/* --- certificates ----------------------------------------------------------------------------- */

enum { NAMES = 18, WIDE = 30, ROOTS = 34, KEYS = 5 }; /* the last have wide strings */

static EVP_PKEY *keys[KEYS];
static X509 *roots[ROOTS];
static X509 *leaves[ROOTS]; /* each signed by the root of its number */

static X509 *new_certificate(X509_NAME *subject, X509_NAME *issuer, EVP_PKEY *key, EVP_PKEY *by,
                             bool authority)
{
    X509 *made = X509_new();
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();

    ck_assert(made != NULL && constraints != NULL && subject != NULL && issuer != NULL);
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1 + (long)below(1000000));
    X509_set_subject_name(made, subject);
    X509_set_issuer_name(made, issuer);
    X509_gmtime_adj(X509_getm_notBefore(made), -86400);
    X509_gmtime_adj(X509_getm_notAfter(made), one_in(8) ? -3600 : 86400);
    X509_set_pubkey(made, key);
    constraints->ca = authority ? 0xff : 0;
    X509_add1_ext_i2d(made, NID_basic_constraints, constraints, one_in(2), 0);
    BASIC_CONSTRAINTS_free(constraints);
    ck_assert_int_gt(X509_sign(made, by, EVP_sha256()), 0);
    X509_NAME_free(subject);
    X509_NAME_free(issuer);
    return made;
}

/* Once, by the first test that needs them. */
static void make_certificates(void)
{
    if (keys[0] != NULL)
        return;
    state = 1;
    for (int i = 0; i < KEYS; i++)
        ck_assert_ptr_nonnull(keys[i] = EVP_EC_gen("P-256"));
    /* Some have the same name, with the same key or another. */
    for (unsigned i = 0; i < ROOTS; i++) {
        EVP_PKEY *key = keys[(i + i / NAMES) % KEYS];

        roots[i] = new_certificate(name_of(i % NAMES, i >= WIDE), name_of(i % NAMES, i >= WIDE),
                                   key, key, true);
        leaves[i] = new_certificate(name_of(1002 + i * 6, false), name_of(i % NAMES, one_in(4)),
                                    keys[i % KEYS], key, false);
    }
}

static void free_certificates(void)
{
    for (int i = 0; i < KEYS; i++)
        EVP_PKEY_free(keys[i]);
    for (int i = 0; i < ROOTS; i++) {
        X509_free(roots[i]);
        X509_free(leaves[i]);
    }
}

/* --- bundles ---------------------------------------------------------------------------------- */

struct text {
    char *bytes;
    size_t len;
};

static void add(struct text *text, const char *bytes, size_t len)
{
    text->bytes = realloc(text->bytes, text->len + len + 1);
    ck_assert_ptr_nonnull(text->bytes);
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
}

static void add_text(struct text *text, const char *more)
{
    add(text, more, strlen(more));
}

/* What a block may have that is not as everybody writes it. */
enum oddity {
    NOTHING_ODD,
    BEFORE_BEGIN, /* a comment sign, a blank, a NUL, a mark of UTF-8 in front of it */
    BEHIND_BEGIN,
    OTHER_LABEL,
    OTHER_END,
    BEHIND_END,
    NO_END,
    GLUED,
    HEADER,
    BLANK_LINE,
    BAD_LETTER,
    PADDED_WITHIN,
    LONG_LINES,
    ODD_LINES,
    BLANKS_IN_LINES,
    BROKEN_DER,
    BEHIND_DER,
    LONG_COMMENT,
    WIDE_NAME,
    ODDITIES
};

static size_t der_of(X509 *certificate, enum oddity oddity, unsigned char *ret, size_t size)
{
    unsigned char *at = ret;
    size_t len;

    ck_assert_int_le(i2d_X509(certificate, NULL), (int)size / 2);
    len = (size_t)i2d_X509(certificate, &at);
    if (oddity == BROKEN_DER)
        for (unsigned n = 1 + below(3); n > 0; n--)
            ret[below((unsigned)len)] = (unsigned char)below(256);
    if (oddity == BEHIND_DER)
        ret[len++] = 0;
    return len;
}

static void add_base64(struct text *text, const char *base64, enum oddity oddity, const char *end)
{
    static const size_t widths[] = {64, 64, 64, 76, 60, 4};
    size_t width = widths[below(6)], left = strlen(base64);
    size_t odd = below((unsigned)(left / width) + 1);

    if (oddity == LONG_LINES)
        width = 200 + below(200);
    if (oddity == ODD_LINES)
        width = 1 + below(90);
    for (size_t line = 0; left > 0; line++) {
        size_t n = left < width ? left : width;

        add(text, base64, n);
        base64 += n;
        left -= n;
        if (line == odd && oddity == BAD_LETTER)
            text->bytes[text->len - 1] = "-?:.\x80\0"[below(6)];
        if (line == odd && oddity == PADDED_WITHIN)
            add_text(text, "=");
        if (line == odd && oddity == BLANKS_IN_LINES)
            add_text(text, one_in(2) ? " " : "\t ");
        add_text(text, end);
        if (line == odd && oddity == BLANK_LINE)
            add_text(text, end);
    }
}

static void add_begin(struct text *text, enum oddity oddity, const char *label, const char *end)
{
    static const char *const before[] = {"#", " ", "# ", "\t", "\xef\xbb\xbf", "x", "-", "\r"};

    if (oddity == BEFORE_BEGIN && one_in(4))
        add(text, "\0", 1);
    else if (oddity == BEFORE_BEGIN)
        add_text(text, before[below(8)]);
    add_text(text, "-----BEGIN ");
    add_text(text, label);
    add_text(text, "-----");
    if (oddity == BEHIND_BEGIN)
        add_text(text, one_in(2) ? " " : " # one");
    add_text(text, end);
    if (oddity == HEADER)
        add_text(text, one_in(2) ? "Proc-Type: 4,CLEAR\n\n" : "Friendly-Name: one\n");
}

static void add_end(struct text *text, enum oddity oddity, const char *label, const char *end)
{
    if (oddity == NO_END)
        return;
    add_text(text, "-----END ");
    add_text(text, oddity == OTHER_END ? "CERTIFICATE REQUEST" : label);
    add_text(text, "-----");
    if (oddity == BEHIND_END)
        add_text(text, one_in(2) ? "  " : " # one");
    if (oddity != GLUED)
        add_text(text, end);
}

/* Whether OpenSSL reads a line as its BEGIN depends on where its buffer ends. */
static void add_long_comment(struct text *text)
{
    size_t n = 240 + below(30);

    for (add_text(text, "#"); n > 1; n--)
        add_text(text, "c");
}

static void add_block(struct text *text, X509 *certificate, enum oddity oddity)
{
    static const char *const labels[] = {"TRUSTED CERTIFICATE", "X509 CERTIFICATE", "X509 CRL",
                                         "PRIVATE KEY",         "CERTIFICATE ",     "certificate",
                                         "SOMETHING ELSE"};
    const char *label = oddity == OTHER_LABEL ? labels[below(7)] : "CERTIFICATE";
    const char *end = one_in(4) ? "\r\n" : "\n";
    unsigned char der[2048], base64[4096];
    size_t len = der_of(certificate, oddity, der, sizeof der);

    EVP_EncodeBlock(base64, der, (int)len);
    if (oddity == LONG_COMMENT)
        add_long_comment(text);
    add_begin(text, oddity, label, end);
    add_base64(text, (const char *)base64, oddity, end);
    add_end(text, oddity, label, end);
}

static void add_comment(struct text *text)
{
    static const char *const comments[] = {"\n",
                                           "# a root\n",
                                           "Some Root\n=========\n",
                                           "\r\n",
                                           "  \t\n",
                                           "-----END CERTIFICATE-----\n",
                                           "-----\n",
                                           "# F\xc5\x91tan\xc3\xbas\xc3\xadtv\xc3\xa1ny\n",
                                           "\xef\xbb\xbf# marked\n",
                                           "key: value\n"};

    add_text(text, comments[below(10)]);
}

/* Two of three are as everybody writes them, the others have an oddity or two. */
static struct text make_bundle(unsigned number, bool *ret_odd)
{
    unsigned blocks = 36 + below(12), odd[2] = {blocks, blocks};
    struct text text = {0};

    state = number;
    *ret_odd = number % 3 == 0;
    for (unsigned i = 0; *ret_odd && i < 1 + below(2); i++)
        odd[i] = below(blocks);
    for (unsigned i = 0; i < blocks; i++) {
        enum oddity oddity = NOTHING_ODD;
        /* Each second bundle has one certificate a name. */
        X509 *root = roots[below(number % 2 == 0 ? NAMES : WIDE)];

        while (one_in(3))
            add_comment(&text);
        if (i == odd[0] || i == odd[1])
            oddity = (enum oddity)(1 + below(ODDITIES - 1));
        if (oddity == WIDE_NAME)
            root = roots[WIDE + below(ROOTS - WIDE)];
        add_block(&text, root, oddity);
    }
    if (one_in(4))
        text.len--; /* without the last line's end */
    while (text.len < 17 * 1024)
        add_text(&text, "\n# more\n");
    return text;
}

static int file_of(const struct text *text, char path[static 32])
{
    int fd = memfd_create("bundle", MFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text->bytes, text->len), (ssize_t)text->len);
    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* --- what is compared ------------------------------------------------------------------------- */

static X509 *read_entry(const struct text *text, const struct hp_pem_entry *entry)
{
    BIO *bio = BIO_new_mem_buf(text->bytes + entry->start, (int)entry->len);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return certificate;
}

static bool store_has(X509_STORE *store, X509 *certificate)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);

    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++)
        if (X509_cmp(X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i)), certificate) == 0)
            return true;
    return false;
}

/* The index and OpenSSL's store hold the same certificates. */
static void compare_sets(const struct text *text, const struct hp_pem_bundle *bundle,
                         X509_STORE *store, unsigned number)
{
    X509_STORE *found = X509_STORE_new();

    for (size_t i = 0; i < bundle->n; i++) {
        X509 *certificate = read_entry(text, &bundle->entries[i]);

        ck_assert_msg(certificate != NULL, "bundle %u: entry %zu is no certificate", number, i);
        ck_assert_msg(store_has(store, certificate), "bundle %u: entry %zu", number, i);
        ck_assert_int_eq(X509_STORE_add_cert(found, certificate), 1);
        X509_free(certificate);
    }
    ck_assert_msg(sk_X509_OBJECT_num(X509_STORE_get0_objects(found)) ==
                      sk_X509_OBJECT_num(X509_STORE_get0_objects(store)),
                  "bundle %u: %d certificates are found, not %d", number,
                  sk_X509_OBJECT_num(X509_STORE_get0_objects(found)),
                  sk_X509_OBJECT_num(X509_STORE_get0_objects(store)));
    X509_STORE_free(found);
}

/* What comes of a leaf, as OpenSSL's number, and what it says last of it. */
static int verdict(SSL_CTX *context, X509 *leaf, unsigned long *ret_said)
{
    X509_STORE_CTX *verification = X509_STORE_CTX_new();
    int error;

    ck_assert_int_eq(X509_STORE_CTX_init(verification, SSL_CTX_get_cert_store(context), leaf, NULL),
                     1);
    X509_STORE_CTX_set_flags(verification, X509_V_FLAG_PARTIAL_CHAIN);
    error =
        X509_verify_cert(verification) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(verification);
    X509_STORE_CTX_free(verification);
    *ret_said = ERR_peek_last_error();
    ERR_clear_error();
    return error;
}

static void compare_verdicts(SSL_CTX *whole, const char *path, bool loaded, unsigned number)
{
    const struct hp_tls_settings settings = {.ca_file = path};

    for (int i = 0; i < 4; i++) {
        SSL_CTX *ours = SSL_CTX_new(TLS_client_method());
        unsigned leaf = below(ROOTS);
        X509 *certificate = one_in(4) ? roots[leaf] : leaves[leaf];
        struct hp_tls_error error = {0};
        bool good = hp_tls_verify(ours, &settings, &error);

        ck_assert_msg(good == loaded, "bundle %u is %s", number, good ? "taken" : "refused");
        if (good) {
            unsigned long said[2];
            int verdicts[2] = {verdict(ours, certificate, &said[0]),
                               verdict(whole, certificate, &said[1])};

            ck_assert_msg(verdicts[0] == verdicts[1] && said[0] == said[1],
                          "bundle %u, leaf %u: %d, not %d; %lx, not %lx", number, leaf, verdicts[0],
                          verdicts[1], said[0], said[1]);
        }
        SSL_CTX_free(ours);
    }
}

/* Returns whether the bundle is searched. */
static bool compare(unsigned number, bool *ret_odd)
{
    struct text text = make_bundle(number, ret_odd);
    char path[32];
    int fd = file_of(&text, path);
    SSL_CTX *whole = SSL_CTX_new(TLS_client_method());
    bool loaded = SSL_CTX_load_verify_locations(whole, path, NULL) == 1;
    struct hp_pem_bundle bundle;
    bool indexed = hp_pem_bundle_index(&bundle, fd);

    ERR_clear_error();
    ck_assert_msg(loaded || !indexed, "bundle %u: OpenSSL refuses what is searched", number);
    if (indexed)
        compare_sets(&text, &bundle, SSL_CTX_get_cert_store(whole), number);
    compare_verdicts(whole, path, loaded, number);
    hp_pem_bundle_release(&bundle);
    SSL_CTX_free(whole);
    close(fd);
    free(text.bytes);
    return indexed;
}

static unsigned wanted_bundles(void)
{
    const char *text = getenv("HEALTHPROBE_BUNDLES");

    return text != NULL ? (unsigned)strtoul(text, NULL, 10) : 200;
}

START_TEST(a_bundle_is_trusted_as_openssl_trusts_it)
{
    unsigned searched = 0, n = wanted_bundles();

    make_certificates();
    for (unsigned i = 0; i < n; i++) {
        bool odd, indexed = compare(i, &odd);

        searched += indexed;
        (void)odd;
    }
    printf("# %u of %u bundles are searched\n", searched, n);
    /* Or this compares OpenSSL with itself. */
    ck_assert_uint_gt(searched, n / 4);
}
END_TEST

START_TEST(equal_names_have_equal_hashes)
{
    state = 7;
    for (int i = 0; i < 20000; i++) {
        unsigned number = below(NAMES);
        X509_NAME *names[2] = {name_of(number, false),
                               name_of(one_in(2) ? number : below(NAMES), one_in(8))};
        uint64_t hashes[2];

        for (int side = 0; side < 2; side++) {
            const unsigned char *der;
            size_t len;

            ck_assert_int_eq(X509_NAME_get0_der(names[side], &der, &len), 1);
            hashes[side] = hp_certificate_hash_name(der, len);
        }
        if (hashes[0] != 0 && hashes[1] != 0)
            ck_assert((X509_NAME_cmp(names[0], names[1]) == 0) == (hashes[0] == hashes[1]));
        X509_NAME_free(names[0]);
        X509_NAME_free(names[1]);
    }
}
END_TEST

static bool has_hash(const X509_NAME *name)
{
    const unsigned char *der;
    size_t len;

    return X509_NAME_get0_der(name, &der, &len) == 1 && hp_certificate_hash_name(der, len) != 0;
}

/* The file is another one when it comes to read from it. */
START_TEST(a_search_that_finds_nonsense_leaves_no_error)
{
    struct text text = {0};
    char path[32];
    int fd;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    struct hp_tls_settings settings = {.ca_file = path};
    struct hp_tls_error error;

    unsigned long said;
    int root = 3; /* not one of the empty name */

    make_certificates();
    state = 3;
    while (!has_hash(X509_get_subject_name(roots[root])))
        root++;
    while (text.len < 17 * 1024)
        add_block(&text, roots[root], NOTHING_ODD);
    fd = file_of(&text, path);
    ck_assert(hp_tls_verify(context, &settings, &error));
    memset(text.bytes + 30, '?', text.len - 30);
    ck_assert_int_eq(pwrite(fd, text.bytes, text.len, 0), (ssize_t)text.len);
    ck_assert_int_eq(verdict(context, leaves[root], &said),
                     X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    ck_assert_uint_eq(said, 0);
    SSL_CTX_free(context);
    close(fd);
    free(text.bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_bundle");
    int status;

    HP_UNIT_CASE(suite, a_bundle_is_trusted_as_openssl_trusts_it);
    HP_UNIT_CASE(suite, equal_names_have_equal_hashes);
    HP_UNIT_CASE(suite, a_search_that_finds_nonsense_leaves_no_error);
    status = hp_unit_run(suite);
    free_certificates();
    return status;
}
