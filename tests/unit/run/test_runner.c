/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/process.h"
#include "run/runner.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The plan's module asks for kinds; the runner takes those that the checks bring along. */
const struct hp_check_ops *const hp_check_kinds[] = {NULL};

/* The thread sanitizer holds signals back until a function of the C library is called. */
#ifdef __has_feature
#define THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#define THREAD_SANITIZER 0
#endif

/* A check that is given up leaks on purpose: the process is about to end. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:hp_run\n";
}

/* --- checks of the test's own ----------------------------------------------------------------- */

/** What a check does is in its settings. */
struct behaviour {
    void (*act)(struct hp_attempt *attempt);
    int64_t ms; /* before it acts */
    bool has_session;
    bool close_hangs;
    int signal_number; /* sent to the process before it acts */
};

static atomic_int sessions_closed;
static atomic_int set_ups;
static bool set_up_succeeds = true;

static void sleep_ms(int64_t ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000 * 1000000)};

    while (nanosleep(&left, &left) != 0)
        continue;
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    struct behaviour *behaviour = check->settings;

    hp_attempt_phase(attempt, HP_PHASE_QUERY);
    if (behaviour->has_session)
        *ret_session = behaviour;
    sleep_ms(behaviour->ms);
    if (behaviour->signal_number != 0)
        kill(getpid(), behaviour->signal_number);
    if (behaviour->act != NULL)
        behaviour->act(attempt);
}

static void close_session(void *session, struct hp_deadline deadline)
{
    struct behaviour *behaviour = session;

    ck_assert_int_gt(deadline.at_ns, 0);
    atomic_fetch_add(&sessions_closed, 1);
    while (behaviour->close_hangs)
        pause();
}

static bool global_init(const struct hp_check *check)
{
    ck_assert_ptr_nonnull(check);
    atomic_fetch_add(&set_ups, 1);
    return set_up_succeeds;
}

static const struct hp_check_ops ops = {.kind = "fake", .run = run, .close = close_session};
static const struct hp_check_ops ops_with_set_up = {
    .kind = "library", .global_init = global_init, .run = run, .close = close_session};

static void up(struct hp_attempt *attempt)
{
    hp_attempt_up(attempt);
}

static void refused(struct hp_attempt *attempt)
{
    hp_attempt_down(attempt, HP_REASON_REFUSED, hp_untrusted_of("Connection refused"));
}

static void give_no_verdict(struct hp_attempt *attempt)
{
    (void)attempt;
}

static void never_return(struct hp_attempt *attempt)
{
    (void)attempt;
    for (;;)
        pause();
}

static void spin(struct hp_attempt *attempt)
{
    volatile unsigned turns = 0;

    (void)attempt;
    for (;;)
        turns++;
}

static void allocate_for_ever(struct hp_attempt *attempt)
{
    (void)attempt;
    for (size_t size = 1;; size = size % 4096 + 1) {
        void *volatile piece = malloc(size);

        free(piece);
    }
}

/* Wakes up when it is too late, and finds that all is well. */
static void up_when_too_late(struct hp_attempt *attempt)
{
    while (!hp_deadline_expired(attempt->deadline))
        sleep_ms(1);
    hp_attempt_up(attempt);
}

static void time_out_by_itself(struct hp_attempt *attempt)
{
    while (!hp_deadline_expired(attempt->deadline))
        sleep_ms(1);
    hp_attempt_timeout(attempt);
}

/* --- running ---------------------------------------------------------------------------------- */

static struct hp_plan plan;
static struct hp_report report;
static struct behaviour behaviours[HP_CHECKS_MAX];
static int64_t elapsed_ms;

static struct hp_check *add_check(struct behaviour behaviour)
{
    struct hp_check *check = &plan.checks[plan.n_checks];

    behaviours[plan.n_checks] = behaviour;
    *check = (struct hp_check){.ops = &ops,
                               .timeout_ns = 3600 * HP_NS_PER_S,
                               .secrets = &plan.collected.secrets,
                               .settings = &behaviours[plan.n_checks]};
    snprintf(check->name, sizeof check->name, "check%zu", plan.n_checks);
    plan.n_checks++;
    return check;
}

