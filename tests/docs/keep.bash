# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What tests/support/keep.h does, for tests in bash: reports are kept for tests/docs/reports.sh. Sourced.
#
#   keep_reports    standard input, which it prints, may hold reports, one a line

keep_reports() {
    local text
    text=$(cat)
    printf '%s\n' "$text"
    [[ -z ${HEALTHPROBE_REPORTS:-} ]] ||
        grep -aE '^\{"status":"(healthy|degraded|unhealthy|pass|warn|fail)"' <<<"$text" >>"$HEALTHPROBE_REPORTS/$$" || true
}
