/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SQLSTATE_LEN (HP_SQLSTATE_SIZE - 1)

/* What follows it is the server's. */
static const char scram_error[] = "error received from server in SCRAM exchange";

static bool begins(const char *text, const char *words)
{
    return hp_after_prefix(text, words) != NULL;
}

static bool is_sqlstate(const char *text)
{
    for (size_t i = 0; i < SQLSTATE_LEN; i++)
        if (!isdigit((unsigned char)text[i]) && !isupper((unsigned char)text[i]))
            return false;
    return true;
}

/*
 * Where a severity, in any language, ends: ":  ". libpq itself never writes two blanks, but may
 * quote some. NULL: not an error of a server.
 */
static const char *find_severity_end(const char *answer)
{
    const char *blanks = strstr(answer, "  ");

    if (blanks == NULL || blanks > answer + strcspn(answer, "\n\"") || begins(answer, scram_error))
        return NULL;
    return blanks + 2;
}

/* "FATAL:  28P01: ": a code further on is only mentioned. */
static const char *find_sqlstate(const char *answer)
{
    const char *p = find_severity_end(answer);

    return p != NULL && is_sqlstate(p) && p[SQLSTATE_LEN] == ':' && p[SQLSTATE_LEN + 1] == ' '
               ? p
               : NULL;
}

/* libpq's own messages begin with where it connected to, which the report shows as the target. */
static const char *without_prefix(const char *message)
{
    static const char failed[] = " failed: ";
    const char *end = NULL;

    if (begins(message, "connection to server "))
        end = strstr(message, failed);
    return end != NULL ? end + sizeof failed - 1 : message;
}

void hp_postgres_error_parse(struct hp_postgres_error *ret, const char *message, size_t asked_at)
{
    const char *sqlstate = NULL;

    *ret = (struct hp_postgres_error){.is_answer = asked_at <= strlen(message)};
    ret->text = ret->is_answer ? message + asked_at : message;
    if (ret->is_answer)
        sqlstate = find_sqlstate(ret->text);
    if (sqlstate != NULL) {
        memcpy(ret->sqlstate, sqlstate, SQLSTATE_LEN);
        ret->text = sqlstate + SQLSTATE_LEN + 2;
    } else {
        ret->text = without_prefix(ret->text);
    }
    ret->text_len = strcspn(ret->text, "\n");
    /* libpq cuts what follows at a comma: of a secret sent back, a piece would be shown. */
    if (sqlstate == NULL && begins(ret->text, scram_error))
        ret->text_len = sizeof scram_error - 1;
}

enum hp_reason hp_postgres_error_reason(const struct hp_postgres_error *error)
{
    if (error->sqlstate[0] != '\0')
        return hp_postgres_reason_of_sqlstate(error->sqlstate, error->text, HP_POSTGRES_LOGIN);
    /* The protocol has a code in each error. */
    if (error->is_answer && find_severity_end(error->text) != NULL)
        return HP_REASON_PROTOCOL;
    return hp_postgres_reason_of_words(error->text);
}

bool hp_postgres_may_fall_back(const struct hp_postgres_error *error)
{
    return !error->is_answer ||
           (strcmp(error->sqlstate, "28000") == 0 && strstr(error->text, "pg_hba.conf") != NULL);
}

/* --- words ----------------------------------------------------------------------------- */

struct words {
    const char *words;
    enum hp_reason reason;
};

/* A pooler has one code for everything; what it says is plain in these cases. */
static enum hp_reason reason_of_pooler(const char *text)
{
    static const struct words table[] = {
        {"no such database", HP_REASON_MISSING},
        {"no pool configured for database", HP_REASON_MISSING}, /* pgcat */
        {"no more connections allowed", HP_REASON_CAPACITY},
        {"too many connections", HP_REASON_CAPACITY},
        {"max client connections reached", HP_REASON_CAPACITY}, /* Supavisor */
        {"max clients reached", HP_REASON_CAPACITY},            /* Supavisor */
        {"no such user", HP_REASON_AUTH},
        {"user not found", HP_REASON_AUTH},
        {"tenant/user ", HP_REASON_AUTH}, /* Supavisor: "… not found" */
        {"authentication failed", HP_REASON_AUTH},
        {"authentication error", HP_REASON_AUTH}, /* Supavisor */
        {"auth failed", HP_REASON_AUTH},
        {"wrong password", HP_REASON_AUTH},
        {"connection is insecure", HP_REASON_TLS},     /* Neon */
        {"SSL connection is required", HP_REASON_TLS}, /* Supavisor */
    };

    for (size_t i = 0; i < HP_COUNT(table); i++)
        if (strcasestr(text, table[i].words) != NULL)
            return table[i].reason;
    return HP_REASON_UPSTREAM;
}

/* Do the first @len bytes of @text end in @words, after a blank? */
static bool ends(const char *text, size_t len, const char *words)
{
    size_t n = strlen(words);

    return n + 1 < len && text[len - n - 1] == ' ' && memcmp(text + len - n, words, n) == 0;
}

/* The words of an errno, alone or at the end of a message that quotes no peer. */
static enum hp_reason reason_of_system(const char *text)
{
    static const int errors[] = {
        ECONNREFUSED, ECONNRESET,    EPIPE,     ENOENT, EACCES, EAGAIN,   ENOTDIR, EHOSTUNREACH,
        ENETUNREACH,  EADDRNOTAVAIL, ETIMEDOUT, EMFILE, ENFILE, ENOTSOCK, ENOMEM,  EAFNOSUPPORT};
    bool is_own = begins(text, "could not ") || begins(text, "SSL ");
    size_t len = strcspn(text, "\n");

