#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The service of docker/swarm.yml, deployed to a swarm of one node and disturbed. TAP on standard output.
#
#   tests/container/swarm.sh BINARY
#
# BINARY is put into the service's image. Without an engine, or where it has a swarm of its own, the cases are skipped,
# unless REQUIRE_DOCKER=1. The swarm listens on loopback.
#
# shellcheck disable=SC2317 # reached by way of tap()

set -euo pipefail

usage='usage: swarm.sh BINARY'
binary=$(realpath -e "${1:?$usage}") || { echo "Bail out! there is no $1"; exit 99; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/container/tap.bash"
source "$root/tests/container/engine.bash"
source "$root/tests/container/example.bash"

stack=healthprobe-test-$$
work=$(mktemp -d)
swarm=0
no_containers() { [[ -z $(docker ps --all --quiet --filter "label=com.docker.stack.namespace=$stack") ]]; }
finish() {
    if ((swarm)); then
        docker stack rm "$stack"
        within 60 no_containers
        docker swarm leave --force
        docker network rm docker_gwbridge
        docker rm --force --volumes "$stack-db" "$stack-cache"
        docker image rm --force "$HEALTHPROBE_IMAGE" "$stack:1" "$stack:2"
    fi >/dev/null 2>&1 || true
    engine_stop
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM

if ! engine_start; then
    why=$engine_why
elif [[ $(docker info --format '{{.Swarm.LocalNodeState}}') == inactive ]]; then
    why=''
elif ((engine_own)); then
    # A killed run left it behind.
    why=''
    docker swarm leave --force >/dev/null
else
    why='the engine is in a swarm'
fi
[[ -z $why ]] || tap_without 'the service of docker/swarm.yml' "$why"

# --- images, Postgres and Redis ---------------------------------------------------------------------------------------

export HEALTHPROBE_IMAGE=$stack
secrets='database_password redis_password'
address() { docker inspect --format '{{.NetworkSettings.IPAddress}}' "$1"; }
prepared() {
    local name containers=$root/tests/container/stand-ins
    example_node && engine_base postgres:16 "$containers/postgres" && engine_base redis:7 "$containers/redis" &&
        example_probe "$binary" && example_build --tag "$stack:1" "$root/docker/example" || return
    # A version that never serves.
    printf 'FROM %s\nCMD ["node", "-e", "setInterval(() => {}, 1e9)"]\n' "$stack:1" |
        docker build --tag "$stack:2" - || return
    for name in $secrets; do openssl rand -hex 24 >"$work/$name"; done
    chmod 755 "$work"
    docker run --detach --name "$stack-db" --volume "$work:/secrets:ro" --user postgres --env POSTGRES_USER=app \
        --env POSTGRES_PASSWORD_FILE=/secrets/database_password postgres:16 &&
        docker run --detach --name "$stack-cache" --volume "$work:/secrets:ro" redis:7 sh -c \
            'printf "requirepass %s\n" "$(cat /secrets/redis_password)" | exec redis-server - --bind 0.0.0.0'
    DATABASE_ADDRESS=$(address "$stack-db") REDIS_ADDRESS=$(address "$stack-cache")
    export DATABASE_ADDRESS REDIS_ADDRESS
}
if ! prepared >"$work/log" 2>&1; then
    tail -n 30 "$work/log" >&2
    echo 'Bail out! cannot make the images'
    exit 99
fi

exec 3>&1

# --- the swarm --------------------------------------------------------------------------------------------------------

swarm=1
# As the head of docker/swarm.yml says, with an image that is here alone.
deploy() {
    API_IMAGE=$1 docker stack deploy --resolve-image never --compose-file "$root/docker/swarm.yml" \
        --compose-file "$root/tests/container/swarm.test.yml" "$stack"
}
begun() {
    local name
    docker swarm init --listen-addr 127.0.0.1 --advertise-addr 127.0.0.1 || return
    for name in $secrets; do docker secret create "$name" - <"$work/$name" || return; done
    deploy "$stack:1"
}
tap 'secrets are created and the service is deployed' begun

# Its tasks, oldest first: container, slot, state, image, error. A task runs when its health check has succeeded.
tasks() {
    local format='{{.CreatedAt}} {{.Status.ContainerStatus.ContainerID}} {{.Slot}} {{.Status.State}}'
    docker stack ps --quiet --no-trunc "$stack" | xargs -r "$engine_client" inspect --format \
        "$format {{.Spec.ContainerSpec.Image}} {{.Status.Err}}" | sort | cut -d ' ' -f 5-
}
running() { tasks | awk '$3 == "running" { print $1 }'; }
# One of each slot.
two_run() {
    tasks | tee /dev/stderr |
        awk '{ slots[$2]; running += $3 == "running" } END { exit !(running == 2 && length(slots) == 2) }'
}
tap 'both tasks become healthy' within 60 two_run

settled() {
    local found
    found=$(docker service inspect --format '{{with .Spec.TaskTemplate}}{{.ContainerSpec.Healthcheck.Test}} {{
        .ContainerSpec.ReadOnly}} {{.Resources.Limits.MemoryBytes}}{{end}} {{.Spec.UpdateConfig.Order}} {{
        .Spec.UpdateConfig.FailureAction}}' "${stack}_api")
    [[ $found == '[CMD /healthprobe live] true 268435456 start-first rollback' ]] || { echo "$found"; return 1; }
}
tap 'its health check is live, its root read-only, its memory limited' settled

files=(--env HEALTHPROBE_DATABASE_PASSWORD_FILE=/run/secrets/database_password
    --env HEALTHPROBE_REDIS_PASSWORD_FILE=/run/secrets/redis_password)
# every_task STATUS PATTERN: what a full check says in each.
every_task() {
    local task output status
    two_run 2>&1 || return
    for task in $(running); do
        status=0
        output=$(docker exec "${files[@]}" "$task" /healthprobe full --format short) || status=$?
        [[ $status == "$1" && $output =~ $2 ]] || { echo "exit $status: $output"; return 1; }
    done
}
tap 'the service and healthprobe read the secrets' every_task 0 '^healthy$'
hidden() {
    local task name
    docker service inspect "${stack}_api" >"$work/inspect"
    for task in $(running); do docker inspect "$task" && docker logs "$task"; done >>"$work/inspect" 2>&1
    grep -q '"Output": "{' "$work/inspect" && grep -q listening "$work/inspect" || return
    for name in $secrets; do ! grep -F -f "$work/$name" "$work/inspect" || return; done
}
tap 'no password in what the engine tells of them' hidden

# --- disturbances -----------------------------------------------------------------------------------------------------

kept() {
    local before failing=0
    before=$(running)
    docker pause "$stack-db"
    within 20 every_task 1 'database timeout' || failing=$?
    # Longer than failures take to make a task unhealthy.
    sleep 5
    docker unpause "$stack-db"
    [[ $failing == 0 && $(running) == "$before" ]] || { echo "before: $before"; tasks; return 1; }
}
tap 'a database that hangs replaces no task' kept
tap 'with it, all is well again' within 30 every_task 0 '^healthy$'

replaced() {
    local stuck other begun=$SECONDS
    { read -r stuck && read -r other; } < <(running)
    docker kill --signal STOP "$stuck"
    gone() { ! running | grep -q "$stuck" && two_run; }
    within 90 gone || return
    echo "# replaced in $((SECONDS - begun)) s" >&3
    running | grep -q "$other" || { echo 'the other one was replaced too'; return 1; }
    tasks | grep "^$stuck . failed .*unhealthy container" || { tasks; return 1; }
    docker inspect --format '{{json .State.Health.Log}}' "$stuck" | grep -q '"summary\\":\\"http timeout response'
}
tap 'a stuck task is replaced, and tells why' replaced

rolled_back() {
    local before begun=$SECONDS state
    before=$(running)
    deploy "$stack:2"
    over() {
        state=$(docker service inspect --format '{{.UpdateStatus.State}}' "${stack}_api")
        [[ $state == rollback_completed ]] || { echo "$state"; return 1; }
    }
    within 120 over || return
    echo "# rolled back in $((SECONDS - begun)) s" >&3
    # A stopped task would have been replaced by another container.
    tasks
    tasks | grep -q "$stack:2 .*unhealthy container" && [[ $(running) == "$before" ]] &&
        [[ $(docker service inspect --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}' "${stack}_api") == "$stack:1" ]]
}
tap 'an update to a version that does not serve is rolled back, while the old one serves' rolled_back

tap_end
