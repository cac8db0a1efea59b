#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The README and the pages in docs say what the executable does. TAP on standard output.
#
#   tests/docs/readme.sh BINARY [TABLE]
#
# TABLE is docs/table of a development build with TLS (build/clang/docs/table).
#
# Every page: its ```console blocks give what they show (so they need no server), its other blocks can be parsed, every
# command line of healthprobe is accepted, its ```yaml, ```dockerfile and ```diff blocks are parts of files in docker, which
# other tests run, its messages are those of the sources and tests, and its links and the files that it names exist. And every
# option, format, kind, reason and phase is documented.

set -uo pipefail
export LC_ALL=C.UTF-8

usage='usage: readme.sh BINARY [TABLE]'
binary=$(realpath -e "${1:?$usage}") || { echo "Bail out! there is no $1"; exit 99; }
root=$(dirname "${BASH_SOURCE[0]}")/../..
program=$(realpath -e "${2:-$root/build/clang/docs/table}") || { echo "Bail out! there is no docs/table"; exit 99; }
cd "$root" || exit 99
# shellcheck source=tests/docs/options.bash
source tests/docs/options.bash
# shellcheck source=tests/docs/keep.bash
source tests/docs/keep.bash
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
"$program" >"$work/table" || { echo 'Bail out! there is no option table'; exit 99; }
# ask EXPRESSION: what the option table has, t, one a line.
ask() { python3 -c "import json, sys; t = json.load(open(sys.argv[1])); print(*list($1), sep='\\n')" "$work/table"; }

mapfile -t docs < <(find docs -name '*.md' | sort)
pages=(README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md deps/README.md "${docs[@]}")
# Those that are about healthprobe's own options and variables alone.
own=(README.md docs/{checks,commands,comparison,configuration,install,options,report,troubleshooting}.md)

n=0 bad=0
# check NAME STATUS [DIAGNOSTIC]
check() {
    n=$((n + 1))
    if (($2 == 0)); then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        [[ -z ${3:-} ]] || printf '# %s\n' "${3//$'\n'/$'\n'# }"
        bad=1
    fi
}

# same NAME EXPECTED ACTUAL
same() {
    local difference
    difference=$(diff -U 3 --label expected --label actual <(printf '%s\n' "$2") <(printf '%s\n' "$3"))
    check "$1" $? "$difference"
}

# none NAME FOUND
none() {
    [[ -z $2 ]]
    check "$1" $? "$2"
}

find_wrong() { tests/docs/pages.py "$@" 2>&1; }

# --- every page -------------------------------------------------------------------------------------------------------

(($(wc -l <README.md) <= 250))
check 'the README has at most 250 lines' $?
none 'each page says for whom it is, and is linked from the README' "$(find_wrong openings README.md "${docs[@]}")"
none 'every link leads to a file and a section' "$(find_wrong links "${pages[@]}")"
none 'every block can be parsed' "$(find_wrong parse "${pages[@]}")"
none 'every yaml, dockerfile and diff block is part of a file in docker' "$(find_wrong excerpts "${pages[@]}")"
none 'every command line is accepted' "$(find_wrong lines "$binary" "${pages[@]}")"
none 'every message is one that the executable prints' "$(find_wrong messages "$work/table" "${pages[@]}")"

# A test of the tests: a page with one mistake of each kind.
cat >"$work/wrong.md" <<'PAGE'
# Wrong

Nobody reads this: [a page](nowhere.md).

| Message | What to do |
| --- | --- |
| `the dog ate the socket` | nothing |

```sh
healthprobe --no-such-option
if true
```

```yaml
image: not-in-any-file
```
PAGE
for what in openings\ README.md links parse excerpts lines\ "$binary" messages\ "$work/table"; do
    # shellcheck disable=SC2086 # It is a command and its argument.
    [[ -n $(find_wrong $what "$work/wrong.md") ]]
    check "a mistake is found by ${what%% *}" $?
done

# --- options ----------------------------------------------------------------------------------------------------------

# The rows of a table of a page without its back quotes, a tab between cells: the tables whose first heading is named.
table() {
    awk -v heading="$2" '
        !/^\|/ { inside = 0; next }
        {
            gsub(/\\\|/, "\001")
            cells = split($0, cell, /\|/)
            for (i = 2; i < cells; i++) gsub(/^ +| +$/, "", cell[i])
        }
        !inside { inside = cell[2] == heading ? 1 : -1; next }
        inside < 0 || /^\| ---/ { next }
        {
            for (i = 2; i < cells; i++) {
                gsub(/\001/, "|", cell[i])
                printf "%s%s", cell[i], i < cells - 1 ? "\t" : "\n"
            }
        }
    ' "$1"
}

