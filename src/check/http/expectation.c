/* SPDX-License-Identifier: MIT */
#include "expectation.h"

#include <healthprobe/base/array.h>
#include <healthprobe/base/span.h>
#include <healthprobe/base/utf8.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "header.h"
#include "json.h"

/* --- what is expected ------------------------------------------------------------------------- */

static bool read_header(struct hp_expectation *ret, const struct hp_value *value,
                        struct hp_error *err)
{
    ret->key_len = strcspn(ret->text, ":");
    if (hp_http_header_valid(ret->text, &ret->wanted))
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is not a header of the form 'Name: value'",
                 value->origin);
    return false;
}

static bool read_contains(struct hp_expectation *ret, const struct hp_value *value,
                          struct hp_error *err)
{
    if (ret->text[0] != '\0')
        return true;
    hp_error_add(err, HP_REASON_CONFIG, "%s: is empty, which every body contains", value->origin);
    return false;
}

static bool read_json(struct hp_expectation *ret, const struct hp_value *value,
                      struct hp_error *err)
{
    ret->key_len = strcspn(ret->text, "=");
    ret->wanted = ret->text + ret->key_len + 1;
    if (ret->text[ret->key_len] == '=' && hp_json_path_valid(ret->text, ret->key_len))
        return true;
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: is not of the form PATH=VALUE, such as checks.database.status=up",
                 value->origin);
    return false;
}

static bool read_match(struct hp_expectation *ret, const struct hp_value *value,
                       struct hp_error *err)
{
    char why[80] = "is empty, which every body matches";
    int error = 0;

    if (ret->text[0] != '\0') {
        error = regcomp(&ret->regex, ret->text, REG_EXTENDED | REG_NOSUB);
        if (error == 0)
            return true;
        regerror(error, &ret->regex, why, sizeof why);
    }
    hp_error_add(err, HP_REASON_CONFIG, "%s: %s%s", value->origin,
                 error != 0 ? "is not an extended regular expression: " : "", why);
    return false;
}

static bool (*const readers[HP_EXPECT_COUNT])(struct hp_expectation *ret,
                                              const struct hp_value *value,
                                              struct hp_error *err) = {
    [HP_EXPECT_HEADER] = read_header,
    [HP_EXPECT_CONTAINS] = read_contains,
    [HP_EXPECT_JSON] = read_json,
    [HP_EXPECT_MATCH] = read_match,
};

/* One that is wrong is not kept: what it holds is not whole. */
bool hp_expectations_read(struct hp_expectations *ret, const struct hp_values *values,
                          const struct hp_option *const rows[HP_EXPECT_COUNT], struct hp_error *err)
{
    bool good = true;

    for (int kind = 0; kind < HP_EXPECT_COUNT; kind++) {
        const struct hp_value *value = NULL;
        while ((value = hp_value_next(values, rows[kind], value)) != NULL) {
            struct hp_expectation *item = NULL;
            if (!hp_array_room(ret->items, ret->n))
                return hp_error_no_memory(err);
            item = &ret->items[ret->n];
            *item = (struct hp_expectation){.kind = (enum hp_expectation_kind)kind,
                                            .text = value->text};
            if (readers[kind](item, value, err))
                ret->n++;
            else
                good = false;
        }
    }
    return good;
}

void hp_expectations_release(struct hp_expectations *expectations)
{
    for (size_t i = 0; i < expectations->n; i++)
        if (expectations->items[i].kind == HP_EXPECT_MATCH)
            regfree(&expectations->items[i].regex);
    free(expectations->items);
    *expectations = (struct hp_expectations){0};
}

bool hp_expectations_want_headers(const struct hp_expectations *expectations)
{
    return expectations->n > 0 && expectations->items[0].kind == HP_EXPECT_HEADER;
}

bool hp_expectations_want_body(const struct hp_expectations *expectations)
{
    size_t n = expectations->n;

    return n > 0 && expectations->items[n - 1].kind != HP_EXPECT_HEADER;
}

/* --- what came -------------------------------------------------------------------------------- */

struct judging {
    const struct hp_seen *seen;
    struct hp_attempt *attempt;
    struct hp_json json;
    bool json_read;
};

/* How much is shown of what was expected. */
#define SHOWN_MAX 48

/* What the user expects may be a secret: it is searched for one before it is cut. */
static void shown(char ret[SHOWN_MAX + 1], const struct judging *judging, const char *text,
                  size_t len)
{
    const struct hp_untrusted asked = {text, len, false};

    if (hp_secrets_found(judging->attempt->secrets, asked))
        snprintf(ret, SHOWN_MAX + 1, HP_WITHHELD);
    else
        hp_utf8_clean(ret, SHOWN_MAX + 1, text, len);
}

static bool fail(const struct judging *judging, const char *own, const char *between,
                 struct hp_untrusted quoted)
{
    hp_attempt_down_quoting(judging->attempt, HP_REASON_EXPECTATION, own, between, quoted);
    return false;
}

static bool fail_at_body(const struct judging *judging, const char *own)
{
    const struct hp_seen *seen = judging->seen;

    if (seen->body_len == 0)
        return fail(judging, own, "; it is empty", hp_untrusted_of(""));
    return fail(judging, own,
                "; it begins: ", (struct hp_untrusted){seen->body, seen->body_len, seen->body_cut});
}

static bool equals(struct hp_untrusted found, const char *wanted)
{
    return hp_span_equals((struct hp_span){found.bytes, found.len}, wanted);
}

/* What follows the name, without the blanks around it. */
static struct hp_untrusted value_of(struct hp_span line, size_t name_len)
{
    struct hp_span value = hp_span_trim(hp_span_skip(line, name_len + 1), " \t\r\n");

