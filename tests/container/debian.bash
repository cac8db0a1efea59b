# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# A minimal Debian for the tests. Sourced:
#
#   debian_codename                     the suite of this machine
#   debian_root SUITE TARGET [OPTION...]
#                                       makes one by mmdebstrap, with these options of its: TARGET is a directory, or
#                                       a file NAME.tar. It reaches the archive and trusts authorities as this machine
#                                       does: some networks intercept every registry with their own authority.
#   debian_recipe SUITE                 a text that changes when what debian_root makes does

debian_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

debian_codename() { (. /etc/os-release && printf '%s' "$VERSION_CODENAME"); }

# The archives that this machine uses, with a suite's sources too.
debian_sources() {
    local suite=$1 kind uri
    bash -euo pipefail -c 'source "$1/deps/common.bash"; source "$1/deps/sources.bash"; machine_archives' - \
        "$debian_tree" | while read -r kind uri; do
        if [[ $kind == security ]]; then
            echo "deb $uri $suite-security main"
        else
            printf '%s\n' "deb $uri $suite main" "deb-src $uri $suite main" "deb $uri $suite-updates main"
        fi
    done
}

debian_recipe() {
    declare -f debian_root debian_sources
    debian_sources "$1"
    apt-config dump Acquire
    cat /etc/ssl/certs/ca-certificates.crt
}

debian_root() {
    local suite=$1 target=$2 work status=0
    shift 2
    work=$(mktemp -d)
    debian_sources "$suite" >"$work/sources.list"
    apt-config dump Acquire | grep -v '::IndexTargets\|""' >"$work/apt.conf" || true
    mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io --include=ca-certificates \
        --aptopt="$work/apt.conf" --customize-hook='copy-in /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs' \
        "$@" "$suite" "$target" "$work/sources.list" >&2 || status=$?
    rm -rf "$work"
    return "$status"
}
