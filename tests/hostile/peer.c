/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"

/* No flood is longer than this, in bytes or in time: the probe has ended long before. */
#define FLOOD_BYTES (256UL << 20)
#define FLOOD_MS    4000

/* No connection lasts longer. */
#define CONNECTION_MS 30000

struct conn {
    int fd;
    SSL *ssl;
    struct peer_heard *heard;
    const struct step *steps;
};

struct serve {
    int listener;
    const struct peer_spec *spec;
    struct peer_heard *heard;
};

/* --- bytes ------------------------------------------------------------------------------------ */

static void note(struct peer_heard *heard, const char *bytes, size_t len)
{
    size_t at = atomic_load(&heard->len);

    if (len > sizeof heard->bytes - at) {
        len = sizeof heard->bytes - at;
    }
    memcpy(heard->bytes + at, bytes, len);
    atomic_store(&heard->len, at + len);
}

static ssize_t read_some(struct conn *conn, char *ret, size_t size)
{
    ssize_t got =
        conn->ssl != NULL ? SSL_read(conn->ssl, ret, (int)size) : recv(conn->fd, ret, size, 0);

    if (got > 0) {
        note(conn->heard, ret, (size_t)got);
    }
    return got;
}

static bool read_exactly(struct conn *conn, char *ret, size_t len)
{
    while (len > 0) {
        ssize_t got = read_some(conn, ret, len);
        if (got <= 0) {
            return false;
        }
        ret += got;
        len -= (size_t)got;
    }
    return true;
}

static bool send_all(struct conn *conn, const char *bytes, size_t len, double until_ms)
{
    while (len > 0 && hpt_now_ms() < until_ms) {
        ssize_t sent = conn->ssl != NULL ? SSL_write(conn->ssl, bytes, (int)len)
                                         : send(conn->fd, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            /* The time limit of one call; with TLS, a record would have to be sent again. */
            if (conn->ssl == NULL && (errno == EAGAIN || errno == EINTR)) {
                continue;
            }
            return false;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
    return len == 0;
}

static bool send_now(struct conn *conn, const char *bytes, size_t len)
{
    return send_all(conn, bytes, len, hpt_now_ms() + CONNECTION_MS);
}

static bool flood(struct conn *conn, const char *bytes, size_t len)
{
    double until = hpt_now_ms() + FLOOD_MS;
    char block[16384];
    size_t filled = 0;
    size_t total = 0;

    /* In large blocks, or the peer would be busier than the probe. */
    while (filled + len <= sizeof block) {
        memcpy(block + filled, bytes, len);
        filled += len;
    }
    while (total < FLOOD_BYTES && hpt_now_ms() < until) {
        if (!send_all(conn, block, filled, until)) {
            return false;
        }
        total += filled;
    }
    return true;
}

static bool drip(struct conn *conn, const char *bytes, size_t len, int pause_ms)
{
    for (size_t i = 0; i < len; i++) {
        if (!send_now(conn, bytes + i, 1)) {
            return false;
        }
        hpt_sleep_ms(pause_ms);
    }
    return true;
}

static void stall(struct conn *conn)
{
    char buffer[4096];

    while (read_some(conn, buffer, sizeof buffer) > 0) {
        continue;
    }
}

static void freeze(const struct conn *conn)
{
    struct pollfd gone = {.fd = conn->fd, .events = POLLRDHUP};

    poll(&gone, 1, CONNECTION_MS);
}

static bool read_until(struct conn *conn, const char *text, size_t text_len)
{
    char seen[8192];
    size_t len = 0;

    while (memmem(seen, len, text, text_len) == NULL) {
        ssize_t got = len < sizeof seen ? read_some(conn, seen + len, sizeof seen - len) : 0;
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
    }
    return true;
}

/* --- TLS -------------------------------------------------------------------------------------- */

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

    if (file != NULL) {
        fclose(file);
    }
    return key;
}

static bool add_names(X509 *certificate, const char *name)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    const char *const all[] = {name, "elsewhere.example"};

    for (size_t i = 0; names != NULL && i < sizeof all / sizeof all[0]; i++) {
        GENERAL_NAME *one = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        if (one == NULL || text == NULL || ASN1_STRING_set(text, all[i], -1) != 1) {
            return false;
        }
        GENERAL_NAME_set0_value(one, GEN_DNS, text);
        sk_GENERAL_NAME_push(names, one);
    }
    return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1;
}