static bool run_for(int64_t limit_ms)
{
    int64_t started_ns = hp_clock_now_ns();
    bool ended =
        hp_run(&report, &plan, hp_deadline_at(started_ns, limit_ms * HP_NS_PER_MS), started_ns);

    elapsed_ms = (hp_clock_now_ns() - started_ns) / HP_NS_PER_MS;
    return ended;
}

static const struct hp_result *result_of(const char *name)
{
    for (size_t i = 0; i < report.n_checks; i++) {
        if (strcmp(report.checks[i].name, name) == 0)
            return &report.checks[i].result;
    }
    ck_abort_msg("no result of %s", name);
    return NULL;
}

/* A machine may stall; what must not take longer than a limit gets this much more. */
#define STALL_MS 1500

static void block_signals(void)
{
    hp_runner_block_signals(NULL);
}

static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, block_signals, NULL);
    tcase_add_loop_test(tcase, test, 0, (int)rows);
    tcase_set_timeout(tcase, 20);
    suite_add_tcase(suite, tcase);
}

/* --- the ordinary case ------------------------------------------------------------------------ */

START_TEST(all_results_are_reported)
{
    add_check((struct behaviour){.act = up});
    add_check((struct behaviour){.act = refused});
    add_check((struct behaviour){.act = up});
    ck_assert(run_for(10000));
    ck_assert_uint_eq(report.n_checks, 3);
    ck_assert_str_eq(report.checks[0].name, "check1");
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_UP);
    ck_assert_int_eq(result_of("check1")->status, HP_STATUS_DOWN);
    ck_assert_int_eq(result_of("check1")->reason, HP_REASON_REFUSED);
    ck_assert_str_eq(result_of("check1")->error.bytes, "Connection refused");
    ck_assert_int_eq(result_of("check2")->status, HP_STATUS_UP);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert(!report.interrupted);
}
END_TEST

START_TEST(run_is_healthy_if_all_checks_are_up)
{
    for (int i = 0; i < HP_CHECKS_MAX; i++)
        add_check((struct behaviour){.act = up, .ms = i});
    ck_assert(run_for(20000));
    ck_assert_uint_eq(report.n_checks, HP_CHECKS_MAX);
    ck_assert_int_eq(report.verdict, HP_VERDICT_HEALTHY);
    ck_assert_int_ge(report.latency_ns, (HP_CHECKS_MAX - 1) * HP_NS_PER_MS);
    ck_assert_int_ge(result_of("check15")->latency_ns, 15 * HP_NS_PER_MS);
    ck_assert_int_le(result_of("check15")->latency_ns, report.latency_ns);
}
END_TEST

START_TEST(run_takes_as_long_as_its_slowest_check)
{
    for (int i = 0; i < 8; i++)
        add_check((struct behaviour){.act = up, .ms = 500});
    ck_assert(run_for(20000));
    ck_assert_int_eq(report.verdict, HP_VERDICT_HEALTHY);
    ck_assert_int_ge(elapsed_ms, 500);
    ck_assert_int_lt(elapsed_ms, 500 + STALL_MS);
}
END_TEST

START_TEST(latency_of_the_run_counts_from_its_start)
{
    int64_t started_ns = hp_clock_now_ns() - 500 * HP_NS_PER_MS;

    add_check((struct behaviour){.act = up});
    ck_assert(hp_run(&report, &plan, hp_deadline_at(started_ns, 20 * HP_NS_PER_S), started_ns));
    ck_assert_int_ge(report.latency_ns, 500 * HP_NS_PER_MS);
    ck_assert_int_lt(result_of("check0")->latency_ns, 500 * HP_NS_PER_MS);
}
END_TEST

START_TEST(check_without_verdict_is_internal)
{
    add_check((struct behaviour){.act = give_no_verdict});
    add_check((struct behaviour){.act = up});
    ck_assert(run_for(10000));
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_DOWN);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_INTERNAL);
    ck_assert_int_eq(result_of("check1")->status, HP_STATUS_UP);
}
END_TEST

