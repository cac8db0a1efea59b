# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# How one library is built. Sourced after common.bash; whatever stands here changes the key of every library.

# Build one library. Its script runs in the unpacked and patched source and leaves include/, lib/ and share/licenses/ in
# $out; when all went well, that becomes the directory named. Run in a shell of its own, which then ends.
#
#   build_library NAME VARIANT FINAL_DIRECTORY DIRECTORY_WITH_THE_SOURCE_PACKAGE
build_library() {
    local name=$1 dsc start=$SECONDS
    export variant=$2 final=$3 host cross prefix jobs musl openssl version work out
    take_lock "${final##*/}"
    [[ -d $final ]] && exit
    mkdir -p "$cache/built"
    work=$(mktemp -d "$cache/work.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 143' HUP INT TERM
    out=$work/out musl=${built[musl]:-} openssl=${built[openssl]:-}
    mkdir "$work/bin" "$out"
    dsc=$(echo "$4"/*.dsc)
    version=$(sed -n 's/^Version: //p' "$dsc" | head -n1)
    say "building $name $version ($variant)"
    version=${version#*:} version=${version%%[-+~]*}
    unpack "$dsc" "$work/src" "$deps/$name/patches" >"$work/log" 2>&1 || failed "$name"
    toolchain
    cd "$work/src"
    PATH=$work/bin:$PATH bash -euo pipefail "$deps/$name/build" >>"$work/log" 2>&1 || failed "$name"
    mv "$out" "$final"
    say "built $name in $((SECONDS - start)) s"
    exit
}

unpack() {
    local patch
    dpkg-source --no-check -x "$1" "$2" || return
    for patch in "$3"/*.patch; do
        [[ -e $patch ]] || continue
        echo "== $patch"
        patch --batch --forward --fuzz=0 --no-backup-if-mismatch -d "$2" -p1 <"$patch" || return
    done
}

# The compiler, under a name that is the same everywhere: some libraries keep how they were compiled in a string.
toolchain() {
    local specs=''
    [[ -z $musl ]] || specs="-specs $musl/musl.specs "
    printf '#!/bin/sh\nexec %sgcc %s"-ffile-prefix-map=%s=." "$@"\n' "$cross" "$specs" "$work" >"$work/bin/healthprobe-cc"
    chmod +x "$work/bin/healthprobe-cc"
}

failed() {
    tail -n 25 "$work/log" | cut -c1-200 >&2
    cp "$work/log" "$cache/$1.log"
    die "$1 cannot be built; the whole log: $cache/$1.log"
}
