// SPDX-License-Identifier: MIT
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"
#include "proc.h"

static pid_t main_pid;
static char tmpdir_path[128];

static char *format(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));

static char *format(const char *fmt, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, fmt, args) < 0) {
        abort();
    }
    return text;
}

const char *hpt_strf(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    const char *text = format(fmt, args);
    va_end(args);
    return text;
}

void hpt_diag(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    char *text = format(fmt, args);
    va_end(args);
    for (char *at = text; *at != '\0'; at++) {
        *at = (unsigned char)*at < 0x20 || *at == 0x7f ? '~' : *at;
    }
    fprintf(stderr, "# %s\n", text);
    free(text);
}

void hpt_diag_file(const char *title, const char *path)
{
    size_t len = 0;
    char *text = hpt_read_file(path, &len);

    if (text == NULL) {
        hpt_diag("%s: cannot read %s", title, path);
        return;
    }
    hpt_diag("%s (%s):", title, path);
    const char *from = len > 4000 ? text + len - 4000 : text;
    while (*from != '\0') {
        size_t line = strcspn(from, "\n");
        hpt_diag("  %.*s", (int)line, from);
        from += line + (from[line] == '\n' ? 1 : 0);
    }
    free(text);
}

void hpt_fail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    char *text = format(fmt, args);
    va_end(args);
    hpt_diag("%s", text);
    if (!hpt_in_main()) {
        ck_abort_msg("%s", text);
    }
    printf("Bail out! %s\n", text);
    exit(EXIT_FAILURE);
}

double hpt_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void hpt_sleep_ms(int ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000L};

    while (nanosleep(&left, &left) < 0 && errno == EINTR) {
        continue;
    }
}

bool hpt_in_main(void)
{
    return main_pid == getpid();
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

/* A directory without write permission protects its content from everyone but root. */
static int open_directory(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)walk;
    return type == FTW_D || type == FTW_DNR ? chmod(path, 0700) : 0;
}

static bool keeps_tmpdir(void)
{
    const char *keep = getenv("HPT_KEEP");

    return keep != NULL && strcmp(keep, "1") == 0;
}

static void remove_tree(void)
{
    nftw(tmpdir_path, open_directory, 16, FTW_PHYS | FTW_MOUNT);
    nftw(tmpdir_path, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void remove_tmpdir(void)
{
    if (!hpt_in_main() || tmpdir_path[0] == '\0') {
        return;
    }
    if (keeps_tmpdir()) {
        hpt_diag("kept: %s", tmpdir_path);
        return;
    }
    remove_tree();
}

/*
 * A program that is killed runs no handlers. The kernel then kills what it started, but not this
 * child, which no signal reaches. It sees the end of a pipe, wakes what a test had paused (a paused
 * Postgres leaves children whose parent is gone) and removes the temporary directory.
 */
static void start_janitor(void)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0) {
        hpt_fail("pipe: %s", strerror(errno));
    }
    hpt_tmpdir();
    pid_t pid = fork();
    if (pid < 0) {
        hpt_fail("fork: %s", strerror(errno));
    }
    if (pid > 0) {
        /* The other end stays open as long as this process and its tests live. */
        close(fds[0]);
        return;
    }
    char byte;
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    setsid();
    /* The reader of the results waits until every holder of their pipe has closed it. */
    for (int fd = 0; fd < 3; fd++) {
        dup2(null_fd, fd);
    }
    close(fds[1]);
    while (read(fds[0], &byte, 1) < 0 && errno == EINTR) {
        continue;
    }
    hpt_proc_continue_below(tmpdir_path);
    if (!keeps_tmpdir()) {
        hpt_sleep_ms(200);
        remove_tree();
    }
    _exit(0);
}

const char *hpt_tmpdir(void)
{
    if (tmpdir_path[0] != '\0') {
        return tmpdir_path;
    }
    const char *base = getenv("TMPDIR");
    if (base == NULL || base[0] != '/' || strlen(base) > 40) {
        base = "/tmp";
    }
    snprintf(tmpdir_path, sizeof tmpdir_path, "%s/hpt.XXXXXX", base);
    if (mkdtemp(tmpdir_path) == NULL) {
        hpt_fail("mkdtemp %s: %s", tmpdir_path, strerror(errno));
    }
    if (chmod(tmpdir_path, 0755) < 0) {
        hpt_fail("chmod %s: %s", tmpdir_path, strerror(errno));
    }
    return tmpdir_path;
}

const char *hpt_tmp_mkdir(const char *prefix, mode_t mode)
{
    char *path = NULL;

    if (asprintf(&path, "%s/%s.XXXXXX", hpt_tmpdir(), prefix) < 0) {
        abort();
    }
    if (mkdtemp(path) == NULL || chmod(path, mode) < 0) {
        hpt_fail("directory %s: %s", path, strerror(errno));
    }
    hpt_give_to_server(path);
    return path;
}

