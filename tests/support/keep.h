/* SPDX-License-Identifier: MIT */
#ifndef HPT_KEEP_H
#define HPT_KEEP_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * Keeps the reports of tests for tests/docs/reports.sh, which validates each against the schemas:
 * in the directory HEALTHPROBE_REPORTS, one per line, a file for each process. For the support
 * library, and for unit tests, which are not linked with it.
 */

static inline int hpt_starts_report(const char *line, size_t len)
{
    static const char *const starts[] = {"{\"status\":\"healthy\"",   "{\"status\":\"degraded\"",
                                         "{\"status\":\"unhealthy\"", "{\"status\":\"pass\"",
                                         "{\"status\":\"warn\"",      "{\"status\":\"fail\""};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (len >= strlen(starts[i]) && memcmp(line, starts[i], strlen(starts[i])) == 0) {
            return 1;
        }
    }
    return 0;
}

/** Keep those complete lines of @text that are reports. The test ends if one cannot be kept. */
static inline void hpt_keep_reports(const char *text, size_t len)
{
    const char *directory = getenv("HEALTHPROBE_REPORTS");
    const char *end = NULL;
    char path[4096];
    int fd = -1;

    if (directory == NULL || directory[0] == '\0') {
        return;
    }
    snprintf(path, sizeof path, "%s/%d", directory, (int)getpid());
    for (; (end = memchr(text, '\n', len)) != NULL;
         len -= (size_t)(end + 1 - text), text = end + 1) {
        size_t line_len = (size_t)(end + 1 - text);
        if (!hpt_starts_report(text, line_len)) {
            continue;
        }
        if (fd < 0) {
            fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        }
        /* One write per line, so that other writers cannot split it. */
        if (write(fd, text, line_len) != (ssize_t)line_len) {
            perror(path);
            abort();
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

#endif
