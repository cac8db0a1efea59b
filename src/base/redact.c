/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/redact.h>

#include <healthprobe/base/array.h>
#include <healthprobe/base/utf8.h>

#include <stdint.h>
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

/*
 * How far each reading of a text has come: bit m of a place says that the text before it ends in
 * the first m bytes of the secret. A secret may itself hold what looks like an escape, such as
 * "%25" or a pair of backslashes, so an escape is read both as itself and as what it stands for.
 */
struct readings {
    const char *secret;
    size_t len;                     /* of as much of it as is enough: 64 at most */
    uint64_t places[HP_ESCAPE_MAX]; /* of those ahead that an escape may lead to */
};

static uint64_t *place_of(struct readings *readings, size_t at)
{
    return &readings->places[at % HP_COUNT(readings->places)];
}

/* True: the secret ends at this place. */
static bool reach(struct readings *readings, size_t at, size_t matched)
{
    if (matched >= readings->len)
        return true;
    *place_of(readings, at) |= (uint64_t)1 << matched;
    return false;
}

/* Read on at @at, where @text begins. True: the secret is found. */
static bool read_on(struct readings *readings, struct hp_span text, size_t at, uint64_t begun)
{
    char character[HP_CHARACTER_MAX];
    size_t step = 0;
    size_t len = hp_escape_decode(text, character, &step);
    bool ended = false;

    for (size_t matched = 0; begun != 0 && !ended; matched++, begun >>= 1) {
        const char *next = readings->secret + matched;

        if ((begun & 1) == 0)
            continue;
        /* In a form, a plus sign stands for a blank. */
        if (text.data[0] == *next || (text.data[0] == '+' && *next == ' '))
            ended = reach(readings, at + 1, matched + 1);
        if (len > 0 && strncmp(next, character, len) == 0)
            ended = reach(readings, at + step, matched + len) || ended;
    }
    return ended;
}

static bool found_in(struct hp_untrusted said, const char *secret)
{
    struct readings readings = {.secret = secret, .len = strnlen(secret, LONG_BEGINNING)};

    for (size_t at = 0; at <= said.len; at++) {
        struct hp_span text = {said.bytes + at, said.len - at};
        uint64_t begun = *place_of(&readings, at) | 1;

        *place_of(&readings, at) = 0;
        if (said.incomplete && begun >> BEGINNING_MIN != 0 && hp_escape_breaks_off(text))
            return true;
        if (text.len > 0 && read_on(&readings, text, at, begun))
            return true;
    }
    return false;
}

static bool holds_any(struct hp_untrusted said, const struct hp_secrets *secrets,
                      const struct hp_secrets *view)
{
    for (size_t i = 0; said.len > 0 && i < secrets->n; i++) {
        const char *secret = secrets->items[i];

        if (found_in(said, secret) &&
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
