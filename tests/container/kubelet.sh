#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The pod of docker/kubernetes/base, run by a real kubelet (kubelet/node.bash) and disturbed. TAP on standard output.
#
#   tests/container/kubelet.sh [--build] BINARY
#
# BINARY is put into the images. The cases are skipped where the root of a node is not in the cache, unless --build is
# given (kubelet/root), and on a machine whose cgroups are of version 2, which this kubelet does not know. Without an
# engine, which makes the images, they are skipped too, unless REQUIRE_DOCKER=1.
#
# shellcheck disable=SC2317 # reached by way of tap()

set -euo pipefail

cached=--cached
if [[ ${1:-} == --build ]]; then cached='' && shift; fi
usage='usage: kubelet.sh [--build] BINARY'
binary=$(realpath -e "${1:?$usage}") || { echo "Bail out! there is no $1"; exit 99; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/tests/container
source "$root/tests/container/tap.bash"
source "$root/tests/container/engine.bash"
source "$root/tests/container/example.bash"
source "$root/tests/container/kubelet/node.bash"

work=$(mktemp -d)
chmod 755 "$work"
source "$root/tests/container/servers.bash"
nginx_pid=''
name=healthprobe-test-$$
export HEALTHPROBE_IMAGE=$name-probe
images=("$name-pause" "$name-probe" "$name-example")
forget_images() { [[ -z $engine_client ]] || docker image rm --force "${images[@]}" >/dev/null 2>&1 || true; }
finish() {
    node_stop || true
    servers_stop || true
    [[ -z $nginx_pid ]] || kill "$nginx_pid" || true
    forget_images
    engine_stop
    rm -rf --one-file-system "$work"
}
trap finish EXIT
trap 'exit 143' HUP INT TERM

skip() {
    tap_skip 'the pod of docker/kubernetes/base' "$1"
    tap_end
    exit
}
((EUID == 0)) || skip 'it needs root'
[[ -d /sys/fs/cgroup/memory ]] || skip 'its kubelet needs cgroups of version 1'
# shellcheck disable=SC2086 # none, or one
node_root=$("$here/kubelet/root" $cached) || {
    [[ -z $cached ]] || skip 'the root of a node is not in the cache: tests/container/kubelet/root makes it'
    echo 'Bail out! cannot make the root of a node'
    exit 99
}
if ! engine_start; then
    [[ ${REQUIRE_DOCKER:-0} == 1 ]] || skip "$engine_why"
    echo "Bail out! $engine_why"
    exit 99
fi

# --- the node ---------------------------------------------------------------------------------------------------------

exec 3>&1
say() { echo "# $*" >&3; }

pause_image() {
    mkdir "$work/pause" && cp "$(type -P busybox)" "$work/pause/busybox" &&
        printf 'FROM scratch\nCOPY busybox /busybox\nENTRYPOINT ["/busybox", "sleep", "2147483647"]\n' \
            >"$work/pause/Dockerfile" &&
        docker build --tag "$name-pause" "$work/pause"
}
made_images() {
    pause_image && example_node && example_probe "$binary" &&
        example_build --tag "$name-example" "$root/docker/example" &&
        docker save --output "$work/images.tar" "${images[@]}" || return
    forget_images
    engine_stop
}

tls=$work/tls
# The certificate of an authority, as pods have one beside their secrets.
certificate() {
    local ec=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes) user
    mkdir "$tls"
    openssl req -x509 "${ec[@]}" -days 2 -subj /CN=authority -keyout "$tls/ca.key" -out "$tls/ca.pem" &&
        openssl req "${ec[@]}" -subj /CN=localhost -keyout "$tls/key.pem" -out "$tls/request.pem" &&
        openssl x509 -req -in "$tls/request.pem" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 2 \
            -extfile <(echo 'subjectAltName=DNS:localhost,DNS:postgres,DNS:redis') -out "$tls/cert.pem" || return
    for user in postgres redis; do install -o "$user" -m 400 "$tls/key.pem" "$tls/$user.pem"; done
    install -m 444 "$tls/ca.pem" "$work/node/secrets/"
}
web() {
    cat >"$tls/nginx.conf" <<END
daemon off;
worker_processes 1;
pid $tls/nginx.pid;
events {}
http {
    access_log $tls/access;
    server {
        listen 127.0.0.1:8443 ssl;
        ssl_certificate $tls/cert.pem;
        ssl_certificate_key $tls/key.pem;
        location / { return 200; }
    }
}
END
    nsenter "--net=/proc/$node_pid/ns/net" nginx -e stderr -c "$tls/nginx.conf" >"$work/nginx.log" 2>&1 </dev/null &
    nginx_pid=$!
}

