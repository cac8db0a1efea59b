#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The manual page and the completions say what the option table says. TAP on standard output.
#
#   tests/docs/manual.sh BUILD
#
# BUILD is a development build (tools/build --dev), for its docs/table and src/healthprobe. The completions are asked in the
# shells themselves.

set -uo pipefail
export LC_ALL=C.UTF-8

build=$(realpath -e "${1:?usage: manual.sh BUILD}") || { echo "Bail out! there is no $1"; exit 99; }
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 99
# shellcheck source=tests/container/tap.bash
source tests/container/tap.bash
# shellcheck source=tests/docs/options.bash
source tests/docs/options.bash
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

page=docs/healthprobe.1
"$build/docs/table" >"$work/table" || { echo 'Bail out! there is no option table'; exit 99; }
options=$(options_of_table "$work/table" | sort)
# ask EXPRESSION: words of the table, sorted, in one line. It has the table as t, and as o its options.
ask() {
    python3 -c "import json, sys; t = json.load(open(sys.argv[1])); o = t['options']; print(*sorted($1))" "$work/table"
}

# same EXPECTED ACTUAL
same() { diff -U 3 --label expected --label actual <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }
# none WHAT FOUND
none() { [[ -z $2 ]] || { printf '%s\n' "$1" "$2"; return 1; }; }

# --- the table --------------------------------------------------------------------------------------------------------

tap 'what is made from the option table is up to date' tools/docs --check --build "$build"
help_says_the_same() { same "$options" "$(options_of_help "$build/src/healthprobe" | sort)"; }
tap '--help has the flags, variables and defaults of the table' help_says_the_same
help_fits() { none 'longer than 100 columns' "$("$build/src/healthprobe" --help | grep -E '^.{101}')"; }
tap '--help fits into 100 columns' help_fits

if unshare --net --mount --pid --fork true 2>/dev/null; then
    tap 'the pictures in the README are what a run shows' tools/docs --check --picture --build "$build"
else
    tap_skip 'the pictures in the README are what a run shows' 'needs namespaces'
fi

# A copy of all that tools/docs reads and makes, with one thing changed in it.
stale_is_seen() {
    local output
    rm -rf "$work/tree"
    mkdir -p "$work/tree/tools"
    cp tools/docs "$work/tree/tools/"
    cp -R docs "$work/tree/"
    "$work/tree/tools/docs" --check --build "$build" || return 1
    sed -i "$2" "$work/tree/docs/$1"
    ! output=$("$work/tree/tools/docs" --check --build "$build") || { echo 'it is not seen'; return 1; }
    grep -q 'run tools/docs' <<<"$output"
}
tap 'a manual page without an option is seen' stale_is_seen healthprobe.1 '/Fl -verbose$/d'
tap 'a manual page with another default is seen' stale_is_seen healthprobe.1 's/2\.5s/3s/'
for name in healthprobe.bash _healthprobe healthprobe.fish; do
    tap "completions/$name without an option are seen" stale_is_seen "completions/$name" 's/-*backoff//'
done

# --- the manual page --------------------------------------------------------------------------------------------------

lint() { none 'mandoc says' "$(mandoc -T lint -W warning "$page" 2>&1)"; }
tap 'mandoc has nothing to say about the manual page' lint
manual_says_the_same() { same "$options" "$(options_of_manual "$page" | sort)"; }
tap 'the manual page has the flags, variables and defaults of the table' manual_says_the_same
flags_are_known() {
    local known
    known=$(cut -f 1 <<<"$options" | cut -d ' ' -f 1 | sort -u)
    none 'not in the table' "$(comm -13 <(printf '%s\n' "$known" --option) <(
        { grep -oE 'Fl -[a-z][a-z-]*' "$page" | sed 's/^Fl -/--/'; grep -oE '(^|[ ([])--[a-z][a-z-]*' "$page" | tr -d ' (['; } |
            sort -u) | grep -vxF -- --option)"
}
tap 'the manual page names no option that the table has not' flags_are_known
variables_are_known() {
    none 'not in the table' "$(comm -13 <(cut -f 2 <<<"$options" | sed 's/,.*//' | sort -u) \
        <(grep -oE 'HEALTHPROBE_[A-Z_]*[A-Z]' "$page" | sed 's/_FILE$//' | sort -u))"
}
tap 'the manual page names no variable that the table has not' variables_are_known
commands_are_explained() {
    same "$(ask "t['commands']")" "$(sed -n 's/^\.It Cm //p' "$page" | sort | xargs)"
}
tap 'the manual page explains every command' commands_are_explained
is_read() { grep -qE '^ *--database-password TEXT' <(mandoc -T utf8 "$page" | col -b); }
tap 'the manual page can be read' is_read

