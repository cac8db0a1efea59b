// SPDX-License-Identifier: MIT
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../hostile/box.h"
#include "../hostile/dns.h"
#include "common.h"
#include "name_server.h"
#include "net.h"
#include "probe.h"

/*
 * Name resolution with real name servers, compared with this machine's glibc on the same files, in
 * a separate network and /etc. The addresses found are those that the probe tries to connect to.
 * Nobody listens there, so it tries all of them.
 */

#define PORT 9000 /* where nobody listens */

/* Name servers. */
#define ALL     "nameserver 127.0.53.1\n" /* NSD with the zones below */
#define OTHER   "nameserver 127.0.53.2\n" /* NSD that denies what is in "test." */
#define SMALL   "nameserver 127.0.53.3\n" /* dnsmasq */
#define MUTE    "nameserver 127.0.53.4\n" /* receives queries but never answers */
#define NOBODY  "nameserver 127.0.53.5\n"
#define BY_IPV6 "nameserver fd00::53\n" /* NSD, the first */
#define BRIEF   "options timeout:1 attempts:1\n"

#define NO_DROPPED  "nameserver 127.0.53.11\n" /* answers A, and drops, refuses, … AAAA */
#define NO_REFUSED  "nameserver 127.0.53.12\n"
#define NO_NXDOMAIN "nameserver 127.0.53.13\n"
#define NO_SERVFAIL "nameserver 127.0.53.14\n"

#define NO_A        "nameserver 127.0.53.15\n" /* A is NXDOMAIN; AAAA is answered, dropped, … */
#define NX_DROPPED  "nameserver 127.0.53.16\n"
#define NX_SERVFAIL "nameserver 127.0.53.17\n"

#define LATE         "nameserver 127.0.53.18\n" /* answers after 250 ms */
#define FORMERR      "nameserver 127.0.53.19\n" /* a header alone */
#define FORMERR_FULL "nameserver 127.0.53.20\n" /* with the question */
#define STRAY        "nameserver 127.0.53.21\n" /* to another question */

static struct hpt_proc servers[16];

static const char *many_addresses(const char *name, int subnet, int n)
{
    const char *records = "";

    for (int i = 1; i <= n; i++) {
        records = hpt_strf("%s%s A 127.0.%d.%d\n", records, name, subnet, i);
    }
    return records;
}

static void start_nsd(void)
{
    const char *records = hpt_strf("svc A 127.0.0.11\n"
                                   "svc AAAA fd00::11\n"
                                   "four A 127.0.0.12\n"
                                   "six AAAA fd00::12\n"
                                   "two A 127.0.0.13\n"
                                   "two A 127.0.0.14\n"
                                   "my_service_1 A 127.0.0.15\n"
                                   "only A 127.0.0.16\n"
                                   "text TXT \"no address\"\n"
                                   "svc.found A 127.0.0.21\n"
                                   "svc.nodata TXT \"no address\"\n"
                                   "svc.dangling CNAME nowhere.else.\n"
                                   "a.b.found A 127.0.0.22\n"
                                   "alias CNAME second\n"
                                   "second CNAME third\n"
                                   "third CNAME two\n"
                                   "dangling CNAME nowhere\n"
                                   "outside CNAME svc.elsewhere.\n"
                                   "circle CNAME back\n"
                                   "back CNAME circle\n"
                                   "%s",
                                   many_addresses("many", 60, 60));
    const struct hpt_zone all[] = {{"test", records}, {"broken.test", NULL}, {NULL, NULL}};
    const struct hpt_zone other[] = {{"test", "only.other A 127.0.0.31\n"},
                                     {"broken.test", "svc A 127.0.0.32\n"},
                                     {"elsewhere", "svc A 127.0.0.33\n"},
                                     {NULL, NULL}};

    hpt_nsd_start(&servers[0], HPT_LIST("127.0.53.1", "127.0.0.1", "fd00::53"), all);
    hpt_nsd_start(&servers[1], HPT_LIST("127.0.53.2"), other);
}

