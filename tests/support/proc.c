// SPDX-License-Identifier: MIT
#include "proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

enum { MAX_PROCS = 64, MAX_TREE = 256 };

/* Every process started here; a slot is free again once its process was reaped. */
static struct hpt_proc *procs[MAX_PROCS];

static const char *const default_env[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL=C",
    NULL,
};

static void remember(struct hpt_proc *proc)
{
    for (int i = 0; i < MAX_PROCS; i++) {
        if (procs[i] == NULL || procs[i] == proc) {
            procs[i] = proc;
            return;
        }
    }
    hpt_fail("more than %d processes", (int)MAX_PROCS);
}

static void forget(const struct hpt_proc *proc)
{
    for (int i = 0; i < MAX_PROCS; i++) {
        if (procs[i] == proc) {
            procs[i] = NULL;
        }
    }
}

/* execve() takes pointers to non-const only for historical reasons. */
static char *const *unconst(const char *const *list)
{
    union {
        const char *const *from;
        char *const *to;
    } cast = {.from = list};

    return cast.to;
}

static void child_give_up(int report_fd)
{
    int error = errno;

    if (write(report_fd, &error, sizeof error) < 0) {
        _exit(126);
    }
    _exit(127);
}

/* Move a descriptor to 0, 1 or 2; the originals are above those and close on exec. */
static void child_place_fd(int fd, int at, int report_fd)
{
    if (dup2(fd, at) < 0) {
        child_give_up(report_fd);
    }
}