prepared() {
    made_images && node_start "$node_root" "$name-pause" postgres redis && servers_prepare "$node_pid" || return
    # Of the group that the pod has for it.
    install -g 1000 -m 440 "$work"/secrets/* "$work/node/secrets/" && certificate && web
}
if ! prepared >"$work/log" 2>&1; then
    tail -n 30 "$work/log" >&2
    echo 'Bail out! cannot prepare a node'
    exit 99
fi
say "$("$node_root/usr/bin/kubelet" --version)"

# --- pods -------------------------------------------------------------------------------------------------------------

# pod NAME [CHANGE...]: adds it; the changes are those of kubelet/manifest.py. The system's Python has what that needs.
pod() {
    /usr/bin/python3 "$here/kubelet/manifest.py" "$root/docker/kubernetes/base" "$1" "$name-probe" "$name-example" \
        "${@:2}" >"$work/pod" && mv "$work/pod" "$work/node/pods/$1.json"
}
state() { node_pods state "$1"; }
# is POD PATTERN: whether its state matches.
is() {
    local found
    found=$(state "$1")
    [[ $found =~ $2 ]] || { echo "$1: $found"; return 1; }
}
log=$work/node/kubelet.log
events() { node_pods events "$log" "$@"; }
# The cgroup of a container below that of a controller, and its process 1.
cgroup() { find "/sys/fs/cgroup/$3/healthprobe-node-$$" -type d -name "$(node_pods id "$1" "$2")"; }
process() { sort -n "$(cgroup "$1" "$2" pids)/cgroup.procs" | head -n 1; }
# printed POD CONTAINER: what it has written.
printed() { cat "$work/node/log/pods/default_$1-node_"*"/$2/"*.log; }

# stops POD CONTAINER: takes a pod away; the container ends long before it would be killed.
stops() {
    local id pid seconds
    id=$(node_pods id "$1" "$2") pid=$(process "$1" "$2")
    rm "$work/node/pods/$1.json"
    within 40 test ! -e "/proc/$pid"
    seconds=$(within 10 node_pods stopped "$log" "$id") || { echo "$seconds"; return 1; }
    say "$1 stopped in $seconds s"
    [[ $seconds == [01].* ]]
}

# --- init containers --------------------------------------------------------------------------------------------------

redis_start
pod late
tap 'no Postgres: one init container ends, the other waits' within 60 is late \
    '^Pending .*healthprobe=terminated:Completed/0 .*migrate=running '
installed() {
    local copy
    copy=$(echo "$work"/node/kubelet/pods/*/volumes/kubernetes.io~empty-dir/probe/healthprobe)
    cmp "$binary" "$copy" && [[ $(stat -c '%a' "$copy") == 755 ]]
}
tap 'healthprobe is installed into the volume' installed
said() { printed late migrate | grep -q 'unhealthy: database refused; '; }
tap 'the one that waits says for what' within 10 said
tap 'SIGTERM ends it at once' stops late migrate

pod short 'containers["migrate"]["command"][5] = "1s"'
gave_up() { node_pods message short migrate | grep 'database refused' || { state short; return 1; }; }
tap 'a wait that gives up leaves its reason in the state of the container' within 60 gave_up
rm "$work/node/pods/short.json"

# --- the pod as it is -------------------------------------------------------------------------------------------------

pod api
within 60 is api 'migrate=running ' >/dev/null
sleep 2
postgres_start
up='^Running Ready=True .*api=running started=True ready=True restarts=0$'
tap 'Postgres comes late: the migration runs, the pod gets ready' within 60 is api "$up"
migrated() { printed api migrate | grep -q 'migrate: applied 002_notes_created_at.sql'; }
tap 'the database is migrated' migrated