/* Behaviour of no real server. */
static void start_refusers(void)
{
    static const struct dns_spec specs[] = {
        {.at = "127.0.53.11", .aaaa = DNS_SILENCE, .a_addresses = {"127.0.0.41"}},
        {.at = "127.0.53.12", .aaaa = DNS_REFUSED, .a_addresses = {"127.0.0.42"}},
        {.at = "127.0.53.13", .aaaa = DNS_NXDOMAIN, .a_addresses = {"127.0.0.43"}},
        {.at = "127.0.53.14", .aaaa = DNS_SERVFAIL, .a_addresses = {"127.0.0.44"}},
        {.at = "127.0.53.15", .a = DNS_NXDOMAIN, .aaaa_addresses = {"fd00::45"}},
        {.at = "127.0.53.16", .a = DNS_NXDOMAIN, .aaaa = DNS_SILENCE},
        {.at = "127.0.53.17", .a = DNS_NXDOMAIN, .aaaa = DNS_SERVFAIL},
        {.at = "127.0.53.18",
         .a = DNS_LATE,
         .aaaa = DNS_LATE,
         .a_addresses = {"127.0.0.48"},
         .aaaa_addresses = {"fd00::48"}},
        {.at = "127.0.53.19", .a = DNS_FORMERR, .aaaa = DNS_FORMERR},
        {.at = "127.0.53.20", .a = DNS_FORMERR_FULL, .aaaa = DNS_FORMERR_FULL},
        {.at = "127.0.53.21",
         .a = DNS_WRONG_NUMBER,
         .aaaa = DNS_WRONG_NUMBER,
         .a_addresses = {"127.0.0.50"},
         .aaaa_addresses = {"fd00::50"}},
    };

    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        dns_start(&servers[3 + i], &specs[i]);
    }
}

static void start_servers(void)
{
    struct sockaddr_in mute = {.sin_family = AF_INET, .sin_port = htons(53)};

    /* An unprivileged user is root there, and there is no other user. */
    const char *users =
        geteuid() == 0 ? hpt_read_file("/etc/passwd", NULL) : "nobody:x:0:0::/:/bin/false\n";

    box_enter(&(const struct box){.hosts = "", .resolv = ""});
    hpt_write_file("/etc/passwd", users, 0644);
    hpt_write_file("/etc/nsswitch.conf", "hosts: files dns\n", 0644);
    hpt_write_file("/etc/host.conf", "multi on\n", 0644);
    hpt_proc_must(HPT_LIST("ip", "-6", "route", "add", "local", "fd00::/16", "dev", "lo"), false);
    hpt_proc_must(HPT_LIST("ip", "addr", "add", "fd00::53/128", "dev", "lo"), false);
    start_nsd();
    hpt_dnsmasq_start(&servers[2], "127.0.53.3",
                      HPT_LIST("--host-record=small.test,127.0.0.51", "--local=/test/",
                               "--host-record=both.test,127.0.0.52,fd00::52"));
    start_refusers();
    /* Stays open, but nobody reads from it. */
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, "127.0.53.4", &mute.sin_addr);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&mute, sizeof mute) < 0) {
        hpt_fail("the mute name server: %s", strerror(errno));
    }
}

/* --- addresses: text, a space after each, IPv4 first, sorted ---------------------------------- */

struct found {
    char items[2][128][INET6_ADDRSTRLEN]; /* IPv4, IPv6 */
    size_t counts[2];
};

