/* SPDX-License-Identifier: MIT */
#include <healthprobe/check/target.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

void hp_target_problem(struct hp_target_reader *reader, const char *field, const char *what)
{
    hp_error_add(reader->err, HP_REASON_CONFIG, "%s: the %s %s", reader->origin, field, what);
    reader->failed = true;
}

void hp_target_no_memory(struct hp_target_reader *reader)
{
    hp_error_no_memory(reader->err);
    reader->failed = true;
}

void hp_target_set(struct hp_target_reader *reader, char **field, const char *text)
{
    free(*field);
    *field = NULL;
    if (text == NULL || text[0] == '\0')
        return;
    *field = strdup(text);
    if (*field == NULL)
        hp_target_no_memory(reader);
}

bool hp_target_is_host(const char *host, bool bracketed)
{
    if (bracketed)
        return true;
    if (*host == '\0')
        return false;
    for (; *host != '\0'; host++)
        if ((unsigned char)*host <= ' ' || hp_is_one_of(*host, "\x7F\"#%/:<>?@[\\]^`{|}"))
            return false;
    return true;
}

bool hp_target_parse_number(const char *text, unsigned max, unsigned *ret)
{
    unsigned long long value = 0;

    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (unsigned long long)(*text - '0');
        if (value > max)
            return false;
    }
    *ret = (unsigned)value;
    return true;
}

bool hp_target_shows_text(const struct hp_masks *masks, enum hp_part part, size_t i,
                          const char *field, const char *text)
{
    return field != NULL && strcmp(field, text) == 0 && hp_masks_find(masks, part, i) == NULL;
}

bool hp_target_shows_number(const struct hp_masks *masks, enum hp_part part, size_t i,
                            unsigned field, const char *text)
{
    char shown[sizeof "4294967295"];

    snprintf(shown, sizeof shown, "%u", field);
    return hp_target_shows_text(masks, part, i, shown, text);
}

bool hp_target_is_password(struct hp_span key)
{
    return hp_span_equals(key, "password") || hp_span_equals(key, "sslpassword");
}

static bool can_be_named(const char *key)
{
    size_t len = strlen(key);

    return len <= HP_NAME_MAX && strspn(key, LOWER UPPER DIGITS "_.-") == len;
}

void hp_target_drop(struct hp_target_reader *reader, const char *key)
{
    if (strncasecmp(key, "ssl", 3) == 0 || strncasecmp(key, "tls", 3) == 0) {
        if (reader->hides_keys || !can_be_named(key))
            key = "that begins with ssl or tls";
        hp_error_add(reader->err, HP_REASON_CONFIG, "%s: the parameter %s is not supported",
                     reader->origin, key);
        reader->failed = true;
    } else if (reader->hides_keys) {
        reader->ignored->not_shown++;
    } else {
        hp_names_add(reader->ignored, key);
    }
}

void hp_target_read_params(struct hp_target_reader *reader, const char *query,
                           void (*read)(void *data, struct hp_url_param *param), void *data)
{
    struct hp_url_params params = {0};

    if (!hp_url_params_split(&params, query, reader->origin, reader->err)) {
        reader->failed = true;
        return;
    }
    for (size_t i = 0; i < params.n; i++) {
        if (strchr(params.items[i].key, HP_URL_MARK) != NULL)
            hp_target_problem(reader, "query", "has a placeholder in the name of a parameter");
        else
            read(data, &params.items[i]);
    }
    hp_url_params_release(&params);
}

void hp_target_add_encoded(struct hp_buffer *ret, const char *text, size_t len, const char *safe)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        char encoded[] = {'%', hex[byte >> 4], hex[byte & 15]};

        if (hp_is_one_of(text[i], LOWER UPPER DIGITS "-._~") || hp_is_one_of(text[i], safe))
            hp_buffer_add_bytes(ret, text + i, 1);
        else
            hp_buffer_add_bytes(ret, encoded, sizeof encoded);
    }
}

void hp_target_add_host(struct hp_buffer *ret, const struct hp_masks *masks, size_t i,
                        const char *host)
{
    bool literal = strchr(host, ':') != NULL;

    if (hp_masks_show(masks, HP_PART_HOST, i, ret))
        return;
    hp_buffer_add(ret, literal ? "[" : "");
    hp_target_add_encoded(ret, host, strlen(host), literal ? ":" HP_TARGET_SAFE : HP_TARGET_SAFE);
    hp_buffer_add(ret, literal ? "]" : "");
}

void hp_target_add_port(struct hp_buffer *ret, const struct hp_masks *masks, size_t i,
                        uint16_t port)
{
    hp_buffer_add(ret, ":");
    if (!hp_masks_show(masks, HP_PART_PORT, i, ret))
        hp_buffer_add_format(ret, "%u", (unsigned)port);
}

void hp_target_add_field(struct hp_buffer *ret, const struct hp_masks *masks, enum hp_part part,
                         const char *field, const char *safe)
{
    if (!hp_masks_show(masks, part, 0, ret))
        hp_target_add_encoded(ret, field, strlen(field), safe);
}

void hp_target_end(struct hp_buffer *ret, size_t start)
{
    static const char end[] = "...";
    size_t len;

    if (!ret->overflow || ret->cap < start + sizeof end)
        return;
    len = ret->cap - sizeof end;
    if (len > ret->len)
        len = ret->len;
    /* Half an encoded byte says nothing. */
    for (size_t back = 1; back <= 2 && len >= start + back; back++) {
        if (ret->data[len - back] == '%') {
            len -= back;
            break;
        }
    }
    hp_buffer_rewind(ret, len);
    hp_buffer_add(ret, end);
}

/* A scheme, a host, "env:" and "file:" are words before a colon; a port is only digits. */
static bool begins_as_target(const char *text, size_t len)
{
    size_t digits = 0;
    size_t word = 0;

    while (digits < len && hp_is_one_of(text[digits], DIGITS))
        digits++;
    while (word < len && hp_is_one_of(text[word], LOWER UPPER DIGITS "+-._"))
        word++;
    return digits == len || hp_is_one_of(text[0], "/:$[{") || (word < len && text[word] == ':');
}

bool hp_target_name_length(const char *text, size_t len, size_t *ret_len)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals != NULL ? (size_t)(equals - text) : 0;

    *ret_len = 0;
    if (equals == NULL || !begins_as_target(equals + 1, len - name_len - 1))
        return true;
    for (size_t i = 0; i < name_len; i++)
        if (hp_is_one_of(text[i], ":/?#@[${"))
            return true;
    if (name_len == 0 || name_len > HP_NAME_MAX || hp_is_one_of(text[0], "_.-"))
        return false;
    for (size_t i = 0; i < name_len; i++)
        if (!hp_is_one_of(text[i], LOWER DIGITS "_.-"))
            return false;
    *ret_len = name_len;
    return true;
}