void hpt_write_bytes(const char *path, const void *bytes, size_t len, mode_t mode)
{
    FILE *file = fopen(path, "we");

    if (file == NULL) {
        hpt_fail("%s: %s", path, strerror(errno));
    }
    bool good = fwrite(bytes, 1, len, file) == len && fchmod(fileno(file), mode) == 0;
    if (fclose(file) != 0 || !good) {
        hpt_fail("cannot write %s", path);
    }
}

void hpt_write_file(const char *path, const char *text, mode_t mode)
{
    hpt_write_bytes(path, text, strlen(text), mode);
}

char *hpt_read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t len = 0;

    if (file == NULL) {
        return NULL;
    }
    /* Files in /proc have no size: read until the end. */
    for (;;) {
        char *more = realloc(text, len + 4097);
        if (more == NULL) {
            abort();
        }
        text = more;
        size_t got = fread(text + len, 1, 4096, file);
        len += got;
        text[len] = '\0';
        if (got == 0) {
            break;
        }
    }
    fclose(file);
    if (ret_len != NULL) {
        *ret_len = len;
    }
    return text;
}

static const struct passwd *server_user(void)
{
    const struct passwd *user = getpwnam("postgres");

    if (user == NULL) {
        user = getpwnam("nobody");
    }
    if (user == NULL) {
        hpt_fail("neither a user `postgres` nor `nobody` to run servers as");
    }
    return user;
}

uid_t hpt_server_uid(void)
{
    return geteuid() == 0 ? server_user()->pw_uid : geteuid();
}

gid_t hpt_server_gid(void)
{
    return geteuid() == 0 ? server_user()->pw_gid : getegid();
}

void hpt_give_to_server(const char *path)
{
    if (geteuid() == 0 && lchown(path, hpt_server_uid(), hpt_server_gid()) < 0) {
        hpt_fail("chown %s: %s", path, strerror(errno));
    }
}

const char *hpt_percent_encode(const char *text, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char *encoded = malloc(3 * strlen(text) + 1);
    char *to = encoded;

    if (encoded == NULL) {
        abort();
    }
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        if (letter || (byte >= '0' && byte <= '9') || strchr("-._~", byte) != NULL) {
            *to++ = (char)byte;
        } else {
            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
        }
    }
    *to = '\0';
    return encoded;
}

const char *hpt_base64(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = strlen(text);
    char *encoded = calloc(len / 3 + 2, 4);
    char *to = encoded;

    if (encoded == NULL) {
        abort();
    }
    for (size_t i = 0; i < len; i += 3) {
        unsigned bits = 0;
        for (size_t j = 0; j < 3; j++) {
            bits = bits << 8 | (i + j < len ? (unsigned char)text[i + j] : 0U);
        }
        *to++ = digits[bits >> 18 & 63];
        *to++ = digits[bits >> 12 & 63];
        *to++ = i + 1 < len ? digits[bits >> 6 & 63] : '=';
        *to++ = i + 2 < len ? digits[bits & 63] : '=';
    }
    return encoded;
}

static void set_up(bool needs_probe)
{
    main_pid = getpid();
    signal(SIGPIPE, SIG_IGN);
    umask(022);
    /* Handlers run in reverse order: the servers stop before their directories are removed. */
    atexit(remove_tmpdir);
    atexit(hpt_proc_stop_all);

    if (needs_probe) {
        hpt_probe_require();
    }
    start_janitor();
}

int hpt_lend(void (*start)(void))
{
    char byte;
    ssize_t got;

    set_up(false);
    start();
    fflush(stdout);
    do {
        got = read(STDIN_FILENO, &byte, 1);
    } while (got > 0 || (got < 0 && errno == EINTR));
    return EXIT_SUCCESS;
}

int hpt_main(const char *name, void (*start)(void), void (*build)(Suite *suite), bool needs_probe)
{
    set_up(needs_probe);
    double began = hpt_now_ms();
    if (start != NULL) {
        start();
        hpt_diag("%s: servers are up after %.0f ms", name, hpt_now_ms() - began);
    }
    Suite *suite = suite_create(name);
    build(suite);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_FORK);
    srunner_set_tap(runner, "-");
    /* Buffered text would be written again by every forked child. */
    fflush(NULL);
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hpt_diag("%s: %.1f s in all", name, (hpt_now_ms() - began) / 1e3);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

TCase *hpt_tcase(Suite *suite, const char *name, double timeout_s)
{
    TCase *tc = tcase_create(name);

    tcase_add_checked_fixture(tc, hpt_proc_continue_all, NULL);
    tcase_set_timeout(tc, timeout_s);
    suite_add_tcase(suite, tc);
    return tc;
}