static void add(struct found *found, int family, const void *bytes)
{
    int which = family == AF_INET6;
    char text[INET6_ADDRSTRLEN];

    inet_ntop(family, bytes, text, sizeof text);
    for (size_t i = 0; i < found->counts[which]; i++) {
        if (strcmp(found->items[which][i], text) == 0) {
            return;
        }
    }
    if (found->counts[which] < 128) {
        strcpy(found->items[which][found->counts[which]++], text);
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static const char *text_of(struct found *found)
{
    const char *text = "";

    for (int which = 0; which < 2; which++) {
        qsort(found->items[which], found->counts[which], INET6_ADDRSTRLEN, compare);
        for (size_t i = 0; i < found->counts[which]; i++) {
            text = hpt_strf("%s%s ", text, found->items[which][i]);
        }
    }
    return text;
}

/* One family after the other, as the probe queries name servers; both at once for hosts. */
static const char *by_glibc(const char *host, bool both_at_once)
{
    static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6};
    static struct found found;

    for (int i = both_at_once ? 0 : 1; i < (both_at_once ? 1 : 3); i++) {
        struct addrinfo hints = {.ai_family = families[i], .ai_socktype = SOCK_STREAM};
        struct addrinfo *list = NULL;
        if (getaddrinfo(host, NULL, &hints, &list) != 0) {
            continue;
        }
        for (struct addrinfo *info = list; info != NULL; info = info->ai_next) {
            struct sockaddr_in6 in6;
            struct sockaddr_in in;
            if (info->ai_family == AF_INET) {
                memcpy(&in, info->ai_addr, sizeof in);
                add(&found, AF_INET, &in.sin_addr);
            } else {
                memcpy(&in6, info->ai_addr, sizeof in6);
                add(&found, AF_INET6, &in6.sin6_addr);
            }
        }
        freeaddrinfo(list);
    }
    return text_of(&found);
}

/* Capture loopback traffic from now on. */
static int listen_to_wire(void)
{
    int size = 4 << 20;
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));

    if (fd < 0) {
        hpt_fail("packets of loopback can't be seen: %s", strerror(errno));
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    return fd;
}

/* The captured traffic: addresses tried at PORT, and name servers queried. */
struct wire {
    struct found tried;
    char asked[1024]; /* "1:A 1:AAAA ": the last part of the server's address and the type */
};

static void note_packet(struct wire *wire, const unsigned char *packet)
{
    bool v6 = packet[0] >> 4 == 6;
    const unsigned char *to = packet + (v6 ? 24 : 16);
    const unsigned char *inner = packet + (v6 ? 40 : (packet[0] & 15) * 4);
    unsigned protocol = v6 ? packet[6] : packet[9];
    int port = inner[2] << 8 | inner[3];

    if (protocol == IPPROTO_TCP && port == PORT && (inner[13] & 0x12) == 0x02) {
        add(&wire->tried, v6 ? AF_INET6 : AF_INET, to);
    } else if (protocol == IPPROTO_UDP && port == 53) {
        const unsigned char *name = inner + 8 + 12;
        size_t len = strlen(wire->asked);
        snprintf(wire->asked + len, sizeof wire->asked - len, "%d:%s ", to[v6 ? 15 : 3],
                 name[strlen((const char *)name) + 2] == 1 ? "A" : "AAAA");
    }
}

/* Closes @fd. */
static void read_wire(struct wire *ret, int fd)
{
    unsigned char packet[512] = {0};
    struct sockaddr_ll from;
    socklen_t len = sizeof from;

    memset(ret, 0, sizeof *ret);
    while (recvfrom(fd, packet, sizeof packet - 1, MSG_DONTWAIT, (struct sockaddr *)&from, &len) >
           0) {
        if (from.sll_pkttype != PACKET_OUTGOING) {
            note_packet(ret, packet);
        }
        len = sizeof from;
    }
    close(fd);
}

/* --- cases ------------------------------------------------------------------------------------ */

#define FOUR_DOMAINS(letter)                                                                       \
    " " letter "1.found.test " letter "2.found.test " letter "3.found.test " letter "4.found.test"
#define LONG_DOMAIN(letter)                                                                        \
    " " letter letter letter letter letter letter letter letter letter letter letter letter letter \
        letter letter letter letter letter letter letter letter letter letter letter letter letter \
            letter letter letter letter letter letter ".found.test"

