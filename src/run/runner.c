/* SPDX-License-Identifier: MIT */
#include "runner.h"

#include <healthprobe/base/array.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "process.h"

/*
 * Each check has a thread, its worker. Main sleeps in one place, sigtimedwait(2), and workers wake
 * it with SIGUSR1. Worker and main settle a slot by compare-and-swap; there is no mutex, so a
 * worker that is stuck (in a lookup, in malloc, in a loop) holds nothing that main needs.
 *
 * A check that runs alone, such as a liveness probe, has no thread, which would be a tenth of its
 * cost. Main runs it, and leaves it by a signal handler when it is overdue. If no timer can be
 * created that sends the signal, the check has a thread, too.
 */

/* A worker keeps its own deadline; main gives it up only when it is this late. */
#define WATCHDOG_NS (10 * HP_NS_PER_MS)

/* libcurl, libpq and OpenSSL need 18 KiB as measured, a resolver some more. */
#define STACK_SIZE ((size_t)256 * 1024)

enum state {
    RUNNING,   /* the worker owns the attempt */
    PUBLISHED, /* its result can be read; its session is being closed */
    CLOSED,    /* the worker is done */
    ABANDONED  /* main gave it up; the worker's result is ignored */
};

struct slot {
    const struct hp_check *check;
    struct hp_attempt attempt;
    _Atomic int state;
    pthread_t main_thread;
    pthread_t thread;
    bool has_thread;
    int64_t given_up_ns;        /* when main gave it up; 0: it did not */
    atomic_uint silent_servers; /* the first slot's is the run's */
};

static void waiting_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGUSR1);
}

void hp_runner_block_signals(sigset_t *ret_before)
{
    sigset_t signals;

    waiting_signals(&signals);
    /* Nobody waits for it: it interrupts main's write, and must not go to a worker instead. */
    sigaddset(&signals, HP_PROCESS_TICK);
    pthread_sigmask(SIG_BLOCK, &signals, ret_before);
}

static bool move_state(struct slot *slot, int from, int to)
{
    int expected = from;

    return atomic_compare_exchange_strong(&slot->state, &expected, to);
}

static void run_check(struct slot *slot)
{
    struct hp_attempt *attempt = &slot->attempt;
    const struct hp_check_ops *ops = slot->check->ops;
    void *session = NULL;

    ops->run(slot->check, attempt, &session);
    hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("the check gave no verdict"));
    if (!move_state(slot, RUNNING, PUBLISHED))
        return;
    if (session != NULL)
        ops->close(session, attempt->deadline);
    move_state(slot, PUBLISHED, CLOSED);
}

static void *work(void *data)
{
    struct slot *slot = data;

    run_check(slot);
    pthread_kill(slot->main_thread, SIGUSR1);
    return NULL;
}

static void refuse(struct slot *slot, const char *why)
{
    hp_attempt_down(&slot->attempt, HP_REASON_INTERNAL, hp_untrusted_of(why));
    atomic_store(&slot->state, CLOSED);
}

static int make_thread(pthread_t *ret, void *(*run)(void *), void *data)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return error;
    if (HP_MEMORY_CAP_MIB > 0)
        error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
    if (error == 0)
        error = pthread_create(ret, &attributes, run, data);
    pthread_attr_destroy(&attributes);
    return error;
}

/* Once for each kind, before there are threads: libraries' set-up is not thread-safe. */
static bool set_up(const struct hp_plan *plan, size_t i, const bool *ready)
{
    const struct hp_check *check = &plan->checks[i];

    for (size_t earlier = 0; earlier < i; earlier++)
        if (plan->checks[earlier].ops == check->ops)
            return ready[earlier];
    return check->ops->global_init == NULL || check->ops->global_init(check);
}

static void prepare(struct slot *slots, size_t n, const struct hp_plan *plan,
                    struct hp_deadline deadline)
{
    bool ready[HP_CHECKS_MAX];

