/* SPDX-License-Identifier: MIT */
#include "hostile.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "certs.h"
#include "net.h"

struct hostile_servers servers;

/* Cases run in parallel, since each waits most of the time. HOSTILE_AT_ONCE=1 measures best. */
#define AT_ONCE 6

/* A case that takes longer is broken. */
#define CASE_LIMIT_MS 120000

#define LIMIT_MS 2000

struct outcome {
    const struct hostile_case *what;
    const struct hostile_table *table;
    pid_t pid;
    double began_ms;
    bool done;
    double overshoot_ms;
    int limit_ms;
    int exit_status;
    char said[96];
    char problem[3000]; /* empty: as expected */
};

static struct outcome *outcomes; /* shared with the processes of the cases */
static size_t outcome_count;

/* --- one case --------------------------------------------------------------------------------- */

static const char *number(int value)
{
    return hpt_strf("%d", value);
}

static const char *value_of(const struct hostile_run *run, const char *name, size_t len)
{
    const struct {
        const char *name;
        const char *value;
    } values[] = {
        {"peer", number(run->peer.port)},
        {"second", number(run->second.port)},
        {"made", number(run->made)},
        {"dir", run->peer.dir},
        {"path", run->peer.path},
        {"http", number(servers.nginx.port)},
        {"https", number(servers.nginx.tls_port)},
        {"pg", number(servers.pg.port)},
        {"redis", number(servers.redis.port)},
        {"rediss", number(servers.redis.tls_port)},
        {"locked", number(servers.locked.port)},
        {"pool", number(servers.pool.port)},
        {"ca", hpt_certs()->ca},
        {"other", hpt_certs()->other_ca},
        {"tmp", hpt_tmpdir()},
    };

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        if (strlen(values[i].name) == len && strncmp(values[i].name, name, len) == 0) {
            return values[i].value;
        }
    }
    hpt_fail("unknown placeholder {%.*s}", (int)len, name);
}

const char *hostile_fill(const struct hostile_run *run, const char *text)
{
    const char *open = strchr(text, '{');

    if (open == NULL) {
        return text;
    }
    size_t len = strcspn(open + 1, "}");
    return hostile_fill(run, hpt_strf("%.*s%s%s", (int)(open - text), text,
                                      value_of(run, open + 1, len), open + 2 + len));
}

static int limit_of(const struct hostile_case *what)
{
    return what->limit_ms != 0 ? what->limit_ms : LIMIT_MS;
}

bool hostile_leaks(const struct hpt_run *probe)
{
    static const char *const secrets[] = {SECRET, HPT_PG_PASSWORD, HPT_REDIS_PASSWORD,
                                          HPT_REDIS_USER_PASSWORD};

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        if (memmem(probe->out, probe->out_len, secrets[i], strlen(secrets[i])) != NULL ||
            memmem(probe->err, probe->err_len, secrets[i], strlen(secrets[i])) != NULL) {
            return true;
        }
    }
    return false;
}

void hostile_note(struct hostile_run *run, struct hpt_run *probe, int limit_ms)
{
    const char *check = run->what->check;
    const char *reason = json_string_value(hpt_get(probe, hpt_strf("checks.%s.reason", check)));
    const char *phase = json_string_value(hpt_get(probe, hpt_strf("checks.%s.phase", check)));
    double after = probe->wall_ms - limit_ms;

    if (after > run->overshoot_ms) {
        run->overshoot_ms = after;
    }
    run->exit_status = probe->exit_status;
    if (reason == NULL) {
        reason = json_string_value(hpt_get(probe, "status"));
    }
    snprintf(run->said, sizeof run->said, "%-11s %-8s", reason != NULL ? reason : "?",
             phase != NULL ? phase : "-");
}

static size_t add_words(const char **args, size_t n, size_t max, const char *words)
{
    char *copy = strdup(words);
    char *rest = NULL;

    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (n < max - 1) {
            args[n++] = word;
        }
    }
    return n;
}

