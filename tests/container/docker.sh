#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The lines of docs/platforms/docker.md, with the image of docker/recipes/Dockerfile.node, in a real Docker engine; and the
# other recipes for Node. TAP on standard output.
#
#   tests/container/docker.sh BINARY
#
# Without an engine the cases are skipped, unless REQUIRE_DOCKER=1.
#
# shellcheck disable=SC2317 # reached by way of tap()

set -euo pipefail

usage='usage: docker.sh BINARY'
binary=$(realpath -e "${1:?$usage}") || { echo "Bail out! there is no $1"; exit 99; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/tests/container/tap.bash"
source "$root/tests/docs/keep.bash"
source "$root/tests/container/engine.bash"
source "$root/tests/container/example.bash"

work=$(mktemp -d)
own=healthprobe-docker-$$
export HEALTHPROBE_IMAGE=$own-probe
finish() {
    if [[ -n $engine_client ]]; then
        docker ps --all --quiet --filter "network=$own" | xargs -r "$engine_client" rm --force --volumes >/dev/null || true
        docker network rm "$own" >/dev/null 2>&1 || true
        docker image rm --force "$HEALTHPROBE_IMAGE" "$own" "$own-worker" "$own-https" >/dev/null 2>&1 || true
    fi
    engine_stop
    rm -rf "$work"
}
trap finish EXIT

engine_start || tap_without 'the lines of docs/platforms/docker.md' "$engine_why"

prepared() {
    example_node && example_probe "$binary" && docker network create "$own" &&
        engine_base postgres:16 "$root/tests/container/stand-ins/postgres" &&
        engine_base redis:7 "$root/tests/container/stand-ins/redis" || return
    cp -r "$root/tests/container/service" "$work/service"
    cp "$root/docker/recipes/Dockerfile.node" "$work/service/Dockerfile"
    printf 'DATABASE_URL=postgresql://app:secret@db/app?schema=public&connection_limit=5\nREDIS_URL=redis://cache\n' \
        >"$work/service/api.env"
    printf secret >"$work/password"
    chmod 644 "$work/password"
}
if ! prepared >"$work/prepare.log" 2>&1; then
    tail -n 30 "$work/prepare.log" >&2
    echo 'Bail out! cannot make the images'
    exit 99
fi

# documented LINE [OPTION...]: runs a line of the page, with some options more behind the command. The container and the
# image have a name that nobody else has.
documented() {
    local line=$1
    sed -E 's/ +#.*//' "$root/docs/platforms/docker.md" | grep -qxF -- "$line" || { echo "the page has no: $line"; return 1; }
    shift
    line=${line//127.0.0.1:3000:/127.0.0.1::}
    line=$(sed -E "s/\bapi( |$|\))/$own\1/g; s/^(docker [a-z]+)/\1 ${*//\//\\/}/" <<<"$line")
    (cd "$work/service" && eval "$line")
}
# shows PATTERN LINE [OPTION...]: what the line prints matches.
shows() {
    local printed
    printed=$(documented "${@:2}") || { echo "$printed"; return 1; }
    [[ $printed =~ $1 ]] || { echo "$printed"; return 1; }
}

begun=$(date +%s)
arguments=(--network host --build-arg VARIANT=slim --build-arg "HEALTHPROBE_IMAGE=$HEALTHPROBE_IMAGE")
tap 'the Dockerfile of most Node services is built' documented 'docker build -t api .' "${arguments[@]}"
tap 'it is built again, as a whole' documented 'docker build --no-cache -t api .' "${arguments[@]}"
tap 'the layer of healthprobe' shows 'COPY /healthprobe' 'docker history api'
has_check() {
    [[ $(docker inspect -f '{{.Config.Healthcheck.Test}}' "$own") == '[CMD /healthprobe full --check http,database]' ]]
}
tap 'its image has the health check' has_check
tap 'it runs' documented 'docker run --detach --name api --env-file api.env --publish 127.0.0.1:3000:3000 api' --network "$own" \
    --health-interval 3s
waits() {
    sleep 2
    docker logs "$own" 2>&1 | tee /dev/stderr | grep -q 'unhealthy: database' && ! docker logs "$own" 2>&1 | grep prisma
}
tap 'without a database it waits, and does not migrate' waits
servers() {
    docker run --detach --network "$own" --network-alias cache redis:7 redis-server --protected-mode no
    docker run --detach --network "$own" --network-alias db --user postgres --env POSTGRES_USER=app \
        --env POSTGRES_PASSWORD_FILE=/password --volume "$work/password:/password:ro" postgres:16
}
tap 'Postgres and Redis are there' servers
healthy() { timeout 90 bash -c "docker() { DOCKER_BUILDKIT=1 $engine_client \"\$@\"; }; $(declare -f documented)
    work=$work root=$root own=$own; documented \"\$1\"" - "$1"; }
# shellcheck disable=SC2016 # it is the line's own
tap 'it becomes healthy' healthy 'until [ "$(docker inspect -f '\''{{.State.Health.Status}}'\'' api)" = healthy ]; do sleep 1; done'
# At once, since an engine keeps only its last 256 events.
tap 'its change of health' shows 'health_status: healthy' 'docker events --filter event=health_status' --since "$begun" \
    --until "$(($(date +%s) + 1))"
migrated() { [[ $(docker logs "$own" 2>/dev/null) == 'prisma migrate deploy'*listening ]]; }
tap 'it has migrated, and then started' migrated
tap 'its check, for people' shows '^HEALTHY' 'docker exec api /healthprobe full --format text'
tap 'what is checked' shows 'postgresql://app@db:5432/app +DATABASE_URL' 'docker exec api /healthprobe explain full'
tap 'the last reports' shows '"status":"healthy"' \
    "docker inspect -f '{{range .State.Health.Log}}{{.Output}}{{end}}' api"
tap 'with times and exit codes' shows '"ExitCode":0' "docker inspect -f '{{json .State.Health}}' api"
tap 'nothing is unhealthy' shows '^CONTAINER ID[^\n]*$' 'docker ps --filter health=unhealthy'
tap 'the size' shows "$own" 'docker image ls api'
no_secret() { ! docker inspect -f '{{json .State.Health}}' "$own" | grep secret && ! docker logs "$own" 2>&1 | grep secret; }
tap 'no password in its health log or its log' no_secret
stopped() {
    docker stop --time 20 "$own" && [[ $(docker inspect -f '{{.State.ExitCode}}' "$own") == 0 ]] &&
        docker logs "$own" 2>/dev/null | grep -q stopping
}
tap 'node gets SIGTERM and ends by itself' stopped

# --- other recipes ----------------------------------------------------------------------------------------------------

# recipe NAME SOURCE [OPTION...]: builds docker/recipes/Dockerfile.NAME with a file of the service as its program, and runs it.
recipe() {
    local directory=$work/$1 program
    program=$(sed -n 's/^CMD \["node", "src\/\(.*\)"\]$/\1/p' "$root/docker/recipes/Dockerfile.$1")
    mkdir -p "$directory/src"
    cp "$root/tests/container/service/src/$2" "$directory/src/$program"
    printf '{"name": "%s", "version": "1.0.0"}' "$1" >"$directory/package.json"
    printf '{"name": "%s", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}' "$1" \
        >"$directory/package-lock.json"
    [[ ! -e $work/tls/cert.pem ]] || cp "$work/tls/cert.pem" "$directory/ca.crt"
    docker build --quiet --network host --build-arg "HEALTHPROBE_IMAGE=$HEALTHPROBE_IMAGE" --tag "$own-$1" \
        --file "$root/docker/recipes/Dockerfile.$1" "$directory" &&
        docker run --detach --name "$own-$1" --network "$own" "${@:3}" "$own-$1"
}
# says NAME TEXT: the container's own health check prints the text.
says() {
    local words=() said
    mapfile -t words < <(docker inspect -f '{{range .Config.Healthcheck.Test}}{{println .}}{{end}}' "$own-$1" |
        sed '1d; /^$/d')
    said=$(docker exec "$own-$1" "${words[@]}") || true
    echo "${words[*]}: $said"
    [[ $said == *"$2"* ]]
}
tap 'the recipe for a worker is built and runs' recipe worker worker.js --read-only --tmpfs /tmp
tap 'its health check finds it alive' within 30 says worker '"heartbeat":{"status":"up"'
mkdir -m 755 "$work/tls"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=shop -addext subjectAltName=DNS:shop.example.com \
    -keyout "$work/tls/key.pem" -out "$work/tls/cert.pem" 2>/dev/null
chmod 644 "$work/tls/key.pem"
tap 'the recipe for https is built and runs' recipe https https.js --volume "$work/tls:/tls:ro"
tap 'its health check verifies its certificate' within 30 says https '"http":{"status":"up"'
tap_end
