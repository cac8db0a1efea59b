/* SPDX-License-Identifier: MIT */
#ifndef HEALTHPROBE_TESTS_FUZZ_PEER_H
#define HEALTHPROBE_TESTS_FUZZ_PEER_H

#include <healthprobe/check/check.h>

#include <stddef.h>
#include <stdint.h>

/**
 * Run a check of @kind against a peer that sends @data and closes, whatever it receives. The peer
 * takes the place of hp_dial().
 *
 * @arguments  options of the check, NULL-terminated
 * @ret        its result
 */
void hp_fuzz_run(const char *kind, const char *const *arguments, const uint8_t *data, size_t size,
                 struct hp_result *ret);

#endif
