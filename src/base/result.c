/* SPDX-License-Identifier: MIT */
#include <healthprobe/base/result.h>

const char *hp_phase_name(enum hp_phase phase)
{
    static const char *const names[HP_PHASE_COUNT] = {"",      "dns",   "connect", "tls",
                                                      "login", "query", "response"};

    return names[phase];
}
