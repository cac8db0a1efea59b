/* SPDX-License-Identifier: MIT */
#include "connect.h"

#include <healthprobe/net/stream.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int hp_connect(int type, const struct sockaddr *addr, socklen_t len, struct hp_deadline deadline,
               int *ret_error)
{
    socklen_t error_len = sizeof *ret_error;
    int fd = socket(addr->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    *ret_error = 0;
    if (fd < 0) {
        *ret_error = errno;
        return -1;
    }
    if (connect(fd, addr, len) != 0)
        *ret_error = errno;
    if (*ret_error == EINPROGRESS) {
        if (!hp_poll(fd, POLLOUT, deadline))
            *ret_error = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, ret_error, &error_len) != 0)
            *ret_error = errno;
    }
    if (*ret_error == 0)
        return fd;
    close(fd);
    return -1;
}
