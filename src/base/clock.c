/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/clock.h>

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_TENTH (HP_NS_PER_S / 10)

/* Of year 9999, the last that RFC 3339 can write. */
#define LAST_SECOND INT64_C(253402300799)

/* A clock that can't be read counts as past every deadline, so that nothing waits forever. */
static int64_t read_clock_ns(clockid_t id)
{
    struct timespec now = {0};

    if (clock_gettime(id, &now) != 0)
        return INT64_MAX;
    return (int64_t)now.tv_sec * HP_NS_PER_S + now.tv_nsec;
}

int64_t hp_clock_now_ns(void)
{
    return read_clock_ns(CLOCK_MONOTONIC);
}

struct hp_deadline hp_deadline_at(int64_t start_ns, int64_t duration_ns)
{
    struct hp_deadline deadline = {0};

    if (__builtin_add_overflow(start_ns, duration_ns, &deadline.at_ns))
        deadline.at_ns = duration_ns > 0 ? INT64_MAX : INT64_MIN;
    return deadline;
}

struct hp_deadline hp_deadline_min(struct hp_deadline a, struct hp_deadline b)
{
    return a.at_ns < b.at_ns ? a : b;
}

int64_t hp_deadline_left_ns_at(struct hp_deadline deadline, int64_t now_ns)
{
    int64_t left = 0;

    if (deadline.at_ns <= now_ns)
        return 0;
    if (__builtin_sub_overflow(deadline.at_ns, now_ns, &left))
        return INT64_MAX;
    return left;
}

int hp_deadline_left_ms_at(struct hp_deadline deadline, int64_t now_ns)
{
    int64_t left = hp_deadline_left_ns_at(deadline, now_ns);
    int64_t ms = left / HP_NS_PER_MS + (left % HP_NS_PER_MS != 0);

    return ms > INT_MAX ? INT_MAX : (int)ms;
}

int hp_deadline_left_ms(struct hp_deadline deadline)
{
    return hp_deadline_left_ms_at(deadline, hp_clock_now_ns());
}

bool hp_deadline_expired(struct hp_deadline deadline)
{
    return hp_deadline_left_ns_at(deadline, hp_clock_now_ns()) == 0;
}

struct timespec hp_timespec_of(int64_t ns)
{
    return (struct timespec){
        .tv_sec = (time_t)(ns / HP_NS_PER_S),
        .tv_nsec = (long)(ns % HP_NS_PER_S),
    };
}

struct timespec hp_deadline_left_timespec(struct hp_deadline deadline)
{
    return hp_timespec_of(hp_deadline_left_ns_at(deadline, hp_clock_now_ns()));
}

struct hp_deadline hp_deadline_share_at(struct hp_deadline deadline, int64_t now_ns, size_t n)
{
    int64_t left = hp_deadline_left_ns_at(deadline, now_ns);
    int64_t parts = n == 0 ? 1 : n > INT_MAX ? INT_MAX : (int64_t)n;

    return hp_deadline_min(deadline, hp_deadline_at(now_ns, left / parts));
}

static void put_digits(char *ret, int64_t value, int width)
{
    while (width-- > 0) {
        ret[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

/*
 * By hand, not by gmtime_r(3): glibc's takes a lock and may read a time zone
 * file, and a report is written while other threads hold any lock.
 * Days to civil date: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
 */
static void put_date(char *ret, int64_t days)
{
    int64_t shifted = days + 719468; /* since 0000-03-01 */
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);

    put_digits(ret, year, 4);
    put_digits(ret + 5, month, 2);
    put_digits(ret + 8, day, 2);
}

void hp_timestamp_at(struct timespec wall, char ret[HP_TIMESTAMP_SIZE])
{
    int64_t seconds = wall.tv_sec;
    int64_t ms = wall.tv_nsec / HP_NS_PER_MS;

    if (seconds < 0)
        seconds = 0;
    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    if (ms < 0 || ms > 999)
        ms = 0;

    memcpy(ret, "0000-00-00T00:00:00.000Z", HP_TIMESTAMP_SIZE);
    put_date(ret, seconds / 86400);
    put_digits(ret + 11, seconds / 3600 % 24, 2);
    put_digits(ret + 14, seconds / 60 % 60, 2);
    put_digits(ret + 17, seconds % 60, 2);
    put_digits(ret + 20, ms, 3);
}

void hp_timestamp_now(char ret[HP_TIMESTAMP_SIZE])
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    hp_timestamp_at(now, ret);
}

/* Field 22, counted from the end of field 2, a name that may hold blanks and brackets. */
static const char *find_start_time(const char *stat)
{
    const char *at = strrchr(stat, ')');

    for (int field = 2; at != NULL && field < 22; field++) {
        at = strchr(at, ' ');
        if (at != NULL)
            at++;
    }
    return at;
}

int64_t hp_uptime_tenths_at(const char *stat, long ticks_per_second, int64_t boottime_ns)
{
    const char *text = find_start_time(stat);
    int64_t ticks = 0;
    int64_t start_ns;

    if (text == NULL || *text < '0' || *text > '9' || ticks_per_second <= 0 ||
        boottime_ns == INT64_MAX)
        return -1;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (__builtin_mul_overflow(ticks, 10, &ticks) ||
            __builtin_add_overflow(ticks, *text - '0', &ticks))
            return -1;
    }
    if (ticks / ticks_per_second > INT64_MAX / HP_NS_PER_S - 1)
        return -1;
    start_ns = ticks / ticks_per_second * HP_NS_PER_S +
               ticks % ticks_per_second * HP_NS_PER_S / ticks_per_second;
    return boottime_ns > start_ns ? (boottime_ns - start_ns) / NS_PER_TENTH : 0;
}

/* Without the right to trace process 1, its link can't be read: no difference is visible then. */
static bool process_1_is_visibly_foreign(void)
{
    char first[64];
    char own[64];
    ssize_t first_len = readlink("/proc/1/ns/mnt", first, sizeof first);
    ssize_t own_len = 0;

    if (first_len <= 0)
        return false;
    own_len = readlink("/proc/self/ns/mnt", own, sizeof own);
    if (own_len <= 0)
        return false;
    return first_len != own_len || memcmp(first, own, (size_t)own_len) != 0;
}

int64_t hp_uptime_tenths(void)
{
    char stat[1024];
    ssize_t len;
    int fd;

    if (process_1_is_visibly_foreign())
        return -1;
    fd = open("/proc/1/stat", O_RDONLY);
    if (fd < 0)
        return -1;
    len = read(fd, stat, sizeof stat - 1);
    close(fd);
    if (len <= 0)
        return -1;
    stat[len] = '\0';
    return hp_uptime_tenths_at(stat, sysconf(_SC_CLK_TCK), read_clock_ns(CLOCK_BOOTTIME));
}
