# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Debian's source packages: how they are found and downloaded. Sourced after common.bash.
#
# The archive is reached as this machine reaches it: addresses, proxies and the like come from its apt configuration,
# the suites from here. apt verifies signatures and checksums. All state is private, so the machine's own apt is not
# affected.

# Newest stable first, with its updates; later suites are for versions that it lacks.
suite_groups=('trixie trixie-updates trixie-security' 'forky' 'sid')

# The source packages that can provide a source, best first.
declare -A packages_of=(
    [musl]='musl'
    [openssl]='openssl'
    [curl]='curl'
    [libpq]='postgresql-17 postgresql-18'
    [hiredis]='hiredis'
    [yyjson]='yyjson'
    [check]='check'
    [jansson]='jansson'
)

# The licence of each, by its SPDX name.
declare -A licence_of=(
    [musl]='MIT'
    [openssl]='Apache-2.0'
    [curl]='curl'
    [libpq]='PostgreSQL'
    [hiredis]='BSD-3-Clause'
    [yyjson]='MIT'
    [check]='LGPL-2.1-or-later'
    [jansson]='MIT'
)

# Those in which Debian changes nothing that is built: if its part is not available, upstream's tarball will do.
declare -A tarball_will_do=([yyjson]=1)

lock_file=$deps/sources.lock
downloads=$cache/downloads
apt_state=$cache/apt

# Print "main URI" or "security URI" for each of this machine's Debian archives.
machine_archives() {
    local file
    {
        for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
            [[ -r $file ]] || continue
            # deb [options] URI suite component...
            sed -nE 's/#.*//; s/^[[:space:]]*deb(-src)?[[:space:]]+(\[([^]]*)\][[:space:]]+)?([^[:space:]]+)[[:space:]]+([^[:space:]]+)[[:space:]]+(.*)$/\4|\5|\6|\3/p' "$file"
        done
        for file in /etc/apt/sources.list.d/*.sources; do
            [[ -r $file ]] || continue
            # Stanzas of "Field: value", which may continue on indented lines.
            awk '
                function flush(  i, n, uris, j, m, suites) {
                    n = split(f["uris"], uris, /[ \t]+/)
                    m = split(f["suites"], suites, /[ \t]+/)
                    if (tolower(f["enabled"]) != "no")
                        for (i = 1; i <= n; i++)
                            for (j = 1; j <= m; j++)
                                if (uris[i] != "" && suites[j] != "")
                                    print uris[i] "|" suites[j] "|" f["components"] "|signed-by=" f["signed-by"]
                    split("", f)
                }
                /^#/ { next }
                /^[ \t]*$/ { flush(); next }
                /^[ \t]/ { sub(/^[ \t]+/, ""); f[key] = f[key] " " $0; next }
                { key = tolower($0); sub(/:.*/, "", key); value = $0; sub(/^[^:]*:[ \t]*/, "", value); f[key] = value }
                END { flush() }
            ' "$file"
        done
    } | awk -F'|' '
        # Other vendors have archives too; Debian'\''s have its suites, a component "main", and only its own key.
        $3 !~ /(^| )main( |$)/ { next }
        $4 ~ /signed-by=[^ ]/ && $4 !~ /signed-by=[^ ]*debian-archive/ { next }
        $2 ~ /^(bullseye|bookworm|trixie|forky|duke|oldstable|stable|testing)(-security|\/updates)$/ { kind = "security" }
        $2 ~ /^(bullseye|bookworm|trixie|forky|duke|oldstable|stable|testing|sid|unstable)(-updates)?$/ { kind = "main" }
        kind != "" { sub(/\/+$/, "", $1); if (!seen[kind, $1]++) print kind, $1; kind = "" }
    '
}