static const struct {
    const char *title;
    const char *host;
    const char *resolv; /* NULL: no such file */
    const char *found;  /* NULL: nothing */
    const char *error;  /* the expected error message */
    const char *hosts;
    const char *hostname;
    bool unasked; /* no name server is queried */
    bool ours;    /* glibc finds nothing: the contract promises more */
    double within_ms;
} cases[] = {
    {"a name", "svc.test", ALL, .found = "127.0.0.11 fd00::11 "},
    {"two addresses", "two.test", ALL, .found = "127.0.0.13 127.0.0.14 "},
    {"IPv4 alone", "four.test", ALL, .found = "127.0.0.12 "},
    {"IPv6 alone", "six.test", ALL, .found = "fd00::12 "},
    {"letters in another case", "SVC.Test", ALL, .found = "127.0.0.11 fd00::11 "},
    {"an underscore", "my_service_1.test", ALL, .found = "127.0.0.15 "},
    {"a dot at the end", "svc.test.", ALL "search found.test\n", .found = "127.0.0.11 fd00::11 "},
    {"no such name", "no.test", ALL, .error = "the name does not exist"},
    {"a name without an address", "text.test", ALL, .error = "the name has no address"},
    {"a name server by IPv6", "svc.test", BY_IPV6, .found = "127.0.0.11 fd00::11 "},
    {"no resolv.conf", "svc.test", NULL, .found = "127.0.0.11 fd00::11 "},
    {"an empty resolv.conf", "svc.test", "", .found = "127.0.0.11 fd00::11 "},
    {"dnsmasq", "both.test", SMALL, .found = "127.0.0.52 fd00::52 "},
    {"dnsmasq, IPv4 alone", "small.test", SMALL, .found = "127.0.0.51 "},
    {"dnsmasq, no such name", "no.test", SMALL, .error = "the name does not exist"},

    /* Servers: the first answer counts, a denial included. */
    {"the second server denies", "only.test", ALL OTHER, .found = "127.0.0.16 "},
    {"the second server denies, dnsmasq", "only.test", ALL SMALL, .found = "127.0.0.16 "},
    {"the first server denies", "only.test", OTHER ALL, .error = "the name does not exist"},
    {"the first server denies, dnsmasq", "only.test", SMALL ALL,
     .error = "the name does not exist"},
    {"the first server is mute", "svc.test", MUTE ALL BRIEF, .found = "127.0.0.11 fd00::11 "},
    {"the first server is not there", "svc.test", NOBODY ALL, .found = "127.0.0.11 fd00::11 ",
     .within_ms = 1000},
    {"two servers are not there", "svc.test", "nameserver 127.0.53.6\n" NOBODY ALL,
     .found = "127.0.0.11 fd00::11 ", .within_ms = 1000},
    {"a fourth server", "svc.test", NOBODY "nameserver 127.0.53.6\nnameserver 127.0.53.7\n" ALL,
     .error = "name servers 127.0.53.5, 127.0.53.6, 127.0.53.7 cannot be reached",
     .within_ms = 1000},
    {"the first server has SERVFAIL", "svc.broken.test", ALL OTHER, .found = "127.0.0.32 ",
     .within_ms = 1000},
    {"the first server has REFUSED", "svc.elsewhere", ALL OTHER, .found = "127.0.0.33 ",
     .within_ms = 1000},
    {"dnsmasq refuses", "svc.elsewhere", SMALL OTHER, .found = "127.0.0.33 ", .within_ms = 1000},
    {"SERVFAIL", "svc.broken.test", ALL, .error = "name server 127.0.53.1 answered SERVFAIL",
     .within_ms = 1000},
    {"REFUSED", "svc.elsewhere", ALL SMALL,
     .error = "name servers 127.0.53.1, 127.0.53.3 answered REFUSED", .within_ms = 1000},
    {"SERVFAIL and silence", "svc.broken.test", MUTE ALL BRIEF,
     .error = "name server 127.0.53.1 answered SERVFAIL"},
    {"silence", "svc.test", MUTE BRIEF, .error = "no answer from name server 127.0.53.4"},
    {"rotated", "svc.test", "options rotate\n" ALL BY_IPV6, .found = "127.0.0.11 fd00::11 "},

    /* Families. */
    {"AAAA is dropped", "svc.test", NO_DROPPED BRIEF, .found = "127.0.0.41 "},
    {"AAAA is REFUSED", "svc.test", NO_REFUSED, .found = "127.0.0.42 "},
    {"AAAA is NXDOMAIN", "svc.test", NO_NXDOMAIN, .found = "127.0.0.43 "},
    {"AAAA is SERVFAIL", "svc.test", NO_SERVFAIL, .found = "127.0.0.44 "},
    {"A is NXDOMAIN", "svc.test", NO_A, .found = "fd00::45 "},
    {"A is NXDOMAIN, and AAAA dropped", "svc.test", NX_DROPPED BRIEF,
     .error = "the name does not exist"},
    {"A is NXDOMAIN, and AAAA SERVFAIL", "svc.test", NX_SERVFAIL,
     .error = "the name does not exist"},
    {"AAAA is not wanted", "svc.test", ALL "options no-aaaa\n", .found = "127.0.0.11 "},

    /* The search list. */
    {"in a domain", "svc", ALL "search found.test\n", .found = "127.0.0.21 "},
    {"in the second domain", "svc", ALL "search no.test found.test\n", .found = "127.0.0.21 "},
    {"in the root", "svc.test", ALL "search . found.test\noptions ndots:3\n",
     .found = "127.0.0.11 fd00::11 "},
    {"domain after search", "svc", ALL "search no.test\ndomain found.test\n",
     .found = "127.0.0.21 "},
    {"search after domain", "svc", ALL "domain found.test\nsearch no.test\n",
     .error = "name server 127.0.53.1 answered REFUSED"},
    {"the host's own domain", "svc", ALL, .found = "127.0.0.21 ", .hostname = "web.found.test"},
    {"a domain has SERVFAIL", "svc", ALL "search broken.test found.test\n", .found = "127.0.0.21 ",
     .within_ms = 1000},
    {"a domain has REFUSED", "svc", ALL "search elsewhere found.test\n", .found = "127.0.0.21 ",
     .ours = true, .within_ms = 1000},
    {"a domain has no data", "svc", ALL "search nodata.test found.test\n", .found = "127.0.0.21 "},
    {"a domain has an alias that leads nowhere", "svc", ALL "search dangling.test found.test\n",
     .error = "the name has no address"},
    {"a domain has SERVFAIL, and none has the name", "svc", ALL "search broken.test no.test\n",
     .error = "name server 127.0.53.1 answered SERVFAIL", .within_ms = 1000},
    {"more than 256 bytes", "svc",
     ALL "search" LONG_DOMAIN("a") LONG_DOMAIN("b") LONG_DOMAIN("c") LONG_DOMAIN("d")
         LONG_DOMAIN("e") LONG_DOMAIN("f") LONG_DOMAIN("g") " found.test\n",
     .found = "127.0.0.21 "},
    {"the last of twenty-one domains", "svc",
     ALL "search" FOUR_DOMAINS("a") FOUR_DOMAINS("b") FOUR_DOMAINS("c") FOUR_DOMAINS("d")
         FOUR_DOMAINS("e") " found.test\n",
     .found = "127.0.0.21 "},
    {"ndots:0", "svc", ALL "search found.test\noptions ndots:0\n", .found = "127.0.0.21 "},
    {"ndots:1, as it is first", "svc.test", ALL "search found.test\n",
     .found = "127.0.0.11 fd00::11 "},
    {"ndots:1, then the domain", "a.b", ALL "search found.test\n", .found = "127.0.0.22 "},
    {"ndots:5, the domain first", "a.b", ALL "search found.test\noptions ndots:5\n",
     .found = "127.0.0.22 "},
    {"ndots:5, then as it is", "svc.test", ALL "search found.test\noptions ndots:5\n",
     .found = "127.0.0.11 fd00::11 "},
    {"a mute server delays a search once", "svc",
     MUTE ALL "search a.test b.test found.test\n" BRIEF, .found = "127.0.0.21 ", .within_ms = 1700},

    /* Answers. */
    {"an alias of an alias", "alias.test", ALL, .found = "127.0.0.13 127.0.0.14 "},
    {"an alias that leads nowhere", "dangling.test", ALL, .error = "the name does not exist"},
    {"an alias that leads outside", "outside.test", ALL, .error = "the name has no address"},
    {"aliases of each other", "circle.test", ALL, .error = "the name has no address"},
    {"sixty addresses, by TCP", "many.test", ALL, .found = "60"},
    {"sixty addresses, by UDP", "many.test", ALL "options edns0\n", .found = "60"},
    {"FORMERR, a header alone", "svc.test", FORMERR BRIEF "options edns0\n",
     .error = "name server 127.0.53.19 answered FORMERR", .within_ms = 500},
    {"FORMERR, a header alone, and a second server", "svc.test", FORMERR ALL BRIEF,
     .found = "127.0.0.11 fd00::11 ", .within_ms = 500},
    {"FORMERR with the question", "svc.test", FORMERR_FULL ALL,
     .error = "name server 127.0.53.20 answered FORMERR", .within_ms = 500},
    {"always by TCP", "svc.test", ALL "options use-vc\n", .found = "127.0.0.11 fd00::11 "},

    /* The hosts file. */
    {"in hosts", "svc.test", ALL, .found = "127.0.0.61 127.0.0.62 fd00::61 ",
     .hosts = "127.0.0.61 other SVC.test\n127.0.0.62 svc.test\nfd00::61 svc.test # fd00::62 x\n",
     .unasked = true},
    {"in hosts for IPv4 alone", "svc.test", ALL, .found = "127.0.0.61 ",
     .hosts = "127.0.0.61 svc.test\n", .unasked = true},
    {"in hosts for IPv6 alone", "svc.test", ALL, .found = "fd00::61 ",
     .hosts = "fd00::61 svc.test\n", .unasked = true},
    {"in hosts as ::1", "svc.test", ALL, .found = "::1 ", .hosts = "::1 svc.test\n",
     .unasked = true},
    {"in hosts with a zone", "svc.test", ALL, .found = "127.0.0.11 fd00::11 ",
     .hosts = "fd00::61%lo svc.test\n"},
    {"in hosts without a dot at the end", "svc.test.", ALL, .found = "127.0.0.11 fd00::11 ",
     .hosts = "127.0.0.61 svc.test\n"},
    {"in hosts alone", "db", ALL "search found.test\n", .found = "127.0.0.61 ",
     .hosts = "127.0.0.61 db\n", .unasked = true},

    /* Literals. */
    {"a literal", "127.0.0.71", MUTE, .found = "127.0.0.71 ", .within_ms = 1000},
    {"a short literal", "127.71", MUTE, .found = "127.0.0.71 ", .within_ms = 1000},
    {"what only looks like one", "1.2.3.4.5", ALL,
     .error = "name server 127.0.53.1 answered REFUSED"},
    {"no host name", "-x.test", ALL, .error = "not a valid host name"},
};

