# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2119,SC2120 # options of what is started are rare
#
# Postgres and Redis on the loopback of a network namespace, at their usual ports, to be disturbed. Sourced after
# tap.bash, by a script that has set "work", a directory that everybody may enter.
#
#   servers_prepare PID          makes what they need, for the namespace of that process; their passwords are
#                                $work/secrets/{database,redis}_password
#   in_network COMMAND...        runs a command there
#   postgres_start [OPTION...]   it has a database "app" of the superuser "app"
#   redis_start [LINE...]        the lines are added to its configuration
#   sql STATEMENT                runs it, by way of the socket
#   redis_command ARG...
#   pause NAME, resume NAME      postgres or redis, as a whole
#   stop NAME
#   servers_stop                 ends what runs; it may be called at any time

servers=$work/servers
as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
as_redis=(setpriv --reuid=redis --regid=redis --clear-groups)
postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

in_network() { nsenter "--net=/proc/$servers_network/ns/net" "$@"; }

servers_prepare() {
    local name
    servers_network=$1
    mkdir -p "$servers" "$work/secrets"
    for name in database_password redis_password; do openssl rand -hex 24 >"$work/secrets/$name"; done
    install -d -o postgres "$servers/postgres"
    (cd / && "${as_postgres[@]}" "$postgres_bin/initdb" -D "$servers/postgres" --username app --no-sync --no-locale \
        --encoding UTF8 --auth-local trust --auth-host scram-sha-256 --pwfile "$work/secrets/database_password")
}

sql() {
    "$postgres_bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$servers/postgres" -U app -d "${sql_database:-app}" -c "$1"
}

postgres_start() {
    nsenter "--net=/proc/$servers_network/ns/net" "${as_postgres[@]}" "$postgres_bin/postgres" -D "$servers/postgres" \
        -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$servers/postgres" -c shared_buffers=16MB -c fsync=off \
        -c max_connections=12 -c log_connections=on "$@" >>"$servers/postgres.log" 2>&1 </dev/null &
    echo $! >"$servers/postgres.pid"
    sql_database=postgres within 20 sql 'SELECT 1' >/dev/null || return
    [[ -n $(sql_database=postgres sql "SELECT 1 FROM pg_database WHERE datname = 'app'") ]] ||
        sql_database=postgres sql 'CREATE DATABASE app'
}

redis_start() {
    local password
    password=$(<"$work/secrets/redis_password")
    printf '%s\n' 'bind 127.0.0.1' 'save ""' "requirepass $password" "$@" |
        nsenter "--net=/proc/$servers_network/ns/net" "${as_redis[@]}" redis-server - >>"$servers/redis.log" 2>&1 &
    echo $! >"$servers/redis.pid"
    within 20 redis_command PING >/dev/null
}
redis_command() { REDISCLI_AUTH=$(<"$work/secrets/redis_password") in_network redis-cli --no-auth-warning "$@"; }

# Process ids are kept in files, for subshells. Postgres has children.
server() { cat "$servers/$1.pid" && pgrep -P "$(<"$servers/$1.pid")" || true; }
# shellcheck disable=SC2046 # several
pause() { kill -STOP $(server "$1"); }
# shellcheck disable=SC2046
resume() { kill -CONT $(server "$1"); }
# A paused one, too.
stop() {
    local pid signal=TERM
    [[ -e $servers/$1.pid ]] || return 0
    pid=$(<"$servers/$1.pid")
    [[ $1 != postgres ]] || signal=INT
    kill "-$signal" "$pid" 2>/dev/null || true
    resume "$1" 2>/dev/null || true
    within 20 test ! -e "/proc/$pid"
    rm "$servers/$1.pid"
}
servers_stop() { stop postgres; stop redis; }