static void child_run(const struct hpt_spawn *spawn, const int fds[3], pid_t parent, int report_fd)
{
    sigset_t none;

    for (int sig = 1; sig < NSIG; sig++) {
        signal(sig, SIG_DFL);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 0; i < 3; i++) {
        child_place_fd(fds[i], i, report_fd);
    }
    /* Check keeps descriptors without CLOEXEC, and a server that holds them would outlive a test.
     */
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
        for (int fd = 3; fd < 1024; fd++) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
    if (chdir(spawn->cwd != NULL ? spawn->cwd : hpt_tmpdir()) < 0) {
        child_give_up(report_fd);
    }
    if (spawn->as_server && geteuid() == 0) {
        uid_t uid = hpt_server_uid();
        gid_t gid = hpt_server_gid();
        if (setgroups(0, NULL) < 0 || setgid(gid) < 0 || setuid(uid) < 0) {
            child_give_up(report_fd);
        }
    }
    /* A change of user clears it, so this comes after. The parent may be gone by now. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) {
        child_give_up(report_fd);
    }
    if (getppid() != parent) {
        _exit(127);
    }
    if (spawn->never_execs) {
        close(report_fd);
    }
    if (spawn->in_child != NULL) {
        spawn->in_child(spawn->in_child_arg);
    }
    char *const *envp = unconst(spawn->envp != NULL ? spawn->envp : default_env);
    if (strchr(spawn->argv[0], '/') != NULL) {
        execve(spawn->argv[0], unconst(spawn->argv), envp);
    } else {
        execvpe(spawn->argv[0], unconst(spawn->argv), envp);
    }
    child_give_up(report_fd);
}

static int high_fd(int fd, const char *what)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);

    if (high < 0) {
        hpt_fail("%s: %s", what, strerror(errno));
    }
    return high;
}

void hpt_proc_start(struct hpt_proc *proc, const struct hpt_spawn *spawn)
{
    int report[2];
    int fds[3];

    proc->name = spawn->name != NULL ? spawn->name : spawn->argv[0];
    proc->stop_signal = spawn->stop_signal != 0 ? spawn->stop_signal : SIGTERM;
    proc->status = 0;
    bool logs = spawn->out_fd == 0 || spawn->err_fd == 0;
    if (proc->log == NULL && logs) {
        static int serial;
        const char *base = strrchr(proc->name, '/');
        proc->log = hpt_strf("%s/%s.%d.%d.log", hpt_tmpdir(), base != NULL ? base + 1 : proc->name,
                             (int)getpid(), ++serial);
    }
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log_fd = logs ? open(proc->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : null_fd;
    if (null_fd < 0 || log_fd < 0 || pipe2(report, O_CLOEXEC) < 0) {
        hpt_fail("start %s: %s", proc->name, strerror(errno));
    }
    fds[0] = high_fd(spawn->in_fd != 0 ? spawn->in_fd : null_fd, "stdin");
    fds[1] = high_fd(spawn->out_fd != 0 ? spawn->out_fd : log_fd, "stdout");
    fds[2] = high_fd(spawn->err_fd != 0 ? spawn->err_fd : log_fd, "stderr");
    int report_fd = high_fd(report[1], "pipe");
    close(report[1]);
    if (logs) {
        close(log_fd);
    }
    close(null_fd);

    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) {
        hpt_fail("fork: %s", strerror(errno));
    }
    if (pid == 0) {
        child_run(spawn, fds, parent, report_fd);
    }
    proc->pid = pid;
    proc->owner = parent;
    remember(proc);
    close(report_fd);
    for (int i = 0; i < 3; i++) {
        close(fds[i]);
    }
    int error = 0;
    ssize_t got;
    do {
        got = read(report[0], &error, sizeof error);
    } while (got < 0 && errno == EINTR);
    close(report[0]);
    if (got > 0 && !spawn->exec_may_fail) {
        hpt_proc_wait(proc, 1000);
        hpt_fail("cannot execute %s: %s", spawn->argv[0], strerror(error));
    }
}

bool hpt_proc_wait(struct hpt_proc *proc, int limit_ms)
{
    double until = hpt_now_ms() + limit_ms;

    if (proc->pid == 0) {
        return true;
    }
    if (proc->owner != getpid()) {
        hpt_fail("%s was started by another process", proc->name);
    }
    int fd = pidfd_open(proc->pid, 0);
    for (;;) {
        pid_t got = waitpid(proc->pid, &proc->status, WNOHANG);
        if (got == proc->pid) {
            break;
        }
        double left = until - hpt_now_ms();
        if (left <= 0) {
            if (fd >= 0) {
                close(fd);
            }
            return false;
        }
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (fd >= 0) {
            poll(&ready, 1, (int)left + 1);
        } else {
            hpt_sleep_ms(2);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    forget(proc);
    proc->pid = 0;
    return true;
}

bool hpt_proc_running(struct hpt_proc *proc)
{
    if (proc->pid == 0) {
        return false;
    }
    if (proc->owner == getpid()) {
        return !hpt_proc_wait(proc, 0);
    }
    return kill(proc->pid, 0) == 0;
}

void hpt_proc_signal(const struct hpt_proc *proc, int sig)
{
    if (proc->pid > 0) {
        kill(proc->pid, sig);
    }
}

static bool stat_of(pid_t pid, char *ret_state, pid_t *ret_parent)
{
    char path[64];
    int parent = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    char *text = hpt_read_file(path, NULL);
    /* The name in parentheses may contain anything, even parentheses. */
    const char *after = text != NULL ? strrchr(text, ')') : NULL;
    bool good = after != NULL && sscanf(after, ") %c %d", ret_state, &parent) == 2;
    *ret_parent = parent;
    free(text);
    return good;
}

/*
 * The process and its descendants, parents before their children. Postgres puts each of its
 * children into its own session, so a process group would miss them.
 */