# --- completions ------------------------------------------------------------------------------------------------------

flags_but() { ask "'--' + x['name'] for x in o if $1"; }
# The lines to be completed, and what is offered then. A name of a file is one of the working directory's.
touch "$work/typed" "$work/offered"
complete_to() {
    printf '%s\n' "$1" >>"$work/typed"
    printf '%s\n' "$2" >>"$work/offered"
}
targets="[scheme + '://' for scheme in t['schemes']]"
complete_to 'healthprobe ' "$(ask "t['commands'] + $targets")"
complete_to 'healthprobe li' live
for command in wait explain; do
    complete_to "healthprobe $command " "$(ask "t['modes'] + $targets")"
done
complete_to 'healthprobe full ' "$(ask "$targets")"
complete_to 'healthprobe postg' postgres://
complete_to 'healthprobe help ' "$(ask "t['kinds'] + ['wait']")"
complete_to 'healthprobe version ' ''
complete_to 'healthprobe wait fu' full
complete_to 'healthprobe --' "$(flags_but "not x['wait']")"
complete_to 'healthprobe full --' "$(flags_but "not x['wait']")"
complete_to 'healthprobe wait --' "$(flags_but True)"
complete_to 'healthprobe install --' "$(flags_but "x['action']")"
while IFS=$'\t' read -r flag choices; do
    complete_to "healthprobe $flag " "$choices"
    complete_to "healthprobe $flag=" "$choices"
done < <(python3 -c "import json, sys
for o in json.load(open(sys.argv[1]))['options']:
    if o['choices']: print('--' + o['name'], ' '.join(sorted(o['choices'])), sep='\t')" "$work/table")
complete_to 'healthprobe --format he' health+json
complete_to 'healthprobe --check ' "$(ask "t['kinds']")"
complete_to 'healthprobe --check http,' "$(ask "set(t['kinds']) - {'http'}")"
complete_to 'healthprobe --optional=http,d' database
complete_to 'healthprobe --tolerate ' "$(ask "t['tolerable']")"
complete_to 'healthprobe --ca meson' 'meson.build meson_options.txt'
complete_to 'healthprobe --heartbeat meson_' meson_options.txt
complete_to 'healthprobe --log-failures=meson_' meson_options.txt
complete_to 'healthprobe --database env:DOCS_TEST_' DOCS_TEST_URL
complete_to 'healthprobe --redis-password file:meson_' meson_options.txt
complete_to 'healthprobe --timeout ' ''
complete_to 'healthprobe install meson_' meson_options.txt
complete_to 'healthprobe wait --check database -- docs-test-c' docs-test-command
complete_to 'healthprobe wait --check database -- docs-test-command meson_' meson_options.txt

mkdir "$work/bin"
printf '#!/bin/sh\n' >"$work/bin/docs-test-command"
chmod +x "$work/bin/docs-test-command"
# A shell offers the whole word, or what stands behind the last of its word breaks.
completes() {
    local offered
    offered=$(PATH=$work/bin:$PATH DOCS_TEST_URL=1 tests/docs/complete.py "$1" docs/completions <"$work/typed" |
        sed -E 's/(^| )(--[a-z-]+=)?([a-z]+,|env:|file:)?/\1/g; s/(^| )(--[a-z-]+=)/\1/g') || return 1
    diff -U 0 <(paste -d '>' "$work/typed" "$work/offered") <(paste -d '>' "$work/typed" - <<<"$offered")
}
for shell in bash zsh fish; do
    tap "$shell completes commands, options, words, files and variables" completes "$shell"
done
# A test of the test: a completion without an option is seen in the shell, too.
mkdir "$work/less"
sed 's/--redis-key/--redis-cert/g' docs/completions/healthprobe.bash >"$work/less/healthprobe.bash"
lacks() {
    local offered
    offered=$(tests/docs/complete.py bash "$work/less" <<<'healthprobe --redis-')
    [[ $offered == *--redis-cert* && $offered != *--redis-key* ]]
}
tap 'an option that is missing would be seen' lacks

tap_end
