/* SPDX-License-Identifier: MIT */
#include <healthprobe/source.h>

#include <healthprobe/check.h>
#include <healthprobe/duration.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- files -------------------------------------------------------------------- */

/* A path is shown where it looks like one; anything else may be a secret in the wrong place. */
static const char *shown(const char *path)
{
    return path[0] == '/' ? path : "(a relative path)";
}

/* Non-blocking, so that a FIFO nobody writes to is an error and no hang. */
static int open_regular(const char *path, const char *origin, struct hp_error *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: cannot open %.200s: %s", origin, shown(path),
                     strerror(errno));
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
    int fd = open_regular(path, origin, err);

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
    int fd = open_regular(path, origin, err);
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

/* --- values -------------------------------------------------------------------- */

struct reading {
    struct hp_values *values;
    const struct hp_options *options;
    struct hp_error *err;
};

/* Takes over @text; NULL (a problem that was told) adds nothing. */
static void add_value(struct reading *reading, const struct hp_option *option, char *text,
                      const char *origin, bool from_flag)
{
    struct hp_values *values = reading->values;
    struct hp_value *value = NULL;

    if (text == NULL)
        return;
    if (values->n == values->cap) {
        size_t cap = values->cap == 0 ? 16 : values->cap * 2;
        struct hp_value *grown = realloc(values->items, cap * sizeof *grown);
        if (grown == NULL) {
            free(text);
            hp_error_no_memory(reading->err);
            return;
        }
        values->items = grown;
        values->cap = cap;
    }
    value = &values->items[values->n++];
    *value = (struct hp_value){.option = option, .text = text, .from_flag = from_flag};
    snprintf(value->origin, sizeof value->origin, "%s", origin);
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

/* env:NAME and file:PATH are followed; anything else is itself. */
static char *resolve(struct reading *reading, const char *text, size_t len, const char *origin)
{
    char *name = copy(text, len, reading->err);
    char *result = NULL;

    if (name == NULL)
        return NULL;
    if (strncmp(name, "env:", 4) == 0)
        result = read_variable(reading, name + 4, origin);
    else if (strncmp(name, "file:", 5) == 0)
        result = read_file(name + 5, origin, reading->err);
    else
        return name;
    free(name);
    return result;
}

/* "Name: env:TOKEN" keeps its name and follows its value. */
static char *resolve_header(struct reading *reading, const char *text, size_t len,
                            const char *origin)
{
    const char *colon = memchr(text, ':', len);
    size_t name_len = colon != NULL ? (size_t)(colon - text) + 1 : len;
    char *value = NULL;
    char *result = NULL;

    while (name_len < len && (text[name_len] == ' ' || text[name_len] == '\t'))
        name_len++;
    value = resolve(reading, text + name_len, len - name_len, origin);
    if (value == NULL)
        return NULL;
    if (asprintf(&result, "%.*s%s", (int)name_len, text, value) < 0) {
        result = NULL;
        hp_error_no_memory(reading->err);
    }
    free(value);
    return result;
}

static char *resolve_option(struct reading *reading, const struct hp_option *option,
                            const char *text, size_t len, const char *origin)
{
    if ((option->flags & HP_OPTION_HEADER) != 0)
        return resolve_header(reading, text, len, origin);
    if ((option->flags & HP_OPTION_SOURCE) != 0)
        return resolve(reading, text, len, origin);
    return copy(text, len, reading->err);
}

/* The twin of a repeatable option holds one value a line; empty lines are passed over. */
static void add_lines(struct reading *reading, const struct hp_option *option, const char *text,
                      const char *origin, bool literal)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        size_t kept = len > 0 && text[len - 1] == '\r' ? len - 1 : len;
        if (kept > 0)
            add_value(reading, option,
                      literal ? copy(text, kept, reading->err)
                              : resolve_option(reading, option, text, kept, origin),
                      origin, false);
        text += len;
        if (*text == '\n')
            text++;
    }
}

static void add_twin(struct reading *reading, const struct hp_option *option, const char *text,
                     const char *origin)
{
    if ((option->flags & HP_OPTION_REPEATABLE) != 0)
        add_lines(reading, option, text, origin, false);
    else
        add_value(reading, option, resolve_option(reading, option, text, strlen(text), origin),
                  origin, false);
}

