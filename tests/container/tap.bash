# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# TAP for the tests in this directory. Sourced:
#
#   tap NAME COMMAND [ARG...]    one case: the command must succeed; otherwise its output is shown
#   tap_skip NAME WHY            one case that can't be run here
#   tap_end                      the plan; returns 1 where a case failed
#   tap_without NAME WHY         ends a script that lacks an engine: as one skipped case, or, with REQUIRE_DOCKER=1, in failure
#   within SECONDS COMMAND [ARG...]
#                                repeats a command until it succeeds; prints its last output, and fails where it never does

tap_n=0
tap_bad=0

tap() {
    local name=$1 output status=0
    shift
    tap_n=$((tap_n + 1))
    output=$("$@" 2>&1) || status=$?
    if ((status == 0)); then
        echo "ok $tap_n - $name"
    else
        echo "not ok $tap_n - $name"
        printf '# %s\n' "exit status $status" "${output//$'\n'/$'\n'# }"
        tap_bad=1
    fi
}

tap_skip() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $1 # SKIP $2"
}

tap_end() {
    echo "1..$tap_n"
    return "$tap_bad"
}

tap_without() {
    if [[ ${REQUIRE_DOCKER:-0} == 1 ]]; then
        echo "Bail out! $2"
        exit 99
    fi
    tap_skip "$1" "$2"
    tap_end
    exit
}

within() {
    local limit=$((SECONDS + $1)) output
    shift
    until output=$("$@" 2>&1); do
        ((SECONDS < limit)) || { printf '%s\n' "waited, last seen: $output"; return 1; }
        sleep 0.2
    done
    [[ -z $output ]] || printf '%s\n' "$output"
}
