/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/install.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is copied is this very test. */

static char directory[64];
static struct hp_error err;

static void make_directory(void)
{
    strcpy(directory, "/tmp/hp-install.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    memset(&err, 0, sizeof err);
}

static const char *in_directory(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static void remove_directory(void)
{
    DIR *dir = opendir(directory);
    const struct dirent *entry;

    ck_assert_ptr_nonnull(dir);
    while ((entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove(in_directory(entry->d_name));
    closedir(dir);
    rmdir(directory);
}

static int entries(void)
{
    DIR *dir = opendir(directory);
    int n = -2; /* "." and ".." */

    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void expect_copy(const char *path)
{
    struct stat own;
    struct stat copy;
    /* Opened, since an emulator's link names the emulator. */
    int fd = open("/proc/self/exe", O_RDONLY);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fstat(fd, &own), 0);
    close(fd);
    ck_assert_int_eq(lstat(path, &copy), 0);
    ck_assert(S_ISREG(copy.st_mode));
    ck_assert_int_eq(copy.st_mode & 07777, 0755);
    ck_assert_int_eq(copy.st_size, own.st_size);
}

static void expect_text(const char *path, const char *text)
{
    char found[64] = "";
    int fd = open(path, O_RDONLY);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(read(fd, found, sizeof found - 1), (ssize_t)strlen(text));
    close(fd);
    ck_assert_str_eq(found, text);
}

START_TEST(destination_is_a_file_that_may_exist)
{
    umask(0077);
    ck_assert_msg(hp_install(in_directory("probe"), &err), "%s", err.msg);
    expect_copy(in_directory("probe"));
    put(in_directory("older"), "older");
    ck_assert_msg(hp_install(in_directory("older"), &err), "%s", err.msg);
    expect_copy(in_directory("older"));
    ck_assert_int_eq(entries(), 2);
    ck_assert_uint_eq(err.len, 0);
}
END_TEST

START_TEST(copy_in_a_directory_is_called_healthprobe)
{
    ck_assert_msg(hp_install(directory, &err), "%s", err.msg);
    expect_copy(in_directory("healthprobe"));
    ck_assert_msg(hp_install(in_directory(""), &err), "%s", err.msg);
    ck_assert_int_eq(entries(), 1);
}
END_TEST

START_TEST(relative_destination_is_below_the_working_directory)
{
    ck_assert_int_eq(chdir(directory), 0);
    ck_assert_msg(hp_install("probe", &err), "%s", err.msg);
    expect_copy(in_directory("probe"));
    ck_assert_msg(hp_install(".", &err), "%s", err.msg);
    expect_copy(in_directory("healthprobe"));
    ck_assert_int_eq(entries(), 2);
}
END_TEST

START_TEST(link_is_replaced_and_its_target_stays)
{
    char target[sizeof directory + 16];

    snprintf(target, sizeof target, "%s/target", directory);
    put(target, "target");
    ck_assert_int_eq(symlink("target", in_directory("link")), 0);
    ck_assert_msg(hp_install(in_directory("link"), &err), "%s", err.msg);
    expect_copy(in_directory("link"));
    expect_text(target, "target");
}
END_TEST

START_TEST(a_missing_directory_is_an_error)
{
    ck_assert(!hp_install(in_directory("missing/probe"), &err));
    ck_assert_ptr_nonnull(strstr(err.msg, "missing/probe: No such file or directory"));
    ck_assert(!hp_install(in_directory("missing/"), &err));
    ck_assert_int_eq(entries(), 0);
}
END_TEST

START_TEST(anything_but_a_file_stays)
{
    ck_assert_int_eq(mkfifo(in_directory("fifo"), 0600), 0);
    ck_assert(!hp_install(in_directory("fifo"), &err));
    ck_assert_ptr_nonnull(strstr(err.msg, "neither a file nor a directory"));
    ck_assert_int_eq(entries(), 1);
    ck_assert_int_eq(mkdir(in_directory("healthprobe"), 0700), 0);
    ck_assert(!hp_install(directory, &err));
    ck_assert_ptr_nonnull(strstr(err.msg, "Is a directory"));
    ck_assert_int_eq(entries(), 2);
}
END_TEST

/* As on a full disk: the copy breaks off in its middle. */
START_TEST(copy_that_breaks_off_leaves_the_old_file)
{
    struct rlimit small = {4096, RLIM_INFINITY};

    put(in_directory("older"), "older");
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &small), 0);
    small.rlim_cur = 4096;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    ck_assert(!hp_install(in_directory("older"), &err));
    small.rlim_cur = small.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    ck_assert_ptr_nonnull(strstr(err.msg, "File too large"));
    expect_text(in_directory("older"), "older");
    ck_assert_int_eq(entries(), 1);
}
END_TEST

START_TEST(error_shows_no_control_characters)
{
    ck_assert(!hp_install("/missing\033[2J\n/probe", &err));
    ck_assert_ptr_null(strchr(err.msg, '\033'));
    ck_assert_ptr_null(strchr(err.msg, '\n'));
}
END_TEST

#define CASE(suite, test)                                                                          \
    do {                                                                                           \
        TCase *tcase = tcase_create(#test);                                                        \
        tcase_add_checked_fixture(tcase, make_directory, remove_directory);                        \
        tcase_add_test(tcase, test);                                                               \
        suite_add_tcase(suite, tcase);                                                             \
    } while (0)

int main(void)
{
    Suite *suite = suite_create("install");

    CASE(suite, destination_is_a_file_that_may_exist);
    CASE(suite, copy_in_a_directory_is_called_healthprobe);
    CASE(suite, relative_destination_is_below_the_working_directory);
    CASE(suite, link_is_replaced_and_its_target_stays);
    CASE(suite, a_missing_directory_is_an_error);
    CASE(suite, anything_but_a_file_stays);
    CASE(suite, copy_that_breaks_off_leaves_the_old_file);
    CASE(suite, error_shows_no_control_characters);
    return hp_unit_run(suite);
}
