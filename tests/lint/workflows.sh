#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The workflows, by yamllint and by a validator that knows GitHub's schema, and what they call. TAP on standard output.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/container/tap.bash
source tests/container/tap.bash

validator=$(tests/lint/npm)/node_modules/.bin/action-validator

valid() { "$validator" "$1"; }

invalid_is_seen() {
    sed 's/runs-on:/run-on:/' "$1" >"$work/invalid.yml"
    ! "$validator" "$work/invalid.yml"
}

# The project's own programs and files that are named.
names_what_is_there() {
    local name
    while read -r name; do
        # Other people's actions.
        grep -qE "uses: $name@?" "$1" || compgen -G "${name%/\*\*}" >/dev/null || { echo "there is no $name"; return 1; }
    done < <(grep -oE '(\.ci|tools|docker|tests)/[A-Za-z./_-]+' "$1")
    while read -r name; do
        grep -q " AS $name\$" docker/Dockerfile || { echo "docker/Dockerfile has no $name"; return 1; }
    done < <(sed -n 's/^ *- target: //p' "$1")
}

release_knows_its_version() {
    local version
    version=$(sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build)
    tools/release version "v$version" | grep -x "VERSION=$version" || return 1
    tools/release version "v$version-rc.1" | grep -x "VERSION=$version-rc.1" || return 1
    ! tools/release version "v9$version" || return 1
    ! tools/release version "$version" || return 1
    tools/release notes "v$version-rc.1" | grep -x '### Added'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in .github/workflows/*.yml; do
    name=${file##*/}
    tap "$name: yamllint is quiet" yamllint --strict "$file"
    tap "$name: is a valid workflow" valid "$file"
    tap "$name: one that is not valid is seen" invalid_is_seen "$file"
    tap "$name: names what is there" names_what_is_there "$file"
done
tap 'a release knows the version and its changes' release_knows_its_version
tap_end
