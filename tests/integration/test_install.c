// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common.h"
#include "mounts.h"
#include "net.h"
#include "probe.h"
#include "seccomp.h"

/* `install` copies the running executable to a destination. */

/* --- directories and their content ------------------------------------------------------------ */

static const char *new_directory(const char *name)
{
    char *path = strdup(hpt_strf("%s/%s.XXXXXX", hpt_tmpdir(), name));

    if (path == NULL || mkdtemp(path) == NULL || chmod(path, 0755) < 0) {
        hpt_fail("no directory: %s", strerror(errno));
    }
    return path;
}

static int entries(const char *directory)
{
    DIR *dir = opendir(directory);
    int n = 0;

    ck_assert_msg(dir != NULL, "%s", directory);
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(dir);
    return n;
}

static void ck_copy(const char *path)
{
    struct stat status;
    size_t own_len = 0;
    size_t len = 0;
    char *own = hpt_read_file(hpt_probe_binary(), &own_len);
    char *copy = hpt_read_file(path, &len);

    ck_assert_msg(lstat(path, &status) == 0, "%s: %s", path, strerror(errno));
    ck_assert_uint_eq(status.st_mode, S_IFREG | 0755);
    ck_assert_uint_eq(len, own_len);
    ck_assert_msg(memcmp(copy, own, len) == 0, "%s is another file", path);
    free(own);
    free(copy);
}

static void ck_silent(const struct hpt_run *run)
{
    ck_assert_msg(run->exit_status == 0 && run->out_len == 0 && run->err_len == 0, "%s",
                  hpt_said(run));
}

/* One line of text on standard error, and nothing on standard output. */
static void ck_refused(const struct hpt_run *run, const char *why)
{
    ck_assert_msg(run->exit_status == 1 && run->out_len == 0, "%s", hpt_said(run));
    ck_assert_msg(strncmp(run->err, "healthprobe: ", 13) == 0, "%s", hpt_said(run));
    ck_assert_msg(strchr(run->err, '\n') == run->err + run->err_len - 1, "%s", hpt_said(run));
    ck_assert_msg(strstr(run->err, why) != NULL, "not told: %s; %s", why, hpt_said(run));
}

static void install(struct hpt_run *run, const char *destination)
{
    hpt_probe(run, HPT_NONE, HPT_LIST("install", destination));
}

/* --- destination ------------------------------------------------------------------------------ */

START_TEST(a_file_can_be_the_destination)
{
    struct hpt_run run;
    const char *path = hpt_strf("%s/probe", new_directory("file"));

    install(&run, path);
    ck_silent(&run);
    ck_copy(path);
}
END_TEST

START_TEST(in_a_directory_the_copy_is_called_healthprobe)
{
    struct hpt_run run;
    const char *directory = new_directory("directory");

    install(&run, hpt_strf("%s%s", directory, _i == 0 ? "" : "/"));
    ck_silent(&run);
    ck_copy(hpt_strf("%s/healthprobe", directory));
    ck_assert_int_eq(entries(directory), 1);
}
END_TEST

static void tight_umask(void *arg)
{
    (void)arg;
    umask(0777);
}

START_TEST(the_umask_does_not_change_the_mode)
{
    struct hpt_run run;
    const char *path = hpt_strf("%s/probe", new_directory("umask"));
    struct hpt_probe_opts opts = {
        .env = HPT_NONE, .args = HPT_LIST("install", path), .in_child = tight_umask};

    hpt_probe_with(&run, &opts);
    ck_silent(&run);
    ck_copy(path);
}
END_TEST

START_TEST(the_copy_works_and_can_install_itself)
{
    struct hpt_run run;
    struct hpt_run copy;
    const char *directory = new_directory("copies");
    const char *first = hpt_strf("%s/first", directory);
    const char *second = hpt_strf("%s/second", directory);
    struct hpt_probe_opts opts = {.env = HPT_NONE, .args = HPT_LIST("install", second)};

    install(&run, first);
    ck_silent(&run);
    opts.binary = first;
    hpt_probe_with(&run, &opts);
    ck_silent(&run);
    ck_copy(second);
    hpt_probe(&run, HPT_NONE, HPT_LIST("--version"));
    opts.binary = second;
    opts.args = HPT_LIST("--version");
    hpt_probe_with(&copy, &opts);
    ck_assert_str_eq(copy.out, run.out);
}
END_TEST

