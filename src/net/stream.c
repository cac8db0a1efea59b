/* SPDX-License-Identifier: MIT */
#include <healthprobe/net/stream.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool hp_poll(int fd, short events, struct hp_deadline deadline)
{
    const struct timespec pause = {.tv_nsec = HP_NS_PER_MS};
    struct pollfd pollfd = {.fd = fd, .events = events};

    for (;;) {
        int left_ms = hp_deadline_left_ms(deadline);
        int n = poll(&pollfd, 1, left_ms);
        if (n > 0)
            return true;
        if (n == 0 && hp_deadline_expired(deadline))
            return false;
        if (n < 0 && errno != EINTR) {
            /* The next call on the socket says what is wrong; the pause keeps loops slow. */
            nanosleep(&pause, NULL);
            return true;
        }
    }
}

void hp_stream_init(struct hp_stream *ret, int fd)
{
    *ret = (struct hp_stream){.fd = fd};
}

void hp_stream_release(struct hp_stream *stream)
{
    hp_tls_free(stream->tls);
    if (stream->fd >= 0)
        close(stream->fd);
    *stream = (struct hp_stream){.fd = -1};
}

static void tls_failed(struct hp_attempt *attempt, const struct hp_tls_error *error)
{
    hp_attempt_down(attempt, error->ours ? HP_REASON_INTERNAL : HP_REASON_TLS,
                    hp_untrusted_of(error->text));
}

/* Wait for what a TLS step wants. False: the attempt has its verdict. */
static bool go_on(struct hp_stream *stream, enum hp_tls_step step, struct hp_attempt *attempt)
{
    short events = step == HP_TLS_WANT_WRITE ? POLLOUT : POLLIN;

    if (step == HP_TLS_CLOSED) {
        hp_attempt_down(attempt, HP_REASON_CLOSED,
                        hp_untrusted_of("the server closed the connection"));
        return false;
    }
    if (step == HP_TLS_FAILED) {
        tls_failed(attempt, hp_tls_error(stream->tls));
        return false;
    }
    /* A trickle of bytes keeps the socket ready, so the deadline is checked each time. */
    if (!hp_deadline_expired(attempt->deadline) && hp_poll(stream->fd, events, attempt->deadline))
        return true;
    hp_attempt_timeout(attempt);
    return false;
}

bool hp_stream_start_tls(struct hp_stream *stream, const struct hp_tls_settings *settings,
                         struct hp_attempt *attempt)
{
    struct hp_tls_error error;
    enum hp_tls_step step;

    hp_attempt_phase(attempt, HP_PHASE_TLS);
    stream->tls = hp_tls_new(stream->fd, settings, &error);
    if (stream->tls == NULL) {
        tls_failed(attempt, &error);
        return false;
    }
    while ((step = hp_tls_handshake(stream->tls)) != HP_TLS_DONE)
        if (!go_on(stream, step, attempt))
            return false;
    return true;
}

static enum hp_tls_step plain_step(ssize_t n, size_t *ret_len, enum hp_tls_step want)
{
    if (n > 0) {
        *ret_len = (size_t)n;
        return HP_TLS_DONE;
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return want;
    return HP_TLS_CLOSED;
}

static enum hp_tls_step write_some(struct hp_stream *stream, const char *bytes, size_t len,
                                   size_t *ret_len)
{
    if (stream->tls != NULL)
        return hp_tls_write(stream->tls, bytes, len, ret_len);
    return plain_step(send(stream->fd, bytes, len, MSG_NOSIGNAL), ret_len, HP_TLS_WANT_WRITE);
}

static enum hp_tls_step read_some(struct hp_stream *stream, char *ret, size_t size, size_t *ret_len)
{
    if (stream->tls != NULL)
        return hp_tls_read(stream->tls, ret, size, ret_len);
    return plain_step(recv(stream->fd, ret, size, 0), ret_len, HP_TLS_WANT_READ);
}

bool hp_stream_write(struct hp_stream *stream, const char *bytes, size_t len,
                     struct hp_attempt *attempt)
{
    while (len > 0) {
        size_t written = 0;
        enum hp_tls_step step = write_some(stream, bytes, len, &written);
        if (step == HP_TLS_CLOSED)
            return true; /* what the peer sent before can still be read */
        if (step != HP_TLS_DONE && !go_on(stream, step, attempt))
            return false;
        bytes += written;
        len -= written;
    }
    return true;
}

ssize_t hp_stream_read(struct hp_stream *stream, char *ret, size_t size, struct hp_attempt *attempt)
{
    for (;;) {
        size_t len = 0;
        enum hp_tls_step step = read_some(stream, ret, size, &len);
        if (step == HP_TLS_DONE) {
            if (!hp_deadline_expired(attempt->deadline))
                return (ssize_t)len;
            hp_attempt_timeout(attempt);
            return -1;
        }
        if (step == HP_TLS_CLOSED)
            return 0;
        if (!go_on(stream, step, attempt))
            return -1;
    }
}
