# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The option table as different places tell it, in one form. Sourced; all print lines of the same form: the flag and its
# metavar, the variable, the default, with tabs between them.
#
#   options_of_help BINARY
#   options_of_table TABLE     what the program of docs/table.c prints
#   options_of_manual FILE

# What --help says of each option, one a line: its flag and metavar, its variable, its default.
options_of_help() {
    "$1" --help | awk '
        function flush() { if (flag != "") print flag "\t" twin "\t" fallback; flag = twin = fallback = "" }
        /^  --/ {
            flush()
            flag = substr($0, 3)
            sub(/  +.*/, "", flag)
            # A long flag leaves one space before its meaning.
            if (length(flag) > 25) flag = substr($0, 3, 25)
            sub(/ +$/, "", flag)
            if (match($0, / \([^()]*\)$/)) fallback = substr($0, RSTART + 2, RLENGTH - 3)
            next
        }
        /^ +HEALTHPROBE_/ { twin = $0; sub(/^ +/, "", twin); next }
        END { flush() }
    '
}

options_of_table() {
    python3 - "$1" <<'PY'
import json, sys
for option in json.load(open(sys.argv[1]))['options']:
    print('--' + option['name'] + (' ' + option['metavar'] if option['metavar'] else ''),
          (option['twin'] or '') + (', …_FILE' if option['source'] else ''), option['default'] or '', sep='\t')
PY
}

options_of_manual() {
    awk '
        function flush() { if (flag != "") print flag "\t" twin "\t" fallback; flag = twin = fallback = "" }
        /^\.(It|El|Ss|Sh)/ { flush() }
        /^\.It Fl -/ { flag = "-" $3; if ($4 == "Ar") flag = flag " " $5 }
        flag == "" { next }
        /^\.Pq default: Ql / { fallback = substr($0, 17); gsub(/\\/, "", fallback) }
        # The file has a variable of its own, of the same name.
        /^\.Ev / { twin = twin == "" ? $2 : $2 == twin "_FILE" ? twin ", …_FILE" : twin " " $2 }
    ' "$1"
}
