/* SPDX-License-Identifier: MIT */
#include "wait.h"

#include <healthprobe/base/clock.h>
#include <healthprobe/base/environment.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "progress.h"
#include "runner.h"

#define LONGEST_NS         (24 * HP_NS_PER_HOUR)
#define BACKOFF_CEILING_NS (10 * HP_NS_PER_S)

/* How long an attempt may take to report what it knows, when a signal ended the wait. */
#define LAST_WORDS_NS (200 * HP_NS_PER_MS)

/* An attempt ends by itself at its limit; one that can't (a mount that hangs) is killed. */
#define OVERDUE_NS HP_NS_PER_S

/* A run that is cut to less would report a timeout, and not what is wrong. */
#define TOO_SHORT_NS (100 * HP_NS_PER_MS)

#define NOT_FOUND    127
#define NOT_STARTED  126
#define BY_SIGNAL(n) (128 + (n))

/* --- settings -------------------------------------------------------------------- */

bool hp_wait_settings_read(struct hp_wait_settings *ret, const struct hp_values *values,
                           struct hp_error *err)
{
    *ret = (struct hp_wait_settings){
        .backoff = hp_value_on(values, hp_option_general(HP_GENERAL_BACKOFF)),
    };
    hp_value_duration(values, hp_option_general(HP_GENERAL_FOR), LONGEST_NS, &ret->for_ns, err);
    hp_value_duration(values, hp_option_general(HP_GENERAL_INTERVAL), HP_NS_PER_HOUR,
                      &ret->interval_ns, err);
    return err->reason == HP_REASON_NONE;
}

int64_t hp_wait_next_pause(const struct hp_wait_settings *settings, int64_t pause_ns)
{
    if (!settings->backoff || pause_ns >= BACKOFF_CEILING_NS)
        return pause_ns;
    return pause_ns > BACKOFF_CEILING_NS / 2 ? BACKOFF_CEILING_NS : pause_ns * 2;
}

/* --- one run, in a child ----------------------------------------------------------- */

/* Shared with the child of the run: of what it does to itself, only this comes out. */
struct handover {
    _Atomic bool complete;
    struct hp_outcome outcome;
};

struct wait {
    struct hp_probe *probe; /* has begun */
    const struct hp_options *options;
    const struct hp_error *problems; /* of the command line */
    struct hp_wait_settings settings;
    struct hp_deadline deadline;
    struct hp_progress progress;
    struct handover *handover;
    sigset_t signals; /* that are waited for */
    const sigset_t *mask;
    struct sigaction child_action; /* as they came */
    struct sigaction pipe_action;
    int stopped_by; /* SIGTERM or SIGINT; 0: neither */
};

static _Noreturn void run_in_child(struct wait *wait, pid_t parent)
{
    struct hp_error err = *wait->problems;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    hp_runner_block_signals(NULL);
    hp_probe_run(wait->probe, &wait->handover->outcome, wait->options, hp_clock_now_ns(),
                 wait->deadline, &err);
    atomic_store(&wait->handover->complete, true);
    _exit(EXIT_SUCCESS);
}

/* The next signal that matters; 0: it is @until. Draws the progress meanwhile. */
static int next_signal(struct wait *wait, struct hp_deadline until)
{
    for (;;) {
        struct hp_deadline next = hp_deadline_min(until, hp_progress_next(&wait->progress));
        int number = hp_process_next_signal(&wait->signals, next);

        if (number > 0)
            return number;
        if (hp_deadline_expired(until))
            return 0;
        hp_progress_draw(&wait->progress);
    }
}

#define NONE 0

/* Process 1 inherits every orphan, and nobody else would ever ask for their status. */
static bool reap(pid_t child)
{
    bool is_init = getpid() == 1;
    pid_t ended;

    if (child == NONE && !is_init)
        return false;
    while ((ended = waitpid(is_init ? -1 : child, NULL, WNOHANG)) > 0)
        if (ended == child)
            return true;
    return false;
}

static void await_child(struct wait *wait, pid_t child)
{
    struct hp_deadline until = hp_deadline_at(wait->deadline.at_ns, OVERDUE_NS);

    while (!reap(child)) {
        int number = next_signal(wait, until);
        if (number == 0) {
            kill(child, SIGKILL);
            until = (struct hp_deadline){INT64_MAX};
        } else if (number != SIGCHLD) {
            if (wait->stopped_by == 0)
                until = hp_deadline_at(hp_clock_now_ns(), LAST_WORDS_NS);
            wait->stopped_by = number;
            kill(child, SIGTERM);
        }
    }
}

static void came_to_nothing(struct wait *wait, const char *why)
{
    struct hp_error err = {0};
    int64_t now_ns = hp_clock_now_ns();

    hp_error_add(&err, HP_REASON_INTERNAL, "%s", why);
    hp_probe_refuse(wait->probe, &wait->handover->outcome, now_ns, (struct hp_deadline){now_ns},
                    &err);
}

static void run_once(struct wait *wait)
{
    pid_t parent = getpid();
    pid_t child;

    memset(wait->handover, 0, sizeof *wait->handover);
    child = fork();
    if (child == 0)
        run_in_child(wait, parent);
    if (child < 0) {
        came_to_nothing(wait, "no process could be started for the run");
        return;
    }
    await_child(wait, child);
    if (!atomic_load(&wait->handover->complete))
        came_to_nothing(wait, "the process of the run was killed");
}

/* --- until it is healthy ------------------------------------------------------------ */

