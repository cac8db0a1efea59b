#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The stack of docker/compose.yml, run in a real Docker engine and disturbed. TAP on standard output.
#
#   tests/container/stack.sh BINARY
#
# BINARY is put into a separate image. Without an engine the cases are skipped, unless REQUIRE_DOCKER=1.

set -euo pipefail

usage='usage: stack.sh BINARY'
binary=$(realpath -e "${1:?$usage}") || { echo "Bail out! there is no $1"; exit 99; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/container/tap.bash"
source "$root/tests/docs/keep.bash"
source "$root/tests/container/engine.bash"
source "$root/tests/container/example.bash"
source "$root/tests/container/stack.bash"

work=$(mktemp -d)
finish() {
    if [[ -n $engine_client ]]; then
        docker ps --all --quiet --filter "label=$stack_project" | xargs -r "$engine_client" rm -f >/dev/null || true
        stack_down
        docker image rm -f "$HEALTHPROBE_IMAGE" "$API_IMAGE" "$API_DEV_IMAGE" >/dev/null 2>&1 || true
    fi
    engine_stop
    rm -rf "$work"
}
trap finish EXIT

engine_start || tap_without 'the stack of docker/compose.yml' "$engine_why"

# --- images -----------------------------------------------------------------------------------------------------------

export HEALTHPROBE_IMAGE=$stack_project API_IMAGE=$stack_project-api API_DEV_IMAGE=$stack_project-api:dev

example() { example_build "$@" "$work/docker/example"; }

prepared() {
    stack_prepare && example_node && example_probe "$binary" &&
        engine_base postgres:16 "$root/tests/container/stand-ins/postgres" &&
        engine_base redis:7 "$root/tests/container/stand-ins/redis"
}
if ! prepared >"$work/prepare.log" 2>&1; then
    tail -n 30 "$work/prepare.log" >&2
    echo 'Bail out! cannot make the images'
    exit 99
fi

tap 'the tests of the example pass in its image' example --target test
tap 'the production image of the example is built' example --tag "$API_IMAGE"
tap 'its development image is built' example --file "$work/docker/example/Dockerfile.dev" --tag "$API_DEV_IMAGE"
reused() {
    echo '// another version' >>"$work/docker/example/src/server.ts"
    example --progress plain >"$work/build.log" 2>&1
    # One npm ci for production and one for the build.
    (($(grep -c CACHED "$work/build.log") >= 5)) && ! grep -q 'added [0-9]* packages' "$work/build.log"
}
tap 'a change of the source leaves the dependencies as they are' reused

# --- up ---------------------------------------------------------------------------------------------------------------

# The clients differ in the syntax they accept.
readable() {
    local client clients=0
    for client in 'docker compose' docker-compose; do
        $client version >/dev/null 2>&1 || continue
        clients=$((clients + 1))
        (cd "$work" && $client -f docker/compose.yml config --quiet) || return
        (cd "$work" && $client -f docker/compose.yml -f docker/compose.dev.yml config --quiet) || return
        (cd "$work" && $client -f docker/swarm.yml config --quiet) || return
    done
    ((clients > 0))
}
tap 'every available client reads every compose file' readable

begun=$(date +%s)
up() { (compose up --detach --no-build); }
tap 'the stack comes up' up
tap 'the database is healthy' until_health db healthy '"database":."status":"up"'
tap 'the cache is healthy' until_health cache healthy '"redis":."status":"up"'
everything='"http":."status":"up".*"database":."status":"up".*"redis":."status":"up"'
tap 'the service and everything it needs are healthy' until_health api healthy "$everything"
version_is_shown() { [[ $(health api) == *'"version":"1.2.3"'* ]]; }
tap 'the report has the version of the build' version_is_shown

logged() { docker logs "$(stack_name "$1")" 2>&1; }
# count SERVICE TEXT NUMBER: its log has the text in so many lines.
count() {
    local found
    found=$(logged "$1" | grep -cF -- "$2" || true)
    [[ $found == "$3" ]] || { echo "$found times \"$2\" in:"; logged "$1"; return 1; }
}
tap 'the migration waited and ran' count migrate 'migrate: applied 00' 2
again() {
    up && count migrate 'migrate: applied 00' 2 && count migrate 'migrate: nothing to do' 1 &&
        [[ $(docker inspect -f '{{.State.ExitCode}}' "$(stack_name migrate)") == 0 ]]
}
tap 'a second "up" has nothing to migrate' again
served() {
    local url=http://127.0.0.1:$API_PORT
    python3 - "$url" <<'PY'
import json, sys, urllib.request
def ask(path, body=None):
    request = urllib.request.Request(sys.argv[1] + path, body and json.dumps(body).encode(),
                                     {'Content-Type': 'application/json'} if body else {})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
        return json.load(answer)
assert ask('/notes', {'text': 'hello'})['text'] == 'hello'
assert [note['text'] for note in ask('/notes')] == ['hello']
health = ask('/health')
assert health['status'] == 'healthy' and health['version'] == '1.2.3', health
assert sorted(health['checks']) == ['database', 'redis'], health
PY
}
tap 'the service serves, on the port that it publishes' served

confined() {
    local service settings
    for service in healthprobe db cache migrate api; do
        settings=$(docker inspect -f '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}}
            {{.HostConfig.SecurityOpt}} {{.HostConfig.Privileged}}' "$(stack_name "$service")" | xargs)
        [[ $settings == 'true [ALL] [] [no-new-privileges:true] false' ]] || { echo "$service: $settings"; return 1; }
    done
    for service in db cache api; do
        [[ $(docker exec "$(stack_name "$service")" id -u) != 0 ]] || { echo "$service runs as root"; return 1; }
    done
}
tap 'every container has a read-only root and no capability, and none keeps running as root' confined

in_db() { docker exec "$(stack_name db)" /opt/healthprobe/healthprobe --check database "$@"; }
wrong_password() {
    local output status=0
    output=$(in_db --database postgresql://app@localhost/app --database-password wrong) || status=$?
    [[ $status == 1 && $output == *'"summary":"database auth 28P01"'* ]] || { echo "$status $output"; return 1; }
}
tap 'the check in the container of the database proves the password' wrong_password

# --- disturbances -----------------------------------------------------------------------------------------------------

live() { docker exec "$(stack_name api)" /healthprobe live; }
not_ready() {
    local output status=0
    output=$(docker exec "$(stack_name api)" /healthprobe ready --format short) || status=$?
    [[ $status == 1 && $output =~ $1 ]] || { echo "$status $output"; return 1; }
}
down='(dns|refused|unreachable|timeout [a-z]*)'

docker stop --time 5 "$(stack_name cache)" >/dev/null
tap 'Redis stopped: unhealthy, and says why' until_health api unhealthy \
    "\"summary\":\"http status 503, redis $down\""
tap 'Redis stopped: live is healthy' live
told() {
    docker exec "$(stack_name api)" /healthprobe full --log-failures /proc/1/fd/2 >/dev/null || true
    docker logs "$(stack_name api)" 2>&1 >/dev/null | grep -q '^{"status":"unhealthy","summary":"http status 503, redis'
}
tap 'Redis stopped: the failure is in the log of the container' told
docker start "$(stack_name cache)" >/dev/null
tap 'Redis started: healthy again' until_health api healthy

docker stop --time 10 "$(stack_name db)" >/dev/null
tap 'Postgres stopped: unhealthy, and says why' until_health api unhealthy \
    "\"summary\":\"(http status 503, database $down|database $down, http status 503)\""
tap 'Postgres stopped: live is healthy' live
tap 'Postgres stopped: not ready' not_ready "^unhealthy: .*database $down"
docker start "$(stack_name db)" >/dev/null
tap 'Postgres started: healthy again' until_health api healthy

docker pause "$(stack_name db)" >/dev/null
tap 'Postgres paused: unhealthy, and says where it hangs' until_health api unhealthy \
    '"summary":"[^"]*database timeout (tls|login)'
tap 'Postgres paused: live is healthy' live

# A wait as process 1 whose attempt hangs at the paused server.
waiting() {
    docker run --detach --label "$stack_project" --network "${stack_project}_default" \
        --env DATABASE_URL=postgresql://app:nobodys@db:5432/app --read-only --cap-drop ALL "$HEALTHPROBE_IMAGE" \
        wait --check database --for 10m -- /healthprobe --version
}
# The processes of a container, by the machine's ids.
processes() { docker top "$1" -o pid | tail -n +2; }
hangs() {
    local limit=$((SECONDS + 20))
    while ((SECONDS < limit)); do
        (($(processes "$1" | wc -l) == 2)) && return
        sleep 0.1
    done
    echo 'no attempt is running'
    return 1
}
# ended SIGNAL STATUS: a container with wait ends by the signal, with the status, within seconds, and leaves nothing
# behind.
ended() {
    local container pid status begun limit
    container=$(waiting)
    hangs "$container" || return
    mapfile -t pids < <(processes "$container")
    begun=$(started)
    docker kill --signal "$1" "$container" >/dev/null
    status=$(timeout 20 "$engine_client" wait "$container") || { echo 'it keeps running'; return 1; }
    [[ $status == "$2" ]] || { echo "exit status $status, not $2"; docker logs "$container"; return 1; }
    (($(started) - begun < 10000)) || { echo "it took $(($(started) - begun)) ms"; return 1; }
    for pid in "${pids[@]}"; do
        for ((limit = 0; limit < 20; limit++)); do
            [[ -e /proc/$pid ]] || break
            sleep 0.1
        done
        [[ ! -e /proc/$pid ]] || { echo "process $pid is still there"; return 1; }
    done
}
tap 'wait as process 1: SIGTERM ends it with 143' ended TERM 143
tap 'wait as process 1: SIGINT ends it with 130' ended INT 130
tap 'wait as process 1: SIGKILL takes the attempt with it' ended KILL 137

docker unpause "$(stack_name db)" >/dev/null
tap 'Postgres goes on: healthy again' until_health api healthy

docker kill --signal STOP "$(stack_name api)" >/dev/null
tap 'the event loop hangs: unhealthy, and says so' until_health api unhealthy '"summary":"http timeout response'
not_live() { ! live; }
tap 'the event loop hangs: live is unhealthy' not_live
docker kill --signal CONT "$(stack_name api)" >/dev/null
tap 'the event loop goes on: healthy again' until_health api healthy

# Take every connection of the server for some seconds. As a superuser, the user gets the reserved ones too.
# shellcheck disable=SC2016 # It is expanded by Node.
docker exec --detach "$(stack_name api)" node -e '
    const { Client } = require("pg");
    const password = require("fs").readFileSync(process.env.DATABASE_PASSWORD_FILE, "utf8").trim();
    (async () => {
        for (let i = 0; i < 100; i++) {
            const client = new Client({ connectionString: process.env.DATABASE_URL.replace("@", `:${password}@`) });
            client.on("error", () => {});
            if (!await client.connect().then(() => true, () => false)) await new Promise((done) => setTimeout(done, 100));
        }
        setTimeout(() => process.exit(), 1000);
    })();'
tap 'the connection slots are full: unhealthy, and says so' until_health api unhealthy \
    '"summary":"[^"]*database capacity 53300'
tap 'the connection slots are full: live is healthy' live
tap 'a slot is free: healthy again' until_health api healthy

# --- leftovers --------------------------------------------------------------------------------------------------------

zombies() {
    local service found
    for service in db cache api; do
        found=$(docker exec "$(stack_name "$service")" sh -c 'grep -l "^State:.Z" /proc/[0-9]*/status' 2>/dev/null) ||
            continue
        echo "$service: $found"
        return 1
    done
}
tap 'no container has a zombie' zombies

# stops CONTAINER: it ends before it is killed, by its own clock within 5 seconds of the signal.
stops() {
    local status log
    docker stop --time 20 "$1" >/dev/null
    status=$(docker inspect -f '{{.State.ExitCode}}' "$1")
    log=$(docker logs "$1" 2>/dev/null)
    [[ $status == 0 ]] && python3 - "$log" <<'PY' && return
import json, sys
lines = [json.loads(line) for line in sys.argv[1].splitlines() if line.startswith('{"level"')]
begin, end = (next(line['time'] for line in reversed(lines) if line['msg'] == text)
              for text in ('SIGTERM: stopping', 'stopped'))
assert 0 <= end - begin < 5000, end - begin
PY
    echo "exit status $status"
    tail -n 20 <<<"$log"
    return 1
}
stops_api() { stops "$(stack_name api)"; }
tap 'the service stops in time, without being killed' stops_api

# The service as the command of wait: it becomes process 1 and inherits what wait was given.
becomes() {
    local container limit=$((SECONDS + stack_patience)) line=''
    container=$(docker run --detach --label "$stack_project" --network "${stack_project}_default" --read-only \
        --cap-drop ALL --volume "$work/docker/secrets:/run/secrets:ro" \
        --env DATABASE_URL=postgresql://app@db:5432/app --env DATABASE_PASSWORD_FILE=/run/secrets/database_password \
        --env HEALTHPROBE_DATABASE_PASSWORD_FILE=/run/secrets/database_password --env REDIS_URL=redis://cache:6379 \
        --env REDIS_PASSWORD_FILE=/run/secrets/redis_password --user 0:0 "$API_IMAGE" \
        /healthprobe wait --check database -- node dist/server.js)
    while ((SECONDS < limit)); do
        docker exec "$container" /healthprobe live >/dev/null && break
        sleep 0.3
    done
    line=$(docker exec "$container" sh -c "tr '\\000' ' ' </proc/1/cmdline")
    [[ $line == 'node dist/server.js ' ]] || { echo "process 1: $line"; docker logs "$container"; return 1; }
    stops "$container"
}
tap 'wait becomes the service, which gets the signals' becomes

# --- development ------------------------------------------------------------------------------------------------------

stack_files+=(-f docker/compose.dev.yml)
tap 'the development stack comes up' up
tap 'the development stack is healthy' until_health api healthy "$everything"
reloaded() {
    local limit=$((SECONDS + stack_patience))
    count api '"msg":"Server listening' 1 || true
    echo '// another version' >>"$work/docker/example/src/app.ts"
    while ((SECONDS < limit)); do
        (($(logged api | grep -c 'Server listening') >= 2)) && return
        sleep 0.3
    done
    logged api
    return 1
}
tap 'a changed file restarts it' reloaded
tap 'it is healthy again' until_health api healthy "$everything"
published() {
    "$binary" --check database,redis --database "postgresql://app@127.0.0.1:$DATABASE_PORT/app" \
        --database-password "file:$work/docker/secrets/database_password" --redis "redis://127.0.0.1:$REDIS_PORT" \
        --redis-password "file:$work/docker/secrets/redis_password"
}
tap 'its database and cache are published' published

# --- secrets ----------------------------------------------------------------------------------------------------------

docker events --since "$begun" --until "$(date +%s)" >"$work/events"
docker ps --all --quiet --filter "label=com.docker.compose.project=$stack_project" |
    xargs "$engine_client" inspect >"$work/inspect"
for service in db cache api migrate; do logged "$service"; done | keep_reports >"$work/logs"
for service in db cache api; do docker top "$(stack_name "$service")" -eo pid,args; done >"$work/top"
searched() {
    local secret
    # Shows that the search sees what it should.
    grep -q 'exec_create: /healthprobe full' "$work/events" && grep -q '"Output": "{' "$work/inspect" &&
        grep -q 'redis-server' "$work/top" && grep -q 'migrate: nothing to do' "$work/logs" || return
    for secret in "$work"/docker/secrets/*; do
        ! grep -lF "$(cat "$secret")" "$work/$1" || return
    done
}
tap 'no password in the events of the engine' searched events
tap "none in the engine's description of the containers, health logs included" searched inspect
tap 'none in the logs of the containers' searched logs
tap 'none in a command line' searched top

tap_end
