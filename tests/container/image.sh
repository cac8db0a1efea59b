#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The images of docker/Dockerfile, built and run by a real engine (engine.bash). TAP on standard output.
#
#   tests/container/image.sh [--all]
#
# The results of an image's build are compared with those of tools/build here, byte by byte. The image without TLS is
# built from downloaded sources only; the others get this machine's cached libraries, unless --all is given, which also
# builds the image with TLS for arm64.
#
# shellcheck disable=SC2317 # reached by way of tap()

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/container/engine.bash
source tests/container/engine.bash
# shellcheck source=tests/container/tap.bash
source tests/container/tap.bash
export LC_ALL=C

all=0
if [[ ${1:-} == --all ]]; then all=1; fi
cache=${HEALTHPROBE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/healthprobe}

# What an image may contain besides the executable, in bytes.
room=300000

# --- the images -------------------------------------------------------------------------------------------------------

# An image that passes libraries and sources of a flavour to the Dockerfile; "sources": only the sources.
hand_over() {
    local name=$1 host=$2 flavour=$3 what=$4 prefix package version directory paths=()
    prefix=$(HOST_MACHINE=$host deps/build "$flavour")
    while read -r _ package version _ _ directory; do
        paths+=("downloads/${package}_$version")
        [[ $what == sources ]] || paths+=("built/$directory")
    done <"$prefix/parts"
    # Replacements for sources that are not available.
    while read -r directory; do paths+=("downloads/$directory"); done \
        < <(find "$cache/downloads" -name 'instead-of-*' -printf '%f\n')
    tar -C "$cache" -c "${paths[@]}" | docker import - "healthprobe-image-test:$name-cache" >/dev/null
}

# build NAME TARGET ARCH [DIRECTORY]: the log is in $work/NAME.log, the files of the image then in $work/NAME.
build() {
    local name=$1 target=$2 arch=$3 directory=${4:-.} container
    docker build --progress=plain --network host --platform "linux/$arch" --target "$target" \
        --build-arg "BASE=$(engine_debian)" --build-arg "CACHE=healthprobe-image-test:${name%%-*}-cache" \
        --build-arg "HEALTHPROBE_CACHE=$cache" --build-arg "VERSION=$version" --build-arg "COMMIT=$commit" \
        --file "$directory/docker/Dockerfile" --tag "healthprobe-image-test:$name" "$directory" \
        >"$work/$name.log" 2>&1 ||
        { tail -n 30 "$work/$name.log"; return 1; }
    [[ $directory == . ]] || return 0
    container=$(docker create "healthprobe-image-test:$name") || return
    mkdir "$work/$name"
    docker export "$container" | tar -C "$work/$name" -x
    docker rm "$container" >/dev/null
}

inspect() { docker image inspect -f "$2" "healthprobe-image-test:$1"; }

# --- the cases for each image -----------------------------------------------------------------------------------------

same_bytes() { cmp "$work/$1/healthprobe" "$2"; }
same_sbom() { cmp "$work/$1/healthprobe.cdx.json" "$2.cdx.json"; }

# The directory of a part's licence; libgcc has an exception that requires none.
licence_directories() {
    python3 -c 'import json, sys
for part in json.load(open(sys.argv[1]))["components"]:
    if part["name"] != "libgcc" and part.get("scope") != "excluded":
        print("licenses/" + part["name"].replace("libpq", "postgresql"))' "$work/$1/healthprobe.cdx.json"
}

holds() {
    local name=$1 flavour=$2 expected found
    expected=$({
        printf '%s\n' healthprobe healthprobe.cdx.json licenses/healthprobe
        [[ $flavour != tls ]] || printf '%s\n' etc/ssl/certs/ca-certificates.crt licenses/openssl
        licence_directories "$name"
    } | sort -u)
    # An engine adds some empty files to a container.
    found=$(cd "$work/$name" && find . -type f -size +0 -printf '%P\n' | sed 's,^\(licenses/[^/]*\)/.*,\1,' | sort -u)
    diff <(echo "$expected") <(echo "$found")
}

small_enough() {
    local size binary
    size=$(inspect "$1" '{{.Size}}')
    binary=$(stat -c %s "$work/$1/healthprobe")
    echo "# $1: $size bytes, the executable $binary of them" >&3
    ((size <= binary + room)) || { echo "$size bytes, $((size - binary)) beside the executable"; return 1; }
}

