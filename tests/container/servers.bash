# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2119,SC2120 # options of what is started are rare
#
# Postgres and Redis on the loopback of a network namespace, at their usual ports, to be disturbed. Sourced after
# tap.bash, by a script that has set "work", a folder that everybody may enter.
#
#   servers_prepare PID          makes what they need, for the namespace of that process; their passwords are
#                                $work/secrets/{database,redis}_password
#   in_network COMMAND...        runs a command there
#   postgres_start [OPTION...]   sets postgres_pid; it has a database "app" of the superuser "app"
#   postgres_stop
#   sql STATEMENT                runs it, by way of the socket
#   redis_start [LINE...]        sets redis_pid; the lines are added to its configuration
#   redis_stop
#   servers_stop                 ends what runs; it may be called at any time

postgres_pid='' redis_pid=''
as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
as_redis=(setpriv --reuid=redis --regid=redis --clear-groups)
postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

in_network() { nsenter "--net=/proc/$servers_network/ns/net" "$@"; }

servers_prepare() {
    local name
    servers_network=$1 servers=$work/servers
    mkdir -p "$servers" "$work/secrets"
    for name in database_password redis_password; do openssl rand -hex 24 >"$work/secrets/$name"; done
    install -d -o postgres "$servers/postgres"
    (cd / && "${as_postgres[@]}" "$postgres_bin/initdb" -D "$servers/postgres" --username app --no-sync --no-locale \
        --encoding UTF8 --auth-local trust --auth-host scram-sha-256 --pwfile "$work/secrets/database_password")
}

sql() { "$postgres_bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$servers/postgres" -U app -d "${sql_database:-app}" -c "$1"; }

postgres_start() {
    nsenter "--net=/proc/$servers_network/ns/net" "${as_postgres[@]}" "$postgres_bin/postgres" -D "$servers/postgres" \
        -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$servers/postgres" -c shared_buffers=16MB -c fsync=off \
        -c max_connections=12 -c log_connections=on "$@" >>"$servers/postgres.log" 2>&1 </dev/null &
    postgres_pid=$!
    sql_database=postgres within 20 sql 'SELECT 1' || return
    [[ -n $(sql_database=postgres sql "SELECT 1 FROM pg_database WHERE datname = 'app'") ]] ||
        sql_database=postgres sql 'CREATE DATABASE app'
}

redis_start() {
    local password
    password=$(<"$work/secrets/redis_password")
    printf '%s\n' 'bind 127.0.0.1' 'save ""' "requirepass $password" "$@" |
        nsenter "--net=/proc/$servers_network/ns/net" "${as_redis[@]}" redis-server - >>"$servers/redis.log" 2>&1 &
    redis_pid=$!
    within 20 redis_command PING
}
redis_command() { REDISCLI_AUTH=$(<"$work/secrets/redis_password") in_network redis-cli --no-auth-warning "$@"; }

# ends PID SIGNAL: also one that is paused.
ends() {
    [[ -n $1 ]] || return 0
    kill "-$2" "$1" 2>/dev/null || true
    kill -CONT "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
postgres_stop() { ends "$postgres_pid" INT; postgres_pid=''; }
redis_stop() { ends "$redis_pid" TERM; redis_pid=''; }
servers_stop() { postgres_stop; redis_stop; }
