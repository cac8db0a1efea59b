// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "certs.h"
#include "common.h"
#include "mounts.h"
#include "probe.h"
#include "service.h"

/*
 * A probe without memory, descriptors or random bytes cannot verify a certificate and must not call
 * it bad: a check with TLS is then either up or `internal`.
 */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;

static const char *const kinds[] = {"http", "database", "redis"};

static const char *target(const char *kind)
{
    if (strcmp(kind, "http") == 0) {
        return hpt_strf("https://127.0.0.1:%d/health", nginx.tls_port);
    }
    if (strcmp(kind, "database") == 0) {
        return hpt_strf("postgresql://app:%s@127.0.0.1:%d/app?sslmode=verify-full", HPT_PG_PASSWORD,
                        pg.port);
    }
    return hpt_strf("rediss://127.0.0.1:%d", redis.tls_port);
}

#define ALL_KINDS                                                                                  \
    "--http", target("http"), "--database", target("database"), "--redis", target("redis")

/* Each check is up or internal, unless the probe could not even start. Returns how many were up. */
static int up_or_internal(struct hpt_run *run, int checks)
{
    int up = 0;
    json_t *all, *check;
    const char *name;

    HPT_OK(hpt_is_report(run));
    all = hpt_get(run, "checks");
    if (all == NULL) {
        const char *reason = json_string_value(hpt_get(run, "error.reason"));
        ck_assert_msg(strcmp(reason, "internal") == 0, "%s", hpt_said(run));
        return 0;
    }
    ck_assert_int_eq((int)json_object_size(all), checks);
    json_object_foreach(all, name, check)
    {
        const char *reason = json_string_value(json_object_get(check, "reason"));
        up += reason == NULL;
        ck_assert_msg(reason == NULL || strcmp(reason, "internal") == 0, "%s: %s", name,
                      hpt_said(run));
    }
    return up;
}

/* --- bundles of many roots -------------------------------------------------------------------- */

static size_t decode(const char *text, unsigned char *ret)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned value = 0, bits = 0;
    size_t n = 0;

    for (; *text != '-' && *text != '='; text++) {
        const char *digit = strchr(digits, *text);

        if (*text == '\n' || digit == NULL) {
            continue;
        }
        value = value << 6 | (unsigned)(digit - digits);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            ret[n++] = (unsigned char)(value >> bits);
        }
    }
    return n;
}

static size_t encode(const unsigned char *bytes, size_t len, char *ret)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;

    for (size_t i = 0; i < len; i += 3) {
        unsigned value = (unsigned)bytes[i] << 16;

        value |= i + 1 < len ? (unsigned)bytes[i + 1] << 8 : 0;
        value |= i + 2 < len ? (unsigned)bytes[i + 2] : 0;
        for (unsigned k = 0; k < 4; k++) {
            ret[n++] = i + k > len ? '=' : digits[value >> (18 - 6 * k) & 63];
        }
        if (i / 3 % 16 == 15) {
            ret[n++] = '\n';
        }
    }
    ret[n++] = '\n';
    return n;
}

enum { ROOTS = 1000 };

/*
 * A thousand roots and, in the middle, the one that is needed. They are one certificate under
 * different names, since the signature of a root does not matter. The file begins with @first.
 */
static const char *bundle(const char *name, const char *first)
{
    static const char told[] = "authority other";
    const char *path = hpt_strf("%s/%s", hpt_tmpdir(), name);
    char *other = hpt_read_file(hpt_certs()->other_ca, NULL), *ca;
    char *text = malloc(ROOTS * 2048), *at = text;
    unsigned char der[2048];
    size_t len = decode(strchr(other, '\n'), der), ca_len;

    ca = hpt_read_file(hpt_certs()->ca, &ca_len);
    at += sprintf(at, "%s", first);
    for (int i = 0; i < ROOTS; i++) {
        for (unsigned char *in = der; (in = memmem(in, len - (size_t)(in - der), told, 10)); in++) {
            char number[6];

            snprintf(number, sizeof number, "%05d", i);
            memcpy(in + strlen("authority "), number, 5);
        }
        at += sprintf(at, "-----BEGIN CERTIFICATE-----\n");
        at += encode(der, len, at);
        at += sprintf(at, "-----END CERTIFICATE-----\n");
        if (i == ROOTS / 2) {
            memcpy(at, ca, ca_len);
            at += ca_len;
        }
    }
    hpt_write_bytes(path, text, (size_t)(at - text), 0644);
    free(other);
    free(ca);
    free(text);
    return path;
}

static const char *searched; /* by our own code */
static const char *whole;    /* parsed by OpenSSL */

static void start(void)
{
    hpt_certs();
    hpt_service_start(&nginx, &pg, &(struct hpt_postgres_opts){.tls = true}, &redis,
                      &(struct hpt_redis_opts){.tls = true});
    searched = bundle("searched.pem", "");
    whole = bundle("whole.pem", "#-----BEGIN CERTIFICATE-----\n");
}