# failed POD SINCE PATTERN: it is not ready, and the last three events give the same reason in the same words.
failed() {
    local found
    is "$1" '^Running Ready=False ' || return
    found=$(events "$1" "$2" | sed -n 's/.*"reason": "Unhealthy", "message": "\(.*\)"}$/\1/p' |
        tail -n 3 | sort | uniq -c)
    [[ $found =~ ^\ *3\ 'Readiness probe failed: unhealthy: '$3 ]] || { echo "$found"; return 1; }
}
count() { events "$1" | wc -l; }
# disturbed POD PATTERN DISTURB CALM: it is not ready, then ready again, and has not been restarted.
disturbed() {
    local pod=$1 since begun=$SECONDS broken=0 calm
    since=$(count "$pod")
    $3 || return
    within 60 failed "$pod" "$since" "$2" || broken=1
    calm=$SECONDS
    $4
    within 40 is "$pod" "$up" || return
    say "three failures by $((calm - begun)) s, ready again in $((SECONDS - calm)) s"
    ! events "$pod" | grep 'Liveness probe failed' && ((broken == 0))
}
tap 'Postgres stopped: not ready, and ready again' disturbed api '(http status 503, )?database refused' \
    'stop postgres' postgres_start
tap 'SIGTERM stops the service' stops api api

# --- disturbances -----------------------------------------------------------------------------------------------------

# With short periods, and a readiness probe that needs Redis too.
quick='
for probe in "readinessProbe", "livenessProbe":
    containers["api"][probe]["periodSeconds"] = 1
containers["api"]["readinessProbe"]["exec"]["command"][1] = "full"
spec["terminationGracePeriodSeconds"] = 5
'
pod quick "$quick"
tap 'another pod gets ready' within 60 is quick "$up"

tap 'Redis stopped: not ready, and ready again' disturbed quick 'http status 503, redis refused' \
    'stop redis' redis_start
tap 'Redis paused: not ready, and ready again' disturbed quick 'http status 503, redis timeout login' \
    'pause redis' 'resume redis'
redis_other() { redis_command CONFIG SET requirepass other; }
redis_own() { REDISCLI_AUTH=other in_network redis-cli CONFIG SET requirepass "$(<"$work/secrets/redis_password")"; }
tap 'another password of Redis: not ready, and ready again' disturbed quick 'redis auth ' redis_other redis_own
redis_full() { redis_command CONFIG SET maxclients 1; }
redis_restart() { stop redis; redis_start; }
tap 'Redis has no slot: not ready, and ready again' disturbed quick 'redis capacity ' redis_full redis_restart

tap 'Postgres stopped: so too' disturbed quick '(http status 503, )?database refused' 'stop postgres' postgres_start
tap 'Postgres paused: so too' disturbed quick 'http status 503, database timeout ' 'pause postgres' 'resume postgres'
postgres_other() { sql "ALTER ROLE app PASSWORD 'other'"; }
postgres_own() { sql "ALTER ROLE app PASSWORD '$(<"$work/secrets/database_password")'"; }
tap 'another password of Postgres: so too' disturbed quick 'database auth 28P01' postgres_other postgres_own
# Its sessions end by themselves where this is interrupted.
postgres_full() { for _ in {1..12}; do sql 'SELECT pg_sleep(60)' >/dev/null 2>&1 & done; }
postgres_free() { pkill -TERM -P "$(<"$servers/postgres.pid")" -f 'app app \[local\] SELECT'; }
tap 'Postgres has no slot: so too' disturbed quick 'database capacity 53300' postgres_full postgres_free
restarted() {
    redis_restart
    stop postgres
    postgres_start -c ssl=on -c "ssl_cert_file=$tls/cert.pem" -c "ssl_key_file=$tls/postgres.pem"
    sleep 2
    within 40 is quick "$up" && ! events quick | grep 'Liveness probe failed'
}
tap 'both restarted: ready, and still the same container' restarted

# --- confined, with TLS -----------------------------------------------------------------------------------------------

stop redis
redis_start 'tls-port 6380' "tls-cert-file $tls/cert.pem" "tls-key-file $tls/redis.pem" 'tls-auth-clients no'
confined='
api = containers["api"]
for name in "ports", "startupProbe", "livenessProbe":
    del api[name]
drop("migrate")
api["image"] = probe
api["command"] = ["/healthprobe", "wait", "--check", "http", "--http", "http://localhost:1", "--for", "24h",
                  "--interval", "1h"]
