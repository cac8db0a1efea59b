/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <healthprobe/net/dial.h>
#include <healthprobe/net/stream.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A machine may stall; what must not take longer than a limit gets this much more. */
#define STALL_MS 1500

static struct hp_attempt attempt;
static int64_t began_ns;

static void begin(int64_t limit_ms)
{
    began_ns = hp_clock_now_ns();
    hp_attempt_init(&attempt, NULL, hp_deadline_at(began_ns, limit_ms * HP_NS_PER_MS));
}

static int64_t elapsed_ms(void)
{
    return (hp_clock_now_ns() - began_ns) / HP_NS_PER_MS;
}

static void sleep_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* --- peers ------------------------------------------------------------------------------------ */

static uint16_t port_of(int fd)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof addr;
    struct sockaddr_in6 in6;
    struct sockaddr_in in;

    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    memcpy(&in, &addr, sizeof in);
    memcpy(&in6, &addr, sizeof in6);
    return ntohs(addr.ss_family == AF_INET6 ? in6.sin6_port : in.sin_port);
}

/** A socket that is bound to loopback; -1 where the machine has no such family. */
static int bind_loopback(int family, uint16_t port)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bound;

    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return -1;
    if (family == AF_INET)
        bound = bind(fd, (const struct sockaddr *)&in, sizeof in);
    else
        bound = bind(fd, (const struct sockaddr *)&in6, sizeof in6);
    if (bound == 0)
        return fd;
    close(fd);
    return -1;
}

static int listen_on_loopback(int family, uint16_t port)
{
    int fd = bind_loopback(family, port);

    if (fd >= 0)
        ck_assert_int_eq(listen(fd, 8), 0);
    return fd;
}

static char directory[] = "/tmp/healthprobe-stream-XXXXXX";
static char path[64];

static struct sockaddr_un socket_addr(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};

    strcpy(addr.sun_path, path);
    return addr;
}

static int listen_on_socket(int backlog)
{
    struct sockaddr_un addr = socket_addr();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    return fd;
}

static void make_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/socket", directory);
}

static void remove_directory(void)
{
    unlink(path);
    rmdir(directory);
}

/** Two connected sockets: one in a stream, and its peer's. */
static struct hp_stream stream;
static int peer;

static void connect_pair(void)
{
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    ck_assert_int_eq(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    hp_stream_init(&stream, fds[0]);
    peer = fds[1];
}

/** Play the peer in a child until it is killed. */
static pid_t play_peer(void (*act)(int fd))
{
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        hp_stream_release(&stream);
        signal(SIGPIPE, SIG_IGN);
        act(peer);
        _exit(0);
    }
    close(peer);
    return child;
}

static void end_peer(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    hp_stream_release(&stream);
}

/* --- connecting ------------------------------------------------------------------------------- */

static const char *const hosts[] = {"127.0.0.1", "localhost", "app.localhost"};

START_TEST(dial_connects_without_blocking_the_socket)
{
    int listener = listen_on_loopback(AF_INET, 0);
    struct hp_endpoint endpoint = {NULL, hosts[_i], port_of(listener)};
    int fd;

    begin(10000);
    fd = hp_dial(&attempt, &endpoint);
    ck_assert_int_ge(fd, 0);
    ck_assert(!hp_attempt_decided(&attempt));
    ck_assert_int_eq(atomic_load(&attempt.phase), HP_PHASE_CONNECT);
    ck_assert_int_eq(attempt.result.phase_ns[HP_PHASE_DNS], 0);
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    close(listener);
}
END_TEST

static const char *const v6_hosts[] = {"::1", "localhost"};

START_TEST(dial_finds_a_server_on_ipv6_only)
{
    int listener = listen_on_loopback(AF_INET6, 0);
    struct hp_endpoint endpoint = {NULL, v6_hosts[_i], 0};
    int fd;

    if (listener < 0)
        return; /* the machine has no IPv6 */
    endpoint.port = port_of(listener);
    begin(10000);
    fd = hp_dial(&attempt, &endpoint);
    ck_assert_int_ge(fd, 0);
    close(fd);
    close(listener);
}
END_TEST

