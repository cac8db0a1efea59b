/* SPDX-License-Identifier: MIT */
#include "dns_client.h"

#include <healthprobe/net/stream.h>

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "connect.h"

#define DNS_PORT 53

/*
 * A server that had less time does not count as silent. No lookup within a data centre takes this
 * long, and each of two servers gets more within a limit of one second.
 */
#define FAIR_SHARE_NS (200 * HP_NS_PER_MS)

/* In the set of silent servers: one that does not answer AAAA may still answer A. */
#define AAAA_SHIFT 8

/* One question to all servers. */
struct question {
    struct hp_dns_client *client;
    struct hp_dns_query query;
    /* Kept from one attempt to the next, so that a late answer counts. */
    int fds[HP_NAME_SERVERS_MAX];
    struct hp_ip_list *ret;
};

static struct hp_dns_result result_of_errno(int error)
{
    switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return (struct hp_dns_result){.kind = HP_DNS_INTERNAL, .code = error};
    case ETIMEDOUT:
        return (struct hp_dns_result){.kind = HP_DNS_SILENT};
    default:
        return (struct hp_dns_result){.kind = HP_DNS_UNREACHABLE};
    }
}

static bool is_ready(int fd, struct hp_deadline share)
{
    return !hp_deadline_expired(share) && hp_poll(fd, POLLIN, share);
}

/* --- TCP -------------------------------------------------------------------------------------- */