/* Signed by the usual authority, for any name: `openssl` accepts no leading spaces in one. */
static bool use_named(SSL_CTX *context, const char *name)
{
    const char *ca = hpt_certs()->ca;
    FILE *file = fopen(ca, "re");
    X509 *authority = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    EVP_PKEY *authority_key =
        read_key(hpt_strf("%.*s.key", (int)(strlen(ca) - strlen(".crt")), ca));
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();

    return authority != NULL && authority_key != NULL && key != NULL && certificate != NULL &&
           X509_set_version(certificate, 2) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), 3600) != NULL &&
           X509_set_issuer_name(certificate, X509_get_subject_name(authority)) == 1 &&
           X509_set_pubkey(certificate, key) == 1 && add_names(certificate, name) &&
           X509_sign(certificate, authority_key, EVP_sha256()) != 0 &&
           SSL_CTX_use_certificate(context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey(context, key) == 1;
}

static bool use_files(SSL_CTX *context, const struct step *step)
{
    const struct hpt_certs *certs = hpt_certs();
    const char *const pairs[][2] = {
        [CERT_GOOD] = {certs->server_cert, certs->server_key},
        [CERT_WRONG] = {certs->wrong_cert, certs->wrong_key},
        [CERT_EXPIRED] = {certs->expired_cert, certs->expired_key},
    };

    return SSL_CTX_use_certificate_file(context, pairs[step->cert][0], SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_use_PrivateKey_file(context, pairs[step->cert][1], SSL_FILETYPE_PEM) == 1;
}

static bool start_tls(struct conn *conn, const struct step *step)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context == NULL ||
        !(step->san != NULL ? use_named(context, step->san) : use_files(context, step))) {
        return false;
    }
    if (step->old_tls) {
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    }
    conn->ssl = SSL_new(context);
    SSL_CTX_free(context);
    return conn->ssl != NULL && SSL_set_fd(conn->ssl, conn->fd) == 1 && SSL_accept(conn->ssl) == 1;
}

static bool key_updates(struct conn *conn)
{
    double until = hpt_now_ms() + FLOOD_MS;

    while (hpt_now_ms() < until) {
        if (SSL_key_update(conn->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
            SSL_do_handshake(conn->ssl) != 1) {
            return false;
        }
    }
    return true;
}

/* --- Postgres --------------------------------------------------------------------------------- */

#define PG_TLS_QUESTION 80877103U
#define PG_GSS_QUESTION 80877104U

static bool pg_read_startup(struct conn *conn, unsigned *ret_code)
{
    unsigned char head[8];
    char rest[4096];

    if (!read_exactly(conn, (char *)head, sizeof head)) {
        return false;
    }
    unsigned len = (unsigned)head[0] << 24 | (unsigned)head[1] << 16 | (unsigned)head[2] << 8 |
                   (unsigned)head[3];
    *ret_code = (unsigned)head[4] << 24 | (unsigned)head[5] << 16 | (unsigned)head[6] << 8 |
                (unsigned)head[7];
    return len >= 8 && len - 8 <= sizeof rest && read_exactly(conn, rest, len - 8);
}

static bool pg_startup(struct conn *conn)
{
    unsigned code = 0;

    while (pg_read_startup(conn, &code)) {
        if (code != PG_TLS_QUESTION && code != PG_GSS_QUESTION) {
            return true;
        }
        if (!send_now(conn, "N", 1)) {
            return false;
        }
    }
    return false;
}

static bool pg_start_tls(struct conn *conn, const struct step *step)
{
    unsigned code = 0;

    return pg_read_startup(conn, &code) && code == PG_TLS_QUESTION && send_now(conn, "S", 1) &&
           start_tls(conn, step);
}

static bool pg_read(struct conn *conn)
{
    unsigned char head[5];
    char rest[4096];

    if (!read_exactly(conn, (char *)head, sizeof head)) {
        return false;
    }
    unsigned len = (unsigned)head[1] << 24 | (unsigned)head[2] << 16 | (unsigned)head[3] << 8 |
                   (unsigned)head[4];
    return len >= 4 && len - 4 <= sizeof rest && read_exactly(conn, rest, len - 4);
}

static bool pg_send(struct conn *conn, const struct step *step)
{
    char message[4096];
    unsigned len = step->lie != 0 ? step->lie : (unsigned)step->len + 4;

    if (step->len > sizeof message - 5) {
        return false;
    }
    message[0] = step->type;
    for (int i = 0; i < 4; i++) {
        message[1 + i] = (char)(len >> (24 - 8 * i) & 0xff);
    }
    memcpy(message + 5, step->bytes, step->len);
    return send_now(conn, message, step->len + 5);
}

/* The challenge must begin with the client's nonce. */
static bool pg_scram(struct conn *conn, unsigned long rounds)
{
    static const struct step method = PG_SEND('R', "\0\0\0\012SCRAM-SHA-256\0\0");
    size_t from = atomic_load(&conn->heard->len);
    char nonce[128] = "";

    if (!pg_send(conn, &method) || !pg_read(conn)) {
        return false;
    }
    const char *at =
        memmem(conn->heard->bytes + from, atomic_load(&conn->heard->len) - from, "r=", 2);
    if (at == NULL) {
        return false;
    }
    strncpy(nonce, at, sizeof nonce - 1);
    const char *text = hpt_strf("%sxyz,s=c2FsdHNhbHQ=,i=%lu", nonce, rounds);
    struct step challenge = {.type = 'R', .len = 4 + strlen(text)};
    char body[256] = {0, 0, 0, 11};
    if (challenge.len > sizeof body) {
        return false;
    }
    memcpy(body + 4, text, strlen(text));
    challenge.bytes = body;
    return pg_send(conn, &challenge) && pg_read(conn);
}

/* --- relay ------------------------------------------------------------------------------------ */

struct relay {
    struct conn *client;
    const struct step *step;
    size_t cut;
    int server;
    bool set_off;
    size_t passed; /* bytes of the server's since the trigger */
    char heard[8192];
    size_t heard_len;
};

static int connect_to(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0) {
            return fd;
        }
        close(fd);
    }
    return -1;
}