START_TEST(port_where_nothing_listens_is_refused)
{
    int bound = bind_loopback(AF_INET, 0);
    struct hp_endpoint endpoint = {NULL, hosts[_i], port_of(bound)};
    char error[64];

    begin(10000);
    snprintf(error, sizeof error, "nothing listens on %s:%u", hosts[_i], endpoint.port);
    ck_assert_int_eq(hp_dial(&attempt, &endpoint), -1);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_DOWN);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_REFUSED);
    ck_assert_str_eq(attempt.result.error.bytes, error);
    ck_assert_int_lt(elapsed_ms(), 5000);
    close(bound);
}
END_TEST

/** A listener that answers no SYN any more, and what fills its backlog. */
static int deaf_listener(int *fillers, size_t n)
{
    int listener = bind_loopback(AF_INET, 0);
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port_of(listener))};

    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(listen(listener, 0), 0);
    for (size_t i = 0; i < n; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(fillers[i], (const struct sockaddr *)&addr, sizeof addr) != 0)
            ck_assert_int_eq(errno, EINPROGRESS);
    }
    sleep_ms(50);
    return listener;
}

START_TEST(host_that_does_not_answer_is_a_timeout_of_connect)
{
    int fillers[4];
    int listener = deaf_listener(fillers, HP_UNIT_ROWS(fillers));
    struct hp_endpoint endpoint = {NULL, "127.0.0.1", port_of(listener)};

    begin(400);
    ck_assert_int_eq(hp_dial(&attempt, &endpoint), -1);
    ck_assert_int_ge(elapsed_ms(), 400);
    ck_assert_int_lt(elapsed_ms(), 400 + STALL_MS);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(attempt.result.phase, HP_PHASE_CONNECT);
    for (size_t i = 0; i < HP_UNIT_ROWS(fillers); i++)
        close(fillers[i]);
    close(listener);
}
END_TEST

START_TEST(address_that_does_not_answer_gives_way_to_the_next)
{
    int fillers[4];
    int deaf = deaf_listener(fillers, HP_UNIT_ROWS(fillers));
    int listener = listen_on_loopback(AF_INET6, port_of(deaf));
    struct hp_endpoint endpoint = {NULL, "localhost", port_of(deaf)};
    int fd;

    if (listener < 0)
        return; /* the machine has no IPv6 */
    begin(6000);
    fd = hp_dial(&attempt, &endpoint);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_ge(elapsed_ms(), 2900);
    ck_assert_int_lt(elapsed_ms(), 3000 + STALL_MS);
    close(fd);
    for (size_t i = 0; i < HP_UNIT_ROWS(fillers); i++)
        close(fillers[i]);
    close(deaf);
    close(listener);
}
END_TEST

START_TEST(no_connection_is_made_after_the_deadline)
{
    int fillers[4];
    int listener = deaf_listener(fillers, HP_UNIT_ROWS(fillers));
    struct hp_endpoint endpoint = {NULL, "127.0.0.1", port_of(listener)};

    begin(-1);
    ck_assert_int_eq(hp_dial(&attempt, &endpoint), -1);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    ck_assert_int_lt(elapsed_ms(), STALL_MS);
    close(listener);
}
END_TEST

START_TEST(unknown_name_fails_in_dns)
{
    struct hp_endpoint endpoint = {NULL, "2001:db8::g", 80};

    begin(10000);
    ck_assert_int_eq(hp_dial(&attempt, &endpoint), -1);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_DNS);
    ck_assert_str_ne(attempt.result.error.bytes, "");
}
END_TEST

/* --- Unix sockets ----------------------------------------------------------------------------- */

