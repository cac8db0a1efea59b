/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/source.h>

#include <healthprobe/check/check.h>
#include <healthprobe/check/target.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files ------------------------------------------------------------------------------------ */

/* A path is shown where it looks like one; anything else may be a secret in the wrong place. */
static const char *shown(const char *path)
{
    return path[0] == '/' ? path : "(a relative path)";
}

/*
 * Non-blocking, so that a FIFO nobody writes to is an error and no hang. Of a
 * file that @may_come, its absence need not be the last word.
 */
static int open_regular(const char *path, const char *origin, bool may_come, struct hp_error *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        err->n_awaited += may_come && errno == ENOENT && path[0] != '\0';
        hp_error_add(err, hp_errno_is_shortage(errno) ? HP_REASON_INTERNAL : HP_REASON_CONFIG,
                     "%s: cannot open %.200s: %s", origin, shown(path), strerror(errno));
        return -1;
    }
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s is no regular file", origin, shown(path));
        close(fd);
        return -1;
    }
    return fd;
}

bool hp_source_readable(const char *path, const char *origin, struct hp_error *err)
{
    int fd = open_regular(path, origin, false, err);

    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static bool read_all(int fd, char *ret, size_t size, size_t *ret_len)
{
    size_t len = 0;

    while (len < size) {
        ssize_t n = read(fd, ret + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_len = len;
    return true;
}

/* One newline at the end is an editor's, not the secret's. */
static size_t without_newline(const char *text, size_t len)
{
    if (len == 0 || text[len - 1] != '\n')
        return len;
    len--;
    return len > 0 && text[len - 1] == '\r' ? len - 1 : len;
}

/* The text of a file that holds a value; NULL: a problem was added. */
static char *read_file(const char *path, const char *origin, struct hp_error *err)
{
    int fd = open_regular(path, origin, true, err);
    char *text = NULL;
    char *fitted = NULL;
    size_t len = 0;
    size_t size = HP_SOURCE_FILE_MAX + 1;

    if (fd < 0)
        return NULL;
    text = malloc(size + 1);
    if (text == NULL) {
        hp_error_no_memory(err);
        goto out;
    }
    text[size] = '\0';
    if (!read_all(fd, text, size, &len)) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: cannot read %.200s: %s", origin, shown(path),
                     strerror(errno));
        goto out;
    }
    if (len > HP_SOURCE_FILE_MAX) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s is longer than 64 KiB", origin,
                     shown(path));
        goto out;
    }
    len = without_newline(text, len);
    text[len] = '\0';
    if (len == 0)
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s is empty", origin, shown(path));
    else if (memchr(text, '\0', len) != NULL)
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s holds a NUL byte", origin, shown(path));
    else if ((fitted = strdup(text)) == NULL)
        hp_error_no_memory(err);
out:
    if (text != NULL)
        explicit_bzero(text, size);
    free(text);
    close(fd);
    return fitted;
}

/* --- values ----------------------------------------------------------------------------------- */

struct reading {
    struct hp_values *values;
    const struct hp_options *options;
    struct hp_error *err;
};

void hp_value_label(char ret[HP_LABEL_MAX], const struct hp_value *value)
{
    if (value->name[0] == '\0')
        snprintf(ret, HP_LABEL_MAX, "%s", value->origin);
    else
        snprintf(ret, HP_LABEL_MAX, "%s (%s)", value->origin, value->name);
}

/* Takes over @value's text; NULL (a problem that was told) adds nothing. */
static void add_value(struct reading *reading, const struct hp_value *value)
{
    struct hp_values *values = reading->values;

    if (value->text == NULL)
        return;
    if (values->n == values->cap) {
        size_t cap = values->cap == 0 ? 4 : values->cap * 2;
        struct hp_value *grown = realloc(values->items, cap * sizeof *grown);
        if (grown == NULL) {
            free(value->text);
            hp_error_no_memory(reading->err);
            return;
        }
        values->items = grown;
        values->cap = cap;
    }
    values->items[values->n++] = *value;
}