START_TEST(each_session_is_closed_once)
{
    add_check((struct behaviour){.act = up, .has_session = true});
    add_check((struct behaviour){.act = refused, .has_session = true});
    add_check((struct behaviour){.act = up});
    ck_assert(run_for(10000));
    ck_assert_int_eq(atomic_load(&sessions_closed), 2);
}
END_TEST

START_TEST(library_is_set_up_once_for_each_kind)
{
    for (int i = 0; i < 3; i++)
        add_check((struct behaviour){.act = up})->ops = &ops_with_set_up;
    add_check((struct behaviour){.act = up});
    ck_assert(run_for(10000));
    ck_assert_int_eq(atomic_load(&set_ups), 1);
    ck_assert_int_eq(report.verdict, HP_VERDICT_HEALTHY);
}
END_TEST

/* Two checks of a kind whose library is not there are both down. */
START_TEST(library_that_cannot_be_set_up_is_internal)
{
    set_up_succeeds = false;
    add_check((struct behaviour){.act = up});
    for (int i = 0; i < 2; i++)
        add_check((struct behaviour){.act = up})->ops = &ops_with_set_up;
    ck_assert(run_for(10000));
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_UP);
    ck_assert_int_eq(result_of("check1")->reason, HP_REASON_INTERNAL);
    ck_assert_int_eq(result_of("check2")->reason, HP_REASON_INTERNAL);
}
END_TEST

/* --- the deadline ----------------------------------------------------------------------------- */

static void (*const stuck[])(struct hp_attempt *attempt) = {
    never_return,
    spin,
    allocate_for_ever,
};

START_TEST(check_that_never_returns_is_given_up)
{
    add_check((struct behaviour){.act = stuck[_i]});
    add_check((struct behaviour){.act = up});
    add_check((struct behaviour){.act = refused, .ms = 50});
    ck_assert(!run_for(700));
    ck_assert_int_ge(elapsed_ms, 700);
    ck_assert_int_lt(elapsed_ms, 700 + STALL_MS);
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_DOWN);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(result_of("check0")->phase, HP_PHASE_QUERY);
    ck_assert_int_ge(result_of("check0")->latency_ns, 600 * HP_NS_PER_MS);
    ck_assert_int_eq(result_of("check1")->status, HP_STATUS_UP);
    ck_assert_int_eq(result_of("check2")->reason, HP_REASON_REFUSED);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
}
END_TEST

START_TEST(many_stuck_checks_delay_nothing)
{
    for (int i = 0; i < HP_CHECKS_MAX; i++)
        add_check((struct behaviour){.act = stuck[i % 2 == 0 ? 0 : 2]});
    ck_assert(!run_for(500));
    ck_assert_int_lt(elapsed_ms, 500 + STALL_MS);
    for (size_t i = 0; i < report.n_checks; i++)
        ck_assert_int_eq(report.checks[i].result.reason, HP_REASON_TIMEOUT);
}
END_TEST

START_TEST(check_that_keeps_its_deadline_needs_no_watchdog)
{
    add_check((struct behaviour){.act = time_out_by_itself})->timeout_ns = 100 * HP_NS_PER_MS;
    run_for(10000);
    ck_assert_int_lt(elapsed_ms, 100 + STALL_MS);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(result_of("check0")->phase, HP_PHASE_QUERY);
}
END_TEST

START_TEST(late_up_is_never_healthy)
{
    add_check((struct behaviour){.act = up_when_too_late});
    run_for(100);
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_DOWN);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
}
END_TEST

START_TEST(run_that_begins_too_late_is_a_timeout)
{
    add_check((struct behaviour){.act = up});
    run_for(-100);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_lt(elapsed_ms, STALL_MS);
}
END_TEST

