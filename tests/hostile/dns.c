/* SPDX-License-Identifier: MIT */
#include "dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, HEADER_LEN = 12, PACKET_MAX = 512 };

struct server {
    const struct dns_spec *spec;
    int udp;
    int tcp;
};

struct packet {
    size_t len;
    unsigned char bytes[4096];
};

struct question {
    char name[256];
    unsigned type;
    size_t end; /* where it ends in the packet */
};

static bool read_question(struct question *ret, const unsigned char *bytes, size_t len)
{
    size_t at = HEADER_LEN;
    size_t to = 0;

    while (at < len && bytes[at] != 0) {
        size_t label = bytes[at];
        if (label > 63 || at + 1 + label >= len || to + label + 1 >= sizeof ret->name) {
            return false;
        }
        if (to > 0) {
            ret->name[to++] = '.';
        }
        memcpy(ret->name + to, bytes + at + 1, label);
        to += label;
        at += 1 + label;
    }
    if (at + 5 > len) {
        return false;
    }
    ret->name[to] = '\0';
    ret->type = (unsigned)bytes[at + 1] << 8 | bytes[at + 2];
    ret->end = at + 5;
    return true;
}

static void put(struct packet *packet, const void *bytes, size_t len)
{
    if (packet->len + len <= sizeof packet->bytes) {
        memcpy(packet->bytes + packet->len, bytes, len);
        packet->len += len;
    }
}

static void put_record(struct packet *packet, unsigned type, const void *data, size_t len)
{
    unsigned char head[12] = {0xc0, HEADER_LEN, 0, (unsigned char)type, 0, 1, 0, 0, 0, 60};

    head[10] = (unsigned char)(len >> 8);
    head[11] = (unsigned char)len;
    put(packet, head, sizeof head);
    put(packet, data, len);
    packet->bytes[7]++;
}

static void put_addresses(struct packet *packet, const struct dns_spec *spec, unsigned type)
{
    const char *const *addresses = type == TYPE_A ? spec->a_addresses : spec->aaaa_addresses;

    for (; *addresses != NULL; addresses++) {
        unsigned char binary[16];
        inet_pton(type == TYPE_A ? AF_INET : AF_INET6, *addresses, binary);
        put_record(packet, type, binary, type == TYPE_A ? 4 : 16);
    }
}

/* The header and the question, as at the start of every proper answer. */
static void begin(struct packet *packet, const unsigned char *query,
                  const struct question *question, unsigned code)
{
    packet->len = question->end;
    memcpy(packet->bytes, query, question->end);
    packet->bytes[2] = 0x84 | (query[2] & 1);
    packet->bytes[3] = (unsigned char)(0x80 | code);
    memset(packet->bytes + 6, 0, 6);
}

static void put_alias_chain(struct packet *packet)
{
    /* Each refers to the one before it, the first to itself. */
    for (int i = 0; packet->len < PACKET_MAX - 32; i++) {
        unsigned char alias[6] = {3, 'x', (unsigned char)('a' + i % 26), 'y', 0xc0, HEADER_LEN};
        put_record(packet, TYPE_CNAME, alias, sizeof alias);
    }
}

/* Returns false to send nothing. @by_tcp: a truncated answer is asked for again. */
static bool answer(struct packet *ret, const struct dns_spec *spec, const unsigned char *query,
                   size_t len, bool by_tcp)
{
    static const unsigned char loop[] = {0xc0, HEADER_LEN};
    struct question question;
    enum dns_answer how;

    if (len < HEADER_LEN || !read_question(&question, query, len)) {
        return false;
    }
    how = question.type == TYPE_AAAA ? spec->aaaa : spec->a;
    if (question.type != TYPE_A && question.type != TYPE_AAAA) {
        how = DNS_EMPTY;
    }
    if (spec->only != NULL && strcasecmp(question.name, spec->only) != 0) {
        how = DNS_NXDOMAIN;
    }
    begin(ret, query, &question, 0);
    switch (how) {
    case DNS_LATE:
        hpt_sleep_ms(250);
        put_addresses(ret, spec, question.type);
        break;
    case DNS_ADDRESSES:
        put_addresses(ret, spec, question.type);
        break;
    case DNS_EMPTY:
        break;
    case DNS_NXDOMAIN:
        ret->bytes[3] |= 3;
        break;
    case DNS_SERVFAIL:
        ret->bytes[3] |= 2;
        break;
    case DNS_REFUSED:
        ret->bytes[3] |= 5;
        break;
    case DNS_FORMERR:
        ret->bytes[5] = 0;
        ret->len = HEADER_LEN;
        ret->bytes[3] |= 1;
        break;
    case DNS_FORMERR_FULL:
        ret->bytes[3] |= 1;
        break;
    case DNS_SILENCE:
        return false;
    case DNS_GARBAGE:
        for (size_t i = HEADER_LEN; i < 300; i++) {
            ret->bytes[i] = (unsigned char)(i * 167 + 13);
        }
        memset(ret->bytes + 4, 0xff, 8);
        ret->len = 300;
        break;
    case DNS_SHORT:
        ret->len = 4;
        break;
    case DNS_WRONG_NUMBER:
        ret->bytes[0] ^= 0xff;
        put_addresses(ret, spec, question.type);
        break;
    case DNS_LOOP:
        for (int i = 0; i < 20; i++) {
            put_record(ret, TYPE_CNAME, loop, sizeof loop);
        }
        break;
    case DNS_COUNT_LIE:
        ret->bytes[6] = 3;
        ret->bytes[7] = 0xe8;
        break;
    case DNS_BY_TCP:
    case DNS_TCP_STALLS:
    case DNS_TCP_DRIPS:
        if (!by_tcp) {
            ret->bytes[2] |= 2;
        } else {
            put_addresses(ret, spec, question.type);
        }
        break;
    case DNS_CNAME_FLOOD:
        put_alias_chain(ret);
        break;
    case DNS_MANY:
        for (int i = 0; i < 40 && question.type == TYPE_A; i++) {
            put_record(ret, TYPE_A, (const unsigned char[]){127, 0, 1, (unsigned char)i}, 4);
        }
        put_addresses(ret, spec, question.type);
        break;
    }
    return true;
}

