/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/probe.h"
#include <healthprobe/base/clock.h>

#include <fcntl.h>
#include <unistd.h>

/* Nothing here runs a check. */
const struct hp_check_ops *const hp_check_kinds[] = {NULL};

static int full_pipe(void)
{
    int ends[2];

    ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    while (write(ends[1], "x", 1) == 1)
        continue;
    return ends[1]; /* the other end stays open, and is not read */
}

static int64_t write_late(struct hp_outcome *outcome, int fd)
{
    int64_t began_ns = hp_clock_now_ns();

    hp_outcome_write(outcome, fd, hp_deadline_at(began_ns, 0));
    return hp_clock_now_ns() - began_ns;
}

/* The process is gone 50 ms after its limit. A busy machine stalls now and then, not each time. */
START_TEST(reader_that_does_not_read_delays_less_than_50_ms)
{
    static struct hp_outcome outcome;
    int fd = full_pipe();
    int64_t best_ns = INT64_MAX;

    for (int i = 0; i < 10; i++) {
        int64_t took_ns = write_late(&outcome, fd);

        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    ck_assert_int_lt(best_ns, 45 * HP_NS_PER_MS);
    ck_assert_int_ge(best_ns, 20 * HP_NS_PER_MS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("probe");

    HP_UNIT_CASE(suite, reader_that_does_not_read_delays_less_than_50_ms);
    return hp_unit_run(suite);
}