tells_what_it_is() {
    local expected="$version $commit MIT healthprobe 65532:65532 [/healthprobe]" found
    found=$(inspect "$1" '{{with .Config}}{{index .Labels "org.opencontainers.image.version"}} {{
        index .Labels "org.opencontainers.image.revision"}} {{index .Labels "org.opencontainers.image.licenses"}} {{
        index .Labels "org.opencontainers.image.title"}} {{.User}} {{.Entrypoint}}{{end}}')
    [[ $found == "$expected" ]] || { echo "$found"; return 1; }
}

# It gets only what it needs: the 16 processes include its threads.
confined() {
    docker run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges --user 65532:65532 \
        --pids-limit 16 --memory 32m --memory-swap 32m --volume "$work/redis:/run/redis:ro" "healthprobe-image-test:$1" "${@:2}"
}

tells_its_version() {
    local found
    found=$(confined "$1" --version | head -n1)
    [[ $found == "healthprobe $version ($commit)" ]] || { echo "$found"; return 1; }
}

finds_redis_healthy() {
    local report
    report=$(confined "$1" --check redis --redis unix:///run/redis/socket) || { echo "exit $?: $report"; return 1; }
    [[ $report == '{"status":"healthy",'* ]] || { echo "$report"; return 1; }
}

finds_nobody_unhealthy() {
    local report status=0
    report=$(confined "$1" full --database postgresql://app:secret@127.0.0.1/app --redis redis://127.0.0.1) || status=$?
    [[ $status == 1 && $report == '{"status":"unhealthy","summary":"'*'database refused'* ]] ||
        { echo "exit $status: $report"; return 1; }
}

trusts_authorities() {
    local certificates report
    certificates=$(grep -c '^-----BEGIN CERTIFICATE' "$work/$1/etc/ssl/certs/ca-certificates.crt")
    ((certificates >= 100)) || { echo "$certificates certificates"; return 1; }
    # Without them, there would be an error before any connection.
    report=$(confined "$1" --http https://127.0.0.1:1 --format short) || true
    [[ $report == 'unhealthy: http refused; '* ]] || { echo "$report"; return 1; }
}

runs_emulated() {
    local found
    [[ $(inspect "$1" '{{.Architecture}}') == arm64 ]] || { echo 'not an image for arm64'; return 1; }
    found=$(qemu-aarch64-static "$work/$1/healthprobe" --version | head -n1)
    [[ $found == "healthprobe $version ($commit)" ]] || { echo "$found"; return 1; }
}

# A release packs what the images contain, with the same bytes each time.
archives() {
    local name=healthprobe-$version-linux-amd64 out
    mkdir -p "$work/images/healthprobe" "$work/images/healthprobe-tiny" "$work/unpacked"
    ln -s "$work/tls" "$work/images/healthprobe/linux_amd64"
    ln -s "$work/tiny" "$work/images/healthprobe-tiny/linux_amd64"
    ln -s "$work/tinyarm" "$work/images/healthprobe-tiny/linux_arm64"
    for out in archives again; do
        SOURCE_DATE_EPOCH=1700000000 tools/release pack "$work/images" "$version" "$work/$out"
        tools/release sums "$work/$out"
    done
    diff -r "$work/archives" "$work/again" || return 1
    [[ $(wc -l <"$work/archives/SHA256SUMS") == 6 ]] || { ls "$work/archives"; return 1; }
    tar -C "$work/unpacked" -xf "$work/archives/$name.tar.gz"
    cmp "$work/unpacked/$name/healthprobe.1" docs/healthprobe.1 || return 1
    cmp "$work/unpacked/$name/report.schema.json" docs/report.schema.json || return 1
    diff -r "$work/unpacked/$name/completions" docs/completions || return 1
    cmp "$work/unpacked/$name/healthprobe" build/healthprobe && "$work/unpacked/$name/healthprobe" --version >/dev/null
}

# --- the layers -------------------------------------------------------------------------------------------------------

# The number of a step in BuildKit's log.
step() { sed -n "s/^#\([0-9]*\) \[build-tiny .*$2.*/\1/p" "$work/$1.log" | head -n1; }

# Whether BuildKit took a step from its cache.
cached() { grep -q "^#$(step "$1" "$2") CACHED" "$work/$1.log"; }

copy_tree() {
    mkdir "$work/$1"
    git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --ignore-failed-read -c 2>/dev/null |
        tar -C "$work/$1" -x
}

keeps_libraries() {
    copy_tree changed
    echo '/* A change. */' >>"$work/changed/src/main.c"
    build tiny-changed healthprobe-tiny amd64 "$work/changed" || return 1
    echo "# $(grep -A1 "^#$(step tiny-changed --libraries) \[" "$work/tiny-changed.log" | head -n1)" \
        "$(grep "^#$(step tiny-changed --libraries) CACHED" "$work/tiny-changed.log")" >&3
    cached tiny-changed --libraries || { echo 'the libraries were built again'; return 1; }
    ! cached tiny-changed --out || { echo 'the executable was not'; return 1; }
}

# Compares two copies in new directories: a long-lived BuildKit reuses what it kept of earlier contexts called ".", and
# then a copy with the same files counts as different.
ignores_the_rest() {
    copy_tree same
    build tiny-same healthprobe-tiny amd64 "$work/same" || return 1
    copy_tree other
    echo 'A change.' | tee -a "$work/other/README.md" "$work/other/tests/meson.build" >"$work/other/build.o"
    build tiny-other healthprobe-tiny amd64 "$work/other" || return 1
    cached tiny-other --out || { echo 'the executable was built again'; return 1; }
}

# --- all of it --------------------------------------------------------------------------------------------------------

flavour_cases() {
    local name=$1 title=$2 flavour=$3 binary=$4
    run "$title: has the same executable as tools/build makes" same_bytes "$name" "$binary"
    run "$title: has the same SBOM" same_sbom "$name" "$binary"
    run "$title: holds licences, and nothing that is not needed" holds "$name" "$flavour"
    run "$title: has at most $room bytes beside the executable" small_enough "$name"
    run "$title: has labels, a user that is not root, and an entry point" tells_what_it_is "$name"
}

confined_cases() {
    local name=$1 title=$2
    run "$title: runs confined, and tells version and commit" tells_its_version "$name"
    run "$title: runs confined, and finds a Redis healthy" finds_redis_healthy "$name"
    run "$title: runs confined, and finds nobody unhealthy" finds_nobody_unhealthy "$name"
}

cases() {
    run 'healthprobe-tiny: is built from nothing but sources' build tiny healthprobe-tiny amd64
    flavour_cases tiny healthprobe-tiny tiny build/healthprobe-tiny
    confined_cases tiny healthprobe-tiny
    run 'healthprobe-tiny: a change in src keeps the libraries' keeps_libraries
    run 'healthprobe-tiny: a change that no build reads changes nothing' ignores_the_rest
    run 'healthprobe: is built' build tls healthprobe amd64
    flavour_cases tls healthprobe tls build/healthprobe
    confined_cases tls healthprobe
    run 'healthprobe: trusts the usual authorities' trusts_authorities tls
    run 'healthprobe-tiny for arm64: is built' build tinyarm healthprobe-tiny arm64
    flavour_cases tinyarm 'healthprobe-tiny for arm64' tiny build/arm64/healthprobe-tiny
    run 'healthprobe-tiny for arm64: runs, emulated' runs_emulated tinyarm
    run 'archives of a release: hold the executables, the same bytes each time' archives
    ((all)) || return 0
    run 'healthprobe for arm64: is built' build tlsarm healthprobe arm64
    flavour_cases tlsarm 'healthprobe for arm64' tls build/arm64/healthprobe
    run 'healthprobe for arm64: runs, emulated' runs_emulated tlsarm
}

work=$(mktemp -d) redis_pid=''
finish() {
    local image
    [[ -z $redis_pid ]] || kill "$redis_pid" 2>/dev/null || true
    if [[ -n $engine_client ]]; then
        for image in $(docker image ls --format '{{.Repository}}:{{.Tag}}' healthprobe-image-test); do
            docker image rm -f "$image" >/dev/null || true
        done
    fi
    engine_stop
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM

if ! engine_start; then
    engine_say "$engine_why"
    if [[ ${REQUIRE_DOCKER:-} == 1 ]]; then
        run() { tap "$1" false; }
    else
        run() { tap_skip "$1" "$engine_why"; }
    fi
    cases
    tap_end
    exit
fi

tools/build >&2
tools/build --arch arm64 --flavour "$(if ((all)); then echo both; else echo tiny; fi)" >&2
read -r _ version commit < <(build/healthprobe-tiny --version)
commit=${commit//[()]/}

engine_base "$(engine_debian)"
hand_over tiny x86_64 tiny sources
hand_over tls x86_64 tls "$(if ((all)); then echo sources; else echo libraries; fi)"
hand_over tinyarm aarch64 tiny libraries
if ((all)); then hand_over tlsarm aarch64 tls libraries; fi

chmod 755 "$work"
mkdir "$work/redis"
redis-server --port 0 --unixsocket "$work/redis/socket" --unixsocketperm 777 --dir "$work" --save '' \
    >"$work/redis.log" &
redis_pid=$!

exec 3>&1
run() {
    local start=$SECONDS
    tap "$@"
    ((SECONDS - start < 10)) || echo "# $((SECONDS - start)) s"
}
cases
tap_end
