# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The stack of docker/compose.yml for the tests, as a separate project. Sourced, after engine.bash, by a script that has
# set "work", a temporary directory.
#
#   stack_prepare             copies docker/ to the work directory, with secrets made as the compose file says
#   compose ARG...            docker compose, or else docker-compose, for the project
#   stack_name SERVICE        the name of its container
#   stack_down                takes everything of the project away
#   health SERVICE            "STATUS OUTPUT" of its last health check
#   until_health SERVICE STATUS PATTERN
#                             wait until a health check has given that status, and a summary that matches
#   started                   milliseconds since an arbitrary start

stack_project=healthprobe-test-$$
stack_files=(-f docker/compose.yml -f compose.test.yml)
# Busy machines are slow to start processes in containers.
stack_patience=60

started() { echo $((${EPOCHREALTIME/./} / 1000)); }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

stack_prepare() {
    local name
    cp -r "$root/docker" "$work/docker"
    rm -rf "$work/docker/example/node_modules" "$work/docker/secrets"
    cp "$root/tests/container/compose.test.yml" "$work/"
    mkdir -m 700 "$work/docker/secrets"
    for name in database_password redis_password; do
        openssl rand -hex 24 >"$work/docker/secrets/$name"
    done
    API_PORT=$(free_port) DATABASE_PORT=$(free_port) REDIS_PORT=$(free_port)
    export API_PORT DATABASE_PORT REDIS_PORT
}

compose() {
    cd "$work" || return
    if docker compose version >/dev/null 2>&1; then
        docker compose -p "$stack_project" "${stack_files[@]}" "$@"
    else
        docker-compose --ansi never -p "$stack_project" "${stack_files[@]}" "$@"
    fi
}

stack_down() { (compose down --volumes --timeout 3) >/dev/null 2>&1 || true; }

# docker-compose joins with "_", docker compose with "-".
stack_name() {
    docker ps --all --filter "label=com.docker.compose.project=$stack_project" \
        --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False \
        --format '{{.Names}}'
}

health() {
    docker inspect -f '{{json .State.Health}}' "$(stack_name "$1")" 2>/dev/null |
        python3 -c 'import json, os, sys
health = json.loads(sys.stdin.read() or "null") or {}
log = health.get("Log") or [{"Output": ""}]
if directory := os.environ.get("HEALTHPROBE_REPORTS"):  # for tests/docs/reports.sh
    with open(f"{directory}/health", "a") as kept:
        kept.writelines(entry["Output"] for entry in log if entry["Output"].startswith("{\"status\":"))
print(health.get("Status", "none"), log[-1]["Output"].strip())'
}

until_health() {
    local service=$1 status=$2 pattern=${3:-} limit=$((SECONDS + stack_patience)) seen=''
    while ((SECONDS < limit)); do
        seen=$(health "$service") || true
        if [[ $seen == "$status "* && $seen =~ $pattern ]]; then
            echo "$seen"
            return
        fi
        sleep 0.3
    done
    echo "waited $stack_patience s for $service to be $status and match '$pattern'; last seen: $seen"
    return 1
}
