/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/values.h>

#include <healthprobe/base/array.h>
#include <healthprobe/base/environment.h>
#include <healthprobe/check/check.h>
#include <healthprobe/check/target.h>
#include <healthprobe/plan/file.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "reference.h"
#include "source.h"

/* --- values ----------------------------------------------------------------------------------- */

struct reading {
    struct hp_values *values;
    struct hp_error *err;
};

void hp_value_label(char ret[HP_LABEL_MAX], const struct hp_value *value)
{
    if (value->name[0] == '\0')
        snprintf(ret, HP_LABEL_MAX, "%s", value->origin);
    else
        snprintf(ret, HP_LABEL_MAX, "%s (%s)", value->origin, value->name);
}

/* May blanks and quotes belong to the value, as in passwords, bodies, expectations and paths? */
static bool is_free(const struct hp_option *option)
{
    return (option->flags & HP_OPTION_TARGET) == 0 &&
           (option->flags & (HP_OPTION_SOURCE | HP_OPTION_PRIVATE | HP_OPTION_PATH)) != 0;
}

static bool tidy(struct reading *reading, const struct hp_value *value)
{
    size_t len = strlen(value->text);
    struct hp_span text = {value->text, len};
    char label[HP_LABEL_MAX];

    if (is_free(value->option))
        return true;
    hp_value_label(label, value);
    if (!hp_input_tidy(&text, label, reading->err))
        return false;
    if (text.len == 0 && (value->option->flags & HP_OPTION_TARGET) != 0) {
        hp_error_add(reading->err, HP_REASON_CONFIG, "%s: is empty", label);
        return false;
    }
    memmove(value->text, text.data, text.len);
    explicit_bzero(value->text + text.len, len - text.len);
    return true;
}

static void release(struct hp_value *value)
{
    hp_secret_free(value->text);
    hp_placeholders_release(&value->placeholders);
}

/* Takes @value over. It is not added if its text is NULL, for which there is a problem already. */
static void add_value(struct reading *reading, struct hp_value *value)
{
    struct hp_values *values = reading->values;
    bool good = value->text != NULL && tidy(reading, value);

    if (good && hp_array_room(values->items, values->n)) {
        values->items[values->n++] = *value;
        return;
    }
    if (good)
        hp_error_no_memory(reading->err);
    release(value);
}

static char *copy(const char *text, size_t len, struct hp_error *err)
{
    char *result = strndup(text, len);

    if (result == NULL)
        hp_error_no_memory(err);
    return result;
}

/* The text of one value. What a file holds is literal, whatever it begins with. */
struct piece {
    const char *text;
    size_t len;
    const char *file; /* its path; NULL: it is not from a file */
};

/* Runs before the name is split off and references are read; their values are tidied later. */
static bool tidy_piece(struct reading *reading, struct piece *piece, const struct hp_value *value)
{
    struct hp_span text = {piece->text, piece->len};

    if (!is_free(value->option) && !hp_input_tidy(&text, value->origin, reading->err))
        return false;
    if (is_free(value->option) && !value->from_flag && piece->file == NULL)
        text = hp_span_trim_end(text, HP_LINE_ENDS);
    piece->text = text.data;
    piece->len = text.len;
    return true;
}

/* "replica=env:REPLICA_URL": the name stays, what follows is resolved. */
static bool take_name(struct reading *reading, struct piece *piece, struct hp_value *value)
{
    size_t len = 0;

    if (!hp_target_name_length(piece->text, piece->len, &len)) {
        hp_error_add(reading->err, HP_REASON_CONFIG,
                     "%s: the name before = is not one of at most %d of a-z, 0-9, _, . and -, a "
                     "letter or digit first",
                     value->origin, HP_NAME_MAX);
        return false;
    }
    if (len > 0) {
        memcpy(value->name, piece->text, len);
        piece->text += len + 1;
        piece->len -= len + 1;
    }
    return true;
}

static void take_piece(struct reading *reading, const struct hp_option *option, struct piece piece,
                       const char *origin, bool from_flag)
{
    struct hp_value value = {.option = option, .from_flag = from_flag};
    char label[HP_LABEL_MAX];

    snprintf(value.origin, sizeof value.origin, "%s", origin);
    if (piece.file != NULL)
        hp_reference_set(&value, HP_REFERENCE_FILE, hp_span_of(piece.file));
    if (!tidy_piece(reading, &piece, &value) ||
        ((option->flags & HP_OPTION_TARGET) != 0 && !take_name(reading, &piece, &value)))
        return;
    hp_value_label(label, &value);
    if (piece.file != NULL || (option->flags & HP_OPTION_SOURCE) == 0)
        value.text = copy(piece.text, piece.len, reading->err);
    else
        value.text = hp_reference_follow(&value, (struct hp_span){piece.text, piece.len}, label,
                                         reading->values->environment, reading->err);
    add_value(reading, &value);
}

