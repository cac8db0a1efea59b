// SPDX-License-Identifier: MIT
#ifndef HPT_PROC_H
#define HPT_PROC_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * Processes that tests start, and end again.
 *
 * Only what was started here is ever signalled: a process by its id while it is not reaped yet, and
 * its descendants as the kernel lists them. Children are killed by the kernel when the process that
 * started them goes, however it goes.
 */

struct hpt_proc {
    const char *name;
    const char *log; /* where its output goes unless it was told otherwise */
    pid_t pid;       /* 0 while nothing runs */
    pid_t owner;     /* who started it: nobody else can wait for it */
    int stop_signal; /* asks it to end; SIGKILL follows */
    int status;      /* as waitpid() gave it, once it ended */
};

struct hpt_spawn {
    const char *name;
    const char *const *argv; /* argv[0] with a slash is a path, otherwise looked up in PATH */
    const char *const *envp; /* complete; NULL means PATH and LC_ALL=C alone */
    const char *cwd;         /* NULL: the temporary folder */
    bool as_server;          /* run as hpt_server_uid() */
    int stop_signal;         /* 0 means SIGTERM */
    int in_fd;               /* 0 means /dev/null */
    int out_fd;              /* 0 means the log */
    int err_fd;              /* 0 means the log */
    void (*in_child)(
        void *); /* runs last before the exec; may only use what fork() leaves usable */
    void *in_child_arg;
    bool exec_may_fail; /* it then ends with status 127, and the test does not fail */
    bool never_execs;   /* @in_child is the whole program */
};

/** Start a program; the test fails when it cannot be executed. The caller owns @proc's storage. */
void hpt_proc_start(struct hpt_proc *proc, const struct hpt_spawn *spawn);

/**
 * Wait until it ended.
 *
 * @limit_ms  0 only looks
 * @return    false when it still runs; @proc->status is set otherwise
 */
bool hpt_proc_wait(struct hpt_proc *proc, int limit_ms);

/** True while it runs; nothing is reaped when somebody else owns it. */
bool hpt_proc_running(struct hpt_proc *proc);

/** Send a signal to the process itself. */
void hpt_proc_signal(const struct hpt_proc *proc, int sig);

/** Ask it to end with its stop signal, then kill it and its descendants. NULL and ended are fine.
 */
void hpt_proc_stop(struct hpt_proc *proc);

/** Stop and continue the process with all its descendants, also of a process of the test program.
 */
void hpt_proc_pause(const struct hpt_proc *proc);
void hpt_proc_continue(const struct hpt_proc *proc);

/** Continue everything that this process or the test program started. A fixture of every test. */
void hpt_proc_continue_all(void);

/** Continue whatever runs below a folder: everything started here does, in the temporary one. */
void hpt_proc_continue_below(const char *folder);

/** Stop everything that this very process started. */
void hpt_proc_stop_all(void);

/**
 * Run a helper to its end, as a test that needs its result does.
 *
 * @limit_ms  it is killed after that, and the test fails
 * @ret_out   what it printed, standard error too; may be NULL
 * @return    the exit status
 */
int hpt_proc_run(const struct hpt_spawn *spawn, int limit_ms, char **ret_out);

/** The same for a program that must succeed; its output otherwise says why. */
char *hpt_proc_must(const char *const *argv, bool as_server);

#endif
