#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The same locked sources give the same bytes: builds in two copies of this checkout, at paths of different lengths, and
# compares. One uses the cached libraries, the other builds them again into a separate cache (downloads are shared). TAP
# on standard output. It takes long; tests/container/image.sh compares with an image's build instead.

set -euo pipefail

names=(healthprobe healthprobe-tiny)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${HEALTHPROBE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/healthprobe}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The files of the checkout in their current state, without build results.
files() { cd "$root" && git ls-files --cached --others --exclude-standard -z; }

build() {
    local checkout=$1/checkout
    mkdir -p "$checkout"
    files | (cd "$root" && tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null) | tar -C "$checkout" -xf -
    HEALTHPROBE_CACHE=$2 COMMIT=reproducible "$checkout/tools/build"
}

# A cache without libraries, with links to the downloads, so that they are neither repeated nor copied.
empty_cache() {
    mkdir -p "$1/downloads"
    ! [[ -d $cache/downloads ]] || cp -as "$(realpath "$cache/downloads")/." "$1/downloads/"
}

n=0 bad=0
build "$work/a" "$cache" >&2
empty_cache "$work/cache"
(
    umask 077
    export TZ=Pacific/Auckland
    build "$work/a-rather-longer-path-than-the-other" "$work/cache" >&2
)
for name in "${names[@]}"; do
    n=$((n + 1))
    a=$work/a/checkout/build/$name b=$work/a-rather-longer-path-than-the-other/checkout/build/$name
    if cmp "$a" "$b" >&2; then
        echo "ok $n - $name is the same from two directories ($(sha256sum <"$a" | cut -c1-16))"
    else
        echo "not ok $n - $name is the same from two directories"
        bad=1
    fi
done
echo "1..$n"
exit $bad