    for (size_t i = 0; i < n; i++)
        ready[i] = set_up(plan, i, ready);
    for (size_t i = 0; i < n; i++) {
        const struct hp_check *check = &plan->checks[i];
        slots[i].main_thread = pthread_self();
        slots[i].check = check;
        hp_attempt_init(&slots[i].attempt, check->secrets, hp_check_deadline(check, deadline));
        slots[i].attempt.silent_servers = &slots[0].silent_servers;
        if (!ready[i])
            refuse(&slots[i], "its library could not be set up");
    }
}

static void start(struct slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (slots[i].state != RUNNING)
            continue;
        slots[i].has_thread = make_thread(&slots[i].thread, work, &slots[i]) == 0;
        if (!slots[i].has_thread)
            refuse(&slots[i], "no thread could be started");
    }
}

/* Ignore the worker's result from here on, unless it is published. */
static void give_up(struct slot *slot, int64_t now_ns)
{
    if (move_state(slot, RUNNING, ABANDONED))
        slot->given_up_ns = now_ns;
}

/* Give up the checks that are overdue. Returns how many are still awaited, and until when. */
static size_t sweep(struct slot *slots, size_t n, struct hp_deadline *ret_until)
{
    int64_t now_ns = hp_clock_now_ns();
    size_t awaited = 0;

    *ret_until = (struct hp_deadline){INT64_MAX};
    for (size_t i = 0; i < n; i++) {
        struct hp_deadline limit = hp_deadline_at(slots[i].attempt.deadline.at_ns, WATCHDOG_NS);
        int state = atomic_load(&slots[i].state);
        if (state == CLOSED || state == ABANDONED)
            continue;
        /* A published result counts, and main does not wait until its session is closed. */
        if (hp_deadline_left_ns_at(limit, now_ns) == 0) {
            give_up(&slots[i], now_ns);
            continue;
        }
        awaited++;
        *ret_until = hp_deadline_min(*ret_until, limit);
    }
    return awaited;
}

/* Start all, and wait until they have ended or are overdue. False: a signal told us to stop. */
static bool run_at_once(struct slot *slots, size_t n)
{
    struct hp_deadline until;
    sigset_t signals;

    waiting_signals(&signals);
    start(slots, n);
    while (sweep(slots, n, &until) > 0) {
        int number = hp_process_next_signal(&signals, until);
        if (number == SIGTERM || number == SIGINT)
            return false;
    }
    return true;
}

/* Where main goes on after a signal: a global, since handlers take no argument for it. */
static sigjmp_buf way_out;

/* Anybody may send the timer's signal, but only the timer ends a check. */
static void leave(int signal_number, siginfo_t *info, void *context)
{
    (void)context;
    if (signal_number != HP_PROCESS_TICK || info->si_code == SI_TIMER)
        siglongjmp(way_out, signal_number);
}

static const int numbers_out[] = {SIGTERM, SIGINT, HP_PROCESS_TICK};

/* What makes main leave a check that it runs itself, and how signals were handled before. */
struct guard {
    sigset_t signals;
    struct sigaction before[HP_COUNT(numbers_out)];
    timer_t timer;
    bool has_timer;
};

/* False: something is refused, say by a seccomp profile, so that main could not leave a check. */
static bool raise_guard(struct guard *ret, struct hp_deadline deadline)
{
    int64_t left_ns = hp_deadline_left_ns_at(deadline, hp_clock_now_ns());
    struct sigaction action = {.sa_sigaction = leave, .sa_flags = SA_SIGINFO};

    sigemptyset(&ret->signals);
    for (size_t i = 0; i < HP_COUNT(numbers_out); i++)
        sigaddset(&ret->signals, numbers_out[i]);
    action.sa_mask = ret->signals;
    for (size_t i = 0; i < HP_COUNT(numbers_out); i++)
        if (sigaction(numbers_out[i], &action, &ret->before[i]) != 0)
            return false;
    ret->has_timer = hp_process_start_timer(&ret->timer, left_ns + WATCHDOG_NS, 0);
    return ret->has_timer;
}

