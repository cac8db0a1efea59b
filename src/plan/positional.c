/* SPDX-License-Identifier: MIT */
#include "positional.h"

#include <healthprobe/base/buffer.h>
#include <healthprobe/base/span.h>
#include <healthprobe/check/target.h>
#include <healthprobe/plan/kinds.h>
#include <healthprobe/plan/options.h>

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

/* An argument and its position, which errors name. */
struct positional {
    const char *text;
    int position;
    struct hp_error *err;
};

static int index_of(const struct hp_check_ops *ops)
{
    int kind = 0;

    while (hp_check_kinds[kind] != NULL && hp_check_kinds[kind] != ops)
        kind++;
    return hp_check_kinds[kind] != NULL ? kind : HP_POSITIONAL_NONE;
}

static int short_kind(void)
{
    int kind = 0;

    while (hp_check_kinds[kind] != NULL && !hp_check_kinds[kind]->has_default_target)
        kind++;
    return hp_check_kinds[kind] != NULL ? kind : HP_POSITIONAL_NONE;
}

static size_t placeholder_length(const char *text)
{
    struct hp_placeholder_text placeholder;

    return hp_placeholder_parse(hp_span_of(text), &placeholder) ? placeholder.len : 0;
}

/* A character in a placeholder does not end the host. */
static size_t host_length(const char *text)
{
    size_t len = 0;

    if (*text == '[')
        len = strcspn(text, "]");
    while (text[len] != '\0' && !hp_is_one_of(text[len], ":/?#@")) {
        size_t placeholder = placeholder_length(text + len);
        len += placeholder > 0 ? placeholder : 1;
    }
    return len;
}

/* The port of "HOST:PORT", "HOST:PORT/path" or "[::1]:PORT"; NULL: @text is none of these. */
static const char *port_of(const char *text)
{
    size_t host = host_length(text);
    size_t port;

    if (host == 0 || text[host] != ':')
        return NULL;
    port = strspn(text + host + 1, DIGITS) + placeholder_length(text + host + 1);
    /* strchr() finds the end of the text, too. */
    return port > 0 && strchr("/?#\"'" HP_BLANKS, text[host + 1 + port]) != NULL ? text + host + 1
                                                                                 : NULL;
}

static int kind_of_port(const struct positional *at, const char *digits)
{
    unsigned long port = strtoul(digits, NULL, 10);

    for (const struct hp_check_ops *const *kind = hp_check_kinds; *kind != NULL; kind++) {
        if ((*kind)->port == 0 || (*kind)->port != port)
            continue;
        hp_error_add(at->err, HP_REASON_USAGE, "argument %d: %lu is the port of %s; give a URL: %s",
                     at->position, port, (*kind)->title, (*kind)->example);
        return HP_POSITIONAL_WRONG;
    }
    return short_kind();
}

/* The error lists the first scheme of each kind. */
static int unknown_scheme(const struct positional *at)
{
    const char *unsupported = hp_target_unsupported(at->text);
    const char *schemes[8 + 1] = {NULL};
    char text[128] = "";
    struct hp_buffer list;
    size_t n = 0;

    if (unsupported != NULL) {
        hp_error_add(at->err, HP_REASON_USAGE, "argument %d: %s is not supported; leave it out",
                     at->position, unsupported);
        return HP_POSITIONAL_WRONG;
    }
    for (int kind = 0; hp_check_kinds[kind] != NULL && n < 8; kind++)
        if (hp_check_kinds[kind]->schemes != NULL)
            schemes[n++] = hp_check_kinds[kind]->schemes[0];
    hp_buffer_init(&list, text, sizeof text);
    hp_option_add_words(&list, schemes, "and");
    hp_error_add(at->err, HP_REASON_USAGE,
                 "argument %d: no check is for URLs of this scheme; known are %s", at->position,
                 text);
    return HP_POSITIONAL_WRONG;
}

/* References are read only when the plan is made, and "$NAME" never is: the kind is unknown here.
 */
static int refuse_reference(const struct positional *at)
{
    char text[128] = "";
    struct hp_buffer flags;

    hp_buffer_init(&flags, text, sizeof text);
    for (const struct hp_check_ops *const *kind = hp_check_kinds; *kind != NULL; kind++)
        if (((*kind)->options[0].flags & HP_OPTION_SOURCE) != 0)
            hp_buffer_add_format(&flags, "%s--%s", flags.len > 0 ? ", " : "",
                                 (*kind)->options[0].name);
    hp_error_add(at->err, HP_REASON_USAGE,
                 *at->text == '$'
                     ? "argument %d: holds a variable that was not expanded: the exec forms of "
                       "Docker and Kubernetes expand nothing; write a flag and env:NAME (%s)"
                     : "argument %d: env: and file: do not say what is checked; write a flag "
                       "before it (%s)",
                 at->position, text);
    return HP_POSITIONAL_WRONG;
}

static int kind_of_target(const struct positional *at)
{
    const char *text = at->text;
    const char *port = port_of(text);
    struct hp_span scheme = {text, strcspn(text, ":")};
    const struct hp_check_ops *ops = NULL;

    if (*text == '/' || *text == ':')
        return short_kind();
    if (*text == '$' || strncmp(text, "env:", 4) == 0 || strncmp(text, "file:", 5) == 0)
        return refuse_reference(at);
    if (port != NULL)
        return kind_of_port(at, port);
    if (placeholder_length(text) > 0)
        return refuse_reference(at);
    ops = text[scheme.len] == ':' ? hp_kind_of_scheme(scheme) : NULL;
    if (ops != NULL)
        return index_of(ops);
    return strncmp(text + scheme.len, "://", 3) == 0 ? unknown_scheme(at) : HP_POSITIONAL_NONE;
}

/* Is it several words that were given as one, such as "--http /healthz"? */
static bool is_several_words(const char *text)
{
    return strcspn(text, HP_BLANKS) < strcspn(text, ":/") || strstr(text, " --") != NULL ||
           strstr(text, " ||") != NULL;
}

/* "redis=HOST:PORT" was meant for Redis: a web server there could pass for it. */
static int refuse_other_kind(const struct positional *at, struct hp_span name, int kind)
{
    int named = hp_options_kind(name);
    const char *meant = NULL;

    if (kind < 0 || named < 0 || named == kind)
        return kind;
    meant = hp_check_kinds[named]->kind;
    hp_error_add(
        at->err, HP_REASON_USAGE,
        "argument %d: a target for %s is named %s; write %s, or --%s %s=URL if %s is meant",
        at->position, hp_check_kinds[kind]->kind, meant, hp_check_kinds[named]->example,
        hp_check_kinds[kind]->kind, meant, hp_check_kinds[kind]->kind);
    return HP_POSITIONAL_WRONG;
}

int hp_positional_kind(const char *text, int position, struct hp_error *err)
{
    struct positional at = {text, position, err};
    size_t name_len = 0;

    /* Blanks are dropped, and quotes refused, where the value is read. */
    text += strspn(text, HP_BLANKS "\"'");
    at.text = text;
    if (is_several_words(text))
        return HP_POSITIONAL_NONE;
    /* A malformed name is reported when the value is read. */
    if (!hp_target_name_length(text, strlen(text), &name_len))
        name_len = strcspn(text, "=");
    if (name_len > 0)
        at.text += name_len + 1;
    if (*at.text != '\0')
        return refuse_other_kind(&at, (struct hp_span){text, name_len}, kind_of_target(&at));
    hp_error_add(err, HP_REASON_USAGE, "argument %d is empty: a target is missing", position);
    return HP_POSITIONAL_WRONG;
}
