// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "mounts.h"
#include "net.h"
#include "probe.h"
#include "service.h"

/* The process itself: where it can run, what it touches and how it ends. */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;

static void start_servers(void)
{
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){.tls = true}, &redis,
                      &(struct hpt_redis_opts){.tls = true});
}

static const char *database_var(const char *host)
{
    return hpt_strf("DATABASE_URL=postgresql://app:%s@%s:%d/app", HPT_PG_PASSWORD, host, pg.port);
}

static const char *redis_var(const char *host)
{
    return hpt_strf("REDIS_URL=redis://%s:%d", host, redis.port);
}

#define SERVICE_ENV                                                                                \
    database_var("127.0.0.1"), redis_var("127.0.0.1"), hpt_strf("PORT=%d", nginx.port)

/* A target that never answers, for tests that act on a running probe. */
static const char *hanging(void)
{
    return hpt_strf("http://127.0.0.1:%d/hang", nginx.port);
}

/* A directory like the root of an image made FROM scratch: nothing but the executable. */

static void put_file(const char *from, const char *to, mode_t mode)
{
    size_t len = 0;
    char *bytes = hpt_read_file(from, &len);

    if (bytes == NULL) {
        hpt_fail("%s cannot be read", from);
    }
    hpt_write_bytes(to, bytes, len, mode);
    free(bytes);
}

static const char *scratch_root(void)
{
    char *root = strdup(hpt_strf("%s/root.XXXXXX", hpt_tmpdir()));

    if (root == NULL || mkdtemp(root) == NULL) {
        hpt_fail("no directory for a root: %s", strerror(errno));
    }
    put_file(hpt_probe_binary(), hpt_strf("%s/healthprobe", root), 0555);
    if (chmod(root, 0555) < 0) {
        hpt_fail("chmod %s: %s", root, strerror(errno));
    }
    return root;
}

struct container {
    const char *root;
    rlim_t processes; /* 0: unchanged */
};

/* Runs in the child: the directory becomes a read-only root, and the user the unknown 65532. */
static void enter_container(void *arg)
{
    const struct container *container = arg;
    bool root = geteuid() == 0;

    if (hpt_own_mounts(65532)) {
        if (mount(container->root, container->root, NULL, MS_BIND, NULL) < 0 ||
            mount(NULL, container->root, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0) {
            hpt_child_fails("mount");
        }
    } else if (!root) {
        hpt_child_fails("unshare");
    }
    /* Even without permission to mount, its user cannot write to it. */
    if (chdir(container->root) < 0 || chroot(".") < 0) {
        hpt_child_fails("chroot");
    }
    if (container->processes != 0) {
        struct rlimit limit = {container->processes, container->processes};
        if (setrlimit(RLIMIT_NPROC, &limit) < 0) {
            hpt_child_fails("setrlimit");
        }
    }
    if (root && (setgroups(0, NULL) < 0 || setgid(65532) < 0 || setuid(65532) < 0)) {
        hpt_child_fails("setuid");
    }
}

static void probe_in(struct hpt_run *run, struct container *container, const char *const *env,
                     const char *const *args)
{
    struct hpt_probe_opts opts = {
        .env = env,
        .args = args,
        .binary = "/healthprobe",
        .in_child = enter_container,
        .in_child_arg = container,
    };

    hpt_probe_with(run, &opts);
}

START_TEST(the_executable_alone_runs_in_an_empty_root)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root()};

    probe_in(&run, &container, HPT_LIST(SERVICE_ENV), HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    /* Without /proc there is no age. */
    HPT_OK(hpt_is_text(&run, "uptime", NULL));
    HPT_OK(hpt_is_text(&run, "version", "unknown"));
}
END_TEST

START_TEST(in_an_empty_root_localhost_resolves)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root()};

    probe_in(&run, &container,
             HPT_LIST(database_var("localhost"), redis_var("cache.localhost"),
                      hpt_strf("PORT=%d", nginx.port), "HOME=/root", "TMPDIR=/tmp"),
             HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
}
END_TEST

