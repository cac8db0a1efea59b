// SPDX-License-Identifier: MIT
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keep.h"

enum { MAX_SECRETS = 128, MAX_ARGS = 64, MAX_OUTPUT = 1 << 20 };

static const char *secrets[MAX_SECRETS];
static size_t secret_count;
static const char *binary;
static bool with_tls;
static bool is_static;

void hpt_probe_require(void)
{
    const char *path = getenv("HEALTHPROBE_BINARY");
    const char *tls = getenv("HEALTHPROBE_TLS");
    const char *linked = getenv("HEALTHPROBE_STATIC");

    if (path == NULL || path[0] == '\0') {
        path = HPT_BUILT_BINARY;
        tls = HPT_BUILT_TLS;
        linked = "0";
    }
    binary = realpath(path, NULL);
    if (binary == NULL || access(binary, X_OK) < 0) {
        hpt_fail("the executable under test, %s: %s; build it, or name another one in "
                 "HEALTHPROBE_BINARY",
                 path, strerror(errno));
    }
    if (tls == NULL || (strcmp(tls, "0") != 0 && strcmp(tls, "1") != 0)) {
        hpt_fail("HEALTHPROBE_TLS must say whether HEALTHPROBE_BINARY was built with TLS: 1 or 0");
    }
    with_tls = tls[0] == '1';
    is_static = linked == NULL || strcmp(linked, "0") != 0;
}

const char *hpt_probe_binary(void)
{
    if (binary == NULL) {
        hpt_fail("this test program did not ask for the executable under test");
    }
    return binary;
}

const char *hpt_probe_copy(void)
{
    const char *path = hpt_strf("%s/healthprobe.%d", hpt_tmpdir(), (int)getpid());
    size_t len = 0;
    char *bytes = hpt_read_file(hpt_probe_binary(), &len);

    if (bytes == NULL) {
        hpt_fail("%s cannot be read", hpt_probe_binary());
    }
    hpt_write_bytes(path, bytes, len, 0555);
    free(bytes);
    return path;
}

bool hpt_probe_tls(void)
{
    return with_tls;
}

bool hpt_probe_static(void)
{
    return is_static;
}

static void add_secret(const char *text)
{
    for (size_t i = 0; i < secret_count; i++) {
        if (strcmp(secrets[i], text) == 0) {
            return;
        }
    }
    if (secret_count == MAX_SECRETS) {
        hpt_fail("more than %d secrets", (int)MAX_SECRETS);
    }
    secrets[secret_count++] = text;
}

void hpt_probe_secret(const char *secret)
{
    if (strlen(secret) < 6) {
        hpt_fail("a secret of %zu bytes may be printed by chance", strlen(secret));
    }
    add_secret(hpt_strf("%s", secret));
    add_secret(hpt_percent_encode(secret, true));
    add_secret(hpt_percent_encode(secret, false));
    json_t *string = json_string(secret);
    char *escaped = json_dumps(string, JSON_ENCODE_ANY);
    if (escaped != NULL) {
        escaped[strlen(escaped) - 1] = '\0';
        add_secret(escaped + 1);
    }
    json_decref(string);
}

static bool holds(const char *text, size_t len, const char *part)
{
    return text != NULL && memmem(text, len, part, strlen(part)) != NULL;
}

bool hpt_probe_leaks(const struct hpt_run *run)
{
    for (size_t i = 0; i < secret_count; i++) {
        if (holds(run->out, run->out_len, secrets[i]) ||
            holds(run->err, run->err_len, secrets[i])) {
            return true;
        }
    }
    return false;
}

static void take_pipe(int *ret_read, int *ret_write)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0) {
        hpt_fail("pipe: %s", strerror(errno));
    }
    *ret_read = fds[0];
    *ret_write = fds[1];
}

/* The value of an option given as "--option value"; NULL if it was not. */
static const char *option_of(const char *const *args, const char *option)
{
    for (; args[0] != NULL && args[1] != NULL; args++) {
        if (strcmp(args[0], option) == 0) {
            return args[1];
        }
    }
    return NULL;
}

void hpt_probe_start(struct hpt_run *run, const struct hpt_probe_opts *opts)
{
    const char *argv[MAX_ARGS] = {opts->binary != NULL ? opts->binary : hpt_probe_binary()};
    size_t argc = 1;
    int out_end = 0;
    int err_end;

    memset(run, 0, sizeof *run);
    for (size_t i = 0; opts->args[i] != NULL; i++) {
        if (argc == MAX_ARGS - 1) {
            hpt_fail("more than %d arguments", (int)MAX_ARGS);
        }
        argv[argc++] = opts->args[i];
    }
    run->exit_codes = option_of(opts->args, "--exit-codes");
    run->out_fd = -1;
    if (opts->out_fd == 0) {
        take_pipe(&run->out_fd, &out_end);
    }
    take_pipe(&run->err_fd, &err_end);
    struct hpt_spawn spawn = {
        .name = "healthprobe",
        .argv = argv,
        .envp = opts->env,
        .out_fd = opts->out_fd != 0 ? opts->out_fd : out_end,
        .err_fd = err_end,
        .in_child = opts->in_child,
        .in_child_arg = opts->in_child_arg,
        .exec_may_fail = opts->exec_may_fail,
    };
    run->began_ms = hpt_now_ms();
    hpt_proc_start(&run->proc, &spawn);
    if (opts->out_fd == 0) {
        close(out_end);
    }
    close(err_end);
}