/* What a file holds is literal: no env: or file: is followed in it. */
static void add_file(struct reading *reading, const struct hp_option *option, const char *path,
                     const char *origin)
{
    char *text = read_file(path, origin, reading->err);

    if (text != NULL && (option->flags & HP_OPTION_REPEATABLE) != 0) {
        add_lines(reading, option, text, origin, true);
        free(text);
        return;
    }
    add_value(reading, option, text, origin, false);
}

/* --- where a value comes from ---------------------------------------------------- */

static size_t add_flags(struct reading *reading, const struct hp_option *option)
{
    const struct hp_options *options = reading->options;
    char origin[HP_TWIN_MAX];
    size_t found = 0;

    for (size_t i = 0; i < options->n; i++) {
        const struct hp_given *given = &options->given[i];
        if (given->option != option)
            continue;
        found++;
        if (given->from_flag)
            snprintf(origin, sizeof origin, "--%s", option->name);
        else
            hp_option_twin(origin, option, "");
        if (given->text[0] == '\0' && (option->flags & HP_OPTION_TARGET) != 0)
            hp_error_add(reading->err, HP_REASON_CONFIG, "%s: is empty", origin);
        else if (!given->from_flag)
            add_twin(reading, option, given->text, origin);
        else
            add_value(reading, option,
                      resolve_option(reading, option, given->text, strlen(given->text), origin),
                      origin, true);
    }
    return found;
}

static bool add_own_variables(struct reading *reading, const struct hp_option *option)
{
    char *const *environment = reading->options->environment;
    char name[HP_TWIN_MAX];
    const char *text = NULL;

    hp_option_twin(name, option, "");
    if ((text = hp_environment_get(environment, name)) != NULL) {
        add_twin(reading, option, text, name);
        return true;
    }
    hp_option_twin(name, option, "_FILE");
    if ((text = hp_environment_get(environment, name)) != NULL) {
        add_file(reading, option, text, name);
        return true;
    }
    return false;
}

/* The application's own variables are literal; env: and file: mean nothing in them. */
static void add_app_variables(struct reading *reading, const struct hp_option *option,
                              const char *const *variables)
{
    char *const *environment = reading->options->environment;
    char file[HP_TWIN_MAX];
    const char *text = NULL;

    for (; variables != NULL && *variables != NULL; variables++) {
        if ((text = hp_environment_get(environment, *variables)) != NULL) {
            add_value(reading, option, copy(text, strlen(text), reading->err), *variables, false);
            return;
        }
        snprintf(file, sizeof file, "%s_FILE", *variables);
        if ((text = hp_environment_get(environment, file)) != NULL) {
            add_file(reading, option, text, file);
            return;
        }
    }
}

static void read_option(const struct hp_option *option, int kind, void *data)
{
    struct reading *reading = data;

    if (kind >= 0 && reading->options->selected[kind] != HP_SELECTED_YES)
        return;
    if (add_flags(reading, option) > 0 || (option->flags & HP_OPTION_SOURCE) == 0)
        return;
    if (add_own_variables(reading, option))
        return;
    if ((option->flags & HP_OPTION_TARGET) != 0)
        add_app_variables(reading, option, hp_check_kinds[kind]->app_variables);
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

/* --- asking for values ------------------------------------------------------------ */

const struct hp_value *hp_values_next(const struct hp_values *values, const char *name,
                                      const struct hp_value *after)
{
    size_t i = after != NULL ? (size_t)(after - values->items) + 1 : 0;

    for (; i < values->n; i++)
        if (strcmp(values->items[i].option->name, name) == 0)
            return &values->items[i];
    return NULL;
}

const char *hp_values_text(const struct hp_values *values, const char *name)
{
    const struct hp_value *value = hp_values_next(values, name, NULL);

    return value != NULL ? value->text : NULL;
}

bool hp_values_on(const struct hp_values *values, const char *name)
{
    const char *text = hp_values_text(values, name);

    return text != NULL && text[0] == '1';
}

bool hp_values_duration(const struct hp_values *values, const char *name, int64_t *ret_ns,
                        struct hp_error *err)
{
    const struct hp_value *value = hp_values_next(values, name, NULL);

    if (value == NULL || hp_duration_parse(value->text, ret_ns))
        return true;
    hp_error_add(err, HP_REASON_CONFIG,
                 "%s: is no duration between 1ms and 1h, such as 900ms, 2s, 1.5s or 1m",
                 value->origin);
    return false;
}