static void probe_sixteen(struct hpt_run *run, const char *ca)
{
    const char *args[64] = {"full", "--ca", ca, "--timeout", "14s"};
    size_t n = 5;

    for (int i = 0; i < 16; i++) {
        args[n++] = hpt_strf("--%s", kinds[i % 3]);
        args[n++] = hpt_strf("c%d=%s", i, target(kinds[i % 3]));
    }
    hpt_probe(run, HPT_NONE, args);
}

START_TEST(sixteen_checks_search_a_thousand_roots)
{
    struct hpt_run run;

    probe_sixteen(&run, searched);
    ck_assert_int_eq(up_or_internal(&run, 16), 16);
}
END_TEST

START_TEST(sixteen_checks_that_parse_a_thousand_roots_blame_no_server)
{
    struct hpt_run run;

    probe_sixteen(&run, whole);
    hpt_diag("%d of 16 are up", up_or_internal(&run, 16));
}
END_TEST

/* --- memory and descriptors ------------------------------------------------------------------- */

struct shortage {
    int resource;
    rlim_t limit;
    bool random_too;
    const char *root;
};

static void limit(void *arg)
{
    const struct shortage *shortage = arg;
    struct rlimit to = {shortage->limit, shortage->limit};

    if (setrlimit((__rlimit_resource_t)shortage->resource, &to) < 0) {
        hpt_child_fails("setrlimit");
    }
}

static void probe_short(struct hpt_run *run, struct shortage *shortage, const char *const *args)
{
    hpt_probe_with(run, &(struct hpt_probe_opts){.env = HPT_NONE,
                                                 .args = args,
                                                 .in_child = limit,
                                                 .in_child_arg = shortage,
                                                 .exec_may_fail = true});
}

/* Slightly less than the kernel needs to start it. */
static rlim_t too_little_to_start(rlim_t step)
{
    struct hpt_run run;
    struct shortage shortage = {.resource = RLIMIT_AS, .limit = 8 << 20};

    do {
        shortage.limit -= 4 * step;
        probe_short(&run, &shortage, HPT_LIST("--version"));
    } while (run.exit_status == 0 && run.out_len > 0 && shortage.limit > 8 * step);
    return shortage.limit;
}

START_TEST(too_little_memory_is_not_blamed_on_a_server)
{
    struct hpt_run run;
    const rlim_t step = 64 << 10;
    const char *ca = _i == 0 ? searched : whole;
    struct shortage shortage = {.resource = RLIMIT_AS, .limit = too_little_to_start(step)};
    int up = 0, internal = 0;

    for (int i = 0; i < 80; i++) {
        shortage.limit += step;
        probe_short(&run, &shortage, HPT_LIST("full", "--ca", ca, ALL_KINDS));
        if (run.out_len == 0) {
            continue; /* it did not start */
        }
        int now = up_or_internal(&run, 3);
        up += now;
        internal += 3 - now;
    }
    hpt_diag("%d up, %d internal", up, internal);
    ck_assert_int_gt(internal, 0);
    ck_assert(_i == 1 || up > 0);
}
END_TEST

enum { LATE_MS = 300 }; /* long after a check with TLS has run out of memory */

static void *close_late(void *arg)
{
    for (;;) {
        int fd = accept((int)(intptr_t)arg, NULL, NULL);

        hpt_sleep_ms(LATE_MS);
        close(fd);
    }
    return NULL;
}

static int late_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pthread_t thread;

    if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 16) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) < 0 ||
        pthread_create(&thread, NULL, close_late, (void *)(intptr_t)fd) != 0) {
        hpt_fail("no port to listen at");
    }
    return ntohs(at.sin_port);
}

static bool reason_is(struct hpt_run *run, const char *check, const char *reason)
{
    const char *told = json_string_value(hpt_get(run, hpt_strf("checks.%s.reason", check)));

    return told != NULL && strcmp(told, reason) == 0;
}

START_TEST(too_little_memory_for_tls_does_not_change_other_reasons)
{
    struct hpt_run run;
    const rlim_t step = 512 << 10;
    struct shortage shortage = {.resource = RLIMIT_AS, .limit = too_little_to_start(64 << 10)};
    const char *http = hpt_strf("http://127.0.0.1:%d/", late_port());
    const char *database =
        hpt_strf("postgresql://app:%s@127.0.0.1:%d/app?sslmode=disable", HPT_PG_PASSWORD, pg.port);
    int closed = 0, query = 0;

    for (int i = 0; i < 10; i++) {
        shortage.limit += step;
        probe_short(&run, &shortage,
                    HPT_LIST("full", "--timeout", "10s", "--redis", target("redis"), "--redis-ca",
                             whole, "--http", http, "--database", database, "--database-query",
                             hpt_strf("SELECT 1/length(pg_sleep(0.%d)::text)", LATE_MS)));
        if (run.out_len == 0) {
            continue; /* it did not start */
        }
        HPT_OK(hpt_is_report(&run));
        if (hpt_has_text(&run, "checks.redis.error", "out of memory") == NULL) {
            closed += reason_is(&run, "http", "closed");
            query += reason_is(&run, "database", "query");
        }
    }
    hpt_diag("%d closed, %d refused a query", closed, query);
    ck_assert_int_gt(closed, 0);
    ck_assert_int_gt(query, 0);
}
END_TEST

