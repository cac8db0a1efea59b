# SPDX-License-Identifier: MIT
# Completion of healthprobe for fish. Made by tools/docs from the option table.

# Does one of these stand before the cursor, and no "--"?
function __healthprobe_has
    set -l words (commandline -opc)
    contains -- -- $words; and return 1
    for word in $argv
        contains -- $word $words; and return 0
    end
    return 1
end

function __healthprobe_is_first
    not __healthprobe_has live ready full wait explain install help version; and not __healthprobe_is_behind
end

function __healthprobe_takes_mode
    not __healthprobe_has live ready full install help version; and not __healthprobe_is_behind
end

function __healthprobe_takes_target
    not __healthprobe_has install help version; and not __healthprobe_is_behind
end

# The command that wait becomes.
function __healthprobe_is_behind
    contains -- -- (commandline -opc)
end

# The last of a list, behind a comma: those that are not in it yet.
function __healthprobe_list
    set -l word (string replace -r '^--[a-z-]*=' '' -- (commandline -ct))
    set -l begun (string replace -rf '[^,]*$' '' -- $word)
    for item in $argv
        contains -- $item (string split , -- $begun); or echo $begun$item
    end
end

# What can be read from a variable or a file.
function __healthprobe_source
    set -l word (string replace -r '^--[a-z-]*=' '' -- (commandline -ct))
    switch $word
        case 'env:*'
            printf 'env:%s\n' (set -nx)
        case 'file:*'
            printf 'file:%s\n' (__fish_complete_path (string sub -s 6 -- $word) | string replace -r '\t.*' '')
        case '*'
            printf '%s\n' env: file:
    end
end

# The command behind "--" completes as if it stood alone.
function __healthprobe_command
    set -l words (commandline -opc)
    set -l begin (math (contains -i -- -- $words) + 1)
    complete -C (string join ' ' -- (string escape -- $words[$begin..]) (commandline -ct))
end

