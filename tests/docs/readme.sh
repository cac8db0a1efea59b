#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The README and the pages in docs say what the executable does. TAP on standard output.
#
#   tests/docs/readme.sh BINARY [TABLE]
#
# TABLE is docs/table of a development build with TLS (build/clang/docs/table).
#
# Its option table is the one of --help, its reasons, phases and formats are those there are, its ```console blocks give what
# they show (so those must need no server), its ```yaml and ```dockerfile blocks stand in files of docker, which other
# tests run, and the files that it names are there.

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
pages=(README.md docs/*.md)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
# All of them as one text, in which a file has one name wherever it is named.
readme=$work/readme.md
"$program" >"$work/table" || { echo 'Bail out! there is no option table'; exit 99; }
# ask EXPRESSION: what the option table has, t, one a line.
ask() { python3 -c "import json, sys; t = json.load(open(sys.argv[1])); print(*list($1), sep='\\n')" "$work/table"; }
sed -E 's,\]\(\.\./,](,' "${pages[@]}" >"$readme"

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

# --- options ----------------------------------------------------------------------------------------------------------

# The rows of a table of the README without its back quotes, a tab between cells: the table whose first heading is named.
table() {
    awk -v heading="$1" '
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
    ' "$readme"
}

# The same from the README. A default without back quotes is a remark, such as "the mode's".
options_of_readme() {
    table Option | awk -F '\t' '{
        fallback = $3 ~ /^`.*`$/ ? $3 : ""
        line = $1 "\t" $2 "\t" fallback
        gsub(/`/, "", line)
        print line
    }'
}

options=$(options_of_help "$binary")
[[ -n $options ]]
check '--help names options' $?
same 'the option table has the flags, variables and defaults of --help' "$(sort <<<"$options")" \
    "$(options_of_readme | sort)"

known=$(awk '{ print $1 }' <<<"$options" | sort -u)
# Beside the name of another program stand options of that program, and one is misspelled for an example.
# shellcheck disable=SC2016 # Back quotes of the README.
named=$(sed -E 's/^\| `[^|]*(\\\|[^|]*)*\| `healthprobe /| `healthprobe /' "$readme" |
    grep -vE '(^|[^/])(wget|docker|podman|tools/(build|test)|COPY|HEALTHCHECK|cosign|sha256sum) ' | grep -vF -- ' --timout' |
    grep -oE '(^|[^[:alnum:]-])--[a-z][a-z-]*' | grep -oE -- '--.*' | sort -u)
none 'no option is named that --help does not know' "$(comm -13 <(printf '%s\n' "$known") <(printf '%s\n' "$named"))"

twins=$(grep -oE 'HEALTHPROBE_[A-Z_]+' <<<"$options" | sort -u)
# Those of the build, of the compose files and of the tests; one is misspelled.
named=$(grep -oE 'HEALTHPROBE_[A-Z_]*[A-Z]' "$readme" | sed 's/_FILE$//' | grep -vxE 'HEALTHPROBE_(CACHE|IMAGE|BINARY|TLS|STATIC|TIMOUT)' | sort -u)
none 'no variable is named that --help does not know' \
    "$(comm -13 <(printf '%s\n' "$twins") <(printf '%s\n' "$named"))"

# One that may be a few words has them in its row.
untold=
while IFS=' ' read -r flag choice; do
    table Option | grep -F -- "\`$flag " | grep -qF -- "\`$choice\`" || untold+="$flag $choice"$'\n'
done < <(ask "'--' + o['name'] + ' ' + c for o in t['options'] for c in o['choices']")
none 'each word that an option may be is in its row' "$untold"
undescribed=
while IFS= read -r format; do
    grep -qE -- "--format ${format//+/\\+}( |\`|\$)" "$readme" || undescribed+="$format "
done < <(ask "c for o in t['options'] if o['name'] == 'format' for c in o['choices'] if c != o['default']")
none 'each format is described' "$undescribed"

# --- what else there is -----------------------------------------------------------------------------------------------

first_cells() { table "$1" | cut -f 1 | tr -d '`' | sort; }

same 'the reason table has the reasons that there are' "$(ask "t['reasons']" | sort)" "$(first_cells Reason)"
same 'the phase table has the phases that there are' "$(ask "t['phases']" | sort)" "$(first_cells Phase)"
same 'the bundles of CAs are those that are looked for, in their order' "$(ask "t['bundles']")" \
    "$(sed -nE 's,^    (/etc/[^ ]*)$,\1,p' "$readme")"

missing=
while IFS= read -r parameter; do
    grep -qF -- "\`$parameter\`" "$readme" || missing+="$parameter "
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

mkdir "$work/bin"
ln -s "$binary" "$work/bin/healthprobe"

# Split the blocks into files: 1.want, 2.want, …, as they stand in the README.
awk -v work="$work" '
    /^```console$/ { file = work "/" ++count ".want"; printf "" >file; next }
    /^```$/ { file = ""; next }
    file != "" { print >file }
' "$readme"

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
for want in "$work"/*.want; do
    [[ -e $want ]] || break
    examples=$((examples + 1))
    same "example $examples gives what it shows: $(head -n 1 "$want")" "$(mask <"$want")" "$(transcript "$want" | keep_reports | mask)"
done
((examples > 0))
check 'there are examples' $?

# The reports that are broken into lines to be read. (Others are parts of files, which are not JSON alone.)
awk '/^```json$/ { inside = 1; next } /^```$/ { if (inside) print ""; inside = 0 } inside { sub(/^ +/, ""); printf "%s", $0 }' "$readme" |
    keep_reports >/dev/null

# --- excerpts ---------------------------------------------------------------------------------------------------------

# Print the blocks that do not stand in a file: its lines have to be there in this order, all of them indented by so much
# more or less. Lines may have been left out.
excerpts() {
    python3 - "$readme" <<'PY'
import pathlib, re, sys

files = {'yaml': [], 'dockerfile': []}
for path in pathlib.Path('docker').rglob('*'):
    if 'node_modules' in path.parts or not path.is_file():
        continue
    kind = 'dockerfile' if path.name.startswith('Dockerfile') else {'.yml': 'yaml', '.yaml': 'yaml'}.get(path.suffix)
    if kind:
        files[kind].append(path.read_text().splitlines())

def moved(line, by):
    if by >= 0 or not line.strip():
        return ' ' * by + line if line.strip() else ''
    return line[-by:] if line[:-by].isspace() else None

def stands(block, lines):
    for by in range(-16, 17):
        rest = iter(lines)
        if all(moved(line, by) in rest for line in block):
            return True
    return False

text = pathlib.Path(sys.argv[1]).read_text()
blocks = re.findall(r'^```(yaml|dockerfile)\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
assert blocks
for kind, block in blocks:
    if not any(stands(block.splitlines(), lines) for lines in files[kind]):
        print(block)
PY
}
none 'every yaml and dockerfile excerpt stands in a file of docker' "$(excerpts 2>&1)"

# What replaces another program is a command line that is understood.
replacements() {
    local line
    while IFS= read -r line; do
        [[ $line == healthprobe* ]] || { echo "not ours: $line"; continue; }
        # A password file that is not there is no matter here.
        (eval "env -i PATH=$work/bin:/usr/bin:/bin DATABASE_URL=postgresql://app@localhost/app REDIS_URL=redis://localhost \
            PASSWORD=p TOKEN=t timeout 1 $line") </dev/null 2>&1 | keep_reports |
            grep -E '"reason":"(usage|config)"' | grep -vF /run/secrets/
    done < <(table Before | cut -f 2 | tr -d '`')
}
none 'what replaces other programs is understood' "$(replacements)"

# --- peers ------------------------------------------------------------------------------------------------------------

# What the table says of healthprobe and a test has to show: all but what it has not.
proofs=tests/docs/peers.tsv
claimed=$(table What | awk -F '\t' '$2 !~ /^no(,|:|$)/ { print $1 }' | sort -u)
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
cells=$(table What | awk -F '\t' 'NF != 9 || /\t\t/ || /\t$/ { print $1 }')
none 'the table of other programs has no empty cell' "$cells"

# --- files ------------------------------------------------------------------------------------------------------------

files=$(grep -oE '(^|[^[:alnum:]/_.-])(tools|tests|src|include|deps|docker|docs|\.ci)/[[:alnum:]_./-]*[[:alnum:]]' "$readme" |
    grep -oE '[.[:alpha:]].*' | sort -u)
missing=
while IFS= read -r file; do
    [[ -e $file ]] || missing+="$file"$'\n'
done <<<"$files"
none 'no file is named that is not there' "$missing"

anchors_of() { grep -E '^#+ ' "$1" | sed -E 's/^#+ //' | tr '[:upper:] ' '[:lower:]-' | tr -cd '[:alnum:]_\n-'; }
broken=
for page in "${pages[@]}"; do
    while IFS= read -r link; do
        file=${link%%#*}
        file=${file:+${page%"${page##*/}"}$file}
        file=${file:-$page}
        [[ -e $file ]] && { [[ $link != *'#'* ]] || anchors_of "$file" | grep -qxF -- "${link#*#}"; } || broken+="$page: $link"$'\n'
    done < <(grep -oE '\]\([^) ]+\)' "$page" | tr -d '])(' | grep -vE '^https?:')
done
none 'every link leads to a file and a section' "$broken"

echo "1..$n"
exit $bad