const char *hostile_probe(struct hostile_run *run, struct hpt_run *ret)
{
    const struct hostile_case *what = run->what;
    const char *args[32] = {"full", "--check", what->check, "--timeout",
                            hpt_strf("%dms", limit_of(what))};
    size_t n = 5;

    if (what->target != NULL) {
        args[n++] = hpt_strf("--%s", what->check);
        args[n++] = hostile_fill(run, what->target);
    }
    if (what->options != NULL) {
        n = add_words(args, n, 32, hostile_fill(run, what->options));
    }
    args[n] = NULL;
    struct hpt_probe_opts opts = {
        .env = what->env != NULL ? what->env : HPT_NONE,
        .args = args,
        .in_child = what->in_child,
        .in_child_arg = what->in_child_arg,
        .secrets_shown = true, /* hostile_leaks() looks for them */
    };
    hpt_probe_with(ret, &opts);
    const char *problem = hpt_is_report(ret);
    hostile_note(run, ret, limit_of(what));
    if (problem != NULL) {
        return problem;
    }
    if (hostile_leaks(ret)) {
        return "the output holds a password";
    }
    if (what->absent != NULL &&
        memmem(ret->out, ret->out_len, what->absent, strlen(what->absent))) {
        return hpt_strf("the output holds `%s`; %s", what->absent, hpt_said(ret));
    }
    if (ret->wall_ms > limit_of(what) + HPT_OVERSHOOT_MS) {
        return hpt_strf("ended %.0f ms after its limit; %s", ret->wall_ms - limit_of(what),
                        hpt_said(ret));
    }
    return NULL;
}

static const char *judge(struct hostile_run *run, struct hpt_run *probe)
{
    const struct hostile_case *what = run->what;
    const char *problem = NULL;

    if (what->reason == NULL) {
        problem = hpt_is_healthy(probe, what->check);
    } else if (strcmp(what->reason, "config") == 0) {
        problem = hpt_is_config(probe, what->error != NULL ? what->error : "");
        return problem;
    } else {
        problem = hpt_is_down(probe, what->check, what->reason, what->detail);
    }
    if (problem == NULL && what->error != NULL) {
        problem = hpt_has_text(probe, hpt_strf("checks.%s.error", what->check), what->error);
    }
    if (problem == NULL && what->hint != NULL) {
        problem = hpt_has_text(probe, hpt_strf("checks.%s.hint", what->check), what->hint);
    }
    if (problem == NULL && what->heard != NULL && !peer_heard(&run->peer, what->heard)) {
        problem = hpt_strf("the peer never received `%s`", what->heard);
    }
    if (problem == NULL && what->unheard != NULL && peer_heard(&run->peer, what->unheard)) {
        problem = hpt_strf("the peer received `%s`", what->unheard);
    }
    /* A timeout must not be reported before the time is up. */
    if (problem == NULL && what->reason != NULL && strcmp(what->reason, "timeout") == 0 &&
        !what->early && probe->wall_ms < limit_of(what) - 5) {
        problem = hpt_strf("a timeout before its time; %s", hpt_said(probe));
    }
    return problem;
}

static const char *run_case(struct hostile_run *run)
{
    const struct hostile_case *what = run->what;
    struct hpt_run probe;

    if (what->box != NULL) {
        box_enter(what->box);
    }
    if (what->dns != NULL) {
        dns_start(&run->dns, what->dns);
    }
    if (what->peer.steps != NULL || what->peer.door != DOOR_NONE) {
        peer_start(&run->peer, &what->peer, 0);
    }
    if (what->second.steps != NULL || what->second.door != DOOR_NONE) {
        peer_start(&run->second, &what->second, what->same_port ? run->peer.port : 0);
    }
    if (what->before != NULL) {
        what->before(run);
    }
    if (what->instead != NULL) {
        return what->instead(run);
    }
    const char *problem = hostile_probe(run, &probe);
    return problem != NULL ? problem : judge(run, &probe);
}

