/* SPDX-License-Identifier: MIT */
#include "tls_bundle.h"

#include <fcntl.h>
#include <healthprobe/pem_bundle.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below, parsing all is as cheap; above is no bundle of certificates. */
enum { SMALL = 16 * 1024, LARGE = 4 * 1024 * 1024 };

struct lazy {
    X509_LOOKUP_METHOD *method;
    int fd;
    struct hp_pem_bundle bundle;
};

static void lazy_free(struct lazy *lazy)
{
    if (lazy == NULL)
        return;
    hp_pem_bundle_release(&lazy->bundle);
    if (lazy->fd >= 0)
        close(lazy->fd);
    X509_LOOKUP_meth_free(lazy->method);
    free(lazy);
}

/* The store owns the lookup, and the lookup all that belongs to it, its method too: OpenSSL has no
 * use for it after this. */
static void lookup_free(X509_LOOKUP *lookup)
{
    lazy_free(X509_LOOKUP_get_method_data(lookup));
}

static X509 *parse(const struct lazy *lazy, const struct hp_pem_entry *entry)
{
    char *text = malloc(entry->len);
    X509 *certificate = NULL;
    BIO *bio = NULL;

    if (text != NULL &&
        pread(lazy->fd, text, entry->len, (off_t)entry->start) == (ssize_t)entry->len)
        bio = BIO_new_mem_buf(text, (int)entry->len);
    if (bio != NULL)
        certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(text);
    return certificate;
}

/* The caller takes a reference of its own to what it is given, so that the store's has to be the
 * only one of ours. */
static bool give(X509_OBJECT *ret, X509 *certificate)
{
    if (X509_OBJECT_set1_X509(ret, certificate) != 1)
        return false;
    X509_free(certificate);
    return true;
}

/* All of that name go into the store, which chooses among them. It asks once: the next time it
 * finds them there. */
static int by_subject(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name,
                      X509_OBJECT *ret)
{
    const struct lazy *lazy = X509_LOOKUP_get_method_data(lookup);
    const unsigned char *der;
    size_t len;
    uint64_t print;
    bool found = false;

    if (type != X509_LU_X509 || X509_NAME_get0_der(name, &der, &len) != 1)
        return 0;
    print = hp_pem_name_print(der, len);
    for (size_t i = 0; i < lazy->bundle.n; i++) {
        const struct hp_pem_entry *entry = &lazy->bundle.entries[i];
        X509 *certificate = entry->subject == print ? parse(lazy, entry) : NULL;

        if (certificate == NULL)
            continue;
        if (X509_NAME_cmp(X509_get_subject_name(certificate), name) == 0 &&
            X509_STORE_add_cert(X509_LOOKUP_get_store(lookup), certificate) == 1 && !found)
            found = give(ret, certificate);
        X509_free(certificate);
    }
    return found;
}

static bool is_bundle(int fd)
{
    struct stat status;

    return fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
           status.st_size >= SMALL && status.st_size <= LARGE;
}

static X509_LOOKUP_METHOD *new_method(void)
{
    X509_LOOKUP_METHOD *method = X509_LOOKUP_meth_new("certificates of a bundle");

    if (method != NULL) {
        X509_LOOKUP_meth_set_get_by_subject(method, by_subject);
        X509_LOOKUP_meth_set_free(method, lookup_free);
    }
    return method;
}

bool tls_bundle_use(SSL_CTX *context, const char *path)
{
    struct lazy *lazy = calloc(1, sizeof *lazy);
    X509_LOOKUP *lookup = NULL;

    if (lazy == NULL)
        return false;
    lazy->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (is_bundle(lazy->fd) && hp_pem_bundle_index(&lazy->bundle, lazy->fd) && lazy->bundle.n > 0 &&
        (lazy->method = new_method()) != NULL)
        lookup = X509_STORE_add_lookup(SSL_CTX_get_cert_store(context), lazy->method);
    if (lookup == NULL) {
        lazy_free(lazy);
        return false;
    }
    X509_LOOKUP_set_method_data(lookup, lazy);
    return true;
}
