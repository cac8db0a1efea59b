/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <healthprobe/base/span.h>

#include <string.h>
#include <yyjson.h>

static size_t first_byte(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && hp_is_one_of(text[at], " \t\r\n"))
        at++;
    return at;
}

bool hp_json_read(struct hp_json *ret, const char *text, size_t len)
{
    yyjson_read_err error = {0};
    /* yyjson changes a text only if asked to read it in place, which it is not. */
    union {
        const char *text;
        char *unchanged;
    } input = {text};

    *ret = (struct hp_json){.error_at = first_byte(text, len)};
    /* It would have no members to look for. */
    if (ret->error_at < len && text[ret->error_at] != '{' && text[ret->error_at] != '[') {
        ret->error = "neither an object nor an array";
        return false;
    }
    ret->document = yyjson_read_opts(input.unchanged, len, YYJSON_READ_NUMBER_AS_RAW, NULL, &error);
    ret->no_memory = error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION;
    ret->error = error.msg;
    ret->error_at = error.pos;
    return ret->document != NULL;
}

void hp_json_release(struct hp_json *json)
{
    yyjson_doc_free(json->document);
    json->document = NULL;
}

static size_t name_length(const char *path, size_t len)
{
    const char *dot = memchr(path, '.', len);

    return dot != NULL ? (size_t)(dot - path) : len;
}

bool hp_json_path_valid(const char *path, size_t len)
{
    for (;;) {
        size_t name_len = name_length(path, len);
        if (name_len == 0)
            return false;
        if (name_len == len)
            return true;
        path += name_len + 1;
        len -= name_len + 1;
    }
}

static yyjson_val *find_member(yyjson_val *object, const char *name, size_t len)
{
    yyjson_obj_iter members = yyjson_obj_iter_with(object);
    yyjson_val *found = NULL;
    yyjson_val *key = NULL;

    while ((key = yyjson_obj_iter_next(&members)) != NULL)
        if (yyjson_equals_strn(key, name, len))
            found = yyjson_obj_iter_get_val(key);
    return found;
}

static yyjson_val *find_element(yyjson_val *array, const char *name, size_t len)
{
    size_t index = 0;

    for (size_t i = 0; i < len; i++) {
        /* A body has no more elements than bytes. */
        if (name[i] < '0' || name[i] > '9' || index > UINT32_MAX / 16)
            return NULL;
        index = index * 10 + (size_t)(name[i] - '0');
    }
    return yyjson_arr_get(array, index);
}

static struct hp_untrusted text_of(yyjson_val *value)
{
    if (yyjson_is_null(value))
        return hp_untrusted_of("null");
    if (yyjson_is_bool(value))
        return hp_untrusted_of(yyjson_get_bool(value) ? "true" : "false");
    return (struct hp_untrusted){
        .bytes = yyjson_is_raw(value) ? yyjson_get_raw(value) : yyjson_get_str(value),
        .len = yyjson_get_len(value),
    };
}

enum hp_json_kind hp_json_find(const struct hp_json *json, const char *path, size_t len,
                               struct hp_untrusted *ret_text)
{
    yyjson_val *value = yyjson_doc_get_root(json->document);

    for (;;) {
        size_t name_len = name_length(path, len);
        value = yyjson_is_arr(value) ? find_element(value, path, name_len)
                                     : find_member(value, path, name_len);
        if (name_len == len)
            break;
        path += name_len + 1;
        len -= name_len + 1;
    }
    if (value == NULL)
        return HP_JSON_NOTHING;
    if (yyjson_is_ctn(value))
        return yyjson_is_obj(value) ? HP_JSON_OBJECT : HP_JSON_ARRAY;
    *ret_text = text_of(value);
    return HP_JSON_TEXT;
}
