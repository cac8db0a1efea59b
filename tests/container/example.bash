# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The images of docker/example for the tests. Sourced, after engine.bash, by a script that has set HEALTHPROBE_IMAGE, the
# name of the image with the executable.
#
#   example_node                  makes sure that there is an image of Node
#   example_probe BINARY          an image with the executable, as docker/Dockerfile makes one, which image.sh tests
#   example_build ARG... DIRECTORY   builds the example

export NODE_VERSION=24 APP_VERSION=1.2.3

example_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Made from packages of Debian and npm where it can't be had.
example_node() {
    local directory=$engine_root/stand-in-node recipe=$example_tree/tests/container/stand-ins/node
    mkdir -p "$directory"
    if ! cmp -s "$recipe/package-lock.json" "$directory/package-lock.json" || [[ ! -d $directory/node_modules ]]; then
        cp "$recipe"/package{,-lock}.json "$directory"
        npm --prefix "$directory" ci --no-audit --no-fund || { rm -rf "$directory"; return 1; }
    fi
    cp "$recipe/Dockerfile" "$directory"
    engine_base "node:$NODE_VERSION-slim" "$directory"
}

example_probe() {
    local directory status=0
    directory=$(mktemp -d)
    cp "$1" "$directory/healthprobe"
    printf 'FROM scratch\nCOPY healthprobe /healthprobe\nUSER 65532:65532\nENTRYPOINT ["/healthprobe"]\n' \
        >"$directory/Dockerfile"
    docker build --quiet --tag "$HEALTHPROBE_IMAGE" "$directory" || status=$?
    rm -rf "$directory"
    return "$status"
}

example_build() {
    docker build --network host --build-arg "HEALTHPROBE_IMAGE=$HEALTHPROBE_IMAGE" \
        --build-arg "NODE_VERSION=$NODE_VERSION" --build-arg "APP_VERSION=$APP_VERSION" "$@"
}