/* Returns false at the end of the stream. */
static bool read_some(int fd, char **text, size_t *len)
{
    char buffer[4096];
    ssize_t got = read(fd, buffer, sizeof buffer);

    if (got <= 0) {
        return got < 0 && errno == EINTR;
    }
    if (*len < MAX_OUTPUT) {
        char *more = realloc(*text, *len + (size_t)got + 1);
        if (more == NULL) {
            abort();
        }
        memcpy(more + *len, buffer, (size_t)got);
        *len += (size_t)got;
        more[*len] = '\0';
        *text = more;
    }
    return true;
}

void hpt_probe_finish(struct hpt_run *run, const struct hpt_probe_opts *opts)
{
    struct pollfd fds[3] = {
        {.fd = run->out_fd, .events = POLLIN},
        {.fd = run->err_fd, .events = POLLIN},
        {.fd = pidfd_open(run->proc.pid, 0), .events = POLLIN},
    };
    double until = run->began_ms + HPT_PROBE_LIMIT_MS;
    bool too_long = false;
    bool left_open = false;

    if (fds[2].fd < 0) {
        hpt_fail("pidfd_open: %s", strerror(errno));
    }
    while (fds[0].fd >= 0 || fds[1].fd >= 0 || fds[2].fd >= 0) {
        double left = until - hpt_now_ms();
        if (left <= 0 || poll(fds, 3, (int)left + 1) == 0) {
            left_open = fds[2].fd < 0;
            too_long = !left_open;
            break;
        }
        if (fds[2].fd >= 0 && fds[2].revents != 0) {
            run->wall_ms = hpt_now_ms() - run->began_ms;
            close(fds[2].fd);
            fds[2].fd = -1;
            /* No other process may hold the pipes now: an engine would wait for it too. */
            until = hpt_now_ms() + 1000;
        }
        if (fds[0].fd >= 0 && fds[0].revents != 0 &&
            !read_some(fds[0].fd, &run->out, &run->out_len)) {
            fds[0].fd = -1;
        }
        if (fds[1].fd >= 0 && fds[1].revents != 0 &&
            !read_some(fds[1].fd, &run->err, &run->err_len)) {
            fds[1].fd = -1;
        }
    }
    if (fds[2].fd >= 0) {
        close(fds[2].fd);
    }
    if (too_long) {
        hpt_proc_signal(&run->proc, SIGKILL);
    }
    hpt_proc_wait(&run->proc, 5000);
    if (run->out_fd >= 0) {
        close(run->out_fd);
    }
    close(run->err_fd);
    int status = run->proc.status;
    run->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    run->term_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (run->out == NULL) {
        run->out = hpt_read_file("/dev/null", &run->out_len);
    }
    if (run->err == NULL) {
        run->err = hpt_read_file("/dev/null", &run->err_len);
    }
    hpt_keep_reports(run->out, run->out_len);
    hpt_keep_reports(run->err, run->err_len);
    /* Do not print the output: that would put the secret into the test's log. */
    ck_assert_msg(opts->secrets_shown || !hpt_probe_leaks(run), "the output holds a secret");
    ck_assert_msg(!too_long, "killed after %d ms; %s", HPT_PROBE_LIMIT_MS, hpt_said(run));
    ck_assert_msg(!left_open, "a process outlives the probe and holds its output; %s",
                  hpt_said(run));
}

void hpt_probe_with(struct hpt_run *run, const struct hpt_probe_opts *opts)
{
    hpt_probe_start(run, opts);
    hpt_probe_finish(run, opts);
}

void hpt_probe(struct hpt_run *run, const char *const *env, const char *const *args)
{
    struct hpt_probe_opts opts = {.env = env, .args = args};

    hpt_probe_with(run, &opts);
}

const char *hpt_said(const struct hpt_run *run)
{
    char *said = NULL;

    if (run->term_signal != 0) {
        said = strdup(hpt_strf("signal %d after %.0f ms, stdout [%.1800s], stderr [%.400s]",
                               run->term_signal, run->wall_ms, run->out, run->err));
    } else {
        said = strdup(hpt_strf("exit %d after %.0f ms, stdout [%.1800s], stderr [%.400s]",
                               run->exit_status, run->wall_ms, run->out, run->err));
    }
    /* The text becomes part of a line of TAP. */
    for (char *at = said; at != NULL && *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f) {
            *at = '~';
        }
    }
    return said;
}
