#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the static executables promise about themselves. TAP on standard output.
#
#   tests/build/static.sh BINARY tls|tiny

set -uo pipefail
export LC_ALL=C

binary=${1:?usage: static.sh BINARY tls|tiny} flavour=${2:?usage: static.sh BINARY tls|tiny}
[[ -f $binary ]] || { echo "Bail out! there is no $binary"; exit 99; }
# A budget and the last measured size; whoever raises it gives a reason. On arm64 code is larger, relocations are not
# packed (binutils cannot do it), and padding is up to 64 KiB.
case $flavour-$(readelf -h "$binary" | sed -n 's/^ *Machine: *//p') in
    tls-*X86-64) budget=2000000 ;; # 1,984,024 on 2026-11-29
    tiny-*X86-64) budget=490000 ;; # 486,280 on 2026-11-29
    tls-AArch64) budget=3200000 ;;
    tiny-AArch64) budget=700000 ;;
    *) echo "Bail out! no flavour \"$flavour\" for the machine of $binary"; exit 99 ;;
esac
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

n=0 bad=0
# check NAME STATUS [DIAGNOSTIC]
check() {
    n=$((n + 1))
    if (($2 == 0)); then
        echo "ok $n - $flavour: $1"
    else
        echo "not ok $n - $flavour: $1"
        [[ -z ${3:-} ]] || printf '# %s\n' "${3//$'\n'/$'\n# '}"
        bad=1
    fi
}

header=$(readelf -hW "$binary" 2>&1)
segments=$(readelf -lW "$binary" 2>&1)
dynamic=$(readelf -dW "$binary" 2>&1)
sections=$(readelf -SW "$binary" 2>&1)

! grep -qw INTERP <<<"$segments"
check 'asks for no dynamic loader' $? "$segments"
! grep -q '(NEEDED)' <<<"$dynamic"
check 'needs no shared library' $? "$dynamic"
grep -q 'Type: *DYN' <<<"$header"
check 'is position independent' $? "$header"
! grep -q '(TEXTREL)' <<<"$dynamic"
check 'has no text relocations' $? "$dynamic"
grep -qw GNU_RELRO <<<"$segments" && grep -Eq 'BIND_NOW|Flags: .*NOW' <<<"$dynamic"
check 'has relocations that are read-only' $? "$segments"
grep -Eq 'GNU_STACK.* RW +0x' <<<"$segments"
check 'has a stack that is not executable' $? "$segments"
! grep -Eq 'LOAD.* RWE ' <<<"$segments"
check 'has no segment that is writable and executable' $? "$segments"
if grep -q 'X86-64' <<<"$header"; then
    ! grep -E '^ +[0-9]+ .*\.text' <<<"$segments" | grep -qF .rodata
    check 'has constants that are not executable' $? "$segments"
fi
! grep -Eq ' \.(symtab|strtab|debug_[a-z]+) ' <<<"$sections"
check 'is stripped' $? "$sections"
size=$(stat -c %s "$binary")
((size <= budget))
check "has at most $budget bytes" $? "$size bytes"
echo "# $size bytes of $budget"

cache=${HEALTHPROBE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/healthprobe}
found=
for path in "$root" "$cache" "${HOME:-/nonexistent}/" /usr/include/ /tmp/; do
    [[ $path != / && $path != // ]] || continue
    ! grep -qaF -- "$path" "$binary" || found+="$path "
done
[[ -z $found ]]
check 'holds no path of the build' $? "$found"

# musl's getaddrinfo() reads it; no library may resolve names, since it would not keep our deadline.
! grep -qaF /etc/services "$binary"
check 'holds no resolver but its own' $?

# A string from libpq, so that an executable that lost its libraries does not pass as a small one.
grep -qaF "lost synchronization with server" "$binary"
check 'holds the libraries, not references to them' $?

echo "1..$n"
exit $bad
