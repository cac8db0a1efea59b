/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_FILE_H
#define HEALTHPROBE_FILE_H

#include <healthprobe/base/error.h>

#include <stdbool.h>

/** A file that holds a value is at most this long. */
#define HP_FILE_MAX 65536

/**
 * Read a value from a file, without a byte order mark at its start and line ends at its end. Never
 * blocks on a FIFO.
 *
 * @origin  what errors call the value that named the file
 * @return  on the heap, the caller's; NULL: a problem was added. The file is
 *          missing, unreadable, empty, not a regular file or too long
 */
char *hp_file_read(const char *path, const char *origin, struct hp_error *err);

/**
 * Can @path be opened for reading, and is it a regular file? Adds a problem
 * that names @origin if not. Never blocks on a FIFO.
 */
bool hp_file_readable(const char *path, const char *origin, struct hp_error *err);

#endif
