/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "certs.h"
#include "good.h"

/* Shortages, output that nobody reads, signals, and many probes at once. */

#define HTTP .check = "http", .target = "http://127.0.0.1:{http}/"
#define DATABASE                                                                                   \
    .check = "database", .target = "postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:{pg}/app"
#define REDIS .check = "redis", .target = "redis://127.0.0.1:{redis}"
#define HANGING                                                                                    \
    .check = "redis", .target = "redis://127.0.0.1:{peer}", .peer = {.steps = STEPS(STALL)}

/* --- shortages -------------------------------------------------------------------------------- */

static void limit(__rlimit_resource_t resource, rlim_t to)
{
    struct rlimit limits = {to, to};

    if (setrlimit(resource, &limits) < 0) {
        _exit(125);
    }
}

static void five_descriptors(void *unused)
{
    (void)unused;
    limit(RLIMIT_NOFILE, 3 + 5);
}

static void two_descriptors(void *unused)
{
    (void)unused;
    limit(RLIMIT_NOFILE, 3 + 2);
}

static void no_descriptors(void *unused)
{
    (void)unused;
    limit(RLIMIT_NOFILE, 3);
}

static void sixteen_megabytes(void *unused)
{
    (void)unused;
    limit(RLIMIT_AS, 16UL << 20);
}

/* This limit does not apply to root. */
static void no_threads(void *unused)
{
    (void)unused;
    limit(RLIMIT_NPROC, 0);
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(65532) < 0 || setuid(65532) < 0)) {
        _exit(125);
    }
}

static void no_stdin(void *unused)
{
    (void)unused;
    close(STDIN_FILENO);
}

/* In a shortage the check may succeed; if not, it must report its own lack. */
static const char *up_or_internal(struct hostile_run *run)
{
    struct hpt_run probe;
    const char *problem = hostile_probe(run, &probe);

    if (problem != NULL || probe.exit_status == 0) {
        return problem;
    }
    return hpt_is_down(&probe, run->what->check, "internal", NULL);
}

/* A single check needs no thread; of two, each must report the probe's own lack. */
static const char *without_threads(struct hostile_run *run)
{
    const char *url = hostile_fill(run, run->what->target);
    struct hpt_run probe;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("full", "--check", "redis", "--redis", url, "--timeout", "2s"),
        .binary = hpt_probe_copy(),
        .in_child = no_threads,
    };

    hpt_probe_with(&probe, &opts);
    const char *problem = hpt_is_healthy(&probe, "redis");
    if (problem != NULL) {
        return problem;
    }
    opts.args = HPT_LIST("full", "--check", "redis", "--redis", hpt_strf("a=%s", url), "--redis",
                         hpt_strf("b=%s", url), "--timeout", "2s");
    hpt_probe_with(&probe, &opts);
    problem = hpt_is_down(&probe, "a", "internal", NULL);
    if (problem == NULL) {
        problem = hpt_is_down(&probe, "b", "internal", NULL);
    }
    hostile_note(run, &probe, 2000);
    return problem;
}

/* --- output ----------------------------------------------------------------------------------- */

/* Run with this descriptor as standard output; what is written there is not checked. */
static const char *run_into(struct hostile_run *run, int out_fd, void (*in_child)(void *),
                            int status)
{
    struct hpt_run probe;
    int limit_ms = run->what->limit_ms;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args =
            HPT_LIST("full", "--check", run->what->check, hpt_strf("--%s", run->what->check),
                     hostile_fill(run, run->what->target), "--timeout", hpt_strf("%dms", limit_ms)),
        .out_fd = out_fd,
        .in_child = in_child,
        .secrets_shown = true,
    };

    hpt_probe_with(&probe, &opts);
    run->overshoot_ms = probe.wall_ms - limit_ms;
    run->exit_status = probe.exit_status;
    if (probe.exit_status != status) {
        return hpt_strf("the exit status is not %d; %s", status, hpt_said(&probe));
    }
    if (probe.err_len != 0) {
        return "standard error is not empty";
    }
    if (run->peer.heard != NULL && peer_heard(&run->peer, "\"status\"")) {
        return "the report went to the peer";
    }
    if (probe.wall_ms > limit_ms + HPT_OVERSHOOT_MS) {
        return hpt_strf("ended %.0f ms after its limit", probe.wall_ms - limit_ms);
    }
    return NULL;
}

static const char *into_full_device(struct hostile_run *run, int status)
{
    return run_into(run, open("/dev/full", O_WRONLY | O_CLOEXEC), NULL, status);
}