api["readinessProbe"]["periodSeconds"] = 1
api["readinessProbe"]["exec"]["command"] = ["/probe/healthprobe", "full", "--format", "short",
    "--http", "https://localhost:8443", "--database", "postgresql://app@postgres/app?sslmode=verify-full",
    "--redis", "rediss://redis:6380", "--ca", "/run/secrets/api/ca.pem"]
api["resources"] = {"limits": {"memory": "8Mi"}}
'
pod confined "$confined"
# The web server has no other user.
healthy() { is confined "$up" && [[ -s $tls/access ]]; }
tap 'with TLS on all three it is healthy in 8 MiB' within 60 healthy
restricted() {
    local pid
    pid=$(process confined api)
    for line in 'CapEff:.*0000000000000000' 'CapBnd:.*0000000000000000' 'NoNewPrivs:.*1' 'Seccomp:.*2' 'Uid:.1000.*'; do
        grep -qx "$line" "/proc/$pid/status" || { cat "/proc/$pid/status"; return 1; }
    done
    grep -q ' / / ro,' "/proc/$pid/mountinfo" &&
        [[ $(<"$(cgroup confined api memory)/memory.limit_in_bytes") == $((8 << 20)) ]] &&
        [[ $(<"$(dirname "$(cgroup confined api pids)")/pids.max") == 32 ]]
}
tap 'as restricted as its manifest says: no capability, seccomp, a read-only root, memory, processes' restricted

# --- a minute ---------------------------------------------------------------------------------------------------------

zombies() { ! in_node ps -eo stat=,args= | grep '^Z'; }
descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
logins() { grep -c 'connection authorized: .*application_name=healthprobe' "$work/servers/postgres.log"; }
sessions() { sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'healthprobe'"; }
# Processes other than the service and the one that looks.
clients() { redis_command CLIENT LIST | grep -cv 'name=api\|cmd=client'; }
# settled SERVICE SHIM: nothing is left of a probe; prints the descriptors of these processes.
settled() { [[ $(sessions) == 0 && $(clients) == 0 ]] && zombies && echo "$(descriptors "$1") $(descriptors "$2")"; }
nothing_left() {
    local service shim before after runs
    service=$(process quick api)
    shim=$(sed -n 's/^PPid:\t//p' "/proc/$service/status")
    before=$(within 20 settled "$service" "$shim") runs=$(logins)
    sleep 60
    runs=$(($(logins) - runs))
    say "$runs logins; descriptors of the service and of its shim: $before"
    ((runs >= 60)) || { echo "$runs logins"; return 1; }
    same() {
        after=$(settled "$service" "$shim")
        [[ $after == "$before" ]] || { echo "before $before, after $after"; return 1; }
    }
    within 20 same && is quick "$up" && is confined "$up"
}
tap 'a minute of a probe each second leaves no zombie, descriptor or session behind' nothing_left
peaks() {
    local memory pids
    memory=$(<"$(cgroup confined api memory)/memory.max_usage_in_bytes") pids=$(cgroup confined api pids)/pids.peak
    say "at most $((memory >> 10)) KiB in the confined container, and $(cat "$pids" 2>/dev/null || echo '?') processes"
    grep -qx 'oom_kill 0' "$(cgroup confined api memory)/memory.oom_control"
}
tap 'the confined container had enough memory' peaks
tap 'SIGTERM ends the wait that is its process 1' stops confined api

# --- liveness ---------------------------------------------------------------------------------------------------------

stuck() {
    local begun=$SECONDS
    kill -STOP "$(process quick api)"
    within 60 is quick '^Running Ready=True .*api=running started=True ready=True restarts=1$' || return
    say "restarted and ready in $((SECONDS - begun)) s"
    events quick | grep 'Liveness probe failed: unhealthy: http timeout response' &&
        events quick | grep 'failed liveness probe, will be restarted'
}
tap 'the event loop hangs: the container is restarted' stuck

hidden() {
    local file
    grep -q 'Readiness probe failed: unhealthy: database refused\|database auth 28P01' "$log" || return
    for file in "$work"/secrets/*; do
        ! grep -rlF -f "$file" "$log" "$work/node/containerd.log" "$work/node/log" "$work/node/pods" || return
    done
}
tap 'no password in the logs of the kubelet and the pods' hidden

tap_end
