/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include "fuzz.h"

#include <healthprobe/net/dial.h>
#include <healthprobe/plan/options.h>
#include <healthprobe/plan/plan.h>
#include <healthprobe/plan/select.h>
#include <healthprobe/plan/values.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16

/* What a socket pair can buffer without a reader. */
#define SAID_MAX 150000

/* The other end of the next connection; there is one check at a time. */
static int next_fd = -1;

/* Replaces the real one: this program links the kinds without their connections. */
int hp_dial(struct hp_attempt *attempt, const struct hp_endpoint *endpoint)
{
    (void)attempt;
    (void)endpoint;
    return next_fd;
}

void hp_dial_refused(struct hp_attempt *attempt, const char *host, uint16_t port)
{
    (void)attempt;
    (void)host;
    (void)port;
    abort(); /* nor is anything connected to */
}

void hp_dial_unresolved(struct hp_attempt *attempt, const struct hp_resolver *resolver)
{
    (void)attempt;
    (void)resolver;
    abort(); /* no name is resolved here */
}

static void say(const uint8_t *data, size_t size)
{
    int pair[2];

    HP_FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    while (size > 0) {
        ssize_t n = send(pair[1], data, size, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        data += n;
        size -= (size_t)n;
    }
    shutdown(pair[1], SHUT_WR);
    close(pair[1]);
    next_fd = pair[0];
}

static void run_check(struct hp_check *check, struct hp_result *ret)
{
    struct hp_attempt *attempt = calloc(1, sizeof *attempt);
    void *session = NULL;

    if (check->ops->global_init != NULL)
        check->ops->global_init(check);
    hp_attempt_init(attempt, check->secrets, hp_deadline_at(hp_clock_now_ns(), HP_NS_PER_S));
    check->ops->run(check, attempt, &session);
    if (session != NULL)
        check->ops->close(session, attempt->deadline);
    HP_FUZZ_CHECK(hp_attempt_decided(attempt));
    *ret = attempt->result;
    free(attempt);
}

void hp_fuzz_run(const char *kind, const char *const *arguments, const uint8_t *data, size_t size,
                 struct hp_result *ret)
{
    static struct hp_plan plan;
    char *argv[ARGUMENTS_MAX] = {strdup("fuzz"), strdup("--check"), strdup(kind)};
    char *const environment[] = {NULL};
    struct hp_options options = {0};
    struct hp_selection selection = {0};
    struct hp_values values = {0};
    struct hp_error err = {0};
    int argc = 3;

    signal(SIGPIPE, SIG_IGN);
    for (; *arguments != NULL; arguments++)
        argv[argc++] = strdup(*arguments);
    hp_options_parse(&options, argc, argv, &err);
    hp_select(&selection, &options, environment, &err);
    hp_values_read_general(&values, &options, &selection, environment, &err);
    hp_values_read_kinds(&values, &options, &selection, &err);
    hp_plan_begin(&plan, &selection, &values, &err);
    HP_FUZZ_CHECK(hp_plan_build(&plan, &options, &selection, &values, &err));
    say(data, size < SAID_MAX ? size : SAID_MAX);
    run_check(&plan.checks[0], ret);
    hp_plan_release(&plan);
    hp_values_release(&values);
    hp_options_release(&options);
    hp_fuzz_free(argv);
}