static void listen_for(struct relay *relay, const char *bytes, size_t len)
{
    const char *when = relay->step->when;

    if (relay->set_off || when == NULL) {
        return;
    }
    if (len > sizeof relay->heard - relay->heard_len) {
        len = sizeof relay->heard - relay->heard_len;
    }
    memcpy(relay->heard + relay->heard_len, bytes, len);
    relay->heard_len += len;
    if (memmem(relay->heard, relay->heard_len, when, strlen(when)) == NULL) {
        return;
    }
    relay->set_off = true;
    if (relay->step->action == RELAY_PAUSE) {
        hpt_sleep_ms(50); /* by now a server that forks for each connection has done so */
        hpt_proc_pause(relay->step->proc);
    }
}

/* Returns false when the client gets nothing more. */
static bool pass_spoilt(struct relay *relay, char *bytes, size_t len)
{
    const struct step *step = relay->step;
    size_t left = relay->cut - relay->passed;

    switch (step->action) {
    case RELAY_STALL:
        return true;
    case RELAY_DRIP:
        return drip(relay->client, bytes, len, step->ms);
    case RELAY_FLOOD:
        return flood(relay->client, step->bytes, step->len);
    case RELAY_FLIP: {
        size_t mark_len = strlen(step->mark);
        char *at = memmem(bytes, len, step->mark, mark_len);
        if (at != NULL && at + mark_len < bytes + len) {
            at[mark_len] = at[mark_len] == 'A' ? 'B' : 'A';
        }
        return send_now(relay->client, bytes, len);
    }
    case RELAY_CLOSE_AFTER:
    case RELAY_RESET_AFTER:
    case RELAY_STALL_AFTER:
        if (len < left) {
            relay->passed += len;
            return send_now(relay->client, bytes, len);
        }
        if (!send_now(relay->client, bytes, left)) {
            return false;
        }
        relay->passed += left;
        return step->action == RELAY_STALL_AFTER;
    case RELAY_PAUSE:
        break;
    }
    return send_now(relay->client, bytes, len);
}

static bool is_silent(enum relay_action action)
{
    return action == RELAY_STALL || action == RELAY_STALL_AFTER;
}

static bool relay_once(struct relay *relay)
{
    struct pollfd fds[2] = {
        {.fd = relay->client->fd, .events = POLLIN},
        {.fd = relay->server, .events = POLLIN},
    };
    char buffer[8192];

    if (poll(fds, 2, CONNECTION_MS) <= 0) {
        return false;
    }
    if (fds[0].revents != 0) {
        ssize_t got = read_some(relay->client, buffer, sizeof buffer);
        if (got <= 0) {
            return false;
        }
        listen_for(relay, buffer, (size_t)got);
        if (send(relay->server, buffer, (size_t)got, MSG_NOSIGNAL) < 0) {
            return false;
        }
    }
    if (fds[1].revents != 0) {
        ssize_t got = recv(relay->server, buffer, sizeof buffer, 0);
        if (got <= 0 && relay->set_off && is_silent(relay->step->action)) {
            stall(relay->client); /* the end of the server's stream is withheld too */
        }
        if (got <= 0) {
            return false;
        }
        return relay->set_off ? pass_spoilt(relay, buffer, (size_t)got)
                              : send_now(relay->client, buffer, (size_t)got);
    }
    return true;
}