START_TEST(in_an_empty_root_failures_are_named)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root()};
    const char *dead = hpt_strf("REDIS_URL=redis://127.0.0.1:%d", hpt_net_refusing_port());

    probe_in(&run, &container,
             HPT_LIST(database_var("127.0.0.1"), dead, hpt_strf("PORT=%d", nginx.port)),
             HPT_LIST("full"));
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    HPT_OK(hpt_is_up(&run, "http"));
    HPT_OK(hpt_is_up(&run, "database"));
}
END_TEST

START_TEST(in_an_empty_root_paused_servers_time_out_at_the_limit)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root()};

    hpt_proc_pause(&nginx.proc);
    hpt_proc_pause(&pg.proc);
    hpt_proc_pause(&redis.proc);
    probe_in(&run, &container, HPT_LIST(SERVICE_ENV), HPT_LIST("full", "--timeout", "600ms"));
    HPT_OK(hpt_is_down(&run, "http", "timeout", "response"));
    HPT_OK(hpt_is_down(&run, "database", "timeout", hpt_probe_tls() ? "tls|login" : "login"));
    HPT_OK(hpt_is_down(&run, "redis", "timeout", "response"));
    HPT_OK(hpt_is_punctual(&run, 600));
    hpt_proc_continue_all();
}
END_TEST

START_TEST(in_an_empty_root_a_name_is_down_within_the_limit)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root()};

    /* Only a name server on this machine could answer. */
    probe_in(&run, &container,
             HPT_LIST(hpt_strf("DATABASE_URL=postgresql://app:%s@db.invalid/app", HPT_PG_PASSWORD)),
             HPT_LIST("ready", "--check", "database", "--timeout", "700ms"));
    HPT_OK(hpt_is_down(&run, "database", "dns|timeout", "*"));
    if (hpt_get(&run, "checks.database.phase") != NULL) {
        HPT_OK(hpt_is_text(&run, "checks.database.phase", "dns"));
    }
    ck_assert_double_lt(run.wall_ms, 700 + HPT_OVERSHOOT_MS);
}
END_TEST

START_TEST(names_in_a_hosts_file_need_no_resolver)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root()};
    const char *etc = hpt_strf("%s/etc", container.root);

    chmod(container.root, 0755);
    ck_assert_int_eq(mkdir(etc, 0755), 0);
    hpt_write_file(hpt_strf("%s/hosts", etc), "127.0.0.1 db db.internal\n127.0.0.1\tcache\n", 0644);
    probe_in(&run, &container,
             HPT_LIST(database_var("db"), redis_var("cache"),
                      hpt_strf("HEALTHPROBE_HTTP=http://db.internal:%d", nginx.port)),
             HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    HPT_OK(hpt_is_text(&run, "checks.database.target",
                       hpt_strf("postgresql://app@db:%d/app", pg.port)));
}
END_TEST

START_TEST(in_an_empty_root_tls_needs_only_the_file_of_its_authority)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root()};

    chmod(container.root, 0755);
    put_file(hpt_certs()->ca, hpt_strf("%s/ca.crt", container.root), 0444);
    probe_in(&run, &container,
             HPT_LIST(hpt_strf("HEALTHPROBE_HTTP=https://localhost:%d", nginx.tls_port),
                      hpt_strf("REDIS_URL=rediss://localhost:%d", redis.tls_port),
                      hpt_strf("%s?sslmode=verify-full", database_var("localhost"))),
             HPT_LIST("full", "--ca", "/ca.crt"));
    if (hpt_probe_tls()) {
        HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    } else {
        HPT_OK(hpt_is_config(&run, "TLS"));
    }
}
END_TEST

START_TEST(checks_that_get_no_thread_are_reported_as_internal)
{
    struct hpt_run run;
    struct container container = {.root = scratch_root(), .processes = 1};

    probe_in(&run, &container, HPT_LIST(SERVICE_ENV), HPT_LIST("full"));
    HPT_OK(hpt_is_report(&run));
    ck_assert_uint_eq(json_object_size(hpt_get(&run, "checks")), 3);
    HPT_OK(hpt_is_down(&run, "http", "internal", NULL));
    HPT_OK(hpt_is_down(&run, "database", "internal", NULL));
    HPT_OK(hpt_is_down(&run, "redis", "internal", NULL));
}
END_TEST