static int tree(pid_t root, pid_t pids[MAX_TREE])
{
    static struct {
        pid_t pid;
        pid_t parent;
    } all[4096];
    size_t known = 0;
    int count = 0;

    DIR *dir = opendir("/proc");
    const struct dirent *entry;
    while (dir != NULL && known < 4096 && (entry = readdir(dir)) != NULL) {
        char state;
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && stat_of(pid, &state, &all[known].parent)) {
            all[known++].pid = pid;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    pids[count++] = root;
    for (int i = 0; i < count; i++) {
        for (size_t j = 0; j < known && count < MAX_TREE; j++) {
            if (all[j].parent == pids[i]) {
                pids[count++] = all[j].pid;
            }
        }
    }
    return count;
}

static void signal_tree(const struct hpt_proc *proc, int sig)
{
    pid_t pids[MAX_TREE];

    if (proc->pid <= 0) {
        return;
    }
    int count = tree(proc->pid, pids);
    for (int i = 0; i < count; i++) {
        kill(pids[i], sig);
    }
}

void hpt_proc_stop(struct hpt_proc *proc)
{
    if (proc == NULL || proc->pid == 0) {
        return;
    }
    signal_tree(proc, SIGCONT);
    kill(proc->pid, proc->stop_signal);
    if (hpt_proc_wait(proc, 8000)) {
        return;
    }
    hpt_diag("%s does not end: killed", proc->name);
    signal_tree(proc, SIGKILL);
    hpt_proc_wait(proc, 5000);
}

void hpt_proc_pause(const struct hpt_proc *proc)
{
    signal_tree(proc, SIGSTOP);
    /* The signal has been sent; measurements of a test begin once nothing runs any more. */
    for (int i = 0; i < 1000 && proc->pid > 0; i++) {
        char state;
        pid_t parent;
        if (!stat_of(proc->pid, &state, &parent) || strchr("TtZX", state) != NULL) {
            return;
        }
        hpt_sleep_ms(1);
    }
}

void hpt_proc_continue(const struct hpt_proc *proc)
{
    signal_tree(proc, SIGCONT);
}

void hpt_proc_continue_all(void)
{
    for (int i = 0; i < MAX_PROCS; i++) {
        if (procs[i] != NULL) {
            hpt_proc_continue(procs[i]);
        }
    }
}

void hpt_proc_continue_below(const char *directory)
{
    DIR *dir = opendir("/proc");
    const struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[64];
        char target[512];
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
        ssize_t len = pid > 0 ? readlink(path, target, sizeof target - 1) : -1;
        if (len > 0 && strncmp(target, directory, strlen(directory)) == 0) {
            kill(pid, SIGCONT);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

void hpt_proc_stop_all(void)
{
    /*
     * A test's child inherits this handler and the list, but must not stop what it did not start.
     */
    for (int i = 0; i < MAX_PROCS; i++) {
        if (procs[i] != NULL && procs[i]->owner == getpid()) {
            hpt_proc_stop(procs[i]);
        }
    }
}

int hpt_proc_run(const struct hpt_spawn *spawn, int limit_ms, char **ret_out)
{
    struct hpt_proc proc = {.name = NULL};

    hpt_proc_start(&proc, spawn);
    if (!hpt_proc_wait(&proc, limit_ms)) {
        hpt_diag_file(proc.name, proc.log);
        signal_tree(&proc, SIGKILL);
        hpt_proc_wait(&proc, 5000);
        hpt_fail("%s took more than %d ms", proc.name, limit_ms);
    }
    if (ret_out != NULL) {
        *ret_out = hpt_read_file(proc.log, NULL);
    }
    if (WIFEXITED(proc.status) && WEXITSTATUS(proc.status) == 0) {
        unlink(proc.log);
    }
    return WIFEXITED(proc.status) ? WEXITSTATUS(proc.status) : 128 + WTERMSIG(proc.status);
}

char *hpt_proc_must(const char *const *argv, bool as_server)
{
    struct hpt_spawn spawn = {.argv = argv, .as_server = as_server};
    char *out = NULL;
    int status = hpt_proc_run(&spawn, 60000, &out);

    if (status != 0) {
        hpt_fail("%s ended with %d: %s", argv[0], status, out != NULL ? out : "");
    }
    return out;
}
