# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# What deps/build and deps/lock share. Sourced, never run; whatever stands here changes the key of every library.
#
# shellcheck disable=SC2034 # used by those that source it

deps=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s\n' "deps: $*" >&2; }
die() { say "error: $*"; exit 1; }

# Everything that is downloaded or built lives here, named by what it is made of; it can be removed at any time.
cache=${HEALTHPROBE_CACHE:-${XDG_CACHE_HOME:-${HOME:?neither HEALTHPROBE_CACHE nor HOME is set}/.cache}/healthprobe}
[[ $cache == /* ]] || cache=$PWD/$cache

# Two directories, two umasks, two time zones or languages must not make a difference.
umask 022
export LC_ALL=C TZ=UTC0
export SOURCE_DATE_EPOCH=1577836800
unset CC CFLAGS CPPFLAGS LDFLAGS LIBS MAKEFLAGS PKG_CONFIG_PATH PKG_CONFIG_LIBDIR C_INCLUDE_PATH CPATH LIBRARY_PATH \
    CROSS_COMPILE CONFIG_SITE GCC_EXEC_PREFIX

# The machine to build for: the name that comes first in a GNU triplet. Another one than this machine's needs Debian's
# cross compiler for it.
build_machine=$(uname -m)
host=${HOST_MACHINE:-$build_machine}
if [[ $host == "$build_machine" ]]; then cross=; else cross=$host-linux-gnu-; fi

# The libraries believe that they are installed here. It never exists, and never changes.
prefix=/healthprobe

jobs=${JOBS:-$(nproc)}

hash_of() { sha256sum | cut -c1-16; }

# Take the lock of a name until the shell ends; say so when somebody else has it.
take_lock() {
    local fd
    mkdir -p "$cache/locks"
    exec {fd}>"$cache/locks/$1"
    if ! flock -n "$fd"; then
        say "waiting for another build of $1"
        flock "$fd"
    fi
}
