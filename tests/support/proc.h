// SPDX-License-Identifier: MIT
#ifndef HPT_PROC_H
#define HPT_PROC_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * Processes that tests start and stop.
 *
 * Only what was started here is ever signalled: a process that is not yet reaped, by its id, and
 * its descendants as listed in /proc. The kernel kills children when the process that started them
 * ends, however it ends.
 */

struct hpt_proc {
    const char *name;
    const char *log; /* where its output goes by default */
    pid_t pid;       /* 0 while it is not running */
    pid_t owner;     /* the process that started it: no other can wait for it */
    int stop_signal; /* sent to stop it; SIGKILL follows */
    int status;      /* as waitpid() gave it, once it ended */
};

struct hpt_spawn {
    const char *name;
    const char *const *argv; /* argv[0] with a slash is a path; otherwise it is looked up in PATH */
    const char *const *envp; /* complete; NULL means only PATH and LC_ALL=C */
    const char *cwd;         /* NULL: the temporary directory */
    bool as_server;          /* run as hpt_server_uid() */
    int stop_signal;         /* 0 means SIGTERM */
    int in_fd;               /* 0 means /dev/null */
    int out_fd;              /* 0 means the log */
    int err_fd;              /* 0 means the log */
    void (*in_child)(
        void *); /* runs last before the exec; may only call async-signal-safe functions */
    void *in_child_arg;
    bool exec_may_fail; /* then it ends with status 127, but the test does not fail */
    bool never_execs;   /* @in_child is the program */
};

/** Start a program; the test fails when it cannot be executed. The caller owns @proc's storage. */
void hpt_proc_start(struct hpt_proc *proc, const struct hpt_spawn *spawn);

/**
 * Wait until it has ended.
 *
 * @limit_ms  0: do not wait
 * @return    false if it is still running; otherwise @proc->status is set
 */
bool hpt_proc_wait(struct hpt_proc *proc, int limit_ms);

/** True while it runs; does not reap a process that another one owns. */
bool hpt_proc_running(struct hpt_proc *proc);

/** Send a signal to the process itself. */
void hpt_proc_signal(const struct hpt_proc *proc, int sig);

/** Send its stop signal, then kill it and its descendants. NULL and an ended process are fine. */
void hpt_proc_stop(struct hpt_proc *proc);

/** Pause and continue the process and its descendants, even one that the test program started. */
void hpt_proc_pause(const struct hpt_proc *proc);
void hpt_proc_continue(const struct hpt_proc *proc);

/**
 * Continue everything that this process or the test program started. Every test has it as a
 * fixture.
 */
void hpt_proc_continue_all(void);

/** Continue every process whose working directory is below this one, such as the temporary one. */
void hpt_proc_continue_below(const char *directory);

/** Stop everything that this process itself started. */
void hpt_proc_stop_all(void);

/**
 * Run a helper to its end.
 *
 * @limit_ms  then it is killed and the test fails
 * @ret_out   its output, including standard error; may be NULL
 * @return    the exit status
 */
int hpt_proc_run(const struct hpt_spawn *spawn, int limit_ms, char **ret_out);

/** The same for a program that must succeed; otherwise the test fails with its output. */
char *hpt_proc_must(const char *const *argv, bool as_server);

#endif
