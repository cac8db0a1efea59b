/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/placeholder.h>

#include <healthprobe/base/array.h>
#include <healthprobe/check/target.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS  "0123456789"

/* The second byte of the first mark. */
#define FIRST 0x80

/* --- as it is written ------------------------------------------------------------------------- */

static size_t name_length(struct hp_span text)
{
    size_t len = 0;

    while (len < text.len && (hp_is_one_of(text.data[len], LETTERS) ||
                              (len > 0 && hp_is_one_of(text.data[len], DIGITS))))
        len++;
    return len;
}

bool hp_placeholder_parse(struct hp_span text, struct hp_placeholder_text *ret)
{
    bool is_file = hp_span_starts(text, "{file:");
    struct hp_span rest, inside;

    *ret = (struct hp_placeholder_text){0};
    if (!is_file && !hp_span_starts(text, "{env:"))
        return true;
    rest = hp_span_skip(text, strlen(is_file ? "{file:" : "{env:"));
    inside = hp_span_cut(&rest, "}");
    ret->reference = is_file ? HP_REFERENCE_FILE : HP_REFERENCE_VARIABLE;
    ret->name = inside;
    ret->len = (size_t)(inside.data + inside.len + 1 - text.data);
    if (!is_file) {
        ret->name.len = name_length(inside);
        inside = hp_span_skip(inside, ret->name.len);
        if (hp_span_starts(inside, ":-"))
            ret->fallback = hp_span_skip(inside, 2);
        else if (inside.len > 0)
            return false;
    }
    return rest.data != NULL && ret->name.len > 0;
}

/* Without the default, which may be a secret; a relative path may be a secret in the wrong place.
 */
static char *show(const struct hp_placeholder_text *text)
{
    bool is_file = text->reference == HP_REFERENCE_FILE;
    size_t size = 3 * text->name.len + sizeof "{file:(a relative path)}";
    char *storage = malloc(size);
    struct hp_buffer shown;

    if (storage == NULL)
        return NULL;
    hp_buffer_init(&shown, storage, size);
    hp_buffer_add(&shown, is_file ? "{file:" : "{env:");
    if (is_file && text->name.data[0] != '/')
        hp_buffer_add(&shown, "(a relative path)");
    else
        hp_target_add_encoded(&shown, text->name.data, text->name.len, "/:@,&" HP_TARGET_SAFE);
    hp_buffer_add(&shown, "}");
    return storage;
}