/*
 * Limits.
 */

static void limit_to(int resource, const void *arg)
{
    const rlim_t *to = arg;
    struct rlimit limit = {*to, *to};

    if (setrlimit((__rlimit_resource_t)resource, &limit) < 0) {
        hpt_child_fails("setrlimit");
    }
}

static void limit_descriptors(void *arg)
{
    limit_to(RLIMIT_NOFILE, arg);
}

static void limit_memory(void *arg)
{
    limit_to(RLIMIT_AS, arg);
}

START_TEST(too_few_descriptors_still_give_a_report)
{
    struct hpt_run run;
    rlim_t descriptors = (rlim_t)_i;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = HPT_LIST("full"),
        .in_child = limit_descriptors,
        .in_child_arg = &descriptors,
    };

    hpt_probe_with(&run, &opts);
    HPT_OK(hpt_is_report(&run));
    hpt_diag("%d descriptors: %s", _i, json_string_value(hpt_get(&run, "status")));
    if (_i == 3) {
        /* None is left for a socket. */
        HPT_OK(hpt_is_down(&run, "http", "internal", NULL));
        HPT_OK(hpt_is_down(&run, "database", "internal", NULL));
        HPT_OK(hpt_is_down(&run, "redis", "internal", NULL));
    } else if (_i >= 16) {
        HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    }
}
END_TEST

static void run_with_memory(struct hpt_run *run, rlim_t bytes, const char *const *args)
{
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = args,
        .in_child = limit_memory,
        .in_child_arg = &bytes,
        .exec_may_fail = true,
    };

    hpt_probe_with(run, &opts);
}