START_TEST(socket_is_connected_by_its_path)
{
    struct hp_endpoint endpoint = {path, NULL, 0};
    int listener;
    int fd;

    make_directory();
    listener = listen_on_socket(8);
    begin(10000);
    fd = hp_dial(&attempt, &endpoint);
    ck_assert_int_ge(fd, 0);
    ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
    ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    ck_assert_int_eq(atomic_load(&attempt.phase), HP_PHASE_CONNECT);
    close(fd);
    close(listener);
    remove_directory();
}
END_TEST

static void leave_nothing(void)
{
}

static void leave_a_file(void)
{
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

static void leave_a_directory(void)
{
    mkdir(path, 0755);
}

static void leave_a_dead_socket(void)
{
    close(listen_on_socket(8));
}

static void (*const leftovers[])(void) = {
    leave_nothing,
    leave_a_file,
    leave_a_directory,
    leave_a_dead_socket,
};

START_TEST(path_where_no_socket_listens_is_refused)
{
    struct hp_endpoint endpoint = {path, NULL, 0};

    make_directory();
    leftovers[_i]();
    begin(10000);
    ck_assert_int_eq(hp_dial(&attempt, &endpoint), -1);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_REFUSED);
    ck_assert_str_ne(attempt.result.error.bytes, "");
    rmdir(path);
    remove_directory();
}
END_TEST

START_TEST(socket_whose_backlog_is_full_is_a_lack_of_capacity)
{
    struct hp_endpoint endpoint = {path, NULL, 0};
    struct sockaddr_un addr;
    int listener;

    make_directory();
    listener = listen_on_socket(0);
    addr = socket_addr();
    for (int i = 0; i < 64; i++) {
        int filler = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        if (connect(filler, (const struct sockaddr *)&addr, sizeof addr) != 0)
            break;
    }
    begin(10000);
    ck_assert_int_eq(hp_dial(&attempt, &endpoint), -1);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_CAPACITY);
    close(listener);
    remove_directory();
}
END_TEST