static const char *healthy_into_full_device(struct hostile_run *run)
{
    return into_full_device(run, 0);
}

static const char *hanging_into_full_device(struct hostile_run *run)
{
    return into_full_device(run, 1);
}

/* Run into a full pipe that nobody reads, or a pipe whose reader has gone. */
static const char *into_pipe(struct hostile_run *run, bool reader_gone, int status)
{
    int fds[2];
    char block[4096] = {0};

    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
        hpt_fail("pipe: %s", strerror(errno));
    }
    while (write(fds[1], block, sizeof block) > 0) {
        continue;
    }
    fcntl(fds[1], F_SETFL, O_WRONLY);
    if (reader_gone) {
        close(fds[0]);
    }
    return run_into(run, fds[1], NULL, status);
}

static const char *healthy_into_unread_pipe(struct hostile_run *run)
{
    return into_pipe(run, false, 0);
}

static const char *hanging_into_unread_pipe(struct hostile_run *run)
{
    return into_pipe(run, false, 1);
}

/* The best of several runs, since the promise holds for a machine that does not stall. */
static const char *hanging_into_unread_pipe_for_50_ms(struct hostile_run *run)
{
    double best_ms = 1e9;

    for (int i = 0; i < 10 && best_ms > 50; i++) {
        const char *problem = into_pipe(run, false, 1);
        if (problem != NULL) {
            return problem;
        }
        best_ms = run->overshoot_ms < best_ms ? run->overshoot_ms : best_ms;
    }
    return best_ms <= 50 ? NULL : hpt_strf("at best ended %.1f ms after its limit", best_ms);
}

static const char *healthy_into_broken_pipe(struct hostile_run *run)
{
    return into_pipe(run, true, 0);
}

static const char *hanging_into_broken_pipe(struct hostile_run *run)
{
    return into_pipe(run, true, 1);
}

static void close_output(void *unused)
{
    (void)unused;
    close(STDOUT_FILENO);
}

static void close_all(void *unused)
{
    (void)unused;
    for (int fd = 0; fd <= 2; fd++) {
        close(fd);
    }
}

static const char *closed_output_healthy(struct hostile_run *run)
{
    return run_into(run, open("/dev/null", O_WRONLY | O_CLOEXEC), close_output, 0);
}

static const char *closed_output_hanging(struct hostile_run *run)
{
    return run_into(run, open("/dev/null", O_WRONLY | O_CLOEXEC), close_output, 1);
}

static const char *closed_everything_healthy(struct hostile_run *run)
{
    return run_into(run, open("/dev/null", O_WRONLY | O_CLOEXEC), close_all, 0);
}

static const char *closed_everything_hanging(struct hostile_run *run)
{
    return run_into(run, open("/dev/null", O_WRONLY | O_CLOEXEC), close_all, 1);
}

/* --- files ------------------------------------------------------------------------------------ */

static void make_fifo(struct hostile_run *run)
{
    (void)run;
    if (mkfifo(hpt_strf("%s/fifo", hpt_tmpdir()), 0600) < 0 && errno != EEXIST) {
        hpt_fail("mkfifo: %s", strerror(errno));
    }
}

/* Files in HOME that would break every login if a client library read them. */
static const char *harmful_home(struct hostile_run *run)
{
    const char *home = hpt_tmp_mkdir("home", 0755);
    struct hpt_run probe;
    static const char *const files[] = {".pgpass",
                                        ".pg_service.conf",
                                        ".netrc",
                                        ".curlrc",
                                        ".postgresql/root.crt",
                                        ".postgresql/postgresql.crt",
                                        ".postgresql/postgresql.key",
                                        ".postgresql/root.crl"};

    hpt_proc_must(HPT_LIST("mkdir", hpt_strf("%s/.postgresql", home)), false);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        hpt_write_file(hpt_strf("%s/%s", home, files[i]), "rubbish\n", 0600);
    }
    const char *const urls[] = {
        "postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:{pg}/app",
        "postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:{pg}/app?sslmode=require",
    };
    for (size_t i = 0; i < (hpt_probe_tls() ? 2 : 1); i++) {
        struct hpt_probe_opts opts = {
            .env = HPT_LIST(hpt_strf("HOME=%s", home), hpt_strf("NETRC=%s/.netrc", home),
                            hpt_strf("PGSYSCONFDIR=%s", home),
                            hpt_strf("OPENSSL_CONF=%s/.netrc", home),
                            hpt_strf("SSLKEYLOGFILE=%s/keys", home), "PGSERVICE=rubbish",
                            "http_proxy=http://127.0.0.1:1", "ALL_PROXY=http://127.0.0.1:1",
                            "LD_PRELOAD=/nowhere.so", "LOCALDOMAIN=x", "RES_OPTIONS=ndots:9"),
            .args = HPT_LIST("full", "--database", hostile_fill(run, urls[i]), "--redis",
                             hostile_fill(run, "redis://127.0.0.1:{redis}"), "--http",
                             hostile_fill(run, "http://127.0.0.1:{http}/")),
        };
        hpt_probe_with(&probe, &opts);
        const char *problem = hpt_is_healthy(&probe, "http,database,redis");
        hostile_note(run, &probe, 2500);
        if (problem != NULL) {
            return problem;
        }
    }
    return access(hpt_strf("%s/keys", home), F_OK) == 0 ? "a log of keys was written" : NULL;
}

