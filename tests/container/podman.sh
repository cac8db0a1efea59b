#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The example in Podman, by the lines of the documentation. TAP on standard output.
#
#   tests/container/podman.sh BINARY
#
# Where no systemd runs, Podman has no timer for health checks: they are run here. Its storage is this test's own, its
# containers have nothing but a loopback. An engine makes the image of Node; without one the cases are skipped, unless
# REQUIRE_DOCKER=1.
#
# shellcheck disable=SC2317 # reached by way of tap()

set -euo pipefail

usage='usage: podman.sh BINARY'
binary=$(realpath -e "${1:?$usage}") || { echo "Bail out! there is no $1"; exit 99; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/container/tap.bash"
source "$root/tests/container/engine.bash"
source "$root/tests/container/example.bash"
cd "$root"
work=${2:-}

# --- outside ----------------------------------------------------------------------------------------------------------

parents() { find /sys/fs/cgroup -maxdepth 2 -name libpod_parent | sort; }
finish() {
    engine_stop
    comm -13 <(echo "$before") <(parents) |
        while read -r directory; do find "$directory" -depth -type d -exec rmdir {} \;; done
    rm -rf --one-file-system "$work"
}
if [[ -z $work ]]; then
    work=$(mktemp -d)
    chmod 755 "$work"
    before=$(parents)
    trap finish EXIT
    trap 'exit 143' HUP INT TERM
    engine_start || tap_without 'the example in Podman' "$engine_why"
    if ! { example_node && docker save --output "$work/node.tar" "node:$NODE_VERSION-slim"; } >"$work/log" 2>&1; then
        tail -n 30 "$work/log" >&2
        echo 'Bail out! cannot make the image of Node'
        exit 99
    fi
    engine_stop
    # With these namespaces go its mounts and processes.
    unshare --mount --pid --fork --kill-child --mount-proc "${BASH_SOURCE[0]}" "$binary" "$work"
    exit
fi

source "$root/tests/container/servers.bash"

# --- Podman and the servers -------------------------------------------------------------------------------------------

for directory in /run /dev/shm; do mount -t tmpfs tmpfs "$directory"; done
export HEALTHPROBE_IMAGE=healthprobe
docker() { podman "$@"; }

settings() {
    mkdir "$work/tmp"
    # The limits, since Podman asks for more than the root of a container may have.
    cat >"$work/containers.conf" <<END
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
END
    printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/storage" "$work/run" \
        >"$work/storage.conf"
    export CONTAINERS_CONF=$work/containers.conf CONTAINERS_STORAGE_CONF=$work/storage.conf TMPDIR=$work/tmp \
        DISABLE_HC_SYSTEMD=true
}

prepared() {
    settings && podman load --quiet --input "$work/node.tar" && example_probe "$binary" || return
    unshare --net sh -c 'ip link set lo up; exec sleep infinity' &
    network_pid=$!
    within 20 nsenter "--net=/proc/$network_pid/ns/net" ip -4 route get 127.0.0.1 &&
        servers_prepare "$network_pid" && postgres_start && redis_start
}
if ! prepared >"$work/log" 2>&1; then
    tail -n 30 "$work/log" >&2
    echo 'Bail out! cannot prepare Podman, its images and the servers'
    exit 99
fi

# --- images -----------------------------------------------------------------------------------------------------------

# documented LINE [OPTION...]: runs a line of the documentation, with some options more.
documented() {
    local line=$1 words=()
    grep -rqxF -- "$line" README.md docs || { echo "the documentation has no line: $line"; return 1; }
    eval "words=(${line#podman })"
    podman "${words[0]}" "${@:2}" "${words[@]:1}"
}
image_check() {
    local found
    found=$(podman image inspect --format '{{with .HealthCheck}}{{.Test}} {{.Interval}} {{.Timeout}}{{end}}' api)
    [[ $found == "$1" ]] || { echo "found: $found"; return 1; }
}
tap 'the example is built in the format of Docker' documented 'podman build --format docker -t api docker/example' \
    --network host
tap 'its image has the health check' image_check '[CMD /healthprobe full] 15s 5s'

# --- its own check ----------------------------------------------------------------------------------------------------

# The service in the servers' namespace, which the example's user can reach.
chmod 644 "$work"/secrets/*
options=(--detach --network "ns:/proc/$network_pid/ns/net" --volume "$work/secrets:/run/secrets/example:ro" --read-only
    --cap-drop all --security-opt no-new-privileges --memory 256m --pids-limit 64
    --env DATABASE_URL=postgresql://app@127.0.0.1:5432/app --env REDIS_URL=redis://127.0.0.1:6379)
for name in DATABASE REDIS; do
    file=/run/secrets/example/${name,,}_password
    options+=(--env "${name}_PASSWORD_FILE=$file" --env "HEALTHPROBE_${name}_PASSWORD_FILE=$file")
done

# checked NAME STATUS RUNS PATTERN: after at most so many runs of the health check, the container has that status, and
# what the last one said matches.
checked() {
    local name=$1 status=$2 runs=$3 pattern=$4 found='' output=''
    for (( ; runs > 0; runs--)); do
        podman healthcheck run "$name" >/dev/null 2>&1 || true
        found=$(podman inspect --format '{{.State.Health.Status}}' "$name")
        output=$(podman inspect --format '{{json .State.Health.Log}}' "$name" |
            python3 -c 'import json, sys; sys.stdout.write((json.load(sys.stdin) or [{"Output": ""}])[-1]["Output"])')
        [[ $found != "$status" || ! $output =~ $pattern ]] || return 0
        sleep 0.3
    done
    echo "$found, and not $status, or not like '$pattern': $output"
    podman logs "$name" 2>&1 | tail -n 5
    return 1
}
up='^\{"status":"healthy".*"http":.*"database":.*"redis":'
tap 'it runs, confined' podman run --name own "${options[@]}" api
# It has a start period, in which no failure counts.
tap 'its own health check finds it healthy' checked own healthy 50 "$up"
podman rm --force --time 0 own >/dev/null

# --- an image without -------------------------------------------------------------------------------------------------

oci() { printf 'FROM api\nHEALTHCHECK CMD ["/healthprobe", "full"]\n' | podman build --tag api - 2>&1; }
warned() { oci | tee /dev/stderr | grep 'HEALTHCHECK is not supported for OCI image format'; }
tap 'the format of OCI drops the health check, with a warning' warned
tap 'its image has none' image_check ''
line="podman run --health-cmd '[\"/healthprobe\", \"full\"]' --health-interval 15s --health-timeout 5s api"
tap 'it runs, told which health check' documented "$line" --name told "${options[@]}"
tap 'that health check finds it healthy' checked told healthy 50 "$up"
servers_stop
down='^\{"status":"unhealthy","summary":"http status 503, database refused, redis refused"'
tap 'without Postgres and Redis it is unhealthy after three runs' checked told unhealthy 3 "$down"
cut() {
    local kept
    kept=$(podman inspect --format '{{json .State.Health.Log}}' told |
        python3 -c 'import json, sys; print(*(len(run["Output"]) for run in json.load(sys.stdin)[-3:]))')
    [[ $kept == '500 500 500' ]] || { echo "kept: $kept"; return 1; }
    (($(podman exec told /healthprobe full | wc -c) > 500))
}
tap 'of a longer report, 500 characters are kept' cut
postgres_start
redis_start
tap 'with them it is healthy again' checked told healthy 10 "$up"
found() {
    local name
    podman inspect told >"$work/inspect" && podman logs told >"$work/logs" 2>&1 || return
    grep -q 'database refused' "$work/inspect" && grep -q listening "$work/logs" || return
    for name in "$work"/secrets/*; do ! grep -F -f "$name" "$work/inspect" "$work/logs" || return; done
}
tap 'no password in what Podman tells of it' found
podman rm --force --time 0 told >/dev/null

stuck() {
    local pid state
    podman run --name stuck --health-cmd '["/healthprobe", "live"]' --health-on-failure kill "${options[@]}" api
    checked stuck healthy 50 '^\{"status":"healthy"' || return
    pid=$(podman inspect --format '{{.State.Pid}}' stuck)
    kill -STOP "$pid"
    for _ in 1 2 3; do podman healthcheck run stuck || true; done
    within 20 test ! -e "/proc/$pid" || return
    state=$(podman inspect --format '{{.State.ExitCode}} {{(index .State.Health.Log 2).Output}}' stuck)
    [[ $state == '137 {"status":"unhealthy","summary":"http timeout response"'* ]] || { echo "$state"; return 1; }
}
tap 'a stuck service is killed where its health check is to do that' stuck

tap_end