static char *copy(const char *text, size_t len, struct hp_error *err)
{
    char *result = strndup(text, len);

    if (result == NULL)
        hp_error_no_memory(err);
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

static char *read_variable(struct reading *reading, const char *name, const char *origin)
{
    const char *text = hp_environment_get(reading->options->environment, name);

    if (text != NULL)
        return copy(text, strlen(text), reading->err);
    hp_error_add(reading->err, HP_REASON_CONFIG, "%s: the variable %.64s that it names is not set",
                 origin, is_variable_name(name) ? name : "(no valid name)");
    return NULL;
}

static void refer(struct hp_value *value, enum hp_reference reference, const char *referred,
                  size_t len)
{
    value->reference = reference;
    value->referred = referred;
    value->referred_len = len;
}

/* env:NAME and file:PATH are followed; anything else is itself. */
static char *resolve(struct reading *reading, struct hp_value *value, const char *text, size_t len,
                     const char *origin)
{
    char *name = copy(text, len, reading->err);
    char *result = NULL;

    if (name == NULL)
        return NULL;
    if (strncmp(name, "env:", 4) == 0) {
        result = read_variable(reading, name + 4, origin);
        refer(value, HP_REFERENCE_VARIABLE, text + 4, len - 4);
    } else if (strncmp(name, "file:", 5) == 0) {
        result = read_file(name + 5, origin, reading->err);
        refer(value, HP_REFERENCE_FILE, text + 5, len - 5);
    } else {
        return name;
    }
    free(name);
    return result;
}

/* "Name: env:TOKEN" keeps its name and follows its value. */
static char *resolve_header(struct reading *reading, struct hp_value *header, const char *text,
                            size_t len, const char *origin)
{
    const char *colon = memchr(text, ':', len);
    size_t name_len = colon != NULL ? (size_t)(colon - text) + 1 : len;
    char *value = NULL;
    char *result = NULL;

    while (name_len < len && (text[name_len] == ' ' || text[name_len] == '\t'))
        name_len++;
    value = resolve(reading, header, text + name_len, len - name_len, origin);
    if (value == NULL)
        return NULL;
    if (asprintf(&result, "%.*s%s", (int)name_len, text, value) < 0) {
        result = NULL;
        hp_error_no_memory(reading->err);
    }
    free(value);
    return result;
}

static char *resolve_option(struct reading *reading, struct hp_value *value, const char *text,
                            size_t len, const char *origin)
{
    if ((value->option->flags & HP_OPTION_HEADER) != 0)
        return resolve_header(reading, value, text, len, origin);
    if ((value->option->flags & HP_OPTION_SOURCE) != 0)
        return resolve(reading, value, text, len, origin);
    return copy(text, len, reading->err);
}

/* What stands for one value; what a file held is taken as it is, whatever it begins with. */
struct piece {
    const char *text;
    size_t len;
    const char *file; /* its path; NULL: it is of no file */
};

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
    bool is_target = (option->flags & HP_OPTION_TARGET) != 0;
    char label[HP_LABEL_MAX];

    snprintf(value.origin, sizeof value.origin, "%s", origin);
    if (piece.file != NULL)
        refer(&value, HP_REFERENCE_FILE, piece.file, strlen(piece.file));
    if (is_target && !take_name(reading, &piece, &value))
        return;
    hp_value_label(label, &value);
    if (is_target && piece.len == 0)
        hp_error_add(reading->err, HP_REASON_CONFIG, "%s: is empty", label);
    else if (piece.file != NULL)
        value.text = copy(piece.text, piece.len, reading->err);
    else
        value.text = resolve_option(reading, &value, piece.text, piece.len, label);
    add_value(reading, &value);
}

/* The twin of a repeatable option holds one value a line; empty lines are passed over. */
static void take_lines(struct reading *reading, const struct hp_option *option,
                       const struct piece *lines, const char *origin)
{
    const char *end = lines->text + lines->len;
    bool none = true;

    for (const char *at = lines->text; at < end; at++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = newline != NULL ? newline : end;
        size_t len = (size_t)(line_end - at);
        struct piece line = {at, len > 0 && at[len - 1] == '\r' ? len - 1 : len, lines->file};

        if (line.len > 0)
            take_piece(reading, option, line, origin, false);
        none = none && line.len == 0;
        at = line_end;
    }
    if (none && (option->flags & HP_OPTION_TARGET) != 0)
        hp_error_add(reading->err, HP_REASON_CONFIG, "%s: holds empty lines alone", origin);
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
    char *text = read_file(path, origin, reading->err);

    if (text == NULL)
        return;
    take_twin(reading, option, text, origin, path);
    explicit_bzero(text, strlen(text));
    free(text);
}

