/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/array.h>
#include <healthprobe/base/duration.h>
#include <healthprobe/base/span.h>
#include <healthprobe/base/utf8.h>
#include <healthprobe/check/check.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define LONGEST_NS (24 * HP_NS_PER_HOUR)

struct settings {
    const char *path; /* borrowed from the values */
    int64_t limit_ns;
};

enum { TARGET, AGE, OPTIONS };

static const struct hp_option options[] = {
    [TARGET] = {"heartbeat", "FILE", NULL, "a file that the service touches as it works",
                .flags = HP_OPTION_TARGET | HP_OPTION_REPEATABLE},
    [AGE] = {"heartbeat-age", "DUR", "60s", "how old the file may be; up to 24h", .flags = 0},
    [OPTIONS] = {0},
};

/* In other options these are references: somebody expects the same here. */
static bool is_plain(const char *path)
{
    static const char *const marks[] = {"{env:", "{file:", "${", "$(", "://"};

    for (size_t i = 0; i < HP_COUNT(marks); i++)
        if (strstr(path, marks[i]) != NULL)
            return false;
    return path[0] != '$' && hp_after_prefix(path, "env:") == NULL &&
           hp_after_prefix(path, "file:") == NULL;
}

static bool parse(struct hp_check *ret, const struct hp_check_input *input, struct hp_error *err)
{
    struct settings *settings = ret->settings;
    bool good =
        hp_value_duration(input->values, &options[AGE], LONGEST_NS, &settings->limit_ns, err);

    settings->path = input->target;
    if (input->target == NULL)
        return false;
    if (!is_plain(input->target)) {
        hp_error_add(err, HP_REASON_CONFIG,
                     "%s: give the path itself: URLs, variables, env:, file: and placeholders are "
                     "not followed here",
                     input->origin);
        return false;
    }
    return good;
}

/* What is not a path may be a secret in the wrong place. */
static void show(const struct hp_check *check, struct hp_buffer *ret)
{
    const char *path = ((const struct settings *)check->settings)->path;
    char shown[HP_TARGET_TEXT_MAX + 1];

    if (path[0] != '/')
        path = "(a relative path)";
    hp_utf8_clean(shown, sizeof shown, path, strlen(path));
    hp_buffer_add(ret, shown);
}

/* A time outside what a clock can show counts as the oldest or the latest one that it can. */
static int64_t age_at(struct timespec now, struct timespec modified)
{
    int64_t ns = 0;

    if (__builtin_sub_overflow(now.tv_sec, modified.tv_sec, &ns) ||
        __builtin_mul_overflow(ns, HP_NS_PER_S, &ns) ||
        __builtin_add_overflow(ns, now.tv_nsec - modified.tv_nsec, &ns))
        return now.tv_sec > modified.tv_sec ? INT64_MAX : -INT64_MAX;
    return ns;
}

/* A time ahead is allowed for as long as a late one: a clock may differ, or was set back. */
static void judge(struct hp_attempt *attempt, int64_t age_ns, int64_t limit_ns)
{
    char text[32];
    struct hp_buffer limit;

    hp_buffer_init(&limit, text, sizeof text);
    hp_duration_add(&limit, limit_ns);
    attempt->result.has_age = true;
    attempt->result.age_ns = age_ns < 0 && age_ns >= -limit_ns ? 0 : age_ns;
    if (age_ns > limit_ns)
        hp_attempt_down_format(attempt, HP_REASON_STALE, "not modified for more than %s", text);
    else if (age_ns < -limit_ns)
        hp_attempt_down_format(attempt, HP_REASON_STALE, "modified more than %s in the future",
                               text);
    else
        hp_attempt_up(attempt);
}

static void run(const struct hp_check *check, struct hp_attempt *attempt, void **ret_session)
{
    const struct settings *settings = check->settings;
    struct timespec now;
    struct stat status;

    (void)ret_session;
    hp_attempt_phase(attempt, HP_PHASE_RESPONSE);
    if (stat(settings->path, &status) != 0)
        hp_attempt_down(attempt, HP_REASON_MISSING, hp_untrusted_of(strerror(errno)));
    else if (!S_ISREG(status.st_mode))
        hp_attempt_down(attempt, HP_REASON_MISSING, hp_untrusted_of("not a regular file"));
    if (hp_attempt_decided(attempt))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    judge(attempt, age_at(now, status.st_mtim), settings->limit_ns);
}

const struct hp_check_ops hp_check_heartbeat_ops = {
    .kind = "heartbeat",
    .title = "Heartbeat",
    .options = options,
    .example = "--heartbeat FILE",
    .exit_bit = 4,
    .settings_size = sizeof(struct settings),
    .parse = parse,
    .show = show,
    .run = run,
};