# Print the machine's options for apt-get and apt-cache that make their state private, with the sources list given.
private_apt() {
    local command=$1 list=$2
    shift 2
    "$command" -q -o "Dir::Etc::sourcelist=$apt_state/$list.list" -o Dir::Etc::sourceparts=/dev/null \
        -o "Dir::State=$apt_state/state" -o "Dir::Cache=$apt_state/cache" -o APT::Get::List-Cleanup=false \
        -o APT::Sandbox::User=root -o Acquire::Retries=2 -o Acquire::Languages=none "$@"
}

# Write a sources list for each suite of a group, download its index, and add the list's name to lists_<group>; once per
# run. A suite without a usable index counts as empty.
declare -A lists_of_group=()
read_group() {
    local group=$1 suite kind uri name options='' keyring security=0 n
    [[ -v lists_of_group[$group] ]] && return
    lists_of_group[$group]=
    command -v apt-get >/dev/null || die 'no apt-get here: the sources come from Debian'"'"'s archive'
    mkdir -p "$apt_state"/state/lists/partial "$apt_state"/cache/archives/partial
    for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
        [[ -e $keyring ]] && { options="[signed-by=$keyring] "; break; }
    done
    [[ -v archives ]] || mapfile -t archives < <(machine_archives)
    ((${#archives[@]} > 0)) || die 'no Debian archive in the apt configuration of this machine'
    [[ " ${archives[*]}" == *" security "* ]] && security=1
    for suite in ${suite_groups[group]}; do
        n=0
        for uri in "${archives[@]}"; do
            kind=${uri%% *} uri=${uri#* }
            if [[ $suite == *-security ]]; then
                # A mirror often carries both side by side.
                if ((! security)) && [[ $kind == main && $uri == */debian ]]; then
                    kind=security uri=$uri-security
                fi
                [[ $kind == security ]] || continue
            else
                [[ $kind == main ]] || continue
            fi
            name=$suite-$((n++))
            printf 'deb-src %s%s %s main\n' "$options" "$uri" "$suite" >"$apt_state/$name.list"
            say "reading the index of $suite"
            if private_apt apt-get "$name" update >"$apt_state/$name.log" 2>&1; then
                lists_of_group[$group]+=" $name"
            else
                say "going on without $suite, whose index cannot be read: $(grep -m1 '^[EW]:' "$apt_state/$name.log" || tail -n1 "$apt_state/$name.log")"
            fi
        done
        ((n > 0)) || say "this machine has no archive for $suite: going without it"
    done
}

# Print "version sha256-of-.dsc list" for each version of a package in a group, newest first.
candidates() {
    local group=$1 package=$2 list
    for list in ${lists_of_group[$group]}; do
        private_apt apt-cache "$list" showsrc --only-source "$package" 2>/dev/null | awk -v package="$package" -v list="$list" '
            /^Package:/ { ours = ($2 == package) }
            /^Version:/ { version = $2 }
            /^[A-Z]/ { sums = ($1 == "Checksums-Sha256:") }
            ours && sums && $3 ~ /\.dsc$/ { print version, $1, list }
        ' || true
    done | sort -u | perl -e '
        use Dpkg::Version;
        print sort { version_compare((split " ", $b)[0], (split " ", $a)[0]) } <STDIN>;
    '
}

# Download one candidate into its directory; fail quietly if it is not available or its sum differs.
download() {
    local package=$1 version=$2 sum=$3 list=$4
    local directory=$downloads/${package}_$version partial
    [[ -e $directory/complete && $(<"$directory/complete") == "$sum" ]] && return
    mkdir -p "$downloads"
    partial=$(mktemp -d "$downloads/partial.XXXXXX")
    say "downloading $package $version"
    if download_whole || download_tarball; then
        printf '%s\n' "$sum" >"$partial/complete"
        rm -rf "$directory" "$partial/log"
        mv "$partial" "$directory"
        return
    fi
    rm -rf "$partial"
    return 1
}

# All files of the package, into $partial.
download_whole() {
    if ! apt_source; then
        say "$package $version cannot be downloaded ($(grep -m1 '^E:' "$partial/log" |
            sed 's/.*\(404 *Not Found\).*/\1/' || true)): trying the next"
        return 1
    fi
    [[ $(sha256sum <"$(find "$partial" -name '*.dsc')") != "$sum  -" ]] || return 0
    say "$package $version is not what the lock says"
    return 1
}

# Upstream's tarball, with an empty Debian part and a description for dpkg-source. The index lists the tarball's sum
# beside that of the .dsc, which is the locked one, and apt compares it.
download_tarball() {
    local file
    [[ -v tarball_will_do[$package] ]] || return
    rm -rf "${partial:?}"/*
    apt_source --tar-only || return
    say "taking upstream's tarball, which has the same code"
    (
        cd "$partial"
        mkdir -p debian/source
        echo '3.0 (quilt)' >debian/source/format
        tar --remove-files -cJf "${package}_$version.debian.tar.xz" debian
        printf '%s\n' 'Format: 3.0 (quilt)' "Source: $package" "Version: $version" 'Files:'
        for file in *.tar.*; do
            echo " $(md5sum <"$file" | cut -d' ' -f1) $(stat -c %s "$file") $file"
        done
    ) >"$partial.dsc"
    mv "$partial.dsc" "$partial/${package}_$version.dsc"
}

apt_source() {
    (cd "$partial" && private_apt apt-get "$list" source --download-only --only-source "$@" "$package=$version") \
        >"$partial/log" 2>&1
}

# Download the best available version of a source; sets package, version and sum.
download_newest() {
    local source=$1 group name list
    for group in "${!suite_groups[@]}"; do
        read_group "$group"
        for name in ${packages_of[$source]}; do
            while read -r version sum list; do
                package=$name
                if download "$package" "$version" "$sum" "$list"; then return; fi
            done < <(candidates "$group" "$name")
        done
    done
    return 1
}

# Download exactly what is locked.
download_locked() {
    local package=$1 version=$2 sum=$3 group found_version found_sum list
    for group in "${!suite_groups[@]}"; do
        read_group "$group"
        while read -r found_version found_sum list; do
            [[ $found_version == "$version" ]] || continue
            if [[ $found_sum != "$sum" ]]; then
                say "$package $version is not what the lock says"
            elif download "$package" "$version" "$sum" "$list"; then
                return
            fi
        done < <(candidates "$group" "$package")
    done
    return 1
}

# Download a source to build, and set package, version, sum and locked (0 or 1).
find_source() {
    local source=$1 name instead fd
    locked=1
    read -r name package version sum < <(grep "^$source " "$lock_file") || die "$source is not in ${lock_file##*/}"
    [[ $name == "$source" ]] || die "$source is not in ${lock_file##*/}"
    [[ -e $downloads/${package}_$version/complete && $(<"$downloads/${package}_$version/complete") == "$sum" ]] && return

    # A recent replacement; the archive is asked again after a day.
    instead=$downloads/instead-of-${package}_$version-$sum
    locked=0
    if [[ -n $(find "$instead" -mmin -1440 2>/dev/null) ]]; then
        read -r package version sum <"$instead"
        if [[ -e $downloads/${package}_$version/complete ]]; then
            warn_unlocked "$source"
            return
        fi
        read -r name package version sum < <(grep "^$source " "$lock_file")
    fi

    # Hold the lock only for the download: others may need another source.
    mkdir -p "$cache/locks"
    exec {fd}>"$cache/locks/downloads"
    flock "$fd"
    if download_locked "$package" "$version" "$sum"; then
        locked=1
        rm -f "$instead"
    elif download_newest "$source"; then
        printf '%s %s %s\n' "$package" "$version" "$sum" >"$instead"
        warn_unlocked "$source"
    elif [[ -e $instead ]]; then
        read -r package version sum <"$instead"
        warn_unlocked "$source"
    else
        die "no source of $source can be downloaded"
    fi
    exec {fd}>&-
}

warn_unlocked() {
    say "building with $package $version instead of the locked" \
        "$(awk -v s="$1" '$1 == s { print $2, $3 }' "$lock_file"), which cannot be downloaded; --version says so"
}
