#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The SBOMs that tools/build leaves beside the executables. TAP on standard output.
#
#   tests/build/sbom.sh BINARY...

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/container/tap.bash
source tests/container/tap.bash
export LC_ALL=C
LINT_PACKAGES=$(tests/lint/npm)
export LINT_PACKAGES

# Print the value of a Python expression over an SBOM, in which "linked" is what it says to be in the executable.
query() {
    python3 -c "import json, sys; bom = json.load(open(sys.argv[1]))
linked = [c for c in bom['components'] if c.get('scope') != 'excluded']; print($2)" "$1.cdx.json"
}

valid() { node tests/lint/sbom.mjs "$1.cdx.json"; }

# Shows that the case above can fail.
invalid_is_seen() {
    sed '0,/"library"/s//"libary"/' "$1.cdx.json" >"$work/invalid.json"
    ! node tests/lint/sbom.mjs "$work/invalid.json"
}

is_of_this_file() {
    [[ $(query "$1" 'bom["metadata"]["component"]["hashes"][0]["content"]') == $(sha256sum <"$1" | cut -d' ' -f1) ]]
}

# --version lists the libraries' own version strings, except those of the JSON reader and the compiler's library.
names_what_is_linked() {
    diff <("$1" --version | grep -xE '[A-Za-z]+ [0-9.]+' |
        sed 's/^libcurl/curl/; s/^OpenSSL/openssl/' | sort) \
        <(query "$1" '"\n".join(c["name"] + " " + c["version"] for c in linked if c["name"] not in ("libgcc", "yyjson"))' | sort)
}

# The sources are those of sources.lock; if they are not available, --version says so.
names_the_locked_sources() {
    local name package version sum found
    while read -r name package version sum; do
        found=$(query "$1" 'next((" ".join((s["name"], s["version"], s["hashes"][0]["content"]))
            for c in linked for s in c["pedigree"]["ancestors"] if c["name"] == "'"$name"'"), "")')
        if [[ -z $found || $found == "$package $version $sum" ]]; then continue; fi
        "$1" --version | grep -q "$name [^,]*not the locked" || { echo "$name: $found"; return 1; }
    done < <(grep -v '^#' deps/sources.lock)
}

# Scanners ignore Debian's packages in an SBOM that does not name its release.
names_the_release() {
    local release
    release=$(query "$1" '"".join(c["name"] + c["version"] for c in bom["components"] if c["type"] == "operating-system")')
    [[ $release =~ ^debian([0-9]+)$ ]] && grep -q "deb${BASH_REMATCH[1]}u" deps/sources.lock
}

has_every_licence() {
    local name directory
    for name in $(query "$1" '" ".join(c["name"] for c in linked)'); do
        case $name in
            # Its exception requires no licence text.
            libgcc) continue ;;
            libpq) directory=postgresql ;;
            *) directory=$name ;;
        esac
        [[ -n $(find "$(dirname "$1")/licenses/$directory" -type f -size +0) ]] || { echo "none of $name"; return 1; }
    done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for binary; do
    tap "$binary: the SBOM is valid CycloneDX" valid "$binary"
    tap "$binary: an SBOM that is not valid is seen" invalid_is_seen "$binary"
    tap "$binary: the SBOM is of this very file" is_of_this_file "$binary"
    tap "$binary: the SBOM names what is linked, and nothing else" names_what_is_linked "$binary"
    tap "$binary: the sources are the locked ones" names_the_locked_sources "$binary"
    tap "$binary: it names Debian's release, for scanners" names_the_release "$binary"
    tap "$binary: there is a licence for each part" has_every_licence "$binary"
done
tap_end