/* The case that this process is for. */
static struct hostile_run current;
static const char *current_problem;

static void run_current(int unused)
{
    (void)unused;
    current_problem = run_case(&current);
}

/*
 * The support library reports failures through Check, which works only within a test: so each case
 * is the only test of its own runner.
 */
static const char *run_in_check(void)
{
    static const TTest test = {"case", run_current, "hostile", 0};
    Suite *suite = suite_create("case");
    TCase *tc = tcase_create("case");
    SRunner *runner = srunner_create(suite);

    _tcase_add_test(tc, &test, 0, 0, 0, 1);
    suite_add_tcase(suite, tc);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    if (srunner_ntests_failed(runner) == 0) {
        return current_problem;
    }
    return hpt_strf("gave up: %s", tr_msg(srunner_failures(runner)[0]));
}

static void case_process(struct outcome *outcome)
{
    /* However the program ends, its cases and their peers end with it. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    current = (struct hostile_run){.what = outcome->what, .overshoot_ms = -1e9};
    const char *problem = run_in_check();
    if (outcome->what->alone) {
        hpt_proc_continue_all(); /* a stopped server serves the next case */
    }
    hpt_proc_stop_all();
    outcome->overshoot_ms = current.overshoot_ms;
    outcome->exit_status = current.exit_status;
    snprintf(outcome->said, sizeof outcome->said, "%s", current.said);
    snprintf(outcome->problem, sizeof outcome->problem, "%s", problem != NULL ? problem : "");
    outcome->done = true;
    _exit(0);
}

/* --- all cases -------------------------------------------------------------------------------- */

static void launch(struct outcome *outcome)
{
    fflush(NULL);
    outcome->began_ms = hpt_now_ms();
    pid_t pid = fork();
    if (pid < 0) {
        hpt_fail("fork: %s", strerror(errno));
    }
    if (pid == 0) {
        case_process(outcome);
    }
    outcome->pid = pid; /* written only by the parent: the memory is shared */
}

static bool has_ended(struct outcome *outcome)
{
    int status = 0;

    if (waitpid(outcome->pid, &status, WNOHANG) == outcome->pid) {
        if (!outcome->done) {
            snprintf(outcome->problem, sizeof outcome->problem,
                     "the process of the case gave up (status %#x): see above", (unsigned)status);
        }
        outcome->pid = 0;
        return true;
    }
    if (hpt_now_ms() - outcome->began_ms > CASE_LIMIT_MS) {
        kill(outcome->pid, SIGKILL);
    }
    return false;
}

static void run_all(bool alone, size_t most)
{
    size_t next = 0;
    size_t running = 0;

    while (next < outcome_count || running > 0) {
        while (running < most && next < outcome_count) {
            struct outcome *outcome = &outcomes[next++];
            if (outcome->what->alone == alone) {
                launch(outcome);
                running++;
            }
        }
        hpt_sleep_ms(1);
        for (size_t i = 0; i < next; i++) {
            if (outcomes[i].pid != 0 && has_ended(&outcomes[i])) {
                running--;
            }
        }
    }
}

static void collect(void)
{
    static const struct hostile_table *const tables[] = {
        &hostile_connect, &hostile_time, &hostile_http,    &hostile_postgres,
        &hostile_redis,   &hostile_real, &hostile_machine,
    };
    const char *only = getenv("HOSTILE_ONLY"); /* part of a name, to run only those cases */
    size_t max = 0;

    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        max += tables[t]->count;
    }
    outcomes = mmap(NULL, max * sizeof *outcomes, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcomes == MAP_FAILED) {
        hpt_fail("mmap: %s", strerror(errno));
    }
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct hostile_case *what = &tables[t]->cases[i];
            if ((what->tls_only && !hpt_probe_tls()) ||
                (what->static_only && !hpt_probe_static()) ||
                (only != NULL && strstr(what->name, only) == NULL)) {
                continue;
            }
            outcomes[outcome_count].what = what;
            outcomes[outcome_count].table = tables[t];
            outcomes[outcome_count].limit_ms = limit_of(what);
            outcome_count++;
        }
    }
}