static bool read_fully(int fd, unsigned char *ret, size_t len)
{
    return recv(fd, ret, len, MSG_WAITALL) == (ssize_t)len;
}

static void serve_tcp(const struct server *server, int fd)
{
    struct packet reply;
    unsigned char query[PACKET_MAX];
    unsigned char head[2];
    bool drips = server->spec->a == DNS_TCP_DRIPS;

    if (server->spec->a == DNS_TCP_STALLS) {
        /* The probe's end closes it. */
        recv(fd, query, sizeof query, 0);
        recv(fd, query, sizeof query, 0);
        return;
    }
    while (read_fully(fd, head, 2)) {
        size_t len = (size_t)head[0] << 8 | head[1];
        if (len > sizeof query || !read_fully(fd, query, len) ||
            !answer(&reply, server->spec, query, len, true)) {
            return;
        }
        unsigned char framed[2 + sizeof reply.bytes];
        framed[0] = (unsigned char)(reply.len >> 8);
        framed[1] = (unsigned char)reply.len;
        memcpy(framed + 2, reply.bytes, reply.len);
        size_t step = drips ? 1 : reply.len + 2;
        for (size_t at = 0; at < reply.len + 2; at += step) {
            if (send(fd, framed + at, step, MSG_NOSIGNAL) < 0) {
                return;
            }
            hpt_sleep_ms(drips ? 100 : 0);
        }
    }
}

static void serve(void *arg)
{
    const struct server *server = arg;

    for (;;) {
        struct pollfd fds[2] = {{.fd = server->udp, .events = POLLIN},
                                {.fd = server->tcp, .events = POLLIN}};
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;
        struct packet reply;
        unsigned char query[PACKET_MAX];

        if (poll(fds, 2, -1) < 0) {
            continue;
        }
        if (fds[0].revents != 0) {
            ssize_t got =
                recvfrom(server->udp, query, sizeof query, 0, (struct sockaddr *)&from, &from_len);
            if (got > 0 && answer(&reply, server->spec, query, (size_t)got, false)) {
                sendto(server->udp, reply.bytes, reply.len, 0, (const struct sockaddr *)&from,
                       from_len);
            }
        }
        if (fds[1].revents != 0) {
            int fd = accept(server->tcp, NULL, NULL);
            if (fd >= 0) {
                serve_tcp(server, fd);
                close(fd);
            }
        }
    }
}

static int bound(int type, const char *host)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(53)};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, host, &at.sin_addr);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) < 0) {
        hpt_fail("port 53 of %s: %s", host, strerror(errno));
    }
    return fd;
}

void dns_start(struct hpt_proc *proc, const struct dns_spec *spec)
{
    const char *host = spec->at != NULL ? spec->at : "127.0.0.1";
    struct server server = {.spec = spec, .udp = bound(SOCK_DGRAM, host)};

    server.tcp = bound(SOCK_STREAM, host);
    if (listen(server.tcp, 16) < 0) {
        hpt_fail("listen: %s", strerror(errno));
    }
    struct hpt_spawn spawn = {
        .name = "hostile-dns",
        .argv = HPT_LIST("hostile-dns"),
        .in_child = serve,
        .in_child_arg = &server,
        .never_execs = true,
    };
    hpt_proc_start(proc, &spawn);
    close(server.udp);
    close(server.tcp);
}