START_TEST(limit_of_a_check_is_enforced_while_others_run)
{
    add_check((struct behaviour){.act = never_return})->timeout_ns = 100 * HP_NS_PER_MS;
    add_check((struct behaviour){.act = up, .ms = 800});
    ck_assert(!run_for(15000));
    ck_assert_int_ge(elapsed_ms, 800);
    ck_assert_int_lt(elapsed_ms, 800 + STALL_MS);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(result_of("check0")->phase, HP_PHASE_QUERY);
    ck_assert_int_eq(result_of("check1")->status, HP_STATUS_UP);
}
END_TEST

START_TEST(run_does_not_wait_for_an_overdue_check)
{
    add_check((struct behaviour){.act = never_return})->timeout_ns = 100 * HP_NS_PER_MS;
    ck_assert(!run_for(15000));
    ck_assert_int_lt(elapsed_ms, 100 + STALL_MS);
}
END_TEST

START_TEST(limit_of_a_check_beyond_the_run_is_cut)
{
    add_check((struct behaviour){.act = never_return})->timeout_ns = 3600 * HP_NS_PER_S;
    ck_assert(!run_for(300));
    ck_assert_int_lt(elapsed_ms, 300 + STALL_MS);
}
END_TEST

/*
 * The promise: gone 50 ms after the limit, of which writing the report is a
 * part. A machine may stall, hence the best of several runs. The first rows
 * are of checks that the watchdog has to end, of one alone and of several.
 */
static const struct {
    void (*act)(struct hp_attempt *attempt);
    size_t n;
} prompt[] = {
    {never_return, 1},
    {never_return, 3},
    {spin, 3},
    {allocate_for_ever, 3},
#if !THREAD_SANITIZER
    {spin, 1},
#endif
    {time_out_by_itself, 1},
    {time_out_by_itself, 3},
};

#define PROMPT_MS 50

static int prompt_run(size_t row)
{
    int64_t late_ms;

    for (size_t i = 0; i < prompt[row].n; i++)
        add_check((struct behaviour){.act = prompt[row].act});
    run_for(100);
    late_ms = elapsed_ms - 100;
    return late_ms < 0 ? 254 : late_ms < 250 ? (int)late_ms : 250;
}

START_TEST(stuck_check_is_given_up_within_50_ms)
{
    int best_ms = 255;

    for (int i = 0; i < 10; i++) {
        pid_t child = fork();
        int status = 0;

        ck_assert_int_ge(child, 0);
        if (child == 0)
            _exit(prompt_run((size_t)_i));
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status));
        if (WEXITSTATUS(status) < best_ms)
            best_ms = WEXITSTATUS(status);
    }
    ck_assert_int_le(best_ms, PROMPT_MS);
}
END_TEST

/* --- closing ---------------------------------------------------------------------------------- */

START_TEST(session_that_does_not_close_keeps_its_verdict_and_delays_nothing)
{
    add_check((struct behaviour){.act = up, .has_session = true, .close_hangs = true});
    add_check((struct behaviour){.act = up});
    ck_assert(!run_for(500));
    ck_assert_int_lt(elapsed_ms, 500 + STALL_MS);
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_UP);
    ck_assert_int_eq(report.verdict, HP_VERDICT_HEALTHY);
}
END_TEST

static int64_t processor_ms(void)
{
    struct rusage used;

    getrusage(RUSAGE_SELF, &used);
    return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000) +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

/* A health check runs beside the service: while it waits it sleeps. */
START_TEST(waiting_costs_no_processor_time)
{
    int64_t before_ms = processor_ms();

    add_check(
        (struct behaviour){
            .act = up, .has_session = _i == 1, .close_hangs = _i == 1, .ms = _i == 0 ? 2000 : 0})
        ->timeout_ns = (_i == 0 ? 10000 : 100) * HP_NS_PER_MS;
    run_for(2500);
    ck_assert_int_lt(processor_ms() - before_ms, 800);
}
END_TEST

/* --- signals ---------------------------------------------------------------------------------- */

static const int ending_signals[] = {SIGTERM, SIGINT};