options=$(options_of_help "$binary")
[[ -n $options ]]
check '--help names options' $?
same 'docs/options.md has the flags, variables and defaults of --help' "$(sort <<<"$options")" \
    "$(table docs/options.md Option | cut -f 1-3 | tr -d '`' | sort)"

known=$(awk '{ print $1 }' <<<"$options" | sort -u)
# Not those of other programs, of which one is named in a cell of its own, nor that which is misspelled for an example.
# shellcheck disable=SC2016 # Back quotes of the pages.
named=$(sed -E 's/^\| `[^|]*(\\\|[^|]*)*\| `healthprobe /| `healthprobe /' "${own[@]}" |
    grep -vE '(^|[^/])(wget|docker|podman|tools/(build|demo|test)|COPY|HEALTHCHECK|max-time|format docker|--option[ =]|--platform) ?' |
    grep -vF -- --timout |
    grep -oE '(^|[^[:alnum:]-])--[a-z][a-z-]*' | grep -oE -- '--.*' | sort -u)
none 'no option is named that --help does not know' "$(comm -13 <(printf '%s\n' "$known") <(printf '%s\n' "$named"))"

twins=$(grep -oE 'HEALTHPROBE_[A-Z_]+' <<<"$options" | sort -u)
# Those of the build, of the compose files and of the tests; one is misspelled.
named=$(cat "${pages[@]}" | grep -oE 'HEALTHPROBE_[A-Z_]*[A-Z]' | sed 's/_FILE$//' |
    grep -vxE 'HEALTHPROBE_(CACHE|IMAGE|BINARY|TLS|STATIC|REPORTS|TIMOUT)' | sort -u)
none 'no variable is named that --help does not know' \
    "$(comm -13 <(printf '%s\n' "$twins") <(printf '%s\n' "$named"))"

# One that may be a few words has them in its row.
untold=
while IFS=' ' read -r flag choice; do
    table docs/options.md Option | grep -F -- "\`$flag " | grep -qF -- "\`$choice\`" || untold+="$flag $choice"$'\n'
done < <(ask "'--' + o['name'] + ' ' + c for o in t['options'] for c in o['choices']")
none 'each word that an option may be is in its row' "$untold"

# --- what else there is -----------------------------------------------------------------------------------------------

