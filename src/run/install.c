/* SPDX-License-Identifier: MIT */
#include "install.h"

#include <healthprobe/base/utf8.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.h"

#define NAME "healthprobe"

static bool fail(struct hp_error *err, const char *what, const char *path, int error)
{
    char shown[256];

    hp_utf8_clean(shown, sizeof shown, path, strlen(path));
    hp_error_add(err, HP_REASON_CONFIG, "install: %s %s: %s", what, shown, strerror(error));
    return false;
}

static int open_self(struct hp_error *err)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        hp_error_add(
            err, HP_REASON_CONFIG,
            "install: cannot read this executable by /proc/self/exe: %s; it needs /proc to "
            "be mounted, or the file copied by other means, such as COPY --from in a "
            "Dockerfile",
            strerror(errno));
    return fd;
}

/* The path of the copy: @destination, or a file in it if it is a directory. NULL: @err says why. */
static char *target_of(const char *destination, struct hp_error *err)
{
    struct stat status;
    char *path = NULL;
    bool is_there = stat(destination, &status) == 0;
    bool is_directory = is_there && S_ISDIR(status.st_mode);

    if (is_there && !is_directory && !S_ISREG(status.st_mode)) {
        hp_error_add(
            err, HP_REASON_CONFIG,
            "install: what exists there is neither a file nor a directory; it is left alone");
        return NULL;
    }
    if (asprintf(&path, "%s%s", destination, is_directory ? "/" NAME : "") < 0) {
        hp_error_no_memory(err);
        return NULL;
    }
    return path;
}

/* A name in the same directory, for mkostemp(3): rename(2) does not cross file systems. */
static char *temporary_beside(const char *path, struct hp_error *err)
{
    const char *slash = strrchr(path, '/');
    int directory_len = slash != NULL ? (int)(slash - path) + 1 : 0;
    char *name = NULL;

    if (asprintf(&name, "%.*s." NAME ".XXXXXX", directory_len, path) < 0) {
        hp_error_no_memory(err);
        return NULL;
    }
    return name;
}

static bool copy(int from, int to)
{
    char bytes[16384];

    for (;;) {
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        if (!hp_process_write_all(to, bytes, (size_t)n))
            return false;
    }
}

/* After a loss of power the file is whole, and the name is the old one's or the new one's. */
static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    int fd = directory != NULL ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    /* The copy is in place; a file system that can't sync a directory does not change that. */
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(directory);
}

static bool fill(int from, int to)
{
    return copy(from, to) && fchmod(to, 0755) == 0 && fsync(to) == 0;
}

static bool put(int from, const char *path, struct hp_error *err)
{
    char *temporary = temporary_beside(path, err);
    bool done = false;
    int to;

    if (temporary == NULL)
        return false;
    to = mkostemp(temporary, O_CLOEXEC);
    if (to < 0) {
        fail(err, "cannot create a file beside", path, errno);
        goto out;
    }
    done = fill(from, to);
    if (close(to) != 0)
        done = false;
    if (done && rename(temporary, path) != 0)
        done = false;
    if (done) {
        sync_directory(path);
    } else {
        fail(err, "cannot write", path, errno);
        unlink(temporary);
    }
out:
    free(temporary);
    return done;
}

bool hp_install(const char *destination, struct hp_error *err)
{
    int from = open_self(err);
    char *path = from >= 0 ? target_of(destination, err) : NULL;
    bool done;

    /* Beyond a limit on file sizes write(2) then fails, so that half a file is not left behind. */
    signal(SIGXFSZ, SIG_IGN);
    done = path != NULL && put(from, path, err);
    free(path);
    if (from >= 0)
        close(from);
    return done;
}
