/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/tls.h>

/* A build without TLS: targets that need it are refused long before any of this is called. */

static const struct hp_tls_error no_tls = {.text = "this build has no TLS"};

bool hp_tls_available(void)
{
    return false;
}

const char *hp_tls_version(void)
{
    return NULL;
}

void hp_tls_watch_memory(void)
{
}

bool hp_tls_starved(void)
{
    return false;
}

const char *const hp_tls_bundles[] = {NULL};

const char *hp_tls_system_bundle(void)
{
    return NULL;
}

struct hp_tls *hp_tls_new(int fd, const struct hp_tls_settings *settings,
                          struct hp_tls_error *error)
{
    (void)fd;
    (void)settings;
    *error = no_tls;
    return NULL;
}

void hp_tls_free(struct hp_tls *tls)
{
    (void)tls;
}

enum hp_tls_step hp_tls_handshake(struct hp_tls *tls)
{
    (void)tls;
    return HP_TLS_FAILED;
}

enum hp_tls_step hp_tls_read(struct hp_tls *tls, char *ret, size_t size, size_t *ret_len)
{
    (void)tls;
    (void)ret;
    (void)size;
    (void)ret_len;
    return HP_TLS_FAILED;
}

enum hp_tls_step hp_tls_write(struct hp_tls *tls, const char *bytes, size_t len, size_t *ret_len)
{
    (void)tls;
    (void)bytes;
    (void)len;
    (void)ret_len;
    return HP_TLS_FAILED;
}

void hp_tls_shutdown(struct hp_tls *tls)
{
    (void)tls;
}

const struct hp_tls_error *hp_tls_error(const struct hp_tls *tls)
{
    (void)tls;
    return &no_tls;
}

bool hp_tls_identify(void *ssl_ctx, const struct hp_tls_settings *settings,
                     struct hp_tls_error *error)
{
    (void)ssl_ctx;
    (void)settings;
    *error = no_tls;
    return false;
}

bool hp_tls_verify(void *ssl_ctx, const struct hp_tls_settings *settings,
                   struct hp_tls_error *error)
{
    (void)ssl_ctx;
    (void)settings;
    *error = no_tls;
    return false;
}