START_TEST(too_few_descriptors_are_not_blamed_on_a_server)
{
    struct hpt_run run;
    struct shortage shortage = {.resource = RLIMIT_NOFILE};

    for (shortage.limit = 3; shortage.limit < 24; shortage.limit++) {
        probe_short(&run, &shortage,
                    HPT_LIST("full", "--ca", _i == 0 ? searched : hpt_certs()->ca, ALL_KINDS));
        int up = up_or_internal(&run, 3);
        hpt_diag("%d descriptors: %d up", (int)shortage.limit, up);
        ck_assert(shortage.limit < 23 || up == 3);
    }
}
END_TEST

/* A check alone does nothing in parallel, so it meets the shortage at every step. */
START_TEST(too_few_descriptors_for_one_check_are_not_blamed_on_a_server)
{
    struct hpt_run run;
    struct shortage shortage = {.resource = RLIMIT_NOFILE};

    for (shortage.limit = 3; shortage.limit < 12; shortage.limit++) {
        probe_short(&run, &shortage,
                    HPT_LIST("--check", kinds[_i], hpt_strf("--%s", kinds[_i]), target(kinds[_i]),
                             "--ca", hpt_certs()->ca));
        int up = up_or_internal(&run, 1);
        hpt_diag("%s, %d descriptors: %d up", kinds[_i], (int)shortage.limit, up);
        ck_assert(shortage.limit < 11 || up == 1);
    }
}
END_TEST

/* --- randomness ------------------------------------------------------------------------------- */

/* An empty root has no /dev, and a seccomp filter may forbid the system call. */
static void forbid_randomness(void *arg)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = HPT_COUNT(filter), .filter = filter};
    const char *root = arg;

    if (geteuid() != 0 && !hpt_own_mounts(65532)) {
        hpt_child_fails("unshare");
    }
    if (chdir(root) < 0 || chroot(".") < 0) {
        hpt_child_fails("chroot");
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        hpt_child_fails("seccomp");
    }
}

static void copy(const char *from, const char *to, mode_t mode)
{
    size_t len;
    char *bytes = hpt_read_file(from, &len);

    hpt_write_bytes(to, bytes, len, mode);
    free(bytes);
}

START_TEST(missing_random_bytes_are_not_blamed_on_a_server)
{
    struct hpt_run run;
    const char *root = hpt_tmp_mkdir("root", 0755);

    copy(hpt_probe_binary(), hpt_strf("%s/healthprobe", root), 0555);
    copy(hpt_certs()->ca, hpt_strf("%s/ca.crt", root), 0444);
    hpt_probe_with(&run, &(struct hpt_probe_opts){
                             .env = HPT_NONE,
                             .args = HPT_LIST("full", "--ca", "/ca.crt", ALL_KINDS),
                             .binary = "/healthprobe",
                             .in_child = forbid_randomness,
                             .in_child_arg = (void *)(uintptr_t)root,
                         });
    ck_assert_int_eq(up_or_internal(&run, 3), 0);
}
END_TEST

START_TEST(without_tls_https_is_a_configuration_error)
{
    struct hpt_run run;

    hpt_probe(&run, HPT_NONE, HPT_LIST("--http", "https://localhost:1/"));
    HPT_OK(hpt_is_config(&run, "TLS"));
}
END_TEST

static void build(Suite *suite)
{
    TCase *tc = hpt_tcase(suite, "shortage", 120);

    if (!hpt_probe_tls()) {
        tcase_add_test(tc, without_tls_https_is_a_configuration_error);
        return;
    }
    tcase_add_test(tc, sixteen_checks_search_a_thousand_roots);
    /* Sanitizers and a dynamic loader need descriptors and memory themselves. */
    if (!hpt_probe_static()) {
        return;
    }
    tcase_add_test(tc, sixteen_checks_that_parse_a_thousand_roots_blame_no_server);
    tcase_add_loop_test(tc, too_little_memory_is_not_blamed_on_a_server, 0, 2);
    tcase_add_test(tc, too_little_memory_for_tls_does_not_change_other_reasons);
    tcase_add_loop_test(tc, too_few_descriptors_are_not_blamed_on_a_server, 0, 2);
    tcase_add_loop_test(tc, too_few_descriptors_for_one_check_are_not_blamed_on_a_server, 0,
                        HPT_COUNT(kinds));
    tcase_add_test(tc, missing_random_bytes_are_not_blamed_on_a_server);
}

int main(void)
{
    return hpt_main("shortage", start, build, true);
}
