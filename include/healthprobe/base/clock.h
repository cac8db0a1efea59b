/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_CLOCK_H
#define HEALTHPROBE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define HP_NS_PER_MS   INT64_C(1000000)
#define HP_NS_PER_S    INT64_C(1000000000)
#define HP_NS_PER_HOUR (3600 * HP_NS_PER_S)

/**
 * An instant on CLOCK_MONOTONIC, in nanoseconds. A separate type, so that nobody mixes it with a
 * duration.
 */
struct hp_deadline {
    int64_t at_ns;
};

/** Now, on CLOCK_MONOTONIC, in nanoseconds. */
int64_t hp_clock_now_ns(void);

/** @start_ns plus @duration_ns; saturates instead of overflowing. */
struct hp_deadline hp_deadline_at(int64_t start_ns, int64_t duration_ns);

/** The nearer of two. */
struct hp_deadline hp_deadline_min(struct hp_deadline a, struct hp_deadline b);

/** Nanoseconds left at @now_ns; 0 when it has passed. */
int64_t hp_deadline_left_ns_at(struct hp_deadline deadline, int64_t now_ns);

/**
 * Milliseconds left, rounded up, never negative, at most INT_MAX.
 *
 * Ask hp_deadline_expired() before giving the number to a library: libcurl
 * reads 0 as "no limit" (CURLOPT_TIMEOUT_MS(3)).
 */
int hp_deadline_left_ms_at(struct hp_deadline deadline, int64_t now_ns);
int hp_deadline_left_ms(struct hp_deadline deadline);
bool hp_deadline_expired(struct hp_deadline deadline);

struct timespec hp_timespec_of(int64_t ns);

/** What is left as a relative timespec, for sigtimedwait(2) and ppoll(2). */
struct timespec hp_deadline_left_timespec(struct hp_deadline deadline);

/**
 * The deadline of the first of @n candidates that share the time left at @now_ns equally. @n of 0
 * counts as 1.
 */
struct hp_deadline hp_deadline_share_at(struct hp_deadline deadline, int64_t now_ns, size_t n);

/** Length of "2026-11-24T03:30:00.123Z" with its NUL. */
#define HP_TIMESTAMP_SIZE 25

/** RFC 3339, UTC, milliseconds, into @ret. */
void hp_timestamp_at(struct timespec wall, char ret[HP_TIMESTAMP_SIZE]);

/** The same for the current time. */
void hp_timestamp_now(char ret[HP_TIMESTAMP_SIZE]);

/**
 * The age of process 1 in tenths of a second, or -1 where it can't be read, or
 * where process 1 is visibly not the container's own: its /proc/1/ns/mnt can
 * be read and differs from ours (a shared process namespace).
 */
int64_t hp_uptime_tenths(void);

/**
 * Pure part of the above: the age in tenths of a second from the text of
 * /proc/1/stat (field 22, proc_pid_stat(5)) and CLOCK_BOOTTIME's now.
 */
int64_t hp_uptime_tenths_at(const char *stat, long ticks_per_second, int64_t boottime_ns);

#endif