START_TEST(too_little_memory_still_gives_a_report)
{
    struct hpt_run run;
    const rlim_t step = 96 << 10;
    rlim_t least = 8 << 20;
    rlim_t healthy = 0;

    /* The memory needed to start it at all: a run that prints its version reached main(). */
    do {
        least -= step;
        run_with_memory(&run, least, HPT_LIST("--version"));
    } while (run.exit_status == 0 && run.out_len > 0 && least > 2 * step);
    least += step;

    for (rlim_t bytes = least; bytes < least + (3 << 20); bytes += step) {
        run_with_memory(&run, bytes, HPT_LIST("full"));
        HPT_OK(hpt_is_report(&run));
        if (healthy == 0 && run.exit_status == 0) {
            healthy = bytes;
        }
    }
    hpt_diag("it starts with %llu KiB, and is healthy with %llu KiB",
             (unsigned long long)least >> 10, (unsigned long long)healthy >> 10);
    /* Half of the run's own memory cap must be enough. */
    run_with_memory(&run, 16 << 20, HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
}
END_TEST

static bool wait_until_connected(const struct hpt_run *run)
{
    /* It has sent its request once it ignores SIGPIPE, which it does first, and sleeps. */
    const char *path = hpt_strf("/proc/%d/status", (int)run->proc.pid);

    for (int i = 0; i < 300; i++) {
        char *status = hpt_read_file(path, NULL);
        const char *ignored = status != NULL ? strstr(status, "\nSigIgn:") : NULL;
        unsigned long long signals = 0;

        if (ignored != NULL && sscanf(ignored, "\nSigIgn: %llx", &signals) == 1 &&
            (signals & 1ull << (SIGPIPE - 1)) != 0 && strstr(status, "\nState:\tS") != NULL) {
            hpt_sleep_ms(50);
            return true;
        }
        hpt_sleep_ms(5);
    }
    return false;
}

START_TEST(memory_is_capped_and_no_core_is_dumped)
{
    struct hpt_run run;
    struct hpt_probe_opts opts = {
        .env = HPT_NONE,
        .args = HPT_LIST("--http", hanging(), "--timeout", "1s"),
    };

    hpt_probe_start(&run, &opts);
    ck_assert(wait_until_connected(&run));
    char *limits = hpt_read_file(hpt_strf("/proc/%d/limits", (int)run.proc.pid), NULL);
    hpt_probe_finish(&run, &opts);
    ck_assert_ptr_nonnull(limits);
    const char *space = strstr(limits, "Max address space");
    const char *core = strstr(limits, "Max core file size");
    long bytes = -1;
    long core_bytes = -1;
    ck_assert_int_eq(sscanf(space, "Max address space %ld", &bytes), 1);
    ck_assert_int_eq(sscanf(core, "Max core file size %ld", &core_bytes), 1);
    ck_assert_int_eq(bytes, 32L << 20);
    ck_assert_int_eq(core_bytes, 0);
}
END_TEST

/*
 * Signals.
 */

static void block_signals(void *arg)
{
    sigset_t all;

    (void)arg;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

START_TEST(a_signal_during_a_check_still_gives_a_report)
{
    struct hpt_run run;
    const int signals[] = {SIGTERM, SIGINT, SIGTERM};
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(database_var("127.0.0.1"), redis_var("127.0.0.1")),
        .args = HPT_LIST("full", "--http", hanging(), "--timeout", "10s"),
        /* The parent may have blocked them. */
        .in_child = _i == 2 ? block_signals : NULL,
    };

    hpt_probe_start(&run, &opts);
    ck_assert(wait_until_connected(&run));
    hpt_sleep_ms(500);
    double sent = hpt_now_ms();
    hpt_proc_signal(&run.proc, signals[_i]);
    hpt_probe_finish(&run, &opts);
    ck_assert_double_lt(run.began_ms + run.wall_ms - sent, 1000);
    ck_assert_int_eq(run.term_signal, 0);
    HPT_OK(hpt_is_down(&run, "http", "interrupted", "*"));
    HPT_OK(hpt_is_up(&run, "database"));
    HPT_OK(hpt_is_up(&run, "redis"));
}
END_TEST

/*
 * Standard output.
 */

static void close_descriptors(void *arg)
{
    const int *which = arg;

    for (int fd = 0; fd < 3; fd++) {
        if ((*which & 1 << fd) != 0) {
            close(fd);
        }
    }
}

static const char *redis_errors(void)
{
    const char *stats = hpt_redis_cli(&redis, HPT_LIST("info", "errorstats"));
    const char *at = strstr(stats, "errorstat_");

    return at != NULL ? at : "";
}

START_TEST(closed_descriptors_never_become_a_connection)
{
    struct hpt_run run;
    int which = _i;
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = HPT_LIST("full"),
        .in_child = close_descriptors,
        .in_child_arg = &which,
    };

    free(hpt_redis_cli(&redis, HPT_LIST("config", "resetstat")));
    hpt_probe_with(&run, &opts);
    ck_assert_msg(run.exit_status == 0, "%s", hpt_said(&run));
    ck_assert_uint_eq(run.err_len, 0);
    if ((which & 2) != 0) {
        ck_assert_uint_eq(run.out_len, 0);
    } else {
        HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    }
    ck_assert_str_eq(redis_errors(), "");

    opts.env = HPT_LIST(database_var("127.0.0.1"), redis_var("127.0.0.1"),
                        hpt_strf("PORT=%d", hpt_net_refusing_port()));
    hpt_probe_with(&run, &opts);
    ck_assert_msg(run.exit_status == 1, "%s", hpt_said(&run));
    ck_assert_str_eq(redis_errors(), "");
    ck_assert(!hpt_postgres_logged(&pg, "invalid frontend message"));
    ck_assert(!hpt_postgres_logged(&pg, "unsupported frontend protocol"));
    ck_assert(!hpt_postgres_logged(&pg, "invalid length of startup packet"));
}
END_TEST

START_TEST(an_unwritable_report_keeps_the_verdict)
{
    struct hpt_run run;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = _i == 0 ? HPT_LIST("full") : HPT_LIST("full", "--http-status", "500"),
        .out_fd = full,
    };

    ck_assert_int_gt(full, 0);
    hpt_probe_with(&run, &opts);
    ck_assert_msg(run.exit_status == _i, "%s", hpt_said(&run));
    ck_assert_uint_eq(run.err_len, 0);
    close(full);
}
END_TEST