static void set_up(int i)
{
    hpt_write_file("/etc/hosts", cases[i].hosts != NULL ? cases[i].hosts : "", 0644);
    unlink("/etc/resolv.conf");
    if (cases[i].resolv != NULL) {
        hpt_write_file("/etc/resolv.conf", cases[i].resolv, 0644);
    }
    if (cases[i].hostname != NULL &&
        (unshare(CLONE_NEWUTS) < 0 || sethostname(cases[i].hostname, strlen(cases[i].hostname)))) {
        hpt_fail("the host's name: %s", strerror(errno));
    }
}

static const char *expected(int i)
{
    static struct found found;

    if (cases[i].found == NULL || strcmp(cases[i].found, "60") != 0) {
        return cases[i].found != NULL ? cases[i].found : "";
    }
    for (unsigned last = 1; last <= 60; last++) {
        add(&found, AF_INET, (const unsigned char[]){127, 0, 60, (unsigned char)last});
    }
    return text_of(&found);
}

/* The kinds take turns: they all resolve alike. */
static const char *const kinds[] = {"http", "database", "redis"};

static void probe(struct hpt_run *run, const char *host, int kind)
{
    const char *const urls[] = {hpt_strf("http://%s:%d/", host, PORT),
                                hpt_strf("postgresql://app@%s:%d/app", host, PORT),
                                hpt_strf("redis://%s:%d", host, PORT)};

    hpt_probe(run, HPT_NONE,
              HPT_LIST("--check", kinds[kind], hpt_strf("--%s", kinds[kind]), urls[kind],
                       "--timeout", "8s"));
}