first_cells() { table "$1" "$2" | cut -f 1 | tr -d '`' | sort; }
# The sections of a level below a heading, all of them without one.
sections() {
    awk -v level="$2 " -v under="${3:-}" '
        /^```/ { fenced = !fenced }
        fenced { next }
        under != "" && /^## / { inside = $0 == "## " under; next }
        (under == "" || inside) && index($0, level) == 1 { print substr($0, length(level) + 1) }
    ' "$1" | sort
}

same 'each format has a section in docs/report.md' \
    "$(ask "c for o in t['options'] if o['name'] == 'format' for c in o['choices']" | sort)" \
    "$(sections docs/report.md '###' Formats)"
none 'each kind has a section in docs/checks.md' \
    "$(comm -23 <(ask "t['kinds']" | sort) <(sections docs/checks.md '##'))"
same 'each kind has a row in docs/configuration.md' "$(ask "t['kinds']" | sort)" "$(first_cells docs/configuration.md Check)"
same 'the reason table has the reasons that there are' "$(ask "t['reasons']" | sort)" "$(first_cells docs/report.md Reason)"
none 'each reason has a section in docs/troubleshooting.md' \
    "$(comm -23 <(ask "t['reasons']" | sort) <(sections docs/troubleshooting.md '##'))"
same 'the phase table has the phases that there are' "$(ask "t['phases']" | sort)" "$(first_cells docs/report.md Phase)"
same 'the bundles of CAs are those that are looked for, in their order' "$(ask "t['bundles']")" \
    "$(sed -nE 's,^    (/etc/[^ ]*)$,\1,p' docs/checks.md)"

missing=
while IFS= read -r parameter; do
    grep -qF -- "\`$parameter\`" docs/configuration.md || missing+="$parameter "
done < <(ask "t['dropped']")
none 'every parameter of libpq that is dropped in silence is named' "$missing"

# --- examples ---------------------------------------------------------------------------------------------------------

# What differs from run to run, from build to build and from machine to machine.
mask() {
    sed -E -e 's/"(latency|connect)":[0-9]+\.[0-9]{3}/"\1":0/g' \
        -e 's/"timestamp":"[^"]*"/"timestamp":"T"/' \
        -e 's/,"uptime":[0-9]+\.[0-9]//' \
        -e 's/^(healthprobe) [0-9.]+ \(.*\)$/\1 V/' \
        -e 's/"probe":"healthprobe [0-9.]+"/"probe":"P"/' \
        -e 's/^(musl|libcurl|libpq|hiredis) [0-9.]+$/\1 V/' \
        -e 's/^system libc$/musl V/' \
        -e 's/^(OpenSSL [0-9a-z.]+|no TLS)$/OpenSSL V/' \
        -e 's/ +[0-9]+\.[0-9]{3} ms/ 0 ms/g' \
        -e 's/, up [0-9]+\.[0-9] s, /, /' \
        -e 's/, [0-9-]{10}T[0-9:.]{12}Z, healthprobe [0-9.]+$/, T, P/' \
        -e 's/, by healthprobe [0-9.]+"/, by P"/' \
        -e 's/(_seconds\{.*\}) [0-9.]+$/\1 0/' \
        -e '/^sources: /d'
}

mkdir "$work/bin" "$work/blocks"
ln -s "$binary" "$work/bin/healthprobe"
tests/docs/pages.py blocks console "$work/blocks" "${pages[@]}"

# Run the commands of a block one after the other, as somebody would type them, with an empty environment.
transcript() {
    # shellcheck disable=SC2016 # It is expanded by the other shell.
    env -i "PATH=$work/bin:/usr/bin:/bin" bash -c '
        status=0
        while IFS= read -r line; do
            [[ $line == "\$ "* ]] || continue
            printf "%s\n" "$line"
            (exit "$status")
            eval "${line#\$ }" </dev/null 2>&1
            status=$?
        done
    ' <"$1"
}

examples=0
for block in "$work"/blocks/*.console; do
    [[ -e $block ]] || break
    examples=$((examples + 1))
    same "$(<"${block%.console}.page"): $(head -n 1 "$block")" "$(mask <"$block")" \
        "$(transcript "$block" | keep_reports | mask)"
done
((examples > 0))
check 'there are examples' $?

# The reports that are broken into lines to be read. (Others are parts of files, which are not reports.)
tests/docs/pages.py blocks json "$work/blocks" "${pages[@]}"
for block in "$work"/blocks/*.json; do sed 's/^ *//' "$block" | tr -d '\n' | keep_reports >/dev/null; done

# --- peers ------------------------------------------------------------------------------------------------------------

# What the table says of healthprobe and a test has to show: all but what it has not.
proofs=tests/docs/peers.tsv
claimed=$(table docs/comparison.md What | awk -F '\t' '$2 !~ /^no(,|:|$)/ { print $1 }' | sort -u)
same 'what the table of other programs says of this one has tests' "$claimed" "$(cut -f 1 "$proofs" | sort -u)"
# A test is there where its file has it, and is run where tools/test or a suite of meson's has the file.
unproven() {
    local row file name stem
    while IFS=$'\t' read -r row file name; do
        [[ $file != *.c ]] || name="START_TEST($name)"
        grep -qF -- "$name" "$file" || echo "$row: $file has no $name"
        stem=${file##*/test_}
        [[ $file == tools/test ]] || grep -qE "'(test_)?${stem%.c}(\.c)?'" "${file%/*}/meson.build" 2>/dev/null ||
            grep -qF -- "$file" tools/test || grep -qF -- "${file%.mjs}.sh" tools/test || echo "$row: nothing runs $file"
    done <"$proofs"
}
none 'these tests are there, and are run' "$(unproven)"
cells=$(table docs/comparison.md What | awk -F '\t' 'NF != 9 || /\t\t/ || /\t$/ { print $1 }')
none 'the table of other programs has no empty cell' "$cells"

# --- files ------------------------------------------------------------------------------------------------------------

# Not patterns, such as src/check/NAME and src/report/render_*.c.
files=$(cat "${pages[@]}" | grep -oP '(^|[^\w/.-])\K(tools|tests|src|include|deps|docker|docs|\.ci)/[\w./-]*\w(?![\w*{])' |
    grep -vP '(NAME|KIND|ROOM)' | sort -u)
missing=
while IFS= read -r file; do
    [[ -e $file ]] || missing+="$file"$'\n'
done <<<"$files"
none 'no file is named that is not there' "$missing"

echo "1..$n"
exit $bad