/* --- signals ---------------------------------------------------------------------------------- */

/*
 * Send a signal after ever more microseconds. Before main() it ends the probe like any program;
 * from then on there is a report.
 */
static const char *signal_at_any_moment(struct hostile_run *run, int sig, const char *reason)
{
    double late_ms = 40;

    for (int i = 0; i < 60; i++) {
        struct hpt_run probe;
        struct hpt_probe_opts opts = {
            .env = HPT_NONE,
            .args = HPT_LIST("full", "--check", "redis", "--redis",
                             hostile_fill(run, run->what->target), "--timeout", "300ms"),
        };
        hpt_probe_start(&probe, &opts);
        usleep((useconds_t)(i * i * 10));
        hpt_proc_signal(&probe.proc, sig);
        double sent_ms = hpt_now_ms() - probe.began_ms;
        hpt_probe_finish(&probe, &opts);
        if (probe.term_signal == sig && sent_ms < late_ms && probe.out_len == 0) {
            continue;
        }
        const char *problem = hpt_is_down(&probe, "redis", reason, "*");
        hostile_note(run, &probe, 300);
        if (problem != NULL) {
            return hpt_strf("a signal after %.2f ms: %s", sent_ms, problem);
        }
    }
    return NULL;
}

static const char *sigterm_at_any_moment(struct hostile_run *run)
{
    return signal_at_any_moment(run, SIGTERM, "interrupted");
}

static const char *sigint_at_any_moment(struct hostile_run *run)
{
    return signal_at_any_moment(run, SIGINT, "interrupted");
}

static const char *sigpipe_at_any_moment(struct hostile_run *run)
{
    return signal_at_any_moment(run, SIGPIPE, "timeout");
}

/* --- many probes at once ---------------------------------------------------------------------- */

enum { CROWD_MAX = 300 };

struct member {
    pid_t pid;
    const char *out;
};

static struct member crowd[CROWD_MAX];