static const char *reason_of(int i)
{
    if (cases[i].found != NULL) {
        return "refused";
    }
    return strncmp(cases[i].error, "no answer", 9) == 0 ? "timeout" : "dns";
}

START_TEST(a_name_resolves_as_glibc_resolves_it)
{
    static struct wire seen;
    int kind = _i % 3;
    struct hpt_run run;

    set_up(_i);
    const char *glibcs = by_glibc(cases[_i].host, cases[_i].hosts != NULL);
    ck_assert_msg(strcmp(glibcs, cases[_i].ours ? "" : expected(_i)) == 0, "%s: glibc finds %s",
                  cases[_i].title, glibcs);
    int wire = listen_to_wire();
    probe(&run, cases[_i].host, kind);
    read_wire(&seen, wire);
    const char *addresses = text_of(&seen.tried);
    ck_assert_msg(strcmp(addresses, expected(_i)) == 0, "%s: %s tries %s", cases[_i].title,
                  kinds[kind], addresses);
    ck_assert_msg(!cases[_i].unasked || seen.asked[0] == '\0', "%s: asked %s", cases[_i].title,
                  seen.asked);
    HPT_OK(hpt_is_down(&run, kinds[kind], reason_of(_i), cases[_i].found != NULL ? NULL : "*"));
    if (cases[_i].error != NULL) {
        HPT_OK(hpt_is_text(&run, hpt_strf("checks.%s.error", kinds[kind]), cases[_i].error));
    }
    if (cases[_i].within_ms > 0) {
        ck_assert_double_lt(run.wall_ms, cases[_i].within_ms + HPT_OVERSHOOT_MS);
    }
}
END_TEST