    if (is_own && ends(text, len, "out of memory"))
        return HP_REASON_INTERNAL;
    for (size_t i = 0; i < HP_COUNT(errors); i++) {
        const char *words = strerror(errors[i]);
        if (hp_span_equals((struct hp_span){text, len}, words) ||
            (is_own && ends(text, len, words)))
            return hp_reason_of_errno(errors[i]);
    }
    return HP_REASON_NONE;
}

/* What libpq's messages begin with: further back they may quote a peer. */
static enum hp_reason reason_of_beginning(const char *text)
{
    static const struct words table[] = {
        {"out of memory", HP_REASON_INTERNAL},
        {"cannot allocate memory", HP_REASON_INTERNAL},
        {"could not generate", HP_REASON_INTERNAL}, /* no random bytes to be had */
        {"could not create SSL context", HP_REASON_INTERNAL},
        {"could not establish SSL connection", HP_REASON_INTERNAL},
        {"server closed the connection", HP_REASON_CLOSED},
        {"SSL SYSCALL error", HP_REASON_CLOSED},
        {"SSL connection has been closed", HP_REASON_CLOSED},
        {"SSL error: unexpected eof", HP_REASON_CLOSED},
        {"SSL ", HP_REASON_TLS},
        {"direct SSL ", HP_REASON_TLS},
        {"server does not support SSL", HP_REASON_TLS},
        {"session is ", HP_REASON_ROLE},
        {"server is ", HP_REASON_ROLE},
        {"fe_sendauth: no password supplied", HP_REASON_AUTH},
        {scram_error, HP_REASON_AUTH},
        {"incorrect server signature", HP_REASON_AUTH},
        {"could not verify server signature", HP_REASON_AUTH},
        {"authentication method ", HP_REASON_AUTH},
        {"none of the server's SASL", HP_REASON_AUTH},
        {"channel binding ", HP_REASON_AUTH},
        {"server offered SCRAM", HP_REASON_AUTH},
        {"SCRAM authentication requires", HP_REASON_AUTH},
        {"GSSAPI authentication not supported", HP_REASON_AUTH},
        {"SSPI authentication not supported", HP_REASON_AUTH},
        {"Kerberos ", HP_REASON_AUTH},
        {"Crypt authentication not supported", HP_REASON_AUTH},
        {"invalid SCRAM response", HP_REASON_AUTH},
        {"invalid SCRAM exchange", HP_REASON_AUTH},
        {"invalid response to SSL", HP_REASON_PROTOCOL},
        {"invalid ", HP_REASON_CONFIG},
        {"unsupported ", HP_REASON_CONFIG},
    };

    for (size_t i = 0; i < HP_COUNT(table); i++)
        if (begins(text, table[i].words))
            return table[i].reason;
    return HP_REASON_PROTOCOL;
}

/* Does it say so before it quotes anybody? */
static bool speaks_of(const char *text, const char *words)
{
    const char *found = strstr(text, words);

    return found != NULL && found < text + strcspn(text, "\n\"");
}

enum hp_reason hp_postgres_reason_of_words(const char *message)
{
    const char *text = without_prefix(message);
    enum hp_reason reason = reason_of_system(text);

    /* The postmaster's own, in a protocol without codes: its memory, and not ours, is short. */
    if (begins(text, "could not fork "))
        return HP_REASON_CAPACITY;
    /* A certificate or key that cannot be read has an errno too; it is not a socket's. */
    if ((speaks_of(text, "certificate") || speaks_of(text, "private key")) &&
        reason != HP_REASON_INTERNAL)
        return HP_REASON_TLS;
    return reason != HP_REASON_NONE ? reason : reason_of_beginning(text);
}

/* --- codes ----------------------------------------------------------------------------- */

static bool is_class(const char *sqlstate, const char *class)
{
    return begins(sqlstate, class);
}

/* "starting up", "in recovery" and all languages we do not read are starting. */
static enum hp_reason reason_of_cannot_connect_now(const char *text)
{
    return strstr(text, "shutting down") != NULL ? HP_REASON_STOPPING : HP_REASON_STARTING;
}

enum hp_reason hp_postgres_reason_of_sqlstate(const char *sqlstate, const char *text,
                                              enum hp_postgres_stage stage)
{
    if (strcmp(sqlstate, "57P03") == 0)
        return reason_of_cannot_connect_now(text);
    if (strcmp(sqlstate, "57P01") == 0 || strcmp(sqlstate, "57P02") == 0)
        return HP_REASON_STOPPING;
    if (is_class(sqlstate, "53"))
        return HP_REASON_CAPACITY;
    if (is_class(sqlstate, "28") || (stage == HP_POSTGRES_LOGIN && strcmp(sqlstate, "42501") == 0))
        return HP_REASON_AUTH;
    if (strcmp(sqlstate, "3D000") == 0)
        return HP_REASON_MISSING;
    if (strcmp(sqlstate, "25006") == 0)
        return HP_REASON_READONLY;
    if (stage != HP_POSTGRES_ANSWERED &&
        (is_class(sqlstate, "08") || is_class(sqlstate, "58") || strcmp(sqlstate, "XX000") == 0))
        return reason_of_pooler(text);
    return HP_REASON_QUERY;
}