static void pause_for(struct wait *wait, int64_t pause_ns)
{
    struct hp_deadline until = hp_deadline_at(hp_clock_now_ns(), pause_ns);

    if (hp_deadline_left_ns_at(wait->deadline, until.at_ns) < TOO_SHORT_NS)
        until = wait->deadline;
    for (;;) {
        int number = next_signal(wait, until);
        if (number == 0)
            return;
        if (number != SIGCHLD) {
            wait->stopped_by = number;
            return;
        }
        reap(NONE);
    }
}

/* Nothing that waiting could change: a wrong command line, a wrong value. */
static bool is_hopeless(const struct hp_outcome *outcome)
{
    enum hp_reason reason = outcome->report.error.reason;

    return (reason == HP_REASON_CONFIG || reason == HP_REASON_USAGE) && !outcome->may_pass;
}

static int repeat(struct wait *wait)
{
    const struct hp_outcome *outcome = &wait->handover->outcome;
    int64_t pause_ns = wait->settings.interval_ns;

    do {
        run_once(wait);
        if (wait->stopped_by == 0 && is_hopeless(outcome))
            return hp_report_exit_code(&outcome->report);
        hp_progress_show(&wait->progress, &outcome->report, wait->stopped_by != 0);
        if (wait->stopped_by == 0 && outcome->report.verdict != HP_VERDICT_UNHEALTHY)
            return EXIT_SUCCESS;
        hp_progress_draw(&wait->progress);
        if (wait->stopped_by == 0)
            pause_for(wait, pause_ns);
        if (wait->stopped_by != 0)
            return BY_SIGNAL(wait->stopped_by);
        pause_ns = hp_wait_next_pause(&wait->settings, pause_ns);
    } while (!hp_deadline_expired(wait->deadline));
    hp_progress_give_up(&wait->progress, wait->settings.for_ns);
    return EXIT_FAILURE;
}

/* --- becoming the command ------------------------------------------------------------- */

/* A signal that came since is not the command's: it was meant to end the wait. */
static int stopped_at_last(const struct wait *wait)
{
    struct timespec now = {0};
    int number;

    while ((number = sigtimedwait(&wait->signals, NULL, &now)) > 0)
        if (number != SIGCHLD)
            return number;
    return 0;
}

static void restore(const struct wait *wait)
{
    sigaction(SIGCHLD, &wait->child_action, NULL);
    sigaction(SIGPIPE, &wait->pipe_action, NULL);
    sigprocmask(SIG_SETMASK, wait->mask, NULL);
}

static int become(const struct wait *wait)
{
    char *const *command = wait->options->command;
    char storage[256];
    struct hp_buffer line;
    int number = stopped_at_last(wait);
    bool not_found;
    int error;

    if (number != 0)
        return BY_SIGNAL(number);
    restore(wait);
    execvp(command[0], command);
    error = errno;
    signal(SIGPIPE, SIG_IGN);
    hp_buffer_init(&line, storage, sizeof storage);
    not_found = error == ENOENT || error == ENOTDIR;
    if (not_found && strchr(command[0], ' ') != NULL)
        hp_buffer_add(&line, "healthprobe: wait: the command contains a space: give each word as "
                             "its own argument\n");
    else
        hp_buffer_add_format(&line,
                             "healthprobe: wait: the command after -- cannot be started: %s\n",
                             strerror(error));
    hp_process_write(STDERR_FILENO, line.data, line.len, (struct hp_deadline){0});
    return not_found ? NOT_FOUND : NOT_STARTED;
}

/* --- the whole -------------------------------------------------------------------------- */

static void take_signals(struct wait *wait)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t mask = *wait->mask;

    sigemptyset(&wait->signals);
    sigaddset(&wait->signals, SIGTERM);
    sigaddset(&wait->signals, SIGINT);
    sigaddset(&wait->signals, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGCHLD);
    /* Where it came ignored, children would vanish without a word. */
    sigaction(SIGCHLD, &by_default, &wait->child_action);
    sigaction(SIGPIPE, &ignore, &wait->pipe_action);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

static struct handover *share(void)
{
    void *memory = mmap(NULL, sizeof(struct handover), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory != MAP_FAILED ? memory : NULL;
}

static void write_report(const struct wait *wait, struct hp_outcome *outcome)
{
    struct hp_deadline deadline = outcome->deadline;

    if (wait->stopped_by != 0)
        deadline = (struct hp_deadline){hp_clock_now_ns()};
    hp_progress_erase(&wait->progress);
    hp_outcome_write(outcome, wait->options->command != NULL ? STDERR_FILENO : STDOUT_FILENO,
                     deadline);
    hp_outcome_log(outcome, &wait->probe->plan);
}

int hp_wait(struct hp_probe *probe, const struct hp_options *options, int64_t started_ns,
            const sigset_t *mask, struct hp_error *err)
{
    struct wait wait = {
        .probe = probe, .options = options, .problems = err, .mask = mask, .handover = share()};
    static struct handover nothing;
    int status = EXIT_FAILURE;

    hp_wait_settings_read(&wait.settings, &probe->values, err);
    wait.deadline = hp_deadline_at(started_ns, wait.settings.for_ns);
    hp_progress_init(&wait.progress, STDERR_FILENO,
                     hp_environment_get(probe->values.environment, "TERM"), started_ns);
    take_signals(&wait);
    if (wait.handover != NULL) {
        status = repeat(&wait);
    } else {
        wait.handover = &nothing;
        came_to_nothing(&wait, "out of memory");
    }
    write_report(&wait, &wait.handover->outcome);
    if (status == EXIT_SUCCESS && options->command != NULL)
        status = become(&wait);
    return status;
}