START_TEST(signal_ends_the_run_at_once_as_interrupted)
{
    add_check((struct behaviour){.act = up});
    add_check(
        (struct behaviour){.act = never_return, .ms = 200, .signal_number = ending_signals[_i]});
    add_check((struct behaviour){.act = up, .ms = 12000});
    ck_assert(!run_for(15000));
    ck_assert_int_ge(elapsed_ms, 200);
    ck_assert_int_lt(elapsed_ms, 200 + STALL_MS);
    ck_assert(report.interrupted);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(hp_report_exit_code(&report), 1);
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_UP);
    ck_assert_int_eq(result_of("check1")->reason, HP_REASON_INTERRUPTED);
    ck_assert_int_eq(result_of("check1")->phase, HP_PHASE_NONE);
    ck_assert_int_eq(result_of("check2")->reason, HP_REASON_INTERRUPTED);
}
END_TEST

START_TEST(signal_before_the_run_is_not_lost)
{
    kill(getpid(), ending_signals[_i]);
    add_check((struct behaviour){.act = never_return});
    ck_assert(!run_for(10000));
    ck_assert_int_lt(elapsed_ms, STALL_MS);
    ck_assert(report.interrupted);
}
END_TEST

START_TEST(check_that_was_overdue_before_the_signal_stays_a_timeout)
{
    add_check((struct behaviour){.act = never_return})->timeout_ns = 100 * HP_NS_PER_MS;
    add_check((struct behaviour){.act = never_return, .ms = 1200, .signal_number = SIGTERM});
    ck_assert(!run_for(15000));
    ck_assert(report.interrupted);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(result_of("check1")->reason, HP_REASON_INTERRUPTED);
}
END_TEST

START_TEST(stray_wake_ups_change_nothing)
{
    for (int i = 0; i < 5; i++)
        add_check((struct behaviour){.act = up, .ms = 50 * i, .signal_number = SIGUSR1});
    ck_assert(run_for(10000));
    ck_assert_int_eq(report.verdict, HP_VERDICT_HEALTHY);
    ck_assert_int_ge(elapsed_ms, 200);
}
END_TEST

/* --- one check, which has no thread ----------------------------------------------------------- */

/*
 * None that is taken out of malloc(): the test itself needs that afterwards,
 * which main() does not.
 */
static void (*const stuck_alone[])(struct hp_attempt *attempt) = {
    never_return,
#if !THREAD_SANITIZER
    spin,
#endif
};

START_TEST(only_check_that_never_returns_is_given_up)
{
    add_check((struct behaviour){.act = stuck_alone[_i]});
    ck_assert(!run_for(700));
    ck_assert_int_ge(elapsed_ms, 700);
    ck_assert_int_lt(elapsed_ms, 700 + STALL_MS);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(result_of("check0")->phase, HP_PHASE_QUERY);
    ck_assert_int_ge(result_of("check0")->latency_ns, 600 * HP_NS_PER_MS);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert(!report.interrupted);
}
END_TEST

START_TEST(only_session_that_does_not_close_keeps_its_verdict_and_delays_nothing)
{
    add_check((struct behaviour){.act = up, .has_session = true, .close_hangs = true});
    ck_assert(!run_for(500));
    ck_assert_int_lt(elapsed_ms, 500 + STALL_MS);
    ck_assert_int_eq(result_of("check0")->status, HP_STATUS_UP);
    ck_assert_int_eq(report.verdict, HP_VERDICT_HEALTHY);
}
END_TEST

/* Whatever it is doing. */
START_TEST(signal_ends_the_only_check)
{
    pid_t child;
    int status = 0;

    add_check((struct behaviour){.act = stuck_alone[(size_t)_i % HP_UNIT_ROWS(stuck_alone)]});
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        sleep_ms(300);
        kill(getppid(), ending_signals[(size_t)_i / HP_UNIT_ROWS(stuck_alone)]);
        _exit(0);
    }
    ck_assert(!run_for(15000));
    ck_assert_int_lt(elapsed_ms, 300 + STALL_MS);
    ck_assert(report.interrupted);
    ck_assert_int_eq(report.verdict, HP_VERDICT_UNHEALTHY);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_INTERRUPTED);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

