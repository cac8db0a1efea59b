/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include <healthprobe/base/environment.h>
#include <healthprobe/check/target.h>
#include <healthprobe/plan/file.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the steps of following a reference share. */
struct following {
    struct hp_value *value;
    const char *origin;
    char *const *environment;
    struct hp_error *err;
};

static char *copy(const struct following *following, struct hp_span text)
{
    char *result = strndup(text.data, text.len);

    if (result == NULL)
        hp_error_no_memory(following->err);
    return result;
}

static bool is_variable_name(const char *name)
{
    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

/* An empty variable counts as unset. */
static char *read_variable(const struct following *following, const char *name,
                           struct hp_placeholder_text *reference)
{
    const char *text = hp_environment_get(following->environment, name);
    struct hp_span value = hp_span_trim_end(hp_span_of(text != NULL ? text : ""), "\r\n");

    if (value.len > 0)
        return copy(following, value);
    reference->is_default = reference->fallback.data != NULL;
    if (reference->is_default)
        return copy(following, reference->fallback);
    hp_error_add(following->err, HP_REASON_CONFIG,
                 "%s: the variable %.64s that it names is not set, or empty", following->origin,
                 is_variable_name(name) ? name : "(no valid name)");
    return NULL;
}

static char *read_reference(const struct following *following,
                            struct hp_placeholder_text *reference)
{
    char *name = copy(following, reference->name);
    char *result = NULL;

    if (name == NULL)
        return NULL;
    if (reference->reference == HP_REFERENCE_FILE)
        result = hp_file_read(name, following->origin, following->err);
    else
        result = read_variable(following, name, reference);
    free(name);
    return result;
}

/* "env:NAME", "file:PATH", or a placeholder that is all of @text. */
static bool is_whole(struct hp_span text, struct hp_placeholder_text *ret)
{
    if (hp_placeholder_parse(text, ret) && ret->len > 0)
        return ret->len == text.len;
    *ret = (struct hp_placeholder_text){.len = text.len};
    if (hp_span_starts(text, "env:"))
        ret->reference = HP_REFERENCE_VARIABLE;
    else if (hp_span_starts(text, "file:"))
        ret->reference = HP_REFERENCE_FILE;
    ret->name = text;
    hp_span_cut(&ret->name, ":");
    return ret->reference != HP_REFERENCE_NONE;
}

static bool is_target(const struct following *following)
{
    return (following->value->option->flags & HP_OPTION_TARGET) != 0;
}

/* Typed text must not hold a mark, even percent-encoded. */
static bool check_marks(const struct following *following, struct hp_span text)
{
    static const char mark = HP_URL_MARK;

    if (memchr(text.data, mark, text.len) == NULL &&
        (!is_target(following) || memmem(text.data, text.len, "%01", 3) == NULL))
        return true;
    hp_error_add(following->err, HP_REASON_CONFIG,
                 "%s: holds the control character 01 beside a placeholder", following->origin);
    return false;
}

static bool add_placeholder(const struct following *following,
                            struct hp_placeholder_text *placeholder, char ret_mark[2])
{
    struct hp_placeholders *placeholders = &following->value->placeholders;
    char *text = NULL;

    if (placeholders->n == HP_PLACEHOLDERS_MAX) {
        hp_error_add(following->err, HP_REASON_CONFIG,
                     "%s: has too many placeholders; give at most %d", following->origin,
                     HP_PLACEHOLDERS_MAX);
        return false;
    }
    text = read_reference(following, placeholder);
    return text != NULL && (hp_placeholders_add(placeholders, placeholder, text, ret_mark) ||
                            hp_error_no_memory(following->err));
}

/* Copy the next byte of @left, or write a mark for the placeholder there. */
static bool mark_next(const struct following *following, struct hp_span *left, char **at)
{
    struct hp_placeholder_text found;
    bool ok = true;

    if (!hp_placeholder_parse(*left, &found)) {
        hp_error_add(following->err, HP_REASON_CONFIG,
                     "%s: has a malformed placeholder: write {env:NAME}, {env:NAME:-default} or "
                     "{file:PATH}",
                     following->origin);
        *left = hp_span_skip(*left, left->len);
        return false;
    }
    if (found.len == 0) {
        *(*at)++ = *left->data;
        *left = hp_span_skip(*left, 1);
        return true;
    }
    ok = add_placeholder(following, &found, *at);
    *at += 2;
    *left = hp_span_skip(*left, found.len);
    return ok;
}

/* @text with a mark for each placeholder. Reports every placeholder that cannot be read. */
static char *mark(const struct following *following, struct hp_span text)
{
    char *marked = calloc(text.len + 1, 1);
    char *at = marked;
    bool ok = true;

    if (marked == NULL) {
        hp_error_no_memory(following->err);
        return NULL;
    }
    for (struct hp_span left = text; left.len > 0;)
        ok = mark_next(following, &left, &at) && ok;
    if (ok && (following->value->placeholders.n == 0 || check_marks(following, text)))
        return marked;
    hp_secret_free(marked);
    return NULL;
}

static bool has_control(const char *text)
{
    while (*text != '\0' && !iscntrl((unsigned char)*text))
        text++;
    return *text != '\0';
}

/* A line end would begin another header. The kind checks what was typed. */
static bool check_header(const struct following *following, struct hp_span typed, const char *value)
{
    if (hp_span_equals(typed, value) || !has_control(value))
        return true;
    hp_error_add(following->err, HP_REASON_CONFIG,
                 "%s: the value that it names holds a control character", following->origin);
    return false;
}

static char *put(const struct following *following, char *marked)
{
    char *text = NULL;

    if (marked == NULL || is_target(following))
        return marked;
    text = hp_placeholders_put(&following->value->placeholders, marked);
    if (text == NULL)
        hp_error_no_memory(following->err);
    hp_secret_free(marked);
    return text;
}

static char *follow(const struct following *following, struct hp_span text)
{
    struct hp_placeholder_text whole;
    char *result = NULL;

    if (!is_whole(text, &whole))
        return put(following, mark(following, text));
    result = read_reference(following, &whole);
    if (!whole.is_default)
        hp_reference_set(following->value, whole.reference, whole.name);
    return result;
}

/* Keeps "Name: ", and follows the reference after it. */
static char *follow_header(const struct following *following, struct hp_span text)
{
    const char *colon = memchr(text.data, ':', text.len);
    size_t name_len = colon != NULL ? (size_t)(colon - text.data) + 1 : text.len;
    struct hp_span typed;
    char *value = NULL;
    char *result = NULL;

    while (name_len < text.len && hp_is_one_of(text.data[name_len], " \t"))
        name_len++;
    typed = hp_span_skip(text, name_len);
    value = follow(following, typed);
    if (value == NULL || !check_header(following, typed, value)) {
        hp_secret_free(value);
        return NULL;
    }
    if (asprintf(&result, "%.*s%s", (int)name_len, text.data, value) < 0) {
        result = NULL;
        hp_error_no_memory(following->err);
    }
    hp_secret_free(value);
    return result;
}

static bool check_expanded(const struct following *following, struct hp_span text)
{
    char *written = copy(following, text);
    bool ok = written != NULL &&
              hp_value_check_unexpanded(written, following->origin, following->value->option,
                                        following->environment, following->err);

    hp_secret_free(written);
    return ok;
}

char *hp_reference_follow(struct hp_value *value, struct hp_span text, const char *origin,
                          char *const environment[], struct hp_error *err)
{
    struct following following = {value, origin, environment, err};

    if (!is_target(&following) && !check_expanded(&following, text))
        return NULL;
    if ((value->option->flags & HP_OPTION_HEADER) != 0)
        return follow_header(&following, text);
    return follow(&following, text);
}

void hp_reference_set(struct hp_value *value, enum hp_reference reference, struct hp_span referred)
{
    value->reference = reference;
    value->referred = referred.data;
    value->referred_len = referred.len;
}