static bool run_relay(struct conn *conn, const struct step *step)
{
    struct relay *relay = calloc(1, sizeof *relay);
    size_t cut = step->limit != CUT_AS_TOLD ? step->limit : atomic_load(&conn->heard->cut);
    bool cut_at_once = cut == 0 && step->when == NULL &&
                       (step->action == RELAY_CLOSE_AFTER || step->action == RELAY_RESET_AFTER);

    if (relay == NULL) {
        return false;
    }
    *relay =
        (struct relay){.client = conn, .step = step, .cut = cut, .set_off = step->when == NULL};
    relay->server = cut_at_once ? -1 : connect_to(*step->port);
    while (relay->server >= 0 && relay_once(relay)) {
        continue;
    }
    if (relay->server >= 0) {
        close(relay->server);
    }
    bool reset = relay->set_off && step->action == RELAY_RESET_AFTER;
    free(relay);
    return !reset;
}

/* --- script ----------------------------------------------------------------------------------- */

static void reset(struct conn *conn)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Unread bytes would turn the close into a reset and discard what was sent. */
static void part(struct conn *conn)
{
    struct pollfd ready = {.fd = conn->fd, .events = POLLIN};
    char buffer[4096];

    shutdown(conn->fd, SHUT_WR);
    for (int i = 0; i < 256 && poll(&ready, 1, 500) == 1; i++) {
        if (recv(conn->fd, buffer, sizeof buffer, 0) <= 0) {
            break;
        }
    }
}

/* Returns false at the end of the script. */
static bool do_step(struct conn *conn, const struct step *step)
{
    char buffer[4096];

    switch (step->op) {
    case STEP_END:
        part(conn);
        return false;
    case STEP_RESET:
        reset(conn);
        return false;
    case STEP_STALL:
        stall(conn);
        return false;
    case STEP_FREEZE:
        freeze(conn);
        return false;
    case STEP_WAIT:
        hpt_sleep_ms(step->ms);
        return true;
    case STEP_HALF_CLOSE:
        return shutdown(conn->fd, SHUT_WR) == 0;
    case STEP_SEND:
        for (size_t i = 0; i < step->limit; i++) {
            if (!send_now(conn, step->bytes, step->len)) {
                return false;
            }
        }
        return true;
    case STEP_DRIP:
        return drip(conn, step->bytes, step->len, step->ms);
    case STEP_FLOOD:
        return flood(conn, step->bytes, step->len);
    case STEP_READ:
        return read_some(conn, buffer, sizeof buffer) > 0;
    case STEP_READ_UNTIL:
        return read_until(conn, step->bytes, step->len);
    case STEP_TLS:
        return start_tls(conn, step);
    case STEP_TLS_KEY_UPDATES:
        return key_updates(conn);
    case STEP_TLS_CLOSE_NOTIFY:
        return SSL_shutdown(conn->ssl) >= 0;
    case STEP_PG_STARTUP:
        return pg_startup(conn);
    case STEP_PG_TLS:
        return pg_start_tls(conn, step);
    case STEP_PG_READ:
        return pg_read(conn);
    case STEP_PG_SEND:
        return pg_send(conn, step);
    case STEP_PG_SCRAM:
        return pg_scram(conn, step->limit);
    case STEP_RELAY:
        if (!run_relay(conn, step)) {
            reset(conn);
            return false;
        }
        part(conn);
        return false;
    }
    return false;
}

static void *serve_connection(void *arg)
{
    struct conn *conn = arg;
    struct timeval short_while = {.tv_usec = 200000};
    int on = 1;

    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(conn->fd, SOL_SOCKET, SO_SNDTIMEO, &short_while, sizeof short_while);
    for (const struct step *step = conn->steps; do_step(conn, step); step++) {
        continue;
    }
    SSL_free(conn->ssl);
    close(conn->fd);
    free(conn);
    return NULL;
}

