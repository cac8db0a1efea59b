/* SPDX-License-Identifier: MIT */
#include <healthprobe/plan/file.h>

#include <healthprobe/base/span.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

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
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s is not a regular file", origin,
                     shown(path));
        close(fd);
        return -1;
    }
    return fd;
}

bool hp_file_readable(const char *path, const char *origin, struct hp_error *err)
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

/* Editors add a byte order mark and line ends; secrets have none. */
static struct hp_span without_marks(struct hp_span text)
{
    if (hp_span_starts(text, "\xEF\xBB\xBF"))
        text = hp_span_skip(text, 3);
    while (text.len > 0 && text.data[text.len - 1] == '\n') {
        text.len--;
        if (text.len > 0 && text.data[text.len - 1] == '\r')
            text.len--;
    }
    return text;
}

static char *read_regular(const char *path, const char *origin, struct hp_error *err)
{
    int fd = open_regular(path, origin, true, err);
    struct hp_span held;
    char *text = NULL;
    char *fitted = NULL;
    size_t len = 0;
    size_t size = HP_FILE_MAX + 1;

    if (fd < 0)
        return NULL;
    text = malloc(size);
    if (text == NULL) {
        hp_error_no_memory(err);
        goto out;
    }
    if (!read_all(fd, text, size, &len)) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: cannot read %.200s: %s", origin, shown(path),
                     strerror(errno));
        goto out;
    }
    if (len > HP_FILE_MAX) {
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s is longer than 64 KiB", origin,
                     shown(path));
        goto out;
    }
    held = without_marks((struct hp_span){text, len});
    /* Its writer may have opened it and not written yet. */
    err->n_awaited += held.len == 0;
    if (held.len == 0)
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s is empty", origin, shown(path));
    else if (memchr(held.data, '\0', held.len) != NULL)
        hp_error_add(err, HP_REASON_CONFIG, "%s: %.200s holds a NUL byte", origin, shown(path));
    else if ((fitted = strndup(held.data, held.len)) == NULL)
        hp_error_no_memory(err);
out:
    if (text != NULL)
        explicit_bzero(text, size);
    free(text);
    close(fd);
    return fitted;
}

/* A variable that names a path may end in a line end; the path does not. */
char *hp_file_read(const char *path, const char *origin, struct hp_error *err)
{
    char *name = strndup(path, hp_span_trim_end(hp_span_of(path), HP_LINE_ENDS).len);
    char *text = NULL;

    if (name != NULL)
        text = read_regular(name, origin, err);
    else
        hp_error_no_memory(err);
    free(name);
    return text;
}