static void drop_guard(const struct guard *guard)
{
    if (guard->has_timer)
        timer_delete(guard->timer);
    for (size_t i = 0; i < HP_COUNT(numbers_out); i++)
        sigaction(numbers_out[i], &guard->before[i], NULL);
}

/* Run a check with @signals unblocked. Returns the one that ended it; 0: it ended by itself. */
static int run_until_signal(struct slot *slot, const sigset_t *signals)
{
    switch (sigsetjmp(way_out, true)) {
    case 0:
        pthread_sigmask(SIG_UNBLOCK, signals, NULL);
        run_check(slot);
        pthread_sigmask(SIG_BLOCK, signals, NULL);
        return 0;
    case HP_PROCESS_TICK:
        return HP_PROCESS_TICK;
    default:
        return SIGTERM;
    }
}

/*
 * Run the only check, until it has ended or is overdue. False: a signal told us to stop. If main
 * left the check in the middle, locks that it held stay locked: until _exit(), main may only do
 * what it may do beside a worker that is stuck.
 */
static bool run_alone(struct slot *slot)
{
    struct guard guard = {.has_timer = false};
    bool guarded = raise_guard(&guard, slot->attempt.deadline);
    int ended_by = 0;

    if (guarded && slot->state == RUNNING)
        ended_by = run_until_signal(slot, &guard.signals);
    drop_guard(&guard);
    if (!guarded)
        return run_at_once(slot, 1);
    return ended_by != SIGTERM || slot->state == CLOSED;
}

/* The result of a check that was given up. */
static void given_up(struct hp_result *ret, const struct slot *slot)
{
    const struct hp_attempt *attempt = &slot->attempt;
    bool overdue = hp_deadline_left_ns_at(attempt->deadline, slot->given_up_ns) == 0;

    memset(ret, 0, sizeof *ret);
    ret->status = HP_STATUS_DOWN;
    ret->reason = overdue ? HP_REASON_TIMEOUT : HP_REASON_INTERRUPTED;
    if (overdue)
        ret->phase = hp_attempt_timeout_phase(attempt);
    ret->latency_ns = slot->given_up_ns - attempt->started_ns;
}

static bool collect(struct hp_report *ret, struct slot *slots, const struct hp_plan *plan)
{
    bool all_ended = true;

    for (size_t i = 0; i < plan->n_checks; i++) {
        struct hp_result result;
        give_up(&slots[i], hp_clock_now_ns());
        if (atomic_load(&slots[i].state) == ABANDONED)
            given_up(&result, &slots[i]);
        else
            result = slots[i].attempt.result;
        if (atomic_load(&slots[i].state) != CLOSED)
            all_ended = false;
        hp_check_explain(&plan->checks[i], &result);
        hp_check_report(&plan->checks[i], &result, ret);
    }
    return all_ended;
}

bool hp_run(struct hp_report *ret, struct hp_plan *plan, struct hp_deadline deadline,
            int64_t started_ns)
{
    size_t n = plan->n_checks;
    /* On the heap: a worker that is given up outlives this frame. */
    struct slot *slots = calloc(n, sizeof *slots);
    bool all_ended = true;

    hp_plan_begin_report(plan, ret);
    if (slots == NULL) {
        hp_error_no_memory(&ret->error);
        hp_report_judge(ret, hp_clock_now_ns() - started_ns);
        return true;
    }
    prepare(slots, n, plan, deadline);
    ret->interrupted = n == 1 ? !run_alone(slots) : !run_at_once(slots, n);
    all_ended = collect(ret, slots, plan);
    hp_report_judge(ret, hp_clock_now_ns() - started_ns);
    if (!all_ended)
        return false;
    for (size_t i = 0; i < n; i++)
        if (slots[i].has_thread)
            pthread_join(slots[i].thread, NULL);
    free(slots);
    return true;
}