/* Anybody may send the signal that the timer sends. */
START_TEST(tick_of_another_process_ends_nothing)
{
    add_check(
        (struct behaviour){.act = _i == 0 ? up : never_return, .signal_number = HP_PROCESS_TICK});
    ck_assert_int_eq(run_for(_i == 0 ? 10000 : 300), _i == 0);
    ck_assert(!report.interrupted);
    ck_assert_int_eq(result_of("check0")->status, _i == 0 ? HP_STATUS_UP : HP_STATUS_DOWN);
    ck_assert_int_eq(result_of("check0")->reason, _i == 0 ? HP_REASON_NONE : HP_REASON_TIMEOUT);
}
END_TEST

static void wait_with_signals_let_in(struct hp_attempt *attempt)
{
    sleep_ms(50);
    hp_attempt_up(attempt);
}

/* Nothing that would come later, to somebody who does not expect it. */
START_TEST(no_timer_and_no_handler_is_left_behind)
{
    static const int numbers[] = {SIGTERM, SIGINT, HP_PROCESS_TICK};
    struct sigaction before[HP_UNIT_ROWS(numbers)];
    struct sigaction action;
    sigset_t mask;
    char timers[64];
    int fd;

    for (size_t i = 0; i < HP_UNIT_ROWS(numbers); i++)
        ck_assert_int_eq(sigaction(numbers[i], NULL, &before[i]), 0);
    add_check((struct behaviour){.act = wait_with_signals_let_in, .has_session = true});
    ck_assert(run_for(10000));
    ck_assert_int_eq(report.verdict, HP_VERDICT_HEALTHY);
    ck_assert_int_eq(atomic_load(&sessions_closed), 1);
    fd = open("/proc/self/timers", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ck_assert_int_eq(read(fd, timers, sizeof timers), 0);
        close(fd);
    }
    ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
    for (size_t i = 0; i < HP_UNIT_ROWS(numbers); i++) {
        ck_assert_int_eq(sigaction(numbers[i], NULL, &action), 0);
        ck_assert(action.sa_handler == before[i].sa_handler);
        ck_assert_int_eq(sigismember(&mask, numbers[i]), 1);
    }
}
END_TEST