/* The support library has room for fewer processes. */
static void start_crowd(int n, const char *const *args, bool one_processor)
{
    const char *argv[32] = {hpt_probe_binary()};
    char *const *unconst;
    size_t argc = 1;
    static char *const no_env[] = {NULL};

    for (; *args != NULL && argc < 31; args++) {
        argv[argc++] = *args;
    }
    memcpy(&unconst, &(const char *const *){argv}, sizeof unconst);
    for (int i = 0; i < n; i++) {
        crowd[i].out = hpt_strf("%s/crowd.%d.%d", hpt_tmpdir(), (int)getpid(), i);
        int fd = open(crowd[i].out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        crowd[i].pid = fork();
        if (fd < 0 || crowd[i].pid < 0) {
            hpt_fail("crowd: %s", strerror(errno));
        }
        if (crowd[i].pid == 0) {
            cpu_set_t one;
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            CPU_ZERO(&one);
            CPU_SET(0, &one);
            if (one_processor) {
                sched_setaffinity(0, sizeof one, &one);
            }
            dup2(fd, STDOUT_FILENO);
            dup2(fd, STDERR_FILENO);
            execve(argv[0], unconst, no_env);
            _exit(127);
        }
        close(fd);
    }
}

static struct hpt_run end_of(int i)
{
    struct hpt_run probe = {.wall_ms = 1e9, .err = strdup("")};
    int status = 0;

    waitpid(crowd[i].pid, &status, 0);
    probe.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    probe.term_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    probe.out = hpt_read_file(crowd[i].out, &probe.out_len);
    unlink(crowd[i].out);
    return probe;
}

static const char *judge_crowd(struct hostile_run *run, int n, bool healthy, int limit_ms)
{
    const char *problem = NULL;
    int wrong = 0;

    for (int i = 0; i < n; i++) {
        struct hpt_run probe = end_of(i);
        const char *its = healthy ? hpt_is_healthy(&probe, "http,database,redis")
                                  : hpt_is_down(&probe, "redis", "timeout", "*");
        /* They are reaped one after the other, so take the time from the report. */
        probe.wall_ms = hpt_number(&probe, "latency");
        hostile_note(run, &probe, limit_ms);
        if (its != NULL) {
            wrong++;
            problem = its;
        }
    }
    return problem == NULL ? NULL : hpt_strf("%d of %d are wrong: %s", wrong, n, problem);
}

static const char *three_hundred(struct hostile_run *run)
{
    static struct hpt_postgres roomy;

    hpt_postgres_create(&roomy,
                        &(struct hpt_postgres_opts){.settings = HPT_LIST("max_connections=400")});
    hpt_postgres_start(&roomy);
    run->made = roomy.port;
    start_crowd(
        300,
        HPT_LIST("full", "--timeout", "20s", "--http",
                 hostile_fill(run, "http://127.0.0.1:{http}/health"), "--redis",
                 hostile_fill(run, "redis://127.0.0.1:{redis}"), "--database",
                 hostile_fill(run, "postgresql://app:" HPT_PG_PASSWORD "@127.0.0.1:{made}/app")),
        false);
    return judge_crowd(run, 300, true, 20000);
}

/* Sixty probes that time out at once share a processor: the reports are late but complete. */
static const char *report_under_load(struct hostile_run *run)
{
    start_crowd(60,
                HPT_LIST("full", "--check", "redis", "--timeout", "300ms", "--redis",
                         hostile_fill(run, run->what->target)),
                true);
    return judge_crowd(run, 60, false, 300);
}

/* --- a slow processor ------------------------------------------------------------------------- */

static void be_traced(void *unused)
{
    (void)unused;
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) {
        _exit(125);
    }
}

/* When a timer is set, delay the return until the timer has expired. */
static bool sets_a_timer(pid_t pid)
{
    static uint64_t number;
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) {
        return false;
    }
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        number = info.entry.nr;
        return false;
    }
    return info.op == PTRACE_SYSCALL_INFO_EXIT && number == SYS_timer_settime;
}

static void slow_down(pid_t pid)
{
    int status = 0;
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL;

    if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, pid, NULL, options) < 0) {
        hpt_fail("the probe cannot be traced: %s", strerror(errno));
    }
    for (int sig = 0; ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig) == 0;) {
        sig = 0;
        if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status)) {
            return;
        }
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
            break;
        }
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            sig = WSTOPSIG(status);
        } else if (sets_a_timer(pid)) {
            hpt_sleep_ms(80);
        }
    }
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

/* A throttled probe still reports, if late. */
static const char *throttled(struct hostile_run *run)
{
    struct hpt_run probe;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("full", "--check", "redis", "--timeout", "300ms", "--redis",
                         hostile_fill(run, run->what->target)),
        .in_child = be_traced,
    };

    hpt_probe_start(&probe, &opts);
    slow_down(probe.proc.pid);
    hpt_probe_finish(&probe, &opts);
    const char *problem = hpt_is_down(&probe, "redis", "timeout", "response");
    hostile_note(run, &probe, 300);
    run->overshoot_ms = -1; /* the probe is slowed down on purpose */
    return problem;
}

