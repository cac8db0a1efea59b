# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A Docker engine for the tests. Sourced, after "set -euo pipefail":
#
#   engine_start                  makes an engine available: that of DOCKER_HOST or of the machine, or Debian's dockerd,
#                                 started for the tests. Sets and exports DOCKER_HOST, and defines "docker", which
#                                 builds with BuildKit. Without an engine it returns 1 and sets engine_why to the
#                                 reason: skip the tests then, but fail if REQUIRE_DOCKER is 1.
#   engine_stop                   ends what engine_start started, and removes from another's engine what engine_base
#                                 made. Call it from an EXIT trap; it may be called at any time.
#   engine_debian                 prints the name of the base that replaces Debian: debian:CODENAME-slim of this
#                                 machine's release, so that builds in it use this machine's compiler.
#   engine_base NAME [DIRECTORY]  makes sure that an image NAME exists. A foreign image of that name is used as it is.
#                                 Without DIRECTORY it is a minimal Debian; with it, it is built from the Dockerfile
#                                 there, which begins with "ARG BASE" and "FROM $BASE" (BASE is the minimal Debian).
#                                 "RUN apt-get update && apt-get install ..." works in it. Made once, and again when the
#                                 recipe changes.
#
# Images, build cache and volumes of our own engine are kept in HEALTHPROBE_CACHE/engine; remove that directory to start
# afresh. Several shells may use it at once: the last one to leave stops it. Its containers reach the network through
# the machine's; use "docker build --network host" for builds that need the archive or a registry.
#
# shellcheck disable=SC2034 # engine_why is for those that source it

engine_root=${HEALTHPROBE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/healthprobe}/engine
# shellcheck source=tests/container/debian.bash
source "$(dirname "${BASH_SOURCE[0]}")/debian.bash"
engine_own=0
engine_why=''
engine_client=''

engine_say() { printf '%s\n' "engine: $*" >&2; }

docker() { DOCKER_BUILDKIT=1 "$engine_client" "$@"; }

# Find a client that works with the engine at DOCKER_HOST. Debian's comes first: an earlier one in PATH may need a
# missing plugin for BuildKit.
engine_find_client() {
    local client
    for client in /usr/bin/docker "$(type -P docker)"; do
        [[ -x $client ]] || continue
        if "$client" version >/dev/null 2>&1; then
            engine_client=$client
            return
        fi
    done
    return 1
}

engine_start() {
    engine_find_client && return
    engine_why='no Docker engine answers, and starting one needs root'
    ((EUID == 0)) || return 1
    engine_why='no Docker engine answers, and there is no dockerd here to start one'
    [[ -x /usr/sbin/dockerd ]] || return 1

    mkdir -p "$engine_root"
    # Short, since the path of a socket must be.
    engine_run=/run/healthprobe-engine-$(printf '%s' "$engine_root" | sha256sum | cut -c1-8)
    mkdir -p "$engine_run"
    export DOCKER_HOST=unix://$engine_run/docker.sock
    exec {engine_users}>"$engine_run/users"
    engine_own=1
    # With the lock, this shell is the one to start it. Others wait for that.
    if flock -n -x "$engine_users"; then
        engine_launch || return 1
    fi
    flock -s "$engine_users"
    engine_find_client || { engine_why="the engine that was started does not answer: $engine_root/log"; return 1; }
}

# Start dockerd, unless an earlier one still answers.
engine_launch() {
    local tries
    engine_find_client && return
    engine_end
    # dockerd makes the machine forward only its own packets.
    [[ -e /sys/class/net/docker0 ]] || iptables -S FORWARD 2>/dev/null | grep '^-P' >"$engine_run/forwarding" || true
    # Do not use the system's containerd.
    setsid /usr/sbin/dockerd --data-root "$engine_root/data" --exec-root "$engine_run/exec" \
        --host "$DOCKER_HOST" --pidfile "$engine_run/pid" --config-file <(printf \
        '{"builder": {"gc": {"enabled": true, "defaultKeepStorage": "4GB"}}}') \
        --containerd-namespace healthprobe --containerd-plugins-namespace healthprobe-plugins \
        </dev/null >"$engine_root/log" 2>&1 {engine_users}>&- &
    for ((tries = 0; tries < 300; tries++)); do
        engine_find_client && return
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    engine_why="dockerd does not start: $(grep -v level=info "$engine_root/log" | tail -n 1 | cut -c1-300)"
    return 1
}

# Stop the dockerd of the pid file, if it is one, and remove what it leaves in the machine's network.
engine_end() {
    local pid tries
    pid=$(cat "$engine_run/pid" 2>/dev/null) || pid=none
    if [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]]; then
        kill "$pid"
        for ((tries = 0; tries < 300; tries++)); do
            [[ -e /proc/$pid ]] || break
            sleep 0.1
        done
        [[ ! -e /proc/$pid ]] || kill -KILL "$pid"
    fi
    if [[ -e $engine_run/forwarding ]]; then
        ip link delete docker0 2>/dev/null || true
        # "-P FORWARD ACCEPT", or nothing without iptables.
        # shellcheck disable=SC2046
        [[ ! -s $engine_run/forwarding ]] || iptables $(<"$engine_run/forwarding") || true
        rm -f "$engine_run/forwarding"
    fi
}

engine_stop() {
    local image
    if ((engine_own)); then
        engine_own=0
        if flock -n -x "$engine_users"; then engine_end; fi
        exec {engine_users}>&-
    elif [[ -n $engine_client ]]; then
        for image in $(docker image ls -q --filter label=healthprobe.recipe); do
            docker image rm -f "$image" >/dev/null || true
        done
    fi
    engine_client=''
}

engine_debian() { printf 'debian:%s-slim' "$(debian_codename)"; }

engine_base() {
    local name=$1 directory=${2:-} base recipe have
    base=$(engine_debian)
    if [[ -n $directory ]]; then
        engine_base "$base" || return
        recipe=$({ docker image inspect -f '{{.Id}}' "$base"; cd "$directory" && find . -type f -print0 | sort -z |
            xargs -0 sha256sum; } | sha256sum | cut -c1-16)
    else
        recipe=$({ declare -f engine_minimal; debian_recipe "$(debian_codename)"; } | sha256sum | cut -c1-16)
    fi
    if have=$(docker image inspect -f '{{index .Config.Labels "healthprobe.recipe"}}' "$name" 2>/dev/null); then
        [[ $have != "$recipe" && -n $have && $have != '<no value>' ]] || return 0
    fi
    engine_say "making $name"
    if [[ -n $directory ]]; then
        docker build --quiet --network host --build-arg "BASE=$base" --label "healthprobe.recipe=$recipe" \
            --tag "$name" "$directory" >/dev/null
    else
        engine_minimal "$name" "$recipe"
    fi
}

engine_minimal() {
    local work status=0
    work=$(mktemp -d)
    debian_root "$(debian_codename)" "$work/root.tar" &&
        docker import --change "LABEL healthprobe.recipe=$2" --change 'CMD ["bash"]' \
            --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' \
            --change 'ENV NPM_CONFIG_CAFILE=/etc/ssl/certs/ca-certificates.crt' \
            "$work/root.tar" "$1" >/dev/null || status=$?
    rm -rf "$work"
    return "$status"
}
