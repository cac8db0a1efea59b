// SPDX-License-Identifier: MIT
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common.h"

struct address {
    socklen_t len;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un un;
    } to;
};

static bool address_of(struct address *ret, const char *host, int port)
{
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET, host, &ret->to.v4.sin_addr) == 1) {
        ret->to.v4.sin_family = AF_INET;
        ret->to.v4.sin_port = htons((uint16_t)port);
        ret->len = sizeof ret->to.v4;
        return true;
    }
    if (inet_pton(AF_INET6, host, &ret->to.v6.sin6_addr) == 1) {
        ret->to.v6.sin6_family = AF_INET6;
        ret->to.v6.sin6_port = htons((uint16_t)port);
        ret->len = sizeof ret->to.v6;
        return true;
    }
    errno = EINVAL;
    return false;
}

static int bound_socket(const char *host, int *port)
{
    struct address address;

    if (!address_of(&address, host, *port)) {
        return -1;
    }
    int fd = socket(address.to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    if (bind(fd, &address.to.any, address.len) < 0 ||
        getsockname(fd, &address.to.any, &address.len) < 0) {
        close(fd);
        return -1;
    }
    /* The port is at the same offset in both. */
    *port = ntohs(address.to.v4.sin_port);
    return fd;
}

bool hpt_net_have_ipv6(void)
{
    int port = 0;
    int fd = bound_socket("::1", &port);

    if (fd < 0) {
        return false;
    }
    close(fd);
    return true;
}

int hpt_net_free_port(void)
{
    for (int tries = 0; tries < 50; tries++) {
        int port = 0;
        int fd = bound_socket("127.0.0.1", &port);
        if (fd < 0) {
            hpt_fail("no port on loopback: %s", strerror(errno));
        }
        int fd6 = hpt_net_have_ipv6() ? bound_socket("::1", &port) : dup(fd);
        close(fd);
        if (fd6 >= 0) {
            close(fd6);
            return port;
        }
    }
    hpt_fail("no port is free on both loopback addresses");
}

int hpt_net_refusing_port(void)
{
    for (int tries = 0; tries < 50; tries++) {
        int port = 0;
        int fd = bound_socket("127.0.0.1", &port);
        if (fd < 0) {
            break;
        }
        /* Both stay open on purpose, so that nobody else takes the port. */
        if (!hpt_net_have_ipv6() || bound_socket("::1", &port) >= 0) {
            return port;
        }
        close(fd);
    }
    hpt_fail("no port to refuse connections");
}

static int listening(int *ret_port, int backlog)
{
    *ret_port = 0;
    int fd = bound_socket("127.0.0.1", ret_port);
    if (fd < 0 || listen(fd, backlog) < 0) {
        hpt_fail("listen: %s", strerror(errno));
    }
    return fd;
}

int hpt_net_silent_port(void)
{
    int port;

    listening(&port, 64);
    return port;
}

int hpt_net_deaf_port(void)
{
    int port;

    listening(&port, 0);
    /* Linux accepts one more than the backlog; the rest is dropped without an answer. */
    for (int i = 0; i < 8; i++) {
        if (hpt_net_connect("127.0.0.1", port, 100) < 0) {
            return port;
        }
    }
    hpt_fail("the backlog does not fill");
}

static int unix_socket(const char *path, struct address *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->to.un.sun_family = AF_UNIX;
    ret->len = sizeof ret->to.un;
    if (strlen(path) >= sizeof ret->to.un.sun_path) {
        hpt_fail("the path of a socket is too long: %s", path);
    }
    memcpy(ret->to.un.sun_path, path, strlen(path) + 1);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

void hpt_net_silent_socket(const char *path)
{
    struct address address;
    int fd = unix_socket(path, &address);

    if (fd < 0 || bind(fd, &address.to.any, address.len) < 0 || listen(fd, 64) < 0) {
        hpt_fail("socket %s: %s", path, strerror(errno));
    }
    hpt_give_to_server(path);
}

int hpt_net_connect_unix(const char *path)
{
    struct address address;
    int fd = unix_socket(path, &address);

    if (fd >= 0 && connect(fd, &address.to.any, address.len) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int hpt_net_connect(const char *host, int port, int limit_ms)
{
    struct address address;
    int error = 0;
    socklen_t len = sizeof error;

    if (!address_of(&address, host, port)) {
        return -1;
    }
    int fd = socket(address.to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    if (connect(fd, &address.to.any, address.len) < 0) {
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        if (errno != EINPROGRESS) {
            error = errno;
        } else if (poll(&ready, 1, limit_ms) != 1) {
            error = ETIMEDOUT;
        } else {
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
        }
    }
    if (error != 0) {
        close(fd);
        errno = error;
        return -1;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    return fd;
}

ssize_t hpt_net_ask(int fd, const void *request, size_t len, void *ret_reply, size_t size,
                    int limit_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len) {
        return -1;
    }
    if (poll(&ready, 1, limit_ms) != 1) {
        errno = ETIMEDOUT;
        return -1;
    }
    return recv(fd, ret_reply, size, 0);
}

struct trick {
    int listener;
    const void *bytes;
    size_t len;
    bool answer_first;
    bool linger;
};

static void peer_serve(void *arg)
{
    const struct trick *trick = arg;
    char buffer[4096];

    for (;;) {
        int fd = accept(trick->listener, NULL, NULL);
        if (fd < 0) {
            continue;
        }
        if (!trick->answer_first && recv(fd, buffer, sizeof buffer, 0) < 0) {
            close(fd);
            continue;
        }
        if (send(fd, trick->bytes, trick->len, MSG_NOSIGNAL) >= 0) {
            if (trick->linger) {
                while (recv(fd, buffer, sizeof buffer, 0) > 0) {
                    continue;
                }
            }
            /* Unread bytes would turn the close into a reset. */
            shutdown(fd, SHUT_WR);
            while (!trick->answer_first && recv(fd, buffer, sizeof buffer, MSG_DONTWAIT) > 0) {
                continue;
            }
        }
        close(fd);
    }
}

void hpt_peer_start(struct hpt_peer *peer, const void *bytes, size_t len, bool answer_first,
                    bool linger)
{
    struct trick trick = {
        .bytes = bytes, .len = len, .answer_first = answer_first, .linger = linger};

    memset(peer, 0, sizeof *peer);
    trick.listener = listening(&peer->port, 64);
    /* It never reaches the exec. */
    struct hpt_spawn spawn = {
        .name = "peer",
        .argv = HPT_LIST("peer"),
        .in_child = peer_serve,
        .in_child_arg = &trick,
        .never_execs = true,
    };
    hpt_proc_start(&peer->proc, &spawn);
    close(trick.listener);
}