/* The twin of a repeatable option holds one value a line; empty lines are passed over. */
static void take_lines(struct reading *reading, const struct hp_option *option,
                       const struct piece *lines, const char *origin)
{
    struct hp_span rest = {lines->text, lines->len};
    bool none = true;

    while (rest.data != NULL) {
        struct hp_span line = hp_span_cut(&rest, "\n");

        line =
            is_free(option) ? hp_span_trim_end(line, HP_LINE_ENDS) : hp_span_trim(line, HP_BLANKS);
        if (line.len > 0)
            take_piece(reading, option, (struct piece){line.data, line.len, lines->file}, origin,
                       false);
        none = none && line.len == 0;
    }
    if (none && (option->flags & HP_OPTION_TARGET) != 0)
        hp_error_add(reading->err, HP_REASON_CONFIG, "%s: holds only empty lines", origin);
}

static void take_twin(struct reading *reading, const struct hp_option *option, const char *text,
                      const char *origin, const char *file)
{
    struct piece piece = {text, strlen(text), file};

    if ((option->flags & HP_OPTION_REPEATABLE) != 0)
        take_lines(reading, option, &piece, origin);
    else
        take_piece(reading, option, piece, origin, false);
}

/* What a file holds is literal: no env: or file: is followed in it. */
static void take_file(struct reading *reading, const struct hp_option *option, const char *path,
                      const char *origin)
{
    char *text = hp_file_read(path, origin, reading->err);

    if (text == NULL)
        return;
    take_twin(reading, option, text, origin, path);
    hp_secret_free(text);
}

/* --- where a value comes from ----------------------------------------------------------------- */

/* The application's own variables hold one target without a name; env: and file: mean nothing. */
static void add_literal(struct reading *reading, const struct hp_option *option, char *text,
                        const char *origin, const char *file)
{
    struct hp_value value = {.option = option, .text = text};

    value.was_trimmed =
        text != NULL && hp_span_trim(hp_span_of(text), HP_BLANKS).len < strlen(text);
    snprintf(value.origin, sizeof value.origin, "%s", origin);
    if (file != NULL)
        hp_reference_set(&value, HP_REFERENCE_FILE, hp_span_of(file));
    add_value(reading, &value);
}

/* What a twin of a boolean may say. */
static void take_boolean(struct reading *reading, const struct hp_option *option,
                         const struct hp_source *source)
{
    const char *text = hp_option_boolean(source->text);
    struct hp_span given = hp_span_of(source->text);

    if (text != NULL)
        take_twin(reading, option, text, source->origin, NULL);
    else if (hp_input_tidy(&given, source->origin, reading->err))
        hp_error_add(reading->err, HP_REASON_CONFIG, "%s: has to be 1, true, 0 or false",
                     source->origin);
}

static void take_source(struct reading *reading, const struct hp_option *option,
                        const struct hp_source *source)
{
    const char *text = source->text;
    const char *origin = source->origin;

    switch (source->place) {
    case HP_SOURCE_NONE:
        break;
    case HP_SOURCE_FLAG:
        take_piece(reading, option, (struct piece){text, strlen(text), NULL}, origin, true);
        break;
    case HP_SOURCE_TWIN:
        if (option->metavar == NULL)
            take_boolean(reading, option, source);
        else
            take_twin(reading, option, text, origin, NULL);
        break;
    case HP_SOURCE_TWIN_FILE:
        take_file(reading, option, text, origin);
        break;
    case HP_SOURCE_APPLICATION_FILE:
        add_literal(reading, option, hp_file_read(text, origin, reading->err), origin, text);
        break;
    case HP_SOURCE_APPLICATION:
    case HP_SOURCE_IMPLIED:
        add_literal(reading, option, copy(text, strlen(text), reading->err), origin, NULL);
        break;
    }
}

/* The general options, or those of the kinds. */
static bool read_options(struct hp_values *values, const struct hp_options *options,
                         const struct hp_selection *selection, bool general, struct hp_error *err)
{
    struct reading reading = {values, err};
    struct hp_row row = {0};

    while (hp_row_next(&row)) {
        struct hp_source source = {0};
        if ((row.kind < 0) != general || !hp_selection_has(selection, &row))
            continue;
        while (hp_source_next(&source, options, values->environment, &row))
            take_source(&reading, row.option, &source);
    }
    return err->reason == HP_REASON_NONE;
}

bool hp_values_read_general(struct hp_values *ret, const struct hp_options *options,
                            const struct hp_selection *selection, char *const environment[],
                            struct hp_error *err)
{
    *ret = (struct hp_values){.environment = environment};
    return read_options(ret, options, selection, true, err);
}

bool hp_values_read_kinds(struct hp_values *values, const struct hp_options *options,
                          const struct hp_selection *selection, struct hp_error *err)
{
    return read_options(values, options, selection, false, err);
}

void hp_values_release(struct hp_values *values)
{
    for (size_t i = 0; i < values->n; i++)
        release(&values->items[i]);
    free(values->items);
    *values = (struct hp_values){0};
}