START_TEST(path_that_is_too_long_is_down)
{
    char long_path[4096];
    struct hp_endpoint endpoint = {long_path, NULL, 0};

    memset(long_path, '/', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    begin(10000);
    ck_assert_int_eq(hp_dial(&attempt, &endpoint), -1);
    ck_assert_int_eq(attempt.result.status, HP_STATUS_DOWN);
}
END_TEST

/* --- reading ---------------------------------------------------------------------------------- */

START_TEST(bytes_are_read_as_they_come_and_then_the_end)
{
    char bytes[16];

    connect_pair();
    begin(10000);
    ck_assert_int_eq(write(peer, "+PONG\r\n", 7), 7);
    ck_assert_int_eq(hp_stream_read(&stream, bytes, sizeof bytes, &attempt), 7);
    ck_assert_int_eq(memcmp(bytes, "+PONG\r\n", 7), 0);
    ck_assert_int_eq(write(peer, "abc", 3), 3);
    ck_assert_int_eq(hp_stream_read(&stream, bytes, 2, &attempt), 2);
    ck_assert_int_eq(hp_stream_read(&stream, bytes, 2, &attempt), 1);
    close(peer);
    ck_assert_int_eq(hp_stream_read(&stream, bytes, sizeof bytes, &attempt), 0);
    ck_assert(!hp_attempt_decided(&attempt));
    hp_stream_release(&stream);
}
END_TEST

START_TEST(bytes_after_the_deadline_are_late)
{
    char bytes[16];

    connect_pair();
    begin(1);
    ck_assert_int_eq(write(peer, "+PONG\r\n", 7), 7);
    sleep_ms(2);
    ck_assert_int_eq(hp_stream_read(&stream, bytes, sizeof bytes, &attempt), -1);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    close(peer);
    hp_stream_release(&stream);
}
END_TEST

START_TEST(reset_is_an_end_too)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    int listener = listen_on_loopback(AF_INET, 0);
    struct hp_endpoint endpoint = {NULL, "127.0.0.1", port_of(listener)};
    char byte;
    int accepted;

    begin(10000);
    hp_stream_init(&stream, hp_dial(&attempt, &endpoint));
    accepted = accept(listener, NULL, NULL);
    ck_assert_int_ge(accepted, 0);
    setsockopt(accepted, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(accepted);
    ck_assert_int_eq(hp_stream_read(&stream, &byte, 1, &attempt), 0);
    ck_assert(!hp_attempt_decided(&attempt));
    hp_stream_release(&stream);
    close(listener);
}
END_TEST

static void be_silent(int fd)
{
    (void)fd;
    for (;;)
        pause();
}

static void drip(int fd)
{
    for (;;) {
        if (write(fd, "+", 1) != 1)
            return;
        sleep_ms(10);
    }
}

static void flood(int fd)
{
    static char bytes[65536];

    while (write(fd, bytes, sizeof bytes) > 0)
        continue;
}

static void (*const endless[])(int fd) = {be_silent, drip, flood};

START_TEST(peer_that_never_ends_is_a_timeout_in_its_phase)
{
    char bytes[512];
    pid_t child;
    ssize_t n;

    connect_pair();
    child = play_peer(endless[_i]);
    begin(500);
    hp_attempt_phase(&attempt, HP_PHASE_RESPONSE);
    do
        n = hp_stream_read(&stream, bytes, sizeof bytes, &attempt);
    while (n > 0 && elapsed_ms() < 10000);
    ck_assert_int_eq(n, -1);
    ck_assert_int_ge(elapsed_ms(), 500);
    ck_assert_int_lt(elapsed_ms(), 500 + STALL_MS);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(attempt.result.phase, HP_PHASE_RESPONSE);
    end_peer(child);
}
END_TEST

/* --- writing ---------------------------------------------------------------------------------- */

START_TEST(all_bytes_are_written)
{
    static char bytes[8];

    connect_pair();
    begin(10000);
    ck_assert(hp_stream_write(&stream, "PING\r\n", 6, &attempt));
    ck_assert_int_eq(read(peer, bytes, sizeof bytes), 6);
    ck_assert(hp_stream_write(&stream, "", 0, &attempt));
    ck_assert(!hp_attempt_decided(&attempt));
    close(peer);
    hp_stream_release(&stream);
}
END_TEST

static void read_slowly(int fd)
{
    static char bytes[65536];

    while (read(fd, bytes, sizeof bytes) > 0)
        sleep_ms(5);
}

START_TEST(more_than_a_socket_holds_is_written_to_a_slow_reader)
{
    size_t len = 4 << 20;
    char *bytes = calloc(1, len);
    pid_t child;

    ck_assert_ptr_nonnull(bytes);
    connect_pair();
    child = play_peer(read_slowly);
    begin(15000);
    ck_assert(hp_stream_write(&stream, bytes, len, &attempt));
    ck_assert(!hp_attempt_decided(&attempt));
    end_peer(child);
    free(bytes);
}
END_TEST

START_TEST(peer_that_does_not_read_is_a_timeout)
{
    size_t len = 4 << 20;
    char *bytes = calloc(1, len);

    ck_assert_ptr_nonnull(bytes);
    connect_pair();
    begin(400);
    hp_attempt_phase(&attempt, HP_PHASE_LOGIN);
    ck_assert(!hp_stream_write(&stream, bytes, len, &attempt));
    ck_assert_int_ge(elapsed_ms(), 400);
    ck_assert_int_lt(elapsed_ms(), 400 + STALL_MS);
    ck_assert_int_eq(attempt.result.reason, HP_REASON_TIMEOUT);
    ck_assert_int_eq(attempt.result.phase, HP_PHASE_LOGIN);
    close(peer);
    hp_stream_release(&stream);
    free(bytes);
}
END_TEST

/* Redis says "max number of clients reached" and leaves, before it was asked. */
START_TEST(last_bytes_of_a_peer_that_left_can_be_read)
{
    char bytes[64];

    signal(SIGPIPE, SIG_DFL);
    connect_pair();
    begin(10000);
    ck_assert_int_eq(write(peer, "-ERR max\r\n", 10), 10);
    close(peer);
    for (int i = 0; i < 3; i++)
        ck_assert(hp_stream_write(&stream, "PING\r\n", 6, &attempt));
    ck_assert_int_eq(hp_stream_read(&stream, bytes, sizeof bytes, &attempt), 10);
    ck_assert_int_eq(hp_stream_read(&stream, bytes, sizeof bytes, &attempt), 0);
    ck_assert(!hp_attempt_decided(&attempt));
    hp_stream_release(&stream);
}
END_TEST

/* --- waiting ---------------------------------------------------------------------------------- */

START_TEST(wait_ends_when_the_socket_is_ready_or_time_is_out)
{
    connect_pair();
    begin(300);
    ck_assert(hp_poll(stream.fd, POLLOUT, attempt.deadline));
    ck_assert(!hp_poll(stream.fd, POLLIN, attempt.deadline));
    ck_assert_int_ge(elapsed_ms(), 300);
    ck_assert_int_lt(elapsed_ms(), 300 + STALL_MS);
    ck_assert_int_eq(write(peer, "x", 1), 1);
    begin(10000);
    ck_assert(hp_poll(stream.fd, POLLIN, attempt.deadline));
    close(peer);
    hp_stream_release(&stream);
}
END_TEST

START_TEST(release_ignores_a_socket_that_was_never_opened)
{
    struct hp_stream never;

    hp_stream_init(&never, -1);
    hp_stream_release(&never);
    connect_pair();
    hp_stream_release(&stream);
    ck_assert_int_eq(stream.fd, -1);
    hp_stream_release(&stream);
    close(peer);
}
END_TEST

/* Beyond the limits of the cases themselves. */
static void add(Suite *suite, const char *name, const TTest *test, size_t rows)
{
    TCase *tcase = tcase_create(name);

    tcase_add_loop_test(tcase, test, 0, (int)rows);
    tcase_set_timeout(tcase, 30);
    suite_add_tcase(suite, tcase);
}

#define CASE(suite, test)         add(suite, #test, test, 1)
#define TABLE(suite, test, table) add(suite, #test, test, HP_UNIT_ROWS(table))

int main(void)
{
    Suite *suite = suite_create("stream");

    TABLE(suite, dial_connects_without_blocking_the_socket, hosts);
    TABLE(suite, dial_finds_a_server_on_ipv6_only, v6_hosts);
    TABLE(suite, port_where_nothing_listens_is_refused, hosts);
    CASE(suite, host_that_does_not_answer_is_a_timeout_of_connect);
    CASE(suite, address_that_does_not_answer_gives_way_to_the_next);
    CASE(suite, no_connection_is_made_after_the_deadline);
    CASE(suite, unknown_name_fails_in_dns);
    CASE(suite, socket_is_connected_by_its_path);
    TABLE(suite, path_where_no_socket_listens_is_refused, leftovers);
    CASE(suite, socket_whose_backlog_is_full_is_a_lack_of_capacity);
    CASE(suite, path_that_is_too_long_is_down);
    CASE(suite, bytes_are_read_as_they_come_and_then_the_end);
    CASE(suite, bytes_after_the_deadline_are_late);
    CASE(suite, reset_is_an_end_too);
    TABLE(suite, peer_that_never_ends_is_a_timeout_in_its_phase, endless);
    CASE(suite, all_bytes_are_written);
    CASE(suite, more_than_a_socket_holds_is_written_to_a_slow_reader);
    CASE(suite, peer_that_does_not_read_is_a_timeout);
    CASE(suite, last_bytes_of_a_peer_that_left_can_be_read);
    CASE(suite, wait_ends_when_the_socket_is_ready_or_time_is_out);
    CASE(suite, release_ignores_a_socket_that_was_never_opened);
    return hp_unit_run(suite);
}