static const struct hostile_case cases[] = {
    {"http, five descriptors left", HTTP, .in_child = five_descriptors, .instead = up_or_internal},
    {"database, five descriptors left", DATABASE, .in_child = five_descriptors,
     .instead = up_or_internal},
    {"redis, five descriptors left", REDIS, .in_child = five_descriptors},
    {"http, two descriptors left", HTTP, .in_child = two_descriptors, .instead = up_or_internal},
    {"http, no descriptor left", HTTP, .static_only = true, .in_child = no_descriptors,
     .reason = "internal"},
    {"database, no descriptor left", DATABASE, .static_only = true, .in_child = no_descriptors,
     .reason = "internal"},
    {"redis, no descriptor left", REDIS, .static_only = true, .in_child = no_descriptors,
     .reason = "internal"},
    {"http, a name and no descriptor left", .check = "http", .target = "http://svc.test/",
     .static_only = true, .in_child = no_descriptors, .reason = "internal"},
    {"database, a name and no descriptor left", .check = "database",
     .target = "postgresql://app@svc.test/app", .static_only = true, .in_child = no_descriptors,
     .reason = "internal"},
    {"redis, a name and no descriptor left", .check = "redis", .target = "redis://svc.test",
     .static_only = true, .in_child = no_descriptors, .reason = "internal"},
    {"http, 16 MiB of address space", HTTP, .static_only = true, .in_child = sixteen_megabytes},
    {"database, 16 MiB of address space", DATABASE, .static_only = true,
     .in_child = sixteen_megabytes, .instead = up_or_internal},
    {"redis, 16 MiB of address space", REDIS, .static_only = true, .in_child = sixteen_megabytes},
    {"https, 16 MiB of address space", .check = "http", .target = "https://localhost:{https}/",
     .options = "--ca {ca}", .tls_only = true, .static_only = true, .in_child = sixteen_megabytes,
     .instead = up_or_internal},
    {"redis, no threads available", REDIS, .static_only = true, .instead = without_threads},
    {"http, standard input closed", HTTP, .in_child = no_stdin},
    {"http, no /proc and no /dev", HTTP, .static_only = true, .in_child = box_without_proc_and_dev},
    {"database, no /proc and no /dev", DATABASE, .static_only = true,
     .in_child = box_without_proc_and_dev},
    {"redis, no /proc and no /dev", REDIS, .static_only = true,
     .in_child = box_without_proc_and_dev},
    {"all, a harmful home and environment", .check = "http", .static_only = true,
     .instead = harmful_home},

    {"healthy into a full device", REDIS, .limit_ms = 500, .instead = healthy_into_full_device},
    {"hanging into a full device", HANGING, .limit_ms = 300, .instead = hanging_into_full_device},
    {"healthy into a full pipe that nobody reads", REDIS, .limit_ms = 500,
     .instead = healthy_into_unread_pipe},
    {"hanging into a full pipe that nobody reads", HANGING, .limit_ms = 300,
     .instead = hanging_into_unread_pipe},
    {"hanging into a full pipe that nobody reads: within 50 ms", HANGING, .limit_ms = 300,
     .alone = true, .static_only = true, .instead = hanging_into_unread_pipe_for_50_ms},
    {"healthy into a pipe whose reader has gone", REDIS, .limit_ms = 500,
     .instead = healthy_into_broken_pipe},
    {"hanging into a pipe whose reader has gone", HANGING, .limit_ms = 300,
     .instead = hanging_into_broken_pipe},
    {"healthy with standard output closed", .check = "redis", .target = "redis://127.0.0.1:{peer}",
     .peer = {.steps = STEPS(REDIS_OK, STALL)}, .limit_ms = 500, .instead = closed_output_healthy},
    {"hanging with standard output closed", HANGING, .limit_ms = 300,
     .instead = closed_output_hanging},
    {"healthy with nothing open", .check = "redis", .target = "redis://127.0.0.1:{peer}",
     .peer = {.steps = STEPS(REDIS_OK, STALL)}, .limit_ms = 500,
     .instead = closed_everything_healthy},
    {"hanging with nothing open", HANGING, .limit_ms = 300, .instead = closed_everything_hanging},

    {"a FIFO behind file:", .check = "redis", .target = "file:{tmp}/fifo", .before = make_fifo,
     .reason = "config", .error = "redis"},
    {"a device behind file:", .check = "redis", .target = "file:/dev/zero", .reason = "config",
     .error = "redis"},
    {"a directory behind file:", .check = "redis", .target = "file:/tmp", .reason = "config",
     .error = "redis"},

    {"SIGTERM at any moment", HANGING, .static_only = true, .alone = true,
     .instead = sigterm_at_any_moment},
    {"SIGINT at any moment", HANGING, .static_only = true, .alone = true,
     .instead = sigint_at_any_moment},
    {"SIGPIPE at any moment", HANGING, .static_only = true, .alone = true,
     .instead = sigpipe_at_any_moment},

    {"three hundred at once", .check = "http", .alone = true, .static_only = true,
     .instead = three_hundred},
    {"the report of a throttled process", HANGING, .static_only = true, .alone = true,
     .instead = throttled},
    {"the report under load", HANGING, .alone = true, .instead = report_under_load},
};

const struct hostile_table hostile_machine = {"machine", cases, sizeof cases / sizeof cases[0]};
