/* SPDX-License-Identifier: MIT */
#include "tls_bundle.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificate.h"
#include "pem_bundle.h"

/* It is as cheap to parse all of a smaller file; a larger one is not a bundle. */
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

/* The store owns the lookup, and the lookup the rest, its method too: OpenSSL is done with it. */
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

static size_t count(const struct hp_pem_bundle *bundle, uint64_t hash)
{
    size_t n = 0;

    for (size_t i = 0; i < bundle->n; i++)
        n += bundle->entries[i].subject == hash;
    return n;
}

/* Put the certificates whose subject has that hash into the store; 0: all. */
static void load(const struct lazy *lazy, X509_STORE *store, uint64_t hash)
{
    for (size_t i = 0; i < lazy->bundle.n; i++) {
        const struct hp_pem_entry *entry = &lazy->bundle.entries[i];
        X509 *certificate = hash == 0 || entry->subject == hash ? parse(lazy, entry) : NULL;

        if (certificate != NULL)
            X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
    }
}

/* The caller takes another reference to what it gets: the one taken here has to be dropped. */
static bool give(X509_OBJECT *ret, X509_STORE *store, const X509_NAME *name)
{
    STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(store);
    X509_OBJECT *found = NULL;
    X509 *certificate = NULL;

    sk_X509_OBJECT_sort(all);
    found = X509_OBJECT_retrieve_by_subject(all, X509_LU_X509, name);
    certificate = found != NULL ? X509_OBJECT_get0_X509(found) : NULL;
    if (certificate == NULL || X509_OBJECT_set1_X509(ret, certificate) != 1)
        return false;
    X509_free(certificate);
    return true;
}

/*
 * OpenSSL asks once for a name: the next time it finds it in the store. Which of several
 * certificates it takes depends on the others, and any may have a name that has no hash: then the
 * store gets all, as it would have without us.
 */
static bool find(struct lazy *lazy, X509_STORE *store, const X509_NAME *name, X509_OBJECT *ret)
{
    const unsigned char *der;
    size_t len, n;
    uint64_t hash;

    if (X509_NAME_get0_der(name, &der, &len) != 1)
        return false;
    hash = hp_certificate_hash_name(der, len);
    n = hash != 0 ? count(&lazy->bundle, hash) : lazy->bundle.n;
    if (n == 0)
        return false;
    load(lazy, store, n == 1 ? hash : 0);
    if (n > 1)
        lazy->bundle.n = 0;
    return give(ret, store, name);
}

/* An error of the search must not be taken for the reason of a later failure. */
static int by_subject(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name,
                      X509_OBJECT *ret)
{
    bool found = false;

    ERR_set_mark();
    if (type == X509_LU_X509)
        found = find(X509_LOOKUP_get_method_data(lookup), X509_LOOKUP_get_store(lookup), name, ret);
    ERR_pop_to_mark();
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

bool hp_tls_bundle_use(SSL_CTX *context, int fd)
{
    struct lazy *lazy = calloc(1, sizeof *lazy);
    X509_LOOKUP *lookup = NULL;

    if (lazy == NULL)
        return false;
    lazy->fd = fd;
    if (is_bundle(lazy->fd) && hp_pem_bundle_index(&lazy->bundle, lazy->fd) && lazy->bundle.n > 0 &&
        (lazy->method = new_method()) != NULL)
        lookup = X509_STORE_add_lookup(SSL_CTX_get_cert_store(context), lazy->method);
    if (lookup == NULL) {
        lazy->fd = -1;
        lazy_free(lazy);
        return false;
    }
    X509_LOOKUP_set_method_data(lookup, lazy);
    return true;
}