/* Docker's health checks and Kubernetes' probes may be running the old one at that moment. */
START_TEST(an_older_copy_is_replaced_while_it_runs)
{
    struct hpt_run run;
    struct hpt_run older;
    const char *directory = new_directory("running");
    const char *path = hpt_strf("%s/healthprobe", directory);
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(hpt_strf("REDIS_URL=redis://127.0.0.1:%d", hpt_net_silent_port())),
        .args = HPT_LIST("--check=redis", "--timeout=2s"),
        .binary = path,
    };
    struct stat before;
    struct stat after;

    install(&run, path);
    ck_silent(&run);
    ck_assert_int_eq(chmod(path, 0700), 0);
    ck_assert_int_eq(stat(path, &before), 0);
    hpt_probe_start(&older, &opts);
    hpt_sleep_ms(300);
    install(&run, directory);
    ck_silent(&run);
    ck_assert(hpt_proc_running(&older.proc));
    hpt_probe_finish(&older, &opts);
    HPT_OK(hpt_is_down(&older, "redis", "timeout", "response"));
    ck_copy(path);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_uint_ne(before.st_ino, after.st_ino);
    ck_assert_int_eq(entries(directory), 1);
}
END_TEST

START_TEST(the_executable_can_replace_itself)
{
    struct hpt_run run;
    const char *path = hpt_strf("%s/probe", new_directory("itself"));
    struct hpt_probe_opts opts = {
        .env = HPT_NONE, .args = HPT_LIST("install", path), .binary = path};

    install(&run, path);
    hpt_probe_with(&run, &opts);
    ck_silent(&run);
    ck_copy(path);
}
END_TEST

/* --- a separate root -------------------------------------------------------------------------- */

struct image {
    const char *root;
    bool has_proc;
    const char *full; /* mount options of a volume at /volume: "size=64k" */
};

/* Runs in the child: a root that holds only the executable, and a volume on another file system. */
static void enter_image(void *arg)
{
    const struct image *image = arg;

    if (!hpt_own_mounts(0)) {
        hpt_child_fails("unshare");
    }
    if (chdir(image->root) < 0 || mount("none", "volume", "tmpfs", 0, image->full) < 0 ||
        (image->has_proc && mount("/proc", "proc", NULL, MS_BIND | MS_REC, NULL) < 0) ||
        chroot(".") < 0) {
        hpt_child_fails("image");
    }
}

static const char *scratch(void)
{
    const char *root = new_directory("root");
    size_t len = 0;
    char *bytes = hpt_read_file(hpt_probe_binary(), &len);

    hpt_write_bytes(hpt_strf("%s/healthprobe", root), bytes, len, 0755);
    free(bytes);
    mkdir(hpt_strf("%s/proc", root), 0755);
    mkdir(hpt_strf("%s/volume", root), 0755);
    mkdir(hpt_strf("%s/tools", root), 0755);
    return root;
}

static void in_image(struct hpt_run *run, struct image *image, const char *const *args)
{
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = args,
        .binary = "/healthprobe",
        .in_child = enter_image,
        .in_child_arg = image,
    };

    hpt_probe_with(run, &opts);
}

START_TEST(the_executable_installs_from_an_image_that_holds_nothing_else)
{
    struct hpt_run run;
    struct image image = {.root = scratch(), .has_proc = true, .full = ""};

    in_image(&run, &image, HPT_LIST("install", "/tools"));
    ck_silent(&run);
    ck_copy(hpt_strf("%s/tools/healthprobe", image.root));
}
END_TEST

START_TEST(the_executable_installs_to_another_file_system)
{
    struct hpt_run run;
    struct image image = {.root = scratch(), .has_proc = true, .full = ""};

    /* The volume vanishes with the process, so this can only check that it printed nothing. */
    in_image(&run, &image, HPT_LIST("install", "/volume/healthprobe"));
    ck_silent(&run);
    in_image(&run, &image, HPT_LIST("install", "/volume"));
    ck_silent(&run);
}
END_TEST

START_TEST(without_proc_the_error_says_what_to_do)
{
    struct hpt_run run;
    struct image image = {.root = scratch(), .full = ""};

    in_image(&run, &image, HPT_LIST("install", "/tools"));
    ck_refused(&run, "/proc");
    ck_assert_ptr_nonnull(strstr(run.err, "COPY --from"));
    ck_assert_int_eq(entries(hpt_strf("%s/tools", image.root)), 0);
}
END_TEST

START_TEST(a_full_volume_is_an_error)
{
    struct hpt_run run;
    struct image image = {.root = scratch(), .has_proc = true, .full = "size=64k"};

    in_image(&run, &image, HPT_LIST("install", "/volume"));
    ck_refused(&run, "No space left on device");
}
END_TEST

/* --- errors ----------------------------------------------------------------------------------- */

static void become_somebody(void *arg)
{
    (void)arg;
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(65532) < 0 || setuid(65532) < 0)) {
        hpt_child_fails("setuid");
    }
}

START_TEST(without_write_permission_nothing_changes)
{
    struct hpt_run run;
    const char *directory = new_directory("denied");
    const char *path = hpt_strf("%s/healthprobe", directory);
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("install", directory),
        .binary = hpt_probe_copy(),
        .in_child = become_somebody,
    };

    hpt_write_file(path, "older", 0644);
    chmod(hpt_tmpdir(), 0755);
    chmod(directory, 0555);
    hpt_probe_with(&run, &opts);
    ck_refused(&run, "Permission denied");
    ck_assert_str_eq(hpt_read_file(path, NULL), "older");
    ck_assert_int_eq(entries(directory), 1);
}
END_TEST