complete -c healthprobe -f
complete -c healthprobe -n '__healthprobe_has install' -F
complete -c healthprobe -n __healthprobe_is_behind -x -a '(__healthprobe_command)'
complete -c healthprobe -f -n __healthprobe_takes_mode -a live -d 'GET /health/live (default); what a restart depends on'
complete -c healthprobe -f -n __healthprobe_takes_mode -a ready -d 'GET /health/ready and the database; what traffic depends on'
complete -c healthprobe -f -n __healthprobe_takes_mode -a full -d 'GET /health, the database and Redis'
complete -c healthprobe -f -n __healthprobe_is_first -a wait -d 'check until healthy, then exit with 0 or become COMMAND; needs a mode, a target or --check'
complete -c healthprobe -f -n __healthprobe_is_first -a explain -d 'print what would be checked and where each setting comes from, and connect to nothing; a table, or JSON with --format json'
complete -c healthprobe -f -n __healthprobe_is_first -a install -d 'copy this executable to DEST, a file or a directory'
complete -c healthprobe -f -n __healthprobe_is_first -a help -d 'print this text, or one group of its options'
complete -c healthprobe -f -n __healthprobe_is_first -a version -d 'print the versions of healthprobe and its libraries'
complete -c healthprobe -f -n '__healthprobe_has help' -a http
complete -c healthprobe -f -n '__healthprobe_has help' -a database
complete -c healthprobe -f -n '__healthprobe_has help' -a redis
complete -c healthprobe -f -n '__healthprobe_has help' -a heartbeat
complete -c healthprobe -f -n '__healthprobe_has help' -a wait
complete -c healthprobe -f -n __healthprobe_takes_target -a 'http:// postgres:// redis://'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l check -x -a '(__healthprobe_list http database redis heartbeat)' -d 'checks: http,database,redis,heartbeat; heartbeat? if it has a target'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l timeout -x -d 'limit of the whole run: 900ms, 2s, 1.5s, 1m (2.5s)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l optional -x -a '(__healthprobe_list http database redis heartbeat)' -d 'checks, by name, that may be down; the run is then degraded'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l tolerate -x -a '(__healthprobe_list dns refused unreachable closed timeout tls auth missing stale starting stopping capacity loading readonly role status expectation query upstream protocol)' -d 'tolerated reasons, such as capacity; the run is then degraded'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l format -x -a 'json short text health+json prometheus nagios' -d 'json, short, text, health+json, prometheus or nagios (json)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l exit-codes -x -a 'detailed nagios' -d 'exit statuses other than 0 and 1: detailed or nagios'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l log-failures -r -F -d 'unless healthy, also append the JSON report to this file'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l verbose -d 'add the time spent in each phase'
complete -c healthprobe -n '__healthprobe_has wait' -l for -x -d 'give up after this, 24h at most (60s)'
complete -c healthprobe -n '__healthprobe_has wait' -l interval -x -d 'the pause between two runs (500ms)'
complete -c healthprobe -n '__healthprobe_has wait' -l backoff -d 'double the pause each time, up to 10s'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l ca -r -F -d 'trust these certificates (PEM); else SSL_CERT_FILE or the system'\''s'
complete -c healthprobe -l help -d 'print this text; also -h and help'
complete -c healthprobe -l version -d 'print versions; also -V and version'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http -x -a '(__healthprobe_source)' -d 'a URL, HOST:PORT/path, /path; PORT or 3000 (http://localhost:$PORT)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-timeout -x -d 'time limit of this check, at most --timeout'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-slow -x -d 'the run is degraded if this check takes longer'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-status -x -d 'statuses that mean up, such as 200-399,401 or 2xx (200-299)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-method -x -d 'method of the request (GET)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-header -x -a '(__healthprobe_source)' -d 'send this header '\''Name: value'\'', even Host; repeatable'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-body -x -d 'send this, with POST unless --http-method is given'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-follow -x -d 'follow up to N redirects; credentials stay with the first host (0)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-expect-header -x -d 'the response has this header '\''Name: value'\''; repeatable'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-contains -x -d 'the body, its first 64 KiB, contains this; repeatable'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-match -x -d 'the body matches this POSIX extended regular expression; repeatable'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-json -x -d 'JSON in the body, such as checks.database.status=up; repeatable'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-connect -x -d 'connect here; Host and certificate name stay the URL'\''s'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-unix -r -F -d 'connect to this socket; Host stays the URL'\''s'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-ca -r -F -d 'like --ca, for http only'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-cert -r -F -d 'client certificate (PEM), with its key in --http-key'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-key -r -F -d 'key of that certificate (PEM), without a passphrase'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l http-insecure -d 'verify neither certificate nor host name'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database -x -a '(__healthprobe_source)' -d 'postgresql://USER:PASSWORD@HOST:PORT/DATABASE'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-password -x -a '(__healthprobe_source)' -d 'for a URL that has no password'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-timeout -x -d 'time limit of this check, at most --timeout'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-slow -x -d 'the run is degraded if this check takes longer'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-level -x -a 'ping login query' -d 'ping: it answers; login: it accepts the login; query: SELECT 1 (query)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-query -x -d 'one statement instead of SELECT 1; no row, false or null is down'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-role -x -a 'any primary standby' -d 'primary, standby or any, by pg_is_in_recovery() (any)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-pgenv -d 'use PGHOST, PGUSER, PGPASSWORD etc. for what a URL leaves out'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l database-ca -r -F -d 'like --ca, for sslmode verify-ca and verify-full'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis -x -a '(__healthprobe_source)' -d 'redis://, rediss://, valkey://, valkeys://, unix://'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-password -x -a '(__healthprobe_source)' -d 'for a URL that has no password'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-timeout -x -d 'time limit of this check, at most --timeout'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-slow -x -d 'the run is degraded if this check takes longer'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-ca -r -F -d 'like --ca, for redis only'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-cert -r -F -d 'client certificate (PEM), with its key in --redis-key'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-key -r -F -d 'key of that certificate (PEM), without a passphrase'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-role -x -a 'any master replica' -d 'master, replica or any, by the command ROLE (any)'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l redis-insecure -d 'verify neither certificate nor host name'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l heartbeat -r -F -d 'a file that the service touches as it works'
complete -c healthprobe -n 'not __healthprobe_has install help version' -l heartbeat-age -x -d 'how old the file may be; up to 24h (60s)'
