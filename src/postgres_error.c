/* SPDX-License-Identifier: MIT */
#include <healthprobe/postgres_error.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SQLSTATE_LEN (HP_SQLSTATE_SIZE - 1)

static bool is_sqlstate(const char *text)
{
    for (size_t i = 0; i < SQLSTATE_LEN; i++)
        if (!isdigit((unsigned char)text[i]) && !isupper((unsigned char)text[i]))
            return false;
    return true;
}

/* "  28P01: " */
static const char *find_sqlstate(const char *message)
{
    for (const char *p = strstr(message, "  "); p != NULL; p = strstr(p + 1, "  "))
        if (is_sqlstate(p + 2) && p[2 + SQLSTATE_LEN] == ':' && p[3 + SQLSTATE_LEN] == ' ')
            return p + 2;
    return NULL;
}

/* libpq's own messages begin with where it connected to, which the target tells already. */
static const char *without_prefix(const char *message)
{
    static const char failed[] = " failed: ";
    const char *end = NULL;

    if (strncmp(message, "connection to server ", 21) == 0)
        end = strstr(message, failed);
    return end != NULL ? end + sizeof failed - 1 : message;
}

void hp_postgres_error_parse(struct hp_postgres_error *ret, const char *message)
{
    static const char scram[] = "error received from server in SCRAM exchange";
    const char *sqlstate = find_sqlstate(message);

    memset(ret, 0, sizeof *ret);
    if (sqlstate != NULL) {
        memcpy(ret->sqlstate, sqlstate, SQLSTATE_LEN);
        ret->text = sqlstate + SQLSTATE_LEN + 2;
    } else {
        ret->text = without_prefix(message);
    }
    ret->text_len = strcspn(ret->text, "\n");
    /* libpq cuts what follows at a comma: of a secret sent back, a piece would be shown. */
    if (sqlstate == NULL && strncmp(ret->text, scram, sizeof scram - 1) == 0)
        ret->text_len = sizeof scram - 1;
}

bool hp_postgres_may_fall_back(const struct hp_postgres_error *error)
{
    return error->sqlstate[0] == '\0' ||
           (strcmp(error->sqlstate, "28000") == 0 && strstr(error->text, "pg_hba.conf") != NULL);
}

/* --- words ----------------------------------------------------------------------------- */

struct words {
    const char *words;
    enum hp_reason reason;
};

static enum hp_reason find_words(const struct words *table, size_t n, const char *text,
                                 enum hp_reason otherwise)
{
    for (size_t i = 0; i < n; i++)
        if (strcasestr(text, table[i].words) != NULL)
            return table[i].reason;
    return otherwise;
}

/* A pooler has one code for everything; what it says is plain in these cases. */
static enum hp_reason reason_of_pooler(const char *text)
{
    static const struct words table[] = {
        {"no such database", HP_REASON_MISSING},
        {"no more connections allowed", HP_REASON_CAPACITY},
        {"too many connections", HP_REASON_CAPACITY},
        {"no such user", HP_REASON_AUTH},
        {"user not found", HP_REASON_AUTH},
        {"authentication failed", HP_REASON_AUTH},
        {"auth failed", HP_REASON_AUTH},
        {"wrong password", HP_REASON_AUTH},
    };

    return find_words(table, sizeof table / sizeof table[0], text, HP_REASON_UPSTREAM);
}

enum hp_reason hp_postgres_reason_of_words(const char *message)
{
    /* In this order: what a peer did comes before what libpq made of it. */
    static const struct words table[] = {
        {"out of memory", HP_REASON_INTERNAL},
        {"could not generate", HP_REASON_INTERNAL}, /* no random bytes to be had */
        {"unexpected eof", HP_REASON_CLOSED},
        {"SSL SYSCALL error", HP_REASON_CLOSED},
        {"closed the connection", HP_REASON_CLOSED},
        {"closed unexpectedly", HP_REASON_CLOSED},
        {"no password supplied", HP_REASON_AUTH},
        {"server signature", HP_REASON_AUTH},
        {"lost synchronization", HP_REASON_PROTOCOL},
        {"malformed", HP_REASON_PROTOCOL},
        {"expected authentication request", HP_REASON_PROTOCOL},
        {"invalid response to SSL negotiation", HP_REASON_PROTOCOL},
        {"received unencrypted data", HP_REASON_PROTOCOL},
        {"received invalid", HP_REASON_PROTOCOL},
        {"received duplicate", HP_REASON_PROTOCOL},
        {"server sent an error response during", HP_REASON_PROTOCOL},
        {"does not support SSL", HP_REASON_TLS},
        {"SSL error", HP_REASON_TLS},
        {"read-only", HP_REASON_ROLE},
        {"hot standby", HP_REASON_ROLE},
        {"authentication", HP_REASON_AUTH},
        {"SASL", HP_REASON_AUTH},
        {"SCRAM", HP_REASON_AUTH},
        {"channel binding", HP_REASON_AUTH},
        {"invalid ", HP_REASON_CONFIG},
        {"unsupported ", HP_REASON_CONFIG},
    };
    static const int errors[] = {
        ECONNREFUSED, ECONNRESET,    EPIPE,     ENOENT, EACCES, EAGAIN,   ENOTDIR, EHOSTUNREACH,
        ENETUNREACH,  EADDRNOTAVAIL, ETIMEDOUT, EMFILE, ENFILE, ENOTSOCK, ENOMEM,  EAFNOSUPPORT};

    /* A certificate or key that cannot be read has an errno too; it is no socket's. */
    if (strstr(message, "certificate") != NULL || strstr(message, "private key") != NULL)
        return HP_REASON_TLS;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strstr(message, strerror(errors[i])) != NULL)
            return hp_reason_of_errno(errors[i]);
    return find_words(table, sizeof table / sizeof table[0], message, HP_REASON_PROTOCOL);
}

/* --- codes ----------------------------------------------------------------------------- */

static bool is_class(const char *sqlstate, const char *class)
{
    return strncmp(sqlstate, class, 2) == 0;
}

/* "starting up", "in recovery" and all languages we do not read are starting. */
static enum hp_reason reason_of_cannot_connect_now(const char *text)
{
    return strstr(text, "shutting down") != NULL ? HP_REASON_STOPPING : HP_REASON_STARTING;
}

enum hp_reason hp_postgres_reason_of_sqlstate(const char *sqlstate, const char *text,
                                              bool logged_in)
{
    if (strcmp(sqlstate, "57P03") == 0)
        return reason_of_cannot_connect_now(text);
    if (strcmp(sqlstate, "57P01") == 0 || strcmp(sqlstate, "57P02") == 0)
        return HP_REASON_STOPPING;
    if (is_class(sqlstate, "53"))
        return HP_REASON_CAPACITY;
    if (is_class(sqlstate, "28") || (!logged_in && strcmp(sqlstate, "42501") == 0))
        return HP_REASON_AUTH;
    if (strcmp(sqlstate, "3D000") == 0)
        return HP_REASON_MISSING;
    if (strcmp(sqlstate, "25006") == 0)
        return HP_REASON_READONLY;
    if (is_class(sqlstate, "08") || strcmp(sqlstate, "XX000") == 0)
        return reason_of_pooler(text);
    return HP_REASON_QUERY;
}
