/* SPDX-License-Identifier: MIT */
#ifndef HPT_KEEP_H
#define HPT_KEEP_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * Reports that tests have seen are kept for tests/docs/reports.sh, which holds each against the
 * schemas: in the folder that HEALTHPROBE_REPORTS names, one a line, a file for each process. For
 * the support library, and for unit tests, which are not linked with it.
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

/** Keep those lines of @text that are reports, whole ones. One that can't be kept ends the test. */
static inline void hpt_keep_reports(const char *text, size_t len)
{
    const char *folder = getenv("HEALTHPROBE_REPORTS");
    const char *end = NULL;
    char path[4096];
    int fd = -1;

    if (folder == NULL || folder[0] == '\0') {
        return;
    }
    snprintf(path, sizeof path, "%s/%d", folder, (int)getpid());
    for (; (end = memchr(text, '\n', len)) != NULL;
         len -= (size_t)(end + 1 - text), text = end + 1) {
        size_t line_len = (size_t)(end + 1 - text);
        if (!hpt_starts_report(text, line_len)) {
            continue;
        }
        if (fd < 0) {
            fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
        }
        /* One write a line: it stands whole, whoever else appends. */
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