/* Two hosts, one after the other in one run. */
static void probe_hosts(struct hpt_run *run, const char *hosts, const char *timeout)
{
    hpt_probe(run, HPT_NONE,
              HPT_LIST("--check", "database", "--database",
                       hpt_strf("postgresql://app@%s/app", hosts), "--timeout", timeout));
}

START_TEST(a_silent_server_is_asked_last_for_the_rest_of_the_run)
{
    static struct wire seen;
    struct hpt_run run;

    hpt_write_file("/etc/resolv.conf", MUTE ALL, 0644);
    int wire = listen_to_wire();
    probe_hosts(&run, "no.test:9000,svc.test:9000", "4s");
    read_wire(&seen, wire);
    ck_assert_str_eq(seen.asked, "4:A 1:A 1:AAAA 1:A 1:AAAA ");
    ck_assert_str_eq(text_of(&seen.tried), "127.0.0.11 fd00::11 ");
    /* The silent server's share is a quarter of the first host's half. */
    ck_assert_double_lt(run.wall_ms, 1000 + HPT_OVERSHOOT_MS);
}
END_TEST

START_TEST(a_server_silent_about_aaaa_is_asked_first_for_a)
{
    static struct wire seen;
    struct hpt_run run;

    hpt_write_file("/etc/resolv.conf", NO_DROPPED OTHER BRIEF, 0644);
    int wire = listen_to_wire();
    probe_hosts(&run, "one.test:9000,two.test:9000", "8s");
    read_wire(&seen, wire);
    ck_assert_str_eq(seen.asked, "11:A 11:AAAA 2:AAAA 11:A 2:AAAA ");
    HPT_OK(hpt_is_down(&run, "database", "refused", NULL));
}
END_TEST

