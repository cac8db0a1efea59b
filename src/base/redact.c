/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/redact.h>

#include <healthprobe/base/array.h>
#include <healthprobe/base/utf8.h>

#include <stdlib.h>
#include <string.h>

#include "escape.h"

/* So many bytes of a secret at the end of an incomplete text count as the secret. */
#define BEGINNING_MIN 3

/* So many bytes of a secret are enough anywhere: a server that repeats it may cut it, as Redis
 * does. */
#define LONG_BEGINNING 64

bool hp_secrets_add(struct hp_secrets *secrets, const char *secret)
{
    char *copy = NULL;

    if (secret == NULL || *secret == '\0')
        return true;
    copy = strdup(secret);
    if (copy == NULL || !hp_array_room(secrets->items, secrets->n)) {
        free(copy);
        return false;
    }
    secrets->items[secrets->n++] = copy;
    return true;
}

bool hp_secrets_add_whole(struct hp_secrets *secrets, const char *secret)
{
    if (secrets->whole == NULL)
        secrets->whole = calloc(1, sizeof *secrets->whole);
    return secrets->whole != NULL && hp_secrets_add(secrets->whole, secret);
}

void hp_secret_free(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

void hp_secrets_release(struct hp_secrets *secrets)
{
    if (secrets->whole != NULL)
        hp_secrets_release(secrets->whole);
    free(secrets->whole);
    for (size_t i = 0; i < secrets->n; i++)
        hp_secret_free(secrets->items[i]);
    free(secrets->items);
    *secrets = (struct hp_secrets){0};
}

/* How many bytes of @secret @text begins with, and how many of @text they take. */
static size_t match_character(struct hp_span text, const char *secret, size_t *ret_step)
{
    char character[HP_CHARACTER_MAX];
    size_t len = hp_escape_decode(text, character, ret_step);

    if (len > 0 && strncmp(secret, character, len) == 0)
        return len;
    *ret_step = 1;
    /* In a form, a plus sign stands for a blank. */
    return text.data[0] == secret[0] || (text.data[0] == '+' && secret[0] == ' ');
}

static bool breaks_off(struct hp_span text)
{
    char character[HP_CHARACTER_MAX];
    size_t step = 0;

    return text.len == 0 ||
           (hp_escape_decode(text, character, &step) == 0 && hp_escape_breaks_off(text));
}

/*
 * How many bytes of @secret @text begins with, decoded while comparing: any mix of raw and escaped
 * characters is found, and a long text needs no copy. @ret_ended: how many where @text ended, or
 * broke off in an escape; 0: one differed before.
 */
static size_t match_decoded(struct hp_span text, const char *secret, size_t *ret_ended)
{
    size_t matched = 0;

    *ret_ended = 0;
    while (secret[matched] != '\0') {
        size_t step = 0;
        size_t len = 0;

        if (breaks_off(text))
            *ret_ended = matched;
        if (text.len > 0)
            len = match_character(text, secret + matched, &step);
        if (len == 0)
            break;
        matched += len;
        text = hp_span_skip(text, step);
    }
    return matched;
}

static bool found_decoded(struct hp_untrusted said, const char *secret)
{
    size_t secret_len = strnlen(secret, LONG_BEGINNING);

    for (struct hp_span text = {said.bytes, said.len}; text.len > 0; text = hp_span_skip(text, 1)) {
        size_t ended = 0;

        if (match_decoded(text, secret, &ended) >= secret_len ||
            (said.incomplete && ended >= BEGINNING_MIN))
            return true;
    }
    return false;
}

/* The decoded search does not include this one: a secret may itself hold "%41". */
static bool found_raw(struct hp_untrusted said, const char *secret)
{
    size_t secret_len = strnlen(secret, LONG_BEGINNING);
    size_t longest = secret_len - 1 < said.len ? secret_len - 1 : said.len;

    if (memmem(said.bytes, said.len, secret, secret_len) != NULL)
        return true;
    for (size_t len = longest; said.incomplete && len >= BEGINNING_MIN; len--) {
        if (memcmp(said.bytes + said.len - len, secret, len) == 0)
            return true;
    }
    return false;
}

static bool holds_any(struct hp_untrusted said, const struct hp_secrets *secrets,
                      const struct hp_secrets *view)
{
    for (size_t i = 0; said.len > 0 && i < secrets->n; i++) {
        const char *secret = secrets->items[i];

        if ((found_raw(said, secret) || found_decoded(said, secret)) &&
            (view->is_shown == NULL || !view->is_shown(view->owner, secret)))
            return true;
    }
    return false;
}

bool hp_secrets_found(const struct hp_secrets *secrets, struct hp_untrusted said)
{
    const struct hp_secrets *all = secrets != NULL && secrets->of != NULL ? secrets->of : secrets;

    if (all == NULL)
        return false;
    if (holds_any(said, all, secrets))
        return true;
    said.incomplete = false;
    return all->whole != NULL && holds_any(said, all->whole, secrets);
}

void hp_redact(struct hp_text *ret, struct hp_untrusted said, const struct hp_secrets *secrets)
{
    if (hp_secrets_found(secrets, said))
        said = hp_untrusted_of(HP_WITHHELD);
    hp_utf8_clean(ret->bytes, sizeof ret->bytes, said.bytes, said.len);
}

struct hp_untrusted hp_untrusted_of(const char *text)
{
    return (struct hp_untrusted){.bytes = text, .len = strlen(text)};
}
