/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/dial.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "connect.h"

static void connect_failed(struct hp_attempt *attempt, int error)
{
    if (error == ETIMEDOUT && hp_deadline_expired(attempt->deadline))
        hp_attempt_timeout(attempt);
    else if (error == EINTR || error == 0)
        hp_attempt_down(attempt, HP_REASON_INTERNAL, hp_untrusted_of("cannot connect"));
    else
        hp_attempt_down(attempt, hp_reason_of_errno(error), hp_untrusted_of(strerror(error)));
}

static int dial_socket(struct hp_attempt *attempt, const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int error = ENAMETOOLONG;
    int fd = -1;

    hp_attempt_phase(attempt, HP_PHASE_CONNECT);
    if (strlen(path) < sizeof addr.sun_path) {
        memcpy(addr.sun_path, path, strlen(path) + 1);
        fd = hp_connect(SOCK_STREAM, (const struct sockaddr *)&addr, sizeof addr, attempt->deadline,
                        &error);
    }
    if (fd < 0)
        connect_failed(attempt, error);
    return fd;
}

static bool next_address(struct hp_attempt *attempt, struct hp_resolver *resolver,
                         struct hp_address *ret, struct hp_deadline *ret_share)
{
    size_t candidates = 0;

    if (hp_resolver_will_ask(resolver))
        hp_attempt_phase(attempt, HP_PHASE_DNS);
    if (!hp_resolver_next(resolver, ret, &candidates))
        return false;
    hp_attempt_phase(attempt, HP_PHASE_CONNECT);
    *ret_share = hp_deadline_share_at(attempt->deadline, hp_clock_now_ns(), candidates);
    return true;
}

/* On a host without IPv6, ::1 is unreachable, which says nothing about the service. */
static int more_telling(int first, int next)
{
    if (first == 0 || hp_reason_of_errno(first) == HP_REASON_UNREACHABLE)
        return next;
    return first;
}

void hp_dial_unresolved(struct hp_attempt *attempt, const struct hp_resolver *resolver)
{
    hp_attempt_down(attempt, hp_resolver_reason(resolver),
                    hp_untrusted_of(hp_resolver_error(resolver)));
}

void hp_dial_refused(struct hp_attempt *attempt, const char *host, uint16_t port)
{
    hp_attempt_down_format(attempt, HP_REASON_REFUSED,
                           strchr(host, ':') != NULL ? "nothing listens on [%s]:%u"
                                                     : "nothing listens on %s:%u",
                           host, port);
}

static int dial_host(struct hp_attempt *attempt, const char *host, uint16_t port)
{
    struct hp_resolver resolver;
    struct hp_address address;
    struct hp_deadline share;
    int first_error = 0;

    hp_resolver_init(&resolver, host, port, attempt->deadline, attempt->silent_servers);
    while (next_address(attempt, &resolver, &address, &share)) {
        int no_delay = 1;
        int error = 0;
        int fd = hp_connect(SOCK_STREAM, (const struct sockaddr *)&address.addr, address.len, share,
                            &error);
        if (fd >= 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
            return fd;
        }
        first_error = more_telling(first_error, error);
        if (hp_deadline_expired(attempt->deadline))
            break;
    }
    if (resolver.found) {
        hp_attempt_phase(attempt, HP_PHASE_CONNECT);
        if (first_error == ECONNREFUSED)
            hp_dial_refused(attempt, host, port);
        else
            connect_failed(attempt, first_error);
    } else {
        hp_dial_unresolved(attempt, &resolver);
    }
    return -1;
}

int hp_dial(struct hp_attempt *attempt, const struct hp_endpoint *endpoint)
{
    if (endpoint->socket != NULL)
        return dial_socket(attempt, endpoint->socket);
    return dial_host(attempt, endpoint->host, endpoint->port);
}