/* An alarm that came with the process is neither put off nor ended, and ends it in its time. */
START_TEST(alarm_of_the_process_is_left_alone)
{
    struct itimerval timer = {.it_value = {.tv_sec = 1000}};
    struct sigaction before;
    struct sigaction action;
    sigset_t mask;

    ck_assert_int_eq(sigaction(SIGALRM, NULL, &before), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
    for (int i = 0; i <= _i; i++)
        add_check((struct behaviour){.act = never_return});
    ck_assert(!run_for(200));
    ck_assert_int_eq(getitimer(ITIMER_REAL, &timer), 0);
    ck_assert_int_ge(timer.it_value.tv_sec, 900);
    ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
    ck_assert_int_eq(sigismember(&mask, SIGALRM), 0);
    ck_assert_int_eq(sigaction(SIGALRM, NULL, &action), 0);
    ck_assert(action.sa_handler == before.sa_handler);
}
END_TEST

/* Without one, nothing would take main out: a worker runs the check, beside which main can wait. */
START_TEST(only_check_is_given_up_if_no_timer_can_be_created)
{
    struct rlimit before;
    struct rlimit none;
    timer_t timer;
    bool is_complete = true;

    /* A timer keeps a signal of its own queued. */
    ck_assert_int_eq(getrlimit(RLIMIT_SIGPENDING, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_SIGPENDING, &none), 0);
    ck_assert(!hp_process_start_timer(&timer, HP_NS_PER_S, 0));
    add_check((struct behaviour){.act = stuck[_i]});
    is_complete = run_for(300);
    /* Check ends a test by another clock than it began, if it cannot create a timer then. */
    ck_assert_int_eq(setrlimit(RLIMIT_SIGPENDING, &before), 0);
    ck_assert(!is_complete);
    ck_assert_int_ge(elapsed_ms, 300);
    ck_assert_int_lt(elapsed_ms, 300 + STALL_MS);
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(result_of("check0")->phase, HP_PHASE_QUERY);
}
END_TEST

START_TEST(only_check_whose_library_cannot_be_set_up_is_internal)
{
    set_up_succeeds = false;
    add_check((struct behaviour){.act = up})->ops = &ops_with_set_up;
    ck_assert(run_for(10000));
    ck_assert_int_eq(result_of("check0")->reason, HP_REASON_INTERNAL);
}
END_TEST

/* --- what cannot be had ----------------------------------------------------------------------- */

/* In a child of its own: who may start no thread can hardly report. One check needs none. */
START_TEST(check_without_a_thread_is_internal)
{
    enum hp_reason reason = _i == 0 ? HP_REASON_NONE : HP_REASON_INTERNAL;
    pid_t child;
    int status = 0;

    add_check((struct behaviour){.act = up});
    if (_i == 1)
        add_check((struct behaviour){.act = up});
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct rlimit none = {0, 0};

        if (setrlimit(RLIMIT_NPROC, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
            _exit(9);
        if (!run_for(10000))
            _exit(2);
        for (size_t i = 0; i < report.n_checks; i++)
            if (report.checks[i].result.reason != reason)
                _exit(3);
        _exit(report.verdict == (_i == 0 ? HP_VERDICT_HEALTHY : HP_VERDICT_UNHEALTHY) ? 0 : 4);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("runner");

    CASE(suite, all_results_are_reported);
    CASE(suite, run_is_healthy_if_all_checks_are_up);
    CASE(suite, run_takes_as_long_as_its_slowest_check);
    CASE(suite, latency_of_the_run_counts_from_its_start);
    CASE(suite, check_without_verdict_is_internal);
    CASE(suite, each_session_is_closed_once);
    CASE(suite, library_is_set_up_once_for_each_kind);
    CASE(suite, library_that_cannot_be_set_up_is_internal);
    TABLE(suite, check_that_never_returns_is_given_up, stuck);
    CASE(suite, many_stuck_checks_delay_nothing);
    CASE(suite, check_that_keeps_its_deadline_needs_no_watchdog);
    CASE(suite, late_up_is_never_healthy);
    CASE(suite, run_that_begins_too_late_is_a_timeout);
    CASE(suite, limit_of_a_check_is_enforced_while_others_run);
    CASE(suite, run_does_not_wait_for_an_overdue_check);
    CASE(suite, limit_of_a_check_beyond_the_run_is_cut);
    TABLE(suite, stuck_check_is_given_up_within_50_ms, prompt);
    CASE(suite, session_that_does_not_close_keeps_its_verdict_and_delays_nothing);
    add(suite, "waiting_costs_no_processor_time", waiting_costs_no_processor_time, 2);
    TABLE(suite, signal_ends_the_run_at_once_as_interrupted, ending_signals);
    TABLE(suite, signal_before_the_run_is_not_lost, ending_signals);
    CASE(suite, check_that_was_overdue_before_the_signal_stays_a_timeout);
    CASE(suite, stray_wake_ups_change_nothing);
    TABLE(suite, only_check_that_never_returns_is_given_up, stuck_alone);
    CASE(suite, only_session_that_does_not_close_keeps_its_verdict_and_delays_nothing);
    add(suite, "signal_ends_the_only_check", signal_ends_the_only_check,
        HP_UNIT_ROWS(stuck_alone) * HP_UNIT_ROWS(ending_signals));
    add(suite, "tick_of_another_process_ends_nothing", tick_of_another_process_ends_nothing, 2);
    CASE(suite, no_timer_and_no_handler_is_left_behind);
    add(suite, "alarm_of_the_process_is_left_alone", alarm_of_the_process_is_left_alone, 2);
    TABLE(suite, only_check_is_given_up_if_no_timer_can_be_created, stuck);
    CASE(suite, only_check_whose_library_cannot_be_set_up_is_internal);
    add(suite, "check_without_a_thread_is_internal", check_without_a_thread_is_internal, 2);
    return hp_unit_run(suite);
}
