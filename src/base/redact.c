/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/array.h>
#include <healthprobe/base/percent.h>
#include <healthprobe/base/redact.h>
#include <healthprobe/base/utf8.h>

#include <stdlib.h>
#include <string.h>

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

/*
 * How many bytes of @secret @text begins with, decoded while comparing: any mix of raw and encoded
 * bytes is found, and a long text needs no copy. @ret_ended: @text ended before a byte differed.
 */
static size_t match_decoded(struct hp_span text, const char *secret, bool *ret_ended)
{
    size_t matched = 0;

    *ret_ended = false;
    for (; secret[matched] != '\0'; matched++) {
        size_t step = 0;

        if (text.len == 0 || hp_percent_breaks_off(text)) {
            *ret_ended = true;
            break;
        }
        /* In a form, a plus sign stands for a blank. */
        if (hp_percent_decode(text, &step) != secret[matched] &&
            (text.data[0] != '+' || secret[matched] != ' '))
            break;
        text = hp_span_skip(text, step);
    }
    return matched;
}

static bool found_decoded(struct hp_untrusted said, const char *secret)
{
    size_t secret_len = strnlen(secret, LONG_BEGINNING);

    for (struct hp_span text = {said.bytes, said.len}; text.len > 0; text = hp_span_skip(text, 1)) {
        bool ended = false;
        size_t matched = match_decoded(text, secret, &ended);

        if (matched >= secret_len || (said.incomplete && ended && matched >= BEGINNING_MIN))
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
