# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of healthprobe for bash. Made by tools/docs from the option table.

_healthprobe_words() {
    local cur=$1
    shift
    mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
}

# The last of a list, behind a comma: those that are not in it yet.
_healthprobe_list() {
    local cur=$1 done='' word
    shift
    [[ $cur != *,* ]] || done=${cur%,*},
    COMPREPLY=()
    for word; do
        [[ ,$done == *",$word,"* || $done$word != "$cur"* ]] || COMPREPLY+=("$done$word")
    done
}

_healthprobe_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# Words, and how a target may begin. A colon may begin a new word of bash's, which "word" undoes.
_healthprobe_target() {
    local cur=$1
    shift
    _healthprobe_words "$cur" "$@" http:// postgres:// redis://
    [[ ${COMPREPLY[*]} != *://* ]] || compopt -o nospace 2>/dev/null
    [[ $COMP_WORDBREAKS != *:* || $cur != *:* ]] || COMPREPLY=("${COMPREPLY[@]#*:}")
}

# What can be read from a variable or a file.
_healthprobe_source() {
    local cur=$1 found
    compopt -o nospace 2>/dev/null
    case $cur in
        env:*) found=$(compgen -P env: -e -- "${cur#env:}") ;;
        file:*) found=$(compgen -P file: -f -- "${cur#file:}") ;;
        *) found=$(compgen -W 'env: file:' -- "$cur") ;;
    esac
    [[ -n $found ]] || return
    mapfile -t COMPREPLY <<<"$found"
    [[ $COMP_WORDBREAKS != *:* || $cur != *:* ]] || COMPREPLY=("${COMPREPLY[@]#*:}")
}

_healthprobe() {
    local cur='' option='' command='' mode='' i=1 word
    COMPREPLY=()
    # Bash parts words at "=" and ":".
    local -a words=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == : || ( ${#words[@]} -gt 0 && ${words[-1]} == *: && ${COMP_WORDS[i - 1]} == : ) ]] &&
            ((${#words[@]} > 0)); then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done
    cur=${words[-1]}
    for ((i = 0; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        option=''
        case $word in
            --)
                [[ $command == wait ]] || return
                if ((i == ${#words[@]} - 2)); then
                    mapfile -t COMPREPLY < <(compgen -c -- "$cur")
                else
                    _healthprobe_files "$cur"
                fi
                return
                ;;
            --check|--timeout|--optional|--tolerate|--format|--exit-codes|--log-failures|--for|--interval|--ca|--http|--http-timeout|--http-slow|--http-status|--http-method|--http-header|--http-body|--http-follow|--http-expect-header|--http-contains|--http-match|--http-json|--http-connect|--http-unix|--http-ca|--http-cert|--http-key|--database|--database-password|--database-timeout|--database-slow|--database-level|--database-query|--database-role|--database-ca|--redis|--redis-password|--redis-timeout|--redis-slow|--redis-ca|--redis-cert|--redis-key|--redis-role|--heartbeat|--heartbeat-age)
                if [[ ${words[i + 1]} == = ]]; then i=$((i + 1)); fi
                option=$word
                i=$((i + 1))
                ;;
            wait|explain|install|help|version) command=$word ;;
            live|ready|full) mode=$word ;;
        esac
    done
    # The last word is the value of the option before it; a lone "=" begins no value.
    if ((i == ${#words[@]})) || [[ -n $option && $cur == = ]]; then
        [[ $cur != = ]] || cur=''
        case $option in
        --check) _healthprobe_list "$cur" http database redis heartbeat ;;
        --optional) _healthprobe_list "$cur" http database redis heartbeat ;;
        --tolerate) _healthprobe_list "$cur" dns refused unreachable closed timeout tls auth missing stale starting stopping capacity loading readonly role status expectation query upstream protocol ;;
        --format) _healthprobe_words "$cur" json short text health+json prometheus nagios ;;
        --exit-codes) _healthprobe_words "$cur" detailed nagios ;;
        --log-failures) _healthprobe_files "$cur" ;;
        --ca) _healthprobe_files "$cur" ;;
        --http) _healthprobe_source "$cur" ;;
        --http-header) _healthprobe_source "$cur" ;;
        --http-unix) _healthprobe_files "$cur" ;;
        --http-ca) _healthprobe_files "$cur" ;;
        --http-cert) _healthprobe_files "$cur" ;;
        --http-key) _healthprobe_files "$cur" ;;
        --database) _healthprobe_source "$cur" ;;
        --database-password) _healthprobe_source "$cur" ;;
        --database-level) _healthprobe_words "$cur" ping login query ;;
        --database-role) _healthprobe_words "$cur" any primary standby ;;
        --database-ca) _healthprobe_files "$cur" ;;
        --redis) _healthprobe_source "$cur" ;;
        --redis-password) _healthprobe_source "$cur" ;;
        --redis-ca) _healthprobe_files "$cur" ;;
        --redis-cert) _healthprobe_files "$cur" ;;
        --redis-key) _healthprobe_files "$cur" ;;
        --redis-role) _healthprobe_words "$cur" any master replica ;;
        --heartbeat) _healthprobe_files "$cur" ;;
            --timeout|--for|--interval|--http-timeout|--http-slow|--http-status|--http-method|--http-body|--http-follow|--http-expect-header|--http-contains|--http-match|--http-json|--http-connect|--database-timeout|--database-slow|--database-query|--redis-timeout|--redis-slow|--heartbeat-age) ;;
        esac
        return
    fi
    if [[ $cur == -* ]]; then
        local flags='--check --timeout --optional --tolerate --format --exit-codes --log-failures --verbose --ca --help --version --http --http-timeout --http-slow --http-status --http-method --http-header --http-body --http-follow --http-expect-header --http-contains --http-match --http-json --http-connect --http-unix --http-ca --http-cert --http-key --http-insecure --database --database-password --database-timeout --database-slow --database-level --database-query --database-role --database-pgenv --database-ca --redis --redis-password --redis-timeout --redis-slow --redis-ca --redis-cert --redis-key --redis-role --redis-insecure --heartbeat --heartbeat-age'
        [[ $command != wait ]] || flags+=' --for --interval --backoff'
        case $command in
            install|help|version) flags='--help --version' ;;
        esac
        _healthprobe_words "$cur" "$flags"
    elif [[ $command == install ]]; then
        _healthprobe_files "$cur"
    elif [[ $command == help ]]; then
        _healthprobe_words "$cur" http database redis heartbeat wait
    elif [[ $command == version ]]; then
        return
    elif [[ -n $mode ]]; then
        _healthprobe_target "$cur"
    elif [[ -n $command ]]; then
        _healthprobe_target "$cur" live ready full
    else
        _healthprobe_target "$cur" live ready full wait explain install help version
    fi
}

complete -F _healthprobe healthprobe
