/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/error.h>

#include <healthprobe/base/array.h>
#include <healthprobe/base/utf8.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Between the texts of problems, which may hold it too. */
#define SEPARATOR "; "

static const char *const reason_names[HP_REASON_COUNT] = {
    [HP_REASON_NONE] = "",
    [HP_REASON_CONFIG] = "config",
    [HP_REASON_USAGE] = "usage",
    [HP_REASON_DNS] = "dns",
    [HP_REASON_REFUSED] = "refused",
    [HP_REASON_UNREACHABLE] = "unreachable",
    [HP_REASON_CLOSED] = "closed",
    [HP_REASON_TIMEOUT] = "timeout",
    [HP_REASON_TLS] = "tls",
    [HP_REASON_AUTH] = "auth",
    [HP_REASON_MISSING] = "missing",
    [HP_REASON_STALE] = "stale",
    [HP_REASON_STARTING] = "starting",
    [HP_REASON_STOPPING] = "stopping",
    [HP_REASON_CAPACITY] = "capacity",
    [HP_REASON_LOADING] = "loading",
    [HP_REASON_READONLY] = "readonly",
    [HP_REASON_ROLE] = "role",
    [HP_REASON_STATUS] = "status",
    [HP_REASON_EXPECTATION] = "expectation",
    [HP_REASON_QUERY] = "query",
    [HP_REASON_UPSTREAM] = "upstream",
    [HP_REASON_PROTOCOL] = "protocol",
    [HP_REASON_INTERRUPTED] = "interrupted",
    [HP_REASON_INTERNAL] = "internal",
};

const char *hp_reason_name(enum hp_reason reason)
{
    if ((unsigned)reason >= HP_REASON_COUNT)
        return reason_names[HP_REASON_INTERNAL];
    return reason_names[reason];
}

enum hp_reason hp_reason_of_target(const char *name, size_t len)
{
    static const uint32_t not_its_own =
        hp_reason_bit(HP_REASON_NONE) | hp_reason_bit(HP_REASON_CONFIG) |
        hp_reason_bit(HP_REASON_USAGE) | hp_reason_bit(HP_REASON_INTERRUPTED) |
        hp_reason_bit(HP_REASON_INTERNAL);

    for (int reason = 0; reason < HP_REASON_COUNT; reason++)
        if ((hp_reason_bit(reason) & not_its_own) == 0 &&
            hp_span_equals((struct hp_span){name, len}, reason_names[reason]))
            return (enum hp_reason)reason;
    return HP_REASON_COUNT;
}

bool hp_errno_is_shortage(int error_number)
{
    return error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM;
}

enum hp_reason hp_reason_of_errno(int error_number)
{
    switch (error_number) {
    case ECONNREFUSED:
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case EACCES:
    case EPERM:
    case ENOTSOCK:
    case EPROTOTYPE:
        return HP_REASON_REFUSED;
    case EAGAIN:
        /* connect(2): the backlog of a Unix socket is full. */
        return HP_REASON_CAPACITY;
    case ETIMEDOUT:
        return HP_REASON_TIMEOUT;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
        return HP_REASON_CLOSED;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENETRESET:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENONET:
    case EPROTO:
    case ENOPROTOOPT:
        return HP_REASON_UNREACHABLE;
    default:
        return HP_REASON_INTERNAL;
    }
}

/* Usage errors outrank internal ones, such as a lack of memory, and those outrank wrong values. */
static int rank_of(enum hp_reason reason)
{
    if (reason == HP_REASON_NONE)
        return 0;
    if (reason == HP_REASON_CONFIG)
        return 1;
    return reason == HP_REASON_USAGE ? 3 : 2;
}

static void append(struct hp_error *err, const char *text)
{
    size_t room = sizeof err->msg - 1 - err->len;
    size_t len = strlen(text);

    if (len > room) {
        len = room;
        /* A cut must not split a UTF-8 character. */
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    memcpy(err->msg + err->len, text, len);
    err->len += len;
    err->msg[err->len] = '\0';
}

struct hp_span hp_error_text(const struct hp_error *err, size_t i)
{
    size_t begin = i < err->n_texts ? err->begins[i] : 0;
    size_t end = i + 1 < err->n_texts ? err->begins[i + 1] - strlen(SEPARATOR) : err->len;

    if (i >= err->n_texts)
        return (struct hp_span){0};
    return (struct hp_span){err->msg + begin, end - begin};
}

static bool is_known(const struct hp_error *err, const char *text)
{
    for (size_t i = 0; i < err->n_texts; i++)
        if (hp_span_equals(hp_error_text(err, i), text))
            return true;
    return false;
}

static void add_text(struct hp_error *err, const char *text)
{
    if (text[0] == '\0' || is_known(err, text))
        return;
    append(err, err->len > 0 ? SEPARATOR : "");
    if (err->n_texts < HP_COUNT(err->begins) && err->len < sizeof err->msg - 1)
        err->begins[err->n_texts++] = err->len;
    append(err, text);
}

void hp_error_add(struct hp_error *err, enum hp_reason reason, const char *format, ...)
{
    char raw[sizeof err->msg];
    char text[sizeof err->msg];
    va_list args;

    /* Once memory is short, a value may seem wrong only because it could not be read. */
    if (err->reason == HP_REASON_INTERNAL && reason == HP_REASON_CONFIG)
        return;
    va_start(args, format);
    if (vsnprintf(raw, sizeof raw, format, args) < 0)
        raw[0] = '\0';
    va_end(args);

    err->n++;
    hp_utf8_clean(text, sizeof text, raw, strlen(raw));
    add_text(err, text);
    if (rank_of(reason) > rank_of(err->reason))
        err->reason = reason;
}

bool hp_error_may_pass(const struct hp_error *err)
{
    return err->n > 0 && err->n == err->n_awaited;
}

bool hp_error_no_memory(struct hp_error *err)
{
    hp_error_add(err, HP_REASON_INTERNAL, "out of memory");
    return false;
}