/* --- where a value comes from ----------------------------------------------------------------- */

static size_t take_given(struct reading *reading, const struct hp_option *option)
{
    const struct hp_options *options = reading->options;
    char origin[HP_TWIN_MAX];
    size_t found = 0;

    for (size_t i = 0; i < options->n; i++) {
        const struct hp_given *given = &options->given[i];
        if (given->option != option)
            continue;
        found++;
        if (given->from_flag) {
            snprintf(origin, sizeof origin, "--%s", option->name);
            take_piece(reading, option, (struct piece){given->text, strlen(given->text), NULL},
                       origin, true);
        } else {
            hp_option_twin(origin, option, "");
            take_twin(reading, option, given->text, origin, NULL);
        }
    }
    return found;
}

static bool take_own_variables(struct reading *reading, const struct hp_option *option)
{
    char *const *environment = reading->options->environment;
    char name[HP_TWIN_MAX];
    const char *text = NULL;

    hp_option_twin(name, option, "");
    if ((text = hp_environment_get(environment, name)) != NULL) {
        take_twin(reading, option, text, name, NULL);
        return true;
    }
    hp_option_twin(name, option, "_FILE");
    if ((text = hp_environment_get(environment, name)) != NULL) {
        take_file(reading, option, text, name);
        return true;
    }
    return false;
}

/* The application's own variables hold one target without a name; env: and file: mean nothing. */
static void add_literal(struct reading *reading, const struct hp_option *option, char *text,
                        const char *origin, const char *file)
{
    struct hp_value value = {.option = option, .text = text};

    snprintf(value.origin, sizeof value.origin, "%s", origin);
    if (file != NULL)
        refer(&value, HP_REFERENCE_FILE, file, strlen(file));
    add_value(reading, &value);
}

static void take_app_variables(struct reading *reading, const struct hp_option *option, int kind)
{
    const char *const *variables = hp_check_kinds[kind]->app_variables;
    const struct hp_own_target *own = hp_options_own_target(reading->options, kind);
    char *const *environment = reading->options->environment;
    char file[HP_TWIN_MAX];
    const char *text = NULL;

    for (; variables != NULL && *variables != NULL; variables++) {
        if ((text = hp_environment_get(environment, *variables)) != NULL) {
            add_literal(reading, option, copy(text, strlen(text), reading->err), *variables, NULL);
            return;
        }
        snprintf(file, sizeof file, "%s_FILE", *variables);
        if ((text = hp_environment_get(environment, file)) != NULL) {
            add_literal(reading, option, read_file(text, file, reading->err), file, text);
            return;
        }
    }
    if (own != NULL)
        add_literal(reading, option, copy(own->text, strlen(own->text), reading->err),
                    own->variable, NULL);
}

static void read_option(const struct hp_option *option, int kind, void *data)
{
    struct reading *reading = data;

    if (kind >= 0 && reading->options->selected[kind] != HP_SELECTED_YES)
        return;
    if (take_given(reading, option) > 0 || (option->flags & HP_OPTION_SOURCE) == 0)
        return;
    if (take_own_variables(reading, option))
        return;
    if ((option->flags & HP_OPTION_TARGET) != 0)
        take_app_variables(reading, option, kind);
}

bool hp_values_read(struct hp_values *ret, const struct hp_options *options, struct hp_error *err)
{
    struct reading reading = {ret, options, err};

    *ret = (struct hp_values){.environment = options->environment};
    hp_options_each(read_option, &reading);
    return err->reason == HP_REASON_NONE;
}

void hp_values_release(struct hp_values *values)
{
    for (size_t i = 0; i < values->n; i++) {
        explicit_bzero(values->items[i].text, strlen(values->items[i].text));
        free(values->items[i].text);
    }
    free(values->items);
    *values = (struct hp_values){0};
}
