// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common.h"
#include "nginx.h"
#include "postgres.h"
#include "probe.h"
#include "redis.h"

/* What a machine lacks or refuses, and what a command line has too much of: no limit is lost by it.
 */

static struct hpt_nginx nginx;
static struct hpt_postgres pg;
static struct hpt_redis redis;

static void start_servers(void)
{
    hpt_nginx_create(&nginx);
    hpt_nginx_start(&nginx);
    hpt_postgres_create(&pg, &(struct hpt_postgres_opts){.tls = true});
    hpt_postgres_start(&pg);
    hpt_redis_create(&redis, &(struct hpt_redis_opts){.tls = true});
    hpt_redis_start(&redis);
}

/* What the children of this process, all reaped, have used of a processor. */
static double processor_ms(void)
{
    struct rusage used;

    getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

/* --- long command lines --------------------------------------------------------------------------
 */

enum { EXPLAINED = 0 };

/* What is measured for a growing number: its words, or one word or variable that holds them all. */
static const struct {
    const char *name;
    const char *args[4];
    const char *word;   /* with its number in it; NULL: none of their own */
    const char *prefix; /* of all of them as one word, or as one variable */
    const char *piece;  /* that @prefix is followed by, again and again */
    bool as_variable;
} growing[] = {
    [EXPLAINED] =
        {"explained headers", {"explain"}, "--http-header=X-%d: value%d", NULL, NULL, false},
    {"headers", {"--http", "env:HTTP"}, "--http-header=X-%d: value%d", NULL, NULL, false},
    {"tokens",
     {"--http", "env:HTTP"},
     "--http-header=Authorization: Bearer %dtoken%d",
     NULL,
     NULL,
     false},
    {"texts", {"--http", "env:HTTP"}, "--http-contains=some text %d", NULL, NULL, false},
    {"expected headers", {"--http", "env:HTTP"}, "--http-expect-header=X-%d: v", NULL, NULL, false},
    {"members", {"--http", "env:HTTP"}, "--http-json=a.b%d=c", NULL, NULL, false},
    {"expressions", {"--http", "env:HTTP"}, "--http-match=a%d", NULL, NULL, false},
    {"targets", {"live"}, "--http=a%d=http://127.0.0.1:1/", NULL, NULL, false},
    {"unknown options", {"live"}, "--unknown%d", NULL, NULL, false},
    {"lines of headers", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_HTTP_HEADER=", "X:%d\n", true},
    {"lines of texts", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_HTTP_CONTAINS=", "t%d\n", true},
    {"optional checks", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_OPTIONAL=", "a%d,", true},
    {"tolerated reasons", {"--http", "env:HTTP"}, NULL, "HEALTHPROBE_TOLERATE=", "a%d,", true},
    {"parameters for Postgres",
     {"full", "--check=database"},
     NULL,
     "--database=postgresql://app@127.0.0.1:1/app?a=b",
     "&p%d=1",
     false},
    {"parameters for Redis",
     {"full", "--check=redis"},
     NULL,
     "--redis=redis://127.0.0.1:1/?a=b",
     "&p%d=1",
     false},
};

enum { FEW = 3500, MANY = 4 * FEW };

static const char *all_of(const char *prefix, const char *piece, int n)
{
    char *text = malloc(strlen(prefix) + (size_t)n * (strlen(piece) + 8) + 1);
    size_t len = strlen(prefix);

    ck_assert_ptr_nonnull(text);
    memcpy(text, prefix, len + 1);
    for (int i = 0; i < n; i++) {
        len += (size_t)sprintf(text + len, piece, i);
    }
    return text;
}

/* Run it with so many; it ends with 0 or 1. Returns what it printed. */
static char *run_growing(int row, int n)
{
    const char **argv = calloc((size_t)n + 8, sizeof *argv);
    const char *env[3] = {hpt_strf("HTTP=http://127.0.0.1:%d/", nginx.port)};
    struct hpt_spawn spawn = {.name = "healthprobe", .argv = argv, .envp = env};
    size_t argc = 0;
    char *out = NULL;

    argv[argc++] = hpt_probe_binary();
    for (const char *const *arg = growing[row].args; *arg != NULL; arg++) {
        argv[argc++] = *arg;
    }
    for (int i = 0; growing[row].word != NULL && i < n; i++) {
        char word[80];
        snprintf(word, sizeof word, growing[row].word, i, i);
        argv[argc++] = strdup(word);
    }
    if (growing[row].prefix != NULL) {
        *(growing[row].as_variable ? &env[1] : &argv[argc]) =
            all_of(growing[row].prefix, growing[row].piece, n);
    }
    int status = hpt_proc_run(&spawn, 15000, &out);
    ck_assert_msg(status == 0 || status == 1, "ended with %d: %s", status, out);
    return out;
}

/* What preparing and running costs with so many: the least of three, since a machine has moods. */
static double cost_ms(int row, int n)
{
    double least = 1e9;

    for (int i = 0; i < 3; i++) {
        double before = processor_ms();
        free(run_growing(row, n));
        double used = processor_ms() - before;
        least = used < least ? used : least;
    }
    return least;
}

/* Four times as many cost four times as much, and not sixteen times. */
START_TEST(what_is_repeated_costs_as_much_each_time)
{
    double few = cost_ms(_i, FEW);
    double many = cost_ms(_i, MANY);

    hpt_diag("%s: %.1f ms for %d, %.1f ms for %d", growing[_i].name, few, FEW, many, MANY);
    /* What is over in no time is not measured by it. */
    ck_assert_msg(many < 8 * few || many < 30, "%s: %.1f ms for %d, %.1f ms for %d",
                  growing[_i].name, few, FEW, many, MANY);
}
END_TEST

static void build(Suite *suite)
{
    if (hpt_probe_static()) {
        TCase *tc = hpt_tcase(suite, "long command lines", 60);
        tcase_add_loop_test(tc, what_is_repeated_costs_as_much_each_time, 0, HPT_COUNT(growing));
    }
}

int main(void)
{
    return hpt_main("limits", start_servers, build, true);
}