/* glibc would wait for another answer while the server keeps the connection open. */
START_TEST(a_tcp_answer_to_another_question_moves_on_to_the_next_server)
{
    static struct wire seen;
    struct hpt_run run;

    hpt_write_file("/etc/resolv.conf", STRAY ALL "options use-vc\n", 0644);
    int wire = listen_to_wire();
    probe(&run, "svc.test", 0);
    read_wire(&seen, wire);
    ck_assert_str_eq(text_of(&seen.tried), "127.0.0.11 fd00::11 ");
    ck_assert_double_lt(run.wall_ms, 1000 + HPT_OVERSHOOT_MS);
}
END_TEST

START_TEST(a_silent_server_leaves_time_for_the_next)
{
    static struct wire seen;
    struct hpt_run run;

    hpt_write_file("/etc/resolv.conf", MUTE ALL, 0644);
    int wire = listen_to_wire();
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--redis", hpt_strf("redis://svc.test:%d", PORT), "--timeout", "1200ms",
                       "--check", "redis"));
    read_wire(&seen, wire);
    HPT_OK(hpt_is_down(&run, "redis", "refused", NULL));
    ck_assert_str_eq(seen.asked, "4:A 1:A 1:AAAA ");
}
END_TEST

START_TEST(a_server_without_time_to_answer_is_not_silent)
{
    static struct wire seen;
    struct hpt_run run;

    hpt_write_file("/etc/resolv.conf", LATE OTHER, 0644);
    int wire = listen_to_wire();
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("full", "--http", hpt_strf("http://svc.test:%d/", PORT), "--redis",
                       hpt_strf("redis://svc.test:%d", PORT), "--check", "http,redis", "--timeout",
                       "8s", "--redis-timeout", "40ms"));
    read_wire(&seen, wire);
    HPT_OK(hpt_is_down(&run, "http", "refused", NULL));
    ck_assert_str_eq(text_of(&seen.tried), "127.0.0.48 fd00::48 ");
}
END_TEST

static const struct {
    const char *timeout;
    double within_ms;
} denied[] = {{"8s", 1000}, {"800ms", 400}};

START_TEST(a_denied_a_query_does_not_wait_to_the_end_for_aaaa)
{
    struct hpt_run run;

    hpt_write_file("/etc/resolv.conf", NX_DROPPED, 0644);
    hpt_probe(&run, HPT_NONE,
              HPT_LIST("--redis", hpt_strf("redis://svc.test:%d", PORT), "--timeout",
                       denied[_i].timeout, "--check", "redis"));
    HPT_OK(hpt_is_down(&run, "redis", "dns", "*"));
    HPT_OK(hpt_is_text(&run, "checks.redis.error", "the name does not exist"));
    ck_assert_double_lt(run.wall_ms, denied[_i].within_ms + HPT_OVERSHOOT_MS);
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "names", 60);

    tcase_add_loop_test(tc, a_name_resolves_as_glibc_resolves_it, 0, HPT_COUNT(cases));
    tcase_add_test(tc, a_silent_server_is_asked_last_for_the_rest_of_the_run);
    tcase_add_test(tc, a_server_silent_about_aaaa_is_asked_first_for_a);
    tcase_add_test(tc, a_tcp_answer_to_another_question_moves_on_to_the_next_server);
    tcase_add_test(tc, a_silent_server_leaves_time_for_the_next);
    tcase_add_test(tc, a_server_without_time_to_answer_is_not_silent);
    tcase_add_loop_test(tc, a_denied_a_query_does_not_wait_to_the_end_for_aaaa, 0,
                        HPT_COUNT(denied));
}

int main(void)
{
    return hpt_main("names", start_servers, build, true);
}