START_TEST(a_directory_in_its_place_is_kept)
{
    struct hpt_run run;
    const char *directory = new_directory("occupied");

    ck_assert_int_eq(mkdir(hpt_strf("%s/healthprobe", directory), 0755), 0);
    install(&run, directory);
    ck_refused(&run, "Is a directory");
    ck_assert_int_eq(entries(directory), 1);
}
END_TEST

START_TEST(a_device_in_its_place_is_kept)
{
    struct hpt_run run;

    install(&run, "/dev/null");
    ck_refused(&run, "neither a file nor a directory");
    struct stat status;
    ck_assert_int_eq(stat("/dev/null", &status), 0);
    ck_assert(S_ISCHR(status.st_mode));
}
END_TEST

static const struct {
    const char *args[5];
    const char *said;
} mistakes[] = {
    {{"install"}, "needs a destination"},
    {{"install", ""}, "needs a destination"},
    {{"install", "/none/a", "/none/b"}, "one destination"},
    {{"install", "/none/a", "--verbose"}, "--verbose"},
    {{"install", "/none/a", "--for=1s"}, "--for"},
    {{"install", "/none/a", "--bogus"}, "unknown option"},
    {{"install", "/none/a", "--format", "short"}, "--format"},
    {{"live", "install", "/none/a"}, "before the mode"},
    {{"install", "/none/a/b"}, "No such file or directory"},
    {{"install", "/etc/passwd/below"}, "Not a directory"},
};

START_TEST(a_mistake_is_reported_as_text)
{
    struct hpt_run run;

    /* Invalid settings of checks do not matter here. */
    hpt_probe(&run, HPT_LIST("HEALTHPROBE_CHECK=nonsense", "HEALTHPROBE_VERBOSE=maybe"),
              mistakes[_i].args);
    ck_refused(&run, mistakes[_i].said);
    ck_assert_ptr_null(strstr(run.err, "HEALTHPROBE_"));
}
END_TEST

START_TEST(an_error_that_cannot_be_printed_still_fails)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST("PATH=/usr/bin:/bin"),
        .args = HPT_LIST("-c", "\"$0\" install /none/a/b 2>&-; echo \"$?\"", hpt_probe_binary()),
        .binary = "/bin/sh",
    };

    hpt_probe_with(&run, &opts);
    ck_assert_str_eq(run.out, "1\n");
}
END_TEST

/* A file that did not reach the disk might be empty after a power failure. */
START_TEST(a_copy_that_cannot_be_synced_keeps_the_old_one)
{
    const char *directory = new_directory("unsynced");
    const char *path = hpt_strf("%s/healthprobe", directory);
    struct hpt_refused refused = {EIO, 2, {SYS_fsync, SYS_fdatasync}};
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("install", directory),
        .in_child = hpt_refuse_calls,
        .in_child_arg = &refused,
    };

    hpt_write_file(path, "the old one", 0700);
    hpt_probe_with(&run, &opts);
    ck_refused(&run, "cannot write");
    ck_assert_str_eq(hpt_read_file(path, NULL), "the old one");
    ck_assert_int_eq(entries(directory), 1);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "destination", 30);

    tcase_add_test(tc, a_file_can_be_the_destination);
    tcase_add_loop_test(tc, in_a_directory_the_copy_is_called_healthprobe, 0, 2);
    tcase_add_test(tc, the_umask_does_not_change_the_mode);
    tcase_add_test(tc, the_copy_works_and_can_install_itself);
    tcase_add_test(tc, an_older_copy_is_replaced_while_it_runs);
    tcase_add_test(tc, the_executable_can_replace_itself);

    if (hpt_probe_static()) {
        tc = hpt_tcase(suite, "image", 30);
        tcase_add_test(tc, the_executable_installs_from_an_image_that_holds_nothing_else);
        tcase_add_test(tc, the_executable_installs_to_another_file_system);
        tcase_add_test(tc, without_proc_the_error_says_what_to_do);
        tcase_add_test(tc, a_full_volume_is_an_error);
    }

    tc = hpt_tcase(suite, "errors", 30);
    if (hpt_probe_static()) {
        tcase_add_test(tc, without_write_permission_nothing_changes);
    }
    tcase_add_test(tc, a_copy_that_cannot_be_synced_keeps_the_old_one);
    tcase_add_test(tc, a_directory_in_its_place_is_kept);
    tcase_add_test(tc, a_device_in_its_place_is_kept);
    tcase_add_loop_test(tc, a_mistake_is_reported_as_text, 0, HPT_COUNT(mistakes));
    tcase_add_test(tc, an_error_that_cannot_be_printed_still_fails);
}

int main(void)
{
    return hpt_main("install", NULL, build, true);
}