/* Read exactly @len bytes. Returns 0, or the errno. */
static int read_fully(int fd, unsigned char *ret, size_t len, struct hp_deadline share)
{
    while (len > 0) {
        ssize_t n;
        if (!is_ready(fd, share))
            return ETIMEDOUT;
        n = recv(fd, ret, len, 0);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return errno;
        if (n == 0)
            return ECONNRESET;
        if (n > 0) {
            ret += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* The length of the answer in @ret, or 0 and the errno. */
static size_t converse(int fd, const struct hp_dns_query *query, unsigned char *ret,
                       struct hp_deadline share, int *ret_error)
{
    unsigned char framed[2 + sizeof query->bytes] = {(unsigned char)(query->len >> 8),
                                                     (unsigned char)query->len};
    unsigned char head[2];
    size_t len = 0;

    memcpy(framed + 2, query->bytes, query->len);
    /* The buffer of a new connection has room for this. */
    if (send(fd, framed, 2 + query->len, MSG_NOSIGNAL) != (ssize_t)(2 + query->len)) {
        *ret_error = errno;
        return 0;
    }
    *ret_error = read_fully(fd, head, sizeof head, share);
    if (*ret_error != 0)
        return 0;
    len = (size_t)head[0] << 8 | head[1];
    *ret_error = read_fully(fd, ret, len, share);
    return *ret_error == 0 ? len : 0;
}

static struct hp_dns_result ask_by_tcp(struct question *question, const struct hp_address *server,
                                       struct hp_deadline share)
{
    unsigned char *answer = question->client->answer;
    struct hp_dns_result result;
    int error = 0;
    size_t len = 0;
    int fd =
        hp_connect(SOCK_STREAM, (const struct sockaddr *)&server->addr, server->len, share, &error);

    if (fd < 0)
        return result_of_errno(error);
    len = converse(fd, &question->query, answer, share, &error);
    close(fd);
    if (error != 0)
        return result_of_errno(error);
    result = hp_dns_answer_read(question->ret, &question->query, answer, len, true);
    if (result.kind == HP_DNS_STRAY)
        result.kind = HP_DNS_MALFORMED;
    return result;
}

/* --- UDP -------------------------------------------------------------------------------------- */

/* Connected: the kernel drops answers of others, and reports it where nobody listens. */
static int open_udp(const struct hp_address *server, int *ret_error)
{
    int on = 1;
    bool v4 = server->addr.ss_family == AF_INET;
    int fd = hp_connect(SOCK_DGRAM, (const struct sockaddr *)&server->addr, server->len,
                        (struct hp_deadline){0}, ret_error);

    if (fd >= 0)
        setsockopt(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &on,
                   sizeof on);
    return fd;
}

static void close_udp(struct question *question, size_t i)
{
    if (question->fds[i] >= 0)
        close(question->fds[i]);
    question->fds[i] = -1;
}

static struct hp_dns_result await_answer(struct question *question, int fd,
                                         struct hp_deadline share)
{
    unsigned char *answer = question->client->answer;
    struct hp_dns_result result = {.kind = HP_DNS_STRAY};

    while (result.kind == HP_DNS_STRAY) {
        ssize_t n;
        if (!is_ready(fd, share))
            return (struct hp_dns_result){.kind = HP_DNS_SILENT};
        n = recv(fd, answer, HP_DNS_ANSWER_SIZE, 0);
        if (n >= 0)
            result = hp_dns_answer_read(question->ret, &question->query, answer, (size_t)n, false);
        else if (errno != EAGAIN && errno != EINTR)
            return result_of_errno(errno);
    }
    return result;
}

static struct hp_dns_result ask_by_udp(struct question *question, size_t i,
                                       const struct hp_address *server, struct hp_deadline share)
{
    const struct hp_dns_query *query = &question->query;
    struct hp_dns_result result;
    int error = 0;

    if (question->fds[i] < 0)
        question->fds[i] = open_udp(server, &error);
    if (question->fds[i] < 0)
        return result_of_errno(error);
    if (send(question->fds[i], query->bytes, query->len, MSG_NOSIGNAL) < 0)
        result = result_of_errno(errno);
    else
        result = await_answer(question, question->fds[i], share);
    /* The error stays in the socket's queue: poll(2) would report it again each time. */
    if (result.kind == HP_DNS_UNREACHABLE)
        close_udp(question, i);
    return result;
}

/* --- servers ---------------------------------------------------------------------------------- */

static struct hp_dns_result ask_server(struct question *question, size_t i,
                                       struct hp_deadline share)
{
    const struct hp_resolv_conf *conf = &question->client->conf;
    struct hp_dns_result result = {.kind = HP_DNS_TRUNCATED};
    struct hp_address server;

    hp_ip_address(&server, &conf->servers[i], DNS_PORT);
    if ((conf->options & HP_RESOLV_USE_VC) == 0)
        result = ask_by_udp(question, i, &server, share);
    if (result.kind == HP_DNS_TRUNCATED)
        result = ask_by_tcp(question, &server, share);
    result.servers = 1U << i;
    return result;
}

/* May another server give an answer? */
static bool leaves_open(const struct hp_dns_result *result)
{
    switch ((int)result->kind) {
    case HP_DNS_UNASKED:
    case HP_DNS_UNREACHABLE:
    case HP_DNS_SILENT:
    case HP_DNS_MALFORMED:
    case HP_DNS_REFERRAL:
        return true;
    case HP_DNS_ERROR:
        return result->bare || result->code == HP_DNS_SERVFAIL || result->code == HP_DNS_NOTIMP ||
               result->code == HP_DNS_REFUSED;
    default:
        return false;
    }
}

static unsigned silent_servers(const struct hp_dns_client *client, int family)
{
    unsigned silent = atomic_load(client->silent);

    return family == AF_INET6 ? silent | silent >> AAAA_SHIFT : silent;
}

/* The servers in the order in which they are asked: those that were silent come last. */
static void put_in_order(size_t *ret, const struct question *question)
{
    const struct hp_resolv_conf *conf = &question->client->conf;
    unsigned silent = silent_servers(question->client, question->query.family);
    /* The question's id is random enough. */
    size_t first = (conf->options & HP_RESOLV_ROTATE) != 0 ? question->query.bytes[1] : 0;
    size_t n = 0;

    for (unsigned was_silent = 0; was_silent < 2; was_silent++)
        for (size_t k = 0; k < conf->n_servers; k++) {
            size_t i = (first + k) % conf->n_servers;
            if ((silent >> i & 1) == was_silent)
                ret[n++] = i;
        }
}

/* How long a server may take where @n questions are still to be asked, including this one. */
static struct hp_deadline share_of_time(const struct hp_dns_client *client, size_t n)
{
    int64_t now_ns = hp_clock_now_ns();
    struct hp_deadline timeout =
        hp_deadline_at(now_ns, (int64_t)client->conf.timeout * HP_NS_PER_S);

    return hp_deadline_min(timeout, hp_deadline_share_at(client->deadline, now_ns, n));
}

static void note_silent(const struct question *question, unsigned servers)
{
    atomic_fetch_or(question->client->silent,
                    servers << (question->query.family == AF_INET6 ? AAAA_SHIFT : 0));
}

static struct hp_dns_result ask_each(struct question *question, size_t attempts_left)
{
    struct hp_dns_client *client = question->client;
    struct hp_dns_result result = {.kind = HP_DNS_UNASKED};
    size_t n = client->conf.n_servers;
    size_t order[HP_NAME_SERVERS_MAX];

    put_in_order(order, question);
    for (size_t k = 0; k < n && !hp_deadline_expired(client->deadline); k++) {
        struct hp_deadline share = share_of_time(client, n * attempts_left - k);
        bool is_fair = hp_deadline_left_ns_at(share, hp_clock_now_ns()) >= FAIR_SHARE_NS;
        struct hp_dns_result answer = ask_server(question, order[k], share);
        if (!leaves_open(&answer))
            return answer;
        if (answer.kind == HP_DNS_SILENT && is_fair)
            note_silent(question, answer.servers);
        result = hp_dns_more_telling(result, answer);
    }
    return result;
}

static struct hp_dns_result ask_all(struct question *question)
{
    size_t attempts = question->client->conf.attempts;
    struct hp_dns_result result = {.kind = HP_DNS_UNASKED};

    for (size_t i = 0; i < HP_NAME_SERVERS_MAX; i++)
        question->fds[i] = -1;
    for (size_t left = attempts; left > 0 && leaves_open(&result); left--)
        result = hp_dns_more_telling(result, ask_each(question, left));
    for (size_t i = 0; i < HP_NAME_SERVERS_MAX; i++)
        close_udp(question, i);
    return result;
}

struct hp_dns_result hp_dns_ask(struct hp_dns_client *client, const char *name, int family,
                                struct hp_ip_list *ret)
{
    struct question question = {.client = client, .ret = ret};
    bool edns0 = (client->conf.options & HP_RESOLV_EDNS0) != 0;
    struct hp_dns_result result;
    uint16_t id = 0;

    if (family == AF_INET6 && (client->conf.options & HP_RESOLV_NO_AAAA) != 0)
        return (struct hp_dns_result){.kind = HP_DNS_UNASKED};
    if (getrandom(&id, sizeof id, 0) != sizeof id)
        return (struct hp_dns_result){.kind = HP_DNS_INTERNAL, .code = errno};
    if (!hp_dns_query_make(&question.query, name, family, id, edns0))
        return (struct hp_dns_result){.kind = HP_DNS_BAD_NAME};
    result = ask_all(&question);
    if (result.kind == HP_DNS_UNASKED)
        result.kind = HP_DNS_SILENT; /* there was no time */
    return result;
}
