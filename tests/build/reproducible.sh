#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The same locked sources give the same bytes: builds twice, each time in a copy of this checkout and a cache of its own
# (the downloaded sources are shared), at paths of different lengths, and compares. TAP on standard output.
#
#   tests/build/reproducible.sh [--all]        tiny, or both flavours

set -euo pipefail

flavour=tiny names=(healthprobe-tiny)
if [[ ${1:-} == --all ]]; then flavour=both names=(healthprobe healthprobe-tiny); fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${HEALTHPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/healthprobe}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What belongs to the checkout, as it stands, without what was built in it.
files() { cd "$root" && git ls-files --cached --others --exclude-standard -z; }

build() {
    local checkout=$1/checkout
    mkdir -p "$checkout" "$1/cache/downloads"
    files | (cd "$root" && tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null) | tar -C "$checkout" -xf -
    # Links to what was downloaded, so that it is neither downloaded nor copied again.
    ! [[ -d $cache/downloads ]] || cp -as "$(realpath "$cache/downloads")/." "$1/cache/downloads/"
    HEALTHPROBE_CACHE=$1/cache COMMIT=reproducible "$checkout/tools/build" --flavour "$flavour"
}

n=0 bad=0
build "$work/a" >&2
(
    umask 077
    export TZ=Pacific/Auckland
    build "$work/a-rather-longer-path-than-the-other" >&2
)
for name in "${names[@]}"; do
    n=$((n + 1))
    a=$work/a/checkout/build/$name b=$work/a-rather-longer-path-than-the-other/checkout/build/$name
    if cmp "$a" "$b" >&2; then
        echo "ok $n - $name is the same from two folders ($(sha256sum <"$a" | cut -c1-16))"
    else
        echo "not ok $n - $name is the same from two folders"
        bad=1
    fi
done
echo "1..$n"
exit $bad