    return (struct hp_untrusted){value.data, value.len, false};
}

/* Of several headers of one name, one that is as wanted will do. */
static bool holds_header(struct judging *judging, const struct hp_expectation *expectation)
{
    struct hp_span rest = {judging->seen->headers, judging->seen->headers_len};
    struct hp_untrusted found = {0};
    char name[SHOWN_MAX + 1];
    char wanted[SHOWN_MAX + 1];
    char own[2 * SHOWN_MAX + 32];

    while (rest.data != NULL) {
        struct hp_span line = hp_span_cut(&rest, "\n");
        if (!hp_http_header_named(line.data, line.len, expectation->text, expectation->key_len))
            continue;
        found = value_of(line, expectation->key_len);
        if (equals(found, expectation->wanted))
            return true;
    }
    shown(name, judging, expectation->text, expectation->key_len);
    shown(wanted, judging, expectation->wanted, strlen(expectation->wanted));
    if (found.bytes == NULL) {
        snprintf(own, sizeof own, "there is no header %s", name);
        return fail(judging, own, "", hp_untrusted_of(""));
    }
    snprintf(own, sizeof own, "expected the header %s to be \"%s\"", name, wanted);
    return fail(judging, own, ", got \"", found);
}

static bool holds_contains(struct judging *judging, const struct hp_expectation *expectation)
{
    const struct hp_seen *seen = judging->seen;
    size_t len = strlen(expectation->text);
    char text[SHOWN_MAX + 1];
    char own[SHOWN_MAX + 40];

    if (memmem(seen->body, seen->body_len, expectation->text, len) != NULL)
        return true;
    shown(text, judging, expectation->text, len);
    snprintf(own, sizeof own, "the body does not contain \"%s\"", text);
    return fail_at_body(judging, own);
}

static bool holds_match(struct judging *judging, const struct hp_expectation *expectation)
{
    const struct hp_seen *seen = judging->seen;
    char text[SHOWN_MAX + 1];
    char own[SHOWN_MAX + 40];
    int error;

    /* A regular expression is matched against a string, which a NUL would end. */
    for (char *nul = seen->body;
         (nul = memchr(nul, '\0', seen->body_len - (size_t)(nul - seen->body))) != NULL;)
        *nul = '\1';
    seen->body[seen->body_len] = '\0';
    error = regexec(&expectation->regex, seen->body, 0, NULL, 0);
    if (error == 0)
        return true;
    if (error != REG_NOMATCH) {
        hp_attempt_no_memory(judging->attempt);
        return false;
    }
    shown(text, judging, expectation->text, strlen(expectation->text));
    snprintf(own, sizeof own, "the body does not match \"%s\"", text);
    return fail_at_body(judging, own);
}

static bool no_json(const struct judging *judging)
{
    const struct hp_json *json = &judging->json;
    const struct hp_seen *seen = judging->seen;
    char why[160];

    if (json->no_memory) {
        hp_attempt_no_memory(judging->attempt);
        return false;
    }
    if (seen->body_len == 0)
        return fail_at_body(judging, "the body is not JSON");
    if (seen->body_cut && json->error_at >= seen->body_len)
        return fail(judging, "the JSON in the body does not end within 64 KiB", "",
                    hp_untrusted_of(""));
    snprintf(why, sizeof why, " (%s, byte %zu); it begins: ", json->error, json->error_at);
    return fail(judging, "the body is not JSON", why,
                (struct hp_untrusted){seen->body, seen->body_len, seen->body_cut});
}

/* All that ask for it share a document. */
static bool read_document(struct judging *judging)
{
    if (!judging->json_read)
        hp_json_read(&judging->json, judging->seen->body, judging->seen->body_len);
    judging->json_read = true;
    return judging->json.document != NULL || no_json(judging);
}

static bool holds_json(struct judging *judging, const struct hp_expectation *expectation)
{
    struct hp_untrusted found = {0};
    enum hp_json_kind kind;
    char path[SHOWN_MAX + 1];
    char wanted[SHOWN_MAX + 1];
    char own[2 * SHOWN_MAX + 32];

    if (!read_document(judging))
        return false;
    kind = hp_json_find(&judging->json, expectation->text, expectation->key_len, &found);
    if (kind == HP_JSON_TEXT && equals(found, expectation->wanted))
        return true;
    shown(path, judging, expectation->text, expectation->key_len);
    shown(wanted, judging, expectation->wanted, strlen(expectation->wanted));
    if (kind == HP_JSON_NOTHING) {
        snprintf(own, sizeof own, "the JSON has no %s", path);
        return fail(judging, own, "", hp_untrusted_of(""));
    }
    snprintf(own, sizeof own, "expected %s to be \"%s\"", path, wanted);
    if (kind == HP_JSON_TEXT)
        return fail(judging, own, ", got \"", found);
    return fail(judging, own, kind == HP_JSON_OBJECT ? ", got an object" : ", got an array",
                hp_untrusted_of(""));
}

bool hp_expectations_hold(const struct hp_expectations *expectations, const struct hp_seen *seen,
                          struct hp_attempt *attempt)
{
    static bool (*const holds[HP_EXPECT_COUNT])(struct judging *, const struct hp_expectation *) = {
        [HP_EXPECT_HEADER] = holds_header,
        [HP_EXPECT_CONTAINS] = holds_contains,
        [HP_EXPECT_JSON] = holds_json,
        [HP_EXPECT_MATCH] = holds_match,
    };
    struct judging judging = {.seen = seen, .attempt = attempt};
    bool good = true;

    for (size_t i = 0; good && i < expectations->n; i++)
        good = holds[expectations->items[i].kind](&judging, &expectations->items[i]);
    hp_json_release(&judging.json);
    return good;
}