static void serve(void *arg)
{
    const struct serve *serve = arg;

    for (;;) {
        pthread_t thread;
        int fd = accept4(serve->listener, NULL, NULL, SOCK_CLOEXEC);
        struct conn *conn = calloc(1, sizeof *conn);
        if (fd < 0 || conn == NULL) {
            _exit(1);
        }
        int before = atomic_fetch_add(&serve->heard->connections, 1);
        conn->fd = fd;
        conn->heard = serve->heard;
        conn->steps =
            before > 0 && serve->spec->later != NULL ? serve->spec->later : serve->spec->steps;
        if (pthread_create(&thread, NULL, serve_connection, conn) != 0) {
            _exit(1);
        }
        pthread_detach(thread);
    }
}

/* --- listening -------------------------------------------------------------------------------- */

static int unix_listener(struct peer *peer, const struct peer_spec *spec, struct sockaddr_un *ret)
{
    peer->dir = hpt_tmp_mkdir("peer", 0755);
    peer->path = hpt_strf("%s/%s", peer->dir, spec->socket);
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(peer->path) >= sizeof ret->sun_path) {
        hpt_fail("the path of a socket is too long: %s", peer->path);
    }
    memcpy(ret->sun_path, peer->path, strlen(peer->path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)ret, sizeof *ret) < 0) {
        hpt_fail("socket %s: %s", peer->path, strerror(errno));
    }
    return fd;
}

static int tcp_listener(struct peer *peer, const struct peer_spec *spec, int port)
{
    const char *host = spec->host != NULL ? spec->host : "127.0.0.1";
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at = {.v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)}};
    socklen_t len = sizeof at.v6;
    int on = 1;

    if (inet_pton(AF_INET6, host, &at.v6.sin6_addr) != 1) {
        at.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        len = sizeof at.v4;
        if (inet_pton(AF_INET, host, &at.v4.sin_addr) != 1) {
            hpt_fail("%s is not an address", host);
        }
    }
    int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && port != 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    if (fd < 0 || bind(fd, &at.any, len) < 0 || getsockname(fd, &at.any, &len) < 0) {
        hpt_fail("%s port %d: %s", host, port, strerror(errno));
    }
    peer->port = ntohs(at.v4.sin_port);
    return fd;
}

/*
 * The kernel accepts one more than the backlog; these connections stay open until the process ends.
 */
static void fill_backlog(int listener)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;

    if (getsockname(listener, (struct sockaddr *)&at, &len) < 0) {
        hpt_fail("getsockname: %s", strerror(errno));
    }
    for (int i = 0; i < 8; i++) {
        int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        if (fd < 0 || (connect(fd, (const struct sockaddr *)&at, len) < 0 &&
                       (errno != EINPROGRESS || poll(&ready, 1, 100) != 1))) {
            return;
        }
    }
    hpt_fail("the backlog does not fill");
}

void peer_start(struct peer *peer, const struct peer_spec *spec, int port)
{
    struct sockaddr_un un;
    struct serve arg = {.spec = spec};
    enum peer_door door = spec->steps != NULL ? DOOR_OPEN : spec->door;

    memset(peer, 0, sizeof *peer);
    peer->heard =
        mmap(NULL, sizeof *peer->heard, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (peer->heard == MAP_FAILED) {
        hpt_fail("mmap: %s", strerror(errno));
    }
    arg.heard = peer->heard;
    arg.listener =
        spec->socket != NULL ? unix_listener(peer, spec, &un) : tcp_listener(peer, spec, port);
    if (door == DOOR_SHUT) {
        return;
    }
    if (listen(arg.listener, door == DOOR_DROPPED ? 0 : 64) < 0) {
        hpt_fail("listen: %s", strerror(errno));
    }
    if (door == DOOR_DROPPED) {
        fill_backlog(arg.listener);
    }
    if (door != DOOR_OPEN) {
        return;
    }
    struct hpt_spawn spawn = {
        .name = "hostile-peer",
        .argv = HPT_LIST("hostile-peer"),
        .in_child = serve,
        .in_child_arg = &arg,
        .never_execs = true,
    };
    hpt_proc_start(&peer->proc, &spawn);
    close(arg.listener);
}

void peer_stop(struct peer *peer)
{
    /* It handles no signal, since it needs no orderly end. */
    hpt_proc_stop(&peer->proc);
}

bool peer_heard(const struct peer *peer, const char *text)
{
    return memmem(peer->heard->bytes, atomic_load(&peer->heard->len), text, strlen(text)) != NULL;
}