static bool tells_a_secret(struct hp_span name)
{
    static const char *const words[] = {"PASS", "PWD", "SECRET", "TOKEN", "KEY"};

    for (; name.len > 0; name = hp_span_skip(name, 1))
        for (size_t i = 0; i < HP_COUNT(words); i++)
            if (name.len >= strlen(words[i]) &&
                strncasecmp(name.data, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

/* --- marks ------------------------------------------------------------------------------------ */

bool hp_placeholders_add(struct hp_placeholders *placeholders,
                         const struct hp_placeholder_text *text, char *value, char ret_mark[2])
{
    struct hp_placeholder added = {
        .value = value,
        .shown = show(text),
        .is_private = text->reference == HP_REFERENCE_FILE || tells_a_secret(text->name),
    };

    if (added.shown == NULL || !hp_array_room(placeholders->items, placeholders->n)) {
        hp_secret_free(value);
        free(added.shown);
        return false;
    }
    ret_mark[0] = HP_URL_MARK;
    ret_mark[1] = (char)(FIRST + placeholders->n);
    placeholders->items[placeholders->n++] = added;
    return true;
}

/* The placeholder whose mark @text begins with, or NULL. */
static struct hp_placeholder *at_mark(const struct hp_placeholders *placeholders, const char *text)
{
    size_t i = (size_t)(unsigned char)text[1] - FIRST;

    if (placeholders == NULL || text[0] != HP_URL_MARK || i >= placeholders->n)
        return NULL;
    return &placeholders->items[i];
}

enum form { USED, SHOWN };

static void add_value(struct hp_buffer *ret, const struct hp_placeholder *placeholder,
                      enum hp_part part, enum form form)
{
    const char *value = placeholder->value;
    bool is_encoded =
        form == SHOWN ? placeholder->is_shown : part == HP_PART_PATH || part == HP_PART_QUERY;

    if (is_encoded)
        hp_target_add_encoded(ret, value, strlen(value), part == HP_PART_PATH ? "/" : "");
    else
        hp_buffer_add(ret, form == SHOWN ? placeholder->shown : value);
}

static void add_literal(struct hp_buffer *ret, const char *byte, enum hp_part part, enum form form)
{
    /* An HTTP path is encoded as it came. */
    const char *safe = part == HP_PART_PATH ? "/%:@,&" HP_TARGET_SAFE : "/:@" HP_TARGET_SAFE;

    if (form == USED)
        hp_buffer_add_bytes(ret, byte, 1);
    else
        hp_target_add_encoded(ret, byte, 1, safe);
}

/* NULL: out of memory. */
static char *build(const struct hp_placeholders *placeholders, const char *text, enum hp_part part,
                   enum form form)
{
    size_t size = 3 * strlen(text) + 1;
    const struct hp_placeholder *placeholder = NULL;
    struct hp_buffer built;
    char *storage = NULL;

    for (const char *at = text; *at != '\0'; at++)
        if ((placeholder = at_mark(placeholders, at)) != NULL)
            size += 3 * strlen(placeholder->value) + strlen(placeholder->shown);
    storage = malloc(size);
    if (storage == NULL)
        return NULL;
    hp_buffer_init(&built, storage, size);
    for (const char *at = text; *at != '\0'; at++) {
        placeholder = at_mark(placeholders, at);
        if (placeholder != NULL) {
            add_value(&built, placeholder, part, form);
            at++;
        } else {
            add_literal(&built, at, part, form);
        }
    }
    return storage;
}

char *hp_placeholders_put(const struct hp_placeholders *placeholders, const char *text)
{
    return build(placeholders, text, HP_PART_OTHER, USED);
}

bool hp_placeholders_keep(const struct hp_placeholders *placeholders, struct hp_secrets *secrets)
{
    for (size_t i = 0; i < placeholders->n; i++)
        if (!placeholders->items[i].is_shown &&
            !hp_secrets_add(secrets, placeholders->items[i].value))
            return false;
    return true;
}

void hp_placeholders_release(struct hp_placeholders *placeholders)
{
    for (size_t i = 0; i < placeholders->n; i++) {
        struct hp_placeholder *item = &placeholders->items[i];

        hp_secret_free(item->value);
        free(item->shown);
    }
    free(placeholders->items);
    *placeholders = (struct hp_placeholders){0};
}

/* --- fields of a target ----------------------------------------------------------------------- */

/* Takes @text over; NULL: the field is shown as it is. */
static void set_mask(struct hp_target_reader *reader, enum hp_part part, size_t i, char *text)
{
    if (!hp_masks_set(&reader->masks, part, i, text))
        hp_target_no_memory(reader);
}

void hp_target_copy_mask(struct hp_target_reader *reader, enum hp_part from, size_t from_i,
                         enum hp_part to, size_t to_i)
{
    const char *text = hp_masks_find(&reader->masks, from, from_i);
    char *copy = text != NULL ? strdup(text) : NULL;

    if (text != NULL && copy == NULL)
        hp_target_no_memory(reader);
    set_mask(reader, to, to_i, copy);
}

static bool is_directory(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F || *at == ',')
            return false;
    return *text == '/';
}

/* What is wrong with the value of a field; NULL: nothing. */
static const char *misfit(const struct hp_target_reader *reader, enum hp_part part,
                          const char *value)
{
    unsigned port = 0;

    if ((part == HP_PART_HOST || part == HP_PART_ADDRESS) && !hp_url_is_ipv6(value) &&
        !(part == HP_PART_HOST && reader->has_directories && is_directory(value)) &&
        (!hp_target_is_host(value, false) || strchr(value, ',') != NULL))
        return "is not one host name or address";
    if (part != HP_PART_PORT || *value == '\0')
        return NULL;
    if (strstr(value, "://") != NULL)
        return "is not a port: tcp://... is Kubernetes' own variable for a Service of that name";
    /* A port with leading zeros would be shown without them, and so not be found to be a secret. */
    if (!hp_target_parse_number(value, UINT16_MAX, &port) || *value == '0')
        return "is not a port (1 to 65535)";
    return NULL;
}

static bool fits(struct hp_target_reader *reader, enum hp_part part, const char *marked,
                 const char *filled, const struct hp_placeholder *first)
{
    const char *what = misfit(reader, part, filled);

    if (part == HP_PART_PORT && strlen(marked) != 2)
        what = "is not all of the port";
    if (what == NULL)
        return true;
    hp_error_add(reader->err, HP_REASON_CONFIG, "%s: %.200s %s", reader->origin, first->shown,
                 what);
    reader->failed = true;
    return false;
}

static void add_mask(struct hp_target_reader *reader, enum hp_part part, size_t i,
                     const char *marked)
{
    char *text = build(reader->placeholders, marked, part, SHOWN);

    if (text == NULL)
        hp_target_no_memory(reader);
    set_mask(reader, part, i, text);
}

bool hp_target_fill(struct hp_target_reader *reader, char **field, enum hp_part part, size_t i)
{
    const struct hp_placeholder *first = NULL;
    bool is_masked = false;
    char *marked = *field;

    set_mask(reader, part, i, NULL);
    for (const char *at = marked; at != NULL && *at != '\0'; at++) {
        struct hp_placeholder *placeholder = at_mark(reader->placeholders, at);

        if (placeholder == NULL)
            continue;
        placeholder->is_shown = part <= HP_PART_SHOWN_MAX && !placeholder->is_private;
        is_masked = is_masked || !placeholder->is_shown;
        first = first != NULL ? first : placeholder;
    }
    if (first == NULL)
        return true;
    *field = build(reader->placeholders, marked, part, USED);
    if (*field == NULL)
        hp_target_no_memory(reader);
    else if (fits(reader, part, marked, *field, first) && is_masked && part <= HP_PART_MASKED_MAX)
        add_mask(reader, part, i, marked);
    free(marked);
    return !reader->failed;
}

static void fill_host(struct hp_target_reader *reader, struct hp_url_host *host, size_t i)
{
    bool is_marked = strchr(host->host, HP_URL_MARK) != NULL;
    unsigned port = 0;

    if (!hp_target_fill(reader, &host->host, HP_PART_HOST, i))
        return;
    if (is_marked && host->bracketed && !hp_url_is_ipv6(host->host))
        hp_target_problem(reader, "host", "in brackets is not an IPv6 address");
    host->bracketed = host->bracketed || (is_marked && hp_url_is_ipv6(host->host));
    if (host->port_mark == NULL || !hp_target_fill(reader, &host->port_mark, HP_PART_PORT, i))
        return;
    if (host->port_mark[0] == '\0')
        return;
    if (!hp_target_parse_number(host->port_mark, UINT16_MAX, &port))
        hp_target_problem(reader, "port", "is not a number");
    host->port = (uint16_t)port;
}

bool hp_target_fill_url(struct hp_target_reader *reader, struct hp_url *url)
{
    hp_target_fill(reader, &url->user, HP_PART_USER, 0);
    hp_target_fill(reader, &url->password, HP_PART_OTHER, 0);
    for (size_t i = 0; i < url->n_hosts; i++)
        fill_host(reader, &url->hosts[i], i);
    return !reader->failed;
}