START_TEST(a_reader_that_left_does_not_change_the_verdict)
{
    struct hpt_run run;
    int fds[2];

    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    close(fds[0]);
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = HPT_LIST("full"),
        .out_fd = fds[1],
    };
    hpt_probe_with(&run, &opts);
    ck_assert_msg(run.exit_status == 0, "%s", hpt_said(&run));
    ck_assert_uint_eq(run.err_len, 0);
    close(fds[1]);
}
END_TEST

START_TEST(an_unread_pipe_does_not_block_the_run)
{
    struct hpt_run run;
    static char block[1 << 16];
    int fds[2];

    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    /* Filled through another descriptor of the pipe: the inherited one must block, as usual. */
    int filler = open(hpt_strf("/proc/self/fd/%d", fds[1]), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    ck_assert_int_ge(filler, 0);
    while (write(filler, block, sizeof block) > 0) {
        continue;
    }
    while (write(filler, block, 1) > 0) {
        continue;
    }
    close(filler);
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = _i == 0 ? HPT_LIST("full", "--timeout", "700ms")
                        : HPT_LIST("full", "--timeout", "700ms", "--http-status", "500"),
        .out_fd = fds[1],
    };
    hpt_probe_with(&run, &opts);
    ck_assert_msg(run.exit_status == _i, "%s", hpt_said(&run));
    ck_assert_double_lt(run.wall_ms, 700 + 50 + HPT_OVERSHOOT_MS);
    hpt_diag("ended %.1f ms after the limit of 700 ms", run.wall_ms - 700);
    /* Other processes may share the descriptor and its flags. */
    ck_assert_int_eq(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(a_pipe_read_late_gets_the_report)
{
    struct hpt_run run;
    static char block[1 << 16];
    int fds[2];

    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    int size = fcntl(fds[1], F_GETPIPE_SZ);
    ck_assert_int_gt(size, 0);
    for (int left = size; left > 0;) {
        ssize_t done = write(fds[1], block, (size_t)(left < 4096 ? left : 4096));
        ck_assert_int_gt((int)done, 0);
        left -= (int)done;
    }
    struct hpt_probe_opts opts = {
        .env = HPT_LIST(SERVICE_ENV),
        .args = HPT_LIST("full", "--timeout", "4s"),
        .out_fd = fds[1],
    };
    hpt_probe_start(&run, &opts);
    hpt_sleep_ms(700);
    char *got = calloc(1, (size_t)size + 8192);
    ck_assert_ptr_nonnull(got);
    size_t len = 0;
    while (len < (size_t)size) {
        ssize_t more = read(fds[0], got, (size_t)size - len);
        ck_assert_int_gt((int)more, 0);
        len += (size_t)more;
    }
    hpt_probe_finish(&run, &opts);
    ssize_t more = read(fds[0], got, 8192);
    ck_assert_int_gt((int)more, 0);
    run.out = got;
    run.out_len = (size_t)more;
    run.out[more] = '\0';
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(a_garbage_environment_is_survived)
{
    struct hpt_run run;
    static char large[100000];

    memset(large, 'x', sizeof large - 1);
    hpt_probe(&run,
              HPT_LIST(SERVICE_ENV, "no equals sign", "=", "=value", "HEALTHPROBE_",
                       "HEALTHPROBE_UNKNOWN=\x1b\xff", hpt_strf("LARGE=%s", large)),
              HPT_LIST("full"));
    HPT_OK(hpt_is_healthy(&run, "http,database,redis"));
}
END_TEST

/*
 * What the kernel sees.
 */

struct trace {
    char *text;
};

/*
 * The probe makes its memory unreadable, since it holds passwords, so only root can see the strings
 * in its system calls: root of a user namespace, where we are not the real one.
 */
static void become_root(void *arg)
{
    (void)arg;
    if (geteuid() != 0 && !hpt_own_mounts(0)) {
        hpt_child_fails("unshare");
    }
}

static void trace(struct trace *ret, const char *const *env, const char *const *args)
{
    const char *file = hpt_strf("%s/trace.%d", hpt_tmpdir(), (int)getpid());
    const char *argv[48] = {"strace", "-f", "-qq", "-s", "256", "-o", file, hpt_probe_binary()};
    size_t argc = 8;
    char *out = NULL;

    for (size_t i = 0; args[i] != NULL; i++) {
        argv[argc++] = args[i];
    }
    /* strace passes its environment on; without a PATH the shell finds it in its default places. */
    const char *full[32];
    size_t envc = 0;
    full[envc++] = "PATH=/usr/local/bin:/usr/bin:/bin";
    for (size_t i = 0; env[i] != NULL; i++) {
        full[envc++] = env[i];
    }
    full[envc] = NULL;
    struct hpt_spawn spawn = {.argv = argv, .envp = full, .in_child = become_root};
    int status = hpt_proc_run(&spawn, 20000, &out);
    ck_assert_msg(status == 0, "strace ended with %d: %s", status, out);
    ret->text = hpt_read_file(file, NULL);
    ck_assert_ptr_nonnull(ret->text);
    unlink(file);
    /* Make sure that the trace shows strings. */
    ck_assert_ptr_nonnull(strstr(ret->text, "write(1, \"{\\\"status"));
}

/* The first line that contains both, or NULL. Each line begins with a process id. */
static const char *line_with(const struct trace *trace, const char *call, const char *part)
{
    for (char *at = trace->text; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, "\n");
        const char *line = hpt_strf("%.*s", (int)len, at);
        const char *name = line + strspn(line, "0123456789 ");
        if (strncmp(name, call, strlen(call)) == 0 && strstr(name, part) != NULL) {
            return line;
        }
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    return NULL;
}

static void ck_no_line(const struct trace *trace, const char *call, const char *part)
{
    const char *line = line_with(trace, call, part);

    ck_assert_msg(line == NULL, "there is %s", line);
}

START_TEST(a_plain_check_reads_no_trust_store)
{
    struct trace seen;

    trace(&seen,
          HPT_LIST(hpt_strf("SSL_CERT_FILE=%s", hpt_certs()->ca), "SSLKEYLOGFILE=keys.log",
                   "OPENSSL_CONF=openssl.cnf"),
          HPT_LIST("live", "--http", hpt_strf("http://localhost:%d", nginx.port)));
    ck_no_line(&seen, "open", ".crt");
    ck_no_line(&seen, "open", ".pem");
    ck_no_line(&seen, "open", "cert");
    ck_no_line(&seen, "open", "ssl");
    ck_no_line(&seen, "open", "keys.log");
    ck_no_line(&seen, "stat", "cert");
    ck_no_line(&seen, "access", "cert");
}
END_TEST

START_TEST(a_check_with_tls_reads_only_the_named_trust_store)
{
    struct trace seen;

    if (!hpt_probe_tls()) {
        return;
    }
    trace(&seen, HPT_LIST(hpt_strf("SSL_CERT_FILE=%s", hpt_certs()->ca)),
          HPT_LIST("live", "--http", hpt_strf("https://localhost:%d", nginx.tls_port)));
    ck_assert_ptr_nonnull(line_with(&seen, "open", hpt_certs()->ca));
    ck_no_line(&seen, "open", "/etc/ssl");
}
END_TEST

START_TEST(a_check_forks_nothing_and_writes_no_file)
{
    struct trace seen;

    trace(&seen, HPT_LIST(SERVICE_ENV), HPT_LIST("full"));
    ck_no_line(&seen, "fork", "");
    ck_no_line(&seen, "vfork", "");
    ck_no_line(&seen, "open", "O_CREAT");
    ck_no_line(&seen, "open", "O_WRONLY");
    ck_no_line(&seen, "open", "O_RDWR");
    ck_no_line(&seen, "connect", "nscd");
    for (char *at = strstr(seen.text, "clone("); at != NULL; at = strstr(at + 1, "clone(")) {
        const char *line = hpt_strf("%.*s", (int)strcspn(at, "\n"), at);
        ck_assert_msg(strstr(line, "CLONE_THREAD") != NULL, "not a thread: %s", line);
    }
    /* The whole report in one write. */
    int writes = 0;
    for (char *at = strstr(seen.text, "write(1, "); at != NULL; at = strstr(at + 1, "write(1, ")) {
        const char *line = hpt_strf("%.*s", (int)strcspn(at, "\n"), at);
        ck_assert_msg(strncmp(line, "write(1, \"{\\\"status\\\":", 22) == 0, "written: %s", line);
        writes++;
    }
    ck_assert_int_eq(writes, 1);
    ck_no_line(&seen, "write(2", "");
    ck_no_line(&seen, "fcntl(1", "F_SETFL");
}
END_TEST

START_TEST(no_home_or_service_file_is_opened)
{
    struct trace seen;

    trace(&seen,
          HPT_LIST(SERVICE_ENV, "HOME=/etc/home-of-the-probe", "PGSERVICE=x",
                   "PGPASSFILE=/etc/passfile-of-the-probe"),
          HPT_LIST("full"));
    ck_no_line(&seen, "", "home-of-the-probe");
    ck_no_line(&seen, "", "passfile-of-the-probe");
    ck_no_line(&seen, "open", ".netrc");
    ck_no_line(&seen, "open", "/etc/passwd");
    ck_no_line(&seen, "open", "pg_service.conf");
    ck_no_line(&seen, "open", "openssl.cnf");
}
END_TEST

static void add_signals_and_output(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "signals", 30);

    tcase_add_loop_test(tc, a_signal_during_a_check_still_gives_a_report, 0, 3);

    tc = hpt_tcase(suite, "output", 30);
    tcase_add_loop_test(tc, closed_descriptors_never_become_a_connection, 1, 8);
    tcase_add_loop_test(tc, an_unwritable_report_keeps_the_verdict, 0, 2);
    tcase_add_test(tc, a_reader_that_left_does_not_change_the_verdict);
    tcase_add_loop_test(tc, an_unread_pipe_does_not_block_the_run, 0, 2);
    tcase_add_test(tc, a_pipe_read_late_gets_the_report);
    tcase_add_test(tc, a_garbage_environment_is_survived);
}

static void add_what_a_static_executable_promises(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "empty root", 30);

    tcase_add_test(tc, the_executable_alone_runs_in_an_empty_root);
    tcase_add_test(tc, in_an_empty_root_localhost_resolves);
    tcase_add_test(tc, in_an_empty_root_failures_are_named);
    tcase_add_test(tc, in_an_empty_root_paused_servers_time_out_at_the_limit);
    tcase_add_test(tc, in_an_empty_root_a_name_is_down_within_the_limit);
    tcase_add_test(tc, names_in_a_hosts_file_need_no_resolver);
    tcase_add_test(tc, in_an_empty_root_tls_needs_only_the_file_of_its_authority);

    tc = hpt_tcase(suite, "limits", 30);
    tcase_add_test(tc, checks_that_get_no_thread_are_reported_as_internal);
    tcase_add_loop_test(tc, too_few_descriptors_still_give_a_report, 3, 17);
    tcase_add_test(tc, too_little_memory_still_gives_a_report);
    tcase_add_test(tc, memory_is_capped_and_no_core_is_dumped);

    tc = hpt_tcase(suite, "system calls", 30);
    tcase_add_test(tc, a_plain_check_reads_no_trust_store);
    tcase_add_test(tc, a_check_with_tls_reads_only_the_named_trust_store);
    tcase_add_test(tc, a_check_forks_nothing_and_writes_no_file);
    tcase_add_test(tc, no_home_or_service_file_is_opened);
}

static void build(Suite *suite)
{
    add_signals_and_output(suite);
    if (hpt_probe_static()) {
        add_what_a_static_executable_promises(suite);
    }
}

int main(void)
{
    return hpt_main("process", start_servers, build, true);
}