/* --- summary ---------------------------------------------------------------------------------- */

static void summarize_to(FILE *out, const char *mark)
{
    const struct outcome *worst = NULL;
    size_t failed = 0;

    fprintf(out, "%s%-66s %-11s %-8s %4s %9s  %s\n", mark, "case", "reason", "phase", "exit",
            "after ms", "verdict");
    for (size_t i = 0; i < outcome_count; i++) {
        const struct outcome *outcome = &outcomes[i];
        char name[128];
        snprintf(name, sizeof name, "%s: %s", outcome->table->name, outcome->what->name);
        fprintf(out, "%s%-66s %-20s %4d %9.1f  %s\n", mark, name, outcome->said,
                outcome->exit_status, outcome->overshoot_ms,
                outcome->problem[0] == '\0' ? "as expected" : "WRONG");
        failed += outcome->problem[0] != '\0';
        if (worst == NULL || outcome->overshoot_ms > worst->overshoot_ms) {
            worst = outcome;
        }
    }
    if (worst != NULL) {
        fprintf(out, "%s%zu cases, %zu wrong; at most %.1f ms after the limit (%s: %s)\n", mark,
                outcome_count, failed, worst->overshoot_ms, worst->table->name, worst->what->name);
    }
}

static void summarize(void)
{
    const char *path = getenv("HOSTILE_SUMMARY");

    summarize_to(stderr, "# ");
    if (path != NULL && path[0] != '\0') {
        FILE *file = fopen(path, "we");
        if (file == NULL) {
            hpt_fail("%s: %s", path, strerror(errno));
        }
        summarize_to(file, "");
        fclose(file);
    }
}

/* --- the program ------------------------------------------------------------------------------ */

static void start_servers(void)
{
    hpt_nginx_create(&servers.nginx);
    hpt_nginx_start(&servers.nginx);
    hpt_postgres_create(&servers.pg, &(struct hpt_postgres_opts){
                                         .tls = true,
                                         .hba = "local all postgres trust\n"
                                                "host rejected all all reject\n"
                                                "host all all all scram-sha-256\n",
                                     });
    hpt_postgres_start(&servers.pg);
    hpt_redis_create(&servers.redis, &(struct hpt_redis_opts){.tls = true});
    hpt_redis_start(&servers.redis);
    hpt_redis_create(&servers.locked,
                     &(struct hpt_redis_opts){.password = true, .config = hpt_redis_acl_users});
    hpt_redis_start(&servers.locked);
    hpt_pgbouncer_start(&servers.pool, &servers.pg, NULL);
}

static size_t at_once(void)
{
    const char *text = getenv("HOSTILE_AT_ONCE");
    long number = text != NULL ? strtol(text, NULL, 10) : 0;

    return number > 0 && number < 100 ? (size_t)number : AT_ONCE;
}

static void start(void)
{
    start_servers();
    collect();
    run_all(false, at_once());
    run_all(true, 1);
    summarize();
}

/* The cases have run; here each is reported as a separate test. */
static void tell(int i)
{
    ck_assert_msg(outcomes[i].problem[0] == '\0', "%s", outcomes[i].problem);
}

static void build(Suite *suite)
{
    TTest *tests = calloc(outcome_count, sizeof *tests);
    TCase *tc = NULL;

    if (outcome_count > 0 && tests == NULL) {
        hpt_fail("out of memory");
    }
    for (size_t i = 0; i < outcome_count; i++) {
        if (i == 0 || outcomes[i].table != outcomes[i - 1].table) {
            tc = hpt_tcase(suite, outcomes[i].table->name, 30);
        }
        tests[i] = (TTest){outcomes[i].what->name, tell, "hostile", 0};
        _tcase_add_test(tc, &tests[i], 0, 0, (int)i, (int)i + 1);
    }
}

int main(void)
{
    return hpt_main("hostile", start, build, true);
}
